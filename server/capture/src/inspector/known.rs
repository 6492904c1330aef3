//! The texts of scripts that a session has asked for: each snapshot's sidecar has them anew, the target is asked
//! once.

use std::collections::{HashMap, HashSet};

/// The texts of a session's scripts by V8's id, with their hashes: a debugger can exchange a text
/// under its id, nothing else can.
#[derive(Debug, Default)]
pub(crate) struct KnownSources(HashMap<u32, (String, String)>);

impl KnownSources {
    /// The text of this script, if it has this hash.
    pub(crate) fn get(&self, id: u32, hash: &str) -> Option<&String> {
        let (known, text) = self.0.get(&id)?;
        (known == hash).then_some(text)
    }

    pub(crate) fn insert(&mut self, id: u32, hash: &str, text: String) {
        self.0.insert(id, (hash.to_owned(), text));
    }

    /// Forgets what is not among these.
    pub(crate) fn retain(&mut self, alive: &HashSet<u32>) {
        self.0.retain(|id, _| alive.contains(id));
    }
}
