//! V8 heap snapshots: what is in the heap of a JavaScript program, with the numbers of Chrome
//! `DevTools`.
//!
//! ```text
//! .heapsnapshot ──bytes──► Scanner ──► Snapshot ──► Analysis
//!  file, gzip, stream                  as the file   sizes, dominators, distances, classes, paths
//! ```
//!
//! - [`Snapshot`] is the file as columns: nodes, edges, strings, locations. [`Snapshot::open`] reads
//!   files, [`Scanner`] takes bytes from anywhere.
//! - [`Analysis`] is a snapshot with all that `DevTools` computes from it, equal to the byte.
//! - [`IndexFolder`] keeps analyses on disk: the second [`Analysis::open`] of a file takes a tenth of
//!   the first one's work, on two cores side by side.
//! - [`Limits`] refuse what takes more memory than there is, before it is taken.
//! - [`Monitor`] watches all of it and can stop it; [`MemoryWatch`] stops what takes more memory than anybody
//!   could foretell.
//! - [`HeapProfile`] is another kind of file: samples of allocations, without objects.
//!
//! It does not know source code, leaks or protocols, does no I/O but reading files and keeping
//! indexes, and changes nothing once it is built: share an `Arc<Analysis>` between threads.
//!
//! ```no_run
//! use heapmark_heap::{Analysis, Snapshot, Unmonitored};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let snapshot = Snapshot::open("app.heapsnapshot".as_ref(), &Unmonitored)?;
//! let heap = Analysis::new(snapshot, &Unmonitored)?;
//! for class in heap.aggregates(&Unmonitored)?.iter().take(10) {
//!     println!("{} × {} retain {} bytes", class.count, class.name, class.max_retained);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # The data
//!
//! A heap is a graph of up to some hundred million links, so nothing is allocated for a single node
//! or link. Each table is a set of columns, and a row's number is all there is to address it
//! ([`NodeOrdinal`], [`EdgeOrdinal`], [`StringIndex`]):
//!
//! ```text
//! node          type name id self-size first-edge                 15 bytes   Snapshot
//! edge          type name target                                   9 bytes
//! string        text, end                                          4 bytes + text
//! node          retained dominator distance class self'           16 bytes   Analysis
//! edge          does it count for retained sizes?                   1 bit
//! node, edge    first-retainer │ retaining edge                    4 bytes each, when asked for
//! ```
//!
//! A node's edges are `first-edge[n] .. first-edge[n + 1]`; its retainers likewise. Sizes are 16 bits
//! with a side table for larger ones. All in all that is about the size of the file, and at its peak
//! a fifth or a quarter more.
//!
//! # The rules
//!
//! What counts as held, how far away, how large and called what follows `DevTools`' engine of 2026
//! (`HeapSnapshot.ts`), each rule in a file of its own under `analysis`. Two of them surprise:
//!
//! - *Self sizes move.* The store behind an array counts for the array: [`Analysis::self_size`], and
//!   the file's own [`Snapshot::raw_self_size`].
//! - *Weak maps.* An entry belongs to its key.
//!
//! # The questions
//!
//! As the Memory panel of `DevTools` answers them, to the byte:
//!
//! | view | |
//! |---|---|
//! | Summary, and under a filter | [`aggregates`](Analysis::aggregates), [`aggregates_of`](Analysis::aggregates_of), [`filtered`](Analysis::filtered) |
//! | Comparison | [`changes_since`](Analysis::changes_since) |
//! | Containment | [`children_page`](Analysis::children_page) from the root on |
//! | Retainers | [`retainers_page`](Analysis::retainers_page), [`shortest_path`](Analysis::shortest_path), [`retaining_paths`](Analysis::retaining_paths), [`ignore_retainers`](Analysis::ignore_retainers) |
//! | Statistics | [`statistics`](Analysis::statistics) |
//! | duplicated strings | [`duplicate_strings`](Analysis::duplicate_strings) |
//!
//! And those that it has no answer to: what do these nodes retain together
//! ([`retained_by_set`](Analysis::retained_by_set)), what would stay without them
//! ([`reachable_without`](Analysis::reachable_without)), what has a closure captured
//! ([`scopes`](Analysis::scopes)), what is in a collection ([`members`](Snapshot::members)), which
//! objects were made at this place ([`instances_at`](Analysis::instances_at)), and when
//! ([`birth_interval`]).

mod allocations;
mod analysis;
mod births;
mod bits;
mod budget;
mod bytes;
mod collection_names;
mod collections;
mod container;
mod declared_scopes;
mod error;
mod file_names;
#[cfg(test)]
mod formats;
#[cfg(any(test, feature = "fuzz"))]
pub mod fuzz;
mod heap_profile;
mod index;
mod kinds;
mod limits;
mod load;
mod memory_watch;
mod monitor;
mod node_set;
mod ordinals;
mod recording;
mod scan;
mod scope_tables;
mod scopes;
mod script;
mod scripts;
mod sizes;
#[cfg(any(test, feature = "sketch"))]
pub mod sketch;
mod snapshot;
mod storage;
mod strings;
mod unpack;

pub use allocations::Sample;
pub use analysis::{
    Aggregate, AllocationSite, Analysis, ClassChange, DuplicateStrings, Filter, IgnoredRetainers,
    Page, PageOrder, PageRequest, PathLimits, RetainingEdge, RetainingPaths, Statistics,
};
pub use births::birth_interval;
pub use bytes::Bytes;
pub use collection_names::CollectionKind;
pub use collections::{Contents, Member, MemberKey};
pub use error::LoadError;
pub use file_names::{
    is_packed_file, is_profile_file, is_snapshot_file, snapshot_endings, snapshot_stem,
};
pub use heap_profile::{HeapProfile, ProfileCall, ProfileSample};
pub use index::{IndexFolder, OpenedSnapshot, RelativeFolder};
pub use kinds::{EdgeType, NodeType};
pub use limits::Limits;
pub use memory_watch::MemoryWatch;
pub use monitor::{Cancelled, Monitor, Oversize, Phase, Unmonitored};
pub use node_set::NodeSet;
pub use ordinals::{ClassIndex, EdgeOrdinal, NodeId, NodeOrdinal, ScriptId, StringIndex};
pub use recording::Frame;
pub use scan::Scanner;
pub use scope_tables::{DeclaredScope, ScopeUse};
pub use scopes::{Scope, Variable};
pub use script::Script;
pub use snapshot::{Edge, EdgeName, Location, Snapshot};
