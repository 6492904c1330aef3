//! `cargo xtask demo`: the whole way once, on a bundled server that leaks.
//!
//! Starts the server, takes a baseline, sends requests, takes the target, sends more, takes the
//! final snapshot, and lets Heapmark say what leaks. All in a copy without the comments that tell the
//! tests what must be found: whoever watches shall see that nothing was told.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::Context;
use xshell::{Shell, cmd};

const SERVER: &str = "tests/programs/leaky-server";
/// How the comments begin that only the tests read.
const MARK: &str = "// heapmark:";
/// Requests before each snapshot.
const REQUESTS: u32 = 600;

pub(crate) fn run(shell: &Shell) -> anyhow::Result<()> {
    crate::require(
        shell,
        "node",
        "install Node.js 20 or later, the demo runs a small server in it",
    )?;
    let heapmark = crate::cargo::build(shell, &["--release", "--package", "heapmark"])?;
    // The copy that is run and analysed.
    let folder = crate::cargo::target_directory(shell)?.join("demo/leaky-server");
    let shown = folder.strip_prefix(crate::repository()).unwrap_or(&folder).display();
    shell.remove_path(&folder)?;
    copy_without_marks(&crate::repository().join(SERVER), &folder)?;

    println!("\nStarting server.js in {shown}, a small server that leaks.");
    let server = Server::start(&folder)?;
    let inspector = &server.inspector;
    println!("$ heapmark capture --count 3 --ask {inspector}");
    let mut capture = Command::new(&heapmark)
        .args(["capture", "--count", "3", "--ask", inspector])
        .current_dir(&folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {}", heapmark.display()))?;
    let said = said_by(capture.stderr.take().expect("it is piped"));
    let mut keyboard = capture.stdin.take().expect("it is piped");
    let mut screen = BufReader::new(capture.stdout.take().expect("it is piped")).lines();
    for round in 0..3 {
        server.serve(round * REQUESTS..(round + 1) * REQUESTS)?;
        writeln!(keyboard)?;
        // One line a snapshot, when it is complete.
        let Some(line) = screen.next() else { break };
        println!("{}", line?);
    }
    let success = capture.wait()?.success();
    let said = said.join().unwrap_or_default();
    anyhow::ensure!(success, "heapmark capture failed: {}", said.trim());
    drop(server);

    println!("\n$ heapmark analyze .heapmark\n");
    let _folder = shell.push_dir(&folder);
    cmd!(shell, "{heapmark} analyze .heapmark").quiet().run()?;
    println!(
        "\nThe same in your editor: `cargo xtask package`, install the .vsix file in VS Code, and \
         open the folder {shown}."
    );
    Ok(())
}

/// Copies a program's files, the JavaScript ones without marks; line numbers stay. Snapshots of an
/// earlier run and the description, which gives the leaks away, stay behind.
fn copy_without_marks(from: &Path, to: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(to).with_context(|| format!("cannot make {}", to.display()))?;
    let entries = from.read_dir().with_context(|| format!("cannot read {}", from.display()))?;
    for entry in entries {
        let entry = entry?;
        let (path, copy) = (entry.path(), to.join(entry.file_name()));
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_dir() {
            if !name.starts_with('.') {
                copy_without_marks(&path, &copy)?;
            }
        } else if path.extension().is_some_and(|extension| extension == "js") {
            let text = std::fs::read_to_string(&path)
                .with_context(|| format!("cannot read {}", path.display()))?;
            std::fs::write(&copy, without_marks(&text))?;
        } else if name != "README.md" {
            std::fs::copy(&path, &copy)?;
        }
    }
    Ok(())
}

fn without_marks(text: &str) -> String {
    let line = |line: &str| {
        let code = line.split_once(MARK).map_or(line, |(code, _)| code.trim_end());
        format!("{code}\n")
    };
    text.lines().map(line).collect::<Vec<_>>().concat()
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
        let stderr = process.stderr.take().expect("it is piped");
        let stdout = process.stdout.take().expect("it is piped");
        // Made before the addresses are known, so that a failure stops the process too.
        let mut server = Self { process, url: String::new(), inspector: String::new() };
        let debugger = line_after(stderr, "ws://").context(
            "node opened no inspector: try it with `node --inspect=127.0.0.1:0 --version`",
        )?;
        debugger.split('/').next().unwrap_or_default().clone_into(&mut server.inspector);
        server.url = format!(
            "http://{}",
            line_after(stdout, "http://").with_context(|| {
                format!(
                    "the server did not start: try it with `node server.js` in {}",
                    folder.display()
                )
            })?
        );
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_copy_has_no_marks_and_the_same_lines() {
        let original = crate::repository().join(SERVER);
        let folder = tempfile::tempdir().unwrap();
        copy_without_marks(&original, folder.path()).unwrap();
        let read = |path: &Path| std::fs::read_to_string(path.join("src/pages.js")).unwrap();
        let (marked, copied) = (read(&original), read(folder.path()));
        assert!(marked.contains(MARK), "the tests need them");
        assert!(!copied.contains(MARK), "{copied}");
        assert_eq!(marked.lines().count(), copied.lines().count());
    }

    #[test]
    fn only_the_mark_goes() {
        assert_eq!(without_marks("a(); // heapmark: x first\n// b\n"), "a();\n// b\n");
    }
}
