//! Where V8 says a function is, our index must find that very function. Node runs programs of all
//! forms (`tests/forms`) and tells its positions; the programs tell the names.

use std::path::{Path, PathBuf};
use std::process::Command;

use heapmark_source::{Anchored, Found, Position, Ran, RanSite, SourceFile};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Located {
    expected: String,
    line: u32,
    column: u32,
    /// What the heap calls it.
    name: String,
    is_instance: bool,
    /// The text of the function or class as V8 has it.
    text: String,
}

impl Located {
    fn position(&self) -> Position {
        Position::new(self.line, self.column)
    }
}

fn forms(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/forms").join(name)
}

fn read(name: &str) -> String {
    std::fs::read_to_string(forms(name)).expect("the program of forms is readable")
}

/// Runs a program under Node, which must be installed, and gives V8's positions.
fn located(program: &Path) -> Vec<Located> {
    let output = Command::new("node")
        .arg(forms("locations.mjs"))
        .arg(program)
        .output()
        .expect("these tests need Node 20 or later as `node` on the PATH");
    assert!(output.status.success(), "node failed: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("locations.mjs prints JSON")
}

/// Every value that the program keeps is found by its position under the expected name, and all of
/// it is what V8 has as its text.
#[track_caller]
fn check(program: &Path, source: &SourceFile) {
    let located = located(program);
    let extension = source.path().extension();
    let has_types = extension.is_some_and(|extension| extension == "ts" || extension == "tsx");
    for it in &located {
        let found = match it.expected.strip_prefix("class ") {
            Some(_) => source.class_at(it.position()).map(Found::Class),
            None => source.function_at(it.position()).map(Found::Function),
        };
        let place = format!("{} at {}:{}", it.expected, it.line, it.column);
        let found = found.unwrap_or_else(|| panic!("nothing is found for {place}"));
        let name = it.expected.strip_prefix("class ").unwrap_or(&it.expected);
        assert_eq!(found.name(), name, "{place}");
        let text = source.range_text(found.range());
        // To us, `static` belongs to a method.
        let text = text.strip_prefix("static ").unwrap_or(text);
        assert!(has_types || text == it.text, "{place}: {text} and not {}", it.text);
        assert!(!source.range_text(found.name_range()).is_empty(), "{place}");
    }
    assert_eq!(located.len(), source.text().matches("keep(").count(), "every form is kept once");
    check_names(&located, source);
}

/// Everything is found under V8's own name for it, too.
#[track_caller]
fn check_names(located: &[Located], source: &SourceFile) {
    let sites = located.iter().map(|it| RanSite {
        position: it.position(),
        name: it.name.clone(),
        is_instance: it.is_instance,
    });
    let ran = Ran::new(sites, None);
    let anchors = source.find_again(&ran);
    for it in located {
        let anchored = source.anchored_at(&anchors, it.position());
        let Anchored::Exact(found) = anchored else {
            panic!("{:?} is V8's name of {}, but {anchored:?}", it.name, it.expected);
        };
        assert_eq!(it.expected.strip_prefix("class ").unwrap_or(&it.expected), found.name());
    }
}

#[track_caller]
fn check_file(name: &str) {
    let source = SourceFile::parse(name, read(name)).expect("the forms parse");
    check(&forms(name), &source);
}

#[test]
fn every_form_of_javascript() {
    check_file("forms.cjs");
}

#[test]
fn modules_and_line_separators() {
    check_file("forms.mjs");
}

#[test]
fn typescript_whose_types_were_blanked() {
    let (typescript, stripped) = (read("forms.ts"), read("forms.stripped.mjs"));
    let same_or_blank = |(typed, plain): (char, char)| typed == plain || plain == ' ';
    assert_eq!(typescript.len(), stripped.len());
    assert!(typescript.chars().zip(stripped.chars()).all(same_or_blank), "a twin by blanking");

    for path in ["forms.ts", "forms.tsx"] {
        let source = SourceFile::parse(path, typescript.clone()).expect("the forms parse");
        check(&forms("forms.stripped.mjs"), &source);
    }
}

#[test]
fn carriage_returns_and_a_byte_order_mark_move_nothing() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let text = read("forms.cjs").replacen("#!/usr/bin/env node\n", "", 1);
    let text = format!("\u{feff}{}", text.replace('\n', "\r\n"));
    let program = folder.path().join("windows.cjs");
    std::fs::write(&program, &text).expect("a writable folder");
    check(&program, &SourceFile::parse(&program, text).expect("the forms parse"));
}

#[test]
fn a_position_that_is_off_by_one_names_nothing() {
    let source = SourceFile::parse("forms.cjs", read("forms.cjs")).expect("the forms parse");
    for Located { line, column, .. } in located(&forms("forms.cjs")) {
        let beside = Position::new(line, column + 1);
        assert_eq!(source.function_at(beside), None, "{line}:{column}");
        assert_eq!(source.class_at(beside), None, "{line}:{column}");
    }
    assert_eq!(source.function_at(Position::new(u32::MAX, u32::MAX)), None);
}
