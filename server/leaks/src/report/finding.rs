//! The report: everything that the faces of Heapmark (editor, command line, CI) show, as plain data.
//!
//! It holds verdicts with source positions and finished sentences. It does not hold the heap: the
//! snapshots it came from may be dropped. Rendering for a protocol or a terminal is not done here;
//! the JSON that other tools read is written by [`crate::report::json`].

use crate::report::text::Text;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use heapmark_source::{Generated, Range};

/// What one run of the detection found.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// The snapshots that were compared, oldest first.
    pub snapshots: Vec<SnapshotSummary>,
    /// Leaks, in order of importance: the first is what a person should look at first.
    pub findings: Vec<Finding>,
    /// The functions and classes of the user's files that have live closures or instances, for hovers
    /// in an editor. Sorted by file, then by position.
    pub sites: Vec<Site>,
    /// Other files of the program that speak of silence: a comment there may silence nothing any more.
    pub commented: BTreeSet<PathBuf>,
    /// How many worker threads ran when the newest snapshot was taken. Their heaps are not in it: that
    /// nothing was found says nothing of them.
    pub workers: u64,
    /// What the reader must know to judge the findings: files left out, sources not found.
    pub notices: Vec<Notice>,
    /// Leaks that somebody decided not to hear of, in order of importance. They are no findings any
    /// more: neither diagnostics nor counted.
    pub ignored: Vec<Ignored>,
    /// What is wrong with the comments that silence findings, where they stand.
    pub remarks: Vec<Remark>,
}

impl Report {
    /// The places whose lines are open in the sentences, beside those of the findings themselves.
    pub fn open_lines(&self) -> Vec<(PathBuf, Range)> {
        let texts = self.findings.iter().flat_map(Finding::texts);
        texts.flat_map(Text::lines).map(|line| (line.file.clone(), line.range)).collect()
    }

    /// Puts the numbers of the lines into the sentences: `now` tells where a place is, if anywhere.
    pub fn settle_lines(&mut self, now: impl Fn(&Path, Range) -> Option<Range>) {
        for text in self.findings.iter_mut().flat_map(Finding::texts_mut) {
            text.settle(&now);
        }
    }

    /// Makes findings of what was ignored, each in its rank.
    pub(crate) fn recall(&mut self) {
        self.remarks.clear();
        for Ignored { finding, rank, .. } in std::mem::take(&mut self.ignored) {
            // Those before it are back already, so it goes where it was.
            self.findings.insert(rank.min(self.findings.len()), finding);
        }
    }
}

/// A leak that somebody decided not to hear of.
#[derive(Debug, Clone)]
pub struct Ignored {
    /// What was found.
    pub finding: Finding,
    /// Who decided, and why.
    pub by: Silencer,
    /// The place it would have among all findings, from 0.
    pub rank: usize,
}

/// What silences a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Silencer {
    /// A comment at one of its places.
    Comment {
        /// Why; empty if it does not say.
        reason: String,
        /// Absolute path of the file in which it stands.
        file: PathBuf,
        /// The words of the comment.
        range: Range,
    },
    /// An entry in the file of accepted leaks.
    Accepted {
        /// Why; empty if it does not say.
        reason: String,
        /// The file.
        file: PathBuf,
    },
}

impl Silencer {
    /// Why; empty if nobody said.
    pub fn reason(&self) -> &str {
        match self {
            Silencer::Comment { reason, .. } | Silencer::Accepted { reason, .. } => reason,
        }
    }
}

/// Something to say at a place of a file that is no leak.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// Absolute path of the file.
    pub file: PathBuf,
    /// What to underline.
    pub range: Range,
    /// A plain sentence: what is wrong and what to do.
    pub message: String,
}

/// One snapshot that took part.
#[derive(Debug, Clone)]
pub struct SnapshotSummary {
    /// The snapshot file.
    pub file: PathBuf,
    /// When it was taken, if the file system or the sidecar tells.
    pub taken_at: Option<std::time::SystemTime>,
    /// Number of nodes in the heap graph.
    pub nodes: usize,
    /// Number of edges in the heap graph.
    pub edges: usize,
    /// Bytes: the sum of all self sizes.
    pub total_size: u64,
}

/// The kind of leak. The names people see are in kebab-case, see [`Rule::name`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rule {
    /// A Map, Set, Array or plain object that only grows.
    GrowingCollection,
    /// Event listeners that are added again and again and never removed.
    GrowingListeners,
    /// Intervals or timeouts that are started and never cleared.
    UnclearedTimers,
    /// A linked list that only grows.
    GrowingChain,
    /// A text that only gets longer.
    GrowingText,
    /// Sockets, requests, responses or workers that are kept after they were closed.
    RetainedAfterClose,
    /// Weak references that are kept after their targets are gone.
    DeadWeakRefs,
    /// A module that is loaded again and again, each copy kept.
    ModuleReload,
    /// Promises that never settle, with the functions that wait for them.
    PendingPromises,
    /// Many strings with the same text.
    DuplicateStrings,
    /// Short pieces of long texts, which keep the whole texts.
    SlicedStringParent,
    /// Much memory outside of V8's own heap, behind small objects.
    ExternalMemory,
    /// Instances of `AsyncLocalStorage` that pile up.
    AsyncLocalStorage,
    /// Nodes that were taken out of their page and are still held.
    DetachedDom,
    /// A variable kept alive by closures that never use it.
    UnusedCapture,
    /// Closures of one function pile up, kept by something that no other rule explains.
    LeakingClosure,
    /// Instances of one class pile up, kept by something that no other rule explains.
    LeakingInstances,
}

impl Rule {
    /// Every rule. A test holds that each has its page in docs/rules, and each page its rule here.
    pub const ALL: &[Rule] = &[
        Rule::GrowingCollection,
        Rule::GrowingListeners,
        Rule::UnclearedTimers,
        Rule::GrowingChain,
        Rule::GrowingText,
        Rule::RetainedAfterClose,
        Rule::DeadWeakRefs,
        Rule::ModuleReload,
        Rule::PendingPromises,
        Rule::UnusedCapture,
        Rule::LeakingClosure,
        Rule::LeakingInstances,
        Rule::DuplicateStrings,
        Rule::SlicedStringParent,
        Rule::ExternalMemory,
        Rule::AsyncLocalStorage,
        Rule::DetachedDom,
    ];

    /// The rule of that name.
    pub fn named(name: &str) -> Option<Rule> {
        Rule::ALL.iter().copied().find(|rule| rule.name() == name)
    }

    /// The rule's name as it stands in diagnostics, reports and the docs: kebab-case.
    pub fn name(self) -> &'static str {
        match self {
            Rule::GrowingCollection => "growing-collection",
            Rule::GrowingListeners => "growing-listeners",
            Rule::UnclearedTimers => "uncleared-timers",
            Rule::GrowingChain => "growing-chain",
            Rule::GrowingText => "growing-text",
            Rule::RetainedAfterClose => "retained-after-close",
            Rule::DeadWeakRefs => "dead-weakrefs",
            Rule::ModuleReload => "module-reload",
            Rule::PendingPromises => "pending-promises",
            Rule::DuplicateStrings => "duplicate-strings",
            Rule::SlicedStringParent => "sliced-string-parent",
            Rule::ExternalMemory => "external-memory",
            Rule::AsyncLocalStorage => "async-local-storage",
            Rule::DetachedDom => "detached-dom",
            Rule::UnusedCapture => "unused-capture",
            Rule::LeakingClosure => "leaking-closure",
            Rule::LeakingInstances => "leaking-instances",
        }
    }
}

/// How loudly a finding is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Growth was seen: two or more snapshots of one process.
    Warning,
    /// Suspicious, but one snapshot cannot prove it.
    Information,
}

impl Severity {
    /// The name as it stands in reports.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Warning => "warning",
            Severity::Information => "information",
        }
    }
}

/// One leak: one root cause, however many objects it shows in.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The kind of leak.
    pub rule: Rule,
    /// How loudly to show it.
    pub severity: Severity,
    /// How sure the verdict is, from 0 to 1.
    pub certainty: f32,
    /// Stable over runs, machines and small edits: names this leak in baselines and comments.
    pub fingerprint: String,
    /// The short form, one line, no full stop: what grows and how much. Names the user's own
    /// variables in backticks.
    pub title: Text,
    /// Plain sentences: what happens, how much, who keeps it. Starts with the title's fact.
    pub message: Text,
    /// What to do about it, one sentence without a full stop.
    pub help: Text,
    /// How many things are kept, in each snapshot, oldest first; only in the newest, if it cannot be
    /// said of the others.
    pub counts: Vec<u64>,
    /// Bytes of the counted things themselves, in the newest snapshot.
    pub shallow_size: u64,
    /// Bytes that would be freed without the holder, in the newest snapshot; of several that hold the same
    /// things, without all of them.
    pub retained_size: u64,
    /// Bytes by which it grew from the first to the last snapshot.
    pub growth: i64,
    /// The places in source; the first is the primary one, where the squiggle stands.
    pub places: Vec<Place>,
    /// Where the code stands that is not in the workspace, as V8 names it: `/srv/app/audit.js:5`.
    pub outside: Vec<String>,
    /// From a root to one of the leaked things.
    pub path: Vec<Hop>,
    /// The path in plain words: `module scope of cache.js → entries → [key] → RenderedPage`.
    pub path_text: String,
}

impl Finding {
    /// The place where the squiggle stands.
    pub fn primary(&self) -> Option<&Place> {
        self.places.first()
    }

    fn texts(&self) -> impl Iterator<Item = &Text> {
        let of_places = self.places.iter().flat_map(|place| [&place.label, &place.message]);
        [&self.title, &self.message, &self.help].into_iter().chain(of_places)
    }

    pub(crate) fn texts_mut(&mut self) -> impl Iterator<Item = &mut Text> {
        let of_places =
            self.places.iter_mut().flat_map(|place| [&mut place.label, &mut place.message]);
        [&mut self.title, &mut self.message, &mut self.help].into_iter().chain(of_places)
    }
}

/// What a place has to do with its finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// The function or class whose closures or instances pile up.
    Leaked,
    /// The declaration of the variable, field or static that keeps them.
    Holder,
    /// The statement that adds.
    Grows,
    /// The nearest place in the user's own code, when the blame falls in a dependency.
    User,
}

impl Role {
    /// The name as it stands in reports.
    pub fn name(self) -> &'static str {
        match self {
            Role::Leaked => "leaked",
            Role::Holder => "holder",
            Role::Grows => "grows",
            Role::User => "user",
        }
    }
}

/// How well a heap position fits the text of the file. What fits several functions, or none for
/// certain, has no place at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Match {
    /// The text is what V8 ran.
    Exact,
    /// The file was edited since, the function was found again.
    Moved,
}

impl Match {
    /// The name as it stands in reports.
    pub fn name(self) -> &'static str {
        match self {
            Match::Exact => "exact",
            Match::Moved => "moved",
        }
    }
}

impl From<heapmark_source::Fit> for Match {
    fn from(fit: heapmark_source::Fit) -> Self {
        match fit {
            heapmark_source::Fit::Exact => Match::Exact,
            heapmark_source::Fit::Moved => Match::Moved,
        }
    }
}

/// A place in a source file of the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// What it has to do with the finding.
    pub role: Role,
    /// The name a person would say: `entries`, `RenderedPage`, `bus.on("tick", …)`.
    pub name: String,
    /// Absolute path of the file.
    pub file: PathBuf,
    /// What to underline.
    pub range: Range,
    /// How well it fits the file's text.
    pub matched: Match,
    /// Where it ran, if what ran was made from the file; not known of statements.
    pub generated: Option<Generated>,
    /// A few words that stand under the code frame: `holds 1,800 entries; nothing removes any`.
    pub label: Text,
    /// The whole message for a diagnostic at this place, if it is not the primary one.
    pub message: Text,
    /// It is the first place of a finding that is told with this one: if all before it are mended, that
    /// one stays.
    pub leads: bool,
}

/// One step of a retaining path.
#[derive(Debug, Clone, PartialEq)]
pub struct Hop {
    /// What the step arrives at, as people say it: `Map`, `Session`, `module scope of cache.js`.
    pub node: String,
    /// V8's id of that node.
    pub id: u32,
    /// The edge that leads there: a property or variable name, `[3]`, or V8's internal name.
    pub edge: String,
    /// V8's edge type: `property`, `context`, `element`, `internal`, …
    pub edge_type: &'static str,
    /// Where that node's code stands, if it stands in the workspace.
    pub place: Option<HopPlace>,
    /// Whether the step lies between the holder and the leaked thing; those before only say why the
    /// holder itself is alive.
    pub below_holder: bool,
}

/// Where the code of a hop stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HopPlace {
    /// The name a person would say.
    pub name: String,
    /// Absolute path of the file.
    pub file: PathBuf,
    /// What to underline.
    pub range: Range,
}

/// What a [`Site`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SiteKind {
    /// A function; what is counted are its closures.
    Function,
    /// A class or constructor function; what is counted are its instances.
    Class,
}

/// What one function or class keeps alive.
#[derive(Debug, Clone)]
pub struct Site {
    /// Function or class.
    pub kind: SiteKind,
    /// The name a person would say.
    pub name: String,
    /// Absolute path of the file.
    pub file: PathBuf,
    /// The name in the source: where the hover belongs.
    pub name_range: Range,
    /// How well it fits the file's text.
    pub matched: Match,
    /// How many are alive in each snapshot, oldest first.
    pub counts: Vec<u64>,
    /// Bytes of the closures or instances themselves, in the newest snapshot.
    pub shallow_size: u64,
    /// Bytes that only they keep alive, in the newest snapshot.
    pub retained_size: u64,
    /// The retaining path of one of them in plain words, empty if there is none.
    pub kept_by: String,
    /// The holder at the nearest hop that has a place in source.
    pub holder: Option<HopPlace>,
}

/// Something the reader must know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// One or two plain sentences: what is the matter and what to do.
    pub message: String,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_rule_has_its_page_and_every_page_its_rule() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/rules");
        let pages = std::fs::read_dir(folder).expect("the pages are in the repository");
        let names = pages.map(|page| page.expect("a page").file_name());
        let names = names.filter_map(|name| Some(name.to_str()?.strip_suffix(".md")?.to_owned()));
        let pages: BTreeSet<String> = names.filter(|name| name != "README").collect();
        let rules: BTreeSet<String> = Rule::ALL.iter().map(|rule| rule.name().to_owned()).collect();
        assert_eq!(rules, pages);
        assert_eq!(Rule::named("growing-text"), Some(Rule::GrowingText));
        assert_eq!(Rule::named("growing"), None);
    }
}
