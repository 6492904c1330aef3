//! sliced-string-parent: short pieces of long texts that keep the whole texts. `body.slice(7, 40)`
//! copies nothing: V8 notes where in `body` it stands, and keeps `body` as long as the slice.
//!
//! ```text
//! sliced string ─parent→ string
//! ```
//!
//! A snapshot does not tell how long a slice is: it may be nearly the whole text. So this is never
//! more than worth a look, and texts of which many slices are kept are taken to be needed.

use heapmark_heap::{EdgeType, NodeOrdinal, NodeType};
use rustc_hash::FxHashMap;

use crate::blame::by_holder::{HeldTogether, by_holder};
use crate::blame::retaining_path;
use crate::evidence::Evidence;
use crate::locate::places::{place, place_of};
use crate::locate::statements::MAX_SHOWN;
use crate::locate::statements::Statements;
use crate::report::fingerprint::fingerprint;
use crate::report::place_words::line_of;
use crate::report::units::{number, plural, share, size};
use crate::report::{Place, Role, Rule, Severity};
use crate::rules::leak::{Explanation, Leak};
use crate::rules::worded::Finding;

/// Bytes: a shorter text is not worth a word,
const MIN_PARENT: u64 = 10_000;
/// nor are texts that take less than this together,
const SMALLEST: u64 = 500_000;
/// or less than this share of the heap.
const MIN_SHARE: f64 = 0.02;
/// Bytes: of a text that has so few for each of its slices most may be in use.
const MIN_PER_SLICE: u64 = 2_000;
/// The slices of the user's that keep long texts which nobody else needs.
pub(crate) fn find(e: &Evidence) -> Vec<Explanation> {
    let slices = slices_of_long(e);
    by_holder(e, slices).iter().filter_map(|together| explanation(e, together)).collect()
}

/// The slices of each long text that only slices keep, and not many of them.
fn slices_of_long(e: &Evidence) -> Vec<NodeOrdinal> {
    let Some(parent) = e.heap.find_string("parent") else { return Vec::new() };
    let mut by_parent: FxHashMap<NodeOrdinal, Vec<NodeOrdinal>> = FxHashMap::default();
    for slice in e.heap.nodes() {
        if e.heap.node_type(slice) != NodeType::SlicedString {
            continue;
        }
        let mut edges = e.heap.edges(slice);
        let to = edges.find(|edge| e.heap.edge_name_index(edge) == Some(parent)).map(|it| it.to);
        if let Some(to) = to.filter(|&to| e.heap.self_size(to) >= MIN_PARENT) {
            by_parent.entry(to).or_default().push(slice);
        }
    }
    by_parent.retain(|&parent, slices| {
        let few = e.heap.self_size(parent) >= MIN_PER_SLICE * slices.len() as u64;
        few && e.heap.retainers(parent).all(|edge| {
            edge.edge_type == EdgeType::Weak
                || e.heap.node_type(edge.from) == NodeType::SlicedString
        })
    });
    let mut slices: Vec<NodeOrdinal> = by_parent.into_values().flatten().collect();
    slices.sort_unstable();
    slices
}

fn explanation(e: &Evidence, together: &HeldTogether) -> Option<Explanation> {
    let holder = together.blame.holder.as_ref()?;
    let slices = together.nodes();
    let shallow: u64 = slices.iter().map(|&slice| e.heap.self_size(slice)).sum();
    let kept = e.retained_by(&slices).saturating_sub(shallow);
    let smallest = SMALLEST.max((MIN_SHARE * e.heap.total_size() as f64) as u64);
    if kept < smallest {
        return None;
    }
    let count = slices.len() as u64;
    let name = holder.spot.name.as_str();
    let slices_are = plural(count, "slice of a long text keeps", "slices of long texts keep");
    let title = format!("{} {slices_are} {} alive in `{name}`", number(count), size(kept));
    let percent = share(kept, e.heap.total_size());
    let percent = percent.map_or(String::new(), |percent| format!(" ({percent} of the heap)"));
    let way = together.ways.iter().map(|(way, _)| way.as_str()).find(|way| *way != name);
    let way = way.map_or(String::new(), |way| format!(" One of them is `{way}`."));
    let message = format!(
        "{title}{percent}: nothing else holds these texts.{way} V8 copies nothing for `slice`, `match`, \
         `split` or `trim`, and keeps the whole text as long as a piece of it. A snapshot does not tell \
         how long the pieces are: if they are nearly all of the texts, nothing is wasted."
    );
    let statements = Statements::about(e.locator, holder, None);
    let label =
        format!("{} {}: {} of text", number(count), plural(count, "slice", "slices"), size(kept));
    let mut places: Vec<Place> = vec![place(Role::Holder, &holder.spot, label, String::new())];
    let here = line_of(&places[0]);
    for add in statements.adds.iter().take(MAX_SHOWN) {
        let message = format!(
            "Adds to `{name}` ({here}), in which slices keep {} of longer texts alive.",
            size(kept)
        );
        places.push(place_of(&holder.spot, add, "adds here".to_owned(), message));
    }
    if let Some(user) = &together.blame.user {
        let message = format!(
            "`{}` reaches `{name}` ({here}), which holds slices of long texts.",
            user.spot.name
        );
        places.push(place(Role::User, &user.spot, format!("reaches `{name}`"), message));
    }
    let file = e.locator.relative(holder.spot.path());
    let edges = &together.blame.owner.edges;
    let finding = Finding {
        rule: Rule::SlicedStringParent,
        severity: Severity::Information,
        // Who keeps the texts is certain; how much of them is needed is not.
        certainty: 0.6,
        fingerprint: fingerprint(Rule::SlicedStringParent, &[&file, &holder.scope, name]),
        title,
        message,
        help: "copy the piece before it is kept: `Buffer.from(piece).toString()`, or in a browser \
               `JSON.parse(JSON.stringify(piece))`"
            .to_owned(),
        counts: vec![count],
        shallow_size: shallow,
        retained_size: kept,
        growth: 0,
        places,
        outside: Vec::new(),
        path: retaining_path::hops(e, edges),
        path_text: retaining_path::in_words(e, Some(holder), edges, "slice"),
    };
    Some(Explanation { leak: Leak::worded(finding, Vec::new(), Vec::new(), None), keepers: slices })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Ran;

    /// The titles of what is found in one snapshot of a program, a line each.
    fn found(program: &str) -> Vec<String> {
        let text = "const text = (i) => Buffer.from(`line of text number ${i}\\n`.repeat(40_000)).toString();\n";
        Ran::file(&format!("{text}{program}")).ask(|e| {
            // Sizes differ from version to version.
            let before = |title: &str| title.split(" keep").next().unwrap_or_default().to_owned();
            find(e)
                .iter()
                .map(|it| before(&it.leak.facts.words(&it.leak).title.to_string()))
                .collect()
        })
    }

    #[test]
    fn a_slice_that_alone_keeps_a_text_is_found() {
        let program = "const heads = [text(1).slice(0, 20)];\nglobalThis.get = () => heads;";
        assert_eq!(found(program), ["1 slice of a long text"]);
    }

    #[test]
    fn a_text_of_which_many_slices_are_kept_is_needed() {
        let program = "const lines = text(1).split('\\n');\nglobalThis.get = () => lines;";
        assert_eq!(found(program), [""; 0]);
    }

    #[test]
    fn a_text_that_somebody_else_holds_is_no_waste() {
        let program = "const whole = text(1), heads = [whole.slice(0, 20)];
globalThis.get = () => [whole, heads];";
        assert_eq!(found(program), [""; 0]);
    }
}
