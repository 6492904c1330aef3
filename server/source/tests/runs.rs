//! Whether what a statement removes is ever removed: does anything call its function?

use heapmark_source::{MutationKind, Runs, SourceFile, Target};

/// Whether what removes from the first `held` runs: `yes`, or the names by which others would have to call
/// it.
#[track_caller]
fn check(expected: &str, text: &str) {
    let file = SourceFile::parse("file.js", text.to_owned()).expect("a small file parses");
    let found = match file.classes() {
        [class, ..] if text.contains("this.held") => {
            file.mutations(&Target::Field { class, name: "held", is_static: false })
        }
        _ => {
            let at = file.position(text.find("held").expect("the name is in the text"));
            let held = file.declaration("held", at).expect("the name is declared");
            file.mutations(&Target::Variable(&held))
        }
    };
    let adds: Vec<_> = found.iter().filter(|it| it.kind == MutationKind::Adds).collect();
    let removes = found.iter().find(|it| it.kind == MutationKind::Removes).expect("one removes");
    let runs = match file.runs(removes, &adds) {
        Runs::Yes => "yes".to_owned(),
        Runs::IfUsed(names) => names.join(" "),
    };
    assert_eq!(runs, expected, "{text}");
}

const CACHE: &str = "
class Cache {
  constructor() { this.held = {}; }
  // There is a clear() for tests.
  clear() { this.held = {}; }
  get(key) { return (this.held[key] ??= make(key)); }
}
const cache = new Cache();
";

#[test]
fn what_nothing_calls_does_not_run() {
    check("clear", CACHE);
    check(
        "clear clearForTests",
        &format!("{CACHE}module.exports = {{ clearForTests: () => cache.clear() }};"),
    );
    check("clear reset", &format!("{CACHE}export function reset() {{ cache.clear(); }}"));
    check("clear", &format!("{CACHE}const other = new Map(); other.clear();"));
    check(
        "clear drop",
        "const held = [];\nexports.clear = () => drop();\nfunction drop() { held.length = 0; }\nexports.drop = drop;\n",
    );
    check("", "const held = [];\nfunction clear() { held.length = 0; }\nheld.push(1);\n");
    check("", "const held = [];\nfunction clear() { if (held.pop()) clear(); }\n");
}

#[test]
fn what_those_call_that_add_runs() {
    let pool = "
class Pool {
  constructor() { this.held = []; }
  take() { return this.held.pop() ?? make(); }
  give(it) { this.held.push(it); }
}
const pool = new Pool();
async function compress() { const it = pool.take(); try { await use(it); } finally { pool.give(it); } }
exports.compress = compress;
";
    check("yes", pool);
}

#[test]
fn who_hands_on_what_adds_runs() {
    check(
        "yes",
        "
const held = [];
function take() { return held.pop() ?? make(); }
function give(it) { held.push(it); }
exports.frame = (n) => { const used = []; while (n-- > 0) used.push(take()); used.forEach(give); };
",
    );
}

#[test]
fn what_is_called_or_may_be_called_runs() {
    for more in [
        "cache.clear();",
        "function stop() { cache.clear(); }\nstop();",
        "process.on('exit', () => cache.clear());",
        "process.on('exit', cache.clear.bind(cache));",
        "unknown.clear();",
        "const { clear } = cache;",
        "cache['clear']();",
        "export default { stop };\nfunction stop() { cache.clear(); }\nstart(stop);",
    ] {
        check("yes", &format!("{CACHE}{more}"));
    }
    check("yes", &CACHE.replace("class Cache {", "class Cache extends Plugin {"));
    check("yes", &CACHE.replace("class Cache {", "@Injectable()\nclass Cache {"));
    check("yes", &CACHE.replace("get(key) {", "get(key) { this.clear();"));
    check("yes", "const held = [];\nheld.length = 0;\n");
    check("yes", "const held = [];\nstart(function clear() { held.length = 0; });\n");
    check("yes", "const held = [];\nregister({ clear() { held.length = 0; } });\n");
    check(
        "yes",
        "const held = [];\nfunction clear() { held.length = 0; }\nsetInterval(clear, 1_000);\n",
    );
}

#[test]
fn who_adds_is_known_to_run() {
    check(
        "yes",
        "const held = [];\nexports.add = (it) => { held.push(it); trim(); };\nfunction trim() { held.shift(); }\n",
    );
}

#[test]
fn a_file_may_use_what_another_has() {
    for (text, expected) in [
        ("const { cache } = require('./cache'); cache.clear();", true),
        ("import { clear } from './cache.js'; clear();", true),
        ("const { clear } = require('./cache');", true),
        ("stop(cache.clear);", true),
        ("const all = new Map(); all.clear();", false),
        ("class Other { map = new Map(); stop() { this.map.clear(); } }", false),
        ("class Other { clear() {} }", false),
        ("// clear is for tests", false),
    ] {
        let file = SourceFile::parse("other.js", text.to_owned()).expect("it parses");
        assert_eq!(file.may_use("clear"), expected, "{text}");
    }
}
