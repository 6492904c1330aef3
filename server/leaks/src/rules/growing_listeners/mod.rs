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

use heapmark_heap::{EdgeType, NodeOrdinal};
use heapmark_source::Call;
use rustc_hash::FxHashSet;

use crate::blame::access_path::name_of;
use crate::blame::holding::{Blame, blame_for};
use crate::blame::payload::kept_by;
use crate::blame::retaining_path;
use crate::census::trend::Trend;
use crate::evidence::{Evidence, GrowingCollection};
use crate::locate::places::{hands_over, place, place_of};
use crate::locate::statements::{Statement, Statements};
use crate::locate::{Origin, Spot, is_plain_name};
use crate::report::fingerprint::{fingerprint, without_data};
use crate::report::place_words::line_of;
use crate::report::units::{number, plural, series, size};
use crate::report::{Place, Role, Rule, Severity};
use crate::rules::growing_listeners::listener_lists::MIN_IN_ONE;
use crate::rules::growing_listeners::listener_lists::{Registration, in_array, registration};
use crate::rules::leak::Leak;
use crate::rules::worded::Finding;
use crate::v8::events::REGISTER;
use crate::v8::members::objects_of;
use crate::v8::sites::Kind;
use crate::v8::sites::most_frequent;
use crate::verdict::{MANY_KEPT, certainty, severity};

/// Looks at every growing array of listeners. Those whose functions cannot be told are given back:
/// they are collections like any other.
pub(crate) fn find(
    e: &Evidence,
    growing: Vec<(GrowingCollection, Registration)>,
) -> (Vec<Leak>, Vec<GrowingCollection>) {
    let mut suspects = Vec::new();
    let mut others = Vec::new();
    for (list, registration) in growing {
        match suspect(e, &list, &registration) {
            Some(suspect) => suspects.push(suspect),
            None if most_frequent(e.heap, &registration.functions).is_none() => others.push(list),
            // Node's own.
            None => {}
        }
    }
    (suspects, others)
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

fn suspect(e: &Evidence, array: &GrowingCollection, at: &Registration) -> Option<Leak> {
    let (site, closures) = most_frequent(e.heap, &at.functions)?;
    // Node's own listeners are its own business, but for those of what the program made and forgot.
    let is_nodes = e.locator.origin(site.location) == Origin::Builtin;
    if is_nodes && !are_of_interfaces(e, &closures) {
        return None;
    }
    let listening = if at.objects.is_empty() { &closures } else { &at.objects };
    let listener = e.locator.site(site);
    let emitter = blame_for(e, at.emitter);
    let emitter_name = match &emitter {
        Some(Blame { owner, holder, .. }) => name_of(e, owner, holder.as_ref()),
        None => e.heap.name(at.emitter).into_owned(),
    };
    let holder = emitter.as_ref().and_then(|blame| blame.holder.as_ref());
    let kept = kept_by(e, listening, &[Kind::Instance]);
    let retained = e.heap.retained_size(array.node).max(e.retained_by(listening));

    // `bus.on("tick", …)` in the file of the listener, else in the file of the emitter.
    let mut statements =
        holder.map(|h| Statements::about(e.locator, h, at.event.as_deref())).unwrap_or_default();
    let call = listener
        .as_ref()
        .and_then(|spot| Some((spot.clone(), registering(spot, at.event.as_deref())?)));
    let is_event_made = call.as_ref().is_some_and(|(_, call)| call.first_string.is_none());
    let registered: Option<(Spot, Statement)> = call
        .map(|(spot, call)| (spot, call.into()))
        .or_else(|| {
            Some((holder?.spot.clone(), statements.adds.first()?.clone())).filter(|_| !is_nodes)
        })
        .or_else(|| of_interface(e).filter(|_| is_nodes));
    statements.adds = registered.iter().map(|(_, add)| add.clone()).collect();
    // A bundler's own names say nothing: what is written there is the name.
    let is_bundlers = holder.is_none() || emitter_name.starts_with("__webpack_");
    let written = registered.as_ref().filter(|(spot, _)| is_bundlers && spot.generated.is_some());
    let emitter_name = written.and_then(|(_, add)| receiver(&add.written)).unwrap_or(emitter_name);

    let count = array.counts.last().copied().unwrap_or(0);
    let named = listener.as_ref().filter(|spot| spot.is_named());
    let on = at.event.as_ref().map_or(String::new(), |event| format!(" for \"{event}\""));
    // A list by itself is what has them.
    let at_list = if at.emitter == array.node { "in" } else { "on" };
    let title = title(array, named, &format!("{at_list} `{emitter_name}`"), &on);
    let each = match kept.as_ref().and_then(|kept| kept.name(e)) {
        Some(class) => format!("; each keeps a `{class}` alive ({} in all)", size(retained)),
        None => format!(" ({} in all)", size(retained)),
    };
    let interfaces = if is_nodes { NOT_CLOSED } else { "" };
    let added = match registered.as_ref().map(|(_, add)| (&add.in_function, add.at())) {
        Some((Some(function), line)) => format!(" Added in `{function}` ({line})."),
        Some((None, line)) => format!(" Added in {line}."),
        None => String::new(),
    };
    let removed = match &statements.removes[..] {
        [] if holder.is_some() => match &at.event {
            Some(event) => format!(" Nothing removes a listener of \"{event}\"."),
            None => " Nothing removes one.".to_owned(),
        },
        [remove, ..] => format!(" What {} removes is not enough.", remove.at()),
        [] => String::new(),
    };
    let combined = if at.combined.is_empty() {
        ""
    } else {
        " They listen to signals that `AbortSignal.any` made of it: such a signal lives as long as \
         somebody listens to it, or until it is aborted."
    };
    let ask = match array.seen {
        Trend::Once => {
            " One snapshot cannot tell whether they pile up: capture a second one to know."
        }
        Trend::Growing { .. } | Trend::Kept { .. } => "",
    };

    let mut places: Vec<Place> = Vec::new();
    if let Some((spot, add)) = &registered {
        let label = format!("adds a listener each time: {} now", number(count));
        places.push(place_of(spot, add, label, String::new()));
    }
    let here = places.first().map_or(String::new(), |p| format!(" (added at {})", line_of(p)));
    if let Some(holder) = holder {
        let label = format!("has {} listeners{on}", number(count));
        let message = format!("`{emitter_name}` {label}{here}; nothing removes them.");
        places.push(place(Role::Holder, &holder.spot, label, message));
    }
    if let Some(spot) = &listener {
        let label = format!("{} of these listeners are alive", number(closures.len() as u64));
        let message = format!("{label}, kept by `{emitter_name}`{here}.");
        places.push(place(Role::Leaked, spot, label, message));
    }
    if let Some(list) = &at.list {
        let label = format!("holds {} listeners", number(count));
        let message = format!("`{}` {label} of `{emitter_name}`{here}.", list.spot.name);
        places.push(place(Role::Holder, &list.spot, label, message));
    }
    places.extend(handed_over(e, listener.as_ref(), &closures, &here, &places));
    if let Some(user) = emitter
        .as_ref()
        .and_then(|blame| blame.telling_user(places.iter().map(|it| it.file.as_path())))
    {
        let listeners = plural(count, "listener", "listeners");
        let label = format!("reaches an emitter with {} {listeners}", number(count));
        let message = format!("`{}` {label}{on}{here}.", user.spot.name);
        places.push(place(Role::User, &user.spot, label, message));
    }
    let mut edges = emitter.as_ref().map(|blame| blame.owner.edges.clone()).unwrap_or_default();
    let first_member = e.heap.members(array.node).iter().find_map(|m| objects_of(m).next());
    edges.extend(below_emitter(e, at.emitter, array.node));
    edges.extend(first_member.and_then(|member| e.heap.edges(array.node).find(|x| x.to == member)));
    let leaked_name = listener.as_ref().map_or_else(String::new, |spot| spot.name.clone());
    let file = listener.as_ref().map_or_else(String::new, |s| e.locator.relative(s.path()));
    // An event that gets its name at run time may be another one in the next run.
    let event = at.event.as_deref().filter(|_| !is_event_made);
    let event = event.map(without_data).unwrap_or_default();
    let finding = Finding {
        rule: Rule::GrowingListeners,
        severity: loudness(e, array.seen, &statements),
        certainty: certainty(e, array.seen, &statements),
        fingerprint: fingerprint(
            Rule::GrowingListeners,
            &[&file, &leaked_name, &emitter_name, &event],
        ),
        message: format!("{title}{each}.{interfaces}{added}{removed}{combined}{ask}"),
        title,
        help: at.help(is_nodes),
        counts: array.counts.clone(),
        shallow_size: closures.iter().map(|&closure| e.heap.self_size(closure)).sum(),
        retained_size: retained,
        growth: 0,
        places,
        outside: e.locator.outside(site.location).into_iter().collect(),
        path: retaining_path::hops(e, &edges),
        path_text: retaining_path::in_words(
            e,
            holder,
            &edges,
            listener.as_ref().map_or("", Spot::short_name),
        ),
    };
    let of = Some(at.emitter);
    let mut accumulators = vec![array.node];
    accumulators.extend(&at.combined);
    let members = if at.objects.is_empty() { closures } else { at.objects.clone() };
    Some(Leak::worded(finding, accumulators, members, of))
}

const NOT_CLOSED: &str = " They are those of `readline` interfaces that were not closed.";

/// Whether listeners of Node's are those by which interfaces of `readline` read their input.
fn are_of_interfaces(e: &Evidence, closures: &[NodeOrdinal]) -> bool {
    let interface = |closure: &NodeOrdinal| {
        let scope = e.heap.child(*closure, EdgeType::Internal, "context")?;
        e.heap.child(scope, EdgeType::Context, "onkeypress")?;
        let interface = e.heap.child(scope, EdgeType::Context, "self")?;
        (e.heap.name(interface) == "Interface").then_some(interface)
    };
    let interfaces: FxHashSet<_> = closures.iter().filter_map(interface).collect();
    !closures.is_empty() && interfaces.len() == closures.len()
}

/// The call that makes them, if there is one in the user's own code.
fn of_interface(e: &Evidence) -> Option<(Spot, Statement)> {
    let mut calls = e.locator.own_calls("createInterface").into_iter();
    let (spot, call) = calls.next().filter(|_| calls.next().is_none())?;
    Some((spot, call.into()))
}

/// Where the user's own function is handed over that is called in the end, if the listener itself is
/// one that a dependency wraps around it; and that function.
fn handed_over(
    e: &Evidence,
    listener: Option<&Spot>,
    closures: &[NodeOrdinal],
    here: &str,
    known: &[Place],
) -> Vec<Place> {
    let own = kept_by(e, closures, &[Kind::Closure]).and_then(|kept| e.locator.site(kept.site));
    let Some(spot) = own.as_ref().or(listener) else { return Vec::new() };
    let message = format!("Is called by a listener that nobody removes{here}.");
    let inner = place(Role::Leaked, spot, "is called in the end".to_owned(), message);
    let call = spot.file.handed_over(spot.range).map(|call| {
        let message = format!("Hands over a function that a listener calls{here}.");
        place_of(spot, &call.into(), "hands it over".to_owned(), message)
    });
    let is_new = |place: &Place| {
        !known.iter().any(|known| known.file == place.file && known.range == place.range)
    };
    [Some(inner), call].into_iter().flatten().filter(is_new).collect()
}

/// Nobody needs a hundred listeners with one function on one emitter, whatever else removes some.
fn loudness(e: &Evidence, seen: Trend, statements: &Statements) -> Severity {
    match (severity(e, seen, statements), seen) {
        (Severity::Information, Trend::Kept { gained, .. }) if gained >= MANY_KEPT => {
            Severity::Warning
        }
        (severity, _) => severity,
    }
}

/// `emitter` is ``on `bus` ``, `on` is ` for "tick"`, or nothing.
fn title(array: &GrowingCollection, named: Option<&Spot>, emitter: &str, on: &str) -> String {
    let listeners = named.map_or_else(String::new, |spot| format!("`{}` ", spot.short_name()));
    match array.seen {
        Trend::Growing { .. } | Trend::Kept { .. } => {
            format!("{listeners}listeners{on} pile up {emitter}: {}", series(&array.counts))
        }
        Trend::Once => {
            let count = number(array.counts.last().copied().unwrap_or(0));
            format!("{count} {listeners}listeners{on} are registered {emitter}")
        }
    }
}

/// The call that registers the function at `spot` for `event`.
fn registering(spot: &Spot, event: Option<&str>) -> Option<Call> {
    spot.file.calls(&REGISTER).into_iter().find(|call| {
        let named = call.first_string.as_deref();
        named.is_none_or(|named| event.is_none_or(|event| event == named)) && hands_over(call, spot)
    })
}

/// What a method is called on, if that has a name: of `bus.on`, `bus`.
fn receiver(callee: &str) -> Option<String> {
    let (receiver, _) = callee.rsplit_once('.')?;
    (is_plain_name(receiver) && receiver != "this").then(|| receiver.to_owned())
}

fn below_emitter(
    e: &Evidence,
    emitter: NodeOrdinal,
    array: NodeOrdinal,
) -> Vec<heapmark_heap::Edge> {
    for events in e.heap.edges(emitter).filter(|edge| edge.edge_type == EdgeType::Property) {
        if let Some(edge) = e.heap.edges(events.to).find(|edge| edge.to == array) {
            return vec![events, edge];
        }
    }
    e.heap.edges(emitter).find(|edge| edge.to == array).into_iter().collect()
}

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
            let (suspects, _) = find(e, lists.collect());
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
