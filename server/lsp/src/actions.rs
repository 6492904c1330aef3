//! Code actions: what to do about a leak besides fixing it.
//!
//! *Ignore* writes a comment above the place and leaves the cursor where the reason belongs; *accept*
//! puts the leak into the project's file. Both are only offered where the leak is shown.

use std::collections::HashMap;
use std::path::Path;

use heapmark_leaks::Report;
use heapmark_leaks::report::{Finding, Place};
use heapmark_leaks::suppress::comment_for;
use heapmark_source::{CommentForm, Position, Range};
use serde_json::json;

use crate::commands;
use crate::documents::{Document, line_start};
use crate::to_proto;
use crate::types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, Command, TextEdit, WorkspaceEdit,
};

/// What can be done about the leaks in a range of an open text. `form` tells how a comment is written
/// above a line of it; where that is not known, none is offered.
pub(crate) fn actions(
    report: &Report,
    file: &Path,
    document: &Document,
    range: Range,
    accepted_file: &Path,
    shows_documents: bool,
    form: &dyn Fn(&Path, u32) -> Option<CommentForm>,
) -> Vec<CodeActionOrCommand> {
    let mut actions = Vec::new();
    for finding in &report.findings {
        let here = |place: &&Place| place.file == file && touch(place.range, range);
        let Some(place) = finding.places.iter().find(here) else { continue };
        actions.extend(ignore(finding, place, document, shows_documents, form));
        actions.push(accept(finding, accepted_file));
    }
    actions.into_iter().map(CodeActionOrCommand::CodeAction).collect()
}

fn touch(one: Range, other: Range) -> bool {
    one.start <= other.end && other.start <= one.end
}

fn ignore(
    finding: &Finding,
    place: &Place,
    document: &Document,
    shows_documents: bool,
    form: &dyn Fn(&Path, u32) -> Option<CommentForm>,
) -> Option<CodeAction> {
    let line = place.range.start.line;
    let form = form(&place.file, line)?;
    let (indent, line_end) = line_at(&document.text, line);
    let (comment, close) = comment_for(finding.rule, form);
    let comment = format!("{indent}{comment}");
    let start = Position::new(line, 0);
    let edit = TextEdit {
        range: to_proto::range(Range::new(start, start)),
        new_text: format!("{comment}{close}{line_end}"),
    };
    let reason = Position::new(line, comment.encode_utf16().count() as u32);
    Some(CodeAction {
        title: format!("Ignore this leak here ({})", finding.rule.name()),
        kind: Some(CodeActionKind::QUICKFIX),
        edit: Some(WorkspaceEdit {
            changes: Some(HashMap::from([(document.uri.clone(), vec![edit])])),
            ..WorkspaceEdit::default()
        }),
        command: shows_documents.then(|| Command {
            title: "Write the reason".to_owned(),
            command: commands::SHOW.to_owned(),
            arguments: Some(vec![json!({
                "uri": document.uri.as_str(),
                "position": to_proto::position(reason),
            })]),
        }),
        ..CodeAction::default()
    })
}

fn accept(finding: &Finding, file: &Path) -> CodeAction {
    let title =
        format!("Accept this leak ({}): list it in {}", finding.rule.name(), file.display());
    let title = to_proto::message(&title);
    CodeAction {
        title: title.clone(),
        kind: Some(CodeActionKind::QUICKFIX),
        command: Some(Command {
            title,
            command: commands::ACCEPT.to_owned(),
            arguments: Some(vec![json!({ "fingerprint": finding.fingerprint })]),
        }),
        ..CodeAction::default()
    }
}

/// The white space that a line begins with, and how lines end here.
fn line_at(text: &str, line: u32) -> (&str, &'static str) {
    let line_end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let start = line_start(text, line).unwrap_or(text.len());
    let rest = &text[start..];
    let indent = rest.find(|it: char| it != ' ' && it != '\t').unwrap_or(rest.len());
    (&rest[..indent], line_end)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;
    use crate::samples::{self, CACHE};

    /// Titles, with what the edit writes where, and the arguments of the command.
    fn offered(line: u32, text: &str) -> Vec<String> {
        offered_in(CACHE, line, text)
    }

    /// The same if the leak stands in another file.
    fn offered_in(file: &str, line: u32, text: &str) -> Vec<String> {
        let uri = format!("file://{file}").parse().unwrap();
        let document = Document::opened(uri, text.to_owned());
        let at = Range::new(Position::new(line, 5), Position::new(line, 5));
        let mut report = samples::report();
        let places = report.findings.iter_mut().flat_map(|finding| &mut finding.places);
        places.filter(|it| it.file == Path::new(CACHE)).for_each(|it| it.file = file.into());
        let form = |file: &Path, line| CommentForm::above(file, text, line);
        let accepted = Path::new("accepted.json");
        let actions = actions(&report, Path::new(file), &document, at, accepted, true, &form);
        let say = |action: CodeActionOrCommand| {
            let CodeActionOrCommand::CodeAction(action) = action else { panic!("an action") };
            let mut said = action.title;
            for edit in action.edit.into_iter().flat_map(|it| it.changes.unwrap().into_values()) {
                let at = edit[0].range.start;
                let _ = write!(said, " | {}:{} {:?}", at.line, at.character, edit[0].new_text);
            }
            let command = action.command.expect("a command");
            format!("{said} | {} {}", command.command, command.arguments.unwrap()[0])
        };
        actions.into_iter().map(say).collect()
    }

    #[test]
    fn a_leak_can_be_ignored_where_it_is_shown_or_accepted() {
        let text = format!("{}    entries.set(key, value);\r\n", "\r\n".repeat(14));
        let offered = offered(14, &text).join("\n");
        insta::assert_snapshot!(offered, @r#"
        Ignore this leak here (growing-collection) | 14:0 "    // heapmark-ignore growing-collection: \r\n" | heapmark.server.show {"position":{"character":43,"line":14},"uri":"file:///app/src/cache.ts"}
        Accept this leak (growing-collection): list it in accepted.json | heapmark.server.accept {"fingerprint":"5f0c9a1e"}
        "#);
    }

    #[test]
    fn where_a_line_comment_would_be_text_it_stands_in_braces_or_is_not_offered() {
        let element = format!("<div>{}    <Row at={{entries}} />\n</div>;\n", "\n".repeat(14));
        let offered_there = offered_in("/app/src/cache.tsx", 14, &element);
        insta::assert_snapshot!(offered_there[0], @r#"Ignore this leak here (growing-collection) | 14:0 "    {/* heapmark-ignore growing-collection:  */}\n" | heapmark.server.show {"position":{"character":44,"line":14},"uri":"file:///app/src/cache.tsx"}"#);
        let template = format!("f(`{}${{entries}}`);\n", "\n".repeat(14));
        let offered_there = offered(14, &template);
        assert!(offered_there[0].starts_with("Accept"), "{offered_there:?}");
    }

    #[test]
    fn where_no_leak_is_shown_there_is_nothing_to_do() {
        assert!(offered(3, "").is_empty());
    }
}
