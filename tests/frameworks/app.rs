//! An application as its folder tells it: sources with marks, `run.json`, and under `fixed` the files that take the
//! place of others once its leaks are mended.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use heapmark_tests::{Mark, marks_in, tests_folder};
use serde::Deserialize;

/// How it is installed, built, started and driven.
///
/// In commands, words stand between spaces. `{port}` is a free port, which the variable `PORT` says too,
/// `{inspector}` the address at which the inspector is to listen, `{elsewhere}` a folder outside the application's.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Run {
    /// The package whose version is told.
    pub(crate) framework: String,
    /// The folder with the `node_modules` that has it, if it is not the application's own.
    #[serde(default)]
    pub(crate) installed_in: String,
    /// What installs all packages, if it is not npm.
    pub(crate) install: Option<String>,
    /// A program that runs beside it, a service that it asks; the variable `SERVICE` tells both on which port.
    pub(crate) beside: Option<String>,
    pub(crate) drive: Drive,
    pub(crate) ways: Vec<Way>,
}

/// What is done between two snapshots.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Drive {
    /// These paths are asked for in turn; `{n}` in them is another number each time.
    Requests(Vec<String>),
    /// It works by itself for so many seconds, from when it writes `at work` on.
    Seconds(u64),
}

/// One way to build and start it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct Way {
    /// Production or development, and what builds it.
    pub(crate) mode: String,
    /// The setting that makes source maps; `by default` or `none`.
    pub(crate) maps: String,
    /// The folder that is opened, if it is not the application's own.
    #[serde(default)]
    pub(crate) workspace: String,
    #[serde(default)]
    pub(crate) environment: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) build: Vec<String>,
    pub(crate) start: String,
}

/// An application.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) name: String,
    pub(crate) folder: PathBuf,
    pub(crate) run: Run,
    /// The two leaks, each by the line on which it must be found.
    pub(crate) marks: [Mark; 2],
}

/// What tells an application's folder from those of other things.
pub(crate) const DESCRIPTION: &str = "run.json";
/// The files of the mended program.
pub(crate) const FIXED: &str = "fixed";

impl App {
    /// All, sorted by name.
    pub(crate) fn all() -> Result<Vec<Self>> {
        let mut apps = Vec::new();
        for entry in fs::read_dir(tests_folder().join("frameworks"))? {
            let folder = entry?.path();
            if folder.join(DESCRIPTION).exists() {
                let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
                apps.push(Self::at(name, folder)?);
            }
        }
        apps.sort_by(|one, two| one.name.cmp(&two.name));
        Ok(apps)
    }

    fn at(name: String, folder: PathBuf) -> Result<Self> {
        let text = fs::read_to_string(folder.join(DESCRIPTION))?;
        let run: Run = serde_json::from_str(&text)
            .with_context(|| format!("mend tests/frameworks/{name}/{DESCRIPTION}"))?;
        ensure!(!run.ways.is_empty(), "tests/frameworks/{name} is started in no way: add one");
        let has_path = !matches!(&run.drive, Drive::Requests(paths) if paths.is_empty());
        ensure!(has_path, "tests/frameworks/{name} is asked for no path: add one");
        let marks = marks_in(&folder)?;
        let count = marks.len();
        let marks = marks.try_into().ok().with_context(|| {
            format!("tests/frameworks/{name} has {count} marks: it needs one for each of two leaks")
        })?;
        Ok(Self { name, folder, run, marks })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_application_says_how_it_runs_and_mends_the_files_that_leak() {
        let apps = App::all().expect("all can be read");
        assert!(apps.len() >= 6, "there are {}", apps.len());
        for app in apps {
            for Mark { file, .. } in &app.marks {
                let mended = app.folder.join(FIXED).join(file);
                assert!(mended.exists(), "{} does not mend {file}", app.name);
            }
        }
    }
}
