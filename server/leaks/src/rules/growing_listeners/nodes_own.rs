//! Listeners whose functions are Node's own: what a call of the program's registers, and takes back when the
//! event comes, the stream ends or the interface is closed. What never comes to that piles up.
//!
//! Most listeners of Node's are its own business; these are told by the names of its functions, which are
//! the same from Node 14 to 26.

use heapmark_heap::{EdgeType, NodeOrdinal};
use heapmark_source::{Call, MutationForm};

use crate::evidence::{Evidence, GrowingCollection};
use crate::locate::statements::{Statement, Statements};
use crate::locate::{Holder, Origin};
use crate::rules::growing_listeners::listener_lists::{NodesOwn, Registration};
use crate::rules::growing_listeners::registering::Registering;

/// The functions of Node's that are listeners of an emitter's events, and what registers them. Those for
/// errors and for the end stand beside the ones for what is waited for.
const FUNCTIONS: [(&str, NodesOwn); 11] = [
    ("resolver", NodesOwn::Once),
    ("errorListener", NodesOwn::Once),
    ("eventHandler", NodesOwn::On),
    ("errorHandler", NodesOwn::On),
    ("closeHandler", NodesOwn::On),
    ("onunpipe", NodesOwn::PipedInto),
    ("onfinish", NodesOwn::PipedInto),
    ("onclose", NodesOwn::PipedInto),
    ("onerror", NodesOwn::PipedInto),
    ("ondrain", NodesOwn::PipedInto),
    ("ondata", NodesOwn::PipedFrom),
];

impl NodesOwn {
    /// What registered `function`, which is Node's, on `emitter`.
    fn of(e: &Evidence, emitter: NodeOrdinal, function: NodeOrdinal) -> Option<Self> {
        let scope = e.heap.child(function, EdgeType::Internal, "context")?;
        let variable = |name| e.heap.child(scope, EdgeType::Context, name);
        let interface = variable("self").filter(|_| variable("onkeypress").is_some());
        if interface.is_some_and(|it| e.heap.name(it) == "Interface") {
            return Some(Self::Interface);
        }
        // Those of the end of a stream have the stream in their scope, and what is called then.
        if variable("stream") == Some(emitter) && variable("callback").is_some() {
            return Some(Self::Finished);
        }
        if e.heap.name(emitter) == "AbortSignal" {
            return Some(Self::Signal);
        }
        // From Node 20 on, what listens to the event itself has no name.
        if variable("unconsumedEvents").is_some() {
            return Some(Self::On);
        }
        let name = e.heap.name(function);
        let (_, found) = FUNCTIONS.into_iter().find(|(of, _)| name == *of)?;
        match found {
            // Those of a pipe share a scope with both of its ends. Node itself pipes what workers print.
            Self::PipedInto => {
                let is_nodes =
                    variable("src").is_some_and(|it| e.heap.name(it) == "ReadableWorkerStdio");
                (variable("dest") == Some(emitter) && !is_nodes).then_some(found)
            }
            Self::PipedFrom => (variable("src") == Some(emitter)).then_some(found),
            Self::Interface | Self::Once | Self::On | Self::Finished | Self::Signal => Some(found),
        }
    }

    /// What registered all listeners of a list, if they are Node's.
    fn of_list(e: &Evidence, at: &Registration) -> Option<Self> {
        let (&first, others) = at.functions.split_first()?;
        if e.locator.origin(e.heap.location(first)?) != Origin::Builtin {
            return None;
        }
        let own = Self::of(e, at.emitter, first)?;
        let is_it = |&function: &NodeOrdinal| Self::of(e, at.emitter, function) == Some(own);
        others.iter().all(is_it).then_some(own)
    }

    /// Whether listeners for this event stand beside others of the same call, which say more.
    fn is_beside(self, event: Option<&str>) -> bool {
        match self {
            Self::Once | Self::On => matches!(event, Some("error" | "close")),
            Self::PipedInto => event != Some("unpipe"),
            Self::PipedFrom => event != Some("data"),
            Self::Finished => event != Some("error"),
            Self::Interface | Self::Signal => false,
        }
    }

    /// The statement that registers them, as far as that is certain.
    pub(super) fn registering(
        self,
        e: &Evidence,
        holder: Option<&Holder>,
        statements: &Statements,
    ) -> Option<Registering> {
        match self {
            Self::Interface => Registering::of_only_call(e, "createInterface"),
            Self::Once | Self::On => {
                let name = if self == Self::Once { "once(" } else { "on(" };
                let is_it = |add: &&Statement| {
                    add.form == Some(MutationForm::Listens) && add.written == name
                };
                let add = statements.adds.iter().find(is_it);
                let add = holder.zip(add).map(|(holder, add)| Registering::of(holder, add));
                add.or_else(|| Registering::of_only_call(e, name.trim_end_matches('(')))
            }
            Self::Finished => {
                let is_it = |call: &Call| {
                    let of = call.callback.as_ref().and_then(|it| it.reference.as_deref());
                    of.is_some_and(|of| is_named(holder, of))
                };
                Registering::of_call(e, "finished", is_it)
                    .or_else(|| Registering::of_only_call(e, "finished"))
                    .or_else(|| Registering::of_only_call(e, "pipeline"))
            }
            // Many calls take a signal: nobody knows which ones.
            Self::Signal => None,
            Self::PipedInto => {
                let goes_there = |call: &Call| {
                    let into = call.callback.as_ref().and_then(|it| it.reference.as_deref());
                    into.is_some_and(|into| is_named(holder, into))
                };
                pipe(e, holder, goes_there)
            }
            Self::PipedFrom => {
                let comes_from = |call: &Call| {
                    let from = call.callee.rsplit_once('.').map(|(from, _)| from);
                    from.is_some_and(|from| is_named(holder, from))
                };
                pipe(e, holder, comes_from)
            }
        }
    }
}

/// One list of each emitter for what one call registers: it listens to several events at once.
pub(super) fn together(
    e: &Evidence,
    lists: Vec<(GrowingCollection, Registration)>,
) -> Vec<(GrowingCollection, Registration)> {
    let mut told: Vec<(GrowingCollection, Registration)> = Vec::new();
    let mut beside: Vec<(NodeOrdinal, NodesOwn, GrowingCollection, Registration)> = Vec::new();
    for (list, mut at) in lists {
        at.nodes_own = NodesOwn::of_list(e, &at);
        match at.nodes_own {
            Some(own) if own.is_beside(at.event.as_deref()) => {
                beside.push((at.emitter, own, list, at));
            }
            _ => told.push((list, at)),
        }
    }
    for (emitter, own, list, at) in beside {
        let leader = told
            .iter_mut()
            .find(|(_, told)| told.emitter == emitter && told.nodes_own == Some(own));
        match leader {
            Some((_, leader)) => leader.beside.push(list.node),
            None => told.push((list, at)),
        }
    }
    told
}

/// The call of `pipe` that names the holder, or else the only call of `pipe` or `pipeline` in the program. `None`
/// without a holder: then no call can be told from another.
fn pipe(
    e: &Evidence,
    holder: Option<&Holder>,
    names_it: impl Fn(&Call) -> bool,
) -> Option<Registering> {
    holder?;
    Registering::of_call(e, "pipe", names_it)
        .or_else(|| Registering::of_only_call(e, "pipe"))
        .or_else(|| Registering::of_only_call(e, "pipeline"))
}

/// Whether an expression ends in the name of the holder: `this.out` of `out`.
fn is_named(holder: Option<&Holder>, expression: &str) -> bool {
    let last = expression.rsplit(['.', '#']).next().unwrap_or(expression);
    holder.is_some_and(|holder| holder.declaration.name.trim_start_matches('#') == last)
}
