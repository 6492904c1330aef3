//! What `DevTools` calls single nodes and edges, which is not always what the file calls them.

use std::borrow::Cow;

use super::computed::Analysis;
use super::concatenated::Ropes;
use super::interfaces;
use crate::kinds::{EdgeType, NodeType};
use crate::ordinals::NodeOrdinal;

/// Properties are left out where the name of a plain object would grow longer, in UTF-16 units.
const MAX_NAME_UNITS: usize = 100;

impl Analysis {
    /// The name that `DevTools` shows for the node: of a plain object its first and last properties,
    /// `{id, name, …, owner}`; of a string in two halves, its text; of a detached native object,
    /// `Detached` and its name; else the file's [`name`](crate::Snapshot::name).
    pub fn display_name(&self, node: NodeOrdinal) -> Cow<'_, str> {
        match self.node_type(node) {
            NodeType::ConcatenatedString => Ropes::new(self).text(node),
            NodeType::Object if self.strings.is(self.name_index(node), "Object") => {
                Cow::Owned(self.plain_object_name(node))
            }
            _ => self.raw_name(node),
        }
    }

    /// The file's name of the node, with `Detached ` before it where that is known.
    pub(super) fn raw_name(&self, node: NodeOrdinal) -> Cow<'_, str> {
        let name = self.name(node);
        if self.is_renamed(node) { Cow::Owned(format!("Detached {name}")) } else { name }
    }

    /// Whether the file's name of the node is this, and `DevTools` has put nothing before it.
    pub(super) fn is_named(&self, node: NodeOrdinal, name: &str) -> bool {
        self.strings.is(self.name_index(node), name) && !self.is_renamed(node)
    }

    /// The first, the last, the second, the last but one… property, as many as fit.
    fn plain_object_name(&self, node: NodeOrdinal) -> String {
        let mut properties = self
            .edges(node)
            .filter(|edge| edge.edge_type == EdgeType::Property)
            .filter(|edge| !edge.is_named(self, "__proto__"));
        let units = |text: &str| text.encode_utf16().count();
        let (mut start, mut end) = (String::from("{"), String::from("}"));
        let mut is_ends_turn = false;
        while let Some(next) = if is_ends_turn { properties.next_back() } else { properties.next() }
        {
            let name = self.edge_name(&next).to_string();
            let name = interfaces::written(&name);
            if start.len() > 1 && units(&start) + units(&end) + units(&name) > MAX_NAME_UNITS {
                start.push_str(", …");
                break;
            }
            if is_ends_turn {
                let separator = if end.len() > 1 { ", " } else { "" };
                end = format!("{name}{separator}{end}");
            } else {
                start.push_str(if start.len() > 1 { ", " } else { "" });
                start.push_str(&name);
            }
            is_ends_turn = !is_ends_turn;
        }
        if end.len() > 1 {
            start.push_str(", ");
        }
        start + &end
    }
}

#[cfg(test)]
mod tests {
    use crate::sketch::Sketch;

    #[test]
    fn plain_objects_are_called_by_their_first_and_last_properties() {
        let mut sketch = Sketch::parse(
            "
            few: object Object
            few --property a--> x
            few --element 0--> x
            few --property it's--> x
            few --property __proto__--> x
            none: object Object
            other: object Foo
            gone: native <div> ~2
            ",
        );
        for property in 0..60 {
            sketch.edge("many", crate::EdgeType::Property, &format!("p{property}"), "x");
        }
        sketch.rename("many", "Object");
        let heap = sketch.analysis();
        insta::assert_snapshot!(sketch.table(|node| heap.display_name(node).into_owned()), @r#"
        root
        few {a, "it's"}
        x x
        none {}
        other Foo
        gone Detached <div>
        many {p0, p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, …, p49, p50, p51, p52, p53, p54, p55, p56, p57, p58, p59}
        "#);
    }
}
