//! Does what the source says of a bound hold in the heap?
//!
//! `while (map.size > this.max)` bounds nothing if `max` is `Infinity` or was never given, and a timer that
//! takes out each entry when its time has come is no help to entries whose timers are gone.

use heapmark_heap::{Analysis, EdgeType, NodeOrdinal, NodeType};
use heapmark_source::{Expiry, LimitAt};

use crate::evidence::run::Evidence;
use crate::locate::statements::{BoundedBy, Statements};
use crate::v8::bindings::Binding;
use crate::v8::sites::Kind;
use crate::verdict::thresholds::in_force::MIN_TIMERS;

/// A budget, in scopes around the one that holds a collection: no program nests functions so deep, but a
/// damaged heap may lead in a circle.
const MAX_SCOPES: usize = 64;

/// `statements` without the bounds that the heap shows to have no effect: a limit that no count can reach, or
/// fewer waiting timers than the collection that `binding` holds has `entries`.
pub(crate) fn in_force(
    e: &Evidence,
    binding: &Binding,
    mut statements: Statements,
    entries: u64,
) -> Statements {
    let is_none =
        |at: &LimitAt| limit(e.heap, binding, at).is_some_and(|limit| is_no_limit(e.heap, limit));
    let is_written = |guard: &BoundedBy| guard.limit.is_some() && guard.followed_to.is_none();
    statements
        .guards
        .retain(|guard| is_written(guard) || !guard.limit_at.as_ref().is_some_and(is_none));
    if statements.expires.iter().any(|it| it.how == Expiry::ByOwnTimer)
        && (waiting_timers(e) as f64) < MIN_TIMERS * entries as f64
    {
        statements.expires.retain(|it| it.how != Expiry::ByOwnTimer);
    }
    statements
}

/// The value of the variable or property that the source uses as a limit. `None` for small integers, which most
/// snapshots do not contain.
fn limit(heap: &Analysis, binding: &Binding, at: &LimitAt) -> Option<NodeOrdinal> {
    match (at, binding) {
        (LimitAt::Instance(path), Binding::Field { instance, .. }) => path
            .iter()
            .try_fold(*instance, |object, name| heap.child(object, EdgeType::Property, name)),
        (LimitAt::Variable(name), Binding::Variable { context, .. }) => {
            let outer = |scope: &NodeOrdinal| heap.child(*scope, EdgeType::Internal, "previous");
            let mut scopes = std::iter::successors(Some(*context), outer).take(MAX_SCOPES);
            scopes.find_map(|scope| heap.child(scope, EdgeType::Context, name))
        }
        _ => None,
    }
}

/// Whether a value is no limit that a count of things reaches: `undefined`, `null`, `NaN`, `Infinity`, or any
/// number that V8 does not keep as a small one, which are those below 2^31.
fn is_no_limit(heap: &Analysis, value: NodeOrdinal) -> bool {
    match heap.node_type(value) {
        NodeType::Number => &*heap.name(value) == "heap number",
        NodeType::Hidden => &*heap.name(value) == "system / Oddball",
        _ => false,
    }
}

/// How many timers wait: those that fired or were cleared are in no list of Node's any more.
fn waiting_timers(e: &Evidence) -> u64 {
    let sites = e.newest_census().sites.iter();
    sites.filter(|(site, _)| site.kind == Kind::Timer).map(|(_, count)| count).sum()
}
