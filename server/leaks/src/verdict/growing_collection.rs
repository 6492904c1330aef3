//! How loudly to speak of a collection that grows.

use heapmark_heap::CollectionKind;

use crate::census::trend::Trend;
use crate::evidence::Evidence;
use crate::locate::statements::Statements;
use crate::report::Severity;
use crate::verdict::severity;

/// Keys: a table of fewer may be complete (countries, time zones, routes).
const MANY_KEYS: u64 = 300;
/// Items: an array that something also takes from is no queue if so many were added and stayed,
const MANY_ITEMS: u64 = 1_000;
/// and if they are so many times as many as before.
const MANY_TIMES: f64 = 10.0;

/// What it depends on.
pub(crate) struct Features<'a> {
    pub(crate) trend: Trend,
    pub(crate) statements: &'a Statements,
    /// `None` of a linked list, and of an object that is no dictionary.
    pub(crate) kind: Option<CollectionKind>,
    /// What is in it is of no use any more, for certain.
    pub(crate) is_defunct: bool,
    /// All of its keys were there before it had them.
    pub(crate) is_of_known_keys: bool,
    /// Of two snapshots only the later one has it: a copy that took the place of nothing.
    pub(crate) has_begun: bool,
}

/// Of what is looked up by a key, one more for each new key is what it is for; and what is written by
/// index, like a ring, is as long as its largest index.
pub(crate) fn loudness(e: &Evidence, features: &Features) -> Severity {
    let Features { trend, statements, kind, .. } = *features;
    let found = severity(e, trend, statements);
    // What is done with is a leak even if nobody has seen it grow.
    if features.is_defunct && found == Severity::Information && !statements.guarded {
        return Severity::Warning;
    }
    // A copy that took the place of nothing may be the first there ever is.
    if features.is_of_known_keys || features.has_begun {
        return Severity::Information;
    }
    let Trend::Kept { gained, times } = trend else { return found };
    let Statements { adds, removes, guarded, .. } = statements;
    let may_be_full = match kind {
        None | Some(CollectionKind::Map | CollectionKind::Dictionary) => gained < MANY_KEYS,
        Some(CollectionKind::Array) => adds.iter().all(|add| add.writes_by_index()),
        _ => false,
    };
    // Whoever pushes thousands and takes none out does not call what would.
    let overflows = kind == Some(CollectionKind::Array)
        && gained >= MANY_ITEMS
        && times >= MANY_TIMES
        && !(adds.is_empty() || removes.is_empty() || *guarded);
    match found {
        Severity::Warning if may_be_full => Severity::Information,
        Severity::Information if overflows && !may_be_full => Severity::Warning,
        found => found,
    }
}
