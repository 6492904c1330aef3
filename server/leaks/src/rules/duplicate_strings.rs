//! duplicate-strings: strings that are made again and again with the same text, and kept: the columns
//! of a table that was parsed, the names in a thousand answers.
//!
//! A waste, and seldom a leak: what grows has another name, and there the strings are a part of it.

use heapmark_heap::{NodeOrdinal, NodeSet, Snapshot};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::blame::by_holder::{HeldTogether, by_holder};
use crate::blame::retaining_path;
use crate::evidence::Evidence;
use crate::locate::statements::Statements;
use crate::locate::{Origin, Spot};
use crate::report::fingerprint::fingerprint;
use crate::report::{Role, Rule};
use crate::rules::leak::{At, Leak};
use crate::rules::scene::Scene;
use crate::v8::repeated_strings::{Text, repeated};
use crate::v8::sites::{Kind, SiteKey};
use crate::verdict::What;
use crate::verdict::thresholds::duplicate_strings::{MIN_BYTES, MIN_SHARE};
use crate::verdict::trend::Trend;

pub(crate) const RULE: Rule = Rule::new("duplicate-strings", "Many strings with the same text");

/// A budget: so many strings, spread over all, are asked who holds them, a climb each.
const ASKED: usize = 50;

/// Every string of a text that many have.
pub(crate) fn strings(snapshot: &Snapshot) -> Vec<NodeOrdinal> {
    let texts = repeated(snapshot);
    if texts.is_empty() {
        return Vec::new();
    }
    let is_repeated = |&node: &NodeOrdinal| {
        Text::of(snapshot, node).is_some_and(|text| texts.contains_key(&text))
    };
    snapshot.nodes().filter(is_repeated).collect()
}

/// What the user's own code holds more often than it needs. Of what hangs on something that grows, nobody
/// has to be told of the waste as well.
pub(crate) fn find(scene: &mut Scene) -> Vec<Leak> {
    let explained = scene.grown();
    told(scene.e, &scene.equal_strings, &explained)
}

fn told(e: &Evidence, strings: &[NodeOrdinal], explained: &NodeSet) -> Vec<Leak> {
    let strings = strings.iter().copied().filter(|&node| !explained.contains(node));
    let together = by_holder(e, strings);
    together.iter().filter_map(|together| leak(e, together)).collect()
}

/// The strings of one holder.
struct Waste {
    /// Each text with its strings, the one that wastes most first.
    texts: Vec<(Text, Vec<NodeOrdinal>)>,
    /// Bytes that one string of each text would not take.
    bytes: u64,
}

impl Waste {
    fn of(e: &Evidence, strings: &[NodeOrdinal]) -> Self {
        let mut texts: FxHashMap<Text, Vec<NodeOrdinal>> = FxHashMap::default();
        for &string in strings {
            if let Some(text) = Text::of(e.heap, string) {
                texts.entry(text).or_default().push(string);
            }
        }
        let wasted = |(text, strings): &(Text, Vec<NodeOrdinal>)| {
            text.size * (strings.len() as u64).saturating_sub(1)
        };
        let mut texts: Vec<(Text, Vec<NodeOrdinal>)> = texts.into_iter().collect();
        texts.sort_by_key(|it| (std::cmp::Reverse(wasted(it)), it.0));
        let bytes = texts.iter().map(wasted).sum();
        Self { texts, bytes }
    }

    fn count(&self) -> u64 {
        self.texts.iter().map(|(_, strings)| strings.len() as u64).sum()
    }

    /// All but one of each text.
    fn needless(&self) -> Vec<NodeOrdinal> {
        self.texts.iter().flat_map(|(_, strings)| strings.iter().skip(1).copied()).collect()
    }
}

/// Equal strings in one holder.
pub(crate) struct EqualStrings {
    /// The name of the holder.
    pub(crate) holder: String,
    pub(crate) count: u64,
    /// How many texts they have.
    pub(crate) different: u64,
    /// Bytes that one string of each text would not take.
    pub(crate) wasted: u64,
    /// Bytes of the whole heap.
    pub(crate) heap: u64,
    /// How they are held, most of them first: `rows[…].country`.
    pub(crate) ways: Vec<String>,
    /// The text that wastes most, from the heap as it is, and how many strings have it.
    pub(crate) example: (String, u64),
    pub(crate) places: Vec<At<EqualStringsPlace>>,
}

/// What stands at a place of [`EqualStrings`].
pub(crate) enum EqualStringsPlace {
    Holder,
    /// The function that makes them, by its short name.
    Makes(String),
    /// The user's own declaration that leads to the holder.
    OfUser,
}

fn leak(e: &Evidence, together: &HeldTogether) -> Option<Leak> {
    let holder = together.blame.holder.as_ref()?;
    let strings = together.nodes();
    let waste = Waste::of(e, &strings);
    let heap = e.heap.total_size();
    if waste.bytes < MIN_BYTES.max((MIN_SHARE * heap as f64) as u64) {
        return None;
    }
    let name = holder.spot.name.as_str();
    let (most, its_strings) = waste.texts.first()?;
    let mut places = vec![At::name_of(Role::Holder, &holder.spot, EqualStringsPlace::Holder)];
    if let Some(spot) = made_in(e, &strings) {
        let makes = EqualStringsPlace::Makes(spot.short_name().to_owned());
        places.push(At::name_of(Role::Grows, &spot, makes));
    }
    if let Some(user) = &together.blame.user {
        places.push(At::name_of(Role::User, &user.spot, EqualStringsPlace::OfUser));
    }
    let facts = EqualStrings {
        holder: name.to_owned(),
        count: waste.count(),
        different: waste.texts.len() as u64,
        wasted: waste.bytes,
        heap,
        ways: ways(together),
        example: (most.shown(e.heap), its_strings.len() as u64),
        places,
    };
    let file = e.locator.relative(holder.spot.path());
    let edges = &together.blame.owner.edges;
    let fingerprint = fingerprint(RULE, &[&file, &holder.declared_in.key(), name]);
    // What grows has another name; this is a waste, however many there are. It is there for certain;
    // whether it matters is for the user to say.
    let features = Statements::default().features(What::Waste, Trend::Once);
    Some(Leak {
        shallow_size: strings.iter().map(|&node| e.heap.self_size(node)).sum(),
        retained_size: waste.bytes,
        path: retaining_path::hops(e, edges),
        steps: retaining_path::steps(e, Some(holder), edges, "string"),
        accumulators: waste.needless(),
        ..Leak::new(RULE, features, fingerprint, counts(e, &waste), facts)
    })
}

/// How many strings with these texts there were in each snapshot, oldest first.
fn counts(e: &Evidence, waste: &Waste) -> Vec<u64> {
    let keys: FxHashSet<u64> = waste.texts.iter().map(|(text, _)| text.key(e.heap)).collect();
    let of = |counts: &FxHashMap<u64, u64>| keys.iter().filter_map(|key| counts.get(key)).sum();
    e.censuses.iter().map(|census| of(&census.repeated)).collect()
}

/// The ways in which the strings are held, the one of most strings first.
fn ways(together: &HeldTogether) -> Vec<String> {
    let mut ways: Vec<(&str, usize)> =
        together.ways.iter().map(|(way, nodes)| (way.as_str(), nodes.len())).collect();
    ways.sort_by_key(|&(way, count)| (std::cmp::Reverse(count), way));
    ways.into_iter().map(|(way, _)| way.to_owned()).collect()
}

/// The function of the user's that made most of the strings, if the file tells.
fn made_in(e: &Evidence, strings: &[NodeOrdinal]) -> Option<Spot> {
    let stride = strings.len().div_ceil(ASKED).max(1);
    let mut tally: FxHashMap<SiteKey, usize> = FxHashMap::default();
    for &string in strings.iter().step_by(stride) {
        let stack = e.heap.allocation_stack(string);
        let places = stack.iter().filter_map(|frame| frame.location);
        let own = places.into_iter().find(|&place| e.locator.origin(place) == Origin::Own);
        if let Some(location) = own {
            *tally.entry(SiteKey { kind: Kind::Closure, location }).or_default() += 1;
        }
    }
    let (site, _) = tally.into_iter().max_by_key(|&(site, count)| (count, site))?;
    e.locator.site(site)
}

#[cfg(test)]
mod drawn_tests;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{self, Ran};

    /// What is said of one snapshot of a program, without the sizes, which differ from version to version.
    fn told(program: &str) -> Vec<String> {
        Ran::file(program).ask(|e| {
            let found = super::told(e, &strings(e.heap), &NodeSet::new(e.heap));
            let tell = |suspect: &Leak| {
                let message = testing::told(suspect).message;
                let (title, rest) = message.split_once(" wasted").expect("it is a waste");
                let title = title.rsplit_once(": ").map_or(title, |(title, _)| title);
                let rest = rest.split_once("heap).").map_or(rest, |(_, rest)| rest);
                format!("{title}.{rest}")
            };
            found.iter().map(tell).collect()
        })
    }

    const PARSE: &str = "const parse = (text, count) =>
  JSON.parse(JSON.stringify(Array.from({ length: count }, () => ({ text }))));\n";

    #[test]
    fn the_ways_and_the_text_are_named() {
        let program = format!(
            "{PARSE}const rows = parse('a text that every row has a copy of, \"quoted\"', 9_000);
globalThis.get = () => rows;"
        );
        assert_eq!(
            told(&program),
            [
                "`rows` holds 9,000 strings with only 1 different text. They are in `rows[…].text`. 9,000 are \
             \"a text that every row has a copy of, \\\"qu…\"."
            ]
        );
    }

    #[test]
    fn texts_of_which_the_file_has_only_the_beginning_are_not_called_equal() {
        let program = format!(
            "{PARSE}const rows = parse('long '.repeat(1_000), 100);
rows.forEach((row, i) => (row.text = Buffer.from(row.text + i).toString('latin1')));
globalThis.get = () => rows;"
        );
        assert_eq!(told(&program), [""; 0]);
    }

    #[test]
    fn who_makes_them_is_told_if_the_file_knows() {
        let program = format!(
            "const session = new (require('node:inspector').Session)();
session.connect();
session.post('HeapProfiler.startTrackingHeapObjects', {{ trackAllocations: true }});
setTimeout(() => process.exit(), 500); // the session would go on
{PARSE}let rows;
function load() {{
  rows = parse('a text that every row has a copy of', 9_000);
}}
load();
globalThis.get = () => rows;"
        );
        let told = told(&program);
        let [told] = &told[..] else { panic!("{told:?}") };
        assert!(told.contains("They are made in `parse` (main.js:"), "{told}");
    }

    #[test]
    fn few_and_what_only_node_holds_are_not_found() {
        let program = format!(
            "{PARSE}const rows = parse('a text that a few rows have a copy of', 100);
globalThis.get = () => rows;
process.env.NOBODY = JSON.stringify(rows);"
        );
        assert_eq!(told(&program), [""; 0]);
    }
}
