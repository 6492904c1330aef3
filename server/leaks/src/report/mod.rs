//! The report: plain data with places and finished sentences, and how it is written down.
//! Nothing in here looks at a heap or a source.

mod finding;
pub(crate) mod fingerprint;
pub mod json;
pub(crate) mod line_ref;
pub(crate) mod place_words;
pub(crate) mod text;
pub mod units;

pub use text::{Line, Span, Text};

pub use finding::{
    Finding, Hop, HopPlace, Ignored, Match, Notice, Place, Remark, Report, Role, Rule, Severity,
    Silencer, Site, SiteKind, SnapshotSummary,
};
