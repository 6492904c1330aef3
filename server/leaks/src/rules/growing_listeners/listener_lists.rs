//! Which collections are lists of listeners, and what they listen to: of an `EventEmitter`, or of whatever
//! people call `observers`, `listeners` and the like.
//!
//! Whether a list grows, and what is said of it, is for [`crate::rules::growing_listeners`].

use heapmark_heap::{CollectionKind, Edge, EdgeType, MemberKey, NodeOrdinal, NodeType};

use crate::evidence::Evidence;
use crate::locate::{Holder, Origin};
use crate::v8::bindings::Binding;
use crate::v8::members::objects_of;
use crate::v8::retainer_walk::binding_path_at;
use crate::v8::sites::most_frequent;
use crate::verdict::thresholds::growing_listeners::{MIN_FUNCTIONS_SHARE, MIN_SHARE_OF_ONE};

/// A budget: so many variables that have a list are asked for their names; one is enough to tell.
const MAX_VARIABLES: usize = 8;
/// Where listeners hang.
pub(crate) struct Registration {
    pub(super) emitter: NodeOrdinal,
    /// None for what has only one kind of event, like an observable.
    pub(super) event: Option<String>,
    /// Whether it is an `EventTarget`, which has other methods than an `EventEmitter`.
    pub(super) is_target: bool,
    /// The functions that are called, as a person wrote them.
    pub(super) functions: Vec<NodeOrdinal>,
    /// The objects whose `handleEvent` these are, if objects listen.
    pub(super) objects: Vec<NodeOrdinal>,
    /// Where the emitter's class declares the list, if it is not an emitter of Node's.
    pub(super) list: Option<Holder>,
    /// The signals that were combined of this one, if it is they that have the listeners.
    pub(super) combined: Vec<NodeOrdinal>,
    /// What registered the functions, if they are Node's own.
    pub(super) nodes_own: Option<NodesOwn>,
    /// The lists of the emitter's other events that one call of the program's fills with this one.
    pub(super) beside: Vec<NodeOrdinal>,
}

/// What registered listeners of Node's for the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NodesOwn {
    /// Interfaces of `readline`.
    Interface,
    /// `events.once(emitter, event)`, whose event does not come.
    Once,
    /// `events.on(emitter, event)`, whose iterator nobody ends.
    On,
    /// `stream.pipe(emitter)`: the emitter is what the streams are piped into.
    PipedInto,
    /// `finished(emitter, callback)` and `pipeline(…, emitter)`: the emitter is a stream that goes on.
    Finished,
    /// Calls of Node's that were given the emitter, a signal, and have not ended.
    Signal,
    /// `emitter.pipe(stream)`: the emitter is what is piped into the streams.
    PipedFrom,
}

/// What listeners are registered on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum EmitterKind {
    /// An `EventEmitter`.
    EventEmitter,
    /// An `EventTarget`, which has other methods.
    EventTarget,
    /// An `AbortSignal`, of which `AbortSignal.any` made those that are listened to.
    CombinedSignal,
    /// What has only one kind of event, like an observable.
    Observable,
    /// Nothing but the list itself.
    List,
}

impl Registration {
    /// What has the listeners in `list`.
    pub(super) fn kind(&self, list: NodeOrdinal) -> EmitterKind {
        match self.event {
            None if self.emitter == list || self.list.is_none() => EmitterKind::List,
            None => EmitterKind::Observable,
            Some(_) if !self.combined.is_empty() => EmitterKind::CombinedSignal,
            Some(_) if self.is_target => EmitterKind::EventTarget,
            Some(_) => EmitterKind::EventEmitter,
        }
    }
}

/// The emitter and event that an array of listeners belongs to, if it is one.
pub(crate) fn registration(e: &Evidence, array: NodeOrdinal) -> Option<Registration> {
    e.heap.retainers(array).filter(|edge| edge.edge_type == EdgeType::Property).find_map(
        |by_event| {
            let events = e.heap.retainers(by_event.from).find(|edge| {
                edge.edge_type == EdgeType::Property && edge.is_named(e.heap, "_events")
            })?;
            Some(Registration {
                emitter: events.from,
                event: Some(e.heap.edge_name(&by_event).to_string()),
                is_target: false,
                functions: in_array(e, array),
                objects: Vec::new(),
                list: None,
                combined: Vec::new(),
                nodes_own: None,
                beside: Vec::new(),
            })
        },
    )
}

/// The way from an emitter to one of its lists.
pub(super) fn below_emitter(e: &Evidence, emitter: NodeOrdinal, array: NodeOrdinal) -> Vec<Edge> {
    for events in e.heap.edges(emitter).filter(|edge| edge.edge_type == EdgeType::Property) {
        if let Some(edge) = e.heap.edges(events.to).find(|edge| edge.to == array) {
            return vec![events, edge];
        }
    }
    e.heap.edges(emitter).find(|edge| edge.to == array).into_iter().collect()
}

/// What people call the list of those who want to hear from something.
const OBSERVERS: [&str; 6] =
    ["observers", "listeners", "handlers", "subscribers", "subscriptions", "callbacks"];

/// Whether a list has such a name, alone or as the last word: `#listeners`, `nextListeners`.
fn is_of_observers(name: &str) -> bool {
    let name = name.trim_start_matches(['_', '#']);
    OBSERVERS.iter().any(|word| {
        let (first, rest) = word.split_at(1);
        let Some(before) = name.strip_suffix(rest) else { return false };
        match before.strip_suffix(first) {
            Some(before) => before.is_empty() || before.ends_with('_'),
            None => before.ends_with(&first.to_uppercase()),
        }
    })
}

/// The observable that a list of functions belongs to, if it is one: `RxJS` and its like, and whatever
/// people write themselves.
pub(crate) fn observers(e: &Evidence, list: NodeOrdinal) -> Option<Registration> {
    // The name first: few lists are called so, and some have a million members.
    let owner = named_observers(e, list)
        .or_else(|| tables_of(e, list).find_map(|table| named_observers(e, table)))?;
    let functions = in_array(e, list);
    let count = e.heap.entry_count(list) as f64;
    // Observers may be objects with functions; what is only partly functions is something else.
    if (functions.len() as f64) < MIN_FUNCTIONS_SHARE * count {
        return None;
    }
    let (site, most) = most_frequent(e.heap, &functions)?;
    // A table of what to do for each name has many functions, or one that was made for each.
    let kind = e.heap.collection_kind(list);
    let is_keyed = matches!(kind, Some(CollectionKind::Map | CollectionKind::Dictionary));
    if is_keyed && ((most.len() as f64) < MIN_SHARE_OF_ONE * count || is_by_name(e, list))
        || e.locator.origin(site.location) == Origin::Builtin
    {
        return None;
    }
    let of_list = binding_path_at(e.bindings(), owner);
    // What a variable keeps has nobody else to hang on.
    let alone = of_list
        .as_ref()
        .filter(|owner| matches!(owner.binding, Binding::Variable { .. } | Binding::Global { .. }));
    if alone.is_some_and(|owner| {
        matches!(e.locator.binding_origin(owner), None | Some(Origin::Builtin))
    }) {
        return None;
    }
    let (emitter, list) = match (alone, &of_list) {
        (Some(_), _) => (list, None),
        (None, of_list) => (owner.from, of_list.as_ref().and_then(|it| e.locator.holder(it))),
    };
    Some(Registration {
        emitter,
        event: None,
        is_target: false,
        functions,
        objects: Vec::new(),
        list,
        combined: Vec::new(),
        nodes_own: None,
        beside: Vec::new(),
    })
}

/// Whether a Map or plain object has its functions under texts: what registers itself has a number, a symbol or an
/// object for a key.
fn is_by_name(e: &Evidence, table: NodeOrdinal) -> bool {
    e.heap.members(table).iter().all(|member| match member.key {
        Some(MemberKey::Name(_)) => true,
        Some(MemberKey::Node(key)) => e.heap.node_type(key) == NodeType::String,
        _ => false,
    })
}

/// The property or variable with such a name that has the collection.
fn named_observers(e: &Evidence, collection: NodeOrdinal) -> Option<Edge> {
    let is_named = |edge: &Edge| is_of_observers(&e.heap.edge_name(edge).to_string());
    let of = |wanted: EdgeType| {
        let retainers = e.heap.retainers(collection);
        retainers.filter(move |edge| edge.edge_type == wanted)
    };
    if let Some(edge) = of(EdgeType::Property).find(is_named) {
        // Beside `observers`, what `currentObservers` has is a copy.
        return Some(edge).filter(|edge| !has_plain_list(e, edge));
    }
    let is_variable = |edge: &Edge| e.shapes.is_context(edge.from);
    let mut variables = of(EdgeType::Context).filter(is_variable).take(MAX_VARIABLES);
    variables.find(|edge| is_named(edge) || is_written_so(e, edge))
}

/// Whether the object that has a list has another one by a plain name.
fn has_plain_list(e: &Evidence, edge: &Edge) -> bool {
    let is_plain = |edge: &Edge| {
        edge.edge_type == EdgeType::Property
            && OBSERVERS
                .contains(&e.heap.edge_name(edge).to_string().trim_start_matches(['_', '#']))
    };
    !is_plain(edge) && e.heap.edges(edge.from).any(|other| is_plain(&other))
}

/// Whether a variable was written with such a name, of which a build made another.
fn is_written_so(e: &Evidence, edge: &Edge) -> bool {
    let holds_functions = !in_array(e, edge.to).is_empty();
    let owner = Some(*edge).filter(|_| holds_functions);
    let owner = owner.and_then(|edge| binding_path_at(e.bindings(), edge));
    let holder = owner.and_then(|owner| e.locator.holder(&owner));
    holder.is_some_and(|holder| is_of_observers(&holder.declaration.name))
}

/// The plain objects and Maps that have a collection under a key: by the name of an event.
fn tables_of(e: &Evidence, list: NodeOrdinal) -> impl Iterator<Item = NodeOrdinal> {
    e.heap.retainers(list).filter_map(|edge| match edge.edge_type {
        EdgeType::Property if e.heap.name(edge.from) == "Object" => Some(edge.from),
        EdgeType::Internal => {
            let is_table = |above: &Edge| above.is_named(e.heap, "table");
            let map = e.heap.retainers(edge.from).find(is_table)?.from;
            (e.heap.collection_kind(map) == Some(CollectionKind::Map)).then_some(map)
        }
        _ => None,
    })
}

/// The functions in a list, and those in the objects of a list: some emitters keep a record for each
/// listener.
pub(super) fn in_array(e: &Evidence, array: NodeOrdinal) -> Vec<NodeOrdinal> {
    let members = e.heap.members(array);
    let functions =
        members.iter().flat_map(objects_of).filter_map(|node| match e.heap.node_type(node) {
            NodeType::Closure => Some(node),
            NodeType::Object => {
                e.heap.edges(node).find(|edge| is_callback(e, edge)).map(|it| it.to)
            }
            _ => None,
        });
    functions.map(|function| e.shapes.function_behind(function)).collect()
}

/// What the records of listeners call the function.
const CALLBACKS: [&str; 7] = ["fn", "listener", "callback", "handler", "next", "func", "cb"];

fn is_callback(e: &Evidence, edge: &Edge) -> bool {
    edge.edge_type == EdgeType::Property
        && e.heap.node_type(edge.to) == NodeType::Closure
        && CALLBACKS.contains(&e.heap.edge_name(edge).to_string().trim_start_matches('_'))
}
