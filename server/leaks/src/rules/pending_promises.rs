//! pending-promises, seen from the promise: functions that are handed to `then` of a promise that
//! lives long and does not settle. A reaction cannot be taken back, so each keeps what it captured.
//!
//! Calls of async functions that wait are seen from the other side, in [`crate::rules::leaking_instances`].

use heapmark_heap::{EdgeType, NodeOrdinal, NodeType};

use crate::blame::access_path::name_of;
use crate::blame::async_context::KeptStores;
use crate::blame::holding::{Blame, blame_for};
use crate::blame::payload::kept_by;
use crate::blame::retaining_path;
use crate::census::trend::Trend;
use crate::evidence::Evidence;
use crate::locate::places::{hands_over, place, place_of};
use crate::locate::statements::{Statement, Statements};
use crate::locate::{Origin, Spot};
use crate::report::fingerprint::fingerprint;
use crate::report::place_words::line_of;
use crate::report::units::{number, series, size};
use crate::report::{Place, Role, Rule};
use crate::rules::leak::Leak;
use crate::rules::worded::Finding;
use crate::v8::promise_reactions::reactions;
use crate::v8::sites::Kind;
use crate::verdict::{certainty, severity};

use crate::v8::sites::most_frequent;

/// In one snapshot: fewer reactions to one promise are no pile.
const MIN_IN_ONE: u64 = 100;
/// Methods that leave a reaction at each of several promises.
const COMBINE: [&str; 4] = ["race", "all", "any", "allSettled"];
/// At most this many calls of them are shown.
const MAX_CALLS: usize = 3;
/// Methods that leave a reaction.
const THEN: [&str; 3] = ["then", "catch", "finally"];

/// Every promise on which reactions pile up.
pub(crate) fn find(e: &Evidence) -> Vec<Leak> {
    let newest = e.newest_census();
    let waiting =
        e.heap.nodes().filter(|&node| newest.reactions.contains_key(&e.heap.node_id(node)));
    let suspects = waiting.filter_map(|promise| {
        let id = e.heap.node_id(promise);
        let (counts, seen) = match e.snapshots() {
            1 if newest.reactions[&id] < MIN_IN_ONE => return None,
            1 => (vec![newest.reactions[&id]], Trend::Once),
            _ => e.series(id, |census| &census.reactions)?,
        };
        suspect(e, promise, counts, seen)
    });
    suspects.collect()
}

fn suspect(e: &Evidence, promise: NodeOrdinal, counts: Vec<u64>, seen: Trend) -> Option<Leak> {
    let handlers = handlers(e, promise);
    let of_person = most_frequent(e.heap, &handlers).filter(|(site, _)| {
        matches!(e.locator.origin(site.location), Origin::Own | Origin::Dependency)
    });
    let blame = blame_for(e, promise);
    let (site, closures) = match of_person {
        Some((site, closures)) => (Some(site), closures),
        // `Promise.race` and its like leave functions of V8's own.
        None if !awaits(e, &handlers) && blame.as_ref()?.holder.is_some() => (None, handlers),
        None => return None,
    };
    let handler = site.and_then(|site| e.locator.site(site));
    let name = blame.as_ref().map(|Blame { owner, holder, .. }| name_of(e, owner, holder.as_ref()));
    let name = name.map_or_else(|| "a promise".to_owned(), |name| format!("`{name}`"));
    let retained = e.retained_by(&closures);
    let count = counts.last().copied().unwrap_or(0);
    let added: Option<Statement> = handler
        .as_ref()
        .and_then(|spot| {
            let calls = spot.file.calls(&THEN).into_iter();
            calls.map(|call| (hands_over(&call, spot), call)).find(|(is_it, _)| *is_it)
        })
        .map(|(_, call)| call.into());
    let combined =
        blame.as_ref().and_then(|blame| blame.holder.as_ref()).filter(|_| site.is_none());
    let combined: Vec<(Spot, Statement)> = combined.map_or_else(Vec::new, |holder| {
        let calls = holder.spot.file.calls(&COMBINE).into_iter();
        calls.take(MAX_CALLS).map(|call| (holder.spot.clone(), call.into())).collect()
    });
    let statements = Statements { adds: added.iter().cloned().collect(), ..Statements::default() };
    let who = handler.as_ref().filter(|spot| spot.is_named()).map(Spot::short_name);
    let title = match (seen, who) {
        (Trend::Once, _) => format!("{} reactions wait for {name} to settle", number(count)),
        (_, Some(who)) => {
            format!("`{who}` reactions to {name} pile up: {} are waiting", series(&counts))
        }
        (_, None) => format!("reactions to {name} pile up: {} are waiting", series(&counts)),
    };
    let each = match kept_by(e, &closures, &[Kind::Instance]).and_then(|kept| kept.name(e)) {
        Some(class) => format!("; each keeps a `{class}` alive ({} in all)", size(retained)),
        None => format!(" ({} in all)", size(retained)),
    };
    let added_in = match added.as_ref().map(|added| (&added.in_function, added.at())) {
        Some((Some(function), line)) => format!(" Added in `{function}` ({line})."),
        Some((None, line)) => format!(" Added in {line}."),
        None => String::new(),
    };
    let reason = if site.is_some() {
        " The promise does not settle, and what `then` was given cannot be taken back."
    } else {
        " The promise does not settle, and each `Promise.race` (or `all`, or `any`) with it leaves a \
         reaction there, which keeps the result of the race."
    };

    let mut places: Vec<Place> = Vec::new();
    if let (Some(spot), Some(added)) = (&handler, &added) {
        let label = format!("adds one each time: {} are waiting", number(count));
        places.push(place_of(spot, added, label, String::new()));
    }
    let here = places.first().map_or(String::new(), |p| format!(" (added at {})", line_of(p)));
    let holder = blame.as_ref().and_then(|blame| blame.holder.as_ref());
    if let Some(holder) = holder {
        let label = format!("does not settle; {} reactions wait for it", number(count));
        let message = format!("{name} {label}{here}.");
        places.push(place(Role::Holder, &holder.spot, label, message));
    }
    for (spot, call) in &combined {
        let message = format!("May leave a reaction at {name} each time{here}.");
        places.push(place_of(spot, call, "may add one each time".to_owned(), message));
    }
    if let Some(spot) = &handler {
        let label = format!("{} of these wait", number(closures.len() as u64));
        let message = format!("{label} for {name} to settle{here}.");
        places.push(place(Role::Leaked, spot, label, message));
    }
    if let Some(user) = blame.as_ref().and_then(|blame| blame.user.as_ref()) {
        let label = format!("reaches a promise with {} reactions", number(count));
        let message = format!("`{}` {label}{here}.", user.spot.name);
        places.push(place(Role::User, &user.spot, label, message));
    }
    let stores = KeptStores::of(e, &reactions(e.heap, promise));
    let context = stores.as_ref().map_or_else(String::new, KeptStores::sentence);
    let message = format!("{title}{each}.{added_in}{reason}{context}");
    places.extend(stores.and_then(|stores| stores.place(places.first())));
    let edges = blame.as_ref().map(|blame| blame.owner.edges.clone()).unwrap_or_default();
    let file = handler.as_ref().map_or_else(String::new, |spot| e.locator.relative(spot.path()));
    let leaked = handler.as_ref().map_or("", |spot| spot.name.as_str());
    let finding = Finding {
        rule: Rule::PendingPromises,
        severity: severity(e, seen, &statements),
        certainty: certainty(e, seen, &statements),
        fingerprint: fingerprint(Rule::PendingPromises, &[&file, leaked, &name]),
        message,
        title,
        help:
            "settle the promise, or wait for it only once and let the others register where they \
               can be taken out again"
                .to_owned(),
        shallow_size: closures.iter().map(|&closure| e.heap.self_size(closure)).sum(),
        retained_size: retained,
        growth: 0,
        counts,
        places,
        outside: site.and_then(|site| e.locator.outside(site.location)).into_iter().collect(),
        path: retaining_path::hops(e, &edges),
        path_text: retaining_path::in_words(e, holder, &edges, leaked),
    };
    Some(Leak::worded(finding, vec![promise], closures, None))
}

/// Whether calls of async functions wait: those are seen by [`crate::rules::leaking_instances`].
fn awaits(e: &Evidence, handlers: &[NodeOrdinal]) -> bool {
    handlers.iter().any(|&handler| {
        let scope = e.heap.child(handler, EdgeType::Internal, "context");
        let frame = scope.and_then(|scope| e.heap.child(scope, EdgeType::Internal, "extension"));
        frame.is_some_and(|frame| e.shapes.is_frame(frame))
    })
}

/// The functions that a person handed to `then` of the promise.
fn handlers(e: &Evidence, promise: NodeOrdinal) -> Vec<NodeOrdinal> {
    let reactions = reactions(e.heap, promise);
    let closures = reactions
        .iter()
        .flat_map(|&reaction| e.heap.edges(reaction))
        .filter(|edge| e.heap.node_type(edge.to) == NodeType::Closure);
    closures.map(|edge| e.shapes.function_behind(edge.to)).collect()
}
