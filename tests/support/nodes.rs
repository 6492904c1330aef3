//! Other versions of Node.js than the one on the path, from npm's package `node`.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Mutex;

use anyhow::{Context, Result, ensure};

/// The program `node` of a major version, installed where cargo builds if it is not there yet.
///
/// # Errors
/// If npm cannot install it, with what it says.
pub fn node_of(version: u32) -> Result<PathBuf> {
    // Two tests may want the same one; a lock that a failing one has left is as good as any.
    static INSTALLING: Mutex<()> = Mutex::new(());
    let _installing = INSTALLING.lock().unwrap_or_else(std::sync::PoisonError::into_inner);

    let folder = crate::binary::target_directory()?.join("nodes").join(format!("node-{version}"));
    let node = folder.join("node_modules/node/bin/node");
    if !node.exists() {
        fs::create_dir_all(&folder)?;
        let mut npm = Command::new("npm");
        npm.args(["install", "--no-audit", "--no-fund", "--prefix"]).arg(&folder);
        crate::output_of(npm.arg(format!("node@{version}")))
            .with_context(|| format!("Node.js {version} comes from the npm registry"))?;
    }
    let says = crate::output_of(Command::new(&node).arg("--version"))?;
    ensure!(says.starts_with(&format!("v{version}.")), "{} is {says}", node.display());
    Ok(node)
}
