//! The engines: programs that take a first look at a snapshot, built and ready to start.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Context;
use xshell::{Shell, cmd};

use super::files;

/// Ours runs this often: it is so short that noise would tell.
const OUR_RUNS: u32 = 3;
/// The peers need minutes.
const PEER_RUNS: u32 = 2;
/// More old space than any of the peers needs for 2 GB, in MB.
const OLD_SPACE: &str = "--max-old-space-size=16000";

pub(super) struct Engine {
    pub(super) name: String,
    /// How often to run it; the best run counts.
    pub(super) runs: u32,
    program: PathBuf,
    before_file: Vec<OsString>,
    index_folder: Option<PathBuf>,
}

impl Engine {
    fn new(name: &str, runs: u32, program: impl Into<PathBuf>) -> Self {
        let (before_file, index_folder) = (Vec::new(), None);
        Self { name: name.to_owned(), runs, program: program.into(), before_file, index_folder }
    }

    pub(super) fn command(&self, file: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.before_file).arg(file).args(&self.index_folder);
        command
    }

    /// Makes the file's index, if the engine is the one that has it.
    pub(super) fn prepare(&self, file: &Path) -> anyhow::Result<()> {
        let Some(folder) = &self.index_folder else { return Ok(()) };
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        let ended = self.command(file).stdout(Stdio::null()).status();
        let ended = ended.with_context(|| format!("cannot start {}", self.program.display()))?;
        anyhow::ensure!(ended.success(), "no index for {}: {ended}", file.display());
        Ok(())
    }
}

/// Ours: from the file, and from the index that a first look has left behind; with the tables of a
/// first look, and without.
pub(super) fn ours(shell: &Shell, folder: &Path) -> anyhow::Result<Vec<Engine>> {
    let first_look = ["--package", "heapmark-heap", "--example", "first_look"];
    let program = crate::cargo::build(shell, &[&["--profile", "dist"], &first_look[..]].concat())?;
    let index_folder = || Some(folder.join("indexes"));
    let first = Engine::new("**Heapmark**", OUR_RUNS, &program);
    let mut reopened = Engine::new("**Heapmark**, reopened", OUR_RUNS, &program);
    reopened.index_folder = index_folder();
    let mut opening = Engine::new("**Heapmark**, only opened", OUR_RUNS, &program);
    opening.before_file.push("--open".into());
    let mut reopening = Engine::new("**Heapmark**, only reopened", OUR_RUNS, program);
    reopening.before_file.push("--open".into());
    reopening.index_folder = index_folder();
    Ok(vec![first, reopened, opening, reopening])
}

/// The peers; those in JavaScript run in the newest of these versions of Node.js.
pub(super) fn peers(shell: &Shell, folder: &Path, node: &[u32]) -> anyhow::Result<Vec<Engine>> {
    crate::require(shell, "npm", "install it with Node.js, two of the peers come from there")?;
    let newest = node.iter().max().context("no version of Node.js to run the peers in")?;
    let node = files::node(shell, folder, *newest)?;
    Ok(vec![devtools(shell, &node)?, memlab(shell, &node)?, v8_heap_parser(shell, folder)?])
}

fn devtools(shell: &Shell, node: &Path) -> anyhow::Result<Engine> {
    let _parity = shell.push_dir("tests/parity");
    cmd!(shell, "npm ci --no-audit --no-fund").quiet().run()?;
    cmd!(shell, "{node} bundle.mjs").quiet().run()?;
    let package = "chrome-devtools-frontend";
    let version = npm_version(&shell.read_file("package-lock.json")?, package)?;
    Ok(in_node(&format!("Chrome DevTools {version}"), node, "devtools.mjs"))
}

fn memlab(shell: &Shell, node: &Path) -> anyhow::Result<Engine> {
    let _bench = shell.push_dir("tests/bench");
    cmd!(shell, "npm ci --no-audit --no-fund").quiet().run()?;
    let package = "@memlab/heap-analysis";
    let version = npm_version(&shell.read_file("package-lock.json")?, package)?;
    Ok(in_node(&format!("memlab {version}"), node, "memlab.cjs"))
}

fn in_node(name: &str, node: &Path, script: &str) -> Engine {
    let script = crate::repository().join("tests/bench").join(script);
    let mut engine = Engine::new(name, PEER_RUNS, node);
    engine.before_file = vec![OLD_SPACE.into(), script.into()];
    engine
}

fn v8_heap_parser(shell: &Shell, folder: &Path) -> anyhow::Result<Engine> {
    let package = "tests/bench/v8-heap-parser";
    let (manifest, folder) = (format!("{package}/Cargo.toml"), folder.to_string_lossy());
    let arguments =
        ["--release", "--locked", "--manifest-path", &manifest, "--target-dir", &folder];
    let program = crate::cargo::build(shell, &arguments)?;
    let version =
        cargo_version(&shell.read_file(format!("{package}/Cargo.lock"))?, "v8-heap-parser")?;
    Ok(Engine::new(&format!("v8-heap-parser {version}"), PEER_RUNS, program))
}

/// Which version of a package npm has installed.
fn npm_version(lock_file: &str, package: &str) -> anyhow::Result<String> {
    let lock: serde_json::Value = serde_json::from_str(lock_file)?;
    let version = &lock["packages"][format!("node_modules/{package}")]["version"];
    Ok(version.as_str().with_context(|| format!("no {package} in package-lock.json"))?.to_owned())
}

/// Which version of a crate Cargo builds.
fn cargo_version(lock_file: &str, package: &str) -> anyhow::Result<String> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock_file.lines().skip_while(|line| *line != name).skip(1);
    let version = lines.next().and_then(|line| line.strip_prefix("version = "));
    let version = version.with_context(|| format!("no {package} in Cargo.lock"))?;
    Ok(version.trim_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_come_from_the_lock_files() {
        let npm = r#"{"packages":{"node_modules/@memlab/core":{"version":"2.1.0"}}}"#;
        assert_eq!(npm_version(npm, "@memlab/core").expect("in it"), "2.1.0");
        assert!(npm_version(npm, "core").is_err());
        let cargo = "[[package]]\nname = \"v8\"\nversion = \"1\"\n\n[[package]]\nname = \"v8-x\"\nversion = \"1.1.0\"\n";
        assert_eq!(cargo_version(cargo, "v8-x").expect("in it"), "1.1.0");
        assert!(cargo_version(cargo, "x").is_err());
    }
}
