//! `cargo xtask demo`: the whole way once, on a bundled server that leaks.
//!
//! Starts the server, takes a baseline, sends requests, takes the target, sends more, takes the
//! final snapshot, and lets Heapmark say what leaks.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::Context;
use xshell::{Shell, cmd};

const SERVER: &str = "tests/programs/leaky-server";
/// Requests before each snapshot.
const REQUESTS: u32 = 600;

pub(crate) fn run(shell: &Shell) -> anyhow::Result<()> {
    crate::require(shell, "node", "the demo runs a small server in Node.js 20 or later")?;
    cmd!(shell, "cargo build --release --package heapmark").run()?;
    let heapmark = format!("target/release/heapmark{}", std::env::consts::EXE_SUFFIX);
    let folder = format!("{SERVER}/.heapmark");
    shell.remove_path(&folder)?;

    println!("\nStarting {SERVER}/server.js, a small server that leaks.");
    let server = Server::start(&crate::repository().join(SERVER))?;
    let inspector = &server.inspector;
    println!("$ heapmark capture --count 3 --ask {inspector}");
    let mut capture = Command::new(&heapmark)
        .args(["capture", "--count", "3", "--ask", inspector, "--folder", &folder])
        .current_dir(crate::repository())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("cannot start heapmark")?;
    let said = said_by(capture.stderr.take().context("no standard error")?);
    let mut keyboard = capture.stdin.take().context("no standard input")?;
    let mut screen = BufReader::new(capture.stdout.take().context("no standard output")?).lines();
    for round in 0..3 {
        server.serve(round * REQUESTS..(round + 1) * REQUESTS)?;
        writeln!(keyboard)?;
        // One line a snapshot, when it is complete.
        let Some(line) = screen.next() else { break };
        println!("{}", line?);
    }
    let success = capture.wait()?.success();
    let said = said.join().unwrap_or_default();
    anyhow::ensure!(success, "heapmark capture failed: {said}");
    drop(server);

    println!("\n$ heapmark analyze {folder} --workspace {SERVER}\n");
    cmd!(shell, "{heapmark} analyze {folder} --workspace {SERVER}").quiet().run()?;
    println!(
        "\nThe same in your editor: `cargo xtask package`, install the .vsix file in VS Code, and \
         open {SERVER}."
    );
    Ok(())
}

/// The bundled server; stopped when dropped.
struct Server {
    process: Child,
    /// Where it answers: `http://127.0.0.1:43210`.
    url: String,
    /// Where its inspector listens: `127.0.0.1:9229`.
    inspector: String,
}

impl Server {
    fn start(folder: &Path) -> anyhow::Result<Self> {
        let mut process = Command::new("node")
            .args(["--inspect=127.0.0.1:0", "server.js"])
            .env("PORT", "0")
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("cannot start node")?;
        let stderr = process.stderr.take().context("node's standard error is not there")?;
        let stdout = process.stdout.take().context("node's standard output is not there")?;
        // Made before the addresses are known, so that a failure stops the process too.
        let mut server = Self { process, url: String::new(), inspector: String::new() };
        let debugger = line_after(stderr, "ws://").context("node opened no inspector")?;
        debugger.split('/').next().unwrap_or_default().clone_into(&mut server.inspector);
        server.url = format!("http://{}", line_after(stdout, "http://").context("no address")?);
        Ok(server)
    }

    /// Asks for one page a number, each by another visitor.
    fn serve(&self, numbers: std::ops::Range<u32>) -> anyhow::Result<()> {
        for number in numbers {
            let url = format!("{}/pages/{}?user=visitor-{number}", self.url, 1 + number % 10);
            ureq::get(&url).call().with_context(|| format!("the server did not answer {url}"))?;
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to stop.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Collects all that a stream says, so that it can be shown if something fails.
fn said_by(mut stream: impl Read + Send + 'static) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut said = String::new();
        // What could be read is better than nothing.
        let _ = stream.read_to_string(&mut said);
        said
    })
}

/// What follows `marker` in the first line that has it. The rest of the stream is read away, so that
/// the process never waits for a reader.
fn line_after(stream: impl Read + Send + 'static, marker: &str) -> Option<String> {
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let found = lines.find_map(|line| Some(line.split_once(marker)?.1.trim().to_owned()));
    std::thread::spawn(move || lines.for_each(drop));
    found
}
