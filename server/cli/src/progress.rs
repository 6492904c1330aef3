//! A progress bar for work on snapshots: on a terminal only, and never on standard output.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use heapmark_heap::{Monitor, Phase};
use indicatif::{ProgressBar, ProgressStyle};

/// Shows the phases of loading and analysing as one bar on standard error.
pub(crate) struct Bar {
    line: ProgressBar,
    phase: Mutex<String>,
    is_given_up: AtomicBool,
}

impl Bar {
    pub(crate) fn new() -> Self {
        // indicatif draws nothing when standard error is no terminal.
        let line = ProgressBar::new(1);
        let style = ProgressStyle::with_template("{msg:28} {bar:40.cyan/dim} {percent:>3} %");
        line.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self { line, phase: Mutex::new(String::new()), is_given_up: AtomicBool::new(false) }
    }

    pub(crate) fn finish(&self) {
        self.line.finish_and_clear();
    }

    /// Nobody waits for the work any more: it ends as soon as it asks.
    pub(crate) fn give_up(&self) {
        self.is_given_up.store(true, Ordering::Relaxed);
        self.finish();
    }
}

impl Monitor for Bar {
    fn advance(&self, phase: Phase, done: u64, total: u64) {
        let name = phase.to_string();
        if let Ok(mut shown) = self.phase.lock()
            && *shown != name
        {
            self.line.set_message(name.clone());
            *shown = name;
        }
        self.line.set_length(total.max(1));
        self.line.set_position(done.min(total.max(1)));
    }

    fn is_cancelled(&self) -> bool {
        self.is_given_up.load(Ordering::Relaxed)
    }
}
