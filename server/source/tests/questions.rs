//! Declarations, captured variables, calls and names, and files that are no proper programs.

use std::fmt::Write;
use std::time::{Duration, Instant};

use heapmark_source::{DeclarationKind, Position, Siblings, SourceFile, Target};

fn parse(path: &str, text: impl Into<String>) -> SourceFile {
    SourceFile::parse(path, text.into()).expect("a small file parses")
}

/// Where `name` stands declared as seen from the `|` in the text: `line:column kind`.
#[track_caller]
fn check(path: &str, text: &str, name: &str, expected: &str) {
    let cursor = text.find('|').expect("a cursor");
    let file = parse(path, text.replacen('|', "", 1));
    let found = file.declaration(name, file.position(cursor));
    let found = found.map_or("nothing".to_owned(), |found| {
        let start = found.name_range.start;
        format!("{}:{} {:?}", start.line + 1, start.column + 1, found.kind)
    });
    assert_eq!(found, expected, "{name} in {text}");
}

#[test]
fn a_name_is_looked_up_from_the_inside_out() {
    check("a.js", "let a;\nfunction f() { let a; { | } }", "a", "2:20 Let");
    check("a.js", "let a;\nfunction f() { { let a; } | }", "a", "1:5 Let");
    check("a.js", "function f() { | { var a; } }", "a", "1:23 Var");
    check("a.js", "function f() { for (var a of []) {} | }", "a", "1:25 Var");
    check("a.js", "for (const a of []) { | }", "a", "1:12 Const");
    check("a.js", "for (const a of []) {} |", "a", "nothing");
    check("a.js", "for (let a = 0;;) { | }", "a", "1:10 Let");
    check("a.js", "switch (1) { case 1: let a; | }", "a", "1:26 Let");
    check("a.js", "try {} catch (a) { | }", "a", "1:15 Catch");
    check("a.js", "try {} catch ({ a }) { | }", "a", "1:17 Catch");
    check("a.js", "| function a() {}", "a", "1:11 Function");
    check("a.js", "const b = function a() { | };", "a", "1:20 Function");
    check("a.js", "const b = function a(a) { | };", "a", "1:22 Parameter");
    check("a.js", "const b = function a() {}; |", "a", "nothing");
    check("a.js", "class A {} |", "A", "1:7 Class");
    check("a.js", "const b = class A { m() { | } };", "A", "1:17 Class");
    check("a.js", "class A { static { let a; | } }", "a", "1:24 Let");
    check("a.js", "const f = a => { | };", "a", "1:11 Parameter");
    check("a.js", "({ m({ x: [a = 1, ...b] }, c = 2, ...d) { | } })", "a", "1:12 Parameter");
    check("a.js", "({ m({ x: [a = 1, ...b] }, c = 2, ...d) { | } })", "b", "1:22 Parameter");
    check("a.js", "({ m({ x: [a = 1, ...b] }, c = 2, ...d) { | } })", "c", "1:28 Parameter");
    check("a.js", "({ m({ x: [a = 1, ...b] }, c = 2, ...d) { | } })", "d", "1:38 Parameter");
    check("a.js", "const { a = 1, ...b } = x; |", "b", "1:19 Const");
    check("a.js", "import a, { b as c, d } from 'x'; |", "a", "1:8 Import");
    check("a.js", "import a, { b as c, d } from 'x'; |", "c", "1:18 Import");
    check("a.js", "import a, { b as c, d } from 'x'; |", "d", "1:21 Import");
    check("a.js", "import a, { b as c, d } from 'x'; |", "b", "nothing");
    check("a.js", "import * as a from 'x'; |", "a", "1:13 Import");
    check("a.ts", "import a = require('x'); |", "a", "1:8 Import");
    check("a.ts", "enum A { B } |", "A", "1:6 Const");
    check("a.ts", "namespace N { let a; | }", "a", "1:19 Let");
    check("a.ts", "function f(a?: number, { b }: X = {}) { | }", "a", "1:12 Parameter");
    check("a.ts", "function f(a?: number, { b }: X = {}) { | }", "b", "1:26 Parameter");
    check("a.tsx", "const A = (p: P) => <b onClick={() => { | }} />;", "p", "1:12 Parameter");
    check("a.jsx", "const A = ({ p }) => <b>{[].map(q => { | })}</b>;", "q", "1:33 Parameter");
    check("a.js", "let let_; const toString = 1; |", "constructor", "nothing");
}

/// The text may have been another when the function was found.
#[test]
fn a_function_of_another_text_captures_nothing_here() {
    let deep = parse("a.js", "{ { { { const f = () => big; } } } }");
    let position = deep.position("{ { { { const f = ".len());
    let function = deep.function_at(position).expect("an arrow function");
    assert_eq!(parse("b.js", "let other;").captured(function, "big", &Siblings::default()), None);
}

#[test]
fn a_captured_variable_is_looked_up_outside_the_function() {
    let file = parse(
        "a.js",
        "const a = 1;
function outer(a, b) {
  return function inner(a) { return () => a + b; };
}
function* other() { const held = function held() {}; }
",
    );
    let function = |name: &str| {
        file.functions().iter().find(|function| function.name == name).expect("it is there")
    };
    let line = |name: &str, variable: &str, siblings: &[&str]| {
        let siblings = Siblings::of(siblings.iter().map(|&name| name.to_owned()).collect());
        let found = file.captured(function(name), variable, &siblings);
        found.map(|found| (found.name_range.start.line + 1, found.kind, found.in_function))
    };
    let parameter = |line, of: &str| Some((line, DeclarationKind::Parameter, Some(of.to_owned())));
    assert_eq!(line("outer > inner", "a", &[]), parameter(2, "outer"));
    assert_eq!(line("outer > inner > returned function", "a", &[]), parameter(3, "outer > inner"));
    // The context that holds `a` together with `b` is the outer one.
    assert_eq!(line("outer > inner > returned function", "a", &["a", "b"]), parameter(2, "outer"));
    assert_eq!(line("outer", "a", &[]), Some((1, DeclarationKind::Const, None)));
    assert_eq!(line("outer", "a", &["missing"]), None);
    // Node's own names are in the scope of the file.
    let given = ["a", "exports", "require", "module", "__filename", "__dirname"];
    assert_eq!(line("outer", "a", &given), Some((1, DeclarationKind::Const, None)));
    assert_eq!(line("outer > inner", "a", &given), Some((1, DeclarationKind::Const, None)));
}

/// What is found out of the names of one context is of one scope of one text.
#[test]
fn siblings_are_asked_of_each_scope_and_each_text_by_itself() {
    let with = parse("a.js", "const a = 1, b = 2; const f = () => a;");
    let without = parse("a.js", "const a = 1;        const f = () => a;");
    let siblings = Siblings::of(vec!["a".to_owned(), "b".to_owned()]);
    let found = |file: &SourceFile| {
        let at = file.position("const a = 1, b = 2; const f = ".len());
        file.captured(file.function_at(at).expect("an arrow function"), "a", &siblings).is_some()
    };
    for _ in 0..2 {
        assert_eq!((found(&with), found(&without)), (true, false));
    }
}

#[test]
fn the_innermost_function_around_a_position() {
    let file = parse("a.js", "let x;\nfunction f() {\n  g(() => {\n    x;\n  });\n  x;\n}\n");
    let name = |line| {
        let found = file.enclosing_function(Position::new(line, 2));
        found.map(|function| function.name.as_str())
    };
    assert_eq!(name(0), None);
    assert_eq!(name(3), Some("f > callback of g"));
    assert_eq!(name(5), Some("f"));
}

#[test]
fn calls_by_the_name_of_what_is_called() {
    let text = "
function start(bus) {
  setInterval(() => poll(), 1000);
  globalThis.setInterval(tick, 1000);
  bus.on('tick', (event) => {});
  bus.on(EVENT, this.onTick);
  bus
    .filter(isAlive)
    .on(`done`, onDone.bind(null));
  new Promise((resolve) => waiting.push(resolve));
  setTimeout('code', 10);
  on();
}
bus.once('ready', start);
";
    let file = parse("a.js", text);
    let mut found = String::new();
    for call in file.calls(&["setInterval", "on", "once", "Promise", "setTimeout"]) {
        let callback = call.callback.as_ref().map(|callback| {
            callback.reference.clone().unwrap_or_else(|| file.range_text(callback.range).to_owned())
        });
        let _ = writeln!(
            found,
            "{}: {} | {:?} | {} | {} | {}",
            call.range.start.line + 1,
            call.callee,
            call.first_string.unwrap_or_default(),
            callback.unwrap_or_default(),
            call.in_function.unwrap_or_default(),
            call.statement,
        );
    }
    insta::assert_snapshot!(found, @r#"
    3: setInterval | "" | () => poll() | start | setInterval(() => poll(), 1000);
    4: globalThis.setInterval | "" | tick | start | globalThis.setInterval(tick, 1000);
    5: bus.on | "tick" | (event) => {} | start | bus.on('tick', (event) => {});
    6: bus.on | "" | this.onTick | start | bus.on(EVENT, this.onTick);
    7: ….on | "done" | onDone | start | bus
    10: new Promise | "" | (resolve) => waiting.push(resolve) | start | new Promise((resolve) => waiting.push(resolve));
    11: setTimeout | "code" |  | start | setTimeout('code', 10);
    12: on | "" |  | start | on();
    14: bus.once | "ready" | start |  | bus.once('ready', start);
    "#);
}

/// The names of all functions, one a line, each with what is underlined.
fn names(path: &str, text: &str) -> String {
    let file = parse(path, text);
    let mut names = String::new();
    for function in file.functions() {
        let _ = writeln!(names, "{} | {}", function.name, file.range_text(function.name_range));
    }
    names
}

#[test]
fn names_as_people_say_them() {
    let text = r#"
app.get('/users/:id', async (request, reply) => {});
server.listen(80, function () {});
new Promise((resolve) => setTimeout(resolve, 1)).then((value) => value);
fetch(url, {}).then(r => r.json()).catch(() => {});
const onSave = debounce(() => {}, 100);
element.onclick = function (
  event,
) {};
module.exports = { close() {}, open: () => {} };
module.exports = function () {};
const handlers = { user: { created() {}, ["x" + y]: () => {} } };
f({ onData() {}, onEnd: () => {} });
(function () { function inside() {} })();
class A { handlers = { close: () => {} }; m() { this.a.b = () => {}; return [1].map((x) => x); } }
const maker = () => class { method() {} };
function a() { function b() { function c() { function d() { function e() {} } } } }
"#;
    insta::assert_snapshot!(names("a.js", text), @r#"
    callback of app.get("/users/:id") | async (request, reply) =>
    callback of server.listen | function ()
    callback of new Promise | (resolve) =>
    callback of new Promise(…).then | (value) =>
    callback of fetch(…).then | r =>
    callback of fetch(…).then(…).catch | () =>
    callback of debounce | () =>
    element.onclick | onclick
    close | close
    open | open
    module.exports | module.exports
    handlers.user.created | created
    handlers.user.["x" + y] | ["x" + y]
    onData | onData
    onEnd | onEnd
    anonymous function | function ()
    inside | inside
    handlers.close | close
    A.m | m
    A.a.b | b
    A.m > callback of […].map | (x) =>
    maker | maker
    anonymous class.method | method
    a | a
    a > b | b
    a > b > c | c
    a > b > c > d | d
    a > … > d > e | e
    "#);
}

#[test]
fn names_in_jsx() {
    let text = "
export const List = ({ items }) => (
  <ul onClick={() => {}}>{items.map((item) => <li key={item}>{item}</li>)}</ul>
);
export default () => <List items={[]} />;
";
    insta::assert_snapshot!(names("a.jsx", text), @r"
    List | List
    List > onClick of <ul> | () =>
    List > callback of items.map | (item) =>
    default export | () =>
    ");
}

#[test]
fn half_typed_text_keeps_what_can_be_recognised() {
    let file = parse(
        "a.js",
        "const held = new Map();
function broken() {
  held.set(1, () => v.
}
function whole() { held.set(2, 3); }
class A { m() { held.delete(1); } }
",
    );
    let names: Vec<_> = file.functions().iter().map(|function| &function.name[..]).collect();
    // The broken function itself may be lost; what follows it is not.
    assert!(names.ends_with(&["whole", "A.m"]), "{names:?}");
    let held = file.declaration("held", Position::new(0, 7)).expect("it is declared");
    let found = file.mutations(&Target::Variable(&held));
    let lines: Vec<_> = found.iter().map(|mutation| mutation.range.start.line + 1).collect();
    assert!(lines.ends_with(&[5, 6]), "{lines:?}");
}

#[test]
fn hostile_text_is_neither_slow_nor_deadly() {
    let texts = [
        "(".repeat(100_000),
        "[".repeat(50_000) + &"]".repeat(50_000),
        "x.y(".repeat(20_000),
        "a.b".to_owned() + &".c".repeat(100_000) + ".push(1)",
        "function f() {".repeat(5_000),
        "() => ".repeat(10_000) + "1",
        "class A extends A { m() {".repeat(3_000),
        "{".repeat(20_000) + "var a;",
        "if (a) ".repeat(10_000),
        "`${".repeat(10_000),
        "\0\u{1}\u{fffd}\u{2028}".repeat(10_000),
        "let a = 1;".repeat(100_000),
        "/* ".to_owned() + &"*".repeat(100_000),
        "<a ".repeat(10_000),
    ];
    for (index, text) in texts.into_iter().enumerate() {
        for path in ["a.js", "a.ts", "a.tsx"] {
            let started = Instant::now();
            // Giving up is an answer; hanging and crashing are not.
            if let Ok(file) = SourceFile::parse(path, text.clone()) {
                let end = file.position(text.len());
                let _ = (file.enclosing_function(end), file.declaration("a", end));
                let _ = file.mutations(&Target::Global("a"));
                for class in file.classes().iter().take(3) {
                    let _ = file.field(class, "a", false);
                }
            }
            let limit = Duration::from_secs(20);
            assert!(started.elapsed() < limit, "text {index} as {path}: {:?}", started.elapsed());
        }
    }
}

#[test]
fn a_byte_order_mark_is_counted_by_v8_in_some_modules() {
    let text = "\u{feff}class Foo {} const make = (a) => new Foo(a);\nclass Bar {}";
    let file = SourceFile::parse("file.cjs", text.to_owned()).expect("a small file parses");
    // Node 24 and 20 drop the mark of a module of ECMAScript and leave that of CommonJS.
    for column in [0, 1] {
        let class = file.class_at(Position::new(0, column)).expect("the first line's class");
        assert_eq!(class.name, "Foo");
        let function = file.function_at(Position::new(0, 26 + column)).expect("the arrow");
        assert_eq!(function.name, "make");
    }
    assert!(file.class_at(Position::new(0, 2)).is_none());
    assert!(file.class_at(Position::new(1, 1)).is_none());
    assert_eq!(file.class_at(Position::new(1, 0)).expect("the second line's").name, "Bar");
}

#[test]
fn a_let_at_the_end_of_a_line_declares() {
    let text = "
const
  // what is kept
  held = [];
let
  // whether to go on
  going = true,
  last;
let
  made = [];
exports.add = () => { made.push(held, going, last); };
let = made;
last
";
    let file = parse("let.js", text);
    let declared = |name| {
        let end = file.position(text.find("exports").expect("it is there"));
        file.declaration(name, end).map(|found| (found.name_range.start.line + 1, found.kind))
    };
    assert_eq!(declared("held"), Some((4, DeclarationKind::Const)));
    assert_eq!(declared("going"), Some((7, DeclarationKind::Let)));
    assert_eq!(declared("last"), Some((8, DeclarationKind::Let)));
    let made = file.declaration("made", file.position(text.len() - 20)).expect("declared");
    assert_eq!(file.range_text(made.initializer.expect("it has a value")), "[]");
    let written: Vec<_> = file.mutations(&Target::Variable(&made));
    assert_eq!(written.iter().map(|it| &it.method[..]).collect::<Vec<_>>(), [".push("]);
}
