//! The number behind a limit, also where another file says it: in a constant or a file of data that is imported,
//! among the options with which instances are made.

use std::path::{Path, PathBuf};

use crate::file::SourceFile;
use crate::ran::AsItRan;
use crate::ran::importers::Importers;
use crate::statements::number::{Limit, Number, NumberFrom};

/// So many files are gone through from one to the next.
const MOST_FILES: usize = 4;

/// Whoever knows the other files.
pub struct Behind<'a> {
    /// The texts that ran.
    pub view: &'a AsItRan<'a>,
    /// Who imports what, asked only if that is needed: it reads all files.
    pub importers: &'a dyn Fn() -> &'a Importers,
    /// Called with each file before it is asked: whoever knows that its text is not the one that ran says so
    /// there.
    pub confirm: &'a dyn Fn(&Path),
}

impl Behind<'_> {
    /// The limit that a number of a file comes to, and the file that says so. Of several that are given the
    /// largest; none if one of them is not known.
    pub fn limit(&self, file: &SourceFile, number: &Number) -> Option<(PathBuf, Limit)> {
        self.follow(file, number, MOST_FILES)
    }

    fn follow(&self, file: &SourceFile, number: &Number, most: usize) -> Option<(PathBuf, Limit)> {
        let most = most.checked_sub(1)?;
        let here = |limit: &Limit| (file.path().to_owned(), limit.clone());
        match number {
            Number::Known(limit) => Some(here(limit)),
            Number::Nothing | Number::Unknown => None,
            Number::From(NumberFrom::Import { module, path, default }) => {
                let imported = || {
                    // Packages are not followed.
                    let is_file = module.starts_with('.') || module.starts_with('/');
                    let at = self.view.imported(file.path(), module).filter(|_| is_file)?;
                    (self.confirm)(&at);
                    let other = self.view.file(&at).ok()?;
                    self.follow(&other, &other.exported_number(path), most)
                };
                imported().or_else(|| default.as_ref().map(here))
            }
            Number::From(NumberFrom::Argument(argument)) => {
                let default = argument.default.as_ref().map(here);
                let own = file.numbers_given(argument).into_iter();
                let mut given: Vec<Option<(PathBuf, Limit)>> = own
                    .map(|number| match number {
                        Number::Nothing => default.clone(),
                        number => self.follow(file, &number, most),
                    })
                    .collect();
                let importers = (self.importers)();
                for (other, number) in
                    importers.numbers_given(self.view, file, argument, self.confirm)
                {
                    given.push(match number {
                        Number::Nothing => default.clone(),
                        number => self.follow(&other, &number, most),
                    });
                }
                if given.is_empty() {
                    return default;
                }
                let known: Option<Vec<(PathBuf, Limit)>> = given.into_iter().collect();
                known?.into_iter().max_by_key(|(_, limit)| limit.value)
            }
        }
    }
}
