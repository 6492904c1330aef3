//! Work that touches files, each on a thread of its own that can be left behind.
//!
//! A file system that does not answer (a network mount that is gone) holds a thread inside a call that
//! nothing interrupts. Whoever waits for such work can stop waiting; the thread stays where it is until
//! the file answers or the process ends, which waits for no such thread. Of those left behind there is
//! a limit: each may hold the memory of an analysis. Not here: opening files without waiting, which
//! `heapmark_files` does, and telling work to stop, see [`crate::jobs`].

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use heapmark_files::SilentMount;
use tokio::task::JoinError;

/// Threads that hang and that nobody waits for. With more of them the file system will not answer the
/// next one either.
pub(crate) const MAX_LEFT_BEHIND: usize = 4;

/// How long a small file may take to be read or written before it is given up: a disk that has to
/// start turning takes less.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// How often file systems are asked again whether they answer, while work goes on: work that takes less
/// costs nothing more.
const ASK_AGAIN: Duration = Duration::from_secs(5);

/// Returns as soon as a file system that has to do with the paths has stopped answering, and which. What
/// did not answer before this was called is known already, and does not count.
pub(crate) async fn fall_silent(paths: Vec<PathBuf>) -> Vec<SilentMount> {
    let known = heapmark_files::silent_mounts();
    loop {
        tokio::time::sleep(ASK_AGAIN).await;
        let paths = paths.clone();
        // If asking panics, nobody knows of any.
        let asked = tokio::task::spawn_blocking(move || heapmark_files::ask_mounts(&paths));
        let mut silent = asked.await.unwrap_or_default();
        silent.retain(|mount| !known.contains(mount));
        if !silent.is_empty() {
            return silent;
        }
    }
}

/// Why there is no result. Each message is a sentence for people.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum Unfinished {
    /// It did not end in time, and was left alone.
    #[error("a file or folder that it needs does not answer")]
    LeftBehind,
    /// It was not begun.
    #[error(
        "{MAX_LEFT_BEHIND} earlier jobs still hang in files that do not answer (a network drive that \
         is gone?): restart the language server when it is back"
    )]
    TooManyHang,
    /// A bug of ours.
    #[error("it ran into a bug of Heapmark")]
    Panicked,
}

/// Starts work on threads, and counts those that were left behind.
#[derive(Debug, Clone, Default)]
pub(crate) struct Threads {
    left_behind: Arc<AtomicUsize>,
}

impl Threads {
    /// Does the work on a thread of its own and returns what came of it, or leaves the thread behind
    /// as soon as `until` is over, or when this future is dropped.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        until: impl Future<Output = ()>,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Unfinished> {
        if self.left_behind() >= MAX_LEFT_BEHIND {
            return Err(Unfinished::TooManyHang);
        }
        let watched = Watched { all: Arc::clone(&self.left_behind), state: Arc::default() };
        let ends = Ends(watched.clone());
        let thread = tokio::task::spawn_blocking(move || {
            let _ends = ends;
            work()
        });
        let _waits = Waits(watched);
        tokio::select! {
            biased;
            done = thread => done.map_err(|error| why(&error)),
            () = until => Err(Unfinished::LeftBehind),
        }
    }

    /// The same for work with small files, which is given up after [`PATIENCE`].
    pub(crate) async fn run_briefly<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Unfinished> {
        self.run(tokio::time::sleep(PATIENCE), work).await
    }

    /// How many threads are still where they were left.
    pub(crate) fn left_behind(&self) -> usize {
        self.left_behind.load(Ordering::Relaxed)
    }
}

/// Why a thread has no result.
fn why(error: &JoinError) -> Unfinished {
    if error.is_panic() {
        tracing::error!("a job panicked: {error}");
        return Unfinished::Panicked;
    }
    // The server ends, and this one had not begun.
    Unfinished::LeftBehind
}

/// One thread, as it and those who wait for it see it.
#[derive(Debug, Clone)]
struct Watched {
    all: Arc<AtomicUsize>,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum State {
    #[default]
    WaitedFor,
    LeftBehind,
    Ended,
}

impl Watched {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Dropped by the thread when its work ended, also by a panic.
struct Ends(Watched);

impl Drop for Ends {
    fn drop(&mut self) {
        let mut state = self.0.state();
        if *state == State::LeftBehind {
            self.0.all.fetch_sub(1, Ordering::Relaxed);
        }
        *state = State::Ended;
    }
}

/// Dropped when nobody waits any more.
struct Waits(Watched);

impl Drop for Waits {
    fn drop(&mut self) {
        let mut state = self.0.state();
        if *state == State::WaitedFor {
            *state = State::LeftBehind;
            self.0.all.fetch_add(1, Ordering::Relaxed);
        }
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs::{File, OpenOptions};
    use std::path::{Path, PathBuf};

    use super::*;

    /// A file that whoever opens it for reading waits for, until [`answer`].
    fn silent(folder: &Path) -> PathBuf {
        let pipe = folder.join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.expect("mkfifo starts").success());
        pipe
    }

    /// As long as it is kept: a thread may come to the file only now, on a busy machine.
    #[must_use]
    fn answer(pipe: &Path) -> File {
        OpenOptions::new().write(true).open(pipe).expect("somebody reads")
    }

    fn open(pipe: &Path) -> impl FnOnce() -> bool + Send + 'static {
        let pipe = pipe.to_owned();
        move || File::open(pipe).is_ok()
    }

    #[tokio::test]
    async fn a_thread_that_hangs_is_left_behind_until_its_file_answers() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = silent(folder.path());
        let threads = Threads::default();
        let soon = tokio::time::sleep(Duration::from_millis(50));
        assert_eq!(threads.run(soon, open(&pipe)).await, Err(Unfinished::LeftBehind));
        assert_eq!(threads.left_behind(), 1);
        assert_eq!(threads.run_briefly(|| 7).await, Ok(7), "and others go on");
        let _answers = answer(&pipe);
        while threads.left_behind() > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    #[tokio::test]
    async fn whoever_is_dropped_leaves_its_thread_behind_too() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = silent(folder.path());
        let threads = Threads::default();
        let asked = threads.run_briefly(open(&pipe));
        assert!(tokio::time::timeout(Duration::from_millis(50), asked).await.is_err());
        assert_eq!(threads.left_behind(), 1);
        let _answers = answer(&pipe);
        while threads.left_behind() > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    #[tokio::test]
    async fn there_is_a_limit_of_threads_that_hang() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = silent(folder.path());
        let threads = Threads::default();
        for _ in 0..MAX_LEFT_BEHIND {
            let soon = tokio::time::sleep(Duration::from_millis(10));
            assert_eq!(threads.run(soon, open(&pipe)).await, Err(Unfinished::LeftBehind));
        }
        assert_eq!(threads.run_briefly(|| 7).await, Err(Unfinished::TooManyHang));
        // One opening for writing lets in all that wait.
        let _answers = answer(&pipe);
        while threads.left_behind() > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert_eq!(threads.run_briefly(|| 7).await, Ok(7));
    }

    #[tokio::test]
    async fn what_was_not_begun_when_the_server_ended_is_no_panic() {
        let job = tokio::spawn(std::future::pending::<()>());
        job.abort();
        assert_eq!(why(&job.await.unwrap_err()), Unfinished::LeftBehind);
    }

    #[tokio::test]
    async fn a_panic_is_an_error_and_leaves_nothing_behind() {
        let threads = Threads::default();
        let failed: Result<(), _> = threads.run_briefly(|| panic!("on purpose")).await;
        assert_eq!(failed, Err(Unfinished::Panicked));
        assert_eq!(threads.left_behind(), 0);
    }
}
