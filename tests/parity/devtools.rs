//! Chrome DevTools' own heap engine, set up from npm and run on snapshot files.
//!
//! What it computes is written by `devtools.mjs`; nothing is compared here.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context, Result};
use heapmark_tests::output_of;

/// The engine, installed and bundled.
pub(crate) struct DevTools {
    folder: PathBuf,
}

impl DevTools {
    /// The engine as `package-lock.json` pins it; the first call installs it if that has changed.
    ///
    /// # Panics
    /// If it cannot be installed: there is no parity without a judge.
    pub(crate) fn ready() -> &'static Self {
        static DEVTOOLS: OnceLock<DevTools> = OnceLock::new();
        DEVTOOLS.get_or_init(|| Self::install().expect("DevTools' heap engine can be installed"))
    }

    fn install() -> Result<Self> {
        let folder = heapmark_tests::tests_folder().join("parity");
        let made_from = ["package-lock.json", "bundle.mjs"]
            .map(|name| fs::read_to_string(folder.join(name)))
            .into_iter()
            .collect::<std::io::Result<String>>()?;
        let stamp = folder.join("node_modules/.devtools/made-from");
        if fs::read_to_string(&stamp).is_ok_and(|stamped| stamped == made_from) {
            return Ok(Self { folder });
        }
        // The bundler is a binary inside its package, so no script has to run at installation.
        let mut npm = Command::new("npm");
        output_of(
            npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&folder),
        )
        .context("the engine comes from the npm registry")?;
        output_of(Command::new("node").arg("bundle.mjs").current_dir(&folder))?;
        fs::write(stamp, made_from)?;
        Ok(Self { folder })
    }

    /// Writes NAME.nodes.tsv and NAME.classes.tsv for each file into the folder `tables`.
    pub(crate) fn write_tables(&self, files: &[PathBuf], tables: &Path) -> Result<()> {
        let mut node = Command::new("node");
        node.args(["--max-old-space-size=8000", "devtools.mjs"]).current_dir(&self.folder);
        output_of(node.arg(tables).args(files))?;
        Ok(())
    }
}
