//! What a closure has captured: the variables of the scopes around it, as V8 keeps them on the heap.
//!
//! ```text
//! closure ─context→ Context ─previous→ Context ─previous→ … NativeContext
//!                      │ ─context NAME→ value            a function's or module's variables
//!                      │ ─hidden K→ value                a block's: without names
//!                      └─scope_info→ ScopeInfo ─hidden K→ "NAME"
//! ```
//!
//! All closures that are made in one call of a function share its Context, and what any of them needs
//! is kept as long as one of them lives. Variables that hold small integers are not in the file.
//!
//! The names of a block's variables stand in its `ScopeInfo`, in the order of the slots, and a link has
//! the number of its slot among those that hold no small integer (V8's `IndexedReferencesExtractor`
//! counts `undefined` and the like, too, and writes no link for them). So where a variable holds a small
//! integer, one after it may have any of a few names.

use rustc_hash::FxHashSet;

use crate::analysis::Analysis;
use crate::kinds::{EdgeType, NodeType};
use crate::ordinals::{NodeOrdinal, StringIndex};
use crate::snapshot::{Edge, EdgeName, Snapshot};

/// A scope that a closure can see, as it is on the heap. (What the program's *text* says of scopes
/// is [`DeclaredScope`](crate::DeclaredScope).)
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// V8's Context.
    pub context: NodeOrdinal,
    /// The variables that some closure has captured, in V8's order. Empty for scopes that are only
    /// there for the sake of those around them.
    pub variables: Vec<Variable>,
}

/// A captured variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable {
    /// Its name, if the file tells.
    pub name: Option<StringIndex>,
    /// The link to its value.
    pub edge: Edge,
    /// Bytes that its value retains.
    pub retained_size: u64,
    /// Whether the scope alone holds the value, so that these bytes go with it.
    pub is_own: bool,
}

impl Snapshot {
    /// Whether the node is the scope of a function, a module or a block.
    pub fn is_context(&self, node: NodeOrdinal) -> bool {
        let name = self.strings.get(self.name_index(node));
        let rest = name.strip_prefix("system / Context");
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(" / "))
    }

    /// The scopes around a closure (or what a bound function calls, or the frame of a generator or an
    /// async function), the innermost first, without the realm at the end.
    pub fn context_chain(&self, closure: NodeOrdinal) -> Vec<NodeOrdinal> {
        let mut chain = Vec::new();
        let mut seen = FxHashSet::default();
        let mut function = closure;
        while let Some(target) = self.child(function, EdgeType::Internal, "bound_function") {
            if !seen.insert(function) {
                return chain;
            }
            function = target;
        }
        let mut next = self.child(function, EdgeType::Internal, "context");
        while let Some(scope) = next.filter(|&scope| self.is_context(scope) && seen.insert(scope)) {
            chain.push(scope);
            next = self.child(scope, EdgeType::Internal, "previous");
        }
        chain
    }

    /// The links of a scope to the values of its variables, with their names where the file tells.
    pub fn context_variables(&self, scope: NodeOrdinal) -> Vec<(Option<StringIndex>, Edge)> {
        let of_type = |edge_type| self.edges(scope).filter(move |edge| edge.edge_type == edge_type);
        let variables: Vec<_> = of_type(EdgeType::Context)
            .map(|edge: Edge| (self.edge_name_index(&edge), edge))
            .collect();
        if !variables.is_empty() {
            return variables;
        }
        let in_block = self.block_variables(scope).into_iter();
        in_block
            .map(|(names, edge)| (names.first().copied().filter(|_| names.len() == 1), edge))
            .collect()
    }

    /// The links of a block's scope to the values of its variables, each with the names that it may
    /// have, in the order of the source: one, if it is certain; none, if the file has none.
    pub fn block_variables(&self, scope: NodeOrdinal) -> Vec<(Vec<StringIndex>, Edge)> {
        let number = |link: &Edge| match self.edge_name(link) {
            EdgeName::Index(number) => number as usize,
            EdgeName::Name(_) => usize::MAX,
        };
        let links: Vec<Edge> =
            self.edges(scope).filter(|edge| edge.edge_type == EdgeType::Hidden).collect();
        let Some(last) = links.iter().map(number).max() else {
            return Vec::new();
        };
        let names = self.slot_names(scope);
        let slots = self.slots(scope, names.len()).unwrap_or_default();
        let is_full = links.len() == slots;
        let possible = |position: usize, link: &Edge| {
            let first = if is_full { position } else { number(link) };
            // So many variables that hold small integers may stand before it.
            let left_out = if is_full { 0 } else { slots.saturating_sub(last + 1) };
            let names = names.get(first..=first + left_out).filter(|_| first + left_out < slots);
            names.map(<[_]>::to_vec).unwrap_or_default()
        };
        links.iter().enumerate().map(|(at, link)| (possible(at, link), *link)).collect()
    }

    /// The names in a scope's `ScopeInfo`: those of its variables, then that of its function.
    fn slot_names(&self, scope: NodeOrdinal) -> Vec<StringIndex> {
        let Some(info) = self.child(scope, EdgeType::Internal, "scope_info") else {
            return Vec::new();
        };
        // Up to Node 16 it is an array, of which the links are named by their places.
        let is_field = |edge: &Edge| match edge.edge_type {
            EdgeType::Hidden => true,
            EdgeType::Internal => self.edge_name_index(edge).is_some_and(|name| {
                self.strings.get(name).bytes().all(|byte| byte.is_ascii_digit())
            }),
            _ => false,
        };
        self.edges(info)
            .filter(is_field)
            .take_while(|edge| self.node_type(edge.to) == NodeType::String)
            .map(|edge| self.name_index(edge.to))
            .collect()
    }

    /// How many variables a block's scope has, by its size: a header of two words, `scope_info`,
    /// `previous`, `extension` where there is one, and the variables. As many as there are names; after
    /// them that of the function may stand.
    fn slots(&self, scope: NodeOrdinal, names: usize) -> Option<usize> {
        let has_extension = self.child(scope, EdgeType::Internal, "extension").is_some();
        let size = |slots: usize, word: usize| (4 + usize::from(has_extension) + slots) * word;
        // Words are of 8 bytes in Node.js, of 4 in Chrome.
        [8, 4].into_iter().find_map(|word| {
            let counts = [Some(names), names.checked_sub(1)].into_iter().flatten();
            counts.into_iter().find(|&slots| self.raw_self_size(scope) == size(slots, word) as u64)
        })
    }
}

impl Analysis {
    /// The scopes around a closure, the innermost first, with what each of their variables keeps.
    pub fn scopes(&self, closure: NodeOrdinal) -> Vec<Scope> {
        let chain = self.context_chain(closure);
        let scopes = chain.into_iter().map(|context| {
            let variables =
                self.context_variables(context).into_iter().map(|(name, edge)| Variable {
                    name,
                    edge,
                    retained_size: self.retained_size(edge.to),
                    is_own: self.dominator(edge.to) == context,
                });
            Scope { context, variables: variables.collect() }
        });
        scopes.collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::sketch::Sketch;

    fn told(drawing: &str) -> String {
        let sketch = Sketch::parse(drawing);
        let heap = sketch.analysis();
        let scopes = heap.scopes(sketch.ordinal("f"));
        let lines = scopes.iter().map(|scope| {
            let variables = scope.variables.iter().map(|variable| {
                let name = variable.name.map_or("?".into(), |name| heap.string(name));
                let own = if variable.is_own { "" } else { " shared" };
                let value = sketch.label(variable.edge.to);
                format!(" {name}={value} {}{own}", variable.retained_size)
            });
            format!("{}:{}", sketch.label(scope.context), variables.collect::<Vec<_>>().join(","))
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    const DRAWING: &str = "
        root -> f
        f: closure
        f --internal context--> block
        block: object \"system / Context\" 48
        block --internal scope_info--> info
        block --internal previous--> function
        block --hidden 0--> a
        block --hidden 1--> b
        info: code \"system / ScopeInfo\"
        info --internal map--> map
        info --hidden 0--> first
        info --hidden 1--> second
        info --hidden 2--> outer
        first: string item
        second: string index
        outer: code \"system / ScopeInfo\"
        function: object \"system / Context / make @5\"
        function --context big--> c
        function --context shared--> d
        function --internal previous--> realm
        root -> d
        c -> below
        realm: object \"system / NativeContext\"
        realm --context never--> a
    ";

    #[test]
    fn every_variable_of_every_scope_is_told() {
        insta::assert_snapshot!(told(DRAWING), @"
        block: item=a 10, index=b 10
        function: big=c 20, shared=d 10 shared
        ");
    }

    #[test]
    fn names_are_told_only_if_they_are_certain() {
        // A third variable that holds a small integer.
        let third = DRAWING.replace("48", "56").replace(
            "info --hidden 2--> outer",
            "info --hidden 2--> count\ninfo --hidden 3--> outer\ncount: string count",
        );
        insta::assert_snapshot!(told(&third), @"
        block: ?=a 10, ?=b 10
        function: big=c 20, shared=d 10 shared
        ");
        // One that is undefined has no link, but is counted.
        insta::assert_snapshot!(told(&third.replace("block --hidden 1", "block --hidden 2")), @"
        block: item=a 10, count=b 10
        function: big=c 20, shared=d 10 shared
        ");
        // A size that says something else.
        insta::assert_snapshot!(told(&DRAWING.replace("48", "72")), @"
        block: ?=a 10, ?=b 10
        function: big=c 20, shared=d 10 shared
        ");
        let function_named = DRAWING.replace("info --hidden 2--> outer", "info --hidden 2--> map");
        assert_eq!(
            told(&function_named.replace("root -> f\n", "root -> f\nmap: string make\n")),
            told(DRAWING)
        );
        // Node 14's ScopeInfo.
        let array = DRAWING.replace("info --hidden ", "info --internal 3");
        assert_eq!(told(&array), told(DRAWING));
        // Chrome's words.
        assert_eq!(told(&DRAWING.replace("48", "24")), told(DRAWING));
    }

    #[test]
    fn a_variable_behind_small_integers_may_have_one_of_a_few_names() {
        let sketch = Sketch::parse(
            "
            block: object \"system / Context\" 64
            block --internal scope_info--> info
            block --hidden 0--> a
            block --hidden 1--> b
            info: code \"system / ScopeInfo\"
            info --hidden 0--> first
            info --hidden 1--> second
            info --hidden 2--> third
            info --hidden 3--> fourth
            first: string first
            second: string second
            third: string third
            fourth: string fourth
            ",
        );
        let heap = sketch.analysis();
        let variables = heap.block_variables(sketch.ordinal("block"));
        let told: Vec<String> = variables
            .iter()
            .map(|(names, edge)| {
                let names: Vec<_> = names.iter().map(|&name| heap.string(name)).collect();
                format!("{}: {}", sketch.label(edge.to), names.join(" or "))
            })
            .collect();
        assert_eq!(told, ["a: first or second or third", "b: second or third or fourth"]);
    }

    #[test]
    fn bound_functions_are_followed_and_circles_end() {
        let bound = DRAWING.replace(
            "f --internal context",
            "f --internal bound_function--> g\ng --internal context",
        );
        assert_eq!(told(&bound), told(DRAWING));
        assert_eq!(told("f --internal bound_function--> f"), "");
        insta::assert_snapshot!(told(
            "
            f --internal context--> c
            c: object \"system / Context\"
            c --internal previous--> c
            "
        ), @"c:");
    }
}
