//! From nodes of the heap to places in the user's source.
//!
//! Joins what the heap knows (script ids, names of scripts and variables) with what the workspace
//! knows (files, functions, declarations). Says for each place how well it fits; guesses nothing.

use std::borrow::Cow;
use std::cell::{OnceCell, RefCell};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use heapmark_heap::{Analysis, EdgeType, Location, NodeOrdinal, NodeType, ScriptId};
pub(crate) use heapmark_source::Origin;
use heapmark_source::{
    AsItRan, Call, Class, Declaration, DeclarationKind, Fit, Function, Generated, Importers,
    Mutation, Position, RanScript, RanSite, Range, Script, SourceFile, Target, Thing, Wanted,
    Workspace, Written, same_script,
};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::census::{Kind, SiteKey};
use crate::companion::{CompanionScript, Scripts};
use crate::owner::{Binding, Owner};
use crate::report::{HopPlace, Match};
use crate::shapes::Shapes;

/// How many closures of a scope to ask for the declaration of one of its variables.
pub(crate) const MOST_CLOSURES: usize = 32;
/// Prototype chains are seldom longer than four.
const LONGEST_PROTOTYPE_CHAIN: usize = 16;

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
    /// Where it ran, if that was made from the file.
    pub(crate) generated: Option<Generated>,
    /// The function itself, if it is one.
    pub(crate) function: Option<Function>,
}

impl Spot {
    fn at(found: Written<Thing>) -> Self {
        let Written { file, what, fit, generated } = found;
        Spot {
            file,
            name: what.name().to_owned(),
            name_range: what.name_range(),
            range: what.range(),
            matched: fit.into(),
            generated,
            function: match what {
                Thing::Function(function) => Some(function),
                Thing::Class(_) => None,
            },
        }
    }

    /// At a call in the text that ran.
    fn called(file: Arc<SourceFile>, call: &Call) -> Self {
        Spot {
            file,
            name: call.callee.clone(),
            name_range: call.head_range,
            range: call.range,
            matched: Match::Exact,
            generated: None,
            function: None,
        }
    }

    /// At a declaration, under the name that is said.
    pub(crate) fn declared(name: String, found: &Written<Declaration>) -> Self {
        Spot {
            file: Arc::clone(&found.file),
            name,
            name_range: found.what.name_range,
            range: found.what.range,
            matched: found.fit.into(),
            generated: found.generated.clone(),
            function: None,
        }
    }

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
    /// A function, or whatever else a variable holds: its property.
    Property { variable: Box<Declaration> },
    /// A module's exports.
    Export,
    /// The global object.
    Global,
    /// The global object, under a symbol that this variable holds.
    Symbol { key: Box<Declaration> },
    /// Some object, by these properties: `locals`, `visits`.
    Path(Vec<String>),
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
            HolderOf::Property { variable } => Target::Property { variable, name },
            HolderOf::Export => Target::Export(&self.spot.name),
            HolderOf::Global => Target::Global(name),
            HolderOf::Symbol { key } => Target::GlobalSymbol(key),
            HolderOf::Path(path) => Target::Anywhere(path),
        }
    }

    /// Whether it only stands for what another file of the program has: `const store =
    /// require("./store")`.
    pub(crate) fn is_import(&self) -> bool {
        self.spot.file.imported_from(&self.declaration).is_some()
    }

    /// Whether the declaration is of the thing itself, and not of what has it at the end of a path.
    pub(crate) fn is_whole_path(&self) -> bool {
        matches!(self.of, HolderOf::Path(_))
    }
}

/// The places of one snapshot.
pub(crate) struct Locator<'a> {
    heap: &'a Analysis,
    shapes: &'a Shapes<'a>,
    past: &'a AsItRan<'a>,
    known: FxHashMap<ScriptId, heapmark_heap::Script>,
    companion: &'a Scripts,
    sites: OnceCell<RefCell<FxHashMap<ScriptId, Vec<RanSite>>>>,
    scripts: RefCell<FxHashMap<ScriptId, Rc<Script>>>,
    importers: OnceCell<Importers>,
    /// The files that are known to be as they ran, or not to be.
    confirmed: RefCell<FxHashSet<PathBuf>>,
    /// Which variables of a scope stand for `this`, by V8's description of it.
    this: RefCell<FxHashMap<NodeOrdinal, FxHashMap<String, bool>>>,
}

impl<'a> Locator<'a> {
    /// `companion` is what was written down of the scripts when the snapshot was taken.
    pub(crate) fn new(
        heap: &'a Analysis,
        shapes: &'a Shapes<'a>,
        past: &'a AsItRan<'a>,
        companion: &'a Scripts,
    ) -> Self {
        let known = heap.scripts().into_iter().map(|script| (script.id, script)).collect();
        let (sites, scripts) = (OnceCell::new(), RefCell::default());
        let importers = OnceCell::new();
        let (confirmed, this) = (RefCell::default(), RefCell::default());
        Self { heap, shapes, past, known, companion, sites, scripts, importers, confirmed, this }
    }

    /// The scripts of the snapshot that are files, but no files of the workspace: V8's names.
    pub(crate) fn scripts_elsewhere(&self) -> Vec<String> {
        let is_elsewhere = |script: &Rc<Script>| self.whose(script) == Origin::Elsewhere;
        let elsewhere = self.all().filter(|it| is_elsewhere(it) && !it.is_evaluated());
        let mut names: Vec<String> = elsewhere
            .map(|script| script.name().to_owned())
            .filter(|name| !name.contains("/node_modules/"))
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Whether any script of the snapshot is a file of the workspace.
    pub(crate) fn has_own_scripts(&self) -> bool {
        self.all().any(|script| self.whose(&script) == Origin::Own)
    }

    /// The user's own files that were looked at and are not what ran, as reports show them.
    pub(crate) fn changed_files(&self) -> Vec<String> {
        let mut changed = self.gathered(|script| {
            script.changed_files().iter().map(|file| self.relative(file)).collect()
        });
        changed.extend(self.past.changed_files().iter().map(|file| self.relative(file)));
        changed.sort_unstable();
        changed.dedup();
        changed
    }

    /// The user's own files that were compiled in memory, and nobody knows how.
    pub(crate) fn compiled_files(&self) -> Vec<String> {
        self.gathered(|script| {
            script.compiled_file().iter().map(|file| self.relative(file)).collect()
        })
    }

    /// Why source maps could not be used, a sentence each without its full stop.
    pub(crate) fn map_problems(&self) -> Vec<String> {
        self.gathered(|script| script.map_problem().map(str::to_owned).into_iter().collect())
    }

    /// Sources that were looked for and that only source maps have.
    pub(crate) fn only_in_maps(&self) -> Vec<String> {
        self.gathered(Script::only_in_map)
    }

    /// Names that fit several files, and the files: a sentence each.
    pub(crate) fn ambiguities(&self) -> Vec<String> {
        let tell = |(name, files): (String, Vec<PathBuf>)| {
            let shown: Vec<String> =
                files.iter().take(MOST_SHOWN).map(|file| self.relative(file)).collect();
            let more = if files.len() > MOST_SHOWN { " and others" } else { "" };
            format!("{name} may be {}{more}", shown.join(" or "))
        };
        self.gathered(|script| {
            let several = script.ambiguous().into_iter();
            several.filter(|(name, _)| !name.contains("node_modules/")).map(tell).collect()
        })
    }

    /// What the scripts that were looked at have to say, each thing once.
    fn gathered(&self, ask: impl Fn(&Script) -> Vec<String>) -> Vec<String> {
        let scripts = self.scripts.borrow();
        let mut all: Vec<String> = scripts.values().flat_map(|script| ask(script)).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Where a location stands that is not in the workspace: `/srv/app/audit.js:5`,
    /// `evaluated code:1`.
    pub(crate) fn outside(&self, location: Location) -> Option<String> {
        self.script(location.script)?.outside(self.past, position(location))
    }

    /// The folders of the workspace.
    pub(crate) fn folders(&self) -> impl Iterator<Item = &Path> {
        self.past.workspace().folders()
    }

    /// The first folder of the workspace.
    pub(crate) fn folder(&self) -> Option<&Path> {
        self.past.workspace().folders().next()
    }

    /// A path as reports show it: relative to the workspace.
    pub(crate) fn relative(&self, path: &Path) -> String {
        self.past.workspace().relative(path)
    }

    /// Whose code a script as a whole is.
    fn script_origin(&self, id: ScriptId) -> Origin {
        self.script(id).map_or(Origin::Builtin, |script| self.whose(&script))
    }

    /// Whose code a script as a whole is. Only what no file of the workspace has the name of, and what
    /// has a source map, is read for that.
    fn whose(&self, script: &Script) -> Origin {
        if script.origin() == Origin::Elsewhere && script.is_built() {
            script.files(self.past);
        }
        script.origin()
    }

    /// Whether a script may be the user's, as far as one knows without reading it.
    pub(crate) fn may_be_own(&self, id: ScriptId) -> bool {
        let origin = self.script(id).map(|script| script.origin());
        matches!(origin, Some(Origin::Own | Origin::Elsewhere))
    }

    /// Whether a script is one of these files, or was made from one.
    pub(crate) fn is_of_any(&self, id: ScriptId, files: &BTreeSet<PathBuf>) -> bool {
        self.script(id).is_some_and(|script| {
            script.path().is_some_and(|own| files.contains(own))
                || script.is_built() && script.files(self.past).iter().any(|it| files.contains(it))
        })
    }

    /// Which of these files are scripts of the program, or were made into one.
    pub(crate) fn that_ran(&self, files: &BTreeSet<PathBuf>) -> BTreeSet<PathBuf> {
        if files.is_empty() {
            return BTreeSet::new();
        }
        let of_script = |script: Rc<Script>| {
            let own = script.path().map(Path::to_owned);
            let others = if script.is_built() { script.files(self.past) } else { Vec::new() };
            own.into_iter().chain(others)
        };
        self.all().flat_map(of_script).filter(|file| files.contains(file)).collect()
    }

    /// The file in which what stands at a location was written.
    pub(crate) fn file(&self, location: Location) -> Option<PathBuf> {
        self.script(location.script)?.file_at(self.past, position(location))
    }

    /// Whose code stands at a location.
    pub(crate) fn origin(&self, location: Location) -> Origin {
        self.script(location.script)
            .map_or(Origin::Builtin, |script| script.origin_at(self.past, position(location)))
    }

    /// The function or class at a site.
    pub(crate) fn site(&self, key: SiteKey) -> Option<Spot> {
        let wanted = match key.kind {
            Kind::Instance => Wanted::Class,
            Kind::Closure | Kind::Frame | Kind::Timer => Wanted::Function,
        };
        let script = self.script(key.location.script)?;
        script.thing(self.past, position(key.location), wanted).map(Spot::at)
    }

    /// The variable that the function at a location captured, by its name in what ran.
    pub(crate) fn captured(&self, location: Location, name: &str) -> Option<Written<Declaration>> {
        self.script(location.script)?.captured(self.past, position(location), name, &[])
    }

    /// The variable of a scope, or of one around it, that also has the `siblings`.
    pub(crate) fn seen_from(
        &self,
        context: NodeOrdinal,
        name: &str,
        siblings: &[&str],
    ) -> Option<Written<Declaration>> {
        self.closures_in(context).into_iter().find_map(|closure| {
            let location = self.heap.location(closure)?;
            let script = self.script(location.script)?;
            script.captured(self.past, position(location), name, siblings)
        })
    }

    /// V8's name of the class of an object.
    pub(crate) fn class_name(&self, object: NodeOrdinal) -> Cow<'_, str> {
        self.heap.name(object)
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
            Binding::Prototype { class, name } => self.on_prototype(*class, name),
            Binding::Field { instance, name } => self.member(*instance, name, false),
            Binding::Export { script, name } => self.export(*script, name),
            Binding::Global { name } => self.global(name),
        }
    }

    /// Whether the file that a holder was imported from is there as it ran: then what is not found in
    /// it has no other name.
    pub(crate) fn knows_import(&self, holder: &Holder) -> bool {
        let from = holder.spot.file.imported_from(&holder.declaration);
        from.is_some_and(|from| self.past.knows_import(holder.spot.path(), from))
    }

    /// Whose code declares a binding, as far as the heap can tell without the declaration.
    pub(crate) fn binding_origin(&self, owner: &Owner) -> Option<Origin> {
        let script = |node| self.heap.location(node).map(|location| self.origin(location));
        match &owner.binding {
            Binding::Variable { context, .. } => {
                self.first_closures_in(*context, 1).first().copied().and_then(script)
            }
            Binding::Static { class, .. } | Binding::Prototype { class, .. } => script(*class),
            Binding::Field { instance, .. } => script(*instance),
            Binding::Export { script, .. } => Some(self.script_origin(*script)),
            Binding::Global { name } => self.global(name).map(|_| Origin::Own),
        }
    }

    /// Whether a binding is only another name for `this`: `const self = this`. Who has that holds the thing.
    pub(crate) fn stands_for_this(&self, owner: &Owner) -> bool {
        let Binding::Variable { context, name } = &owner.binding else { return false };
        let ask = || {
            let found = self.declared_variable(*context, name);
            found.is_some_and(|found| found.file.stands_for_this(&found.what))
        };
        // All scopes that one function makes have the same variables.
        let Some(of) = self.heap.child(*context, EdgeType::Internal, "scope_info") else {
            return ask();
        };
        let known = self.this.borrow().get(&of).and_then(|names| names.get(name)).copied();
        known.unwrap_or_else(|| {
            let is_this = ask();
            self.this.borrow_mut().entry(of).or_default().insert(name.clone(), is_this);
            is_this
        })
    }

    /// Where code that never was a file uses a variable.
    pub(crate) fn evaluated(&self, owner: &Owner) -> Option<String> {
        let Binding::Variable { context, .. } = owner.binding else { return None };
        let closures = self.closures_in(context).into_iter();
        let mut locations = closures.filter_map(|closure| self.heap.location(closure));
        let is_evaluated =
            |at: &Location| self.script(at.script).is_some_and(|script| script.is_evaluated());
        self.outside(locations.find(is_evaluated)?)
    }

    fn variable(&self, context: NodeOrdinal, name: &str) -> Option<Holder> {
        let found = self.declared_variable(context, name)?;
        let found = Some(found)
            .filter(|found| can_hold(&found.what) && !found.file.stands_for_this(&found.what))?;
        let scope = match &found.what.in_function {
            None => format!("module scope of {}", file_name(found.file.path())),
            Some(function) => format!("scope of {function}"),
        };
        let spot = Spot::declared(found.what.name.clone(), &found);
        Some(Holder { spot, declaration: found.what, of: HolderOf::Scope, scope })
    }

    /// The declaration of a variable in a scope on the heap.
    fn declared_variable(&self, context: NodeOrdinal, name: &str) -> Option<Written<Declaration>> {
        let names = self.variables_of(context);
        let siblings: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut best: Option<Written<Declaration>> = None;
        for closure in self.closures_in(context) {
            let Some(location) = self.heap.location(closure) else { continue };
            let Some(script) = self.script(location.script) else { continue };
            let found = script.captured(self.past, position(location), name, &siblings);
            // One of them may be known better than another.
            let is_better = |found: &Written<_>| best.as_ref().is_none_or(|b| found.fit < b.fit);
            if let Some(found) = found.filter(is_better) {
                let is_certain = found.fit == Fit::Exact;
                best = Some(found);
                if is_certain {
                    break;
                }
            }
        }
        best
    }

    fn export(&self, script: ScriptId, name: &str) -> Option<Holder> {
        let found = self.script(script)?.export(self.past, name)?;
        let found = Some(found).filter(|found| can_hold(&found.what))?;
        let scope = format!("exports of {}", file_name(found.file.path()));
        let spot = Spot::declared(name.to_owned(), &found);
        Some(Holder { spot, declaration: found.what, of: HolderOf::Export, scope })
    }

    /// Where the user's own code gives a property its value, by the names that lead to it, if there is
    /// one place: `app.locals.visits = []`. One name alone may mean anything.
    pub(crate) fn assigned(&self, path: &[String]) -> Option<Holder> {
        if path.len() < 2 {
            return None;
        }
        let files = self.own_files();
        let mut found = files.iter().flat_map(|file| {
            file.assignments_anywhere(path).into_iter().map(move |found| (file, found))
        });
        let (file, declaration) = found.next().filter(|_| found.next().is_none())?;
        let scope = match &declaration.in_function {
            None => format!("module scope of {}", file_name(file.path())),
            Some(function) => format!("scope of {function}"),
        };
        let written =
            Written { file: Arc::clone(file), what: declaration, fit: Fit::Exact, generated: None };
        let spot = Spot::declared(written.what.name.clone(), &written);
        Some(Holder { spot, declaration: written.what, of: HolderOf::Path(path.to_vec()), scope })
    }

    /// The variable for a symbol of the global registry, `Symbol.for("acme.queue")`, if that stands in
    /// the user's own files once.
    fn global_symbol(&self, key: &str) -> Option<Holder> {
        let files = self.own_files();
        let mut found =
            files.iter().flat_map(|file| file.symbols(key).into_iter().map(move |it| (file, it)));
        let (file, variable) = found.next().filter(|_| found.next().is_none())?;
        let variable = variable?;
        let name = format!("globalThis[{}]", variable.name);
        let written = Written {
            file: Arc::clone(file),
            what: variable.clone(),
            fit: Fit::Exact,
            generated: None,
        };
        let spot = Spot::declared(name, &written);
        let of = HolderOf::Symbol { key: Box::new(variable) };
        Some(Holder { spot, declaration: written.what, of, scope: "global object".to_owned() })
    }

    /// The user's own files that ran, by their paths.
    fn own_files(&self) -> Vec<Arc<SourceFile>> {
        let paths: BTreeSet<PathBuf> = self
            .all()
            .filter(|script| self.whose(script) == Origin::Own)
            .flat_map(|script| script.files(self.past))
            .filter(|path| !Workspace::is_dependency(path))
            .collect();
        paths.iter().filter_map(|path| self.past.file(path).ok()).collect()
    }

    /// Every call in the user's own files that ran whose callee ends in these names:
    /// `performance.mark`.
    pub(crate) fn own_calls(&self, callee: &str) -> Vec<(Spot, Call)> {
        let name = callee.rsplit('.').next().unwrap_or(callee);
        let is_it = |call: &Call| {
            let before = call.callee.strip_suffix(callee);
            before.is_some_and(|before| before.is_empty() || before.ends_with(['.', ' ']))
        };
        let in_file = |file: Arc<SourceFile>| {
            let calls = file.calls(&[name]).into_iter().filter(is_it);
            calls.map(|call| (Spot::called(Arc::clone(&file), &call), call)).collect::<Vec<_>>()
        };
        self.own_files().into_iter().flat_map(in_file).collect()
    }

    /// The first assignment to a global variable in the user's own files that ran.
    fn global(&self, name: &str) -> Option<Holder> {
        let symbol = name.strip_prefix("<symbol ").and_then(|name| name.strip_suffix('>'));
        if let Some(key) = symbol {
            return self.global_symbol(key);
        }
        let mut own: Vec<ScriptId> = self
            .known
            .keys()
            .copied()
            .filter(|&id| self.script_origin(id) == Origin::Own)
            .collect();
        own.sort_unstable();
        own.into_iter().find_map(|id| {
            let found = self.script(id)?.global(self.past, name)?;
            let spot = Spot::declared(name.to_owned(), &found);
            let (of, scope) = (HolderOf::Global, "global object".to_owned());
            Some(Holder { spot, declaration: found.what, of, scope })
        })
    }

    /// The statements about what `target` is in `file` in the files that import it.
    pub(crate) fn mutations_elsewhere(
        &self,
        file: &SourceFile,
        target: &Target,
    ) -> Vec<(Arc<SourceFile>, Mutation)> {
        if !file.is_exported(target) {
            return Vec::new();
        }
        // Reads every file of the workspace, though it parses none.
        let importers =
            self.importers.get_or_init(|| Importers::of(self.past, self.files_that_ran().as_ref()));
        importers.mutations(self.past, file, target, |path| self.confirm(path))
    }

    /// Finds out whether the text of a file is the one that ran, once.
    fn confirm(&self, path: &Path) {
        if !self.confirmed.borrow_mut().insert(path.to_owned()) {
            return;
        }
        // Whatever has the same name first: most compilers make one of one.
        let is_namesake = |script: &Rc<Script>| {
            let name = script.path().and_then(Path::file_stem);
            name.is_some() && name == path.file_stem()
        };
        let (namesakes, others): (Vec<_>, Vec<_>) = self.all().partition(is_namesake);
        let is_of_it = |script: &Rc<Script>| {
            script.path() == Some(path)
                || script.is_built() && script.files(self.past).iter().any(|file| file == path)
        };
        if let Some(script) = namesakes.into_iter().chain(others).find(is_of_it) {
            script.confirm(self.past, path);
        }
    }

    /// The user's files that the program was made of, if that was written down.
    fn files_that_ran(&self) -> Option<BTreeSet<PathBuf>> {
        let mut recorded = self.companion.all().peekable();
        recorded.peek()?;
        let mut ran: BTreeSet<PathBuf> =
            self.all().flat_map(|script| script.files(self.past)).collect();
        // Some scripts may have left nothing in the heap.
        for script in recorded.filter(|it| !self.known.contains_key(&ScriptId(it.id))) {
            let named = RanScript { name: script.url.clone(), ..RanScript::default() };
            let script = with_companion(named, script);
            ran.extend(Script::new(self.past.workspace(), script).files(self.past));
        }
        Some(ran)
    }

    /// The names of the variables in a context.
    fn variables_of(&self, context: NodeOrdinal) -> Vec<String> {
        let variables = self.heap.context_variables(context).into_iter();
        let names = variables.filter_map(|(name, _)| Some(self.heap.string(name?).into_owned()));
        // `this`, `arguments` and V8's own have no declaration.
        names
            .filter(|name| !name.starts_with('.') && name != "this" && name != "arguments")
            .collect()
    }

    /// A property of an instance or of a class: where its class declares it, or one that it extends;
    /// if none does in words that can be followed (`_this.entries = []`), the class itself.
    fn member(&self, of: NodeOrdinal, name: &str, is_static: bool) -> Option<Holder> {
        let at = self.heap.location(of);
        let own = at.and_then(|at| self.field(at, name, is_static));
        let other = || {
            if is_static { self.property(of, name) } else { self.inherited(of, name) }
        };
        own.or_else(other).or_else(|| self.class(at?, name, is_static))
    }

    /// The field of that name, where the class of the instance or one that it extends declares it.
    pub(crate) fn declared_field(&self, instance: NodeOrdinal, name: &str) -> Option<Holder> {
        let own = self.field(self.heap.location(instance)?, name, false);
        own.or_else(|| self.inherited(instance, name))
    }

    /// The class that must have the field.
    fn class(&self, at: Location, name: &str, is_static: bool) -> Option<Holder> {
        let found = self.script(at.script)?.thing(self.past, position(at), Wanted::Class)?;
        // In another text than the one that ran, the class may have the field no more.
        let Written { file, what: Thing::Class(class), fit: fit @ Fit::Exact, generated } = found
        else {
            return None;
        };
        let declaration = Declaration {
            name: name.to_owned(),
            kind: if is_static { DeclarationKind::Static } else { DeclarationKind::Field },
            name_range: class.name_range,
            range: class.name_range,
            initializer: None,
            scope_range: class.range,
            in_function: None,
        };
        let found = Written { file, what: declaration, fit, generated };
        let spot = Spot::declared(format!("{}.{name}", class.name), &found);
        let scope = format!("class {}", class.name);
        let of = HolderOf::Class { class: Box::new(class), is_static };
        Some(Holder { spot, declaration: found.what, of, scope })
    }

    fn field(&self, at: Location, name: &str, is_static: bool) -> Option<Holder> {
        let script = self.script(at.script)?;
        let found = script.field(self.past, position(at), name, is_static)?;
        let Written { file, what: (class, declaration), fit, generated } = found;
        // As it was written: a build may have made the name shorter.
        let said = format!("{}.{}", class.name, declaration.name);
        let found = Written { file, what: declaration, fit, generated };
        let spot = Spot::declared(said, &found);
        let scope = format!("class {}", class.name);
        let of = HolderOf::Class { class: Box::new(class), is_static };
        Some(Holder { spot, declaration: found.what, of, scope })
    }

    /// A field that a class of another file gives to those that extend it.
    fn inherited(&self, instance: NodeOrdinal, name: &str) -> Option<Holder> {
        let mut at = instance;
        for _ in 0..LONGEST_PROTOTYPE_CHAIN {
            at = self.heap.child(at, EdgeType::Property, "__proto__")?;
            let class = self.heap.child(at, EdgeType::Property, "constructor");
            let place = class.and_then(|class| self.heap.location(class));
            if let Some(holder) = place.and_then(|place| self.field(place, name, false)) {
                return Some(holder);
            }
        }
        None
    }

    /// A property that all instances of a class share: `Tracker.prototype.items = []`; if it came there
    /// in other words, the class itself.
    fn on_prototype(&self, class: NodeOrdinal, name: &str) -> Option<Holder> {
        let at = self.heap.location(class)?;
        let found = self.script(at.script)?.thing(self.past, position(at), Wanted::Class)?;
        let Written { file, what: Thing::Class(class), fit, generated } = found else {
            return None;
        };
        let said = format!("{}.prototype.{name}", class.name);
        let scope = format!("prototype of {}", class.name);
        let Some(declaration) = file.prototype_property(&class, name) else {
            let holder = self.class(at, name, false)?;
            return Some(Holder { spot: Spot { name: said, ..holder.spot }, scope, ..holder });
        };
        let found = Written { file, what: declaration, fit, generated };
        let spot = Spot::declared(said, &found);
        let of = HolderOf::Class { class: Box::new(class), is_static: false };
        Some(Holder { spot, declaration: found.what, of, scope })
    }

    /// A property of a function: `createLogger.instances = []`.
    fn property(&self, function: NodeOrdinal, name: &str) -> Option<Holder> {
        let at = self.heap.location(function)?;
        let script = self.script(at.script)?;
        let found = script.thing(self.past, position(at), Wanted::Function)?;
        let short = found.what.name().rsplit([' ', '.']).next()?;
        let variable = found.file.declaration(short, found.what.range().start)?;
        let declaration = found.file.property_of(&variable, name)?;
        let scope = match &variable.in_function {
            None => format!("module scope of {}", file_name(found.file.path())),
            Some(function) => format!("scope of {function}"),
        };
        let said = format!("{short}.{name}");
        let Written { file, fit, generated, .. } = found;
        let found = Written { file, what: declaration, fit, generated };
        let spot = Spot::declared(said, &found);
        let of = HolderOf::Property { variable: Box::new(variable) };
        Some(Holder { spot, declaration: found.what, of, scope })
    }

    /// Closures that see the variables of `context`: those made in it, then those made in the
    /// scopes inside.
    pub(crate) fn closures_in(&self, context: NodeOrdinal) -> Vec<NodeOrdinal> {
        self.first_closures_in(context, MOST_CLOSURES)
    }

    fn first_closures_in(&self, context: NodeOrdinal, most: usize) -> Vec<NodeOrdinal> {
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
                    if closures.len() == most {
                        return closures;
                    }
                } else if self.shapes.is_context(edge.from) && seen.insert(edge.from) {
                    open.push_back(edge.from);
                }
            }
        }
        closures
    }

    fn all(&self) -> impl Iterator<Item = Rc<Script>> + '_ {
        self.known.keys().filter_map(|&id| self.script(id))
    }

    fn script(&self, id: ScriptId) -> Option<Rc<Script>> {
        if let Some(known) = self.scripts.borrow().get(&id) {
            return Some(Rc::clone(known));
        }
        let script = Rc::new(Script::new(self.past.workspace(), self.ran(id)?));
        self.scripts.borrow_mut().insert(id, Rc::clone(&script));
        Some(script)
    }

    /// What is known of a script: what was written down first, then what the snapshot has.
    fn ran(&self, id: ScriptId) -> Option<RanScript> {
        let known = self.known.get(&id)?;
        let companion = self.companion.get(id.0).filter(|companion| {
            // One that speaks of other scripts is of another snapshot.
            known.name.is_empty() || same_script(&known.name, &companion.url)
        });
        let ran = RanScript {
            name: known.name.clone(),
            source_url: known.source_url.clone(),
            source_map_url: known.source_map_url.clone(),
            source_prefix: known.source_prefix.clone(),
            sites: self.sites().borrow_mut().remove(&id).unwrap_or_default(),
            ..RanScript::default()
        };
        Some(match companion {
            Some(companion) => with_companion(ran, companion),
            None => ran,
        })
    }

    /// The located functions and instances of each script, each place once; taken out as scripts
    /// are opened.
    fn sites(&self) -> &RefCell<FxHashMap<ScriptId, Vec<RanSite>>> {
        self.sites.get_or_init(|| {
            let mut seen = FxHashSet::default();
            let mut sites: FxHashMap<ScriptId, Vec<RanSite>> = FxHashMap::default();
            for &(node, location) in self.heap.locations() {
                // The name of a waiting call is not that of its function.
                let is_instance = self.heap.node_type(node) != NodeType::Closure;
                if is_instance && self.shapes.is_frame(node)
                    || !seen.insert((location, is_instance))
                {
                    continue;
                }
                sites.entry(location.script).or_default().push(RanSite {
                    position: position(location),
                    name: self.heap.name(node).into_owned(),
                    is_instance,
                });
            }
            RefCell::new(sites)
        })
    }
}

/// With what was written down of it.
fn with_companion(ran: RanScript, companion: &CompanionScript) -> RanScript {
    let url = Some(&companion.url).filter(|url| !url.is_empty());
    RanScript {
        source_url: ran.source_url.or_else(|| url.cloned()),
        source_map_url: companion.source_map_url.clone().or(ran.source_map_url),
        hash: Some(companion.hash.clone()).filter(|hash| !hash.is_empty()),
        source: companion.source.clone(),
        ..ran
    }
}

/// Whether anything can be kept in what a declaration declares.
fn can_hold(declaration: &Declaration) -> bool {
    !matches!(declaration.kind, DeclarationKind::Function | DeclarationKind::Class)
}

/// Of several files that a name may mean, so many are shown.
const MOST_SHOWN: usize = 3;

/// V8's locations count as the rest of the house does: from 0, in UTF-16 units.
pub(crate) fn position(location: Location) -> Position {
    Position::new(location.line, location.column)
}

/// A name like `onTick` or `Session.onTick`.
pub(crate) fn is_plain_name(name: &str) -> bool {
    !name.is_empty()
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '$' | '.' | '#'))
}

/// The last part of a path, for sentences.
pub(crate) fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
