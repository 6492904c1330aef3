//! Texts that may be long: whole, or in pieces that V8 joins when they are read.

use heapmark_heap::{NodeOrdinal, NodeType, Snapshot};
use rustc_hash::FxHashSet;

use crate::verdict::thresholds::census::MIN_TEXT;

/// A budget: texts in so many pieces are looked at without memory for what was seen. Most have no more.
const FEW_PIECES: usize = 16;

/// A budget: a text in pieces is followed for so many pieces. Of more it is long, whatever they hold.
const MAX_PIECES: usize = 100_000;

/// Whether a node is a text that is long, or in pieces and may be.
pub(crate) fn may_be_long(snapshot: &Snapshot, node: NodeOrdinal) -> bool {
    match snapshot.node_type(node) {
        NodeType::String => snapshot.raw_self_size(node) >= MIN_TEXT,
        NodeType::ConcatenatedString => true,
        _ => false,
    }
}

/// Whether a node is a text in few pieces, and short; quick to tell, without remembering which pieces
/// were seen: one that is there twice may be counted twice.
pub(super) fn is_surely_short(snapshot: &Snapshot, node: NodeOrdinal) -> bool {
    if !is_text(snapshot, node) {
        return false;
    }
    let mut bytes = 0;
    let mut pieces = [node; FEW_PIECES];
    let mut count = 1;
    let mut next = 0;
    while next < count {
        let piece = pieces[next];
        next += 1;
        bytes += snapshot.raw_self_size(piece);
        if snapshot.node_type(piece) == NodeType::ConcatenatedString {
            let inside = snapshot.edges(piece).map(|edge| edge.to);
            for it in inside.filter(|&it| is_text(snapshot, it)) {
                if count == FEW_PIECES {
                    return false;
                }
                pieces[count] = it;
                count += 1;
            }
        }
    }
    bytes < MIN_TEXT
}

/// Whether a node is a text, whole or in pieces.
pub(super) fn is_text(snapshot: &Snapshot, node: NodeOrdinal) -> bool {
    matches!(snapshot.node_type(node), NodeType::String | NodeType::ConcatenatedString)
}

/// The bytes of a text with all its pieces.
pub(crate) fn text_size(snapshot: &Snapshot, text: NodeOrdinal) -> u64 {
    let mut bytes = 0;
    let mut seen = FxHashSet::from_iter([text]);
    let mut open = vec![text];
    while let Some(piece) = open.pop() {
        bytes += snapshot.raw_self_size(piece);
        if snapshot.node_type(piece) == NodeType::ConcatenatedString && seen.len() < MAX_PIECES {
            let inside = snapshot.edges(piece).map(|edge| edge.to);
            open.extend(inside.filter(|&it| is_text(snapshot, it) && seen.insert(it)));
        }
    }
    bytes
}
