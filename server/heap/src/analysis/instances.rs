//! Which nodes are of a class, or were made at a place, without a walk through the heap.

use super::computed::Analysis;
use super::instance_index::InstanceIndex;
use crate::ordinals::{ClassIndex, NodeOrdinal};
use crate::snapshot::Location;

impl Analysis {
    /// All nodes of the class, in the file's order. The first call builds an index of the heap (four
    /// bytes a node); the others take no time.
    pub fn instances(&self, class: ClassIndex) -> &[NodeOrdinal] {
        let index = self.instance_index();
        let (start, end) = index.by_class.get(&class).copied().unwrap_or_default();
        &index.nodes[start as usize..end as usize]
    }

    /// The classes of this name: several where one of them is `DevTools`' own, as `(string)`.
    pub fn classes_named(&self, name: &str) -> Vec<ClassIndex> {
        let classes = self.instance_index().by_class.keys().copied();
        let mut classes: Vec<_> =
            classes.filter(|&class| self.class_index_name(class) == name).collect();
        classes.sort_unstable();
        classes
    }

    /// All nodes with this [location](crate::Snapshot::location), in the file's order: the closures of a
    /// function, its frames, the instances of a class.
    pub fn instances_at(&self, location: Location) -> &[NodeOrdinal] {
        let located = &self.instance_index().located;
        // Each of them has one.
        let of = |node: &NodeOrdinal| self.location(*node);
        let start = located.partition_point(|node| of(node) < Some(location));
        let length = located[start..].partition_point(|node| of(node) == Some(location));
        &located[start..start + length]
    }

    fn instance_index(&self) -> &InstanceIndex {
        self.instances.get_or_init(|| InstanceIndex::new(self, |node| self.class_index(node)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ScriptId;
    use crate::sketch::Sketch;

    const DRAWING: &str = "
        a: object Foo at 1:2:3
        f: closure g at 1:9:9
        b: object Bar
        c: object Foo at 1:2:3
        d: object Foo at 1:7:3
        s: string
        t: object (string)
    ";

    #[test]
    fn instances_are_found_by_class() {
        let sketch = Sketch::parse(DRAWING);
        let heap = sketch.analysis();
        let named = |name: &str| {
            let classes = heap.classes_named(name);
            let nodes = classes.iter().flat_map(|&class| heap.instances(class));
            let labels: Vec<_> = nodes.map(|&node| sketch.label(node)).collect();
            format!("{}: {}", classes.len(), labels.join(" "))
        };
        assert_eq!(
            ["Foo", "Bar", "Function", "Nothing"].map(named),
            ["1: a c d", "1: b", "1: f", "0: "]
        );
        assert_eq!(heap.classes_named("(string)").len(), 2);
        for node in heap.nodes() {
            assert!(heap.instances(heap.class_index(node)).contains(&node));
        }
    }

    #[test]
    fn instances_are_found_by_location() {
        let sketch = Sketch::parse(DRAWING);
        let heap = sketch.analysis();
        let at = |line, column| {
            let nodes = heap.instances_at(Location { script: ScriptId(1), line, column });
            nodes.iter().map(|&node| sketch.label(node)).collect::<Vec<_>>().join(" ")
        };
        assert_eq!([at(2, 3), at(7, 3), at(9, 9), at(2, 4), at(99, 0)], ["a c", "d", "f", "", ""]);
    }
}
