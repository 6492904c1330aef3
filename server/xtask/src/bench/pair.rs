//! What finding leaks adds to reading the snapshots: two of one process, before and after more work.
//!
//! The program is `tests/bench/service.js` again; what is measured is `heapmark_leaks::analyze`, by
//! `server/leaks/examples/detection.rs`.

use std::path::{Path, PathBuf};

use xshell::{Shell, cmd};

use super::files;

/// Customers in thousands before the first snapshot: about 500 MB.
const BEFORE: &str = "125";
/// And between the two: so many that what grows does so by more than a twentieth, which is no chance.
const MORE: &str = "8";

/// Makes the pair if it is not there yet, and gives one sentence about it.
pub(super) fn measure(shell: &Shell, folder: &Path, node: u32) -> anyhow::Result<String> {
    let pair = make(shell, folder, node)?;
    let detection = ["--package", "heapmark-leaks", "--example", "detection"];
    let program = crate::cargo::build(shell, &[&["--profile", "dist"], &detection[..]].concat())?;
    let workspace = crate::repository().join("tests/bench");
    let [older, newer] = &pair;
    let took = cmd!(shell, "{program} {workspace} {older} {newer}").quiet().read()?;
    let megabytes = |file: &PathBuf| Ok::<_, anyhow::Error>(file.metadata()?.len() as f64 / 1e6);
    let took = took.replace('\n', " (");
    Ok(format!(
        "Two snapshots of one process of Node.js {node} ({:.0} and {:.0} MB): {took}).",
        megabytes(older)?,
        megabytes(newer)?
    ))
}

fn make(shell: &Shell, folder: &Path, version: u32) -> anyhow::Result<[PathBuf; 2]> {
    let file = |name: &str| folder.join(format!("pair-node{version}-{name}.heapsnapshot"));
    let pair = [file("older"), file("newer")];
    let script = crate::repository().join("tests/bench/service.js");
    let made_after_script = |file: &PathBuf| {
        let time = |path: &Path| path.metadata().and_then(|facts| facts.modified()).ok();
        time(file) > time(&script)
    };
    if !pair.iter().all(made_after_script) {
        let node = files::node(shell, folder, version)?;
        let memory = files::OLD_SPACE;
        let [older, newer] = &pair;
        println!("making {} and {}", older.display(), newer.display());
        cmd!(shell, "{node} {memory} {script} {older} {BEFORE} {newer} {MORE}").quiet().run()?;
    }
    Ok(pair)
}
