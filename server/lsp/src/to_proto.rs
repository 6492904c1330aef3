//! From the report to the protocol's types: free functions, each named after what it makes.
//!
//! Not here: which diagnostics are shown ([`crate::publish`]) and what a hover says
//! ([`crate::hover`]).

use std::path::Path;

use heapmark_leaks::report::{Finding, Place, Remark, Severity};
use heapmark_source::{Position, Range};

use crate::types::{self, DiagnosticRelatedInformation, DiagnosticSeverity, NumberOrString};
use crate::visible::visible;

/// The name under which editors show where a diagnostic comes from.
const SOURCE: &str = "heapmark";

/// Characters of a message, which has names in it that are somebody's data.
const MAX_MESSAGE_CHARS: usize = 2_000;

/// The position; both sides count lines and UTF-16 units from 0.
pub(crate) fn position(position: Position) -> types::Position {
    types::Position::new(position.line, position.column)
}

/// The range.
pub(crate) fn range(range: Range) -> types::Range {
    types::Range::new(position(range.start), position(range.end))
}

/// The `file:` URI of an absolute path; `None` for a path that no URI can say.
pub(crate) fn uri(path: &Path) -> Option<types::Uri> {
    path.is_absolute().then(|| types::Uri::from_file_path(path)).flatten()
}

/// How loudly the finding is shown at its primary place.
pub(crate) fn severity(finding: &Finding) -> DiagnosticSeverity {
    match finding.severity {
        Severity::Information => DiagnosticSeverity::INFORMATION,
        Severity::Warning => DiagnosticSeverity::WARNING,
    }
}

/// How loudly a place is shown that only takes part: editors mark hints in the text and do not list them,
/// so that one leak is one problem.
pub(crate) const TAKES_PART: DiagnosticSeverity = DiagnosticSeverity::HINT;

/// A diagnostic of the finding at one of its places.
pub(crate) fn diagnostic(
    finding: &Finding,
    place: &Place,
    severity: DiagnosticSeverity,
    message: &str,
    related: Option<Vec<DiagnosticRelatedInformation>>,
) -> types::Diagnostic {
    types::Diagnostic {
        range: range(place.range),
        severity: Some(severity),
        code: Some(NumberOrString::String(finding.rule.name().to_owned())),
        source: Some(SOURCE.to_owned()),
        message: self::message(message),
        related_information: related,
        data: Some(serde_json::Value::String(finding.fingerprint.clone())),
        ..types::Diagnostic::default()
    }
}

/// A hint about a comment that silences leaks, or should.
pub(crate) fn remark(remark: &Remark) -> types::Diagnostic {
    types::Diagnostic {
        range: range(remark.range),
        severity: Some(DiagnosticSeverity::HINT),
        code: Some(NumberOrString::String("heapmark-ignore".to_owned())),
        source: Some(SOURCE.to_owned()),
        message: message(&remark.message),
        ..types::Diagnostic::default()
    }
}

/// One line of related information: a place and what it has to do with the finding.
pub(crate) fn related_information(
    uri: types::Uri,
    place: Range,
    message: &str,
) -> DiagnosticRelatedInformation {
    let location = types::Location { uri, range: range(place) };
    DiagnosticRelatedInformation { location, message: self::message(message) }
}

/// A message as it may be shown.
pub(crate) fn message(text: &str) -> String {
    visible(text, MAX_MESSAGE_CHARS)
}
