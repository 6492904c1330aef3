//! A limit of the size of files (`ulimit -f`) is an error of the write that hits it, and not the end of the
//! process.

/// `SIGXFSZ` on Linux and macOS: what the system sends to a process that writes past its limit. The default
/// is to end it, without a word, in the middle of somebody's snapshot.
#[cfg(unix)]
const SIGXFSZ: std::ffi::c_int = 25;

/// From now on such a write fails with `EFBIG`, which is told like any other error of a disk.
#[cfg(unix)]
pub(crate) fn is_an_error() {
    // A handler that does nothing but be there; if there can be none, the default stays.
    let seen = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    if let Err(error) = signal_hook::flag::register(SIGXFSZ, seen) {
        tracing::debug!("a limit of the size of files will end this process: {error}");
    }
}

/// Other systems have no such limit.
#[cfg(not(unix))]
pub(crate) fn is_an_error() {}
