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

mod across;
mod analyze;
mod async_stores;
mod binding;
mod blocks;
mod captured;
mod carry;
mod census;
mod chains;
mod cluster;
mod companion;
mod copies;
mod declared;
mod detect;
mod evidence;
mod growth;
mod held;
mod holders;
mod identity;
mod inside;
pub mod json;
mod kept;
mod line;
mod locate;
mod members;
mod missing;
mod modules;
mod owner;
mod page;
mod pairs;
mod path;
mod process;
mod repeated;
pub mod report;
mod rules;
mod scopes;
mod shapes;
mod share;
pub mod silence;
mod sites;
mod slots;
mod standing;
mod stores;
mod suspect;
#[cfg(test)]
mod testing;
mod things;
mod threads;
mod turnover;
pub mod units;
mod weakly;
mod workers;

pub use analyze::{AnalyzeError, MOST_IN_GROUP, analyze, analyze_for_editor, newest_group};
pub use report::Report;
