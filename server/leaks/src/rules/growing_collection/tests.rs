use super::*;
use crate::blame::holding::Blame;
use crate::evidence::Form;
use crate::testing::{self, Ran, Told};
use crate::v8::bindings::Binding;
use crate::v8::retainer_walk::BindingPath;
use crate::verdict::trend::Trend;
use crate::words::path::path;

/// What is said of the collections of 500 in one snapshot: the titles without sizes, which differ from
/// version to version, the sentence after the title, and the path.
fn told(program: &str) -> Vec<String> {
    told_of(&[("main.js", program)])
}

/// The same of a program of several files.
fn told_of(files: &[(&str, &str)]) -> Vec<String> {
    Ran::modules(files).ask(|e| {
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

/// What is said of who adds and removes, of the only collection.
#[track_caller]
fn statements_said(files: &[(&str, &str)]) -> String {
    let told = told_of(files);
    let [told] = &told[..] else { panic!("{told:?}") };
    let (_, said) = told.split_once("). ").unwrap_or_else(|| panic!("no sentence: {told}"));
    said.to_owned()
}

const ADDS: &str =
    "class Job { constructor(n) { this.items = Array.from({ length: 90 }, () => ({ n })); } }
for (let n = 0; n < 500; n++) add(n);
";

#[test]
fn what_a_helper_of_another_file_does_to_each_of_several_is_seen() {
    let main = format!(
        "const {{ reset }} = require('./helpers.js');
const jobs = new Map(), others = new Map();
function add(n) {{ jobs.set(n, new Job(n)); }}
exports.clear = () => reset(jobs, others);
{ADDS}globalThis.get = () => [jobs, exports.clear];"
    );
    let helpers = "exports.reset = (...maps) => { for (const map of maps) map.clear(); };\n";
    assert_eq!(
        statements_said(&[("main.js", &main), ("helpers.js", helpers)]),
        "`add` adds to it (line 3); what helpers.js:1 removes is less than what comes. module scope of main.js → \
         jobs → [key] → Job"
    );
}

#[test]
fn who_adds_to_what_is_inside_an_export_is_seen() {
    let main = format!(
        "function add(n) {{ require('./state.js').state.jobs.set(n, new Job(n)); }}
exports.drop = (n) => require('./state.js').state.jobs.delete(n);
{ADDS}globalThis.get = () => exports.drop;"
    );
    let state = "const state = { jobs: new Map(), other: [] };
exports.state = state;
globalThis.size = () => state.jobs.size;
";
    let said = statements_said(&[("main.js", &main), ("state.js", state)]);
    let expected = "`add` adds to it (main.js:1); what main.js:2 removes is less than what comes.";
    assert!(said.starts_with(expected), "{said}");
}

#[test]
fn a_limit_among_the_options_in_another_file_is_named() {
    let main = format!(
        "const {{ Cache }} = require('./cache.js');
const jobs = new Cache({{ max: 2_000 }});
function add(n) {{ jobs.set(n, new Job(n)); }}
{ADDS}globalThis.get = () => jobs;"
    );
    let cache = "exports.Cache = class Cache {
  #entries = new Map();
  #max;
  constructor({ max = 100 } = {}) { this.#max = max; }
  set(key, value) {
    this.#entries.set(key, value);
    if (this.#entries.size > this.#max) this.#entries.delete(this.#entries.keys().next().value);
  }
};
";
    let said = statements_said(&[("main.js", &main), ("cache.js", cache)]);
    let expected =
        "`Cache.set` adds to it (line 6). Not full yet: 500 of at most 2,000 (main.js:2).";
    assert!(said.starts_with(expected), "{said}");
}

#[test]
fn what_is_handed_to_code_that_nobody_read_may_lose_some_there() {
    let main = format!(
        "const jobs = new Map();
const janitor = {{ ...require('janitor') }};
janitor.watch(jobs);
function add(n) {{ jobs.set(n, new Job(n)); }}
{ADDS}globalThis.get = () => jobs;"
    );
    let janitor = "exports.watch = (map) => { globalThis.sweep = () => map.clear(); };\n";
    let said = statements_said(&[("main.js", &main), ("node_modules/janitor/index.js", janitor)]);
    let expected = "`add` adds to it (line 4) and nothing here removes any; it is handed to `janitor.watch` (line \
                    3), which was not read.";
    assert!(said.starts_with(expected), "{said}");
}

#[test]
fn the_way_to_a_field_begins_at_an_instance() {
    let program = format!(
        "class Queue {{ jobs = []; static all = []; }}
const queue = new Queue();
function add(n) {{ queue.jobs.push(new Job(n)); }}
{ADDS}globalThis.get = () => new WeakRef(queue);
globalThis.queue = queue;"
    );
    let said = statements_said(&[("main.js", &program)]);
    assert!(!said.contains("class Queue"), "{said}");
}

#[test]
fn the_limit_of_a_class_that_extends_map_is_followed_to_whoever_makes_one() {
    let bounded = "exports.BoundedMap = class BoundedMap extends Map {
  constructor(max) { super(); this.max = max; }
  set(key, value) {
    super.set(key, value);
    while (this.size > this.max) this.delete(this.keys().next().value);
    return this;
  }
};
";
    let main = "const { BoundedMap } = require('./bounded.js');
const max = Number(process.env.MOST_AVATARS ?? 4000);
const avatars = new BoundedMap(max);
for (let n = 0; n < 500; n++) avatars.set('user ' + n, { n });
globalThis.avatar = (user) => avatars.get(user);
";
    let told = told_of(&[("main.js", main), ("bounded.js", bounded)]);
    assert!(told[0].contains("500 of at most 4,000"), "{told:?}");
}
