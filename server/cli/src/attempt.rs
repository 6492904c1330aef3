//! Work that reads files of the user's, whose file system may stop answering in the middle of it.
//!
//! Whoever reads there hangs in the kernel, and nothing takes him out. So the work is done on a thread that
//! can be left behind, and is begun again without what does not answer. Not here: who asks the file systems,
//! and who passes over those that are silent (`heapmark_files`), and what the language server does, which has
//! many jobs at a time.

use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use heapmark_files::{ask_mounts, silent_mounts};

use crate::progress::Bar;

/// How often file systems are asked whether they still answer: work that takes less is not disturbed.
const ASK_AGAIN: Duration = Duration::from_secs(5);

/// Does the work. If a file system that has to do with the places stops answering, what was done so far is left
/// behind, and the work done anew, in which [`heapmark_files`] passes over all that lies there.
pub(crate) fn without_what_hangs<T: Send + 'static>(
    places: &[PathBuf],
    work: impl Fn(&Bar) -> T + Send + Sync + 'static,
) -> T {
    let places: Vec<PathBuf> = places.iter().map(|place| absolute(place)).collect();
    let work = Arc::new(work);
    ask_mounts(&places);
    loop {
        let attempt = Attempt::begin(Arc::clone(&work));
        // Each time one more is silent, so that this comes to an end.
        if let Some(done) = attempt.done_before_a_mount_falls_silent(&places) {
            return done;
        }
    }
}

fn absolute(place: &Path) -> PathBuf {
    std::path::absolute(place).unwrap_or_else(|_| place.to_owned())
}

/// Work on its thread.
struct Attempt<T> {
    thread: JoinHandle<()>,
    result: Receiver<T>,
    bar: Arc<Bar>,
}

impl<T: Send + 'static> Attempt<T> {
    fn begin(work: Arc<impl Fn(&Bar) -> T + Send + Sync + 'static>) -> Self {
        let (give, result) = mpsc::sync_channel(1);
        let bar = Arc::new(Bar::new());
        let thread = thread::spawn({
            let bar = Arc::clone(&bar);
            move || {
                let done = work(&bar);
                bar.finish();
                // Nobody waits for what was given up.
                let _ = give.send(done);
            }
        });
        Self { thread, result, bar }
    }

    /// What came of it, or nothing if a file system has fallen silent and it is not done.
    fn done_before_a_mount_falls_silent(self, places: &[PathBuf]) -> Option<T> {
        let known = silent_mounts();
        let mut patience = ASK_AGAIN;
        loop {
            match self.result.recv_timeout(patience) {
                Ok(done) => return Some(done),
                // Only a panic takes the other end away, and is the process's own.
                Err(RecvTimeoutError::Disconnected) => match self.thread.join() {
                    Err(panic) => resume_unwind(panic),
                    Ok(()) => unreachable!("it sends before it ends"),
                },
                Err(RecvTimeoutError::Timeout) if patience.is_zero() => {
                    // If it does not hang there itself, it ends before the next one takes as much memory.
                    self.bar.give_up();
                    return None;
                }
                Err(RecvTimeoutError::Timeout) => {
                    if ask_mounts(places).iter().any(|mount| !known.contains(mount)) {
                        // To ask takes long enough to be done meanwhile.
                        patience = Duration::ZERO;
                    }
                }
            }
        }
    }
}
