//! The bundled programs, captured over the inspector.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::live::Recorder;
use super::{Series, ways};
use crate::{AND_REST, AT_WORK, Program, Running};

/// What the two processes have done when they are captured.
const ROUNDS_OF_PROCESSES: [(u32, &str); 2] = [(1, "first"), (2, "second")];

pub(super) fn record(name: &str, workspace: &Path, snapshots: &Path) -> Result<Vec<Series>> {
    let program = Program::named(name)?;
    program.copy_to(workspace)?;
    let mut series = Vec::new();
    let rounds = |rounds: [u32; 3], way: &str| -> Result<Vec<PathBuf>> {
        let mut running = Running::start(&program, workspace)?;
        let mut recorder = Recorder::connect(running.websocket_url(), workspace)?;
        let mut files = Vec::new();
        for (rounds, role) in rounds.into_iter().zip(["baseline", "target", "final"]) {
            for _ in 0..rounds {
                running.round()?;
            }
            files.push(recorder.take(&snapshots.join(way), role)?);
        }
        recorder.close();
        Ok(files)
    };
    let work = rounds(AT_WORK, ways::WORK)?;
    let ends = [work[0].clone(), work[2].clone()];
    series.push(Series::new(ways::TWO, ends));
    series.push(Series::new(ways::ONE, [work[2].clone()]));
    series.push(Series::new(ways::WORK, work));
    series.push(Series::new(ways::START, rounds([1, 1, 1], ways::START)?));
    // A server keeps no rounds, so it cannot rest.
    if !program.is_server {
        series.push(Series::new(ways::REST, rounds(AND_REST, ways::REST)?));
        series.push(Series::new(ways::LOAD, under_load(&program, workspace, snapshots)?));
    }
    series.push(Series::new(ways::PROCESSES, two_processes(&program, workspace, snapshots)?));
    Ok(series)
}

/// Captured while a round is under way.
fn under_load(program: &Program, workspace: &Path, snapshots: &Path) -> Result<Vec<PathBuf>> {
    let mut running = Running::start(program, workspace)?;
    let mut recorder = Recorder::connect(running.websocket_url(), workspace)?;
    let mut files = Vec::new();
    for role in ["baseline", "target", "final"] {
        running.begin_round()?;
        files.push(recorder.take(&snapshots.join(ways::LOAD), role)?);
        running.end_round()?;
    }
    recorder.close();
    Ok(files)
}

fn two_processes(program: &Program, workspace: &Path, snapshots: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for (rounds, role) in ROUNDS_OF_PROCESSES {
        let mut running = Running::start(program, workspace)?;
        let mut recorder = Recorder::connect(running.websocket_url(), workspace)?;
        for _ in 0..rounds {
            running.round()?;
        }
        files.push(recorder.take(&snapshots.join(ways::PROCESSES), role)?);
        recorder.close();
    }
    Ok(files)
}
