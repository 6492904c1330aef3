//! Where the places of a text stand in another text of the same file: at the same thing, or nowhere.

use std::path::Path;
use std::time::Instant;

use heapmark_source::{AsItRan, Now, Range, Revision, SourceError, SourceFile, Workspace};
use proptest::prelude::*;

const THEN: &str = r#"import { bus } from "./bus.js";

const sessions = new Map();
let opened = 0;

export class Session {
  static count = 0;
  buffer = [];
  constructor(id) {
    this.id = id;
    this.log = [];
    bus.on("tick", () => this.onTick());
    bus.on("flush", () => { this.buffer.length = 0; });
  }
  onTick() {
    this.buffer.push(this.id);
    opened += this.buffer.length;
    return this.buffer.slice(0, 10).map((it) => it.toString());
  }
  get size() { return this.buffer.length; }
}

export function open(id) {
  const session = new Session(id);
  sessions.set(id, session);
  setInterval(() => {
    session.onTick();
  }, 1000);
  return function close() { sessions.delete(id); };
}

const handlers = {
  open(id) { return open(id); },
  close: (id) => sessions.delete(id),
};
export default handlers;
"#;

fn parsed(text: &str) -> SourceFile {
    SourceFile::parse("a.js", text.to_owned()).expect("the text can be parsed")
}

fn laid(then: &str, now: &str) -> Revision {
    Revision::between(Path::new("a.js"), then, now).expect("both texts can be parsed")
}

/// The place of the first `what` in a text: the whole of it.
fn place(text: &str, what: &str) -> Range {
    let file = parsed(text);
    let start = text.find(what).unwrap_or_else(|| panic!("{what} is not in the text"));
    Range::new(file.position(start), file.position(start + what.len()))
}

/// What stands in the line, from where the place is now.
fn told(text: &str, range: Range) -> String {
    let file = parsed(text);
    let start = file.offset(range.start).expect("a place in the text");
    text[start..].lines().next().unwrap_or_default().to_owned()
}

fn carried(now: &str, range: Range) -> Option<String> {
    let revision = laid(THEN, now);
    revision.carry(range).map(|range| told(now, range))
}

/// Replaces the first `old`, which has to be there.
fn edit(old: &str, new: &str) -> String {
    assert!(THEN.contains(old), "{old} is not in the text");
    THEN.replacen(old, new, 1)
}

/// What is underlined of `bus.on("tick"`, in the text of then.
const TICK: &str = "bus.on";
const TICKS_CALLBACK: &str = "() =>";

/// Every range that a report may have.
fn everything(text: &str) -> Vec<Range> {
    let file = parsed(text);
    let functions = file.functions().iter().map(|it| it.name_range);
    let classes = file.classes().iter().map(|it| it.name_range);
    let calls = file.calls(&["on", "setInterval", "set", "push", "delete"]).into_iter();
    let names = ["sessions", "opened", "Session", "handlers"].map(|name| place(text, name));
    functions.chain(classes).chain(calls.map(|it| it.head_range)).chain(names).collect()
}

#[test]
fn nothing_changed() {
    for there in everything(THEN) {
        assert_eq!(carried(THEN, there), Some(told(THEN, there)));
    }
}

#[test]
fn lines_above() {
    let now = edit("let opened", "// More.\nfunction more() { return 1; }\nlet opened");
    for there in everything(THEN) {
        assert_eq!(carried(&now, there), Some(told(THEN, there)));
    }
}

#[test]
fn the_statement_of_another_event_is_another() {
    let now = edit(r#"bus.on("tick""#, r#"bus.on("tock""#);
    assert_eq!(carried(&now, place(THEN, TICK)), None);
    assert_eq!(carried(&now, place(THEN, TICKS_CALLBACK)), None);
}

#[test]
fn another_listener_of_the_same_shape_above() {
    let now =
        edit(r#"bus.on("tick""#, "bus.on(\"tock\", () => this.onTick());\n    bus.on(\"tick\"");
    let tick = Some(r#"bus.on("tick", () => this.onTick());"#.to_owned());
    assert_eq!(carried(&now, place(THEN, TICK)), tick);
    let line = |range: Range| {
        let revision = laid(THEN, &now);
        revision.carry(range).map(|range| range.start.line)
    };
    let old = place(THEN, TICKS_CALLBACK);
    assert_eq!(line(old), Some(old.start.line + 1));
}

#[test]
fn the_same_statement_twice_is_none_of_the_two() {
    let twice =
        "bus.on(\"tick\", () => this.onTick());\n    bus.on(\"tick\", () => this.onTick());";
    let now = edit(r#"bus.on("tick", () => this.onTick());"#, twice);
    assert_eq!(carried(&now, place(THEN, TICK)), None);
    assert_eq!(carried(&now, place(THEN, TICKS_CALLBACK)), None);
}

#[test]
fn the_same_statement_again_elsewhere_leaves_the_one_between_its_neighbours() {
    let now = edit("this.id = id;", "bus.on(\"tick\", () => this.onTick());\n    this.id = id;");
    let old = place(THEN, TICK);
    let revision = laid(THEN, &now);
    assert_eq!(revision.carry(old).map(|range| range.start.line), Some(old.start.line + 1));
}

#[test]
fn what_is_called_for_in_the_same_words_may_change_inside() {
    let now = edit("session.onTick();\n", "session.onTick();\n    log(session);\n");
    assert_eq!(carried(&now, place(THEN, "setInterval")).as_deref(), Some("setInterval(() => {"));
    assert_eq!(
        carried(&now, range_of(THEN, "open > callback of setInterval")).as_deref(),
        Some("() => {")
    );
}

fn range_of(text: &str, name: &str) -> Range {
    let file = parsed(text);
    let all: Vec<_> = file.functions().iter().map(|it| it.name.clone()).collect();
    let found = file.functions().iter().find(|it| it.name == name);
    found.unwrap_or_else(|| panic!("{name} is none of {all:?}")).name_range
}

#[test]
fn a_timeout_is_no_interval() {
    let now = edit("setInterval", "setTimeout");
    assert_eq!(carried(&now, place(THEN, "setInterval")), None);
    assert_eq!(carried(&now, range_of(THEN, "open > callback of setInterval")), None);
    let now = edit("}, 1000", "}, 5");
    assert_eq!(carried(&now, range_of(THEN, "open > callback of setInterval")), None);
}

#[test]
fn what_is_gone_is_nowhere() {
    let now = edit("  return function close() { sessions.delete(id); };\n", "");
    assert_eq!(carried(&now, place(THEN, "close")), None);
    let now = edit(r#"    bus.on("flush", () => { this.buffer.length = 0; });"#, "");
    assert_eq!(
        carried(&now, range_of(THEN, r#"Session.constructor > callback of bus.on("flush")"#)),
        None
    );
    let now = edit("const sessions = new Map();\n", "");
    assert_eq!(carried(&now, place(THEN, "sessions")), None);
}

#[test]
fn what_has_a_name_may_change_inside() {
    let now = edit(
        "this.buffer.push(this.id);",
        "if (this.buffer.length < 100) this.buffer.push(this.id);",
    );
    assert_eq!(carried(&now, range_of(THEN, "Session.onTick")).as_deref(), Some("onTick() {"));
    let now = edit("const sessions = new Map();", "const sessions = new LimitedMap(1000);");
    let found = carried(&now, place(THEN, "sessions"));
    assert_eq!(found.as_deref(), Some("sessions = new LimitedMap(1000);"));
}

#[test]
fn a_name_that_stands_in_the_same_place_twice_is_none() {
    let now = edit("  onTick() {", "  onTick() { return 1; }\n  onTick() {\n    other();");
    assert_eq!(carried(&now, range_of(THEN, "Session.onTick")), None);
}

#[test]
fn renamed_with_what_stands_in_it() {
    let now = edit("  onTick() {", "  everySecond() {");
    assert_eq!(carried(&now, range_of(THEN, "Session.onTick")).as_deref(), Some("everySecond() {"));
    // What stands in little is nothing to recognise it by.
    let now = edit("const sessions = new Map();", "const people = new Map();");
    assert_eq!(carried(&now, place(THEN, "sessions")), None);
}

#[test]
fn what_stands_in_a_class_goes_with_its_new_name() {
    let now = THEN.replace("Session", "Visit");
    assert_eq!(carried(&now, place(THEN, "Session")).as_deref(), Some("Visit {"));
    assert_eq!(carried(&now, range_of(THEN, "Session.onTick")).as_deref(), Some("onTick() {"));
    assert!(
        carried(&now, range_of(THEN, r#"Session.constructor > callback of bus.on("tick")"#))
            .is_some()
    );
}

#[test]
fn names_that_were_exchanged_lead_nowhere_wrong() {
    let then = "class Page { constructor() { this.text = read(1, 2, 3); } }
class Cache { constructor() { this.all = []; } add(it) { this.all.push(it, it.id, 1); } }
";
    let now = then.replace("Page", "X").replace("Cache", "Page").replace('X', "Cache");
    let revision = laid(then, &now);
    for name in ["Page", "Cache"] {
        let found = revision.carry(place(then, name));
        assert!(found.is_none_or(|range| !told(&now, range).starts_with(name)), "{name}");
    }
}

#[test]
fn a_new_class_of_an_old_name_is_not_the_one_that_was_renamed() {
    let body = "{ constructor(id) { this.id = id; } touch(at) { this.log.push(at, this.id); } }";
    let then = format!("class Session {body}\nclass Visitor {body}\n");
    let now = format!(
        "class Session {{ touch() {{ return 1; }} }}\nclass Account {body}\nclass Visitor {body}\n"
    );
    let revision = laid(&then, &now);
    assert_eq!(revision.carry(place(&then, "Session")), None);
    let visitor = revision.carry(place(&then, "Visitor")).expect("it is as it was");
    assert_eq!(told(&now, visitor), format!("Visitor {body}"));
}

#[test]
fn another_kind_of_thing_of_the_same_name_is_another() {
    let class = "class Session { constructor(id) { this.id = id; } }\n";
    let then = format!("const all = new Map();\n{class}exports.open = () => all;\n");
    for other in [
        "const Session = Visitor;\n",
        "function Session() {}\n",
        "const Session = () => {};\n",
        "import { Session } from './session.js';\n",
    ] {
        let now = then.replace(class, other);
        assert_eq!(laid(&then, &now).carry(place(&then, "Session")), None, "{other}");
    }
    let now = then.replace("class Session", "const Session = class");
    assert!(laid(&then, &now).carry(place(&then, "Session")).is_some());
    let now = then.replace("const all = new Map();", "function all() {}");
    assert_eq!(laid(&then, &now).carry(place(&then, "all")), None);
}

#[test]
fn a_twin_that_took_the_name_is_told_by_what_is_done_with_it() {
    let then = "class Cache {
  entries = new Map();
  index = new Map();
  add(key, value) { this.entries.set(key, value); }
  find(key) { return this.index.get(key); }
}
const live = [];
const done = [];
function start(job) { live.push(job); }
function end(job) { done.push(job); live.pop(); }
";
    let renamed = |names: &[(&str, &str)]| {
        let mut now = then.to_owned();
        for (old, new) in names {
            now = now.replace(old, new);
        }
        now
    };
    let line = |now: &str, what| {
        laid(then, now).carry(place(then, what)).map(|range| range.start.line + 1)
    };
    // One of them was renamed, or other things are done with it.
    assert_eq!(line(&renamed(&[("index", "store")]), "entries"), Some(2));
    assert_eq!(line(&renamed(&[("done", "ended")]), "live"), Some(7));
    assert_eq!(line(&renamed(&[("this.entries.set", "this.entries.add")]), "entries"), Some(2));
    assert_eq!(line(&renamed(&[("live.push(job)", "add(live, job)")]), "live"), Some(7));
    assert_eq!(line(&renamed(&[("live = []", "live = Object.create(null)")]), "live"), Some(7));
    // The one took the other's name.
    let now = renamed(&[("entries", "store"), ("index", "entries")]);
    assert_eq!(line(&now, "entries"), None);
    let now = renamed(&[("live", "open"), ("done", "live")]);
    assert_eq!(line(&now, "live"), None);
}

#[test]
fn a_copy_that_was_changed_beside_it_is_not_told_from_it() {
    let whole = "export function open(id) {\n  const session = new Session(id);";
    let now = edit(
        whole,
        "export function open(id) {\n  return id;\n}\nfunction open2(id) {\n  const session = new Session(id);",
    );
    assert_eq!(carried(&now, range_of(THEN, "open")), None);
}

#[test]
fn moved_to_other_surroundings_with_its_name() {
    let method = "  onTick() {\n    this.buffer.push(this.id);\n    opened += this.buffer.length;\n    return this.buffer.slice(0, 10).map((it) => it.toString());\n  }\n";
    let now = edit(method, "") + &format!("class Base {{\n{method}}}\n");
    assert_eq!(carried(&now, range_of(THEN, "Session.onTick")).as_deref(), Some("onTick() {"));
}

#[test]
fn a_function_in_another_form_keeps_its_name() {
    let now = edit("export function open(id) {", "export const open = (id) => {");
    assert_eq!(carried(&now, range_of(THEN, "open")).as_deref(), Some("open = (id) => {"));
    assert!(carried(&now, range_of(THEN, "open > callback of setInterval")).is_some());
}

#[test]
fn a_formatter_changes_nothing() {
    let now =
        THEN.replace("  ", "\t").replace('"', "'").replace("(it) =>", "it =>").replace(";\n", "\n");
    for what in ["Session {", "sessions", TICK, "setInterval"] {
        let there = place(THEN, what.trim_end_matches(" {"));
        assert!(carried(&now, there).is_some(), "{what}");
    }
}

/// Where the first `what` of a text that ran is in the text of the workspace: its line.
#[track_caller]
fn now(then: &str, now: &str, what: &str) -> Option<u32> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("a.js");
    std::fs::write(&path, now).expect("a writable folder");
    let workspace = Workspace::new(vec![folder.path().to_owned()]);
    let past = AsItRan::new(&workspace);
    past.recorded(path.to_str().expect("a path in Unicode"), then);
    past.file(&path).expect("the text can be parsed");
    match past.now(&path, place(then, what)) {
        Now::At(range) => Some(range.start.line),
        Now::Same | Now::Gone => None,
    }
}

#[test]
fn a_statement_that_means_another_variable_is_not_the_one() {
    let then = "import bus from './bus.js';
const journal = [];
let text = '';
export function write(line, at) {
  journal.push(line);
  text += line;
  at.add(line);
  bus.on('line', line);
  setInterval(line, 5);
  new Entry(line);
}
";
    let statements =
        ["journal.push", "text += line", "at.add", "bus.on", "setInterval", "new Entry"];
    let all = |text: &str| statements.map(|it| now(then, text, it));
    let line = Some;
    let edited = then.replace("(line, at) {", "(line, at) {\n  check(line);");
    assert_eq!(all(&edited), [5, 6, 7, 8, 9, 10].map(line));
    for (local, index) in
        [("journal", 0), ("text", 1), ("bus", 3), ("setInterval", 4), ("Entry", 5)]
    {
        let edited = then.replace("(line, at) {", &format!("(line, at) {{\n  let {local} = '';"));
        let mut expected = [5, 6, 7, 8, 9, 10].map(line);
        expected[index] = None;
        assert_eq!(all(&edited), expected, "{local}");
    }
    // Its declaration is gone, or the syntax is broken.
    let edited = format!("\n{}", then.replace("const journal = [];\n", ""));
    assert_eq!(all(&edited), [4, 5, 6, 7, 8, 9].map(line));
    let edited = format!("function broken( {{ if (x {{\n{then}");
    assert!(all(&edited).iter().flatten().count() > 3, "{:?}", all(&edited));
    // A parameter of the same name in the same place.
    let edited = then.replace("(line, at) {", "(line, journal, at) {\n");
    assert_eq!(all(&edited), [None, line(6), line(7), line(8), line(9), line(10)]);
}

#[test]
fn long_texts_take_little_time() {
    let method = |n: usize| {
        format!(
            "  method{n}(a, b) {{\n    const sum{n} = a + b * {n};\n    bus.on('event {n}', () => {{\n      this.items.push(sum{n});\n    }});\n    return sum{n};\n  }}\n"
        )
    };
    let class =
        |n: usize| format!("class C{n} {{\n{}}}\n", (0..20).map(method).collect::<String>());
    let then: String = (0..72).map(class).collect();
    assert!(then.lines().count() > 10_000);
    let now = then.replacen("method7(a, b)", "method7(a, b, c)", 30) + "\nlast();\n";
    let started = Instant::now();
    let revision = laid(&then, &now);
    // Without optimisation; with it a tenth.
    assert!(started.elapsed().as_millis() < 3_000, "{:?}", started.elapsed());
    assert!(revision.carry(place(&then, "method19")).is_some());
}

#[test]
fn nesting_takes_little_time_and_is_not_followed_deeper_than_any_program_goes() {
    let nested = |depth: usize| format!("{}x{}", "f(()=>{".repeat(depth), "})".repeat(depth));
    let between = |then: &str| Revision::between(Path::new("a.js"), then, &format!("{then};"));
    let started = Instant::now();
    // Two brackets a function: as deep as is read.
    let then = nested(600);
    let revision = between(&then).expect("it is read");
    assert!(revision.carry(place(&then, "f")).is_some());
    let deeper = between(&nested(20_000)).expect_err("nobody writes that");
    assert!(matches!(deeper, SourceError::TooComplex { .. }), "{deeper}");
    assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
}

// ---- Edits that nobody planned --------------------------------------------------------------

/// A thing of a program that is made up: a method of a class.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Part {
    Listener { event: u8, body: u8 },
    Timer { ms: u8, body: u8 },
    Push { to: u8 },
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Method {
    name: u8,
    parts: Vec<Part>,
}

impl Part {
    fn written(&self) -> String {
        match self {
            Part::Listener { event, body } => {
                format!("    bus.on('e{event}', () => this.m{body}());\n")
            }
            Part::Timer { ms, body } => format!("    setInterval(() => this.m{body}(), {ms});\n"),
            Part::Push { to } => format!("    items{to}.push(this);\n"),
        }
    }
}

fn written(methods: &[Method]) -> String {
    let each = methods.iter().map(|method| {
        let parts: String = method.parts.iter().map(Part::written).collect();
        format!("  m{}() {{\n{parts}  }}\n", method.name)
    });
    format!("class A {{\n{}}}\n", each.collect::<String>())
}

fn part() -> impl Strategy<Value = Part> {
    prop_oneof![
        (0u8..4, 0u8..3).prop_map(|(event, body)| Part::Listener { event, body }),
        (1u8..4, 0u8..3).prop_map(|(ms, body)| Part::Timer { ms, body }),
        (0u8..3).prop_map(|to| Part::Push { to }),
    ]
}

fn program() -> impl Strategy<Value = Vec<Method>> {
    let method = proptest::collection::vec(part(), 0..5);
    proptest::collection::vec(method, 1..5).prop_map(|all| {
        let named = all.into_iter().enumerate();
        named.map(|(name, parts)| Method { name: name as u8, parts }).collect()
    })
}

#[derive(Debug, Clone)]
enum Change {
    Insert(usize, usize, Part),
    Remove(usize, usize),
    Replace(usize, usize, Part),
    Rename(usize, u8),
    Delete(usize),
    Swap(usize, usize),
}

fn change() -> impl Strategy<Value = Change> {
    let at = || 0usize..6;
    prop_oneof![
        (at(), at(), part()).prop_map(|(a, b, part)| Change::Insert(a, b, part)),
        (at(), at()).prop_map(|(a, b)| Change::Remove(a, b)),
        (at(), at(), part()).prop_map(|(a, b, part)| Change::Replace(a, b, part)),
        (at(), 10u8..20).prop_map(|(a, name)| Change::Rename(a, name)),
        at().prop_map(Change::Delete),
        (at(), at()).prop_map(|(a, b)| Change::Swap(a, b)),
    ]
}

fn apply(methods: &mut Vec<Method>, change: Change) {
    let count = methods.len();
    if count == 0 {
        return;
    }
    match change {
        Change::Insert(at, index, part) => {
            let parts = &mut methods[at % count].parts;
            parts.insert(index % (parts.len() + 1), part);
        }
        Change::Remove(at, index) => {
            let parts = &mut methods[at % count].parts;
            if !parts.is_empty() {
                parts.remove(index % parts.len());
            }
        }
        Change::Replace(at, index, part) => {
            let parts = &mut methods[at % count].parts;
            if !parts.is_empty() {
                let index = index % parts.len();
                parts[index] = part;
            }
        }
        Change::Rename(at, name) => methods[at % count].name = name,
        Change::Delete(at) => {
            methods.remove(at % count);
        }
        Change::Swap(a, b) => methods.swap(a % count, b % count),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// The twin knows every line by what makes it what it is: in which method it stands, whom it
    /// calls, and with what. No place ends on a line that is another.
    #[test]
    fn no_place_ends_on_another_thing(
        before in program(),
        changes in proptest::collection::vec(change(), 1..5),
    ) {
        let mut after = before.clone();
        for change in changes {
            apply(&mut after, change);
        }
        let (then, now) = (written(&before), written(&after));
        let revision = laid(&then, &now);
        let file = parsed(&then);
        let line = |text: &str, range: Range| text.lines().nth(range.start.line as usize).unwrap_or_default().trim().to_owned();
        for function in file.functions() {
            let Some(found) = revision.carry(function.name_range) else { continue };
            let (old, new) = (line(&then, function.name_range), line(&now, found));
            if function.name.contains('>') {
                let head = |line: &str| line.split("() =>").next().unwrap_or_default().to_owned();
                let arguments = |line: &str| line.split("),").nth(1).unwrap_or_default().to_owned();
                prop_assert_eq!(head(&old), head(&new));
                prop_assert_eq!(arguments(&old), arguments(&new));
            } else {
                // Another name only if what stands in it is the same.
                let named = |line: &str, it: &&Method| line == format!("m{}() {{", it.name);
                let is_renamed = before.iter().filter(|it| named(&old, it)).any(|one| {
                    after.iter().filter(|it| named(&new, it)).any(|two| one.parts == two.parts)
                });
                prop_assert!(old == new || is_renamed, "{then}\n{now}\n{old} -> {new}");
            }
        }
        for call in file.calls(&["on", "setInterval", "push"]) {
            let Some(found) = revision.carry(call.head_range) else { continue };
            let (old, new) = (line(&then, call.head_range), line(&now, found));
            let words = |line: &str| -> String { line.split("this.m").next().unwrap_or_default().to_owned() };
            prop_assert_eq!(words(&old), words(&new));
        }
    }
}
