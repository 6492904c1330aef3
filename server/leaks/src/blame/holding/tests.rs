use heapmark_heap::NodeType;

use super::*;
use crate::blame::access_path::name_of;
use crate::testing::Ran;

/// The name, holder and user of the only `Marker`, by file and line.
fn told(main: &str, dependency: &str) -> (String, String, String) {
    let main = format!("globalThis.Marker = class Marker {{}};\n{main}");
    let files = [("main.js", main.as_str()), ("node_modules/dep/index.js", dependency)];
    Ran::modules(&files).ask(|e| {
        let blame = held_marker(e);
        let name = name_of(e, &blame.owner, blame.holder.as_ref());
        (name, place(blame.holder.as_ref()), place(blame.user.as_ref()))
    })
}

fn held_marker(e: &Evidence) -> Blame {
    let is_marker = |&node: &NodeOrdinal| {
        e.heap.node_type(node) == NodeType::Object
            && e.heap.name(node) == "Marker"
            && e.heap.child(node, EdgeType::Property, "it").is_some()
    };
    let marker = e.heap.nodes().find(is_marker).expect("it is alive");
    blame_for(e, marker).expect("something holds it")
}

fn place(holder: Option<&Holder>) -> String {
    holder.map_or(String::new(), |holder| {
        let file = holder.spot.path().file_name().expect("it has a name");
        let line = holder.spot.name_range.start.line + 1;
        format!("{}:{line}", file.to_string_lossy())
    })
}

#[track_caller]
fn check(main: &str, dependency: &str, name: &str, holder: &str, user: &str) {
    let told = told(main, dependency);
    assert_eq!((&told.0[..], &told.1[..], &told.2[..]), (name, holder, user));
}

const MARKER: &str = "Object.assign(new Marker(), { it: {} })";

#[test]
fn a_property_is_held_where_the_user_gives_it_its_value() {
    let dependency = "module.exports = (app) => ({ run: init(app) });
        function init(app) { return () => app.locals; }";
    let main = |assign: &str| {
        format!(
            "const serve = require('dep');
const app = {{ locals: {{}} }};
{assign}
const server = serve(app);
globalThis.run = () => server.run();"
        )
    };
    let once = format!("app.locals.visits = {MARKER};");
    check(&main(&once), dependency, "app.locals.visits", "main.js:4", "");
    // In two places: nobody knows which.
    let twice = format!("app.locals.visits = 1; {once}");
    check(&main(&twice), dependency, "app.locals.visits", "index.js:2", "main.js:5");
}

#[test]
fn what_a_dependency_was_given_is_held_by_the_variable_of_the_user() {
    let dependency = "module.exports = (cache) => () => cache;";
    let main = format!(
        "const cache = {MARKER};
globalThis.get = require('dep')(cache);
globalThis.all = () => cache;"
    );
    check(&main, dependency, "cache", "main.js:2", "");
}

#[test]
fn what_a_dependency_only_refers_to_is_held_by_who_has_it() {
    // Of a parameter and a field, the field.
    let dependency = format!(
        "module.exports = class Store {{
            constructor() {{ this.items = {MARKER}; this.each = follow(this.items); }}
        }};
        function follow(items) {{ return () => items; }}"
    );
    let main =
        "const Store = require('dep');\nconst store = new Store();\nglobalThis.get = () => store;";
    check(main, &dependency, "Store.items", "index.js:2", "main.js:3");
    // `this` under another name, and many that refer to what the user made.
    let dependency = "module.exports = class Marker {
            constructor() { this.it = {}; }
            follow() { const self = this; return new Link(this, () => self); }
        };
        class Link { constructor(hub, each) { this.hub = hub; this.each = each; } }";
    let main = "const Hub = require('dep');
const hub = new Hub();
globalThis.all = Array.from({ length: 60 }, () => hub.follow());
globalThis.follow = () => hub.follow();";
    check(main, dependency, "hub", "main.js:3", "");
}

#[test]
fn the_user_is_found_behind_many_that_refer_to_the_holder() {
    let dependency = format!(
        "module.exports = class Hub {{
            constructor() {{ this.jobs = {MARKER}; }}
            follow() {{ return new Follower(this); }}
        }};
        class Follower {{ constructor(hub) {{ this.hub = hub; }} }}"
    );
    let main = "const Hub = require('dep');
const hub = new Hub();
globalThis.all = Array.from({ length: 60 }, () => hub.follow());
globalThis.follow = () => hub.follow();";
    check(main, &dependency, "Hub.jobs", "index.js:2", "main.js:3");
}

/// The holder of the only `Marker` after `main.js` was told of it by `store.js`, which is another
/// text now, or gone.
#[track_caller]
fn check_import(main: &str, store: &str, now: Option<&str>, expected: &str) {
    let main = format!("globalThis.Marker = class Marker {{}};\n{main}");
    // A snapshot has the whole text of a short file.
    let long = |text: &str| format!("{text}\n{}", "// long\n".repeat(150));
    let ran = Ran::modules(&[("main.js", &main), ("store.js", &long(store))]);
    match now {
        Some(now) => ran.edit("store.js", &long(now)),
        None => ran.delete("store.js"),
    }
    let found = ran.ask(|e| place(held_marker(e).holder.as_ref()));
    assert_eq!(found, expected, "{main}\n{now:?}");
}

#[test]
fn what_evaluated_code_holds_is_held_by_its_variable() {
    let code = "const make = (0, eval)(`(() => {
  const store = { it: Object.assign(new Marker(), { it: {} }) };
  return () => store;
})`);
globalThis.get = make();";
    let main = format!("globalThis.Marker = class Marker {{}};\n{code}");
    Ran::file(&main).ask(|e| {
        let blame = held_marker(e);
        assert_eq!(name_of(e, &blame.owner, None), "store.it");
        assert!(blame.holder.is_none());
        assert_eq!(
            e.locator.binding_outside(&blame.owner).map(|it| it.to_string()).as_deref(),
            Some("evaluated code:3")
        );
    });
}

#[test]
fn an_import_does_not_hold_what_another_file_has() {
    let first = "exports.first = () => 1;";
    let store = &format!("{first}\nexports.items = {MARKER};");
    let whole = "const store = require('./store.js');\nglobalThis.get = () => store.items;";
    let one = "const { items } = require('./store.js');\nglobalThis.get = () => items;";
    let star = "const __importStar = (it) => it;
const store = __importStar(require('./store.js'));
globalThis.get = () => store.items;";
    for main in [whole, one, star] {
        check_import(main, store, Some(store), "store.js:2");
        check_import(main, store, Some("exports.items = {};"), "store.js:1");
        check_import(main, store, Some("exports.others = {};"), "");
        check_import(main, store, None, "");
    }
    // What it exported under the name is gone.
    let other = "exports.items = items;\n";
    check_import(whole, &format!("const items = {MARKER};\n{other}\n{first}"), Some(other), "");
    // No function of it is left in the heap, and so no script.
    check_import(whole, &format!("exports.items = {MARKER};"), Some(""), "main.js:2");
    // All that a module exports has no other name.
    let store = &format!("module.exports = {MARKER};\nglobalThis.first = () => 1;");
    let whole = "const store = require('./store.js');\nglobalThis.get = () => store;";
    check_import(whole, store, Some(store), "main.js:2");
    check_import(whole, store, None, "");
}

#[test]
fn what_a_module_keeps_is_reached_by_the_name_that_it_is_imported_by() {
    let dependency =
        format!("const jobs = {MARKER};\nexports.add = (job) => {{ jobs.it[job] = 1; }};");
    let main = "const queue = require('dep');
globalThis.add = (job) => queue.add(job);";
    check(main, &dependency, "jobs", "index.js:1", "main.js:2");
}

#[test]
fn behind_an_import_is_the_declaration_also_of_a_file_without_functions() {
    let main = format!(
        "globalThis.Marker = class Marker {{}};
globalThis.it = {MARKER};
const {{ execute }} = require('./stitching.js');
globalThis.run = () => execute();"
    );
    let files = [
        ("main.js", main.as_str()),
        (
            "stitching.js",
            "\nconst execute = require('dep').make(it);\nmodule.exports = { execute };\ndelete globalThis.it;",
        ),
        (
            "node_modules/dep/index.js",
            "exports.make = (it) => {
  const queries = new Map([['it', it]]);
  return function execute() { return queries; };
};",
        ),
    ];
    let told = Ran::modules(&files).ask(|e| {
        let blame = held_marker(e);
        (place(blame.holder.as_ref()), place(blame.user.as_ref()))
    });
    assert_eq!(told, ("index.js:2".to_owned(), "stitching.js:2".to_owned()));
}
