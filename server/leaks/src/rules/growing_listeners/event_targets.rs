//! Where the listeners of an `EventTarget` hang (an `AbortSignal` is one): in a linked list, or at the
//! signals that `AbortSignal.any` made of it. What is said of them is in [`crate::rules::growing_listeners`].
//!
//! ```text
//! EventTarget ─<symbol kEvents>→ Map ─abort→ Object ─next→ Listener ─callback→ closure
//! AbortSignal ─<symbol kDependantSignals>→ Set → WeakRef ⇢ AbortSignal ─<symbol kEvents>→ …
//! ```

use heapmark_heap::{Edge, EdgeType, MemberKey, NodeOrdinal, NodeType};

use crate::evidence::{Evidence, GrowingCollection};
use crate::v8::events::DEPENDENT;
use crate::v8::linked_lists::Chain;
use crate::v8::members::objects_of;
use crate::verdict::trend::Trend;

use crate::rules::growing_listeners::listener_lists::Registration;
use crate::verdict::thresholds::growing_listeners::MIN_IN_ONE;

/// A budget, in steps: classes extend each other seldom so often, and a damaged heap's may do so in a circle.
const MAX_PROTOTYPE_CHAIN: usize = 8;
/// A budget: so many listeners of one event are looked at, one after the other, as Node links them; nobody listens
/// to one signal so often.
const MAX_LISTENERS: usize = 100;

/// The growing lists of listeners of `EventTarget`s.
pub(crate) fn growing(e: &Evidence, lists: &[Chain]) -> Vec<(GrowingCollection, Registration)> {
    let growing = lists.iter().filter_map(|list| {
        let (root, registration) = event_target(e, list)?;
        let count = list.members.len() as u64;
        let (counts, seen) = match e.snapshots() {
            1 => (vec![count], Trend::Once),
            _ => e.series(list.id(e.heap), |census| &census.chains)?,
        };
        let enough = seen != Trend::Once || count >= MIN_IN_ONE;
        enough.then(|| (GrowingCollection::new(root, counts, seen), registration))
    });
    growing.collect()
}

/// The `EventTarget` that a list of listeners belongs to, and the object that holds the list.
fn event_target(e: &Evidence, list: &Chain) -> Option<(NodeOrdinal, Registration)> {
    let (&first, &last) = (list.members.first()?, list.members.last()?);
    if e.heap.name(first) != "Listener" {
        return None;
    }
    let root = [first, last].into_iter().find_map(|end| {
        let before = e.heap.child(end, EdgeType::Property, "previous")?;
        (e.heap.node_type(before) == NodeType::Object && e.heap.name(before) != "Listener")
            .then_some(before)
    })?;
    let table = e.heap.retainers(root).find(|it| it.edge_type == EdgeType::Internal)?.from;
    let is_table = |edge: &Edge| edge.is_named(e.heap, "table");
    let map = e.heap.retainers(table).find(is_table)?.from;
    let is_events = |edge: &Edge| edge.is_named(e.heap, "<symbol kEvents>");
    let emitter = e.heap.retainers(map).find(is_events)?.from;
    let entry = e.heap.members(map).into_iter().find(|member| member.value == Some(root))?;
    let event = match entry.key {
        Some(MemberKey::Node(name)) => e.heap.name(name).into_owned(),
        _ => return None,
    };
    let functions = list.members.iter().filter_map(|&listener| callback_of(e, listener)).collect();
    let objects = list.members.iter().filter_map(|&listener| object_of(e, listener)).collect();
    let registration = Registration {
        emitter,
        event: Some(event),
        is_target: true,
        functions,
        objects,
        list: None,
        combined: Vec::new(),
        nodes_own: None,
        beside: Vec::new(),
    };
    Some((root, registration))
}

/// What an entry in the list of an `EventTarget` calls.
fn callback_of(e: &Evidence, listener: NodeOrdinal) -> Option<NodeOrdinal> {
    if let Some(object) = object_of(e, listener) {
        return handler_of(e, object);
    }
    let callback = e.heap.child(listener, EdgeType::Property, "callback")?;
    let is_function = e.heap.node_type(callback) == NodeType::Closure;
    is_function.then(|| e.shapes.function_behind(callback))
}

/// The object that listens, if it is no function: what Node calls is a function of its own around it.
fn object_of(e: &Evidence, listener: NodeOrdinal) -> Option<NodeOrdinal> {
    let object = e.heap.child(listener, EdgeType::Property, "listener")?;
    let is_object = e.heap.node_type(object) == NodeType::Object;
    is_object.then_some(object).filter(|&object| handler_of(e, object).is_some())
}

/// The method of an object that listens.
fn handler_of(e: &Evidence, object: NodeOrdinal) -> Option<NodeOrdinal> {
    let above = |at: &NodeOrdinal| e.heap.child(*at, EdgeType::Property, "__proto__");
    std::iter::successors(Some(object), above)
        .take(MAX_PROTOTYPE_CHAIN)
        .find_map(|at| e.heap.child(at, EdgeType::Property, "handleEvent"))
        .filter(|&method| e.heap.node_type(method) == NodeType::Closure)
        .map(|method| e.shapes.function_behind(method))
}

/// The signal that a set of those combined of it (`AbortSignal.any([shutdown, own])`) belongs to, if it
/// is one. Node refers to them weakly, but keeps each that somebody listens to.
pub(crate) fn combined(e: &Evidence, set: NodeOrdinal) -> Option<Registration> {
    let is_it = |edge: &Edge| edge.is_named(e.heap, DEPENDENT);
    let emitter = e.heap.retainers(set).find(is_it)?.from;
    let references = e.heap.members(set).into_iter().flat_map(|member| objects_of(&member));
    let signals = references.filter_map(|reference| {
        let mut edges = e.heap.edges(reference);
        edges.find(|edge| edge.edge_type == EdgeType::Weak).map(|edge| edge.to)
    });
    let combined: Vec<NodeOrdinal> = signals.collect();
    let functions: Vec<NodeOrdinal> =
        combined.iter().flat_map(|&signal| listening_to(e, signal)).collect();
    let event = Some("abort".to_owned());
    (!functions.is_empty()).then_some(Registration {
        emitter,
        event,
        is_target: true,
        functions,
        objects: Vec::new(),
        list: None,
        combined,
        nodes_own: None,
        beside: Vec::new(),
    })
}

/// The functions that listen to an `EventTarget`.
fn listening_to(e: &Evidence, target: NodeOrdinal) -> Vec<NodeOrdinal> {
    let Some(events) = e.heap.child(target, EdgeType::Property, "<symbol kEvents>") else {
        return Vec::new();
    };
    let mut functions = Vec::new();
    for root in e.heap.members(events).into_iter().filter_map(|member| member.value) {
        let next = |node: &NodeOrdinal| e.heap.child(*node, EdgeType::Property, "next");
        let listeners = std::iter::successors(next(&root), next).take(MAX_LISTENERS);
        functions.extend(listeners.filter_map(|listener| callback_of(e, listener)));
    }
    functions
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::growing_listeners;
    use crate::testing::{self, Ran};
    use crate::v8::linked_lists::chains;

    #[test]
    fn what_to_do_has_the_names_of_its_methods() {
        let ran = Ran::file(
            "const target = new EventTarget();
for (let n = 0; n < 20; n++) target.addEventListener('tick', () => n);
globalThis.get = () => target;",
        );
        let help = ran.ask(|e| {
            let found = growing(e, &chains(e.heap)).into_iter();
            let found = found.filter_map(|(list, at)| {
                growing_listeners::leak(e, &list, &at, &growing_listeners::Together::default())
            });
            found.map(|leak| testing::told(&leak).help).collect::<Vec<_>>()
        });
        assert_eq!(
            help,
            [
                "remove the listener when its work is done (`removeEventListener(\"tick\", …)`), use \
              `{ once: true }` or `{ signal }`, or register one listener outside the function"
            ]
        );
    }
}
