//! Scopes and the names they declare: which declaration does a name mean at a place.
//!
//! Built by the [indexer](crate::index) while it walks the tree, by the rules of ECMAScript: `var`
//! is hoisted to the function, `let`, `const`, classes and functions belong to the block, and a
//! function's parameters and the outermost names of its body share one scope (as they share one
//! context in V8). Direct `eval` and `with` are not followed.

use std::sync::atomic::{AtomicU64, Ordering};

use rustc_hash::FxHashMap;

use crate::memo::Memo;
use crate::text::position::{Position, Range};
use crate::text::{Span, Text};

/// What a module of CommonJS may use without declaring it.
const GIVEN_BY_NODE: [&str; 5] = ["exports", "require", "module", "__filename", "__dirname"];

/// What kind of declaration a name has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeclarationKind {
    /// `const`, and names that nothing can assign: enums, namespaces, `using`.
    Const,
    /// `let`.
    Let,
    /// `var`.
    Var,
    /// A parameter of a function, also by destructuring.
    Parameter,
    /// A function declaration, or the own name of a function expression.
    Function,
    /// A class declaration, or the own name of a class expression.
    Class,
    /// An imported name.
    Import,
    /// The variable of a `catch`.
    Catch,
    /// A field of a class's instances.
    Field,
    /// A static field of a class.
    Static,
    /// A property of the global object.
    Global,
    /// A property of an object that a variable holds, or of a module's exports.
    Property,
}

/// Where something that can hold memory is declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declaration {
    /// The name, without `this.` or the class's name.
    pub name: String,
    /// What declares it.
    pub kind: DeclarationKind,
    /// The name itself: what to underline.
    pub name_range: Range,
    /// The declaring construct: `entries = new Map()`, a parameter, a function.
    pub range: Range,
    /// The first value, if one is written at the declaration.
    pub initializer: Option<Range>,
    /// Where the name is known; for fields the class, for globals the file.
    pub scope_range: Range,
    /// The function in whose scope it is declared, as people say it; `None` at the top level.
    pub in_function: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ScopeIndex(pub(crate) u32);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct DeclarationIndex(pub(crate) u32);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ScopeKind {
    /// The whole file, a function, a static block, a namespace: where `var` stops.
    Function,
    /// Everything else.
    Block,
}

#[derive(Debug)]
pub(crate) struct Scope {
    pub(crate) parent: Option<ScopeIndex>,
    pub(crate) kind: ScopeKind,
    pub(crate) span: Span,
    /// Index of the innermost function around.
    pub(crate) function: Option<u32>,
    names: FxHashMap<Box<str>, DeclarationIndex>,
}

/// A declared variable, still in bytes.
#[derive(Debug)]
pub(crate) struct Variable {
    pub(crate) scope: ScopeIndex,
    pub(crate) kind: DeclarationKind,
    pub(crate) name: Span,
    pub(crate) span: Span,
    pub(crate) initializer: Option<Span>,
}

/// All scopes of a file, in the order in which they open, and all variables.
#[derive(Debug)]
pub(crate) struct Scopes {
    /// No other file's scopes have it, nor those of another text of the same.
    id: u64,
    all: Vec<Scope>,
    variables: Vec<Variable>,
    /// By the first byte of the name that declares it.
    by_name_start: FxHashMap<u32, DeclarationIndex>,
}

impl Default for Scopes {
    fn default() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            all: Vec::new(),
            variables: Vec::new(),
            by_name_start: FxHashMap::default(),
        }
    }
}

/// The names of the variables that V8 keeps in one context: a scope that does not declare them all is
/// not the one.
///
/// A bundle has thousands of them in its one scope, and may be asked for each: whether a scope
/// declares them all is found out once.
#[derive(Debug, Default)]
pub struct Siblings {
    names: Vec<String>,
    /// By the file's [`Scopes::id`] and the scope.
    declared: Memo<(u64, ScopeIndex), bool>,
}

impl Siblings {
    /// Variables of these names.
    pub fn of(names: Vec<String>) -> Self {
        Self { names, declared: Memo::default() }
    }

    /// Their names.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Whether a scope declares all of them.
    fn are_declared(&self, scopes: &Scopes, index: ScopeIndex) -> bool {
        let scope = scopes.scope(index);
        // These are parameters of the function that Node puts around a module.
        let is_given =
            |name: &String| scope.parent.is_none() && GIVEN_BY_NODE.contains(&name.as_str());
        let is_declared = |name: &String| scope.names.contains_key(name.as_str()) || is_given(name);
        self.declared.get_or_find((scopes.id, index), || self.names.iter().all(is_declared))
    }
}

impl Scopes {
    pub(crate) fn open(
        &mut self,
        parent: Option<ScopeIndex>,
        kind: ScopeKind,
        span: Span,
        function: Option<u32>,
    ) -> ScopeIndex {
        self.all.push(Scope { parent, kind, span, function, names: FxHashMap::default() });
        ScopeIndex(self.all.len() as u32 - 1)
    }

    pub(crate) fn scope(&self, index: ScopeIndex) -> &Scope {
        &self.all[index.0 as usize]
    }

    pub(crate) fn variable(&self, index: DeclarationIndex) -> &Variable {
        &self.variables[index.0 as usize]
    }

    pub(crate) fn variables(&self) -> impl Iterator<Item = (DeclarationIndex, &Variable)> {
        let indices = (0..).map(DeclarationIndex);
        indices.zip(&self.variables)
    }

    /// The variable whose name begins at this byte where it is declared.
    pub(crate) fn declared_at(&self, name_start: u32) -> Option<DeclarationIndex> {
        self.by_name_start.get(&name_start).copied()
    }

    /// Declares a name. `var` climbs to its function, and a second declaration of the same name
    /// (`var` again, an overload) leaves the first.
    pub(crate) fn declare(&mut self, text: &Text, mut variable: Variable) {
        if variable.kind == DeclarationKind::Var {
            while let Scope { kind: ScopeKind::Block, parent: Some(parent), .. } =
                self.scope(variable.scope)
            {
                variable.scope = *parent;
            }
        }
        let name = text.slice(variable.name);
        let names = &mut self.all[variable.scope.0 as usize].names;
        if name.is_empty() || names.contains_key(name) {
            return;
        }
        let index = DeclarationIndex(self.variables.len() as u32);
        names.insert(name.into(), index);
        self.by_name_start.entry(variable.name.0).or_insert(index);
        self.variables.push(variable);
    }

    /// What `name` means in `scope`: looked up from there outwards.
    pub(crate) fn resolve(&self, name: &str, scope: ScopeIndex) -> Option<DeclarationIndex> {
        self.resolve_where(name, scope, |_| true)
    }

    /// Like [`Scopes::resolve`], but only scopes that also declare all `siblings` count.
    pub(crate) fn resolve_among(
        &self,
        name: &str,
        siblings: &Siblings,
        scope: ScopeIndex,
    ) -> Option<DeclarationIndex> {
        self.resolve_where(name, scope, |scope| siblings.are_declared(self, scope))
    }

    fn resolve_where(
        &self,
        name: &str,
        scope: ScopeIndex,
        accept: impl Fn(ScopeIndex) -> bool,
    ) -> Option<DeclarationIndex> {
        let mut next = Some(scope);
        // A scope of another text, or of the same before an edit, may have a number that is none here.
        while let Some((index, scope)) =
            next.and_then(|index| Some((index, self.all.get(index.0 as usize)?)))
        {
            if let Some(&found) = scope.names.get(name)
                && accept(index)
            {
                return Some(found);
            }
            next = scope.parent;
        }
        None
    }

    /// The innermost scope around a byte offset.
    pub(crate) fn at(&self, offset: u32) -> Option<ScopeIndex> {
        let opened = self.all.partition_point(|scope| scope.span.0 <= offset);
        let mut next = opened.checked_sub(1).map(|index| ScopeIndex(index as u32));
        while let Some(index) = next {
            if offset <= self.scope(index).span.1 {
                return Some(index);
            }
            next = self.scope(index).parent;
        }
        // Before the first token or behind the last one: the file's own scope.
        (!self.all.is_empty()).then_some(ScopeIndex(0))
    }

    /// The place whose text is asked about: for look-ups by position.
    pub(crate) fn at_position(&self, text: &Text, position: Position) -> Option<ScopeIndex> {
        self.at(text.offset(position)?)
    }
}
