//! What became of the files that a script was made from, as far as they were looked at.

use std::path::PathBuf;

use super::mapped::Mapped;
use super::original::Original;
use crate::ran::Refusal;
use crate::ran::fit::Origin;

impl Mapped {
    /// Whether the generated file was built anew since the script ran.
    pub(crate) fn changed_file(&self) -> Option<&PathBuf> {
        self.generated.as_ref().filter(|file| file.is_changed()).map(|file| &file.path)
    }

    /// The generated file, if its text was needed and is not read, and why.
    pub(crate) fn unread(&self) -> Option<(&PathBuf, Refusal)> {
        let file = self.generated.as_ref()?;
        Some((&file.path, file.refused()?))
    }

    /// The originals that were looked at and edited since the build.
    pub(crate) fn edited(&self) -> Vec<PathBuf> {
        let edited = self.looked_at().map(|(_, it)| it).filter(|it| it.is_edited());
        edited.filter_map(|original| original.path.clone()).collect()
    }

    /// The sources that were asked for and are only in the map.
    pub(crate) fn only_in_map(&self) -> Vec<String> {
        let is_missing = |it: &Original| it.origin == Origin::Elsewhere && it.candidates.is_empty();
        let missing = self.looked_at().filter(|(_, it)| is_missing(it));
        missing.map(|(name, _)| name.to_owned()).collect()
    }

    /// The sources that were asked for and may be any of several files.
    pub(crate) fn ambiguous(&self) -> Vec<(String, Vec<PathBuf>)> {
        let several = self.looked_at().filter(|(_, it)| !it.candidates.is_empty());
        several.map(|(name, it)| (name.to_owned(), it.candidates.clone())).collect()
    }

    /// Whether a source that was asked for is a file of the user's.
    pub(crate) fn has_own(&self) -> bool {
        self.looked_at().any(|(_, original)| original.origin == Origin::Own)
    }

    /// The sources that were asked for, by the map's names for them.
    fn looked_at(&self) -> impl Iterator<Item = (&str, &Original)> {
        let names = self.map.sources().iter().map(|source| source.name.as_str());
        names.zip(&self.originals).filter_map(|(name, original)| Some((name, original.get()?)))
    }
}
