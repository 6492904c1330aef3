//! A leak has one name, its fingerprint: the same in every run, in every version of Node.js, in any
//! folder, and after edits that do not concern it. And no two leaks have the same.
//!
//! They are the same in every version of Heapmark, too: a leak that was accepted under one that changes
//! comes back. `snapshots/PROGRAM.snap` has those of this version. Whoever changes one on purpose says so in
//! CHANGELOG.md.
//!
//! The programs are those of `tests/programs` whose package.json has `"fingerprints": true` (at least one a rule,
//! which tests/tidy holds, and some more where one rule finds several kinds of leaks), and the one in TypeScript of `tests/maps`, compiled.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use heapmark_tests::{
    Mark, Program, Workspace, heapmark, heapmark_binary, node_of, output_of, record_after,
    tests_folder,
};
use serde::Deserialize;

/// What is different from run to run.
struct Run {
    title: &'static str,
    node: u32,
    /// Whether lines that were not there before stand above all others.
    edited: bool,
}

const RUNS: [Run; 5] = [
    Run { title: "Node 20", node: 20, edited: false },
    Run { title: "Node 20 again", node: 20, edited: false },
    Run { title: "Node 22, with lines inserted above", node: 22, edited: true },
    Run { title: "Node 24", node: 24, edited: false },
    Run { title: "Node 26, with lines inserted above", node: 26, edited: true },
];

#[derive(Deserialize)]
struct Report {
    findings: Vec<Finding>,
}

#[derive(Debug, Clone, Deserialize)]
struct Finding {
    rule: String,
    severity: String,
    fingerprint: String,
    title: String,
}

/// There are no such leaks from this version of Node.js on.
const GONE: (&str, u32) = ("async-local-storage", 24);

/// Findings by program and number of the run.
type Found = BTreeMap<(String, usize), Vec<Finding>>;

#[test]
fn a_leak_has_the_same_fingerprint_everywhere_and_different_leaks_differ() {
    heapmark_binary(); // built once, before anything else runs
    let mut names: Vec<String> = programs().into_iter().map(|program| program.name).collect();
    names.push(TYPESCRIPT.to_owned());
    let mut jobs: Vec<(&str, usize)> = Vec::new();
    for (number, run) in RUNS.iter().enumerate() {
        node_of(run.node).unwrap_or_else(|error| panic!("{error:#}"));
        jobs.extend(names.iter().map(|name| (name.as_str(), number)));
    }
    let found = in_pairs(&jobs);

    let mut failures = Vec::new();
    for name in &names {
        let of_run = |number: usize| &found[&(name.clone(), number)];
        let marked = rules(&program(name).marks);
        if fingerprints(of_run(0), &marked).is_empty() {
            failures.push(format!("{name}: nothing is found"));
        }
        for (number, run) in RUNS.iter().enumerate().skip(1) {
            let there = |finding: &&Finding| !(finding.rule == GONE.0 && run.node >= GONE.1);
            let wanted: Vec<Finding> = of_run(0).iter().filter(there).cloned().collect();
            if fingerprints(of_run(number), &marked) != fingerprints(&wanted, &marked) {
                let (first, this) = (told(of_run(0)), told(of_run(number)));
                failures.push(format!("{name}: first\n{first}but {}\n{this}", run.title));
            }
        }
    }
    failures.extend(shared_by_different_leaks(&found));
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    // All that have changed are told, and accepted, at once.
    let is_other =
        |name: &&String| std::panic::catch_unwind(|| same_as_ever(name, &found)).is_err();
    let changed: Vec<&String> = names.iter().filter(is_other).collect();
    assert!(changed.is_empty(), "not the fingerprints that they had: {changed:?}");
}

/// Fails if a program's fingerprints are not those in its file.
fn same_as_ever(name: &str, found: &Found) {
    let why = "a fingerprint that changes brings accepted leaks back: say so in CHANGELOG.md";
    insta::with_settings!({ description => why, prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!(file_of(name), of_this_version(name, found));
    });
}

/// The name of the file with a program's fingerprints.
fn file_of(name: &str) -> String {
    name.replace('/', "-")
}

/// The programs of which fingerprints are compared.
fn programs() -> Vec<Program> {
    let names = Program::names().expect("tests/programs can be read");
    let programs = names.iter().map(|name| program(name));
    programs.filter(|program| program.has_fingerprints).collect()
}

/// The program of `tests/maps`, compiled by tsc.
const TYPESCRIPT: &str = "maps/program";

/// Does all jobs, two at a time: a program that is starved of time while its snapshot is taken says
/// nothing about Heapmark.
fn in_pairs(jobs: &[(&str, usize)]) -> Found {
    let next = AtomicUsize::new(0);
    let found = Mutex::new(Found::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(&(name, number)) = jobs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let findings = findings(name, &RUNS[number]);
                    let mut found = found.lock().expect("nothing fails while it is held");
                    found.insert((name.to_owned(), number), findings);
                }
            });
        }
    });
    found.into_inner().expect("nothing fails while it is held")
}

fn findings(name: &str, run: &Run) -> Vec<Finding> {
    let mut program = program(name);
    program.node = node_of(run.node).expect("it is installed").into();
    let workspace = program.copy().expect("the program can be copied");
    if run.edited {
        for source in &program.sources {
            insert_lines(&workspace.path().join(source));
        }
    }
    if name == TYPESCRIPT {
        compile(&workspace);
        "dist/main.js".clone_into(&mut program.entry);
    }
    let folder = tempfile::tempdir().expect("there is room for snapshots");
    let files: Vec<PathBuf> = record_after([1, 1, 1], &program, workspace.path(), folder.path())
        .unwrap_or_else(|error| panic!("{name} in {}: {error:#}", run.title));
    let mut analyze = heapmark();
    analyze.args(["analyze", "--format", "json", "--workspace"]).arg(workspace.path());
    let json = output_of(analyze.args(files)).unwrap_or_else(|error| panic!("{name}: {error:#}"));
    let report: Report = serde_json::from_str(&json).expect("the report is as documented");
    report.findings
}

fn program(name: &str) -> Program {
    let program = match name {
        TYPESCRIPT => Program::at(&tests_folder().join(name)),
        name => Program::named(name),
    };
    program.expect("the program can be read")
}

/// Of a program's first run, a line for each that is compared: rule, fingerprint.
fn of_this_version(name: &str, found: &Found) -> String {
    let findings = &found[&(name.to_owned(), 0)];
    let compared = fingerprints(findings, &rules(&program(name).marks));
    let findings = findings.iter().filter(|it| compared.contains(&it.fingerprint));
    let lines: BTreeSet<String> =
        findings.map(|it| format!("{} {}", it.rule, it.fingerprint)).collect();
    Vec::from_iter(lines).join("\n")
}

/// The rules that marks name.
fn rules(marks: &[Mark]) -> BTreeSet<String> {
    marks.iter().map(|mark| mark.rule.clone()).collect()
}

fn insert_lines(file: &Path) {
    let text = fs::read_to_string(file).expect("the copy can be read");
    let lines = "// A comment that was not there before.\n\nconst unrelated = () => 'unrelated';\n";
    fs::write(file, format!("{lines}{text}")).expect("the copy can be written");
}

fn compile(workspace: &Workspace) {
    let tools = tests_folder().join("maps");
    if !tools.join("node_modules/typescript").exists() {
        let mut npm = Command::new("npm");
        npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&tools);
        output_of(&mut npm).expect("the tools come from the npm registry");
    }
    let mut build = Command::new("node");
    build.arg(tools.join("build.mjs")).arg(workspace.path()).arg("tsc");
    output_of(&mut build).unwrap_or_else(|error| panic!("{error:#}"));
}

/// Those of the warnings, and of what the program is there to show: what else is only worth a look
/// depends on sizes, which versions differ in.
fn fingerprints(findings: &[Finding], marked: &BTreeSet<String>) -> BTreeSet<String> {
    let compared = findings
        .iter()
        .filter(|finding| finding.severity == "warning" || marked.contains(&finding.rule));
    compared.map(|finding| finding.fingerprint.clone()).collect()
}

#[test]
fn every_file_with_fingerprints_is_of_a_program() {
    let folder = tests_folder().join("fingerprints/snapshots");
    let files = fs::read_dir(folder).expect("it is there");
    let mut files: BTreeSet<String> = files
        .map(|file| file.expect("it can be read").file_name().to_string_lossy().into_owned())
        .collect();
    for name in programs().iter().map(|program| program.name.as_str()).chain([TYPESCRIPT]) {
        files.remove(&format!("{}.snap", file_of(name)));
    }
    assert_eq!(files, BTreeSet::new(), "of programs that are not compared any more");
}

fn told(findings: &[Finding]) -> String {
    findings.iter().fold(String::new(), |mut text, finding| {
        let Finding { rule, severity, fingerprint, title } = finding;
        let _ = writeln!(text, "    {fingerprint} {severity} {rule}: {title}");
        text
    })
}

/// Of one run: every finding of every program is another leak, also those that are only information.
fn shared_by_different_leaks(found: &Found) -> Vec<String> {
    let mut seen: BTreeMap<&str, String> = BTreeMap::new();
    let mut failures = Vec::new();
    for ((name, _), findings) in found.iter().filter(|((_, number), _)| *number == 0) {
        for finding in findings {
            let who = format!("{name}: {}", finding.title);
            if let Some(other) = seen.insert(&finding.fingerprint, who.clone()) {
                failures.push(format!("{}: both {other}, and {who}", finding.fingerprint));
            }
        }
    }
    failures
}
