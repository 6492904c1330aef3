//! Saying where two answers differ.

use std::fmt::Write as _;

use heapmark_tests::cases::Case;
use similar::TextDiff;

use crate::answers::Answer;

/// Lines around a difference.
const CONTEXT: usize = 3;
/// Longest part of a difference that is printed, in lines: the rest is like it.
const MAX_LINES: usize = 60;

/// The difference, for people; `None` if there is none.
pub(crate) fn between(case: &Case, then: &Answer, now: &Answer) -> Option<String> {
    let mut told = String::new();
    for (what, before, after) in [
        ("JSON", &then.json, &now.json),
        ("text", &then.text, &now.text),
        ("editor", &then.editor, &now.editor),
    ] {
        if before == after {
            continue;
        }
        let diff = TextDiff::from_lines(before.as_str(), after.as_str());
        let diff = diff.unified_diff().context_radius(CONTEXT).to_string();
        let lines: Vec<&str> = diff.lines().collect();
        // Writing to a text cannot fail.
        let _ = writeln!(told, "    {what} of {} ({}):", case.name, now.series.way);
        for line in lines.iter().take(MAX_LINES) {
            let _ = writeln!(told, "        {line}");
        }
        if lines.len() > MAX_LINES {
            let _ = writeln!(told, "        … {} more lines", lines.len() - MAX_LINES);
        }
    }
    (!told.is_empty()).then_some(told)
}
