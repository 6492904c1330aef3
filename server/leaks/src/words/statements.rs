//! Statements of the source in sentences: who adds, and on which lines.

use std::path::Path;

use crate::locate::statements::Statement;
use crate::report::Text;
use crate::report::place_words::file_name;
use crate::report::text::{line, name, text};
use crate::rules::leak::Spotted;

/// Where a statement stands: `line 12`, or `server.js:12` in another file.
pub(super) fn at(statement: &Statement) -> Text {
    let line = line(&statement.file, statement.range);
    if statement.is_elsewhere {
        text![file_name(&statement.file), ":", line]
    } else {
        text!["line ", line]
    }
}

/// Where a place is: `pages.js:12`.
pub(super) fn line_of(place: &Spotted) -> Text {
    crate::report::place_words::at(&place.file, place.range)
}

/// `` Started in `work` (line 12).`` for `Started`; nothing without a statement.
pub(super) fn done_in(verb: &str, statement: Option<&Statement>) -> Text {
    let Some(statement) = statement else { return Text::default() };
    let at = at(statement);
    match &statement.in_function {
        Some(function) => text![" ", verb, " in ", name(function), " (", at, ")."],
        None => text![" ", verb, " in ", at, "."],
    }
}

/// Where statements stand: `lines 12, 14 and server.js:3`; at most so many of them.
pub(super) fn places_of(statements: &[Statement], most: usize) -> Text {
    let (elsewhere, mut here): (Vec<&Statement>, Vec<&Statement>) =
        statements.iter().partition(|statement| statement.is_elsewhere);
    let line_of = |statement: &&Statement| statement.range.start.line;
    here.sort_by_key(line_of);
    here.dedup_by_key(|statement| line_of(statement));
    let mut elsewhere: Vec<&Statement> = elsewhere;
    elsewhere.dedup_by_key(|it| (&it.file, it.range.start.line));
    let word = match here.len() {
        0 => "",
        1 => "line ",
        _ => "lines ",
    };
    let here = here.into_iter().map(|it| line(&it.file, it.range));
    let all: Vec<Text> = here.chain(elsewhere.into_iter().map(at)).collect();
    let shown = &all[..all.len().min(most)];
    let more = all.len() - shown.len();
    match (shown, more) {
        ([], _) => Text::default(),
        ([one], 0) => text![word, one],
        ([before @ .., last], 0) => text![word, joined(before), " and ", last],
        (shown, more) => text![word, joined(shown), " and ", more.to_string(), " more"],
    }
}

/// On how many lines statements stand: whether one adds, or several add.
pub(super) fn lines(statements: &[Statement]) -> u64 {
    let mut lines: Vec<(&Path, u32)> =
        statements.iter().map(|it| (it.file.as_path(), it.range.start.line)).collect();
    lines.sort_unstable();
    lines.dedup();
    lines.len() as u64
}

/// `` `clear` would remove them, but nothing calls it (line 7).``, if all that removes is such.
pub(super) fn uncalled(removes: &[Statement]) -> Option<Text> {
    let first = removes.first().filter(|_| removes.iter().all(|it| it.is_uncalled))?;
    let places = places_of(removes, 1);
    let function = first.in_function.as_ref()?;
    Some(text![name(function), " would remove them, but nothing calls it (", places, ")."])
}

/// `a, b, c`.
pub(super) fn joined(texts: &[Text]) -> Text {
    let mut joined = Text::default();
    for (index, text) in texts.iter().enumerate() {
        if index > 0 {
            joined.push(", ");
        }
        joined.push(text);
    }
    joined
}

/// `Line 12` for `line 12`; the name of a file stays as it is.
pub(super) fn sentence_case(statement: &Statement) -> Text {
    if statement.is_elsewhere { at(statement) } else { at(statement).capitalized() }
}

#[cfg(test)]
mod tests {
    use heapmark_source::{Position, Range};

    use super::*;

    #[test]
    fn places_are_said_as_people_do() {
        let statement = |line: u32, file: Option<&str>| Statement {
            range: Range::new(Position::new(line - 1, 0), Position::new(line - 1, 5)),
            written: String::new(),
            form: None,
            in_function: None,
            file: file.unwrap_or("src/own.js").into(),
            is_elsewhere: file.is_some(),
            is_uncalled: false,
        };
        let places_of = |all: &[Statement], most| super::places_of(all, most).to_string();
        let (a, b, c) = (statement(12, None), statement(14, None), statement(3, Some("src/x.js")));
        assert_eq!(places_of(std::slice::from_ref(&a), 3), "line 12");
        assert_eq!(places_of(&[b.clone(), a.clone(), a.clone()], 3), "lines 12 and 14");
        assert_eq!(places_of(&[a.clone(), b.clone(), c.clone()], 3), "lines 12, 14 and x.js:3");
        assert_eq!(places_of(&[a, b, c.clone()], 2), "lines 12, 14 and 1 more");
        assert_eq!(places_of(&[c], 3), "x.js:3");
        assert_eq!(places_of(&[], 3), "");
    }

    #[test]
    fn statements_on_one_line_are_one_place() {
        let statement = |line: u32, file: &str| Statement {
            range: Range::new(Position::new(line, 0), Position::new(line, 5)),
            written: String::new(),
            form: None,
            in_function: None,
            file: file.into(),
            is_elsewhere: false,
            is_uncalled: false,
        };
        let (a, b, c) = (statement(9, "a.js"), statement(12, "a.js"), statement(9, "b.js"));
        assert_eq!(lines(&[]), 0);
        assert_eq!(lines(&[a.clone(), a.clone()]), 1);
        assert_eq!(lines(&[a, b, c]), 3);
    }
}
