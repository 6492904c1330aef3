//! The report: plain data with places and finished sentences.
//! Nothing in here looks at a heap or a source.

mod contents;
mod finding;
pub(crate) mod fingerprint;
mod growth;
mod next_measurement;
mod outcome;
mod package;
mod place;
pub(crate) mod place_words;
mod rule;
#[cfg(test)]
pub(crate) mod samples;
pub(crate) mod text;
pub mod units;

pub use text::{Line, Span, Text};

pub use contents::{CodeOf, CodeRow, Contents, ContentsRow};
pub use finding::{
    Finding, Ignored, Notice, Reason, Remark, Report, Silencer, Site, SiteKind, SnapshotSummary,
};
pub use growth::{Growth, GrowthRow, HeldBy, Things};
pub use next_measurement::NextMeasurement;
pub use outcome::Outcome;
pub use package::{KnownLeak, Package};
pub use place::{Hop, HopPlace, Match, Outside, Place, Role};
pub use rule::{Rule, Severity};
