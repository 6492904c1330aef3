//! The command line as a person types it: the real binary, what it prints and how it ends.

mod capture;
#[cfg(target_os = "linux")]
mod hanging;
mod index;
mod modules;
mod silence;

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use heapmark_tests::{Program, Running, Workspace, heapmark, record, tests_folder};
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
fn a_reader_that_has_seen_enough_is_no_error() {
    let leak = recorded("map-cache");
    for format in ["text", "json"] {
        let mut analyze = heapmark();
        analyze.args(["analyze", "--format", format, "--workspace"]).arg(leak.workspace.path());
        analyze.args(&leak.files).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut analyze = analyze.spawn().expect("the binary starts");
        drop(analyze.stdout.take());
        let output = analyze.wait_with_output().expect("it ends");
        assert_eq!(output.status.code(), Some(0), "{format}: {output:?}");
        assert!(output.stderr.is_empty(), "{format}: {output:?}");
    }
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
fn what_is_left_out_of_a_folder_is_said_at_the_end() {
    let Recorded { workspace, files, folder } = recorded("map-cache");
    let another = recorded("map-cache");
    // The name of the connection over which a snapshot was taken stands beside it.
    for (file, name) in files.iter().chain(&another.files[..1]).zip(["a", "b", "c", "d"]) {
        let target = folder.path().join(format!("{name}.heapsnapshot"));
        std::fs::copy(file, &target).expect("a copy");
        let scripts = |file: &Path| file.with_extension("scripts.json");
        std::fs::copy(scripts(file), scripts(&target)).expect("a copy");
    }
    for file in &files {
        std::fs::remove_file(file).expect("it is there");
    }
    let said = analyze(workspace.path(), &[folder.path()]);
    assert_eq!(said.code, Some(0), "{}", said.err);
    let note = format!(
        "note: 3 older snapshots in {} are of other processes or connections and were not compared.",
        folder.path().display()
    );
    assert!(said.out.contains(&note), "{}", said.out);
    assert!(said.out.contains("\n1 snapshot ("), "{}", said.out);
}

#[test]
fn snapshots_in_a_heapmark_folder_belong_to_the_folder_around_it() {
    let Recorded { workspace, files, folder: _folder } = recorded("map-cache");
    let snapshots = workspace.path().join(".heapmark");
    std::fs::create_dir(&snapshots).expect("a folder");
    for file in &files {
        let name = file.file_name().expect("a file has a name");
        std::fs::copy(file, snapshots.join(name)).expect("a copy");
    }
    let elsewhere = tempfile::tempdir().expect("a folder");
    let said = run(heapmark().arg("analyze").arg(&snapshots).current_dir(elsewhere.path()));
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    assert!(said.out.contains("--> cards.js:15:7"), "{}", said.out);
    // Inside the folder, too.
    let said = run(heapmark().args(["analyze", "final.heapsnapshot"]).current_dir(&snapshots));
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    assert!(said.out.contains("--> cards.js:15:7"), "{}", said.out);
}

#[test]
fn one_snapshot_raises_a_suspicion_and_says_what_would_prove_it() {
    let Recorded { workspace, files, folder: _folder } = recorded("map-cache");
    let said = analyze(workspace.path(), &[&files[2]]);
    assert_eq!(said.code, Some(0));
    assert!(said.out.contains("information[growing-collection]"), "{}", said.out);
    assert!(!said.out.contains("warning["), "{}", said.out);
    // Not a second single one: those of separate captures cannot be compared.
    assert!(said.out.contains("`heapmark capture --count 3 --ask`"), "{}", said.out);
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
    // What the heap alone knows is still said, without the edge of a code frame that is not there.
    assert!(said.out.contains("`cards` keeps growing"), "{}", said.out);
    assert!(said.out.contains("\n  = help: "), "{}", said.out);
    assert!(said.out.lines().all(|line| line.trim() != "|"), "{}", said.out);
}

#[test]
fn a_copy_of_the_workspace_is_told_where_the_original_is() {
    let Recorded { workspace, files, folder: _folder } = recorded("map-cache");
    let copy = Program::at(workspace.path()).and_then(|program| program.copy()).expect("a copy");
    let files: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
    // It says the same as what ran.
    let said = analyze(copy.path(), &files);
    assert!(said.out.contains(" --> cards.js:15:7"), "{}", said.out);
    // An edited one does not.
    let file = copy.path().join("cards.js");
    let text = std::fs::read_to_string(&file).expect("it is there");
    std::fs::write(&file, format!("{text}\n// Edited since.\n")).expect("writable");
    let said = analyze(copy.path(), &files);
    assert_eq!(said.code, Some(0), "{}", said.err);
    let original = workspace.path().canonicalize().expect("it exists");
    let mapping = format!("{}=.", original.display());
    assert!(said.out.contains(&format!("--path-mapping {mapping}")), "{}", said.out);
    let said = run(heapmark()
        .args(["analyze", "--path-mapping", &mapping, "--workspace"])
        .arg(copy.path())
        .args(files));
    assert!(said.out.contains("--> cards.js:15:7"), "{}", said.out);
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
fn a_missing_file_is_an_error_beside_good_ones_too() {
    let folder = tempfile::tempdir().expect("a folder");
    let good = folder.path().join("good.heapsnapshot");
    std::fs::write(&good, sample()).expect("a file");
    let said = analyze(folder.path(), &[&good, &folder.path().join("nowhere.heapsnapshot")]);
    assert_eq!((said.code, said.out.as_str()), (Some(2), ""));
    assert!(said.err.contains("nowhere.heapsnapshot cannot be read: "), "{}", said.err);
}

#[test]
fn a_workspace_that_is_no_folder_is_an_error() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("good.heapsnapshot");
    std::fs::write(&file, sample()).expect("a file");
    let said = analyze(&file, &[&file]);
    assert_eq!((said.code, said.out.as_str()), (Some(2), ""));
    assert!(said.err.contains("good.heapsnapshot is not a folder"), "{}", said.err);
    let said = analyze(&folder.path().join("nowhere"), &[&file]);
    assert_eq!((said.code, said.out.as_str()), (Some(2), ""));
    assert!(said.err.contains("cannot open the workspace"), "{}", said.err);
}

#[test]
fn a_single_capture_says_how_to_take_a_series_and_the_names_of_a_series_match() {
    let program = Program::named("map-cache").expect("the program can be read");
    let workspace = program.copy().expect("the program can be copied");
    let running = Running::start(&program, workspace.path()).expect("it can be started");
    let capture = |arguments: &[&str]| {
        let said = run(heapmark()
            .args(["capture", running.inspector()])
            .args(arguments)
            .current_dir(workspace.path()));
        assert_eq!(said.code, Some(0), "{}", said.err);
        said
    };
    let said = capture(&["--name", "target"]);
    assert!(
        said.err.contains("next: heapmark analyze .heapmark/target.heapsnapshot"),
        "{}",
        said.err
    );
    let series = format!("heapmark capture --count 3 --ask {}", running.inspector());
    assert!(said.err.contains(&series), "{}", said.err);

    let said = capture(&["--count", "3", "--every", "10ms"]);
    assert!(!said.err.contains("--count"), "{}", said.err);
    let names: Vec<_> = said.out.lines().filter_map(|line| line.split("  ").next()).collect();
    let name = |role| format!(".heapmark/{role}-2.heapsnapshot");
    assert_eq!(names, ["baseline", "target", "final"].map(name));
}

#[test]
fn a_program_that_is_held_for_a_debugger_is_waited_for_aloud() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("app.js"), "setInterval(() => {}, 1000);").expect("a file");
    let said = run(heapmark()
        .args(["capture", "--after", "0s", "--", "node", "--inspect-brk=127.0.0.1:0", "app.js"])
        .current_dir(folder.path()));
    assert_eq!(said.code, Some(0), "{}", said.err);
    let waits = "waiting up to 15 s for the program to collect its garbage: it is busy, or held by \
                 --inspect-brk or a breakpoint\n";
    assert!(said.err.contains(waits), "{}", said.err);
}

#[test]
fn an_interruption_between_snapshots_says_what_was_kept() {
    let program = Program::named("map-cache").expect("the program can be read");
    let workspace = program.copy().expect("the program can be copied");
    let running = Running::start(&program, workspace.path()).expect("it can be started");
    let mut capture = heapmark()
        .args(["capture", running.inspector(), "--count", "2", "--every", "10m"])
        .current_dir(workspace.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let mut first = [0; 1];
    let out = capture.stdout.as_mut().expect("it is piped");
    std::io::Read::read_exact(out, &mut first).expect("it says when the first one is complete");
    let interrupt = Command::new("kill").args(["-INT", &capture.id().to_string()]).status();
    assert!(interrupt.expect("there is `kill`").success());
    let ended = capture.wait_with_output().expect("it ends");
    assert_eq!(ended.status.code(), Some(2));
    let said = String::from_utf8_lossy(&ended.stderr);
    let kept = "cancelled; kept 1 of 2 snapshots: .heapmark/baseline.heapsnapshot";
    assert!(said.contains(kept), "{said}");
}

#[test]
fn no_snapshot_at_all_is_refused_in_plain_words() {
    let said = run(heapmark().args(["capture", "--count", "0"]));
    assert_eq!(said.code, Some(2));
    assert!(said.err.contains("at least one snapshot is to be taken"), "{}", said.err);
}

#[test]
fn what_a_heap_calls_itself_never_reaches_the_terminal_as_a_command() {
    let Recorded { files, folder: _folder, .. } = recorded("map-cache");
    // The same heaps, in which the leaking variable's name holds an escape sequence. Without the
    // sources, the name is the heap's word.
    for file in &files {
        let text = std::fs::read_to_string(file).expect("a snapshot");
        let hostile = text.replace("\"cards\"", "\"car\\u001b]0;owned\\u0007\u{9b}2J\u{202e}ds\"");
        assert_ne!(text, hostile, "the name is there");
        std::fs::write(file, hostile).expect("it can be written");
    }
    let elsewhere = tempfile::tempdir().expect("a folder");
    let files: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
    let said = analyze(elsewhere.path(), &files);
    assert_eq!(said.code, Some(0), "{}", said.err);
    assert!(said.out.contains("owned\\u{7}\\u{9b}2J\\u{202e}ds` keeps growing"), "{}", said.out);
    let commands = ['\u{1b}', '\u{7}', '\u{9b}', '\u{202e}'];
    assert!(!said.out.contains(commands), "{:?}", said.out);
    let mut command = heapmark();
    command.args(["analyze", "--format", "json", "--workspace"]).arg(elsewhere.path());
    let said = run(command.args(&files));
    assert!(said.out.contains("owned\\u0007\\u009b2J\\u202eds` keeps growing"), "{}", said.out);
    assert!(!said.out.contains(commands), "{:?}", said.out);
}

#[test]
fn a_table_is_written_whole_and_never_over_its_snapshot() {
    let Recorded { files, folder, .. } = recorded("map-cache");
    let snapshot = std::fs::read(&files[0]).expect("a snapshot");
    let export = |output: &Path| {
        let mut command = heapmark();
        run(command
            .arg("export")
            .arg(&files[0])
            .args(["--table", "classes", "--output"])
            .arg(output))
    };
    let said = export(&files[0]);
    assert_eq!(said.code, Some(2));
    assert!(said.err.contains("is the snapshot itself: name another file"), "{}", said.err);
    assert!(std::fs::read(&files[0]).expect("a snapshot") == snapshot);

    let table = folder.path().join("classes.tsv");
    assert_eq!(export(&table).code, Some(0));
    assert!(std::fs::read_to_string(&table).expect("a table").starts_with("classKey\t"));
    assert!(!folder.path().join("classes.tsv.part").exists());
}
