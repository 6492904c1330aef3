//! One program in TypeScript, built in every way that people build: the findings stand on the same
//! lines of the same sources, under the same names, whatever the tools made of them.
//!
//! The tools come from npm, pinned in `package-lock.json`. Which line must be found is said by marks
//! in the program itself, as in `tests/programs`.

mod edited;
mod elsewhere;
mod lazy;
mod other_builds;
mod plain;
mod recorded;
mod speed;
mod thinned;
mod witness;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Condvar, Mutex, OnceLock};

use heapmark_tests::{
    Mark, Program, Workspace, heapmark, heapmark_binary, node_of, output_of, record, tests_folder,
};
use serde::Deserialize;

/// Builds the program with `build.mjs`, runs what came out, and looks at the report.
macro_rules! built {
    ($($test:ident => $way:literal runs $entry:literal;)*) => {
        $(
            #[test]
            fn $test() {
                check(&Way { build: Some($way), entry: $entry, arguments: &[], matched: "exact" });
            }
        )*
    };
}

built! {
    compiled_file_by_file => "tsc" runs "dist/main.js";
    compiled_to_old_javascript_with_the_map_inside => "tsc-es2015" runs "dist/main.js";
    compiled_with_a_root_of_another_machine => "tsc-source-root" runs "dist/main.js";
    bundled_by_esbuild => "esbuild" runs "dist/main.js";
    bundled_and_minified_with_the_map_inside => "esbuild-minified" runs "dist/main.mjs";
    minified_with_a_map_that_nothing_names => "esbuild-no-comment" runs "dist/main.js";
    bundled_and_minified_by_webpack => "webpack" runs "dist/main.js";
    bundled_by_rollup => "rollup" runs "dist/main.mjs";
    bundled_and_minified_by_vite => "vite" runs "dist/main.mjs";
    bundled_by_rolldown => "rolldown" runs "dist/main.mjs";
    bundled_and_minified_by_turbopack => "turbopack" runs "dist/main.js";
    compiled_and_minified_by_oxc => "oxc-minified" runs "dist/main.js";
    compiled_by_swc => "swc" runs "dist/main.js";
    compiled_and_minified_by_swc => "swc-minified" runs "dist/main.js";
}

#[test]
fn transpiled_in_memory_by_tsx() {
    let tsx = tools().join("tsx/dist/loader.mjs");
    let arguments = ["--import", tsx.to_str().expect("a path of text")];
    let way = Way { build: None, entry: "src/main.ts", arguments: &arguments, matched: "exact" };
    check(&way);
}

#[test]
fn transpiled_in_memory_by_ts_node() {
    let ts_node = tools().join("ts-node/register/transpile-only");
    let arguments = ["--require", ts_node.to_str().expect("a path of text")];
    let way = Way { build: None, entry: "ts-node.cjs", arguments: &arguments, matched: "exact" };
    check(&way);
}

/// Each module is a text of its own that is evaluated, with its map in it. V8 does not tell the names
/// of variables in the block that webpack puts around it.
#[test]
fn evaluated_by_webpack_for_development() {
    let way = Way {
        build: Some("webpack-eval"),
        entry: "dist/main.js",
        arguments: &[],
        matched: "exact",
    };
    let run = run(&way);
    let report = run.analyse();
    let mut failures = wrong_places(&run, &report);
    for mark in run.program.marks.iter().filter(|mark| mark.role == "leaked") {
        let is_there = report.findings.iter().flat_map(|finding| &finding.places).any(|place| {
            is_at(mark, place, "") && place.matched == "exact" && place.generated.is_some()
        });
        if !is_there {
            failures.push(format!("expected but not found: {mark}"));
        }
    }
    assert!(failures.is_empty(), "{}\n{}", failures.join("\n"), told(&report));
}

/// Nothing was written down beside the snapshots: they tell enough of what is on the disk.
#[test]
fn built_and_captured_by_another_tool() {
    for (build, entry) in [("tsc-es2015", "dist/main.js"), ("esbuild-minified", "dist/main.mjs")] {
        let way = Way { build: Some(build), entry, arguments: &[], matched: "exact" };
        let run = run(&way);
        run.forget_scripts();
        expect(&run, &way);
    }
}

/// Of what the inspector knew nothing was written down: then only names tell that there are once, and
/// nobody can say which callback was which.
#[test]
fn transpiled_in_memory_and_captured_by_another_tool() {
    for (switch, loader, entry) in [
        ("--import", "tsx/dist/loader.mjs", "src/main.ts"),
        ("--require", "ts-node/register/transpile-only", "ts-node.cjs"),
    ] {
        let loader = tools().join(loader);
        let arguments = [switch, loader.to_str().expect("a path of text")];
        let way = Way { build: None, entry, arguments: &arguments, matched: "moved" };
        let run = run(&way);
        run.forget_scripts();
        let report = run.analyse();
        let mut failures = wrong_places(&run, &report);
        // What adds and what removes is not known of a text that nobody has: few of them are warnings.
        let found = run.program.marks.iter().filter(|mark| report.shows(mark, "", "moved")).count();
        if found < 4 {
            failures.push(format!("only {found} of {} found again", run.program.marks.len()));
        }
        assert!(failures.is_empty(), "{switch}: {}\n{}", failures.join("\n"), told(&report));
    }
}

/// A version of Node.js that can do it: 22.7 and later, and the one on the path may be older.
const KNOWS_TYPESCRIPT: u32 = 24;

#[test]
fn types_transformed_by_node_itself() {
    let arguments = ["--experimental-transform-types"];
    let way = Way { build: None, entry: "src/main.ts", arguments: &arguments, matched: "exact" };
    let mut program = Program::at(&tests_folder().join("maps/program")).expect("a program");
    program.node = node_of(KNOWS_TYPESCRIPT).unwrap_or_else(|error| panic!("{error:#}")).into();
    expect(&run_program(program, &way), &way);
}

/// What an editor shows over a function or class, also where nothing leaks: all of it in the sources,
/// under the names that stand there.
#[test]
fn hovers_stand_in_the_sources() {
    let way = Way {
        build: Some("esbuild-minified"),
        entry: "dist/main.mjs",
        arguments: &[],
        matched: "exact",
    };
    let run = run(&way);
    let sources = heapmark_source::Workspace::new(vec![run.analysed.clone()]);
    let (open, unmonitored) = (BTreeSet::new(), heapmark_heap::Unmonitored);
    let report =
        heapmark_leaks::analyze_for_editor(&run.files, &sources, None, &open, &unmonitored)
            .expect("the snapshots can be analysed");
    let mut sites: Vec<String> = report
        .sites
        .iter()
        .filter(|site| site.counts.last() == Some(&300))
        .map(|site| {
            let line = site.name_range.start.line + 1;
            format!("{}:{line} {}", sources.relative(&site.file), site.name)
        })
        .collect();
    sites.sort_unstable();
    insta::assert_snapshot!(sites.join("\n"), @r#"
    src/callbacks.ts:11 stocktake > callback of labels.push
    src/callbacks.ts:13 stocktake > callback of shelves.on("changed")
    src/callbacks.ts:18 Poller
    src/callbacks.ts:22 Poller.constructor > callback of setInterval
    src/pages.ts:12 RenderedPage
    src/prices.ts:13 Watch
    src/prices.ts:20 Watch.follow > onPrice
    src/sessions.ts:12 ChatSession
    src/sessions.ts:19 ChatSession.open > beat
    src/uploads.ts:14 upload > onClose
    "#);
    assert!(report.sites.iter().all(|site| site.matched == heapmark_leaks::report::Match::Exact));
}

/// The container has the program at another path than the workspace.
#[test]
fn run_at_another_path() {
    let way =
        Way { build: Some("esbuild"), entry: "dist/main.js", arguments: &[], matched: "exact" };
    let mut run = run(&way);
    let elsewhere = tempfile::tempdir().expect("a temporary folder");
    let here = elsewhere.path().canonicalize().expect("it exists").join("checkout/api");
    fs::create_dir_all(here.parent().expect("a folder")).expect("a writable folder");
    fs::rename(run.workspace.path(), &here).expect("both are temporary");
    run.analysed = here.parent().expect("a folder").to_owned();
    run.below = "api/".to_owned();
    let mapping = format!("{}=api", run.workspace.path().display());
    run.options = vec!["--path-mapping".to_owned(), mapping];
    expect(&run, &way);
}

/// After the build somebody wrote above and around: the functions are found again, or not at all.
#[test]
fn edited_after_the_build() {
    for build in ["tsc", "esbuild-minified", "esbuild-no-comment"] {
        let entry = if build == "esbuild-minified" { "dist/main.mjs" } else { "dist/main.js" };
        let way = Way { build: Some(build), entry, arguments: &[], matched: "moved" };
        let mut run = run(&way);
        for source in ["callbacks.ts", "pages.ts", "prices.ts", "sessions.ts", "uploads.ts"] {
            let file = run.workspace.path().join("src").join(source);
            let text = fs::read_to_string(&file).expect("the source is there");
            let comment = "// Edited since.\nfunction added(): number { return 1; }\nadded();\n";
            fs::write(&file, format!("{comment}\n{text}")).expect("a writable file");
        }
        for mark in &mut run.program.marks {
            mark.line += 4;
        }
        let report = run.analyse();
        let mut failures = wrong_places(&run, &report);
        let found = run.program.marks.iter().filter(|mark| report.has(mark, "", "moved")).count();
        // Of names that were made shorter nothing is left, and this map does not have the sources.
        let fewest = if build == "esbuild-no-comment" { 0 } else { 12 };
        if found < fewest {
            failures.push(format!("only {found} of {} found again", run.program.marks.len()));
        }
        let said = report.notices.iter().any(|notice| notice.message.contains("changed since"));
        if !said {
            failures.push("nothing says that the sources changed".to_owned());
        }
        assert!(failures.is_empty(), "{build}: {}\n{}", failures.join("\n"), told(&report));
    }
}

/// How the program gets from TypeScript to Node.js.
struct Way<'a> {
    /// For `build.mjs`; without it, the sources are what is run.
    build: Option<&'a str>,
    entry: &'a str,
    arguments: &'a [&'a str],
    /// How well the places must fit.
    matched: &'a str,
}

struct Run {
    program: Program,
    workspace: Workspace,
    files: Vec<PathBuf>,
    analysed: PathBuf,
    below: String,
    options: Vec<String>,
    _folder: tempfile::TempDir,
}

#[derive(Deserialize)]
struct Report {
    findings: Vec<Finding>,
    notices: Vec<Notice>,
}

#[derive(Deserialize)]
struct Notice {
    message: String,
}

#[derive(Deserialize)]
struct Finding {
    rule: String,
    severity: String,
    title: String,
    places: Vec<Place>,
}

#[derive(Debug, Deserialize)]
struct Place {
    role: String,
    name: String,
    file: String,
    line: u32,
    #[serde(rename = "match")]
    matched: String,
    generated: Option<serde_json::Value>,
}

impl Report {
    /// Whether a warning has a mark's place.
    fn has(&self, mark: &Mark, below: &str, matched: &str) -> bool {
        self.findings
            .iter()
            .any(|finding| finding.severity == "warning" && finding.shows(mark, below, matched))
    }

    /// Whether a finding, however sure, has a mark's place.
    fn shows(&self, mark: &Mark, below: &str, matched: &str) -> bool {
        self.findings.iter().any(|finding| finding.shows(mark, below, matched))
    }
}

impl Finding {
    fn shows(&self, mark: &Mark, below: &str, matched: &str) -> bool {
        let mut places = self.places.iter();
        self.rule == mark.rule
            && places.any(|place| is_at(mark, place, below) && place.matched == matched)
    }
}

fn is_at(mark: &Mark, place: &Place, below: &str) -> bool {
    place.role == mark.role
        && place.file == format!("{below}{}", mark.file)
        && place.line == mark.line
}

impl Run {
    /// Removes what the capture wrote down beside the snapshots.
    fn forget_scripts(&self) {
        for file in &self.files {
            let beside = file.with_extension("").with_extension("scripts.json");
            fs::remove_file(beside).expect("a capture has a sidecar");
        }
    }

    fn analyse(&self) -> Report {
        let mut analyze = heapmark();
        analyze.args(["analyze", "--format", "json", "--workspace"]).arg(&self.analysed);
        let json = output_of(analyze.args(&self.options).args(&self.files))
            .unwrap_or_else(|error| panic!("{error:#}"));
        serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}\n{json}"))
    }
}

fn check(way: &Way<'_>) {
    expect(&run(way), way);
}

/// Builds and runs the program, and captures it three times.
fn run(way: &Way<'_>) -> Run {
    run_one("maps/program", way)
}

fn run_one(program: &str, way: &Way<'_>) -> Run {
    run_program(Program::at(&tests_folder().join(program)).expect("a program"), way)
}

fn run_program(mut program: Program, way: &Way<'_>) -> Run {
    let tools = tools();
    let _slot = Slot::take();
    let workspace = program.copy().expect("the program can be copied");
    if let Some(build) = way.build {
        let script = tools.parent().expect("a folder").join("build.mjs");
        output_of(Command::new("node").arg(script).arg(workspace.path()).arg(build))
            .unwrap_or_else(|error| panic!("{build}: {error:#}"));
    }
    way.entry.clone_into(&mut program.entry);
    program.node_arguments = way.arguments.iter().map(|&argument| argument.to_owned()).collect();
    let folder = tempfile::tempdir().expect("there is room for snapshots");
    let files = record(&program, workspace.path(), folder.path())
        .unwrap_or_else(|error| panic!("{:?}: {error:#}", way.build));
    let analysed = workspace.path().to_owned();
    let (below, options) = (String::new(), Vec::new());
    Run { program, workspace, files, analysed, below, options, _folder: folder }
}

/// Every mark is found on its line, under the name that stands there.
fn expect(run: &Run, way: &Way<'_>) {
    let report = run.analyse();
    let mut failures = Vec::new();
    for mark in &run.program.marks {
        if !report.has(mark, &run.below, way.matched) {
            failures.push(format!("expected, {} but not found: {mark}", way.matched));
        }
    }
    let places = report.findings.iter().flat_map(|finding| &finding.places);
    for place in places.filter(|place| place.role != "grows") {
        let file = run.analysed.join(&place.file);
        let text = fs::read_to_string(&file).unwrap_or_default();
        let line = text.lines().nth(place.line as usize - 1).unwrap_or_default();
        let name = place.name.rsplit(['.', ' ']).next().unwrap_or_default();
        if !name.ends_with(')') && !line.contains(name) {
            failures.push(format!("{place:?} is not named as in `{line}`"));
        }
        if way.build.is_some() && place.generated.is_none() {
            failures.push(format!("{place:?} does not say where it ran"));
        }
    }
    assert!(failures.is_empty(), "{:?}: {}\n{}", way.build, failures.join("\n"), told(&report));
}

/// The places that stand where no mark is. A statement that is not marked is no mistake.
fn wrong_places(run: &Run, report: &Report) -> Vec<String> {
    let places = report.findings.iter().flat_map(|finding| &finding.places);
    let wrong = places.filter(|place| {
        let is_marked = run.program.marks.iter().any(|mark| is_at(mark, place, &run.below));
        place.role != "grows" && !is_marked
    });
    wrong.map(|place| format!("a place on a wrong line: {place:?}")).collect()
}

/// The report in a few lines, to see at once what it said instead.
fn told(report: &Report) -> String {
    let mut text = format!("{} findings:\n", report.findings.len());
    for Finding { rule, severity, title, places } in &report.findings {
        let _ = writeln!(text, "{severity} {rule}: {title}");
        for Place { role, name, file, line, matched, generated } in places {
            let generated = generated.as_ref().map_or_else(String::new, ToString::to_string);
            let _ = writeln!(text, "    {role:<7} {file}:{line} `{name}` {matched} {generated}");
        }
    }
    for notice in &report.notices {
        let _ = writeln!(text, "note: {}", notice.message);
    }
    text
}

/// The folder of the installed tools.
fn tools() -> &'static Path {
    static TOOLS: OnceLock<PathBuf> = OnceLock::new();
    TOOLS.get_or_init(|| {
        heapmark_binary(); // built once, before anything else runs
        let folder = tests_folder().join("maps");
        let lock = fs::read_to_string(folder.join("package-lock.json")).expect("tools are pinned");
        let stamp = folder.join("node_modules/.installed");
        if fs::read_to_string(&stamp).is_ok_and(|installed| installed == lock) {
            return folder.join("node_modules");
        }
        // Nothing of a package has to run at its installation.
        let mut npm = Command::new("npm");
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&folder);
        output_of(&mut npm).expect("the tools come from the npm registry");
        fs::write(stamp, lock).expect("a writable folder");
        folder.join("node_modules")
    })
}

/// Leave to run a program: two at a time, because one that is starved of time proves nothing.
struct Slot;

static TAKEN: Mutex<usize> = Mutex::new(0);
static FREED: Condvar = Condvar::new();

impl Slot {
    fn take() -> Self {
        let taken = TAKEN.lock().expect("nothing fails while it is held");
        let mut taken =
            FREED.wait_while(taken, |taken| *taken >= 2).expect("nothing fails while it is held");
        *taken += 1;
        Slot
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        *TAKEN.lock().expect("nothing fails while it is held") -= 1;
        FREED.notify_one();
    }
}
