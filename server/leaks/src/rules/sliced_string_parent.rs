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
use crate::locate::statements::{MAX_SHOWN, Statements};
use crate::report::fingerprint::fingerprint;
use crate::report::{Role, Rule};
use crate::rules::leak::{At, Explanation, Leak};
use crate::verdict::What;
use crate::verdict::thresholds::sliced_string_parent::{
    MIN_BYTES, MIN_PARENT, MIN_PER_SLICE, MIN_SHARE,
};
use crate::verdict::trend::Trend;

pub(crate) const RULE: Rule =
    Rule::new("sliced-string-parent", "Short slices that keep long texts alive");

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

/// Slices in one holder that alone keep long texts.
pub(crate) struct Slices {
    /// The name of the holder.
    pub(crate) holder: String,
    pub(crate) count: u64,
    /// Bytes of the texts, without the slices.
    pub(crate) kept: u64,
    /// Bytes of the whole heap.
    pub(crate) heap: u64,
    /// How one of them is held, if that is more than the holder's name: `heads[…].title`.
    pub(crate) way: Option<String>,
    pub(crate) places: Vec<At<SlicePlace>>,
}

/// What stands at a place of [`Slices`].
#[derive(Clone, Copy)]
pub(crate) enum SlicePlace {
    Holder,
    /// A statement that adds to the holder.
    Adds,
    /// The user's own declaration that leads to the holder.
    OfUser,
}

fn explanation(e: &Evidence, together: &HeldTogether) -> Option<Explanation> {
    let holder = together.blame.holder.as_ref()?;
    let slices = together.nodes();
    let shallow: u64 = slices.iter().map(|&slice| e.heap.self_size(slice)).sum();
    let kept = e.retained_by(&slices).saturating_sub(shallow);
    let heap = e.heap.total_size();
    if kept < MIN_BYTES.max((MIN_SHARE * heap as f64) as u64) {
        return None;
    }
    let count = slices.len() as u64;
    let name = holder.spot.name.as_str();
    let way = together.ways.iter().map(|(way, _)| way.as_str()).find(|way| *way != name);
    let mut places = vec![At::name_of(Role::Holder, &holder.spot, SlicePlace::Holder)];
    let statements = Statements::about(e.locator, holder, None);
    let adds = statements.adds.iter().take(MAX_SHOWN);
    places.extend(adds.map(|add| At::statement(&holder.spot, add, SlicePlace::Adds)));
    if let Some(user) = &together.blame.user {
        places.push(At::name_of(Role::User, &user.spot, SlicePlace::OfUser));
    }
    let file = e.locator.relative(holder.spot.path());
    let edges = &together.blame.owner.edges;
    let fingerprint = fingerprint(RULE, &[&file, &holder.declared_in.key(), name]);
    // Who keeps the texts is certain; how much of them is needed is not.
    let features = Statements::default().features(What::Waste, Trend::Once);
    let way = way.map(str::to_owned);
    let facts = Slices { holder: name.to_owned(), count, kept, heap, way, places };
    let leak = Leak {
        shallow_size: shallow,
        retained_size: kept,
        path: retaining_path::hops(e, edges),
        steps: retaining_path::steps(e, Some(holder), edges, "slice"),
        ..Leak::new(RULE, features, fingerprint, vec![count], facts)
    };
    Some(Explanation { leak, keepers: slices })
}

#[cfg(test)]
mod drawn_tests;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Ran, told};

    /// The titles of what is found in one snapshot of a program, a line each.
    fn found(program: &str) -> Vec<String> {
        let text = "const text = (i) => Buffer.from(`line of text number ${i}\\n`.repeat(40_000)).toString();\n";
        Ran::file(&format!("{text}{program}")).ask(|e| {
            // Sizes differ from version to version.
            let before = |title: &str| title.split(" keep").next().unwrap_or_default().to_owned();
            find(e).iter().map(|it| before(&told(&it.leak).title)).collect()
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
