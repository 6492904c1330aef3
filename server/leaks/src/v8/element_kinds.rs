//! What may be elements of one linked list: instances of one class, or plain objects of one shape.
//! How they are linked is for [`crate::v8::linked_lists`].

use heapmark_heap::{EdgeType, NodeOrdinal, Snapshot, StringIndex};

/// What may be elements of one list: instances of one class, or plain objects of one shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum ElementKind {
    Class(StringIndex),
    Shape(u32),
}

/// The kinds of the objects of one snapshot.
pub(super) struct Kinds<'s> {
    snapshot: &'s Snapshot,
    plain: Option<StringIndex>,
    shapes: Shapes<'s>,
}

impl<'s> Kinds<'s> {
    pub(super) fn of(snapshot: &'s Snapshot) -> Self {
        Self { snapshot, plain: snapshot.find_string("Object"), shapes: Shapes::of(snapshot) }
    }

    pub(super) fn are_same(&mut self, one: NodeOrdinal, other: NodeOrdinal) -> bool {
        let class = self.snapshot.name_index(one);
        // Plain objects are of one kind only if V8 gave them one shape.
        class == self.snapshot.name_index(other)
            && (Some(class) != self.plain || self.shapes.get(one) == self.shapes.get(other))
    }

    pub(super) fn kind(&mut self, node: NodeOrdinal) -> ElementKind {
        let class = self.snapshot.name_index(node);
        if Some(class) == self.plain {
            ElementKind::Shape(self.shapes.get(node))
        } else {
            ElementKind::Class(class)
        }
    }
}

/// The shapes that V8 gave to objects. Remembers them: an object may be asked for once by each of the
/// million that it leads to, or that lead to it.
struct Shapes<'s> {
    snapshot: &'s Snapshot,
    map: Option<StringIndex>,
    /// By node: 0 if nobody has asked, else one more than the shape, the largest number for none.
    known: Vec<u32>,
}

impl<'s> Shapes<'s> {
    fn of(snapshot: &'s Snapshot) -> Self {
        let known = vec![0; snapshot.node_count()];
        Self { snapshot, map: snapshot.find_string("map"), known }
    }

    /// A number for the shape.
    fn get(&mut self, node: NodeOrdinal) -> u32 {
        let Self { snapshot, map, known } = self;
        let known = &mut known[node.index()];
        if *known == 0 {
            let shape = snapshot.child_named(node, EdgeType::Internal, *map);
            // There are fewer nodes than numbers of 32 bits.
            *known = shape.map_or(u32::MAX, |shape| shape.index() as u32 + 1);
        }
        *known
    }
}
