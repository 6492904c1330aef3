//! What one binary says of a case: JSON, text, and what an editor would show.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use heapmark_tests::cases::{Case, Series};
use serde::{Deserialize, Serialize};

use crate::editor::Editor;
use crate::revision::Built;

/// A binary that is asked.
pub(crate) struct Asked<'b> {
    binary: &'b Path,
    /// Where its answers are kept, if they are.
    kept: Option<PathBuf>,
}

/// What it says of one series.
#[derive(Serialize, Deserialize)]
pub(crate) struct Answer {
    pub(crate) series: Series,
    pub(crate) json: String,
    pub(crate) text: String,
    /// Diagnostics and hovers.
    pub(crate) editor: String,
    pub(crate) usage: Usage,
}

/// Processor time that the analyses took.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Usage(Duration);

impl std::ops::AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} s", self.0.as_secs_f64())
    }
}

impl<'b> Asked<'b> {
    /// Asked only once: its answers stay as they were.
    pub(crate) fn remembered(built: &'b Built, store: &Path) -> Self {
        let kept = Some(store.join("revisions").join(&built.commit[..12]).join("answers"));
        Self { binary: &built.binary, kept }
    }

    /// Asked again each time.
    pub(crate) fn afresh(binary: &'b Path) -> Self {
        Self { binary, kept: None }
    }

    /// What it says of every series of a case.
    pub(crate) fn about(&self, case: &Case) -> Result<Vec<Answer>> {
        let kept = self.kept.as_ref().map(|folder| folder.join(format!("{}.json", case.name)));
        if let Some(text) = kept.as_ref().and_then(|file| fs::read_to_string(file).ok()) {
            return serde_json::from_str(&text)
                .context("a kept answer is damaged: remove target/cases");
        }
        let mut editor = Editor::open(self.binary, &case.workspace)?;
        let mut answers = Vec::new();
        for series in &case.series {
            answers.push(self.about_series(case, series, &mut editor)?);
        }
        editor.close()?;
        if let Some(file) = kept {
            fs::create_dir_all(file.parent().context("it is in a folder")?)?;
            fs::write(file, serde_json::to_string(&answers)?)?;
        }
        Ok(answers)
    }

    fn about_series(&self, case: &Case, series: &Series, editor: &mut Editor) -> Result<Answer> {
        let (json, usage) = self.analyze(case, series, "json")?;
        let (again, _) = self.analyze(case, series, "json")?;
        if json != again {
            bail!("{}: the same files twice give two reports", series.way);
        }
        let (text, _) = self.analyze(case, series, "text")?;
        let text = without_times(&text);
        let editor = editor.show(&series.files)?;
        Ok(Answer { series: series.clone(), json, text, editor, usage })
    }

    /// What is written to both streams, and how it ended.
    fn analyze(&self, case: &Case, series: &Series, format: &str) -> Result<(String, Usage)> {
        let mut command = Command::new(self.binary);
        command.args(["analyze", "--no-index", "--format", format, "--workspace"]);
        command.arg(&case.workspace).args(&series.files);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().with_context(|| format!("cannot start {command:?}"))?;
        // Read on a thread, so that a full pipe never stops it.
        let mut errors = child.stderr.take().context("it is piped")?;
        let errors = std::thread::spawn(move || std::io::read_to_string(&mut errors));
        let output = std::io::read_to_string(child.stdout.take().context("it is piped")?)?;
        let errors = errors.join().expect("reading does not panic")?;
        let ended = wait4::Wait4::wait4(&mut child)?;
        let usage = Usage(ended.rusage.utime + ended.rusage.stime);
        Ok((format!("{output}\n[{}]\n{errors}", ended.status), usage))
    }
}

/// How long it took is no part of what it says.
fn without_times(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        match line.rsplit_once("analysed in ") {
            Some((before, _)) => out.push_str(before),
            None => out.push_str(line),
        }
        out.push('\n');
    }
    out
}
