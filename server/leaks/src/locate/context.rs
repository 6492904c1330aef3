//! What one scope on the heap is asked for again and again: its variables' names, and the closures
//! that see it. The one scope of a bundle has thousands of both, and may be asked about each variable.

use std::collections::VecDeque;
use std::sync::Arc;

use heapmark_heap::{EdgeType, NodeOrdinal, NodeType};
use heapmark_source::Siblings;
use rustc_hash::FxHashSet;

use crate::locate::known_scopes::Context;
use crate::locate::locator::Locator;

/// A budget: so many closures of a scope are asked for the declaration of one of its variables: whichever is in
/// the workspace tells.
const MAX_CLOSURES: usize = 32;

impl Locator<'_> {
    /// Closures that see the variables of `context`: those made in it, then those made in the
    /// scopes inside.
    pub(crate) fn closures_in(&self, context: NodeOrdinal) -> Vec<NodeOrdinal> {
        self.context(context).closures.clone()
    }

    /// The first of these.
    pub(super) fn first_closure_in(&self, context: NodeOrdinal) -> Option<NodeOrdinal> {
        match self.contexts.get(&context) {
            Some(known) => known.closures.first().copied(),
            None => self.find_closures_in(context, 1).first().copied(),
        }
    }

    /// A scope that was looked at before, or is now.
    pub(super) fn context(&self, node: NodeOrdinal) -> Arc<Context> {
        self.contexts.get_or_find(node, || {
            let closures = self.find_closures_in(node, MAX_CLOSURES);
            Arc::new(Context { siblings: Siblings::of(self.variables_of(node)), closures })
        })
    }

    /// The names of the variables in a scope.
    fn variables_of(&self, context: NodeOrdinal) -> Vec<String> {
        let variables = self.heap.context_variables(context).into_iter();
        let names = variables.filter_map(|(name, _)| Some(self.heap.string(name?).into_owned()));
        // `this`, `arguments` and V8's own have no declaration.
        names
            .filter(|name| !name.starts_with('.') && name != "this" && name != "arguments")
            .collect()
    }

    fn find_closures_in(&self, context: NodeOrdinal, most: usize) -> Vec<NodeOrdinal> {
        let mut closures = Vec::new();
        // A module's own function begins where its text does: in a compiled text that is nobody's code.
        let mut of_module = None;
        let begins_text = |closure| {
            let at = self.heap.location(closure);
            at.is_some_and(|at| (at.line, at.column) == (0, 0))
                && self.heap.name(closure).is_empty()
        };
        let mut seen = FxHashSet::from_iter([context]);
        let mut open = VecDeque::from([context]);
        while let Some(scope) = open.pop_front() {
            for edge in self.heap.retainers(scope) {
                if edge.edge_type != EdgeType::Internal {
                    continue;
                }
                let is_closure = self.heap.node_type(edge.from) == NodeType::Closure;
                if is_closure && begins_text(edge.from) {
                    of_module.get_or_insert(edge.from);
                } else if is_closure && self.heap.location(edge.from).is_some() {
                    closures.push(edge.from);
                    if closures.len() == most {
                        return closures;
                    }
                } else if self.shapes.is_context(edge.from) && seen.insert(edge.from) {
                    open.push_back(edge.from);
                }
            }
        }
        closures.extend(of_module);
        closures
    }
}
