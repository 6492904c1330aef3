//! A workspace with a script that was made from a source, and the map between them.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use heapmark_source::{
    AsItRan, Fit, Now, Position, RanScript, RanSite, Script, Thing, Wanted, Workspace, Written,
};
use tempfile::TempDir;

/// What was written.
pub(crate) const SOURCE: &str = "\
export class Session {
  open(room: string): void {
    rooms.set(room, () => this);
  }
}
export const rooms = new Map<string, () => Session>();
";

/// What was made of it.
pub(crate) const BUILT: &str =
    "class n{open(t){e.set(t,()=>this)}}const e=new Map;export{n as Session,e as rooms};\n";

/// Where tools would map what: of `BUILT`, of `SOURCE`, and the name there.
const PAIRS: [(&str, &str, Option<&str>); 9] = [
    ("class n", "class Session", None),
    ("n{", "Session {", Some("Session")),
    ("open", "open", None),
    ("t){", "room: string", Some("room")),
    ("e.set", "rooms.set", Some("rooms")),
    ("t,()", "room, ()", Some("room")),
    ("()=>", "() => this", None),
    ("const e", "const rooms", None),
    ("e=new", "rooms =", Some("rooms")),
];

pub(crate) struct Scene {
    _keep: TempDir,
    pub(crate) root: PathBuf,
    pub(crate) workspace: Workspace,
    pub(crate) ran: RanScript,
}

impl Scene {
    /// A workspace with `src/session.ts` and, built from it, `dist/session.js`. No map yet.
    pub(crate) fn new() -> Scene {
        let keep = tempfile::tempdir().expect("a temporary folder");
        let root = keep.path().canonicalize().expect("it exists").join("shop");
        write(&root.join("src/session.ts"), SOURCE);
        write(&root.join("dist/session.js"), BUILT);
        let sites = [("class", "n"), ("(t){", "open"), ("()=>", "")];
        let ran = RanScript {
            name: root.join("dist/session.js").to_str().expect("text").to_owned(),
            source_prefix: Some(BUILT.to_owned()),
            sites: sites
                .map(|(text, name)| RanSite {
                    position: at(BUILT, text),
                    name: name.to_owned(),
                    is_instance: false,
                })
                .into(),
            ..RanScript::default()
        };
        Scene { _keep: keep, workspace: Workspace::new(vec![root.clone()]), root, ran }
    }

    /// With this map, carried by the script itself.
    pub(crate) fn with_map(mut self, json: &str) -> Scene {
        self.ran.source_map_url = Some(data_url(json));
        self
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        write(&self.root.join(path), text);
    }

    pub(crate) fn script(&self) -> Script {
        Script::new(&self.past(), self.ran.clone())
    }

    /// What stands at a text of the built script: `src/session.ts:3 Session.open (exact)`.
    pub(crate) fn place(&self, text: &str) -> Option<String> {
        let past = self.past();
        let found = self.script().thing(&past, at(BUILT, text), Wanted::Function)?;
        self.tell(&past, &found)
    }

    /// The workspace as the script saw it.
    pub(crate) fn past(&self) -> AsItRan<'_> {
        AsItRan::new(&self.workspace)
    }

    /// What was found in the texts that ran, where it stands now: `moved` if that is another text.
    pub(crate) fn tell(&self, past: &AsItRan<'_>, found: &Written<Thing>) -> Option<String> {
        let file = self.workspace.relative(found.file.path());
        let range = found.what.name_range();
        let (range, fit) = match past.now(found.file.path(), range) {
            Now::Same => (range, found.fit),
            Now::At(range) => (range, Fit::Moved),
            Now::Gone => return None,
        };
        let (line, fit) = (range.start.line + 1, format!("{fit:?}").to_lowercase());
        Some(format!("{file}:{line} {} ({fit})", found.what.name()))
    }

    /// Why the map is not used, after asking for a place.
    pub(crate) fn problem(&self) -> Option<String> {
        let script = self.script();
        script.thing(&self.past(), at(BUILT, "(t){"), Wanted::Function);
        script.map_problem().map(ToString::to_string)
    }
}

pub(crate) fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("files lie in folders")).expect("a writable folder");
    fs::write(path, text).expect("a writable folder");
}

/// Where a text stands in another.
pub(crate) fn at(text: &str, part: &str) -> Position {
    let before = &text[..text.find(part).unwrap_or_else(|| panic!("no {part} in {text}"))];
    let line = before.matches('\n').count() as u32;
    let column = before.len() - before.rfind('\n').map_or(0, |end| end + 1);
    Position::new(line, column as u32)
}

/// The map from `BUILT` to `SOURCE` under a name, with or without its text.
pub(crate) fn map(source: &str, content: Option<&str>) -> String {
    map_of(&PAIRS, source, content)
}

/// The same without names, as TypeScript makes maps.
pub(crate) fn map_without_names(source: &str) -> String {
    map_of(&PAIRS.map(|(built, written, _)| (built, written, None)), source, None)
}

/// The same without the mapping of what begins so in `BUILT`, made from a source whose lines and columns
/// are those of `SOURCE`.
pub(crate) fn map_without(built: &str, source: &str) -> String {
    let pairs: Vec<_> = PAIRS.into_iter().filter(|pair| pair.0 != built).collect();
    map_of(&pairs, "../src/session.ts", Some(source))
}

fn map_of(pairs: &[(&str, &str, Option<&str>)], source: &str, content: Option<&str>) -> String {
    map_between((BUILT, SOURCE), pairs, source, content)
}

/// The map of any two texts: of what was built, to what was written.
pub(crate) fn map_between(
    texts: (&str, &str),
    pairs: &[(&str, &str, Option<&str>)],
    source: &str,
    content: Option<&str>,
) -> String {
    let mut names: Vec<&str> = Vec::new();
    let mut mappings = String::new();
    let (mut before, mut name_before) = ([0i64; 3], 0i64);
    for (index, (built, written, name)) in pairs.iter().enumerate() {
        let (from, to) = (at(texts.0, built), at(texts.1, written));
        let now = [from.column, to.line, to.column].map(i64::from);
        if index > 0 {
            mappings.push(',');
        }
        vlq(&mut mappings, now[0] - before[0]);
        vlq(&mut mappings, 0);
        vlq(&mut mappings, now[1] - before[1]);
        vlq(&mut mappings, now[2] - before[2]);
        before = now;
        if let Some(name) = name {
            let known = names.iter().position(|known| known == name);
            let id = known.unwrap_or_else(|| {
                names.push(name);
                names.len() - 1
            }) as u32;
            vlq(&mut mappings, i64::from(id) - name_before);
            name_before = i64::from(id);
        }
    }
    serde_json::json!({
        "version": 3,
        "sources": [source],
        "sourcesContent": content.map(|content| [content]),
        "names": names,
        "mappings": mappings,
    })
    .to_string()
}

pub(crate) fn vlq(text: &mut String, number: i64) {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut rest = number.unsigned_abs() << 1 | u64::from(number < 0);
    loop {
        let more = rest > 31;
        text.push(DIGITS[(rest & 31 | if more { 32 } else { 0 }) as usize] as char);
        rest >>= 5;
        if !more {
            return;
        }
    }
}

pub(crate) fn data_url(json: &str) -> String {
    let mut url = "data:application/json,".to_owned();
    for byte in json.bytes() {
        let _ = write!(url, "%{byte:02x}");
    }
    url
}
