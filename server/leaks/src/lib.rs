//! Why it stays: what leaks, who holds it, and which line of source adds to it.
//!
//! ```text
//! files ──► analyze ──► one census a snapshot, and the newest snapshot whole
//!                         │
//!                         ▼
//!              rules (listeners, timers, collections, pile-ups, captures)
//!                         │   owner: who holds it     locate: where that stands in source
//!                         ▼
//!                      Report ──► editor, command line, json
//! ```
//!
//! Three names matter: [`analyze`] is the way in, [`Report`] is what comes out, and a
//! [`Finding`](report::Finding) is one leak with its places. Everything a person reads is worded
//! here; nothing here knows of a protocol or a terminal. What somebody decided not to hear of is taken
//! out of a report by [`silence`].
//!
//! Several snapshots of one process prove growth; one alone can only raise a suspicion.

mod analyze;
mod blame;
mod census;
mod error;
mod evidence;
mod locate;
mod output;
pub mod report;
mod rules;
mod snapshots;
pub mod suppress;
#[cfg(test)]
mod testing;
mod triage;
mod v8;
mod verdict;
mod words;

pub use analyze::{analyze, analyze_for_editor};
pub use error::AnalyzeError;
pub use report::{Report, json, units};
pub use snapshots::{MOST_IN_GROUP, newest_group};
pub use suppress as silence;
pub use triage::registry::{rule, rules};
