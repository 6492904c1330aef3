//! What piles up inside a collection or behind a callback: the user's own class or function that a
//! person would recognise.
//!
//! Looks from the members downwards, a few steps deep, for a function or class of the user's that
//! accounts for most of the members. Stops at the first depth that has one: the nearest is the one
//! that explains.

use heapmark_heap::{Edge, EdgeType, NodeOrdinal, NodeType};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::census::{Kind, SiteKey};
use crate::evidence::Evidence;
use crate::locate::Origin;
use crate::units::number;

/// How many members to look at; more would only repeat.
const SAMPLE: usize = 500;
/// How many steps below the members to look.
const DEEPEST: usize = 4;
/// Whoever accounts for this share of the members explains them.
const MOST: f64 = 0.5;

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
    for _ in 0..=DEEPEST {
        let mut tally: FxHashMap<SiteKey, (usize, NodeOrdinal)> = FxHashMap::default();
        for &node in &level {
            if let Some(site) = own_site(e, node).filter(|site| kinds.contains(&site.kind)) {
                tally.entry(site).or_insert((0, node)).0 += 1;
            }
        }
        let best = tally.into_iter().max_by_key(|(site, (count, _))| (*count, *site));
        if let Some((site, (count, node))) = best
            && count as f64 >= MOST * sample.len() as f64
        {
            let (member, edges) = way_from_member(node, &way);
            return Some(Kept { site, edges, member });
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
    None
}

/// The place of a closure, instance or frame, if it is in the user's own code.
fn own_site(e: &Evidence, node: NodeOrdinal) -> Option<SiteKey> {
    let location = e.heap.location(node)?;
    let kind = match e.heap.node_type(node) {
        NodeType::Closure => Kind::Closure,
        NodeType::Object if e.shapes.is_frame(node) => Kind::Frame,
        NodeType::Object => Kind::Instance,
        _ => return None,
    };
    (e.locator.origin(location) == Origin::Own).then_some(SiteKey { kind, location })
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

/// `1,800 of these are kept, +1,200 since the first snapshot`.
pub(crate) fn kept_label(counts: &[u64]) -> String {
    let last = counts.last().copied().unwrap_or(0);
    let first = counts.first().copied().unwrap_or(0);
    let kept = format!("{} of these are alive", number(last));
    if counts.len() > 1 && last > first {
        format!("{kept}, +{} since the first snapshot", number(last - first))
    } else {
        kept
    }
}
