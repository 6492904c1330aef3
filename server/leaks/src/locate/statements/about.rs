//! Which statements are about a holder: asked of its own file, of those that import it, and of those that it is
//! handed to. What they say together is for [`Statements`].

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use heapmark_heap::CollectionKind;
use heapmark_source::{Inside, Mutation, MutationForm, MutationKind, SourceFile, Target};

use super::{BoundedBy, ExpiredBy, Statement, Statements};
use crate::locate::holder::Holder;
use crate::locate::locator::Locator;
use crate::locate::spot::Spot;

impl Statements {
    /// The same for a holder at which a linked list begins: to replace its first element may be to
    /// add one. Its elements lead to each other by `links`.
    pub(crate) fn about_list(locator: &Locator, holder: &Holder, links: &[String]) -> Self {
        let mut statements = Self::about_itself(locator, holder);
        let adds = holder.spot.file.lengthenings(&holder.target(), links).into_iter();
        let adds: Vec<Statement> = adds.map(Mutation::into).collect();
        statements.removes.retain(|removes| !adds.iter().any(|it| it.is_at_place_of(removes)));
        statements.adds.extend(adds);
        statements
    }

    /// With what cuts the list that they are about.
    pub(crate) fn with_cuts(mut self, cuts: Vec<Statement>) -> Self {
        self.removes.retain(|removes| !cuts.iter().any(|cut| cut.is_at_place_of(removes)));
        self.cuts = cuts;
        self
    }

    /// Like [`Statements::about`], without what happens to what is inside it: who leaves `rooms.get(name)`
    /// takes nothing from `rooms`.
    pub(crate) fn about_itself(locator: &Locator, holder: &Holder) -> Self {
        Self::collect_of(locator, holder, &holder.target(), None, |it| !it.nested)
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

    /// What happens to a collection of a kind that is inside the entries of the holder's own:
    /// `rooms.get(name).messages.push(it)`.
    pub(crate) fn about_inside(
        locator: &Locator,
        holder: &Holder,
        inside: &[Inside],
        kind: Option<CollectionKind>,
    ) -> Self {
        let found = holder.spot.file.mutations_inside(&holder.target(), inside).into_iter();
        let fits = |mutation: &Mutation| {
            let is_other = mutation.kind == MutationKind::Adds && !adds_to(kind, mutation.form);
            !mutation.nested && !is_other
        };
        let found: Vec<_> = found.filter(fits).map(|it| (None, it)).collect();
        Self::of(locator, holder, &found)
    }

    /// What a class does to its own instances, which are collections: `class Recent extends Map`.
    pub(crate) fn with_those_of_class(mut self, locator: &Locator, class: &Spot) -> Self {
        self.unread = self.unread.or_else(|| locator.unread_file(class.path()));
        let classes = class.file.classes().iter();
        let Some(class_there) = classes.into_iter().find(|it| it.name_range == class.name_range)
        else {
            return self;
        };
        for mutation in class.file.mutations(&Target::Instance(class_there)) {
            if !mutation.nested && mutation.kind != MutationKind::Adds {
                self.note_with_limit(locator, &class.file, (false, true), mutation);
            }
        }
        self
    }

    /// The same for a property of what the holder holds: `state.users.online`.
    pub(crate) fn about_property(locator: &Locator, holder: &Holder, path: &[String]) -> Self {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let target = Target::Within { of: &holder.target(), path: &path };
        Self::collect(locator, holder, &target, None)
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
        let file = &holder.spot.file;
        let own = file.mutations(target).into_iter().map(|mutation| (None, mutation));
        let asked = RefCell::new(vec![file.path().to_owned()]);
        let note = |path: &Path| asked.borrow_mut().push(path.to_owned());
        let elsewhere = locator.mutations_elsewhere(file, target, note).into_iter();
        let handed = locator.mutations_where_handed(file, target, note).into_iter();
        let elsewhere = elsewhere.chain(handed).map(|(file, mutation)| (Some(file), mutation));
        let is_meant = |mutation: &Mutation| {
            let other_event =
                event.is_some() && mutation.event.as_deref().is_some_and(|m| Some(m) != event);
            !other_event && counts(mutation)
        };
        let all = own.chain(elsewhere).filter(|(_, mutation)| is_meant(mutation));
        let mut statements = Self::of(locator, holder, &all.collect::<Vec<_>>());
        if statements.removes.is_empty() {
            let handed = file.handed_to_others(target).into_iter().next();
            statements.handed_to = handed.map(Statement::from);
        }
        statements.unread = asked.into_inner().iter().find_map(|path| locator.unread_file(path));
        statements
    }

    /// What was found, each with the file that it stands in if that is another than the holder's. What is in
    /// functions that nothing calls bounds nothing.
    fn of(
        locator: &Locator,
        holder: &Holder,
        found: &[(Option<Arc<SourceFile>>, Mutation)],
    ) -> Self {
        let mut statements = Self::default();
        let adding = found.iter().map(|(_, it)| it).filter(|it| it.kind == MutationKind::Adds);
        let adding: Vec<&Mutation> = adding.collect();
        for (file, mutation) in found {
            let there = file.as_ref().unwrap_or(&holder.spot.file);
            // Where nothing is seen that adds, and yet something did, what checks may be what adds.
            let runs = match mutation.kind {
                MutationKind::Adds => true,
                MutationKind::Guards if adding.is_empty() => true,
                _ => locator.runs(there, mutation, &adding),
            };
            statements.note_with_limit(locator, there, (file.is_some(), runs), mutation.clone());
        }
        statements.without_keys_that_others_break()
    }

    /// Notes what stands in the file `there`, elsewhere or not, and runs or does not; with its limit, if that is
    /// written in another place.
    fn note_with_limit(
        &mut self,
        locator: &Locator,
        there: &SourceFile,
        (is_elsewhere, runs): (bool, bool),
        mut mutation: Mutation,
    ) {
        let asked = mutation.kind == MutationKind::Guards && mutation.limit.is_none() && runs;
        let behind = asked.then(|| locator.limit_behind(there, &mutation.limit_behind));
        let (followed_to, limit) = behind.flatten().unzip();
        mutation.limit = mutation.limit.or(limit);
        self.note(is_elsewhere, mutation, runs, followed_to);
    }

    fn note(
        &mut self,
        is_elsewhere: bool,
        mutation: Mutation,
        runs: bool,
        followed_to: Option<PathBuf>,
    ) {
        let Mutation { kind, expires, .. } = mutation;
        let (limit, limit_at) = (mutation.limit.clone(), mutation.limit_at.clone());
        let is_uncalled = !runs;
        let statement = Statement { is_elsewhere, is_uncalled, ..Statement::from(mutation) };
        match kind {
            MutationKind::Adds => self.adds.push(statement),
            MutationKind::Removes => {
                let expired = |how| ExpiredBy { statement: statement.clone(), how };
                self.expires.extend(expires.filter(|_| runs).map(expired));
                self.removes.push(statement);
            }
            MutationKind::Guards if runs => {
                self.guards.push(BoundedBy { statement, limit, followed_to, limit_at });
            }
            MutationKind::Guards => {}
        }
    }

    /// Keys that repeat bound nothing if something else adds too.
    fn without_keys_that_others_break(mut self) -> Self {
        let keyed = [Some(MutationForm::RepeatsKey), Some(MutationForm::ChecksKey)];
        let repeats = |it: &&BoundedBy| keyed.contains(&it.statement.form);
        let adds_alone = |add: &Statement| {
            self.guards.iter().filter(repeats).any(|it| it.statement.is_at_place_of(add))
        };
        if !self.adds.iter().all(adds_alone) {
            self.guards.retain(|it| !repeats(&it));
        }
        self
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
    use crate::locate::holder::HolderOf;
    use crate::testing::Ran;
    use crate::v8::retainer_walk::owners;
    use crate::verdict::Unread;

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
            assert!(statements.is_guarded());
            let file = &statements.adds[0].file;
            assert!(file.ends_with("main.js"), "{}", file.display());
        });
        // The snapshot has the whole text of a short file: that it has changed since is no difference.
        ran.edit("main.js", &format!("// A word.\n{main}"));
        ran.ask(|e| {
            let holder = e.heap.nodes().find(is_marker(e)).and_then(|it| in_store(e, it));
            let holder = holder.expect("a variable of store.js holds it");
            let statements = Statements::about(e.locator, &holder, None);
            assert_eq!((statements.adds.len(), statements.removes.len()), (1, 1));
            assert_eq!(statements.unread, None);
        });
    }

    /// A file that has changed since, and is so long that a snapshot has only its beginning.
    #[test]
    fn of_a_file_that_changed_what_stands_as_it_ran_counts() {
        let main = format!(
            "class Marker {{}}
const items = [];
function add() {{
  items.push(new Marker());
}}
function trim() {{
  while (items.length > 1_000) items.shift();
}}
globalThis.keep = {{ add, trim }};
add();
trim();
{}",
            "// long\n".repeat(150)
        );
        let ran = Ran::file(&main);
        let told = |edited: &str| {
            ran.edit("main.js", edited);
            ran.ask(|e| {
                let marker = e.heap.nodes().find(is_marker(e)).expect("it is alive");
                let owners = owners(e.bindings(), marker);
                let holder = owners.iter().find_map(|owner| e.locator.holder(owner));
                let statements =
                    Statements::about(e.locator, &holder.expect("a variable has it"), None);
                let line = |it: &Statement| it.range.start.line + 1;
                let adds: Vec<u32> = statements.adds.iter().map(line).collect();
                let removes: Vec<u32> = statements.removes.iter().map(line).collect();
                (adds, removes, statements.is_guarded(), statements.unread)
            })
        };
        let changed = Some(Unread::Changed);
        assert_eq!(told(&main), (vec![4], vec![7], true, None));
        // Both functions stand as far apart as they did.
        let below = format!("// A word.\n{main}");
        assert_eq!(told(&below), (vec![5], vec![8], true, changed));
        // Nobody knows whether what is in this one was there.
        let within = main.replace("  items.push", "  items.pop();\n  items.push");
        assert_eq!(told(&within), (vec![], vec![8], true, changed));
        // It has another name by now.
        let renamed = main.replace("trim", "shorten");
        assert_eq!(told(&renamed), (vec![4], vec![], false, changed));
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
