//! The server as a process with two pipes: whatever bytes one likes go in, and what comes out is told
//! apart into messages and what is no protocol.
//!
//! Knows frames and envelopes, and nothing of methods: what is sent and what it means is the tests' own.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

/// How often to look whether a process has ended.
const AGAIN: Duration = Duration::from_millis(10);

/// A running server; killed when dropped.
#[derive(Debug)]
pub struct Connection {
    process: Child,
    /// To the thread that writes: a server that does not read must not stop its test. `None` when our
    /// end is closed.
    input: Option<Sender<Vec<u8>>>,
    inbox: Receiver<Received>,
    errors: Arc<Mutex<String>>,
    error_reader: Option<JoinHandle<()>>,
}

/// What there is to hear from a server.
#[derive(Debug, Clone, PartialEq)]
pub enum Received {
    /// The content of a frame.
    Message(Value),
    /// Something that is no frame, or a frame without JSON in it. Nothing comes after it.
    NotProtocol(String),
    /// Nothing so far.
    Silence,
    /// Its end is closed.
    End,
}

impl Connection {
    /// Starts the server.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn start(mut command: Command) -> Result<Self> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut process = command.spawn().with_context(|| format!("cannot start {command:?}"))?;
        let mut stdin = process.stdin.take().context("it is piped")?;
        let output = process.stdout.take().context("it is piped")?;
        let error = process.stderr.take().context("it is piped")?;

        let (input, to_write) = channel::<Vec<u8>>();
        std::thread::spawn(move || {
            // Ends, and closes the pipe, when nobody sends any more or the server is gone.
            for bytes in to_write {
                if stdin.write_all(&bytes).and_then(|()| stdin.flush()).is_err() {
                    break;
                }
            }
        });
        let (sender, inbox) = channel();
        std::thread::spawn(move || {
            let mut output = BufReader::new(output);
            loop {
                let received = receive(&mut output);
                let more = matches!(received, Received::Message(_));
                if sender.send(received).is_err() || !more {
                    break;
                }
            }
        });
        let errors = Arc::new(Mutex::new(String::new()));
        let error_reader = std::thread::spawn({
            let errors = Arc::clone(&errors);
            move || {
                let mut error = BufReader::new(error);
                let mut line = Vec::new();
                while error.read_until(b'\n', &mut line).is_ok_and(|length| length > 0) {
                    let mut errors = errors.lock().unwrap_or_else(PoisonError::into_inner);
                    errors.push_str(&String::from_utf8_lossy(&line));
                    line.clear();
                }
            }
        });
        Ok(Self { process, input: Some(input), inbox, errors, error_reader: Some(error_reader) })
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Sends a message in a frame of its own.
    pub fn send(&self, message: &Value) {
        self.send_bytes(frame(message.to_string().as_bytes()));
    }

    /// Sends a request. Without parameters if they are null.
    pub fn request(&self, id: impl Into<Value>, method: &str, params: Value) {
        let mut message = json!({ "jsonrpc": "2.0", "id": id.into(), "method": method });
        if !params.is_null() {
            message["params"] = params;
        }
        self.send(&message);
    }

    /// Sends a notification. Without parameters if they are null.
    pub fn notify(&self, method: &str, params: Value) {
        let mut message = json!({ "jsonrpc": "2.0", "method": method });
        if !params.is_null() {
            message["params"] = params;
        }
        self.send(&message);
    }

    /// Sends these bytes, whatever they are. Nothing happens if our end is closed or the server is
    /// gone: that shows in what is heard.
    pub fn send_bytes(&self, bytes: Vec<u8>) {
        if let Some(input) = &self.input {
            let _ = input.send(bytes);
        }
    }

    /// What comes next, waiting for it at most until then.
    pub fn receive(&self, until: Instant) -> Received {
        match self.inbox.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(received) => received,
            Err(RecvTimeoutError::Timeout) => Received::Silence,
            Err(RecvTimeoutError::Disconnected) => Received::End,
        }
    }

    /// Closes our end of the pipe, when all that was sent is written.
    pub fn hang_up(&mut self) {
        self.input = None;
    }

    /// How it ended, if it has.
    ///
    /// # Errors
    /// If the system cannot tell.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.process.try_wait()?)
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// If it has not ended after `limit`.
    pub fn wait_for_exit(&mut self, limit: Duration) -> Result<ExitStatus> {
        let until = Instant::now() + limit;
        while Instant::now() < until {
            if let Some(status) = self.ended()? {
                self.hear_last_words();
                return Ok(status);
            }
            std::thread::sleep(AGAIN);
        }
        bail!("the server does not leave within {limit:?}")
    }

    /// What it has written to standard error so far.
    pub fn errors(&self) -> String {
        self.errors.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Ends the process if it still runs.
    pub fn kill(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        self.hear_last_words();
    }

    /// They may still be in the pipe when the process has ended.
    fn hear_last_words(&mut self) {
        if let Some(reader) = self.error_reader.take() {
            let _ = reader.join();
        }
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The content in a frame of the protocol.
pub fn frame(content: &[u8]) -> Vec<u8> {
    let mut frame = format!("Content-Length: {}\r\n\r\n", content.len()).into_bytes();
    frame.extend_from_slice(content);
    frame
}

/// One frame.
fn receive(output: &mut impl BufRead) -> Received {
    let mut length = None;
    loop {
        let mut line = Vec::new();
        match output.read_until(b'\n', &mut line) {
            Ok(0) | Err(_) if length.is_none() => return Received::End,
            Ok(0) | Err(_) => return Received::NotProtocol("the end in a header".to_owned()),
            Ok(_) => {}
        }
        let line = String::from_utf8_lossy(&line);
        match line.trim_end() {
            "" if length.is_some() => break,
            header => match header.split_once(": ") {
                Some(("Content-Length", number)) => length = number.parse::<usize>().ok(),
                Some(("Content-Type", _)) => {}
                _ => return Received::NotProtocol(header.to_owned()),
            },
        }
    }
    let mut content = vec![0; length.unwrap_or_default()];
    if output.read_exact(&mut content).is_err() {
        return Received::NotProtocol("the end in a message".to_owned());
    }
    match serde_json::from_slice(&content) {
        Ok(message) => Received::Message(message),
        Err(_) => Received::NotProtocol(String::from_utf8_lossy(&content).into_owned()),
    }
}
