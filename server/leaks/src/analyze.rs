//! From snapshot files to a report: loads them, finds out which belong together and in what order,
//! and lets the rules look.
//!
//! Snapshots of one process are recognised by what was written down with them, or else by what lives as
//! long as the process ([`crate::census::same_process`]), and ordered by their largest object id, which only grows;
//! times of files may lie. In what order the files are named makes no difference.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use heapmark_heap::{Cancelled, IndexFolder, Limits, LoadError, Monitor, OpenedSnapshot, Snapshot};
use heapmark_source::{AsItRan, Workspace};

use crate::census::Census;
use crate::census::cross_process::Standing;
use crate::census::same_process::NodeName;
use crate::evidence::Evidence;
use crate::locate::Locator;
use crate::locate::sidecar::{self, Companion, Problem, Scripts};
use crate::output::hover_sites::sites;
use crate::output::notices::{about_maps, about_sources, about_unread};
use crate::output::threads;
use crate::output::to_current_text::carry;
use crate::output::workers;
use crate::report::place_words::file_name;
use crate::report::units::{plural, sizes};
use crate::report::{Finding, Notice, Report, SnapshotSummary};
use crate::suppress::files_with_comments;
use crate::triage::detect;
use crate::v8::layouts::Shapes;
use crate::v8::module_exports::Modules;
use crate::words;

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AnalyzeError {
    /// No file was named.
    #[error("there is no heap snapshot to analyse")]
    NoFiles,
    /// None of the files could be loaded; this is what is wrong with the first.
    #[error("{} {error}", file.display())]
    Load {
        /// The file.
        file: PathBuf,
        /// What is wrong with it, as a clause with the file as its subject.
        error: LoadError,
    },
    /// The monitor asked to stop.
    #[error("the analysis was cancelled")]
    Cancelled,
}

impl AnalyzeError {
    /// What the person can do about it, where there is something.
    pub fn help(&self) -> Option<String> {
        match self {
            AnalyzeError::NoFiles => Some(
                "capture one with `heapmark capture`, or with the command *Heapmark: Capture Heap \
                 Snapshot…* in the editor"
                    .to_owned(),
            ),
            AnalyzeError::Load { error, .. } => error.help().map(str::to_owned),
            AnalyzeError::Cancelled => None,
        }
    }

    /// Whether the work was stopped on request.
    pub fn is_cancelled(&self) -> bool {
        matches!(self, AnalyzeError::Cancelled)
    }
}

impl From<Cancelled> for AnalyzeError {
    fn from(_: Cancelled) -> Self {
        AnalyzeError::Cancelled
    }
}

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

/// Without `open` files nobody hovers, and there are no sites.
fn report(
    files: &[PathBuf],
    workspace: &Workspace,
    indexes: Option<&IndexFolder>,
    open: Option<&BTreeSet<PathBuf>>,
    monitor: &dyn Monitor,
) -> Result<Report, AnalyzeError> {
    let mut notices = Vec::new();
    let group = load(files, indexes, monitor, &mut notices)?;
    let mut problems: Vec<(PathBuf, Problem)> = Vec::new();
    for Member { summary, problem, .. } in &group.members {
        problems.extend(problem.clone().map(|problem| (summary.file.clone(), problem)));
    }
    let newest = group.members.last().map(|member| member.summary.file.clone());
    if let Some(newest) = &newest {
        monitor.enters(newest);
    }
    let heap = group.newest.analyze(monitor)?;
    let shapes = Shapes::of(&heap);
    let past = AsItRan::new(workspace);
    if let Some(taken) = group.members.last().and_then(|member| member.summary.taken_at) {
        past.ran_before(taken);
    }
    let scripts = newest.as_deref().map(Scripts::beside).unwrap_or_default();
    if let (Some(newest), Some(problem)) = (&newest, scripts.problem()) {
        problems.push((newest.clone(), problem.clone()));
    }
    notices.extend(sidecar::about_problems(problems));
    for file in scripts.files() {
        past.recorded(&file.path, &file.text);
    }
    for (name, text) in scripts.reloaded() {
        past.recorded(name, text);
    }
    let locator = Locator::new(&heap, &shapes, &past, &scripts);
    let modules = Modules::of(&heap);
    let one_process = group.one_process;
    let (censuses, mut snapshots): (Vec<Census>, Vec<SnapshotSummary>) =
        group.members.into_iter().map(|member| (member.census, member.summary)).unzip();
    let evidence = Evidence {
        heap: &heap,
        shapes: &shapes,
        censuses: &censuses,
        one_process,
        locator: &locator,
        modules: &modules,
        monitor,
    };
    let mut findings: Vec<Finding> = detect(&evidence).into_iter().map(words::finding).collect();
    let mut sites = open.map_or_else(Vec::new, |open| sites(&evidence, &findings, open));
    if monitor.is_cancelled() {
        return Err(AnalyzeError::Cancelled);
    }
    carry(&past, &mut findings, &mut sites);
    if let Some(newest) = &newest {
        notices.extend(sidecar::about_other_texts(newest, &locator.of_other_texts()));
    }
    // A worker's own workers hang at it, in its heap.
    let workers = workers::running(&heap).max(scripts.workers());
    notices.extend(workers::about_workers(workers));
    notices.extend(about_sources(&locator));
    notices.extend(about_changes(&locator));
    notices.extend(about_compiled(&locator));
    notices.extend(about_maps(&locator));
    notices.extend(about_unread(&locator));
    if let Some(newest) = snapshots.last_mut() {
        newest.total_size = heap.total_size();
    }
    if findings.is_empty() {
        notices.extend(about_unexplained_growth(&snapshots));
    }
    let commented = locator.that_ran(&files_with_comments(workspace));
    Ok(Report { snapshots, findings, sites, commented, workers, notices, ..Report::default() })
}

/// Of the snapshots found in a workspace, those to analyse together, oldest first: the newest one,
/// and those of the same folder that may be of the same process. At most [MAX_IN_GROUP`].
///
/// Reads only times and what stands beside the snapshots, not the snapshots themselves.
pub fn newest_group(candidates: &[PathBuf]) -> Vec<PathBuf> {
    struct Dated<'a> {
        taken_at: SystemTime,
        file: &'a PathBuf,
        identity: Option<String>,
    }
    let mut dated: Vec<Dated> = candidates
        .iter()
        .filter_map(|file| {
            let companion = Companion::of(file);
            let taken_at = companion.taken_at(file)?;
            Some(Dated { taken_at, file, identity: companion.identity })
        })
        .collect();
    dated.sort_by_key(|it| (it.taken_at, it.file));
    let Some(newest) = dated.last() else { return Vec::new() };
    let together = |it: &&Dated| {
        // A snapshot without a companion has to be read to know.
        let known = newest.identity.is_some() && it.identity.is_some();
        let may_share_ids = !known || it.identity == newest.identity;
        it.file.parent() == newest.file.parent() && may_share_ids
    };
    let mut group: Vec<PathBuf> = dated.iter().filter(together).map(|it| it.file.clone()).collect();
    group.drain(..group.len().saturating_sub(MOST_IN_GROUP));
    group
}

/// How many snapshots are analysed together without being asked.
pub const MOST_IN_GROUP: usize = 12;

/// Why V8 does not call the same objects by the same ids in two snapshots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Apart {
    /// `heapmark capture` wrote down that they are of different processes or connections.
    Companions,
    /// Node named them after different processes or threads.
    Names,
    /// Node named them after different threads of one process.
    ThreadNames,
    /// What lives as long as a process has other ids.
    Ids,
    /// So it is, and one is the heap of a worker thread.
    ThreadIds,
}

impl Apart {
    fn is_thread(self) -> bool {
        matches!(self, Apart::ThreadNames | Apart::ThreadIds)
    }
}

/// Why two snapshots cannot be compared by id, if so. What was written down when they were taken
/// decides; where nothing was, their names may, and else the objects themselves.
fn apart(one: &Member, two: &Member) -> Option<Apart> {
    if let (Some(one), Some(two)) = (&one.identity, &two.identity) {
        return (one != two).then_some(Apart::Companions);
    }
    if let (Some(one), Some(two)) = (one.name, two.name)
        && one.contradicts(two)
    {
        let is_thread = one.is_other_thread(two);
        return Some(if is_thread { Apart::ThreadNames } else { Apart::Names });
    }
    let (here, there) = (&one.census, &two.census);
    let are_two =
        !here.sample.same_process(&there.sample) || here.identities.contradicts(&there.identities);
    let is_thread = one.is_worker || two.is_worker;
    are_two.then_some(if is_thread { Apart::ThreadIds } else { Apart::Ids })
}

/// Bytes: less growth of the whole heap needs no explanation.
const UNEXPLAINED_GROWTH: u64 = 500_000;

/// What is kept of one file.
struct Member {
    identity: Option<String>,
    name: Option<NodeName>,
    /// Of a worker thread.
    is_worker: bool,
    /// Why its companion was passed over.
    problem: Option<Problem>,
    census: Census,
    summary: SnapshotSummary,
}

impl Member {
    /// Later ones of one process are greater, whatever the order in which they were named.
    fn age(&self) -> impl Ord + '_ {
        (self.census.highest_id, self.summary.taken_at, &self.summary.file)
    }

    fn cmp_files(&self, other: &Self) -> Ordering {
        self.summary.file.cmp(&other.summary.file)
    }
}

/// Snapshots of one process, oldest first, of which the newest is kept whole.
struct Group<'f> {
    members: Vec<Member>,
    /// Whether they really are; else they are of one program, and the older censuses are
    /// [translated](Standing::translate).
    one_process: bool,
    newest: OpenedSnapshot<'f>,
}

impl Group<'_> {
    /// The member that is kept whole.
    fn newest_member(&self) -> &Member {
        let newest = self.members.iter().max_by(|one, other| one.age().cmp(&other.age()));
        newest.expect("a group begins with a member")
    }

    /// Whether some of them are of another heap than some of `others` for certain.
    fn contradicts(&self, others: &[Member]) -> bool {
        let contradicts =
            |one: &Member, two: &Member| one.census.identities.contradicts(&two.census.identities);
        self.members.iter().any(|one| others.iter().any(|two| contradicts(one, two)))
    }

    /// How many ids the one that agrees best with `member` has for other things.
    fn disagreements(&self, member: &Member) -> usize {
        let of = |it: &Member| it.census.identities.disagreements(&member.census.identities);
        self.members.iter().map(of).min().unwrap_or(usize::MAX)
    }

    /// When the last of them was taken.
    fn taken_at(&self) -> Option<SystemTime> {
        self.members.iter().filter_map(|member| member.summary.taken_at).max()
    }
}

fn load<'f>(
    files: &[PathBuf],
    indexes: Option<&'f IndexFolder>,
    monitor: &dyn Monitor,
    notices: &mut Vec<Notice>,
) -> Result<Group<'f>, AnalyzeError> {
    let mut groups: Vec<Group> = Vec::new();
    let mut failed: Vec<(PathBuf, LoadError)> = Vec::new();
    let open = |file: &Path| {
        monitor.enters(file);
        let opened = OpenedSnapshot::open(file, Limits::available(), indexes, monitor);
        monitor.leaves(file);
        opened
    };
    let mut opened_ahead = None;
    // Of two copies the same one is left out, in whatever order they are named.
    let mut files: Vec<&PathBuf> = files.iter().collect();
    files.sort();
    files.dedup();
    for (index, &file) in files.iter().enumerate() {
        match opened_ahead.take().unwrap_or_else(|| open(file)) {
            Ok(snapshot) => {
                // Reading leaves a core idle for some of its time. Only beside the first one: of those
                // that follow, one is kept already, and three would take more memory than two.
                let next = files.get(index + 1).copied().filter(|_| groups.is_empty());
                let member = std::thread::scope(|scope| {
                    let member = scope.spawn(|| member(file, &snapshot));
                    opened_ahead = next.map(|next| open(next));
                    member.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
                });
                match copy_of(&groups, &member) {
                    Some(original) => {
                        notices.push(a_copy(file, original));
                        snapshot.keep(monitor)?;
                    }
                    None => {
                        for older in add(&mut groups, member, snapshot) {
                            older.keep(monitor)?;
                        }
                    }
                }
            }
            Err(LoadError::Cancelled(_)) => return Err(AnalyzeError::Cancelled),
            Err(error) => failed.push((file.clone(), error)),
        }
    }
    // The newest group that can be compared, or else the newest snapshot.
    groups.sort_by(|one, other| {
        let key = |group: &Group| (group.members.len() > 1, group.taken_at());
        key(one).cmp(&key(other)).then_with(|| one.newest_member().cmp_files(other.newest_member()))
    });
    let Some(mut chosen) = groups.pop() else {
        let first = failed.into_iter().next();
        return Err(
            first.map_or(AnalyzeError::NoFiles, |(file, error)| AnalyzeError::Load { file, error })
        );
    };
    if chosen.members.len() == 1 {
        notices.extend(join_processes(&mut chosen, &mut groups, monitor)?);
    }
    chosen.members.sort_by(|one, other| one.age().cmp(&other.age()));
    notices.extend(failed.iter().map(|(file, error)| left_out(file, &error.to_string())));
    notices.extend(other_processes(&chosen, &groups));
    for other in groups {
        other.newest.keep(monitor)?;
    }
    Ok(chosen)
}

/// Puts to `chosen` what the other groups, older than it, have of the same program, though it is of
/// other processes.
fn join_processes(
    chosen: &mut Group<'_>,
    others: &mut Vec<Group<'_>>,
    monitor: &dyn Monitor,
) -> Result<Option<Notice>, AnalyzeError> {
    if others.is_empty() {
        return Ok(None);
    }
    let standing = Standing::of(&chosen.newest);
    let mut are_threads = true;
    for other in std::mem::take(others) {
        let Group { mut members, newest, .. } = other;
        let theirs = Standing::of(&newest);
        if standing.is_of_same_program(&theirs)
            && let Some(member) = members.pop()
        {
            let (own, whole) = (&chosen.members[chosen.members.len() - 1], &chosen.newest);
            are_threads &= apart(own, &member).is_some_and(Apart::is_thread);
            let census = standing.translate(whole, &own.census, (&newest, &theirs, member.census));
            // The one that is kept whole stays the last.
            chosen.members.insert(0, Member { census, ..member });
            chosen.one_process = false;
            newest.keep(monitor)?;
        } else {
            others.push(Group { members, one_process: true, newest });
        }
        if monitor.is_cancelled() {
            return Err(AnalyzeError::Cancelled);
        }
    }
    Ok((!chosen.one_process).then(|| Notice {
        message: format!(
            "These {} snapshots are of different {}. They were compared by where things stand, in the order \
             in which they were taken: what grows from one to the next may also be what the later one had \
             more to do.",
            chosen.members.len(),
            if are_threads {
                "threads of one program"
            } else {
                "processes of one program (or of different inspector connections)"
            }
        ),
    }))
}

fn member(file: &Path, snapshot: &Snapshot) -> Member {
    let total_size = snapshot.nodes().map(|node| snapshot.raw_self_size(node)).sum();
    let companion = Companion::of(file);
    Member {
        census: Census::of(snapshot),
        summary: SnapshotSummary {
            file: file.to_owned(),
            taken_at: companion.taken_at(file),
            nodes: snapshot.node_count(),
            edges: snapshot.edge_count(),
            total_size,
        },
        identity: companion.identity,
        problem: companion.problem,
        name: NodeName::of(file),
        is_worker: threads::is_worker(snapshot),
    }
}

/// The snapshot that is the same as this one: `final.heapsnapshot.gz` beside `final.heapsnapshot`. Two
/// runs that do the same have as many of everything, but not in the same order.
fn copy_of<'a>(groups: &'a [Group<'_>], member: &Member) -> Option<&'a Member> {
    groups.iter().flat_map(|group| &group.members).find(|other| {
        let (one, two) = (&other.summary, &member.summary);
        (one.nodes, one.edges, one.total_size) == (two.nodes, two.edges, two.total_size)
            && other.census.highest_id == member.census.highest_id
            && other.census.sites == member.census.sites
            && apart(other, member).is_none()
            && other.census.identities == member.census.identities
    })
}

/// Puts a snapshot to those of its process, all of them: it may be the one that shows that they belong
/// together. Of each process only the newest one stays whole: returns those that are of no more use.
fn add<'f>(
    groups: &mut Vec<Group<'f>>,
    member: Member,
    snapshot: OpenedSnapshot<'f>,
) -> Vec<OpenedSnapshot<'f>> {
    let belongs = |group: &Group| group.members.iter().any(|other| apart(other, &member).is_none());
    let (mut same, mut others): (Vec<Group>, Vec<Group>) =
        std::mem::take(groups).into_iter().partition(belongs);
    others.extend(of_other_heaps(&mut same, &member));
    *groups = others;
    let mut group = Group { members: vec![member], one_process: true, newest: snapshot };
    let mut older = Vec::new();
    for mut other in same {
        if other.newest_member().age() > group.newest_member().age() {
            std::mem::swap(&mut group, &mut other);
        }
        group.members.extend(other.members);
        older.push(other.newest);
    }
    groups.push(group);
    older
}

/// Takes out of the groups that `member` may belong to those that are of another heap for certain, and of
/// two that are each other's other heap, the one that agrees less with it.
fn of_other_heaps<'f>(same: &mut Vec<Group<'f>>, member: &Member) -> Vec<Group<'f>> {
    let mut kept: Vec<Group> = Vec::new();
    let mut others = Vec::new();
    same.sort_by_key(|group| group.disagreements(member));
    for group in same.drain(..) {
        let is_of_another = group.contradicts(std::slice::from_ref(member))
            || kept.iter().any(|other| group.contradicts(&other.members));
        if is_of_another { &mut others } else { &mut kept }.push(group);
    }
    *same = kept;
    others
}

fn left_out(file: &Path, problem: &str) -> Notice {
    Notice { message: format!("{} {problem}. It was left out.", file_name(file)) }
}

fn a_copy(file: &Path, original: &Member) -> Notice {
    let original = file_name(&original.summary.file);
    Notice { message: format!("{} is a copy of {original}: left out.", file_name(file)) }
}

/// What is not of the process whose snapshots are compared: which files, and how that is known.
fn other_processes(chosen: &Group<'_>, others: &[Group<'_>]) -> Vec<Notice> {
    let newest = chosen.newest_member();
    let members = || others.iter().flat_map(|group| &group.members);
    let by_reason = [Apart::Companions, Apart::Names, Apart::Ids].into_iter().filter_map(|reason| {
        // Members of one group are comparable to each other: none is to the newest of another one.
        let told = members().filter(|it| apart(newest, it).unwrap_or(Apart::Ids) == reason);
        let mut files: Vec<String> = told.map(|member| file_name(&member.summary.file)).collect();
        files.sort();
        let (names, count) = (files.join(", "), files.len() as u64);
        let (are, its) = (plural(count, "is", "are"), plural(count, "its", "their"));
        let anew = "of another process, or of another inspector connection (V8 numbers all objects anew \
                    when one ends)";
        let what = match reason {
            Apart::Companions => format!("{anew}, as {its} .scripts.json says"),
            Apart::Names => {
                let names = plural(count, "name says", "names say");
                format!("of another process, as {its} {names}")
            }
            _ => format!("{anew}, as {its} ids say"),
        };
        (count > 0).then(|| Notice {
            message: format!(
                "{names} {are} {what}, and cannot be compared with the others: left out. Take the \
                 snapshots to compare in one go: `heapmark capture --count 3`, or *Capture* in the editor."
            ),
        })
    });
    let threads = [Apart::ThreadNames, Apart::ThreadIds].into_iter().filter_map(|reason| {
        let is_told = |it: &&Member| apart(newest, it) == Some(reason);
        let of_group = |group: &Group| -> Vec<String> {
            let told = group.members.iter().filter(is_told);
            told.map(|member| file_name(&member.summary.file)).collect()
        };
        let told = others.iter().map(of_group).filter(|files| !files.is_empty()).collect();
        let said_by =
            if reason == Apart::ThreadNames { "their names say" } else { "their ids say" };
        threads::about_left_out(told, said_by)
    });
    let mut notices: Vec<Notice> = by_reason.chain(threads).collect();
    // Two of an older process say more than one of a newer, but that one is what a person thinks of.
    let last = members().max_by(|one, other| {
        let taken_at = |it: &Member| it.summary.taken_at;
        taken_at(one).cmp(&taken_at(other)).then_with(|| one.cmp_files(other))
    });
    if let Some(last) = last.filter(|last| last.summary.taken_at > chosen.taken_at()) {
        let file = file_name(&last.summary.file);
        notices.push(Notice {
            message: format!(
                "{file} is newer than all that were compared. To see what is in it, analyse it alone."
            ),
        });
    }
    notices
}

/// What to say if the heap grew and nothing was found that explains it.
fn about_unexplained_growth(snapshots: &[SnapshotSummary]) -> Option<Notice> {
    let totals: Vec<u64> = snapshots.iter().map(|snapshot| snapshot.total_size).collect();
    let (&first, &last) = (totals.first()?, totals.last()?);
    let rises = totals.windows(2).all(|pair| pair[1] > pair[0]);
    let much = last.saturating_sub(first) >= UNEXPLAINED_GROWTH.max(first / 10);
    (totals.len() > 1 && rises && much).then(|| Notice {
        message: format!(
            "The heap grew ({}), but nothing was found that explains it. It may be \
             something that is filled once, or many small things that Heapmark does not follow yet.",
            sizes(&totals)
        ),
    })
}

/// What to say if sources were changed after the snapshot was taken.
fn about_changes(locator: &Locator) -> Option<Notice> {
    let changed = locator.changed_files();
    let noun = plural(changed.len() as u64, "has", "have");
    (!changed.is_empty()).then(|| Notice {
        message: format!(
            "{} {noun} changed since the program was built or started: places there were found \
             again, or are missing. Restart the program and capture again.",
            changed.join(", ")
        ),
    })
}

/// What to say if sources were compiled in memory and only their names could be found again.
fn about_compiled(locator: &Locator) -> Option<Notice> {
    let compiled = locator.compiled_files();
    let noun = plural(compiled.len() as u64, "was", "were");
    (!compiled.is_empty()).then(|| Notice {
        message: format!(
            "{} {noun} compiled in memory, and no source map of that is known: places there were found by \
             their names, or are missing. To see all, build with source maps and capture with \
             `heapmark capture`.",
            compiled.join(", ")
        ),
    })
}
