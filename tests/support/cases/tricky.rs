//! The programs of tests/verdicts/tricky, written to mislead: leaks that look bounded, and what is
//! bounded and looks like a leak.
//!
//! Each exports `work`; one driver beside them captures them all. The lines that may be blamed for a
//! leak have a comment `// heapmark: ROLE`: which rule finds it is not asked here, so none is named.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::{Series, copy, driven, folders_with, name_of, ways};
use crate::process::run_within;
use crate::program::{ROLES, source_files};

/// How long one may take in one way; they take 2 to 10 seconds.
const PATIENCE: Duration = Duration::from_secs(120);
/// The folder that an editor would open, in a program whose packages lie outside it.
const HOISTED: &str = "app";

/// One of these programs.
#[derive(Debug, Clone)]
pub struct Tricky {
    folder: PathBuf,
    leaks: bool,
}

impl Tricky {
    /// All of them, those that leak first; sorted by name among these and among the healthy ones.
    ///
    /// # Errors
    /// If their folders cannot be read.
    pub fn all() -> Result<Vec<Self>> {
        let mut all = Vec::new();
        for (kind, leaks) in [("leaks", true), ("healthy", false)] {
            // A name of no file: any folder will do.
            let folders = folders_with(&beside_driver().join(kind), "")?;
            all.extend(folders.into_iter().map(|folder| Self { folder, leaks }));
        }
        Ok(all)
    }

    /// The one of this name.
    ///
    /// # Errors
    /// If there is none.
    pub fn named(name: &str) -> Result<Self> {
        let found = Self::all()?.into_iter().find(|it| it.name() == name);
        found.with_context(|| format!("tests/verdicts/tricky has no {name}"))
    }

    /// Its folder's name.
    pub fn name(&self) -> &str {
        name_of(&self.folder)
    }

    /// Whether it leaks. If not, it is healthy.
    pub fn leaks(&self) -> bool {
        self.leaks
    }

    /// The lines that may be blamed: files relative to the folder that an editor would open, with `/`, and
    /// lines from 1.
    ///
    /// # Errors
    /// If a file cannot be read, or a mark in it cannot be understood.
    pub fn blamed(&self) -> Result<Vec<(String, u32)>> {
        let folder = opened(&self.folder);
        let mut blamed = Vec::new();
        for file in source_files(&folder, "")? {
            let text = fs::read_to_string(folder.join(&file))?;
            for (line, text) in (1..).zip(text.lines()) {
                let Some((_, role)) = text.split_once("// heapmark: ") else { continue };
                ensure!(
                    ROLES.contains(&role),
                    "{}: {file}:{line}: a mark is {}, not `{role}`",
                    self.name(),
                    ROLES.join(" or ")
                );
                blamed.push((file.clone(), line));
            }
        }
        Ok(blamed)
    }

    /// Captures it, in a copy in `workspace`: the folder that an editor would open is returned too.
    pub(super) fn record(
        &self,
        workspace: &Path,
        snapshots: &Path,
    ) -> Result<(PathBuf, Vec<Series>)> {
        copy(&self.folder, workspace)?;
        if workspace.join("package.json").exists() {
            driven::install_packages(workspace)?;
        }
        let opened = opened(workspace);
        let [before, after, rested] =
            drive(&opened, snapshots, ways::REST, ["before", "after", "rested"])?;
        let mut series = vec![
            Series::new(ways::TWO, [before.clone(), after.clone()]),
            Series::new(ways::REST, [before, after, rested]),
        ];
        if !self.leaks {
            let rounds = drive(&opened, snapshots, ways::WORK, ["1", "2", "3"])?;
            series.push(Series::new(ways::WORK, rounds));
        }
        Ok((opened, series))
    }
}

fn beside_driver() -> PathBuf {
    crate::tests_folder().join("verdicts/tricky")
}

/// The folder that an editor would open.
fn opened(program: &Path) -> PathBuf {
    let hoisted = program.join(HOISTED);
    if hoisted.exists() { hoisted } else { program.to_owned() }
}

/// Runs the program in this way; its snapshots have these names.
fn drive(program: &Path, snapshots: &Path, way: &str, names: [&str; 3]) -> Result<[PathBuf; 3]> {
    let mains = ["dist/main.js", "main.mjs", "main.js"].map(|main| program.join(main));
    let main = mains.iter().find(|main| main.exists()).context("there is no main module")?;
    let snapshots = snapshots.join(way);
    fs::create_dir_all(&snapshots)?;
    let mut node = Command::new(crate::node());
    node.arg("--expose-gc").arg(beside_driver().join("drive.cjs")).arg(main).arg(way);
    node.arg(&snapshots).current_dir(program);
    run_within(PATIENCE, node)?;
    let files = names.map(|name| snapshots.join(format!("{name}.heapsnapshot")));
    for file in &files {
        ensure!(file.exists(), "it wrote no {}", file.display());
    }
    Ok(files)
}
