//! How loudly to speak of a collection that grows.

use crate::report::Severity;
use crate::verdict::thresholds::growing_collection::{MANY_ITEMS, MANY_KEYS, MANY_TIMES};
use crate::verdict::trend::Trend;
use crate::verdict::{Adds, Features, Verdict};

/// What a verdict on a collection depends on besides.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Collection {
    pub(crate) access: Access,
    /// What is in it is of no use any more, for certain.
    pub(crate) is_defunct: bool,
    /// All of its keys were there before it had them.
    pub(crate) is_of_known_keys: bool,
    /// Of two snapshots only the later one has it: a copy that took the place of nothing.
    pub(crate) has_begun: bool,
}

/// How one gets at what is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// By a key: one more for each new key is what it is for.
    ByKey,
    /// By an index, or from its ends: an array.
    InOrder,
    /// By the things themselves: a set.
    ByMember,
}

/// What is written by index, like a ring, is as long as its largest index.
pub(crate) fn judge(features: &Features, collection: Collection) -> Verdict {
    let verdict = crate::verdict::judge(features);
    Verdict { severity: severity(features, collection, verdict.severity), ..verdict }
}

fn severity(features: &Features, collection: Collection, found: Severity) -> Severity {
    let Features { trend, source, .. } = features;
    // What is done with is a leak even if nobody has seen it grow.
    if collection.is_defunct && found == Severity::Information && !source.is_bounded() {
        return Severity::Warning;
    }
    // A copy that took the place of nothing may be the first there ever is.
    if collection.is_of_known_keys || collection.has_begun {
        return Severity::Information;
    }
    let Trend::Kept { gained, times } = *trend else { return found };
    let may_be_full = match collection.access {
        Access::ByKey => gained < MANY_KEYS,
        Access::InOrder => source.adds != Adds::Something,
        Access::ByMember => false,
    };
    // Whoever pushes thousands and takes none out does not call what would.
    let overflows = collection.access == Access::InOrder
        && gained >= MANY_ITEMS
        && times >= MANY_TIMES
        && source.adds()
        && source.removes()
        && !source.is_bounded();
    match found {
        Severity::Warning if may_be_full => Severity::Information,
        Severity::Information if overflows && !may_be_full => Severity::Warning,
        found => found,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::{Bound, Removes, Source};

    const PLAIN: Collection = Collection {
        access: Access::ByKey,
        is_defunct: false,
        is_of_known_keys: false,
        has_begun: false,
    };
    const ADDS: Source = Source { adds: Adds::Something, removes: Removes::Nothing, bound: None };

    fn said(trend: Trend, source: Source, collection: Collection) -> Severity {
        judge(&Features { snapshots: 3, trend, source }, collection).severity
    }

    #[test]
    fn a_table_of_few_keys_that_stayed_may_be_full() {
        let kept = |gained| Trend::Kept { gained, times: 30.0 };
        assert_eq!(said(kept(299), ADDS, PLAIN), Severity::Information);
        assert_eq!(said(kept(300), ADDS, PLAIN), Severity::Warning);
    }

    #[test]
    fn an_array_that_is_written_by_index_may_be_a_ring() {
        let kept = Trend::Kept { gained: 5_000, times: 30.0 };
        let array = Collection { access: Access::InOrder, ..PLAIN };
        assert_eq!(said(kept, ADDS, array), Severity::Warning);
        let by_index = Source { adds: Adds::ByIndex, ..ADDS };
        assert_eq!(said(kept, by_index, array), Severity::Information);
    }

    #[test]
    fn what_is_done_with_is_a_warning_in_one_snapshot() {
        let defunct = Collection { is_defunct: true, ..PLAIN };
        assert_eq!(said(Trend::Once, ADDS, defunct), Severity::Warning);
        let guarded = Source { bound: Some(Bound::Size), ..ADDS };
        assert_eq!(said(Trend::Once, guarded, defunct), Severity::Information);
    }
}
