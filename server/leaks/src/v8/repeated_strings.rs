//! Texts that the heap has many times: strings that are equal, but not the same.
//!
//! V8 writes each text into a file once, so equal strings have one name, and counting them takes one
//! look at each node. Slices of other strings and texts in pieces have no text of their own there and
//! take no part; nor do long texts, of which the file has the beginning only: two that begin alike may
//! end differently. `heapmark_heap` finds duplicates as `DevTools` does, which takes far longer.

use crate::verdict::thresholds::repeated_strings::{MIN_BYTES, MIN_COUNT};
use std::hash::{Hash, Hasher};

use heapmark_heap::{NodeOrdinal, NodeType, Snapshot, StringIndex};
use rustc_hash::{FxHashMap, FxHasher};

/// V8 writes so many UTF-16 units of a text, at most.
const WRITTEN: usize = 1024;

/// A text of which there are many strings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Text {
    name: StringIndex,
    /// Bytes of one string.
    pub(crate) size: u64,
}

impl Text {
    /// The text that a node is, if it is a whole string.
    pub(crate) fn of(snapshot: &Snapshot, node: NodeOrdinal) -> Option<Self> {
        // Without size are those that V8 makes up to tell numbers, or that all programs share.
        let size = snapshot.raw_self_size(node);
        let is_text = snapshot.node_type(node) == NodeType::String && size > 0;
        is_text.then(|| Self { name: snapshot.name_index(node), size })
    }

    /// Whether the file may have only the beginning of it.
    fn is_cut(self, snapshot: &Snapshot) -> bool {
        let text = snapshot.string(self.name);
        // No text has more units than bytes.
        text.len() >= WRITTEN && text.encode_utf16().count() >= WRITTEN
    }

    /// The text itself.
    pub(crate) fn shown(self, snapshot: &Snapshot) -> String {
        snapshot.string(self.name).into_owned()
    }

    /// Names the text in every snapshot.
    pub(crate) fn key(self, snapshot: &Snapshot) -> u64 {
        let mut hasher = FxHasher::default();
        (snapshot.string(self.name), self.size).hash(&mut hasher);
        hasher.finish()
    }
}

/// How many strings there are of each text that many have, of texts that the file has whole.
pub(crate) fn repeated(snapshot: &Snapshot) -> FxHashMap<Text, u64> {
    // Most texts are names that only one string has: numbers by name are cheaper than a table.
    let mut by_name: Vec<u32> = Vec::new();
    for text in snapshot.nodes().filter_map(|node| Text::of(snapshot, node)) {
        let index = text.name.index();
        if index >= by_name.len() {
            by_name.resize(index + 1, 0);
        }
        by_name[index] = by_name[index].saturating_add(1);
    }
    let mut texts: FxHashMap<Text, u64> = FxHashMap::default();
    for text in snapshot.nodes().filter_map(|node| Text::of(snapshot, node)) {
        if u64::from(by_name[text.name.index()]) >= MIN_COUNT {
            *texts.entry(text).or_default() += 1;
        }
    }
    texts.retain(|text, count| {
        *count >= MIN_COUNT && *count * text.size >= MIN_BYTES && !text.is_cut(snapshot)
    });
    texts
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use heapmark_heap::sketch::Sketch;

    use super::*;

    #[test]
    fn equal_strings_are_counted_by_text_and_size_if_the_file_has_the_whole_text() {
        let mut drawing = String::new();
        let beginning = "b".repeat(WRITTEN);
        for i in 0..30 {
            let _ = writeln!(drawing, "root -> a{i}\na{i}: string repeated 1000");
            let _ = writeln!(drawing, "root -> b{i}\nb{i}: string \"text {i}\" 1000");
            let _ = writeln!(drawing, "root -> c{i}\nc{i}: sliced_string repeated 32");
            let _ = writeln!(drawing, "root -> d{i}\nd{i}: string small 16");
            let _ = writeln!(drawing, "root -> e{i}\ne{i}: string {beginning} 2000");
        }
        let _ = writeln!(drawing, "root -> f\nf: string repeated 2000");
        let sketch = Sketch::parse(&drawing);
        let snapshot = sketch.snapshot();
        let found: Vec<(String, u64, u64)> = repeated(&snapshot)
            .into_iter()
            .map(|(text, count)| (text.shown(&snapshot), text.size, count))
            .collect();
        assert_eq!(found, [("repeated".to_owned(), 1000, 30)]);
    }
}
