//! The real `heapmark` binary: where it is, and running it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use anyhow::{Context, Result, ensure};

/// The binary under test: the one that `HEAPMARK_BINARY` names, or else a fresh debug build.
///
/// # Panics
/// If it cannot be built: no test of the whole can say anything then.
pub fn heapmark_binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| match std::env::var_os("HEAPMARK_BINARY") {
        Some(path) => PathBuf::from(path),
        None => build().expect("the tests need the heapmark binary"),
    })
}

fn build() -> Result<PathBuf> {
    let output = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--package", "heapmark"])
        .arg("--message-format=json-render-diagnostics")
        .current_dir(crate::tests_folder())
        .stderr(Stdio::inherit())
        .output()
        .context("cannot start cargo")?;
    ensure!(output.status.success(), "`cargo build --package heapmark` failed");
    let messages = output.stdout.split(|&byte| byte == b'\n');
    let mut executables = messages.filter_map(|message| {
        let message: serde_json::Value = serde_json::from_slice(message).ok()?;
        message["executable"].as_str().map(PathBuf::from)
    });
    executables.next_back().context("cargo built no executable")
}

/// A command that runs the binary under test, without a terminal, and without an index where the user
/// of this machine has theirs.
pub fn heapmark() -> Command {
    let mut command = Command::new(heapmark_binary());
    command.stdin(Stdio::null()).env("HEAPMARK_INDEX", "off");
    command
}

/// Runs `command` and gives its standard output.
///
/// # Errors
/// If it cannot be started, fails, or writes something that is not UTF-8; with what it wrote to
/// standard error.
pub fn output_of(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("cannot start {command:?}"))?;
    ensure!(
        output.status.success(),
        "{command:?} failed ({}):\n{}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).with_context(|| format!("{command:?} wrote no text"))
}
