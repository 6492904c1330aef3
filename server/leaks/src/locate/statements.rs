//! Statements of the source that add to what holds a leak, remove from it or look at its size.
//! It judges nothing: what they mean is for [`crate::verdict`].

use std::path::PathBuf;

use heapmark_heap::CollectionKind;
use heapmark_source::{Call, Mutation, MutationForm, MutationKind, Range, Target};

use crate::locate::holder::{Holder, HolderOf};
use crate::locate::locator::Locator;
use crate::verdict::{Adds, Bound, Removes, Source};

/// At most this many statements are shown of a finding: more would only repeat.
pub(crate) const MAX_SHOWN: usize = 3;

/// A statement that adds or removes, as far as sentences need it.
#[derive(Debug, Clone)]
pub(crate) struct Statement {
    /// What to underline.
    pub(crate) range: Range,
    /// How it is written, in short: `.set(`, `bus.on`.
    pub(crate) written: String,
    /// By what it does that; `None` for a call that is not known to change a collection.
    pub(crate) form: Option<MutationForm>,
    /// The function that does it, as people say it; `None` at the top level.
    pub(crate) in_function: Option<String>,
    pub(crate) file: PathBuf,
    /// The file is not the one that the sentence is about.
    pub(crate) is_elsewhere: bool,
}

impl Statement {
    fn is_at_place_of(&self, other: &Self) -> bool {
        self.range == other.range && self.file == other.file
    }

    /// Whether it assigns a collection to what holds one, and does not add to the one that is there.
    pub(crate) fn puts_another(&self) -> bool {
        self.form.is_some_and(MutationForm::puts_changed_copy)
    }

    /// Whether it writes to a place that it names: `ring[at] = item`.
    pub(crate) fn writes_by_index(&self) -> bool {
        self.form == Some(MutationForm::AssignsElement)
    }
}

impl From<Mutation> for Statement {
    fn from(mutation: Mutation) -> Self {
        let Mutation { file, head_range, method, form, in_function, .. } = mutation;
        let form = Some(form);
        Self { range: head_range, written: method, form, in_function, file, is_elsewhere: false }
    }
}

impl From<Call> for Statement {
    fn from(call: Call) -> Self {
        let Call { file, head_range, callee, in_function, .. } = call;
        let form = None;
        Self { range: head_range, written: callee, form, in_function, file, is_elsewhere: false }
    }
}

/// What the source says about a holder.
#[derive(Default)]
pub(crate) struct Statements {
    pub(crate) adds: Vec<Statement>,
    pub(crate) removes: Vec<Statement>,
    /// What cuts a linked list, which bounds it like a check of a size.
    pub(crate) cuts: Vec<Statement>,
    pub(crate) guarded: bool,
}

impl Statements {
    /// What a verdict depends on.
    pub(crate) fn source(&self) -> Source {
        Source {
            adds: match &self.adds[..] {
                [] => Adds::Nothing,
                adds if adds.iter().all(Statement::writes_by_index) => Adds::ByIndex,
                _ => Adds::Something,
            },
            removes: match &self.removes[..] {
                [] => Removes::Nothing,
                _ => Removes::Something,
            },
            bound: self.guarded.then_some(Bound::Size),
        }
    }

    /// The same for a holder at which a linked list begins: to replace its first element may be to
    /// add one. Its elements lead to each other by `links`.
    pub(crate) fn about_list(locator: &Locator, holder: &Holder, links: &[String]) -> Self {
        let mut statements = Self::about(locator, holder, None);
        let adds = holder.spot.file.lengthenings(&holder.target(), links).into_iter();
        let adds: Vec<Statement> = adds.map(Mutation::into).collect();
        statements.removes.retain(|removes| !adds.iter().any(|it| it.is_at_place_of(removes)));
        statements.adds.extend(adds);
        statements
    }

    /// With what cuts the list that they are about.
    pub(crate) fn with_cuts(mut self, cuts: Vec<Statement>) -> Self {
        self.removes.retain(|removes| !cuts.iter().any(|cut| cut.is_at_place_of(removes)));
        self.guarded |= !cuts.is_empty();
        self.cuts = cuts;
        self
    }

    /// Every statement that adds to the holder, removes from it, or looks at its size: in its own
    /// file, then in those that import it. Of listeners, only those for `event`.
    pub(crate) fn about(locator: &Locator, holder: &Holder, event: Option<&str>) -> Self {
        Self::collect(locator, holder, &holder.target(), event)
    }

    /// What takes something from the collections of a kind in the entries of the holder's own, adds to
    /// them, or looks at their size: `byUser.get(id).push(order)`.
    pub(crate) fn about_entries(
        locator: &Locator,
        holder: &Holder,
        kind: Option<CollectionKind>,
    ) -> Self {
        // What adds to other things in the entries does not add to these.
        let fits = |mutation: &Mutation| mutation.exact && adds_to(kind, mutation.form);
        let inside = |mutation: &Mutation| {
            mutation.nested && (mutation.kind != MutationKind::Adds || fits(mutation))
        };
        Self::collect_of(locator, holder, &holder.target(), None, inside)
    }

    /// The same for a property of what the holder holds: `state.users.online`.
    pub(crate) fn about_property(locator: &Locator, holder: &Holder, path: &[String]) -> Self {
        match holder.of {
            HolderOf::Scope => {
                let path: Vec<&str> = path.iter().map(String::as_str).collect();
                let target = Target::Path { variable: &holder.declaration, path: &path };
                Self::collect(locator, holder, &target, None)
            }
            _ => Self::default(),
        }
    }

    fn collect(locator: &Locator, holder: &Holder, target: &Target, event: Option<&str>) -> Self {
        Self::collect_of(locator, holder, target, event, |_| true)
    }

    /// Those that `counts` accepts.
    fn collect_of(
        locator: &Locator,
        holder: &Holder,
        target: &Target,
        event: Option<&str>,
        counts: impl Fn(&Mutation) -> bool,
    ) -> Self {
        let mut statements = Self::default();
        let file = &holder.spot.file;
        let own = file.mutations(target).into_iter().map(|mutation| (None, mutation));
        let elsewhere = locator.mutations_elsewhere(file, target).into_iter();
        let elsewhere = elsewhere.map(|(file, mutation)| (Some(file), mutation));
        for (file, mutation) in own.chain(elsewhere).filter(|(_, mutation)| counts(mutation)) {
            let statement = |mutation: Mutation| Statement {
                is_elsewhere: file.is_some(),
                ..Statement::from(mutation)
            };
            let other_event =
                event.is_some() && mutation.event.as_deref().is_some_and(|m| Some(m) != event);
            match mutation.kind {
                _ if other_event => {}
                MutationKind::Adds => statements.adds.push(statement(mutation)),
                MutationKind::Removes => statements.removes.push(statement(mutation)),
                MutationKind::Guards => statements.guarded = true,
            }
        }
        statements
    }
}

/// Whether a statement that adds, `.push(` or `[k] =`, can add to a collection of a kind.
fn adds_to(kind: Option<CollectionKind>, form: MutationForm) -> bool {
    match kind {
        Some(CollectionKind::Map) => form == MutationForm::Set,
        Some(CollectionKind::Set) => form == MutationForm::Add,
        Some(CollectionKind::Array) => !matches!(form, MutationForm::Set | MutationForm::Add),
        Some(CollectionKind::Dictionary) => !form.is_call(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use heapmark_heap::{NodeOrdinal, NodeType};

    use super::*;
    use crate::evidence::Evidence;
    use crate::testing::Ran;
    use crate::v8::retainer_walk::owners;

    #[test]
    fn what_another_file_does_to_an_exported_collection_counts() {
        let main = "const { items } = require('./store.js');
class Marker {}
function add() { items.push(new Marker()); }
function trim() { if (items.length > 1_000) items.shift(); }
add();
trim();
";
        let store = "const items = [];
exports.items = items;
globalThis.size = () => items.length;
";
        let ran = Ran::modules(&[("main.js", main), ("store.js", store)]);
        ran.ask(|e| {
            let marker = e.heap.nodes().find(is_marker(e)).expect("it is alive");
            let holder = in_store(e, marker).expect("a variable of store.js holds it");
            let statements = Statements::about(e.locator, &holder, None);
            let at = |all: &[Statement]| {
                let line = |it: &Statement| (it.is_elsewhere, it.range.start.line + 1);
                all.iter().map(line).collect::<Vec<_>>()
            };
            assert_eq!(at(&statements.adds), [(true, 3)]);
            assert_eq!(at(&statements.removes), [(true, 4)]);
            assert!(statements.guarded);
            let file = &statements.adds[0].file;
            assert!(file.ends_with("main.js"), "{}", file.display());
        });
        // In another text, nobody knows which statements ran.
        ran.edit("main.js", &main.replace("class Marker {}", "class Marker { id = 1; }"));
        ran.ask(|e| {
            let holder = e.heap.nodes().find(is_marker(e)).and_then(|it| in_store(e, it));
            let holder = holder.expect("a variable of store.js holds it");
            let statements = Statements::about(e.locator, &holder, None);
            assert!(statements.adds.is_empty() && statements.removes.is_empty());
        });
    }

    fn is_marker(e: &Evidence) -> impl Fn(&NodeOrdinal) -> bool {
        |&node| e.heap.node_type(node) == NodeType::Object && e.heap.name(node) == "Marker"
    }

    /// The variable of `store.js` that holds a node.
    fn in_store(e: &Evidence, node: NodeOrdinal) -> Option<Holder> {
        let owners = owners(e.bindings(), node);
        owners.iter().filter_map(|owner| e.locator.holder(owner)).find(|holder| {
            holder.spot.path().ends_with("store.js") && matches!(holder.of, HolderOf::Scope)
        })
    }
}
