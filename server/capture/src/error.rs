//! What can go wrong between a running program and a complete file, in words for people.
//!
//! Text that comes from a target is made plain ([`crate::plain`]) before it enters an error, so
//! every message can be printed as it is.

use crate::text::human_bytes;
use std::{io, path::PathBuf, time::Duration};

/// Why there is no snapshot. Each message is one sentence: what is wrong, where, what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CaptureError {
    /// The port is closed: the usual mistake, a program started without `--inspect`.
    #[error(
        "nothing listens at {address}: start the program with `node --inspect app.js`, or open \
         the inspector of a running one with `kill -USR1 PID`"
    )]
    NothingListens {
        /// `HOST:PORT`
        address: String,
    },
    /// Something listens but does not speak the inspector protocol.
    #[error(
        "{address} is not an inspector: {answer}; the port is printed by Node.js as \
         `Debugger listening on ws://…`"
    )]
    NotAnInspector {
        /// `HOST:PORT`
        address: String,
        /// What it answered instead.
        answer: String,
    },
    /// The host is unknown, the network refuses, or the connection broke before anything came.
    #[error("{address} cannot be reached: {reason}")]
    Unreachable {
        /// `HOST:PORT`
        address: String,
        /// What the system says.
        reason: io::Error,
    },
    /// An address that is neither `PORT`, `HOST:PORT` nor a `ws://` URL.
    #[error(
        "`{address}` is not the address of an inspector: write HOST:PORT such as 127.0.0.1:9229, \
         or a ws:// URL"
    )]
    InvalidAddress {
        /// As given.
        address: String,
    },
    /// An inspector that takes one client at a time lists its targets without a URL.
    #[error(
        "another client is attached to the inspector at {address}, which takes only one at a \
         time: detach it and try again"
    )]
    AnotherClient {
        /// `HOST:PORT`
        address: String,
    },
    /// The inspector answers, but has nothing to inspect.
    #[error("the inspector at {address} has nothing to inspect: its program may just be ending")]
    NoTarget {
        /// `HOST:PORT`
        address: String,
    },
    /// The WebSocket handshake was refused: mostly the URL of a process that has gone.
    #[error(
        "the inspector refused the connection to {url} ({answer}): the program may have been \
         restarted, list its targets again"
    )]
    Refused {
        /// The WebSocket URL.
        url: String,
        /// The HTTP status or what broke the handshake.
        answer: String,
    },
    /// No sign of life for too long.
    #[error(
        "{target} does not answer: no reply to {method} for {} s; it may be stopped, or busy in \
         a call that does not return",
        waited.as_secs()
    )]
    Unresponsive {
        /// The target as people know it.
        target: String,
        /// The protocol method that has no reply.
        method: &'static str,
        /// How long nothing came.
        waited: Duration,
    },
    /// It takes the connection and does not say what it is.
    #[error(
        "{address} gives no complete answer within {} s: the program may be stopped or very busy, or it \
         is no inspector; Node.js prints the port of its own as `Debugger listening on ws://…`",
        waited.as_secs()
    )]
    NoAnswer {
        /// `HOST:PORT`
        address: String,
        /// How long that was.
        waited: Duration,
    },
    /// It takes the connection and then says nothing.
    #[error(
        "{target} does not answer for {} s: it may be stopped, in a call that does not return, or \
         still busy with a snapshot for somebody who has left; try again when it has got on",
        waited.as_secs()
    )]
    Silent {
        /// The target as people know it.
        target: String,
        /// How long nothing came.
        waited: Duration,
    },
    /// The connection was lost: the program ended, crashed or was killed.
    #[error("{}", gone(target, *received))]
    TargetGone {
        /// The target as people know it.
        target: String,
        /// Bytes of the snapshot that had come; they were removed.
        received: Option<u64>,
    },
    /// The target speaks the protocol but refuses a method.
    #[error("{target} refuses {method}: {message}")]
    MethodRefused {
        /// The target as people know it.
        target: String,
        /// The protocol method.
        method: &'static str,
        /// The target's own words.
        message: String,
    },
    /// What came does not follow the protocol, or is too big to be a part of it.
    #[error("{target} does not keep to the inspector protocol: {problem}")]
    Protocol {
        /// The target as people know it.
        target: String,
        /// What is wrong.
        problem: String,
    },
    /// The target says that it is done, but what came is not a whole snapshot.
    #[error(
        "{target} sent only a part of the snapshot ({}), the unfinished file was removed: it may \
         be short of memory, a snapshot needs several times the heap's size",
        human_bytes(*received)
    )]
    Incomplete {
        /// The target as people know it.
        target: String,
        /// Bytes that came.
        received: u64,
    },
    /// More came than a snapshot of this heap can have, or than was allowed.
    #[error(
        "{target} goes on after {} of a snapshot, {}: it was given up and removed",
        human_bytes(*received), of_heap(*heap)
    )]
    TooLarge {
        /// The target as people know it.
        target: String,
        /// Bytes that came.
        received: u64,
        /// What the target said of its heap, in bytes.
        heap: Option<u64>,
    },
    /// The snapshot would take the last of the disk, which the program itself may need.
    #[error(
        "only {} are free for {}: {}; free some space or name another folder, a snapshot takes about \
         twice the size of the heap",
        human_bytes(*free), path.display(),
        if *written == 0 {
            "nothing was captured".to_owned()
        } else {
            format!("the capture was given up after {} and removed", human_bytes(*written))
        }
    )]
    DiskLow {
        /// The unfinished file.
        path: PathBuf,
        /// Bytes that are free.
        free: u64,
        /// Bytes that had come when the disk was found nearly full.
        written: u64,
    },
    /// `.heapmark` is a link, which may have come with the sources and lead anywhere.
    #[error(
        "{} is a link, and snapshots hold secrets: nothing is written through it; remove it, or name \
         the folder that it leads to with --folder",
        path.display()
    )]
    FolderIsLink {
        /// The link.
        path: PathBuf,
    },
    /// No room for the snapshot.
    #[error(
        "the disk is full: {} could hold less than {} of the snapshot and was removed; free some \
         space, a file is about twice the size of the heap",
        path.display(), human_bytes(*written)
    )]
    DiskFull {
        /// The unfinished file.
        path: PathBuf,
        /// Bytes that had come when the disk was found full.
        written: u64,
    },
    /// A file or folder could not be made or written.
    #[error("{} cannot be written: {reason}", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        reason: io::Error,
    },
    /// A name that would leave its folder or cannot be a file's.
    #[error("`{name}` cannot be the name of a snapshot: use a plain file name, without folders")]
    InvalidName {
        /// As given, made plain.
        name: String,
    },
    /// The command to launch could not be started.
    #[error("`{command}` cannot be started: {reason}")]
    Launch {
        /// The command line, made plain.
        command: String,
        /// What the system says.
        reason: io::Error,
    },
    /// The launched command ended before there was anything to capture.
    #[error(
        "`{command}` ended ({status}) before its snapshot: a program must still run to be \
         captured, a script needs something to keep it alive"
    )]
    EndedEarly {
        /// The command line, made plain.
        command: String,
        /// `exit status: 1`
        status: String,
    },
    /// The launched command runs, but no Node.js in it opened an inspector.
    #[error(
        "`{command}` opened no inspector within {} s: it seems not to start Node.js, or to start \
         it without NODE_OPTIONS",
        waited.as_secs()
    )]
    NoInspector {
        /// The command line, made plain.
        command: String,
        /// How long it had time.
        waited: Duration,
    },
    /// The user thought better of it.
    #[error("cancelled, nothing was kept of the unfinished snapshot")]
    Cancelled,
}

fn of_heap(heap: Option<u64>) -> String {
    match heap {
        Some(0) | None => "more than is allowed".to_owned(),
        Some(heap) => format!("more than is allowed or its heap ({}) can make", human_bytes(heap)),
    }
}

fn gone(target: &str, received: Option<u64>) -> String {
    match received {
        None => format!("{target} has gone: the program ended or closed its inspector"),
        Some(bytes) => format!(
            "{target} went away while the snapshot was taken, the unfinished file ({}) was \
             removed: the program ended, or was killed for the memory that a snapshot needs, \
             several times the heap's size",
            human_bytes(bytes)
        ),
    }
}
