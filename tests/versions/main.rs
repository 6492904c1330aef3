//! What the versions of Node.js write differently reads the same.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use heapmark_heap::{EdgeType, Snapshot, Unmonitored};
use heapmark_tests::{node_of, output_of, tests_folder};

/// The versions that people run, each of a V8 with ways of its own.
const VERSIONS: [u32; 5] = [18, 20, 22, 24, 26];

/// The sizes of all `cases` of `collections.cjs` that are not what the program says, after a run of this version.
fn wrong_sizes(version: u32) -> Vec<String> {
    let node = node_of(version).unwrap_or_else(|error| panic!("{error:#}"));
    let folder = tempfile::tempdir().expect("a folder");
    let program = tests_folder().join("versions/collections.cjs");
    output_of(Command::new(node).arg(program).current_dir(folder.path())).expect("it runs");
    let sizes = fs::read_to_string(folder.path().join("sizes.json")).expect("it told the sizes");
    let sizes: Vec<(String, usize)> = serde_json::from_str(&sizes).expect("pairs");

    let file = folder.path().join("one.heapsnapshot");
    let snapshot = Snapshot::open(&file, &Unmonitored).expect("a snapshot");
    let cases = snapshot.nodes().filter(|&node| snapshot.name(node) == "Case");
    let seen: BTreeMap<String, usize> = cases
        .filter_map(|case| {
            let of_case = |name| snapshot.child(case, EdgeType::Property, name);
            let collection = of_case("collection")?;
            let entries = snapshot.entry_count(collection);
            assert_eq!(entries, snapshot.members(collection).len());
            Some((snapshot.name(of_case("name")?).into_owned(), entries))
        })
        .collect();
    assert!(sizes.len() > 500, "there are many cases");
    sizes
        .iter()
        .filter(|(name, size)| seen.get(name) != Some(size))
        .map(|(name, size)| format!("{name}: {:?}, not {size}", seen.get(name)))
        .collect()
}

#[test]
fn a_collection_has_the_size_that_the_program_sees() {
    for version in VERSIONS {
        let wrong = wrong_sizes(version);
        assert!(wrong.is_empty(), "in Node.js {version}:\n{}", wrong.join("\n"));
    }
}
