//! Whether the editor that started the server is still alive.
//!
//! An editor that crashes may leave the pipe open in another child of its own; the process id in
//! `initialize` is how the specification lets a server notice.

use std::time::Duration;

/// How often to look. Two system calls a second would not hurt either; nobody needs it that soon.
const INTERVAL: Duration = Duration::from_secs(3);

/// Returns when the process with this id is gone, which may be never.
pub(crate) async fn gone(process: u32) {
    let mut ticks = tokio::time::interval(INTERVAL);
    loop {
        ticks.tick().await;
        if !is_alive(process) {
            return;
        }
    }
}

#[cfg(unix)]
fn is_alive(process: u32) -> bool {
    use rustix::process::{Pid, test_kill_process};
    let Some(pid) = i32::try_from(process).ok().and_then(Pid::from_raw) else {
        // Not an id that a process can have: nothing to watch.
        return true;
    };
    // Anything but "no such process" means that there is one, perhaps of another user.
    test_kill_process(pid) != Err(rustix::io::Errno::SRCH)
}

/// Windows closes the pipe of a process that died, which ends the server as well.
#[cfg(not(unix))]
fn is_alive(_process: u32) -> bool {
    true
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_alive_until_it_was_waited_for() {
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        assert!(is_alive(child.id()));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!is_alive(child.id()));
    }
}
