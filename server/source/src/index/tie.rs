//! What can only be tied together when the whole file is known: classes to the classes they extend,
//! and functions that serve as classes to their methods.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Index, OnPrototype, Walk};
use crate::statements::form::Method;
use crate::statements::mutation::{MutationFact, MutationKind};
use crate::syntax::function::{Class, FunctionKind};
use crate::syntax::receiver::{Base, Step, This};
use crate::syntax::scope::DeclarationIndex;
use crate::text::Span;

impl Walk<'_> {
    pub(super) fn finish(mut self) -> Index {
        self.settle_exports();
        self.find_constructor_functions();
        self.settle_aliases();
        self.settle_calls();
        self.settle_reached();
        self.bound_what_counters_bound();
        self.settle_bounds();
        let by_declaration = self.classes_by_declaration();
        for &(class, name, scope) in &self.superclasses {
            let base = self.index.scopes.resolve(self.text.slice(name), scope);
            self.index.classes[class as usize].base =
                base.and_then(|base| by_declaration.get(&base).copied());
        }
        self.index
    }

    /// What is taken from a list in the function that makes a new one only while a counter is below its
    /// limit is a pool, and the counter bounds it.
    fn bound_what_counters_bound(&mut self) {
        let mut branches: FxHashMap<u32, Vec<(Span, Span)>> = FxHashMap::default();
        for &(function, branch, condition) in &self.counted {
            branches.entry(function).or_default().push((branch, condition));
        }
        let mut guards = Vec::new();
        for fact in &self.index.mutations {
            let takes = match fact.method {
                Method::Call(name) => matches!(self.text.slice(name), "pop" | "shift"),
                _ => false,
            };
            let Some(function) = fact.function.filter(|_| takes) else { continue };
            let bound = branches.get(&function).into_iter().flatten().find(|(branch, _)| {
                // A queue takes the next job in the branch that counts it.
                !(branch.0 <= fact.span.0 && fact.span.1 <= branch.1)
            });
            if let Some(&(branch, condition)) = bound {
                guards.push(MutationFact {
                    kind: MutationKind::Guards,
                    method: Method::COUNTS_TO_LIMIT,
                    receiver: fact.receiver.clone(),
                    span: condition,
                    head: condition,
                    statement: branch,
                    event: None,
                    callback: None,
                    function: Some(function),
                    assigns: None,
                    expires: None,
                    limit: None,
                });
            }
        }
        self.index.mutations.extend(guards);
        self.index.mutations.sort_by_key(|fact| fact.span.0);
    }

    fn settle_aliases(&mut self) {
        let assigned: FxHashSet<DeclarationIndex> = self
            .assigned
            .iter()
            .filter_map(|&(name, scope)| self.index.scopes.resolve(self.text.slice(name), scope))
            .collect();
        let aliases: FxHashMap<_, _> = std::mem::take(&mut self.aliases).into_iter().collect();
        let variables = self.index.scopes.variables();
        let mut settled = FxHashMap::default();
        for (index, variable) in variables {
            let moves = self.unless_assigned.contains(&variable.name) && assigned.contains(&index);
            if let Some(receiver) = aliases.get(&variable.name).filter(|_| !moves) {
                settled.insert(index, receiver.clone());
            }
        }
        self.index.aliases = settled;
    }

    fn classes_by_declaration(&self) -> FxHashMap<DeclarationIndex, u32> {
        let classes = self.index.classes.iter();
        classes
            .flat_map(|class| class.declarations.iter().map(|&found| (found, class.index)))
            .collect()
    }

    /// A function whose `prototype` is filled, or that is called with `new`, is a class; `this` in
    /// it and in the functions on its prototype is an instance.
    fn find_constructor_functions(&mut self) {
        let by_declaration = self.functions_by_declaration(|kind| kind == FunctionKind::Function);
        let mut constructors: Vec<_> = self
            .constructor_declarations()
            .into_iter()
            .filter_map(|declaration| Some((*by_declaration.get(&declaration)?, declaration)))
            .collect();
        constructors.sort_unstable();

        let mut class_of_function = FxHashMap::default();
        for (function, declaration) in constructors {
            let class = self.index.classes.len() as u32;
            let constructor = &self.index.functions[function as usize];
            let anchor = self.text.offset(constructor.anchor).unwrap_or(constructor.span.0);
            self.index.classes.push(Class {
                name: constructor.name.clone(),
                name_range: constructor.name_range,
                range: constructor.range,
                anchor: constructor.anchor,
                superclass: None,
                index: class,
                span: constructor.span,
                body: constructor.body,
                runtime_name: constructor.runtime_name.clone(),
                declarations: vec![declaration],
                base: None,
            });
            self.index.class_anchors.insert(anchor, class);
            class_of_function.insert(function, class);
        }
        let constructors: FxHashSet<u32> = class_of_function.keys().copied().collect();
        let of_this = self.classes_of_this(class_of_function);
        let aliases = self.aliases.iter_mut().map(|(_, receiver)| receiver);
        for receiver in aliases {
            if let Base::This(this) = receiver.base
                && let Some(&class) = of_this.get(&this)
            {
                receiver.base = Base::This(This::Instance(class));
            }
        }
        for fact in &mut self.index.mutations {
            let Base::This(this) = fact.receiver.base else { continue };
            let Some(&class) = of_this.get(&this) else { continue };
            fact.receiver.base = Base::This(This::Instance(class));
            if let Some(assignment) = &mut fact.assigns
                && let This::Function(function) = this
            {
                assignment.in_constructor =
                    constructors.contains(&function) && fact.function == Some(function);
            }
        }
        self.of_this = of_this;
    }

    /// Whose instance `this` is in functions that serve as classes, and in what is put on the
    /// prototypes of classes. What is put on those of several may be called on any of them.
    fn classes_of_this(&self, constructors: FxHashMap<u32, u32>) -> FxHashMap<This, u32> {
        let functions = self.functions_by_declaration(|kind| kind == FunctionKind::Function);
        let classes = self.classes_by_declaration();
        let mut of_this: FxHashMap<This, Option<u32>> = constructors
            .into_iter()
            .map(|(function, class)| (This::Function(function), Some(class)))
            .collect();
        for &(put, owner, scope) in &self.prototypes {
            let resolve = |name| self.index.scopes.resolve(self.text.slice(name), scope);
            let this = match put {
                OnPrototype::Function(function) => Some(This::Function(function)),
                OnPrototype::Literal(start) => Some(This::Literal(start)),
                OnPrototype::Named(name) => resolve(name)
                    .and_then(|declared| functions.get(&declared))
                    .map(|&function| This::Function(function)),
            };
            let class = resolve(owner).and_then(|owner| classes.get(&owner)).copied();
            if let (Some(this), Some(class)) = (this, class) {
                let known = of_this.entry(this).or_insert(Some(class));
                *known = known.filter(|&known| known == class);
            }
        }
        of_this.into_iter().filter_map(|(this, class)| Some((this, class?))).collect()
    }

    /// The variables that are used as classes.
    fn constructor_declarations(&self) -> FxHashSet<DeclarationIndex> {
        let prototypes = self.index.mutations.iter().filter_map(|fact| {
            let Base::Variable { name, scope } = fact.receiver.base else { return None };
            let Some(Step::Property(first)) = fact.receiver.steps.first() else { return None };
            (self.text.slice(*first) == "prototype").then_some((name, scope))
        });
        prototypes
            .chain(self.created.iter().copied())
            .filter_map(|(name, scope)| self.index.scopes.resolve(self.text.slice(name), scope))
            .collect()
    }

    /// The functions of some kinds, by the variable that holds them.
    pub(super) fn functions_by_declaration(
        &self,
        is_wanted: impl Fn(FunctionKind) -> bool,
    ) -> FxHashMap<DeclarationIndex, u32> {
        let by_span: FxHashMap<_, _> = self
            .index
            .functions
            .iter()
            .filter(|function| is_wanted(function.kind))
            .map(|function| (function.span, function.index))
            .collect();
        let variables = self.index.scopes.variables();
        variables
            .filter_map(|(index, variable)| {
                let value = variable.initializer.unwrap_or(variable.span);
                Some((index, *by_span.get(&value)?))
            })
            .collect()
    }
}
