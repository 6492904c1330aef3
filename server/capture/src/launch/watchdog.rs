//! A process that outlives us by a moment, and ends what was started here when we are killed.
//!
//! Whoever ends in order ends its children itself; nobody does that who gets SIGKILL or is out of memory.
//! So a shell waits at a pipe whose other end we hold: the system closes it with us, whatever happens.
//! Only where there are process groups and a POSIX shell: Windows has neither, and there a command
//! outlives a `heapmark` that is killed.

use rustix::process::Pid;
use std::{
    io::Write,
    os::unix::process::CommandExt,
    process::{Child, ChildStdin, Command, Stdio},
};

/// It is told the process group first. Then nothing more comes, until the end of its input.
const SCRIPT: &str = r#"
trap '' HUP INT TERM
read -r group || exit 0
read -r _
kill -s TERM -- "-$group" 2>/dev/null || exit 0
sleep 3
kill -s KILL -- "-$group" 2>/dev/null
"#;

/// Watches over a process group until it is dropped.
#[derive(Debug)]
pub(crate) struct Watchdog {
    shell: Child,
    pipe: Option<ChildStdin>,
}

impl Watchdog {
    /// Without a group yet; `None` where there is no shell.
    pub(crate) fn start() -> Option<Self> {
        let mut shell = Command::new("/bin/sh")
            .args(["-c", SCRIPT, "heapmark-watchdog"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // What is typed at our terminal is not for it.
            .process_group(0)
            .spawn()
            .ok()?;
        let pipe = shell.stdin.take();
        Some(Self { shell, pipe })
    }

    /// Watches over `group` from now on.
    pub(crate) fn watch(&mut self, group: Pid) {
        if let Some(pipe) = &mut self.pipe {
            // If it has gone, there is only one protection less.
            let _ = writeln!(pipe, "{}", group.as_raw_nonzero());
        }
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        // Before the pipe is closed: the number of the group may be somebody else's by now.
        let _ = self.shell.kill();
        let _ = self.shell.wait();
    }
}
