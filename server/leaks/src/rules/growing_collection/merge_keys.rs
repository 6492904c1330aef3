//! Collections under several keys of one object, `log[level].push(…)`: if the same statements add to all
//! of them, they are one leak, as the values of a Map are.
//!
//! Keys that [look like data](crate::blame) have no name to begin with; these do.

use std::path::PathBuf;

use heapmark_heap::{EdgeType, NodeOrdinal};
use heapmark_source::Range;
use rustc_hash::FxHashMap;

use crate::blame::access_path::named_steps;
use crate::evidence::Evidence;

use crate::rules::growing_collection::group::Group;
use crate::rules::growing_collection::statements::statements;

/// A property of a plain object that leads to a collection.
struct Key {
    /// As it is said: `.warn`.
    step: String,
    /// The object, and the steps behind the key.
    way: (NodeOrdinal, Vec<String>),
}

/// Takes together what is one.
pub(super) fn join_keys<'a>(e: &Evidence, groups: Vec<Group<'a>>) -> Vec<Group<'a>> {
    let mut joined: Vec<Group<'a>> = Vec::new();
    let mut known: FxHashMap<(NodeOrdinal, Vec<String>), Vec<usize>> = FxHashMap::default();
    let mut adds: FxHashMap<usize, Vec<(PathBuf, Range)>> = FxHashMap::default();
    for group in groups {
        let keys = keys(e, &group);
        let mut own: Option<Vec<(PathBuf, Range)>> = None;
        let same = keys.iter().find_map(|key| {
            let alike = known.get(&key.way)?.iter().copied();
            let mut alike = alike.filter(|&other| joined[other].place == group.place);
            let other = alike.find(|&other| {
                let own = own.get_or_insert_with(|| adding(e, &group));
                let others = adds.entry(other).or_insert_with(|| adding(e, &joined[other]));
                !own.is_empty() && own == others
            })?;
            Some((other, key))
        });
        if let Some((other, key)) = same {
            joined[other].name = with_any_key(&group.name, key);
            joined[other].collections.extend(group.collections);
        } else {
            for key in keys {
                known.entry(key.way).or_default().push(joined.len());
            }
            joined.push(group);
        }
    }
    for group in &mut joined {
        group.collections.sort_by_key(|it| std::cmp::Reverse(e.heap.retained_size(it.node)));
    }
    joined
}

fn keys(e: &Evidence, group: &Group) -> Vec<Key> {
    let edges = &group.blame.owner.edges;
    // The first is the binding.
    let below = (1..edges.len()).filter(|&at| {
        edges[at].edge_type == EdgeType::Property && e.heap.name(edges[at].from) == "Object"
    });
    below
        .map(|at| Key {
            step: named_steps(e, &edges[at..=at]).concat(),
            way: (edges[at].from, named_steps(e, &edges[at + 1..])),
        })
        .collect()
}

/// Where the statements stand that add to it.
fn adding(e: &Evidence, group: &Group) -> Vec<(PathBuf, Range)> {
    let holder = group.blame.holder.as_ref();
    let adds = holder.map(|holder| statements(e, group, holder).adds).unwrap_or_default();
    adds.into_iter().map(|add| (add.file, add.range)).collect()
}

/// `log[…]` for `log.warn`.
fn with_any_key(name: &str, key: &Key) -> String {
    let after = key.way.1.concat();
    let before = name.strip_suffix(&after).and_then(|name| name.strip_suffix(&key.step));
    before.map_or_else(|| name.to_owned(), |before| format!("{before}[…]{after}"))
}
