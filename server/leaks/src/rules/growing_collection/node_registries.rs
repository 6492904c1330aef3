//! What Node itself remembers of each call until it is told to forget: performance entries, the labels
//! of `console.time` and `console.count`. Told as growing-collection, at the calls in the user's code.
//!
//! ```text
//! scope of Node's own ─markEntryBuffer→ Array → PerformanceMark
//! console ─_times→ Map,  ─<symbol counts>→ Map
//! ```

use heapmark_heap::{Edge, EdgeType, NodeOrdinal};

use crate::blame::retaining_path;
use crate::census::trend::Trend;
use crate::evidence::members::members;
use crate::evidence::{Evidence, GrowingCollection};
use crate::locate::Origin;
use crate::locate::places::place_of;
use crate::locate::statements::{Statement, Statements, places_of};
use crate::report::Rule;
use crate::report::fingerprint::fingerprint;
use crate::report::units::{number, series, size};
use crate::rules::leak::Leak;
use crate::rules::worded::Finding;
use crate::verdict::{certainty, severity};
use crate::words::ONLY_FILLED;

use crate::locate::statements::MAX_SHOWN;

/// Something that Node remembers.
struct Kind {
    /// The variable or property of Node's that has it.
    name: &'static str,
    edge_type: EdgeType,
    /// The class of what has the property; of a variable, nothing.
    of: Option<&'static str>,
    /// What people call one of the things.
    noun: &'static str,
    adds: &'static str,
    removes: &'static str,
    help: &'static str,
}

const KINDS: [Kind; 4] = [
    Kind {
        name: "markEntryBuffer",
        edge_type: EdgeType::Context,
        of: None,
        noun: "entries",
        adds: "performance.mark",
        removes: "performance.clearMarks",
        help: "clear marks that were read: `performance.clearMarks(name)`",
    },
    Kind {
        name: "measureEntryBuffer",
        edge_type: EdgeType::Context,
        of: None,
        noun: "entries",
        adds: "performance.measure",
        removes: "performance.clearMeasures",
        help: "clear measures that were read: `performance.clearMeasures(name)`",
    },
    Kind {
        name: "_times",
        edge_type: EdgeType::Property,
        of: Some("console"),
        noun: "labels",
        adds: "console.time",
        removes: "console.timeEnd",
        help: "end each label, also when the work fails: `console.timeEnd(label)`",
    },
    Kind {
        name: "<symbol counts>",
        edge_type: EdgeType::Property,
        of: Some("console"),
        noun: "labels",
        adds: "console.count",
        removes: "console.countReset",
        help: "use labels that repeat, or reset them: `console.countReset(label)`",
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
                    && e.heap.edge_name(&edge).to_string() == kind.name
                    && match kind.of {
                        Some(of) => e.heap.name(edge.from) == of,
                        None => is_nodes_own(e, edge.from),
                    }
            };
            Some(Self { kind: KINDS.iter().find(is_it)?, edge })
        })
    }

    /// What is to be said if the user's own code fills it.
    pub(super) fn suspect(&self, e: &Evidence, collection: &GrowingCollection) -> Option<Leak> {
        let Kind { noun, adds, removes, help, .. } = *self.kind;
        let calls = e.locator.own_calls(adds);
        let (first, _) = calls.first()?;
        let removing = e.locator.own_calls(removes).into_iter();
        let statements = Statements {
            adds: calls.iter().map(|(_, call)| Statement::from(call.clone())).collect(),
            removes: removing.map(|(_, call)| call.into()).collect(),
            ..Statements::default()
        };
        let (counts, seen) = (&collection.counts, collection.seen);
        let retained = e.heap.retained_size(collection.node);
        let count = number(counts.last().copied().unwrap_or(0));
        let title = match seen {
            Trend::Growing { .. } | Trend::Kept { .. } => {
                format!(
                    "{noun} of `{adds}` pile up: {}, {} retained",
                    series(counts),
                    size(retained)
                )
            }
            Trend::Once => format!("Node.js holds {count} {noun} of `{adds}` ({})", size(retained)),
        };
        let title = sentence_case(&title);
        let others = e.locator.relative(first.path());
        let here: Vec<Statement> = statements
            .adds
            .iter()
            .map(|add| Statement { is_elsewhere: add.file != first.path(), ..add.clone() })
            .collect();
        let made = places_of(&here, MAX_SHOWN);
        let forgets = if statements.removes.is_empty() {
            format!("nothing calls `{removes}`")
        } else {
            format!("`{removes}` is not called for each")
        };
        let after = match seen {
            Trend::Growing { .. } => "",
            Trend::Kept { .. } => ONLY_FILLED,
            Trend::Once => {
                " One snapshot cannot tell whether they pile up: capture a second one to know."
            }
        };
        let places = calls.iter().take(MAX_SHOWN).map(|(spot, call)| {
            let label = format!("Node.js remembers each: {count} {noun}");
            let message = format!("Node.js remembers each `{adds}`: {count} {noun}.");
            place_of(spot, &call.clone().into(), label, message)
        });
        let edges = [self.edge];
        let finding = Finding {
            rule: Rule::GrowingCollection,
            severity: severity(e, seen, &statements),
            certainty: certainty(e, seen, &statements),
            fingerprint: fingerprint(Rule::GrowingCollection, &[&others, adds]),
            message: format!(
                "{title}. Node.js remembers each until it is told to forget it; `{adds}` is called in \
                 {made}, and {forgets}.{after}"
            ),
            title,
            help: help.to_owned(),
            counts: counts.clone(),
            shallow_size: e.heap.self_size(collection.node),
            retained_size: retained,
            growth: 0,
            places: places.collect(),
            outside: Vec::new(),
            path: retaining_path::hops(e, &edges),
            path_text: format!("Node's own {noun} of `{adds}`"),
        };
        let accumulators = vec![collection.node];
        let members = members(e, collection.node);
        Some(Leak::worded(finding, accumulators, members, None))
    }
}

/// Whether a scope is one of Node's modules.
fn is_nodes_own(e: &Evidence, scope: NodeOrdinal) -> bool {
    let closures = e.locator.closures_in(scope).into_iter();
    let mut origins = closures.filter_map(|it| e.heap.location(it)).map(|it| e.locator.origin(it));
    origins.next() == Some(Origin::Builtin)
}

/// With a capital first letter.
fn sentence_case(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(char::to_uppercase);
    first.map_or_else(String::new, |first| first.chain(characters).collect())
}
