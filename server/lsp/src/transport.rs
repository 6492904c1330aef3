//! Messages in, messages out: between the streams of a client and the library's service.
//!
//! The library has a transport of its own, `tower_lsp::Server`. It ends with the first frame that it
//! cannot decode, and does not end when nobody reads its answers; its decoder cannot be replaced from
//! outside. Its service can be called by anybody, though: this does, so that nothing of the library
//! need be copied and mended. What it takes from there are the rules of order: handlers are first
//! polled in the order of arrival, all in one task, and reading stops when [`MAX_WAITING`] of them
//! wait for their turn.
//!
//! How bytes become frames, and frames messages: [`crate::framing`], [`crate::message`].

use std::fmt::Display;
use std::future::{Future, poll_fn, ready};
use std::io;
use std::pin::{Pin, pin};

use futures_util::{SinkExt, StreamExt, stream};
use serde::Serialize;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc::{self, Sender};
use tower_lsp::ClientSocket;
use tower_lsp::jsonrpc::{ErrorCode, Id, Request, Response};
use tower_service::Service;
use tracing::{error, warn};

use crate::framing::{Fault, Frame, Frames};
use crate::message::{self, Message};

/// Messages that may wait for their turn before reading stops.
const MAX_WAITING: usize = 100;
/// Bytes that are read at once: as many as a pipe of Linux holds.
const CHUNK_BYTES: usize = 64 << 10;

/// The answer to one message, if it has one.
type Answer = Pin<Box<dyn Future<Output = Option<Response>> + Send>>;

/// Serves one client until it sends `exit`, ends `input` or stops reading `output`; handles up to
/// `at_once` messages at the same time.
pub(crate) async fn run<S>(
    input: impl AsyncRead + Unpin,
    output: impl AsyncWrite,
    service: S,
    socket: ClientSocket,
    at_once: usize,
) where
    S: Service<Request, Response = Option<Response>>,
    S::Error: Display + 'static,
    S::Future: Send + 'static,
{
    let (questions, answers) = socket.split();
    let (questions, leaving) = stream::abortable(questions);
    let (tasks, mut waiting) = mpsc::channel(MAX_WAITING);
    // One place: while a message is on its way out, the handlers go on until one more is ready.
    let (outbox, mut outgoing) = mpsc::channel(1);
    let questions_out = outbox.clone();

    let work = async move {
        let waiting = stream::poll_fn(|context| waiting.poll_recv(context));
        let mut done = pin!(waiting.buffer_unordered(at_once));
        while let Some(answer) = done.next().await {
            let Some(answer) = answer else { continue };
            if !send(&outbox, &answer).await {
                break;
            }
        }
    };
    let ask = async move {
        let mut questions = pin!(questions);
        while let Some(question) = questions.next().await {
            if !send(&questions_out, &question).await {
                break;
            }
        }
    };
    let read = async move {
        let mut answers = pin!(answers);
        let deliver = async |answer| {
            // Nobody waits for an answer after the end.
            let _ = answers.send(answer).await;
        };
        receive(input, service, tasks, deliver).await;
        leaving.abort();
    };
    let write = async move {
        let mut output = pin!(output);
        while let Some(bytes) = outgoing.recv().await {
            let written: io::Result<()> = async {
                output.write_all(&bytes).await?;
                output.flush().await
            }
            .await;
            if let Err(error) = written {
                warn!("the client does not read any more: {error}");
                break;
            }
        }
    };
    let mut write = pin!(write);
    tokio::select! {
        () = &mut write => {}
        _ = async { tokio::join!(work, ask, read) } => write.await,
    }
}

/// Reads messages, and hands them on, until the client sends `exit` or ends the stream.
async fn receive<S>(
    mut input: impl AsyncRead + Unpin,
    mut service: S,
    tasks: Sender<Answer>,
    mut deliver: impl AsyncFnMut(Response),
) where
    S: Service<Request, Response = Option<Response>>,
    S::Error: Display + 'static,
    S::Future: Send + 'static,
{
    let mut frames = Frames::default();
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let mut came = match input.read(&mut chunk).await {
            Ok(0) => return,
            Ok(count) => &chunk[..count],
            Err(error) => return warn!("the client cannot be read any more: {error}"),
        };
        while let Some(frame) = frames.next(&mut came) {
            let (task, is_last): (Answer, bool) = match opened(frame) {
                Ok(Message::Response(response)) => {
                    deliver(response).await;
                    continue;
                }
                Ok(Message::Request(request)) => {
                    if let Err(error) = poll_fn(|context| service.poll_ready(context)).await {
                        return error!("{error}");
                    }
                    // The process is to end at once, and some clients do not close their end.
                    let is_last = request.method() == "exit";
                    (Box::pin(answered(service.call(request))), is_last)
                }
                Err(refusal) => {
                    warn!("refused: {}", refusal.error().map_or("", |error| &error.message));
                    (Box::pin(ready(Some(refusal))), false)
                }
            };
            if tasks.send(task).await.is_err() || is_last {
                return;
            }
        }
    }
}

/// The message in a frame, or what to answer instead.
fn opened(frame: Frame) -> Result<Message, Response> {
    match frame {
        Frame::Text(text) => message::read(text),
        Frame::CutShort { text, length } => {
            let came = text.len();
            message::read(text).map_err(|refusal| match refusal.id() {
                Id::Null => {
                    let why = format!(
                        "the message ends after {came} of {length} bytes, because another one begins \
                         there"
                    );
                    message::refuse(Id::Null, ErrorCode::ParseError, &why)
                }
                _ => refusal,
            })
        }
        Frame::Fault(fault) => {
            let code = match fault {
                Fault::NotUtf8 => ErrorCode::ParseError,
                _ => ErrorCode::InvalidRequest,
            };
            Err(message::refuse(Id::Null, code, &fault.to_string()))
        }
    }
}

async fn answered<E: Display>(
    answer: impl Future<Output = Result<Option<Response>, E>>,
) -> Option<Response> {
    answer.await.unwrap_or_else(|error| {
        error!("{error}");
        None
    })
}

/// Puts a message into a frame and on its way; `false` if nothing goes out any more.
async fn send(outbox: &Sender<Vec<u8>>, message: &impl Serialize) -> bool {
    let text = match serde_json::to_vec(message) {
        Ok(text) => text,
        Err(error) => {
            error!("a message cannot be written: {error}");
            return true;
        }
    };
    let mut frame = format!("Content-Length: {}\r\n\r\n", text.len()).into_bytes();
    frame.extend(text);
    outbox.send(frame).await.is_ok()
}
