//! How V8 and Node lay out the things that the rules look for: contexts, timers, emitters, frames.
//!
//! Predicates over one snapshot, nothing is judged here. The shapes were read from snapshots of Node
//! 14 to 26; where a version differs, the line says so. Names are compared by string index, so that
//! asking for every node of a large heap is cheap.

use std::sync::OnceLock;

use heapmark_heap::{Edge, EdgeType, NodeOrdinal, NodeType, Snapshot, StringIndex};
use rustc_hash::FxHashSet;

/// The shapes of one snapshot.
pub(crate) struct Shapes<'a> {
    snapshot: &'a Snapshot,
    contexts: FxHashSet<StringIndex>,
    timeout: Option<StringIndex>,
    on_timeout: Option<StringIndex>,
    idle_previous: Option<StringIndex>,
    listener: Option<StringIndex>,
    bound_function: Option<StringIndex>,
    frame_registers: Option<StringIndex>,
    climbing: OnceLock<Climbing>,
}

/// Names that tell whether a link holds what it leads to, by number: in a climb they are compared with
/// those of a million links. `None` are names that the heap does not have.
struct Climbing {
    native_contexts: Vec<StringIndex>,
    internal: [Option<StringIndex>; 7],
    properties: [Option<StringIndex>; 3],
}

/// Links of V8's own that hold nothing in a sense that a person would call holding.
const INTERNAL: [&str; 7] =
    ["map", "shared", "feedback_cell", "code", "scope_info", "previous", "prototype"];
/// Properties that are no more than that.
const PROPERTIES: [&str; 3] = ["__proto__", "constructor", "prototype"];

impl<'a> Shapes<'a> {
    pub(crate) fn of(snapshot: &'a Snapshot) -> Self {
        // V8 15 and later append the scope's name: `system / Context / handleRequest @123`.
        let contexts = snapshot
            .nodes()
            .filter(|&n| matches!(snapshot.node_type(n), NodeType::Object | NodeType::Native))
            .map(|n| snapshot.name_index(n))
            .collect::<FxHashSet<_>>()
            .into_iter()
            .filter(|&name| {
                let name = snapshot.string(name);
                name == "system / Context" || name.starts_with("system / Context / ")
            })
            .collect();
        let find = |name| snapshot.find_string(name);
        Self {
            snapshot,
            contexts,
            timeout: find("Timeout"),
            on_timeout: find("_onTimeout"),
            idle_previous: find("_idlePrev"),
            listener: find("listener"),
            bound_function: find("bound_function"),
            frame_registers: find("parameters_and_registers"),
            climbing: OnceLock::new(),
        }
    }

    /// A scope's variables on the heap.
    pub(crate) fn is_context(&self, node: NodeOrdinal) -> bool {
        self.contexts.contains(&self.snapshot.name_index(node))
    }

    /// The global object, under the names that V8 gives it.
    pub(crate) fn is_global(&self, node: NodeOrdinal) -> bool {
        if self.snapshot.node_type(node) != NodeType::Object {
            return false;
        }
        let name = self.snapshot.name(node);
        name == "global" || name.starts_with("global ") || name.ends_with("[JSGlobalObject]")
    }

    /// A realm: everything hangs on it, so it explains nothing.
    pub(crate) fn is_native_context(&self, node: NodeOrdinal) -> bool {
        self.climbing().native_contexts.contains(&self.snapshot.name_index(node))
    }

    /// Whether a link has a name under which V8 itself leads to a thing that others hold.
    pub(crate) fn is_by_the_way(&self, edge: &Edge) -> bool {
        let name = || self.snapshot.edge_name_index(edge);
        match edge.edge_type {
            EdgeType::Internal => name().is_some() && self.climbing().internal.contains(&name()),
            EdgeType::Property => name().is_some() && self.climbing().properties.contains(&name()),
            _ => false,
        }
    }

    /// What an object has as its own `constructor`. In a climb that is asked of objects with a million
    /// properties.
    pub(crate) fn constructor(&self, node: NodeOrdinal) -> Option<NodeOrdinal> {
        let [_, constructor, _] = self.climbing().properties;
        self.snapshot.child_named(node, EdgeType::Property, constructor)
    }

    /// What a class has as its `prototype`.
    pub(crate) fn prototype(&self, class: NodeOrdinal) -> Option<NodeOrdinal> {
        let [.., prototype] = self.climbing().properties;
        self.snapshot.child_named(class, EdgeType::Property, prototype)
    }

    fn climbing(&self) -> &Climbing {
        self.climbing.get_or_init(|| Climbing {
            native_contexts: self.snapshot.strings_beginning_with("system / NativeContext"),
            internal: INTERNAL.map(|name| self.snapshot.find_string(name)),
            properties: PROPERTIES.map(|name| self.snapshot.find_string(name)),
        })
    }

    /// A suspended generator or async function; its location is the function's.
    pub(crate) fn is_frame(&self, node: NodeOrdinal) -> bool {
        self.snapshot.node_type(node) == NodeType::Object
            && self.snapshot.child_named(node, EdgeType::Internal, self.frame_registers).is_some()
    }

    /// The callback of a timer that is still armed.
    ///
    /// A timer that fired or was cleared is unlinked from Node's list: its `_idlePrev` is null.
    pub(crate) fn armed_timer_callback(&self, node: NodeOrdinal) -> Option<NodeOrdinal> {
        let is_timeout = self.snapshot.node_type(node) == NodeType::Object
            && Some(self.snapshot.name_index(node)) == self.timeout;
        if !is_timeout {
            return None;
        }
        let previous = self.snapshot.child_named(node, EdgeType::Property, self.idle_previous)?;
        let linked = self.snapshot.node_type(previous) == NodeType::Object;
        let callback = self.snapshot.child_named(node, EdgeType::Property, self.on_timeout)?;
        linked.then(|| self.function_behind(callback))
    }

    /// Whether a timer repeats. `_repeat` holds the period, a small integer that the file does not
    /// show, or null, which it does.
    pub(crate) fn is_interval(&self, timeout: NodeOrdinal) -> bool {
        self.snapshot
            .child(timeout, EdgeType::Property, "_repeat")
            .is_none_or(|repeat| self.snapshot.node_type(repeat) == NodeType::Number)
    }

    /// The function a person wrote, behind `bind` and behind the wrapper of `once`.
    pub(crate) fn function_behind(&self, closure: NodeOrdinal) -> NodeOrdinal {
        let mut function = closure;
        // Each hop goes to another function; eight are more than anybody binds.
        for _ in 0..8 {
            let inner =
                self.snapshot.child_named(function, EdgeType::Property, self.listener).or_else(
                    || self.snapshot.child_named(function, EdgeType::Internal, self.bound_function),
                );
            match inner {
                Some(inner) if self.snapshot.node_type(inner) == NodeType::Closure => {
                    function = inner;
                }
                _ => break,
            }
        }
        function
    }

    /// What a person calls the thing, if it was open once and is closed now: a socket or worker whose
    /// handle is gone, a response that is sent, a request whose socket is closed.
    pub(crate) fn closed(&self, node: NodeOrdinal) -> Option<&'static str> {
        let property = |name| self.snapshot.child(node, EdgeType::Property, name);
        let is =
            |value: Option<NodeOrdinal>, text| value.is_some_and(|it| self.is_oddball(it, text));
        if is(property("<symbol kHandle>"), "null") {
            let is_worker = property("<symbol kPublicPort>").is_some();
            return Some(if is_worker { "workers" } else { "sockets" });
        }
        if is(property("_closed"), "true") && is(property("finished"), "true") {
            return Some("responses");
        }
        let socket = property("socket").filter(|_| is(property("complete"), "true"))?;
        let handle = self.snapshot.child(socket, EdgeType::Property, "<symbol kHandle>");
        is(handle, "null").then_some("requests")
    }

    /// Whether the node is a weak reference whose target was collected.
    pub(crate) fn is_empty_weak_ref(&self, node: NodeOrdinal) -> bool {
        self.snapshot.node_type(node) == NodeType::Object
            && self.snapshot.name(node) == "WeakRef"
            && self.snapshot.child(node, EdgeType::Internal, "map").is_some()
            && !self.snapshot.edges(node).any(|edge| edge.edge_type == EdgeType::Weak)
    }

    /// Whether the node is `null`, `true`, `false` or `undefined`, as `text` says. Node 24 names it so;
    /// before, its text hangs on it.
    fn is_oddball(&self, node: NodeOrdinal, text: &str) -> bool {
        if self.snapshot.node_type(node) != NodeType::Hidden {
            return false;
        }
        self.snapshot.name(node) == text
            || self.snapshot.name(node) == "system / Oddball"
                && self.snapshot.edges(node).any(|edge| {
                    self.snapshot.node_type(edge.to) == NodeType::String
                        && self.snapshot.name(edge.to) == text
                })
    }
}
