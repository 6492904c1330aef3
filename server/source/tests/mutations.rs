//! Who adds to a holder, who removes from it, who bounds it.

use std::fmt::Write;

use heapmark_source::{Mutation, MutationForm, Position, Range, SourceFile, Target};

fn parse(path: &str, text: &str) -> SourceFile {
    SourceFile::parse(path, text.to_owned()).expect("a small file parses")
}

/// The mutations of a target, one a line: line number, kind, method, function, marks.
fn list(file: &SourceFile, target: &Target<'_>) -> String {
    let mut lines = String::new();
    for found in file.mutations(target) {
        let _ = write!(
            lines,
            "{}: {} {}",
            found.range.start.line + 1,
            found.kind.as_str(),
            found.method
        );
        if let Some(function) = found.in_function {
            let _ = write!(lines, " in {function}");
        }
        if let Some(event) = found.event {
            let _ = write!(lines, " event {event:?}");
        }
        if let Some(callback) = found.callback {
            let text = callback.reference.map_or("literal".to_owned(), |name| name);
            let _ = write!(lines, " callback {text}");
        }
        for (mark, holds) in [(" nested", found.nested), (" by name", !found.exact)] {
            lines.push_str(if holds { mark } else { "" });
        }
        lines.push('\n');
    }
    lines
}

/// The mutations of the variable that `name` means where it first stands.
#[track_caller]
fn of_variable(text: &str, name: &str) -> String {
    let file = parse("file.js", text);
    let at = file.position(text.find(name).expect("the name is in the text"));
    let declaration = file.declaration(name, at).expect("the name is declared");
    list(&file, &Target::Variable(&declaration))
}

#[test]
fn who_takes_one_out_before_a_new_one_is_made_keeps_as_many_as_are_in_use() {
    let is_reused = |body: &str| {
        let text = format!("const free = [];\nfunction take() {{ {body} }}\n");
        of_variable(&text, "free").contains("guards .pop() ??")
    };
    for body in [
        "return free.pop() ?? new Vector();",
        "const item = free.pop() || make(1);",
        "return free.length > 0 ? free.pop() : { x: 0 };",
        "if (free.length) return free.pop(); count++; return make();",
        "if (free.length > 0) { return free.pop(); } return new Vector();",
        "let item = free.shift(); if (!item) item = make(); return item;",
        "let item = free.pop(); if (item === undefined) { item = make(); } return item;",
        "let item = free.pop(); item ??= make(); return item;",
    ] {
        assert!(is_reused(body), "{body}");
    }
    for body in [
        "return free.pop() ?? null;",
        "return free.shift() ?? (await next());",
        "return ready ? free.pop() : make();",
        "const job = free.shift(); if (!job) return; work(job);",
        "if (ready) return free.pop(); return make();",
        "while (free.length) work(free.pop());",
    ] {
        assert!(!is_reused(body), "{body}");
    }
}

#[test]
fn what_a_statement_does_is_told_apart_however_it_is_spelled() {
    use MutationForm::*;
    for (statement, form, written) in [
        ("held.set(key, value)", Set, ".set("),
        ("Map.prototype.set.call(held, key, value)", Set, ".set("),
        ("held.add(value)", Add, ".add("),
        ("held.on('tick', f)", Listens, ".on("),
        ("held.subscribe(f)", Listens, ".subscribe("),
        ("once(held, 'tick')", Listens, "once("),
        ("held.off('tick', f)", Calls, ".off("),
        ("held.push(value)", Calls, ".push("),
        ("held.clear()", Calls, ".clear("),
        ("Object.assign(held, value)", Calls, "Object.assign("),
        ("held[key] = value", AssignsElement, "[k] ="),
        ("held[key] = null", EmptiesElement, "[k] = null"),
        ("held.length = 0", AssignsLength, ".length ="),
        ("held.length--", CountsLengthDown, ".length--"),
        ("delete held[key]", Deletes, "delete"),
        ("held += value", Appends, "+="),
        ("held = [...held, value]", PutsLongerCopy, "= [...]"),
        ("held = held.concat(value)", PutsLongerCopy, "= [...]"),
        ("held = reduce(held, value)", PutsResult, "= f("),
        ("held = []", PutsAnother, "="),
        ("if (held.size > 9) evict()", Compares, ".size >"),
    ] {
        let file = parse("file.js", &format!("let held = make();\n{statement};\n"));
        let variable = file.declaration("held", Position::new(0, 4)).expect("it is declared");
        let found = file.mutations(&Target::Variable(&variable));
        let forms: Vec<_> = found.iter().map(|it| (it.form, it.method.as_str())).collect();
        assert_eq!(forms, [(form, written)], "{statement}");
        assert_eq!(form.puts_changed_copy(), written.starts_with("= "), "{statement}");
        assert_eq!(form.is_call(), written.ends_with('(') && form != PutsResult, "{statement}");
    }
}

#[test]
fn what_is_put_behind_the_last_element_is_no_place_of_a_ring() {
    use MutationForm::{AppendsElement, AssignsElement};
    for (text, form) in [
        ("const held = [];\nheld[held.length] = x;", AppendsElement),
        ("const held = [];\nheld[held.length++] = x;", AppendsElement),
        ("const held = [];\nlet n = 0;\nconst add = (x) => { held[n++] = x; };", AppendsElement),
        ("const held = [];\nheld[other.length] = x;", AssignsElement),
        ("const held = [];\nheld[at] = x;", AssignsElement),
        ("const held = [];\nlet n = 0;\nheld[n++] = x;\nif (n === MAX) n = 0;", AssignsElement),
        ("const held = [];\nlet n = 0;\nheld[n++ % 9] = x;", AssignsElement),
    ] {
        let file = parse("file.js", text);
        let variable = file.declaration("held", Position::new(0, 6)).expect("it is declared");
        let found = file.mutations(&Target::Variable(&variable));
        assert_eq!(found[0].form, form, "{text}");
    }
}

#[test]
fn every_way_to_add_to_a_variable() {
    let text = "
const held = make();
held.set(key, value);
held.add(value);
held.push(value);
held.unshift(value);
held.splice(0, 0, value);
held[key] = value;
held[key] ??= value;
Object.assign(held, values);
bus.on('tick', held);
held.on('tick', () => {});
held.once('tick', handler);
held?.addListener('tick', this.onTick.bind(this));
held.addEventListener('abort', handler);
held.subscribe(handler);
";
    insta::assert_snapshot!(of_variable(text, "held"), @r#"
    3: adds .set(
    4: adds .add(
    5: adds .push(
    6: adds .unshift(
    7: adds .splice(
    8: adds [k] =
    9: adds [k] =
    10: adds Object.assign(
    12: adds .on( event "tick" callback literal
    13: adds .once( event "tick" callback handler
    14: adds .addListener( event "tick" callback this.onTick
    15: adds .addEventListener( event "abort" callback handler
    16: adds .subscribe( callback handler
    "#);
}

#[test]
fn every_way_to_remove_from_a_variable() {
    let text = "
let held = make();
held.delete(key);
held.clear();
held.shift();
held.pop();
held.splice(0, 5);
delete held[key];
delete held.name;
held.length = 0;
held = [];
held = held.filter(isAlive);
held[key] = undefined;
held.off('tick', handler);
held.removeListener('tick', handler);
held.removeAllListeners();
held.removeEventListener('abort', handler);
";
    insta::assert_snapshot!(of_variable(text, "held"), @r#"
    3: removes .delete(
    4: removes .clear(
    5: removes .shift(
    6: removes .pop(
    7: removes .splice(
    8: removes delete
    9: removes delete
    10: removes .length =
    11: removes =
    12: removes =
    13: removes [k] = null
    14: removes .off( event "tick" callback handler
    15: removes .removeListener( event "tick" callback handler
    16: removes .removeAllListeners(
    17: removes .removeEventListener( event "abort" callback handler
    "#);
}

#[test]
fn a_text_grows_by_what_is_added_and_a_count_does_not() {
    let text = "
let log = '';
function write(line) { log += line; log += `${line}\\n`; log += 1; log -= 1; }
const fixed = '';
function wrong(line) { fixed += line; }
const state = { log: '' };
state.log += 'x';
";
    insta::assert_snapshot!(of_variable(text, "log"), @"
    3: adds += in write
    3: adds += in write
    ");
    assert_eq!(of_variable(text, "fixed"), "");
    let file = parse("file.js", text);
    let state = file.declaration("state", file.position(0)).expect("declared");
    let target = Target::Property { variable: &state, name: "log" };
    insta::assert_snapshot!(list(&file, &target), @"7: adds +=");
}

#[test]
fn reassigning_with_the_old_value_adds() {
    let text = "
let held = [];
held = [...held, value];
held = { ...held, [key]: value };
held = held.concat(value);
held = Buffer.concat([held, value]);
held = Buffer.concat([value, other]);
held = new Map([...held, [key, value]]);
held = [...others];
";
    insta::assert_snapshot!(of_variable(text, "held"), @r"
    3: adds = [...]
    4: adds = [...]
    5: adds = [...]
    6: adds = [...]
    7: removes =
    8: adds = [...]
    9: removes =
    ");
}

#[test]
fn the_first_value_is_no_removal() {
    let text = "
let held;
let late = null;
function start() { held = new Map(); late = new Map(); }
function restart() { held = new Map(); }
";
    insta::assert_snapshot!(of_variable(text, "held"), @"5: removes = in restart");
    assert_eq!(of_variable(text, "late"), "");
}

#[test]
fn comparisons_with_a_limit_guard_and_others_do_not() {
    let text = "
const held = new Map();
if (held.size > MAX) evict();
while (held.length >= limits.queue) held.shift();
if (Object.keys(held).length + 1 > 100) evict();
if (100 <= held.size) evict();
for (let i = 0; i < held.length; i++) use(held[i]);
while (i < held.length) i++;
if (held.size === 0) start();
if (held.length > 0) start();
";
    insta::assert_snapshot!(of_variable(text, "held"), @r"
    3: guards .size >
    4: guards .length >=
    4: removes .shift(
    5: guards .length >
    6: guards .size <=
    ");
}

#[test]
fn comparisons_with_how_far_it_was_read_guard_nothing() {
    let text = "
const held = [];
let head = 0;
function take() {
  if (head === held.length) return undefined;
  const one = held[head];
  head++;
  if (head > 100 && head > held.length / 2) compact();
  return one;
}
function next() {
  const one = held[head++];
  if (head * 2 >= held.length) { held.splice(0, head); head = 0; }
  return one;
}
function compact() {
  if (2 * head > held.length) { held.splice(0, head); head = 0; }
}
function drain() {
  while (head < held.length) use(held[head++]);
}
function add(one) {
  if (held.length > MOST) held.splice(0, MOST);
  held.push(one);
}
function put(one) {
  held[last] = one;
  if (++last >= held.length) last = 0;
}
";
    insta::assert_snapshot!(of_variable(text, "held"), @r"
    13: removes .splice( in next
    17: removes .splice( in compact
    23: guards .length > in add
    23: removes .splice( in add
    24: adds .push( in add
    27: adds [k] = in put
    27: guards [k % n] in put
    28: guards .length >= in put
    ");
}

#[test]
fn a_longer_copy_that_is_cut_is_bounded() {
    let text = "
let held = [];
held = [...held, x].slice(-MAX);
held = { ...held, list: [...held.list.filter(isNew), x] };
held = held.concat(x).slice(1);
held = [...held, x];
held = held.filter(isNew);
held = [...held, ...others.map((it) => [...it].slice(1))];
";
    insta::assert_snapshot!(of_variable(text, "held"), @r"
    3: guards = .slice(
    3: removes =
    4: guards = .slice(
    4: adds = [...]
    5: guards = .slice(
    5: removes =
    6: adds = [...]
    7: removes =
    8: adds = [...]
    ");
}

#[test]
fn a_counter_bounds_the_list_that_its_pool_takes_from() {
    let text = "
const held = [];
function take() {
  const one = held.pop();
  if (one) return one;
  if (open && made < MOST) {
    made++;
    return make();
  }
}
function next() {
  if (running < MOST && held.length) {
    running++;
    run(held.shift());
  }
}
";
    // A queue is bounded by nothing: the counter is of the jobs that run.
    insta::assert_snapshot!(of_variable(text, "held"), @r"
    4: removes .pop( in take
    6: guards counter < in take
    14: removes .shift( in next
    ");
}

#[test]
fn what_is_made_of_the_old_value_says_so() {
    let text = "
let held = [];
held = reduce(held, action);
held = [];
";
    insta::assert_snapshot!(of_variable(text, "held"), @r"
    3: removes = f(
    4: removes =
    ");
}

#[test]
fn a_computed_key_may_be_the_name_that_is_sought() {
    let text = "
const held = { read: [], write: [] };
held[operation].push(1);
held.read.push(1);
held.write.push(1);
held[operation][0].push(1);
";
    let file = parse("file.js", text);
    let at = file.position(text.find("held").expect("it is there"));
    let variable = file.declaration("held", at).expect("it is declared");
    insta::assert_snapshot!(list(&file, &Target::Path { variable: &variable, path: &["read"] }), @r"
    3: adds .push( by name
    4: adds .push(
    6: adds .push( nested by name
    ");
}

#[test]
fn a_variable_of_the_same_name_is_another_variable() {
    let text = "
const held = new Map();
function other(held) { held.set(1, 2); }
function third() { const held = []; held.push(1); { let held = 3; } held.pop(); }
function fourth() { held.set(1, 2); var held; }
function fifth() { try { risk(); } catch (held) { held.push(1); } held.delete(1); }
for (const held of lists) held.push(1);
const { a: { held: renamed } } = x; renamed.push(1);
";
    insta::assert_snapshot!(of_variable(text, "held"), @"6: removes .delete( in fifth");
}

#[test]
fn collections_inside_the_collection_count_as_nested() {
    let text = "
const groups = new Map();
function join(key, member) {
  groups.get(key).push(member);
  groups[key].add(member);
  (groups[key] ??= []).push(member);
  groups.get(key)?.delete(member);
  groups[key] = null;
  groups[key] = groups[key].filter(isOpen);
  delete groups[key];
}
";
    insta::assert_snapshot!(of_variable(text, "groups"), @r"
    4: adds .push( in join nested
    5: adds .add( in join nested
    6: adds .push( in join nested
    6: adds [k] = in join
    7: removes .delete( in join nested
    8: removes [k] = null in join
    9: removes = in join nested
    10: removes delete in join
    ");
}

#[test]
fn a_collection_that_may_have_to_be_made_first_is_nested() {
    let text = "
const kData = Symbol('data');
const groups = new Map();
function join(key, member) {
  (groups.get(key) ?? []).push(member);
  (groups.get(key) || fresh()).push(member);
  (groups[key] ||= []).push(member);
  groups[kData].push(member);
  (fresh() ?? groups).push(member);
  (groups && fresh()).push(member);
}
class Bus {
  handlers = {};
  on(name, fn) { (this.handlers[name] ||= []).push(fn); (this.handlers[name] ?? []).push(fn); }
}
";
    insta::assert_snapshot!(of_variable(text, "groups"), @"
    5: adds .push( in join nested
    6: adds .push( in join nested
    7: adds .push( in join nested
    7: adds [k] = in join
    8: adds .push( in join nested
    ");
    let file = parse("bus.js", text);
    let target = Target::Field { class: &file.classes()[0], name: "handlers", is_static: false };
    insta::assert_snapshot!(list(&file, &target), @"
    14: adds .push( in Bus.on nested
    14: adds [k] = in Bus.on
    14: adds .push( in Bus.on nested
    ");
}

#[test]
fn properties_further_inside_are_found_by_their_path() {
    let text = "
const state = {
  users: { online: new Set() },
  pending: [],
  wait(job) { this.pending.push(job); this.users.online.add(job); },
};
function join(user) { state.users.online.add(user); state['users'].online.delete(user); }
function other(user) { state.users.add(user); state.online.add(user); state.users.online.x.add(user); }
function third(state) { state.users.online.add(1); }
state.users.online[1].push(2);
";
    let file = parse("state.js", text);
    let state = file.declaration("state", file.position(0)).expect("declared");
    let path = |path| list(&file, &Target::Path { variable: &state, path });
    insta::assert_snapshot!(path(&["users", "online"]), @"
    5: adds .add( in state.wait
    7: adds .add( in join
    7: removes .delete( in join
    10: adds .push( nested
    ");
    assert_eq!(
        path(&["pending"]),
        list(&file, &Target::Property { variable: &state, name: "pending" })
    );
    insta::assert_snapshot!(path(&["pending"]), @"5: adds .push( in state.wait");
    assert_eq!(path(&[]), list(&file, &Target::Variable(&state)));
}

#[test]
fn fields_are_told_by_their_class() {
    let text = "
class Base { entries = new Map(); }
class Cache extends Base {
  #secret = [];
  static all = new Set();
  constructor() { super(); this.queue = []; Cache.all.add(this); this.#secret = []; }
  put(key) { this.entries.set(key, 1); [1].forEach(() => this.queue.push(key)); this.#secret.push(key); }
  drop(key) { this.entries.delete(key); this.queue = []; function f() { this.queue.pop(); } }
  static reset() { this.all.clear(); this.all = new Set(); }
}
class Other { entries = []; put() { this.entries.push(1); } }
const cache = new Cache();
cache.queue.push(1);
";
    let file = parse("cache.js", text);
    let cache = file.classes().iter().find(|class| class.name == "Cache").expect("a class");
    let mut found = String::new();
    for (name, is_static) in
        [("entries", false), ("queue", false), ("#secret", false), ("all", true)]
    {
        let declaration = file.field(cache, name, is_static).expect("a field");
        let line = declaration.name_range.start.line + 1;
        let target = Target::Field { class: cache, name, is_static };
        let _ = writeln!(found, "{name} at line {line}\n{}", list(&file, &target));
    }
    insta::assert_snapshot!(found, @r"
    entries at line 2
    7: adds .set( in Cache.put
    8: removes .delete( in Cache.drop

    queue at line 6
    7: adds .push( in Cache.put > callback of […].forEach
    8: removes = in Cache.drop
    8: removes .pop( in Cache.drop > f by name
    13: adds .push(

    #secret at line 4
    7: adds .push( in Cache.put

    all at line 5
    6: adds .add( in Cache.constructor
    9: removes .clear( in Cache.reset
    9: removes = in Cache.reset
    ");
}

#[test]
fn a_function_can_be_a_class() {
    let text = "
function Queue(limit) { this.jobs = []; this.limit = limit; }
Queue.prototype.add = function (job) { this.jobs.push(job); };
Queue.prototype.take = function () { return this.jobs.shift(); };
Queue.shared = new Queue(10);
const Made = function () { this.jobs = []; this.jobs.push(1); };
new Made();
function plain() { this.jobs.push(1); }
";
    let file = parse("queue.js", text);
    let names: Vec<_> = file.classes().iter().map(|class| &class.name[..]).collect();
    assert_eq!(names, ["Queue", "Made"]);
    let queue = file.class_at(file.classes()[0].anchor).expect("V8 points at the function");
    let jobs = file.field(queue, "jobs", false).expect("assigned in the constructor");
    assert_eq!(jobs.range, Range::new(Position::new(1, 24), Position::new(1, 38)));
    let shared = file.field(queue, "shared", true).expect("assigned to the function");
    assert_eq!(shared.name_range.start.line, 4);
    let target = Target::Field { class: queue, name: "jobs", is_static: false };
    insta::assert_snapshot!(list(&file, &target), @r"
    3: adds .push( in Queue.add
    4: removes .shift( in Queue.take
    ");
}

#[test]
fn functions_are_put_on_prototypes_by_their_names() {
    let text = "
function Hash() { this.clear(); }
function hashClear() { this.data = {}; }
function hashSet(key, value) { var data = this.data; data[key] = value; }
function hashDelete(key) { delete this.data[key]; }
Hash.prototype.clear = hashClear;
Hash.prototype['delete'] = hashDelete;
Hash.prototype.set = Hash.prototype.put = hashSet;
function SetCache() { this.data = new Map(); }
function setCacheAdd(value) { this.data.set(value, 1); }
SetCache.prototype.add = SetCache.prototype.push = setCacheAdd;
function List() { this.data = []; }
List.prototype = { add(item) { this.data.push(item); } };
function both() { this.data.clear(); }
Hash.prototype.both = SetCache.prototype.both = both;
function mixin() { this.data.push(1); }
";
    let file = parse("hash.js", text);
    let mut found = String::new();
    for class in file.classes() {
        let declaration = file.field(class, "data", false).expect("a field");
        let line = declaration.name_range.start.line + 1;
        let target = Target::Field { class, name: "data", is_static: false };
        let _ = writeln!(found, "{} at line {line}\n{}", class.name, list(&file, &target));
    }
    insta::assert_snapshot!(found, @r"
    Hash at line 3
    4: adds [k] = in hashSet
    5: removes delete in hashDelete

    SetCache at line 9
    10: adds .set( in setCacheAdd

    List at line 12
    13: adds .push( in List.add
    ");
}

#[test]
fn what_is_on_the_prototype_is_a_field_of_all() {
    let text = "
class Tracker { track(item) { this.items.push(item); } }
Tracker.prototype.items = [];
function Repository() {}
Repository.prototype.known = new Map();
Repository.prototype.get = function (key) { this.known.set(key, 1); };
Repository.prototype.known.clear();
";
    let file = parse("tracker.js", text);
    let mut found = String::new();
    for (class, name) in file.classes().iter().zip(["items", "known"]) {
        let declaration = file.prototype_property(class, name).expect("it is assigned");
        let line = declaration.name_range.start.line + 1;
        let target = Target::Field { class, name, is_static: false };
        let _ = writeln!(found, "{} at line {line}\n{}", class.name, list(&file, &target));
    }
    insta::assert_snapshot!(found, @r"
    Tracker at line 3
    2: adds .push( in Tracker.track

    Repository at line 5
    6: adds .set( in Repository.get
    7: removes .clear(
    ");
}

#[test]
fn parameter_properties_of_typescript_are_fields() {
    let text = "class Pool { constructor(private readonly items: Item[] = []) {} put(i: Item) { this.items.push(i); } }";
    let file = parse("pool.ts", text);
    let pool = &file.classes()[0];
    let items = file.field(pool, "items", false).expect("a field");
    assert_eq!(file.range_text(items.name_range), "items");
    let target = Target::Field { class: pool, name: "items", is_static: false };
    insta::assert_snapshot!(list(&file, &target), @"1: adds .push( in Pool.put");
}

#[test]
fn globals_exports_and_properties_of_a_variable() {
    let text = "
globalThis.registry = new Map();
function add() { registry.set(1, 2); global.registry.set(3, 4); }
exports.list = [];
module.exports.list.push(1);
const state = { pending: [] };
state.pending.push(1);
state.pending.shift();
state.other.push(1);
";
    let file = parse("file.cjs", text);
    let state = file.declaration("state", file.position(0)).expect("declared");
    let found = [
        list(&file, &Target::Global("registry")),
        list(&file, &Target::Export("list")),
        list(&file, &Target::Property { variable: &state, name: "pending" }),
    ]
    .join("--\n");
    insta::assert_snapshot!(found, @r"
    3: adds .set( in add
    3: adds .set( in add
    --
    5: adds .push(
    --
    7: adds .push(
    8: removes .shift(
    ");
    assert_eq!(file.global("registry").expect("assigned").name_range.start.line, 1);
    assert_eq!(file.export("list").expect("assigned").name_range.start.line, 3);
}

#[test]
fn less_common_ways_to_add_and_remove() {
    let text = "
import { once, on } from 'node:events';
const held = make();
held.push(...values);
held.push.apply(held, values);
Array.prototype.push.apply(held, values);
Array.prototype.push.call(held, value);
held[held.length] = value;
held[held.length++] = value;
held[count++] = value;
Reflect.set(held, key, value);
Reflect.deleteProperty(held, key);
Object.defineProperty(held, key, { value });
Object.defineProperties(held, all);
held.enqueue(job);
held.splice(held.length, 0, value);
held.splice(index, 1, value);
held.splice(index, 0, value);
await once(held, 'tick');
for await (const event of on(held, 'data')) use(event);
held[key] &&= undefined;
held.length--;
held.length -= 1;
[held[0], held[1]] = [held[1], held[0]];
held.setMaxListeners(0);
held.append(name, value);
_.pull(held, value);
if (_.size(held) > 9) trim();
";
    insta::assert_snapshot!(of_variable(text, "held"), @r#"
    4: adds .push(
    5: adds .push(
    6: adds .push(
    7: adds .push(
    8: adds [n] =
    9: adds [n] =
    10: adds [n] =
    11: adds Reflect.set(
    12: removes Reflect.deleteProperty(
    13: adds Object.defineProperty(
    14: adds Object.defineProperties(
    16: adds .splice(
    17: removes .splice(
    18: adds .splice(
    19: adds once( event "tick"
    20: adds on( event "data"
    21: removes [k] = null
    22: removes .length--
    23: removes .length =
    27: removes _.remove(
    28: guards .size >
    "#);
}

#[test]
fn another_name_for_the_same_thing() {
    let text = "
const held = new Map();
const same = held;
same.set(1, 2);
const state = { pending: [], users: { online: new Set() } };
const { pending, users: { online } } = state;
pending.push(1);
online.add(2);
const users = state.users;
users.online.delete(2);
function add(key, value) {
  let bucket = held.get(key);
  if (!bucket) held.set(key, (bucket = []));
  bucket.push(value);
}
class Queue {
  jobs = [];
  run() { const { jobs } = this; jobs.push(1); const all = this.jobs; all.shift(); const self = this; self.jobs.push(2); }
}
let moved = held; moved = new Map(); moved.set(3, 4);
function old() { var own = held, other = held; own.set(5, 6); [other] = []; other.set(7, 8); }
for (const member of held.values()) member.push(1);
held.forEach((member) => member.add(1));
";
    insta::assert_snapshot!(of_variable(text, "held"), @"
    4: adds .set(
    13: adds .set( in add
    14: adds .push( in add nested
    21: adds .set( in old
    22: adds .push( nested
    23: adds .add( in callback of held.forEach nested
    ");
    let file = parse("state.js", text);
    let state = file.declaration("state", file.position(60)).expect("declared");
    let path = |path| list(&file, &Target::Path { variable: &state, path });
    insta::assert_snapshot!(path(&["pending"]), @"7: adds .push(");
    insta::assert_snapshot!(path(&["users", "online"]), @"
    8: adds .add(
    10: removes .delete(
    ");
    let target = Target::Field { class: &file.classes()[0], name: "jobs", is_static: false };
    insta::assert_snapshot!(list(&file, &target), @"
    18: adds .push( in Queue.run
    18: removes .shift( in Queue.run
    18: adds .push( in Queue.run
    ");
}

#[test]
fn what_puts_an_element_before_a_list() {
    let text = "
let head = null;
head = new Entry(item, head);
head = cons(item, head);
head = [item, head];
head = { item, next: head };
head = entry;
head = last ? new Last(head, 1) : other();
head = new Error('failed', { cause: head });
head = head.next;
head = trim(head);
head = null;
head = undefined;
head = [head];
head = new List();
head[0] = entry;
function remove(node) { const after = node.next; if (head === node) head = after; }
function remove(node) { var { next: after } = node; if (head === node) head = after; }
function add(pool) { const entry = pool.free; head = entry; }
";
    let file = parse("list.js", text);
    let head = file.declaration("head", file.position(5)).expect("declared");
    let found = file.lengthenings(&Target::Variable(&head), &["next".to_owned()]).into_iter();
    let lines: Vec<u32> = found.map(|found| found.range.start.line + 1).collect();
    assert_eq!(lines, [3, 4, 5, 6, 7, 8, 9, 19]);
}

#[test]
fn what_cuts_a_list() {
    let text = "
let head = null;
head = new Entry(item, head);
last.previous = null;
head.previous.previous = undefined;
this.previous = null;
head = null;
head = head.previous;
last.next = null;
last.previous = older;
class Entry { constructor() { this.previous = null; } }
function add() { const entry = { item }; entry.previous = null; head = entry; }
";
    let file = parse("list.js", text);
    let head = file.declaration("head", file.position(5)).expect("declared");
    let lines = |found: Vec<Mutation>| {
        found.into_iter().map(|found| found.range.start.line + 1).collect::<Vec<_>>()
    };
    assert_eq!(lines(file.emptyings(&Target::Variable(&head))), [7]);
    let links = ["previous".to_owned()];
    assert_eq!(lines(file.unlinkings(&links)), [4, 5, 6]);
    assert_eq!(lines(file.advances(&Target::Variable(&head), &links)), [8]);
}

/// The line on which a field of the first class is declared.
#[track_caller]
fn check_field(text: &str, name: &str, expected: Option<u32>) {
    let file = parse("subject.js", text);
    let class = file.classes().first().expect("a class");
    let declared = file.field(class, name, false);
    assert_eq!(declared.map(|it| it.name_range.start.line + 1), expected, "{text}");
}

#[test]
fn a_field_is_declared_where_it_gets_a_value() {
    let subject = "var Subject = (function (_super) {
__extends(Subject, _super);
function Subject() {
  var _this = _super.call(this) || this;
  _this.observers = [];
  return _this;
}
Subject.prototype.close = function () { this.observers = this.current = null; };
return Subject;
}(Observable));
";
    check_field(subject, "observers", Some(5));
    check_field(subject, "current", Some(8));
    let late = "class Pool {
  close() { this.jobs = null; }
  open() { this.jobs = []; }
}";
    check_field(late, "jobs", Some(3));
    // The method of that name is another's.
    let entry = "function Entry() {}
Entry.prototype.forget = function () {};
const entry = new Entry();
entry.forget = () => {};";
    check_field(entry, "forget", None);
}
