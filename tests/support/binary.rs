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
        None => build(&checkout(), &[]).expect("the tests need the heapmark binary"),
    })
}

/// Builds the binary of the checkout with this top folder, and says where cargo has put it.
///
/// # Errors
/// If it cannot be built; cargo has said why.
pub fn build(checkout: &Path, arguments: &[&str]) -> Result<PathBuf> {
    let build = ["build", "--quiet", "--package", "heapmark"];
    let messages = ["--message-format=json-render-diagnostics"];
    let messages = cargo(checkout, &[&build[..], &messages, arguments].concat())?;
    let mut executables = messages.lines().filter_map(|message| {
        let message: serde_json::Value = serde_json::from_str(message).ok()?;
        message["executable"].as_str().map(PathBuf::from)
    });
    executables.next_back().context("cargo built no executable")
}

/// The folder of all that is built, usually `target`: cargo says where, because variables and
/// settings move it.
pub(crate) fn target_directory() -> Result<PathBuf> {
    let metadata = cargo(&checkout(), &["metadata", "--format-version", "1", "--no-deps"])?;
    let metadata: serde_json::Value = serde_json::from_str(&metadata)?;
    let folder = metadata["target_directory"].as_str();
    folder.map(PathBuf::from).context("cargo does not say where it builds")
}

fn checkout() -> PathBuf {
    crate::tests_folder().join("..")
}

/// What cargo writes to its standard output; in the top folder of a checkout, where a relative
/// `CARGO_TARGET_DIR` counts from.
fn cargo(checkout: &Path, arguments: &[&str]) -> Result<String> {
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(checkout)
        .stderr(Stdio::inherit())
        .output()
        .context("cannot start cargo")?;
    ensure!(output.status.success(), "`cargo {}` failed", arguments.join(" "));
    String::from_utf8(output.stdout).context("cargo wrote no text")
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
