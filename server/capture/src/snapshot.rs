//! Taking one snapshot: what is asked of the target, in which order, and why.

use crate::{
    error::CaptureError,
    files::{Destination, PartFile},
    session::{Incoming, Session, is_farewell},
    sidecar::{self, FilesBehind, ProcessFacts, Script, Sidecar, TargetFacts},
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{
    borrow::Cow,
    fmt,
    future::Future,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

/// What to take, and where to put it.
#[derive(Debug, Clone)]
pub struct CaptureOptions {
    /// Where to put the snapshot.
    pub destination: Destination,
    /// Collects garbage first (the default), in two rounds: the callbacks of finalization
    /// registries run between them and let go of more. Taking a snapshot collects once anyhow.
    pub collect_garbage: bool,
    /// What the snapshot is in its series: `baseline`, `target`, `final`.
    pub role: Option<String>,
    /// Longest silence of the target while it collects garbage or prepares the snapshot. A heap
    /// of gigabytes on a busy machine is silent for minutes.
    pub silence_limit: Duration,
    /// Who tells the files that the program's scripts were made from; without it, none are written
    /// down.
    pub files_behind: Option<FilesBehind>,
}

impl CaptureOptions {
    /// The usual options for `destination`.
    pub fn new(destination: Destination) -> Self {
        Self {
            destination,
            collect_garbage: true,
            role: None,
            silence_limit: Duration::from_secs(300),
            files_behind: None,
        }
    }
}

/// A snapshot on disk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Captured {
    /// `NAME.heapsnapshot`
    pub file: PathBuf,
    /// `NAME.scripts.json`
    pub scripts_file: PathBuf,
    /// Size of the snapshot.
    pub bytes: u64,
    /// From the first request to the complete file.
    pub elapsed: Duration,
    /// Snapshots with the same value share V8's object ids and can be compared by them.
    pub identity: String,
    /// `process.pid`, of a Node.js process.
    pub process_id: Option<u32>,
}

/// What a capture is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// The target collects garbage; no amounts.
    CollectingGarbage,
    /// V8 walks the heap, and the program stands still: amounts as V8 counts them.
    Taking,
    /// The snapshot comes and goes to disk: bytes, their total is unknown (0).
    Writing,
}

impl fmt::Display for Phase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::CollectingGarbage => "collecting garbage",
            Self::Taking => "taking the snapshot",
            Self::Writing => "writing",
        })
    }
}

/// Why V8 may not collect garbage at once.
const HELD_UP: &str =
    "for the program to collect its garbage: it is busy, or held by --inspect-brk or a breakpoint";

/// Whoever watches a capture.
pub trait CaptureMonitor: Sync {
    /// `done` of `total` in `phase`; a total of 0 is unknown.
    fn advance(&self, phase: Phase, done: u64, total: u64);

    /// The capture waits at most `limit` for something that mostly comes at once; `reason` says what
    /// for and why, as a clause for people.
    fn waiting(&self, _reason: &str, _limit: Duration) {}
}

/// Nobody watches.
#[derive(Debug, Clone, Copy)]
pub struct Unmonitored;

impl CaptureMonitor for Unmonitored {
    fn advance(&self, _: Phase, _: u64, _: u64) {}
}

#[derive(Deserialize)]
struct Chunk<'a> {
    #[serde(borrow)]
    chunk: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Progress {
    #[serde(default)]
    done: u64,
    #[serde(default)]
    total: u64,
}

impl Session {
    /// Takes one snapshot and writes it, with its sidecar, as it comes: memory does not grow with
    /// the size of the heap.
    ///
    /// The program stands still while V8 walks its heap. When `cancel` completes, or this future
    /// is dropped, nothing is left on disk; V8 itself cannot be stopped and finishes its walk. The
    /// session can take another snapshot after that.
    pub async fn take_snapshot(
        &mut self,
        options: &CaptureOptions,
        monitor: &dyn CaptureMonitor,
        cancel: impl Future<Output = ()>,
    ) -> Result<Captured, CaptureError> {
        tokio::select! {
            biased;
            () = cancel => Err(CaptureError::Cancelled),
            captured = self.take(options, monitor) => captured,
        }
    }

    async fn take(
        &mut self,
        options: &CaptureOptions,
        monitor: &dyn CaptureMonitor,
    ) -> Result<Captured, CaptureError> {
        let started = Instant::now();
        let silence = options.silence_limit;
        self.finish_abandoned(silence).await?;
        self.call("HeapProfiler.enable", json!({}), silence, |_, _| {}).await?;
        let identity = self.identity().await?;
        let mut scripts = self.scripts(silence).await?;
        let process = self.process().await?;
        let process_id = process.as_ref().and_then(|process| process.pid);
        let mut part = PartFile::create(&options.destination, || default_name(process_id))?;
        if options.collect_garbage {
            monitor.advance(Phase::CollectingGarbage, 0, 0);
            self.collect_garbage(monitor, silence).await?;
        }
        self.stream(&mut part, monitor, silence).await?;
        self.remember_ids().await?;
        self.add_sources(&mut scripts).await;
        let scripts = Arc::new(scripts);
        let files = match options.files_behind.clone() {
            None => Vec::new(),
            Some(behind) => {
                let scripts = Arc::clone(&scripts);
                let asked = tokio::task::spawn_blocking(move || behind.of(&scripts));
                // If it panics, it has said so; the snapshot is worth keeping without.
                asked.await.unwrap_or_default()
            }
        };
        let sidecar = Sidecar {
            version: 1,
            taken_at: jiff::Timestamp::now().to_string(),
            role: options.role.clone(),
            bytes: part.written(),
            identity: identity.clone(),
            target: TargetFacts::from(self.target()),
            process,
            scripts: Arc::unwrap_or_clone(scripts),
            files,
        };
        let bytes = part.written();
        let (file, scripts_file) = part.complete(&sidecar).await?;
        Ok(Captured { file, scripts_file, bytes, elapsed: started.elapsed(), identity, process_id })
    }

    /// Lets the chunks of a cancelled snapshot pass by: they must not end up in the next one.
    async fn finish_abandoned(&mut self, silence: Duration) -> Result<(), CaptureError> {
        while let Some(abandoned) = self.abandoned {
            let text = self.receive_within(silence, "HeapProfiler.takeHeapSnapshot").await?;
            if matches!(self.read(&text)?, Incoming::Reply { id, .. } if id == abandoned) {
                self.abandoned = None;
            }
        }
        Ok(())
    }

    /// All live scripts. V8 tells them before it replies to `Debugger.enable`; the debugger is
    /// disabled again at once, for it costs the program and appears in the snapshot.
    async fn scripts(&mut self, silence: Duration) -> Result<Vec<Script>, CaptureError> {
        let mut scripts = Vec::new();
        let page = self.target().url.clone();
        self.call("Debugger.enable", json!({}), silence, |method, params| {
            if method == "Debugger.scriptParsed" {
                sidecar::collect(&mut scripts, params, &page);
            }
        })
        .await?;
        if !self.is_shared() {
            self.call("Debugger.disable", json!({}), silence, |_, _| {}).await?;
        }
        scripts.sort_by_key(|script| script.id);
        scripts.dedup_by_key(|script| script.id);
        Ok(scripts)
    }

    async fn process(&mut self) -> Result<Option<ProcessFacts>, CaptureError> {
        let facts = self.evaluate(ProcessFacts::EXPRESSION, true).await?;
        if facts.is_null() {
            return Ok(None);
        }
        let directory = self.evaluate(ProcessFacts::DIRECTORY, false).await?;
        Ok(ProcessFacts::read(&facts, &directory))
    }

    /// The value of an expression, null if it throws or would change the program.
    async fn evaluate(&mut self, expression: &str, guarded: bool) -> Result<Value, CaptureError> {
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

    /// Two rounds of garbage collection, if V8 gets round to them: it collects only between two
    /// turns of the event loop, which a busy program or one that waits for its debugger never
    /// ends. A snapshot can be taken all the same.
    async fn collect_garbage(
        &mut self,
        monitor: &dyn CaptureMonitor,
        silence: Duration,
    ) -> Result<(), CaptureError> {
        // A collection of gigabytes takes seconds; if it takes longer, the snapshot waits for it.
        const WITHIN: Duration = Duration::from_secs(15);
        // A person who sees nothing happen for longer wants to know why.
        const UNREMARKABLE: Duration = Duration::from_secs(1);
        // The callbacks of finalization registries run in a later turn of the event loop.
        const A_FEW_TURNS: Duration = Duration::from_millis(50);
        let limit = silence.min(WITHIN);
        for pause in [A_FEW_TURNS, Duration::ZERO] {
            let collection = self.call("HeapProfiler.collectGarbage", json!({}), limit, |_, _| {});
            let mut collection = std::pin::pin!(collection);
            let at_once = tokio::time::timeout(UNREMARKABLE, &mut collection).await;
            let collected = if let Ok(collected) = at_once {
                collected
            } else {
                monitor.waiting(HELD_UP, limit);
                collection.await
            };
            match collected {
                Err(CaptureError::Unresponsive { .. }) => return Ok(()),
                other => other?,
            };
            tokio::time::sleep(pause).await;
        }
        Ok(())
    }

    async fn stream(
        &mut self,
        part: &mut PartFile,
        monitor: &dyn CaptureMonitor,
        silence: Duration,
    ) -> Result<(), CaptureError> {
        const METHOD: &str = "HeapProfiler.takeHeapSnapshot";
        monitor.advance(Phase::Taking, 0, 0);
        let sent = self.send(METHOD, &json!({ "reportProgress": true })).await?;
        self.abandoned = Some(sent);
        let target = self.target().to_string();
        loop {
            let received = part.written();
            let text = match self.receive_within(silence, METHOD).await {
                Err(CaptureError::TargetGone { .. }) => return Err(self.gone(Some(received))),
                other => other?,
            };
            match self.read(&text)? {
                Incoming::Event { method, params } => match &*method {
                    "HeapProfiler.addHeapSnapshotChunk" => {
                        let Chunk { chunk } = serde_json::from_str(params).map_err(|error| {
                            CaptureError::Protocol {
                                target: target.clone(),
                                problem: format!("a chunk is not valid: {error}"),
                            }
                        })?;
                        part.write(&chunk).await?;
                        monitor.advance(Phase::Writing, part.written(), 0);
                    }
                    "HeapProfiler.reportHeapSnapshotProgress" => {
                        if let Ok(Progress { done, total }) = serde_json::from_str(params) {
                            monitor.advance(Phase::Taking, done, total);
                        }
                    }
                    // Node.js that has ended waits for us, and still sends all that was asked for.
                    farewell
                        if is_farewell(farewell)
                            && farewell != "NodeRuntime.waitingForDisconnect" =>
                    {
                        return Err(self.gone(Some(received)));
                    }
                    _ => {}
                },
                Incoming::Reply { id, outcome } if id == sent => {
                    self.abandoned = None;
                    return match outcome {
                        Err(message) => {
                            Err(CaptureError::MethodRefused { target, method: METHOD, message })
                        }
                        Ok(_) if part.is_whole() => Ok(()),
                        Ok(_) => Err(CaptureError::Incomplete { target, received }),
                    };
                }
                Incoming::Reply { .. } => {}
            }
        }
    }
}

/// `2026-11-22T09-30-05Z-pid4711`: sorts by time, and has no colon, which Windows forbids.
fn default_name(process_id: Option<u32>) -> String {
    let time = jiff::Timestamp::now().strftime("%Y-%m-%dT%H-%M-%SZ");
    match process_id {
        Some(process_id) => format!("{time}-pid{process_id}"),
        None => time.to_string(),
    }
}
