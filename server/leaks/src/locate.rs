//! From nodes of the heap to places in the user's source.
//!
//! Joins what the heap knows (script ids, names of scripts and variables) with what the workspace
//! knows (files, functions, declarations). Says for each place how well it fits; guesses nothing.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use heapmark_heap::{Analysis, EdgeType, Location, NodeOrdinal, NodeType, Script, ScriptId};
use heapmark_source::{
    Class, Declaration, Position, Range, Resolution, SourceFile, Target, Workspace,
};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::census::{Kind, SiteKey};
use crate::owner::{Binding, Owner};
use crate::report::{HopPlace, Match};
use crate::shapes::Shapes;

/// How many closures of a scope to ask for the declaration of one of its variables.
pub(crate) const MOST_CLOSURES: usize = 32;

/// Whose code a script is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A file of the workspace.
    Own,
    /// A file under `node_modules`.
    Dependency,
    /// Node's own code, or code that is no file.
    Builtin,
    /// A file that is not in the workspace, or that fits several.
    Elsewhere,
}

/// A function, class or declaration in a file of the workspace.
#[derive(Clone)]
pub(crate) struct Spot {
    pub(crate) file: Arc<SourceFile>,
    /// The name a person would say.
    pub(crate) name: String,
    /// What to underline.
    pub(crate) name_range: Range,
    /// All of it.
    pub(crate) range: Range,
    pub(crate) matched: Match,
}

impl Spot {
    pub(crate) fn path(&self) -> &Path {
        self.file.path()
    }

    /// The name without the functions around it: `onTick` of `handleRequest > onTick`.
    pub(crate) fn short_name(&self) -> &str {
        let last = self.name.rsplit(" > ").next().unwrap_or(&self.name);
        if is_plain_name(last) { last } else { &self.name }
    }

    /// Whether it has a name, or only a description such as "callback of …".
    pub(crate) fn is_named(&self) -> bool {
        is_plain_name(self.short_name())
    }

    pub(crate) fn hop_place(&self) -> HopPlace {
        HopPlace { name: self.name.clone(), file: self.path().to_owned(), range: self.name_range }
    }
}

/// The declaration that holds something, with what can be asked of the source about it.
#[derive(Clone)]
pub(crate) struct Holder {
    pub(crate) spot: Spot,
    pub(crate) declaration: Declaration,
    /// What declares it.
    pub(crate) of: HolderOf,
    /// In plain words, where the way to it begins: `module scope of cache.js`, `class Session`.
    pub(crate) scope: String,
}

/// What a holder is declared by.
#[derive(Clone)]
pub(crate) enum HolderOf {
    /// A scope.
    Scope,
    /// A class: its instances, or itself if it is static.
    Class { class: Box<Class>, is_static: bool },
    /// A module's exports.
    Export,
    /// The global object.
    Global,
}

impl Holder {
    /// What to ask the source file for the statements that add to or remove from it.
    pub(crate) fn target(&self) -> Target<'_> {
        let name = self.declaration.name.as_str();
        match &self.of {
            HolderOf::Scope => Target::Variable(&self.declaration),
            HolderOf::Class { class, is_static } => {
                Target::Field { class, name, is_static: *is_static }
            }
            HolderOf::Export => Target::Export(&self.spot.name),
            HolderOf::Global => Target::Global(name),
        }
    }
}

struct OpenScript {
    file: Arc<SourceFile>,
    /// Whether the file begins as the script did.
    fresh: bool,
}

/// The places of one snapshot.
pub(crate) struct Locator<'a> {
    heap: &'a Analysis,
    shapes: &'a Shapes<'a>,
    workspace: &'a Workspace,
    scripts: FxHashMap<ScriptId, Script>,
    origins: RefCell<FxHashMap<ScriptId, (Origin, Option<PathBuf>)>>,
    open: RefCell<FxHashMap<ScriptId, Option<Rc<OpenScript>>>>,
}

impl<'a> Locator<'a> {
    pub(crate) fn new(
        heap: &'a Analysis,
        shapes: &'a Shapes<'a>,
        workspace: &'a Workspace,
    ) -> Self {
        let scripts = heap.scripts().into_iter().map(|script| (script.id, script)).collect();
        let (origins, open) = (RefCell::default(), RefCell::default());
        Self { heap, shapes, workspace, scripts, origins, open }
    }

    /// The scripts of the snapshot that are files, but no files of the workspace: V8's names.
    pub(crate) fn scripts_elsewhere(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self
            .scripts
            .values()
            .filter(|script| self.origin(script.id) == Origin::Elsewhere)
            .map(|script| script.name.as_str())
            .filter(|name| !name.contains("/node_modules/"))
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Whether any script of the snapshot is a file of the workspace.
    pub(crate) fn has_own_scripts(&self) -> bool {
        self.scripts.keys().any(|&id| self.origin(id) == Origin::Own)
    }

    /// The user's own files that were looked at and are not what ran, as reports show them.
    pub(crate) fn changed_files(&self) -> Vec<String> {
        let open = self.open.borrow();
        let stale = open.iter().filter(|(id, script)| {
            self.origin(**id) == Origin::Own && script.as_ref().is_some_and(|script| !script.fresh)
        });
        let mut files: Vec<String> = stale
            .filter_map(|(_, script)| Some(self.relative(script.as_ref()?.file.path())))
            .collect();
        files.sort_unstable();
        files.dedup();
        files
    }

    /// Where a location stands that is not in the workspace: `/srv/app/audit.js:5`.
    pub(crate) fn outside(&self, location: Location) -> Option<String> {
        let elsewhere = self.origin(location.script) == Origin::Elsewhere;
        let script = self.scripts.get(&location.script).filter(|_| elsewhere)?;
        Some(format!("{}:{}", script.name, location.line + 1))
    }

    /// A path as reports show it: relative to the workspace.
    pub(crate) fn relative(&self, path: &Path) -> String {
        self.workspace.relative(path)
    }

    /// Whose code a script is, without reading it.
    pub(crate) fn origin(&self, id: ScriptId) -> Origin {
        if let Some((origin, _)) = self.origins.borrow().get(&id) {
            return *origin;
        }
        let found = match self.scripts.get(&id) {
            None => (Origin::Builtin, None),
            Some(script) => match self.workspace.resolve(&script.name) {
                Resolution::File(path) if Workspace::is_dependency(&path) => {
                    (Origin::Dependency, Some(path))
                }
                Resolution::File(path) => (Origin::Own, Some(path)),
                Resolution::Builtin => (Origin::Builtin, None),
                Resolution::Ambiguous(_) | Resolution::NotInWorkspace => (Origin::Elsewhere, None),
            },
        };
        let origin = found.0;
        self.origins.borrow_mut().insert(id, found);
        origin
    }

    /// The function or class at a site.
    pub(crate) fn site(&self, key: SiteKey) -> Option<Spot> {
        let script = self.script(key.location.script)?;
        let position = position(key.location);
        let function = || script.file.function_at(position);
        let class = || script.file.class_at(position);
        let found = match key.kind {
            Kind::Instance => class()
                .map(|c| (c.name.clone(), c.name_range, c.range))
                .or_else(|| function().map(|f| (f.name.clone(), f.name_range, f.range))),
            Kind::Closure | Kind::Frame | Kind::Timer => function()
                .map(|f| (f.name.clone(), f.name_range, f.range))
                .or_else(|| class().map(|c| (c.name.clone(), c.name_range, c.range))),
        };
        let (name, name_range, range) = found?;
        let matched = if script.fresh { Match::Exact } else { Match::Stale };
        Some(Spot { file: script.file.clone(), name, name_range, range, matched })
    }

    /// The function of a closure or frame, or the class of an instance.
    pub(crate) fn node(&self, node: NodeOrdinal) -> Option<Spot> {
        let kind = match self.heap.node_type(node) {
            NodeType::Closure => Kind::Closure,
            _ if self.shapes.is_frame(node) => Kind::Frame,
            _ => Kind::Instance,
        };
        self.site(SiteKey { kind, location: self.heap.location(node)? })
    }

    /// The declaration behind a binding.
    pub(crate) fn holder(&self, owner: &Owner) -> Option<Holder> {
        match &owner.binding {
            Binding::Variable { context, name } => self.variable(*context, name),
            Binding::Static { class, name } => self.member(*class, name, true),
            Binding::Field { instance, name } => self.member(*instance, name, false),
            Binding::Export { script, name } => self.export(*script, name),
            Binding::Global { name } => self.global(name),
        }
    }

    /// Whose code declares a binding, as far as the heap can tell without the declaration.
    pub(crate) fn binding_origin(&self, owner: &Owner) -> Option<Origin> {
        let script = |node| self.heap.location(node).map(|location| self.origin(location.script));
        match &owner.binding {
            Binding::Variable { context, .. } => {
                self.closures_in(*context).into_iter().find_map(script)
            }
            Binding::Static { class, .. } => script(*class),
            Binding::Field { instance, .. } => script(*instance),
            Binding::Export { script, .. } => Some(self.origin(*script)),
            Binding::Global { name } => self.global(name).map(|_| Origin::Own),
        }
    }

    fn variable(&self, context: NodeOrdinal, name: &str) -> Option<Holder> {
        let names = self.variables_of(context);
        self.closures_in(context).into_iter().find_map(|closure| {
            let location = self.heap.location(closure)?;
            let script = self.script(location.script)?;
            let function = script.file.function_at(position(location))?;
            let siblings: Vec<&str> = names.iter().map(String::as_str).collect();
            let declaration = script.file.captured(function, name, &siblings)?;
            let scope = match &declaration.in_function {
                None => format!("module scope of {}", file_name(script.file.path())),
                Some(function) => format!("scope of {function}"),
            };
            let spot = Self::declared(&script, declaration.name.clone(), &declaration);
            Some(Holder { spot, declaration, of: HolderOf::Scope, scope })
        })
    }

    fn export(&self, script: ScriptId, name: &str) -> Option<Holder> {
        let script = self.script(script)?;
        let declaration = script.file.export(name)?;
        let scope = format!("exports of {}", file_name(script.file.path()));
        let spot = Self::declared(&script, name.to_owned(), &declaration);
        let of = HolderOf::Export;
        Some(Holder { spot, declaration, of, scope })
    }

    /// The first assignment to a global variable in the user's own files that ran.
    fn global(&self, name: &str) -> Option<Holder> {
        let mut own: Vec<ScriptId> =
            self.scripts.keys().copied().filter(|&id| self.origin(id) == Origin::Own).collect();
        own.sort_unstable();
        own.into_iter().find_map(|id| {
            let script = self.script(id)?;
            let declaration = script.file.global(name)?;
            let spot = Self::declared(&script, name.to_owned(), &declaration);
            let (of, scope) = (HolderOf::Global, "global object".to_owned());
            Some(Holder { spot, declaration, of, scope })
        })
    }

    /// The names of the variables in a context.
    fn variables_of(&self, context: NodeOrdinal) -> Vec<String> {
        let variables = self.heap.edges(context).filter(|e| e.edge_type == EdgeType::Context);
        let names = variables.map(|edge| self.heap.edge_name(&edge).to_string());
        // `this`, `arguments` and V8's own have no declaration.
        names
            .filter(|name| !name.starts_with('.') && name != "this" && name != "arguments")
            .collect()
    }

    fn member(&self, of: NodeOrdinal, name: &str, is_static: bool) -> Option<Holder> {
        let location = self.heap.location(of)?;
        let script = self.script(location.script)?;
        let class = script.file.class_at(position(location))?;
        let declaration = script.file.field(class, name, is_static)?;
        let said = format!("{}.{name}", class.name);
        let scope = format!("class {}", class.name);
        let spot = Self::declared(&script, said, &declaration);
        let of = HolderOf::Class { class: Box::new(class.clone()), is_static };
        Some(Holder { spot, declaration, of, scope })
    }

    fn declared(script: &OpenScript, name: String, declaration: &Declaration) -> Spot {
        Spot {
            file: script.file.clone(),
            name,
            name_range: declaration.name_range,
            range: declaration.range,
            matched: if script.fresh { Match::Exact } else { Match::Stale },
        }
    }

    /// Closures that see the variables of `context`: those made in it, then those made in the
    /// scopes inside.
    pub(crate) fn closures_in(&self, context: NodeOrdinal) -> Vec<NodeOrdinal> {
        let mut closures = Vec::new();
        let mut seen = FxHashSet::from_iter([context]);
        let mut open = std::collections::VecDeque::from([context]);
        while let Some(scope) = open.pop_front() {
            for edge in self.heap.retainers(scope) {
                if edge.edge_type != EdgeType::Internal {
                    continue;
                }
                let is_closure = self.heap.node_type(edge.from) == NodeType::Closure;
                if is_closure && self.heap.location(edge.from).is_some() {
                    closures.push(edge.from);
                    if closures.len() == MOST_CLOSURES {
                        return closures;
                    }
                } else if self.shapes.is_context(edge.from) && seen.insert(edge.from) {
                    open.push_back(edge.from);
                }
            }
        }
        closures
    }

    fn script(&self, id: ScriptId) -> Option<Rc<OpenScript>> {
        if let Some(known) = self.open.borrow().get(&id) {
            return known.clone();
        }
        let opened = self.open_script(id).map(Rc::new);
        self.open.borrow_mut().insert(id, opened.clone());
        opened
    }

    fn open_script(&self, id: ScriptId) -> Option<OpenScript> {
        self.origin(id);
        let path = self.origins.borrow().get(&id)?.1.clone()?;
        // A file that cannot be read has no places; the names from the heap still stand.
        let file = self.workspace.file(&path).ok()?;
        let prefix = self.scripts.get(&id)?.source_prefix.as_deref();
        let fresh = prefix.is_none_or(|prefix| file.matches_prefix(prefix));
        Some(OpenScript { file, fresh })
    }
}

/// V8's locations count as the rest of the house does: from 0, in UTF-16 units.
pub(crate) fn position(location: Location) -> Position {
    Position::new(location.line, location.column)
}

/// A name like `onTick` or `Session.onTick`.
fn is_plain_name(name: &str) -> bool {
    !name.is_empty()
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '$' | '.' | '#'))
}

/// The last part of a path, for sentences.
pub(crate) fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
