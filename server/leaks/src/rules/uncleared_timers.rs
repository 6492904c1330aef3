//! uncleared-timers: intervals and timeouts that are started again and again and stay armed.
//!
//! Counted by the function they call. An interval that piles up is a leak; timeouts that pile up may
//! only be slow, so they are information.

use heapmark_heap::{Edge, EdgeType, NodeOrdinal};
use heapmark_source::Call;

use crate::blame::async_context::KeptStores;
use crate::blame::payload::kept_by;
use crate::blame::retaining_path::{self, NodeKeeps, Step};
use crate::evidence::Evidence;
use crate::locate::handing_over::hands_over;
use crate::locate::statements::{Statement, Statements};
use crate::locate::{Origin, Spot};
use crate::report::fingerprint::fingerprint;
use crate::report::{Role, Rule};
use crate::rules::leak::{At, Leak};
use crate::rules::scene::Scene;
use crate::v8::sites::{Kind, SiteKey, sites_of};
use crate::verdict::thresholds::uncleared_timers::MIN_TIMERS_IN_ONE;
use crate::verdict::trend::Trend;
use crate::verdict::trend::seen;
use crate::verdict::{Bound, Features, Source, What};

pub(crate) const RULE: Rule = Rule::new("uncleared-timers", "Intervals and timeouts that pile up");

/// What ends timers.
const CLEAR: [&str; 2] = ["clearInterval", "clearTimeout"];

/// Timers that pile up, by the function that they call.
pub(crate) fn find(scene: &mut Scene) -> Vec<Leak> {
    let e = scene.e;
    let newest = e.newest_census();
    let mut sites: Vec<_> = newest.sites.keys().filter(|site| site.kind == Kind::Timer).collect();
    sites.sort_unstable();
    let leaks = sites.into_iter().filter_map(|&site| {
        let counts = e.site_series(site);
        let seen = match seen(&counts) {
            Some(seen) => seen,
            None if e.snapshots() == 1 && counts[0] >= MIN_TIMERS_IN_ONE => Trend::Once,
            None => return None,
        };
        leak(e, site, counts, seen)
    });
    leaks.collect()
}

/// Timers of one callback that pile up.
pub(crate) struct PiledUpTimers {
    pub(crate) trend: Trend,
    /// Intervals, or else timeouts.
    pub(crate) are_intervals: bool,
    /// The function that they call, if it has a name.
    pub(crate) callback: Option<String>,
    /// The class of which each keeps an instance alive.
    pub(crate) keeps: Option<String>,
    /// Bytes.
    pub(crate) retained: u64,
    /// What starts them.
    pub(crate) started: Option<Statement>,
    /// What clears them, if something in that file does.
    pub(crate) cleared: Option<Statement>,
    /// What they take out of something when they fire: then they are what ends its time.
    pub(crate) takes_out: Option<Statement>,
    /// What they keep of the context in which they were started.
    pub(crate) stores: Option<KeptStores>,
    pub(crate) places: Vec<At<TimerPlace>>,
}

/// What stands at a place of [`PiledUpTimers`].
#[derive(Clone, Copy)]
pub(crate) enum TimerPlace {
    /// The statement that starts them.
    Starts,
    /// The function that they call.
    Callback,
    /// The user's own function whose closures hang on the timers of a dependency.
    OfUser,
    /// The class of the stores that they keep, and how many of these are alive.
    Stores(u64),
}

/// Looks at the timers of one callback.
fn leak(e: &Evidence, site: SiteKey, counts: Vec<u64>, trend: Trend) -> Option<Leak> {
    if e.locator.origin(site.location) == Origin::Builtin {
        return None;
    }
    let timers: Vec<NodeOrdinal> =
        sites_of(e.heap, e.shapes).filter(|&(_, key)| key == site).map(|(node, _)| node).collect();
    let &example = timers.last()?;
    let are_intervals = e.shapes.is_interval(example);
    let starts = if are_intervals { "setInterval" } else { "setTimeout" };
    let callback = e.locator.site(site);
    let kept = kept_by(e, &callbacks(e, &timers), &[Kind::Instance]);
    let retained = e.retained_by(&timers);
    let call = callback.as_ref().and_then(|spot| {
        let calls = spot.file.calls(&[starts]).into_iter();
        calls.map(|call| (spot, call)).find(|(spot, call)| hands_over(call, spot))
    });
    let cleared = call.as_ref().map(|(spot, call)| spot.file.ended_by(call, &CLEAR));
    let started: Option<Statement> = call.map(|(_, call)| call.into());
    let statements = Statements {
        adds: started.iter().cloned().collect(),
        removes: cleared.unwrap_or_default().into_iter().map(Call::into).collect(),
        ..Statements::default()
    };
    let stores = KeptStores::of(e, &timers);

    let mut places: Vec<At<TimerPlace>> = Vec::new();
    if let (Some(spot), Some(started)) = (&callback, &started) {
        places.push(At::statement(spot, started, TimerPlace::Starts));
    }
    if let Some(spot) = &callback {
        places.push(At::name_of(Role::Leaked, spot, TimerPlace::Callback));
    }
    if let Some(spot) = of_user(e, site, &timers) {
        places.push(At::name_of(Role::User, &spot, TimerPlace::OfUser));
    }
    if let Some((class, alive)) = stores.as_ref().and_then(|stores| stores.class.as_ref()) {
        places.push(At::name_of(Role::Leaked, class, TimerPlace::Stores(*alive)));
    }
    let edges: Vec<Edge> = callback_edge(e, example).into_iter().collect();
    let name = callback.as_ref().map_or_else(String::new, |spot| spot.name.clone());
    let file = callback.as_ref().map_or_else(String::new, |s| e.locator.relative(s.path()));
    let facts = PiledUpTimers {
        trend,
        are_intervals,
        callback: callback.as_ref().filter(|it| it.is_named()).map(|it| it.short_name().to_owned()),
        keeps: kept.and_then(|kept| kept.name(e)),
        retained,
        started,
        cleared: statements.removes.first().cloned(),
        takes_out: callback.as_ref().filter(|_| !are_intervals).and_then(|spot| {
            let function = spot.function.as_ref()?;
            spot.file.taken_out_by(function).map(Statement::from)
        }),
        stores,
        places,
    };
    Some(Leak {
        shallow_size: timers.iter().map(|&timer| e.heap.self_size(timer)).sum(),
        retained_size: retained,
        outside: e.locator.outside(site.location).into_iter().collect(),
        path: retaining_path::hops(e, &edges),
        steps: vec![
            Step::Node(NodeKeeps::Timers),
            callback.as_ref().map_or(Step::Anonymous, |it| Step::named(it.short_name())),
        ],
        accumulators: timers,
        ..Leak::new(
            RULE,
            features(are_intervals, trend, &statements),
            fingerprint(RULE, &[&file, &name]),
            counts,
            facts,
        )
    })
}

/// A timeout goes by itself, when its time has come.
fn features(are_intervals: bool, trend: Trend, statements: &Statements) -> Features {
    if are_intervals {
        return statements.features(What::Intervals, trend);
    }
    let features = statements.features(What::Timeouts, trend);
    let source = Source { bound: Some(Bound::Expiry), ..features.source };
    Features { source, ..features }
}

/// The user's own function whose closures hang on the timers of a dependency.
fn of_user(e: &Evidence, site: SiteKey, timers: &[NodeOrdinal]) -> Option<Spot> {
    if e.locator.origin(site.location) == Origin::Own {
        return None;
    }
    let callbacks = callbacks(e, timers);
    // A function with parameters that have values of their own has them in a scope around its own.
    let around = callbacks.iter().filter_map(|&callback| {
        let scope = e.heap.child(callback, EdgeType::Internal, "context")?;
        e.heap.child(scope, EdgeType::Internal, "previous")
    });
    let around: Vec<NodeOrdinal> = around.filter(|&scope| e.is_new(scope)).collect();
    let own = |nodes: &[NodeOrdinal]| {
        let kept = kept_by(e, nodes, &[Kind::Closure, Kind::Instance])?;
        let is_own = e.locator.origin(kept.site.location) == Origin::Own;
        e.locator.site(kept.site).filter(|_| is_own)
    };
    own(&callbacks).or_else(|| own(&around))
}

fn callback_edge(e: &Evidence, timer: NodeOrdinal) -> Option<Edge> {
    e.heap
        .edges(timer)
        .find(|edge| edge.edge_type == EdgeType::Property && edge.is_named(e.heap, "_onTimeout"))
}

fn callbacks(e: &Evidence, timers: &[NodeOrdinal]) -> Vec<NodeOrdinal> {
    timers.iter().filter_map(|&timer| callback_edge(e, timer)).map(|edge| edge.to).collect()
}

#[cfg(test)]
mod drawn_tests;
