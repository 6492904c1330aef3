//! The way from a binding to what it holds as a person would write it: `.pending`, `[…]`.

use std::borrow::Cow;

use heapmark_heap::{CollectionKind, Edge, EdgeName, EdgeType};
use heapmark_source::Inside;

use crate::evidence::Evidence;
use crate::locate::Holder;
use crate::v8::retainer_walk::BindingPath;

/// The name that a person would call the thing: the binding, then every named step below it.
pub(crate) fn name_of(e: &Evidence, owner: &BindingPath, holder: Option<&Holder>) -> String {
    let mut name =
        holder.map_or_else(|| owner.binding.name().to_owned(), |holder| holder.spot.name.clone());
    if holder.is_some_and(Holder::is_whole_path) {
        return name;
    }
    for step in named_steps(e, &owner.edges[1..]) {
        name.push_str(&step);
    }
    name
}

/// The steps below a binding as a person would write them: `.pending`, `[…]`.
pub(crate) fn named_steps(e: &Evidence, edges: &[Edge]) -> Vec<String> {
    edges
        .iter()
        .filter_map(|edge| match (edge.edge_type, e.heap.edge_name(edge)) {
            (EdgeType::Property, EdgeName::Name(name)) if is_key(e, edge, &name) => {
                Some("[…]".to_owned())
            }
            (EdgeType::Property, EdgeName::Name(name)) => {
                Some(format!(".{}", as_written(e, edge, name)))
            }
            (EdgeType::Element, _) => Some("[…]".to_owned()),
            (EdgeType::Internal, EdgeName::Name(name))
                if name.starts_with(|c: char| c.is_ascii_digit()) =>
            {
                Some("[…]".to_owned())
            }
            _ => None,
        })
        .collect()
}

/// Whether a property has a name that the program made at run time: the id of a session, a port. Such
/// names say nothing to a person, and are others in the next run.
fn is_key(e: &Evidence, edge: &Edge, name: &str) -> bool {
    if e.heap.name(edge.from) != "Object" {
        return false;
    }
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$' | '#');
    let has_digit = name.contains(|c: char| c.is_ascii_digit());
    let is_symbol = name.starts_with('<');
    let is_dictionary = || e.heap.collection_kind(edge.from) == Some(CollectionKind::Dictionary);
    !is_symbol && (!name.chars().all(is_word) || has_digit && is_dictionary())
}

/// The properties that lead from a binding to what it holds: none if it holds it itself, `None` if
/// the way leads through members of collections.
pub(crate) fn property_steps(e: &Evidence, edges: &[Edge]) -> Option<Vec<String>> {
    let steps = named_steps(e, edges);
    steps.into_iter().map(|step| step.strip_prefix('.').map(str::to_owned)).collect()
}

/// The way from a binding into the entries of what it holds: `rooms[…].messages`.
pub(crate) fn steps_inside(e: &Evidence, edges: &[Edge]) -> Vec<Inside> {
    let steps = named_steps(e, edges).into_iter();
    steps
        .map(|step| match step.strip_prefix('.') {
            Some(name) => Inside::Property(name.to_owned()),
            None => Inside::Entry,
        })
        .collect()
}

/// Whether the way from a binding leads to an entry of what it holds, or to one of an entry.
pub(crate) fn leads_to_entry(e: &Evidence, edges: &[Edge]) -> bool {
    let steps = named_steps(e, edges);
    !steps.is_empty() && steps.iter().all(|step| step == "[…]")
}

/// The name of a property; of a private field, the one that it was written with: a build may have made
/// that shorter.
pub(crate) fn as_written(e: &Evidence, edge: &Edge, name: Cow<'_, str>) -> String {
    let is_private = name.starts_with('#');
    let field = is_private.then(|| e.locator.declared_field(edge.from, &name)).flatten();
    field.map_or_else(|| name.into_owned(), |field| field.declaration.name)
}
