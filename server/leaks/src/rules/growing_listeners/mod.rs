//! growing-listeners: listeners that are added again and again and never removed.
//!
//! An emitter keeps the listeners of an event in an array below its `_events`; those of an `EventTarget`
//! are looked for in [`crate::rules::growing_listeners::event_targets`], and which lists are listeners is told in
//! [`crate::rules::growing_listeners::listener_lists`]. The primary place is the statement that registers, because
//! that is where a person would act; the emitter's declaration is the holder.
//!
//! ```text
//! EventEmitter ─_events→ Object ─tick→ Array ─element→ closure
//! ```

pub(crate) mod event_targets;
pub(crate) mod listener_lists;
pub(crate) mod nodes_own;
mod own_list;
pub(crate) mod places;
mod registering;

use heapmark_heap::{Edge, NodeOrdinal};
use heapmark_source::Leaves;
use rustc_hash::FxHashMap;

use crate::blame::access_path::name_of;
use crate::blame::holding::{Blame, blame_for};
use crate::blame::payload::kept_by;
use crate::blame::retaining_path;
use crate::evidence::{Evidence, GrowingCollection};
use crate::locate::statements::{Statement, Statements};
use crate::locate::{Holder, Origin, Spot};
use crate::report::fingerprint::{fingerprint, without_data};
use crate::report::{Role, Rule};
use crate::rules::growing_listeners::listener_lists::observers;
use crate::rules::growing_listeners::listener_lists::{
    EmitterKind, NodesOwn, Registration, below_emitter, in_array, registration,
};
use crate::rules::growing_listeners::own_list::OwnList;
use crate::rules::growing_listeners::places::{ListenerPlace, places};
use crate::rules::growing_listeners::registering::{Registering, receiver};
use crate::rules::leak::{At, Leak};
use crate::rules::scene::Scene;
use crate::v8::members::objects_of;
use crate::v8::sites::{Kind, most_frequent};
use crate::verdict::thresholds::growing_listeners::MIN_IN_ONE;
use crate::verdict::trend::Trend;
use crate::verdict::{Adds, Features, Removes, What};

pub(crate) const RULE: Rule =
    Rule::new("growing-listeners", "Listeners that are added again and again and never removed");

/// Takes the lists of listeners out of the collections, and those of event targets out of the linked
/// lists. What cannot be told stays a collection like any other.
pub(crate) fn find(scene: &mut Scene) -> Vec<Leak> {
    let e = scene.e;
    let mut of_listeners = Vec::new();
    let mut others = Vec::new();
    for collection in std::mem::take(&mut scene.collections) {
        let registered = registration(e, collection.node)
            .or_else(|| observers(e, collection.node))
            .or_else(|| event_targets::combined(e, collection.node));
        match registered {
            Some(registered) => of_listeners.push((collection, registered)),
            None => others.push(collection),
        }
    }
    of_listeners.extend(event_targets::growing(e, scene.lists));
    let of_listeners = nodes_own::together(e, of_listeners);
    let (leaks, not_of_functions) = told(e, of_listeners);
    others.extend(not_of_functions);
    scene.collections = others;
    leaks
}

/// Looks at every growing list of listeners. Those whose functions cannot be told are given back.
fn told(
    e: &Evidence,
    growing: Vec<(GrowingCollection, Registration)>,
) -> (Vec<Leak>, Vec<GrowingCollection>) {
    let mut leaks = Vec::new();
    let mut others = Vec::new();
    let together = Together::of(e, &growing);
    for (list, registration) in growing {
        match leak(e, &list, &registration, &together) {
            Some(leak) => leaks.push(leak),
            None if most_frequent(e.heap, &registration.functions).is_none() => others.push(list),
            // Node's own.
            None => {}
        }
    }
    (leaks, others)
}

/// What several lists of one emitter keep together, in bytes: functions that a call registers for several
/// events share its scope, so that none of the lists keeps it alone.
#[derive(Default)]
pub(super) struct Together(FxHashMap<NodeOrdinal, u64>);

impl Together {
    fn of(e: &Evidence, growing: &[(GrowingCollection, Registration)]) -> Self {
        let mut lists: FxHashMap<NodeOrdinal, Vec<NodeOrdinal>> = FxHashMap::default();
        for (list, at) in growing {
            let all = std::iter::once(list.node).chain(at.beside.iter().copied());
            lists.entry(at.emitter).or_default().extend(all);
        }
        lists.retain(|_, lists| lists.len() > 1);
        Self(lists.into_iter().map(|(emitter, lists)| (emitter, e.retained_by(&lists))).collect())
    }

    /// What goes with a list of an emitter's, in which these listen.
    fn retained(
        &self,
        e: &Evidence,
        list: NodeOrdinal,
        emitter: NodeOrdinal,
        listening: &[NodeOrdinal],
    ) -> u64 {
        let alone = || e.heap.retained_size(list).max(e.retained_by(listening));
        self.0.get(&emitter).copied().unwrap_or_else(alone)
    }
}

/// The arrays of listeners in a single snapshot in which one function stands suspiciously often.
pub(crate) fn large(e: &Evidence) -> Vec<GrowingCollection> {
    e.collections_of_newest()
        .filter(|&(node, entries)| entries >= MIN_IN_ONE && registration(e, node).is_some())
        .filter(|&(node, _)| {
            most_frequent(e.heap, &in_array(e, node))
                .is_some_and(|(_, listeners)| listeners.len() as u64 >= MIN_IN_ONE)
        })
        .map(|(node, entries)| GrowingCollection::new(node, vec![entries], Trend::Once))
        .collect()
}

/// Listeners that pile up on one emitter.
pub(crate) struct PiledUpListeners {
    pub(crate) trend: Trend,
    /// The function that is called, if it has a name.
    pub(crate) listener: Option<String>,
    /// Of an observable, which has only one kind of event, none.
    pub(crate) event: Option<String>,
    pub(crate) emitter: String,
    pub(crate) kind: EmitterKind,
    /// They are Node's own, and this registered them.
    pub(crate) nodes_own: Option<NodesOwn>,
    /// The class of which each keeps an instance alive.
    pub(crate) keeps: Option<String>,
    /// Bytes.
    pub(crate) retained: u64,
    /// What registers them.
    pub(crate) added: Option<Statement>,
    pub(crate) removal: Removal,
    pub(crate) places: Vec<At<ListenerPlace>>,
}

/// Whether the source removes listeners of the event.
pub(crate) enum Removal {
    /// Nobody knows what is done with the emitter, or all of it.
    Unknown,
    /// Nothing removes one.
    Nothing,
    /// Each goes by itself, some time.
    ByItself(Leaves),
    /// This one does, and they pile up all the same.
    TooLittle(Statement),
}

/// Looks at the listeners in one array.
pub(super) fn leak(
    e: &Evidence,
    array: &GrowingCollection,
    at: &Registration,
    together: &Together,
) -> Option<Leak> {
    let (site, closures) = most_frequent(e.heap, &at.functions)?;
    // Node's own listeners are its own business, but for those of what the program made and forgot.
    let is_nodes = e.locator.origin(site.location) == Origin::Builtin;
    if is_nodes && at.nodes_own.is_none() {
        return None;
    }
    let listening = if at.objects.is_empty() { &closures } else { &at.objects };
    let listener = e.locator.site(site);
    let emitter = blame_for(e, at.emitter);
    let holder = emitter.as_ref().and_then(|blame| blame.holder.as_ref());
    let lists = std::iter::once(array.node).chain(at.beside.iter().copied());
    let accumulators: Vec<NodeOrdinal> = lists.chain(at.combined.iter().copied()).collect();
    let retained = together.retained(e, array.node, at.emitter, listening);

    let own_list = OwnList::of(e, at, array.node, emitter.as_ref());
    let mut statements = match (&own_list, holder) {
        (Some(list), Some(holder)) => list.statements(e, holder),
        (None, Some(holder)) => Statements::about(e.locator, holder, at.event.as_deref()),
        (_, None) => Statements::default(),
    };
    let call = listener.as_ref().and_then(|listener| Registering::of_function(at, listener));
    let registering = call.or_else(|| match at.nodes_own {
        Some(nodes_own) => nodes_own.registering(e, holder, &statements),
        None => Registering::of_emitter(holder?, &statements),
    });
    if statements.removes.is_empty()
        && let Some(listener) = &listener
    {
        statements.removes = Registering::undone(at, listener);
    }
    // Whatever Node does with an emitter of its own is its own business, too.
    if is_nodes && holder.is_none() && registering.is_none() {
        return None;
    }
    statements.adds = registering.iter().map(|it| it.statement.clone()).collect();
    let mut emitter_name = emitter_name(e, at, emitter.as_ref(), registering.as_ref());
    emitter_name.extend(own_list.iter().flat_map(OwnList::steps));
    let key = fingerprint_of(e, at, listener.as_ref(), &emitter_name, registering.as_ref());
    let edges = way(e, at, array.node, emitter.as_ref());
    let steps =
        retaining_path::steps(e, holder, &edges, listener.as_ref().map_or("", Spot::short_name));
    let leaves = registering.as_ref().and_then(Registering::leaves);
    let facts = PiledUpListeners {
        trend: array.seen,
        listener: listener.as_ref().filter(|it| it.is_named()).map(|it| it.short_name().to_owned()),
        event: at.event.clone(),
        emitter: emitter_name,
        kind: at.kind(array.node),
        nodes_own: at.nodes_own,
        keeps: kept_by(e, listening, &[Kind::Instance]).and_then(|kept| kept.name(e)),
        retained,
        removal: removal(holder, &statements, leaves),
        places: {
            let mut places =
                places(e, at, listener.as_ref(), &closures, emitter.as_ref(), registering.as_ref());
            let list = holder.and_then(|holder| own_list.as_ref()?.declared(holder));
            places.extend(list.map(|it| At::name_of(Role::Holder, &it, ListenerPlace::List)));
            places
        },
        added: registering.map(|it| it.statement),
    };
    let features = features(at, &statements, array.seen);
    Some(Leak {
        shallow_size: closures.iter().map(|&closure| e.heap.self_size(closure)).sum(),
        retained_size: retained,
        outside: e.locator.outside(site.location).into_iter().collect(),
        path: retaining_path::hops(e, &edges),
        steps,
        accumulators,
        members: if at.objects.is_empty() { closures } else { at.objects.clone() },
        of: Some(at.emitter),
        ..Leak::new(RULE, features, key, array.counts.clone(), facts)
    })
}

fn features(at: &Registration, statements: &Statements, trend: Trend) -> Features {
    let mut features = statements.features(What::Listeners, trend);
    if at.nodes_own == Some(NodesOwn::Once) && features.source.removes == Removes::Nothing {
        // Node takes them away when the event comes: that the program does not says nothing.
        features.source.adds = Adds::Nothing;
    }
    features
}

/// What a person would call the emitter.
fn emitter_name(
    e: &Evidence,
    at: &Registration,
    emitter: Option<&Blame>,
    registering: Option<&Registering>,
) -> String {
    let holder = emitter.and_then(|blame| blame.holder.as_ref());
    let known = match emitter {
        Some(Blame { owner, holder, .. }) => name_of(e, owner, holder.as_ref()),
        None => e.heap.name(at.emitter).into_owned(),
    };
    // A bundler's own names say nothing: what is written there is the name.
    let is_bundlers = holder.is_none() || known.starts_with("__webpack_");
    registering
        .filter(|it| is_bundlers && it.spot.generated.is_some())
        .and_then(|it| receiver(&it.statement.written))
        .unwrap_or(known)
}

/// What stays the same of it from run to run.
fn fingerprint_of(
    e: &Evidence,
    at: &Registration,
    listener: Option<&Spot>,
    emitter: &str,
    registering: Option<&Registering>,
) -> String {
    let name = listener.map_or_else(String::new, |spot| spot.name.clone());
    let file = listener.map_or_else(String::new, |spot| e.locator.relative(spot.path()));
    // An event that gets its name at run time may be another one in the next run.
    let is_made = registering.is_some_and(|it| it.is_event_made);
    let event = at.event.as_deref().filter(|_| !is_made);
    let event = event.map(without_data).unwrap_or_default();
    fingerprint(RULE, &[&file, &name, emitter, &event])
}

fn removal(holder: Option<&Holder>, statements: &Statements, leaves: Option<Leaves>) -> Removal {
    match (statements.removes.first(), leaves) {
        (Some(remove), _) => Removal::TooLittle(remove.clone()),
        (None, Some(leaves)) => Removal::ByItself(leaves),
        (None, None) if holder.is_some() && statements.unread.is_none() => Removal::Nothing,
        (None, None) => Removal::Unknown,
    }
}

/// From a root to one of the listeners.
fn way(e: &Evidence, at: &Registration, array: NodeOrdinal, emitter: Option<&Blame>) -> Vec<Edge> {
    let mut edges = emitter.map(|blame| blame.owner.edges.clone()).unwrap_or_default();
    let first_member = e.heap.members(array).iter().find_map(|it| objects_of(it).next());
    edges.extend(below_emitter(e, at.emitter, array));
    edges.extend(first_member.and_then(|member| e.heap.edges(array).find(|it| it.to == member)));
    edges
}

#[cfg(test)]
mod drawn_tests;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::growing_listeners::listener_lists::observers;
    use crate::testing::{self, Ran, Told};

    /// What is said of the lists of 30 in one snapshot: the title and what to do.
    fn told(program: &str) -> Vec<String> {
        Ran::file(program).ask(|e| {
            let lists = e.collections_of_newest().filter(|&(_, entries)| entries == 30);
            let lists = lists.filter_map(|(node, entries)| {
                let list = GrowingCollection::new(node, vec![entries], Trend::Once);
                Some((list, observers(e, node)?))
            });
            let (suspects, _) = super::told(e, lists.collect());
            let tell = |suspect: Leak| {
                let Told { title, help, .. } = testing::told(&suspect);
                assert!(help.starts_with("unsubscribe"), "{help}");
                title
            };
            suspects.into_iter().map(tell).collect()
        })
    }

    #[track_caller]
    fn check(program: &str, expected: &[&str]) {
        assert_eq!(told(program), expected, "{program}");
    }

    const SUBSCRIBE: &str =
        "globalThis.subscribe = (each) => { for (let n = 0; n < 30; n++) each(() => n, n); };\n";

    #[test]
    fn functions_in_a_variable_of_that_name_are_listeners() {
        for (made, add) in [
            ("const listeners = new Set();", "listeners.add(it)"),
            ("let nextListeners = new Map();", "nextListeners.set(n, it)"),
            ("const _subscribers = [];", "_subscribers.push({ fn: it })"),
            ("const onCloseCallbacks = [];", "onCloseCallbacks.push(it.bind(null))"),
        ] {
            let name = made.split(' ').nth(1).expect("it has a name");
            let program =
                format!("{SUBSCRIBE}{made}\nglobalThis.it = (it, n) => {add};\nsubscribe(it);");
            check(&program, &[&format!("30 listeners are registered in `{name}`")]);
        }
    }

    #[test]
    fn the_lists_of_events_belong_to_the_emitter() {
        for (made, add) in [
            ("listeners = { exit: [] };", "this.listeners.exit.push(it)"),
            ("#handlers = new Map([['exit', new Set()]]);", "this.#handlers.get('exit').add(it)"),
        ] {
            let program = format!(
                "{SUBSCRIBE}class Hub {{ {made} add(it) {{ {add}; }} }}
globalThis.hub = new Hub();
subscribe((it) => hub.add(it));"
            );
            check(&program, &["30 listeners are registered on `hub`"]);
        }
    }

    #[test]
    fn what_is_no_list_of_functions_or_has_another_name_is_none() {
        for (made, add) in [
            ("const jobs = [];", "jobs.push(it)"),
            ("const glisteners = [];", "glisteners.push(it)"),
            ("const listeners = [];", "listeners.push({ n })"),
            ("const commandHandlers = {};", "commandHandlers['on' + n] = eval(`() => ${n}`)"),
        ] {
            let program =
                format!("{SUBSCRIBE}{made}\nglobalThis.it = (it, n) => {add};\nsubscribe(it);");
            check(&program, &[]);
        }
    }
}
