//! `cargo xtask test [SUITE]`: each suite sets up what it needs and fails aloud when it cannot.

use std::time::Instant;

use clap::ValueEnum;
use xshell::{Shell, cmd};

use crate::require;

/// A part of the tests that can run alone.
#[derive(Clone, Copy, PartialEq, ValueEnum)]
pub(crate) enum Suite {
    /// The inner loop: what needs no long program, in less than two minutes once it is built
    Quick,
    /// Formatting and lints of Rust and TypeScript, and whether the repository is in order: spelling,
    /// dependencies, lists
    Lint,
    /// The crates' own tests, the bundled programs, and the command line
    Rust,
    /// Every number against Chrome DevTools' own engine
    Parity,
    /// One program in TypeScript, built in every way that people build
    Maps,
    /// The language server over standard input and output
    Lsp,
    /// The server under a fuzzer of everything at once: a short form, or as long as `HEAPMARK_SOAK` says
    Soak,
    /// The extension's own tests
    Extension,
    /// The extension in the real VS Code in a real browser
    Vscode,
}

/// The crates whose unit tests are quick.
const CRATES: [&str; 7] = [
    "heapmark-files",
    "heapmark-heap",
    "heapmark-source",
    "heapmark-capture",
    "heapmark-leaks",
    "heapmark-lsp",
    "heapmark",
];

pub(crate) fn run_all(shell: &Shell) -> anyhow::Result<()> {
    // All that is quick is in the suites `rust` and `lint` too.
    for &suite in Suite::value_variants().iter().filter(|&&suite| suite != Suite::Quick) {
        run(shell, suite)?;
    }
    println!("\nAll suites passed.");
    Ok(())
}

pub(crate) fn run(shell: &Shell, suite: Suite) -> anyhow::Result<()> {
    let started = Instant::now();
    let name = suite.to_possible_value().map_or(String::new(), |v| v.get_name().to_owned());
    println!("\n── suite: {name} ──");
    require(shell, "node", "install Node.js 20 or later, the tests run real programs in it")?;
    if suite != Suite::Quick {
        require(shell, "npm", "install it with Node.js, the tools of the tests come from there")?;
    }
    match suite {
        Suite::Quick => quick(shell)?,
        Suite::Lint => lint(shell)?,
        Suite::Rust => rust(shell)?,
        Suite::Parity => integration(shell, "parity")?,
        Suite::Maps => integration(shell, "maps")?,
        Suite::Lsp => integration(shell, "lsp")?,
        Suite::Soak => integration(shell, "soak")?,
        Suite::Extension => extension(shell)?,
        Suite::Vscode => vscode(shell)?,
    }
    println!("── {name}: passed in {:.0} s ──", started.elapsed().as_secs_f64());
    Ok(())
}

/// Unit tests, and what is in order or not. In one run of cargo, so that dependencies are not built
/// anew with the features of other packages.
fn quick(shell: &Shell) -> anyhow::Result<()> {
    let packages = CRATES.iter().flat_map(|name| ["--package", name]);
    cmd!(shell, "cargo test {packages...} --package heapmark-tests")
        .args(["--lib", "--bins", "--test", "tidy", "--test", "docs"])
        .run()?;
    Ok(())
}

fn lint(shell: &Shell) -> anyhow::Result<()> {
    cmd!(shell, "cargo fmt --all --check").run()?;
    crate::msrv::check(shell)?;
    cmd!(shell, "cargo clippy --workspace --all-targets -- -D warnings").run()?;
    cmd!(shell, "cargo test --package heapmark-tests --test tidy").run()?;
    let _extension = shell.push_dir("vscode-extension");
    cmd!(shell, "npm ci --no-audit --no-fund").run()?;
    cmd!(shell, "npm run typecheck").run()?;
    cmd!(shell, "npm run lint").run()?;
    Ok(())
}

fn rust(shell: &Shell) -> anyhow::Result<()> {
    cmd!(shell, "cargo build --package heapmark").run()?;
    cmd!(shell, "cargo test --workspace --exclude heapmark-tests").run()?;
    integration(shell, "programs")?;
    integration(shell, "fingerprints")?;
    integration(shell, "versions")?;
    integration(shell, "processes")?;
    integration(shell, "dom")?;
    integration(shell, "docs")?;
    integration(shell, "cli")
}

/// Runs one target of the `tests` package, with the real binary built first.
fn integration(shell: &Shell, target: &str) -> anyhow::Result<()> {
    cmd!(shell, "cargo build --package heapmark").run()?;
    cmd!(shell, "cargo test --package heapmark-tests --test {target}").run()?;
    Ok(())
}

fn extension(shell: &Shell) -> anyhow::Result<()> {
    let _extension = shell.push_dir("vscode-extension");
    cmd!(shell, "npm ci --no-audit --no-fund").run()?;
    cmd!(shell, "npm test").run()?;
    Ok(())
}

fn vscode(shell: &Shell) -> anyhow::Result<()> {
    let binary = crate::cargo::build(shell, &["--package", "heapmark"])?;
    let _tests = shell.push_dir("tests/vscode");
    cmd!(shell, "npm ci --no-audit --no-fund").run()?;
    cmd!(shell, "npm test").env("HEAPMARK_BINARY", binary).run()?;
    Ok(())
}
