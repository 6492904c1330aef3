//! A snapshot as the file has it: nodes, edges, strings, locations. Nothing computed.
//!
//! ```text
//! nodes   kinds │ names │ ids │ self sizes │ first edge ─┐      one row a node
//!                                                        ▼
//! edges                                   kinds │ names │ targets   one row an edge, by source
//! ```
//!
//! A node's edges stand together, those of node 0 first: `first_edge[n]..first_edge[n + 1]`.

use std::borrow::Cow;
use std::fmt;
use std::sync::OnceLock;

use crate::allocations::Allocations;
use crate::collection_names::CollectionNames;
use crate::kinds::{EdgeType, NodeType};
use crate::ordinals::{EdgeOrdinal, NodeId, NodeOrdinal, ScriptId, StringIndex};
use crate::scope_tables::ScopeTables;
use crate::script::Script;
use crate::sizes::Sizes;
use crate::storage::{items, stored};
use crate::strings::Strings;

/// A loaded heap snapshot. Immutable.
#[derive(Debug)]
pub struct Snapshot {
    pub(crate) nodes: Nodes,
    pub(crate) edges: Edges,
    /// The source of every 64th edge: where to look for the sources of those between.
    pub(crate) sources: Vec<u32>,
    pub(crate) strings: Strings,
    /// Sorted by node.
    pub(crate) locations: Vec<(NodeOrdinal, Location)>,
    /// The scripts' nodes where the file names them (V8 from 15 on), else empty.
    pub(crate) script_nodes: Vec<(ScriptId, NodeOrdinal)>,
    pub(crate) allocations: Allocations,
    pub(crate) scopes: ScopeTables,
    pub(crate) extra_native_bytes: u64,
    /// Made when the first one asks.
    pub(crate) collection_names: OnceLock<CollectionNames>,
    pub(crate) scripts: OnceLock<Vec<Script>>,
}

#[derive(Debug)]
pub(crate) struct Nodes {
    pub(crate) kinds: Vec<NodeType>,
    pub(crate) names: Vec<u32>,
    pub(crate) ids: Vec<u32>,
    pub(crate) self_sizes: Sizes,
    /// One more than there are nodes; the last is the number of edges.
    pub(crate) first_edge: Vec<u32>,
    /// States other than 0, sorted by node. None if the file does not have the field (Node 14).
    pub(crate) detachedness: Option<Vec<(NodeOrdinal, u8)>>,
}

#[derive(Debug, Default)]
pub(crate) struct Edges {
    pub(crate) kinds: Vec<EdgeType>,
    /// A string's index, or for [`EdgeType::has_index`] a number.
    pub(crate) names: Vec<u32>,
    pub(crate) targets: Vec<u32>,
}

stored!(Nodes { kinds, names, ids, self_sizes, first_edge, detachedness });
stored!(Edges { kinds, names, targets });

/// Every how many edges the source is noted.
const SOURCE_STRIDE: usize = 64;

/// The sources of every 64th edge.
pub(crate) fn sources(first_edge: &[u32]) -> Vec<u32> {
    let mut sources =
        Vec::with_capacity(first_edge.last().map_or(0, |&n| n as usize / SOURCE_STRIDE + 1));
    for (node, range) in first_edge.windows(2).enumerate() {
        while sources.len() * SOURCE_STRIDE < range[1] as usize {
            sources.push(node as u32);
        }
    }
    sources
}

/// Whether these are the [`sources`] of edges whose ranges are right.
pub(crate) fn are_sources(sources: &[u32], first_edge: &[u32]) -> bool {
    let edges = first_edge.last().map_or(0, |&count| count as usize);
    sources.len() == edges.div_ceil(SOURCE_STRIDE)
        && sources.iter().enumerate().all(|(block, &node)| {
            let range = first_edge.get(node as usize..).and_then(|rest| rest.first_chunk());
            let edge = block * SOURCE_STRIDE;
            range.is_some_and(|&[first, end]| (first as usize..end as usize).contains(&edge))
        })
}

/// A link from one node to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edge {
    /// Its row.
    pub ordinal: EdgeOrdinal,
    /// The node that holds the link.
    pub from: NodeOrdinal,
    /// The node that it leads to.
    pub to: NodeOrdinal,
    /// What it stands for.
    pub edge_type: EdgeType,
    name: u32,
}

impl Edge {
    /// Whether it is called so: what [`Snapshot::edge_name`] gives, without making a text of it.
    pub fn is_named(&self, snapshot: &Snapshot, name: &str) -> bool {
        match snapshot.edge_name_index(self) {
            Some(index) => snapshot.strings.is(index, name),
            None => is_decimal(name, self.name),
        }
    }
}

/// Whether the text is how the number is written.
fn is_decimal(text: &str, number: u32) -> bool {
    let has_sign_or_zeros = text.len() > 1 && text.starts_with(['+', '0']);
    !has_sign_or_zeros && text.parse() == Ok(number)
}

/// What an edge is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EdgeName<'a> {
    /// A property's, variable's or internal link's name.
    Name(Cow<'a, str>),
    /// An element's index, or the position of a hidden link.
    Index(u32),
}

impl fmt::Display for EdgeName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            EdgeName::Name(name) => f.write_str(name),
            EdgeName::Index(index) => write!(f, "{index}"),
        }
    }
}

/// Where a function starts, or for an instance: where its class or constructor does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// The script.
    pub script: ScriptId,
    /// From 0.
    pub line: u32,
    /// From 0, in UTF-16 units.
    pub column: u32,
}

items! {
    Location: (ScriptId, (u32, u32)),
        |place| (place.script, (place.line, place.column)),
        |(script, (line, column))| Location { script, line, column };
}

impl Snapshot {
    /// How many nodes there are: at least one, the root.
    pub fn node_count(&self) -> usize {
        self.nodes.kinds.len()
    }

    /// How many edges there are.
    pub fn edge_count(&self) -> usize {
        self.edges.kinds.len()
    }

    /// All nodes, in the file's order.
    pub fn nodes(
        &self,
    ) -> impl ExactSizeIterator<Item = NodeOrdinal> + DoubleEndedIterator + use<> {
        (0..self.node_count()).map(NodeOrdinal::new)
    }

    /// What the node is.
    #[inline]
    pub fn node_type(&self, node: NodeOrdinal) -> NodeType {
        self.nodes.kinds[node.index()]
    }

    /// V8's number for it.
    #[inline]
    pub fn node_id(&self, node: NodeOrdinal) -> NodeId {
        NodeId(self.nodes.ids[node.index()])
    }

    /// Bytes that it takes itself, as the file says; 0 for more than 2⁵³, which no machine has.
    /// `DevTools` shows [`Analysis::self_size`](crate::Analysis::self_size) instead.
    #[inline]
    pub fn raw_self_size(&self, node: NodeOrdinal) -> u64 {
        self.nodes.self_sizes.get(node.index())
    }

    /// The string that names it; equal names have equal indexes, V8 writes no string twice.
    #[inline]
    pub fn name_index(&self, node: NodeOrdinal) -> StringIndex {
        StringIndex::new(self.nodes.names[node.index()] as usize)
    }

    /// What V8 calls it: an object's constructor, a function's own name, a string's first 1024 units.
    pub fn name(&self, node: NodeOrdinal) -> Cow<'_, str> {
        self.string(self.name_index(node))
    }

    /// The links that it holds, in the file's order.
    #[inline]
    pub fn edges(
        &self,
        node: NodeOrdinal,
    ) -> impl ExactSizeIterator<Item = Edge> + DoubleEndedIterator + '_ {
        self.edge_range(node).map(move |edge| self.edge_of(node, edge))
    }

    /// The link of this row. Finding its source takes a short search; prefer [`Self::edges`].
    pub fn edge(&self, edge: EdgeOrdinal) -> Edge {
        self.edge_of(self.source(edge), edge.index())
    }

    /// The same for a link that is known to lead to the node: one look less at a column, which are all that
    /// it takes.
    pub(crate) fn edge_to(&self, to: NodeOrdinal, edge: EdgeOrdinal) -> Edge {
        let from = self.source(edge);
        let (edge_type, name) = (self.edges.kinds[edge.index()], self.edges.names[edge.index()]);
        Edge { ordinal: edge, from, to, edge_type, name }
    }

    fn source(&self, edge: EdgeOrdinal) -> NodeOrdinal {
        let block = edge.index() / SOURCE_STRIDE;
        let from = self.sources[block] as usize;
        let last = self.sources.get(block + 1).map_or(self.node_count(), |&next| next as usize + 1);
        let candidates = &self.nodes.first_edge[from..last];
        let after = from + candidates.partition_point(|&first| first as usize <= edge.index());
        NodeOrdinal::new(after - 1)
    }

    /// What the edge is called.
    pub fn edge_name(&self, edge: &Edge) -> EdgeName<'_> {
        match self.edge_name_index(edge) {
            Some(index) => EdgeName::Name(self.string(index)),
            None => EdgeName::Index(edge.name),
        }
    }

    /// The string that names the edge, unless it has a number.
    #[inline]
    pub fn edge_name_index(&self, edge: &Edge) -> Option<StringIndex> {
        let is_string = match edge.edge_type {
            EdgeType::Unknown => (edge.name as usize) < self.strings.len(),
            known => !known.has_index(),
        };
        is_string.then(|| StringIndex::new(edge.name as usize))
    }

    /// The string, with U+FFFD for what is no valid Unicode.
    pub fn string(&self, index: StringIndex) -> Cow<'_, str> {
        Cow::Borrowed(self.strings.get(index))
    }

    /// The index of exactly this text, for comparing many names with it. Searches all strings (some
    /// milliseconds for a million): ask once and keep the answer.
    pub fn find_string(&self, text: &str) -> Option<StringIndex> {
        self.strings.find(text)
    }

    /// The same for all texts that begin so.
    pub fn strings_beginning_with(&self, text: &str) -> Vec<StringIndex> {
        self.strings.beginning_with(text)
    }

    /// The target of the node's first edge of this type and name.
    pub fn child(&self, node: NodeOrdinal, edge_type: EdgeType, name: &str) -> Option<NodeOrdinal> {
        self.edges(node)
            .find(|edge| edge.edge_type == edge_type && edge.is_named(self, name))
            .map(|edge| edge.to)
    }

    /// The same for a name that [`Self::find_string`] found: compares numbers instead of texts.
    pub fn child_named(
        &self,
        node: NodeOrdinal,
        edge_type: EdgeType,
        name: Option<StringIndex>,
    ) -> Option<NodeOrdinal> {
        let name = Some(name?);
        self.edges(node)
            .find(|edge| edge.edge_type == edge_type && self.edge_name_index(edge) == name)
            .map(|edge| edge.to)
    }

    /// Where the function, or the class of the instance, was written.
    pub fn location(&self, node: NodeOrdinal) -> Option<Location> {
        let place = self.locations.binary_search_by_key(&node, |&(node, _)| node).ok()?;
        Some(self.locations[place].1)
    }

    /// All locations, sorted by node.
    pub fn locations(&self) -> &[(NodeOrdinal, Location)] {
        &self.locations
    }

    /// Bytes outside the heap that V8 knows of and no node stands for.
    pub fn extra_native_bytes(&self) -> u64 {
        self.extra_native_bytes
    }

    /// The largest id of a JavaScript object. It only grows, so it orders the snapshots of one
    /// process, and whatever has a larger one in a later snapshot was born in between.
    pub fn highest_object_id(&self) -> NodeId {
        NodeId(
            self.nodes
                .ids
                .iter()
                .copied()
                .filter(|&id| NodeId(id).is_js_object())
                .max()
                .unwrap_or(0),
        )
    }

    pub(crate) fn collection_names(&self) -> &CollectionNames {
        self.collection_names.get_or_init(|| CollectionNames::of(&self.strings))
    }

    #[inline]
    pub(crate) fn edge_range(&self, node: NodeOrdinal) -> std::ops::Range<usize> {
        let first = &self.nodes.first_edge[node.index()..node.index() + 2];
        first[0] as usize..first[1] as usize
    }

    #[inline]
    fn edge_of(&self, from: NodeOrdinal, edge: usize) -> Edge {
        Edge {
            ordinal: EdgeOrdinal::new(edge),
            from,
            to: NodeOrdinal::new(self.edges.targets[edge] as usize),
            edge_type: self.edges.kinds[edge],
            name: self.edges.names[edge],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sketch::Sketch;

    #[test]
    fn an_edge_is_named_as_it_is_shown() {
        let mut sketch = Sketch::parse("root -> a");
        sketch.edge("a", EdgeType::Property, "name", "a");
        sketch.edge("a", EdgeType::Property, "07", "a");
        sketch.edge("a", EdgeType::Element, "0", "a");
        sketch.edge("a", EdgeType::Hidden, "70", "a");
        let snapshot = sketch.snapshot();
        for edge in snapshot.nodes().flat_map(|node| snapshot.edges(node)) {
            for name in ["name", "nam", "names", "07", "7", "0", "00", "+0", "70", "+70", "", "a"] {
                let is_shown = snapshot.edge_name(&edge).to_string() == name;
                assert_eq!(edge.is_named(&snapshot, name), is_shown, "{edge:?} {name}");
            }
        }
    }
}
