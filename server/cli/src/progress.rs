//! A progress bar for work on snapshots: on a terminal only, and never on standard output.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use heapmark_heap::{Monitor, Phase};
use indicatif::{ProgressBar, ProgressStyle};

/// Shows the phases of loading and analysing as one bar on standard error.
pub(crate) struct Bar {
    bar: ProgressBar,
    phase: Mutex<String>,
    is_given_up: AtomicBool,
}

impl Bar {
    pub(crate) fn new() -> Self {
        // indicatif draws nothing when standard error is no terminal.
        let bar = ProgressBar::new(1);
        let style = ProgressStyle::with_template("{msg:28} {bar:40.cyan/dim} {percent:>3} %");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self { bar, phase: Mutex::new(String::new()), is_given_up: AtomicBool::new(false) }
    }

    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
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
            self.bar.set_message(name.clone());
            *shown = name;
        }
        self.bar.set_length(total.max(1));
        self.bar.set_position(done.min(total.max(1)));
    }

    fn is_cancelled(&self) -> bool {
        self.is_given_up.load(Ordering::Relaxed)
    }
}
