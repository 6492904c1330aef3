use super::*;
use crate::blame::holding::Blame;
use crate::evidence::Form;
use crate::testing::{self, Ran, Told};
use crate::v8::bindings::Binding;
use crate::v8::retainer_walk::BindingPath;
use crate::words::path::path;

/// What is said of the collections of 500 in one snapshot: the titles without sizes, which differ from
/// version to version, the sentence after the title, and the path.
fn told(program: &str) -> Vec<String> {
    Ran::file(program).ask(|e| {
        let large = e.collections_of_newest().filter(|&(_, entries)| entries == 500);
        let large =
            large.map(|(node, entries)| GrowingCollection::new(node, vec![entries], Trend::Once));
        let found = super::told(e, &large.collect::<Vec<_>>(), &[]);
        let tell = |suspect: &Leak| {
            let Told { title, message, .. } = testing::told(suspect);
            let path_text = path(&suspect.steps);
            let (holds, sizes) = title.split_once(" (").expect("it has sizes");
            let together = sizes.split_once("heap").map_or("", |(_, rest)| rest);
            let more = message.strip_prefix(&*title).unwrap_or_default();
            let (more, ask) = more.split_once(" One snapshot").expect("it asks for another");
            let (_, after) = ask.split_once("to know.").expect("it asks for another");
            format!("{holds}{together}{more}{after} {path_text}")
        };
        let mut told: Vec<String> = found.iter().map(tell).collect();
        told.sort();
        told
    })
}

const JOB: &str =
    "class Job { constructor(n) { this.items = Array.from({ length: 90 }, () => ({ n })); } }\n";

#[test]
fn what_two_collections_keep_together_is_told_of_both() {
    let program = format!(
        "{JOB}const byName = {{}}, order = [];
for (let n = 0; n < 500; n++) {{
  const job = new Job(n);
  byName['job ' + n] = job;
  order.push({{ due: n, job }});
}}
globalThis.get = () => [byName, order];"
    );
    let told = told(&program);
    let starts: Vec<&str> = told.iter().filter_map(|it| it.split(". ").next()).collect();
    assert_eq!(
        starts,
        [
            "`byName` holds 500 keys together with `order`)",
            "`order` holds 500 items together with `byName`)",
        ]
    );
}

#[test]
fn what_hangs_on_a_key_that_stays_is_kept_by_the_weak_map() {
    let program = format!(
        "{JOB}const known = new WeakMap(), service = {{ name: 'billing' }};
known.set(service, new Map());
for (let n = 0; n < 500; n++) known.get(service).set(n, new Job(n));
globalThis.get = () => known.get(service);"
    );
    assert_eq!(
        told(&program),
        [
            "`known[…]` holds 500 entries). Line 4 adds to it and nothing removes any. It hangs on the key `service`: a WeakMap keeps a value as long \
          as its key lives. module scope of main.js → known → [key service] → [key] → Job"
        ]
    );
}

#[test]
fn a_private_field_that_became_a_weak_map_is_named_as_it_was_written() {
    // As if a source map said of the class what it was, with what a compiler makes of the field.
    let program = format!(
        "{JOB}const _Store_items = new WeakMap();
class Store {{
  #items;
  constructor() {{
_Store_items.set(this, []);
  }}
}}
const store = new Store();
for (let n = 0; n < 500; n++) _Store_items.get(store).push(new Job(n));
globalThis.get = () => store;"
    );
    assert_eq!(
        told(&program),
        ["`Store.#items` holds 500 items). module scope of main.js → store → #items → […] → Job"]
    );
}

#[test]
fn keys_that_are_data_are_in_no_name() {
    let program = format!(
        "{JOB}const rooms = {{}};
const list = (id) => (rooms[id] ??= []);
for (let n = 0; n < 1_000; n++) {{
  list(['room-aa9003df', 'room-c4293bae'][n % 2]).push(new Job(n));
}}
globalThis.get = () => rooms;"
    );
    let told = told(&program);
    let [told] = &told[..] else { panic!("{told:?}") };
    assert!(told.starts_with("`rooms[…]` holds 1,000 items"), "{told}");
}

#[test]
fn lists_that_one_statement_fills_under_several_keys_are_one() {
    let program = format!(
        "{JOB}const log = {{}};
const levels = ['trace', 'debug', 'warn'];
const state = {{ open: {{ jobs: [] }}, done: {{ jobs: [] }} }};
for (let n = 0; n < 1_500; n++) (log[levels[n % 3]] ??= []).push(new Job(n));
for (let n = 0; n < 500; n++) state.open.jobs.push(new Job(n));
for (let n = 0; n < 500; n++) state.done.jobs.push(new Job(n));
globalThis.get = () => [log, state];"
    );
    let told = told(&program);
    let titles: Vec<&str> =
        told.iter().filter_map(|it| it.split_once(')')).map(|it| it.0).collect();
    let all = [
        "`log[…]` holds 1,500 items",
        "`state.done.jobs` holds 500 items",
        "`state.open.jobs` holds 500 items",
    ];
    assert_eq!(titles, all);
}

#[test]
fn what_is_counted_with_others_does_not_count_by_itself() {
    let nodes: Vec<NodeOrdinal> = Ran::file("").ask(|e| e.heap.nodes().take(3).collect());
    let seen = Trend::Growing { evenness: 1.0, slows: false };
    let inner = GrowingCollection {
        form: Form::Inner(nodes[..2].to_vec()),
        ..GrowingCollection::new(nodes[0], vec![20, 40], seen)
    };
    let part = GrowingCollection::new(nodes[1], vec![10, 20], seen);
    let other = GrowingCollection::new(nodes[2], vec![1, 2], seen);
    let owner =
        BindingPath { binding: Binding::Global { name: "rooms".to_owned() }, edges: Vec::new() };
    let group = Group {
        blame: Blame::new(owner, None),
        name: "rooms".to_owned(),
        place: None,
        collections: vec![&inner, &part, &other],
        cache: None,
        inside: String::new(),
        beside: Vec::new(),
    };
    assert_eq!(group.counts(), [21, 42]);
}
