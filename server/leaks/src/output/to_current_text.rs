//! The last step of a report: from the texts that ran to the texts of now.
//!
//! All before is read and worded in the world as it was. Here every place and every line in a sentence
//! goes to where it stands now; what is not there any more loses its place.

use std::path::Path;

use heapmark_source::{AsItRan, Now, Position, Range};

use crate::report::{Finding, HopPlace, Match, Site};
use crate::rules::module_reload;

/// Carries over whatever in a report stands in a file.
pub(crate) fn carry(past: &AsItRan<'_>, findings: &mut [Finding], sites: &mut Vec<Site>) {
    for finding in findings {
        carry_finding(past, finding);
    }
    sites.retain_mut(|site| {
        site.holder = site.holder.take().and_then(|holder| carried(past, holder));
        move_to_now(past.now(&site.file, site.name_range), &mut site.name_range, &mut site.matched)
    });
}

fn carry_finding(past: &AsItRan<'_>, finding: &mut Finding) {
    for text in finding.texts_mut() {
        text.carry(|file, range| past.now(file, range));
    }
    let is_of_files = finding.rule == module_reload::RULE;
    finding.places.retain_mut(|place| {
        let now = match past.now(&place.file, place.range) {
            // The first line stands for the whole file.
            Now::Gone if is_of_files => first_line(past, &place.file),
            now => now,
        };
        move_to_now(now, &mut place.range, &mut place.matched)
    });
    for hop in &mut finding.path {
        hop.place = hop.place.take().and_then(|place| carried(past, place));
    }
}

fn first_line(past: &AsItRan<'_>, file: &Path) -> Now {
    let Ok(file) = past.workspace().file(file) else { return Now::Gone };
    let end = file.line_text(0).encode_utf16().count() as u32;
    Now::At(Range::new(Position::default(), Position::new(0, end)))
}

/// Whether something still stands anywhere; then there.
fn move_to_now(now: Now, range: &mut Range, matched: &mut Match) -> bool {
    match now {
        Now::Same => true,
        Now::At(found) => {
            *range = found;
            *matched = Match::Moved;
            true
        }
        Now::Gone => false,
    }
}

/// Where a place stands now, if anywhere.
pub(crate) fn carried(past: &AsItRan<'_>, place: HopPlace) -> Option<HopPlace> {
    match past.now(&place.file, place.range) {
        Now::Same => Some(place),
        Now::At(range) => Some(HopPlace { range, ..place }),
        Now::Gone => None,
    }
}
