//! Is what was begun still under way?
//!
//! A call that waits for a timer goes on when the timer fires, one that waits for a file or a connection when
//! that answers: that it has not finished says little. What waits for something of the program's own (an entry
//! in a table of requests) waits until the program says so. Told by the way that leads to a thing: whoever will
//! go on with it holds it.

use heapmark_heap::{Edge, NodeOrdinal};

use crate::evidence::run::Evidence;
use crate::verdict::thresholds::in_flight::MIN_SHARE;

/// A budget: so many things are asked, spread over all of them, since each is a walk up to the roots.
const MAX_ASKED: usize = 32;

/// Whether most of `things` are held by a timer that runs, and that fires once.
pub(crate) fn waits_for_timers(e: &Evidence, things: &[NodeOrdinal]) -> bool {
    are_most(e, things, |path| is_of_timer(e, path))
}

/// Whether most of `things` are held by a promise that such a timer settles: what is to be done then, as in
/// `load(key).finally(() => loading.delete(key))`.
pub(crate) fn reacts_to_timers(e: &Evidence, things: &[NodeOrdinal]) -> bool {
    let is_promise = |edge: &Edge| e.heap.name(edge.from) == "Promise";
    are_most(e, things, |path| is_of_timer(e, path) && path.iter().any(is_promise))
}

/// Whether the ways that lead to things are such, of most of them.
fn are_most(e: &Evidence, things: &[NodeOrdinal], is_such: impl Fn(&[Edge]) -> bool) -> bool {
    let step = things.len().div_ceil(MAX_ASKED).max(1);
    let asked: Vec<NodeOrdinal> = things.iter().copied().step_by(step).collect();
    let such = asked.iter().filter(|&&thing| is_such(&e.heap.shortest_path(thing))).count();
    such > 0 && such as f64 >= MIN_SHARE * asked.len() as f64
}

fn is_of_timer(e: &Evidence, path: &[Edge]) -> bool {
    path.iter().any(|edge| {
        e.shapes.armed_timer_callback(edge.from).is_some() && !e.shapes.is_interval(edge.from)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Ran;
    use crate::v8::sites::{Kind, sites_of};

    /// Whether twenty calls wait for a timer that are begun so.
    fn are_timed(wait: &str) -> bool {
        let ran = Ran::file(&format!(
            "const pending = new Map();
             let count = 0;
             async function call() {{ await new Promise((go) => {wait}); }}
             for (let i = 0; i < 20; i++) call();
             globalThis.call = call;"
        ));
        ran.ask(|e| {
            let calls = sites_of(e.heap, e.shapes).filter(|(_, site)| site.kind == Kind::Frame);
            let calls: Vec<NodeOrdinal> = calls.map(|(node, _)| node).collect();
            assert_eq!(calls.len(), 20, "{wait}");
            waits_for_timers(e, &calls)
        })
    }

    #[test]
    fn what_is_done_when_a_timer_has_settled_a_promise_is_under_way() {
        let are_reactions = |wait: &str| {
            let ran = Ran::file(&format!(
                "const loading = new Map(), waiting = [];
                 const load = () => new Promise((go) => {wait});
                 function begin(key) {{
                   loading.set(key, load().finally(function done() {{ loading.delete(key); }}));
                 }}
                 for (let key = 0; key < 20; key++) begin(key);
                 globalThis.begin = begin;"
            ));
            ran.ask(|e| {
                let sites = sites_of(e.heap, e.shapes);
                let closures = sites.filter(|(_, site)| site.kind == Kind::Closure);
                let done = closures.map(|(node, _)| node).filter(|&it| e.heap.name(it) == "done");
                let done: Vec<NodeOrdinal> = done.collect();
                assert_eq!(done.len(), 20, "{wait}");
                reacts_to_timers(e, &done)
            })
        };
        assert!(are_reactions("setTimeout(go, 60_000).unref()"));
        assert!(!are_reactions("waiting.push(go)"));
    }

    #[test]
    fn what_a_timer_will_go_on_with_is_under_way() {
        assert!(are_timed("setTimeout(go, 60_000).unref()"));
        assert!(are_timed("setTimeout(() => go(1), 60_000).unref()"));
        assert!(!are_timed("pending.set(count++, go)"));
        assert!(!are_timed("setInterval(() => count && go(), 60_000).unref()"), "it may never");
    }
}
