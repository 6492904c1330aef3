//! The line of progress of `heapmark capture`: on standard error, and on a terminal only.
//!
//! That of analyses, which know how much there is to do, is in `progress.rs`.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use heapmark_capture::{CaptureMonitor, Phase, human_bytes};
use indicatif::{ProgressBar, ProgressStyle};

use crate::terminal::note;

/// One line of progress on standard error, on a terminal only.
pub(crate) struct Watch {
    line: ProgressBar,
    template: Mutex<&'static str>,
}

const SPINNER: &str = "{spinner} {msg}";
const BAR: &str = "{msg:20} {bar:40.cyan/dim} {percent:>3} %";

impl Watch {
    pub(crate) fn new() -> Self {
        // indicatif draws nothing when standard error is no terminal.
        Self { line: ProgressBar::new_spinner(), template: Mutex::new("") }
    }

    /// What is being waited for.
    pub(crate) fn say(&self, message: String) {
        self.show(SPINNER, message);
        self.line.enable_steady_tick(Duration::from_millis(100));
    }

    /// Prints something of its own, with the line out of the way.
    pub(crate) fn suspend<T>(&self, print: impl FnOnce() -> T) -> T {
        self.line.suspend(print)
    }

    fn show(&self, template: &'static str, message: String) {
        let mut shown = self.template.lock().unwrap_or_else(PoisonError::into_inner);
        if *shown != template {
            *shown = template;
            let style = ProgressStyle::with_template(template);
            self.line.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        }
        self.line.set_message(message);
    }
}

impl CaptureMonitor for Watch {
    fn advance(&self, phase: Phase, done: u64, total: u64) {
        match phase {
            Phase::Taking if total > 0 => {
                self.line.set_length(total);
                self.line.set_position(done.min(total));
                self.show(BAR, phase.to_string());
            }
            Phase::Writing => self.show(SPINNER, format!("{phase}, {}", human_bytes(done))),
            _ => self.show(SPINNER, phase.to_string()),
        }
    }

    fn waiting(&self, reason: &str, limit: Duration) {
        let message = format!("waiting up to {} s {reason}", limit.as_secs());
        if self.line.is_hidden() {
            note(message);
        } else {
            self.say(message);
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.line.finish_and_clear();
    }
}
