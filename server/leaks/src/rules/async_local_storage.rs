//! async-local-storage: instances of `AsyncLocalStorage` that are made again and again. Before Node 24
//! Node keeps a list of all that were used, until they are disabled.
//!
//! The stores that timers and promises keep alive are told with these ([`crate::blame::async_context`]).

use std::sync::Arc;

use heapmark_heap::{NodeOrdinal, ScriptId};
use rustc_hash::FxHashSet;

use crate::blame::async_context::storages;
use crate::blame::holding::blame_for;
use crate::blame::retaining_path::{NodeKeeps, Step};
use crate::evidence::Evidence;
use crate::locate::statements::{MAX_SHOWN, Statement, Statements};
use crate::locate::{Origin, Spot};
use crate::report::Rule;
use crate::report::fingerprint::fingerprint;
use crate::rules::leak::{At, Leak};
use crate::rules::scene::Scene;
use crate::v8::sites::{Kind, SiteKey};
use crate::verdict::What;
use crate::verdict::thresholds::async_local_storage::MIN_IN_ONE;
use crate::verdict::thresholds::is_most;
use crate::verdict::trend::{Trend, seen};

pub(crate) const RULE: Rule = Rule::new(
    "async-local-storage",
    "Instances of `AsyncLocalStorage` that are made again and again",
);

/// A budget: so many of them, spread over all, are asked whether the user's own code holds them, a climb each.
const ASKED: usize = 20;

/// The pile of them, if there is one that only Node holds.
pub(crate) fn find(scene: &mut Scene) -> Vec<Leak> {
    pile(scene.e).into_iter().collect()
}

fn pile(e: &Evidence) -> Option<Leak> {
    let nodes = storages(e);
    let location = e.heap.location(*nodes.first()?)?;
    let counts = e.site_series(SiteKey { kind: Kind::Instance, location });
    let trend = match e.snapshots() {
        1 if (nodes.len() as u64) < MIN_IN_ONE => return None,
        1 => Trend::Once,
        _ => seen(&counts)?,
    };
    // What the user's own code holds is a collection like any other.
    let stride = nodes.len().div_ceil(ASKED).max(1);
    let asked: Vec<&NodeOrdinal> = nodes.iter().step_by(stride).collect();
    let is_held =
        |node: &&&NodeOrdinal| blame_for(e, ***node).is_some_and(|it| it.holder.is_some());
    let held = asked.iter().filter(is_held).count();
    if is_most(held as u64, asked.len() as u64) {
        return None;
    }
    let made = made_in(e);
    let adds = made.iter().map(|(_, made)| made.clone()).collect();
    let statements = Statements { adds, ..Statements::default() };
    let retained = e.retained_by(&nodes);
    let file = made.first().map_or_else(String::new, |(spot, _)| e.locator.relative(spot.path()));
    let function = made.first().and_then(|(_, made)| made.in_function.clone()).unwrap_or_default();
    let shown = made.iter().take(MAX_SHOWN);
    let facts = PiledUpStorages {
        trend,
        retained,
        places: shown.map(|(spot, made)| At::statement(spot, made, StoragePlace::Makes)).collect(),
        made: made.into_iter().map(|(_, made)| made).next(),
    };
    let features = statements.features(What::Other, trend);
    let key = fingerprint(RULE, &[&file, &function]);
    Some(Leak {
        shallow_size: nodes.iter().map(|&node| e.heap.self_size(node)).sum(),
        retained_size: retained,
        steps: vec![
            Step::Node(NodeKeeps::Storages),
            Step::Element,
            Step::named("AsyncLocalStorage"),
        ],
        accumulators: nodes,
        ..Leak::new(RULE, features, key, counts, facts)
    })
}

/// Instances of `AsyncLocalStorage` that pile up.
pub(crate) struct PiledUpStorages {
    pub(crate) trend: Trend,
    /// Bytes.
    pub(crate) retained: u64,
    /// The first statement that makes them.
    pub(crate) made: Option<Statement>,
    pub(crate) places: Vec<At<StoragePlace>>,
}

/// What stands at a place of [`PiledUpStorages`].
#[derive(Clone, Copy)]
pub(crate) enum StoragePlace {
    /// A statement that makes one each time.
    Makes,
}

/// The statements in functions of the user's that make one; what a module makes when it is loaded is made
/// once.
fn made_in(e: &Evidence) -> Vec<(Spot, Statement)> {
    let mut made: Vec<(Spot, Statement)> = Vec::new();
    for spot in own_files(e) {
        let calls = spot.file.calls(&["AsyncLocalStorage"]).into_iter();
        let calls = calls.filter(|call| call.in_function.is_some());
        made.extend(calls.map(|call| (spot.clone(), call.into())));
    }
    made
}

/// A place in each file of the user's of which something lives.
fn own_files(e: &Evidence) -> Vec<Spot> {
    let mut scripts: FxHashSet<ScriptId> = FxHashSet::default();
    let mut files: Vec<Spot> = Vec::new();
    for &(node, location) in e.heap.locations() {
        if scripts.contains(&location.script) || e.locator.origin(location) != Origin::Own {
            continue;
        }
        let Some(spot) = e.locator.node(node) else { continue };
        // A bundle is one script of many files; any place of it leads to only one of them.
        scripts.insert(location.script);
        let is_known = |known: &Spot| Arc::ptr_eq(&known.file, &spot.file);
        if !files.iter().any(is_known) {
            files.push(spot);
        }
    }
    files.sort_by(|one, two| one.path().cmp(two.path()));
    files
}

#[cfg(test)]
mod drawn_tests;
