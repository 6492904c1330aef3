//! Programs that drive themselves and write their snapshots with `v8.writeHeapSnapshot`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::{Series, copy, folders_with, name_of, ways};
use crate::process::run_within;

/// How long one may take; they take 5 to 20 seconds.
const PATIENCE: Duration = Duration::from_secs(300);
/// How long npm may take to install its packages.
const INSTALLATION: Duration = Duration::from_secs(300);

/// A folder with such a program.
#[derive(Debug, Clone)]
pub(super) struct Driver {
    kind: DriverKind,
    folder: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DriverKind {
    /// `npm run drive`, with the harness beside it: before, after, after a rest.
    Corpus,
    /// `main.js`, with the harness beside it: before, after, after a rest.
    Leak,
    /// `app.js`, which writes `1`, `2` and mostly `3` after the same work.
    Healthy,
}

/// All that are in the folder.
pub(super) fn all(beside: &Path) -> Result<Vec<Driver>> {
    let mut drivers = Vec::new();
    for (kind, folder, file) in [
        (DriverKind::Corpus, "corpus", "truth.json"),
        (DriverKind::Leak, "repro/leaks", "expected.txt"),
        (DriverKind::Healthy, "repro/healthy", "app.js"),
    ] {
        let folders = folders_with(&beside.join(folder), file)?;
        drivers.extend(folders.into_iter().map(|folder| Driver { kind, folder }));
    }
    Ok(drivers)
}

impl Driver {
    pub(super) fn name(&self) -> String {
        let of = match self.kind {
            DriverKind::Corpus => "corpus",
            DriverKind::Leak => "repro-leaks",
            DriverKind::Healthy => "repro-healthy",
        };
        format!("{of}/{}", name_of(&self.folder))
    }

    pub(super) fn record(&self, workspace: &Path, snapshots: &Path) -> Result<Vec<Series>> {
        copy(&self.folder, workspace)?;
        let harness = self.folder.with_file_name("harness.cjs");
        if harness.exists() {
            fs::copy(harness, workspace.join("harness.cjs"))?;
        }
        install(workspace)?;
        let mut drive = match self.kind {
            DriverKind::Corpus => {
                let mut npm = Command::new("npm");
                npm.args(["run", "-s", "drive"]);
                npm
            }
            DriverKind::Leak | DriverKind::Healthy => {
                let mains = ["dist/main.js", "main.mjs", "main.js", "app.js"];
                let main = mains.iter().find(|main| workspace.join(main).exists());
                let mut node = Command::new(crate::node());
                node.arg("--expose-gc").arg(main.context("there is no main module")?);
                node
            }
        };
        // These write, beside their snapshots, sources that they then run.
        let snapshots = if self.kind == DriverKind::Healthy { workspace } else { snapshots };
        // With a separator at its end, which some of them need.
        drive.env("SNAP_DIR", snapshots.join("")).current_dir(workspace);
        run_within(PATIENCE, drive)?;
        let file = |name: &str| snapshots.join(format!("{name}.heapsnapshot"));
        let names = match self.kind {
            DriverKind::Corpus | DriverKind::Leak => ["baseline", "target", "final"],
            DriverKind::Healthy => ["1", "2", "3"],
        };
        let files: Vec<PathBuf> = names.map(file).into_iter().filter(|it| it.exists()).collect();
        ensure!(files.len() >= 2, "it wrote {} snapshots", files.len());
        let all = if self.kind == DriverKind::Healthy { ways::WORK } else { ways::REST };
        let mut series = vec![
            Series::new(ways::TWO, [files[0].clone(), files[1].clone()]),
            Series::new(ways::ONE, [files[files.len() - 1].clone()]),
        ];
        if files.len() == 3 {
            series.push(Series::new(all, files));
        }
        Ok(series)
    }
}

/// All that it needs: packages from npm, packages that come with it, and its build.
fn install(workspace: &Path) -> Result<()> {
    if workspace.join("package.json").exists() {
        install_packages(workspace)?;
    }
    // Packages that come with the program lie beside it.
    for entry in fs::read_dir(workspace)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if let Some(package) = name.strip_prefix("pkg-") {
            let modules = workspace.join("node_modules");
            fs::create_dir_all(&modules)?;
            fs::rename(entry.path(), modules.join(package))?;
        }
    }
    let build = workspace.join("build.sh");
    if build.exists() {
        let mut bash = Command::new("bash");
        bash.arg(build).env("ESBUILD", esbuild(workspace)?).current_dir(workspace);
        run_within(PATIENCE, bash)?;
    }
    Ok(())
}

/// What the program's package.json asks for, and its build.
pub(super) fn install_packages(workspace: &Path) -> Result<()> {
    let npm = |arguments: &[&str]| {
        let mut npm = Command::new("npm");
        npm.args(arguments).current_dir(workspace);
        npm
    };
    let install = ["install", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"];
    run_within(INSTALLATION, npm(&install))?;
    run_within(INSTALLATION, npm(&["run", "--if-present", "-s", "build"]))
}

/// A bundler, outside the program's own folder.
fn esbuild(workspace: &Path) -> Result<PathBuf> {
    let tools = workspace.with_file_name("tools");
    fs::create_dir_all(&tools)?;
    let mut npm = Command::new("npm");
    npm.args(["install", "--no-audit", "--no-fund", "--prefix"]).arg(&tools).arg("esbuild");
    run_within(INSTALLATION, npm)?;
    Ok(tools.join("node_modules/.bin/esbuild"))
}
