//! The classes of one snapshot in the words of another one: plain objects are called by their properties,
//! and which properties make a class depends on all objects of a snapshot.

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use super::computed::Analysis;
use super::interfaces::{self, Interface};
use crate::monitor::{Cancelled, Progress};
use crate::ordinals::{ClassIndex, NodeOrdinal, StringIndex};
use crate::snapshot::Snapshot;

/// The classes of a snapshot in which plain objects are called by another one's interfaces.
pub(super) struct Reclassified<'h> {
    heap: &'h Analysis,
    classes: Vec<ClassIndex>,
    /// The first class that is an interface.
    first: usize,
    names: Vec<String>,
}

impl<'h> Reclassified<'h> {
    pub(super) fn by_interfaces_of(
        other: &Snapshot,
        heap: &'h Analysis,
        progress: &Progress<'_>,
    ) -> Result<Self, Cancelled> {
        let inferred = interfaces::infer(other, &|node| progress.tick(node))?;
        let (known, names) = translate(&inferred, other, heap);
        let mut classes: Vec<_> = heap.nodes().map(|node| heap.class_index(node)).collect();
        let first = classes.iter().map(|class| class.index() + 1).max().unwrap_or(0);
        let tick = |node| progress.tick(other.node_count() + node);
        interfaces::classify(heap, &known, &tick, |node, interface| {
            classes[node.index()] = match interface {
                Some(interface) => ClassIndex::new(first + interface),
                None => ClassIndex::new(heap.name_index(node).index()),
            };
        })?;
        Ok(Self { heap, classes, first, names })
    }

    pub(super) fn class(&self, node: NodeOrdinal) -> ClassIndex {
        self.classes[node.index()]
    }

    pub(super) fn name(&self, class: ClassIndex) -> Cow<'_, str> {
        match class.index().checked_sub(self.first) {
            Some(interface) => Cow::Borrowed(self.names[interface].as_str()),
            None => self.heap.class_index_name(class),
        }
    }
}

/// The interfaces by the string numbers of another snapshot, with their names. Those with a
/// property that it does not have are left out: they fit nothing there.
fn translate(
    interfaces: &[Interface],
    from: &Snapshot,
    to: &Snapshot,
) -> (Vec<Interface>, Vec<String>) {
    let mut numbers: FxHashMap<Cow<'_, str>, Option<StringIndex>> =
        interfaces.iter().flatten().map(|&property| (from.string(property), None)).collect();
    if !numbers.is_empty() {
        for index in (0..to.strings.len()).map(StringIndex::new) {
            if let Some(number) = numbers.get_mut(&to.string(index)) {
                number.get_or_insert(index);
            }
        }
    }
    let translated = interfaces.iter().filter_map(|interface| {
        let properties = interface.iter().map(|&property| numbers[&from.string(property)]);
        Some((properties.collect::<Option<Interface>>()?, interfaces::name(from, interface)))
    });
    translated.unzip()
}
