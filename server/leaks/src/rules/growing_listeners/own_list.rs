//! A list of functions in a property of a plain object: `worker.abortListeners`. The object may have an `on`
//! of its own for something else, so that only what writes to this very property adds to the list.

use std::sync::Arc;

use heapmark_heap::NodeOrdinal;
use heapmark_source::{Fit, MutationForm, Written};

use crate::blame::access_path::property_steps;
use crate::blame::holding::Blame;
use crate::evidence::Evidence;
use crate::locate::statements::Statements;
use crate::locate::{Holder, HolderOf, Spot};
use crate::rules::growing_listeners::listener_lists::{Registration, below_emitter};

/// The properties that lead from a variable to a list.
pub(super) struct OwnList {
    /// From the variable, at least one.
    path: Vec<String>,
    /// Those from the object.
    below: Vec<String>,
}

impl OwnList {
    /// The way to a list in a plain object, if it is one.
    pub(super) fn of(
        e: &Evidence,
        at: &Registration,
        list: NodeOrdinal,
        emitter: Option<&Blame>,
    ) -> Option<Self> {
        let is_in_plain_object = at.event.is_none() && at.list.is_none() && at.emitter != list;
        let blame = emitter.filter(|_| is_in_plain_object)?;
        let mut edges = blame.owner.edges.get(1..)?.to_vec();
        let below_object = below_emitter(e, at.emitter, list);
        let below = property_steps(e, &below_object)?;
        edges.extend(below_object);
        let path = property_steps(e, &edges)?;
        (!path.is_empty()).then_some(Self { path, below })
    }

    /// `.abortListeners`, as it follows the name of the object.
    pub(super) fn steps(&self) -> impl Iterator<Item = String> + '_ {
        self.below.iter().map(|name| format!(".{name}"))
    }

    /// What adds to the list itself, and takes from it.
    pub(super) fn statements(&self, e: &Evidence, holder: &Holder) -> Statements {
        let mut statements = match &holder.of {
            HolderOf::Scope => Statements::about_property(e.locator, holder, &self.path),
            _ => Statements::about(e.locator, holder, None),
        };
        statements.adds.retain(|add| add.form != Some(MutationForm::Listens));
        statements
    }

    /// Where the property first gets its list: `worker.abortListeners = []`.
    pub(super) fn declared(&self, holder: &Holder) -> Option<Spot> {
        let ([name], HolderOf::Scope) = (&self.path[..], &holder.of) else { return None };
        let what = holder.spot.file.property_of(&holder.declaration, name)?;
        let file = Arc::clone(&holder.spot.file);
        let found = Written { file, what, fit: Fit::Exact, generated: None };
        // It is in the same file.
        Some(Spot { matched: holder.spot.matched, ..Spot::declared(name.clone(), &found) })
    }
}
