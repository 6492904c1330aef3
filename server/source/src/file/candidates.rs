//! From what a target is reached by to the statements that begin there.
//!
//! A bundle has thousands of variables, and thousands of statements that add to one of them: to
//! compare each target with each statement would take their product. Not here: whether a statement
//! that begins there [means the target](crate::file::sought).

use crate::file::SourceFile;
use crate::file::sought::Sought;
use crate::index::roots::{RootKey, Roots};
use crate::statements::mutation::MutationFact;
use crate::syntax::receiver::{Base, Receiver, Step, This};

impl SourceFile {
    /// The statements that may match what is sought, in the order of the file.
    pub(crate) fn candidates(&self, sought: &Sought<'_>) -> Vec<&MutationFact> {
        let all = &self.index.mutations;
        let roots = || self.roots.get_or_init(|| self.find_roots());
        let mut found: Vec<u32> = if let Sought::Field { path, .. } = sought {
            let named = path.last().and_then(|name| roots().named.get(*name)).into_iter().flatten();
            named.chain(&roots().computed).copied().collect()
        } else if let Some(keys) = self.root_keys(sought) {
            let lists = keys.iter().filter_map(|key| roots().facts.get(key));
            lists.flatten().copied().collect()
        } else {
            return all.iter().collect();
        };
        found.sort_unstable();
        found.dedup();
        found.into_iter().map(|fact| &all[fact as usize]).collect()
    }

    fn find_roots(&self) -> Roots {
        let mut roots = Roots::default();
        for (fact, number) in self.index.mutations.iter().zip(0..) {
            for receiver in self.names_for(&fact.receiver) {
                for step in &receiver.steps {
                    match step {
                        Step::Property(name) => {
                            let name = self.text.slice(*name);
                            match roots.named.get_mut(name) {
                                Some(facts) if facts.last() == Some(&number) => {}
                                Some(facts) => facts.push(number),
                                None => {
                                    roots.named.insert(name.into(), vec![number]);
                                }
                            }
                        }
                        Step::New => {}
                        Step::Default | Step::Element | Step::Key(_) => {
                            if roots.computed.last() != Some(&number) {
                                roots.computed.push(number);
                            }
                        }
                    }
                }
                let Some(key) = self.root_key(&receiver) else { continue };
                roots.facts.entry(key).or_default().push(number);
            }
        }
        roots
    }

    fn root_key(&self, receiver: &Receiver) -> Option<RootKey> {
        match &receiver.base {
            Base::Variable { name, scope } => {
                let found = self.index.scopes.resolve(self.text.slice(*name), *scope)?;
                Some(RootKey::Variable(self.index.scopes.variable(found).name.0))
            }
            Base::This(This::Literal(start)) => Some(RootKey::Literal(*start)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::file::target::Target;

    /// Statements about few names in few scopes, also by other names, through literals and in circles.
    fn program() -> impl Strategy<Value = String> {
        let name = || prop::sample::select(vec!["a", "b", "c", "d"]);
        let form = prop::sample::select(vec![
            "const X = Y;",
            "let X = [];",
            "X.push(1);",
            "X.Y.push(1);",
            "X = Y;",
            "const X = { add() { this.Y.push(1); } };",
            "function X(Y) { Y.push(1); ",
            "}",
            "{ const X = Y.X;",
            "delete X.Y;",
            "class X { add() { this.Y.push(1); this[Y].pop(); trim(this.X); } }",
            "function trim(X) { X.Y.push(1); X.pop(); }",
            "X[Y].push(1); trim(X); trim(X.Y);",
        ]);
        let line = (form, name(), name());
        let line = line.prop_map(|(form, x, y)| form.replace('X', x).replace('Y', y));
        prop::collection::vec(line, 1..30).prop_map(|lines| lines.join("\n"))
    }

    proptest! {
        #[test]
        fn what_matches_a_target_is_among_its_candidates(text in program()) {
            let file = SourceFile::parse("a.js", text).expect("it parses");
            for (variable, _) in file.index.scopes.variables() {
                let variable = &file.declared(variable);
                let targets = [
                    Target::Variable(variable),
                    Target::Property { variable, name: "a" },
                    Target::Path { variable, path: &["b", "c"] },
                ];
                for target in targets {
                    let sought = file.sought(&target);
                    let matching = |facts: Vec<&MutationFact>| {
                        let matches = |it: &&MutationFact| file.is_about(it, &sought).is_some();
                        let spans = facts.into_iter().filter(matches).map(|fact| fact.span);
                        spans.collect::<Vec<_>>()
                    };
                    let all = matching(file.index.mutations.iter().collect());
                    prop_assert_eq!(matching(file.candidates(&sought)), all);
                }
            }
            for class in file.classes() {
                for name in ["a", "b"] {
                    let sought = file.sought(&Target::Field { class, name, is_static: false });
                    let matching = |facts: Vec<&MutationFact>| {
                        let matches = |it: &&MutationFact| file.is_about(it, &sought).is_some();
                        facts.into_iter().filter(matches).map(|it| it.span).collect::<Vec<_>>()
                    };
                    let all = matching(file.index.mutations.iter().collect());
                    prop_assert_eq!(matching(file.candidates(&sought)), all);
                }
            }
        }
    }

    /// Each list of a bundle has its statement, and none looks at those of the others.
    #[test]
    fn a_target_is_compared_with_its_own_statements_only() {
        let line =
            |i: usize| format!("const list{i} = []; function add{i}(x) {{ list{i}.push(x); }}\n");
        let text: String = (0..1_000).map(line).collect();
        let file = SourceFile::parse("a.js", text).expect("it parses");
        let compared = file.index.scopes.variables().map(|(variable, _)| {
            file.candidates(&file.sought(&Target::Variable(&file.declared(variable)))).len()
        });
        assert_eq!(compared.sum::<usize>(), 1_000);
    }
}
