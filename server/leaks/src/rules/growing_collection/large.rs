//! Which collections of a single snapshot are suspiciously large. Whether they grow, one snapshot cannot tell.

use heapmark_heap::{CollectionKind, NodeOrdinal, NodeType};

use crate::evidence::members::members;
use crate::evidence::{Evidence, GrowingCollection};
use crate::rules::growing_collection::linked_entries::Lists;
use crate::rules::retained_after_close::Defunct;
use crate::v8::members::all_members;
use crate::v8::sites::most_frequent;
use crate::verdict::thresholds::growing_collection::{
    MAX_SHARE_OF_PROPERTY, MIN_IN_ONE, MIN_SHARE_IN_ONE, MIN_SHARE_OF_FUNCTION,
};
use crate::verdict::trend::Trend;

/// The large collections of a single snapshot.
pub(crate) fn large(e: &Evidence) -> Vec<GrowingCollection> {
    let lists = Lists::of(&e.newest_census().lists);
    let is_large = |node, entries: u64| {
        entries >= MIN_IN_ONE
            && (is_large(e, e.heap.retained_size(node)) && !is_namespace(e, node)
                || is_large_with_its_list(e, &lists, node))
    };
    e.collections_of_newest()
        // The global object holds all of Node.
        .filter(|&(node, entries)| {
            !e.shapes.is_global(node)
                && (is_large(node, entries) || Defunct::of(e, &members(e, node)).is_some())
        })
        .map(|(node, entries)| GrowingCollection::new(node, vec![entries], Trend::Once))
        .collect()
}

/// Whether so many bytes are much of a single snapshot.
pub(crate) fn is_large(e: &Evidence, bytes: u64) -> bool {
    bytes as f64 >= MIN_SHARE_IN_ONE * e.heap.total_size() as f64
}

/// Whether the entries of a collection hang together in a list, too, and both keep much: neither keeps them alone.
fn is_large_with_its_list(e: &Evidence, lists: &Lists, node: NodeOrdinal) -> bool {
    let mut keepers = lists.ends(&all_members(e.heap, node));
    // What has both is asked first: it is known already, and the other is a walk through the heap.
    let has_much = |&end: &NodeOrdinal| is_large(e, e.heap.retained_size(e.heap.dominator(end)));
    if !keepers.iter().any(has_much) {
        return false;
    }
    keepers.push(node);
    is_large(e, e.retained_by(&keepers))
}

/// Whether an object or function with many properties is no table of things of a kind: it has methods, or most
/// of what it keeps is in one of them.
fn is_namespace(e: &Evidence, node: NodeOrdinal) -> bool {
    if !matches!(e.heap.collection_kind(node), Some(CollectionKind::Dictionary) | None) {
        return false;
    }
    let values = all_members(e.heap, node);
    let most = values.iter().map(|&it| e.heap.retained_size(it)).max().unwrap_or(0) as f64;
    let is_function = |it: &NodeOrdinal| e.heap.node_type(*it) == NodeType::Closure;
    let functions: Vec<NodeOrdinal> = values.iter().copied().filter(is_function).collect();
    let of_one = most_frequent(e.heap, &functions).map_or(0, |(_, all)| all.len()) as f64;
    most > MAX_SHARE_OF_PROPERTY * e.heap.retained_size(node) as f64
        || 2 * functions.len() > values.len()
            && of_one < MIN_SHARE_OF_FUNCTION * functions.len() as f64
}

#[cfg(test)]
mod tests {
    use crate::testing::drawn::{each, map, said, variable};

    const CACHES: &str = "const index = new Map();
let newest = null;
let oldest = null;
function put(key) {
  index.set(key, newest);
}
";

    /// A cache: a map of so many entries that are linked both ways in the order of their use.
    fn cache(count: usize) -> String {
        let links = "entry_{n} --property before--> entry_{before}
             entry_{before} --property next--> entry_{n}";
        format!(
            "scope --context index--> index
             scope --context oldest--> entry_0
             scope --context newest--> entry_{}
             ",
            count - 1
        ) + &map("index", count, "entry_{entry}")
            + &each(0..count, "entry_{n}: object Object 400")
            + &each(1..count, links)
    }

    #[test]
    fn entries_that_are_in_a_map_and_in_a_list_are_told_of_the_map_with_all_that_both_keep() {
        let told = said(CACHES, [cache(1_500)]);
        let begins = "information growing-collection main.js:1 `index` holds 1,500 entries (693 kB";
        assert!(told.len() == 1 && told[0].starts_with(begins), "{told:?}");
    }

    const CONNECTS: &str = "const db = connect();
function query() {}
function insert() {}
function remove() {}
";

    #[test]
    fn an_object_with_many_properties_is_no_table_if_most_is_in_one_of_them() {
        let db = |largest: usize| {
            variable("db", "object Object 64")
                + &each(0..120, "db --property part{n}--> part{n}\npart{n}: object Object 400")
                + "db --property pool--> pool\n"
                + &format!("pool: object Pool {largest}\n")
        };
        assert_eq!(
            said(CONNECTS, [db(400)]),
            [
                "information growing-collection main.js:1 `db` holds 121 keys (48 kB, 99 % of the heap)"
            ]
        );
        assert_eq!(said(CONNECTS, [db(100_000)]), [""; 0]);
    }

    #[test]
    fn nor_is_one_that_has_methods() {
        let db = |functions: [&str; 3]| {
            let of = |(index, function): (usize, &str)| {
                let lines = format!(
                    "db --property {function}{index}{{n}}--> method{index}_{{n}}
                     method{index}_{{n}}: closure {function} 400 at {function}"
                );
                each(0..50, &lines)
            };
            let methods: String = functions.into_iter().enumerate().map(of).collect();
            variable("db", "object Object 64") + &methods
        };
        assert_eq!(said(CONNECTS, [db(["query", "insert", "remove"])]), [""; 0]);
        let told = said(CONNECTS, [db(["query"; 3])]);
        assert!(told[0].contains("`db` holds 150 keys"), "{told:?}");
    }
}
