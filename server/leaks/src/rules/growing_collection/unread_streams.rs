//! Streams that are written to and not read: what grows is Node's own list of what waits, and what a
//! person has to do with it is the stream.
//!
//! Found as growing collections ([`crate::rules::growing_collection`]); here is only what is said of them.

use heapmark_heap::{Edge, EdgeType, NodeOrdinal};
use heapmark_source::Call;

use crate::blame::access_path::name_of;
use crate::blame::holding::Blame;
use crate::evidence::Evidence;
use crate::locate::Spot;
use crate::locate::places::place_of;
use crate::locate::statements::Statement;
use crate::report::Place;
use crate::report::fingerprint::fingerprint;
use crate::report::place_words::line_of;
use crate::report::units::{number, plural, series, size};
use crate::rules::worded::Finding;

/// By what a stream of Node's leads to what waits in it.
const STATES: [&str; 2] = ["_readableState", "_writableState"];
/// What writes to a stream, or to the controller of a web stream.
const WRITE: [&str; 4] = ["write", "push", "enqueue", "pipe"];
/// What to do about it.
const HELP: &str = "read the stream, or stop writing when `write` returns false until `drain` comes (of a \
                    web stream: while `desiredSize` is not above 0)";
/// At most this many places that write are shown.
const MAX_WRITES: usize = 3;

/// A stream in which things wait.
pub(super) struct Unread {
    stream: NodeOrdinal,
    /// What a person calls it.
    name: String,
}

impl Unread {
    /// The stream whose list of what waits is held so, if it is one.
    pub(super) fn of(e: &Evidence, blame: &Blame) -> Option<Self> {
        let edges = &blame.owner.edges;
        let is = |edge: Option<&Edge>, name: &str| {
            edge.is_some_and(|edge| {
                edge.edge_type == EdgeType::Property && e.heap.edge_name(edge).to_string() == name
            })
        };
        let step = (1..edges.len()).find(|&step| {
            let is_web = is(edges.get(step), "<symbol kState>") && is(edges.get(step + 1), "queue");
            is_web || STATES.iter().any(|state| is(edges.get(step), state))
        })?;
        let mut owner = blame.owner.clone();
        owner.edges.truncate(step);
        let name = name_of(e, &owner, blame.holder.as_ref());
        Some(Self { stream: edges[step].from, name })
    }

    /// Words the finding anew.
    pub(super) fn tell(self, e: &Evidence, blame: &Blame, finding: &mut Finding) -> NodeOrdinal {
        let Self { stream, name } = self;
        let writes: Vec<(Spot, Statement)> =
            blame.holder.as_ref().map_or_else(Vec::new, |holder| {
                let calls = holder.spot.file.calls(&WRITE).into_iter();
                let field = format!("this.{}", holder.declaration.name);
                let to_it = |call: &Call| {
                    let receiver = call.callee.rsplit_once('.').map(|(receiver, _)| receiver);
                    receiver.is_some_and(|receiver| receiver == name || receiver == field)
                };
                calls.filter(to_it).map(|call| (holder.spot.clone(), call.into())).collect()
            });
        let waiting = finding.counts.last().copied().unwrap_or(0);
        let pieces = plural(waiting, "piece", "pieces");
        finding.title = format!(
            "what is written to `{name}` is not read: {} {pieces} wait, {} retained",
            series(&finding.counts),
            size(finding.retained_size)
        );
        let written = match writes.first() {
            Some((_, write)) => match &write.in_function {
                Some(function) => format!(" `{function}` writes to it ({}).", write.at()),
                None => format!(" It is written to in {}.", write.at()),
            },
            None => String::new(),
        };
        finding.message = format!(
            "W{}.{written} Nobody reads it, or not as fast as it is written.",
            &finding.title[1..]
        );
        HELP.clone_into(&mut finding.help);
        // Which of its lists is full, and what these are called, differs between versions of Node.
        if let Some(holder) = &blame.holder {
            let file = e.locator.relative(holder.spot.path());
            let parts = [file.as_str(), holder.scope.as_str(), name.as_str(), "unread"];
            finding.fingerprint = fingerprint(finding.rule, &parts);
        }
        if let Some(holder) = finding.places.first_mut() {
            holder.label = format!("{} {pieces} wait in it", number(waiting)).into();
        }
        let here = finding.places.first().map(line_of).unwrap_or_default();
        let places = writes.into_iter().take(MAX_WRITES).map(|(spot, write)| {
            let message =
                format!("Writes to `{name}` ({here}), in which {} {pieces} wait.", number(waiting));
            place_of(&spot, &write, "writes here".to_owned(), message)
        });
        let places: Vec<Place> = places.collect();
        finding.places.extend(places);
        stream
    }
}
