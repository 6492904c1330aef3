//! What a binary says of one series: the parts of its JSON report that are looked at here.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use heapmark_tests::cases::{Case, Series};
use serde::Deserialize;

/// A report.
#[derive(Debug, Deserialize)]
pub(crate) struct Report {
    pub(crate) findings: Vec<Finding>,
}

/// One finding, in the order of the report.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Finding {
    pub(crate) severity: String,
    /// Bytes that came after the first snapshot.
    pub(crate) growth: i64,
    pub(crate) retained_size: i64,
    pub(crate) reasons: Vec<Reason>,
    pub(crate) places: Vec<Place>,
}

/// What speaks for it or against it.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Reason {
    #[serde(rename = "reason")]
    pub(crate) name: String,
    /// How far it applies, from 0 to 1.
    pub(crate) strength: f64,
    /// What it adds to the log-odds.
    pub(crate) weight: f64,
}

/// A place in source.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Place {
    /// Relative to the workspace.
    pub(crate) file: String,
    /// From 1.
    pub(crate) line: u32,
}

impl Finding {
    pub(crate) fn is_warning(&self) -> bool {
        self.severity == "warning"
    }

    /// How sure it is: above 0 it is rather a leak than not.
    pub(crate) fn log_odds(&self) -> f64 {
        self.reasons.iter().map(|it| it.weight).sum()
    }
}

/// Who is asked, and where what it said is kept.
pub(crate) struct Asked {
    pub(crate) binary: PathBuf,
    /// Reports that are there are not asked for again.
    pub(crate) kept: Option<PathBuf>,
}

impl Asked {
    /// What it says of the snapshots of one series.
    pub(crate) fn about(&self, case: &Case, series: &Series) -> Result<Report> {
        let name = format!("{}-{}.json", case.name.replace('/', "_"), series.way);
        let kept = self.kept.as_ref().map(|folder| folder.join(name));
        if let Some(text) = kept.as_ref().and_then(|file| fs::read_to_string(file).ok()) {
            return serde_json::from_str(&text).context("a kept report is damaged: remove it");
        }
        let text = analyze(&self.binary, case, series)?;
        let report = serde_json::from_str(&text).context("its report is none that is known")?;
        if let Some(file) = kept {
            fs::write(&file, text).with_context(|| format!("cannot write {}", file.display()))?;
        }
        Ok(report)
    }
}

fn analyze(binary: &Path, case: &Case, series: &Series) -> Result<String> {
    let mut command = Command::new(binary);
    command.args(["analyze", "--no-index", "--format", "json", "--workspace"]);
    command.arg(&case.workspace).args(&series.files).stdin(Stdio::null());
    let output = command.output().with_context(|| format!("cannot start {command:?}"))?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{} ({}): {errors}", case.name, series.way);
    Ok(String::from_utf8(output.stdout)?)
}
