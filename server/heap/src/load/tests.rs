use std::io::{self, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

use super::*;
use crate::Unmonitored;
use crate::load::expansion::MIN_STRETCH;
use crate::load::foretold::Foretold;
use crate::sketch::Sketch;

const PACKINGS: [Packing; 2] = [Packing::Gzip, Packing::Zstd];

fn packed(packing: Packing, bytes: &[u8]) -> Vec<u8> {
    match packing {
        Packing::Gzip => {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(bytes).expect("memory takes everything");
            encoder.finish().expect("memory takes everything")
        }
        Packing::Zstd => compress_to_vec(bytes, CompressionLevel::Fastest),
    }
}

fn read(bytes: &[u8]) -> Result<usize, String> {
    Snapshot::read(bytes, Some(bytes.len() as u64), &Unmonitored)
        .map(|snapshot| snapshot.node_count())
        .map_err(|error| error.to_string())
}

#[test]
fn unpacks_what_is_packed_whatever_its_name() {
    let file = Sketch::parse("root -> a").file();
    let folder = tempfile::tempdir().expect("a folder");
    for (name, bytes) in [
        ("plain.gz", file.clone().into_bytes()),
        ("gzip", packed(Packing::Gzip, file.as_bytes())),
        ("zstd", packed(Packing::Zstd, file.as_bytes())),
    ] {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("a file");
        let snapshot = Snapshot::open(&path, &Unmonitored).expect("a snapshot");
        assert_eq!(snapshot.node_count(), 2);
    }
}

#[test]
fn unpacks_files_of_several_parts() {
    let file = Sketch::parse("root -> a").file();
    let (first, second) = file.as_bytes().split_at(file.len() / 2);
    for packing in PACKINGS {
        let bytes = [packed(packing, first), packed(packing, second)].concat();
        assert_eq!(read(&bytes), Ok(2), "{packing:?}");
    }
    // Frames of zstd that hold no data stand before, between and after the others.
    let note = [&[0x5A, 0x2A, 0x4D, 0x18, 3, 0, 0, 0][..], b"abc"].concat();
    let [first, second] = [first, second].map(|part| packed(Packing::Zstd, part));
    assert_eq!(read(&[&note[..], &first, &note, &second, &note].concat()), Ok(2));
}

#[test]
fn says_when_there_is_no_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let error = Snapshot::open(&folder.path().join("none"), &Unmonitored).expect_err("no file");
    assert!(matches!(&error, LoadError::Io { path, .. } if path.ends_with("none")));
    assert!(error.to_string().starts_with("cannot be read: "), "{error}");
}

#[test]
fn says_when_a_packed_file_is_cut_off() {
    // Long enough to have the header, and some nodes, in an earlier block than the end.
    let mut sketch = Sketch::default();
    for node in 0..20_000 {
        sketch.edge("root", crate::EdgeType::Property, "p", &format!("n{node}"));
    }
    let file = sketch.file();
    for packing in PACKINGS {
        let bytes = packed(packing, file.as_bytes());
        assert_eq!(read(&bytes), Ok(20_001));
        let cut = read(&bytes[..bytes.len() * 3 / 4]).expect_err("is cut off");
        assert!(cut.starts_with("is cut off: "), "{packing:?} {cut}");
        assert_eq!(read(&packed(packing, b"")), Err(LoadError::Empty.to_string()));
    }
}

#[test]
fn says_when_a_packed_file_is_damaged() {
    let file = Sketch::parse("root -> a").file();
    let mut bytes = packed(Packing::Gzip, file.as_bytes());
    bytes[10] = 0xFF;
    let damaged = read(&bytes).expect_err("is damaged");
    assert!(damaged.starts_with("is damaged: its gzip data"), "{damaged}");

    let mut bytes = packed(Packing::Zstd, file.as_bytes());
    // A block of the type that the format reserves.
    bytes[4..].fill(0xFF);
    let damaged = read(&bytes).expect_err("is damaged");
    assert!(damaged.starts_with("is damaged: its zstd data"), "{damaged}");
}

/// The whole snapshot is there, and nobody can tell whether its numbers are those that were
/// written.
#[test]
fn a_whole_snapshot_that_does_not_match_its_checksum_is_damaged() {
    let file = Sketch::parse("root -> a").file();
    for (packing, checksum) in [(Packing::Gzip, 8), (Packing::Zstd, 4)] {
        let mut bytes = packed(packing, file.as_bytes());
        let place = bytes.len() - checksum;
        bytes[place] ^= 1;
        let name = packing.as_str();
        let expected = format!("is damaged: its {name} data does not match its checksum");
        assert!(read(&bytes).expect_err("is damaged").starts_with(&expected), "{name}");
        // Of zstd the checksum belongs to the last block, which is not unpacked without.
        let cut = read(&bytes[..place]).expect_err("is cut off");
        if packing == Packing::Gzip {
            let expected = "is damaged: its gzip data ends before its checksum";
            assert!(cut.starts_with(expected), "{cut}");
        }
    }
}

#[test]
fn what_follows_a_whole_snapshot_is_said() {
    let file = Sketch::parse("root -> a").file();
    let twice = [file.as_bytes(), file.as_bytes()].concat();
    let more = "is damaged: more follows where the snapshot ends";
    for bytes in [twice.clone(), [file.as_bytes(), b"\n\0"].concat()] {
        assert!(read(&bytes).expect_err("more follows").starts_with(more));
    }
    // Editors end the last line.
    assert_eq!(read(&[file.as_bytes(), b"\r\n"].concat()), Ok(2));
    for packing in PACKINGS {
        let bytes = packed(packing, &twice);
        assert!(read(&bytes).expect_err("more follows").starts_with(more));
        let bytes = [packed(packing, file.as_bytes()), b"garbage".to_vec()].concat();
        let error = read(&bytes).expect_err("more follows");
        assert!(error.contains("data is followed by something else"), "{error}");
    }
    // As tapes and disks fill their last block.
    let filled = [packed(Packing::Gzip, file.as_bytes()), vec![0; 512]].concat();
    assert_eq!(read(&filled), Ok(2));
}

#[test]
fn what_the_disk_reports_is_no_damage() {
    struct Failing;
    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::from_raw_os_error(5))
        }
    }
    for packing in PACKINGS {
        let bytes = packed(packing, Sketch::parse("root -> a").file().as_bytes());
        let reader = bytes[..bytes.len() / 2].chain(Failing);
        let error = Snapshot::read(reader, None, &Unmonitored).expect_err("fails");
        assert!(matches!(error, LoadError::Io { .. }), "{packing:?} {error}");
    }
}

#[test]
fn refuses_what_unpacks_to_hundreds_of_times_its_size() {
    // A frame with a window of 1 MB: six bytes as they are, then 1200 times "128 kB of `x`".
    let mut bytes = vec![0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x50, 6 << 3, 0x00, 0x00];
    bytes.extend(br#"{"x":""#);
    bytes.extend([0x02, 0x00, 0x10, b'x'].repeat(1200));
    let error = read(&bytes).expect_err("a bomb");
    assert!(error.starts_with("was not unpacked: from byte 0 on it grows"), "{error}");
}

/// The beginning of a frame, whose window has `1 << bits` bytes, and one block of it.
fn frame(bits: u8, text: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0x28, 0xB5, 0x2F, 0xFD, 0x00, (bits - 10) << 3];
    bytes.extend(&(((text.len() as u32) << 3) | 1).to_le_bytes()[..3]);
    bytes.extend(text);
    bytes
}

#[test]
fn a_long_window_is_unpacked_where_there_is_memory_for_it_and_named_where_there_is_not() {
    let file = Sketch::parse("root -> a").file();
    let read = |bits, memory| {
        let bytes = frame(bits, file.as_bytes());
        Snapshot::read_within(bytes.as_slice(), None, Limits { memory }, &Unmonitored)
    };
    // As the usual ones are; `--long=28` and `--long=31`.
    for (bits, memory) in [(27, 1 << 30), (28, 4 << 30), (31, 32 << 30)] {
        assert!(read(bits, memory).is_ok(), "{bits} with {memory}");
    }
    let error = read(31, 4 << 30).expect_err("it is too long");
    insta::assert_snapshot!(error, @"was not unpacked: it is packed with a window of 2.1 GB, and the memory here is enough for one of 268 MB");
    assert!(error.help().is_some_and(|help| help.contains("unpack it first")));
    assert!(read(27, 100 << 20).is_err(), "a little memory");
}

/// It unpacks to 65 times its size, which a snapshot may; its beginning is read, not its 4.6 GB.
#[test]
fn strings_that_will_be_too_long_are_refused_long_before_their_end() {
    const PACKED: u64 = 70_000_000;
    let whole = Sketch::parse("root -> a").file();
    let start = whole.find("\"strings\":[").expect("a section");
    let before = format!("{}\"strings\":[\"", &whole[..start]);
    // A frame with a window of 1 MB, of blocks: bytes as they are, and 128 kB of `x`.
    let mut bytes = vec![0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x50];
    let mut plain = |text: &[u8]| {
        bytes.extend(&((text.len() as u32) << 3).to_le_bytes()[..3]);
        bytes.extend(text);
        bytes.extend([0x02, 0x00, 0x10, b'x']);
    };
    plain(before.as_bytes());
    for _ in 0..2300 {
        plain(&[b'y'; 2000]);
    }
    let read = |memory| {
        let limits = Limits { memory };
        Snapshot::read_within(bytes.as_slice(), Some(PACKED), limits, &Unmonitored)
    };
    let error = read(u64::MAX).expect_err("too long").to_string();
    insta::assert_snapshot!(error, @"is too large: its strings are about 4.6 GB of text together, and more than 4.3 GB cannot be kept");
    let oversize = read(4 << 30).expect_err("too long").oversize();
    assert_eq!(oversize, Some(crate::Oversize::Always));
    // What it has read by then.
    assert!(matches!(read(100 << 20), Err(LoadError::TooLarge { .. })));
}

#[test]
fn the_length_of_strings_is_foretold_by_what_they_took_of_the_packed_file() {
    let packed = Packed { packing: Packing::Zstd, length: Some(100 << 20) };
    let mut foretold = Foretold::of(Some(packed));
    assert_eq!(foretold.text(0, 20 << 20), None, "before the strings");
    assert_eq!(foretold.text(1, 20 << 20), None, "here they begin");
    assert_eq!(foretold.text(MIN_STRETCH, 24 << 20), None, "a twentieth tells too little");
    assert_eq!(foretold.text(MIN_STRETCH, 30 << 20), Some(8 * MIN_STRETCH));
    assert_eq!(foretold.text(2 * MIN_STRETCH, 31 << 20), None, "it was said");
    assert_eq!(foretold.text(9 * MIN_STRETCH, 80 << 20), Some(12 * MIN_STRETCH));
    let mut stream = Foretold::of(Some(Packed { length: None, ..packed }));
    assert_eq!(stream.text(9 * MIN_STRETCH, 80 << 20), None, "of unknown length");
}

/// What takes memory while the file is read, wherever it stands.
#[test]
fn refuses_whatever_grows_without_end() {
    let whole = Sketch::parse("root -> a").file();
    let before = |section: &str| {
        let start = whole.find(&format!("\"{section}\":[")).expect("a section");
        whole[..start].to_owned()
    };
    let header = before("nodes").replacen(
        "\"meta\":{",
        "\"meta\":{\"sample_fields\":[\"timestamp_us\",\"last_assigned_id\"],\
         \"scope_context_var_fields\":[\"name\"],",
        1,
    );
    let many = |text: &str| text.repeat((10 << 20) / text.len());
    for (name, file) in [
        ("one string", format!("{}\"strings\":[\"{}", before("strings"), many("x"))),
        ("escapes", format!("{}\"strings\":[\"{}", before("strings"), many(r"\u4E00"))),
        ("strings", format!("{}\"strings\":[{}", before("strings"), many("\"\","))),
        ("strings first", format!("{{\"strings\":[\"{}", many("x"))),
        ("nodes", format!("{header}\"nodes\":[{}", many("0,"))),
        ("edges", format!("{header}\"edges\":[{}", many("0,"))),
        ("large nodes", format!("{header}\"nodes\":[{}", many("0,0,0,9999999999,0,0,0,"))),
        ("locations", format!("{header}\"locations\":[{}", many("0,1,2,3,"))),
        ("scripts", {
            let rows = (0..500_000).map(|script| format!("0,{script},2,3,"));
            format!("{header}\"locations\":[{}", rows.collect::<String>())
        }),
        ("samples", format!("{header}\"samples\":[{}", many("1,2,"))),
        ("variables", format!("{header}\"scope_context_vars\":[{}", many("1,"))),
        ("calls", format!("{header}\"trace_tree\":[{}", many("1,2,3,4,["))),
        ("nodes before the header", format!("{{\"nodes\":[{}", many("1,"))),
        ("sections before the header", format!("{{{}", many("\"nodes\":[1],\"edges\":[1],"))),
    ] {
        let limits = Limits { memory: 2 << 20 };
        let error = Snapshot::read_within(file.as_bytes(), None, limits, &Unmonitored);
        assert!(matches!(error, Err(LoadError::TooLarge { .. })), "{name}: {error:?}");
    }
}

/// Rows of the small sections in a test.
const ROWS: u64 = 500_000;

/// Rows of 4 and of 11 bytes become 16 and 28; buffers grow by a half and are there twice while
/// they move.
#[test]
fn the_small_sections_take_what_their_rows_take() {
    let file = Sketch::parse("root -> a").file().replacen(
        "\"meta\":{",
        "\"meta\":{\"sample_fields\":[\"timestamp_us\",\"last_assigned_id\"],",
        1,
    );
    let with = |section: &str, rows: &str| {
        let (before, after) = file.split_once("\"nodes\":").expect("a section");
        format!("{before}\"{section}\":[{rows}],\"nodes\":{after}")
    };
    let many = |row: &str| row.repeat(ROWS as usize);
    for (name, file, row) in [
        ("samples", with("samples", &many("1,2,")), 16),
        ("deep calls", with("trace_tree", &(many("1,2,3,4,[") + &many("]"))), 28 + 4),
        ("calls", with("trace_tree", &many("1,2,3,4,[],")), 28),
    ] {
        let limits = Limits { memory: ROWS * row * 5 / 2 + (1 << 20) };
        let loaded = Snapshot::read_within(file.as_bytes(), None, limits, &Unmonitored);
        assert!(loaded.is_ok(), "{name}: {loaded:?}");
    }
}

#[test]
fn refuses_what_takes_more_memory_than_allowed_before_it_is_taken() {
    let limits = Limits { memory: 1 << 30 };
    let mut file = Sketch::parse("root -> a").json();
    file["snapshot"]["node_count"] = serde_json::json!(20_000_000);
    file["snapshot"]["edge_count"] = serde_json::json!(60_000_000);
    let text = crate::sketch::in_order(&file);
    // So large a file may hold so many nodes; this one ends before them.
    let large = Some(2_000_000_000);
    let error = Snapshot::read_within(text.as_bytes(), large, limits, &Unmonitored);
    insta::assert_snapshot!(error.expect_err("too large"), @"is too large: loading and analysing it takes about 2.4 GB of memory, and the budget is 1.1 GB");
    // What the header says of a small file is not believed.
    let small = Some(text.len() as u64);
    Snapshot::read_within(text.as_bytes(), small, limits, &Unmonitored).expect("a snapshot");
}

#[test]
fn refuses_a_heap_that_grows_beyond_what_its_header_says() {
    let mut sketch = Sketch::default();
    for node in 0..5_000 {
        sketch.edge("root", crate::EdgeType::Property, "p", &format!("n{node}"));
    }
    let mut file = sketch.json();
    file["snapshot"]["node_count"] = serde_json::json!(2);
    file["snapshot"]["edge_count"] = serde_json::json!(1);
    let bytes = packed(Packing::Gzip, crate::sketch::in_order(&file).as_bytes());
    let limits = Limits { memory: 100_000 };
    let error = Snapshot::read_within(bytes.as_slice(), None, limits, &Unmonitored);
    assert!(matches!(error, Err(LoadError::TooLarge { .. })), "{error:?}");
}
