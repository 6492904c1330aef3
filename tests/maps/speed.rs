//! How long places take, in numbers; run by hand:
//!
//!     HEAPMARK_SNAPSHOT=big.heapsnapshot HEAPMARK_WORKSPACE=folder \
//!         cargo test --release --package heapmark-tests --test maps -- --ignored --nocapture

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use heapmark_heap::{NodeType, ScriptId, Snapshot, Unmonitored};
use heapmark_source::{
    AsItRan, Origin, Position, RanScript, RanSite, Resolution, Script, Wanted, Workspace,
};
use heapmark_tests::tests_folder;

/// Every location of a snapshot is led to its place, and to whose code it is.
#[test]
#[ignore = "a measurement, of a snapshot that is named"]
fn every_location_of_a_snapshot() {
    let variable = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let file = variable("HEAPMARK_SNAPSHOT").expect("HEAPMARK_SNAPSHOT names a snapshot");
    let folder = variable("HEAPMARK_WORKSPACE").unwrap_or_else(|| tests_folder().join("bench"));
    let snapshot = Snapshot::open(&file, &Unmonitored).expect("a snapshot");
    let workspace = Workspace::new(vec![folder]);

    let started = Instant::now();
    let mut sites: BTreeMap<ScriptId, BTreeMap<(Position, bool), RanSite>> = BTreeMap::new();
    for (node, location) in snapshot.locations() {
        let position = Position::new(location.line, location.column);
        let is_instance = snapshot.node_type(*node) != NodeType::Closure;
        let known = sites.entry(location.script).or_default();
        known.entry((position, is_instance)).or_insert_with(|| RanSite {
            position,
            name: snapshot.name(*node).into_owned(),
            is_instance,
        });
    }
    let past = AsItRan::new(&workspace);
    let mut scripts: BTreeMap<ScriptId, Script> = BTreeMap::new();
    for script in snapshot.scripts() {
        let sites = sites.remove(&script.id).unwrap_or_default();
        let source_prefix = snapshot.source_prefix(script);
        let ran = RanScript {
            name: script.name.clone(),
            source_url: script.source_url.clone(),
            source_map_url: script.source_map_url.clone(),
            source_prefix,
            sites: sites.into_values().collect(),
            ..RanScript::default()
        };
        scripts.insert(script.id, Script::new(&past, ran));
    }
    let places = || {
        let mut places = 0usize;
        for (node, location) in snapshot.locations() {
            let Some(script) = scripts.get(&location.script) else { continue };
            let position = Position::new(location.line, location.column);
            let wanted = match snapshot.node_type(*node) {
                NodeType::Closure => Wanted::Function,
                _ => Wanted::Class,
            };
            let is_own = script.origin_at(&past, position) == Origin::Own;
            places += usize::from(is_own && script.thing(&past, position, wanted).is_some());
        }
        places
    };
    let found = places();
    let first = started.elapsed();
    let started = Instant::now();
    assert_eq!(places(), found);
    println!(
        "{}: {} locations, {} scripts, {found} places in the workspace: {first:?} with reading and \
         indexing, {:?} once indexed",
        file.display(),
        snapshot.locations().len(),
        scripts.len(),
        started.elapsed()
    );
}

/// A finding needs a file or two; the other thousands are listed, not read.
#[test]
#[ignore = "a measurement"]
fn a_workspace_of_two_thousand_files() {
    const FILES: usize = 2_000;
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = folder.path().canonicalize().expect("it exists");
    for index in 0..FILES {
        let mut text = String::from("import { join } from 'node:path';\n\n");
        for class in 0..12 {
            let _ = write!(
                text,
                "export class Part{index}x{class}<T> {{\n  readonly all = new Map<string, T>();\n\n  \
                 add(key: string, item: T): this {{\n    this.all.set(join(key, '{class}'), item);\n    \
                 return this;\n  }}\n}}\n\n"
            );
        }
        let path = root.join(format!("src/module{:02}/file{index}.ts", index % 50));
        fs::create_dir_all(path.parent().expect("a folder")).expect("writable");
        fs::write(path, text).expect("writable");
    }
    let started = Instant::now();
    let workspace = Workspace::new(vec![root]);
    let made = started.elapsed();
    let started = Instant::now();
    let found = workspace.resolve("/srv/app/src/module07/file1007.ts");
    let resolved = started.elapsed();
    let Resolution::File(path) = found else { panic!("it is there: {found:?}") };
    let started = Instant::now();
    let file = workspace.file(&path).expect("it can be read");
    let one = started.elapsed();
    assert_eq!(file.classes().len(), 12);
    let started = Instant::now();
    for path in workspace.files() {
        workspace.file(&path).expect("it can be read");
    }
    println!(
        "{FILES} files: {made:?} to open the workspace, {resolved:?} to find the first file by the \
         end of its path, {one:?} to index that one; to index all would take {:?}",
        started.elapsed()
    );
    assert!(made + resolved + one < Duration::from_secs(2));
}
