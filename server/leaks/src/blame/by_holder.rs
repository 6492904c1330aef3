//! Who holds each of very many things: strings, slices, buffers.
//!
//! [`crate::blame`] climbs from one thing. Here things that hang in the heap in the same way are taken
//! together (`.country` of a record in an array), and a few of each kind are asked.

use std::path::{Path, PathBuf};

use heapmark_heap::{ClassIndex, EdgeType, NodeOrdinal, StringIndex};
use heapmark_source::Range;
use rustc_hash::FxHashMap;

use crate::blame::access_path::name_of;
use crate::blame::holding::{Blame, blame_for};
use crate::evidence::Evidence;
use crate::locate::Origin;
use crate::v8::retainer_walk::may_climb;
use crate::verdict::thresholds::by_holder::MIN_SHARE;

/// A budget: so many of a kind, spread over all of them, are asked who holds them, a climb each. Those of a kind
/// are held alike.
const ASKED: usize = 8;
/// A budget: so many kinds are asked, the most numerous first: the rest are few things.
const MAX_KINDS: usize = 100;
/// Steps upwards that tell kinds apart: the holder's class alone is often `Array` or `Map`, that above is not.
const STEPS: usize = 2;

/// Things that one declaration of the user's holds.
pub(crate) struct HeldTogether {
    /// How one of them is held.
    pub(crate) blame: Blame,
    /// The ways in which they are: `prices[…].terms`, with the things that are held so.
    pub(crate) ways: Vec<(String, Vec<NodeOrdinal>)>,
}

impl HeldTogether {
    /// All of the things.
    pub(crate) fn nodes(&self) -> Vec<NodeOrdinal> {
        self.ways.iter().flat_map(|(_, nodes)| nodes.iter().copied()).collect()
    }
}

/// How a thing hangs in the heap, from the inside out: the names of the links, and the classes of what
/// they lead from.
type Way = [Option<(EdgeType, Option<StringIndex>, ClassIndex)>; STEPS];

/// Those of `nodes` that the user's own code holds, or a dependency that it leads to, by the
/// declaration that does.
pub(crate) fn by_holder(
    e: &Evidence,
    nodes: impl IntoIterator<Item = NodeOrdinal>,
) -> Vec<HeldTogether> {
    let mut kinds: FxHashMap<Way, Vec<NodeOrdinal>> = FxHashMap::default();
    for node in nodes {
        kinds.entry(way(e, node)).or_default().push(node);
    }
    let mut kinds: Vec<Vec<NodeOrdinal>> = kinds.into_values().collect();
    kinds.sort_by_key(|nodes| (std::cmp::Reverse(nodes.len()), nodes[0]));
    let mut together: Vec<((PathBuf, Range), HeldTogether)> = Vec::new();
    for nodes in kinds.into_iter().take(MAX_KINDS) {
        if e.watch.go_on().is_err() {
            break;
        }
        let Some((blame, name)) = holder_of_most(e, &nodes) else { continue };
        let Some(place) = place(&blame) else { continue };
        let place = (place.0.to_owned(), place.1);
        let known = together.iter_mut().find(|(known, _)| *known == place);
        match known {
            None => together.push((place, HeldTogether { blame, ways: vec![(name, nodes)] })),
            Some((_, known)) => match known.ways.iter_mut().find(|(way, _)| *way == name) {
                Some((_, of_way)) => of_way.extend(nodes),
                None => known.ways.push((name, nodes)),
            },
        }
    }
    together.into_iter().map(|(_, together)| together).collect()
}

fn way(e: &Evidence, node: NodeOrdinal) -> Way {
    let mut way = Way::default();
    let mut at = node;
    for step in &mut way {
        let mut retainers = e.heap.retainers(at);
        let Some(edge) = retainers.find(|edge| may_climb(e.heap, e.shapes, edge)) else { break };
        let is_named = matches!(edge.edge_type, EdgeType::Property | EdgeType::Context);
        let name = e.heap.edge_name_index(&edge).filter(|_| is_named);
        *step = Some((edge.edge_type, name, e.heap.class_index(edge.from)));
        at = edge.from;
    }
    way
}

/// Who holds most of those that are asked, and what a person would call them.
fn holder_of_most(e: &Evidence, nodes: &[NodeOrdinal]) -> Option<(Blame, String)> {
    let stride = nodes.len().div_ceil(ASKED).max(1);
    let asked: Vec<NodeOrdinal> = nodes.iter().copied().step_by(stride).collect();
    let mut answers: Vec<(Blame, String, usize)> = Vec::new();
    for &node in &asked {
        let Some(blame) = blame_for(e, node).filter(|blame| is_users(e, blame)) else { continue };
        let name = name_of(e, &blame.owner, blame.holder.as_ref());
        let same = answers
            .iter_mut()
            .find(|(known, its_name, _)| *its_name == name && place(known) == place(&blame));
        match same {
            Some((_, _, count)) => *count += 1,
            None => answers.push((blame, name, 1)),
        }
    }
    let (blame, name, count) = answers.into_iter().max_by_key(|&(_, _, count)| count)?;
    (count as f64 >= MIN_SHARE * asked.len() as f64).then_some((blame, name))
}

fn place(blame: &Blame) -> Option<(&Path, Range)> {
    blame.holder.as_ref().map(|holder| (holder.spot.path(), holder.spot.name_range))
}

fn is_users(e: &Evidence, blame: &Blame) -> bool {
    blame.user.is_some() && !blame.is_far
        || e.locator.binding_origin(&blame.owner) == Some(Origin::Own)
}
