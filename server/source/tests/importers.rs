//! Statements about what a module exports, in the files that import it.

use std::fmt::Write;
use std::path::Path;

use heapmark_source::{AsItRan, Importers, Target, Workspace};

/// The statements in other files of the workspace about what `name` is in `store`, one a line.
#[track_caller]
fn elsewhere(files: &[(&str, &str)], store: &str, name: &str, path: &[&str]) -> String {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, text) in files {
        let file = folder.path().join(name);
        std::fs::create_dir_all(file.parent().expect("it is in the folder")).expect("writable");
        std::fs::write(file, text).expect("writable");
    }
    let workspace = Workspace::new(vec![folder.path().to_owned()]);
    let file = workspace.file(&folder.path().join(store)).expect("it parses");
    let past = AsItRan::new(&workspace);
    let importers = Importers::of(&past, None);
    let at = file.position(file.text().find(name).expect("the name is there"));
    let variable = file.declaration(name, at);
    let field;
    let target = match (&variable, file.classes().first()) {
        (Some(variable), _) => Target::Path { variable, path },
        (None, Some(class)) => {
            field = Target::Field { class, name, is_static: false };
            if path.is_empty() { field } else { Target::Within { of: &field, path } }
        }
        (None, None) => Target::Export(name),
    };
    let mut list = String::new();
    for (file, found) in importers.mutations(&past, &file, &target, |_| ()) {
        let line = found.range.start.line + 1;
        let path = workspace.relative(file.path());
        let _ = writeln!(list, "{path}:{line} {} {}", found.kind.as_str(), found.method);
    }
    list
}

#[test]
fn modules_of_ecmascript() {
    let store = "export const items = new Map();\nexport default items;\nconst own = [];\n";
    let files = [
        ("store.js", store),
        ("named.js", "import { items } from './store.js';\nitems.set(1, 2);\n"),
        (
            "renamed.js",
            "import { items as all } from './store.js';\nall.delete(1);\nitems.clear();\n",
        ),
        (
            "space.js",
            "import * as store from './store.js';\nstore.items.set(3, 4);\nstore.set(1);\n",
        ),
        ("default.js", "import stored from './store.js';\nfunction f() { stored.clear(); }\n"),
        ("later.js", "const { items } = await import('./store.js');\nitems.set(1, 1);\n"),
        ("shadow.js", "import { items } from './store.js';\nfunction f(items) { items.set(1); }\n"),
        ("other.js", "import { items } from './elsewhere.js';\nitems.set(1, 2);\n"),
    ];
    insta::assert_snapshot!(elsewhere(&files, "store.js", "items", &[]), @"
    default.js:2 removes .clear(
    later.js:2 adds .set(
    named.js:2 adds .set(
    renamed.js:2 removes .delete(
    space.js:2 adds .set(
    ");
    assert_eq!(elsewhere(&files, "store.js", "own", &[]), "");
}

#[test]
fn modules_of_commonjs() {
    let store =
        "const items = [];\nconst state = { pending: [] };\nmodule.exports = { items, state };\n";
    let files = [
        ("lib/store.js", store),
        (
            "a.js",
            "const { items, state: s } = require('./lib/store');\nitems.push(1);\ns.pending.push(2);\n",
        ),
        (
            "b.js",
            "const store = require('./lib/store');\nstore.items.length = 0;\nstore.state.pending.shift();\n",
        ),
        ("c.js", "require('./lib/store').items.push(3);\n"),
        ("d.mjs", "import store from './lib/store.js';\nstore.items.pop();\n"),
        (
            "e.mjs",
            "import { items } from './lib/store.js';\nif (items.length > 100) items.splice(0);\n",
        ),
    ];
    insta::assert_snapshot!(elsewhere(&files, "lib/store.js", "items", &[]), @"
    a.js:2 adds .push(
    b.js:2 removes .length =
    c.js:1 adds .push(
    d.mjs:2 removes .pop(
    e.mjs:2 guards .length >
    e.mjs:2 removes .splice(
    ");
    insta::assert_snapshot!(elsewhere(&files, "lib/store.js", "state", &["pending"]), @"
    a.js:3 adds .push(
    b.js:3 removes .shift(
    ");
    let alone = [
        ("list.js", "const list = [];\nmodule.exports = list;\n"),
        ("use.js", "const all = require('./list');\nall.push(1);\n"),
    ];
    insta::assert_snapshot!(elsewhere(&alone, "list.js", "list", &[]), @"use.js:2 adds .push(");
    let assigned = [
        ("log.js", "exports.lines = [];\n"),
        ("use.js", "const log = require('./log');\nlog.lines.push(1);\n"),
    ];
    insta::assert_snapshot!(elsewhere(&assigned, "log.js", "lines", &[]), @"use.js:2 adds .push(");
}

#[test]
fn what_is_passed_on() {
    let files = [
        ("src/store.ts", "export const items: Item[] = [];\n"),
        (
            "src/index.ts",
            "export * from './store';\nexport { items as all } from './store';\nexport * as stored from './store';\n",
        ),
        ("src/again.ts", "import { items } from './store.js';\nexport { items as again };\n"),
        ("app/a.ts", "import { items } from '../src';\nitems.push(1);\n"),
        ("app/b.ts", "import { all } from '../src/index.js';\nall.push(2);\n"),
        ("app/c.ts", "import { stored } from '../src/index';\nstored.items.push(3);\n"),
        ("app/d.ts", "import { again } from '../src/again';\nagain.pop();\n"),
        ("app/circle.ts", "export * from './circle2';\nexport * from '../src';\n"),
        ("app/circle2.ts", "export * from './circle';\n"),
        ("app/e.ts", "import { items } from './circle2';\nitems.push(4);\n"),
    ];
    insta::assert_snapshot!(elsewhere(&files, "src/store.ts", "items", &[]), @"
    app/a.ts:2 adds .push(
    app/b.ts:2 adds .push(
    app/c.ts:2 adds .push(
    app/d.ts:2 removes .pop(
    app/e.ts:2 adds .push(
    ");
}

#[test]
fn statics_of_an_exported_class() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text);
    write("cache.js", "export class Cache { static all = new Set(); }\n").expect("writable");
    write("use.js", "import { Cache } from './cache.js';\nCache.all.add(1);\nCache.add(2);\n")
        .expect("writable");
    let workspace = Workspace::new(vec![folder.path().to_owned()]);
    let file = workspace.file(&folder.path().join("cache.js")).expect("it parses");
    let target = Target::Field { class: &file.classes()[0], name: "all", is_static: true };
    let past = AsItRan::new(&workspace);
    let found = Importers::of(&past, None).mutations(&past, &file, &target, |_| ());
    let lines: Vec<u32> = found.iter().map(|(_, it)| it.range.start.line + 1).collect();
    assert_eq!(lines, [2]);
}

#[test]
fn nothing_outside_the_workspace_is_looked_at() {
    let files = [
        ("store.js", "export const items = [];\n"),
        ("use.js", "import { items } from '../../../../../../etc/passwd';\nitems.push(1);\n"),
        ("odd.js", "import x from './\u{0}'; import y from './store.js\n'; const z = `./${a}`;\n"),
    ];
    assert_eq!(elsewhere(&files, "store.js", "items", &[]), "");
    assert!(
        Importers::of(&AsItRan::new(&Workspace::new(vec![Path::new("/nowhere").into()])), None)
            .mutations(
                &AsItRan::new(&Workspace::new(Vec::new())),
                &heapmark_source::SourceFile::parse("a.js", "export const a = [];".into()).unwrap(),
                &Target::Export("a"),
                |_| (),
            )
            .is_empty()
    );
}

#[test]
fn what_did_not_run_does_not_count() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = folder.path().canonicalize().expect("it exists");
    let path = |name: &str| root.join(name);
    for (name, text) in [
        ("store.js", "export const items = new Map();\n"),
        ("ran.js", "import { items } from './store.js';\n\nitems.set(1, 2);\n"),
        ("new.js", "import { items } from './store.js';\nitems.clear();\n"),
    ] {
        std::fs::write(path(name), text).expect("writable");
    }
    let workspace = Workspace::new(vec![root.clone()]);
    let past = AsItRan::new(&workspace);
    // This text is another by now.
    let then = "import { items } from './store.js';\nitems.delete(1);\n";
    past.recorded(path("ran.js").to_str().expect("text"), then);
    let file = past.file(&path("store.js")).expect("it parses");
    let ran = [path("store.js"), path("ran.js")].into();
    let found =
        Importers::of(&past, Some(&ran)).mutations(&past, &file, &Target::Export("items"), |_| ());
    let told: Vec<String> = found
        .iter()
        .map(|(file, it)| format!("{} {}", workspace.relative(file.path()), it.method))
        .collect();
    assert_eq!(told, ["ran.js .delete("]);
}

#[test]
fn instances_are_exported_or_made_of_what_is() {
    let class = "class Store {\n  things = [];\n  add(it) { this.things.push(it); }\n}\n";
    let with = |export: &str, user: &str| {
        let store =
            format!("{}{export}\n", if export.starts_with("export class") { "" } else { class });
        let files = [("store.js", store.as_str()), ("user.js", user)];
        elsewhere(&files, "store.js", "things", &[])
    };
    let pushes = "user.js:2 adds .push(\n";
    for (export, user) in [
        (
            "export const store = new Store();",
            "import { store } from './store.js';\nstore.things.push(1);",
        ),
        ("export default new Store();", "import store from './store.js';\nstore.things.push(1);"),
        (
            "export const store = new Store();",
            "import * as all from './store.js';\nall.store.things.push(1);",
        ),
        (
            "module.exports = new Store();",
            "const store = require('./store');\nstore.things.push(1);",
        ),
        (
            "module.exports = { store: new Store() };",
            "const { store } = require('./store');\nstore.things.push(1);",
        ),
        (
            "exports.store = new Store();",
            "const all = require('./store');\nall.store.things.push(1);",
        ),
        (
            "const store = new Store();\nmodule.exports = { store };",
            "const all = require('./store');\nall.store.things.push(1);",
        ),
        (
            "export { Store };",
            "import { Store } from './store.js'; const mine = new Store();\nmine.things.push(1);",
        ),
        (
            "module.exports = Store;",
            "const Store = require('./store'); const mine = new Store();\nmine.things.push(1);",
        ),
        (
            "export { Store };",
            "import { Store } from './store.js'; class App { store = new Store(); add(it) {\nthis.store.things.push(it); } }",
        ),
        (
            "export { Store };",
            "import { Store } from './store.js'; class App extends Store { more(it) {\nthis.things.push(it); } }",
        ),
    ] {
        assert_eq!(with(export, user), pushes, "{export} {user}");
    }
    for (export, user) in [
        (
            "export { Store };",
            "import { Store } from './store.js'; const mine = new Other();\nmine.things.push(1);",
        ),
        (
            "export const store = new Store();",
            "import { store } from './store.js';\nstore.others.push(1);",
        ),
        (
            "const store = new Store();",
            "import { store } from './store.js';\nstore.things.push(1);",
        ),
    ] {
        assert_eq!(with(export, user), "", "{export} {user}");
    }
}

#[test]
fn what_is_inside_of_an_export_or_a_field_is_found_by_its_path() {
    let state = "export const state = { list: [], users: { online: new Map() } };\n";
    let user = "import { state } from './state.js';\nstate.list.push(1);\nstate.list = state.list.filter(Boolean);\nconst { online } = state.users;\nonline.set(1, 2);\n";
    let files = [("state.js", state), ("user.js", user)];
    insta::assert_snapshot!(elsewhere(&files, "state.js", "state", &["list"]), @r"
    user.js:2 adds .push(
    user.js:3 removes =
    ");
    insta::assert_snapshot!(elsewhere(&files, "state.js", "state", &["users", "online"]), @"user.js:5 adds .set(");

    let store = "class Store {\n  state = { list: [] };\n}\nexport const store = new Store();\n";
    let user = "import { store } from './store.js';\nstore.state.list.push(1);\nstore.state.other.push(1);\n";
    let files = [("store.js", store), ("user.js", user)];
    insta::assert_snapshot!(elsewhere(&files, "store.js", "state", &["list"]), @"user.js:2 adds .push(");
}
