//! A client that sends anything, waits for nothing it need not wait for, and minds the rules for the
//! server: each request is answered once and in time, and nothing else comes out.
//!
//! What it hears it keeps only as far as an editor would: what is shown now.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use heapmark_tests::{Connection, Options, Random, Received, heapmark_binary};
use serde_json::{Value, json};

/// How long any answer may take. Most take milliseconds; an analysis of the good snapshots some
/// seconds with a debug build. Generous: two cores may be shared with a compiler.
pub(crate) const ANSWER_WITHIN: Duration = Duration::from_secs(60);
/// How long the server may take to leave after `exit`.
const FAREWELL: Duration = Duration::from_secs(10);
/// Nothing was heard for that long and nothing runs: it will stay so. Longer than the server waits
/// before it reads what was just written.
pub(crate) const QUIET: Duration = Duration::from_millis(1500);
/// How many tokens of progress are remembered, to be cancelled.
const MOST_TOKENS: usize = 8;

/// How the editor answers the server's own requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manners {
    /// At once, with what was asked for.
    Polite,
    /// With an error.
    Refuses,
    /// With something that makes no sense.
    Confused,
    /// Not at all.
    Silent,
}

/// The result, or the error.
pub(crate) type Answer = std::result::Result<Value, Value>;

/// A request that was sent.
#[derive(Debug)]
struct Sent {
    what: String,
    at: Instant,
}

/// A server and what an editor would know of it.
pub(crate) struct Client {
    connection: Connection,
    last_id: i64,
    /// Requests without an answer, by their id as JSON.
    waiting: BTreeMap<String, Sent>,
    /// Messages that were none and must be answered with an error without an id.
    owed_errors: VecDeque<Sent>,
    /// Answers that somebody waits for, by their id as JSON.
    wanted: BTreeMap<String, Option<Answer>>,
    /// Diagnostics by file; files without any are left out.
    pub(crate) shown: BTreeMap<String, Value>,
    pub(crate) status: Value,
    pub(crate) manners: Manners,
    pub(crate) tokens: VecDeque<Value>,
    last_heard: Instant,
    /// How often each kind of request was answered, and how long the slowest answer took.
    pub(crate) answered: BTreeMap<String, (usize, Duration)>,
}

impl Client {
    /// Starts a server in a folder, with its indexes in another.
    pub(crate) fn open(folder: &Path, indexes: &Path) -> Result<Self> {
        let mut command = Command::new(heapmark_binary());
        command.arg("lsp").env("HEAPMARK_INDEX", indexes).current_dir(folder);
        let mut client = Self {
            connection: Connection::start(command)?,
            last_id: 0,
            waiting: BTreeMap::new(),
            owed_errors: VecDeque::new(),
            wanted: BTreeMap::new(),
            shown: BTreeMap::new(),
            status: Value::Null,
            manners: Manners::Polite,
            tokens: VecDeque::new(),
            last_heard: Instant::now(),
            answered: BTreeMap::new(),
        };
        let process_id = Some(std::process::id());
        let options = Options { process_id, ..Options::in_folder(folder) };
        let initialized = client.ask("initialize", options.initialize())?;
        ensure!(initialized.is_ok(), "initialize fails: {initialized:?}");
        client.notify("initialized", json!({}));
        Ok(client)
    }

    /// Its process id.
    pub(crate) fn process(&self) -> u32 {
        self.connection.id()
    }

    /// What it wrote to standard error.
    pub(crate) fn errors(&self) -> String {
        self.connection.errors()
    }

    pub(crate) fn notify(&mut self, method: &str, params: Value) {
        self.connection.notify(method, params);
    }

    /// Sends a request that must be answered, whatever with, and gives its id.
    pub(crate) fn request(&mut self, method: &str, params: Value) -> i64 {
        self.last_id += 1;
        self.request_as(json!(self.last_id), method, params);
        self.last_id
    }

    /// The same under an id of one's own.
    pub(crate) fn request_as(&mut self, id: Value, method: &str, params: Value) {
        match params["command"].as_str() {
            Some(command) => self.await_answer(&id, &format!("{method} {command}")),
            None => self.await_answer(&id, method),
        }
        self.connection.request(id, method, params);
    }

    /// From now on an answer with this id must come.
    pub(crate) fn await_answer(&mut self, id: &Value, what: &str) {
        self.waiting.insert(id.to_string(), Sent { what: what.to_owned(), at: Instant::now() });
    }

    /// Bytes that are no proper message.
    pub(crate) fn send_bytes(&mut self, bytes: Vec<u8>) {
        self.connection.send_bytes(bytes);
    }

    /// Bytes that are no proper message, which must be answered with an error.
    pub(crate) fn send_wrong(&mut self, what: &str, bytes: Vec<u8>) {
        self.owed_errors.push_back(Sent { what: what.to_owned(), at: Instant::now() });
        self.connection.send_bytes(bytes);
    }

    /// A request that was sent and is not yet answered.
    pub(crate) fn some_waiting(&self, random: &mut Random) -> Option<Value> {
        let id = self.waiting.keys().nth(random.below(self.waiting.len()))?;
        serde_json::from_str(id).ok()
    }

    /// Sends a request and waits for its answer.
    pub(crate) fn ask(&mut self, method: &str, params: Value) -> Result<Answer> {
        let id = json!(self.last_id + 1).to_string();
        self.wanted.insert(id.clone(), None);
        self.request(method, params);
        loop {
            if let Some(Some(_)) = self.wanted.get(&id) {
                return self.wanted.remove(&id).flatten().context("it was just there");
            }
            self.listen_once(Instant::now() + Duration::from_millis(100))?;
        }
    }

    /// Takes in what comes for a while.
    ///
    /// # Errors
    /// If the server breaks a rule; see the top of this file.
    pub(crate) fn listen(&mut self, duration: Duration) -> Result<()> {
        let until = Instant::now() + duration;
        while self.listen_once(until)? {}
        Ok(())
    }

    /// Waits until all that was asked is answered.
    pub(crate) fn hear_all_answers(&mut self) -> Result<()> {
        while !self.waiting.is_empty() || !self.owed_errors.is_empty() {
            self.listen_once(Instant::now() + Duration::from_millis(100))?;
        }
        Ok(())
    }

    /// Waits until nothing runs any more, and nothing comes.
    pub(crate) fn be_idle(&mut self) -> Result<()> {
        let until = Instant::now() + ANSWER_WITHIN;
        self.hear_all_answers()?;
        while self.is_busy() || self.last_heard.elapsed() < QUIET {
            ensure!(
                Instant::now() < until,
                "it is not idle after {ANSWER_WITHIN:?}: {}",
                self.status
            );
            self.listen_once(Instant::now() + Duration::from_millis(100))?;
        }
        Ok(())
    }

    fn is_busy(&self) -> bool {
        !matches!(self.status["state"].as_str(), Some("idle" | "error"))
    }

    /// Takes in one message; `false` if none came until then.
    fn listen_once(&mut self, until: Instant) -> Result<bool> {
        let more = match self.connection.receive(until) {
            Received::Message(message) => {
                self.last_heard = Instant::now();
                self.take(message)?;
                true
            }
            Received::NotProtocol(text) => {
                bail!("this on standard output is no message: {text:.300}")
            }
            Received::End => {
                // How it ended says more than that its pipe is closed.
                std::thread::sleep(Duration::from_secs(1));
                bail!("the server is gone: {:?}", self.connection.ended()?)
            }
            Received::Silence => false,
        };
        let late = |sent: &&Sent| sent.at.elapsed() > ANSWER_WITHIN;
        if let Some(sent) = self.waiting.values().chain(&self.owed_errors).find(late) {
            bail!("no answer to `{}` within {ANSWER_WITHIN:?}", sent.what);
        }
        Ok(more)
    }

    fn take(&mut self, message: Value) -> Result<()> {
        ensure!(message["jsonrpc"] == "2.0", "no message of the protocol: {message}");
        match (message["method"].as_str(), message.get("id")) {
            (Some(method), Some(id)) => {
                if let Some(token) = message["params"].get("token") {
                    self.tokens.push_back(token.clone());
                    if self.tokens.len() > MOST_TOKENS {
                        self.tokens.pop_front();
                    }
                }
                self.reply(method, id);
            }
            (Some("textDocument/publishDiagnostics"), None) => {
                let uri = message["params"]["uri"].as_str().context("diagnostics of a file")?;
                let diagnostics = &message["params"]["diagnostics"];
                if diagnostics.as_array().is_some_and(|it| !it.is_empty()) {
                    self.shown.insert(uri.to_owned(), diagnostics.clone());
                } else {
                    self.shown.remove(uri);
                }
            }
            (Some("heapmark/status"), None) => self.status = message["params"].clone(),
            (Some(_), None) => {}
            (None, _) => self.take_answer(&message)?,
        }
        Ok(())
    }

    fn reply(&mut self, method: &str, id: &Value) {
        let settings = json!([{}]);
        let (key, value) = match (self.manners, method) {
            (Manners::Silent, _) => return,
            (Manners::Refuses, _) => ("error", json!({ "code": -32601, "message": "not here" })),
            (Manners::Confused, _) => ("result", json!([{ "what": ["?"] }, 7])),
            (Manners::Polite, "workspace/configuration") => ("result", settings),
            (Manners::Polite, "window/showDocument") => ("result", json!({ "success": true })),
            (Manners::Polite, _) => ("result", Value::Null),
        };
        self.connection.send(&json!({ "jsonrpc": "2.0", "id": id, key: value }));
    }

    fn take_answer(&mut self, message: &Value) -> Result<()> {
        let answer = match (message.get("result"), message.get("error")) {
            (Some(result), None) => Ok(result.clone()),
            (None, Some(error)) => Err(error.clone()),
            _ => bail!("an answer is either a result or an error, not {message}"),
        };
        let id = message["id"].to_string();
        let sent = match (self.waiting.remove(&id), &answer) {
            (Some(sent), _) => sent,
            // A message that cannot be read has no id that one could answer to.
            (None, Err(error)) if message["id"].is_null() => match self.owed_errors.pop_front() {
                Some(sent) => sent,
                None => bail!("an error that nothing asked for: {error}"),
            },
            (None, _) => bail!("an answer that nobody waits for: {message}"),
        };
        let (count, slowest) = self.answered.entry(sent.what).or_default();
        *count += 1;
        *slowest = sent.at.elapsed().max(*slowest);
        if let Some(wanted) = self.wanted.get_mut(&id) {
            *wanted = Some(answer);
        }
        Ok(())
    }

    /// Shuts it down and sees it leave, with success, in time, and without a word about a panic.
    pub(crate) fn finish(&mut self) -> Result<()> {
        let answer = self.ask("shutdown", Value::Null)?;
        ensure!(answer == Ok(Value::Null), "shutdown is answered with {answer:?}");
        self.notify("exit", Value::Null);
        let status = self.connection.wait_for_exit(FAREWELL)?;
        ensure!(status.code() == Some(0), "it leaves with {status}");
        self.ensure_calm()
    }

    /// Nothing has panicked.
    pub(crate) fn ensure_calm(&self) -> Result<()> {
        ensure!(!self.errors().contains("panicked"), "the server panicked");
        Ok(())
    }
}
