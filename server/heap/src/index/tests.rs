//! What comes back from an index is what went in, or nothing.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use twox_hash::XxHash3_64;

use super::file::{self, ENGINE_VERSION};
use super::identity::Identity;
use super::*;
use crate::analysis::Analysis;
use crate::error::LoadError;
use crate::limits::Limits;
use crate::monitor::{Cancelled, Monitor, Phase, Unmonitored};
use crate::sketch::Sketch;
use crate::storage::Counts;

const DRAWING: &str = "
    root --shortcut global--> app
    app -> list
    app --weak 4--> gone
    app --internal entry--> list
    list: array \"(object elements)\" 4294967296 @4294967295
    view: native <div> 20 ~2 at 5:10:2
    app -> view
    twin: Object 30
    app -> twin
    circle --property x--> ring
    ring --property y--> circle
";

struct Room {
    folder: tempfile::TempDir,
    snapshot: PathBuf,
    indexes: IndexFolder,
}

impl Room {
    fn new(file: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let snapshot = folder.path().join("a.heapsnapshot");
        fs::write(&snapshot, file).expect("a file");
        let indexes = IndexFolder::new(folder.path().join("cache/indexes"), 1 << 30);
        Self { folder, snapshot, indexes }
    }

    fn open(&self) -> Analysis {
        Analysis::open(&self.snapshot, &self.indexes, &Unmonitored).expect("a snapshot")
    }

    fn identity(&self) -> Identity {
        Identity::of(&self.snapshot).expect("a file")
    }

    /// The analysis, if it can be had without reading the snapshot.
    fn load(&self) -> Option<Analysis> {
        let load = self.indexes.load(&self.identity(), Limits::NONE, &Unmonitored);
        let (snapshot, computed) = load.expect("nobody cancels")?;
        Some(computed.expect("it was analysed").with(snapshot))
    }

    fn index(&self) -> PathBuf {
        only_file(self.indexes.folder())
    }
}

fn only_file(folder: &Path) -> PathBuf {
    let mut files = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("one").path());
    let file = files.next().expect("a file");
    assert_eq!(files.next(), None);
    file
}

/// The index that the analysis would have: all that there is in it.
fn bytes(analysis: &Analysis, identity: &Identity) -> Vec<u8> {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let (snapshot, computed) = (analysis.snapshot(), Some(analysis.computed()));
    file::write(file.as_file(), identity, snapshot, computed, u64::MAX, &Unmonitored)
        .expect("room");
    fs::read(file.path()).expect("a file")
}

/// What people ask for, over all nodes.
fn tell(analysis: &Analysis) -> String {
    let mut text = String::new();
    for node in analysis.nodes() {
        let (name, class) = (analysis.name(node), analysis.class_name(node));
        let sizes = [analysis.raw_self_size(node), analysis.self_size(node)];
        let (retained, distance) = (analysis.retained_size(node), analysis.distance(node));
        let dominator = analysis.dominator(node).index();
        let held: Vec<_> = analysis.retainers(node).map(|edge| edge.from.index()).collect();
        write!(text, "{name} {class} {sizes:?} {retained} {distance} {dominator} {held:?}")
            .expect("text");
        for edge in analysis.edges(node) {
            let (name, to) = (analysis.edge_name(&edge), edge.to.index());
            let essential = analysis.is_essential(&edge);
            assert_eq!(analysis.edge(edge.ordinal), edge);
            write!(text, " {name}:{to}:{essential}").expect("text");
        }
        let stack = analysis.allocation_stack(node);
        writeln!(text, " {:?} {stack:?}", analysis.location(node)).expect("text");
    }
    write!(text, "{:?} {}", analysis.scripts(), analysis.total_size()).expect("text");
    text
}

#[test]
fn the_second_opening_finds_what_the_first_computed() {
    let room = Room::new(&Sketch::parse(DRAWING).file());
    assert!(room.load().is_none());
    let first = room.open();
    let second = room.load().expect("an index");
    assert_eq!(tell(&first), tell(&second));
    assert_eq!(bytes(&first, &room.identity()), fs::read(room.index()).expect("a file"));
    assert_eq!(bytes(&second, &room.identity()), fs::read(room.index()).expect("a file"));
    // The snapshot itself is not read any more.
    let open = Analysis::open(&room.snapshot, &room.indexes, &RefusesToRead);
    assert_eq!(tell(&open.expect("an index")), tell(&first));
}

struct RefusesToRead;
impl Monitor for RefusesToRead {
    fn advance(&self, phase: Phase, _: u64, _: u64) {
        assert_eq!(phase, Phase::ReadingIndex);
    }
}

#[test]
fn real_snapshots_come_back_whole() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/parity/samples");
    let mut seen = 0;
    for entry in fs::read_dir(samples).expect("the parity tests' samples") {
        let path = entry.expect("a file").path();
        if path.extension().is_some_and(|extension| extension == "gz") {
            let folder = tempfile::tempdir().expect("a folder");
            let indexes = IndexFolder::new(folder.path(), u64::MAX);
            let fresh = Analysis::open(&path, &indexes, &Unmonitored).expect("a snapshot");
            let again = Analysis::open(&path, &indexes, &RefusesToRead).expect("an index");
            let identity = Identity::of(&path).expect("a file");
            assert!(bytes(&fresh, &identity) == bytes(&again, &identity), "{}", path.display());
            assert_eq!(fresh.aggregates(&Unmonitored), again.aggregates(&Unmonitored));
            seen += 1;
        }
    }
    assert!(seen >= 5);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn random_heaps_come_back_whole(
        nodes in prop::collection::vec((0..5_usize, 0..3_u64, 0..3_u8), 1..20),
        edges in prop::collection::vec((0..20_usize, 0..6_usize, 0..20_usize), 0..60),
    ) {
        let kinds = ["object", "array", "hidden", "native", "closure"];
        let sizes = [0, 40, u64::from(u32::MAX)];
        let edge_kinds = ["property", "weak", "internal", "shortcut", "context", "element"];
        let mut drawing = String::new();
        for (node, (kind, size, state)) in nodes.iter().enumerate() {
            let (kind, size) = (kinds[*kind], sizes[*size as usize]);
            writeln!(drawing, "n{node}: {kind} {size} ~{state} at 3:{node}:1").expect("text");
        }
        for (from, kind, to) in edges {
            let (from, to) = (from % nodes.len(), to % nodes.len());
            let from = if from == 0 { "root".to_owned() } else { format!("n{from}") };
            writeln!(drawing, "{from} --{} {to}--> n{to}", edge_kinds[kind]).expect("text");
        }
        let room = Room::new(&Sketch::parse(&drawing).file());
        let (fresh, again) = (room.open(), room.load());
        let again = again.expect("an index");
        prop_assert_eq!(tell(&fresh), tell(&again));
        prop_assert_eq!(bytes(&fresh, &room.identity()), bytes(&again, &room.identity()));
    }

    /// As somebody would who wants to do harm, or a bug of ours: the checksums are right.
    #[test]
    fn a_forged_index_is_refused_or_harmless(
        damages in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut index = index_of(&Sketch::parse(DRAWING).analysis());
        for (place, byte) in damages {
            let place = place.index(index.len());
            index[place] = byte;
        }
        crate::fuzz::index(&index);
    }
}

#[test]
fn rows_that_no_table_has_are_refused() {
    let index = index_of(&Sketch::parse(DRAWING).analysis());
    for word in 2 + Identity::WORDS..2 + Identity::WORDS + Counts::WORDS {
        for count in [0, u64::from(u32::MAX), u64::from(u32::MAX) + 1, u64::MAX] {
            let mut forged = index.clone();
            forged[8 * word..8 * (word + 1)].copy_from_slice(&count.to_le_bytes());
            assert!(read_forged(forged, Limits::NONE).is_none(), "word {word}: {count}");
        }
    }
}

#[test]
fn no_damage_goes_unnoticed() {
    let room = Room::new(&Sketch::parse("root -> a\na -> b\nb: array 7").file());
    let fresh = tell(&room.open());
    let path = room.index();
    let whole = fs::read(&path).expect("a file");
    for place in 0..whole.len() {
        for bits in [1, 0x80, 0xFF] {
            let mut damaged = whole.clone();
            damaged[place] ^= bits;
            fs::write(&path, damaged).expect("a file");
            assert!(room.load().is_none(), "byte {place}");
            assert!(!path.exists(), "it is of no more use");
        }
    }
    for length in 0..whole.len() {
        fs::write(&path, &whole[..length]).expect("a file");
        assert!(room.load().is_none(), "cut at {length}");
    }
    fs::write(&path, [&whole[..], &[0]].concat()).expect("a file");
    assert!(room.load().is_none());
    assert_eq!(tell(&room.open()), fresh);
    assert_eq!(fs::read(&path).expect("made anew"), whole);
}

#[test]
fn an_index_is_of_one_state_of_one_file() {
    let room = Room::new(&Sketch::parse("root -> a").file());
    room.open();
    // The same length, another content.
    fs::write(&room.snapshot, Sketch::parse("root -> b").file()).expect("a file");
    assert!(room.load().is_none());
    let opened = room.open();
    assert!(opened.find_string("b").is_some());
    assert!(room.load().is_some());
    // The same content at another time.
    let file = fs::File::options().append(true).open(&room.snapshot).expect("a file");
    file.set_modified(std::time::SystemTime::UNIX_EPOCH).expect("a time");
    assert!(room.load().is_none());
    // The same file at another place.
    room.open();
    let copy = room.folder.path().join("copy.heapsnapshot");
    fs::copy(&room.snapshot, &copy).expect("a copy");
    let identity = Identity::of(&copy).expect("a file");
    let load = room.indexes.load(&identity, Limits::NONE, &Unmonitored);
    assert!(load.expect("nobody cancels").is_none());
}

#[test]
fn what_cannot_be_kept_is_opened_all_the_same() {
    let room = Room::new(&Sketch::parse("root -> a").file());
    let no_folder = IndexFolder::new(room.snapshot.join("no/folder"), u64::MAX);
    Analysis::open(&room.snapshot, &no_folder, &Unmonitored).expect("a snapshot");
    let too_small = IndexFolder::new(room.indexes.folder(), 100);
    Analysis::open(&room.snapshot, &too_small, &Unmonitored).expect("a snapshot");
    assert_eq!(fs::read_dir(room.indexes.folder()).expect("a folder").count(), 0);
    let missing = room.folder.path().join("none");
    let error = Analysis::open(&missing, &room.indexes, &Unmonitored).expect_err("no file");
    assert!(error.to_string().starts_with("cannot be read: "), "{error}");
}

#[test]
fn the_index_that_was_not_used_for_the_longest_time_goes_first() {
    let room = Room::new(&Sketch::parse("root -> a").file());
    room.open();
    let size = fs::metadata(room.index()).expect("a file").len();
    let indexes = IndexFolder::new(room.indexes.folder(), 2 * size + size / 2);
    let others = ["b", "c"].map(|name| {
        let path = room.folder.path().join(name);
        fs::copy(&room.snapshot, &path).expect("a copy");
        path
    });
    let open = |path: &Path| Analysis::open(path, &indexes, &Unmonitored).expect("a snapshot");
    let is_kept = |path: &Path| {
        let identity = Identity::of(path).expect("a file");
        let load = indexes.load(&identity, Limits::NONE, &Unmonitored);
        load.expect("nobody cancels").is_some()
    };
    let pause = || std::thread::sleep(std::time::Duration::from_millis(20));
    pause();
    open(&others[0]);
    pause();
    // Used again, the first is younger than the second.
    assert!(is_kept(&room.snapshot));
    pause();
    open(&others[1]);
    assert_eq!(
        [&room.snapshot, &others[0], &others[1]].map(|path| is_kept(path)),
        [true, false, true]
    );
}

#[test]
fn a_snapshot_that_nobody_analysed_is_kept_too() {
    let room = Room::new(&Sketch::parse(DRAWING).file());
    let open = |monitor| {
        OpenedSnapshot::open(&room.snapshot, Limits::NONE, Some(&room.indexes), monitor)
            .expect("a snapshot")
    };
    open(&Unmonitored).keep(&Unmonitored).expect("nobody cancels");
    let alone = fs::metadata(room.index()).expect("a file").len();
    let again = open(&RefusesToRead);
    again.keep(&RefusesToRead).expect("there is nothing to do");
    assert_eq!(again.node_count(), Sketch::parse(DRAWING).snapshot().node_count());
    let analysis = again.analyze(&Unmonitored).expect("nobody cancels");
    assert!(fs::metadata(room.index()).expect("a file").len() > alone);
    assert_eq!(tell(&analysis), tell(&room.load().expect("the analysis is there now")));
}

#[test]
fn small_heaps_have_no_index_in_the_users_folder() {
    let room = Room::new(&Sketch::parse(DRAWING).file());
    let small = IndexFolder::in_folder(room.folder.path()).of_at_most(1 << 30);
    Analysis::open(&room.snapshot, &small, &Unmonitored).expect("a snapshot");
    assert_eq!(only_file(room.folder.path()), room.snapshot);
}

#[cfg(unix)]
#[test]
fn nobody_else_can_read_an_index() {
    use std::os::unix::fs::PermissionsExt;

    let room = Room::new(&Sketch::parse("root -> a").file());
    room.open();
    let mode = |path: &Path| fs::metadata(path).expect("a file").permissions().mode() & 0o777;
    assert_eq!((mode(&room.index()), mode(room.indexes.folder())), (0o600, 0o700));
}

#[test]
fn an_index_that_takes_more_memory_than_allowed_is_left_alone() {
    let room = Room::new(&Sketch::parse("root -> a").file());
    room.open();
    let load = room.indexes.load(&room.identity(), Limits { memory: 100 }, &Unmonitored);
    assert!(load.expect("nobody cancels").is_none());
    assert!(room.load().is_some());
}

#[test]
fn a_cancelled_index_leaves_nothing_behind() {
    struct CancelsAt(Phase);
    impl Monitor for CancelsAt {
        fn advance(&self, phase: Phase, _: u64, _: u64) {
            NOW.set(phase == self.0 || NOW.get());
        }
        fn is_cancelled(&self) -> bool {
            NOW.get()
        }
    }
    thread_local!(static NOW: std::cell::Cell<bool> = const { std::cell::Cell::new(false) });
    let room = Room::new(&Sketch::parse(DRAWING).file());
    let cancelled = Analysis::open(&room.snapshot, &room.indexes, &CancelsAt(Phase::WritingIndex));
    assert!(matches!(cancelled, Err(LoadError::Cancelled(Cancelled))));
    assert_eq!(fs::read_dir(room.indexes.folder()).expect("a folder").count(), 0);
    NOW.set(false);
    room.open();
    let cancelled = Analysis::open(&room.snapshot, &room.indexes, &CancelsAt(Phase::ReadingIndex));
    assert!(matches!(cancelled, Err(LoadError::Cancelled(Cancelled))));
    assert!(room.load().is_some());
}

/// Opening one of these blocks whoever opens it, or has no end.
#[cfg(unix)]
#[test]
fn an_index_that_is_no_file_is_none() {
    let room = Room::new(&Sketch::parse(DRAWING).file());
    room.open();
    let index = room.index();
    fs::remove_file(&index).expect("a file");
    let made = std::process::Command::new("mkfifo").arg(&index).status().expect("mkfifo");
    assert!(made.success());
    assert!(room.load().is_none());
    assert!(!index.exists(), "it was in the way of the next one");

    std::os::unix::fs::symlink("/dev/zero", &index).expect("a link");
    room.open();
    assert!(room.load().is_some(), "a new one takes the place of the link");

    fs::remove_file(&index).expect("a file");
    fs::create_dir(&index).expect("a folder");
    room.open();
    assert!(room.load().is_none());

    let folder = room.indexes.folder();
    fs::remove_dir_all(folder).expect("a folder");
    let made = std::process::Command::new("mkfifo").arg(folder).status().expect("mkfifo");
    assert!(made.success());
    room.open();
}

/// A change of what an index holds, or of what is computed, without another [`ENGINE_VERSION`] would
/// give people yesterday's answers.
#[test]
fn a_change_of_the_engine_changes_its_version() {
    let analysis = Sketch::parse(DRAWING).analysis();
    let identity = Room::new("").identity();
    let bytes = bytes(&analysis, &identity);
    let sum = XxHash3_64::oneshot(&bytes[file::HEADER_BYTES..]);
    insta::assert_snapshot!(format!("{ENGINE_VERSION}: {sum:016x}"), @"5: 798ff4212a6fa2b7");
}
