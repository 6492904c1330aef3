//! The leaks that a project has accepted, as the command line knows them: which file, what to put into
//! it, and what to take out.
//!
//! What is in the file, and what it does to a report, is the leaks crate's.

use std::path::{Path, PathBuf};

use clap::Args;
use heapmark_leaks::Report;
use heapmark_leaks::report::Notice;
use heapmark_leaks::suppress::{ACCEPTED_FILE, Accepted, AcceptedError, Silence};
use heapmark_source::Workspace;

/// What `--accept` calls all findings together.
const ALL: &str = "all";

#[derive(Args)]
#[command(next_help_heading = "Accepted leaks")]
pub(crate) struct AcceptedArgs {
    /// The file of leaks that the project lives with: they are counted, but neither shown nor an error.
    /// Without it, `heapmark-accepted.json` in the (first) workspace, if it is there
    #[arg(long, value_name = "FILE")]
    accepted: Option<PathBuf>,

    /// Put a leak into that file: its fingerprint, or `all` for everything that is found now; may be
    /// given several times
    #[arg(long, value_name = "FINGERPRINT|all")]
    accept: Vec<String>,

    /// Why, for those who read the file
    #[arg(long, value_name = "TEXT", requires = "accept")]
    reason: Option<String>,

    /// Take those out of the file that these snapshots do not have any more
    #[arg(long)]
    forget_fixed: bool,
}

impl AcceptedArgs {
    /// Reads the file, before any work is spent on snapshots.
    ///
    /// One that the user names is read wherever it is; one that lies in the workspace, which may have come
    /// with the sources, only if it is there. If it is not, and nobody wants to change it, that is noted.
    pub(crate) fn read(
        &self,
        workspace: &Workspace,
        notices: &mut Vec<Notice>,
    ) -> anyhow::Result<Accepted> {
        if let Some(file) = &self.accepted {
            anyhow::ensure!(
                !self.accept.is_empty() || heapmark_files::metadata(file).is_ok(),
                "there is no {}: `--accept all` makes it of what is found now",
                file.display()
            );
            return Ok(Accepted::read(file)?);
        }
        let Some(folder) = workspace.folders().next() else { return Ok(Accepted::default()) };
        match Accepted::read_in(folder, Path::new(ACCEPTED_FILE)) {
            Err(error @ AcceptedError::Outside { .. })
                if self.accept.is_empty() && !self.forget_fixed =>
            {
                notices.push(Notice { message: format!("{error}. All leaks are shown.") });
                Ok(Accepted::default())
            }
            accepted => Ok(accepted?),
        }
    }

    /// Takes out of the report what a comment or the file silences, and changes the file as asked.
    pub(crate) fn apply(
        &self,
        accepted: Accepted,
        report: &mut Report,
        workspace: &Workspace,
    ) -> anyhow::Result<()> {
        let mut silence = Silence::about(report, workspace, accepted);
        silence.apply(report);
        if !self.accept.is_empty() || self.forget_fixed {
            let accepted = self.changed(&silence, report)?;
            accepted.write()?;
            silence.accept(accepted);
            silence.apply(report);
        }
        report.notices.extend(silence.about_fixed(report));
        Ok(())
    }

    fn changed(&self, silence: &Silence, report: &Report) -> anyhow::Result<Accepted> {
        let mut accepted = silence.accepted().clone();
        let reason = self.reason.as_deref().unwrap_or_default();
        for wanted in &self.accept {
            let is_wanted = |fingerprint: &str| wanted == ALL || wanted == fingerprint;
            let ignored = report.ignored.iter().map(|it| &it.finding);
            // What is ignored anyway is only meant if it is named.
            let known = ignored.filter(|it| it.fingerprint == *wanted);
            let found = report.findings.iter().chain(known);
            let mut found = found.filter(|it| is_wanted(&it.fingerprint)).peekable();
            anyhow::ensure!(
                wanted == ALL || found.peek().is_some(),
                "no finding of these snapshots has the fingerprint {wanted}, so that nothing was accepted"
            );
            for finding in found {
                accepted.accept(finding, reason);
            }
        }
        if self.forget_fixed {
            for entry in silence.fixed(report) {
                accepted.forget(&entry.fingerprint);
            }
        }
        Ok(accepted)
    }
}
