//! Why it stays: what leaks, who holds it, and which line of source adds to it.
//!
//! ```text
//! files ──► snapshots ──► census: one small count a snapshot, and the newest snapshot whole
//!                            │
//!            v8, locate ──► evidence ──► blame
//!                            │             │
//!                            ▼             ▼
//!                          rules ──► Leak: facts ──► triage: merged, weighed, ranked
//!                            │                          │
//!                 verdict: how sure, how loudly         ▼
//!                                     words: Finding ──► Report ──► editor, command line, json
//! ```
//!
//! Three names matter: [`analyze`] is the way in, [`Report`] is what comes out, and a
//! [`Finding`](report::Finding) is one leak with its places. A rule states facts; how sure they make us is
//! decided in `verdict`, what is said of them stands in `words`. Nothing here knows of a protocol or a
//! terminal. What somebody decided not to hear of is taken out of a report by [`suppress`].
//!
//! Several snapshots of one process prove growth; one alone can only raise a suspicion. Which folder may
//! import which is the floor map in docs/architecture.md.

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
pub use output::json;
pub use report::{Report, units};
pub use rules::{rule, rules};
pub use snapshots::{MAX_IN_GROUP, newest_group};

/// What the judge calls a leak, for those who measure how well it does.
pub mod judge {
    pub use crate::verdict::thresholds::judge::{CALLED, MIN_GROWTH};
}
