//! V8 heap snapshots: what is in the heap of a JavaScript program, with the numbers of Chrome
//! `DevTools`.

mod analysis;
mod bits;
mod collections;
mod error;
mod kinds;
mod load;
mod monitor;
mod ordinals;
mod scan;
mod scripts;
mod sizes;
#[cfg(any(test, feature = "sketch"))]
pub mod sketch;
mod snapshot;
mod strings;

pub use analysis::{Aggregate, Analysis};
pub use collections::{CollectionKind, Member, MemberKey};
pub use error::LoadError;
pub use kinds::{EdgeType, NodeType};
pub use monitor::{Cancelled, Monitor, Phase, Unmonitored};
pub use ordinals::{ClassIndex, EdgeOrdinal, NodeId, NodeOrdinal, ScriptId, StringIndex};
pub use scan::Scanner;
pub use scripts::Script;
pub use snapshot::{Edge, EdgeName, Location, Snapshot};
