//! What cargo is asked: to build something and say where it lies, and where all that is built goes.
//!
//! Never guessed: `CARGO_TARGET_DIR`, `build.target-dir` and `build.target` all move it.

use std::path::PathBuf;

use anyhow::Context;
use serde_json::Value;
use xshell::{Cmd, Shell, cmd};

/// Runs `cargo build` with these arguments, which select one program, and answers where it lies.
///
/// # Errors
/// If it does not build; cargo has said why on standard error.
pub(crate) fn build(shell: &Shell, arguments: &[&str]) -> anyhow::Result<PathBuf> {
    built_by(cmd!(shell, "cargo build {arguments...}"))
}

/// The folder of all that is built, usually `target`; what xtask itself makes lies there too.
///
/// # Errors
/// If cargo cannot read the workspace.
pub(crate) fn target_directory(shell: &Shell) -> anyhow::Result<PathBuf> {
    target_directory_of(cmd!(shell, "cargo metadata --format-version 1 --no-deps"))
}

fn built_by(command: Cmd) -> anyhow::Result<PathBuf> {
    let command = command.arg("--message-format=json-render-diagnostics");
    let messages = command.read()?;
    executable(&messages).with_context(|| format!("`{command}` made no program to run"))
}

/// The last program of cargo's messages: the one that was asked for comes after what it needs.
fn executable(messages: &str) -> Option<PathBuf> {
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut programs =
        messages.filter_map(|message| message["executable"].as_str().map(PathBuf::from));
    programs.next_back()
}

fn target_directory_of(command: Cmd) -> anyhow::Result<PathBuf> {
    let metadata: Value = serde_json::from_str(&command.quiet().read()?)
        .context("what cargo says about the workspace is no JSON: try another version of cargo")?;
    let folder = metadata["target_directory"].as_str();
    Ok(folder.context("cargo does not say where it builds: try another version of it")?.into())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// A package of its own, and a shell that stands in it.
    fn package(main: &str) -> (tempfile::TempDir, Shell) {
        let folder = tempfile::tempdir().expect("there is room");
        let shell = Shell::new().expect("there is a current folder");
        shell.change_dir(folder.path().canonicalize().expect("it is there"));
        let manifest = "[package]\nname = \"it\"\nedition = \"2024\"\n[workspace]\n";
        shell.write_file("Cargo.toml", manifest).expect("the folder can be written");
        shell.write_file("src/main.rs", main).expect("the folder can be written");
        (folder, shell)
    }

    /// Without what whoever runs the tests has set, and with the variables given.
    fn cargo<'a>(shell: &'a Shell, arguments: &[&str], target: Option<&Path>) -> Cmd<'a> {
        let cargo = cmd!(shell, "cargo {arguments...}").quiet();
        let cargo = cargo.env_remove("CARGO_BUILD_TARGET_DIR").env_remove("CARGO_BUILD_TARGET");
        match target {
            Some(target) => cargo.env("CARGO_TARGET_DIR", target),
            None => cargo.env_remove("CARGO_TARGET_DIR"),
        }
    }

    #[track_caller]
    fn expect_in(folder: &Path, shell: &Shell, target: Option<&Path>) {
        let metadata = ["metadata", "--format-version", "1", "--no-deps"];
        let says = target_directory_of(cargo(shell, &metadata, target)).expect("it is a package");
        assert_eq!(says, folder);
        let program = built_by(cargo(shell, &["build"], target)).expect("it can be built");
        assert!(
            program.starts_with(folder),
            "{} is not in {}",
            program.display(),
            folder.display()
        );
        assert!(program.is_file(), "{} is not there", program.display());
    }

    #[test]
    fn a_program_is_where_the_variable_says() {
        let (_folder, shell) = package("fn main() {}");
        let elsewhere = tempfile::tempdir().expect("there is room");
        expect_in(elsewhere.path(), &shell, Some(elsewhere.path()));
        assert!(!shell.path_exists("target"));
    }

    #[test]
    fn a_program_is_where_the_settings_say() {
        let (_folder, shell) = package("fn main() {}");
        let settings = "[build]\ntarget-dir = \"built/here\"\n";
        shell.write_file(".cargo/config.toml", settings).expect("the folder can be written");
        expect_in(&shell.current_dir().join("built/here"), &shell, None);
        assert!(!shell.path_exists("target"));
    }

    #[test]
    fn what_is_no_program_is_said_with_the_command() {
        let (_folder, shell) = package("fn main() {}");
        shell.remove_path("src/main.rs").expect("it is there");
        shell.write_file("src/lib.rs", "").expect("the folder can be written");
        let error = built_by(cargo(&shell, &["build"], None)).expect_err("it is a library");
        assert!(error.to_string().contains("cargo build"), "{error}");
        assert!(error.to_string().ends_with("made no program to run"), "{error}");
    }
}
