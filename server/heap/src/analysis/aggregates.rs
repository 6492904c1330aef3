//! `DevTools`' Summary view: one row a class.

use rustc_hash::FxHashMap;

use super::beside::beside;
use super::computed::Analysis;
use crate::kinds::NodeType;
use crate::monitor::{Cancelled, Monitor, Phase, Progress};
use crate::node_set::NodeSet;
use crate::ordinals::{ClassIndex, NodeOrdinal};
use crate::snapshot::Location;

/// One row of the Summary view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aggregate {
    /// `DevTools`' key of the class: `scriptId,line,column,name`, or `,name` where there is no
    /// location. Equal for the same class in another snapshot of the process.
    pub key: String,
    /// The class name.
    pub name: String,
    /// How many objects.
    pub count: u64,
    /// The smallest distance of one of them.
    pub distance: i32,
    /// Bytes, all together.
    pub self_size: u64,
    /// Bytes that they retain, each byte counted once: those of objects inside objects of the same
    /// class do not count again.
    pub max_retained: u64,
}

/// What distinguishes classes: classes of one name at different places are different.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) class: ClassIndex,
    location: Option<Location>,
}

impl Key {
    /// `DevTools`' key, for a class of this name.
    pub(super) fn text(self, name: &str) -> String {
        match self.location {
            Some(Location { script, line, column }) => {
                format!("{},{line},{column},{name}", script.0)
            }
            None => format!(",{name}"),
        }
    }
}

impl Analysis {
    /// The Summary view, the most retaining first. Nodes without size take no part.
    ///
    /// Where the program's name of a class is also one of `DevTools`' own (a class called
    /// `(string)`), only one of the two is listed, as there.
    pub fn aggregates(&self, monitor: &dyn Monitor) -> Result<Vec<Aggregate>, Cancelled> {
        self.aggregates_where(|_| true, monitor)
    }

    /// The Summary view confined to these nodes, as `DevTools` shows it under a
    /// [filter](Self::filtered).
    pub fn aggregates_of(
        &self,
        nodes: &NodeSet,
        monitor: &dyn Monitor,
    ) -> Result<Vec<Aggregate>, Cancelled> {
        self.aggregates_where(|node| nodes.contains(node), monitor)
    }

    fn aggregates_where(
        &self,
        takes_part: impl Fn(NodeOrdinal) -> bool,
        monitor: &dyn Monitor,
    ) -> Result<Vec<Aggregate>, Cancelled> {
        let progress = Progress::start(monitor, Phase::Searching, 3 * self.node_count())?;
        let tick = |node| progress.tick(node);
        let (row_of, _tree) = beside(
            || self.rows(|node| self.class_index(node), takes_part, tick),
            || self.dominated_tree(),
        );
        let row_of = row_of?;
        let mut rows: Vec<Aggregate> = Vec::new();
        for node in self.nodes() {
            progress.tick(self.node_count() + node.index())?;
            let Some(row) = row_of.by_node(node) else { continue };
            if row == rows.len() {
                rows.push(self.empty_row(row_of.keys[row]));
            }
            let aggregate = &mut rows[row];
            aggregate.count += 1;
            aggregate.self_size = aggregate.self_size.saturating_add(self.self_size(node));
            aggregate.distance = aggregate.distance.min(self.distance(node));
        }
        self.add_retained(&row_of, &mut rows, &progress)?;
        let mut by_key = FxHashMap::default();
        for row in rows {
            by_key.insert(row.key.clone(), row);
        }
        let mut rows: Vec<_> = by_key.into_values().collect();
        rows.sort_by(|a, b| b.max_retained.cmp(&a.max_retained).then_with(|| a.key.cmp(&b.key)));
        Ok(rows)
    }

    fn empty_row(&self, key: Key) -> Aggregate {
        let name = self.class_index_name(key.class).into_owned();
        Aggregate {
            key: key.text(&name),
            name,
            count: 0,
            distance: i32::MAX,
            self_size: 0,
            max_retained: 0,
        }
    }

    /// Walks down the dominator tree and counts what is not inside an object of the same class.
    fn add_retained(
        &self,
        row_of: &Rows,
        rows: &mut [Aggregate],
        progress: &Progress<'_>,
    ) -> Result<(), Cancelled> {
        let tree = self.dominated_tree();
        let mut is_inside = vec![false; rows.len()];
        let mut steps = vec![Step::Enter(NodeOrdinal::ROOT)];
        let mut done = 2 * self.node_count();
        while let Some(step) = steps.pop() {
            done += 1;
            progress.tick(done)?;
            let node = match step {
                Step::Enter(node) => node,
                Step::Leave(row) => {
                    is_inside[row] = false;
                    continue;
                }
            };
            if let Some(row) = row_of.by_node(node)
                && !is_inside[row]
            {
                let retained = &mut rows[row].max_retained;
                *retained = retained.saturating_add(self.retained_size(node));
                is_inside[row] = true;
                steps.push(Step::Leave(row));
            }
            steps.extend(tree.of(node).map(Step::Enter));
        }
        Ok(())
    }

    /// Gives rows numbers in the order in which nodes first need them. `tick` is told of every node
    /// and may stop it.
    pub(super) fn rows(
        &self,
        class_of: impl Fn(NodeOrdinal) -> ClassIndex,
        takes_part: impl Fn(NodeOrdinal) -> bool,
        tick: impl Fn(usize) -> Result<(), Cancelled>,
    ) -> Result<Rows, Cancelled> {
        let mut keys = Vec::new();
        let mut next_row = |key| {
            keys.push(key);
            keys.len() as u32 - 1
        };
        // Most classes have no location: theirs are found without hashing.
        let mut by_class: Vec<u32> = Vec::new();
        let mut by_key: FxHashMap<Key, u32> = FxHashMap::default();
        let mut rows = Vec::with_capacity(self.node_count());
        let mut locations = self.locations().iter().peekable();
        for node in self.nodes() {
            tick(node.index())?;
            let location = locations.next_if(|(at, _)| *at == node).map(|&(_, location)| location);
            if self.self_size(node) == 0 || !takes_part(node) {
                rows.push(NO_ROW);
                continue;
            }
            let location = location.filter(|_| self.node_type(node) == NodeType::Object);
            let class = class_of(node);
            let key = Key { class, location };
            let row = if location.is_some() {
                *by_key.entry(key).or_insert_with(|| next_row(key))
            } else {
                if by_class.len() <= class.index() {
                    by_class.resize(class.index() + 1, NO_ROW);
                }
                let row = &mut by_class[class.index()];
                if *row == NO_ROW {
                    *row = next_row(key);
                }
                *row
            };
            rows.push(row);
        }
        Ok(Rows { keys, rows })
    }
}

/// On the way through the dominator tree: a node to visit, or a row whose objects are left behind.
enum Step {
    Enter(NodeOrdinal),
    Leave(usize),
}

const NO_ROW: u32 = u32::MAX;

pub(super) struct Rows {
    pub(super) keys: Vec<Key>,
    /// By node; [`NO_ROW`] for nodes without size.
    rows: Vec<u32>,
}

impl Rows {
    pub(super) fn by_node(&self, node: NodeOrdinal) -> Option<usize> {
        let row = self.rows[node.index()];
        (row != NO_ROW).then_some(row as usize)
    }
}
