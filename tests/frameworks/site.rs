//! Where an application is installed and built: outside the repository's own files, once for all its ways.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use heapmark_tests::{copy, run_within};

use crate::app::{App, DESCRIPTION, FIXED, Run, Way};

/// How long a package manager or a build may take, on a slow line and a busy machine.
const PATIENCE: Duration = Duration::from_secs(900);
/// The folder of installed packages, which an installation is there to fill.
pub(crate) const PACKAGES: &str = "node_modules";
/// What decides which packages are installed.
const MANIFESTS: [&str; 2] = ["package.json", "pnpm-workspace.yaml"];
const NPM: &str = "npm install --no-audit --no-fund --no-package-lock --legacy-peer-deps";

/// Whether the application leaks or is mended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Edition {
    Leaking,
    Mended,
}

/// An installed application.
pub(crate) struct Site<'a> {
    pub(crate) app: &'a App,
    home: PathBuf,
}

impl<'a> Site<'a> {
    /// Installs it, unless it is installed already.
    pub(crate) fn of(app: &'a App, work: &Path) -> Result<Self> {
        let home = work.join(&app.name);
        fs::create_dir_all(home.join("app"))?;
        // Node.js names scripts by their real path.
        let site = Self { app, home: home.canonicalize()? };
        site.fill(Edition::Leaking)?;
        let wanted = manifests(&site.folder())?;
        let installed = site.home.join("installed.txt");
        if fs::read_to_string(&installed).ok().as_ref() != Some(&wanted) {
            let install = app.run.install.as_deref().unwrap_or(NPM);
            site.execute(install, &BTreeMap::new()).with_context(|| {
                format!("{} is not installed: see that npm reaches its registry", app.name)
            })?;
            fs::write(installed, wanted)?;
        }
        Ok(site)
    }

    /// The application's folder.
    pub(crate) fn folder(&self) -> PathBuf {
        self.home.join("app")
    }

    /// The folder that an editor would open.
    pub(crate) fn opened(&self, way: &Way) -> PathBuf {
        self.folder().join(&way.workspace)
    }

    /// A folder outside the application's, for what runs elsewhere.
    pub(crate) fn elsewhere(&self) -> PathBuf {
        self.home.join("elsewhere")
    }

    /// What the program writes while it runs.
    pub(crate) fn log(&self) -> PathBuf {
        self.home.join("log.txt")
    }

    /// Where the snapshots of an edition go.
    pub(crate) fn snapshots(&self, edition: Edition) -> PathBuf {
        self.home.join(match edition {
            Edition::Leaking => "snapshots",
            Edition::Mended => "snapshots-mended",
        })
    }

    /// The version of the framework that is installed.
    pub(crate) fn version(&self) -> Result<String> {
        let Run { framework, installed_in, .. } = &self.app.run;
        let modules = self.folder().join(installed_in).join("node_modules");
        let manifest = modules.join(framework).join("package.json");
        let text = fs::read_to_string(&manifest).with_context(|| {
            format!("{framework} is not installed: remove {}", self.home.display())
        })?;
        let manifest: serde_json::Value = serde_json::from_str(&text)?;
        let version = manifest["version"].as_str().context("a package has a version")?;
        Ok(format!("{framework} {version}"))
    }

    /// The files of an edition, and no others but the installed packages.
    pub(crate) fn fill(&self, edition: Edition) -> Result<()> {
        let folder = self.folder();
        remove_all_but_packages(&folder)?;
        copy(&self.app.folder, &folder)?;
        let fixed = folder.join(FIXED);
        if edition == Edition::Mended {
            copy(&fixed, &folder)?;
        }
        fs::remove_dir_all(fixed)?;
        fs::remove_file(folder.join(DESCRIPTION))?;
        for emptied in [self.elsewhere(), self.snapshots(edition)] {
            if emptied.exists() {
                fs::remove_dir_all(&emptied)?;
            }
            fs::create_dir_all(emptied)?;
        }
        Ok(())
    }

    /// Builds what is there.
    pub(crate) fn build(&self, way: &Way) -> Result<()> {
        way.build.iter().try_for_each(|command| self.execute(command, &way.environment))
    }

    /// A command of `run.json`, ready to start in the application's folder.
    pub(crate) fn command(
        &self,
        words: &str,
        environment: &BTreeMap<String, String>,
    ) -> Result<Command> {
        let elsewhere = self.elsewhere();
        let elsewhere = elsewhere.to_str().context("the folder's path is no text")?;
        let mut words = words.split_whitespace().map(|word| word.replace("{elsewhere}", elsewhere));
        let mut command = Command::new(words.next().context("a command has a program")?);
        command.args(words).current_dir(self.folder()).envs(environment);
        for telemetry in ["NEXT_TELEMETRY_DISABLED", "DO_NOT_TRACK"] {
            command.env(telemetry, "1");
        }
        Ok(command)
    }

    fn execute(&self, words: &str, environment: &BTreeMap<String, String>) -> Result<()> {
        run_within(PATIENCE, self.command(words, environment)?)
    }
}

/// Everything that decides what is installed.
fn manifests(folder: &Path) -> Result<String> {
    let mut text = String::new();
    for entry in sorted(folder)? {
        let name = entry.file_name().unwrap_or_default();
        if entry.is_dir() && name != PACKAGES {
            text += &manifests(&entry)?;
        } else if MANIFESTS.iter().any(|manifest| name == *manifest) {
            text += &fs::read_to_string(entry)?;
        }
    }
    Ok(text)
}

/// Removes what builds and earlier editions have left, at any depth.
fn remove_all_but_packages(folder: &Path) -> Result<()> {
    for entry in sorted(folder)? {
        if entry.file_name().is_some_and(|name| name == PACKAGES) {
            continue;
        }
        if entry.is_dir() && !entry.is_symlink() {
            remove_all_but_packages(&entry)?;
            // A folder with packages in it stays.
            if sorted(&entry)?.is_empty() {
                fs::remove_dir(&entry)?;
            }
        } else {
            fs::remove_file(&entry)?;
        }
    }
    Ok(())
}

fn sorted(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder)?.map(|entry| Ok(entry?.path()));
    let mut entries = entries.collect::<Result<Vec<_>>>()?;
    entries.sort();
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_built_goes_and_packages_stay_at_any_depth() -> Result<()> {
        let folder = tempfile::tempdir()?;
        for file in [
            "node_modules/a/index.js",
            "dist/a.js",
            "apps/web/node_modules/b/index.js",
            "apps/web/a.js",
        ] {
            let file = folder.path().join(file);
            fs::create_dir_all(file.parent().context("it has one")?)?;
            fs::write(file, "")?;
        }
        remove_all_but_packages(folder.path())?;
        assert!(folder.path().join("node_modules/a/index.js").exists());
        assert!(folder.path().join("apps/web/node_modules/b/index.js").exists());
        assert!(!folder.path().join("apps/web/a.js").exists());
        assert!(!folder.path().join("dist").exists());
        Ok(())
    }
}
