//! Who can still use the variables of a scope.
//!
//! All closures made in one call of a function share its scope (V8: one Context), and so does every
//! closure made in a block within it. What one of them needs stays alive as long as any of the
//! others lives. A variable is unused if no function that still sees the scope mentions it.
//!
//! ```text
//! scope ←context─ closure onClose          sees it
//!   ↑previous
//! block ←context─ closure retry            sees it too
//!   ↑context
//! frame of an async function               runs in it: may still do anything
//! ```
//!
//! What cannot be read counts as using: silence is better than a wrong word. The heap says which
//! functions live; V8's own tables, where a file has them, or else the source what they mention
//! ([`crate::v8::scope_tables`], [`heapmark_source::SourceFile::uses`]). The verdict is for
//! [`crate::rules::unused_capture`].

use std::sync::Arc;

use heapmark_heap::{Edge, EdgeType, Location, NodeOrdinal, NodeType};
use heapmark_source::Memo;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::evidence::run::Evidence;
use crate::v8::scope_tables::DeclaredScopes;
use crate::v8::sites::{Kind, SiteKey};

/// A budget: so many holders of a scope and of the scopes inside it are looked at. Where there are more, nobody
/// knows who uses its variables.
const MAX_HOLDERS: usize = 20_000;

/// A variable of a scope with its value.
pub(crate) struct Captured {
    /// Its name in what ran.
    pub(crate) name: String,
    /// From the scope to the value.
    pub(crate) edge: Edge,
    /// Bytes that go with the scope; 0 if somebody else holds the value as well.
    pub(crate) bytes: u64,
}

/// The variables of a scope that have a name in the source, with what only the scope keeps alive.
pub(crate) fn variables(e: &Evidence, scope: NodeOrdinal) -> Vec<Captured> {
    let named = e.heap.context_variables(scope).into_iter().filter_map(|(name, edge)| {
        let name = e.heap.string(name?).into_owned();
        // `this`, `arguments` and V8's own have no declaration.
        let is_declared = !name.starts_with('.') && name != "this" && name != "arguments";
        let is_own = e.heap.dominator(edge.to) == scope;
        let bytes = if is_own { e.heap.retained_size(edge.to) } else { 0 };
        is_declared.then_some(Captured { name, edge, bytes })
    });
    named.collect()
}

/// Questions about who uses what, each answered once.
pub(crate) struct Uses<'a> {
    e: &'a Evidence<'a>,
    declared: Option<DeclaredScopes<'a>>,
    users: Memo<NodeOrdinal, Option<Arc<Users>>>,
    used: Memo<(NodeOrdinal, String), bool>,
    answers: Memo<(Location, String), bool>,
}

impl<'a> Uses<'a> {
    pub(crate) fn new(e: &'a Evidence<'a>) -> Self {
        let declared = DeclaredScopes::of(e.heap);
        let (users, used, answers) = (Memo::default(), Memo::default(), Memo::default());
        Self { e, declared, users, used, answers }
    }

    /// Whether anybody who still sees the scope uses its variable `name`, or may.
    pub(crate) fn is_used(&self, scope: NodeOrdinal, name: &str) -> bool {
        self.used.get_or_find((scope, name.to_owned()), || self.find_user(scope, name))
    }

    fn find_user(&self, scope: NodeOrdinal, name: &str) -> bool {
        let find = || users(self.e, scope).map(Arc::new);
        let Some(users) = self.users.get_or_find(scope, find) else { return true };
        let declared = self.declared.as_ref();
        let known = declared.and_then(|it| it.is_used(scope, name, &users.examples));
        known.unwrap_or_else(|| users.functions.iter().any(|&user| self.uses(user, name)))
    }

    /// Whether the function at a location mentions the variable `name` that it captured.
    fn uses(&self, user: Location, name: &str) -> bool {
        let find = || self.ask(user, name).unwrap_or(true);
        self.answers.get_or_find((user, name.to_owned()), find)
    }

    fn ask(&self, user: Location, name: &str) -> Option<bool> {
        let spot = self.e.locator.site(SiteKey { kind: Kind::Closure, location: user })?;
        let variable = self.e.locator.captured(user, name)?;
        if variable.file.path() != spot.path() {
            return None;
        }
        Some(spot.file.uses(spot.function.as_ref()?, &variable.what))
    }
}

/// The functions that still see a scope.
struct Users {
    /// Each once, in the order of the text.
    functions: Vec<Location>,
    /// One closure of each.
    examples: Vec<NodeOrdinal>,
}

/// The functions that still see a scope; `None` if something holds the scope that may
/// use anything: a function that waits or runs in it, or code that is nowhere.
fn users(e: &Evidence, scope: NodeOrdinal) -> Option<Users> {
    let mut users: FxHashMap<Location, NodeOrdinal> = FxHashMap::default();
    let mut seen: FxHashSet<NodeOrdinal> = FxHashSet::from_iter([scope]);
    let mut open = vec![scope];
    let mut looked_at = 0;
    while let Some(scope) = open.pop() {
        for edge in e.heap.retainers(scope) {
            looked_at += 1;
            if looked_at > MAX_HOLDERS {
                return None;
            }
            if matches!(edge.edge_type, EdgeType::Weak | EdgeType::Shortcut) {
                continue;
            }
            let holder = edge.from;
            match e.heap.node_type(holder) {
                NodeType::Closure => {
                    users.insert(e.heap.location(holder)?, holder);
                }
                _ if e.shapes.is_context(holder) => {
                    if seen.insert(holder) {
                        open.push(holder);
                    }
                }
                // V8's own notes about code hold scopes too; none of them runs.
                NodeType::Code | NodeType::Hidden | NodeType::ObjectShape => {}
                _ => return None,
            }
        }
    }
    let mut users: Vec<(Location, NodeOrdinal)> = users.into_iter().collect();
    users.sort_unstable_by_key(|(user, _)| (user.script, user.line, user.column));
    let (functions, examples) = users.into_iter().unzip();
    Some(Users { functions, examples })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Ran;

    /// Runs a program and tells of each variable in the scopes around its closure `kept`, from the
    /// inside out, whether anybody uses it.
    fn told(program: &str) -> String {
        let ran = Ran::file(program);
        let closure = *ran.closures("kept").first().expect("it is alive");
        ran.ask(|e| {
            let uses = Uses::new(e);
            let scopes = e.heap.context_chain(closure).into_iter().map(|scope| {
                let told = variables(e, scope).into_iter().map(|it| {
                    let is_large = if it.bytes > 10_000 { " large" } else { "" };
                    let verdict = if uses.is_used(scope, &it.name) { "used" } else { "unused" };
                    format!("{} {verdict}{is_large}", it.name)
                });
                told.collect::<Vec<_>>().join(", ")
            });
            scopes.collect::<Vec<_>>().join(" | ")
        })
    }

    const LARGE: &str =
        "const large = () => Array.from({ length: 5_000 }, (_, i) => `${i} words`);\n";

    #[test]
    fn what_only_a_dead_function_used_is_unused() {
        let program = format!(
            "{LARGE}function handle() {{
               const body = large(), name = `n ${{body.length}}`;
               const each = () => body.length;
               each();
               return function kept() {{ return name; }};
             }}
             globalThis.all = handle();"
        );
        insta::assert_snapshot!(told(&program), @"body unused large, name used | large unused");
    }

    #[test]
    fn what_a_living_function_uses_is_used_wherever_it_was_made() {
        let program = format!(
            "{LARGE}function handle() {{
               const body = large(), name = `n ${{body.length}}`;
               globalThis.others = [];
               for (const line of ['a', 'b']) globalThis.others.push(() => body.length + line);
               return function kept() {{ return name; }};
             }}
             globalThis.all = handle();"
        );
        insta::assert_snapshot!(told(&program), @"body used large, name used | large unused");
    }

    #[test]
    fn variables_of_blocks_have_names_too() {
        let program = format!(
            "{LARGE}function handle(lines) {{
               for (const line of lines) {{
                 const body = large(), other = `o ${{line}}`;
                 const each = () => body.length;
                 each();
                 globalThis.all ??= function kept() {{ return line + other; }};
               }}
             }}
             handle([`a ${{Date.now()}}`]);"
        );
        insta::assert_snapshot!(told(&program), @"body unused large, other used | line used | large unused");
    }

    #[test]
    fn a_function_that_waits_may_still_use_everything() {
        let program = format!(
            "{LARGE}async function handle() {{
               const body = large(), name = `n ${{body.length}}`;
               const each = () => body.length;
               globalThis.all = function kept() {{ return name; }};
               await new Promise((resolve) => {{ globalThis.resolve = resolve; }});
               return each();
             }}
             globalThis.waiting = handle();"
        );
        insta::assert_snapshot!(told(&program), @"body used large, name used | large used");
    }

    #[test]
    fn direct_eval_may_use_everything() {
        let program = format!(
            "{LARGE}function handle() {{
               const body = large();
               return function kept(code) {{ return eval(code); }};
             }}
             globalThis.all = handle();"
        );
        insta::assert_snapshot!(told(&program), @"body used large | __dirname used, __filename used, module used, require used, exports used, large used, handle used");
    }

    #[test]
    fn a_parameter_and_what_a_catch_catches_are_variables() {
        let program = format!(
            "{LARGE}function handle(body, name) {{
               const each = () => body.length;
               each();
               try {{ throw Object.assign(new Error('e'), {{ more: large() }}); }} catch (error) {{
                 const say = () => error.more;
                 say();
                 globalThis.all = function kept() {{ return name; }};
               }}
             }}
             handle(large(), `n ${{Date.now()}}`);"
        );
        insta::assert_snapshot!(told(&program), @"error unused large | name used, body unused large | large used");
    }
}
