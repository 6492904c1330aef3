//! Snapshots that a program writes itself, with nothing beside them that says what ran: the files of now
//! are the text that ran, and every place in them is known, in each version of Node.js.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use heapmark_heap::{NodeType, ScriptId, Snapshot, Unmonitored};
use heapmark_source::{Anchored, Position, Ran, RanSite, SourceFile};
use heapmark_tests::{node_of, output_of, tests_folder};

/// Those that people run, each with a V8 that places the functions of classes elsewhere.
const VERSIONS: [u32; 5] = [18, 20, 22, 24, 26];

/// Those that run TypeScript without being asked for it.
const OF_TYPESCRIPT: [u32; 3] = [22, 24, 26];

fn folder() -> PathBuf {
    tests_folder().join("maps/plain")
}

/// Runs a program in a Node.js, and opens the snapshot that it writes.
fn snapshot(node: u32, program: &Path) -> Snapshot {
    let node = node_of(node).unwrap_or_else(|error| panic!("{error:#}"));
    let written = tempfile::tempdir().expect("a folder");
    let file = written.path().join("plain.heapsnapshot");
    let mut run = Command::new(node);
    output_of(run.arg(folder().join("write.cjs")).arg(program).arg(&file))
        .unwrap_or_else(|error| panic!("{error:#}"));
    Snapshot::open(&file, &Unmonitored).expect("a snapshot")
}

/// What a snapshot tells of a script.
fn ran(snapshot: &Snapshot, program: &Path) -> Ran {
    let name = program.file_name().expect("a file").to_string_lossy();
    let is_it = |name_of: &str| name_of.ends_with(&*name);
    let script = snapshot.scripts().iter().find(|it| is_it(&it.name)).expect("it ran");
    let mut sites: BTreeMap<ScriptId, Vec<RanSite>> = BTreeMap::new();
    for &(node, location) in snapshot.locations() {
        sites.entry(location.script).or_default().push(RanSite {
            position: Position::new(location.line, location.column),
            name: snapshot.name(node).into_owned(),
            is_instance: snapshot.node_type(node) != NodeType::Closure,
        });
    }
    let sites = sites.remove(&script.id).expect("it has functions");
    Ran::new(sites, snapshot.source_prefix(script).as_deref())
}

/// Every place of a program that is not where it ran.
fn wrong_places(node: u32, program: &Path) -> Vec<String> {
    let ran = ran(&snapshot(node, program), program);
    let text = std::fs::read_to_string(program).expect("a text");
    let file = SourceFile::parse(program, text).expect("it parses");
    let anchors = file.find_again(&ran);
    let is_wrong = |position| !matches!(file.anchored_at(&anchors, position), Anchored::Exact(_));
    let told = |(at, name): (Position, &str)| {
        let code: String =
            file.line_text(at.line).chars().skip(at.column as usize).take(40).collect();
        format!("Node.js {node}: {name:?} at {}:{}, `{code}`", at.line + 1, at.column + 1)
    };
    let wrong = ran.sites().filter(|(position, _)| is_wrong(*position));
    let mut wrong: Vec<String> = wrong.map(told).collect();
    if !anchors.is_whole() {
        wrong.push(format!("Node.js {node}: the file is said to have changed"));
    }
    wrong
}

/// Nothing is said to have changed, in any of these versions.
fn expect_all(versions: &[u32], program: &str) {
    let program = folder().join(program);
    let wrong = versions.iter().flat_map(|&node| wrong_places(node, &program));
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn classes_that_set_fields_have_not_changed() {
    expect_all(&VERSIONS, "classes.cjs");
}

#[test]
fn typescript_whose_types_were_blanked_has_not_changed() {
    expect_all(&OF_TYPESCRIPT, "classes.ts");
}
