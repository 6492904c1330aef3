//! One run of one program: its time, its work, its memory, and what it said.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::Context;
use wait4::Wait4;

/// What one run took.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cost {
    /// On the clock.
    pub(super) seconds: f64,
    /// Of all cores, the system's work for the program included.
    pub(super) cpu_seconds: f64,
    pub(super) peak_bytes: u64,
    /// How many nodes the program says to have seen.
    pub(super) nodes: Option<u64>,
}

/// Runs a program to its end, or to its limit. What it prints goes through files in `folder`.
///
/// On Linux, a program's peak includes that of the one that starts it: this one must stay small.
pub(super) fn measure(
    mut command: Command,
    limit: Duration,
    folder: &Path,
) -> anyhow::Result<Cost> {
    let (said, complained) = (folder.join("said.txt"), folder.join("complained.txt"));
    command.stdin(Stdio::null());
    command.stdout(File::create(&said)?).stderr(File::create(&complained)?);
    let started = Instant::now();
    let mut process = command.spawn().with_context(|| format!("cannot start {command:?}"))?;
    let watchdog = Watchdog::over(process.id(), limit);
    let ended = process.wait4()?;
    let seconds = started.elapsed().as_secs_f64();
    anyhow::ensure!(!watchdog.has_bitten(), "not done after {} s", limit.as_secs());
    if !ended.status.success() {
        let complaints = String::from_utf8_lossy(&fs::read(&complained)?).into_owned();
        anyhow::bail!("failed: {}", reason(&complaints).unwrap_or(&ended.status.to_string()));
    }
    let usage = ended.rusage;
    Ok(Cost {
        seconds,
        cpu_seconds: (usage.utime + usage.stime).as_secs_f64(),
        peak_bytes: usage.maxrss,
        nodes: node_count(&String::from_utf8_lossy(&fs::read(&said)?)),
    })
}

/// The number before the word: every engine's program ends with a line `1234 nodes, …`.
fn node_count(said: &str) -> Option<u64> {
    said.lines().rev().find_map(|line| line.split_once(" nodes,")?.0.parse().ok())
}

/// The line that says what went wrong, among those that say where.
fn reason(complaints: &str) -> Option<&str> {
    let line = complaints.lines().find(|line| line.to_lowercase().contains("error"))?;
    // It goes into a table's cell.
    Some(line.split('|').next().unwrap_or(line).trim())
}

/// Ends a process that takes too long: some engines need hours for a long linked list.
struct Watchdog {
    done: mpsc::Sender<()>,
    thread: std::thread::JoinHandle<bool>,
}

impl Watchdog {
    fn over(process: u32, limit: Duration) -> Self {
        let (done, waiting) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            let late = waiting.recv_timeout(limit) == Err(mpsc::RecvTimeoutError::Timeout);
            if late {
                // If it has just ended by itself, there is nothing to end.
                let _ = Command::new("kill").args(["-9", &process.to_string()]).status();
            }
            late
        });
        Self { done, thread }
    }

    fn has_bitten(self) -> bool {
        // The thread may have ended, and its end of the channel with it.
        let _ = self.done.send(());
        self.thread.join().unwrap_or(false)
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str, limit: Duration) -> anyhow::Result<Cost> {
        let folder = tempfile::tempdir().expect("a folder");
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        measure(command, limit, folder.path())
    }

    #[test]
    fn a_run_tells_its_nodes_and_its_cost() {
        let cost = shell("echo reading; echo 12 nodes, 3 classes", Duration::from_secs(60));
        let cost = cost.expect("a run");
        assert_eq!(cost.nodes, Some(12));
        assert!(cost.seconds > 0.0 && cost.peak_bytes > 0);
    }

    #[test]
    fn what_takes_too_long_is_ended() {
        let error = shell("exec sleep 60", Duration::from_millis(50)).expect_err("too long");
        assert_eq!(error.to_string(), "not done after 0 s");
    }

    #[test]
    fn a_failure_gives_its_reason() {
        let script = "echo at line 3 >&2; echo 'RangeError: too long | <stack>' >&2; exit 1";
        let error = shell(script, Duration::from_secs(60)).expect_err("it fails");
        assert_eq!(error.to_string(), "failed: RangeError: too long");
    }
}
