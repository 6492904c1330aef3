//! Streams that are written to and not read: what grows is Node's own list of what waits, and what a
//! person has to do with it is the stream.

use heapmark_heap::{Edge, EdgeType, NodeOrdinal};
use heapmark_source::{Call, Given};

use crate::blame::access_path::name_of;
use crate::blame::holding::Blame;
use crate::evidence::Evidence;
use crate::locate::Holder;
use crate::locate::statements::{BoundedBy, Statement};

/// By what a stream of Node's leads to what waits in it.
const STATES: [&str; 2] = ["_readableState", "_writableState"];
/// What writes to a stream, or to the controller of a web stream.
const WRITE: [&str; 4] = ["write", "push", "enqueue", "pipe"];

/// A stream in which things wait.
pub(crate) struct Unread {
    pub(super) stream: NodeOrdinal,
    /// It has nothing to read: what waits is to be written by its `_write`.
    pub(crate) is_sink: bool,
    /// What a person calls it.
    pub(crate) name: String,
    /// What writes to it, in the file of its holder.
    pub(crate) writes: Vec<Statement>,
}

impl Unread {
    /// The stream whose list of what waits is held so, if it is one.
    pub(super) fn of(e: &Evidence, blame: &Blame) -> Option<Self> {
        let edges = &blame.owner.edges;
        let is = |edge: Option<&Edge>, name: &str| {
            edge.is_some_and(|edge| {
                edge.edge_type == EdgeType::Property && edge.is_named(e.heap, name)
            })
        };
        let step = (1..edges.len()).find(|&step| {
            let is_web = is(edges.get(step), "<symbol kState>") && is(edges.get(step + 1), "queue");
            is_web || STATES.iter().any(|state| is(edges.get(step), state))
        })?;
        let mut owner = blame.owner.clone();
        owner.edges.truncate(step);
        let name = name_of(e, &owner, blame.holder.as_ref());
        let writes = writes(blame, &name);
        let stream = edges[step].from;
        let has = |state| e.heap.child(stream, EdgeType::Property, state).is_some();
        Some(Self { stream, is_sink: has(STATES[1]) && !has(STATES[0]), name, writes })
    }
}

/// How many things may wait in a stream before those that write are told to stop, as its options say:
/// `new Writable({ objectMode: true, highWaterMark: 5000 })`. Of bytes nothing is said: what is counted is
/// pieces.
pub(super) fn high_water_mark(holder: &Holder) -> Option<BoundedBy> {
    let file = &holder.spot.file;
    let making = file.making(&holder.declaration, &[])?;
    let option = |name| file.given(&making, 0, Some(name));
    let counts_things = option("objectMode") == Given::Yes;
    match option("highWaterMark") {
        Given::Number { limit, .. } if counts_things => Some(BoundedBy {
            statement: Statement::at(file, limit.range, &limit.name),
            limit: Some(limit),
            followed_to: None,
            limit_at: None,
        }),
        _ => None,
    }
}

fn writes(blame: &Blame, name: &str) -> Vec<Statement> {
    let Some(holder) = &blame.holder else { return Vec::new() };
    let field = format!("this.{}", holder.declaration.name);
    let to_it = |call: &Call| {
        let receiver = call.callee.rsplit_once('.').map(|(receiver, _)| receiver);
        receiver.is_some_and(|receiver| receiver == name || receiver == field)
    };
    let calls = holder.spot.file.calls(&WRITE).into_iter();
    calls.filter(to_it).map(Statement::from).collect()
}
