//! unused-capture: a variable that closures keep alive although none of them uses it.
//!
//! All closures made in one call of a function share one scope (V8: one context). What one of them
//! needs stays alive as long as any of the others lives. The heap says which closures live and how
//! much each variable keeps; the source says who uses it.

use std::collections::BTreeMap;

use heapmark_heap::NodeOrdinal;
use heapmark_source::{Declaration, Written};

use crate::blame::retaining_path;
use crate::census::trend::{Trend, seen};
use crate::evidence::Evidence;
use crate::evidence::kept_scopes::{Kept, Scopes};
use crate::locate::places::place;
use crate::locate::{Origin, Spot};
use crate::report::fingerprint::fingerprint;
use crate::report::place_words::file_name;
use crate::report::place_words::line_of;
use crate::report::units::{number, series, size};
use crate::report::{Place, Role, Rule, Severity};
use crate::rules::leak::{Explanation, Leak};
use crate::rules::worded::Finding;
use crate::v8::sites::{Kind, SiteKey, sites_of};

/// Less than this is not worth a word, in bytes.
const SMALLEST: u64 = 100_000;
/// Nor is less than this share of the heap.
const MIN_SHARE: f64 = 0.005;
/// In one snapshot: fewer closures of one function are no pile.
const MIN_IN_ONE: u64 = 11;
/// So much is worth a word even if a single closure keeps it and it does not grow: bytes, and share
/// of the heap.
const LARGE: u64 = 1_000_000;
const LARGE_SHARE: f64 = 0.05;
/// Of more closures than this that do not grow, each keeps little.
const MAX_IF_STEADY: usize = 1_000;
/// How many of the functions that keep a variable are named.
const MAX_NAMED: usize = 3;

/// The living closures of one function of the user's.
struct Pile {
    site: SiteKey,
    closures: Vec<NodeOrdinal>,
    counts: Vec<u64>,
    /// `None`: neither growing nor many.
    seen: Option<Trend>,
}

/// A variable that a pile keeps and nobody uses.
struct Unused<'p> {
    pile: &'p Pile,
    spot: Spot,
    variable: Written<Declaration>,
    /// In the whole pile, of what only its scopes keep.
    kept: Kept,
}

/// Looks at the closures of every function of the user's.
pub(crate) fn find(e: &Evidence) -> Vec<Explanation> {
    let mut at_site: BTreeMap<SiteKey, Vec<NodeOrdinal>> = BTreeMap::new();
    for (node, site) in sites_of(e.heap, e.shapes) {
        if site.kind == Kind::Closure && e.locator.may_be_own(site.location.script) {
            at_site.entry(site).or_default().push(node);
        }
    }
    let piles: Vec<Pile> = at_site
        .into_iter()
        .map(|(site, closures)| {
            let counts = e.site_series(site);
            let seen = match seen(&counts) {
                None if e.snapshots() == 1 && counts[0] >= MIN_IN_ONE => Some(Trend::Once),
                seen => seen,
            };
            Pile { site, closures, counts, seen }
        })
        .collect();
    let scopes = Scopes::new(e);
    let mut unused: Vec<Unused> =
        piles.iter().flat_map(|pile| unused_of(e, &scopes, pile)).collect();
    // One variable is one finding, whoever keeps it.
    unused.sort_by(|left, right| {
        let key = |it: &Unused| (it.variable.file.path().to_owned(), it.variable.what.name_range);
        key(left)
            .cmp(&key(right))
            .then_with(|| right.kept.bytes.cmp(&left.kept.bytes))
            .then_with(|| left.pile.site.cmp(&right.pile.site))
    });
    let of_one_variable = |left: &Unused, right: &Unused| {
        left.variable.file.path() == right.variable.file.path()
            && left.variable.what.name_range == right.variable.what.name_range
    };
    unused.chunk_by(of_one_variable).filter_map(|keepers| capture(e, keepers)).collect()
}

/// The variables that a pile keeps alive, large enough to speak of, and that nobody uses.
fn unused_of<'p>(e: &Evidence, scopes: &Scopes, pile: &'p Pile) -> Vec<Unused<'p>> {
    let share = |share: f64| (share * e.heap.total_size() as f64) as u64;
    let smallest = match pile.seen {
        Some(_) => SMALLEST.max(share(MIN_SHARE)),
        None => LARGE.max(share(LARGE_SHARE)),
    };
    let mut unused = Vec::new();
    if e.monitor.is_cancelled() || pile.seen.is_none() && pile.closures.len() > MAX_IF_STEADY {
        return unused;
    }
    for group in scopes.by_distance(&pile.closures) {
        let names = scopes.large_variables(&group, smallest);
        // Its file is read only now.
        if names.is_empty() || e.locator.origin(pile.site.location) != Origin::Own {
            continue;
        }
        for name in &*names {
            let Some((spot, variable)) = variable_of(e, pile, name) else { continue };
            let kept = scopes.unused(&group, name).filter(|kept| kept.bytes >= smallest);
            unused.extend(kept.map(|kept| Unused { pile, spot, variable, kept }));
        }
    }
    unused
}

/// The function of a pile, and what its variable `name` is in the source.
fn variable_of(e: &Evidence, pile: &Pile, name: &str) -> Option<(Spot, Written<Declaration>)> {
    // In code that was made smaller the variable has another name than in the source.
    let variable = e.locator.captured(pile.site.location, name)?;
    // The variables of a module live as long as the program: no closure makes them live longer.
    variable.what.in_function.as_ref()?;
    let spot = e.locator.site(pile.site)?;
    (variable.file.path() == spot.path()).then_some((spot, variable))
}

/// What is said of a variable and the piles that keep it, those with most bytes first.
fn capture(e: &Evidence, keepers: &[Unused]) -> Option<Explanation> {
    let Unused { pile, spot, variable, kept: Kept { bytes, example } } = keepers.first()?;
    let (seen, bytes) = (pile.seen, *bytes);
    let name = &variable.what.name;
    let holder = Spot::declared(name.clone(), variable);
    let function_name = spot.short_name();
    let last = pile.counts.last().copied().unwrap_or(0);
    let scope = variable.what.in_function.as_ref();
    let (who, never) = said(keepers);
    let title =
        format!("`{name}` ({}) is kept alive by {who}, which never {never} it", size(bytes));
    let closures = if last == 1 { "closure" } else { "closures" };
    let grows = match seen {
        Some(Trend::Growing { .. } | Trend::Kept { .. }) => {
            format!("{} {closures}", series(&pile.counts))
        }
        Some(Trend::Once) | None => format!("{} {closures}", number(last)),
    };
    let live = scope.map_or_else(
        || format!("the module scope of {}", file_name(spot.path())),
        |function| format!("the scope of `{function}`"),
    );
    let message = format!(
        "{title}: both live in {live} ({grows}). Moving `{function_name}` out, or letting go of `{name}` when \
         it is no longer needed, frees it."
    );
    let label = format!("{} kept, used by nobody any more", size(bytes));
    let first = place(Role::Holder, &holder, label, String::new());
    let at = line_of(&first);
    let mut places: Vec<Place> = vec![first];
    for keeper in keepers.iter().take(MAX_NAMED) {
        let alive = keeper.pile.counts.last().copied().unwrap_or(0);
        let message = format!("Keeps `{name}` ({at}) alive without using it: {}.", size(bytes));
        let label = match alive {
            1 => "this one is alive and keeps it".to_owned(),
            alive => format!("{} of these are alive and keep it", number(alive)),
        };
        places.push(place(Role::Leaked, &keeper.spot, label, message));
    }
    let grown = matches!(seen, Some(Trend::Growing { .. }));
    let finding = Finding {
        rule: Rule::UnusedCapture,
        severity: match seen {
            Some(Trend::Growing { .. }) => Severity::Warning,
            Some(Trend::Kept { .. } | Trend::Once) | None => Severity::Information,
        },
        // What nobody uses is certain; that it matters is only certain if it grows.
        certainty: if grown { 0.95 } else { 0.7 },
        fingerprint: fingerprint(
            Rule::UnusedCapture,
            &[&e.locator.relative(spot.path()), &spot.name, name],
        ),
        title,
        message,
        help: format!(
            "make `{function_name}` outside {live}, or set `{name}` to null after its last use"
        ),
        counts: pile.counts.clone(),
        shallow_size: pile.closures.iter().map(|&closure| e.heap.self_size(closure)).sum(),
        retained_size: bytes,
        growth: if seen.is_some() { e.growth(&pile.closures, bytes) } else { 0 },
        places,
        outside: Vec::new(),
        path: retaining_path::hops(e, &[*example]),
        path_text: format!("{function_name} → its scope → {name}"),
    };
    Some(Explanation {
        leak: Leak::worded(finding, Vec::new(), Vec::new(), None),
        keepers: pile.closures.clone(),
    })
}

/// The functions that keep a variable, and the verb that goes with so many.
fn said(keepers: &[Unused]) -> (String, &'static str) {
    let names: Vec<String> =
        keepers.iter().map(|keeper| format!("`{}`", keeper.spot.short_name())).collect();
    match &names[..] {
        [] => (String::new(), "use"),
        [one] => (one.clone(), "uses"),
        [one, two] => (format!("{one} and {two}"), "use"),
        [one, two, rest @ ..] => (format!("{one}, {two} and {} more", rest.len()), "use"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{self, Ran};

    /// What is found in one snapshot of a program, a line each.
    fn found(program: &str) -> String {
        let large = "const large = () => Array.from({ length: 40_000 }, (_, i) => `${i} words and more`);\n";
        Ran::file(&format!("{large}{program}")).ask(|e| {
            let say = |capture: &Explanation| {
                let title = testing::told(&capture.leak).title;
                // Sizes differ from version to version.
                let short = title.split(" (").next().unwrap_or_default();
                let rest = title.split(") ").last().unwrap_or_default();
                let places = capture
                    .leak
                    .spotted()
                    .into_iter()
                    .map(|place| format!("{} {}", place.name, place.range.start.line + 1));
                let places: Vec<String> = places.collect();
                format!("{short} {rest}: {}", places.join(", "))
            };
            find(e).iter().map(say).collect::<Vec<_>>().join("\n")
        })
    }

    #[test]
    fn one_closure_that_keeps_much_is_enough() {
        let program = "function handleUpload() {
  const body = large(), name = `upload ${body.length}`;
  const each = () => body.length;
  each();
  globalThis.onClose = function onClose() { return name; };
}
handleUpload();";
        insta::assert_snapshot!(found(program), @"`body` is kept alive by `onClose`, which never uses it: body 3, handleUpload > onClose 6");
    }

    #[test]
    fn whoever_keeps_it_it_is_one_variable() {
        let program = "function handleUpload() {
  const body = large(), name = `upload ${body.length}`;
  const each = () => body.length;
  each();
  globalThis.onClose = function onClose() { return name; };
  globalThis.onError = function onError() { return `${name}!`; };
}
handleUpload();";
        insta::assert_snapshot!(found(program), @"`body` is kept alive by `onClose` and `onError`, which never use it: body 3, handleUpload > onClose 6, handleUpload > onError 7");
    }

    #[test]
    fn a_scope_farther_out_and_a_block_keep_as_well() {
        let program = "function outer() {
  const list = large();
  const count = () => list.length;
  count();
  let made;
  for (const name of [`n ${Date.now()}`]) {
    const inBlock = large();
    const size = () => inBlock.length;
    size();
    made = function inner() { return name; };
  }
  return made;
}
globalThis.kept = outer();";
        insta::assert_snapshot!(found(program), @"
        `list` is kept alive by `inner`, which never uses it: list 3, outer > inner 11
        `inBlock` is kept alive by `inner`, which never uses it: inBlock 8, outer > inner 11
        ");
    }

    /// One call may still use what a hundred others have left behind.
    #[test]
    fn a_call_that_still_runs_does_not_speak_for_those_that_are_over() {
        let program = "globalThis.kept = [];
function handle(running) {
  const body = large(), name = `n ${body.length}`;
  const describe = () => body.length;
  if (running) globalThis.running = describe;
  globalThis.kept.push(function onEnd() { return name; });
}
for (let i = 0; i < 20; i++) handle(i === 7);";
        insta::assert_snapshot!(found(program), @"`body` is kept alive by `onEnd`, which never uses it: body 4, handle > onEnd 7");
    }

    #[test]
    fn what_is_used_or_belongs_to_the_module_is_not_found() {
        let program = "const all = large();
function handle() {
  const body = large(), name = `n ${all.length}`;
  globalThis.first = () => body;
  globalThis.second = () => name;
}
handle();";
        assert_eq!(found(program), "");
    }
}
