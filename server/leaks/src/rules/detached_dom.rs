//! detached-dom: elements that were taken out of their page and that a variable, a field or the scope of
//! a function still holds. Each keeps all elements around it.
//!
//! Those in a collection that grows are found there ([`crate::rules::retained_after_close`]).

use heapmark_heap::{EdgeType, NodeOrdinal, NodeSet, NodeType};
use rustc_hash::FxHashMap;

use crate::blame::by_holder::{HeldTogether, by_holder};
use crate::blame::retaining_path;
use crate::evidence::Evidence;
use crate::locate::statements::{MAX_SHOWN, Statements};
use crate::report::fingerprint::fingerprint;
use crate::report::{Role, Rule};
use crate::rules::leak::{At, Leak};
use crate::rules::scene::Scene;
use crate::v8::dom::{detached_of, is_detached};
use crate::v8::members::all_members;
use crate::verdict::What;
use crate::verdict::thresholds::detached_dom::{LARGE, MIN_COUNT, MIN_SHARE};
use crate::verdict::trend::{Trend, seen};

pub(crate) const RULE: Rule =
    Rule::new("detached-dom", "Elements that were taken out of their page and are kept");

/// The detached elements that the user's own code holds. What hangs on something that grows, and what
/// collections of them hold, is told there.
pub(crate) fn find(scene: &mut Scene) -> Vec<Leak> {
    let (e, explained) = (scene.e, scene.grown());
    if e.newest_census().detached == 0 {
        return Vec::new();
    }
    let of_elements = scene.leaks.iter().filter(|it| it.rule == RULE);
    let collections = of_elements.flat_map(|it| it.accumulators.iter().copied());
    let members = collections.flat_map(|collection| all_members(e.heap, collection));
    let told: Vec<NodeOrdinal> = members.flat_map(|member| detached_of(e.heap, member)).collect();
    let told = NodeSet::of(e.heap, tree(e, &told));
    let elements = e.heap.nodes().filter(|&node| {
        is_detached(e.heap, node) && !explained.contains(node) && !told.contains(node)
    });
    let blame = elements.filter(|&node| is_held_by_script(e, node));
    let together = by_holder(e, blame.collect::<Vec<_>>());
    together.iter().filter_map(|together| leak(e, together)).collect()
}

/// Whether JavaScript holds the element, and not only other elements of its tree.
fn is_held_by_script(e: &Evidence, element: NodeOrdinal) -> bool {
    e.heap.retainers(element).any(|edge| {
        let by = e.heap.node_type(edge.from);
        edge.edge_type != EdgeType::Weak
            && matches!(by, NodeType::Object | NodeType::Closure | NodeType::Array)
    })
}

/// Elements of no page that one holder keeps.
pub(crate) struct DetachedElements {
    /// The name of the holder.
    pub(crate) holder: String,
    /// `None`: they do not grow, or others are why all of them do.
    pub(crate) trend: Option<Trend>,
    /// With all elements of their trees.
    pub(crate) count: u64,
    /// How many the holder has itself, and what most of them are: `<dialog>`.
    pub(crate) held: u64,
    pub(crate) tag: String,
    /// Bytes.
    pub(crate) retained: u64,
    pub(crate) places: Vec<At<ElementsPlace>>,
}

/// What stands at a place of [`DetachedElements`].
#[derive(Clone, Copy)]
pub(crate) enum ElementsPlace {
    Holder,
    /// A statement that adds to the holder.
    Adds,
    /// The user's own declaration that leads to the holder.
    OfUser,
}

fn leak(e: &Evidence, together: &HeldTogether) -> Option<Leak> {
    let holder = together.blame.holder.as_ref()?;
    let elements = together.nodes();
    let tree = tree(e, &elements);
    let retained = e.retained_by(&elements);
    let count = tree.len() as u64;
    if count < MIN_COUNT && retained < LARGE {
        return None;
    }
    let name = holder.spot.name.as_str();
    let (counts, trend) = counts(e, &tree);
    let tag = tag(e, &elements);
    let statements = Statements::about(e.locator, holder, None);
    let mut places = vec![At::name_of(Role::Holder, &holder.spot, ElementsPlace::Holder)];
    let adds = statements.adds.iter().take(MAX_SHOWN);
    places.extend(adds.map(|add| At::statement(&holder.spot, add, ElementsPlace::Adds)));
    if let Some(user) = &together.blame.user {
        places.push(At::name_of(Role::User, &user.spot, ElementsPlace::OfUser));
    }
    let features = statements.features(What::Other, trend.unwrap_or(Trend::Once));
    let file = e.locator.relative(holder.spot.path());
    let edges = &together.blame.owner.edges;
    let steps = retaining_path::steps(e, Some(holder), edges, &tag);
    let held = elements.len() as u64;
    let fingerprint = fingerprint(RULE, &[&file, &holder.declared_in.key(), name]);
    let facts =
        DetachedElements { holder: name.to_owned(), trend, count, held, tag, retained, places };
    Some(Leak {
        shallow_size: tree.iter().map(|&node| e.heap.self_size(node)).sum(),
        retained_size: retained,
        path: retaining_path::hops(e, edges),
        steps,
        accumulators: elements,
        ..Leak::new(RULE, features, fingerprint, counts, facts)
    })
}

/// The elements of the trees that `elements` belong to.
fn tree(e: &Evidence, elements: &[NodeOrdinal]) -> Vec<NodeOrdinal> {
    let mut seen = NodeSet::of(e.heap, elements.iter().copied());
    let mut open: Vec<NodeOrdinal> = elements.to_vec();
    let mut tree = Vec::new();
    while let Some(node) = open.pop() {
        tree.push(node);
        for edge in e.heap.edges(node) {
            if edge.edge_type != EdgeType::Weak
                && is_detached(e.heap, edge.to)
                && seen.insert(edge.to)
            {
                open.push(edge.to);
            }
        }
    }
    tree
}

/// How many elements of no page there were in each snapshot, if that grows and these are why; else how
/// many these are.
fn counts(e: &Evidence, tree: &[NodeOrdinal]) -> (Vec<u64>, Option<Trend>) {
    let counts: Vec<u64> = e.censuses.iter().map(|census| census.detached).collect();
    let gained = counts[counts.len() - 1].saturating_sub(counts[0]);
    let new = tree.iter().filter(|&&node| e.is_new(node)).count();
    match seen(&counts) {
        Some(seen) if new as f64 >= MIN_SHARE * gained as f64 => (counts, Some(seen)),
        _ => (vec![tree.len() as u64], None),
    }
}

/// What most of the elements are: `<dialog>`.
fn tag(e: &Evidence, elements: &[NodeOrdinal]) -> String {
    let mut tags: FxHashMap<String, usize> = FxHashMap::default();
    for &element in elements {
        let name = e.heap.name(element);
        let name = name.strip_prefix("Detached ").unwrap_or(&name);
        // What follows the name of the tag is the page's own text.
        let tag = name.trim_start_matches('<').split([' ', '>']).next().unwrap_or_default();
        *tags.entry(format!("<{}>", tag.escape_debug())).or_default() += 1;
    }
    let most = tags
        .into_iter()
        .max_by(|(one, count), (other, others)| count.cmp(others).then_with(|| other.cmp(one)));
    most.map_or_else(String::new, |(tag, _)| tag)
}

#[cfg(test)]
mod drawn_tests;
