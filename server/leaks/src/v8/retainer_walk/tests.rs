use heapmark_heap::sketch::Sketch;

use super::*;
use crate::v8::bindings::BlockNames;
use crate::v8::module_exports::Modules;

/// Without sources.
struct Unknown;

impl BlockNames for Unknown {
    fn name_in_block(&self, _: &Edge) -> Option<String> {
        None
    }
}

/// What holds the node `thing` of the drawing: `kind name: the way down`, the nearest first.
#[track_caller]
fn check(drawing: &str, expected: &[&str]) {
    let sketch = Sketch::parse(drawing);
    let heap = sketch.analysis();
    let thing = heap.nodes().find(|&node| heap.name(node) == "thing").expect("it is drawn");
    let shapes = Shapes::of(&heap);
    let modules = Modules::of(&heap);
    let bindings = Bindings { heap: &heap, shapes: &shapes, modules: &modules, blocks: &Unknown };
    let found: Vec<String> = owners(bindings, thing)
        .iter()
        .map(|owner| {
            let kind = match owner.binding {
                Binding::Variable { .. } => "variable",
                Binding::Static { .. } => "static",
                Binding::Prototype { .. } => "prototype",
                Binding::Field { .. } => "field",
                Binding::Global { .. } => "global",
                Binding::Export { .. } => "export",
            };
            let way: Vec<String> =
                owner.edges.iter().map(|edge| heap.edge_name(edge).to_string()).collect();
            format!("{kind} {}: {}", owner.binding.name(), way.join(" "))
        })
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn a_variable_holds_what_closures_share() {
    check(
        "root --element 1--> closure
         closure: closure f 64 at 5:1:2
         closure --internal context--> scope
         scope: object \"system / Context\" 32
         scope --context cache--> thing",
        &["variable cache: cache"],
    );
}

/// What a module does not export by its name is not found above its scope, at the functions in it.
#[test]
fn a_module_is_held_by_none_of_its_functions() {
    check(
        "root --element 1--> module
         module: hidden \"system / SourceTextModule\" 100
         module --hidden 0--> cells
         cells: array \"\" 100
         cells --hidden 5--> cell
         cell: hidden \"system / Cell\" 16
         cell --internal value--> thing
         scope: object \"system / Context\" 32
         scope --internal extension--> module
         schedule: closure schedule 64 at 5:1:2
         schedule --internal context--> scope
         root --element 2--> session
         session: object Session 24 at 5:3:2
         session --property run--> schedule",
        &[],
    );
}

#[test]
fn what_has_no_name_is_climbed_through() {
    check(
        "root --element 1--> scope
         scope: object \"system / Context\" 32
         scope --context store--> object
         object: object Object 24
         object --property byId--> map
         map: object Map 32
         map --internal table--> table
         table: array \"\" 100
         table --internal 7--> thing",
        &["variable store: store byId table 7"],
    );
}

#[test]
fn instances_classes_and_the_global_object_hold_by_their_properties() {
    check(
        "root --element 1--> global
         global: object \"global (global*)\" 24
         global --property leaky--> thing
         root --element 2--> class
         class: closure Session 64 at 5:1:2
         class --property all--> thing
         root --element 3--> instance
         instance: object Session 24 at 5:1:2
         instance --property own--> thing",
        &["field own: own", "static all: all", "global leaky: leaky"],
    );
}

#[test]
fn what_lives_only_because_of_the_thing_does_not_hold_it() {
    check(
        "root --element 1--> instance
         instance: object Session 24 at 5:1:2
         instance --property own--> thing
         thing --property first--> entry
         entry: object Entry 24 at 5:3:4
         entry --property list--> thing",
        &["field own: own"],
    );
}

#[test]
fn prototypes_weak_references_and_realms_hold_nothing() {
    check(
        "root --element 1--> instance
         instance: object Session 24 at 5:1:2
         instance --property __proto__--> thing
         instance --weak 3--> thing
         root --element 2--> realm
         realm: object \"system / NativeContext\" 24
         realm --context everything--> thing",
        &[],
    );
}

#[test]
fn the_scope_of_an_await_leads_on_to_what_is_awaited() {
    check(
        "root --element 1--> module
         module: object \"system / Context\" 32
         module --context opens--> promise
         promise: object Promise 24
         promise --internal reactions_or_result--> reaction
         reaction: hidden \"system / PromiseReaction\" 40
         reaction --hidden 2--> resume
         resume: closure \"\" 64
         resume --internal context--> await
         await: object \"system / Context\" 32
         await --internal extension--> thing",
        &["variable opens: opens reactions_or_result 2 context extension"],
    );
}

/// What holds the array, map or set with the text `marker` in it, on a real heap: `kind name:
/// declaration`, the nearest first.
fn blame_for(program: &str) -> Vec<String> {
    let ran = crate::testing::Ran::file(program);
    ran.ask(|e| {
        let heap = e.heap;
        let is_marker = |&node: &NodeOrdinal| {
            heap.node_type(node) == NodeType::Object && heap.name(node) == "Marker"
        };
        let thing = heap.nodes().find(is_marker).expect("it is alive");
        let owners = owners(e.bindings(), thing);
        let told = owners.iter().filter_map(|owner| {
            let holder = e.locator.holder(owner)?;
            let way: Vec<String> =
                owner.edges.iter().map(|edge| heap.edge_name(edge).to_string()).collect();
            let line = holder.spot.name_range.start.line + 1;
            let declared_in = holder.declared_in.key();
            Some(format!("{} at {line} ({declared_in}), {} steps", holder.spot.name, way.len()))
        });
        told.collect()
    })
}

const MARKER: &str = "class Marker {}\nconst made = () => new Marker();\n";

#[track_caller]
fn check_held(program: &str, expected: &[&str]) {
    let found = blame_for(&format!("{MARKER}{program}"));
    let nearest: Vec<&str> = found.iter().map(String::as_str).take(expected.len()).collect();
    assert_eq!(nearest, expected, "of {found:#?}");
}

#[test]
fn a_variable_of_a_module_or_function_on_a_real_heap() {
    check_held(
        "const held = new Map([['key', made()]]);\nglobalThis.get = (key) => held.get(key);",
        &["held at 3 (module scope of main.js), 3 steps"],
    );
    check_held(
        "function f(items) { return () => items; }\nglobalThis.get = f([made()]);",
        &["items at 3 (scope of f), 2 steps"],
    );
}

#[test]
fn a_variable_beside_those_that_node_gives_on_a_real_heap() {
    check_held(
        "const held = [made()];
globalThis.get = (key) => held.concat(exports[key], __dirname);",
        &["held at 3 (module scope of main.js), 2 steps"],
    );
    // All variables around are in the scope then.
    check_held(
        "const other = 1; eval('1');\nconst held = [made()];
globalThis.get = (key) => held.concat(key);
function f(held) { eval('2'); const last = 1; return () => held; }
globalThis.f = f(1);",
        &["held at 4 (module scope of main.js), 2 steps"],
    );
}

#[test]
fn a_variable_of_a_block_on_a_real_heap() {
    check_held(
        "globalThis.all = [];
for (const key of ['a']) {
  const group = { list: [made()] };
  all.push(() => group.list.length);
}",
        &["group at 5 (module scope of main.js), 3 steps"],
    );
    check_held(
        "function f() {
  try { throw made(); } catch (error) { return () => error; }
}
globalThis.get = f();",
        &["error at 4 (scope of f), 1 steps"],
    );
}

#[test]
fn fields_statics_globals_and_exports_on_a_real_heap() {
    check_held(
        "class Store { items = [made()]; }\nglobalThis.store = new Store();",
        &["Store.items at 3 (class Store), 2 steps"],
    );
    check_held(
        "class Store { #items = new Set([made()]); }\nglobalThis.store = new Store();",
        &["Store.#items at 3 (class Store), 3 steps"],
    );
    check_held(
        "class Store { static all = { list: [made()] }; }\nglobalThis.get = () => Store;",
        &["Store.all at 3 (class Store), 3 steps"],
    );
    check_held(
        "class Store {}\nStore.prototype.items = [made()];\nglobalThis.get = () => Store;",
        &["Store.prototype.items at 4 (prototype of Store), 2 steps"],
    );
    check_held(
        "function Old() {}\nOld.prototype = { jobs: [made()] };\nglobalThis.old = new Old();",
        &["Old.prototype.jobs at 3 (prototype of Old), 2 steps"],
    );
    check_held("globalThis.leaky = [[made()]];", &["leaky at 3 (global object), 3 steps"]);
    check_held(
        "module.exports = { list: [made()] };\nglobalThis.keep = module;",
        &["list at 3 (exports of main.js), 2 steps"],
    );
    check_held(
        "function Old() { this.jobs = [made()]; }\nglobalThis.old = new Old();",
        &["Old.jobs at 3 (class Old), 2 steps"],
    );
}
