//! The global object, if it gets a property for each thing: told as growing-collection, at the statements of
//! the user's own that give it properties under computed names.
//!
//! ```text
//! global ─session_17→ Object
//! ```

use heapmark_heap::NodeOrdinal;

use crate::blame::retaining_path::{self, Step};
use crate::evidence::{Evidence, GrowingCollection};
use crate::locate::OfGlobalObject;
use crate::locate::statements::{MAX_SHOWN, Statement, Statements};
use crate::report::fingerprint::fingerprint;
use crate::rules::growing_collection::facts::{CollectionFacts, CollectionPlace, Counted, Shape};
use crate::rules::growing_collection::group::GROWING;
use crate::rules::leak::{At, Leak};
use crate::v8::global_object::properties_of_global;
use crate::verdict::{Access, What};

/// What a person calls it.
const NAME: &str = "globalThis";

/// The leak, if the user's own code gives the global object properties under names made at run time: what
/// Node and packages put there are a few, under names of their own.
pub(super) fn leak(e: &Evidence, collection: &GrowingCollection) -> Option<Leak> {
    let OfGlobalObject { adds, removes } = e.locator.of_global_object();
    let (first, _) = adds.first()?;
    let file = first.path().to_owned();
    let from_here = |statement: &Statement| Statement {
        is_elsewhere: statement.file != file,
        ..statement.clone()
    };
    let statements = Statements {
        adds: adds.iter().map(|(_, add)| from_here(add)).collect(),
        removes: removes.iter().map(|(_, remove)| from_here(remove)).collect(),
        ..Statements::default()
    };
    let added: Vec<_> =
        properties_of_global(e.heap, collection.node).filter(|edge| e.is_new(edge.to)).collect();
    let members: Vec<NodeOrdinal> = added.iter().map(|edge| edge.to).collect();
    let retained = e.retained_by(&members);
    let what = What::Collection(Access::ByKey);
    let features = statements.features(what, collection.seen);
    let places = adds.iter().take(MAX_SHOWN);
    let places = places.map(|(spot, add)| At::statement(spot, add, CollectionPlace::Adds));
    let facts = CollectionFacts {
        name: NAME.to_owned(),
        shape: Shape::Object,
        instances: 1,
        counted: Counted::Entries,
        trend: collection.seen,
        retained,
        heap_size: e.heap.total_size(),
        is_replaced: false,
        is_of_known_keys: false,
        defunct: None,
        are_combined_signals: false,
        twins: Vec::new(),
        places: places.collect(),
        statements,
        weak_value: None,
        unread: None,
    };
    let fingerprint = fingerprint(GROWING, &[&e.locator.relative(&file), "global object", NAME]);
    let path = added.first().map_or_else(Vec::new, |edge| retaining_path::hops(e, &[*edge]));
    Some(Leak {
        shallow_size: members.iter().map(|&node| e.heap.self_size(node)).sum(),
        retained_size: retained,
        path,
        steps: vec![Step::GlobalObject],
        // The global object itself holds all of Node.
        accumulators: members.clone(),
        members,
        ..Leak::new(GROWING, features, fingerprint, collection.counts.clone(), facts)
    })
}
