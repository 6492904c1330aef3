//! The connection to a target's inspector, and how it is left: never while V8 works for it.
//!
//! When a connection closes, Node.js ends its session at once, on the thread that the program runs on.
//! If that thread is in the middle of a snapshot for this very session, Node.js 18, 20 and 22 now and
//! then die of a segmentation fault. So whoever has asked for a snapshot reads on until its reply has
//! come, whatever happened to our side of it, and only then closes: [`Connection::leave`] does, and so
//! does a connection that is dropped, on a task of its own.
//!
//! Here are the limits to what a target may send. What messages mean is in [`super::session`].

use crate::{
    error::CaptureError,
    text::{human_bytes, plain},
};
use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::{borrow::Cow, time::Duration};
use tokio::{
    net::TcpStream,
    time::{Instant, timeout, timeout_at},
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Error as WebSocketError, Message, Utf8Bytes, protocol::WebSocketConfig},
};

/// Bytes of one message. Chunks of a snapshot have 100 kB, but a script with its source map inside
/// comes as one message, and bundles of 60 MB with such maps exist.
const MAX_MESSAGE: usize = 128 << 20;
/// Bytes that may come beside or instead of what was asked for. All scripts of a program that has
/// loaded a million of them are told in 500 MB.
pub(crate) const MAX_EVENTS: u64 = 1 << 30;
/// From the request for a snapshot to its last chunk. V8 needs 26 µs an object on a slow machine, which
/// makes 43 minutes for a hundred million of them.
pub(crate) const MAX_SNAPSHOT_TIME: Duration = Duration::from_secs(2 * 3_600);
/// How long nothing may come of a snapshot that is only waited for. A heap of gigabytes on a busy
/// machine is silent for minutes.
const MAX_SILENCE_AT_LEAVING: Duration = Duration::from_secs(300);
/// For everything else that V8 may be at work on: it takes no time, or waits for the program's next
/// turn, which may never come.
const MAX_LEAVING_TIME: Duration = Duration::from_secs(2);

type Socket = WebSocketStream<TcpStream>;

/// A connection that is left only when V8 has finished what it was asked for.
#[derive(Debug)]
pub(crate) struct Connection {
    /// `None` once it was left.
    socket: Option<Socket>,
    /// The target as people know it.
    target: String,
    last_id: u64,
    /// Requests without a reply.
    outstanding: Vec<u64>,
    /// The one among them that asks for a snapshot.
    snapshot: Option<u64>,
    /// How many bytes may still come.
    room: u64,
    /// Nobody holds it any more but the task that leaves it. If that is dropped, so is the runtime.
    is_being_left: bool,
}

/// A message from the target.
pub(crate) enum Incoming<'a> {
    Reply { id: u64, outcome: Result<&'a str, String> },
    Event { method: Cow<'a, str>, params: &'a str },
}

#[derive(Deserialize)]
struct Envelope<'a> {
    id: Option<u64>,
    #[serde(borrow)]
    method: Option<Cow<'a, str>>,
    #[serde(borrow)]
    params: Option<&'a RawValue>,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    error: Option<Refusal>,
}

#[derive(Deserialize)]
struct Refusal {
    #[serde(default)]
    message: String,
}

impl Connection {
    /// What a connection's handshake is to be made with.
    pub(crate) fn config() -> WebSocketConfig {
        WebSocketConfig::default()
            .max_message_size(Some(MAX_MESSAGE))
            .max_frame_size(Some(MAX_MESSAGE))
    }

    pub(crate) fn new(socket: Socket, target: String) -> Self {
        Self {
            socket: Some(socket),
            target,
            last_id: 0,
            outstanding: Vec::new(),
            snapshot: None,
            room: MAX_EVENTS,
            is_being_left: false,
        }
    }

    /// Lets `bytes` come from now on; more is [`CaptureError::Protocol`]. What is left of a snapshot
    /// counts also when it is only waited for.
    pub(crate) fn allow(&mut self, bytes: u64) {
        self.room = bytes;
    }

    /// Sends a request, an object without its id, and returns the id.
    pub(crate) async fn send(
        &mut self,
        method: &'static str,
        params: &serde_json::Value,
    ) -> Result<u64, CaptureError> {
        self.last_id += 1;
        let id = self.last_id;
        let text = serde_json::json!({ "id": id, "method": method, "params": params }).to_string();
        // Before it is sent: whoever is interrupted in sending does not know how far it came.
        self.outstanding.push(id);
        if method == "HeapProfiler.takeHeapSnapshot" {
            self.snapshot = Some(id);
        }
        let Some(socket) = &mut self.socket else { return Err(self.gone()) };
        match socket.send(Message::text(text)).await {
            Ok(()) => Ok(id),
            Err(error) => Err(self.broken(&error)),
        }
    }

    /// The snapshot that was asked for and is not finished, by the id of its request.
    pub(crate) fn snapshot(&self) -> Option<u64> {
        self.snapshot
    }

    /// The next text message.
    pub(crate) async fn receive(&mut self) -> Result<Utf8Bytes, CaptureError> {
        loop {
            let Some(socket) = &mut self.socket else { return Err(self.gone()) };
            let text = match socket.next().await {
                Some(Ok(Message::Text(text))) => text,
                Some(Ok(Message::Close(_))) | None => return Err(self.gone()),
                // Pings are answered by the library.
                Some(Ok(_)) => continue,
                Some(Err(error)) => return Err(self.broken(&error)),
            };
            let Some(room) = self.room.checked_sub(text.len() as u64) else {
                return Err(self.protocol("it sends more and more that was not asked for"));
            };
            self.room = room;
            return Ok(text);
        }
    }

    /// Takes a message apart, and takes note of what is finished with it.
    pub(crate) fn read<'a>(&mut self, text: &'a str) -> Result<Incoming<'a>, CaptureError> {
        let envelope: Envelope<'a> = serde_json::from_str(text)
            .map_err(|error| self.protocol(&format!("a message is not valid: {error}")))?;
        let raw = |value: Option<&'a RawValue>| value.map_or("{}", RawValue::get);
        if let Some(id) = envelope.id {
            self.outstanding.retain(|sent| *sent != id);
            self.snapshot = self.snapshot.filter(|sent| *sent != id);
        }
        match (envelope.id, envelope.method, envelope.error) {
            (Some(id), _, Some(refusal)) => {
                Ok(Incoming::Reply { id, outcome: Err(plain(&refusal.message)) })
            }
            (Some(id), ..) => Ok(Incoming::Reply { id, outcome: Ok(raw(envelope.result)) }),
            (None, Some(method), _) => Ok(Incoming::Event { method, params: raw(envelope.params) }),
            (None, None, _) => Err(self.protocol("a message is neither a reply nor an event")),
        }
    }

    /// Reads and discards until V8 has finished what it was asked for, and closes then. Ends also when
    /// the target has gone, is silent for too long, or sends without end.
    pub(crate) async fn leave(mut self) {
        let started = Instant::now();
        let mut until = started + self.patience_at_leaving();
        while !self.outstanding.is_empty() {
            let Ok(Ok(text)) = timeout_at(until, self.receive()).await else { break };
            // What makes no sense is discarded like the rest.
            match self.read(&text) {
                Ok(Incoming::Event { method, .. }) if is_of_snapshot(&method) => {
                    until =
                        (Instant::now() + MAX_SILENCE_AT_LEAVING).min(started + MAX_SNAPSHOT_TIME);
                }
                // Nothing but small things may be left.
                Ok(Incoming::Reply { .. }) => until = Instant::now() + self.patience_at_leaving(),
                _ => {}
            }
        }
        if let Some(mut socket) = self.socket.take() {
            // The target may be gone already; then there is nobody to say goodbye to.
            let _ = timeout(Duration::from_secs(1), socket.close(None)).await;
        }
    }

    fn patience_at_leaving(&self) -> Duration {
        if self.snapshot.is_some() { MAX_SILENCE_AT_LEAVING } else { MAX_LEAVING_TIME }
    }

    /// Leaves at once, whatever V8 is at.
    pub(crate) fn abandon(mut self) {
        self.socket = None;
    }

    pub(crate) fn gone(&self) -> CaptureError {
        CaptureError::TargetGone { target: self.target.clone(), received: None }
    }

    pub(crate) fn protocol(&self, problem: &str) -> CaptureError {
        CaptureError::Protocol { target: self.target.clone(), problem: plain(problem) }
    }

    /// Nothing more will come.
    fn broken(&mut self, error: &WebSocketError) -> CaptureError {
        self.outstanding.clear();
        self.snapshot = None;
        match error {
            WebSocketError::Capacity(_) => self.protocol(&format!(
                "one message has more than {}",
                human_bytes(MAX_MESSAGE as u64)
            )),
            WebSocketError::Utf8(_) => self.protocol(&error.to_string()),
            // A process that is killed breaks off in the middle of anything.
            _ => self.gone(),
        }
    }
}

/// Events that tell of a snapshot's progress, and nothing else.
pub(crate) fn is_of_snapshot(method: &str) -> bool {
    matches!(
        method,
        "HeapProfiler.addHeapSnapshotChunk" | "HeapProfiler.reportHeapSnapshotProgress"
    )
}

impl Drop for Connection {
    fn drop(&mut self) {
        let Some(socket) = self.socket.take() else { return };
        if self.outstanding.is_empty() || self.is_being_left {
            return;
        }
        // Without a runtime nobody can read on, and its sockets are closed.
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        let connection = Self {
            socket: Some(socket),
            target: std::mem::take(&mut self.target),
            last_id: self.last_id,
            outstanding: std::mem::take(&mut self.outstanding),
            snapshot: self.snapshot,
            room: self.room,
            is_being_left: true,
        };
        runtime.spawn(connection.leave());
    }
}
