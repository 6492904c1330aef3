//! How a caller watches long work, and stops it.
//!
//! Every phase reports at least every few milliseconds, so that a cancelled job ends within a tenth
//! of a second even on a heap of gigabytes.

use std::fmt;
use std::path::Path;

use crate::bytes::Bytes;

/// One step of loading or analysing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// The file's bytes into columns.
    Reading,
    /// Which native objects are detached from the page.
    Detachedness,
    /// What belongs to the program rather than to a debugger.
    Flags,
    /// Which links count for retained sizes.
    EssentialEdges,
    /// Stores count for their owners.
    ShallowSizes,
    /// The dominator tree: the longest phase.
    Dominators,
    /// What each node keeps alive.
    RetainedSizes,
    /// Steps from a root.
    Distances,
    /// The class of each node.
    Classes,
    /// All of it back from where it was kept.
    ReadingIndex,
    /// All of it to where it is kept.
    WritingIndex,
    /// One snapshot against another.
    Comparing,
    /// The answer to a question that takes a walk through much of the heap.
    Searching,
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Phase::Reading => "reading",
            Phase::Detachedness => "finding detached objects",
            Phase::Flags => "marking the page's own objects",
            Phase::EssentialEdges => "sorting out edges",
            Phase::ShallowSizes => "computing shallow sizes",
            Phase::Dominators => "finding dominators",
            Phase::RetainedSizes => "computing retained sizes",
            Phase::Distances => "computing distances",
            Phase::Classes => "naming classes",
            Phase::ReadingIndex => "reading the index",
            Phase::WritingIndex => "writing the index",
            Phase::Comparing => "comparing snapshots",
            Phase::Searching => "searching the heap",
        })
    }
}

/// Told of progress from the thread that does the work; asked whether to go on from that one, and
/// from those that help it.
pub trait Monitor: Sync {
    /// `done` of `total` units of the phase are behind us. Units are bytes while reading (`total` 0
    /// when nobody knows the length) and nodes afterwards.
    fn advance(&self, phase: Phase, done: u64, total: u64) {
        let _ = (phase, done, total);
    }

    /// From here on the work is about this file, and others that were not left.
    fn enters(&self, file: &Path) {
        let _ = file;
    }

    /// The work about this file is done for now.
    fn leaves(&self, file: &Path) {
        let _ = file;
    }

    /// This file was refused for its size alone, and it may take long to find that out again. The work may
    /// go on with others.
    fn refuses(&self, file: &Path, oversize: Oversize) {
        let _ = (file, oversize);
    }

    /// Whether the work is no longer wanted.
    fn is_cancelled(&self) -> bool {
        false
    }
}

/// How a file is too large.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Oversize {
    /// It takes so much memory at least.
    Memory {
        /// What it would take.
        needed: Bytes,
        /// What it may take.
        budget: Bytes,
    },
    /// No memory is enough.
    Always,
}

/// For work that nobody watches.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unmonitored;

impl Monitor for Unmonitored {}

/// For a thread that helps: asks the monitor whether to go on, and leaves telling to the one that is
/// helped.
pub(crate) struct Quiet<'m>(pub(crate) &'m dyn Monitor);

impl Monitor for Quiet<'_> {
    fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
    }
}

/// The monitor asked to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cancelled")]
pub struct Cancelled;

/// Units of work between two reports: about a millisecond, too seldom to cost anything.
const STRIDE: usize = 1 << 16;

/// One phase's line to its monitor.
pub(crate) struct Progress<'m> {
    monitor: &'m dyn Monitor,
    phase: Phase,
    total: u64,
}

impl<'m> Progress<'m> {
    /// Starts a phase of `total` units.
    pub(crate) fn start(
        monitor: &'m dyn Monitor,
        phase: Phase,
        total: usize,
    ) -> Result<Self, Cancelled> {
        let progress = Self { monitor, phase, total: total as u64 };
        progress.report(0)?;
        Ok(progress)
    }

    /// Reports now and then.
    #[inline]
    pub(crate) fn tick(&self, done: usize) -> Result<(), Cancelled> {
        if done.is_multiple_of(STRIDE) { self.report(done as u64) } else { Ok(()) }
    }

    /// Reports now and then where one unit of work may take as long as millions of others: counts
    /// steps of about the same length instead.
    #[inline]
    pub(crate) fn step(&self, steps: &mut usize, done: usize) -> Result<(), Cancelled> {
        *steps += 1;
        if steps.is_multiple_of(STRIDE) { self.report(done as u64) } else { Ok(()) }
    }

    /// The same where a step is not a look at a number but at a text, and takes a hundred times as
    /// long.
    #[inline]
    pub(crate) fn texts(&self, steps: &mut usize, done: usize) -> Result<(), Cancelled> {
        *steps += 1;
        if steps.is_multiple_of(STRIDE / 64) { self.report(done as u64) } else { Ok(()) }
    }

    #[cold]
    pub(crate) fn report(&self, done: u64) -> Result<(), Cancelled> {
        self.monitor.advance(self.phase, done.min(self.total), self.total);
        if self.monitor.is_cancelled() { Err(Cancelled) } else { Ok(()) }
    }
}
