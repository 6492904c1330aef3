//! Names of classes beside the strings of the file.

use rustc_hash::FxHashMap;

use crate::snapshot::Snapshot;

/// Names that no string of the file has, or that `DevTools` keeps apart from those.
pub(super) struct AddedNames<'s> {
    snapshot: &'s Snapshot,
    pub(super) names: Vec<String>,
    by_name: FxHashMap<String, u32>,
}

impl<'s> AddedNames<'s> {
    pub(super) fn new(snapshot: &'s Snapshot) -> Self {
        Self { snapshot, names: Vec::new(), by_name: FxHashMap::default() }
    }

    /// The class of this name.
    pub(super) fn class(&mut self, name: &str) -> u32 {
        if let Some(&class) = self.by_name.get(name) {
            return class;
        }
        let class = (self.snapshot.strings.len() + self.names.len()) as u32;
        self.names.push(name.to_owned());
        self.by_name.insert(name.to_owned(), class);
        class
    }
}
