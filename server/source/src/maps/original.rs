//! A file that a script was made from: which one it is, and its text now and when it was built.

use std::cell::{Cell, OnceCell};
use std::path::PathBuf;
use std::sync::Arc;

use super::MapSource;
use crate::anchor::{Ran, RanSite};
use crate::fit::Origin;
use crate::{Anchors, Resolution, SourceFile, Workspace};

/// One of the files that a script was made from.
pub(super) struct Original {
    pub(super) origin: Origin,
    /// The files that it may be, if these are several.
    pub(super) candidates: Vec<PathBuf>,
    pub(super) path: Option<PathBuf>,
    file: OnceCell<Option<Texts>>,
    /// The words there are not those that the map leads to.
    pub(super) is_edited: Cell<bool>,
}

/// A source's text now, and when the map was made.
pub(super) struct Texts {
    pub(super) current: Arc<SourceFile>,
    /// If it was another: that text, and where its functions are now.
    pub(super) built: Option<(SourceFile, Anchors)>,
    /// The map has the text, and it is this one.
    pub(super) is_certain: bool,
    /// Where the functions that ran are in it, by name alone.
    pub(super) by_name: OnceCell<Anchors>,
}

impl Original {
    /// Looks for a map's source; `folder` is what its name is relative to. Nothing is read yet.
    pub(super) fn of(source: &MapSource, folder: &str, workspace: &Workspace) -> Self {
        let resolution = workspace.resolve_source(folder, &source.name);
        let candidates = match &resolution {
            Resolution::Ambiguous(several) => several.clone(),
            _ => Vec::new(),
        };
        let is_library = source.is_ignored || source.name.contains("node_modules/");
        let (origin, path) = match resolution {
            Resolution::File(path) if is_library || Workspace::is_dependency(&path) => {
                (Origin::Dependency, Some(path))
            }
            Resolution::File(path) => (Origin::Own, Some(path)),
            // A bundler's own.
            Resolution::Builtin => (Origin::Dependency, None),
            _ if is_library => (Origin::Dependency, None),
            Resolution::Ambiguous(_) | Resolution::NotInWorkspace => (Origin::Elsewhere, None),
        };
        let (file, is_edited) = (OnceCell::new(), Cell::new(false));
        Self { origin, candidates, path, file, is_edited }
    }

    /// Its texts; `content` is what the map says that it was.
    pub(super) fn texts(&self, workspace: &Workspace, content: Option<&str>) -> Option<&Texts> {
        let read = || {
            // A file that cannot be read has no places; the names from the heap still stand.
            let current = workspace.file(self.path.as_ref()?).ok()?;
            let is_certain = content.is_some_and(|content| is_same_text(content, current.text()));
            let built = content.filter(|_| !is_certain).and_then(|content| {
                let built = SourceFile::parse(current.path(), content.to_owned()).ok()?;
                let anchors = current.find_again(&functions_of(&built));
                Some((built, anchors))
            });
            Some(Texts { current, built, is_certain, by_name: OnceCell::new() })
        };
        self.file.get_or_init(read).as_ref()
    }

    /// Whether it was edited since it was built, as far as it was looked at.
    pub(super) fn is_known_edited(&self) -> bool {
        let texts = self.file.get().and_then(Option::as_ref);
        self.is_edited.get() || texts.is_some_and(|texts| texts.built.is_some())
    }
}

/// The same but for the ends of lines and a byte order mark.
fn is_same_text(one: &str, two: &str) -> bool {
    let plain = |text: &str| text.len() - text.matches("\r\n").count();
    let one = one.strip_prefix('\u{feff}').unwrap_or(one);
    one == two || plain(one) == plain(two) && one.lines().eq(two.lines())
}

/// All functions and classes of a text, as if it had run.
fn functions_of(file: &SourceFile) -> Ran {
    let functions = file.functions().iter().map(|it| (it.anchor, &it.runtime_name));
    let classes = file.classes().iter().map(|it| (it.anchor, &it.runtime_name));
    // A class is its constructor; it comes first, so its name counts.
    let sites = classes.chain(functions).map(|(position, name)| RanSite {
        position,
        name: name.clone().unwrap_or_default(),
        is_instance: false,
    });
    let prefix: String = file.text().chars().take(1024).collect();
    Ran::new(sites, Some(&prefix))
}
