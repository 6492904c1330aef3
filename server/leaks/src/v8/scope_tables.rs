//! Who uses a captured variable, by V8's own tables of scopes.
//!
//! Files of V8 after 15.3 may say which scope of the text declares a variable and which scopes use
//! it; then no source is needed. A variable of a scope on the heap can still be used if a scope of
//! the text that uses it belongs to a function that lives and sees that very scope: from the using
//! scope outwards, the first that is such a function's ends the search. By the rule of DevTools
//! (`ContextAnalyzer.ts`). No V8 that could be run writes these tables yet.

use heapmark_heap::{Analysis, DeclaredScope, EdgeType, NodeOrdinal};
use rustc_hash::{FxHashMap, FxHashSet};

/// The scopes of the text, if the file has them.
pub(crate) struct DeclaredScopes<'a> {
    heap: &'a Analysis,
    /// By the script's node and the scope's number.
    by_id: FxHashMap<(NodeOrdinal, u32), usize>,
    parents: Vec<Option<usize>>,
    /// Who uses a variable: by the declaring scope and the slot.
    uses: FxHashMap<(usize, u32), Vec<usize>>,
}

impl<'a> DeclaredScopes<'a> {
    /// `None` if the file has no such tables.
    pub(crate) fn of(heap: &'a Analysis) -> Option<Self> {
        let scopes = heap.declared_scopes();
        if scopes.is_empty() {
            return None;
        }
        let by_id: FxHashMap<_, _> =
            scopes.iter().enumerate().map(|(index, it)| ((it.script, it.id), index)).collect();
        let parents = parents(scopes);
        let mut uses: FxHashMap<(usize, u32), Vec<usize>> = FxHashMap::default();
        for (user, scope) in scopes.iter().enumerate() {
            for used in heap.scope_uses(scope) {
                if let Some(&declared) = by_id.get(&(scope.script, used.scope)) {
                    uses.entry((declared, used.slot)).or_default().push(user);
                }
            }
        }
        Some(Self { heap, by_id, parents, uses })
    }

    /// Whether one of `closures`, which all see `scope`, can use its variable `name`. `None` if the
    /// tables do not have the scope, the variable, or one of the closures.
    pub(crate) fn is_used(
        &self,
        scope: NodeOrdinal,
        name: &str,
        closures: &[NodeOrdinal],
    ) -> Option<bool> {
        let mut living: FxHashSet<usize> = FxHashSet::default();
        let mut script = None;
        for &closure in closures {
            let shared = self.heap.child(closure, EdgeType::Internal, "shared")?;
            let its_script = self.heap.child(shared, EdgeType::Internal, "script")?;
            living.insert(*self.by_id.get(&(its_script, self.number(shared)?))?);
            script = Some(its_script);
        }
        let info = self.heap.child(scope, EdgeType::Internal, "scope_info")?;
        let declaring = *self.by_id.get(&(script?, self.number(info)?))?;
        let mut variables = self.heap.scope_variables(&self.heap.declared_scopes()[declaring]);
        let slot = variables.position(|variable| variable == name)? as u32;
        let users = self.uses.get(&(declaring, slot));
        Some(users.into_iter().flatten().any(|&user| {
            let mut next = Some(user);
            while let Some(at) = next.filter(|at| !living.contains(at)) {
                next = self.parents[at];
            }
            next.is_some()
        }))
    }

    /// The number that an internal edge `scope_id` leads to.
    fn number(&self, node: NodeOrdinal) -> Option<u32> {
        let number = self.heap.child(node, EdgeType::Internal, "scope_id")?;
        let text = self.heap.child(number, EdgeType::Internal, "value").unwrap_or(number);
        self.heap.name(text).parse().ok()
    }
}

/// The scope around each: scopes come in the order in which they open.
fn parents(scopes: &[DeclaredScope]) -> Vec<Option<usize>> {
    let mut around: Vec<usize> = Vec::new();
    let mut parents = Vec::with_capacity(scopes.len());
    for (index, scope) in scopes.iter().enumerate() {
        let same_script = index > 0 && scopes[index - 1].script == scope.script;
        around.truncate(if same_script { scope.depth as usize } else { 0 });
        // A table that skips a depth has no parent there.
        let is_whole = around.len() == scope.depth as usize;
        parents.push(around.last().copied().filter(|_| is_whole));
        if is_whole {
            around.push(index);
        }
    }
    parents
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use heapmark_heap::sketch::{Sketch, in_order};
    use heapmark_heap::{Snapshot, Unmonitored};
    use serde_json::json;

    use super::*;

    /// `function outer(body, name) { each: () => body; onClose: () => { inner: () => name } }`
    #[track_caller]
    fn used(living: &[&str], expected: [Option<bool>; 2]) {
        let mut drawing = String::from(
            "root -> script\nroot -> scope
             scope: object \"system / Context\" 40
             scope --internal scope_info--> info
             info: code \"system / ScopeInfo\"
             info --internal scope_id--> n1
             n1: number int
             n1 --internal value--> t1
             t1: string \"1\"
             body: string body\nname: string name\nroot -> body\nroot -> name\n",
        );
        for (name, id) in [("each", 2), ("onClose", 3), ("inner", 4), ("unknown", 9)] {
            let _ = write!(
                drawing,
                "root -> {name}\n{name}: closure {name}\n{name} --internal shared--> s{id}
                 s{id}: code \"system / SharedFunctionInfo\"\ns{id} --internal script--> script
                 s{id} --internal scope_id--> n{id}\nn{id}: number int
                 n{id} --internal value--> t{id}\nt{id}: string \"{id}\"\n"
            );
        }
        let sketch = Sketch::parse(&drawing);
        let mut file = sketch.json();
        let strings = file["strings"].as_array().expect("a list").clone();
        let string = |text: &str| strings.iter().position(|it| it == text).expect("it is there");
        let meta = &mut file["snapshot"]["meta"];
        let width = meta["node_fields"].as_array().expect("a list").len();
        let fields = "script_node_index scope_id depth scope_context_vars_count scope_uses_count";
        meta["scope_fields"] = json!(fields.split(' ').collect::<Vec<_>>());
        meta["scope_context_var_fields"] = json!(["name"]);
        meta["scope_use_fields"] = json!(["declaring_scope_id", "slot_index"]);
        let script = sketch.ordinal("script").index() * width;
        file["scopes"] = json!([
            script, 0, 0, 0, 0, // the script
            script, 1, 1, 2, 0, // outer
            script, 2, 2, 0, 1, // each
            script, 3, 2, 0, 0, // onClose
            script, 4, 3, 0, 1, // inner
        ]);
        file["scope_context_vars"] = json!([string("body"), string("name")]);
        file["scope_uses"] = json!([1, 0, 1, 1]);
        let file = in_order(&file);
        let snapshot = Snapshot::read(file.as_bytes(), Some(file.len() as u64), &Unmonitored);
        let heap = Analysis::new(snapshot.expect("a snapshot"), &Unmonitored).expect("uncancelled");
        let scopes = DeclaredScopes::of(&heap).expect("it has tables");
        let living: Vec<_> = living.iter().map(|name| sketch.ordinal(name)).collect();
        let found =
            ["body", "name"].map(|name| scopes.is_used(sketch.ordinal("scope"), name, &living));
        assert_eq!(found, expected, "of {living:?}");
    }

    #[test]
    fn a_variable_is_used_by_a_function_that_lives() {
        used(&["each"], [Some(true), Some(false)]);
        used(&["each", "inner"], [Some(true), Some(true)]);
    }

    #[test]
    fn what_is_yet_to_be_made_by_a_living_function_counts() {
        used(&["onClose"], [Some(false), Some(true)]);
        used(&["inner"], [Some(false), Some(true)]);
    }

    #[test]
    fn what_the_tables_do_not_have_is_not_decided() {
        used(&["unknown"], [None, None]);
        used(&[], [None, None]);
    }
}
