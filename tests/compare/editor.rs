//! What an editor would show: the diagnostics of every file, and the hover at every word of the
//! program's own sources.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use heapmark_tests::{Connection, Options, Received, uri};
use serde_json::{Value, json};

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(120);
/// Bytes: longer sources are bundles, of which the first words tell enough.
const MAX_SOURCE: usize = 60_000;

/// A server with a workspace open.
pub(crate) struct Editor {
    connection: Connection,
    sources: Vec<PathBuf>,
    /// The diagnostics of each file, by its URI, as they are now.
    diagnostics: BTreeMap<String, Value>,
    last_id: u64,
}

impl Editor {
    pub(crate) fn open(binary: &Path, workspace: &Path) -> Result<Self> {
        let mut command = Command::new(binary);
        command.arg("lsp").env("HEAPMARK_INDEX", "off");
        let connection = Connection::start(command)?;
        let mut sources = Vec::new();
        collect_sources(workspace, &mut sources)?;
        sources.sort();
        let mut editor = Self { connection, sources, diagnostics: BTreeMap::new(), last_id: 0 };
        editor.ask("initialize", Options::quiet(workspace).initialize())?;
        editor.connection.notify("initialized", json!({}));
        Ok(editor)
    }

    /// Analyses these snapshots, and gives all that is shown then.
    pub(crate) fn show(&mut self, files: &[PathBuf]) -> Result<String> {
        let command = |name: &str, argument: Value| {
            let command = format!("heapmark.server.{name}");
            json!({ "command": command, "arguments": [argument] })
        };
        self.ask("workspace/executeCommand", command("clear", json!({})))?;
        let analyzed =
            self.ask("workspace/executeCommand", command("analyze", json!({ "files": files })))?;
        let mut shown = format!("{analyzed:#}\n");
        // Asked for last, so that all diagnostics have come before its answers.
        let hovers = self.hovers()?;
        for (file, diagnostics) in &self.diagnostics {
            if diagnostics.as_array().is_some_and(|all| !all.is_empty()) {
                let _ = writeln!(shown, "{file}\n{diagnostics:#}");
            }
        }
        shown.push_str(&hovers);
        Ok(shown)
    }

    fn hovers(&mut self) -> Result<String> {
        let mut shown = String::new();
        for file in self.sources.clone() {
            let text = fs::read_to_string(&file).unwrap_or_default();
            let mut asked = Vec::new();
            for (line, character) in words(&text) {
                let position = json!({ "line": line, "character": character });
                let document = json!({ "uri": uri(&file) });
                let params = json!({ "textDocument": document, "position": position });
                asked.push((line, character, self.start("textDocument/hover", params)));
            }
            let mut before = String::new();
            for (line, character, id) in asked {
                let hover = self.answer(id)?;
                let Some(hover) = hover["contents"]["value"].as_str() else { continue };
                let hover = without_ages(hover);
                // A hover that stands over many words is told once.
                if hover != before {
                    let _ = writeln!(shown, "{}:{line}:{character}\n{hover}", file.display());
                }
                before = hover;
            }
        }
        Ok(shown)
    }

    pub(crate) fn close(mut self) -> Result<()> {
        self.ask("shutdown", Value::Null)?;
        self.connection.notify("exit", Value::Null);
        self.connection.wait_for_exit(PATIENCE)?;
        Ok(())
    }

    fn ask(&mut self, method: &str, params: Value) -> Result<Value> {
        let id = self.start(method, params);
        self.answer(id)
    }

    fn start(&mut self, method: &str, params: Value) -> u64 {
        self.last_id += 1;
        self.connection.request(self.last_id, method, params);
        self.last_id
    }

    /// Takes in what comes until the answer; answers come in the order of the questions, or close to
    /// it.
    fn answer(&mut self, id: u64) -> Result<Value> {
        let until = Instant::now() + PATIENCE;
        loop {
            let mut message = match self.connection.receive(until) {
                Received::Message(message) => message,
                other => bail!("no answer but {other:?}; it wrote:\n{}", self.connection.errors()),
            };
            let method = message["method"].as_str().unwrap_or_default().to_owned();
            match (method.as_str(), message.get("id").cloned()) {
                ("", Some(of)) if of == id => {
                    // An error is what it says too.
                    let error = message.get("error").cloned();
                    return Ok(error.unwrap_or_else(|| message["result"].take()));
                }
                ("", Some(of)) => bail!("an answer to {of} where one to {id} was due"),
                ("textDocument/publishDiagnostics", None) => {
                    let file = message["params"]["uri"].as_str().context("it has a file")?;
                    let file = file.to_owned();
                    self.diagnostics.insert(file, message["params"]["diagnostics"].take());
                }
                (_, Some(of)) => {
                    self.connection.send(&json!({ "jsonrpc": "2.0", "id": of, "result": null }));
                }
                (_, None) => {}
            }
        }
    }
}

/// The program's own sources in a folder and below.
fn collect_sources(folder: &Path, sources: &mut Vec<PathBuf>) -> Result<()> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_dir() {
            if name != "node_modules" && !name.starts_with('.') {
                collect_sources(&path, sources)?;
            }
        } else if path.extension().is_some_and(|it| {
            ["js", "cjs", "mjs", "jsx", "ts", "cts", "mts", "tsx"].iter().any(|other| it == *other)
        }) {
            sources.push(path);
        }
    }
    Ok(())
}

/// Line and character at which each word begins, from 0.
fn words(text: &str) -> Vec<(usize, usize)> {
    let mut words = Vec::new();
    let mut length = 0;
    for (number, line) in text.lines().enumerate() {
        length += line.len();
        if length > MAX_SOURCE {
            break;
        }
        let (mut units, mut inside) = (0, false);
        for character in line.chars() {
            let is_word = character.is_alphanumeric() || character == '_' || character == '$';
            if is_word && !inside {
                words.push((number, units));
            }
            inside = is_word;
            units += character.len_utf16();
        }
    }
    words
}

/// How old a snapshot is changes by itself.
fn without_ages(hover: &str) -> String {
    let is_age = |part: &str| part.ends_with(" ago") || part == "just now";
    let lines = hover.lines().map(|line| {
        let parts: Vec<&str> = line.split(", ").filter(|part| !is_age(part)).collect();
        parts.join(", ")
    });
    lines.collect::<Vec<_>>().join("\n")
}
