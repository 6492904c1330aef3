//! What a module exports: where it is declared, and who adds to it.

use std::fmt::Write;

use heapmark_source::{SourceFile, Target};

/// The declaration behind an export, then its mutations, one a line.
#[track_caller]
fn export(path: &str, text: &str, name: &str) -> String {
    let file = SourceFile::parse(path, text.to_owned()).expect("a small file parses");
    let Some(found) = file.export(name) else { return "none".to_owned() };
    let line = found.name_range.start.line + 1;
    let value = found.initializer.map_or("nothing", |value| file.range_text(value));
    let underlined = file.range_text(found.name_range);
    let mut list = format!("{line}: {underlined} ({:?}) = {value}\n", found.kind);
    for found in file.mutations(&Target::Export(name)) {
        let (line, kind) = (found.range.start.line + 1, found.kind.as_str());
        let _ = write!(list, "{line}: {kind} {}", found.method);
        list.push_str(if found.nested { " nested\n" } else { "\n" });
    }
    list
}

#[test]
fn a_property_of_the_exported_object_literal() {
    let text = "
module.exports = {
  items: [],
  byKey: {},
  add(item) { this.items.push(item); [item].forEach(() => this.items.push(item)); },
  put: function (key, item) { this.byKey[key] = item; },
  lose: (item) => this.items.push(item),
  reset() { this.items = []; function other() { this.items.push(1); } },
  inner: { items: [], add(item) { this.items.push(item); } },
};
module.exports.items.push(1);
";
    insta::assert_snapshot!(export("a.cjs", text, "items"), @"
    3: items (Property) = []
    5: adds .push(
    5: adds .push(
    8: removes =
    11: adds .push(
    ");
    insta::assert_snapshot!(export("a.cjs", text, "byKey"), @"
    4: byKey (Property) = {}
    6: adds [k] =
    ");
    assert_eq!(export("a.cjs", text, "missing"), "none");
    assert_eq!(export("a.cjs", "module.exports = new Thing();", "items"), "none");
    assert_eq!(export("a.cjs", "function f(module) { module.exports = { a: [] }; }", "a"), "none");
}

/// TypeScript writes so at the top of a module what is exported further down.
#[test]
fn an_export_that_has_no_value_yet_is_declared_where_it_gets_one() {
    let text = "
exports.late = exports.items = exports.Store = void 0;
exports.items = [];
exports.items.push(1);
function reset() { exports.items = undefined; }
";
    insta::assert_snapshot!(export("a.cjs", text, "items"), @"
    3: items (Property) = []
    4: adds .push(
    5: removes =
    ");
    insta::assert_snapshot!(export("a.cjs", text, "late"), @"2: late (Property) = exports.items = exports.Store = void 0");
}

#[test]
fn the_variable_behind_a_property() {
    let text = "
const items = [], store = new Map();
let late;
exports = module.exports = { items, 'kept': store, late };
function add(item) { items.push(item); module.exports.kept.set(item, 1); store.set(item, 1); }
function start() { late = []; late.push(1); }
function restart() { late = []; }
";
    insta::assert_snapshot!(export("a.cjs", text, "items"), @"
    2: items (Const) = []
    5: adds .push(
    ");
    insta::assert_snapshot!(export("a.cjs", text, "kept"), @"
    2: store (Const) = new Map()
    5: adds .set(
    5: adds .set(
    ");
    insta::assert_snapshot!(export("a.cjs", text, "late"), @"
    3: late (Let) = nothing
    6: adds .push(
    7: removes =
    ");
}

#[test]
fn an_exported_variable_that_holds_the_object() {
    let text = "
const api = { items: [], add(item) { this.items.push(item); } };
api.items.push(1);
module.exports = api;
";
    insta::assert_snapshot!(export("a.cjs", text, "items"), @"
    2: items (Property) = []
    2: adds .push(
    3: adds .push(
    ");
}

#[test]
fn an_assignment_to_exports() {
    let text = "
const cache = new Map();
exports.cache = cache;
module.exports.list = [];
cache.set(1, 2);
exports.cache.set(3, 4);
exports.list.push(1);
exports.list = [];
";
    insta::assert_snapshot!(export("a.cjs", text, "cache"), @"
    2: cache (Const) = new Map()
    5: adds .set(
    6: adds .set(
    ");
    insta::assert_snapshot!(export("a.cjs", text, "list"), @"
    4: list (Property) = []
    7: adds .push(
    8: removes =
    ");
}

#[test]
fn exports_of_modules_of_ecmascript() {
    let text = "
export const cache = new Map(), { first, inner: [second] } = make();
export let byId = {};
const a = [], b = [];
export { a as list, b };
export { c } from './c.mjs';
export * from './d.mjs';
export function open(key) { cache.set(1, 2); byId[key] = 2; a.push(1); b.push(2); second.push(3); }
export class Pool {}
export default a;
byId = {};
";
    for (name, path) in [("cache", "a.mjs"), ("cache", "a.ts")] {
        assert!(export(path, text, name).starts_with("2: cache (Const) = new Map()"), "{path}");
    }
    let mut found = String::new();
    for name in ["cache", "second", "byId", "list", "b", "open", "Pool", "default"] {
        let _ = write!(found, "{name}\n{}", export("a.mjs", text, name));
    }
    insta::assert_snapshot!(found, @"
    cache
    2: cache (Const) = new Map()
    8: adds .set(
    second
    2: second (Const) = nothing
    8: adds .push(
    byId
    3: byId (Let) = {}
    8: adds [k] =
    11: removes =
    list
    4: a (Const) = []
    8: adds .push(
    b
    4: b (Const) = []
    8: adds .push(
    open
    8: open (Function) = nothing
    Pool
    9: Pool (Class) = nothing
    default
    4: a (Const) = []
    8: adds .push(
    ");
    for name in ["a", "c", "missing"] {
        assert_eq!(export("a.mjs", text, name), "none", "{name}");
    }
}

#[test]
fn a_default_export_has_its_own_name_or_the_word() {
    for (text, expected) in [
        ("export default new Map();", "1: default (Property) = new Map()\n"),
        ("export default function make() {}", "1: make (Function) = nothing\n"),
        ("export default class Pool {}", "1: Pool (Class) = nothing\n"),
        ("export default () => {};", "1: default (Property) = () => {}\n"),
        (
            "const held = []; held.push(1); export { held as default };",
            "1: held (Const) = []\n1: adds .push(\n",
        ),
    ] {
        assert_eq!(export("a.mjs", text, "default"), expected, "{text}");
    }
}
