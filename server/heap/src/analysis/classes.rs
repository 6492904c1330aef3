//! The class of each node, as `DevTools` groups them (`calculateObjectNames`).

use std::borrow::Cow;

use rustc_hash::FxHashMap;

use super::added_names::AddedNames;
use super::detachedness::Detachedness;
use super::interfaces;
use crate::kinds::NodeType;
use crate::monitor::{Cancelled, Monitor, Phase, Progress};
use crate::ordinals::{ClassIndex, NodeOrdinal, StringIndex};
use crate::snapshot::Snapshot;

/// The class of each node: a string of the file, or from the file's last on, one of `added`.
#[derive(Debug)]
pub(super) struct Classes {
    pub(super) by_node: Vec<u32>,
    pub(super) added: Vec<String>,
}

crate::storage::stored!(Classes { by_node, added });

impl Classes {
    #[inline]
    pub(super) fn index(&self, node: NodeOrdinal) -> ClassIndex {
        ClassIndex::new(self.by_node[node.index()] as usize)
    }

    pub(super) fn name<'a>(&'a self, snapshot: &'a Snapshot, class: ClassIndex) -> Cow<'a, str> {
        match class.index().checked_sub(snapshot.strings.len()) {
            Some(added) => Cow::Borrowed(&self.added[added]),
            None => snapshot.string(StringIndex::new(class.index())),
        }
    }
}

pub(super) fn name(
    snapshot: &Snapshot,
    detachedness: &Detachedness,
    monitor: &dyn Monitor,
) -> Result<Classes, Cancelled> {
    let progress = Progress::start(monitor, Phase::Classes, 3 * snapshot.node_count())?;
    let mut added = AddedNames::new(snapshot);
    let system = added.class("(system)");
    let code = added.class("(compiled code)");
    let function = added.class("Function");
    let regexp = added.class("RegExp");
    // Of names that are seldom used as they are: what they become.
    let mut special: FxHashMap<(StringIndex, bool), u32> = FxHashMap::default();
    let mut by_type: FxHashMap<NodeType, u32> = FxHashMap::default();
    let mut by_node = Vec::with_capacity(snapshot.node_count());
    for node in snapshot.nodes() {
        progress.tick(node.index())?;
        by_node.push(match snapshot.node_type(node) {
            NodeType::Hidden => system,
            NodeType::Object | NodeType::Native => {
                let index = snapshot.name_index(node);
                let renamed = detachedness.is_renamed(snapshot, node);
                if renamed || may_be_markup(snapshot.strings.get(index)) {
                    *special.entry((index, renamed)).or_insert_with(|| {
                        object_class(&snapshot.string(index), index, renamed, &mut added)
                    })
                } else {
                    index.index() as u32
                }
            }
            NodeType::Code => code,
            NodeType::Closure => function,
            NodeType::RegExp => regexp,
            other => *by_type.entry(other).or_insert_with(|| added.class(&format!("({other})"))),
        });
    }
    interfaces::apply(snapshot, &mut by_node, &mut added, &progress)?;
    Ok(Classes { by_node, added: added.names })
}

/// A quick look: only names that start like this can be an element's.
fn may_be_markup(name: &str) -> bool {
    name.starts_with(['<', 'D'])
}

/// `<div id="x">` and `Detached <div id="x">` lose their attributes, so that elements group by tag.
fn object_class(name: &str, index: StringIndex, renamed: bool, added: &mut AddedNames<'_>) -> u32 {
    let name = if renamed { format!("Detached {name}") } else { name.to_owned() };
    let tag = if name.starts_with('<') {
        Some(0)
    } else {
        name.starts_with("Detached <").then_some("Detached <".len())
    };
    match tag {
        Some(start) => match name[start..].find(' ') {
            Some(space) => added.class(&format!("{}>", &name[..start + space])),
            None => added.class(&name),
        },
        None if renamed => added.class(&name),
        None => index.index() as u32,
    }
}
