//! What the source says about a collection that grows ([`crate::rules::growing_collection`]): who adds to it, who takes
//! from it, and what bounds it.

use std::sync::Arc;

use heapmark_heap::NodeOrdinal;
use heapmark_source::{MutationForm, SourceFile};

use crate::blame::access_path::{leads_to_entry, property_steps, steps_inside};
use crate::census::is_room;
use crate::evidence::in_force::in_force;
use crate::evidence::{Evidence, Form};
use crate::locate::statements::{Statement, Statements};
use crate::locate::{Holder, Spot};
use crate::v8::linked_lists::links_between;

use crate::rules::growing_collection::group::Group;
use crate::rules::growing_collection::unread_streams::{Unread, high_water_mark};

/// A budget: so many elements of a list are asked where their classes are; a list has few classes.
const MAX_ASKED: usize = 8;

/// What the source says about what is held: statements about `store` say nothing about
/// `store.entries[…]`.
pub(super) fn statements(e: &Evidence, group: &Group, holder: &Holder) -> Statements {
    let last = group.counts().last().copied().unwrap_or(0);
    if let Some(cache) = &group.cache {
        let nodes = group.nodes().into_iter().filter(|&node| !is_room(e.heap, node));
        let entries = nodes.map(|node| e.heap.entry_count(node) as u64).max();
        return cache.statements(e, entries.unwrap_or(last));
    }
    if holder.is_whole_path() {
        return Statements::about_itself(e.locator, holder);
    }
    let path = property_steps(e, &group.blame.owner.edges[1..]);
    let links = match &group.collections[0].form {
        Form::List(elements) => links_of(e, elements),
        _ => Vec::new(),
    };
    let mut statements = match path.as_deref() {
        Some([]) if group.is_list() => Statements::about_list(e.locator, holder, &links),
        Some([]) => Statements::about_itself(e.locator, holder),
        Some(path) => Statements::about_property(e.locator, holder, path),
        None if leads_to_entry(e, &group.blame.owner.edges[1..]) => {
            let kind = e.heap.collection_kind(group.nodes()[0]); // a group has at least one
            Statements::about_entries(e.locator, holder, kind)
        }
        None => {
            let kind = e.heap.collection_kind(group.nodes()[0]); // as above
            let inside = steps_inside(e, &group.blame.owner.edges[1..]);
            Statements::about_inside(e.locator, holder, &inside, kind)
        }
    };
    // A class that extends `Map` may bound itself.
    if !group.is_list()
        && let Some(class) = e.locator.node(group.nodes()[0])
    {
        statements = statements.with_those_of_class(e.locator, &class);
    }
    if let Form::List(elements) = &group.collections[0].form {
        let cuts = cuts(e, (elements, &links), holder, path.as_deref(), &statements.adds);
        statements = statements.with_cuts(cuts);
    }
    // What listens to a store of another kind (`store.on("error", …)`) puts nothing into a collection.
    statements.adds.retain(|add| add.form != Some(MutationForm::Listens));
    // `state = reduce(state, action)` takes nothing away if what is there is longer each time.
    if group.is_replaced() && path.is_some() && statements.adds.is_empty() {
        let puts = Statement::puts_another;
        let whole = Statements::about(e.locator, holder, None);
        statements.guards.extend(whole.guards);
        statements.removes.retain(|statement| !puts(statement));
        statements.adds = whole.adds.into_iter().chain(whole.removes).filter(puts).collect();
    }
    if Unread::of(e, &group.blame).is_some() {
        statements.guards.extend(high_water_mark(holder));
    }
    let statements = in_force(e, &group.blame.owner.binding, statements, last);
    let rooms = |&node: &NodeOrdinal| is_room(e.heap, node);
    let nodes = group.nodes();
    if group.is_list() || nodes.iter().all(rooms) {
        return statements;
    }
    let entries = nodes.iter().map(|&node| e.heap.entry_count(node) as u64).max();
    entries.map_or_else(Statements::default, |entries| statements.with_entries(entries))
}

/// The properties by which the elements of a list lead to each other.
fn links_of(e: &Evidence, elements: &[NodeOrdinal]) -> Vec<String> {
    match elements {
        [one, other, ..] => links_between(e.heap, *one, *other),
        _ => Vec::new(),
    }
}

/// What cuts a linked list: in the file of its holder, and where its elements are from. `path` leads from
/// the holder to the list. Who takes out the oldest in the function that `adds` one keeps as many as there
/// were; elsewhere it is what a queue does.
fn cuts(
    e: &Evidence,
    (elements, links): (&[NodeOrdinal], &[String]),
    holder: &Holder,
    path: Option<&[String]>,
    adds: &[Statement],
) -> Vec<Statement> {
    let own = &holder.spot.file;
    let mut cuts: Vec<Statement> = Vec::new();
    if path.is_some_and(<[String]>::is_empty) {
        let target = holder.target();
        cuts.extend(own.emptyings(&target).into_iter().map(Statement::from));
        let advances = own.advances(&target, links).into_iter().map(Statement::from);
        let adds_too = |it: &Statement| adds.iter().any(|add| add.in_function == it.in_function);
        cuts.extend(advances.filter(|it| it.in_function.is_some() && adds_too(it)));
    }
    cuts.extend(own.unlinkings(links).into_iter().map(Statement::from));
    let spots = elements.iter().take(MAX_ASKED).filter_map(|&element| e.locator.node(element));
    let mut files: Vec<Arc<SourceFile>> = vec![Arc::clone(own)];
    for Spot { file, .. } in spots {
        if !files.iter().any(|known| known.path() == file.path()) {
            let elsewhere = file.unlinkings(links).into_iter();
            cuts.extend(
                elsewhere.map(|it| Statement { is_elsewhere: true, ..Statement::from(it) }),
            );
            files.push(file);
        }
    }
    cuts
}
