//! uncleared-timers: intervals and timeouts that are started again and again and stay armed.
//!
//! Counted by the function they call. An interval that piles up is a leak; timeouts that pile up may
//! only be slow, so they are information.

use heapmark_heap::{Edge, EdgeType, NodeOrdinal};
use heapmark_source::Call;

use crate::blame::async_context::KeptStores;
use crate::blame::payload::kept_by;
use crate::blame::retaining_path;
use crate::census::trend::Trend;
use crate::census::trend::seen;
use crate::evidence::Evidence;
use crate::locate::places::{hands_over, place, place_of};
use crate::locate::statements::{Statement, Statements};
use crate::locate::{Origin, Spot};
use crate::report::fingerprint::fingerprint;
use crate::report::place_words::line_of;
use crate::report::units::{number, series, size};
use crate::report::{Place, Role, Rule, Severity};
use crate::rules::leak::Leak;
use crate::rules::worded::Finding;
use crate::v8::sites::{Kind, SiteKey, sites_of};
use crate::verdict::{certainty, severity};

/// In one snapshot: fewer timers with one callback are no pile.
const MIN_TIMERS_IN_ONE: u64 = 20;

/// Timers that pile up, by the function that they call.
pub(crate) fn find(e: &Evidence) -> Vec<Leak> {
    let newest = e.newest_census();
    let mut sites: Vec<_> = newest.sites.keys().filter(|site| site.kind == Kind::Timer).collect();
    sites.sort_unstable();
    let suspects = sites.into_iter().filter_map(|&site| {
        let counts = e.site_series(site);
        let seen = match seen(&counts) {
            Some(seen) => seen,
            None if e.snapshots() == 1 && counts[0] >= MIN_TIMERS_IN_ONE => Trend::Once,
            None => return None,
        };
        suspect(e, site, counts, seen)
    });
    suspects.collect()
}

/// Looks at the timers of one callback.
pub(crate) fn suspect(e: &Evidence, site: SiteKey, counts: Vec<u64>, seen: Trend) -> Option<Leak> {
    if e.locator.origin(site.location) == Origin::Builtin {
        return None;
    }
    let timers: Vec<NodeOrdinal> =
        sites_of(e.heap, e.shapes).filter(|&(_, key)| key == site).map(|(node, _)| node).collect();
    let &example = timers.last()?;
    let repeats = e.shapes.is_interval(example);
    let (noun, starts) =
        if repeats { ("intervals", "setInterval") } else { ("timeouts", "setTimeout") };
    let callback = e.locator.site(site);
    let kept = kept_by(e, &callbacks(e, &timers), &[Kind::Instance]);
    let retained = e.retained_by(&timers);
    let count = counts.last().copied().unwrap_or(0);

    let started: Option<Statement> = callback
        .as_ref()
        .and_then(|spot| spot.file.calls(&[starts]).into_iter().find(|call| hands_over(call, spot)))
        .map(Call::into);
    let statements =
        Statements { adds: started.iter().cloned().collect(), ..Statements::default() };

    let called = match callback.as_ref().filter(|spot| spot.is_named()) {
        Some(spot) => format!(" that call `{}`", spot.short_name()),
        None => String::new(),
    };
    let title = match seen {
        Trend::Growing { .. } | Trend::Kept { .. } => {
            format!("{noun}{called} pile up: {} are running", series(&counts))
        }
        Trend::Once => format!("{} {noun}{called} are running", number(count)),
    };
    let title = capitalised(&title);
    let each = match kept.as_ref().and_then(|kept| kept.name(e)) {
        Some(class) => format!("; each keeps a `{class}` alive ({} in all)", size(retained)),
        None => format!(" ({} in all)", size(retained)),
    };
    let started_in = match started.as_ref().map(|started| (&started.in_function, started.at())) {
        Some((Some(function), line)) => format!(" Started in `{function}` ({line})."),
        Some((None, line)) => format!(" Started in {line}."),
        None => String::new(),
    };
    let reason = match (seen, repeats) {
        (Trend::Once, _) => {
            " One snapshot cannot tell whether they pile up: capture a second one to know."
        }
        (_, true) => " Nothing clears them.",
        (_, false) => " They are started faster than they fire.",
    };

    let mut places: Vec<Place> = Vec::new();
    if let (Some(spot), Some(started)) = (&callback, &started) {
        let label = format!("starts one each time: {} are running", number(count));
        places.push(place_of(spot, started, label, String::new()));
    }
    if let Some(spot) = &callback {
        let here = places.first().map_or(String::new(), |p| format!(", started at {}", line_of(p)));
        let label = format!("called by {} {noun}", number(count));
        let message = format!("Called by {} {noun} that are never cleared{here}.", number(count));
        places.push(place(Role::Leaked, spot, label, message));
    }
    places.extend(of_user(e, site, &timers, &format!("{} {noun}", number(count))));
    let stores = KeptStores::of(e, &timers);
    let context = stores.as_ref().map_or_else(String::new, KeptStores::sentence);
    let message = format!("{title}{each}.{started_in}{reason}{context}");
    let severity = match severity(e, seen, &statements) {
        Severity::Warning if !repeats => Severity::Information,
        severity => severity,
    };
    places.extend(stores.and_then(|stores| stores.place(places.first())));
    let edges: Vec<Edge> = callback_edge(e, example).into_iter().collect();
    let name = callback.as_ref().map_or_else(String::new, |spot| spot.name.clone());
    let file = callback.as_ref().map_or_else(String::new, |s| e.locator.relative(s.path()));
    let finding = Finding {
        rule: Rule::UnclearedTimers,
        severity,
        certainty: certainty(e, seen, &statements),
        fingerprint: fingerprint(Rule::UnclearedTimers, &[&file, &name]),
        message,
        title,
        help: if repeats {
            "keep what `setInterval` returns and pass it to `clearInterval` when the work is done"
        } else {
            "clear a timeout that is no longer needed with `clearTimeout`"
        }
        .to_owned(),
        counts,
        shallow_size: timers.iter().map(|&timer| e.heap.self_size(timer)).sum(),
        retained_size: retained,
        growth: 0,
        places,
        outside: e.locator.outside(site.location).into_iter().collect(),
        path: retaining_path::hops(e, &edges),
        path_text: format!(
            "Node's list of timers → {}",
            callback.as_ref().map_or("anonymous function", Spot::short_name)
        ),
    };
    Some(Leak::worded(finding, timers, Vec::new(), None))
}

/// The user's own function whose closures hang on the timers of a dependency.
fn of_user(e: &Evidence, site: SiteKey, timers: &[NodeOrdinal], what: &str) -> Option<Place> {
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
    let spot = own(&callbacks).or_else(|| own(&around))?;
    let label = format!("kept by {what}");
    let message = format!("`{}` is {label} that are never cleared.", spot.name);
    Some(place(Role::User, &spot, label, message))
}

fn callback_edge(e: &Evidence, timer: NodeOrdinal) -> Option<Edge> {
    e.heap.edges(timer).find(|edge| {
        edge.edge_type == EdgeType::Property && e.heap.edge_name(edge).to_string() == "_onTimeout"
    })
}

fn callbacks(e: &Evidence, timers: &[NodeOrdinal]) -> Vec<NodeOrdinal> {
    timers.iter().filter_map(|&timer| callback_edge(e, timer)).map(|edge| edge.to).collect()
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}
