//! The map of another build, of sources that somebody changed, beside the bundle that ran: each place is
//! the right one, or there is none. Of the map of the very build all places are given.
//!
//! Which place is right is known from the map of the very build, and from how the lines of the sources
//! moved; the words of the map of another build are never asked.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use heapmark_source::{
    AsItRan, Declaration, Origin, Position, RanScript, RanSite, Range, Script, Segment, Siblings,
    SourceFile, SourceMap, Thing, Wanted, Workspace, Written, decode_map,
};
use heapmark_tests::{Program, output_of, tests_folder};
use tempfile::TempDir;

use crate::tools;

/// What is different in the sources that the other build was made of.
struct Change {
    what: &'static str,
    /// Of a file of `src`, a text that stands there once, and what stands there instead; of a new file
    /// the text is empty.
    edits: &'static [(&'static str, &'static str, &'static str)],
}

const CHANGES: &[Change] = &[
    Change {
        what: "a function at the start",
        edits: &[(
            "callbacks.ts",
            "const shelves",
            "export function shout(names: readonly string[]): string[] {
  const loud = names.map((name) => `${name.toUpperCase()}!`);
  loud.push('the end of the list');
  return loud;
}
console.assert(shout(['shelf']).length === 2);

const shelves",
        )],
    },
    Change {
        what: "a function in the middle",
        edits: &[(
            "prices.ts",
            "export function announce",
            "export function withdraw(symbol: string): void {
  for (const follower of bus.listeners('price')) bus.off('price', follower as () => void);
  bus.emit('withdrawn', { symbol });
}
bus.once('closed', () => withdraw('ACME'));

export function announce",
        )],
    },
    Change {
        what: "a function changed near the end",
        edits: &[(
            "uploads.ts",
            "  const { name } = file;\n",
            "  const { name } = file;
  if (name.length > 200) throw new RangeError(`${name.slice(0, 20)} is too long a name`);\n",
        )],
    },
    Change {
        what: "a file more",
        edits: &[
            (
                "stock.ts",
                "",
                "const stock: Map<string, number> = new Map<string, number>();

export class Delivery {
  constructor(readonly of: string, readonly count: number) {}

  arrive(): number {
    const before = stock.get(this.of) ?? 0;
    stock.set(this.of, before + this.count);
    return before;
  }
}
",
            ),
            (
                "main.ts",
                "import { Watch, announce } from './prices.ts';\n",
                "import { Watch, announce } from './prices.ts';\nimport { Delivery } from './stock.ts';\n",
            ),
            (
                "main.ts",
                "    const visitor = ++served;\n",
                "    const visitor = ++served;\n    new Delivery('books', visitor).arrive();\n",
            ),
        ],
    },
    Change {
        what: "a method less",
        edits: &[(
            "prices.ts",
            "
  get changes(): number {
    return this.#changes;
  }
",
            "",
        )],
    },
    Change {
        what: "a copy of a function above it",
        edits: &[(
            "pages.ts",
            "export function render",
            "export function preview(request: Request): RenderedPage {
  const key: Key = `${request.path}?${request.visitor}`;
  const known = rendered.get(key);
  if (known !== undefined) return known;
  const page = new RenderedPage(request.path, request.visitor % 3 ? 'de' : 'en');
  for (let line = 0; line < 10; line++) page.add(`${request.path} line ${line} for ${request.visitor}`);
  rendered.delete(key);
  return page;
}
preview({ path: '/', visitor: 0 });

export function render",
        )],
    },
    Change {
        what: "two functions in another order",
        edits: &[
            (
                "uploads.ts",
                "export function digests(compute: (algorithm: string) => string): string[] {
  return ['md5', 'sha1'].map((algorithm) => compute(algorithm));
}

",
                "",
            ),
            (
                "uploads.ts",
                "export function close",
                "export function digests(compute: (algorithm: string) => string): string[] {
  return ['md5', 'sha1'].map((algorithm) => compute(algorithm));
}

export function close",
            ),
        ],
    },
    Change {
        what: "a number",
        edits: &[("sessions.ts", "line < 8", "line < 12")],
    },
];

/// What became of the places of a tool's builds: in numbers, and what is wrong.
#[derive(Default)]
struct Outcome {
    told: String,
    failures: Vec<String>,
}

macro_rules! of_another_build {
    ($($test:ident => $way:literal;)*) => {
        $(
            #[test]
            fn $test() {
                let Outcome { told, failures } = check($way);
                println!("{told}");
                assert!(failures.is_empty(), "{told}{}", failures.join("\n"));
            }
        )*
    };
}

of_another_build! {
    of_another_build_by_tsc => "tsc";
    of_another_build_by_tsc_without_sources => "tsc-source-root";
    of_another_build_by_esbuild => "esbuild";
    of_another_build_by_esbuild_minified => "esbuild-minified-beside";
    of_another_build_by_esbuild_minified_without_sources => "esbuild-no-comment";
    of_another_build_by_webpack_with_terser => "webpack";
    of_another_build_by_rollup => "rollup";
    of_another_build_by_rolldown => "rolldown";
    of_another_build_by_vite_with_rolldown_and_oxc => "vite";
    of_another_build_by_oxc => "oxc";
    of_another_build_by_oxc_minified => "oxc-minified";
    of_another_build_by_swc => "swc";
    of_another_build_by_swc_minified => "swc-minified";
    of_another_build_by_turbopack => "turbopack";
}

/// So many functions, classes, variables and fields of the program are found in every build of it, at least:
/// of some, minifiers leave nothing.
const NAMES: usize = 54;

/// Builds the program as it ran and with every change, and lays the maps of the one beside the scripts of the
/// other.
fn check(way: &str) -> Outcome {
    let builds = Builds::of(way);
    let mut outcome = Outcome::default();
    let Outcome { told, failures } = &mut outcome;
    let ran: Vec<Ran> =
        builds.scripts().into_iter().filter_map(|it| Ran::of(&builds, it)).collect();
    for script in &ran {
        failures.extend(script.refused.iter().map(|it| format!("{way}: {it} is refused")));
    }
    let names: BTreeSet<&str> =
        ran.iter().flat_map(|it| it.places.values()).map(|place| place.name.as_str()).collect();
    let all: usize = ran.iter().map(|it| it.places.len()).sum();
    let _ = writeln!(told, "{way}: {all} places, of {} names", names.len());
    if names.len() < NAMES {
        failures.push(format!("{way}: only {} names are found in the sources", names.len()));
    }
    let used: usize = CHANGES.iter().map(|it| judge(way, it, &builds, &ran, &mut outcome)).sum();
    if used == 0 {
        let failure = format!("{way}: no place is given, not even before what was changed");
        outcome.failures.push(failure);
    }
    outcome
}

/// Compares the places that the maps of another build give with the right ones. Returns how many are given.
fn judge(
    way: &str,
    change: &Change,
    builds: &Builds,
    ran: &[Ran],
    Outcome { told, failures }: &mut Outcome,
) -> usize {
    let root = builds.put(change);
    let what = change.what;
    let (mut given, mut absent, mut wrong) = (0, 0, 0);
    for script in ran {
        let answers = answers(root, &script.path, &script.text);
        absent += script.places.keys().filter(|it| !answers.contains_key(*it)).count();
        for (question, place) in &answers {
            let right = script.places.get(question).and_then(|it| builds.moved(change, it));
            if Some(place) == right.as_ref() || builds.is_import(change, place, right.as_ref()) {
                given += 1;
            } else {
                wrong += 1;
                failures.push(format!("{way}, {what}: {question} is {place:?}, and not {right:?}"));
            }
        }
    }
    let _ = writeln!(told, "{way}, {what}: {given} given, {absent} absent, {wrong} wrong");
    given
}

/// A program that was built from several sources in the same place.
struct Builds {
    _folder: TempDir,
    /// Where it stands: its sources, and what was built of them.
    root: PathBuf,
    /// The texts of the sources that ran, and of those of each change, by the names of the files.
    sources: BTreeMap<String, String>,
    /// By what is changed: the folder of that build.
    others: BTreeMap<&'static str, PathBuf>,
}

impl Builds {
    fn of(way: &str) -> Self {
        let script = tools().parent().expect("a folder").join("build.mjs");
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().canonicalize().expect("it exists");
        let root = path.join("market");
        let program = Program::at(&tests_folder().join("maps/program")).expect("a program");
        program.copy_to(&root).expect("the program can be copied");
        let sources = texts(&root.join("src"));
        let mut others = BTreeMap::new();
        for (number, change) in CHANGES.iter().enumerate() {
            let other = path.join(format!("other{number}"));
            fs::create_dir_all(other.join("src")).expect("a writable folder");
            for (name, text) in changed(&sources, change) {
                fs::write(other.join("src").join(name), text).expect("a writable folder");
            }
            others.insert(change.what, other);
        }
        let mut build = Command::new("node");
        output_of(build.arg(script).arg(&root).arg(way).args(others.values()))
            .unwrap_or_else(|error| panic!("{way}: {error:#}"));
        Builds { _folder: folder, root, sources, others }
    }

    /// What was built and has a map of its own.
    fn scripts(&self) -> Vec<PathBuf> {
        let mut scripts = Vec::new();
        let mut folders = vec![self.root.join("dist")];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("it was built") {
                let path = entry.expect("an entry").path();
                if path.is_dir() && path.file_name().is_some_and(|name| name != "cache") {
                    folders.push(path);
                } else if beside(&path).is_file() {
                    scripts.push(path);
                }
            }
        }
        scripts.sort();
        scripts
    }

    /// Puts the sources and the maps of another build in the place of those that ran.
    fn put(&self, change: &Change) -> &Path {
        let other = &self.others[change.what];
        let src = self.root.join("src");
        fs::remove_dir_all(&src).expect("a writable folder");
        fs::create_dir(&src).expect("a writable folder");
        for (name, text) in texts(&other.join("src")) {
            fs::write(src.join(name), text).expect("a writable folder");
        }
        for script in self.scripts() {
            let name = script.strip_prefix(&self.root).expect("it was built there");
            fs::copy(beside(&other.join(name)), beside(&script))
                .expect("each build has the script");
        }
        &self.root
    }

    /// Whether a map's source is one of the program's.
    fn has(&self, source: &str) -> bool {
        source.rsplit_once("src/").is_some_and(|(_, name)| self.sources.contains_key(name))
    }

    /// Whether a place is where the right thing is imported.
    fn is_import(&self, change: &Change, place: &Place, right: Option<&Place>) -> bool {
        let text = &changed(&self.sources, change)[&place.file];
        let line = text.lines().nth(place.start.line as usize).unwrap_or_default();
        line.starts_with("import ") && right.is_some_and(|right| right.name == place.name)
    }

    /// Where a place of the sources that ran is in the changed ones; `None` if it is not there.
    fn moved(&self, change: &Change, place: &Place) -> Option<Place> {
        let text = &self.sources[&place.file];
        let changed = &changed(&self.sources, change)[&place.file];
        let line = moved(text, changed, place.start.line)?;
        let start = Position::new(line, place.start.column);
        Some(Place { file: place.file.clone(), start, name: place.name.clone() })
    }
}

/// The texts of the files in a folder.
fn texts(folder: &Path) -> BTreeMap<String, String> {
    let files = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry"));
    let text = |path: &Path| fs::read_to_string(path).expect("a text");
    files.map(|it| (it.file_name().into_string().expect("a name"), text(&it.path()))).collect()
}

/// The sources with a change.
fn changed(sources: &BTreeMap<String, String>, change: &Change) -> BTreeMap<String, String> {
    let mut changed = sources.clone();
    for (name, from, to) in change.edits {
        let text = changed.entry((*name).to_owned()).or_default();
        if !from.is_empty() {
            assert_eq!(text.matches(from).count(), 1, "{}: {from}", change.what);
        }
        *text = if from.is_empty() { (*to).to_owned() } else { text.replace(from, to) };
    }
    changed
}

/// Which line of another text a line is: the only one of its words on both sides, or one in the stretch
/// that the texts begin or end with. Of as many lines, each is the same one.
fn moved(text: &str, other: &str, line: u32) -> Option<u32> {
    let (one, two): (Vec<&str>, Vec<&str>) = (text.lines().collect(), other.lines().collect());
    let line = line as usize;
    let places = |lines: &[&str]| -> Vec<usize> {
        (0..lines.len()).filter(|&at| lines[at] == one[line]).collect()
    };
    let found = if let ([_], [found]) = (&places(&one)[..], &places(&two)[..]) {
        Some(*found)
    } else {
        let before = one.iter().zip(&two).take_while(|(one, two)| one == two).count();
        let behind = one.iter().rev().zip(two.iter().rev()).take_while(|(one, two)| one == two);
        let from_end = one.len() - line;
        let is_same = line < before || one.len() == two.len();
        let is_from_end = from_end <= behind.count();
        is_same.then_some(line).or_else(|| is_from_end.then(|| two.len() - from_end))
    };
    found.map(|line| line as u32)
}

fn beside(script: &Path) -> PathBuf {
    let mut name = script.as_os_str().to_owned();
    name.push(".map");
    PathBuf::from(name)
}

/// A place in the sources.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    /// Its name in `src`.
    file: String,
    start: Position,
    name: String,
}

/// A script that ran, and what is known of it from its own map.
struct Ran {
    path: PathBuf,
    text: String,
    /// By the question.
    places: BTreeMap<String, Place>,
    /// What the right map leads to, and nobody is told of.
    refused: Vec<String>,
}

impl Ran {
    /// `None` if nothing of the user's is in it.
    fn of(builds: &Builds, path: PathBuf) -> Option<Ran> {
        let map = decode_map(&fs::read(beside(&path)).expect("a map")).ok()?;
        if !map.sources().iter().any(|source| builds.has(&source.name)) {
            return None;
        }
        let text = fs::read_to_string(&path).expect("it was built");
        let places = answers(&builds.root, &path, &text);
        let refused = refused(builds, &path, &text, &map);
        Some(Ran { path, text, places, refused })
    }
}

fn script(workspace: &Workspace, path: &Path, text: &str, generated: &SourceFile) -> Script {
    let of_functions = generated.functions().iter().map(|it| (it.anchor, &it.name, false));
    let of_classes = generated.classes().iter().map(|it| (it.anchor, &it.name, true));
    let sites = of_functions.chain(of_classes).map(|(position, name, is_instance)| {
        // V8 says `follow` of `Watch.follow`, and nothing of a callback.
        let name = name.rsplit('.').next().unwrap_or_default();
        let is_name =
            !name.contains(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '$' | '#'));
        RanSite {
            position,
            name: if is_name { name.to_owned() } else { String::new() },
            is_instance,
        }
    });
    let ran = RanScript {
        name: path.to_str().expect("text").to_owned(),
        source: Some(text.to_owned()),
        sites: sites.collect(),
        ..RanScript::default()
    };
    Script::new(&AsItRan::new(workspace), ran)
}

/// All that can be asked of a script's functions and classes, as far as it has an answer in the sources.
fn answers(root: &Path, path: &Path, text: &str) -> BTreeMap<String, Place> {
    let workspace = Workspace::new(vec![root.to_owned()]);
    let generated = SourceFile::parse(path, text.to_owned()).expect("it can be parsed");
    let script = script(&workspace, path, text, &generated);
    let past = AsItRan::new(&workspace);
    let mut answers = BTreeMap::new();
    let src = root.join("src");
    let mut add = |question: String, place: Option<(PathBuf, Position, String)>| {
        let Some((file, start, name)) = place else { return };
        if let Ok(file) = file.strip_prefix(&src) {
            let file = file.to_str().expect("text").to_owned();
            answers.insert(question, Place { file, start, name });
        }
    };
    let declared = |it: Written<Declaration>| {
        (it.file.path().to_owned(), it.what.name_range.start, it.what.name)
    };
    for function in generated.functions() {
        let at = at(path, function.anchor);
        let thing = script.thing(&past, function.anchor, Wanted::Function);
        let is_known = thing.is_some();
        add(format!("{at} function {}", function.name), thing.as_ref().map(place));
        if !is_known {
            continue;
        }
        for word in words(&generated, function.range) {
            let captured = script.captured(&past, function.anchor, word, &Siblings::default());
            add(format!("{at} captured {word}"), captured.map(declared));
        }
    }
    for class in generated.classes() {
        let at = at(path, class.anchor);
        add(
            format!("{at} class {}", class.name),
            script.thing(&past, class.anchor, Wanted::Class).as_ref().map(place),
        );
        for word in words(&generated, class.range) {
            for is_static in [true, false] {
                let field = script.field(&past, class.anchor, word, is_static);
                let field = field.map(|it| {
                    let (_, field) = it.what;
                    (it.file.path().to_owned(), field.name_range.start, field.name)
                });
                add(format!("{at} field {word} {is_static}"), field);
            }
        }
    }
    answers
}

fn place(found: &Written<Thing>) -> (PathBuf, Position, String) {
    (found.file.path().to_owned(), found.what.name_range().start, found.what.name().to_owned())
}

fn at(path: &Path, Position { line, column }: Position) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    format!("{name}:{}:{}", line + 1, column + 1)
}

/// The words in a range of a file, each once.
fn words(file: &SourceFile, range: Range) -> BTreeSet<&str> {
    let offset = |position| file.offset(position).expect("it is of this file");
    let text = &file.text()[offset(range.start)..offset(range.end)];
    let words = text.split(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '$' | '#'));
    words.filter(|word| !word.is_empty()).collect()
}

/// The functions and classes that the right map leads into the sources from, of which the script says that
/// they are from elsewhere.
fn refused(builds: &Builds, path: &Path, text: &str, map: &SourceMap) -> Vec<String> {
    let workspace = Workspace::new(vec![builds.root.clone()]);
    let generated = SourceFile::parse(path, text.to_owned()).expect("it can be parsed");
    let script = script(&workspace, path, text, &generated);
    let past = AsItRan::new(&workspace);
    let functions = generated.functions().iter().map(|it| (it.anchor, it.range, &it.name));
    let classes = generated.classes().iter().map(|it| (it.anchor, it.range, &it.name));
    let mut refused: Vec<String> =
        script.map_problem().map(ToString::to_string).into_iter().collect();
    for (anchor, range, name) in functions.chain(classes) {
        let is_within = |it: &&Segment| range.start <= it.generated && it.generated < range.end;
        let source = map.segments().iter().filter(is_within).find_map(Segment::source);
        let is_own = source.is_some_and(|it| builds.has(&map.sources()[it as usize].name));
        if is_own && script.origin_at(&past, anchor) == Origin::Elsewhere {
            refused.push(format!("{} `{name}`", at(path, anchor)));
        }
    }
    refused
}
