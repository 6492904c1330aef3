//! What Node itself remembers of each call until it is told to forget: performance entries, the labels
//! of `console.time` and `console.count`. Told as growing-collection, at the calls in the user's code.
//!
//! ```text
//! scope of Node's own ─markEntryBuffer→ Array → PerformanceMark
//! console ─_times→ Map,  ─<symbol counts>→ Map
//! ```

use heapmark_heap::{Edge, EdgeType, NodeOrdinal};

use crate::blame::retaining_path::{self, NodeKeeps, Step};
use crate::evidence::members::members;
use crate::evidence::{Evidence, GrowingCollection};
use crate::locate::Origin;
use crate::locate::statements::{Statement, Statements};
use crate::report::fingerprint::fingerprint;
use crate::rules::leak::{At, Leak};
use crate::verdict::What;
use crate::verdict::trend::Trend;

use crate::locate::statements::MAX_SHOWN;

/// What Node remembers.
#[derive(Clone, Copy)]
pub(crate) enum Call {
    Mark,
    Measure,
    Time,
    Count,
}

/// Something that Node remembers.
pub(crate) struct Kind {
    /// The variable or property of Node's that has it.
    name: &'static str,
    edge_type: EdgeType,
    /// The class of what has the property; of a variable, nothing.
    of: Option<&'static str>,
    /// What people call one of the things.
    pub(crate) noun: &'static str,
    pub(crate) call: Call,
    pub(crate) adds: &'static str,
    pub(crate) removes: &'static str,
}

const KINDS: [Kind; 4] = [
    Kind {
        name: "markEntryBuffer",
        edge_type: EdgeType::Context,
        of: None,
        noun: "entries",
        call: Call::Mark,
        adds: "performance.mark",
        removes: "performance.clearMarks",
    },
    Kind {
        name: "measureEntryBuffer",
        edge_type: EdgeType::Context,
        of: None,
        noun: "entries",
        call: Call::Measure,
        adds: "performance.measure",
        removes: "performance.clearMeasures",
    },
    Kind {
        name: "_times",
        edge_type: EdgeType::Property,
        of: Some("console"),
        noun: "labels",
        call: Call::Time,
        adds: "console.time",
        removes: "console.timeEnd",
    },
    Kind {
        name: "<symbol counts>",
        edge_type: EdgeType::Property,
        of: Some("console"),
        noun: "labels",
        call: Call::Count,
        adds: "console.count",
        removes: "console.countReset",
    },
];

/// A list of Node's own that users fill.
pub(super) struct Registry {
    kind: &'static Kind,
    edge: Edge,
}

impl Registry {
    /// The registry that a collection is, if it is one.
    pub(super) fn of(e: &Evidence, collection: NodeOrdinal) -> Option<Self> {
        e.heap.retainers(collection).find_map(|edge| {
            let is_it = |kind: &&Kind| {
                edge.edge_type == kind.edge_type
                    && edge.is_named(e.heap, kind.name)
                    && match kind.of {
                        Some(of) => e.heap.name(edge.from) == of,
                        None => is_nodes_own(e, edge.from),
                    }
            };
            Some(Self { kind: KINDS.iter().find(is_it)?, edge })
        })
    }

    /// The leak, if the user's own code fills it.
    pub(super) fn leak(&self, e: &Evidence, collection: &GrowingCollection) -> Option<Leak> {
        let Kind { noun, adds, removes, .. } = *self.kind;
        let calls = e.locator.own_calls(adds);
        let (first, _) = calls.first()?;
        let removing = e.locator.own_calls(removes).into_iter();
        let statements = Statements {
            adds: calls.iter().map(|(_, call)| Statement::from(call.clone())).collect(),
            removes: removing.map(|(_, call)| call.into()).collect(),
            unread: e.locator.any_unread(),
            ..Statements::default()
        };
        let (counts, trend) = (&collection.counts, collection.seen);
        let retained = e.heap.retained_size(collection.node);
        let is_here = |add: &Statement| add.file == first.path();
        let adds_from_here = statements.adds.iter();
        let adds_from_here = adds_from_here
            .map(|add| Statement { is_elsewhere: !is_here(add), ..add.clone() })
            .collect();
        let places = calls.iter().take(MAX_SHOWN);
        let places = places.map(|(spot, call)| At::statement(spot, &call.clone().into(), ()));
        let features = statements.features(What::Registered, trend);
        let facts = RegistryFacts {
            kind: self.kind,
            trend,
            retained,
            adds: adds_from_here,
            is_never_told_to_forget: statements.removes.is_empty() && statements.unread.is_none(),
            places: places.collect(),
        };
        let rule = crate::rules::growing_collection::group::GROWING;
        let fingerprint = fingerprint(rule, &[&e.locator.relative(first.path()), adds]);
        Some(Leak {
            shallow_size: e.heap.self_size(collection.node),
            retained_size: retained,
            path: retaining_path::hops(e, &[self.edge]),
            steps: vec![Step::Node(NodeKeeps::Registry { noun, adds })],
            accumulators: vec![collection.node],
            members: members(e, collection.node),
            ..Leak::new(rule, features, fingerprint, counts.clone(), facts)
        })
    }
}

/// What is known of such a list that grows.
pub(crate) struct RegistryFacts {
    pub(crate) kind: &'static Kind,
    pub(crate) trend: Trend,
    /// Bytes.
    pub(crate) retained: u64,
    /// The calls that add, as seen from the file of the first of them.
    pub(crate) adds: Vec<Statement>,
    /// Nothing in the user's code makes Node forget any.
    pub(crate) is_never_told_to_forget: bool,
    pub(crate) places: Vec<At<()>>,
}

/// Whether a scope is one of Node's modules.
fn is_nodes_own(e: &Evidence, scope: NodeOrdinal) -> bool {
    let closures = e.locator.closures_in(scope).into_iter();
    let mut origins = closures.filter_map(|it| e.heap.location(it)).map(|it| e.locator.origin(it));
    origins.next() == Some(Origin::Builtin)
}
