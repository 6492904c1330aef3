//! Strings of which the heap has several with the same text (`DevTools`: `getDuplicateStrings`).
//!
//! Texts are compared as far as the file has them: 1024 UTF-16 units. From V8 15 on it marks those
//! that are longer, with their length and hash, which then count too; older files do not tell.

use std::hash::{BuildHasher, RandomState};

use rustc_hash::FxHashMap;

use super::computed::Analysis;
use super::concatenated::Ropes;
use crate::kinds::{EdgeType, NodeType};
use crate::monitor::{Cancelled, Monitor, Phase, Progress};
use crate::ordinals::{NodeOrdinal, StringIndex};
use crate::snapshot::Edge;

/// Strings with one text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DuplicateStrings {
    /// The text, or its first 1024 UTF-16 units.
    pub text: String,
    /// Whether the file says that the text goes on.
    pub is_truncated: bool,
    /// The strings, in the file's order: at least two.
    pub nodes: Vec<NodeOrdinal>,
    /// Bytes of all of them.
    pub self_size: u64,
    /// Bytes that they retain, all added up.
    pub retained_size: u64,
}

impl Analysis {
    /// All strings that there are several of, those that retain most first. Slices of other strings
    /// take no part, nor do halves that V8 has put together since.
    pub fn duplicate_strings(
        &self,
        monitor: &dyn Monitor,
    ) -> Result<Vec<DuplicateStrings>, Cancelled> {
        let progress = Progress::start(monitor, Phase::Searching, self.node_count())?;
        let mut texts = Texts::new(self);
        let mut texts_of_strings: Vec<(NodeOrdinal, u32)> = Vec::new();
        // Strings take longer than other nodes, and some a thousand times as long as others.
        let mut steps = 0;
        for node in self.nodes() {
            progress.tick(node.index())?;
            let mut step = || progress.texts(&mut steps, node.index());
            if let Some(text) = texts.of(node, &mut step)? {
                texts_of_strings.push((node, text));
            }
        }
        let mut places: FxHashMap<u32, usize> = FxHashMap::default();
        let mut groups: Vec<DuplicateStrings> = Vec::new();
        for (node, text) in texts_of_strings {
            progress.texts(&mut steps, self.node_count())?;
            let Text { example, more, .. } = texts.all[text as usize];
            if more == 0 {
                continue;
            }
            let place = *places.entry(text).or_insert_with(|| {
                groups.push(DuplicateStrings {
                    text: texts.ropes.text(example).into_owned(),
                    is_truncated: texts.rest(example).is_some(),
                    nodes: Vec::with_capacity(more as usize + 1),
                    self_size: 0,
                    retained_size: 0,
                });
                groups.len() - 1
            });
            let group = &mut groups[place];
            group.nodes.push(node);
            group.self_size = group.self_size.saturating_add(self.self_size(node));
            group.retained_size = group.retained_size.saturating_add(self.retained_size(node));
        }
        groups.sort_by_key(|group| std::cmp::Reverse(group.retained_size));
        Ok(groups)
    }
}

/// The different texts so far. None is kept: that would take as much memory as the heap itself had
/// for them. One string of each text stands for it.
struct Texts<'h> {
    heap: &'h Analysis,
    ropes: Ropes<'h>,
    marks: Marks,
    all: Vec<Text>,
    /// The last of the texts with a hash.
    by_hash: FxHashMap<u64, u32>,
    /// Of strings in one piece that are not truncated, by name.
    by_name: FxHashMap<StringIndex, u32>,
    /// Nobody can prepare a file in which all texts have one hash.
    hasher: RandomState,
}

struct Text {
    example: NodeOrdinal,
    /// Strings with this text, beside the example.
    more: u32,
    /// Another text with this hash.
    previous: Option<u32>,
}

/// What V8 says about the rest of a text that the file does not have: length and hash.
type Rest = (Option<i64>, Option<i64>);

/// Names of links and nodes by which V8 says it.
struct Marks {
    truncated: Option<StringIndex>,
    length: Option<StringIndex>,
    hash: Option<StringIndex>,
    value: Option<StringIndex>,
}

impl<'h> Texts<'h> {
    fn new(heap: &'h Analysis) -> Self {
        let marks = Marks {
            truncated: heap.find_string("truncated"),
            length: heap.find_string("length"),
            hash: heap.find_string("hash"),
            value: heap.find_string("value"),
        };
        Self {
            heap,
            ropes: Ropes::new(heap),
            marks,
            all: Vec::new(),
            by_hash: FxHashMap::default(),
            by_name: FxHashMap::default(),
            hasher: RandomState::new(),
        }
    }

    /// The text of the node, by its place in `all`, if it is a string that takes part. `step` is
    /// called for every string and every half of one, and may stop it.
    fn of(
        &mut self,
        node: NodeOrdinal,
        step: &mut impl FnMut() -> Result<(), Cancelled>,
    ) -> Result<Option<u32>, Cancelled> {
        match self.heap.node_type(node) {
            NodeType::String => step()?,
            NodeType::ConcatenatedString => self.ropes.prepare(node, step)?,
            _ => return Ok(None),
        }
        // Without size are those that V8 makes up to tell numbers.
        if self.heap.self_size(node) == 0 || self.ropes.is_flat(node) {
            return Ok(None);
        }
        let rest = self.rest(node);
        let is_simple = self.heap.node_type(node) == NodeType::String && rest.is_none();
        let name = self.heap.name_index(node);
        if is_simple && let Some(&known) = self.by_name.get(&name) {
            self.all[known as usize].more += 1;
            return Ok(Some(known));
        }
        let text = self.same_text(node, rest);
        if is_simple {
            self.by_name.insert(name, text);
        }
        Ok(Some(text))
    }

    fn same_text(&mut self, node: NodeOrdinal, rest: Option<Rest>) -> u32 {
        let text = self.ropes.text(node);
        let hash = self.hasher.hash_one((&text, rest));
        let last = self.by_hash.get(&hash).copied();
        let mut candidate = last;
        while let Some(number) = candidate {
            let Text { example, previous, .. } = self.all[number as usize];
            if self.ropes.text(example) == text && self.rest(example) == rest {
                self.all[number as usize].more += 1;
                return number;
            }
            candidate = previous;
        }
        let number = self.all.len() as u32;
        self.all.push(Text { example: node, more: 0, previous: last });
        self.by_hash.insert(hash, number);
        number
    }

    /// Length and hash of a string that is marked as truncated.
    fn rest(&self, node: NodeOrdinal) -> Option<Rest> {
        let truncated = self.value(node, self.marks.truncated, "bool")?;
        let number = |mark| leading_number(&self.value(node, mark, "int")?);
        (truncated == "true").then(|| (number(self.marks.length), number(self.marks.hash)))
    }

    /// What V8 says under this mark: a number's node of this name, which has its text as a string.
    fn value(
        &self,
        node: NodeOrdinal,
        mark: Option<StringIndex>,
        kind: &str,
    ) -> Option<std::borrow::Cow<'h, str>> {
        let number = self.internal(node, mark)?;
        if self.heap.node_type(number) != NodeType::Number || !self.heap.is_named(number, kind) {
            return None;
        }
        Some(self.heap.raw_name(self.internal(number, self.marks.value)?))
    }

    fn internal(&self, node: NodeOrdinal, name: Option<StringIndex>) -> Option<NodeOrdinal> {
        let name = name?;
        let is_meant = |edge: &Edge| {
            edge.edge_type == EdgeType::Internal && self.heap.edge_name_index(edge) == Some(name)
        };
        self.heap.edges(node).find(is_meant).map(|edge| edge.to)
    }
}

/// The whole number that the text begins with, as JavaScript reads it.
fn leading_number(text: &str) -> Option<i64> {
    let text = text.trim_start();
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let end = digits.find(|digit: char| !digit.is_ascii_digit()).unwrap_or(digits.len());
    text[..text.len() - digits.len() + end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Unmonitored;
    use crate::sketch::Sketch;

    fn told(drawing: &str) -> String {
        let sketch = Sketch::parse(drawing);
        let heap = sketch.analysis();
        let groups = heap.duplicate_strings(&Unmonitored).expect("nobody cancels");
        let lines = groups.iter().map(|group| {
            let labels: Vec<_> = group.nodes.iter().map(|&node| sketch.label(node)).collect();
            let DuplicateStrings { text, is_truncated, self_size, retained_size, .. } = group;
            let rest = if *is_truncated { "…" } else { "" };
            format!("{text}{rest}: {}, {self_size}, {retained_size}", labels.join(" "))
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn strings_of_one_text_are_duplicates_in_whatever_form() {
        let drawing = "
            root -> a
            root -> b
            root -> joined
            a: string text 10
            b: string text 20
            joined: concatenated_string 5
            joined --internal first--> te
            joined --internal second--> xt
            te: string te 3
            xt: string xt 3
            flat: concatenated_string 5       # V8's business
            flat --internal first--> a
            flat --internal second--> empty
            empty: string \"\" 8
            slice: sliced_string text 5
            nothing: string text 0            # no string of the program's
            single: string single 5
        ";
        assert_eq!(told(drawing), "text: a b joined, 35, 41");
    }

    #[test]
    fn what_is_marked_as_truncated_must_have_the_same_length_and_hash() {
        let marked = |label: &str, length: &str| {
            format!(
                "root -> {label}
                {label}: string start 10
                {label} --internal truncated--> true
                {label} --internal length--> l{length}
                l{length}: number int 0
                l{length} --internal value--> v{length}
                v{length}: string {length}px 0
                "
            )
        };
        let mut drawing = [("a", "2000"), ("b", "2000"), ("c", "3000")]
            .map(|(label, length)| marked(label, length))
            .concat();
        drawing.push_str(
            "true: number bool 0
            true --internal value--> word
            word: string true 0
            whole: string start 10
            whole2: string start 10",
        );
        assert_eq!(told(&drawing), "start…: a b, 20, 20\nstart: whole whole2, 20, 20");
    }
}
