//! pending-promises, seen from the promise: functions that are handed to `then` of a promise that
//! lives long and does not settle. A reaction cannot be taken back, so each keeps what it captured.
//!
//! Calls of async functions that wait are seen from the other side, in [`crate::rules::leaking_instances`].

mod combining;

use heapmark_heap::{EdgeType, NodeOrdinal, NodeType};

use crate::blame::access_path::name_of;
use crate::blame::async_context::KeptStores;
use crate::blame::holding::{Blame, blame_for};
use crate::blame::payload::kept_by;
use crate::blame::retaining_path;
use crate::evidence::Evidence;
use crate::locate::handing_over::hands_over;
use crate::locate::statements::{Statement, Statements};
use crate::locate::{Origin, Spot};
use crate::report::fingerprint::fingerprint;
use crate::report::{Role, Rule};
use crate::rules::leak::{At, Leak};
use crate::rules::pending_promises::combining::Combining;
use crate::rules::scene::Scene;
use crate::v8::promise_reactions::reactions;
use crate::v8::sites::{Kind, most_frequent};
use crate::verdict::What;
use crate::verdict::thresholds::pending_promises::MIN_IN_ONE;
use crate::verdict::trend::Trend;

pub(crate) const RULE: Rule =
    Rule::new("pending-promises", "Promises that never settle, with what waits for them");

/// Methods that leave a reaction.
const THEN: [&str; 3] = ["then", "catch", "finally"];

/// What stands in a fingerprint for the name of a promise that has none. It is never shown, and has to stay as
/// it is, because accepted leaks are known by it.
const NAMELESS: &str = "a promise";

/// Every promise on which reactions pile up.
pub(crate) fn find(scene: &mut Scene) -> Vec<Leak> {
    let e = scene.e;
    let newest = e.newest_census();
    let waiting =
        e.heap.nodes().filter(|&node| newest.reactions.contains_key(&e.heap.node_id(node)));
    let leaks = waiting.filter_map(|promise| {
        let id = e.heap.node_id(promise);
        let (counts, trend) = match e.snapshots() {
            1 if newest.reactions[&id] < MIN_IN_ONE => return None,
            1 => (vec![newest.reactions[&id]], Trend::Once),
            _ => e.series(id, |census| &census.reactions)?,
        };
        leak(e, promise, counts, trend)
    });
    leaks.collect()
}

/// Reactions that pile up on one promise.
pub(crate) struct PiledUpReactions {
    pub(crate) trend: Trend,
    /// How code reaches the promise, if it does.
    pub(crate) promise: Option<String>,
    /// The function that was handed to `then`, if it has a name.
    pub(crate) handler: Option<String>,
    /// They are functions of V8's own: `Promise.race` and its like left them.
    pub(crate) are_of_combined: bool,
    /// The class of which each keeps an instance alive.
    pub(crate) keeps: Option<String>,
    /// Bytes.
    pub(crate) retained: u64,
    /// What adds them.
    pub(crate) added: Option<Statement>,
    /// What they keep of the context in which they were added.
    pub(crate) stores: Option<KeptStores>,
    pub(crate) places: Vec<At<ReactionPlace>>,
}

/// What stands at a place of [`PiledUpReactions`].
#[derive(Clone, Copy)]
pub(crate) enum ReactionPlace {
    /// The statement that adds them. Only the first place is one.
    Adds,
    /// The declaration that holds the promise.
    Promise,
    /// A call of `Promise.race` or its like.
    Combines,
    /// The function that was handed to `then`, and how many of it wait.
    Handler(u64),
    /// The user's own declaration that leads to the promise.
    User,
    /// The class of the stores that they keep, and how many of these are alive.
    Stores(u64),
}

/// Looks at the reactions to one promise.
fn leak(e: &Evidence, promise: NodeOrdinal, counts: Vec<u64>, trend: Trend) -> Option<Leak> {
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
    let holder = blame.as_ref().and_then(|blame| blame.holder.as_ref());
    let name = blame.as_ref().map(|Blame { owner, holder, .. }| name_of(e, owner, holder.as_ref()));
    let combined = holder.filter(|_| site.is_none()).zip(name.as_ref());
    let combined = combined.map(|(holder, name)| Combining::of(e, holder, name));
    let Combining { adds: combines, may_add } = combined.unwrap_or_default();
    let adding = handler.as_ref().and_then(|it| Some((it.clone(), added_by(it)?))).or(combines);
    let added = adding.as_ref().map(|(_, statement)| statement.clone());
    let statements = Statements { adds: added.iter().cloned().collect(), ..Statements::default() };
    let edges = blame.as_ref().map(|blame| blame.owner.edges.clone()).unwrap_or_default();
    let file = handler.as_ref().map_or_else(String::new, |spot| e.locator.relative(spot.path()));
    let leaked = handler.as_ref().map_or("", |spot| spot.name.as_str());
    let known_as = name.as_ref().map_or_else(|| NAMELESS.to_owned(), |it| format!("`{it}`"));
    let retained = e.retained_by(&closures);
    let stores = KeptStores::of(e, &reactions(e.heap, promise));
    let waiting = closures.len() as u64;
    let mut places = places(handler.as_ref(), adding.as_ref(), blame.as_ref(), &may_add, waiting);
    if let Some((class, alive)) = stores.as_ref().and_then(|stores| stores.class.as_ref()) {
        places.push(At::name_of(Role::Leaked, class, ReactionPlace::Stores(*alive)));
    }
    let facts = PiledUpReactions {
        trend,
        promise: name,
        handler: handler.as_ref().filter(|it| it.is_named()).map(|it| it.short_name().to_owned()),
        are_of_combined: site.is_none(),
        keeps: kept_by(e, &closures, &[Kind::Instance]).and_then(|kept| kept.name(e)),
        retained,
        added,
        stores,
        places,
    };
    Some(Leak {
        shallow_size: closures.iter().map(|&closure| e.heap.self_size(closure)).sum(),
        retained_size: retained,
        outside: site.and_then(|site| e.locator.outside(site.location)).into_iter().collect(),
        path: retaining_path::hops(e, &edges),
        steps: retaining_path::steps(e, holder, &edges, leaked),
        accumulators: vec![promise],
        members: closures,
        ..Leak::new(
            RULE,
            statements.features(What::Waiting, trend),
            fingerprint(RULE, &[&file, leaked, &known_as]),
            counts,
            facts,
        )
    })
}

/// The call of `then` or its like, in the file of a function, that is given the function.
fn added_by(handler: &Spot) -> Option<Statement> {
    let calls = handler.file.calls(&THEN).into_iter();
    calls.filter(|call| hands_over(call, handler)).map(Statement::from).next()
}

/// Where it happens; `combined` are the calls of `Promise.race` and its like that may add one, `waiting` are the
/// reactions with the handler, if there is one.
fn places(
    handler: Option<&Spot>,
    adding: Option<&(Spot, Statement)>,
    blame: Option<&Blame>,
    combined: &[(Spot, Statement)],
    waiting: u64,
) -> Vec<At<ReactionPlace>> {
    let mut places: Vec<At<ReactionPlace>> = Vec::new();
    if let Some((spot, added)) = adding {
        places.push(At::statement(spot, added, ReactionPlace::Adds));
    }
    if let Some(holder) = blame.and_then(|blame| blame.holder.as_ref()) {
        places.push(At::name_of(Role::Holder, &holder.spot, ReactionPlace::Promise));
    }
    places
        .extend(combined.iter().map(|(spot, it)| At::statement(spot, it, ReactionPlace::Combines)));
    if let Some(spot) = handler {
        places.push(At::name_of(Role::Leaked, spot, ReactionPlace::Handler(waiting)));
    }
    if let Some(user) = blame.and_then(|blame| blame.user.as_ref()) {
        places.push(At::name_of(Role::User, &user.spot, ReactionPlace::User));
    }
    places
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

#[cfg(test)]
mod drawn_tests;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{self, Ran};

    /// Where reactions are added to the promise that `lifecycle.js` exports, of a program with this file beside it.
    fn added(consumer: &str) -> String {
        let lifecycle = "const stopped = new Promise(() => {});\nmodule.exports = { stopped };";
        let ran = Ran::modules(&[("main.js", consumer), ("lifecycle.js", lifecycle)]);
        ran.ask(|e| {
            let waiting = &e.newest_census().reactions;
            let is_it = |&node: &NodeOrdinal| waiting.get(&e.heap.node_id(node)) == Some(&100);
            let promise = e.heap.nodes().find(is_it).expect("a hundred wait for it");
            let leak = leak(e, promise, vec![100], Trend::Once);
            testing::told(&leak.expect("a leak")).message
        })
    }

    #[test]
    fn the_only_race_with_a_promise_of_another_file_is_what_adds() {
        for (import, named) in [
            ("const { stopped } = require('./lifecycle.js');", "stopped"),
            ("const { stopped: done } = require('./lifecycle.js');", "done"),
            ("const lifecycle = require('./lifecycle.js');", "lifecycle.stopped"),
        ] {
            let consumer = format!(
                "{import}
function poll() {{ return Promise.race([null, {named}]); }}
function other(stopped) {{ return Promise.race([stopped, null]); }}
for (let n = 0; n < 100; n++) poll();
globalThis.main = () => [poll, other];"
            );
            let message = added(&consumer);
            assert!(message.contains("Added in `poll` (line 2)"), "{named}: {message}");
        }
    }
}
