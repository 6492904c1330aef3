//! Is what grows a table of things that were there all along: compiled templates, loaded routes?
//!
//! A leak's keys come with the entries: ids, URLs, texts of requests. If each key was in memory before
//! the first snapshot was taken, there are only so many of them, however many entries are made while
//! somebody looks. What says nothing here may still be a table: keys may be put together anew.

use heapmark_heap::{CollectionKind, MemberKey, NodeOrdinal, NodeType, StringIndex};
use rustc_hash::FxHashSet;

use crate::evidence::Evidence;
use crate::verdict::thresholds::known_keys::MAX_TABLE;

/// Whether every key of a map or plain object, or every member of a set, was there before the first
/// snapshot: as itself, or as a text that reads the same.
pub(super) fn is_of_known_keys(e: &Evidence, node: NodeOrdinal, entries: u64) -> bool {
    let is_keyed = matches!(
        e.heap.collection_kind(node),
        Some(CollectionKind::Map | CollectionKind::Set | CollectionKind::Dictionary)
    );
    if !is_keyed || !e.one_process || e.snapshots() < 2 || entries > MAX_TABLE {
        return false;
    }
    let was_there = |node: NodeOrdinal| e.heap.node_id(node).0 % 2 == 1 && !e.is_new(node);
    let members = e.heap.members(node);
    let mut wanted: FxHashSet<StringIndex> = FxHashSet::default();
    for member in &members {
        match member.key {
            Some(MemberKey::Name(name)) => wanted.insert(name),
            Some(MemberKey::Node(key)) if was_there(key) => true,
            Some(MemberKey::Node(key)) if e.heap.node_type(key) == NodeType::String => {
                wanted.insert(e.heap.name_index(key))
            }
            _ => return false,
        };
    }
    let texts = e.heap.nodes().filter(|&node| e.heap.node_type(node) == NodeType::String);
    for text in texts.filter(|&text| was_there(text)) {
        if wanted.is_empty() {
            break;
        }
        wanted.remove(&e.heap.name_index(text));
    }
    members.len() as u64 == entries && wanted.is_empty()
}
