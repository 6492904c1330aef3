//! Running the server on a pair of streams until the client leaves.
//!
//! Not here: starting a runtime and choosing the streams (the command line does), and what the
//! server answers (see [`crate::backend`]).

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;
use tower_lsp::LspService;

use crate::answers_all::AnswersAll;
use crate::backend::Backend;
use crate::session::Session;
use crate::transport;

/// Handlers that may be under way at once. The library's default of 4 is a trap: four requests that
/// wait for something would stop the server from reading, even the answer they wait for.
const CONCURRENCY: usize = 64;

/// How long the last answers may take after the client closed its end.
const GRACE: Duration = Duration::from_secs(2);

/// How long the process stays at most for programs that are taking a snapshot for us: some crash if they are
/// left meanwhile. A heap of gigabytes takes minutes. It has left its client by then and does nothing else;
/// an editor that does not want to wait kills it, and whoever asks it twice to end gets that.
const MAX_STAY: Duration = Duration::from_secs(600);

/// How the client took its leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// `shutdown` was asked for before the end: the process should exit with code 0.
    Orderly,
    /// The client vanished, or sent `exit` without `shutdown`: exit code 1, as the specification
    /// wants it.
    Abrupt,
}

/// Serves one client on `input` and `output` until it sends `exit`, closes `input` or its end of
/// `output`, or its process is gone. Nothing else may write to `output`.
///
/// A blocking job may still be winding down when this returns: the caller should end its runtime
/// with `shutdown_background`.
pub async fn serve(input: impl AsyncRead + Unpin, output: impl AsyncWrite) -> Ending {
    let closed = Arc::new(Notify::new());
    let input = NoticesEnd { input, closed: Arc::clone(&closed) };
    let mut session = None;
    let (service, socket) = LspService::build(|client| {
        let new = Session::new(client);
        session = Some(Arc::clone(&new));
        Backend::new(new)
    })
    // No version of the library handles this one itself.
    .custom_method("window/workDoneProgress/cancel", Backend::cancel_progress)
    .finish();
    let session = session.expect("the service is built with its backend, synchronously");

    let server = transport::run(input, output, AnswersAll(service), socket, CONCURRENCY);
    let input_closed = async {
        closed.notified().await;
        session.cancel_everything();
        tokio::time::sleep(GRACE).await;
    };
    tokio::select! {
        () = server => {}
        () = input_closed => {}
        () = session.parent_gone.notified() => {}
        () = terminated() => {}
    }
    session.cancel_everything();
    session.end_attempt().await;
    tokio::select! {
        () = session.keeper.release_all() => {}
        () = tokio::time::sleep(MAX_STAY) => {}
        () = async { terminated().await; terminated().await } => {}
    }
    if session.was_shut_down() { Ending::Orderly } else { Ending::Abrupt }
}

/// Completes when the system or a person asks the process to end: what it has begun is put in order.
async fn terminated() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let (Ok(mut terminate), Ok(mut hang_up)) =
            (signal(SignalKind::terminate()), signal(SignalKind::hangup()))
        {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
                _ = hang_up.recv() => {}
            }
            return;
        }
    }
    // Where that cannot be known the process ends as it always did.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Tells when the stream ends. Without it a handler that is busy with a long job would keep the
/// server alive after its client closed the pipe.
struct NoticesEnd<R> {
    input: R,
    closed: Arc<Notify>,
}

impl<R: AsyncRead + Unpin> AsyncRead for NoticesEnd<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let result = Pin::new(&mut self.input).poll_read(context, buffer);
        let ended = match &result {
            Poll::Ready(Ok(())) => buffer.filled().len() == before && buffer.capacity() > before,
            Poll::Ready(Err(_)) => true,
            Poll::Pending => false,
        };
        if ended {
            self.closed.notify_one();
        }
        result
    }
}
