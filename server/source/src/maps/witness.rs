//! Whether a map fits its files around a place: what is a name on one side should be the same name
//! on the other.
//!
//! A map without `sourcesContent` does not say which text it was made from. If the source was edited
//! since, the map still leads somewhere; the words there tell.

use super::near::word;
use super::{Segment, SourceMap};
use crate::SourceFile;
use crate::text::Text;

/// How many mappings before and behind a place are asked.
const AROUND: usize = 12;

/// Whether the mappings around the one at `index` lead to where they should, as far as anything
/// tells: `None` if nothing does.
pub(super) fn fits(
    map: &SourceMap,
    index: usize,
    generated: Option<&Text>,
    original: &SourceFile,
) -> Option<bool> {
    let segments = map.segments();
    let source = segments[index].source();
    let window = index.saturating_sub(AROUND)..(index + AROUND + 1).min(segments.len());
    let (mut agree, mut disagree) = (0, 0);
    for segment in segments[window].iter().filter(|segment| segment.source() == source) {
        match agrees(map, segment, generated, original) {
            Some(true) => agree += 1,
            Some(false) => disagree += 1,
            None => {}
        }
    }
    // Builds put their own words here and there (`exports.`); an edit makes nearly all differ.
    (agree + disagree > 0).then_some(agree >= disagree)
}

fn agrees(
    map: &SourceMap,
    segment: &Segment,
    generated: Option<&Text>,
    original: &SourceFile,
) -> Option<bool> {
    let Some(offset) = original.offset(segment.original) else { return Some(false) };
    let written = word(&original.text()[offset..]);
    if let Some(name) = map.name(segment) {
        // What a compiler calls the file itself, or joins of several parts, is no word.
        return (word(name) == Some(name)).then(|| written == Some(name));
    }
    let generated = generated?;
    let ran = word(&generated.as_str()[generated.offset(segment.generated)? as usize..])?;
    written.map(|written| written == ran)
}
