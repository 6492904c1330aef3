//! What is shown follows what is typed, and what happens on disk.

use heapmark_source::{Position, Workspace};

use super::*;
use crate::samples::{self, CACHE};

/// The text of `cache.ts` with code where the sample report's places are.
fn text() -> String {
    let mut lines = vec![String::new(); 30];
    lines[8] = "const entries = new Map();".to_owned();
    lines[12] = "export function memoizeByProps(key) {".to_owned();
    lines[14] = "    entries.set(key, { value, createdAt: Date.now() });".to_owned();
    lines[16] = "}".to_owned();
    lines.join("\n")
}

fn sample() -> LiveReport {
    begin(vec![(CACHE.into(), text())])
}

fn begin(texts: Vec<(PathBuf, String)>) -> LiveReport {
    let mut report = samples::report();
    for place in report.findings.iter_mut().flat_map(|finding| &mut finding.places) {
        if place.name.starts_with("entries.set") {
            place.range.end.column = place.range.start.column + "entries.set".len() as u32;
        }
    }
    let silence = Silence::about(&report, &Workspace::default(), Accepted::default());
    LiveReport::begin(report, silence, texts)
}

fn lines(start: u32, end: u32) -> Range {
    Range::new(Position::new(start, 0), Position::new(end, 0))
}

/// The lines of the first finding's places in the file, none if it is not shown.
fn shown(live: &LiveReport) -> Vec<u32> {
    let title = &live.analysed.findings[0].title;
    let report = live.report();
    let finding = report.findings.iter().find(|finding| finding.title == *title);
    let places = finding.map(|finding| finding.places.as_slice()).unwrap_or_default();
    let here = places.iter().filter(|place| place.file == Path::new(CACHE));
    here.map(|place| place.range.start.line).collect()
}

#[test]
fn what_is_shown_moves_with_the_text() {
    let mut live = sample();
    assert_eq!(shown(&live), [8, 14]);
    assert!(live.edit(Path::new(CACHE), &[Edit::replace(lines(0, 0), "\n")]));
    assert_eq!(shown(&live), [9, 15]);
    assert!(!live.edit(Path::new(CACHE), &[Edit::replace(lines(25, 25), "\n")]));
    assert!(!live.edit(Path::new("/elsewhere.js"), &[Edit::replace(lines(0, 0), "\n")]));
}

#[test]
fn a_finding_goes_with_its_primary_place_and_comes_back_with_it() {
    let mut live = sample();
    assert!(live.edit(Path::new(CACHE), &[Edit::replace(lines(8, 9), "")]));
    assert!(shown(&live).is_empty());
    let again = Edit::replace(lines(8, 8), "const entries = new Map();\n");
    assert!(live.edit(Path::new(CACHE), &[again]));
    assert_eq!(shown(&live), [8, 14]);
}

#[test]
fn what_was_told_with_a_finding_stays_without_it() {
    let mut live = sample();
    let report = Arc::make_mut(&mut live.analysed);
    let place = report.findings[0].places.iter_mut().find(|it| it.range.start.line == 14);
    let place = place.expect("the statement is in it");
    place.leads = true;
    let message = place.message.clone();
    assert!(live.edit(Path::new(CACHE), &[Edit::replace(lines(8, 9), "")]));
    assert_eq!(shown(&live), [13]);
    assert_eq!(live.report().findings[0].message, message);
    assert!(live.edit(Path::new(CACHE), &[Edit::replace(lines(13, 14), "")]));
    assert!(shown(&live).is_empty());
}

#[test]
fn a_comment_silences_a_leak_as_soon_as_it_is_typed_and_only_as_long_as_it_is_there() {
    let mut live = sample();
    let comment = "// heapmark-ignore growing-collection: a page a country\n";
    assert!(live.edit(Path::new(CACHE), &[Edit::replace(lines(8, 8), comment)]));
    assert!(shown(&live).is_empty());
    let report = live.report();
    assert_eq!(report.ignored[0].by.reason(), "a page a country");
    assert_eq!(report.ignored[0].finding.places[0].range.start.line, 9);
    assert!(live.edit(Path::new(CACHE), &[Edit::replace(lines(8, 9), "")]));
    assert_eq!(shown(&live), [8, 14]);
}

#[test]
fn a_place_that_only_takes_part_goes_alone() {
    let mut live = sample();
    assert!(live.edit(Path::new(CACHE), &[Edit::replace(lines(14, 15), "")]));
    assert_eq!(shown(&live), [8]);
}

#[test]
fn a_file_that_is_opened_again_with_another_text_was_edited_meanwhile() {
    let mut live = sample();
    assert!(live.opened(Path::new(CACHE), &format!("\n\n{}", text())));
    assert_eq!(shown(&live), [10, 16]);
}

#[test]
fn a_large_text_is_understood_on_the_side_and_what_is_typed_meanwhile_counts() {
    let mut live = begin(Vec::new());
    let path = Path::new(CACHE);
    live.opened(path, &(text() + "\n" + &"call(1);\n".repeat(20_000)));
    let unsettled = live.unsettled(path, false).expect("it takes longer than a key");
    assert!(live.unsettled(path, false).is_none(), "one thread is about it");
    live.edit(path, &[Edit::replace(lines(0, 0), "\n")]);
    assert_eq!(shown(&live), [8, 14], "where they were");
    assert!(!live.settled(&mut unsettled.settle()), "it is a program");
    assert_eq!(shown(&live), [9, 15]);
    // What was typed may take longer than a key, too.
    while let Some(unsettled) = live.unsettled(path, false) {
        live.settled(&mut unsettled.settle());
    }
    assert!(live.all_unsettled().is_empty());
    assert_eq!(shown(&live), [9, 15]);
}

#[test]
fn what_is_no_program_is_given_up_once_until_somebody_wants_it_or_it_is_gone() {
    let mut live = sample();
    let path = Path::new(CACHE);
    let sum = "a+".repeat(100_000) + "a;\n";
    live.edit(path, &[Edit::replace(lines(0, 0), &*sum)]);
    let unsettled = live.unsettled(path, false).expect("what was pasted may be anything");
    assert!(live.settled(&mut unsettled.settle()), "it is said");
    live.edit(path, &[Edit::replace(lines(0, 0), "x")]);
    assert_eq!(shown(&live), [9, 15], "with their bytes");
    assert!(live.unsettled(path, false).is_none());
    let unsettled = live.unsettled(path, true).expect("it was saved");
    assert!(!live.settled(&mut unsettled.settle()), "it was said already");
    live.edit(path, &[Edit::replace(lines(0, 1), "")]);
    assert!(live.all_unsettled().is_empty());
    assert_eq!(shown(&live), [8, 14]);
}

#[test]
fn a_copy_of_a_text_that_was_opened_anew_says_nothing() {
    let mut live = begin(Vec::new());
    let path = Path::new(CACHE);
    let filler = "call(1);\n".repeat(20_000);
    live.opened(path, &(text() + "\n" + &filler));
    let older = live.unsettled(path, false).expect("it takes longer than a key");
    live.opened(path, &("\n".to_owned() + &text() + "\n" + &filler));
    let newer = live.unsettled(path, false).expect("another text");
    live.settled(&mut older.settle());
    assert_eq!(live.all_unsettled(), [path]);
    live.settled(&mut newer.settle());
    assert!(live.all_unsettled().is_empty());
}

/// The same report before anybody opened its file.
fn closed() -> LiveReport {
    begin(Vec::new()).beside([(CACHE.into(), text())].into())
}

#[test]
fn what_happened_to_a_file_before_it_was_opened_or_beside_the_editor_is_an_edit() {
    let path = Path::new(CACHE);
    let mut live = closed();
    assert!(live.speaks_of(path) && !live.opened(path, &text()), "nothing happened");
    assert_eq!(shown(&live), [8, 14]);
    assert!(live.opened(path, &("\n\n\n".to_owned() + &text())), "somebody pulled");
    assert_eq!(shown(&live), [11, 17]);

    let mut live = closed();
    assert!(live.opened(path, &("\n\n\n".to_owned() + &text())));
    assert_eq!(shown(&live), [11, 17]);
    live.opened(path, &text());
    assert_eq!(shown(&live), [8, 14], "and back");
    live.opened(path, "");
    assert!(shown(&live).is_empty(), "its code is gone");
}

#[test]
fn a_large_file_that_was_changed_before_it_was_opened_is_followed_from_what_the_analysis_saw() {
    let path = Path::new(CACHE);
    let large = text() + "\n" + &"call(1);\n".repeat(20_000);
    let mut live = begin(Vec::new()).beside([(path.to_owned(), large.clone())].into());
    for lines in ["\n", "\n\n"] {
        live.opened(path, &(lines.to_owned() + &large));
    }
    let unsettled = live.unsettled(path, false).expect("it takes longer than a key");
    live.settled(&mut unsettled.settle());
    assert_eq!(shown(&live), [10, 16]);
}
