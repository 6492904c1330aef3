//! Installs a case, drives it in real Node.js, and keeps its three snapshots.

use std::path::{Path, PathBuf};

use anyhow::Context;
use xshell::{Shell, cmd};

const ROLES: [&str; 3] = ["baseline", "target", "final"];
/// Longest time that a case may run, in seconds; they take 5 to 20.
const LIMIT: &str = "300";

/// The snapshots of the case in `folder`, taken if they are not there.
pub(crate) fn of(shell: &Shell, corpus: &Path, folder: &Path) -> anyhow::Result<[PathBuf; 3]> {
    let files = ROLES.map(|role| folder.join(format!("{role}.heapsnapshot")));
    if !files.iter().all(|file| file.exists()) {
        take(shell, corpus, folder)?;
    }
    for file in &files {
        anyhow::ensure!(file.exists(), "the driver wrote no {}", file.display());
    }
    Ok(files)
}

fn take(shell: &Shell, corpus: &Path, folder: &Path) -> anyhow::Result<()> {
    let name = folder.file_name().context("a case has a name")?;
    println!("{}: npm install, then three snapshots", name.to_string_lossy());
    copy(&corpus.join(name), folder)?;
    std::fs::copy(corpus.join("harness.cjs"), folder.join("harness.cjs"))?;
    let _folder = shell.push_dir(folder);
    cmd!(shell, "npm install --no-audit --no-fund --no-package-lock --loglevel=error")
        .quiet()
        .ignore_stdout()
        .run()?;
    cmd!(shell, "npm run --if-present -s build").quiet().ignore_stdout().run()?;
    cmd!(shell, "timeout {LIMIT} npm run -s drive").quiet().ignore_stdout().run()?;
    Ok(())
}

/// Copies the files of a case: what is in the corpus stays clean.
fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from).with_context(|| format!("no {}", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            // Not the permissions: the corpus may be read-only, and the copy is worked in.
            std::fs::write(&target, std::fs::read(entry.path())?)?;
        }
    }
    Ok(())
}
