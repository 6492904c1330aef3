//! Taking one snapshot: what is asked of the target, in which order, and why.

use super::{CaptureOptions, Captured, scripts::Scripts};
use crate::{
    disk::{PartFile, may_show_in_git},
    error::CaptureError,
    inspector::{
        Incoming, MAX_EVENTS, MAX_SNAPSHOT_TIME, Session, WAITING, is_farewell, is_of_snapshot,
        noticed,
    },
    monitor::{CaptureMonitor, Phase, Unmonitored},
    sidecar::{ProcessFacts, Script, Sidecar, TargetFacts},
};
use serde::Deserialize;
use serde_json::json;
use std::{borrow::Cow, future::Future, sync::Arc, time::Duration};
use tokio::time::Instant;

const METHOD: &str = "HeapProfiler.takeHeapSnapshot";
/// A pointer has four bytes at least and makes an edge of at most twenty, a string of control characters
/// makes six of each of its bytes: nothing comes near this.
const MAX_BYTES_PER_HEAP_BYTE: u64 = 16;
/// What any heap's snapshot may have on top, in bytes: heaps grow, and embedders add to them.
const MAX_BYTES_BESIDE_HEAP: u64 = 1 << 30;
/// Why a capture may not begin at once.
const AT_THE_LAST_ONE: &str = "for the program to finish the snapshot that was cancelled";
/// Why V8 may not collect garbage at once.
const HELD_UP: &str =
    "for the program to collect its garbage: it is busy, or held by --inspect-brk or a breakpoint";

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
    /// is dropped, nothing is left on disk; V8 itself cannot be stopped and finishes its walk: until
    /// then, the session [is taking](Session::is_taking). It can take another snapshot after that.
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
        self.finish_abandoned(monitor, silence).await?;
        self.must_be_alive()?;
        self.call("HeapProfiler.enable", json!({}), silence, |_, _| {}).await?;
        let identity = self.identity().await?;
        let mut scripts = self.scripts(silence).await?;
        let process = self.process().await?;
        let process_id = process.as_ref().and_then(|process| process.pid);
        let destination = options.destination.clone();
        let created =
            tokio::task::spawn_blocking(move || destination.create(|| default_name(process_id)));
        let mut part = created.await.map_err(|ended| CaptureError::Write {
            path: options.destination.folder().to_owned(),
            reason: ended.into(),
        })??;
        if options.collect_garbage {
            monitor.advance(Phase::CollectingGarbage, 0, 0);
            self.collect_garbage(monitor, silence).await?;
        }
        self.stream(&mut part, options, monitor).await?;
        self.remember_ids().await?;
        let workers = self.workers().await?;
        let children = self.children().await?;
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
            workers,
            children,
            scripts: Arc::unwrap_or_clone(scripts),
            files,
        };
        let bytes = part.written();
        let (file, scripts_file) = part.complete(&sidecar).await?;
        let elapsed = started.elapsed();
        let may_show_in_git = may_show_in_git(options.destination.folder());
        Ok(Captured {
            file,
            scripts_file,
            bytes,
            elapsed,
            identity,
            process_id,
            workers,
            children,
            may_show_in_git,
        })
    }

    /// Lets the chunks of a cancelled snapshot pass by: they must not end up in the next one.
    async fn finish_abandoned(
        &mut self,
        monitor: &dyn CaptureMonitor,
        silence: Duration,
    ) -> Result<(), CaptureError> {
        if self.is_taking() {
            monitor.waiting(AT_THE_LAST_ONE, silence);
        }
        let asked = Instant::now();
        while self.is_taking() {
            let text = self.receive_until(asked + silence, asked, METHOD).await?;
            self.read(&text)?;
        }
        Ok(())
    }

    /// All live scripts. V8 tells them before it replies to `Debugger.enable`; the debugger is
    /// disabled again at once, for it costs the program and appears in the snapshot.
    async fn scripts(&mut self, silence: Duration) -> Result<Vec<Script>, CaptureError> {
        let mut scripts = Scripts::of_page(&self.target().url);
        self.call("Debugger.enable", json!({}), silence, |method, params| {
            if method == "Debugger.scriptParsed" {
                scripts.add(params);
            }
        })
        .await?;
        if !self.is_shared() {
            self.call("Debugger.disable", json!({}), silence, |_, _| {}).await?;
        }
        Ok(scripts.sorted())
    }

    async fn process(&mut self) -> Result<Option<ProcessFacts>, CaptureError> {
        let facts = self.evaluate(ProcessFacts::EXPRESSION, true).await?;
        if facts.is_null() {
            return Ok(None);
        }
        let directory = self.evaluate(ProcessFacts::DIRECTORY, false).await?;
        let heap_limit = self.evaluate(ProcessFacts::HEAP_LIMIT, false).await?;
        Ok(ProcessFacts::read(&facts, &directory, &heap_limit))
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
        // The callbacks of finalization registries run in a later turn of the event loop.
        const A_FEW_TURNS: Duration = Duration::from_millis(50);
        let limit = silence.min(WITHIN);
        let once: [(_, &dyn CaptureMonitor); 2] =
            [(A_FEW_TURNS, monitor), (Duration::ZERO, &Unmonitored)];
        for (pause, monitor) in once {
            let collection = self.call("HeapProfiler.collectGarbage", json!({}), limit, |_, _| {});
            let collected = noticed(collection, monitor, HELD_UP, limit).await;
            match collected {
                Err(CaptureError::Unresponsive { .. }) => return Ok(()),
                other => other?,
            };
            tokio::time::sleep(pause).await;
        }
        Ok(())
    }

    /// The most bytes that a snapshot of the heap can have, and what V8 says of the heap.
    async fn most_bytes(&mut self, limit: u64) -> Result<(u64, Option<u64>), CaptureError> {
        let usage = self.try_call("Runtime.getHeapUsage", json!({})).await?;
        // Who answers without a number is no V8, and gets what the smallest heap gets.
        let used = usage.map(|usage| usage["usedSize"].as_f64().unwrap_or_default() as u64);
        let most = used.map_or(limit, |used| {
            used.saturating_mul(MAX_BYTES_PER_HEAP_BYTE)
                .saturating_add(MAX_BYTES_BESIDE_HEAP)
                .min(limit)
        });
        Ok((most, used))
    }

    async fn stream(
        &mut self,
        part: &mut PartFile,
        options: &CaptureOptions,
        monitor: &dyn CaptureMonitor,
    ) -> Result<(), CaptureError> {
        let silence = options.silence_limit;
        monitor.advance(Phase::Taking, 0, 0);
        let (most, heap) = self.most_bytes(options.size_limit).await?;
        // JSON makes of a text at most twice as much, and of a snapshot a tenth more: what is over is
        // for the rest of one that is given up, which must be waited for.
        self.allow(most.saturating_mul(2).saturating_add(MAX_EVENTS));
        let asked = Instant::now();
        let sent = self.send(METHOD, &json!({ "reportProgress": true })).await?;
        let target = self.target().to_string();
        let mut until = asked + silence;
        loop {
            let received = part.written();
            let text = match self.receive_until(until, asked, METHOD).await {
                Err(CaptureError::TargetGone { .. }) => return Err(self.gone(Some(received))),
                other => other?,
            };
            match self.read(&text)? {
                Incoming::Event { method, params } => {
                    if is_of_snapshot(&method) {
                        until = (Instant::now() + silence).min(asked + MAX_SNAPSHOT_TIME);
                    }
                    match &*method {
                        "HeapProfiler.addHeapSnapshotChunk" => {
                            let Chunk { chunk } =
                                serde_json::from_str(params).map_err(|error| {
                                    CaptureError::Protocol {
                                        target: target.clone(),
                                        problem: format!("a chunk is not valid: {error}"),
                                    }
                                })?;
                            part.write(&chunk).await?;
                            monitor.advance(Phase::Writing, part.written(), 0);
                            if part.written() > most {
                                let received = part.written();
                                return Err(CaptureError::TooLarge { target, received, heap });
                            }
                        }
                        "HeapProfiler.reportHeapSnapshotProgress" => {
                            if let Ok(Progress { done, total }) = serde_json::from_str(params) {
                                monitor.advance(Phase::Taking, done, total);
                            }
                        }
                        // Node.js that has ended waits for us, and still sends all that was asked for.
                        farewell if is_farewell(farewell) && farewell != WAITING => {
                            return Err(self.gone(Some(received)));
                        }
                        _ => {}
                    }
                }
                Incoming::Reply { id, outcome } if id == sent => {
                    return match outcome {
                        Err(message) => {
                            Err(CaptureError::MethodRefused { target, method: METHOD, message })
                        }
                        Ok(_) if part.is_whole() => Ok(()),
                        Ok(_) if received > 0 && !part.is_snapshot() => {
                            let problem = "what it sent is no heap snapshot".to_owned();
                            Err(CaptureError::Protocol { target, problem })
                        }
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
