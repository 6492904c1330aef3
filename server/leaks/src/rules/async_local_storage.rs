//! async-local-storage: instances of `AsyncLocalStorage` that are made again and again. Before Node 24
//! Node keeps a list of all that were used, until they are disabled.
//!
//! The stores that timers and promises keep alive are told with these ([`crate::blame::async_context`]).

use std::sync::Arc;

use heapmark_heap::{NodeOrdinal, ScriptId};
use rustc_hash::FxHashSet;

use crate::blame::async_context::storages;
use crate::blame::holding::blame_for;
use crate::census::trend::{Trend, seen};
use crate::evidence::Evidence;
use crate::locate::places::place_of;
use crate::locate::statements::MAX_SHOWN;
use crate::locate::statements::{Statement, Statements};
use crate::locate::{Origin, Spot};
use crate::report::fingerprint::fingerprint;
use crate::report::units::{number, series, size};
use crate::report::{Place, Rule};
use crate::rules::leak::Leak;
use crate::rules::worded::Finding;
use crate::v8::sites::{Kind, SiteKey};
use crate::verdict::{certainty, severity};

/// In one snapshot: fewer are no pile.
const MIN_IN_ONE: u64 = 20;
/// How many of them are asked whether the user's own code holds them.
const ASKED: usize = 20;
/// The pile of them, if there is one that only Node holds.
pub(crate) fn find(e: &Evidence) -> Option<Leak> {
    let nodes = storages(e);
    let location = e.heap.location(*nodes.first()?)?;
    let counts = e.site_series(SiteKey { kind: Kind::Instance, location });
    let seen = match e.snapshots() {
        1 if (nodes.len() as u64) < MIN_IN_ONE => return None,
        1 => Trend::Once,
        _ => seen(&counts)?,
    };
    // What the user's own code holds is a collection like any other.
    let stride = nodes.len().div_ceil(ASKED).max(1);
    let asked: Vec<&NodeOrdinal> = nodes.iter().step_by(stride).collect();
    let is_held =
        |node: &&&NodeOrdinal| blame_for(e, ***node).is_some_and(|it| it.holder.is_some());
    if 2 * asked.iter().filter(is_held).count() > asked.len() {
        return None;
    }
    let made = made_in(e);
    let adds = made.iter().map(|(_, made)| made.clone()).collect();
    let statements = Statements { adds, ..Statements::default() };
    let retained = e.retained_by(&nodes);
    let count = counts.last().copied().unwrap_or(0);
    let title = match seen {
        Trend::Once => format!("{} instances of `AsyncLocalStorage` are in use", number(count)),
        _ => format!("instances of `AsyncLocalStorage` pile up: {}", series(&counts)),
    };
    let made_at = match &made[..] {
        [] => String::new(),
        [(_, one), ..] => match &one.in_function {
            Some(function) => format!(" Made in `{function}` ({}).", one.at()),
            None => format!(" Made in {}.", one.at()),
        },
    };
    let said = title.replacen("instances", "Instances", usize::from(seen != Trend::Once));
    let places: Vec<Place> = made
        .iter()
        .take(MAX_SHOWN)
        .map(|(spot, made)| {
            let label = format!("makes one each time: {} are in use", number(count));
            let message =
                format!("Makes an AsyncLocalStorage each time; {} are in use.", number(count));
            place_of(spot, made, label, message)
        })
        .collect();
    let file = made.first().map_or_else(String::new, |(spot, _)| e.locator.relative(spot.path()));
    let function = made.first().and_then(|(_, made)| made.in_function.clone()).unwrap_or_default();
    let finding = Finding {
        rule: Rule::AsyncLocalStorage,
        severity: severity(e, seen, &statements),
        certainty: certainty(e, seen, &statements),
        fingerprint: fingerprint(Rule::AsyncLocalStorage, &[&file, &function]),
        message: format!(
            "{said} ({} in all).{made_at} Node keeps each one that was used until it is disabled, and asks \
             all of them whenever a promise or timer is made.",
            size(retained)
        ),
        title,
        help: "make one AsyncLocalStorage outside the function and `run` every request in it, or call \
               `disable()` when one is done with"
            .to_owned(),
        counts,
        shallow_size: nodes.iter().map(|&node| e.heap.self_size(node)).sum(),
        retained_size: retained,
        growth: 0,
        places,
        outside: Vec::new(),
        path: Vec::new(),
        path_text: "Node's list of storages → […] → AsyncLocalStorage".to_owned(),
    };
    Some(Leak::worded(finding, nodes, Vec::new(), None))
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
