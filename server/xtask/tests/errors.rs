//! What `cargo xtask` says when it cannot do something: one sentence with what to do, and never a
//! backtrace.

use std::process::Command;

/// The last line that it writes to standard error, all of it, and that it failed.
fn said_last(command: &mut Command) -> (String, String) {
    let output = command.env("RUST_BACKTRACE", "full").output().expect("it can be started");
    assert_eq!(output.status.code(), Some(1));
    let all = String::from_utf8(output.stderr).expect("it writes text");
    (all.lines().last().unwrap_or_default().to_owned(), all)
}

fn xtask() -> Command {
    Command::new(env!("CARGO_BIN_EXE_xtask"))
}

#[test]
fn a_tool_that_is_missing_is_named_with_where_it_comes_from() {
    let nothing = tempfile::tempdir().expect("there is room");
    let (_, all) = said_last(xtask().arg("demo").env("PATH", nothing.path()));
    let expected = "error: node is not installed: install Node.js 20 or later, the demo runs a small server in it\n";
    assert_eq!(all, expected);
}

#[test]
fn a_folder_that_is_missing_is_named_with_the_option() {
    let (_, all) = said_last(xtask().args(["corpus", "--path", "/nowhere"]));
    let expected =
        "error: there is no corpus in /nowhere: say where it is with --path or HEAPMARK_CORPUS\n";
    assert_eq!(all, expected);
}

#[test]
fn what_a_step_says_stands_above_its_name() {
    let file = tempfile::NamedTempFile::new().expect("there is room");
    let (last, all) = said_last(xtask().arg("demo").env("CARGO_TARGET_DIR", file.path()));
    assert!(last.starts_with("error: mend what is said above: "), "{all}");
    assert!(last.contains("`cargo build --release --package heapmark"), "{all}");
    assert!(all.contains("Not a directory"), "{all}");
    assert!(!all.contains("stack backtrace"), "{all}");
}
