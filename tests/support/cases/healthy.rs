//! Realistic healthy programs, which drive themselves or run under load until they are stopped.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::live::Recorder;
use super::{Series, copy, driven, name_of, ways};
use crate::process::{Process, Stream, run_within};

/// How long one may drive itself.
const PATIENCE: Duration = Duration::from_secs(300);
/// How long it runs before the first capture under load, and between two.
const UNDER_LOAD: [Duration; 2] = [Duration::from_secs(3), Duration::from_secs(5)];
/// The same right after the start.
const AT_START: [Duration; 2] = [Duration::ZERO, Duration::from_secs(2)];

pub(super) fn record(from: &Path, workspace: &Path, snapshots: &Path) -> Result<Vec<Series>> {
    copy(from, workspace)?;
    copy(&from.with_file_name("_lib"), &workspace.join("_lib"))?;
    driven::install_packages(workspace)?;
    let mains = ["drive.mjs", "drive.js"];
    let main = mains.iter().find(|main| workspace.join(main).exists());
    let main = main.with_context(|| format!("{} has no driver", name_of(from)))?;

    let mut drive = Command::new(crate::node());
    drive.arg("--expose-gc").arg(main).current_dir(workspace);
    drive.env("SNAP_DIR", snapshots).env("MODE", "corpus");
    run_within(PATIENCE, drive)?;
    let file = |name: &str| snapshots.join(format!("{name}.heapsnapshot"));
    for name in ["early", "baseline", "target", "final", "mid", "late"] {
        ensure!(file(name).exists(), "it wrote no {name} snapshot");
    }
    let mut series = vec![
        Series::new(ways::REST, ["baseline", "target", "final"].map(file)),
        Series::new(ways::EARLY, ["early", "late"].map(file)),
        Series::new(ways::ONE, ["late"].map(file)),
        Series::new(ways::WORK, ["target", "mid", "late"].map(file)),
        Series::new(ways::TWO, ["baseline", "target"].map(file)),
    ];
    let live = |pauses, way| live(main, workspace, &snapshots.join(way), pauses);
    let load = live(UNDER_LOAD, ways::LOAD)?;
    series.push(Series::new(ways::LOAD_TWO, [load[0].clone(), load[2].clone()]));
    series.push(Series::new(ways::LOAD, load));
    series.push(Series::new(ways::START, live(AT_START, ways::START)?));
    Ok(series)
}

/// Three captures of the program under its own load.
fn live(
    main: &str,
    workspace: &Path,
    snapshots: &Path,
    [before, between]: [Duration; 2],
) -> Result<Vec<PathBuf>> {
    std::fs::create_dir_all(snapshots)?;
    let mut node = Command::new(crate::node());
    node.arg("--inspect=127.0.0.1:0").arg(main).current_dir(workspace);
    node.env("MODE", "live").env("SNAP_DIR", snapshots);
    let mut process = Process::start(node)?;
    let address = process.wait_for(Stream::Error, "Debugger listening on ws://")?;
    process.wait_for(Stream::Output, "live: started")?;
    let mut recorder = Recorder::connect(&format!("ws://{address}"), workspace)?;
    recorder.wait(before)?;
    let mut files = Vec::new();
    for role in ["baseline", "target", "final"] {
        if !files.is_empty() {
            recorder.wait(between)?;
        }
        files.push(recorder.take(snapshots, role)?);
    }
    recorder.close();
    Ok(files)
}
