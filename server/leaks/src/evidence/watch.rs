//! Whether anybody still wants the report.
//!
//! Rules ask for numbers deep inside, and a number that was not worked out to its end is none. So who
//! is asked whether to go on is asked through here: once it said no, it stays no, and nothing that
//! was found by then comes out of [`detect`](crate::triage::detect).

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use heapmark_heap::{Cancelled, Monitor, Oversize, Phase};

/// A monitor that does not change its mind.
pub(crate) struct Watch<'m> {
    monitor: &'m dyn Monitor,
    is_cancelled: AtomicBool,
}

impl<'m> Watch<'m> {
    pub(crate) fn of(monitor: &'m dyn Monitor) -> Self {
        Self { monitor, is_cancelled: AtomicBool::new(false) }
    }

    /// An error if the report is no longer wanted, now or at any time before.
    pub(crate) fn go_on(&self) -> Result<(), Cancelled> {
        if self.is_cancelled() { Err(Cancelled) } else { Ok(()) }
    }
}

impl Monitor for Watch<'_> {
    fn advance(&self, phase: Phase, done: u64, total: u64) {
        self.monitor.advance(phase, done, total);
    }

    fn enters(&self, file: &Path) {
        self.monitor.enters(file);
    }

    fn leaves(&self, file: &Path) {
        self.monitor.leaves(file);
    }

    fn refuses(&self, file: &Path, oversize: Oversize) {
        self.monitor.refuses(file, oversize);
    }

    fn is_cancelled(&self) -> bool {
        // Only asked and set: nothing else is told to other threads by it.
        if !self.is_cancelled.load(Ordering::Relaxed) && self.monitor.is_cancelled() {
            self.is_cancelled.store(true, Ordering::Relaxed);
        }
        self.is_cancelled.load(Ordering::Relaxed)
    }
}
