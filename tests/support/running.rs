//! A bundled program running in real Node.js, with its inspector open.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::process::{Process, Stream};
use crate::program::Program;

/// Requests that one round sends to a server.
const REQUESTS: u32 = 200;

/// A program in a process of its own; stopped when dropped.
pub struct Running {
    process: Process,
    websocket_url: String,
    /// For a server: its `host:port`, and the number of requests it has answered.
    server: Option<(String, u32)>,
}

impl Running {
    /// Starts the copy of `program` in `workspace`, and waits until it can work.
    ///
    /// # Errors
    /// If Node.js cannot be started or the program fails; with what it has said.
    pub fn start(program: &Program, workspace: &Path) -> Result<Self> {
        let mut node = Command::new(&program.node);
        node.arg("--inspect=127.0.0.1:0").args(&program.node_arguments);
        node.env("PORT", "0").current_dir(workspace);
        if !program.is_server {
            node.arg(crate::tests_folder().join("programs/harness.mjs"));
        }
        node.arg(&program.entry);

        let mut process = Process::start(node)?;
        let address = process.wait_for(Stream::Error, "Debugger listening on ws://")?;
        let server = if program.is_server {
            Some((process.wait_for(Stream::Output, "listening on http://")?, 0))
        } else {
            process.wait_for(Stream::Output, "ready")?;
            None
        };
        Ok(Self { process, websocket_url: format!("ws://{address}"), server })
    }

    /// Where the inspector listens: `ws://127.0.0.1:PORT/ID`.
    pub fn websocket_url(&self) -> &str {
        &self.websocket_url
    }

    /// Where the inspector listens: `127.0.0.1:PORT`.
    pub fn inspector(&self) -> &str {
        let address = self.websocket_url.trim_start_matches("ws://");
        address.split('/').next().unwrap_or(address)
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Begins a round of work of a program that is no server, and does not wait for its end.
    ///
    /// # Errors
    /// If the program has ended; with what it has said.
    pub fn begin_round(&mut self) -> Result<()> {
        self.process.say("round")
    }

    /// Waits for the end of a round that was [begun](Self::begin_round).
    ///
    /// # Errors
    /// If the program fails or ends; with what it has said.
    pub fn end_round(&mut self) -> Result<()> {
        self.process.wait_for(Stream::Output, "done").map(drop)
    }

    /// One round of work, done when this returns. A server answers 200 requests, each of another
    /// user.
    ///
    /// # Errors
    /// If the program fails or ends; with what it has said.
    pub fn round(&mut self) -> Result<()> {
        let Some((address, answered)) = &mut self.server else {
            self.begin_round()?;
            return self.end_round();
        };
        for _ in 0..REQUESTS {
            let path = format!("/pages/{}?user=user-{answered}", 1 + *answered % 60);
            get(address, &path).with_context(|| format!("GET {path} failed"))?;
            *answered += 1;
        }
        Ok(())
    }
}

/// Asks a server at `HOST:PORT` for one page, and gives its body.
///
/// # Errors
/// If it cannot be reached, or answers with another status than 200.
pub fn get(address: &str, path: &str) -> Result<String> {
    let mut connection = TcpStream::connect(address)?;
    write!(connection, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer)?;
    let (head, body) =
        answer.split_once("\r\n\r\n").context("the answer has no end of its head")?;
    ensure!(head.starts_with("HTTP/1.1 200 "), "the answer is: {head}");
    Ok(body.to_owned())
}
