//! A small, real client of the Language Server Protocol: frames, ids, and everything the server
//! said in the order it came.
//!
//! It answers the server's own requests as an editor would, and fails a test that waits too long
//! with what it heard meanwhile.

use std::path::Path;
use std::process::{Command, ExitStatus};
use std::time::{Duration, Instant};

use heapmark_tests::{Connection, Received};
pub(crate) use heapmark_tests::{Options, uri};
use serde_json::{Value, json};

/// How long anything may take. Generous: these are debug builds on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
/// How long the server may take to leave. An editor kills it after about that time.
const FAREWELL: Duration = Duration::from_secs(5);

/// A server and its client.
pub(crate) struct Client {
    pub(crate) connection: Connection,
    /// All that came and was no answer, in order.
    pub(crate) heard: Vec<Value>,
    answers: Vec<Value>,
    last_id: i64,
    /// Whether the server's wish to show progress is granted.
    pub(crate) grants_progress: bool,
    /// The settings, for a server that asks for them.
    pub(crate) configuration: Value,
    finished: bool,
}

/// What came of `initialize`.
pub(crate) type Initialized = Value;

impl Client {
    /// Starts the server without a word.
    pub(crate) fn start() -> Self {
        Self::start_by(Command::new(heapmark_tests::heapmark_binary()))
    }

    fn start_by(mut command: Command) -> Self {
        command.args(["lsp", "--stdio", "--clientProcessId=1"]);
        Self {
            connection: Connection::start(command).expect("the binary starts"),
            heard: Vec::new(),
            answers: Vec::new(),
            last_id: 0,
            grants_progress: true,
            configuration: Value::Null,
            finished: false,
        }
    }

    /// Starts the server and goes through the handshake.
    pub(crate) fn open(options: &Options) -> Self {
        Self::open_and_look(options).0
    }

    /// The same, with a variable of the environment.
    pub(crate) fn open_with_variable(options: &Options, name: &str, value: &str) -> Self {
        let mut command = Command::new(heapmark_tests::heapmark_binary());
        command.env(name, value).current_dir(&options.folders[0]);
        let client = Self::start_by(command);
        client.shake_hands(options).0
    }

    /// The same, started by another command.
    pub(crate) fn open_by(command: Command, options: &Options) -> Self {
        Self::start_by(command).shake_hands(options).0
    }

    /// As [`Client::open`], with the server's answer.
    pub(crate) fn open_and_look(options: &Options) -> (Self, Initialized) {
        Self::start().shake_hands(options)
    }

    fn shake_hands(self, options: &Options) -> (Self, Initialized) {
        let mut client = self;
        let initialized = client.request("initialize", options.initialize());
        client.notify("initialized", json!({}));
        let initialized = initialized.expect("initialize succeeds");
        (client, initialized)
    }

    /// Sends a request and waits for its answer: the result, or the error.
    pub(crate) fn request(&mut self, method: &str, params: Value) -> Result<Value, Value> {
        let id = self.send_request(method, params);
        self.answer_to(id)
    }

    /// Sends a request and returns its id.
    pub(crate) fn send_request(&mut self, method: &str, params: Value) -> i64 {
        self.last_id += 1;
        self.connection.request(self.last_id, method, params);
        self.last_id
    }

    /// Waits for the answer to a request.
    pub(crate) fn answer_to(&mut self, id: i64) -> Result<Value, Value> {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(at) = self.answers.iter().position(|answer| answer["id"] == id) {
                let mut answer = self.answers.remove(at);
                return match answer.get("error") {
                    Some(error) => Err(error.clone()),
                    None => Ok(answer["result"].take()),
                };
            }
            assert!(self.receive(until), "no answer to request {id}; heard {:#?}", self.heard);
        }
    }

    /// Runs a command of the server.
    pub(crate) fn execute(&mut self, command: &str, argument: Value) -> Result<Value, Value> {
        let id = self.send_command(command, argument);
        self.answer_to(id)
    }

    /// Sends a command and returns its id.
    pub(crate) fn send_command(&mut self, command: &str, argument: Value) -> i64 {
        let command = format!("heapmark.server.{command}");
        let params = json!({ "command": command, "arguments": [argument] });
        self.send_request("workspace/executeCommand", params)
    }

    /// Sends a notification.
    pub(crate) fn notify(&mut self, method: &str, params: Value) {
        self.connection.notify(method, params);
    }

    fn send(&mut self, message: &Value) {
        self.connection.send(message);
    }

    /// Sends bytes as they are, which need not be a message.
    pub(crate) fn send_raw(&mut self, bytes: &[u8]) {
        self.connection.send_bytes(bytes.to_vec());
    }

    /// The next answer that belongs to no request: its error.
    pub(crate) fn complaint(&mut self) -> Value {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(at) = self.answers.iter().position(|answer| answer["id"].is_null()) {
                return self.answers.remove(at)["error"].take();
            }
            assert!(self.receive(until), "no complaint; heard {:#?}", self.heard);
        }
    }

    /// Takes in one message; `false` if none came in time or the server has closed its end.
    fn receive(&mut self, until: Instant) -> bool {
        match self.connection.receive(until) {
            Received::Message(message) => self.take(message),
            Received::NotProtocol(text) => panic!("this is no message: {text}"),
            Received::Silence | Received::End => return false,
        }
        true
    }

    fn take(&mut self, message: Value) {
        match (message.get("method"), message.get("id")) {
            (None, _) => self.answers.push(message),
            (Some(method), Some(id)) => {
                let answer = match method.as_str() {
                    Some("window/workDoneProgress/create") if !self.grants_progress => {
                        json!({ "jsonrpc": "2.0", "id": id,
                            "error": { "code": -32601, "message": "not here" } })
                    }
                    Some("workspace/configuration") => {
                        json!({ "jsonrpc": "2.0", "id": id, "result": [self.configuration] })
                    }
                    Some("window/showDocument") => {
                        json!({ "jsonrpc": "2.0", "id": id, "result": { "success": true } })
                    }
                    _ => json!({ "jsonrpc": "2.0", "id": id, "result": null }),
                };
                self.send(&answer);
                self.heard.push(message);
            }
            (Some(_), None) => self.heard.push(message),
        }
    }

    /// Waits until something was heard that `is_it`, from the beginning on, and returns what
    /// `is_it` makes of it.
    pub(crate) fn wait_for<T>(&mut self, what: &str, is_it: impl Fn(&Value) -> Option<T>) -> T {
        self.wait_from(0, what, is_it)
    }

    /// The same, but only what was heard from the `start`-th message on.
    pub(crate) fn wait_from<T>(
        &mut self,
        start: usize,
        what: &str,
        is_it: impl Fn(&Value) -> Option<T>,
    ) -> T {
        let until = Instant::now() + PATIENCE;
        let mut next = start;
        loop {
            while let Some(message) = self.heard.get(next) {
                if let Some(found) = is_it(message) {
                    return found;
                }
                next += 1;
            }
            assert!(self.receive(until), "waited in vain for {what}; heard {:#?}", self.heard);
        }
    }

    /// Waits until `is_it` is true of the whole client.
    pub(crate) fn wait_until(&mut self, what: &str, is_it: impl Fn(&Self) -> bool) {
        let until = Instant::now() + PATIENCE;
        while !is_it(self) {
            assert!(self.receive(until), "waited in vain until {what}; heard {:#?}", self.heard);
        }
    }

    /// Takes in what comes within a while, to see that something does not happen.
    pub(crate) fn listen_for(&mut self, duration: Duration) {
        let until = Instant::now() + duration;
        while self.receive(until) {}
    }

    /// Waits until the server has nothing to do, after it had something.
    pub(crate) fn wait_for_result(&mut self) -> Value {
        self.wait_for_result_from(0)
    }

    /// The same, from the `start`-th message on.
    pub(crate) fn wait_for_result_from(&mut self, start: usize) -> Value {
        self.wait_from(start, "the result of an analysis", |message| {
            let status = &message["params"];
            let done = message["method"] == "heapmark/status"
                && status["state"] != "analyzing"
                && status["message"] != "";
            done.then(|| status.clone())
        })
    }

    /// The diagnostics of a file as the editor has them now, the first line first.
    pub(crate) fn diagnostics(&self, file: &Path) -> Vec<Value> {
        let file = uri(file);
        let published = self.heard.iter().rev().find(|message| {
            message["method"] == "textDocument/publishDiagnostics"
                && message["params"]["uri"] == file.as_str()
        });
        let diagnostics = published.map(|message| message["params"]["diagnostics"].clone());
        let mut diagnostics: Vec<Value> =
            diagnostics.and_then(|it| it.as_array().cloned()).unwrap_or_default();
        diagnostics.sort_by_key(|it| it["range"]["start"]["line"].as_u64());
        diagnostics
    }

    /// The Markdown of the hover at a 0-based position; `None` if there is none.
    pub(crate) fn hover(&mut self, file: &Path, line: u32, column: u32) -> Option<String> {
        let params = json!({
            "textDocument": { "uri": uri(file) },
            "position": { "line": line, "character": column },
        });
        let hover = self.request("textDocument/hover", params).expect("a hover never fails");
        hover["contents"]["value"].as_str().map(str::to_owned)
    }

    /// What the user was shown in a message box, in order.
    pub(crate) fn messages(&self) -> Vec<String> {
        let shown = self.heard.iter().filter(|message| message["method"] == "window/showMessage");
        shown
            .filter_map(|message| Some(message["params"]["message"].as_str()?.to_owned()))
            .collect()
    }

    /// Leaves in order, and sees that the server does too.
    pub(crate) fn finish(mut self) {
        let answer = self.request("shutdown", Value::Null);
        assert_eq!(answer, Ok(Value::Null));
        self.notify("exit", Value::Null);
        assert_eq!(self.wait_for_exit().code(), Some(0), "leaves with success after shutdown");
    }

    /// Ends the server as the system does when memory runs out.
    pub(crate) fn kill(mut self) {
        self.connection.kill();
        self.finished = true;
    }

    /// Closes the pipe to the server without a word.
    pub(crate) fn hang_up(&mut self) {
        self.connection.hang_up();
    }

    /// Waits for the end of the server, which must come soon, and must be without a panic.
    /// Whether the server's process has not ended yet.
    pub(crate) fn is_running(&mut self) -> bool {
        self.connection.wait_for_exit(Duration::from_millis(1)).is_err()
    }

    pub(crate) fn wait_for_exit(&mut self) -> ExitStatus {
        self.wait_for_exit_within(FAREWELL)
    }

    /// The same, with another limit.
    pub(crate) fn wait_for_exit_within(&mut self, limit: Duration) -> ExitStatus {
        let status = self.connection.wait_for_exit(limit).expect("it leaves in time");
        self.finished = true;
        let errors = self.connection.errors();
        assert!(!errors.contains("panicked"), "the server panicked:\n{errors}");
        status
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        if !self.finished {
            // Only on the way out of a test that fails, which says why; else it forgot `finish`.
            self.connection.kill();
            let failed = std::thread::panicking();
            assert!(failed, "a test must end with `finish` or `wait_for_exit`");
            eprintln!("the server wrote to standard error:\n{}", self.connection.errors());
        }
    }
}
