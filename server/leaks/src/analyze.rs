//! From a group of snapshots to a report: lets the rules look, has findings worded, and carries them over
//! to the texts of now.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::OnceLock;

use heapmark_heap::{IndexFolder, Limits, MemoryWatch, Monitor};
use heapmark_source::{AsItRan, Workspace};

use crate::census::Census;
use crate::error::AnalyzeError;
use crate::evidence::{Evidence, Watch};
use crate::locate::Locator;
use crate::locate::sidecar::{Problem, Scripts};
use crate::locate::source_files::{names_of_missing, needed, source_problems};
use crate::output::contents::contents;
use crate::output::growth::{growth, needs_explanation};
use crate::output::hover_sites::sites;
use crate::output::packages::name_packages;
use crate::output::to_current_text::carry;
use crate::output::walks::Walks;
use crate::report::{Finding, Growth, Notice, Report, SnapshotSummary};
use crate::rules::leak::Leak;
use crate::snapshots::load;
use crate::snapshots::member::{Group, Member};
use crate::suppress::files_with_comments;
use crate::triage::detect;
use crate::v8::layouts::Shapes;
use crate::v8::module_exports::Modules;
use crate::v8::workers;
use crate::words;
use crate::words::growth::{about_unexplained, about_unexplained_in_processes};
use crate::words::sidecar::{about_other_texts, about_problems};
use crate::words::snapshots::left_out;
use crate::words::source_files::about_sources;
use crate::words::workers::{about_children, about_workers};

/// Finds out what leaks, from one or more snapshots of one process, in any order.
///
/// Files that cannot be read, or that are of another process, are left out and named in the
/// report's notices. It is an error if no file can be read.
///
/// What is in the indexes need not be read and computed again; what is not will be in them the next
/// time. They never change the report.
pub fn analyze(
    files: &[PathBuf],
    workspace: &Workspace,
    indexes: Option<&IndexFolder>,
    monitor: &dyn Monitor,
) -> Result<Report, AnalyzeError> {
    let mut report = report(files, workspace, indexes, None, monitor)?;
    report.settle_lines(|_, range| Some(range));
    Ok(report)
}

/// Does what [`analyze`] does, for an editor that has the `open` files: their functions and classes are
/// among the report's sites, and the lines in the sentences are open until [`Report::settle_lines`],
/// since texts go on changing.
pub fn analyze_for_editor(
    files: &[PathBuf],
    workspace: &Workspace,
    indexes: Option<&IndexFolder>,
    open: &BTreeSet<PathBuf>,
    monitor: &dyn Monitor,
) -> Result<Report, AnalyzeError> {
    report(files, workspace, indexes, Some(open), monitor)
}

/// The report of as many of the files as there is memory for.
fn report(
    files: &[PathBuf],
    workspace: &Workspace,
    indexes: Option<&IndexFolder>,
    open: Option<&BTreeSet<PathBuf>>,
    monitor: &dyn Monitor,
) -> Result<Report, AnalyzeError> {
    report_within(files, workspace, indexes, open, &|| Limits::available(), monitor)
}

fn report_within(
    files: &[PathBuf],
    workspace: &Workspace,
    indexes: Option<&IndexFolder>,
    open: Option<&BTreeSet<PathBuf>>,
    available: &dyn Fn() -> Limits,
    monitor: &dyn Monitor,
) -> Result<Report, AnalyzeError> {
    let mut files = files.to_vec();
    let mut notices = Vec::new();
    loop {
        let memory = MemoryWatch::within(available(), monitor);
        let outcome = report_of(&files, workspace, indexes, open, &memory);
        let Some((file, error)) = memory.excess() else {
            return outcome.map(|mut report| {
                report.notices.append(&mut notices);
                report
            });
        };
        if let Some(oversize) = error.oversize() {
            monitor.refuses(&file, oversize);
        }
        files.retain(|other| *other != file);
        if files.is_empty() {
            return Err(AnalyzeError::Load { file, error });
        }
        notices.push(left_out(&file, &error.to_string()));
    }
}

/// Without `open` files nobody hovers, and there are no sites.
fn report_of(
    files: &[PathBuf],
    workspace: &Workspace,
    indexes: Option<&IndexFolder>,
    open: Option<&BTreeSet<PathBuf>>,
    monitor: &dyn Monitor,
) -> Result<Report, AnalyzeError> {
    let watch = Watch::of(monitor);
    let mut notices: Vec<Notice> =
        workspace.silent().iter().map(|it| Notice { message: it.to_string() }).collect();
    let group = load(files, indexes, &watch, &mut notices)?;
    let newest = group.members.last().map(|member| member.summary.file.clone());
    if let Some(newest) = &newest {
        watch.enters(newest);
    }
    let Group { mut members, one_process, newest: snapshot } = group;
    let heap = snapshot.analyze_beside(&watch, |snapshot| {
        if let Some(newest) = members.last_mut() {
            newest.census.count(snapshot);
        }
    })?;
    let shapes = Shapes::of(&heap);
    let scripts = newest.as_deref().map(Scripts::beside).unwrap_or_default();
    notices.extend(about_problems(sidecar_problems(&members, &scripts)));
    let past = as_it_ran(workspace, members.last(), &scripts);
    let locator = Locator::new(&heap, &shapes, &past, &scripts);
    let modules = Modules::of(&heap);
    let (censuses, mut snapshots): (Vec<Census>, Vec<SnapshotSummary>) =
        members.into_iter().map(|member| (member.census, member.summary)).unzip();
    let evidence = Evidence {
        heap: &heap,
        shapes: &shapes,
        censuses: &censuses,
        one_process,
        seconds: seconds_between(&snapshots),
        locator: &locator,
        modules: &modules,
        watch: &watch,
        new: OnceLock::new(),
    };
    let (leaks, walks, commented) = leaks_and_commented(&evidence, workspace)?;
    let mut findings: Vec<Finding> = leaks.into_iter().map(words::finding).collect();
    let mut sites = open.map_or_else(Vec::new, |open| sites(&evidence, &findings, open));
    watch.go_on()?;
    carry(&past, &mut findings, &mut sites);
    name_packages(&mut findings);
    // What is said of files is of those that findings need: the tables look at more, and what they learn of
    // a file must change no finding.
    let source_problems = source_problems(&locator);
    let of_other_texts = locator.of_other_texts();
    let growth = growth(&evidence, &past, &findings, &walks);
    let contents = contents(&evidence, &past, scripts.heap_limit(), &findings, &walks);
    watch.go_on()?;
    if let Some(newest) = &newest {
        notices.extend(about_other_texts(newest, &of_other_texts));
    }
    // A worker's own workers hang at it, in its heap.
    let workers = workers::running(&heap).max(scripts.workers());
    notices.extend(about_workers(workers).into_iter().chain(about_children(scripts.children())));
    let missing = names_of_missing(&source_problems);
    notices.extend(needed(&locator, source_problems, &findings).iter().flat_map(about_sources));
    if let Some(newest) = snapshots.last_mut() {
        newest.total_size = heap.total_size();
    }
    notices.extend(contents.about_limit());
    let totals: Vec<u64> = snapshots.iter().map(|it| it.total_size).collect();
    notices.extend(about_growth(growth.as_ref(), &findings, &totals));
    Ok(Report {
        snapshots,
        findings,
        sites,
        commented: locator.that_ran(&commented),
        missing,
        workers,
        growth,
        contents: Some(contents),
        notices,
        ..Report::default()
    })
}

/// What is wrong with the companions of the snapshots; `scripts` is what that of the newest lists.
fn sidecar_problems(members: &[Member], scripts: &Scripts) -> Vec<(PathBuf, Problem)> {
    let of = |member: &Member, problem: &Problem| (member.summary.file.clone(), problem.clone());
    let facts = members.iter().filter_map(|it| Some(of(it, it.problem.as_ref()?)));
    let listed = members.last().zip(scripts.problem());
    facts.chain(listed.map(|(newest, problem)| of(newest, problem))).collect()
}

/// The workspace as the program saw it, with the texts that ran as far as they were written down.
fn as_it_ran<'a>(
    workspace: &'a Workspace,
    newest: Option<&Member>,
    scripts: &Scripts,
) -> AsItRan<'a> {
    let mut past = AsItRan::new(workspace);
    if let Some(taken_at) = newest.and_then(|member| member.summary.taken_at) {
        past.ran_before(taken_at);
    }
    for file in scripts.files() {
        past.recorded(&file.path, &file.text);
    }
    for (name, text) in scripts.reloaded() {
        past.recorded(name, text);
    }
    past
}

/// What leaks, and the files in which somebody wrote of silence: reading files leaves the processor to the
/// rules.
fn leaks_and_commented(
    evidence: &Evidence,
    workspace: &Workspace,
) -> Result<(Vec<Leak>, Walks, BTreeSet<PathBuf>), AnalyzeError> {
    std::thread::scope(|scope| {
        let commented = scope.spawn(|| files_with_comments(workspace));
        let found = detect(evidence, || Walks::of(evidence));
        let commented = commented.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        let (leaks, walks) = found?;
        Ok((leaks, walks, commented))
    })
}

/// What to say of a heap that grew for no reason that was found. Of several processes there is no `growth`.
fn about_growth(growth: Option<&Growth>, findings: &[Finding], totals: &[u64]) -> Option<Notice> {
    match growth {
        Some(growth) => growth.is_unexplained.then(|| about_unexplained(growth, totals)),
        None => (findings.is_empty() && needs_explanation(totals))
            .then(|| about_unexplained_in_processes(totals)),
    }
}

/// From the first snapshot to the last; 0 if their files do not tell. Copies may have the time of the copying:
/// that is too little rather than too much.
fn seconds_between(snapshots: &[SnapshotSummary]) -> u64 {
    let taken_at = |it: Option<&SnapshotSummary>| it.and_then(|it| it.taken_at);
    let (first, last) = (taken_at(snapshots.first()), taken_at(snapshots.last()));
    let between = last.zip(first).and_then(|(last, first)| last.duration_since(first).ok());
    between.map_or(0, |it| it.as_secs())
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use heapmark_heap::{Oversize, Phase};

    use super::*;
    use crate::testing::drawn::{array, listeners, written};

    /// Says once that the work is no longer wanted, when it is asked for the n-th time.
    struct OnceAt {
        number: usize,
        asked: AtomicUsize,
    }

    impl Monitor for OnceAt {
        fn is_cancelled(&self) -> bool {
            self.asked.fetch_add(1, Ordering::Relaxed) + 1 == self.number
        }
    }

    #[test]
    fn whenever_a_run_is_cancelled_there_is_no_report() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let source = "const jobs = [];
const bus = new EventEmitter();
function add(job) { jobs.push(job); }
function start() { bus.on('tick', function onTick() {}); }
";
        let heap = |count: usize| {
            array("jobs", "Job", count) + &listeners("bus", "tick", "onTick", 0..count)
        };
        let files = written(folder.path(), source, [100, 200, 300].map(heap));
        let workspace = Workspace::new(vec![folder.path().to_owned()]);
        let mut cancelled = 0;
        loop {
            let monitor = OnceAt { number: cancelled + 1, asked: AtomicUsize::new(0) };
            let report = analyze(&files, &workspace, None, &monitor);
            if monitor.asked.into_inner() <= cancelled {
                assert_eq!(report.expect("nobody cancelled it").findings.len(), 2);
                break;
            }
            cancelled += 1;
            assert!(matches!(report, Err(AnalyzeError::Cancelled)), "asked {cancelled} times");
        }
        assert!(cancelled > 30, "it is asked all along: {cancelled} times");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn files_that_take_more_memory_than_there_is_are_left_out_one_by_one_and_told() {
        /// Takes memory and time while it is told.
        #[derive(Default)]
        struct Told(Mutex<Vec<PathBuf>>, Mutex<Vec<Vec<u8>>>);
        impl Monitor for Told {
            fn advance(&self, _: Phase, _: u64, _: u64) {
                self.1.lock().expect("nobody panicked").push(vec![1; 1 << 20]);
                std::thread::sleep(Duration::from_millis(20));
            }
            fn refuses(&self, file: &Path, _: Oversize) {
                self.0.lock().expect("nobody panicked").push(file.to_owned());
            }
        }
        let folder = tempfile::tempdir().expect("a temporary folder");
        let source = "const jobs = [];\nfunction add(job) { jobs.push(job); }\n";
        let files =
            written(folder.path(), source, [100, 200].map(|count| array("jobs", "Job", count)));
        let workspace = Workspace::new(vec![folder.path().to_owned()]);
        // The first time there is none, and then there is enough.
        let budgets = Mutex::new(vec![u64::MAX, 0]);
        let available = || Limits {
            memory: budgets.lock().expect("nobody panicked").pop().expect("there is a second file"),
        };
        let told = Told::default();
        let report = report_within(&files, &workspace, None, None, &available, &told);
        let report = report.expect("the other file is analysed");
        assert_eq!(report.snapshots.len(), 1);
        let refused = told.0.into_inner().expect("nobody panicked");
        assert_eq!(refused.len(), 1);
        let name = refused[0].file_name().expect("a file").to_string_lossy();
        let said = report.notices.iter().filter(|it| it.message.contains("is too large"));
        assert!(said.map(|it| it.message.starts_with(&*name)).eq([true]), "{:?}", report.notices);
    }

    #[test]
    fn what_leaks_in_a_package_is_told_with_name_and_version() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let package = folder.path().join("node_modules/@work/queue");
        std::fs::create_dir_all(&package).expect("the folder is writable");
        let manifest = r#"{ "name": "@work/queue", "version": "3.0.2" }"#;
        std::fs::write(package.join("package.json"), manifest).expect("the folder is writable");
        let source = "const jobs = [];\nfunction add(job) { jobs.push(job); }\n";
        let heaps = [100, 200, 300].map(|count| array("jobs", "Job", count));
        let files = written(&package, source, heaps);
        let workspace = Workspace::new(vec![folder.path().to_owned()]);

        let report = analyze(&files, &workspace, None, &heapmark_heap::Unmonitored);
        let report = report.expect("the snapshots are whole");
        let title = report.findings[0].title.to_string();
        assert!(title.starts_with("In `@work/queue@3.0.2`: `jobs` keeps growing"), "{title}");
        let json = crate::json::to_json(&report, &workspace);
        let told = &json["findings"][0];
        let package = serde_json::json!({ "name": "@work/queue", "version": "3.0.2" });
        assert_eq!(told["package"], package);
        assert_eq!(told["known"], serde_json::Value::Null);
    }
}
