//! Functions of a script that ran, found again in a file that is another text by now.
//!
//! Each test writes the text that ran and the text of the file. What a heap would tell about the
//! first is taken from it the way V8 does, so a function that V8 places and names in the old text
//! must be found by its name in the new one.

use std::fmt::Write;

use heapmark_source::{Anchored, Found, Position, Ran, RanSite, SourceFile};

/// The functions and classes of `ran` that are marked with `◆` before their anchor, as a heap names
/// them: `◆onTick◆(` stands for a closure called `onTick`.
fn ran(marked: &str, with_prefix: bool) -> Ran {
    let mut text = String::new();
    let mut sites = Vec::new();
    let mut parts = marked.split('◆');
    text.push_str(parts.next().unwrap_or_default());
    while let (Some(name), Some(rest)) = (parts.next(), parts.next()) {
        let line = text.matches('\n').count() as u32;
        let column = text.rsplit('\n').next().unwrap_or_default().encode_utf16().count() as u32;
        let (name, is_instance) = match name.strip_prefix("new ") {
            Some(name) => (name, true),
            None => (name, false),
        };
        let position = Position::new(line, column);
        sites.push(RanSite { position, name: name.to_owned(), is_instance });
        text.push_str(rest);
    }
    let prefix: String = text.chars().take(1024).collect();
    Ran::new(sites, with_prefix.then_some(prefix.as_str()))
}

/// Where everything that ran is in `now`, one a line, in the order of the text that ran.
fn found(before: &str, now: &str, with_prefix: bool) -> String {
    let ran = ran(before, with_prefix);
    let file = SourceFile::parse("app.ts", now.to_owned()).expect("a small file parses");
    let anchors = file.find_again(&ran);
    let say =
        |found: Found<'_>| format!("{} at {}", found.name(), found.name_range().start.line + 1);
    let mut list = String::new();
    for (position, name) in ran.sites() {
        let outcome = match file.anchored_at(&anchors, position) {
            Anchored::Exact(found) => format!("exact {}", say(found)),
            Anchored::Moved(found) => format!("moved {}", say(found)),
            Anchored::Stale => "stale".to_owned(),
        };
        let _ = writeln!(list, "{name:?}: {outcome}");
    }
    list
}

const PROGRAM: &str = r"import { bus } from './bus';
class Session {
  onTick = ◆onTick◆(event) => { this.last = event; };
  constructor◆Session◆(user) { bus.on('tick', ◆◆(event) => this.onTick(event)); }
  close◆close◆() { bus.off('tick', this.onTick); }
}
function handle◆handle◆(request) {
  const reply = ◆reply◆() => request.end();
  setTimeout(◆◆() => reply(), 10);
  return reply;
}
";

fn plain(marked: &str) -> String {
    let parts: Vec<&str> = marked.split('◆').step_by(2).collect();
    parts.concat()
}

#[test]
fn the_text_that_ran_is_exact() {
    insta::assert_snapshot!(found(PROGRAM, &plain(PROGRAM), true), @r#"
    "onTick": exact Session.onTick at 3
    "Session": exact Session at 2
    "": exact Session.constructor > callback of bus.on("tick") at 4
    "close": exact Session.close at 5
    "handle": exact handle at 7
    "reply": exact handle > reply at 8
    "": exact handle > callback of setTimeout at 9
    "#);
}

#[test]
fn lines_above_and_between_move_everything_along() {
    let now = plain(PROGRAM).replacen("class", "// More.\n\nconst limit = 3;\nclass", 1);
    let now = now.replacen("  close", "  // And here.\n  close", 1);
    insta::assert_snapshot!(found(PROGRAM, &now, true), @r#"
    "onTick": moved Session.onTick at 6
    "Session": moved Session at 5
    "": stale
    "close": moved Session.close at 9
    "handle": moved handle at 11
    "reply": moved handle > reply at 12
    "": stale
    "#);
}

#[test]
fn a_function_that_was_deleted_is_stale_and_takes_nothing_with_it() {
    let now = plain(PROGRAM).replacen("  close() { bus.off('tick', this.onTick); }\n", "", 1);
    insta::assert_snapshot!(found(PROGRAM, &now, true), @r#"
    "onTick": moved Session.onTick at 3
    "Session": moved Session at 2
    "": stale
    "close": stale
    "handle": moved handle at 6
    "reply": moved handle > reply at 7
    "": stale
    "#);
}

#[test]
fn a_function_that_was_renamed_is_stale() {
    let now = plain(PROGRAM).replacen("function handle", "function answer", 1);
    insta::assert_snapshot!(found(PROGRAM, &now, true), @r#"
    "onTick": moved Session.onTick at 3
    "Session": moved Session at 2
    "": stale
    "close": moved Session.close at 5
    "handle": stale
    "reply": moved answer > reply at 8
    "": stale
    "#);
}

#[test]
fn functions_that_changed_places_are_found_by_name() {
    let text = plain(PROGRAM);
    let (class, function) = text.split_once("function handle").expect("both are there");
    let now = format!("function handle{function}\n{class}");
    insta::assert_snapshot!(found(PROGRAM, &now, true), @r#"
    "onTick": moved Session.onTick at 9
    "Session": moved Session at 8
    "": stale
    "close": moved Session.close at 11
    "handle": moved handle at 1
    "reply": moved handle > reply at 2
    "": stale
    "#);
}

#[test]
fn code_that_was_compiled_in_memory_is_found_by_names() {
    // As tsx makes it: one line, helpers before it, types gone.
    let ran = "var __defProp=Object.defineProperty;var __name=◆__name◆(target,value)=>__defProp(target,\"name\",{value});\
import{bus}from\"./bus\";class Session{static{__name(this,\"Session\")}onTick=◆onTick◆event=>{this.last=event};\
constructor◆Session◆(user){bus.on(\"tick\",◆◆event=>this.onTick(event))}close◆close◆(){bus.off(\"tick\",this.onTick)}}\
function handle◆handle◆(request){const reply=__name(◆◆()=>request.end(),\"reply\");setTimeout(◆◆()=>reply(),10);return reply}\
__name(handle,\"handle\");";
    let now = plain(PROGRAM).replacen("(user)", "(private readonly user: User)", 1);
    insta::assert_snapshot!(found(ran, &now, true), @r#"
    "__name": stale
    "onTick": moved Session.onTick at 3
    "Session": moved Session at 2
    "": stale
    "close": moved Session.close at 5
    "handle": moved handle at 7
    "": stale
    "": stale
    "#);
}

#[test]
fn of_two_methods_of_one_name_nothing_tells_which_is_which() {
    let ran = "class A { add◆add◆() {} }\nclass Two◆Two◆ {}\nclass C { add◆add◆() {} }\n";
    let now = "// New.\nclass A { add() {} }\nclass Two {}\nclass C { add() {} }\n";
    insta::assert_snapshot!(found(ran, now, false), @r#"
    "add": stale
    "Two": moved Two at 3
    "add": stale
    "#);
}

#[test]
fn what_nothing_tells_apart_is_stale() {
    // Only one of the two callbacks is alive, and the text changed in between.
    let ran = "function f◆f◆(a) { a.x(◆◆() => 1); a.y(() => 2); }\n";
    let now = "function f(a) {\n  log(a);\n  a.x(() => 1);\n  a.y(() => 2);\n}\n";
    insta::assert_snapshot!(found(ran, now, false), @r#"
    "f": exact f at 1
    "": stale
    "#);
}

#[test]
fn an_anonymous_function_where_something_was_taken_out_is_not_guessed() {
    let ran = "function f◆f◆(a) {\n  a.x(◆◆() => 1);\n}\nfunction get◆get◆() {}\nfunction has◆has◆() {}\n";
    let now = "function f(a) {\n  if (a) {\n    a.other(() => 2);\n  }\n}\nfunction has() {}\nfunction get() {}\n";
    insta::assert_snapshot!(found(ran, now, false), @r#"
    "f": exact f at 1
    "": stale
    "get": moved get at 7
    "has": moved has at 6
    "#);
}

#[test]
fn a_file_that_begins_alike_but_was_edited_further_down() {
    let filler =
        "// Long enough that the edit is not in what a snapshot has of the text.\n".repeat(16);
    let ran = format!(
        "{filler}function a◆a◆() {{}}\nbus.on(◆◆() => 1);\nfunction late◆late◆() {{}}\nbus.on(◆◆() => 2);\n"
    );
    let now = plain(&ran).replacen("function late", "function c() {}\nfunction late", 1);
    insta::assert_snapshot!(found(&ran, &now, true), @r#"
    "a": exact a at 17
    "": exact callback of bus.on at 18
    "late": moved late at 20
    "": stale
    "#);
}

#[test]
fn an_anonymous_function_that_took_the_place_of_another_is_not_it() {
    let ran = "function one◆one◆() {}\nbus.on('x', ◆◆() => 1);\nfunction two◆two◆() {}\nfunction three◆three◆() {}\n";
    let now = "function one() {}\nif (late) {\n  timers.add(() => 9);\n}\nfunction two() {}\nfunction three() {}\n";
    insta::assert_snapshot!(found(ran, now, true), @r#"
    "one": moved one at 1
    "": stale
    "two": moved two at 5
    "three": moved three at 6
    "#);
}

#[test]
fn an_instance_is_found_by_its_class() {
    let ran = "class New◆new New◆ { x = 1; }\nfunction Old◆new Old◆() { this.a = 1; }\n";
    let now = "\nclass New { x = 1; }\nfunction Old() { this.a = 1; }\nnew Old();\n";
    insta::assert_snapshot!(found(ran, now, false), @r#"
    "New": moved New at 2
    "Old": moved Old at 3
    "#);
}

#[test]
fn what_sets_the_fields_is_the_class() {
    // Until V8 11 at the word `class`, in V8 12 at the `{`, and since V8 13 at the first field.
    let ran = "◆<instance_members_initializer>◆class A { x = 1; constructor◆A◆() {} }\n";
    insta::assert_snapshot!(found(ran, &plain(ran), false), @r#"
    "<instance_members_initializer>": exact A at 1
    "A": exact A at 1
    "#);
    let ran = "class All ◆All◆{ x = 1; constructor◆All◆() {} }\nbus.on(◆◆() => 1);\n";
    insta::assert_snapshot!(found(ran, &plain(ran), false), @r#"
    "All": exact All at 1
    "All": exact All at 1
    "": exact callback of bus.on at 2
    "#);
    let ran = "class All { ◆All◆x = 1; constructor◆All◆() {} }\nbus.on(◆◆() => 1);\n";
    insta::assert_snapshot!(found(ran, &plain(ran), false), @r#"
    "All": exact All at 1
    "All": exact All at 1
    "": exact callback of bus.on at 2
    "#);
    insta::assert_snapshot!(found(ran, &format!("\n{}", plain(ran)), false), @r#"
    "All": moved All at 2
    "All": moved All at 2
    "": stale
    "#);
}

#[test]
fn any_text_and_any_heap_end_quickly_and_without_harm() {
    let mut names = Vec::new();
    for line in 0..20_000 {
        let name = if line % 3 == 0 { String::new() } else { format!("f{}", line % 7) };
        names.push(RanSite { position: Position::new(line, line % 5), name, is_instance: false });
    }
    let ran = Ran::new(names, Some("\u{0}((((class"));
    let now = "function f1() {} bus.on(() => {});\n".repeat(20_000);
    let file = SourceFile::parse("app.js", now).expect("it parses");
    let started = std::time::Instant::now();
    let anchors = file.find_again(&ran);
    assert!(started.elapsed().as_secs() < 10, "{:?}", started.elapsed());
    assert!(
        ran.sites()
            .all(|(site, _)| !matches!(file.anchored_at(&anchors, site), Anchored::Exact(_)))
    );
}
