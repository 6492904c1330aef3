//! What the operating system keeps open for the program: connections, threads, watchers, processes. Node has
//! an object of its own for each handle, which lives as long as it is open, and keeps whoever opened it.
//!
//! ```text
//! (Global handles) → TCP ─<symbol owner_symbol>→ Socket ─<symbol kHandle>→ TCP
//! (Global handles) → Worker ─onexit→ closure ─context→ scopes ─this→ Worker (the user's)
//! ```
//!
//! The names are those of Node 14 to 26. Node's own threads and files that are read are none of these.

use heapmark_heap::{EdgeType, NodeOrdinal, NodeType, Snapshot, StringIndex};

/// What is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum HandleKind {
    /// A socket that the program connected.
    Connection,
    /// A socket that somebody else connected to a server of the program's: it lasts as long as they like.
    Accepted,
    /// What a child process is read and written by: it ends with the process.
    OfProcess,
    /// A worker thread.
    Worker,
    /// What `fs.watch` and its like return.
    Watcher,
    /// A child process.
    Process,
}

/// An open handle.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OpenHandle {
    pub(crate) kind: HandleKind,
    /// The object that the program has of it: a socket.
    pub(crate) owner: NodeOrdinal,
    /// Node's own.
    pub(crate) handle: NodeOrdinal,
}

/// Node's classes of handles.
const CLASSES: [(&str, HandleKind); 8] = [
    ("UDP", HandleKind::Connection),
    ("TCP", HandleKind::Connection),
    ("Pipe", HandleKind::Connection),
    ("TLSWrap", HandleKind::Connection),
    ("Worker", HandleKind::Worker),
    ("FSEvent", HandleKind::Watcher),
    ("StatWatcher", HandleKind::Watcher),
    ("Process", HandleKind::Process),
];

/// By what the object that the program has leads to Node's.
const TO_HANDLE: [&str; 2] = ["<symbol kHandle>", "_handle"];

/// A budget: so many scopes around a function of Node's are asked for `this`; its own code does not nest deeper.
const MAX_SCOPES: usize = 3;

/// Everything that is open.
pub(crate) fn open_handles(snapshot: &Snapshot) -> Vec<OpenHandle> {
    let named = |(name, kind): (&str, HandleKind)| Some((snapshot.find_string(name)?, kind));
    let classes: Vec<(StringIndex, HandleKind)> = CLASSES.into_iter().filter_map(named).collect();
    if classes.is_empty() {
        return Vec::new();
    }
    let kind_of = |node: NodeOrdinal| {
        // Asked of every node: most are told by one byte.
        if snapshot.node_type(node) != NodeType::Object {
            return None;
        }
        let name = snapshot.name_index(node);
        classes.iter().find(|(class, _)| *class == name).map(|&(_, kind)| kind)
    };
    let found = snapshot.nodes().filter_map(|handle| {
        let class = kind_of(handle)?;
        let owner = owner(snapshot, handle)?;
        let is_of_datagrams = snapshot.name(handle) == "UDP";
        let kind = if is_of_datagrams { class } else { kind(snapshot, class, owner)? };
        Some(OpenHandle { kind, owner, handle })
    });
    let mut found: Vec<OpenHandle> = found.collect();
    let processes = found.iter().filter(|it| it.kind == HandleKind::Process);
    let stdio = ["stdin", "stdout", "stderr"];
    let of_processes: Vec<NodeOrdinal> = processes
        .flat_map(|it| stdio.map(|name| snapshot.child(it.owner, EdgeType::Property, name)))
        .flatten()
        .collect();
    for open in &mut found {
        if of_processes.contains(&open.owner) {
            open.kind = HandleKind::OfProcess;
        }
    }
    found
}

/// The object that the program has of a handle, if it is open.
fn owner(snapshot: &Snapshot, handle: NodeOrdinal) -> Option<NodeOrdinal> {
    let property = |name| snapshot.child(handle, EdgeType::Property, name);
    let of_worker = || {
        let scope = snapshot.child(property("onexit")?, EdgeType::Internal, "context")?;
        let around = |scope: &NodeOrdinal| snapshot.child(*scope, EdgeType::Internal, "previous");
        let mut scopes = std::iter::successors(Some(scope), around).take(MAX_SCOPES);
        scopes.find_map(|scope| snapshot.child(scope, EdgeType::Context, "this"))
    };
    let owner = property("<symbol owner_symbol>").or_else(of_worker)?;
    let leads_back = |name: &&str| snapshot.child(owner, EdgeType::Property, name) == Some(handle);
    // A socket for datagrams has it in its state.
    let state = || snapshot.child(owner, EdgeType::Property, "<symbol state symbol>");
    let in_state = || snapshot.child(state()?, EdgeType::Property, "handle");
    (TO_HANDLE.iter().any(leads_back) || in_state() == Some(handle)).then_some(owner)
}

/// What a handle of a class is in fact. A server has one as sockets have, and is none of these; sockets of
/// an agent of HTTP are the agent's, which listens for `agentRemove`.
fn kind(snapshot: &Snapshot, class: HandleKind, owner: NodeOrdinal) -> Option<HandleKind> {
    if class != HandleKind::Connection {
        return Some(class);
    }
    snapshot.child(owner, EdgeType::Property, "_readableState")?;
    let events = snapshot.child(owner, EdgeType::Property, "_events");
    if events.is_some_and(|it| snapshot.child(it, EdgeType::Property, "agentRemove").is_some()) {
        return None;
    }
    let server = snapshot.child(owner, EdgeType::Property, "server");
    let is_accepted = server.is_some_and(|it| snapshot.node_type(it) == NodeType::Object);
    Some(if is_accepted { HandleKind::Accepted } else { HandleKind::Connection })
}

/// What Node itself keeps of a handle besides: the ports of a worker, the timer of a socket. Whoever leads
/// to the owner over these has it from Node.
pub(crate) fn nodes_parts(
    snapshot: &Snapshot,
    open: &OpenHandle,
) -> impl Iterator<Item = NodeOrdinal> {
    let of_node = |&node: &NodeOrdinal| {
        matches!(&*snapshot.name(node), "MessagePort" | "Timeout" | "TCP" | "Pipe" | "TLSWrap")
    };
    let properties =
        |node| snapshot.edges(node).filter(|edge| edge.edge_type == EdgeType::Property);
    properties(open.owner).chain(properties(open.handle)).map(|edge| edge.to).filter(of_node)
}
