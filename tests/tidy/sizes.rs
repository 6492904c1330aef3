//! No file and no function of `leaks` is longer than one takes in: there a newcomer got lost before.

use std::path::Path;

use super::{expect_nothing, files, read, repository};

/// Lines of a file; a longer one is split by its ideas, or says in its head why it is [`AS_LONG`] as it is.
const MAX_FILE: usize = 400;
const AS_LONG: &str = "however long";

/// Lines of a function, with its head and its closing brace.
const MAX_FUNCTION: usize = 80;

fn wrong(file: &str, text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let has_reason = lines.iter().any(|line| line.starts_with("//!") && line.contains(AS_LONG));
    let is_long = lines.len() > MAX_FILE && !has_reason;
    let of_file =
        is_long.then(|| format!("{file} has {} lines, and does not say why", lines.len()));
    let of_functions = (0..lines.len()).filter_map(|at| {
        let length = length_of_function(&lines[at..]).filter(|&length| length > MAX_FUNCTION)?;
        Some(format!("{file}:{}: a function of {length} lines", at + 1))
    });
    of_file.into_iter().chain(of_functions).collect()
}

/// The lines of the function that begins in the first line, if one does: rustfmt closes it at its indentation.
fn length_of_function(lines: &[&str]) -> Option<usize> {
    const BEFORE: [&str; 6] = ["pub", "pub(crate)", "pub(super)", "const", "async", "fn"];
    let code = lines[0].trim_start();
    let mut words = code.split(' ').take_while(|word| BEFORE.contains(word));
    words.find(|word| *word == "fn")?;
    let close = format!("{}}}", &lines[0][..lines[0].len() - code.len()]);
    let end =
        lines.iter().position(|line| *line == close || line.ends_with(';') && !has_body(lines));
    Some(end? + 1)
}

/// Whether what begins in the first line has a body in lines of its own, and is no method without one.
fn has_body(lines: &[&str]) -> bool {
    let head = lines.iter().position(|line| line.ends_with(['{', ';', '}']));
    head.is_some_and(|head| lines[head].ends_with('{'))
}

#[test]
fn leaks_has_no_file_and_no_function_that_is_too_long() {
    let is_of_leaks = |file: &&String| {
        let is_code = Path::new(file).extension().is_some_and(|it| it == "rs");
        is_code && file.starts_with("server/leaks/src/") && repository().join(file).is_file()
    };
    let all = files::files();
    let of_leaks = all.iter().filter(is_of_leaks);
    let wrong: Vec<String> = of_leaks.flat_map(|file| wrong(file, &read(file))).collect();
    expect_nothing(&wrong);
}

#[test]
fn what_is_too_long_is_seen() {
    let line = "    let a = 1;\n";
    let function = |lines: usize| format!("pub(crate) fn a() {{\n{}}}\n", line.repeat(lines - 2));
    assert_eq!(wrong("a.rs", &function(80)), [""; 0]);
    assert_eq!(wrong("a.rs", &function(81)), ["a.rs:1: a function of 81 lines"]);
    let inside =
        format!("impl A {{\n    fn a(\n        &self,\n    ) {{\n{}    }}\n}}\n", line.repeat(80));
    assert_eq!(wrong("a.rs", &inside), ["a.rs:2: a function of 84 lines"]);
    let methods = format!("trait A {{\n    fn a(&self);\n{}}}\n", "    // why\n".repeat(100));
    assert_eq!(wrong("a.rs", &methods), [""; 0]);
    let file = function(60).repeat(7);
    assert_eq!(wrong("a.rs", &file), ["a.rs has 420 lines, and does not say why"]);
    assert_eq!(
        wrong("a.rs", &format!("//! One file, however long: it is a table.\n{file}")),
        [""; 0]
    );
}
