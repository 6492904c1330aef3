//! Statements of the source that add to what holds a leak, remove from it or look at its size.
//! It judges nothing: what they mean is for [`crate::verdict`].

use std::path::PathBuf;
use std::sync::Arc;

use heapmark_heap::CollectionKind;
use heapmark_source::{
    Call, Expiry, Inside, Limit, LimitAt, Mutation, MutationForm, MutationKind, Range, SourceFile,
    Target,
};

use crate::locate::holder::{Holder, HolderOf};
use crate::locate::known_caches::CacheBound;
use crate::locate::locator::Locator;
use crate::locate::spot::Spot;
use crate::verdict::trend::Trend;
use crate::verdict::{Adds, Bound, Features, Removes, Source, What};

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
    /// It stands in a function that nothing calls.
    pub(crate) is_uncalled: bool,
}

impl Statement {
    /// What stands at a place of a file, and changes no collection: an option.
    pub(crate) fn at(file: &SourceFile, range: Range, written: &str) -> Self {
        Self {
            range,
            written: written.to_owned(),
            form: None,
            in_function: None,
            file: file.path().to_owned(),
            is_elsewhere: false,
            is_uncalled: false,
        }
    }

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
        Self {
            range: head_range,
            written: method,
            form,
            in_function,
            file,
            is_elsewhere: false,
            is_uncalled: false,
        }
    }
}

impl From<Call> for Statement {
    fn from(call: Call) -> Self {
        let Call { file, head_range, callee, in_function, .. } = call;
        let form = None;
        Self {
            range: head_range,
            written: callee,
            form,
            in_function,
            file,
            is_elsewhere: false,
            is_uncalled: false,
        }
    }
}

/// A statement that keeps the holder small.
#[derive(Debug, Clone)]
pub(crate) struct BoundedBy {
    pub(crate) statement: Statement,
    /// How many there may be, if the source says so.
    pub(crate) limit: Option<Limit>,
    /// Where that stands in memory, if a name says so.
    pub(crate) limit_at: Option<LimitAt>,
}

/// A statement that takes out what has had its time.
#[derive(Debug, Clone)]
pub(crate) struct ExpiredBy {
    pub(crate) statement: Statement,
    pub(crate) how: Expiry,
}

/// What the source says about a holder.
#[derive(Default)]
pub(crate) struct Statements {
    pub(crate) adds: Vec<Statement>,
    pub(crate) removes: Vec<Statement>,
    /// What cuts a linked list, which bounds it like a check of a size.
    pub(crate) cuts: Vec<Statement>,
    /// What looks at its size, or cuts it.
    pub(crate) guards: Vec<BoundedBy>,
    /// What takes out entries whose time has come.
    pub(crate) expires: Vec<ExpiredBy>,
    /// What the options of the cache of a package say that it is, if it is one.
    pub(crate) cache: Option<CacheBound>,
    /// How many entries the largest has, if that is known.
    pub(crate) entries: Option<u64>,
}

impl Statements {
    /// Whether something looks at its size, or cuts it.
    pub(crate) fn is_guarded(&self) -> bool {
        !self.guards.is_empty() || !self.cuts.is_empty()
    }

    /// What says how many there may be.
    pub(crate) fn limit(&self) -> Option<(&BoundedBy, &Limit)> {
        let limits = self.guards.iter().filter_map(|it| Some((it, it.limit.as_ref()?)));
        limits.max_by_key(|(_, limit)| limit.value)
    }

    /// With how many entries are in the largest, and without the limits that are passed already: they bound
    /// nothing.
    pub(crate) fn with_entries(mut self, entries: u64) -> Self {
        // One more may be there until what is too much is taken out.
        self.guards.retain(|it| it.limit.as_ref().is_none_or(|limit| entries <= limit.value + 1));
        self.entries = Some(entries);
        self
    }

    /// The same for sentences about a place in another file than the holder's.
    pub(crate) fn elsewhere(mut self) -> Self {
        let Self { adds, removes, cuts, guards, expires, entries: _, cache: _ } = &mut self;
        let alone = adds.iter_mut().chain(removes).chain(cuts);
        let guards = guards.iter_mut().map(|it| &mut it.statement);
        let expires = expires.iter_mut().map(|it| &mut it.statement);
        for statement in alone.chain(guards).chain(expires) {
            statement.is_elsewhere = true;
        }
        self
    }

    /// What a verdict depends on, as far as one looks at a leak of whoever they are about alone.
    pub(crate) fn features(&self, what: What, trend: Trend) -> Features {
        Features::new(what, trend, self.source())
    }

    /// What the source says, as far as a verdict depends on it.
    pub(crate) fn source(&self) -> Source {
        Source {
            is_unread: false,
            adds: match &self.adds[..] {
                // Who uses a cache adds to it.
                _ if self.cache.is_some() => Adds::Something,
                [] => Adds::Nothing,
                adds if adds.iter().all(Statement::writes_by_index) => Adds::ByIndex,
                _ => Adds::Something,
            },
            removes: match &self.removes[..] {
                [] => Removes::Nothing,
                removes if removes.iter().all(|it| it.is_uncalled) => Removes::Uncalled,
                _ => Removes::Something,
            },
            bound: if self.limit().is_some() {
                Some(Bound::Limit)
            } else if self.is_guarded() {
                Some(Bound::Size)
            } else {
                (!self.expires.is_empty()).then_some(Bound::Expiry)
            },
        }
    }

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
    pub(crate) fn with_those_of_class(mut self, class: &Spot) -> Self {
        let classes = class.file.classes().iter();
        let Some(class_there) = classes.into_iter().find(|it| it.name_range == class.name_range)
        else {
            return self;
        };
        for mutation in class.file.mutations(&Target::Instance(class_there)) {
            if !mutation.nested && mutation.kind != MutationKind::Adds {
                self.note(false, mutation, true);
            }
        }
        self
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
        let file = &holder.spot.file;
        let own = file.mutations(target).into_iter().map(|mutation| (None, mutation));
        let elsewhere = locator.mutations_elsewhere(file, target).into_iter();
        let handed = locator.mutations_where_handed(file, target).into_iter();
        let elsewhere = elsewhere.chain(handed).map(|(file, mutation)| (Some(file), mutation));
        let is_meant = |mutation: &Mutation| {
            let other_event =
                event.is_some() && mutation.event.as_deref().is_some_and(|m| Some(m) != event);
            !other_event && counts(mutation)
        };
        let all = own.chain(elsewhere).filter(|(_, mutation)| is_meant(mutation));
        Self::of(locator, holder, &all.collect::<Vec<_>>())
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
            statements.note(file.is_some(), mutation.clone(), runs);
        }
        statements.without_keys_that_others_break()
    }

    fn note(&mut self, is_elsewhere: bool, mutation: Mutation, runs: bool) {
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
                self.guards.push(BoundedBy { statement, limit, limit_at });
            }
            MutationKind::Guards => {}
        }
    }

    /// Keys that repeat bound nothing if something else adds too.
    fn without_keys_that_others_break(mut self) -> Self {
        let repeats = |it: &&BoundedBy| it.statement.form == Some(MutationForm::RepeatsKey);
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
            assert!(statements.is_guarded());
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
