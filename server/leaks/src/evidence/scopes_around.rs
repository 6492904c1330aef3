//! The scopes around closures, and what their variables keep alive that nobody uses.
//!
//! All functions of a bundle are made in one scope, which has a variable for each of them. So nothing
//! is asked once a function: closures that see the same scopes share a [`Group`], and what is found of
//! that is kept. Which functions to ask about, and what is said of them, is for
//! [`crate::rules::unused_capture`].

use std::collections::BTreeMap;
use std::sync::Arc;

use heapmark_heap::{Edge, EdgeType, NodeOrdinal, NodeSet};
use heapmark_source::Memo;
use rustc_hash::FxHashSet;

use crate::evidence::captured_variables::{Captured, Uses, variables};
use crate::evidence::run::Evidence;

/// A budget: so many scopes of a group, spread over all, are asked what uses a variable; they have the same code.
const SCOPES_TO_CHECK: usize = 16;
/// A budget: so many scopes outwards of a closure are looked at; people seldom nest functions deeper.
const MAX_SCOPE: usize = 8;

/// The scopes of one heap, as far as they were looked at.
pub(crate) struct Scopes<'a> {
    e: &'a Evidence<'a>,
    uses: Uses<'a>,
    /// The scope around each.
    around: Memo<NodeOrdinal, Option<NodeOrdinal>>,
    groups: Memo<Vec<NodeOrdinal>, Arc<Group>>,
}

/// The scopes that the closures of a function see at one distance.
pub(crate) struct Group {
    scopes: Vec<NodeOrdinal>,
    /// The names of the variables that keep so many bytes or more.
    large: Memo<u64, Arc<[String]>>,
    /// What a variable keeps in the scopes in which nobody uses it.
    unused: Memo<String, Option<Kept>>,
}

/// What a variable keeps in some scopes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Kept {
    /// Bytes that only these scopes keep, in all of them.
    pub(crate) bytes: u64,
    /// From one of the scopes to its value.
    pub(crate) example: Edge,
}

impl<'a> Scopes<'a> {
    pub(crate) fn new(e: &'a Evidence<'a>) -> Self {
        Self { e, uses: Uses::new(e), around: Memo::default(), groups: Memo::default() }
    }

    /// The scopes around closures: those that they were made in, then those around these, and so on.
    pub(crate) fn by_distance(&self, closures: &[NodeOrdinal]) -> Vec<Arc<Group>> {
        let mut scopes: Vec<Vec<NodeOrdinal>> = Vec::new();
        let mut seen: FxHashSet<NodeOrdinal> = FxHashSet::default();
        for &closure in closures {
            let mut next = self.e.heap.child(closure, EdgeType::Internal, "context");
            for distance in 0..MAX_SCOPE {
                // Those farther out were seen with the one that was.
                let is_new = |&it: &NodeOrdinal| self.e.shapes.is_context(it) && seen.insert(it);
                let Some(scope) = next.filter(is_new) else { break };
                if scopes.len() == distance {
                    scopes.push(Vec::new());
                }
                scopes[distance].push(scope);
                next = self.around(scope);
            }
        }
        scopes.into_iter().map(|scopes| self.group(scopes)).collect()
    }

    /// The names of the variables that keep at least so many bytes in all scopes of a group, whether
    /// anybody uses them or not; sorted.
    pub(crate) fn large_variables(&self, group: &Group, smallest: u64) -> Arc<[String]> {
        group.large.get_or_find(smallest, || self.find_large(&group.scopes, smallest))
    }

    /// What the variable `name` keeps in the scopes of a group in which nobody uses it.
    pub(crate) fn unused(&self, group: &Group, name: &str) -> Option<Kept> {
        group.unused.get_or_find(name.to_owned(), || {
            let scopes = self.outermost(&self.unused_in(&group.scopes, name));
            self.kept(&scopes, |it| it == name).remove(name)
        })
    }

    fn around(&self, scope: NodeOrdinal) -> Option<NodeOrdinal> {
        let find = || self.e.heap.child(scope, EdgeType::Internal, "previous");
        self.around.get_or_find(scope, find)
    }

    fn group(&self, scopes: Vec<NodeOrdinal>) -> Arc<Group> {
        self.groups.get(&scopes).unwrap_or_else(|| {
            let (large, unused) = (Memo::default(), Memo::default());
            let group = Group { scopes: scopes.clone(), large, unused };
            self.groups.insert(scopes, Arc::new(group))
        })
    }

    fn find_large(&self, scopes: &[NodeOrdinal], smallest: u64) -> Arc<[String]> {
        // What a variable keeps, its scope keeps too.
        let most: u64 = scopes.iter().map(|&scope| self.e.heap.retained_size(scope)).sum();
        if most < smallest {
            return Arc::default();
        }
        let large_in = |scopes: &[NodeOrdinal]| {
            let mut found = self.kept(scopes, |_| true);
            found.retain(|_, kept| kept.bytes >= smallest);
            found
        };
        let mut found = large_in(scopes);
        if scopes.len() > 1 && !found.is_empty() {
            // Walks through all that the scopes keep: only if there is something to gain.
            found = large_in(&self.outermost(scopes));
        }
        found.into_keys().collect()
    }

    /// The variables of scopes whose names are `wanted`, by name.
    fn kept(
        &self,
        scopes: &[NodeOrdinal],
        wanted: impl Fn(&str) -> bool,
    ) -> BTreeMap<String, Kept> {
        let mut all: BTreeMap<String, Kept> = BTreeMap::new();
        for &scope in scopes {
            for Captured { name, edge, bytes } in variables(self.e, scope) {
                if wanted(&name) {
                    let kept = all.entry(name).or_insert(Kept { bytes: 0, example: edge });
                    kept.bytes += bytes;
                }
            }
        }
        all
    }

    /// The scopes in which nobody uses the variable `name`. Calls that still run use it in theirs.
    fn unused_in(&self, scopes: &[NodeOrdinal], name: &str) -> Vec<NodeOrdinal> {
        let is_unused = |scope: &&NodeOrdinal| !self.uses.is_used(**scope, name);
        let stride = scopes.len().div_ceil(SCOPES_TO_CHECK).max(1);
        if !scopes.iter().step_by(stride).any(|scope| is_unused(&scope)) {
            return Vec::new();
        }
        scopes.iter().filter(is_unused).copied().collect()
    }

    /// Of scopes inside each other only the outermost, or their bytes would count twice.
    fn outermost(&self, scopes: &[NodeOrdinal]) -> Vec<NodeOrdinal> {
        if scopes.len() < 2 {
            return scopes.to_vec();
        }
        let mut inside = NodeSet::new(self.e.heap);
        self.e.add_below(&mut inside, scopes.iter().copied());
        scopes.iter().copied().filter(|&scope| !inside.contains(scope)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Ran;

    /// A module of very many functions and variables in one scope.
    fn bundle(functions: usize) -> String {
        let one = |number: usize| {
            format!(
                "const list{number} = ['{number}'];
                 globalThis.all.push(function f{number}() {{ return list{number}.length; }});\n"
            )
        };
        format!("globalThis.all = [];\n{}", (0..functions).map(one).collect::<String>())
    }

    /// Without groups, each function looks at the variables of all others: their square.
    #[test]
    fn the_functions_of_a_scope_share_what_is_found_of_it() {
        const FUNCTIONS: usize = 300;
        let ran = Ran::file(&bundle(FUNCTIONS));
        let closures: Vec<_> =
            (0..FUNCTIONS).flat_map(|number| ran.closures(&format!("f{number}"))).collect();
        assert_eq!(closures.len(), FUNCTIONS);
        ran.ask(|e| {
            let scopes = Scopes::new(e);
            for &closure in &closures {
                let groups = scopes.by_distance(&[closure]);
                let names = scopes.large_variables(&groups[0], 1);
                assert_eq!(names.len(), FUNCTIONS, "each list is large enough");
                assert_eq!(scopes.unused(&groups[0], "list7"), None, "it is used");
            }
            let looked_at = scopes.groups.asked();
            assert!(looked_at.len() <= 2, "the module's scope, and one around it");
            let groups = looked_at.iter().filter_map(|seen| scopes.groups.get(seen));
            assert_eq!(groups.map(|group| group.unused.asked().len()).sum::<usize>(), 1);
        });
    }
}
