//! What a snapshot tells of the scopes that its program declares: the questions to
//! [`ScopeTables`](crate::scope_tables::ScopeTables).

use std::borrow::Cow;

use crate::ordinals::StringIndex;
use crate::scope_tables::{DeclaredScope, ScopeUse};
use crate::snapshot::Snapshot;

impl Snapshot {
    /// All scopes, script by script, outer ones before inner ones. Empty in most files.
    pub fn declared_scopes(&self) -> &[DeclaredScope] {
        &self.scopes.all
    }

    /// The variables of the scope that closures capture, in the order of its context's slots.
    pub fn scope_variables(
        &self,
        scope: &DeclaredScope,
    ) -> impl ExactSizeIterator<Item = Cow<'_, str>> {
        let names = part(&self.scopes.variables, scope.variables);
        names.iter().map(|&name| self.string(StringIndex::new(name as usize)))
    }

    /// The captured variables that code in the scope uses, its own and those of outer scopes.
    pub fn scope_uses(&self, scope: &DeclaredScope) -> &[ScopeUse] {
        part(&self.scopes.uses, scope.uses)
    }
}

/// A scope of another snapshot has no part in this one.
fn part<T>(table: &[T], [start, end]: [u32; 2]) -> &[T] {
    table.get(start as usize..end as usize).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use serde_json::json;

    use super::*;
    use crate::Unmonitored;
    use crate::sketch::{Sketch, in_order};

    fn tell(file: &serde_json::Value) -> Result<String, crate::LoadError> {
        let file = in_order(file);
        let snapshot = Snapshot::read(file.as_bytes(), Some(file.len() as u64), &Unmonitored)?;
        let mut text = String::new();
        for scope in snapshot.declared_scopes() {
            let variables: Vec<_> = snapshot.scope_variables(scope).collect();
            let uses = snapshot.scope_uses(scope);
            let uses: Vec<_> = uses.iter().map(|used| (used.scope, used.slot)).collect();
            let (script, DeclaredScope { id, depth, .. }) = (scope.script.index(), scope);
            writeln!(text, "{script}: {id} depth {depth} {variables:?} uses {uses:?}")
                .expect("a string takes everything");
        }
        Ok(text)
    }

    #[test]
    fn reads_the_tables_of_scopes() {
        let mut file = Sketch::parse("root -> script\nscript -> cache").json();
        let meta = &mut file["snapshot"]["meta"];
        let fields = "script_node_index scope_id depth scope_context_vars_count scope_uses_count";
        meta["scope_fields"] = json!(fields.split(' ').collect::<Vec<_>>());
        meta["scope_context_var_fields"] = json!(["name"]);
        meta["scope_use_fields"] = json!(["declaring_scope_id", "slot_index"]);
        let cache = file["strings"].as_array().expect("a list").len() - 1;
        file["scopes"] = json!([7, 1, 0, 2, 0, 7, 4, 1, 0, 2]);
        file["scope_context_vars"] = json!([cache, cache - 1]);
        file["scope_uses"] = json!([1, 0, 1, 1]);
        insta::assert_snapshot!(tell(&file).expect("a snapshot"), @r#"
        1: 1 depth 0 ["cache", "script"] uses []
        1: 4 depth 1 [] uses [(1, 0), (1, 1)]
        "#);

        // Counted but not there, or in a form yet unknown.
        file["scope_uses"] = json!([1, 0]);
        assert!(tell(&file).expect("a snapshot").contains("uses [(1, 0)]\n"));
        file["snapshot"]["meta"]["scope_use_fields"] = json!(["slot_index"]);
        assert!(tell(&file).expect("a snapshot").contains("uses []\n"));
        file["scopes"] = json!([70, 1, 0, 2, 0]);
        tell(&file).expect_err("no such script");
        file["scopes"] = json!([7, 1, 0]);
        tell(&file).expect_err("half a row");
    }
}
