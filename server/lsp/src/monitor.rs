//! From the phases of an analysis to one bar that only goes forward.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use heapmark_heap::{Monitor, Oversize, Phase};

use crate::attempts::Attempt;
use crate::jobs::CancelFlag;
use crate::progress::{Progress, share};

/// Of the 100 of a file, those that reading gets: it takes about as long as all that follows.
const READING: u32 = 40;
/// The phases after it share the rest.
const OTHER_PHASES: u32 = Phase::Classes as u32;
/// Of the 100 of the whole: loading. Detection comes after it and has no phases.
const LOADING: u32 = 95;

/// Watches the analysis of some files for the progress shown, writes down which one is at work, and stops
/// it when it is cancelled.
pub(crate) struct JobMonitor {
    progress: Arc<Progress>,
    cancel: CancelFlag,
    files: usize,
    attempt: Arc<Attempt>,
    at: Mutex<At>,
}

/// Where the analysis is.
#[derive(Default)]
struct At {
    /// Files that are behind us.
    file: usize,
    phase: Option<Phase>,
    percent: u32,
}

impl JobMonitor {
    pub(crate) fn new(
        progress: Arc<Progress>,
        cancel: CancelFlag,
        files: usize,
        attempt: Arc<Attempt>,
    ) -> Self {
        Self { progress, cancel, files: files.max(1), attempt, at: Mutex::default() }
    }
}

impl Monitor for JobMonitor {
    fn advance(&self, phase: Phase, done: u64, total: u64) {
        let mut at = self.at.lock().unwrap_or_else(PoisonError::into_inner);
        at.advance(phase, done, total, self.files);
        let message = match self.files {
            1 => phase.to_string(),
            files => format!("{phase} ({} of {files})", (at.file + 1).min(files)),
        };
        self.progress.step(message, Some(at.percent));
    }

    fn enters(&self, file: &Path) {
        self.attempt.enters(file);
    }

    fn leaves(&self, file: &Path) {
        self.attempt.leaves(file);
    }

    fn refuses(&self, file: &Path, oversize: Oversize) {
        self.attempt.refuses(file, oversize);
    }

    fn is_cancelled(&self) -> bool {
        self.cancel.is_cancelled()
    }
}

impl At {
    fn advance(&mut self, phase: Phase, done: u64, total: u64, files: usize) {
        // Phases come in their order; an earlier one means that the next file began.
        if self.phase.is_some_and(|before| phase < before) {
            self.file += 1;
        }
        self.phase = Some(phase);
        let of_file = match phase as u32 {
            0 => share(done, total) * READING / 100,
            number => {
                let behind = (number - 1) * 100 + share(done, total);
                READING + behind * (100 - READING) / (OTHER_PHASES * 100)
            }
        };
        let of_all = (self.file as u32 * 100 + of_file.min(100)) * LOADING / (files as u32 * 100);
        self.percent = self.percent.max(of_all.min(LOADING));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_goes_from_file_to_file_and_never_back() {
        let mut at = At::default();
        let mut shown = Vec::new();
        for _ in 0..2 {
            for phase in [Phase::Reading, Phase::Dominators, Phase::Classes] {
                for done in [0, 50, 100] {
                    at.advance(phase, done, 100, 2);
                    shown.push(at.percent);
                }
            }
        }
        assert!(shown.is_sorted(), "{shown:?}");
        assert_eq!(shown.first(), Some(&0));
        assert_eq!(shown[8], 47, "the first of two files is done");
        assert_eq!(shown.last(), Some(&95));
    }

    #[test]
    fn unknown_lengths_and_wrong_counts_of_files_do_no_harm() {
        let mut at = At::default();
        for _ in 0..9 {
            at.advance(Phase::Classes, 1, 0, 1);
            at.advance(Phase::Reading, u64::MAX, 1, 1);
        }
        assert_eq!(at.percent, 95);
    }
}
