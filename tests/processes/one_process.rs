//! Snapshots that a program writes itself, with no word beside them of who it was: which of them are of
//! one process, by what is in them and by the names that Node gives.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use heapmark_tests::{heapmark, node, node_of, output_of};
use tempfile::TempDir;

use super::Report;

/// A program, as all here begin: it leaks a session with each call of `work`.
const LEAKS: &str = "
    const v8 = require('v8'), fs = require('fs'), path = require('path');
    class Session { constructor(i) { this.i = i; this.data = new Array(30).fill(i); } }
    const sessions = [];
    function work(calls) { for (let i = 0; i < calls; i++) sessions.push(new Session(i)); }
    const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    const write = (name) => v8.writeHeapSnapshot(path.join(process.cwd(), name + '.heapsnapshot'));
";

/// A program in a folder of its own, in which it leaves its snapshots.
struct Ran {
    folder: TempDir,
}

impl Ran {
    fn new(program: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("app.js"), format!("{LEAKS}{program}")).expect("room");
        Self { folder }
    }

    fn once(program: &str, flags: &[&str]) -> Self {
        let ran = Self::new(program);
        ran.run(flags, &[]);
        ran
    }

    fn run(&self, flags: &[&str], arguments: &[&str]) {
        self.run_with(node(), flags, arguments);
    }

    fn run_with(&self, node: impl AsRef<OsStr>, flags: &[&str], arguments: &[&str]) {
        let mut run = Command::new(node);
        run.args(flags).arg("app.js").args(arguments).current_dir(self.folder.path());
        output_of(&mut run).unwrap_or_else(|error| panic!("{error:#}"));
    }

    /// All snapshots in the folder.
    fn files(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.folder.path()).expect("it is there");
        let files = entries.map(|entry| entry.expect("it can be read").path());
        let mut files: Vec<PathBuf> = files.filter(|it| is_snapshot(it)).collect();
        files.sort();
        files
    }

    fn told(&self, files: &[PathBuf], format: &str) -> String {
        let mut analyze = heapmark();
        analyze.args(["analyze", "--format", format, "--workspace"]).arg(self.folder.path());
        output_of(analyze.args(files)).unwrap_or_else(|error| panic!("{error:#}"))
    }

    fn report(&self, files: &[PathBuf]) -> Report {
        serde_json::from_str(&self.told(files, "json")).expect("the report is as documented")
    }

    /// What is said of the snapshots, if not all were compared by V8's ids.
    fn objection(&self) -> Option<String> {
        let notices = self.report(&self.files()).notices.into_iter().map(|it| it.message);
        let words = ["left out", "of different ", "is newer than"];
        let mut objections = notices.filter(|it| words.iter().any(|words| it.contains(words)));
        objections.next()
    }

    /// Asserts that all are taken for snapshots of one process, and that the leak is a warning.
    fn is_one(&self) {
        let report = self.report(&self.files());
        let notices = &report.notices;
        assert_eq!(report.snapshots.len(), self.files().len(), "{notices:?}");
        assert_eq!(self.objection(), None);
        let warnings = report.findings.iter().filter(|it| it.severity == "warning");
        let warned: Vec<&str> = warnings.map(|it| it.message.as_str()).collect();
        let [leak] = warned[..] else { panic!("one warning: {:#?}", report.findings) };
        assert!(leak.contains("`sessions`"), "{leak}");
    }
}

fn is_snapshot(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "heapsnapshot")
}

#[test]
fn code_that_was_thrown_away_since() {
    // What ran at the start has not run since: V8 calls it `UncompiledData` now, with the same ids.
    let program = "
        const steps = Array.from({ length: 1500 }, (_, i) => `exports.step${i} = function (o) {
            const all = { name: 'step${i}', at: ${i} }; o.last = all.name + o.n; return all; };`);
        fs.writeFileSync('steps.js', steps.join('\\n'));
        const exported = require(path.resolve('steps.js'));
        for (const step of Object.values(exported)) step({ n: 1 });
        // By itself: a collection that is asked for throws no code away.
        async function collections() {
            for (let i = 0; i < 8; i++) {
                const garbage = Array.from({ length: 400_000 }, (_, k) => ({ k }));
                await sleep(15);
                if (garbage.length === 1) return;
            }
        }
        (async () => {
            for (const name of ['1', '2', '3']) {
                work(300);
                await collections();
                write(name);
            }
        })();";
    Ran::once(program, &["--expose-gc"]).is_one();
    Ran::once(program, &["--expose-gc", "--stress-flush-code"]).is_one();
}

#[test]
fn ids_of_dead_objects_that_went_to_others() {
    let program = "
        class Item { constructor(i) { this.i = i; this.text = 'item ' + i; } }
        class Row { constructor(i) { this.i = i; this.cells = [i, i + 1]; } }
        class Page { constructor(i) { this.url = '/p/' + i; this.at = { i }; } }
        const cache = new Map();
        let i = 0;
        function add() {
            cache.set(i, new [Item, Row, Page][i % 3](i));
            if (cache.size > 20_000) cache.delete(cache.keys().next().value);
            i++;
        }
        (async () => {
            for (const name of ['1', '2', '3']) {
                for (let round = 0; round < 30; round++) {
                    for (let k = 0; k < 10_000; k++) add();
                    work(10);
                    await sleep(1);
                }
                write(name);
            }
        })();";
    Ran::once(program, &["--expose-gc"]).is_one();
}

#[test]
fn all_that_a_program_kept_is_gone_and_other_things_came() {
    let program = "
        globalThis.kept = [];
        (async () => {
            for (const name of ['1', '2', '3']) {
                kept.length = 0;
                gc();
                for (let i = 0; i < 30_000; i++) {
                    const it = { ['p' + i % 50 + name]: i, text: 'v' + i + name };
                    kept.push(it, [i, it], () => it, JSON.parse(`{\"q${name}${i % 3000}\":\"w${i}\"}`));
                }
                gc();
                work(300);
                write(name);
            }
        })();";
    Ran::once(program, &["--expose-gc"]).is_one();
}

const THREE: &str =
    "for (const name of ['1', '2', '3']) { work(300); write((process.argv[2] ?? '') + name); }";

#[test]
fn renamed_files_are_told_by_what_is_in_them() {
    let ran = Ran::once(THREE, &[]);
    let [first, second, third] = &ran.files()[..] else { panic!("three snapshots") };
    let to = |name: &str| ran.folder.path().join(name);
    for (from, name) in [(first, "z"), (second, "a"), (third, "Heap.heapsnapshot.old")] {
        fs::rename(from, to(&format!("{name}.heapsnapshot"))).expect("it is there");
    }
    ran.is_one();
    let findings = ran.report(&ran.files()).findings;
    assert_eq!(findings[0].counts, [300, 600, 900], "in the order of their ids");
}

#[test]
fn the_same_program_again_is_another_process() {
    let ran = Ran::new(THREE);
    ran.run(&[], &["first-"]);
    ran.run(&[], &["second-"]);
    let report = ran.report(&ran.files());
    assert_eq!(report.snapshots.len(), 3, "{:?}", report.notices);
    let said = ran.objection().expect("three are left out");
    let names =
        "first-1.heapsnapshot, first-2.heapsnapshot, first-3.heapsnapshot are of another process";
    assert!(said.starts_with(names) && said.contains("as their ids say"), "{said}");
}

#[test]
fn a_process_whose_objects_an_inspector_numbered_anew_is_as_another() {
    let program = "
        const { Session: Inspector } = require('inspector');
        for (const name of ['1', '2']) {
            work(300);
            const session = new Inspector();
            session.connect();
            const file = fs.openSync(name + '.heapsnapshot', 'w');
            session.on('HeapProfiler.addHeapSnapshotChunk', (it) => fs.writeSync(file, it.params.chunk));
            session.post('HeapProfiler.enable');
            session.post('HeapProfiler.takeHeapSnapshot');
            session.post('HeapProfiler.disable');
            session.disconnect();
            fs.closeSync(file);
        }";
    let said = Ran::once(program, &[]).objection().expect("they are compared by place");
    assert!(
        said.contains("of different processes of one program, or of different inspector"),
        "{said}"
    );
}

#[test]
fn processes_that_do_exactly_the_same_are_told_by_the_names_that_node_gives() {
    let ran = Ran::new("work(300); v8.writeHeapSnapshot();");
    let same = ["--predictable", "--hash-seed=1"];
    ran.run(&same, &[]);
    ran.run(&same, &[]);
    let said = ran.objection().expect("they are compared by place");
    assert!(said.contains("of different processes of one program"), "{said}");
}

#[test]
fn processes_that_do_exactly_the_same_are_told_by_their_first_snapshots() {
    let ran = Ran::new(THREE);
    let same = ["--predictable", "--hash-seed=1"];
    ran.run(&same, &["first-"]);
    ran.run(&same, &["other-"]);
    let report = ran.report(&ran.files());
    assert_eq!(report.snapshots.len(), 3, "{:?}", report.notices);
    assert_eq!(report.findings[0].counts, [300, 600, 900], "no two of one number");
    let said = ran.objection().expect("three are left out");
    let theirs = |run: &str| said.matches(&format!("{run}-")).count();
    assert!([theirs("first"), theirs("other")].contains(&3), "{said}");
    assert!([theirs("first"), theirs("other")].contains(&0), "{said}");
}

#[test]
fn a_worker_after_another_is_another_heap_though_node_26_numbers_it_alike() {
    let program = "
        const { Worker, isMainThread, workerData } = require('worker_threads');
        async function run(name) {
            const worker = new Worker(__filename, { workerData: name });
            await new Promise((resolve) => worker.on('exit', resolve));
        }
        if (isMainThread) (async () => { for (const name of ['a', 'b']) await run(name); })();
        else { work(300); write(workerData); }";
    let node = node_of(26).unwrap_or_else(|error| panic!("{error:#}"));
    // How their ids agree is a matter of chance: in half of the runs all do.
    for _ in 0..4 {
        let ran = Ran::new(program);
        ran.run_with(&node, &[], &[]);
        let said = ran.objection().expect("they are compared by place");
        assert!(said.contains("of different threads of one program"), "{said}");
    }
}

#[test]
fn a_thread_is_not_its_process() {
    let program = "
        const { Worker, isMainThread } = require('worker_threads');
        if (isMainThread) new Worker(__filename).on('exit', () => three());
        else three();
        function three() { for (let i = 0; i < 2; i++) { work(300); v8.writeHeapSnapshot(); } }";
    let ran = Ran::once(program, &[]);
    let report = ran.report(&ran.files());
    assert_eq!(report.snapshots.len(), 2, "{:?}", report.notices);
    let said = ran.objection().expect("two are left out");
    assert!(said.contains("are of another thread, as their names say"), "{said}");
    assert!(said.contains("analyse them without the others"), "{said}");
    let ids_say = |ran: &Ran| {
        for (number, file) in ran.files().iter().enumerate() {
            let name = ran.folder.path().join(format!("{}.heapsnapshot", [3, 4, 1, 2][number]));
            fs::rename(file, name).expect("it is there");
        }
        ran.objection().expect("two are left out")
    };
    let said = ids_say(&ran);
    assert!(said.contains("are of another thread, as their ids say"), "{said}");
}

#[test]
fn the_newest_is_never_left_out_without_a_word() {
    let ran = Ran::new(THREE);
    ran.run(&[], &["first-"]);
    ran.run(&[], &["second-"]);
    for name in ["second-1", "second-2"] {
        fs::remove_file(ran.folder.path().join(name).with_extension("heapsnapshot"))
            .expect("it is there");
    }
    let report = ran.report(&ran.files());
    let said: Vec<&str> = report.notices.iter().map(|it| it.message.as_str()).collect();
    assert_eq!(report.snapshots.len(), 3, "{said:?}");
    assert!(
        said.iter().any(|it| it.starts_with("second-3.heapsnapshot is of another process")),
        "{said:?}"
    );
    assert!(
        said.iter().any(|it| it.starts_with("second-3.heapsnapshot is newer than all")),
        "{said:?}"
    );
}

#[test]
fn the_same_files_give_the_same_bytes_in_any_order() {
    let ran = Ran::new(THREE);
    ran.run(&[], &["first-"]);
    ran.run(&[], &["second-"]);
    let copied = ran.folder.path().join("a-copy.heapsnapshot");
    fs::copy(ran.folder.path().join("first-2.heapsnapshot"), copied).expect("room");
    let files = ran.files();
    let mut backwards = files.clone();
    backwards.reverse();
    let mut mixed = files.clone();
    mixed.rotate_left(3);
    mixed.swap(0, 2);
    for format in ["json", "text"] {
        let told = |files: &[PathBuf]| {
            let told = ran.told(files, format);
            let timeless = told.lines().map(|it| it.split(", analysed in").next().unwrap_or(it));
            timeless.collect::<Vec<_>>().join("\n")
        };
        let first = told(&files);
        assert!(first.contains("first-2.heapsnapshot is a copy of a-copy.heapsnapshot"), "{first}");
        for order in [&files, &backwards, &mixed] {
            assert_eq!(told(order), first);
        }
    }
}
