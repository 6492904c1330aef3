//! What became of the files that a script was made from, as far as they were looked at.

use std::path::PathBuf;

use super::mapped::Mapped;
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
        let originals = self.originals.borrow();
        let edited = originals.values().filter(|original| original.is_edited.get());
        edited.filter_map(|original| original.path.clone()).collect()
    }

    /// The sources that were asked for and are only in the map.
    pub(crate) fn only_in_map(&self) -> Vec<String> {
        let originals = self.originals.borrow();
        let missing = originals
            .iter()
            .filter(|(_, it)| it.origin == Origin::Elsewhere && it.candidates.is_empty());
        missing.map(|(&source, _)| self.map.sources()[source as usize].name.clone()).collect()
    }

    /// The sources that were asked for and may be any of several files.
    pub(crate) fn ambiguous(&self) -> Vec<(String, Vec<PathBuf>)> {
        let originals = self.originals.borrow();
        let several = originals.iter().filter(|(_, it)| !it.candidates.is_empty());
        let named = |source: u32| self.map.sources()[source as usize].name.clone();
        several.map(|(&source, it)| (named(source), it.candidates.clone())).collect()
    }

    /// Whether a source that was asked for is a file of the user's.
    pub(crate) fn has_own(&self) -> bool {
        self.originals.borrow().values().any(|original| original.origin == Origin::Own)
    }
}
