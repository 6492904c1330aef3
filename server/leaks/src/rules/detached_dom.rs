//! detached-dom: elements that were taken out of their page and that a variable, a field or the scope of
//! a function still holds. Each keeps all elements around it.
//!
//! Those in a collection that grows are found there ([`crate::rules::retained_after_close`]).

use heapmark_heap::{EdgeType, NodeOrdinal, NodeSet, NodeType};
use rustc_hash::FxHashMap;

use crate::blame::by_holder::{HeldTogether, by_holder};
use crate::blame::retaining_path;
use crate::census::trend::{Trend, seen};
use crate::evidence::Evidence;
use crate::locate::places::{place, place_of};
use crate::locate::statements::MAX_SHOWN;
use crate::locate::statements::Statements;
use crate::report::fingerprint::fingerprint;
use crate::report::place_words::line_of;
use crate::report::units::{number, plural, series, size};
use crate::report::{Place, Role, Rule, Severity};
use crate::rules::leak::Leak;
use crate::rules::worded::Finding;
use crate::v8::dom::{detached_of, is_detached};
use crate::v8::members::all_members;
use crate::verdict::{certainty, severity};

/// So few elements are not worth a word: one that is made and put into the page later is healthy,
const FEWEST: u64 = 20;
/// unless they keep so many bytes.
const LARGE: u64 = 100_000;
/// A holder explains the growth of all detached elements if this share of those that are new is its own.
const MOST: f64 = 0.5;
/// The detached elements that the user's own code holds. `explained` is what hangs on something that
/// grows; what the collections among `suspects` hold is told there.
pub(crate) fn find(e: &Evidence, explained: &NodeSet, suspects: &[Leak]) -> Vec<Leak> {
    if e.newest_census().detached == 0 {
        return Vec::new();
    }
    let of_elements = suspects.iter().filter(|it| it.rule == Rule::DetachedDom);
    let collections = of_elements.flat_map(|it| it.accumulators.iter().copied());
    let members = collections.flat_map(|collection| all_members(e.heap, collection));
    let told: Vec<NodeOrdinal> = members.flat_map(|member| detached_of(e.heap, member)).collect();
    let told = NodeSet::of(e.heap, tree(e, &told));
    let elements = e.heap.nodes().filter(|&node| {
        is_detached(e.heap, node) && !explained.contains(node) && !told.contains(node)
    });
    let blame = elements.filter(|&node| is_held_by_script(e, node));
    let together = by_holder(e, blame.collect::<Vec<_>>());
    together.iter().filter_map(|together| suspect(e, together)).collect()
}

/// Whether JavaScript holds the element, and not only other elements of its tree.
fn is_held_by_script(e: &Evidence, element: NodeOrdinal) -> bool {
    e.heap.retainers(element).any(|edge| {
        let by = e.heap.node_type(edge.from);
        edge.edge_type != EdgeType::Weak
            && matches!(by, NodeType::Object | NodeType::Closure | NodeType::Array)
    })
}

fn suspect(e: &Evidence, together: &HeldTogether) -> Option<Leak> {
    let holder = together.blame.holder.as_ref()?;
    let elements = together.nodes();
    let tree = tree(e, &elements);
    let retained = e.retained_by(&elements);
    let count = tree.len() as u64;
    if count < FEWEST && retained < LARGE {
        return None;
    }
    let name = holder.spot.name.as_str();
    let (counts, seen) = counts(e, &tree);
    let statements = Statements::about(e.locator, holder, None);
    let tag = tag(e, &elements);
    let root = elements.len() as u64;
    let title = match seen {
        Some(_) => {
            format!("elements that are in no page pile up: {}, kept by `{name}`", series(&counts))
        }
        None => format!(
            "`{name}` keeps {} {} alive that {} in no page",
            number(count),
            plural(count, "element", "elements"),
            plural(count, "is", "are"),
        ),
    };
    let capital = title.replacen("elements", "Elements", usize::from(seen.is_some()));
    let message = format!(
        "{capital} ({} in all). It holds {} `{tag}` {}; an element keeps its parents, its children and \
         what listens to them. They were taken out of the page, or never put into it.",
        size(retained),
        number(root),
        plural(root, "element", "elements"),
    );
    let label =
        format!("keeps {} {} of no page", number(count), plural(count, "element", "elements"));
    let mut places: Vec<Place> = vec![place(Role::Holder, &holder.spot, label, String::new())];
    let here = line_of(&places[0]);
    for add in statements.adds.iter().take(MAX_SHOWN) {
        let message = format!("Adds to `{name}` ({here}), which keeps elements of no page alive.");
        places.push(place_of(&holder.spot, add, "adds here".to_owned(), message));
    }
    if let Some(user) = &together.blame.user {
        let message = format!(
            "`{}` reaches `{name}` ({here}), which keeps elements of no page.",
            user.spot.name
        );
        places.push(place(Role::User, &user.spot, format!("reaches `{name}`"), message));
    }
    let loudness = match seen {
        Some(seen) => severity(e, seen, &statements),
        None => Severity::Information,
    };
    let file = e.locator.relative(holder.spot.path());
    let edges = &together.blame.owner.edges;
    let finding = Finding {
        rule: Rule::DetachedDom,
        severity: loudness,
        certainty: certainty(e, seen.unwrap_or(Trend::Once), &statements),
        fingerprint: fingerprint(Rule::DetachedDom, &[&file, &holder.scope, name]),
        title,
        message,
        help: "let go of an element when it is removed: set what holds it to null, and make functions \
               that outlive it look it up when they need it"
            .to_owned(),
        counts,
        shallow_size: tree.iter().map(|&node| e.heap.self_size(node)).sum(),
        retained_size: retained,
        growth: 0,
        places,
        outside: Vec::new(),
        path: retaining_path::hops(e, edges),
        path_text: retaining_path::in_words(e, Some(holder), edges, &tag),
    };
    Some(Leak::worded(finding, elements, Vec::new(), None))
}

/// The elements of the trees that `elements` belong to.
fn tree(e: &Evidence, elements: &[NodeOrdinal]) -> Vec<NodeOrdinal> {
    let mut seen = NodeSet::of(e.heap, elements.iter().copied());
    let mut open: Vec<NodeOrdinal> = elements.to_vec();
    let mut tree = Vec::new();
    while let Some(node) = open.pop() {
        tree.push(node);
        for edge in e.heap.edges(node) {
            if edge.edge_type != EdgeType::Weak
                && is_detached(e.heap, edge.to)
                && seen.insert(edge.to)
            {
                open.push(edge.to);
            }
        }
    }
    tree
}

/// How many elements of no page there were in each snapshot, if that grows and these are why; else how
/// many these are.
fn counts(e: &Evidence, tree: &[NodeOrdinal]) -> (Vec<u64>, Option<Trend>) {
    let counts: Vec<u64> = e.censuses.iter().map(|census| census.detached).collect();
    let gained = counts[counts.len() - 1].saturating_sub(counts[0]);
    let new = tree.iter().filter(|&&node| e.is_new(node)).count();
    match seen(&counts) {
        Some(seen) if new as f64 >= MOST * gained as f64 => (counts, Some(seen)),
        _ => (vec![tree.len() as u64], None),
    }
}

/// What most of the elements are: `<dialog>`.
fn tag(e: &Evidence, elements: &[NodeOrdinal]) -> String {
    let mut tags: FxHashMap<String, usize> = FxHashMap::default();
    for &element in elements {
        let name = e.heap.name(element);
        let name = name.strip_prefix("Detached ").unwrap_or(&name);
        // What follows the name of the tag is the page's own text.
        let tag = name.trim_start_matches('<').split([' ', '>']).next().unwrap_or_default();
        *tags.entry(format!("<{}>", tag.escape_debug())).or_default() += 1;
    }
    let most = tags
        .into_iter()
        .max_by(|(one, count), (other, others)| count.cmp(others).then_with(|| other.cmp(one)));
    most.map_or_else(String::new, |(tag, _)| tag)
}
