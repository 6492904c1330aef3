//! Diagnostics: which are shown where, and telling the client only what changed.
//!
//! The report decides what is found; here is only what fits on a screen. What the client has already is
//! in [`crate::published`].

use std::path::Path;

use heapmark_leaks::Report;
use heapmark_leaks::report::{Finding, Place};
use heapmark_source::Range;

use crate::published::Diagnostics;
use crate::session::{Session, State};
use crate::to_proto;
use crate::types::{Diagnostic, DiagnosticRelatedInformation, Uri};

/// A file with more squiggles than this is not read any more.
const MAX_IN_FILE: usize = 20;
/// And neither is a list of problems with more than this.
const MAX_DIAGNOSTICS: usize = 200;
/// Places beside a diagnostic, the finding's own and the hops of its path.
const MAX_RELATED: usize = 12;

/// Tells the client which diagnostics changed.
pub(crate) async fn update(session: &Session) {
    session.published.update(&session.client, || diagnostics(&session.state())).await;
}

/// All diagnostics, by file.
fn diagnostics(state: &State) -> Diagnostics {
    // Open files get back the very URI that the client uses for them.
    let uri = |path: &Path| match state.documents.get(path) {
        Some(document) => Some(document.uri.clone()),
        None => to_proto::uri(path),
    };
    collect(&state.report, &uri, state.features.related_information)
}

/// The primary places of all findings come first, in the report's order of importance, then the
/// places that only take part: when there are too many, those are left out.
fn collect(report: &Report, uri: &dyn Fn(&Path) -> Option<Uri>, with_related: bool) -> Diagnostics {
    let mut by_file = Diagnostics::new();
    let mut left = MAX_DIAGNOSTICS;
    let mut add = |place: &Place, make: &dyn Fn() -> Diagnostic| {
        let Some(uri) = uri(&place.file) else { return };
        let file = by_file.entry(uri).or_default();
        if left > 0 && file.len() < MAX_IN_FILE {
            file.push(make());
            left -= 1;
        }
    };
    let related =
        |finding: &Finding, at: &Place| with_related.then(|| related_information(finding, at, uri));
    for finding in &report.findings {
        let Some(primary) = finding.primary() else { continue };
        add(primary, &|| {
            let severity = to_proto::severity(finding);
            to_proto::diagnostic(
                finding,
                primary,
                severity,
                &message(finding),
                related(finding, primary),
            )
        });
    }
    for finding in &report.findings {
        for place in finding.places.iter().skip(1).filter(|place| !place.message.is_empty()) {
            add(place, &|| {
                let (said, related) = (place.message.to_string(), related(finding, place));
                to_proto::diagnostic(finding, place, to_proto::TAKES_PART, &said, related)
            });
        }
    }
    for remark in &report.remarks {
        let Some(uri) = uri(&remark.file) else { continue };
        let file = by_file.entry(uri).or_default();
        if left > 0 && file.len() < MAX_IN_FILE {
            file.push(to_proto::remark(remark));
            left -= 1;
        }
    }
    by_file.retain(|_, diagnostics| !diagnostics.is_empty());
    by_file
}

/// What happens, then what to do about it.
fn message(finding: &Finding) -> String {
    match sentence(&finding.help.to_string()) {
        help if help.is_empty() => finding.message.to_string(),
        help => format!("{} {help}", finding.message),
    }
}

/// The text as a sentence of its own: a capital letter first, unless that would change the name of
/// a file, and a full stop at the end.
pub(crate) fn sentence(text: &str) -> String {
    let text = text.trim();
    let mut characters = text.chars();
    let Some(first) = characters.next() else { return String::new() };
    let is_name = text.split_whitespace().next().is_some_and(|word| word.contains(['.', '/']));
    let mut sentence: String =
        if is_name { text.to_owned() } else { first.to_uppercase().chain(characters).collect() };
    if !sentence.ends_with(['.', '!', '?']) {
        sentence.push('.');
    }
    sentence
}

/// The other places of the finding, then those on the way from the holder down, each once.
fn related_information(
    finding: &Finding,
    at: &Place,
    uri: &dyn Fn(&Path) -> Option<Uri>,
) -> Vec<DiagnosticRelatedInformation> {
    let places = finding.places.iter().map(|place| {
        let label =
            if place.label.is_empty() { place.name.clone() } else { place.label.to_string() };
        (place.file.as_path(), place.range, label)
    });
    let below_holder = finding.path.iter().filter(|hop| hop.below_holder);
    let hops = below_holder.filter_map(|hop| hop.place.as_ref()).map(|place| {
        (place.file.as_path(), place.range, format!("kept alive through here: {}", place.name))
    });
    let mut seen: Vec<(&Path, Range)> = vec![(&at.file, at.range)];
    let mut related = Vec::new();
    for (file, range, message) in places.chain(hops) {
        if related.len() == MAX_RELATED {
            break;
        }
        if !seen.contains(&(file, range))
            && let Some(uri) = uri(file)
        {
            seen.push((file, range));
            related.push(to_proto::related_information(uri, range, &message));
        }
    }
    related
}

#[cfg(test)]
mod tests;
