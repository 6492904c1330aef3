//! The command line as a person types it: the real binary, what it prints and how it ends.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use heapmark_tests::{Program, Workspace, heapmark, record, tests_folder};
use tempfile::TempDir;

/// A copy of a bundled program, with three snapshots of it.
struct Recorded {
    workspace: Workspace,
    folder: TempDir,
    files: Vec<PathBuf>,
}

fn recorded(name: &str) -> Recorded {
    let program = Program::named(name).expect("the program can be read");
    let workspace = program.copy().expect("the program can be copied");
    let folder = tempfile::tempdir().expect("there is room for snapshots");
    let files = record(&program, workspace.path(), folder.path()).expect("it can be captured");
    Recorded { workspace, folder, files }
}

/// What the binary did: how it ended, and what it wrote.
struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

fn run(command: &mut Command) -> Said {
    let Output { status, stdout, stderr } = command.output().expect("the binary starts");
    let text = |bytes| String::from_utf8(bytes).expect("it writes UTF-8");
    Said { code: status.code(), out: text(stdout), err: text(stderr) }
}

fn analyze(workspace: &Path, files: &[&Path]) -> Said {
    run(heapmark().arg("analyze").arg("--workspace").arg(workspace).args(files))
}

/// `analyze` of one bad file must end with 2, print nothing, and say `expected`.
#[track_caller]
fn fails(contents: &[u8], expected: &[&str]) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("bad.heapsnapshot");
    std::fs::write(&file, contents).expect("a file");
    let said = analyze(folder.path(), &[&file]);
    assert_eq!(said.code, Some(2), "{}", said.err);
    assert_eq!(said.out, "", "nothing belongs on standard output");
    for part in ["error:", "bad.heapsnapshot"].iter().chain(expected) {
        assert!(said.err.contains(part), "no {part:?} in: {}", said.err);
    }
    assert!(!said.err.contains("panicked"), "{}", said.err);
}

fn sample() -> Vec<u8> {
    use std::io::Read;
    let packed = tests_folder().join("parity/samples/node20.heapsnapshot.gz");
    let file = std::fs::File::open(packed).expect("the sample is committed");
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(file).read_to_end(&mut bytes).expect("it unpacks");
    bytes
}

#[test]
fn findings_stand_in_code_frames() {
    let Recorded { workspace, files, folder: _folder } = recorded("map-cache");
    let files: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
    let said = analyze(workspace.path(), &files);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    // Sizes and times differ between versions of Node and between machines.
    insta::with_settings!({ filters => vec![
        (r"\d+(\.\d+)? (kB|MB)", "[size]"),
        (r"\d+\.\d → ", "[size] → "),
        (r"[\d,]+ objects, analysed in \d+\.\d s", "[n] objects, analysed in [t]"),
    ]}, { insta::assert_snapshot!(said.out) });
}

#[test]
fn the_order_of_the_files_does_not_matter() {
    let Recorded { workspace, files, folder: _folder } = recorded("listeners-per-request");
    let report = |files: Vec<&Path>| {
        let mut command = heapmark();
        command.args(["analyze", "--format", "json", "--workspace"]).arg(workspace.path());
        let said = run(command.args(files));
        assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
        serde_json::from_str::<serde_json::Value>(&said.out).expect("JSON")
    };
    let in_order = report(files.iter().map(PathBuf::as_path).collect());
    let reversed = report(files.iter().rev().map(PathBuf::as_path).collect());
    assert_eq!(in_order, reversed);
    assert_eq!(in_order["findings"][0]["rule"], "growing-listeners");
}

#[test]
fn a_folder_stands_for_its_snapshots_and_a_broken_one_among_them_is_named() {
    let Recorded { workspace, folder, .. } = recorded("map-cache");
    std::fs::write(folder.path().join("later.heapsnapshot"), &sample()[..200_000]).expect("a file");
    let said = analyze(workspace.path(), &[folder.path()]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(said.out.contains("`cards` keeps growing"), "{}", said.out);
    assert!(said.out.contains("later.heapsnapshot is cut off"), "{}", said.out);
    assert!(said.out.contains("3 snapshots"), "{}", said.out);
}

#[test]
fn one_snapshot_raises_a_suspicion_and_says_what_would_prove_it() {
    let Recorded { workspace, files, folder: _folder } = recorded("map-cache");
    let said = analyze(workspace.path(), &[&files[2]]);
    assert_eq!(said.code, Some(0));
    assert!(said.out.contains("information[growing-collection]"), "{}", said.out);
    assert!(!said.out.contains("warning["), "{}", said.out);
    assert!(said.out.contains("capture a second snapshot"), "{}", said.out);
}

#[test]
fn snapshots_of_two_processes_are_not_compared() {
    let first = recorded("map-cache");
    let second = recorded("map-cache");
    let said = analyze(second.workspace.path(), &[&first.files[0], &second.files[2]]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(said.out.contains("another process"), "{}", said.out);
    assert!(said.out.contains("1 snapshot ("), "{}", said.out);
    assert!(!said.out.contains("warning["), "{}", said.out);
}

#[test]
fn sources_that_are_not_in_the_workspace_are_missed_aloud() {
    let Recorded { files, folder: _folder, .. } = recorded("map-cache");
    let elsewhere = tempfile::tempdir().expect("a folder");
    let files: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
    let said = analyze(elsewhere.path(), &files);
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(said.out.contains("not in the workspace"), "{}", said.out);
    assert!(said.out.contains("cards.js"), "{}", said.out);
    assert!(said.out.contains("--workspace"), "{}", said.out);
    // What the heap alone knows is still said.
    assert!(said.out.contains("`cards` keeps growing"), "{}", said.out);
}

#[test]
fn a_truncated_snapshot_says_how_far_it_goes() {
    let sample = sample();
    fails(&sample[..sample.len() / 2], &["is cut off", "section ends after", "help:"]);
    fails(&sample[..100], &["is cut off", "header"]);
}

#[test]
fn an_empty_file_says_that_it_is_empty() {
    fails(b"", &["is empty"]);
}

#[test]
fn json_that_is_no_snapshot_says_so() {
    fails(br#"{"name":"demo","version":"1.0.0"}"#, &["is not a heap snapshot"]);
    fails(b"[1,2,3]", &["is not a heap snapshot"]);
    fails(b"<!doctype html>", &["is not a heap snapshot"]);
}

#[test]
fn damaged_numbers_say_where() {
    let sample = String::from_utf8(sample()).expect("snapshots are ASCII");
    let damaged = sample.replacen("\"edges\":[", "\"edges\":[x", 1);
    fails(damaged.as_bytes(), &["is damaged", "byte"]);
}

#[test]
fn a_missing_file_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let said = analyze(folder.path(), &[&folder.path().join("nowhere.heapsnapshot")]);
    assert_eq!(said.code, Some(2));
    assert!(said.err.contains("nowhere.heapsnapshot"), "{}", said.err);
}

#[test]
fn what_a_heap_calls_itself_never_reaches_the_terminal_as_a_command() {
    let Recorded { files, folder: _folder, .. } = recorded("map-cache");
    // The same heaps, in which the leaking variable's name holds an escape sequence. Without the
    // sources, the name is the heap's word.
    for file in &files {
        let text = std::fs::read_to_string(file).expect("a snapshot");
        let hostile = text.replace("\"cards\"", "\"car\\u001b]0;owned\\u0007ds\"");
        assert_ne!(text, hostile, "the name is there");
        std::fs::write(file, hostile).expect("it can be written");
    }
    let elsewhere = tempfile::tempdir().expect("a folder");
    let files: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
    let said = analyze(elsewhere.path(), &files);
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(said.out.contains("owned\\u{7}ds` keeps growing"), "{}", said.out);
    assert!(!said.out.contains(['\u{1b}', '\u{7}']), "{:?}", said.out);
}
