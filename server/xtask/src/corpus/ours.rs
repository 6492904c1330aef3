//! What `heapmark analyze` says of a case, held against what is known about it.

use std::path::{Path, PathBuf};
use std::time::Instant;

use serde::Deserialize;
use xshell::{Shell, cmd};

use super::truth::Truth;

/// The parts of the JSON report that are looked at here.
#[derive(Deserialize)]
struct Report {
    findings: Vec<Finding>,
}

#[derive(Deserialize)]
struct Finding {
    rule: String,
    severity: String,
    message: String,
    places: Vec<Place>,
}

#[derive(Deserialize)]
struct Place {
    role: String,
    file: String,
    line: u32,
}

/// How one case went. Ranks count from 1.
pub(crate) struct Verdict {
    /// The first finding with a place at an accepted line.
    pub(crate) at_line: Option<usize>,
    /// The first finding with a place in an accepted file.
    pub(crate) in_file: Option<usize>,
    pub(crate) findings: usize,
    pub(crate) warnings: usize,
    pub(crate) seconds: f64,
    /// The findings in words, for whoever wants to know why.
    pub(crate) told: Vec<String>,
}

impl Verdict {
    pub(crate) fn of(
        shell: &Shell,
        heapmark: &Path,
        truth: &Truth,
        case: &Path,
        files: &[PathBuf; 3],
    ) -> anyhow::Result<Self> {
        let started = Instant::now();
        let json = cmd!(shell, "{heapmark} analyze --format json --workspace {case} {files...}")
            .quiet()
            .ignore_stderr()
            .read()?;
        let seconds = started.elapsed().as_secs_f64();
        let Report { findings } = serde_json::from_str(&json)?;
        let rank = |accepts: &dyn Fn(&Place) -> bool| {
            findings.iter().position(|found| found.places.iter().any(accepts)).map(|at| at + 1)
        };
        let at_line =
            rank(&|place| truth.blames().any(|blame| blame.is_at(&place.file, place.line)));
        let in_file = rank(&|place| truth.blames().any(|blame| blame.is_in(&place.file)));
        Ok(Self {
            at_line,
            in_file,
            findings: findings.len(),
            warnings: findings.iter().filter(|found| found.severity == "warning").count(),
            seconds,
            told: findings.iter().map(Finding::told).collect(),
        })
    }
}

impl Finding {
    fn told(&self) -> String {
        let places =
            self.places.iter().map(|Place { role, file, line }| format!("{role} {file}:{line}"));
        let places = places.collect::<Vec<_>>().join(", ");
        format!("{} {}: {}\n        {places}", self.severity, self.rule, self.message)
    }
}
