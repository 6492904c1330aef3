//! What keeps a collection small, by the ways in which people write that.
//!
//! Each text says behind `//:` what its line does to the collection `held`: nothing, where nothing is said.

mod marked;

use std::collections::BTreeSet;
use std::fmt::Write;

use heapmark_source::{Handed, Inside, Mutation, MutationKind, Target};
use marked::{parse, said};

/// What the lines do, from what was found.
fn done(found: &[Mutation]) -> BTreeSet<(usize, String)> {
    let word = |it: &Mutation| {
        let mut word = match (it.kind, it.expires) {
            (MutationKind::Removes, Some(_)) => "expires".to_owned(),
            (kind, _) => kind.as_str().to_owned(),
        };
        if let Some(limit) = &it.limit {
            let _ = write!(word, " {}", limit.value);
        }
        word + if it.nested { " inside" } else { "" }
    };
    found.iter().map(|it| (it.range.start.line as usize + 1, word(it))).collect()
}

/// The variable `held`.
#[track_caller]
fn check(text: &str) {
    let file = parse("file.js", text);
    let at = file.position(text.find("held").expect("the name is in the text"));
    let declaration = file.declaration("held", at).expect("the name is declared");
    let found = file.mutations(&Target::Variable(&declaration));
    assert_eq!(done(&found), said(text), "{text}");
}

/// The field `held` of the first class.
#[track_caller]
fn check_field(text: &str, name: &str) {
    let file = parse("file.js", text);
    let target = Target::Field { class: &file.classes()[0], name, is_static: false };
    assert_eq!(done(&file.mutations(&target)), said(text), "{text}");
}

#[test]
fn a_function_does_to_its_argument_what_it_does_to_its_parameter() {
    check(
        "
const held = [];
const MAX = 500;
function trim(list, most) {
  if (list.length > most) list.shift(); //: guards, removes
}
const push = (list, item) => list.push(item); //: adds
const bounded = (list, item) => { push(list, item); trim(list, MAX); };
bounded(held, 1);
",
    );
    // What is handed to a function is not what it does to others.
    check("const held = [], other = [];\nfunction cut(list) { list.shift(); }\ncut(other);\n");
    // An entry of it is inside.
    check(
        "
const held = new Map();
function drop(members, one) {
  members.delete(one); //: removes inside
}
const leave = (name, one) => drop(held.get(name), one);
",
    );
}

#[test]
fn what_has_the_field_may_be_handed_over_too() {
    check_field(
        "
class Store {
  held = new Map();
  get(key) { return load(this, key); }
  drop(key) { Store.remove(this.held, key); }
  static remove(map, key) {
    map.delete(key); //: removes
  }
}
function load(self, key) {
  self.held.set(key, read(key)); //: adds
}
const KEY = Symbol('held');
",
        "held",
    );
}

#[test]
fn a_function_of_another_module_is_named_with_what_it_gets() {
    let text = "
const { trim } = require('./trim.js');
import * as lists from './lists.mjs';
import cut from './cut.js';
const held = [], state = { held };
function add(item) {
  held.push(item);
  trim(held, 500);
  lists.last(5, held);
  cut(held[0]);
  require('lodash').pull(held, item);
}
";
    let file = parse("file.js", text);
    let declaration = file.declaration("held", file.position(text.find("held").unwrap()));
    let found = file.handed(&Target::Variable(&declaration.expect("it is declared")));
    let written = |it: &Handed| {
        format!("{} {} {} {}", it.module, it.function.join("."), it.argument, it.nested)
    };
    let found: Vec<String> = found.iter().map(written).collect();
    assert_eq!(
        found,
        ["./trim.js trim 0 false", "./lists.mjs last 1 false", "./cut.js default 0 true"]
    );
}

#[test]
fn what_an_exported_function_does_to_what_it_gets() {
    let handed = |function: &[&str], argument, rest: &[&str]| Handed {
        module: "./trim.js".to_owned(),
        function: function.iter().map(|&it| it.to_owned()).collect(),
        argument,
        rest: rest.iter().map(|&it| it.to_owned()).collect(),
        nested: false,
        exact: true,
    };
    for (text, function, argument, rest) in [
        (
            "\nexports.trim = (list, most) => { if (list.length > most) list.shift(); }; //: guards, removes\n",
            &["trim"][..],
            0,
            &[][..],
        ),
        (
            "\nfunction trim(most, list) { if (list.length > 9) list.shift(); } //: guards 9, removes\nmodule.exports = { trim };\n",
            &["trim"],
            1,
            &[],
        ),
        (
            "\nmodule.exports = {\n  trim(list) { list.shift(); }, //: removes\n};\n",
            &["trim"],
            0,
            &[],
        ),
        (
            "\nexport function trim(list) { shift(list); }\nconst shift = (it) => it.shift(); //: removes\n",
            &["trim"],
            0,
            &[],
        ),
        (
            "\nexport default function (self) { self.held.clear(); } //: removes\n",
            &["default"],
            0,
            &["held"],
        ),
        ("\nmodule.exports = function trim(list) { list.shift(); }; //: removes\n", &[], 0, &[]),
    ] {
        let found = parse("trim.js", text).mutations_of_argument(&handed(function, argument, rest));
        assert_eq!(done(&found), said(text), "{text}");
    }
}

#[test]
fn a_counter_beside_it_bounds_it() {
    check(
        "
let held = {}, count = 0;
function add(key, value) {
  if (++count > 5_000) { //: guards 5000
    held = {}; //: removes
    count = 0;
  }
  held[key] = value; //: adds
}
",
    );
    check_field(
        "
class Cache {
  #size = 0; #max; #map = new Map();
  constructor({ max }) { this.#max = max; }
  #evict() {
    this.#map.delete(this.#map.keys().next().value); //: removes
    this.#size--;
  }
  set(key, value) {
    const at = this.#size === this.#max ? this.#evict() : this.#size; //: guards
    this.#map.set(key, value); //: adds
    this.#size++;
  }
}
",
        "#map",
    );
    // Its places, as the published package is written in short.
    check_field(
        "
class Lru {
  #keys; #n = 0; #max;
  constructor(max) { this.#max = max; this.#keys = new Array(max).fill(void 0); }
  #evict() {
    const at = this.#first();
    this.#keys[at] = void 0; //: removes
    return this.#n--, at;
  }
  set(key) {
    let at = this.#n === this.#max ? this.#evict() : this.#n; //: guards
    this.#keys[at] = key, this.#n++; //: adds
  }
  clear() {
    this.#keys.fill(void 0); //: removes
    this.#n = 0;
  }
}
",
        "#keys",
    );
    check_field(
        "
class TwoGenerations {
  cache = new Map(); old = new Map(); _size = 0;
  set(key, value) {
    this.cache.set(key, value); //: adds
    this._size++;
    if (this._size >= this.maxSize) { //: guards
      this._size = 0;
      this.old = this.cache;
      this.cache = new Map(); //: removes
    }
  }
}
",
        "cache",
    );
    check_field(
        "
class Refuses {
  constructor() { this.data = {}; this.stats = { keys: 0 }; }
  set(key, value) {
    if (this.stats.keys >= this.most) throw new Error('full'); //: guards
    this.data[key] = value; //: adds
    this.stats.keys++;
  }
  del(key) {
    delete this.data[key]; //: removes
    this.stats.keys--;
  }
}
",
        "data",
    );
}

#[test]
fn a_sum_of_bytes_bounds_it_and_is_no_number_of_entries() {
    check(
        "
const held = new Map();
let bytes = 0;
function put(key, text) {
  held.set(key, text); //: adds
  bytes += text.length;
  while (bytes > 500_000) { //: guards
    const [first, old] = held.entries().next().value;
    held.delete(first); //: removes
    bytes -= old.length;
  }
}
",
    );
}

#[test]
fn a_counter_of_something_else_bounds_nothing() {
    // How many are at work.
    check(
        "
const held = [];
let active = 0;
function run(job) {
  if (active >= 4) {
    held.push(job); //: adds
    return;
  }
  active++;
  job(() => {
    active--;
    next();
  });
}
function next() {
  while (active < 4 && held.length > 0) run(held.shift()); //: removes
}
",
    );
    // How often it went wrong.
    check(
        "
const held = new Map();
let errors = 0;
function open(id) {
  held.set(id, make(id)); //: adds
}
function fail(id) {
  if (++errors > 5) {
    held.delete(id); //: removes
  }
}
",
    );
}

#[test]
fn it_may_begin_anew_every_so_often() {
    check(
        "
const held = new Map();
let n = 0;
function add(key, value) {
  held.set(key, value); //: adds
  if (++n % 1_000 === 0) { //: guards 1000
    held.clear(); //: removes
  }
}
",
    );
}

#[test]
fn a_getter_or_a_method_may_give_the_size() {
    check_field(
        "
class Fifo {
  constructor(max) { this.max = max; this.items = new Map(); }
  get size() { return this.items.size; }
  set(key, value) {
    if (this.max > 0 && this.size === this.max) //: guards
      this.items.delete(this.items.keys().next().value); //: removes
    this.items.set(key, value); //: adds
  }
}
",
        "items",
    );
    check_field(
        "
class Jobs {
  list = [];
  count() { return this.list.length; }
  add(job) {
    if (this.count() >= 100) return; //: guards 100
    this.list.push(job); //: adds
  }
}
",
        "list",
    );
}

#[test]
fn a_key_that_repeats_bounds_what_is_added_under_it() {
    check(
        "const held = [];\nlet next = 0;\nfunction add(it) {\n  held[next++ % SIZE] = it; //: adds, guards\n}\n",
    );
    check(
        "const held = [];\nfunction add(it) {\n  const at = it.id % 64;\n  held[at] = it; //: adds, guards\n}\n",
    );
    check(
        "const held = new Map();\nfunction add(i) {\n  held.set('room ' + i % 20, i); //: adds, guards\n}\n",
    );
    check(
        "const held = new Map();\nfunction add(i) {\n  held.set(`room ${i % 20}`, i); //: adds, guards\n}\n",
    );
    check(
        "const held = new Map();\nfunction add(i) {\n  held.set(`${i % 20} ${i}`, i); //: adds\n}\n",
    );
    check("const held = new Map();\nfunction add(i) {\n  held.set(i, i % 20); //: adds\n}\n");
    // A hash may be any number.
    check(
        "const held = new Map();\nfunction add(i) {\n  held.set((i * 31) % 1_000_000_007, i); //: adds\n}\n",
    );
    check(
        "const held = new Map();\nfunction add(i) {\n  const key = hash(i) % 2 ** 32;\n  held.set(key, i); //: adds\n}\n",
    );
    check_field(
        "
class Journal {
  entries = [];
  n = 0;
  write(it) {
    this.entries[this.n] = it; //: adds, guards
    this.n = (this.n + 1) % SIZE;
  }
}
",
        "entries",
    );
}

#[test]
fn a_parameter_repeats_if_all_that_is_handed_to_it_does() {
    let users = |calls: &str, said: &str| {
        let text = "const held = new Map();\nfunction user(id) {\n  if (!held.has(id)) held.set(id, {}); //: SAID\n}\n";
        check(&(text.replace("SAID", said) + calls));
    };
    users(
        "function request(i) { const id = (i * 7) % 3_000; user(id); user(i % 10); }\n",
        "adds, guards",
    );
    users("function request(i) { user(i % 10); user(i); }\n", "adds");
    users("", "adds");
}

#[test]
fn what_is_taken_out_for_what_a_ring_writes_over_is_bounded_like_the_ring() {
    check(
        "
const held = new Map(), ring = [];
function put(key, value) {
  const at = next++ % SIZE;
  const old = ring[at];
  if (old) held.delete(old.key); //: removes, guards
  ring[at] = { key, value };
  held.set(key, at); //: adds
}
",
    );
}

#[test]
fn an_end_of_it_that_is_assigned_back_has_a_length() {
    for (cut, said) in [
        ("held = held.slice(-500);", "guards, removes"),
        ("held = held.slice(0, MAX);", "guards, removes"),
        ("held = held.slice(held.length - MAX);", "guards, removes"),
        ("held = _.takeRight(held, MAX);", "guards, removes"),
        ("held.length = Math.min(held.length, MAX);", "guards, removes"),
        ("held.length = 500;", "guards, removes"),
        ("held.splice(MAX);", "guards, removes"),
        ("held.splice(0, held.length - MAX);", "guards, removes"),
        ("held.splice(0, Math.max(0, held.length - MAX));", "guards, removes"),
        ("const over = held.length - MAX; if (over > 0) held.splice(0, over);", "guards, removes"),
        // A queue, of which the first is taken.
        ("held = held.slice(1);", "removes"),
        ("held = held.slice(0, -1);", "removes"),
        ("held = held.slice(taken);", "removes"),
        ("held.splice(at, 1);", "removes"),
        ("held.length = 0;", "removes"),
    ] {
        check(&format!("let held = [];\nfunction cut() {{ {cut} }} //: {said}\n"));
    }
}

#[test]
fn that_somebody_is_told_bounds_nothing() {
    check(
        "
const held = [];
function add(item) {
  held.push(item); //: adds
  if (held.length > 1_000) console.warn('there are many');
  if (held.length > 1_000) metrics.increment('full');
  if (held.length > 1_000 && !warned) { warned = true; log.warn('there are many'); }
  if (held.length > 2_000) { log.warn('too many'); return; } //: guards 2000
}
",
    );
}

#[test]
fn a_class_that_is_a_collection_may_bound_itself() {
    let text = "
class Recent extends Map {
  set(key, value) {
    super.set(key, value); //: adds
    if (this.size > this.max) this.delete(this.keys().next().value); //: guards, removes
  }
}
class Other extends Map {
  set(key, value) { super.set(key, value); if (this.size > 3) this.clear(); }
}
";
    let file = parse("file.js", text);
    let found = file.mutations(&Target::Instance(&file.classes()[0]));
    assert_eq!(done(&found), said(text));
}

#[test]
fn what_is_inside_an_entry_is_reached_by_its_way() {
    let text = "
const held = new Map();
function add(name, item) {
  let room = held.get(name);
  if (!room) held.set(name, (room = { messages: [], members: [] }));
  room.members.push(item.by);
  room.messages.push(item); //: adds
  if (room.messages.length > 400) room.messages.shift(); //: guards 400, removes
}
const trim = (room) => { room.messages = room.messages.slice(-20); }; //: guards, removes
const trimmed = (name) => trim(held.get(name));
";
    let file = parse("file.js", text);
    let declaration = file.declaration("held", file.position(7)).expect("it is declared");
    let inside = [Inside::Entry, Inside::Property("messages".to_owned())];
    let found = file.mutations_inside(&Target::Variable(&declaration), &inside);
    assert_eq!(done(&found), said(text));
}

#[test]
fn a_local_may_stand_for_one_of_several() {
    let text = "
const held = { info: [], error: [] };
function add(level, item) {
  const list = held[level];
  list.push(item); //: adds
  if (list.length > 2_000) list.shift(); //: guards 2000, removes
}
";
    let file = parse("file.js", text);
    let variable = file.declaration("held", file.position(7)).expect("it is declared");
    let found = file.mutations(&Target::Path { variable: &variable, path: &["info"] });
    assert_eq!(done(&found), said(text));
    assert!(found.iter().all(|it| !it.exact), "nobody knows which of them it is");
}

#[test]
fn a_private_field_may_be_read_as_a_compiler_writes_it() {
    check(
        "
let held = new WeakMap();
class Queue {
  constructor() { held.set(this, []); } //: adds
  push(job) { __classPrivateFieldGet(this, held, 'f').push(job); } //: adds inside
  take() { return __classPrivateFieldGet(this, held, 'f').shift(); } //: removes inside
}
",
    );
}

#[test]
fn a_timer_that_is_started_with_an_entry_ends_its_time() {
    check(
        "
const held = new Map();
function add(key, value) {
  held.set(key, value); //: adds
  setTimeout(() => held.delete(key), 15_000).unref(); //: expires
}
",
    );
    check_field(
        "
class Pending {
  calls = new Map();
  ask(id) {
    return new Promise((resolve) => {
      this.calls.set(id, resolve); //: adds
      this.expire(id);
    });
  }
  expire(id) { setTimeout(() => this.forget(id), 5_000); }
  forget(id) {
    this.calls.delete(id); //: expires
  }
}
",
        "calls",
    );
    // It waits for something else: who never leaves stays for ever.
    check(
        "
const held = new Map();
function join(id, socket) {
  held.set(id, socket); //: adds
}
function leave(id) {
  setTimeout(() => held.delete(id), 30_000); //: removes
}
",
    );
    // A worker that takes one after the other may be too slow.
    check(
        "
const held = [];
function add(job) {
  held.push(job); //: adds
  setTimeout(() => run(held.shift()), 10); //: removes
}
",
    );
}

#[test]
fn what_is_old_is_swept() {
    check(
        "
const held = new Map();
const add = (key) => held.set(key, { expires: Date.now() + TTL }); //: adds
setInterval(() => {
  const now = Date.now();
  for (const [key, it] of held) if (it.expires < now) held.delete(key); //: expires
  const t = this.clock.now();
  for (const [key, it] of held) if (it.until <= t) held.delete(key); //: expires
}, 500).unref();
",
    );
    check(
        "
let held = [];
const add = (it) => held.push({ it, at: Date.now() }); //: adds
function sweep() {
  const oldest = Date.now() - TTL;
  held = held.filter((it) => it.at > oldest); //: expires
}
",
    );
    check(
        "
const held = {};
function sweep(now) {
  Object.keys(held).forEach((key) => {
    if (held[key].reset < now) delete held[key]; //: expires
  });
}
setInterval(sweep, 1_000);
",
    );
    check(
        "
const held = [];
setInterval(flush, 1_000);
function flush() {
  send(held);
  held.length = 0; //: expires
}
",
    );
    // However it is spaced: minified code has no spaces.
    check("const held=[];setInterval(()=>{send(held);\nheld.length=0; //: expires\n},1e3);\n");
    // What nobody asks for again is never found to be old.
    check(
        "
const held = new Map();
function get(key) {
  const it = held.get(key);
  if (it.expires < Date.now()) held.delete(key); //: removes
}
",
    );
    // Who is done is taken out, who is not stays.
    check(
        "
const held = new Set();
setInterval(() => {
  for (const it of held) if (it.closed) held.delete(it); //: removes
}, 500);
",
    );
}

#[test]
fn the_number_of_a_limit_is_where_it_is_written() {
    let text = "const MOST = 4 * 1_000;\nconst MAX = MOST;\nconst held = [];\nif (held.length >= MAX) held.shift();\n";
    let file = parse("file.js", text);
    let held = file.declaration("held", file.position(text.find("held").unwrap())).unwrap();
    let found = file.mutations(&Target::Variable(&held));
    let limit = found[0].limit.as_ref().expect("it is known");
    assert_eq!((limit.value, limit.name.as_str()), (4_000, "MAX"));
    assert_eq!(limit.range.start.line, 0);
}

#[test]
fn a_mask_repeats_keys_like_a_remainder() {
    check(
        "
const held = [];
const SIZE = 4096, MASK = SIZE - 1;
let next = 0;
function note(item) {
  held[next++ & MASK] = item; //: adds, guards
}
",
    );
    // What a hash is cut to is any number.
    check(
        "
const held = [];
const put = (hash, item) => {
  held[hash & 0x7fffffff] = item; //: adds
};
",
    );
}

#[test]
fn a_place_that_begins_anew_at_a_limit_repeats() {
    check_field(
        "
class Log {
  constructor(size) { this.size = size; this.held = []; this.cursor = 0; }
  note(item) {
    this.held[this.cursor] = item; //: adds, guards
    if (++this.cursor === this.size) this.cursor = 0;
  }
}
",
        "held",
    );
}

#[test]
fn who_leaves_as_long_as_there_is_room_takes_out_behind_that() {
    check_field(
        "
class Blobs {
  held = new Map();
  #bytes = 0;
  constructor(budget) { this.budget = budget; }
  put(name, blob) {
    this.#drop(name);
    this.held.set(name, blob); //: adds
    this.#bytes += blob.length;
    for (const oldest of this.held.keys()) {
      if (this.#bytes <= this.budget) break; //: guards
      this.#drop(oldest);
    }
  }
  #drop(name) {
    const blob = this.held.get(name);
    if (blob) {
      this.held.delete(name); //: removes
      this.#bytes -= blob.length;
    }
  }
}
",
        "held",
    );
}

#[test]
fn what_is_emptied_every_so_often_is_bounded_whatever_counts() {
    check_field(
        "
class Account {
  constructor() { this.state = { balance: 0, version: 0 }; this.held = []; }
  apply(event) {
    this.held.push(event); //: adds
    this.state = { balance: this.state.balance + event.amount, version: this.state.version + 1 };
    if (this.state.version % 5000 === 0) this.compact(); //: guards
  }
  compact() {
    this.held = [{ type: 'snapshot', ...this.state }]; //: removes
  }
}
",
        "held",
    );
    // By somebody else it may never be.
    check(
        "
let held = [];
const add = (item) => held.push(item); //: adds
function tick(n) {
  if (n % 60 === 0) held = []; //: removes
}
",
    );
}

#[test]
fn keys_that_a_fixed_table_has_are_bounded_by_it() {
    check(
        "
const held = new Map();
const known = new Set(require('./columns.json'));
function describe(name) {
  if (!known.has(name)) throw new TypeError(name);
  let found = held.get(name);
  if (!found) held.set(name, (found = new Descriptor(name))); //: adds, guards
  return found;
}
",
    );
    check(
        "
const held = new Map();
const LOCALES = ['en', 'de'], MESSAGES = ['pay', 'back'];
function message(locale, id) {
  if (!LOCALES.includes(locale)) locale = 'en';
  if (!MESSAGES.includes(id)) throw new RangeError(id);
  const key = `${locale}/${id}`;
  if (!held.has(key)) held.set(key, compile(locale, id)); //: adds, guards
  return held.get(key);
}
",
    );
    check(
        "
const held = {};
const known = ['a', 'b'];
function count(name) {
  if (known.includes(name)) {
    held[name] = (held[name] ?? 0) + 1; //: adds, guards
  }
}
",
    );
    // One part of the key is any.
    check(
        "
const held = new Map();
const LOCALES = ['en', 'de'];
function message(locale, id) {
  if (!LOCALES.includes(locale)) return;
  held.set(`${locale}/${id}`, id); //: adds
}
",
    );
    // The table grows itself, and what it loses stays here.
    check(
        "
const held = new Map();
const sessions = new Map();
const open = (id) => sessions.set(id, {});
function visit(id) {
  if (!sessions.has(id)) return;
  held.set(id, []); //: adds
}
",
    );
    // What is looked up is what is not there yet.
    check(
        "
const held = new Set();
const known = ['a', 'b'];
function visit(id) {
  if (known.includes(id)) return;
  held.add(id); //: adds
}
",
    );
}

#[test]
fn what_has_only_places_below_a_limit_is_bounded() {
    check(
        "
const SIZE = 1_000;
const held = [];
let seen = 0;
function sample(value) {
  const slot = seen < SIZE ? seen : Math.floor(Math.random() * seen);
  seen++;
  if (slot < SIZE) held[slot] = value; //: adds, guards 1000
}
",
    );
    check(
        "
const held = [];
function put(slot, value) {
  if (slot >= 64) return; //: guards 64
  held[slot] = value; //: adds
}
",
    );
    // Another place is compared, or nothing hangs on it.
    check(
        "
const held = [];
function put(slot, at, value) {
  if (slot < 64) held[at] = value; //: adds
  if (at < 64) note(at);
  held[at] = value; //: adds
}
",
    );
}
