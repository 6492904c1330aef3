//! The number of a limit, wherever it is written.

use heapmark_source::{AsItRan, Behind, Importers, MutationKind, Workspace};

/// What the comparison in `cache.js` is with, and where that is written: `500 cache.js:2`.
#[track_caller]
fn limit(files: &[(&str, &str)]) -> String {
    let folder = tempfile::tempdir().expect("a temporary folder");
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).expect("writable");
    }
    let workspace = Workspace::new(vec![folder.path().to_owned()]);
    let past = AsItRan::new(&workspace);
    let file = past.file(&folder.path().join("cache.js")).expect("it parses");
    let at = file.position(file.text().find("held").expect("it is there"));
    let variable = file.declaration("held", at);
    let found = match (&variable, file.classes().first()) {
        (Some(variable), _) => file.mutations(&heapmark_source::Target::Variable(variable)),
        (None, Some(class)) => {
            let name = if file.text().contains("#held") { "#held" } else { "held" };
            let target = heapmark_source::Target::Field { class, name, is_static: false };
            file.mutations(&target)
        }
        (None, None) => panic!("nothing is called held"),
    };
    let guard = found.iter().find(|it| it.kind == MutationKind::Guards).expect("it is compared");
    let importers = Importers::of(&past, None);
    let behind = Behind { view: &past, importers: &|| &importers, confirm: &|_| () };
    let own = guard.limit.clone().map(|limit| (file.path().to_owned(), limit));
    match own.or_else(|| behind.limit(&file, &guard.limit_behind)) {
        Some((path, limit)) => {
            let line = limit.range.start.line + 1;
            format!("{} {}:{line}", limit.value, workspace.relative(&path))
        }
        None => "unknown".to_owned(),
    }
}

/// The same of one file.
#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(limit(&[("cache.js", text)]), expected, "{text}");
}

const HELD: &str = "const held = new Map();\nif (held.size > LIMIT) evict();\n";

#[test]
fn it_stands_in_a_field() {
    let class = |field: &str, limit: &str| {
        format!(
            "class Cache {{\n  {field}\n  #held = new Map();\n  add(k) {{ if (this.#held.size >= {limit}) this.evict(); }}\n}}\n"
        )
    };
    check(&class("#limit = 2_000;", "this.#limit"), "2000 cache.js:2");
    check(&class("max = 4 * 100;", "this.max"), "400 cache.js:2");
    check(&class("static MAX = 500;", "Cache.MAX"), "500 cache.js:2");
    check(&class("static #MAX = 500;", "Cache.#MAX"), "500 cache.js:2");
    check(&class("options = { max: 70 };", "this.options.max"), "70 cache.js:2");
    check(&class("constructor(max = 300) { this.max = max; }", "this.max"), "300 cache.js:2");
    check(
        &class("constructor({ max = 300 } = {}) { this.max = max; }", "this.max"),
        "300 cache.js:2",
    );
    check(&class("constructor(o) { this.max = o.max ?? 300; }", "this.max"), "300 cache.js:2");
    check(&class("constructor(o) { this.max = o.max; }", "this.max"), "unknown");
    check(
        &class(
            "grow() { this.max = 5; } shrink() { this.max = 4; } reset() { this.max = 3; }",
            "this.max",
        ),
        "unknown",
    );
}

#[test]
fn it_is_given_to_the_constructor() {
    let class = "class Cache {\n  held = new Map();\n  constructor({ max = 100, ttl } = {}) { this.max = max; }\n  add(k) { if (this.held.size > this.max) this.evict(); }\n}\n";
    check(&format!("{class}const one = new Cache({{ max: 250 }});\n"), "250 cache.js:6");
    check(
        &format!("{class}const one = new Cache(), two = new Cache({{ max: 250 }});\n"),
        "250 cache.js:6",
    );
    check(&format!("{class}const one = new Cache();\n"), "100 cache.js:3");
    check(&format!("{class}const one = new Cache(options);\n"), "unknown");
    check(
        &format!("{class}const MAX = 9; const one = new Cache({{ max: MAX }});\n"),
        "9 cache.js:6",
    );

    let exported = format!("{class}module.exports = {{ Cache }};\n");
    let with = |user: &str| limit(&[("cache.js", &exported), ("user.js", user)]);
    let made = "const { Cache } = require('./cache');\nconst pages = new Cache({ max: 200 });\n";
    assert_eq!(with(made), "200 user.js:2");
    assert_eq!(
        with("const all = require('./cache');\nnew all.Cache({ max: 60 });\n"),
        "60 user.js:2"
    );
    assert_eq!(with("const { Cache } = require('./cache');\nnew Cache(read());\n"), "unknown");
    assert_eq!(
        with("const { Cache } = require('./other');\nnew Cache({ max: 7 });\n"),
        "100 cache.js:3"
    );
    for export in ["exports.Cache = class", "module.exports.Cache = class Cache"] {
        let text = class.replace("class Cache", export);
        assert_eq!(limit(&[("cache.js", &text), ("user.js", made)]), "200 user.js:2");
    }
    let whole = class.replace("class Cache", "module.exports = class");
    let user = "const Cache = require('./cache');\nnew Cache({ max: 20 });\n";
    assert_eq!(limit(&[("cache.js", &whole), ("user.js", user)]), "20 user.js:2");
    let esm = class.replace("class Cache", "export default class Cache");
    let user = "import Pages from './cache.js';\nexport const pages = new Pages({ max: 30 });\n";
    assert_eq!(limit(&[("cache.js", &esm), ("user.js", user)]), "30 user.js:2");
}

#[test]
fn it_stands_in_a_configuration() {
    let with = |first: &str| format!("{first}\n{HELD}");
    check(&with("const LIMIT = process.env.LIMIT ?? 500;"), "500 cache.js:1");
    check(&with("const LIMIT = Number(process.env.LIMIT || 500);"), "500 cache.js:1");
    check(&with("const config = { LIMIT: 80 };\nconst { LIMIT } = config;"), "80 cache.js:1");
    check(
        &with(
            "const config = Object.freeze({ a: { LIMIT: 80 } });\nconst { a: { LIMIT } } = config;",
        ),
        "80 cache.js:1",
    );

    let import =
        |import: &str, name: &str, text: &str| limit(&[("cache.js", &with(import)), (name, text)]);
    let js = "exports.LIMIT = 40;\n";
    assert_eq!(import("const { LIMIT } = require('./config');", "config.js", js), "40 config.js:1");
    let js = "export const LIMIT = Number(process.env.LIMIT) || 1_000;\n";
    assert_eq!(import("import { LIMIT } from './config.js';", "config.js", js), "1000 config.js:1");
    let js = "export default {\n  cache: { LIMIT: 25 },\n};\n";
    assert_eq!(
        import(
            "import config from './config.js';\nconst LIMIT = config.cache.LIMIT;",
            "config.js",
            js
        ),
        "25 config.js:2"
    );
    let js = "module.exports = {\n  cache: { LIMIT: 25 },\n};\n";
    assert_eq!(
        import("const { cache: { LIMIT } } = require('./config');", "config.js", js),
        "25 config.js:2"
    );
    let json = "{\n  \"cache\": {\n    \"LIMIT\": 15\n  }\n}\n";
    assert_eq!(
        import("const { cache: { LIMIT = 9 } } = require('./config.json');", "config.json", json),
        "15 config.json:3"
    );
    assert_eq!(
        import("const { LIMIT = 9 } = require('./config.json');", "config.json", "{}"),
        "9 cache.js:1"
    );
    assert_eq!(
        import("import { LIMIT } from 'config';", "config.js", "export const LIMIT = 3;"),
        "unknown"
    );
}
