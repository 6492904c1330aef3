//! The snapshot's parts as they stand in an index, each checked as soon as it is read: every ordinal
//! in it leads somewhere. What was computed from them is kept likewise by `analysis::stored`.

use std::sync::OnceLock;

use crate::allocations::Allocations;
use crate::kinds::EdgeType;
use crate::ordinals::{NodeOrdinal, ScriptId};
use crate::scope_tables::ScopeTables;
use crate::snapshot::{Edges, Location, Nodes, Snapshot, are_sources};
use crate::storage::{
    Counts, Failure, SectionReader, SectionWriter, Stored, are_below, are_ranges, ensure,
};
use crate::strings::Strings;

/// How many rows the tables of a snapshot have.
pub(super) fn counts(snapshot: &Snapshot) -> Counts {
    Counts {
        nodes: snapshot.node_count(),
        edges: snapshot.edge_count(),
        strings: snapshot.strings.len(),
    }
}

impl Edges {
    pub(super) fn read_checked(
        section: &mut SectionReader<'_>,
        counts: Counts,
    ) -> Result<Self, Failure> {
        let edges = Self::read(section)?;
        let lengths = [edges.kinds.len(), edges.names.len(), edges.targets.len()];
        let named = edges.kinds.iter().zip(&edges.names);
        // Without an early end, several are compared at a time.
        let last_name = named.fold(0, |last, (kind, &name)| {
            last.max(if kind.has_index() || *kind == EdgeType::Unknown { 0 } else { name })
        });
        ensure(
            lengths == [counts.edges; 3]
                && are_below(&edges.targets, counts.nodes)
                && (edges.names.is_empty() || (last_name as usize) < counts.strings),
        )?;
        Ok(edges)
    }
}

/// The nodes, and where to look for the sources of edges.
pub(super) struct NodesPart {
    nodes: Nodes,
    sources: Vec<u32>,
}

impl NodesPart {
    pub(super) fn write(
        snapshot: &Snapshot,
        section: &mut SectionWriter<'_>,
    ) -> Result<(), Failure> {
        snapshot.nodes.write(section)?;
        snapshot.sources.write(section)
    }

    pub(super) fn read(section: &mut SectionReader<'_>, counts: Counts) -> Result<Self, Failure> {
        let (nodes, sources) = (Nodes::read(section)?, Vec::read(section)?);
        let Nodes { kinds, names, ids, self_sizes, first_edge, detachedness } = &nodes;
        let lengths = [kinds.len(), names.len(), ids.len()];
        ensure(
            counts.nodes > 0
                && lengths == [counts.nodes; 3]
                && are_below(names, counts.strings)
                && self_sizes.are_of(counts.nodes)
                && are_ranges(first_edge, counts.nodes, counts.edges)
                && detachedness.iter().flatten().all(|(node, _)| node.index() < counts.nodes)
                && are_sources(&sources, first_edge),
        )?;
        Ok(Self { nodes, sources })
    }
}

/// What a snapshot has beside its nodes and edges.
pub(super) struct Rest {
    strings: Strings,
    locations: Vec<(NodeOrdinal, Location)>,
    script_nodes: Vec<(ScriptId, NodeOrdinal)>,
    allocations: Allocations,
    scopes: ScopeTables,
    extra_native_bytes: u64,
}

impl Rest {
    pub(super) fn write(
        snapshot: &Snapshot,
        section: &mut SectionWriter<'_>,
    ) -> Result<(), Failure> {
        snapshot.strings.write(section)?;
        snapshot.locations.write(section)?;
        snapshot.script_nodes.write(section)?;
        snapshot.allocations.write(section)?;
        snapshot.scopes.write(section)?;
        snapshot.extra_native_bytes.write(section)
    }

    pub(super) fn read(section: &mut SectionReader<'_>, counts: Counts) -> Result<Self, Failure> {
        let rest = Self {
            strings: Stored::read(section)?,
            locations: Stored::read(section)?,
            script_nodes: Stored::read(section)?,
            allocations: Stored::read(section)?,
            scopes: Stored::read(section)?,
            extra_native_bytes: Stored::read(section)?,
        };
        let is_node = |node: &NodeOrdinal| node.index() < counts.nodes;
        ensure(
            rest.strings.len() == counts.strings
                && rest.strings.are_whole()
                && rest.locations.iter().all(|(node, _)| is_node(node))
                && rest.script_nodes.iter().all(|(_, node)| is_node(node))
                && rest.allocations.are_whole(counts.nodes)
                && rest.scopes.all.iter().all(|scope| is_node(&scope.script)),
        )?;
        Ok(rest)
    }

    /// Puts the snapshot together again.
    pub(super) fn with(self, NodesPart { nodes, sources }: NodesPart, edges: Edges) -> Snapshot {
        let Self { strings, locations, script_nodes, allocations, scopes, extra_native_bytes } =
            self;
        Snapshot {
            nodes,
            edges,
            sources,
            strings,
            locations,
            script_nodes,
            allocations,
            scopes,
            extra_native_bytes,
            collection_names: OnceLock::new(),
            scripts: OnceLock::new(),
        }
    }
}
