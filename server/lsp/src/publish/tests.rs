//! What the editor gets to show.

use super::*;
use crate::samples::{self, CACHE, PAGE};
use crate::types::DiagnosticSeverity;
use heapmark_leaks::report::Severity;

fn shown(report: &Report) -> Diagnostics {
    collect(report, &to_proto::uri, true)
}

fn lines(report: &Report) -> String {
    let mut lines = Vec::new();
    for (uri, diagnostics) in shown(report) {
        for it in diagnostics {
            let severity = format!("{:?}", it.severity.unwrap()).to_lowercase();
            let start = it.range.start;
            let file = uri.as_str().rsplit('/').next().unwrap();
            lines.push(format!(
                "{file} {}:{} {severity}: {}",
                start.line, start.character, it.message
            ));
            for related in it.related_information.unwrap_or_default() {
                let file = related.location.uri.as_str().rsplit('/').next().unwrap();
                let line = related.location.range.start.line;
                lines.push(format!("    {file} {line}: {}", related.message));
            }
        }
    }
    lines.join("\n")
}

#[test]
fn a_leak_stands_at_its_holder_and_at_the_statement_that_adds() {
    insta::assert_snapshot!(lines(&samples::report()), @"
    cache.ts 8:6 warning: `entries` keeps growing: 600 → 1,200 → 1,800 entries, 4.1 MB retained. `memoizeByProps` adds one each time (line 15) and nothing removes any. Bound it (an LRU with a maximum), or use a key that repeats.
        cache.ts 14: adds here: `entries.set(key, …)`
        page.ts 8: 1,800 `RenderedPage` are kept, made here
        cache.ts 0: kept alive through here: module scope of cache.ts
    cache.ts 14:4 hint: Adds to `entries` (cache.ts:9), which keeps growing: 1,800 entries, 4.1 MB.
        cache.ts 8: holds 1,800 entries; nothing removes any
        page.ts 8: 1,800 `RenderedPage` are kept, made here
        cache.ts 0: kept alive through here: module scope of cache.ts
    ");
}

#[test]
fn code_and_data_say_which_leak_it_is() {
    let shown = shown(&samples::report());
    let first = &shown[&to_proto::uri(Path::new(CACHE)).unwrap()][0];
    assert_eq!(serde_json::to_value(&first.code).unwrap(), "growing-collection");
    assert_eq!(first.source.as_deref(), Some("heapmark"));
    assert_eq!(first.data, Some("5f0c9a1e".into()));
}

#[test]
fn a_client_that_cannot_show_other_places_is_not_sent_any() {
    let without = collect(&samples::report(), &to_proto::uri, false);
    assert!(without.values().flatten().all(|it| it.related_information.is_none()));
}

#[test]
fn one_snapshot_proves_nothing_and_is_shown_as_information() {
    let mut report = samples::report();
    report.findings[0].severity = Severity::Information;
    let severities =
        shown(&report).into_values().flatten().map(|it| it.severity).collect::<Vec<_>>();
    assert_eq!(severities, [Some(DiagnosticSeverity::INFORMATION), Some(DiagnosticSeverity::HINT)]);
}

#[test]
fn no_file_has_more_than_20_and_the_most_important_come_first() {
    let mut report = samples::report();
    let finding = report.findings[0].clone();
    report.findings = (0..30)
        .map(|number| {
            let mut finding = finding.clone();
            finding.title = format!("leak {number}").into();
            finding.message.clone_from(&finding.title);
            finding.help = heapmark_leaks::report::Text::default();
            finding
        })
        .collect();
    let shown = shown(&report);
    let messages: Vec<_> = shown.values().flatten().map(|it| it.message.clone()).collect();
    assert_eq!(messages, (0..20).map(|number| format!("leak {number}")).collect::<Vec<_>>());
}

#[test]
fn there_are_never_more_than_200() {
    let mut report = samples::report();
    let finding = report.findings[0].clone();
    report.findings = (0..300)
        .map(|number| {
            let mut finding = finding.clone();
            finding.places[0].file = Path::new("/app").join(format!("{number}.js"));
            finding
        })
        .collect();
    assert_eq!(shown(&report).values().map(Vec::len).sum::<usize>(), 200);
}

#[test]
fn a_file_whose_path_is_no_uri_is_passed_over() {
    let mut report = samples::report();
    report.findings[0].places[0].file = "relative.js".into();
    let files: Vec<_> = shown(&report).into_keys().collect();
    assert_eq!(files, [to_proto::uri(Path::new(CACHE)).unwrap()]);
    assert!(!files.contains(&to_proto::uri(Path::new(PAGE)).unwrap()));
}

#[test]
fn help_becomes_a_sentence() {
    assert_eq!(sentence("bound it"), "Bound it.");
    assert_eq!(sentence("`off` removes it."), "`off` removes it.");
    assert_eq!(sentence("  "), "");
}
