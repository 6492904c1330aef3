//! Whether anybody still wants the report.
//!
//! A computation that is cancelled halfway returns a number that means nothing. Therefore all code asks this type
//! whether to continue. Once the monitor has cancelled, the answer stays "cancelled", and
//! [`detect`](crate::triage::detect) returns an error instead of what was found so far.

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
