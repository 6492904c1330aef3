//! Files that are edited between the capture of a program and the analysis, without an editor that
//! watches: every place stands at the right thing, or there is none.
//!
//! What is right is said by the marks in the edited text: they are comments, and go with their code.
//! Of what an edit takes away, it takes the mark away too.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use heapmark_heap::Unmonitored;
use heapmark_leaks::report::{Finding, Match, Place, Report};
use heapmark_source::Workspace;

use super::{Way, run_one, tools};

/// What somebody does to a file.
struct Edit {
    what: &'static str,
    /// Without folder and ending.
    file: &'static str,
    /// Every one has to be there.
    replace: &'static [(&'static str, &'static str)],
    /// Marks of this text may be missing in the report: nothing tells that it is the same.
    may_be_lost: &'static [&'static str],
}

const EXCHANGED: &str = "two classes that exchange their names";
const NEVER_LOST: &[&str] = &[];
const LISTENER: &str = "bus.on('flush', () => this.onFlush()); // heapmark: growing-listeners leaked; growing-listeners grows";
const INTERVAL: &str = "setInterval(() => { this.ticks += state.big.length; }, 60_000).unref(); // heapmark: uncleared-timers leaked; uncleared-timers grows";
const START: &str = "    start(";

const EDITS: &[Edit] = &[
    Edit {
        what: "a function above",
        file: "poll",
        replace: &[("class Poller {", "function added() {\n    return 1;\n}\n\nclass Poller {")],
        may_be_lost: NEVER_LOST,
    },
    Edit {
        what: "another event",
        file: "bus",
        replace: &[(LISTENER, "bus.on('drain', () => this.onFlush());")],
        may_be_lost: NEVER_LOST,
    },
    Edit {
        what: "another event of as many letters",
        file: "bus",
        replace: &[(LISTENER, "bus.on('clear', () => this.onFlush());")],
        may_be_lost: NEVER_LOST,
    },
    Edit {
        what: "another listener of the same shape above",
        file: "bus",
        replace: &[(
            "bus.on('flush'",
            "bus.on('drain', () => this.onFlush());\n        bus.on('flush'",
        )],
        may_be_lost: NEVER_LOST,
    },
    Edit {
        what: "another listener of the same shape below",
        file: "bus",
        replace: &[(
            LISTENER,
            "bus.on('flush', () => this.onFlush()); // heapmark: growing-listeners leaked; growing-listeners grows\n        bus.on('drain', () => this.onFlush());",
        )],
        may_be_lost: NEVER_LOST,
    },
    Edit {
        what: "the same listener twice",
        file: "bus",
        replace: &[(
            LISTENER,
            "bus.on('flush', () => this.onFlush());\n        bus.on('flush', () => this.onFlush());",
        )],
        may_be_lost: NEVER_LOST,
    },
    Edit {
        what: "once instead of on, and another on the old line",
        file: "bus",
        replace: &[(
            LISTENER,
            "bus.on('drain', () => this.onDrain());\n        bus.once('flush', () => this.onFlush());",
        )],
        may_be_lost: NEVER_LOST,
    },
    Edit {
        what: "a listener in a condition",
        file: "bus",
        replace: &[("bus.on('flush'", "if (this.url)\n            bus.on('flush'")],
        may_be_lost: NEVER_LOST,
    },
    Edit {
        what: "a listener that does something else",
        file: "bus",
        replace: &[("() => this.onFlush()", "() => console.log(this)")],
        may_be_lost: NEVER_LOST,
    },
    Edit {
        what: "a named listener on another event above",
        file: "bus",
        replace: &[(
            "bus.on('flush'",
            "bus.on('tock', function onTick() {\n            return 1;\n        });\n        bus.on('flush'",
        )],
        may_be_lost: NEVER_LOST,
    },
    Edit {
        what: "another class with a method of the name",
        file: "bus",
        replace: &[(
            "class Responder {",
            "class Other {\n    attach() {\n        bus.on('flush', () => this.onFlush());\n    }\n    onFlush() { }\n}\n\nclass Responder {",
        )],
        may_be_lost: NEVER_LOST,
    },
    Edit {
        what: "a timeout",
        file: "poll",
        replace: &[(
            INTERVAL,
            "setTimeout(() => { this.ticks += state.big.length; }, 60_000).unref();",
        )],
        may_be_lost: NEVER_LOST,
    },
    Edit {
        what: "an interval of another time",
        file: "poll",
        replace: &[(
            INTERVAL,
            "setInterval(() => { this.ticks += state.big.length; }, 5_000).unref();",
        )],
        may_be_lost: NEVER_LOST,
    },
    Edit {
        what: "an interval of the same shape above",
        file: "poll",
        replace: &[(
            "        setInterval(",
            "        setInterval(() => { this.ticks += state.big.length; }, 5_000).unref();\n        setInterval(",
        )],
        may_be_lost: NEVER_LOST,
    },
    Edit {
        what: "an interval of the same time above",
        file: "poll",
        replace: &[(
            "        setInterval(",
            "        setInterval(() => { console.log(state); }, 60_000).unref();\n        setInterval(",
        )],
        may_be_lost: NEVER_LOST,
    },
    Edit {
        what: "an interval that does more",
        file: "poll",
        replace: &[("{ this.ticks +=", "{ console.log(name); this.ticks +=")],
        may_be_lost: NEVER_LOST,
    },
    Edit {
        what: "a callback with a name of its own",
        file: "poll",
        replace: &[(
            INTERVAL,
            "const tick = () => { this.ticks += state.big.length; };\n        setInterval(tick, 60_000).unref(); // heapmark: uncleared-timers grows",
        )],
        may_be_lost: NEVER_LOST,
    },
    Edit {
        what: "a callback that is gone",
        file: "poll",
        replace: &[(INTERVAL, "this.ticks += state.big.length;")],
        may_be_lost: NEVER_LOST,
    },
    Edit {
        what: "a method that is renamed",
        file: "poll",
        replace: &[(START, "    begin(")],
        may_be_lost: NEVER_LOST,
    },
    Edit {
        what: "a class under another name",
        file: "cache",
        replace: &[("PageEntry", "Page")],
        may_be_lost: NEVER_LOST,
    },
    Edit {
        what: EXCHANGED,
        file: "cache",
        replace: &[("PageEntry", "Xx"), ("PageCache", "PageEntry"), ("Xx", "PageCache")],
        may_be_lost: &["class", "pages", "set("],
    },
    Edit {
        what: "an unrelated class in the place of another",
        file: "cache",
        replace: &[
            ("// heapmark: growing-collection leaked\n", ""),
            (
                "class PageEntry {",
                "class Helper {\n    constructor() {\n        this.helps = true;\n    }\n}\n\nclass Text {",
            ),
            ("length: 20", "length: 30"),
            ("PageEntry", "Helper"),
        ],
        may_be_lost: &["pages", "set("],
    },
    Edit {
        what: "a field under another name",
        file: "cache",
        replace: &[("pages", "entries")],
        may_be_lost: &["entries"],
    },
    Edit {
        what: "another class with the field above",
        file: "cache",
        replace: &[(
            "class PageCache {",
            "class Extra {\n    pages = new Map();\n    put(it) {\n        this.pages.set(it, it);\n    }\n}\n\nclass PageCache {",
        )],
        may_be_lost: NEVER_LOST,
    },
    Edit {
        what: "syntax that is broken in the middle",
        file: "cache",
        replace: &[("this.pages.get(url);", "this.pages.get(url\n        if (")],
        may_be_lost: &["class", "pages", "set("],
    },
    Edit {
        what: "a variable under another name on the same lines",
        file: "history",
        replace: &[("history", "records")],
        may_be_lost: &["records"],
    },
    Edit {
        what: "the variable in a function, and another in its place",
        file: "history",
        replace: &[
            ("const history", "function f() { const history"),
            (
                " = []; // heapmark: growing-collection holder",
                " = []; history.push(null); return history; }\nconst past = f();",
            ),
            ("    history.push(", "    past.push("),
            (" // heapmark: growing-collection grows", ""),
        ],
        may_be_lost: NEVER_LOST,
    },
    Edit {
        what: "a class above and a renamed variable",
        file: "history",
        replace: &[
            (
                "const history",
                "class Open {\n    constructor() {\n        this.all = [];\n    }\n}\nconst visits",
            ),
            ("history.", "visits."),
        ],
        may_be_lost: &["visits"],
    },
    Edit {
        what: "functions in another order",
        file: "history",
        replace: &[(
            "function remember",
            "function first() {\n    return history[0];\n}\n\nfunction remember",
        )],
        may_be_lost: NEVER_LOST,
    },
    Edit {
        what: "the function uses what it kept for nothing",
        file: "leave",
        replace: &[("is gone`", "is gone ${body.length}`")],
        may_be_lost: NEVER_LOST,
    },
    Edit {
        what: "another variable above, and lines",
        file: "leave",
        replace: &[(
            "    const sum",
            "    const other = name + name;\n    console.log(other);\n    const sum",
        )],
        may_be_lost: NEVER_LOST,
    },
    Edit {
        what: "the callback is another",
        file: "leave",
        replace: &[
            ("farewells.push(() =>", "farewells.unshift(() =>"),
            (
                " // heapmark: unused-capture leaked; growing-collection leaked; growing-collection grows",
                "",
            ),
        ],
        may_be_lost: NEVER_LOST,
    },
    Edit {
        what: "another callback of the same shape above",
        file: "leave",
        replace: &[(
            "    farewells.push(",
            "    farewells.push(() => `${name} goes`);\n    farewells.push(",
        )],
        may_be_lost: &["farewells.push"],
    },
    Edit { what: "tabs", file: "bus", replace: &[("    ", "\t")], may_be_lost: NEVER_LOST },
];

/// The least that must be found with nothing edited. A bundler may make of a program what leaks less.
const MARKS: usize = 12;

fn check(build: Option<&'static str>, entry: &'static str, arguments: &[&str]) {
    let way = Way { build, entry, arguments, matched: "exact" };
    let run = run_one("maps/edited", &way);
    let mut scene = Scene::of(run.workspace.path(), &run.files);
    let mut failures = Vec::new();
    let unedited = scene.analyse();
    let found = scene.marked(&unedited, &mut failures);
    if found.len() < MARKS {
        failures.push(format!("unedited: only {} of {MARKS}", found.len()));
    }
    scene.wanted = found.into_iter().map(|(file, _, mark)| (file, mark)).collect();
    for edit in EDITS {
        scene.apply(edit);
        scene.judge(edit.what, edit.may_be_lost, &mut failures);
        scene.restore();
    }
    scene.exchange("bus", "poll");
    scene.judge("two files exchanged", &[""], &mut failures);
    scene.restore();
    fs::remove_file(scene.path("history")).expect("it is there");
    scene.judge("a file deleted", NEVER_LOST, &mut failures);
    scene.restore();
    assert!(failures.is_empty(), "{build:?}:\n{}", failures.join("\n"));
}

#[test]
fn edited_typescript_of_tsc() {
    check(Some("tsc"), "dist/main.js", &[]);
}

#[test]
fn edited_typescript_of_a_minified_bundle() {
    check(Some("esbuild-minified"), "dist/main.mjs", &[]);
}

#[test]
fn edited_typescript_of_tsx() {
    let tsx = tools().join("tsx/dist/loader.mjs");
    check(None, "src/main.ts", &["--import", tsx.to_str().expect("a path of text")]);
}

#[test]
fn edited_modules_of_ecmascript() {
    check(Some("plain-esm"), "src/main.js", &[]);
}

#[test]
fn edited_modules_of_commonjs() {
    check(Some("plain-cjs"), "src/main.js", &[]);
}

/// Without what the capture wrote down, only names help; none of them may mislead.
#[test]
fn edited_without_a_word_of_what_ran() {
    for (build, entry) in
        [("plain-esm", "src/main.js"), ("plain-cjs", "src/main.js"), ("tsc", "dist/main.js")]
    {
        let run = run_one(
            "maps/edited",
            &Way { build: Some(build), entry, arguments: &[], matched: "exact" },
        );
        run.forget_scripts();
        let scene = Scene::of(run.workspace.path(), &run.files);
        let mut failures = Vec::new();
        // Who has nothing but names cannot see that two were exchanged.
        for edit in EDITS.iter().filter(|edit| edit.what != EXCHANGED) {
            scene.apply(edit);
            scene.judge(edit.what, &[""], &mut failures);
            scene.restore();
        }
        assert!(failures.is_empty(), "{build}:\n{}", failures.join("\n"));
    }
}

/// The edited program on the disk.
struct Scene<'a> {
    root: &'a Path,
    files: &'a [PathBuf],
    sources: BTreeMap<PathBuf, String>,
    /// The marks that are found with nothing edited.
    wanted: BTreeSet<(PathBuf, String)>,
}

impl<'a> Scene<'a> {
    fn of(root: &'a Path, files: &'a [PathBuf]) -> Self {
        let listed = fs::read_dir(root.join("src")).expect("the sources are there");
        let paths = listed.map(|entry| entry.expect("it is there").path());
        let sources = paths.map(|path| {
            let text = fs::read_to_string(&path).expect("a text");
            (path, text)
        });
        Scene { root, files, sources: sources.collect(), wanted: BTreeSet::new() }
    }

    fn path(&self, name: &str) -> &Path {
        let is_it = |path: &&PathBuf| path.file_stem().is_some_and(|stem| stem == name);
        self.sources.keys().find(is_it).expect("a source of the name")
    }

    fn apply(&self, edit: &Edit) {
        let path = self.path(edit.file);
        let mut text = self.sources[path].clone();
        for (from, to) in edit.replace {
            assert!(text.contains(from), "{}: {from} is not in\n{text}", edit.what);
            text = text.replace(from, to);
        }
        fs::write(path, text).expect("a writable file");
    }

    fn exchange(&self, one: &str, two: &str) {
        let (one, two) = (self.path(one), self.path(two));
        fs::write(one, &self.sources[two]).expect("a writable file");
        fs::write(two, &self.sources[one]).expect("a writable file");
    }

    fn restore(&self) {
        for (path, text) in &self.sources {
            fs::write(path, text).expect("a writable file");
        }
    }

    fn analyse(&self) -> Report {
        let workspace = Workspace::new(vec![self.root.to_owned()]);
        heapmark_leaks::analyze(self.files, &workspace, None, &Unmonitored).expect("snapshots")
    }

    /// Analyses what is edited now.
    fn judge(&self, what: &str, may_be_lost: &[&str], failures: &mut Vec<String>) {
        let report = self.analyse();
        let mut wrong = Vec::new();
        let found = self.marked(&report, &mut wrong);
        for (path, text) in &self.sources {
            let now = fs::read_to_string(path).unwrap_or_default();
            for (line, code, marks) in marks_in(&now) {
                let is_excused = now != *text && may_be_lost.iter().any(|it| code.contains(it));
                for mark in marks {
                    let is_wanted = self.wanted.contains(&(path.clone(), mark.clone()));
                    let is_found = found.contains(&(path.clone(), line, mark.clone()));
                    if is_wanted && !is_excused && !is_found {
                        wrong.push(format!("`{mark}` is not found at `{}`", code.trim()));
                    }
                }
            }
        }
        if !wrong.is_empty() {
            failures.push(format!("{what}:\n  {}\n{}", wrong.join("\n  "), told(&report)));
        }
    }

    /// Every line that a sentence names is that of a mark, or is said to be of what ran.
    fn read_lines(&self, finding: &Finding, wrong: &mut Vec<String>) {
        let of_places = finding.places.iter().flat_map(|place| [&place.label, &place.message]);
        let texts = [&finding.title, &finding.message, &finding.help].into_iter().chain(of_places);
        for sentence in texts.map(ToString::to_string) {
            for path in self.sources.keys() {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                let text = fs::read_to_string(path).unwrap_or_default();
                for (_, behind) in sentence
                    .match_indices(&format!("{name}:"))
                    .map(|(at, found)| (at, &sentence[at + found.len()..]))
                {
                    let digits: String = behind.chars().take_while(char::is_ascii_digit).collect();
                    let is_of_then = behind[digits.len()..].starts_with(" as it ran");
                    let is_marked =
                        marks_in(&text).iter().any(|(line, ..)| line.to_string() == digits);
                    if !is_of_then && !is_marked {
                        wrong.push(format!("a sentence names another line: {sentence}"));
                    }
                }
            }
        }
    }

    /// The marks at which places stand; what stands elsewhere is wrong.
    fn marked(&self, report: &Report, wrong: &mut Vec<String>) -> Vec<(PathBuf, u32, String)> {
        let mut found = Vec::new();
        for finding in &report.findings {
            self.read_lines(finding, wrong);
            for place in &finding.places {
                let text = fs::read_to_string(&place.file).unwrap_or_default();
                let line = place.range.start.line + 1;
                let mark = format!("{} {}", finding.rule.name(), place.role.name());
                let is_edited = self.sources.get(&place.file).is_some_and(|then| *then != text);
                if is_edited != (place.matched == Match::Moved) {
                    wrong.push(format!("{} is {:?}", place.name, place.matched));
                }
                if marks_in(&text).iter().any(|it| it.0 == line && it.2.contains(&mark)) {
                    found.push((place.file.clone(), line, mark));
                } else {
                    let written = text.lines().nth(line as usize - 1).unwrap_or_default();
                    wrong.push(format!("{mark} `{}` stands at `{}`", place.name, written.trim()));
                }
            }
        }
        found
    }
}

/// The lines with marks: the number, the code and what must be found there. A mark that stands alone
/// is about the next line.
fn marks_in(text: &str) -> Vec<(u32, &str, Vec<String>)> {
    let mut marked = Vec::new();
    let mut above: Option<&str> = None;
    for (line, written) in (1u32..).zip(text.lines()) {
        let (code, own) = match written.split_once("// heapmark: ") {
            Some((code, marks)) => (code, Some(marks)),
            None => (written, None),
        };
        if code.trim().is_empty() && own.is_some() {
            above = own;
        } else if let Some(marks) = own.or(above.take()) {
            marked.push((line, code, marks.split("; ").map(str::to_owned).collect()));
        }
    }
    marked
}

fn told(report: &Report) -> String {
    let mut text = String::new();
    for finding in &report.findings {
        let _ = writeln!(text, "    {} {}", finding.rule.name(), finding.title);
        for Place { role, name, file, range, matched, .. } in &finding.places {
            let file = file.file_name().unwrap_or_default().to_string_lossy();
            let line = range.start.line + 1;
            let _ = writeln!(text, "      {} {file}:{line} `{name}` {matched:?}", role.name());
        }
    }
    text
}
