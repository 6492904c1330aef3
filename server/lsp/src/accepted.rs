//! The project's file of accepted leaks, as the server knows it: where it is, reading it again when it
//! changes, and putting a leak into it.
//!
//! Only a file in the workspace is read or written. What is in it is the leaks crate's.

use std::path::PathBuf;
use std::sync::Arc;

use heapmark_leaks::report::Notice;
use heapmark_leaks::suppress::{Accepted, AcceptedError};

use crate::refresh::refresh;
use crate::session::{Session, State};

/// Where the file is, or would be.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// None without a workspace.
    folder: Option<PathBuf>,
    /// Relative to it.
    name: PathBuf,
}

impl Place {
    /// As the settings say, in the first folder of the workspace.
    pub(crate) fn of(state: &State) -> Self {
        Self { folder: state.folders.first().cloned(), name: state.settings.accepted_file.clone() }
    }

    /// What is accepted, of a file in the workspace. Reads it.
    fn accepted(&self) -> Result<Accepted, AcceptedError> {
        match &self.folder {
            Some(folder) => Accepted::read_in(folder, &self.name),
            None => Ok(Accepted::default()),
        }
    }

    /// What is accepted; nothing if that cannot be read, which is noted. Reads a file.
    pub(crate) fn read(&self, notices: &mut Vec<Notice>) -> Accepted {
        self.accepted().unwrap_or_else(|error| {
            notices.push(Notice { message: format!("{error}. All leaks are shown.") });
            Accepted::default()
        })
    }
}

/// The file may be another now.
pub(crate) async fn read_again(session: &Arc<Session>) {
    let place = Place::of(&session.state());
    let read = session.threads.run_briefly(move || {
        let mut notices = Vec::new();
        (place.read(&mut notices), notices)
    });
    let (accepted, notices) = match read.await {
        Ok(read) => read,
        Err(why) => {
            let message = format!("The list of accepted leaks was not read again: {why}.");
            session.show_message(crate::types::MessageType::WARNING, message).await;
            return;
        }
    };
    for notice in notices {
        session.show_message(crate::types::MessageType::WARNING, notice.message).await;
    }
    show(session, accepted).await;
}

/// Puts the leak with that fingerprint into the file. The error is a sentence for people.
pub(crate) async fn accept(session: &Arc<Session>, fingerprint: &str) -> Result<PathBuf, String> {
    let (place, finding) = {
        let state = session.state();
        let finding = state.report.findings.iter().find(|it| it.fingerprint == fingerprint);
        (Place::of(&state), finding.cloned())
    };
    let finding = finding.ok_or("this leak is not shown any more")?;
    let changed = session.threads.run_briefly(move || {
        place.folder.as_ref().ok_or("there is no workspace for the file of accepted leaks")?;
        // As it is now: somebody may have edited it.
        let mut accepted = place.accepted().map_err(|error| error.to_string())?;
        accepted.accept(&finding, "");
        accepted.write().map_err(|error| error.to_string())?;
        Ok::<_, String>(accepted)
    });
    let changed = changed.await;
    let accepted = changed.map_err(|why| format!("the file could not be written: {why}"))??;
    let file = accepted.file().to_owned();
    show(session, accepted).await;
    Ok(file)
}

async fn show(session: &Arc<Session>, accepted: Accepted) {
    {
        let mut state = session.state();
        if *state.accepted() == accepted {
            return;
        }
        state.accept(accepted);
    }
    refresh(session).await;
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn a_link_that_leads_out_of_the_workspace_is_not_followed() {
        let (folder, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let place = Place { folder: Some(folder.path().to_owned()), name: "accepted.json".into() };
        let file = folder.path().join("accepted.json");
        let mut notices = Vec::new();
        assert_eq!(place.read(&mut notices).file(), file, "it can be made");
        let secret = outside.path().join("secret.json");
        std::fs::write(&secret, "{\"secret\": 1}").unwrap();
        std::os::unix::fs::symlink(&secret, &file).unwrap();
        assert_eq!(place.read(&mut notices), Accepted::default());
        assert!(
            notices[0].message.contains("accepted.json leads out of the workspace"),
            "{notices:?}"
        );
        let beside = Place { name: "../accepted.json".into(), ..place };
        assert!(beside.accepted().is_err(), "nor is one made there");
    }

    #[test]
    fn a_file_that_cannot_be_read_is_noted_and_accepts_nothing() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("accepted.json"), "[]").unwrap();
        let place = Place { folder: Some(folder.path().to_owned()), name: "accepted.json".into() };
        let mut notices = Vec::new();
        assert_eq!(place.read(&mut notices), Accepted::default());
        assert!(notices[0].message.contains("is no list of accepted leaks"), "{notices:?}");
        assert!(notices[0].message.ends_with(" All leaks are shown."), "{notices:?}");
    }
}
