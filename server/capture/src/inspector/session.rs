//! One connection to one target: requests and their replies, events, and the ids of its objects.
//!
//! How messages travel, and how a connection is left, is in [`super::connection`]; what they mean for a
//! snapshot is in [`crate::snapshot`].

use super::{
    connection::{Connection, Incoming, MAX_EVENTS},
    http::connection_error,
    known::KnownSources,
    target::Target,
};
use crate::{
    error::CaptureError,
    monitor::{CaptureMonitor, Unmonitored},
    text::plain,
};
use serde_json::{Value, json};
use std::{io, time::Duration};
use tokio::{
    net::TcpStream,
    time::{Instant, timeout, timeout_at},
};
use tokio_tungstenite::{client_async_with_config, tungstenite::Utf8Bytes};

const MAX_CONNECTING_TIME: Duration = Duration::from_secs(10);
/// For what takes V8 no time. A program in a long loop answers too, for V8 interrupts it; one that
/// is stopped or in a long native call does not.
const MAX_REPLY_TIME: Duration = Duration::from_secs(30);
/// For its very first reply: the program may still be taking a snapshot for somebody who has left, such
/// as a capture that was killed. One of a heap of 200 MB takes 40 seconds; for a stopped one nobody wants
/// to wait longer than a minute.
const MAX_FIRST_REPLY_TIME: Duration = Duration::from_secs(55);
/// A person who sees nothing happen for longer wants to know why.
const UNREMARKABLE: Duration = Duration::from_secs(1);
/// Why a program that listens may not answer.
const AT_SOMETHING: &str = "for the program to answer: it is stopped, in a call that does not \
    return, or still busy with an earlier snapshot";

/// A connection to one target's inspector, for one or many snapshots.
///
/// V8 forgets the ids of all objects when any session ends. Snapshots that are to be compared
/// need one session that stays open between them: see [`Session::wait`] and
/// [`crate::SessionKeeper`].
#[derive(Debug)]
pub struct Session {
    connection: Connection,
    target: Target,
    /// The connection is a debugger's, lent to us: its domains are not ours to disable.
    is_shared: bool,
    /// The program has ended, and waits only for us.
    has_ended: bool,
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

impl Session {
    /// Connects to `target`.
    pub async fn connect(target: &Target) -> Result<Self, CaptureError> {
        Self::connect_watched(target, &Unmonitored).await
    }

    /// Connects to `target`; `monitor` is told if it takes long.
    pub async fn connect_watched(
        target: &Target,
        monitor: &dyn CaptureMonitor,
    ) -> Result<Self, CaptureError> {
        let address = target.address();
        let slow = || CaptureError::Unreachable {
            address: address.clone(),
            reason: io::Error::from(io::ErrorKind::TimedOut),
        };
        let stream = timeout(MAX_CONNECTING_TIME, TcpStream::connect((&*target.host, target.port)))
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
        let config = Some(Connection::config());
        let handshake = client_async_with_config(format!("ws://{peer}{path}"), stream, config);
        let (socket, _) = timeout(MAX_CONNECTING_TIME, handshake)
            .await
            .map_err(|_| slow())?
            .map_err(|error| CaptureError::Refused {
                url: plain(&target.websocket_url),
                answer: plain(&error.to_string()),
            })?;
        let mut session = Self {
            connection: Connection::new(socket, target.to_string()),
            target: target.clone(),
            is_shared: false,
            has_ended: false,
            sources: KnownSources::default(),
            identity: Identity {
                opened: jiff::Timestamp::now().to_string(),
                ..Identity::default()
            },
        };
        session.introduce(monitor).await?;
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
            if self.has_ended {
                return self.gone(None);
            }
            match self.receive().await {
                Ok(text) => match self.read(&text) {
                    Ok(Incoming::Event { method, .. }) if is_farewell(&method) => {
                        return self.gone(None);
                    }
                    Ok(_) => {}
                    Err(error) => return error,
                },
                Err(error) => return error,
            }
        }
    }

    /// The snapshot that was asked for and is not finished, by the id of its request.
    pub(crate) fn unfinished(&self) -> Option<u64> {
        self.connection.snapshot()
    }

    /// Whether V8 is in the middle of a snapshot for this session, also one that was cancelled or went
    /// wrong: closing the connection now could crash the program.
    pub fn is_taking(&self) -> bool {
        self.unfinished().is_some()
    }

    /// Ends the session, as soon as V8 has finished what it was asked for: until then it reads and
    /// discards, which takes as long as a snapshot does if [`Session::is_taking`]. Dropping a session
    /// does the same on a task of the runtime's.
    pub async fn close(self) {
        self.connection.leave().await;
    }

    /// Ends the session at once. If [`Session::is_taking`], the program may crash of it: Node.js 18,
    /// 20 and 22 do now and then.
    pub fn abandon(self) {
        self.connection.abandon();
    }

    /// What every session asks for first. Each of these is unknown to some targets.
    async fn introduce(&mut self, monitor: &dyn CaptureMonitor) -> Result<(), CaptureError> {
        // The debugger of VS Code lends its own connection and passes on only what is asked for.
        let events = json!({ "events": ["HeapProfiler.*", "Debugger.scriptParsed"] });
        let limit = MAX_FIRST_REPLY_TIME;
        let first = self.exchange("JsDebug.subscribe", events, limit, |_, _| {});
        let answered = noticed(first, monitor, AT_SOMETHING, limit).await;
        self.is_shared = match answered {
            Ok(answer) => answer.is_ok(),
            Err(CaptureError::Unresponsive { target, waited, .. }) => {
                return Err(CaptureError::Silent { target, waited });
            }
            Err(error) => return Err(error),
        };
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
        self.connection.send(method, params).await
    }

    /// Lets `bytes` come from now on.
    pub(crate) fn allow(&mut self, bytes: u64) {
        self.connection.allow(bytes);
    }

    /// The next text message.
    pub(crate) async fn receive(&mut self) -> Result<Utf8Bytes, CaptureError> {
        self.connection.receive().await
    }

    /// Like [`Session::receive`], with a limit in time; `asked` is when `method` was.
    pub(crate) async fn receive_until(
        &mut self,
        until: Instant,
        asked: Instant,
        method: &'static str,
    ) -> Result<Utf8Bytes, CaptureError> {
        match timeout_at(until, self.receive()).await {
            Ok(received) => received,
            Err(_) => Err(CaptureError::Unresponsive {
                target: self.target.to_string(),
                method,
                waited: asked.elapsed(),
            }),
        }
    }

    pub(crate) fn read<'a>(&mut self, text: &'a str) -> Result<Incoming<'a>, CaptureError> {
        let incoming = self.connection.read(text)?;
        if let Incoming::Event { method, .. } = &incoming {
            self.has_ended |= method == WAITING;
        }
        Ok(incoming)
    }

    /// An error if the program has ended and stays only because of us: what there is to capture then
    /// is what its end has left.
    pub(crate) fn must_be_alive(&self) -> Result<(), CaptureError> {
        if self.has_ended { Err(self.gone(None)) } else { Ok(()) }
    }

    /// Sends a request and waits for its reply, at most for `limit`; events that come before it go to
    /// `on_event`. The inner `Err` is the target's refusal in its own words.
    async fn exchange(
        &mut self,
        method: &'static str,
        params: Value,
        limit: Duration,
        mut on_event: impl FnMut(&str, &str),
    ) -> Result<Result<Value, String>, CaptureError> {
        let asked = Instant::now();
        let mut until = asked + limit;
        self.allow(MAX_EVENTS);
        let sent = self.send(method, &params).await?;
        loop {
            let text = self.receive_until(until, asked, method).await?;
            // Who says something else is neither stopped nor busy, and could answer.
            until = until.min(Instant::now() + MAX_REPLY_TIME);
            match self.read(&text)? {
                Incoming::Reply { id, outcome } if id == sent => {
                    return Ok(match outcome {
                        Ok(result) => Ok(serde_json::from_str(result)
                            .map_err(|error| self.connection.protocol(&error.to_string()))?),
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
        Ok(self.exchange(method, params, MAX_REPLY_TIME, |_, _| {}).await?.ok())
    }

    /// The value of an expression, null if it throws or would change the program.
    pub(crate) async fn evaluate(
        &mut self,
        expression: &str,
        guarded: bool,
    ) -> Result<Value, CaptureError> {
        let evaluation = json!({
            "expression": expression,
            "returnByValue": true,
            "silent": true,
            "throwOnSideEffect": guarded,
        });
        let evaluated = self.try_call("Runtime.evaluate", evaluation).await?.unwrap_or_default();
        let threw = evaluated.get("exceptionDetails").is_some();
        Ok(if threw { Value::Null } else { evaluated["result"]["value"].clone() })
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
}

/// Waits for `asked`; if that takes more than a second, `monitor` is told that it waits at most `limit`,
/// and why.
pub(crate) async fn noticed<T>(
    asked: impl Future<Output = T>,
    monitor: &dyn CaptureMonitor,
    reason: &str,
    limit: Duration,
) -> T {
    let mut asked = std::pin::pin!(asked);
    if let Ok(answered) = timeout(UNREMARKABLE, &mut asked).await {
        return answered;
    }
    monitor.waiting(reason, limit);
    asked.await
}

/// Node.js says so when its program has ended; what was asked for before still comes.
pub(crate) const WAITING: &str = "NodeRuntime.waitingForDisconnect";

/// Events after which nothing more will come from this target.
pub(crate) fn is_farewell(method: &str) -> bool {
    matches!(method, WAITING | "Inspector.detached" | "Inspector.targetCrashed")
}
