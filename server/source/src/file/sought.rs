//! Whether an expression means a [`Target`]: the roots a target can be reached from, and the path
//! of properties from there.

use crate::file::SourceFile;
use crate::file::target::Target;
use crate::index::roots::RootKey;
use crate::statements::mutation::MutationFact;
use crate::syntax::function::Class;
use crate::syntax::receiver::{Base, NEW, Receiver, Step, This};
use crate::syntax::scope::{Declaration, DeclarationIndex};
use crate::syntax::unquoted;
use crate::text::position::Range;

/// Objects whose properties are global variables.
const GLOBAL_OBJECTS: [&str; 4] = ["globalThis", "global", "window", "self"];

/// Longest chain of names for one thing that is followed,
const LONGEST_CHAIN: usize = 4;
/// and so many names.
const MAX_NAMES: usize = 24;

/// How a receiver matches a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Match {
    /// It is something that the target holds.
    pub(crate) nested: bool,
    /// It is the target itself, not another value's property of the same name.
    pub(crate) exact: bool,
}

/// A target made ready for many comparisons.
pub(crate) enum Sought<'a> {
    Field {
        class: &'a Class,
        /// The field's name, and the properties from there inwards.
        path: Vec<&'a str>,
        is_static: bool,
        /// Other classes have a field of that name.
        is_common: bool,
    },
    /// Instances of a class themselves.
    Instance(&'a Class),
    Ways(Vec<Way<'a>>),
    /// What the global object has under the symbol in this variable.
    Symbol(&'a Declaration),
    /// What has these properties, whatever it is.
    Anywhere(Vec<&'a str>),
}

impl<'a> Sought<'a> {
    /// What is further inside, by the names of properties.
    fn within(mut self, further: &[&'a str]) -> Self {
        match &mut self {
            Sought::Field { path, .. } | Sought::Anywhere(path) => path.extend(further),
            Sought::Ways(ways) => ways.iter_mut().for_each(|way| way.path.extend(further)),
            // Of these, what is inside has no name.
            Sought::Instance(_) | Sought::Symbol(_) => return Sought::Ways(Vec::new()),
        }
        self
    }
}

/// One way to reach a target: `state` and then `.users.online`.
pub(crate) struct Way<'a> {
    root: Root<'a>,
    path: Vec<&'a str>,
}

enum Root<'a> {
    /// The variable whose name stands there.
    Variable(Range),
    /// One of these variables; ascending.
    Variables(&'a [DeclarationIndex]),
    /// `this` in the methods of the object literals that begin at these bytes; ascending.
    Literals(Vec<u32>),
    /// A name that nothing declares.
    Undeclared(&'a str),
    /// What a module exports, by any of the names it is asked for.
    Module(&'a [String]),
}

impl SourceFile {
    pub(crate) fn sought<'a>(&'a self, target: &Target<'a>) -> Sought<'a> {
        Sought::Ways(match *target {
            Target::GlobalSymbol(variable) => return Sought::Symbol(variable),
            Target::Anywhere(path) => {
                return Sought::Anywhere(path.iter().map(String::as_str).collect());
            }
            Target::Within { of, path } => return self.sought(of).within(path),
            Target::Instance(class) => return Sought::Instance(class),
            Target::Field { class, name, is_static } => {
                let is_common = self.is_field_of_others(class, name);
                return Sought::Field { class, path: vec![name], is_static, is_common };
            }
            Target::Variable(variable) => self.ways(variable, &[]),
            Target::Property { variable, name } => self.ways(variable, &[name]),
            Target::Path { variable, path } => self.ways(variable, path),
            Target::Global(name) => {
                let object = |object| Way { root: Root::Undeclared(object), path: vec![name] };
                let plain = Way { root: Root::Undeclared(name), path: Vec::new() };
                GLOBAL_OBJECTS.map(object).into_iter().chain([plain]).collect()
            }
            Target::GlobalObject => {
                let object = |object| Way { root: Root::Undeclared(object), path: Vec::new() };
                GLOBAL_OBJECTS.map(object).into()
            }
            Target::Imported { from, path } => {
                let mut interop = vec!["default"];
                interop.extend(path);
                // A module of CommonJS as a whole is the default of its imports.
                vec![
                    Way { root: Root::Module(from), path: path.to_vec() },
                    Way { root: Root::Module(from), path: interop },
                ]
            }
            Target::Export(name) => {
                let exports = &self.index.exports;
                let mut ways = vec![
                    Way { root: Root::Undeclared("module"), path: vec!["exports", name] },
                    Way { root: Root::Undeclared("exports"), path: vec![name] },
                    Way { root: Root::Literals(exports.literals.clone()), path: vec![name] },
                    Way { root: Root::Variables(&exports.aliases), path: vec![name] },
                ];
                if let Some(variable) = self.exported_variable(name) {
                    ways.extend(self.ways(&self.declared(variable), &[]));
                }
                ways
            }
        })
    }

    /// A variable's property; also from `this` in the methods of the literal it holds.
    fn ways<'a>(&self, variable: &Declaration, path: &[&'a str]) -> Vec<Way<'a>> {
        let literal = variable.initializer.and_then(|value| self.text.offset(value.start));
        let roots =
            [Root::Variable(variable.name_range), Root::Literals(literal.into_iter().collect())];
        roots.into_iter().map(|root| Way { root, path: path.to_vec() }).collect()
    }

    /// Whether a receiver means what is sought, and how; also under another name.
    pub(crate) fn matches(&self, receiver: &Receiver, sought: &Sought<'_>) -> Option<Match> {
        let exact = |receiver: &Receiver| {
            self.matches_as_written(receiver, sought).filter(|matched| matched.exact)
        };
        let direct = self.matches_as_written(receiver, sought);
        if direct.is_some_and(|matched| matched.exact) {
            return direct;
        }
        let others = self.other_names_for(receiver);
        let by_other_name = || others.iter().find_map(|it| self.matches_as_written(it, sought));
        others.iter().find_map(exact).or(direct).or_else(by_other_name)
    }

    /// Whether a statement is about what is sought, and how. What is assigned to another name for it (`list =
    /// []`, where `list` is a parameter) does nothing to it.
    pub(crate) fn is_about(&self, fact: &MutationFact, sought: &Sought<'_>) -> Option<Match> {
        if !fact.puts_there() {
            return self.matches(&fact.receiver, sought);
        }
        let as_written = self.matches_as_written(&fact.receiver, sought);
        if as_written.is_some_and(|matched| matched.exact) {
            return as_written;
        }
        let Some((last, object)) = fact.receiver.steps.split_last() else { return as_written };
        let object = Receiver { base: fact.receiver.base.clone(), steps: object.to_vec() };
        let others = self.other_names_for(&object).into_iter();
        let others = others.filter_map(|it| Receiver::beyond(&it, std::slice::from_ref(last)));
        let found: Vec<Match> =
            others.filter_map(|it| self.matches_as_written(&it, sought)).collect();
        let exact = found.iter().find(|matched| matched.exact).copied();
        exact.or(as_written).or_else(|| found.first().copied())
    }

    /// The same thing as it is written, and by all other names.
    pub(crate) fn names_for<'r>(
        &'r self,
        receiver: &'r Receiver,
    ) -> impl Iterator<Item = Receiver> + 'r {
        std::iter::once(receiver.clone()).chain(self.other_names_for(receiver))
    }

    /// The same thing by the names that its variable, and what that stands for, stand for. A parameter
    /// stands for whatever is handed to it.
    fn other_names_for(&self, receiver: &Receiver) -> Vec<Receiver> {
        let mut known = self.unaliased(receiver);
        let mut next = 0;
        // A circle (`const a = b.c, b = a.c`) ends here too.
        for _ in 1..LONGEST_CHAIN {
            let end = known.len();
            for at in next..end {
                for name in self.unaliased(&known[at]) {
                    if known.len() < MAX_NAMES && !known.contains(&name) {
                        known.push(name);
                    }
                }
            }
            next = end;
        }
        known
    }

    /// What everything that is sought begins with, if that can be looked up.
    pub(crate) fn root_keys(&self, sought: &Sought<'_>) -> Option<Vec<RootKey>> {
        let Sought::Ways(ways) = sought else { return None };
        let mut keys = Vec::new();
        for way in ways {
            match &way.root {
                Root::Variable(name) => {
                    keys.push(RootKey::Variable(self.text.offset(name.start)?));
                }
                Root::Literals(literals) => {
                    keys.extend(literals.iter().map(|&literal| RootKey::Literal(literal)));
                }
                Root::Variables(variables) => {
                    let start = |&it: &DeclarationIndex| self.index.scopes.variable(it).name.0;
                    keys.extend(variables.iter().map(|it| RootKey::Variable(start(it))));
                }
                Root::Undeclared(_) | Root::Module(_) => return None,
            }
        }
        Some(keys)
    }

    /// The same thing by what its variable stands for.
    pub(crate) fn unaliased(&self, receiver: &Receiver) -> Vec<Receiver> {
        let Base::Variable { name, scope } = &receiver.base else {
            return self.unaliased_field(receiver);
        };
        let Some(variable) = self.index.scopes.resolve(self.text.slice(*name), *scope) else {
            return Vec::new();
        };
        let alias = self.index.aliases.get(&variable).into_iter();
        let handed = self.index.handed_to.get(&variable).into_iter().flatten();
        let mut names: Vec<Receiver> =
            alias.chain(handed).filter_map(|other| receiver.based_on(other)).collect();
        if let Some(reached) = self.index.reached.get(&variable) {
            names.extend(reached.with(&receiver.steps, |name| self.text.slice(name)));
        }
        // What the class says of its instances is true of the one that is made.
        if let Some((Step::New, rest)) = receiver.steps.split_first() {
            let mut classes = self.index.classes.iter();
            let class = classes.find(|it| it.declarations.contains(&variable));
            names.extend(class.into_iter().flat_map(|class| {
                let base = Base::This(This::Instance(class.index));
                self.unaliased_field(&Receiver { base, steps: rest.to_vec() })
            }));
        }
        names
    }

    /// The same thing by what a field of `this` is or has.
    fn unaliased_field(&self, receiver: &Receiver) -> Vec<Receiver> {
        let Base::This(of) = receiver.base else { return Vec::new() };
        let Some((Step::Property(name), rest)) = receiver.steps.split_first() else {
            return Vec::new();
        };
        let name = self.text.slice(*name);
        let of_bases = |of: &This| match *of {
            This::Instance(class) => self.base_of(class).map(This::Instance),
            This::Class(class) => self.base_of(class).map(This::Class),
            _ => None,
        };
        // A circle (`class A extends A`) ends after as many steps as there are classes.
        let all = std::iter::successors(Some(of), of_bases).take(self.index.classes.len() + 1);
        let fields = all.filter_map(|of| self.index.reached_fields.get(&of)?.get(name));
        let found = fields.flat_map(|it| it.with(rest, |name| self.text.slice(name)));
        // What a class of another module has, those have that extend it.
        let base = match of {
            This::Instance(class) => self.index.superclasses.get(&class),
            _ => None,
        };
        let inherited = base.and_then(|base| {
            Receiver::beyond(&Receiver::beyond(base, &[Step::New])?, &receiver.steps)
        });
        found.chain(inherited).collect()
    }

    fn base_of(&self, class: u32) -> Option<u32> {
        self.index.classes[class as usize].base
    }

    pub(crate) fn matches_as_written(
        &self,
        receiver: &Receiver,
        sought: &Sought<'_>,
    ) -> Option<Match> {
        let variable = match &receiver.base {
            Base::Variable { name, scope } => Some((
                self.text.slice(*name),
                self.index.scopes.resolve(self.text.slice(*name), *scope),
            )),
            _ => None,
        };
        let declared = variable.and_then(|(_, found)| found);
        let steps = &receiver.steps[..];
        match sought {
            Sought::Ways(ways) => ways.iter().find_map(|way| {
                let is_root = self.begins_with(receiver, &way.root);
                is_root.then(|| self.property(steps, &way.path)).flatten()
            }),
            Sought::Symbol(wanted) => {
                let Base::Variable { name, scope } = &receiver.base else { return None };
                let (Step::Key(key), rest) = steps.split_first()? else { return None };
                let key = self.index.scopes.resolve(self.text.slice(*key), *scope)?;
                let is_global =
                    declared.is_none() && GLOBAL_OBJECTS.contains(&self.text.slice(*name));
                (is_global && self.name_range(key) == wanted.name_range)
                    .then(|| self.property(rest, &[]))
                    .flatten()
            }
            Sought::Instance(class) => match receiver.base {
                Base::This(This::Instance(found)) if self.related(class, found) => {
                    self.property(steps, &[])
                }
                _ => None,
            },
            Sought::Anywhere(path) => {
                let last = steps.iter().rposition(|step| !step.is_element())?;
                let first = (last + 1).checked_sub(path.len())?;
                self.property(&steps[first..], path)
            }
            Sought::Field { class, path, is_static, is_common } => {
                let own = match receiver.base {
                    Base::This(This::Instance(found)) => !is_static && self.related(class, found),
                    Base::This(This::Class(found)) => *is_static && self.related(class, found),
                    Base::Variable { .. } => {
                        *is_static
                            && declared.is_some_and(|found| class.declarations.contains(&found))
                    }
                    _ => false,
                };
                if own {
                    return self.property(steps, path);
                }
                // `const store = new Store()`
                if !*is_static
                    && let (Some(made), Some((Step::New, rest))) = (declared, steps.split_first())
                    && self.is_class_of(class, made)
                {
                    return self.property(rest, path);
                }
                // What is on the prototype is in every instance.
                if !*is_static
                    && declared.is_some_and(|found| class.declarations.contains(&found))
                    && let Some((Step::Property(first), rest)) = steps.split_first()
                    && self.text.slice(*first) == "prototype"
                {
                    return self.property(rest, path);
                }
                // Another value's property of the same name; a private name only inside the class.
                let elsewhere = match receiver.base {
                    Base::This(This::Instance(_) | This::Class(_)) => false,
                    // It may be an instance of any class.
                    Base::This(_) => !is_common,
                    _ => true,
                };
                let last = steps.iter().rposition(|step| !step.is_element())?;
                let first = (last + 1).checked_sub(path.len())?;
                let reachable = elsewhere || first > 0;
                (reachable && !is_static)
                    .then(|| self.property(&steps[first..], path))
                    .flatten()
                    .map(|matched| Match { exact: false, ..matched })
            }
        }
    }

    /// Whether a receiver begins where a way begins.
    fn begins_with(&self, receiver: &Receiver, root: &Root<'_>) -> bool {
        let variable = || match &receiver.base {
            Base::Variable { name, scope } => {
                let name = self.text.slice(*name);
                Some((name, self.index.scopes.resolve(name, *scope)))
            }
            _ => None,
        };
        let declared = || variable().and_then(|(_, found)| found);
        match root {
            Root::Variable(wanted) => {
                declared().is_some_and(|found| self.name_range(found) == *wanted)
            }
            Root::Variables(wanted) => {
                declared().is_some_and(|found| wanted.binary_search(&found).is_ok())
            }
            Root::Literals(literals) => match receiver.base {
                Base::This(This::Literal(start)) => literals.binary_search(&start).is_ok(),
                _ => false,
            },
            Root::Module(wanted) => match receiver.base {
                Base::Module(name) => {
                    let name = self.text.slice(name);
                    wanted.iter().any(|wanted| wanted == name)
                }
                _ => false,
            },
            Root::Undeclared(wanted) => {
                variable().is_some_and(|(name, found)| found.is_none() && name == *wanted)
            }
        }
    }

    /// The properties that lead on from what a receiver means to what is sought.
    pub(crate) fn way_on(&self, receiver: &Receiver, sought: &Sought<'_>) -> Option<Vec<String>> {
        let Sought::Ways(ways) = sought else { return None };
        ways.iter().find_map(|way| {
            let (before, rest) = way.path.split_at_checked(receiver.steps.len())?;
            let follows = |(step, name): (&Step, &&str)| {
                matches!(step, Step::Property(found) if self.text.slice(*found) == *name)
            };
            let is_it = self.begins_with(receiver, &way.root)
                && receiver.steps.iter().zip(before).all(follows);
            is_it.then(|| rest.iter().map(|&name| name.to_owned()).collect())
        })
    }

    pub(crate) fn name_range(&self, index: DeclarationIndex) -> Range {
        self.text.range(self.index.scopes.variable(index).name)
    }

    /// Whether the steps are the properties of a path, or elements of what is at its end. A key that
    /// is computed may be any of the names: `latencies[operation]` is `latencies.read`, too.
    fn property(&self, steps: &[Step], path: &[&str]) -> Option<Match> {
        let (named, rest) = steps.split_at_checked(path.len())?;
        let follows = |(step, name): (&Step, &&str)| match step {
            Step::Property(found) => self.text.slice(*found) == *name,
            Step::Default => *name == "default",
            Step::New => *name == NEW,
            Step::Element | Step::Key(_) => true,
        };
        let only_elements = rest.iter().all(Step::is_element);
        let exact = !named.iter().any(Step::is_element);
        (named.iter().zip(path).all(follows) && only_elements)
            .then_some(Match { nested: !rest.is_empty(), exact })
    }

    /// Whether classes that have nothing to do with this one have a field of that name, too.
    fn is_field_of_others(&self, class: &Class, name: &str) -> bool {
        let is_other = |found: u32| !self.related(class, found);
        let defined = self.index.fields.iter().filter(|field| !field.is_static);
        let mut defined = defined.filter(|field| is_other(field.class));
        defined.any(|field| unquoted(self.text.slice(field.name)) == name)
            || self.index.mutations.iter().any(|fact| {
                let Base::This(This::Instance(found)) = fact.receiver.base else { return false };
                let matched = self.property(&fact.receiver.steps, &[name]);
                let is_it = matched.is_some_and(|matched| matched.exact);
                fact.assigns.is_some() && is_it && is_other(found)
            })
    }

    /// Whether a variable holds a class, or one that extends it or that it extends.
    pub(crate) fn is_class_of(&self, class: &Class, variable: DeclarationIndex) -> bool {
        let mut all = self.index.classes.iter();
        all.any(|it| it.declarations.contains(&variable) && self.related(class, it.index))
    }

    /// Whether one class is the other or extends it, within this file.
    pub(crate) fn related(&self, class: &Class, other: u32) -> bool {
        let extends = |from: u32, wanted: u32| {
            let mut next = Some(from);
            // A circle (`class A extends A`) ends after as many steps as there are classes.
            for _ in 0..=self.index.classes.len() {
                match next {
                    Some(index) if index == wanted => return true,
                    Some(index) => next = self.index.classes[index as usize].base,
                    None => return false,
                }
            }
            false
        };
        extends(class.index, other) || extends(other, class.index)
    }
}
