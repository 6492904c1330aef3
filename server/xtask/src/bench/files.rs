//! Snapshots of a program's memory, from several versions of Node.js, in the sizes asked for.
//!
//! The program is `tests/bench/service.js`; here is only how much of it makes how large a file.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use xshell::{Shell, cmd};

use super::subject::Subject;

/// Enough for the program itself at 2 GB of snapshot, in MB.
pub(super) const OLD_SPACE: &str = "--max-old-space-size=8000";
/// How much a thousand customers take in a file, about; the first try is measured.
const MEGABYTES_A_THOUSAND: f64 = 4.0;
/// How far a file may be from the size asked for.
const TOLERANCE: f64 = 0.05;
/// Hash tables grow by doubling, so the second try may still miss.
const TRIES: usize = 4;

/// For each version each size, from the smallest on; kept in the folder from run to run.
pub(super) fn make(
    shell: &Shell,
    folder: &Path,
    versions: &[u32],
    sizes: &[u32],
) -> anyhow::Result<Vec<Subject>> {
    let mut sizes = sizes.to_vec();
    sizes.sort_unstable();
    let mut subjects = Vec::new();
    for &version in versions {
        let node = node(shell, folder, version)?;
        for &size in &sizes {
            let family = format!("node{version}");
            let file = folder.join(format!("{family}-{size}.heapsnapshot"));
            make_file(shell, &node, &file, f64::from(size))?;
            subjects.push(Subject::of(&file, &family)?);
        }
    }
    Ok(subjects)
}

fn make_file(shell: &Shell, node: &Path, file: &Path, megabytes: f64) -> anyhow::Result<()> {
    let script = crate::repository().join("tests/bench/service.js");
    let is_current = file.exists() && modified(file)? > modified(&script)?;
    if is_current && is_near(size(file)?, megabytes) {
        return Ok(());
    }
    let part = file.with_extension("part");
    let mut thousands = megabytes / MEGABYTES_A_THOUSAND;
    for _ in 0..TRIES {
        println!("making {} of {thousands:.1} thousand customers", file.display());
        let thousands_text = format!("{thousands:.3}");
        cmd!(shell, "{node} {OLD_SPACE} {script} {part} {thousands_text}").quiet().run()?;
        let made = size(&part)?;
        if is_near(made, megabytes) {
            fs::rename(&part, file)?;
            return Ok(());
        }
        thousands *= megabytes / made;
    }
    anyhow::bail!("{} is not getting near {megabytes} MB", part.display())
}

fn is_near(megabytes: f64, wanted: f64) -> bool {
    (megabytes / wanted - 1.0).abs() <= TOLERANCE
}

fn size(file: &Path) -> anyhow::Result<f64> {
    let facts = file.metadata().with_context(|| format!("no {}", file.display()))?;
    Ok(facts.len() as f64 / 1e6)
}

fn modified(file: &Path) -> anyhow::Result<std::time::SystemTime> {
    let facts = file.metadata().with_context(|| format!("no {}", file.display()))?;
    Ok(facts.modified()?)
}

/// A Node.js of that version, from the npm package `node`.
pub(super) fn node(shell: &Shell, folder: &Path, version: u32) -> anyhow::Result<PathBuf> {
    let prefix = folder.join(format!("node-{version}"));
    let node = prefix.join("node_modules/node/bin/node");
    if !node.exists() {
        crate::require(
            shell,
            "npm",
            "install it with Node.js, other versions of it come from there",
        )?;
        shell.create_dir(&prefix)?;
        let package = format!("node@{version}");
        cmd!(shell, "npm install --no-audit --no-fund --prefix {prefix} {package}")
            .quiet()
            .run()?;
    }
    Ok(node)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_within_5_percent() {
        assert!(is_near(104.9, 100.0) && is_near(95.1, 100.0));
        assert!(!is_near(105.1, 100.0) && !is_near(94.9, 100.0));
    }
}
