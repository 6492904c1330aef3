//! Places in scripts at which closures, instances, unfinished calls and timers come to be.
//! It counts nothing over time: that is [`crate::census`].

use heapmark_heap::{Analysis, Location, NodeOrdinal, NodeType, Snapshot};
use rustc_hash::FxHashMap;

use crate::v8::layouts::Shapes;

/// A place in a script at which closures or instances come to be. Only comparable inside one process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct SiteKey {
    pub(crate) kind: Kind,
    pub(crate) location: Location,
}

/// What stands at a location.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// The closures of a function.
    Closure,
    /// The instances of a class or constructor function.
    Instance,
    /// Calls of a generator or async function that have not finished.
    Frame,
    /// Armed timers, by the function they call.
    Timer,
}

/// Every closure, instance, frame and armed timer with the place it belongs to.
pub(crate) fn sites_of<'a>(
    snapshot: &'a Snapshot,
    shapes: &'a Shapes<'a>,
) -> impl Iterator<Item = (NodeOrdinal, SiteKey)> + 'a {
    let located = snapshot.locations().iter().filter_map(|&(node, location)| {
        let kind = match snapshot.node_type(node) {
            NodeType::Closure => Kind::Closure,
            NodeType::Object if shapes.is_frame(node) => Kind::Frame,
            NodeType::Object => Kind::Instance,
            _ => return None,
        };
        Some((node, SiteKey { kind, location }))
    });
    let timers = snapshot.nodes().filter_map(|node| {
        let callback = shapes.armed_timer_callback(node)?;
        let location = snapshot.location(callback)?;
        Some((node, SiteKey { kind: Kind::Timer, location }))
    });
    located.chain(timers)
}

/// The function that stands most often among `functions`, and its closures.
pub(crate) fn most_frequent(
    heap: &Analysis,
    functions: &[NodeOrdinal],
) -> Option<(SiteKey, Vec<NodeOrdinal>)> {
    let mut by_site: FxHashMap<SiteKey, Vec<NodeOrdinal>> = FxHashMap::default();
    for &function in functions {
        if let Some(location) = heap.location(function) {
            let site = SiteKey { kind: Kind::Closure, location };
            by_site.entry(site).or_default().push(function);
        }
    }
    by_site.into_iter().max_by_key(|(site, closures)| (closures.len(), *site))
}
