//! The ways on which people get at a collection other than by its name, and what they do to it there.
//!
//! Each text says behind `//:` what its line does to the collection `held`: nothing, where nothing is said.

mod marked;

use std::collections::BTreeSet;

use heapmark_source::{Mutation, Target};
use marked::{parse, said};

/// What the lines do, from what was found.
fn done(found: &[Mutation]) -> BTreeSet<(usize, String)> {
    let word =
        |it: &Mutation| format!("{}{}", it.kind.as_str(), if it.nested { " inside" } else { "" });
    found.iter().map(|it| (it.range.start.line as usize + 1, word(it))).collect()
}

/// The variable `held`, in texts between which an empty line stands.
#[track_caller]
fn check(texts: &str) {
    for text in texts.trim().split("\n\n") {
        let file = parse("file.js", text);
        let at = file.position(text.find("held").expect("the name is in the text"));
        let declaration = file.declaration("held", at).expect("the name is declared");
        let found = file.mutations(&Target::Variable(&declaration));
        assert_eq!(done(&found), said(text), "{text}");
    }
}

/// The field of the first class, in texts between which an empty line stands.
#[track_caller]
fn check_field(name: &str, texts: &str) {
    for text in texts.trim().split("\n\n") {
        let file = parse("file.ts", text);
        let target = Target::Field { class: &file.classes()[0], name, is_static: false };
        assert_eq!(done(&file.mutations(&target)), said(text), "{text}");
    }
}

#[test]
fn a_loop_over_several_reaches_each() {
    check(
        "
const held = new Map(), other = new Map();
for (const it of [held, other]) it.clear(); //: removes

const held = new Map(), other = new Map();
const all = [held, other];
function reset() {
  for (const it of all) it.clear(); //: removes
}

const held = new Map();
const all = { held, other };
for (const it of Object.values(all)) it.clear(); //: removes

const held = new Map();
const all = new Map([['held', held], ['other', other]]);
for (const [name, it] of all) it.delete(name); //: removes

const held = new Map();
const all = new Set([held]);
for (let it of [...all.values()]) it.delete(1); //: removes

const held = new Map();
const all = { byId: held };
for (const [, it] of Object.entries(all)) it.clear(); //: removes

const held = [], other = [];
for (const { list } of [{ list: held }]) list.length = 0;

const held = [], other = [];
for (const at in [held, other]) at.pop();
",
    );
}

#[test]
fn a_function_that_is_called_for_each_reaches_each() {
    check(
        "
const held = new Set(), other = new Set();
const leave = (x) => [held, other].forEach((set) => set.delete(x)); //: removes

const held = new Map(), other = new Map();
const all = [held, other];
all.forEach(function (it) {
  it.clear(); //: removes
});

const held = new Map();
[held, other].map(reset);
function reset(map) {
  map.clear(); //: removes
}

const held = {};
Object.entries({ held, other }).forEach(([name, it]) => { delete it.x; }); //: removes

const held = new Map();
held.forEach((it) => it.clear()); //: removes inside

const held = new Map();
for (const member of held.values()) member.push(1); //: adds inside
",
    );
}

#[test]
fn a_literal_has_it_under_a_name() {
    check(
        "
const held = new Map();
const stores = { held, users: other };
stores.held.delete(1); //: removes
stores.users.delete(2);
stores[name].delete(3); //: removes
stores.held = new Map();

const held = [];
const [first] = [held];
const all = Object.freeze({ list: held });
const { list } = all;
list.pop(); //: removes

const held = [];
export const tables = [held, other];
tables.push(third);
",
    );
}

#[test]
fn a_function_may_get_it_among_others() {
    check(
        "
const held = new Map(), other = new Map();
function reset(...maps) {
  for (const map of maps) map.clear(); //: removes
}
reset(other, held);

const held = new Map();
function evict({ from, key }) {
  from.delete(key); //: removes
}
evict({ from: held, key: 1 });

const held = new Map();
const evict = (options) => options.from.delete(options.key); //: removes
evict({ from: held, key: 1 });

const held = new Map();
function move([from], to) {
  to.set(1, 2);
}
move(list, other);

const held = [];
function cut(list) {
  list = list.slice(-5);
  list = [];
}
cut(held);
",
    );
}

#[test]
fn a_class_keeps_what_its_constructor_gets() {
    check(
        "
const held = new Map();
class Sweeper {
  constructor(map, { log }) { this.map = map; this.log = log; }
  sweep(key) { this.map.delete(key); } //: removes
}
const sweeper = new Sweeper(held, console);

const held = new Map();
class Sweeper {
  #of;
  constructor({ of }) { this.#of = of; }
  sweep() { for (const [key] of this.#of) this.#of.delete(key); } //: removes
}
new Sweeper({ of: held });

const held = [];
function Sweeper(list) { this.list = list; this.list.pop(); } //: removes
new Sweeper(held);

const held = new Map();
class Other { constructor(map) { this.map = map; } clear() { this.map = new Map(); } }
new Other(held);
",
    );
    check_field(
        "held",
        "
class Store {
  held = new Map();
  other = new Map();
  all = [this.held, this.other];
  clear() { for (const it of this.all) it.clear(); } //: removes
}

class Store {
  private held = new Map();
  get entries() { return this.held; }
  drop(key: string) { this.entries.delete(key); } //: removes
}

class Store {
  held = new Map();
  clear() { for (const it of [this.held, this.other]) it.clear(); } //: removes
}

class Store { constructor() { this.held = new Map(); this.sweeper = new Sweeper(this.held); } }
class Sweeper {
  constructor(private readonly map: Map<string, number>) {}
  sweep() { this.map.clear(); } //: removes
}

class Store {
  held = new Map();
  get all() { return this.held; }
}
const store = new Store();
store.all.clear(); //: removes

class Base {
  held = new Map();
  get all() { return this.held; }
}
class Store extends Base { clear() { this.all.clear(); } } //: removes
",
    );
}

#[test]
fn a_method_may_be_taken_from_it() {
    check(
        "
const held = new Map();
const drop = held.delete.bind(held); //: removes

const held = new Set();
const leave = Set.prototype.delete.bind(held); //: removes

const held = [];
bus.on('item', held.push.bind(held)); //: adds

const held = new Map();
Map.prototype.delete.call(held, key); //: removes
Reflect.apply(Map.prototype.clear, held, []); //: removes
keys.forEach(held.delete, held); //: removes
keys.forEach(other.delete, other);

const held = {};
Reflect.deleteProperty(held, key); //: removes
Object.keys(held).forEach((key) => delete held[key]); //: removes
",
    );
}

#[test]
fn several_get_other_values_at_once() {
    check(
        "
let held = new Set(), old = new Set();
[held, old] = [new Set(), held]; //: removes

let held = [];
const take = () => { let all; [all, held] = [held, []]; return all; }; //: removes

let held = {};
({ held } = next()); //: removes

let held = [];
[held[0], held[1]] = [held[1], held[0]];

let held = [], other;
[held, other] = [[...held, 1], 2]; //: adds

let held;
[held, other] = await Promise.all([a(), b()]);
",
    );
    check_field(
        "held",
        "
class Batches {
  held = [];
  flush() { let all; [all, this.held] = [this.held, []]; return all; } //: removes
}
",
    );
}

/// What a module does to the variable `held` of another one, which hands it over.
#[track_caller]
fn check_handed(own: &str, other: &str) {
    let file = parse(
        "own.js",
        &format!("import {{ it }} from './other.js';\nconst held = new Map();\n{own}"),
    );
    let at = file.position(file.text().find("held").expect("it is there"));
    let held = file.declaration("held", at).expect("it is declared");
    let there = parse("other.js", other);
    let handed = file.handed(&Target::Variable(&held));
    let found: Vec<Mutation> =
        handed.iter().flat_map(|it| there.mutations_of_argument(it)).collect();
    assert_eq!(done(&found), said(other), "{own} {other}");
}

#[test]
fn another_module_may_get_it_in_each_of_these_ways() {
    let drops = "export function it(map, key) { map.delete(key); } //: removes";
    check_handed("it(held, 1);", drops);
    check_handed("it(1, held);", drops.trim_end_matches(" //: removes"));
    check_handed(
        "it(1, other, held);",
        "export function it(n, ...all) { for (const map of all) map.clear(); } //: removes",
    );
    check_handed(
        "it({ from: held, key: 1 });",
        "export const it = ({ from, key }) => from.delete(key); //: removes",
    );
    check_handed(
        "it({ from: held, key: 1 });",
        "export const it = (options) => options.from.delete(options.key); //: removes",
    );
    check_handed("it({ from: held });", "export const it = ({ to }) => to.delete(1);");
    let sweeper = "
export class it {
  #map;
  constructor(map) { this.#map = map; }
  sweep() { this.#map.clear(); } //: removes
}";
    check_handed("new it(held);", sweeper);
    check_handed("const sweeper = new it(held);", sweeper);
    check_handed(
        "new it({ map: held });",
        "export class it { constructor({ map }) { this.map = map; } run() { this.map.clear(); } } //: removes",
    );
}

#[test]
fn what_a_literal_has_from_the_beginning_is_replaced_by_the_first_assignment() {
    let text = "
const state = { held: [], later: null };
function start() { state.later = new Map(); }
function reset() { state.held = []; } //: removes
";
    let file = parse("file.js", text);
    let variable = file.declaration("state", file.position(8)).expect("it is declared");
    let held = file.mutations(&Target::Property { variable: &variable, name: "held" });
    assert_eq!(done(&held), said(text));
    let later = file.mutations(&Target::Property { variable: &variable, name: "later" });
    assert_eq!(later, []);
}

#[test]
fn who_else_gets_it_may_do_anything_with_it() {
    let to = |call: &str| {
        let text = format!(
            "import sweep from 'sweeper';\nimport {{ drop }} from './drop.js';\nconst held = new Map();\n{call}\n"
        );
        let file = parse("file.js", &text);
        let held = file.declaration("held", file.position(text.find("held").unwrap()));
        let calls = file.handed_to_others(&Target::Variable(&held.expect("it is declared")));
        calls.into_iter().map(|call| call.callee).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(to("sweep(held, 60_000);"), "sweep");
    assert_eq!(to("sweep({ entries: held });"), "sweep");
    assert_eq!(to("const f = (janitor) => janitor.watch(held);"), "janitor.watch");
    assert_eq!(to("new Janitor(held);"), "new Janitor");
    // What these do is known.
    for call in [
        "drop(held);",
        "function own(map) { map.clear(); }\nown(held);",
        "console.log(held);",
        "res.json(held);",
        "Object.keys(held).length;",
        "new Map(held);",
        "all.push(held);",
        "sweep(held.size);",
        "sweep(held.get(1));",
    ] {
        assert_eq!(to(call), "", "{call}");
    }
}
