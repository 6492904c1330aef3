//! One connection to one target: requests and their replies, events, and the ids of its objects.
//!
//! It knows the protocol's envelope; what the messages mean for a snapshot is in
//! [`crate::snapshot`].

use crate::{
    error::CaptureError, http::connection_error, sources::KnownSources, target::Target, text::plain,
};
use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};
use std::{borrow::Cow, io, time::Duration};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{Error as WebSocketError, Message, Utf8Bytes, protocol::WebSocketConfig},
};

/// Chunks of a snapshot have 100 kB, but a script with its source map inside comes as one message.
const LARGEST_MESSAGE: usize = 256 << 20;
const CONNECT_WITHIN: Duration = Duration::from_secs(10);
/// For what takes V8 no time. A program in a long loop answers too, for V8 interrupts it; one that
/// is stopped or in a long native call does not.
const REPLY_WITHIN: Duration = Duration::from_secs(30);

/// A connection to one target's inspector, for one or many snapshots.
///
/// V8 forgets the ids of all objects when any session ends. Snapshots that are to be compared
/// need one session that stays open between them: see [`Session::wait`] and
/// [`crate::SessionKeeper`].
#[derive(Debug)]
pub struct Session {
    socket: WebSocketStream<TcpStream>,
    target: Target,
    last_id: u64,
    /// The connection is a debugger's, lent to us: its domains are not ours to disable.
    is_shared: bool,
    /// A `takeHeapSnapshot` that was cancelled and whose chunks may still come.
    pub(crate) abandoned: Option<u64>,
    /// Each snapshot's sidecar has them anew; the target is asked once.
    pub(crate) sources: KnownSources,
    identity: Identity,
}

/// Tells whether V8 still knows the ids of the last snapshot.
#[derive(Debug, Default)]
struct Identity {
    /// V8's id for the global object after the last snapshot.
    anchor: Option<String>,
    generation: u32,
    opened: String,
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

impl Session {
    /// Connects to `target`.
    pub async fn connect(target: &Target) -> Result<Self, CaptureError> {
        let address = target.address();
        let slow = || CaptureError::Unreachable {
            address: address.clone(),
            reason: io::Error::from(io::ErrorKind::TimedOut),
        };
        let stream = timeout(CONNECT_WITHIN, TcpStream::connect((&*target.host, target.port)))
            .await
            .map_err(|_| slow())?
            .map_err(|reason| connection_error(address.clone(), reason))?;
        // The inspector answers only to an IP address or `localhost` as Host.
        let peer =
            stream.peer_addr().map_err(|reason| connection_error(address.clone(), reason))?;
        // Requests are small and each waits for its reply. Without this option it is only slower.
        let _ = stream.set_nodelay(true);
        let path = url::Url::parse(&target.websocket_url)
            .map(|url| url.path().to_owned())
            .map_err(|_| CaptureError::InvalidAddress { address: plain(&target.websocket_url) })?;
        let config = WebSocketConfig::default()
            .max_message_size(Some(LARGEST_MESSAGE))
            .max_frame_size(Some(LARGEST_MESSAGE));
        let handshake =
            client_async_with_config(format!("ws://{peer}{path}"), stream, Some(config));
        let (socket, _) =
            timeout(CONNECT_WITHIN, handshake).await.map_err(|_| slow())?.map_err(|error| {
                CaptureError::Refused {
                    url: plain(&target.websocket_url),
                    answer: plain(&error.to_string()),
                }
            })?;
        let mut session = Self {
            socket,
            target: target.clone(),
            last_id: 0,
            is_shared: false,
            abandoned: None,
            sources: KnownSources::default(),
            identity: Identity {
                opened: jiff::Timestamp::now().to_string(),
                ..Identity::default()
            },
        };
        session.introduce().await?;
        Ok(session)
    }

    /// The target that this session is connected to.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Stays connected for `duration`, so that V8 keeps the ids of its objects. Ends early with
    /// [`CaptureError::TargetGone`] if the program ends, which is let go then: a Node.js process
    /// does not exit as long as an inspector is attached.
    pub async fn wait(&mut self, duration: Duration) -> Result<(), CaptureError> {
        match timeout(duration, self.until_gone()).await {
            Ok(gone) => Err(gone),
            Err(_) => Ok(()),
        }
    }

    /// Stays connected until `event` comes, as [`Session::wait`] does for a time.
    pub async fn wait_for<T>(&mut self, event: impl Future<Output = T>) -> Result<T, CaptureError> {
        tokio::select! {
            biased;
            happened = event => Ok(happened),
            gone = self.until_gone() => Err(gone),
        }
    }

    /// Reads and drops what comes until the target goes, and says how.
    pub(crate) async fn until_gone(&mut self) -> CaptureError {
        loop {
            match self.receive().await {
                Ok(text) => match self.read(&text) {
                    Ok(Incoming::Event { method, .. }) if is_farewell(&method) => {
                        return self.gone(None);
                    }
                    Ok(Incoming::Reply { id, .. }) if self.abandoned == Some(id) => {
                        self.abandoned = None;
                    }
                    Ok(_) => {}
                    Err(error) => return error,
                },
                Err(error) => return error,
            }
        }
    }

    /// Says goodbye. Dropping a session does as well, only less politely.
    pub async fn close(mut self) {
        // The target may be gone already; then there is nobody to say goodbye to.
        let _ = timeout(Duration::from_secs(1), self.socket.close(None)).await;
    }

    /// What every session asks for first. Each of these is unknown to some targets.
    async fn introduce(&mut self) -> Result<(), CaptureError> {
        // The debugger of VS Code lends its own connection and passes on only what is asked for.
        let events = json!({ "events": ["HeapProfiler.*", "Debugger.scriptParsed"] });
        self.is_shared = self.try_call("JsDebug.subscribe", events).await?.is_some();
        if !self.is_shared {
            // Node.js: tell when the program has ended and waits only for us.
            let enabled = json!({ "enabled": true });
            self.try_call("NodeRuntime.notifyWhenWaitingForDisconnect", enabled).await?;
        }
        Ok(())
    }

    /// Whether the connection is a debugger's own, so that its domains must stay enabled.
    pub(crate) fn is_shared(&self) -> bool {
        self.is_shared
    }

    /// Sends a request and returns its id.
    pub(crate) async fn send(
        &mut self,
        method: &'static str,
        params: &Value,
    ) -> Result<u64, CaptureError> {
        self.last_id += 1;
        let id = self.last_id;
        let text = json!({ "id": id, "method": method, "params": params }).to_string();
        self.socket.send(Message::text(text)).await.map_err(|error| self.broken(&error))?;
        Ok(id)
    }

    /// The next text message.
    pub(crate) async fn receive(&mut self) -> Result<Utf8Bytes, CaptureError> {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Text(text))) => return Ok(text),
                Some(Ok(Message::Close(_))) | None => return Err(self.gone(None)),
                // Pings are answered by the library.
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(self.broken(&error)),
            }
        }
    }

    /// Like [`Session::receive`], with a limit to silence.
    pub(crate) async fn receive_within(
        &mut self,
        limit: Duration,
        method: &'static str,
    ) -> Result<Utf8Bytes, CaptureError> {
        match timeout(limit, self.receive()).await {
            Ok(received) => received,
            Err(_) => Err(CaptureError::Unresponsive {
                target: self.target.to_string(),
                method,
                waited: limit,
            }),
        }
    }

    pub(crate) fn read<'a>(&self, text: &'a str) -> Result<Incoming<'a>, CaptureError> {
        let envelope: Envelope<'a> = serde_json::from_str(text)
            .map_err(|error| self.protocol(&format!("a message is not valid: {error}")))?;
        let raw = |value: Option<&'a RawValue>| value.map_or("{}", RawValue::get);
        match (envelope.id, envelope.method, envelope.error) {
            (Some(id), _, Some(refusal)) => {
                Ok(Incoming::Reply { id, outcome: Err(plain(&refusal.message)) })
            }
            (Some(id), ..) => Ok(Incoming::Reply { id, outcome: Ok(raw(envelope.result)) }),
            (None, Some(method), _) => Ok(Incoming::Event { method, params: raw(envelope.params) }),
            (None, None, _) => Err(self.protocol("a message is neither a reply nor an event")),
        }
    }

    /// Sends a request and waits for its reply; events that come before it go to `on_event`.
    /// The inner `Err` is the target's refusal in its own words.
    async fn exchange(
        &mut self,
        method: &'static str,
        params: Value,
        limit: Duration,
        mut on_event: impl FnMut(&str, &str),
    ) -> Result<Result<Value, String>, CaptureError> {
        let sent = self.send(method, &params).await?;
        loop {
            let text = self.receive_within(limit, method).await?;
            match self.read(&text)? {
                Incoming::Reply { id, outcome } if id == sent => {
                    return Ok(match outcome {
                        Ok(result) => Ok(serde_json::from_str(result)
                            .map_err(|error| self.protocol(&error.to_string()))?),
                        Err(refusal) => Err(refusal),
                    });
                }
                Incoming::Reply { .. } => {}
                Incoming::Event { method, params } => on_event(&method, params),
            }
        }
    }

    /// A request that the target must know.
    pub(crate) async fn call(
        &mut self,
        method: &'static str,
        params: Value,
        limit: Duration,
        on_event: impl FnMut(&str, &str),
    ) -> Result<Value, CaptureError> {
        self.exchange(method, params, limit, on_event).await?.map_err(|message| {
            CaptureError::MethodRefused { target: self.target.to_string(), method, message }
        })
    }

    /// A quick request that the target may not know: `None` if it does not.
    pub(crate) async fn try_call(
        &mut self,
        method: &'static str,
        params: Value,
    ) -> Result<Option<Value>, CaptureError> {
        Ok(self.exchange(method, params, REPLY_WITHIN, |_, _| {}).await?.ok())
    }

    /// Takes note of V8's id for the global object, after a snapshot gave it one.
    pub(crate) async fn remember_ids(&mut self) -> Result<(), CaptureError> {
        self.identity.anchor = self.anchor().await?;
        Ok(())
    }

    /// Looks whether V8 still has the ids of the last snapshot, and returns the name under which
    /// this and later snapshots share theirs.
    pub(crate) async fn identity(&mut self) -> Result<String, CaptureError> {
        if self.identity.anchor.is_some() && self.anchor().await? != self.identity.anchor {
            self.identity.generation += 1;
            self.identity.anchor = None;
        }
        let Identity { opened, generation, .. } = &self.identity;
        Ok(format!("{}@{opened}#{generation}", self.target.id))
    }

    /// V8's id of the global object: the same as long as no session has ended, else unknown.
    async fn anchor(&mut self) -> Result<Option<String>, CaptureError> {
        let group = "heapmark";
        let evaluated = self
            .try_call(
                "Runtime.evaluate",
                json!({ "expression": "globalThis", "objectGroup": group, "silent": true }),
            )
            .await?;
        let object = evaluated.as_ref().and_then(|value| value["result"]["objectId"].as_str());
        let Some(object) = object else { return Ok(None) };
        let known = self
            .try_call("HeapProfiler.getHeapObjectId", json!({ "objectId": object }))
            .await?
            .and_then(|value| value["heapSnapshotObjectId"].as_str().map(str::to_owned));
        self.try_call("Runtime.releaseObjectGroup", json!({ "objectGroup": group })).await?;
        Ok(known)
    }

    pub(crate) fn gone(&self, received: Option<u64>) -> CaptureError {
        CaptureError::TargetGone { target: self.target.to_string(), received }
    }

    fn protocol(&self, problem: &str) -> CaptureError {
        CaptureError::Protocol { target: self.target.to_string(), problem: plain(problem) }
    }

    fn broken(&self, error: &WebSocketError) -> CaptureError {
        match error {
            WebSocketError::Capacity(_) | WebSocketError::Utf8(_) => {
                self.protocol(&error.to_string())
            }
            // A process that is killed breaks off in the middle of anything.
            _ => self.gone(None),
        }
    }
}

/// Events after which nothing more will come from this target.
pub(crate) fn is_farewell(method: &str) -> bool {
    matches!(
        method,
        "NodeRuntime.waitingForDisconnect" | "Inspector.detached" | "Inspector.targetCrashed"
    )
}
