//! The report: everything that the faces of Heapmark (editor, command line, CI) show, as plain data.
//!
//! It holds verdicts with source positions and finished sentences. It does not hold the heap: the
//! snapshots it came from may be dropped. Rendering for a protocol or a terminal is not done here;
//! the JSON that other tools read is written by [`crate::output::json`].

use crate::report::contents::Contents;
use crate::report::growth::Growth;
use crate::report::next_measurement::NextMeasurement;
use crate::report::package::{KnownLeak, Package};
use crate::report::place::{Hop, HopPlace, Match, Outside, Place};
use crate::report::rule::{Rule, Severity};
use crate::report::text::Text;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use heapmark_source::Range;

/// What speaks for a finding, or against it.
#[derive(Debug, Clone, PartialEq)]
pub struct Reason {
    /// Its name for other tools: `stayed-after-rest`.
    pub name: &'static str,
    /// The same in a few words for people, if it says something that was measured.
    pub text: Option<&'static str>,
    /// How far it applies, from 0 to 1.
    pub strength: f64,
    /// What it adds to the log-odds that this is a leak; below 0 it speaks against one.
    pub weight: f64,
}

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
    /// The names (last segments) of sources that ran and were not found, or could not be read: should a
    /// file of such a name come, another analysis may find more.
    pub missing: BTreeSet<String>,
    /// How many worker threads ran when the newest snapshot was taken. Their heaps are not in it: that
    /// nothing was found says nothing of them.
    pub workers: u64,
    /// By what the heap grew; nothing of a single snapshot, of several processes, or if it did not.
    pub growth: Option<Growth>,
    /// What fills the heap of the newest snapshot.
    pub contents: Option<Contents>,
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

/// One leak: one root cause, however many objects it shows in.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The kind of leak.
    pub rule: Rule,
    /// How loudly to show it.
    pub severity: Severity,
    /// How sure the verdict is, from 0 to 1.
    pub certainty: f32,
    /// Why it is so sure, what weighs most first.
    pub reasons: Vec<Reason>,
    /// What to measure next, if nobody can say yet that it is no leak.
    pub next: Option<NextMeasurement>,
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
    /// The package that the primary place is in, if it is in one.
    pub package: Option<Package>,
    /// What its makers made of it, if it is a leak of a package that is known and mended.
    pub known: Option<KnownLeak>,
    /// Where code stands that is not in the workspace.
    pub outside: Vec<Outside>,
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

    /// What its message says besides its title, if anything: of `Timeouts pile up (2 MB in all). They are
    /// slow.` the size and the last sentence.
    pub fn beyond_title(&self) -> Option<Text> {
        self.message.after(&self.title)
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
