//! What was written down of the scripts of a snapshot, and whether it can be true of them.

use heapmark_heap::Script as HeapScript;
use heapmark_source::{begins_as_ran, same_script};

use crate::locate::locator::Locator;
use crate::locate::sidecar::CompanionScript;

impl<'a> Locator<'a> {
    /// What was written down of a script, unless it is of another one: then the companion is of another
    /// snapshot, or somebody changed it.
    pub(super) fn recorded(&self, script: &HeapScript) -> Option<&'a CompanionScript> {
        self.companion.get(script.id.0).filter(|recorded| self.may_be_of(script, recorded))
    }

    /// The names of the scripts of which something else was written down, in order: a name that V8 did not
    /// give, or a text that did not run.
    pub(crate) fn of_other_texts(&self) -> Vec<String> {
        let is_other = |script: &&&HeapScript| {
            // Code may have given itself another name than it was compiled with.
            let recorded = self.companion.get(script.id.0).filter(|_| script.source_url.is_none());
            recorded.is_some_and(|recorded| !self.may_be_of(script, recorded))
        };
        let mut names: Vec<String> =
            self.known.values().filter(is_other).map(|script| script.name.clone()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    fn may_be_of(&self, script: &HeapScript, recorded: &CompanionScript) -> bool {
        let is_named = script.name.is_empty() || same_script(&script.name, &recorded.url);
        is_named
            && recorded.source.as_deref().is_none_or(|text| {
                let began = self.heap.source_prefix(script);
                began.is_none_or(|began| begins_as_ran(text, &began))
            })
    }
}
