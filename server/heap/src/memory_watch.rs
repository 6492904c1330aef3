//! Memory that nobody can foretell: tables of names, paths and lists, which depend on what is in a heap.
//!
//! What the columns of a snapshot and of its analysis take is known before they are made (`limits`, `budget`).
//! What a question about a heap takes depends on its shape, and a heap may be forged. So the process is looked at
//! while it works, and the work stopped before the system has no memory left. On Linux, which tells; elsewhere
//! nothing is stopped. Not here: who is told, and what becomes of the other files.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use crate::bytes::Bytes;
use crate::error::LoadError;
use crate::limits::Limits;
use crate::monitor::{Monitor, Oversize, Phase};

/// How often to look, in milliseconds: a look takes some 20 µs, and a busy thread takes 10 MB meanwhile.
const EVERY: u64 = 10;

/// A monitor that also stops the work when it has taken the memory that there was.
pub struct MemoryWatch<'m> {
    monitor: &'m dyn Monitor,
    limits: Limits,
    /// Bytes that the process had at the beginning.
    before: u64,
    began: Instant,
    /// When somebody looked last, in [`EVERY`] milliseconds since the beginning.
    looked: AtomicU64,
    /// Bytes that were taken when they were too many, and 0 until then.
    excess: AtomicU64,
    /// The file that the work is about.
    file: Mutex<PathBuf>,
}

impl<'m> MemoryWatch<'m> {
    /// For work that begins now and may take so much, of which [`Limits::available`] leaves some to spare: a table
    /// may double between two looks.
    pub fn within(limits: Limits, monitor: &'m dyn Monitor) -> Self {
        Self {
            monitor,
            limits,
            before: resident().unwrap_or(0),
            began: Instant::now(),
            looked: AtomicU64::new(0),
            excess: AtomicU64::new(0),
            file: Mutex::default(),
        }
    }

    /// The file that took too much, if the work was stopped for that.
    pub fn excess(&self) -> Option<(PathBuf, LoadError)> {
        let needed = self.excess.load(Ordering::Relaxed);
        let file = self.file.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let budget = Bytes(self.limits.memory);
        (needed > 0).then_some((file, LoadError::TooLarge { needed: Bytes(needed), budget }))
    }

    fn takes_too_much(&self) -> bool {
        if self.excess.load(Ordering::Relaxed) > 0 {
            return true;
        }
        let now = self.began.elapsed().as_millis() as u64 / EVERY;
        if self.looked.swap(now, Ordering::Relaxed) == now {
            return false;
        }
        let taken = resident().unwrap_or(0).saturating_sub(self.before);
        let is_too_much = taken > self.limits.memory;
        if is_too_much {
            self.excess.store(taken, Ordering::Relaxed);
        }
        is_too_much
    }
}

impl Monitor for MemoryWatch<'_> {
    fn advance(&self, phase: Phase, done: u64, total: u64) {
        self.monitor.advance(phase, done, total);
    }

    fn enters(&self, file: &Path) {
        file.clone_into(&mut self.file.lock().unwrap_or_else(PoisonError::into_inner));
        self.monitor.enters(file);
    }

    fn leaves(&self, file: &Path) {
        self.monitor.leaves(file);
    }

    fn refuses(&self, file: &Path, oversize: Oversize) {
        self.monitor.refuses(file, oversize);
    }

    fn is_cancelled(&self) -> bool {
        self.monitor.is_cancelled() || self.takes_too_much()
    }
}

/// Bytes of memory of the process that are no file's.
#[cfg(target_os = "linux")]
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes << 10)
}

#[cfg(not(target_os = "linux"))]
fn resident() -> Option<u64> {
    None
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::monitor::Unmonitored;

    #[test]
    fn work_that_takes_more_than_there_is_is_stopped_and_its_file_named() {
        let [much, little] =
            [1 << 40, 64 << 20].map(|memory| MemoryWatch::within(Limits { memory }, &Unmonitored));
        little.enters(Path::new("a.heapsnapshot"));
        // Other tests take and give back meanwhile.
        let taken = std::hint::black_box(vec![1_u8; 512 << 20]);
        std::thread::sleep(Duration::from_millis(2 * EVERY));
        assert!(!much.is_cancelled() && much.excess().is_none());
        assert!(little.is_cancelled());
        drop(taken);
        assert!(little.is_cancelled(), "what was not done is not done");
        let (file, error) = little.excess().expect("it took too much");
        assert_eq!(file, Path::new("a.heapsnapshot"));
        let Some(Oversize::Memory { needed, budget }) = error.oversize() else { panic!("{error}") };
        assert_eq!(budget, Bytes(64 << 20));
        assert!(needed > budget, "{needed}");
    }
}
