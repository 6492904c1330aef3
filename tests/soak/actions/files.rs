//! Snapshots and what lies beside them, and the sources: they come, change, and go.

use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::SystemTime;

use anyhow::Result;
use flate2::Compression;
use flate2::write::GzEncoder;
use heapmark_tests::Random;
use serde_json::json;

use crate::soak::Soak;

/// What the packed file that unpacks to much unpacks to, in megabytes: more than all that is good
/// here, and no trouble for the machine.
const BOMB: usize = 64;

const MADE: u32 = 1;
const CHANGED: u32 = 2;
const GONE: u32 = 3;

/// Editors tell of most changes, not of all.
fn tell(soak: &mut Soak, name: &Path, change: u32) -> String {
    if soak.random.percent(80) {
        soak.tell(name, change);
        return name.display().to_string();
    }
    format!("{}, which is not told", name.display())
}

/// A name that a snapshot may get: few, so that they meet.
fn some_name(random: &mut Random, ending: &str) -> PathBuf {
    let folder = random.pick(&[".heapmark", ".heapmark", "", "elsewhere/deep"]);
    Path::new(folder).join(format!("extra-{}.{ending}", random.below(4)))
}

/// A snapshot, its name and its content.
fn some_snapshot(soak: &mut Soak) -> Result<(PathBuf, Vec<u8>)> {
    let name = soak.scene.some_good(&mut soak.random, ".heapsnapshot")?;
    let content = soak.scene.content(&name).to_vec();
    Ok((name, content))
}

pub(super) fn good_snapshot(soak: &mut Soak) -> Result<String> {
    let (_, content) = some_snapshot(soak)?;
    let name = some_name(&mut soak.random, "heapsnapshot");
    soak.scene.write(&name, &content)?;
    Ok(tell(soak, &name, MADE))
}

pub(super) fn packed_snapshot(soak: &mut Soak) -> Result<String> {
    let (_, content) = some_snapshot(soak)?;
    let mut packed = packed(&[&content])?;
    let odd = match soak.random.below(4) {
        0 => {
            packed.truncate(packed.len() / 2);
            ", half of it"
        }
        1 => {
            packed.extend_from_slice(b"and more");
            ", and more"
        }
        2 => {
            let end = packed.len() - 8;
            packed[end] ^= 0xff;
            ", with a wrong sum"
        }
        _ => "",
    };
    let name = some_name(&mut soak.random, "heapsnapshot.gz");
    soak.scene.write(&name, &packed)?;
    Ok(tell(soak, &name, MADE) + odd)
}

fn packed(parts: &[&[u8]]) -> Result<Vec<u8>> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    for part in parts {
        packed.write_all(part)?;
    }
    Ok(packed.finish()?)
}

pub(super) fn slow_snapshot(soak: &mut Soak) -> Result<String> {
    let (_, content) = some_snapshot(soak)?;
    let name = some_name(&mut soak.random, "heapsnapshot");
    soak.scene.write_slowly(&name, &content)?;
    Ok(tell(soak, &name, MADE))
}

pub(super) fn cut_snapshot(soak: &mut Soak) -> Result<String> {
    let (_, content) = some_snapshot(soak)?;
    let name = some_name(&mut soak.random, "heapsnapshot");
    let length = soak.random.below(content.len());
    soak.scene.write(&name, &content[..length])?;
    Ok(format!("{length} bytes of {}", tell(soak, &name, MADE)))
}

pub(super) fn damage_snapshot(soak: &mut Soak) -> Result<String> {
    let name = if soak.random.percent(50) {
        some_snapshot(soak)?.0
    } else {
        some_name(&mut soak.random, "heapsnapshot")
    };
    let Some(mut file) = soak.scene.open_to_write(&name) else {
        return Ok("it is not there".to_owned());
    };
    let length = file.metadata()?.len() as usize;
    if soak.random.percent(30) {
        file.set_len(soak.random.below(length) as u64)?;
    }
    for _ in 0..soak.random.below(200) {
        file.seek(SeekFrom::Start(soak.random.below(length) as u64))?;
        let damage = soak.random.pick(&["99999", "-1,", "\"", "[", "}", "\u{0}\u{0}", "1e9"]);
        file.write_all(damage.as_bytes())?;
    }
    Ok(tell(soak, &name, CHANGED))
}

pub(super) fn no_snapshot(soak: &mut Soak) -> Result<String> {
    let deep = "[".repeat(1_000_000);
    let contents = [
        "",
        "{}",
        "<html>not here</html>",
        "{\"version\":3,\"mappings\":\"\"}",
        "{\"snapshot\":{\"meta\":",
        "{\"snapshot\":{\"meta\":{\"node_fields\":[]},\"node_count\":4000000000,\"edge_count\":4000000000},\"nodes\":[",
        "\u{1f}\u{8b}",
        "\u{0}",
        &deep,
    ];
    let content = soak.random.pick(&contents);
    let ending =
        soak.random.pick(&["heapsnapshot", "heapsnapshot.gz", "heapsnapshot.zst", "heaptimeline"]);
    let name = some_name(&mut soak.random, ending);
    soak.scene.write(&name, content.as_bytes())?;
    Ok(format!("{content:.40?} as {}", tell(soak, &name, MADE)))
}

/// A snapshot whose last text never ends.
pub(super) fn bomb(soak: &mut Soak) -> Result<String> {
    static PACKED: OnceLock<Vec<u8>> = OnceLock::new();
    let (_, content) = some_snapshot(soak)?;
    let key = b"\"strings\":[";
    let strings = content.windows(key.len()).position(|it| it == key).unwrap_or_default();
    let bomb = PACKED.get_or_init(|| {
        let endless = vec![b'z'; BOMB << 20];
        packed(&[&content[..strings + key.len()], b"\"", &endless]).expect("memory takes it all")
    });
    let name = some_name(&mut soak.random, "heapsnapshot.gz");
    soak.scene.write(&name, bomb)?;
    Ok(tell(soak, &name, MADE))
}

pub(super) fn remove_snapshot(soak: &mut Soak) -> Result<String> {
    let name = if soak.random.percent(50) {
        some_snapshot(soak)?.0
    } else {
        let ending = soak.random.pick(&["heapsnapshot", "heapsnapshot.gz"]);
        some_name(&mut soak.random, ending)
    };
    soak.scene.remove(&name)?;
    Ok(tell(soak, &name, GONE))
}

pub(super) fn rename_snapshot(soak: &mut Soak) -> Result<String> {
    let (from, _) = some_snapshot(soak)?;
    let to = some_name(&mut soak.random, "heapsnapshot");
    soak.scene.rename(&from, &to);
    Ok(format!("{} to {}", tell(soak, &from, GONE), tell(soak, &to, MADE)))
}

pub(super) fn move_all(soak: &mut Soak) -> Result<String> {
    let (here, there) = (Path::new(".heapmark"), Path::new("moved away"));
    let (from, to) = if soak.scene.path(there).exists() { (there, here) } else { (here, there) };
    soak.scene.rename(from, to);
    Ok(tell(soak, &here.join("final.heapsnapshot"), CHANGED))
}

pub(super) fn odd_sidecar(soak: &mut Soak) -> Result<String> {
    let name = soak.scene.some_good(&mut soak.random, ".scripts.json")?;
    let good = String::from_utf8_lossy(soak.scene.content(&name)).into_owned();
    let deep = "[".repeat(1_000_000);
    let many = format!("{{\"scripts\":[{}{{}}]}}", "{\"id\":1},".repeat(200_000));
    let texts = [
        String::new(),
        "null".to_owned(),
        "[]".to_owned(),
        "{".to_owned(),
        deep,
        many,
        good[..good.len() / 2].to_owned(),
        good.replace("file:///", "file:///etc/../"),
        good.replace("const", "/*\u{202e}\u{1b}[31m*/ const"),
        good.replace("renderedPages", "another_name"),
        good.replace("use strict", "use \\ud83d strict"),
    ];
    let text = &texts[soak.random.below(texts.len())];
    soak.scene.write(&name, text.as_bytes())?;
    let said = format!("{text:.40?} as {}", name.display());
    // Editors do not watch these; a snapshot that changes is read again with what lies beside it.
    touch(soak)?;
    Ok(said)
}

pub(super) fn odd_accepted(soak: &mut Soak) -> Result<String> {
    let entry =
        |index: usize| json!({ "fingerprint": format!("{index:08x}"), "rule": "r", "title": "t" });
    let hostile = json!({
        "fingerprint": "\u{1b}[31m\u{202e}[x](command:y)",
        "rule": "<b>",
        "title": "t".repeat(100_000),
        "reason": "\n",
    });
    let lists = [
        "{".to_owned(),
        "[]".to_owned(),
        "[".repeat(1_000_000),
        " ".repeat(5_000_000),
        json!({ "schemaVersion": 99, "accepted": [] }).to_string(),
        json!({ "schemaVersion": 1, "accepted": [] }).to_string(),
        json!({ "schemaVersion": 1, "accepted": [hostile] }).to_string(),
        json!({ "schemaVersion": 1, "accepted": (0..20_000).map(entry).collect::<Vec<_>>() })
            .to_string(),
    ];
    let list = &lists[soak.random.below(lists.len())];
    let name = Path::new("heapmark-accepted.json");
    soak.scene.write(name, list.as_bytes())?;
    Ok(format!("{list:.40?} as {}", tell(soak, name, CHANGED)))
}

pub(super) fn edit_source(soak: &mut Soak) -> Result<String> {
    let name = soak.scene.some_good(&mut soak.random, ".js")?;
    let good = soak.scene.content(&name).to_vec();
    let (what, text) = match soak.random.below(8) {
        0 => ("lines above", [b"// one\n// two\n".as_slice(), &good].concat()),
        1 => ("half of it", good[..good.len() / 2].to_vec()),
        2 => ("nothing in it", Vec::new()),
        3 => ("not UTF-8", [&good, b"\xff\xfe".as_slice()].concat()),
        4 => ("other line ends", String::from_utf8_lossy(&good).replace('\n', "\r\n").into_bytes()),
        5 => ("NULs", [b"\0\0".as_slice(), &good].concat()),
        6 => ("brackets without end", b"(".repeat(1_000_000)),
        _ => ("terms without end", b"a+".repeat(500_000)),
    };
    soak.scene.write(&name, &text)?;
    touch(soak)?;
    Ok(format!("{}: {what}", name.display()))
}

pub(super) fn move_source(soak: &mut Soak) -> Result<String> {
    let name = soak.scene.some_good(&mut soak.random, ".js")?;
    if soak.random.percent(50) {
        soak.scene.remove(&name)?;
    } else {
        let moved = name.with_extension(soak.random.pick(&["mjs", "ts", "tsx", "old"]));
        soak.scene.rename(&name, &moved);
    }
    touch(soak)?;
    Ok(name.display().to_string())
}

pub(super) fn odd_project(soak: &mut Soak) -> Result<String> {
    let names = ["package.json", "tsconfig.json", ".gitignore", "src/package.json", ".ignore"];
    let deep = "[".repeat(1_000_000);
    let texts = ["", "{", "null", &deep, "*\n", "[[[\n!\n/**/**/**/a\n", "\u{0}\n"];
    let (name, text) = (soak.random.pick(&names), soak.random.pick(&texts));
    soak.scene.write(Path::new(name), text.as_bytes())?;
    touch(soak)?;
    Ok(format!("{text:.20?} as {name}"))
}

/// Something that was there in the beginning is again what it was then.
pub(super) fn good_again(soak: &mut Soak) -> Result<String> {
    let name = soak.scene.some_good(&mut soak.random, "")?;
    let content = soak.scene.content(&name).to_vec();
    soak.scene.write(&name, &content)?;
    Ok(tell(soak, &name, CHANGED))
}

/// Makes a snapshot look as if it had just been written, so that all is read again.
fn touch(soak: &mut Soak) -> Result<()> {
    let (name, _) = some_snapshot(soak)?;
    if let Some(file) = soak.scene.open_to_write(&name) {
        file.set_modified(SystemTime::now())?;
        tell(soak, &name, CHANGED);
    }
    Ok(())
}
