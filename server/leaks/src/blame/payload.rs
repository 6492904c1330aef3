//! What piles up inside a collection or behind a callback: the class or function that a person would
//! recognise.
//!
//! Looks from the members downwards, a few steps deep, for a function or class that accounts for most
//! of the members. The nearest one of the user's own explains best; if there is none, the nearest one
//! of a dependency.

use heapmark_heap::{Edge, EdgeType, NodeOrdinal, NodeType};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::evidence::Evidence;
use crate::locate::Origin;
use crate::v8::sites::{Kind, SiteKey};
use crate::verdict::thresholds::payload::MIN_SHARE;

/// A budget: so many members are looked at; more would only repeat.
const SAMPLE: usize = 500;
/// A budget: so many steps below the members are looked at; each is wider than the one above, and what is farther
/// away is not what people put in.
const MAX_DEPTH: usize = 6;
/// The function or class whose closures or instances pile up.
pub(crate) struct Kept {
    pub(crate) site: SiteKey,
    /// From a member to one of them.
    pub(crate) edges: Vec<Edge>,
    /// The member above it.
    pub(crate) member: NodeOrdinal,
}

impl Kept {
    /// Its name in the source, if that is in the workspace.
    pub(crate) fn name(&self, e: &Evidence) -> Option<String> {
        Some(e.locator.site(self.site)?.short_name().to_owned())
    }
}

/// Looks for it below `members`. `kinds` says what counts as an explanation.
pub(crate) fn kept_by(e: &Evidence, members: &[NodeOrdinal], kinds: &[Kind]) -> Option<Kept> {
    let stride = members.len().div_ceil(SAMPLE).max(1);
    let sample: Vec<NodeOrdinal> = members.iter().copied().step_by(stride).collect();
    let mut way: FxHashMap<NodeOrdinal, Edge> = FxHashMap::default();
    let mut seen: FxHashSet<NodeOrdinal> = sample.iter().copied().collect();
    let mut level = sample.clone();
    let mut second_best = None;
    for _ in 0..=MAX_DEPTH {
        let mut tally: FxHashMap<(bool, SiteKey), (usize, NodeOrdinal)> = FxHashMap::default();
        for &node in &level {
            if let Some((site, origin)) =
                site(e, node).filter(|(site, _)| kinds.contains(&site.kind))
            {
                tally.entry((origin == Origin::Own, site)).or_insert((0, node)).0 += 1;
            }
        }
        let enough =
            |(count, _): &(usize, NodeOrdinal)| *count as f64 >= MIN_SHARE * sample.len() as f64;
        let explaining = tally.into_iter().filter(|(_, counted)| enough(counted));
        let best = explaining.max_by_key(|&((is_own, site), (count, _))| (is_own, count, site));
        if let Some(((is_own, site), (_, node))) = best {
            let (member, edges) = way_from_member(node, &way);
            let kept = Kept { site, edges, member };
            if is_own {
                return Some(kept);
            }
            second_best.get_or_insert(kept);
        }
        let mut next = Vec::new();
        for &node in &level {
            for edge in e.heap.edges(node) {
                if leads_on(e, &edge) && seen.insert(edge.to) {
                    way.insert(edge.to, edge);
                    next.push(edge.to);
                }
            }
        }
        level = next;
    }
    second_best
}

/// The place of a closure, instance or frame, and whose code it is; not that of Node itself.
fn site(e: &Evidence, node: NodeOrdinal) -> Option<(SiteKey, Origin)> {
    let location = e.heap.location(node)?;
    let kind = match e.heap.node_type(node) {
        NodeType::Closure => Kind::Closure,
        NodeType::Object if e.shapes.is_frame(node) => Kind::Frame,
        NodeType::Object => Kind::Instance,
        _ => return None,
    };
    let origin = e.locator.origin(location);
    matches!(origin, Origin::Own | Origin::Dependency)
        .then_some((SiteKey { kind, location }, origin))
}

/// Whether what lies behind an edge belongs to the thing in front of it. With several snapshots,
/// only what is new can be what piles up.
fn leads_on(e: &Evidence, edge: &Edge) -> bool {
    let named = match edge.edge_type {
        EdgeType::Property => {
            let name = e.heap.edge_name(edge).to_string();
            name != "__proto__" && name != "constructor"
        }
        EdgeType::Internal => {
            let name = e.heap.edge_name(edge).to_string();
            !matches!(name.as_str(), "map" | "shared" | "feedback_cell" | "scope_info" | "previous")
        }
        EdgeType::Context | EdgeType::Element | EdgeType::Hidden => true,
        EdgeType::Weak | EdgeType::Shortcut | EdgeType::Unknown => false,
    };
    let can_hold = matches!(
        e.heap.node_type(edge.to),
        NodeType::Object | NodeType::Closure | NodeType::Array | NodeType::Hidden
    );
    named && can_hold && (e.snapshots() == 1 || e.is_new(edge.to))
}

fn way_from_member(
    node: NodeOrdinal,
    way: &FxHashMap<NodeOrdinal, Edge>,
) -> (NodeOrdinal, Vec<Edge>) {
    let mut edges = Vec::new();
    let mut at = node;
    while let Some(edge) = way.get(&at) {
        edges.push(*edge);
        at = edge.from;
    }
    edges.reverse();
    (at, edges)
}
