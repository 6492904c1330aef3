//! A child process that is asked and listened to line by line, and never outlives its test.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};

/// How long to wait for a line that must come. A loaded machine may take its time.
const PATIENCE: Duration = Duration::from_secs(60);

/// Which of its two streams a process wrote a line to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stream {
    Output,
    Error,
}

/// A running child process; killed when dropped.
pub(crate) struct Process {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<(Stream, String)>,
    /// Lines that came while another stream was waited for.
    waiting: VecDeque<(Stream, String)>,
    /// Everything that it has written, for messages.
    heard: String,
}

impl Process {
    pub(crate) fn start(mut command: Command) -> Result<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("cannot start {command:?}"))?;
        let (sender, lines) = channel();
        let output = child.stdout.take().map(|stream| Box::new(stream) as Box<dyn Read + Send>);
        let error = child.stderr.take().map(|stream| Box::new(stream) as Box<dyn Read + Send>);
        for (stream, reader) in [(Stream::Output, output), (Stream::Error, error)] {
            let reader = BufReader::new(reader.context("the stream is piped")?);
            let sender = sender.clone();
            // Reads to the end even when nobody listens, so that the process never waits for us.
            std::thread::spawn(move || {
                for line in reader.lines().map_while(Result::ok) {
                    let _ = sender.send((stream, line));
                }
            });
        }
        let input = child.stdin.take();
        Ok(Self { child, input, lines, waiting: VecDeque::new(), heard: String::new() })
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends one line.
    pub(crate) fn say(&mut self, line: &str) -> Result<()> {
        let input = self.input.as_mut().context("the process takes no input")?;
        writeln!(input, "{line}").with_context(|| format!("the process has ended:\n{}", self.heard))
    }

    /// Waits for a line on `stream` that has `marker`, and gives what follows the marker there. Lines
    /// before it on that stream are passed over.
    pub(crate) fn wait_for(&mut self, stream: Stream, marker: &str) -> Result<String> {
        let until = Instant::now() + PATIENCE;
        let mut others = VecDeque::new();
        let found = loop {
            let (from, line) = self.next_line(until).with_context(|| {
                format!("the process has not said `{marker}`; it said:\n{}", self.heard)
            })?;
            if from != stream {
                others.push_back((from, line));
            } else if let Some((_, rest)) = line.split_once(marker) {
                break rest.trim().to_owned();
            }
        };
        others.append(&mut self.waiting);
        self.waiting = others;
        Ok(found)
    }

    fn next_line(&mut self, until: Instant) -> Result<(Stream, String)> {
        if let Some(line) = self.waiting.pop_front() {
            return Ok(line);
        }
        let left = until.saturating_duration_since(Instant::now());
        let line = self.lines.recv_timeout(left).map_err(|error| match error {
            RecvTimeoutError::Timeout => anyhow!("nothing more came within {PATIENCE:?}"),
            RecvTimeoutError::Disconnected => anyhow!("it has ended"),
        })?;
        self.heard.push_str(&line.1);
        self.heard.push('\n');
        Ok(line)
    }
}

/// Runs a command to its end, and kills it if that does not come in time.
///
/// # Errors
/// If it cannot be started, fails, or takes longer; with what it wrote.
pub fn run_within(limit: Duration, command: Command) -> Result<()> {
    let words = format!("{command:?}");
    let mut process = Process::start(command)?;
    // It is to see the end of its input.
    process.input = None;
    let until = Instant::now() + limit;
    while process.next_line(until).is_ok() {}
    let status = loop {
        match process.child.try_wait()? {
            Some(status) => break status,
            None if Instant::now() > until => {
                anyhow::bail!("{words} takes longer than {limit:?}; it wrote:\n{}", process.heard)
            }
            None => std::thread::sleep(Duration::from_millis(20)),
        }
    };
    anyhow::ensure!(status.success(), "{words} failed ({status}):\n{}", process.heard);
    Ok(())
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to stop.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
