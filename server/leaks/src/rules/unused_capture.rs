//! unused-capture: a variable that closures keep alive although none of them uses it.
//!
//! All closures made in one call of a function share one scope (V8: one context). What one of them
//! needs stays alive as long as any of the others lives. The heap says which closures live and how
//! much each variable keeps; the source says who uses it.

use std::collections::BTreeMap;

use heapmark_heap::NodeOrdinal;
use heapmark_source::{Declaration, Written};

use crate::blame::retaining_path::{self, Step};
use crate::evidence::Evidence;
use crate::evidence::scopes_around::{Kept, Scopes};
use crate::locate::statements::Statements;
use crate::locate::{Origin, Spot};
use crate::report::fingerprint::fingerprint;
use crate::report::{Role, Rule};
use crate::rules::leak::{At, Explanation, Leak};
use crate::v8::sites::{Kind, SiteKey, sites_of};
use crate::verdict::What;
use crate::verdict::thresholds::unused_capture::{
    LARGE, LARGE_SHARE, MAX_IF_STEADY, MIN_BYTES, MIN_IN_ONE, MIN_SHARE,
};
use crate::verdict::trend::{Trend, seen};

pub(crate) const RULE: Rule = Rule::new(
    "unused-capture",
    "A variable that closures keep alive although none of them uses it",
);

/// A budget of words: so many of the functions that keep a variable have a place.
const MAX_PLACES: usize = 3;

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
    /// The function whose variable it is.
    scope: String,
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
        Some(_) => MIN_BYTES.max(share(MIN_SHARE)),
        None => LARGE.max(share(LARGE_SHARE)),
    };
    let mut unused = Vec::new();
    if e.watch.go_on().is_err() || pile.seen.is_none() && pile.closures.len() > MAX_IF_STEADY {
        return unused;
    }
    for group in scopes.by_distance(&pile.closures) {
        let names = scopes.large_variables(&group, smallest);
        // Its file is read only now.
        if names.is_empty() || e.locator.origin(pile.site.location) != Origin::Own {
            continue;
        }
        for name in &*names {
            let Some((spot, variable, scope)) = variable_of(e, pile, name) else { continue };
            let kept = scopes.unused(&group, name).filter(|kept| kept.bytes >= smallest);
            unused.extend(kept.map(|kept| Unused { pile, spot, variable, scope, kept }));
        }
    }
    unused
}

/// The function of a pile, what its variable `name` is in the source, and whose variable.
fn variable_of(
    e: &Evidence,
    pile: &Pile,
    name: &str,
) -> Option<(Spot, Written<Declaration>, String)> {
    // In code that was made smaller the variable has another name than in the source.
    let variable = e.locator.captured(pile.site.location, name)?;
    // The variables of a module live as long as the program: no closure makes them live longer.
    let scope = variable.what.in_function.clone()?;
    let spot = e.locator.site(pile.site)?;
    (variable.file.path() == spot.path()).then_some((spot, variable, scope))
}

/// A variable that closures keep alive although none of them uses it.
pub(crate) struct UnusedCapture {
    pub(crate) variable: String,
    /// The function whose variable it is.
    pub(crate) scope: String,
    /// Bytes that the variable keeps, in all scopes of the first of the functions.
    pub(crate) kept: u64,
    /// The functions whose closures keep it, the one that keeps most first.
    pub(crate) functions: Vec<String>,
    /// Of the closures of the first; `None`: they neither grow nor are many.
    pub(crate) trend: Option<Trend>,
    pub(crate) places: Vec<At<CapturePlace>>,
}

/// What stands at a place of an [`UnusedCapture`].
#[derive(Clone, Copy)]
pub(crate) enum CapturePlace {
    /// The declaration of the variable.
    Variable,
    /// A function whose closures keep it, and how many of these are alive.
    Keeper(u64),
}

/// The leak of a variable and the piles that keep it, those with most bytes first.
fn capture(e: &Evidence, keepers: &[Unused]) -> Option<Explanation> {
    let Unused { pile, spot, variable, scope, kept: Kept { bytes, example } } = keepers.first()?;
    let (trend, bytes) = (pile.seen, *bytes);
    let name = &variable.what.name;
    let holder = Spot::declared(name.clone(), variable);
    let mut places = vec![At::name_of(Role::Holder, &holder, CapturePlace::Variable)];
    places.extend(keepers.iter().take(MAX_PLACES).map(|keeper| {
        let alive = keeper.pile.counts.last().copied().unwrap_or(0);
        At::name_of(Role::Leaked, &keeper.spot, CapturePlace::Keeper(alive))
    }));
    let what = if trend.is_some() { What::Other } else { What::Waste };
    let features = Statements::default().features(what, trend.unwrap_or(Trend::Once));
    let fingerprint = fingerprint(RULE, &[&e.locator.relative(spot.path()), &spot.name, name]);
    let facts = UnusedCapture {
        variable: name.clone(),
        scope: scope.clone(),
        kept: bytes,
        functions: keepers.iter().map(|keeper| keeper.spot.short_name().to_owned()).collect(),
        trend,
        places,
    };
    let leak = Leak {
        shallow_size: pile.closures.iter().map(|&closure| e.heap.self_size(closure)).sum(),
        retained_size: bytes,
        growth: if trend.is_some() { e.growth(&pile.closures, bytes) } else { 0 },
        path: retaining_path::hops(e, &[*example]),
        steps: vec![Step::named(spot.short_name()), Step::ItsScope, Step::named(name)],
        ..Leak::new(RULE, features, fingerprint, pile.counts.clone(), facts)
    };
    Some(Explanation { leak, keepers: pile.closures.clone() })
}

#[cfg(test)]
mod drawn_tests;

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
                    .facts
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
