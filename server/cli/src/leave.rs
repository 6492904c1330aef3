//! How `heapmark capture` takes its leave, however it ends: without harm to the program it looked at.
//!
//! A program that is left in the middle of a snapshot may crash, so we stay until the snapshot is over
//! and say so; the user may insist. One that was started here is ended, with all its children.

use std::process::ExitCode;
use std::time::Duration;

use heapmark_capture::{Launched, Session};
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::terminal::{note, print_error};

/// A person who sees nothing happen for longer wants to know why.
const UNREMARKABLE: Duration = Duration::from_millis(250);

/// One wish may come several times: a terminal tells everybody in it, and `npm` passes on what it is told. A
/// person who insists takes longer.
const ONE_WISH: Duration = Duration::from_millis(200);

/// What must be left in order.
#[derive(Default)]
pub(crate) struct Held {
    pub(crate) launched: Option<Launched>,
    pub(crate) session: Option<Session>,
}

/// Leaves, and returns the exit code, or what is still to be printed.
pub(crate) async fn leave(
    held: Held,
    outcome: anyhow::Result<()>,
    interrupts: &mut Interrupts,
) -> anyhow::Result<ExitCode> {
    let is_taking = held.session.as_ref().is_some_and(Session::is_taking);
    let is_ours = held.launched.is_some();
    let left = async {
        let close = async {
            if let Some(session) = held.session {
                session.close().await;
            }
        };
        if let Some(launched) = held.launched {
            // It goes in order if it can: a program that waits for us to leave does not end.
            tokio::join!(close, launched.stop());
        } else {
            close.await;
        }
    };
    let mut left = std::pin::pin!(left);
    if tokio::time::timeout(UNREMARKABLE, &mut left).await.is_ok() {
        return outcome.map(|()| ExitCode::SUCCESS);
    }
    let code = match &outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            print_error(error);
            ExitCode::from(2)
        }
    };
    if is_taking && !is_ours {
        note(
            "letting the program finish its snapshot: leaving now could crash it; Ctrl-C again leaves \
             at once",
        );
    }
    tokio::select! {
        () = left => {}
        () = interrupts.next() => {
            if is_taking && !is_ours {
                note("left in the middle of the snapshot: the program may crash");
            }
        }
    }
    Ok(code)
}

/// The wishes of the user or the system that we end.
pub(crate) struct Interrupts {
    /// When each came, which may be long before anybody asks for it.
    wishes: mpsc::UnboundedReceiver<Instant>,
    /// When the last wish came that counted.
    last: Option<Instant>,
}

impl Interrupts {
    /// From now on, nothing of the kind ends the process by itself.
    ///
    /// They are received on a thread of its own: what holds up the others (a disk, the work) must not make a
    /// signal seem to come later than it did.
    pub(crate) fn listen() -> Self {
        let (wished, wishes) = mpsc::unbounded_channel();
        // Without it the system ends us as it always did.
        if let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_io().build() {
            {
                let _inside = runtime.enter();
                receive(&wished);
            }
            std::thread::spawn(move || runtime.block_on(wished.closed()));
        }
        Self { wishes, last: None }
    }

    /// Completes with the next one; what comes within 0.2 s of the one before is the same.
    pub(crate) async fn next(&mut self) {
        loop {
            let Some(came) = self.wishes.recv().await else {
                // No signal can be listened to.
                return std::future::pending().await;
            };
            if self.last.is_none_or(|last| came.duration_since(last) >= ONE_WISH) {
                self.last = Some(came);
                return;
            }
        }
    }
}

/// Stamps each signal when it comes.
#[cfg(unix)]
fn receive(wished: &mpsc::UnboundedSender<Instant>) {
    use tokio::signal::unix::{SignalKind, signal};
    for kind in [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()] {
        // Without a handler the system ends us as it always did.
        let Ok(mut signal) = signal(kind) else { continue };
        let wished = wished.clone();
        tokio::spawn(async move {
            while signal.recv().await.is_some() && wished.send(Instant::now()).is_ok() {}
        });
    }
}

/// Stamps each signal when it comes.
#[cfg(not(unix))]
fn receive(wished: &mpsc::UnboundedSender<Instant>) {
    let wished = wished.clone();
    tokio::spawn(async move {
        while tokio::signal::ctrl_c().await.is_ok() && wished.send(Instant::now()).is_ok() {}
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many wishes there are when signals came at `times` (in milliseconds) and nobody asked
    /// for them before the last had come.
    async fn wishes_of(times: &[u64]) -> usize {
        let (wished, wishes) = mpsc::unbounded_channel();
        let mut interrupts = Interrupts { wishes, last: None };
        let start = Instant::now();
        for &time in times {
            wished.send(start + Duration::from_millis(time)).expect("it is listened to");
        }
        let mut count = 0;
        let soon = Duration::from_millis(20);
        while tokio::time::timeout(soon, interrupts.next()).await.is_ok() {
            count += 1;
        }
        count
    }

    #[tokio::test]
    async fn what_comes_twice_at_once_is_one_wish_whenever_it_is_asked_for() {
        assert_eq!(wishes_of(&[0, 0]).await, 1, "npm has passed it on");
        assert_eq!(wishes_of(&[0, 100]).await, 1, "a key that bounced");
        assert_eq!(wishes_of(&[0, 500]).await, 2, "somebody insists");
        assert_eq!(wishes_of(&[0, 100, 500, 600]).await, 2, "somebody insists through npm");
    }

    /// In `capture` everything else shares one thread, and that may be held up.
    #[cfg(unix)]
    #[tokio::test]
    async fn a_signal_counts_from_when_it_came() {
        let mut interrupts = Interrupts::listen();
        let hang_up = || {
            let kill = std::process::Command::new("kill")
                .args(["-HUP", &std::process::id().to_string()])
                .status();
            assert!(kill.expect("kill is at hand").success());
        };
        hang_up();
        interrupts.next().await;
        hang_up();
        std::thread::sleep(ONE_WISH * 2);
        let soon = Duration::from_millis(50);
        let again = tokio::time::timeout(soon, interrupts.next()).await;
        assert!(again.is_err(), "it is the same wish");
        hang_up();
        let insists = tokio::time::timeout(Duration::from_secs(10), interrupts.next()).await;
        assert!(insists.is_ok(), "it was passed over");
    }
}
