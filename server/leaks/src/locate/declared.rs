//! From the bindings of the heap (variables of scopes, fields, exports, globals) to their declarations.
//!
//! Who holds a thing, and which of several bindings is to blame, is asked elsewhere.

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;

use heapmark_heap::{EdgeType, Location, NodeOrdinal, ScriptId};
use heapmark_source::{
    Declaration, DeclarationKind, Fit, Origin, Siblings, Thing, Wanted, Written,
};

use crate::locate::holder::{DeclaredIn, Holder, HolderOf};
use crate::locate::locator::Locator;
use crate::locate::locator::position;
use crate::locate::spot::Spot;
use crate::report::Outside;
use crate::report::place_words::file_name;
use crate::v8::bindings::Binding;
use crate::v8::retainer_walk::BindingPath;

/// Bytes: larger files of packages are not searched for a name.
const MAX_TEXT: u64 = 1 << 20;
/// A budget, in steps: prototype chains are seldom longer than four, and a damaged heap's may be a circle.
const MAX_PROTOTYPE_CHAIN: usize = 16;

impl Locator<'_> {
    /// The variable of a scope, or of one around it, that also has the `siblings`.
    pub(crate) fn seen_from(
        &self,
        context: NodeOrdinal,
        name: &str,
        siblings: &Siblings,
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

    /// The declaration behind a binding.
    pub(crate) fn holder(&self, owner: &BindingPath) -> Option<Holder> {
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
    pub(crate) fn binding_origin(&self, owner: &BindingPath) -> Option<Origin> {
        let script = |node| self.heap.location(node).map(|location| self.origin(location));
        match &owner.binding {
            Binding::Variable { context, .. } => self.first_closure_in(*context).and_then(script),
            Binding::Static { class, .. } | Binding::Prototype { class, .. } => script(*class),
            Binding::Field { instance, .. } => script(*instance),
            Binding::Export { script, .. } => Some(self.script_origin(*script)),
            Binding::Global { name } => self.global(name).map(|_| Origin::Own),
        }
    }

    /// The script that declares a binding.
    pub(super) fn script_of_binding(&self, owner: &BindingPath) -> Option<ScriptId> {
        let of = |node| self.heap.location(node).map(|location| location.script);
        match owner.binding {
            Binding::Variable { context, .. } => self.first_closure_in(context).and_then(of),
            Binding::Static { class: node, .. }
            | Binding::Prototype { class: node, .. }
            | Binding::Field { instance: node, .. } => of(node),
            Binding::Export { script, .. } => Some(script),
            Binding::Global { .. } => None,
        }
    }

    /// Whether a binding is only another name for `this`: `const self = this`. Who has that holds the thing.
    pub(crate) fn stands_for_this(&self, owner: &BindingPath) -> bool {
        let Binding::Variable { context, name } = &owner.binding else { return false };
        let ask = || {
            let found = self.declared_variable(*context, name);
            found.is_some_and(|found| found.file.stands_for_this(&found.what))
        };
        // All scopes that one function makes have the same variables.
        let Some(of) = self.heap.child(*context, EdgeType::Internal, "scope_info") else {
            return ask();
        };
        self.this.get_or_find((of, name.clone()), ask)
    }

    /// Where code that is not in the workspace has a binding in its scope, the first such place of its script.
    pub(crate) fn binding_outside(&self, owner: &BindingPath) -> Option<Outside> {
        let nodes = match owner.binding {
            Binding::Variable { context, .. } => self.closures_in(context),
            Binding::Static { class: node, .. }
            | Binding::Prototype { class: node, .. }
            | Binding::Field { instance: node, .. } => vec![node],
            Binding::Export { script, .. } => {
                return self.outside(Location { script, line: 0, column: 0 });
            }
            Binding::Global { .. } => return None,
        };
        let located = nodes.into_iter().filter_map(|node| self.heap.location(node));
        let mut locations: Vec<Location> = located.collect();
        locations.sort_unstable_by_key(|at| (at.script.0, at.line, at.column));
        locations.into_iter().find_map(|at| self.outside(at))
    }

    fn variable(&self, context: NodeOrdinal, name: &str) -> Option<Holder> {
        let found = self.declared_variable(context, name)?;
        let found = Some(found)
            .filter(|found| can_hold(&found.what) && !found.file.stands_for_this(&found.what))?;
        let declared_in =
            DeclaredIn::of_variable(found.file.path(), found.what.in_function.as_ref());
        let spot = Spot::declared(found.what.name.clone(), &found);
        Some(Holder { spot, declaration: found.what, of: HolderOf::Scope, declared_in })
    }

    /// The declaration of a variable in a scope on the heap.
    fn declared_variable(&self, context: NodeOrdinal, name: &str) -> Option<Written<Declaration>> {
        let context = self.context(context);
        let mut best: Option<Written<Declaration>> = None;
        for &closure in &context.closures {
            let Some(location) = self.heap.location(closure) else { continue };
            let Some(script) = self.script(location.script) else { continue };
            let found = script.captured(self.past, position(location), name, &context.siblings);
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
        let declared_in = DeclaredIn::Exports(file_name(found.file.path()));
        let spot = Spot::declared(name.to_owned(), &found);
        Some(Holder { spot, declaration: found.what, of: HolderOf::Export, declared_in })
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
        let declared_in = DeclaredIn::of_variable(file.path(), declaration.in_function.as_ref());
        let written =
            Written { file: Arc::clone(file), what: declaration, fit: Fit::Exact, generated: None };
        let spot = Spot::declared(written.what.name.clone(), &written);
        Some(Holder {
            spot,
            declaration: written.what,
            of: HolderOf::Path(path.to_vec()),
            declared_in,
        })
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
        Some(Holder { spot, declaration: written.what, of, declared_in: DeclaredIn::GlobalObject })
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
            let (of, declared_in) = (HolderOf::Global, DeclaredIn::GlobalObject);
            Some(Holder { spot, declaration: found.what, of, declared_in })
        })
    }

    /// The first assignment to a global variable in the files of packages that ran. Asked only for what
    /// grows: it reads all of them that have the name.
    pub(crate) fn global_of_dependency(&self, name: &str) -> Option<Holder> {
        let mut ids: Vec<ScriptId> = self
            .known
            .keys()
            .copied()
            .filter(|&id| self.script_origin(id) == Origin::Dependency)
            .collect();
        ids.sort_unstable();
        let has_name = |path: &Path| {
            let text = heapmark_files::read_to_string(path, MAX_TEXT).unwrap_or_default();
            text.contains(name)
        };
        ids.into_iter().find_map(|id| {
            let script = self.script(id)?;
            script.path().filter(|path| has_name(path))?;
            let found = script.global(self.past, name)?;
            let spot = Spot::declared(name.to_owned(), &found);
            let (of, declared_in) = (HolderOf::Global, DeclaredIn::GlobalObject);
            Some(Holder { spot, declaration: found.what, of, declared_in })
        })
    }

    /// A function or class that holds something itself, by its properties.
    pub(crate) fn function_as_holder(&self, function: NodeOrdinal) -> Option<Holder> {
        let at = self.heap.location(function)?;
        let script = self.script(at.script)?;
        let thing = |wanted| script.thing(self.past, position(at), wanted);
        let Written { file, what, fit, generated } =
            thing(Wanted::Class).or_else(|| thing(Wanted::Function))?;
        let declaration = Declaration {
            name: what.name().to_owned(),
            kind: DeclarationKind::Function,
            name_range: what.name_range(),
            range: what.range(),
            initializer: None,
            scope_range: what.range(),
            in_function: None,
        };
        let declared_in = DeclaredIn::File(file_name(file.path()));
        let found = Written { file, what: declaration, fit, generated };
        let spot = Spot::declared(found.what.name.clone(), &found);
        Some(Holder { spot, declaration: found.what, of: HolderOf::Scope, declared_in })
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
        let declared_in = DeclaredIn::Class(class.name.clone());
        let of = HolderOf::Class { class: Box::new(class), is_static };
        Some(Holder { spot, declaration: found.what, of, declared_in })
    }

    fn field(&self, at: Location, name: &str, is_static: bool) -> Option<Holder> {
        let script = self.script(at.script)?;
        let found = script.field(self.past, position(at), name, is_static)?;
        let Written { file, what: (class, declaration), fit, generated } = found;
        // As it was written: a build may have made the name shorter.
        let said = format!("{}.{}", class.name, declaration.name);
        let found = Written { file, what: declaration, fit, generated };
        let spot = Spot::declared(said, &found);
        let declared_in = DeclaredIn::Class(class.name.clone());
        let of = HolderOf::Class { class: Box::new(class), is_static };
        Some(Holder { spot, declaration: found.what, of, declared_in })
    }

    /// A field that a class of another file gives to those that extend it.
    fn inherited(&self, instance: NodeOrdinal, name: &str) -> Option<Holder> {
        let mut at = instance;
        for _ in 0..MAX_PROTOTYPE_CHAIN {
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
        let declared_in = DeclaredIn::Prototype(class.name.clone());
        let Some(declaration) = file.prototype_property(&class, name) else {
            let holder = self.class(at, name, false)?;
            return Some(Holder {
                spot: Spot { name: said, ..holder.spot },
                declared_in,
                ..holder
            });
        };
        let found = Written { file, what: declaration, fit, generated };
        let spot = Spot::declared(said, &found);
        let of = HolderOf::Class { class: Box::new(class), is_static: false };
        Some(Holder { spot, declaration: found.what, of, declared_in })
    }

    /// A property of a function: `createLogger.instances = []`.
    fn property(&self, function: NodeOrdinal, name: &str) -> Option<Holder> {
        let at = self.heap.location(function)?;
        let script = self.script(at.script)?;
        let found = script.thing(self.past, position(at), Wanted::Function)?;
        let short = found.what.name().rsplit([' ', '.']).next()?;
        let variable = found.file.declaration(short, found.what.range().start)?;
        let declaration = found.file.property_of(&variable, name)?;
        let declared_in = DeclaredIn::of_variable(found.file.path(), variable.in_function.as_ref());
        let said = format!("{short}.{name}");
        let Written { file, fit, generated, .. } = found;
        let found = Written { file, what: declaration, fit, generated };
        let spot = Spot::declared(said, &found);
        let of = HolderOf::Property { variable: Box::new(variable) };
        Some(Holder { spot, declaration: found.what, of, declared_in })
    }
}

/// Whether anything can be kept in what a declaration declares.
fn can_hold(declaration: &Declaration) -> bool {
    !matches!(declaration.kind, DeclarationKind::Function | DeclarationKind::Class)
}
