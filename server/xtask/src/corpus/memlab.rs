//! What memlab says of the same snapshots. It knows no lines of source; what can be asked is whether
//! one of its traces names what is to blame.

use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::Deserialize;
use xshell::{Shell, cmd};

use super::truth::Truth;

const VERSION: &str = "2.0.5";
const SCRIPT: &str = include_str!("memlab.cjs");
/// Longest time for one case, in seconds.
const LIMIT: &str = "120";

/// memlab, installed in a folder of its own.
pub(crate) struct Memlab {
    folder: PathBuf,
}

/// What it found in one case.
pub(crate) struct Found {
    pub(crate) leaks: usize,
    /// The first of its traces that names what is to blame, from 1.
    pub(crate) names: Option<usize>,
}

#[derive(Deserialize)]
struct Answer {
    /// The steps of each trace, as memlab prints them.
    traces: Vec<Vec<String>>,
}

impl Memlab {
    pub(crate) fn install(shell: &Shell, folder: PathBuf) -> anyhow::Result<Self> {
        shell.create_dir(&folder)?;
        shell.write_file(folder.join("memlab.cjs"), SCRIPT)?;
        if !folder.join("node_modules/memlab").exists() {
            shell.write_file(folder.join("package.json"), "{\"private\":true}")?;
            let _folder = shell.push_dir(&folder);
            // Its scripts only fetch a browser.
            cmd!(shell, "npm install --no-audit --no-fund --ignore-scripts memlab@{VERSION}")
                .quiet()
                .ignore_stdout()
                .run()?;
        }
        Ok(Self { folder })
    }

    /// `mode` is `default`, or `all` for all objects.
    pub(crate) fn ask(
        &self,
        shell: &Shell,
        mode: &str,
        truth: &Truth,
        files: &[PathBuf; 3],
    ) -> anyhow::Result<Found> {
        let _folder = shell.push_dir(&self.folder);
        let script = Path::new("memlab.cjs");
        let said = cmd!(
            shell,
            "timeout {LIMIT} node --max-old-space-size=8000 {script} {mode} {files...}"
        )
        .quiet()
        .ignore_stderr()
        .read()?;
        let answer = said.lines().rev().find_map(|line| serde_json::from_str::<Answer>(line).ok());
        let Answer { traces } = answer.context("memlab gave no answer")?;
        let names = |trace: &Vec<String>| {
            truth.blames().any(|blame| trace.iter().any(|step| has_word(step, blame.word())))
        };
        Ok(Found { leaks: traces.len(), names: traces.iter().position(names).map(|at| at + 1) })
    }
}

/// Whether `word` stands in `text` as a word.
fn has_word(text: &str, word: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '$').any(|part| part == word)
}
