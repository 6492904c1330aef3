//! What was computed of a large snapshot is kept, used, bounded, and never trusted when it is damaged.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use heapmark_heap::{IndexFolder, Unmonitored};
use heapmark_leaks::json;
use heapmark_tests::heapmark;
use tempfile::TempDir;

use super::{Recorded, recorded, run};

/// Two snapshots of a list that grows, each large enough for an index.
struct Large {
    folder: TempDir,
    files: [PathBuf; 2],
}

impl Large {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let files = [("one", 530_000), ("two", 560_000)].map(|(name, objects)| {
            let file = folder.path().join(format!("{name}.heapsnapshot"));
            fs::write(&file, list_of(objects)).expect("a file");
            file
        });
        Self { folder, files }
    }

    /// The report, with the index that the arguments ask for.
    fn report(&self, arguments: &[&str], variable: &Path) -> String {
        let mut command = heapmark();
        command.args(["analyze", "--format", "json", "--workspace"]).arg(self.folder.path());
        command.args(&self.files).args(arguments).env("HEAPMARK_INDEX", variable);
        let said = run(&mut command);
        assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
        said.out
    }

    fn indexes(&self) -> PathBuf {
        self.folder.path().join("indexes")
    }
}

/// A snapshot of an array with so many objects, as V8 would write it.
fn list_of(objects: usize) -> String {
    let mut text = String::from(
        r#"{"snapshot":{"meta":{"node_fields":["type","name","id","self_size","edge_count"],
        "node_types":[["object","synthetic"]],"edge_fields":["type","name_or_index","to_node"],
        "edge_types":[["element","shortcut"]],"location_fields":["object_index","script_id","line","column"]},
        "node_count":"#,
    );
    let (nodes, edges) = (objects + 2, objects + 1);
    write!(text, "{nodes},\"edge_count\":{edges}}},\"nodes\":[1,0,1,0,1\n,0,1,3,16,{objects}")
        .expect("text");
    for object in 0..objects {
        write!(text, "\n,0,2,{},24,0", 2 * object + 5).expect("text");
    }
    text.push_str("],\"edges\":[1,3,5");
    for object in 0..objects {
        write!(text, "\n,0,{object},{}", 5 * (object + 2)).expect("text");
    }
    text.push_str("],\"locations\":[],\"strings\":[\"\",\"Array\",\"Object\",\"global\"]}");
    text
}

/// The names and contents of all files of a folder.
fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("a file").path()).collect();
    files.sort();
    files.into_iter().map(|path| (path.clone(), fs::read(path).expect("a file"))).collect()
}

/// Overwrites a part in the middle without changing length or time.
fn deface(file: &Path, place: u64) {
    let time = fs::metadata(file).and_then(|it| it.modified()).expect("a time");
    let mut file = File::options().write(true).open(file).expect("a file");
    file.seek(SeekFrom::Start(place)).expect("a place");
    file.write_all(&[b'x'; 1000]).expect("room");
    file.set_modified(time).expect("a time");
}

#[test]
fn the_second_analysis_reads_the_index_and_says_the_same() {
    let large = Large::new();
    let off = Path::new("off");
    let without = large.report(&[], off);
    assert!(!large.indexes().exists());
    let folder = large.indexes();
    let arguments = ["--index-dir", folder.to_str().expect("text")];
    assert_eq!(large.report(&arguments, off), without);
    let kept = contents(&folder);
    assert_eq!(kept.len(), 2, "one of each snapshot");

    // Damage where only a reader of the whole would notice it: nobody reads the snapshots.
    for file in &large.files {
        deface(file, fs::metadata(file).expect("a file").len() / 30);
    }
    assert_eq!(large.report(&arguments, off), without);
    let said = run(heapmark()
        .arg("export")
        .args(["--table", "classes"])
        .args(arguments)
        .arg(&large.files[1]));
    assert!(said.out.contains("Object"), "{}", said.err);
    let said = run(heapmark().args(["export", "--table", "classes"]).arg(&large.files[1]));
    assert_eq!(said.code, Some(2), "without the index");
}

#[test]
fn a_report_with_findings_is_the_same_byte_for_byte() {
    let Recorded { workspace, files, folder } = recorded("map-cache");
    let indexes = IndexFolder::new(folder.path().join("indexes"), u64::MAX);
    let report = |indexes| {
        let workspace = heapmark_source::Workspace::new(vec![workspace.path().to_owned()]);
        let report = heapmark_leaks::analyze(&files, &workspace, indexes, &Unmonitored);
        format!("{:#}", json::to_json(&report.expect("snapshots"), &workspace))
    };
    let without = report(None);
    assert!(without.contains("growing-collection"), "{without}");
    for _ in 0..2 {
        assert!(report(Some(&indexes)) == without);
        assert_eq!(contents(indexes.folder()).len(), files.len());
    }
}

#[test]
fn a_damaged_index_is_thrown_away_and_made_anew() {
    let large = Large::new();
    let folder = large.indexes();
    let first = large.report(&[], &folder);
    let kept = contents(&folder);
    for (path, bytes) in &kept {
        deface(path, bytes.len() as u64 / 2);
    }
    assert_eq!(large.report(&[], &folder), first);
    assert!(contents(&folder) == kept);
}

#[test]
fn the_user_decides_whether_and_how_much_is_kept() {
    let large = Large::new();
    let folder = large.indexes();
    large.report(&["--no-index"], &folder);
    assert!(!folder.exists());
    large.report(&["--index-size", "1"], &folder);
    assert_eq!(contents(&folder), []);
    large.report(&["--index-size", "6"], &folder);
    let kept = contents(&folder);
    assert_eq!(kept.len(), 1, "there is room for one");
}

#[test]
fn an_index_in_a_folder_that_nobody_chose_is_refused() {
    let large = Large::new();
    for arguments in [&["analyze"][..], &["export", "--table", "classes"]] {
        let mut command = heapmark();
        command.args(arguments).arg(&large.files[0]);
        let said = run(command.env("HEAPMARK_INDEX", "here").current_dir(large.folder.path()));
        assert_eq!(said.code, Some(2), "{}", said.err);
        let expected = "HEAPMARK_INDEX must be an absolute path or `off`, and is \"here\"";
        assert!(said.err.contains(expected), "{}", said.err);
    }
    assert!(!large.folder.path().join("here").exists());
}

#[cfg(unix)]
#[test]
fn nobody_else_can_read_what_is_kept() {
    use std::os::unix::fs::PermissionsExt;

    let large = Large::new();
    let folder = large.indexes();
    large.report(&[], &folder);
    let mode = |path: &Path| fs::metadata(path).expect("a file").permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    assert!(contents(&folder).iter().all(|(path, _)| mode(path) == 0o600));
}
