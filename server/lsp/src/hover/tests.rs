//! What people read when they point at a name.

use super::*;
use crate::samples::{self, CACHE, PAGE};
use crate::types::HoverContents;

fn at(report: &Report, file: &str, line: u32, column: u32, markup: Markup) -> Option<String> {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000);
    let hover = hover(report, Path::new(file), Position::new(line, column), markup, now)?;
    let HoverContents::Markup(content) = hover.contents else { panic!("always marked up") };
    Some(content.value)
}

fn markdown(report: &Report, file: &str, line: u32, column: u32) -> Option<String> {
    at(report, file, line, column, Markup::Markdown)
}

#[test]
fn a_class_says_how_many_live_how_much_they_keep_and_who_keeps_them() {
    let mut report = samples::report();
    report.findings.clear();
    report.snapshots[2].taken_at =
        Some(SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000 - 200));
    insta::assert_snapshot!(markdown(&report, PAGE, 8, 15).unwrap(), @r#"
    **class RenderedPage** · 1,800 alive · 118 kB · retains **4.1 MB** (6.2 % of the heap)  
    baseline 600 · target 1,200 · final 1,800  ▁▄█

    Kept by entries (Map) ← module scope of cache.ts · [cache.ts:9](file:///app/src/cache.ts#L9)

    final.heapsnapshot, 3 minutes ago
    "#);
}

#[test]
fn a_variable_that_holds_tells_how_much_and_since_when() {
    insta::assert_snapshot!(markdown(&samples::report(), CACHE, 8, 6).unwrap(), @r"
    **entries** · holds 1,800 entries; nothing removes any · retains **4.1 MB** (6.2 % of the heap)  
    baseline 600 · target 1,200 · final 1,800  ▁▄█

    Kept alive by module scope of cache.ts → entries → \[key\] → RenderedPage

    added at [cache.ts:15](file:///app/src/cache.ts#L15) · made at [page.ts:9](file:///app/src/page.ts#L9)

    final.heapsnapshot
    ");
}

#[test]
fn a_class_that_leaks_tells_both_in_few_words() {
    insta::assert_snapshot!(markdown(&samples::report(), PAGE, 8, 25).unwrap(), @r#"
    **class RenderedPage** · 1,800 alive · 118 kB · retains **4.1 MB** (6.2 % of the heap)  
    baseline 600 · target 1,200 · final 1,800  ▁▄█

    Kept by entries (Map) ← module scope of cache.ts · [cache.ts:9](file:///app/src/cache.ts#L9)

    ---

    **growing-collection** · `entries` keeps growing: 600 → 1,200 → 1,800 entries, 4.1 MB retained

    held by [cache.ts:9](file:///app/src/cache.ts#L9) · added at [cache.ts:15](file:///app/src/cache.ts#L15)

    final.heapsnapshot
    "#);
}

#[test]
fn a_client_without_markdown_gets_plain_words() {
    insta::assert_snapshot!(at(&samples::report(), CACHE, 14, 5, Markup::Plain).unwrap(), @"
    growing-collection · `entries` keeps growing: 600 → 1,200 → 1,800 entries, 4.1 MB retained

    held by cache.ts:9 · made at page.ts:9

    final.heapsnapshot
    ");
}

#[test]
fn a_place_with_nothing_to_say_has_no_hover() {
    let report = samples::report();
    assert_eq!(markdown(&report, CACHE, 9, 6), None);
    assert_eq!(markdown(&report, "/app/other.ts", 8, 6), None);
    assert_eq!(markdown(&Report::default(), CACHE, 8, 6), None);
}

#[test]
fn what_died_in_all_snapshots_has_no_hover() {
    let mut report = samples::report();
    report.findings.clear();
    report.sites[1].counts = vec![0, 0, 0];
    assert_eq!(markdown(&report, PAGE, 8, 15), None);
}

#[test]
fn long_names_of_snapshots_are_left_out() {
    let mut report = samples::report();
    report.snapshots[0].file = "/x/Heap.20261122.0911.4711.0.001.heapsnapshot".into();
    assert_eq!(
        comparison(&[1, 2, 3], &report.snapshots).unwrap(),
        "Heap 1 · target 2 · final 3  ▁▄█"
    );
    report.snapshots[0].file = "/x/Heap-20261122-0911-4711-0-001.heapsnapshot".into();
    assert_eq!(comparison(&[1, 2, 3], &report.snapshots).unwrap(), "1 → 2 → 3  ▁▄█");
    assert_eq!(comparison(&[3], &report.snapshots), None);
}

#[test]
fn ages_are_round() {
    assert_eq!(age(Duration::from_secs(59)), "just now");
    assert_eq!(age(Duration::from_secs(60)), "1 minute ago");
    assert_eq!(age(Duration::from_secs(3600 * 5)), "5 hours ago");
    assert_eq!(age(Duration::from_secs(86400 * 40)), "40 days ago");
}

#[test]
fn names_from_a_heap_are_shown_and_do_nothing() {
    let mut report = samples::report();
    report.findings.clear();
    report.sites[1].name = "<img src=x onerror=alert(1)>".to_owned();
    report.sites[1].kept_by = "[click](command:evil) ![](http://x.y/z)\n# `a` ← global".to_owned();
    insta::assert_snapshot!(markdown(&report, PAGE, 8, 15).unwrap(), @r#"
    **class \<img src=x onerror=alert(1)\>** · 1,800 alive · 118 kB · retains **4.1 MB** (6.2 % of the heap)  
    baseline 600 · target 1,200 · final 1,800  ▁▄█

    Kept by \[click\](command:evil) \!\[\](http\://x.y/z) \# `a` ← global · [cache.ts:9](file:///app/src/cache.ts#L9)

    final.heapsnapshot
    "#);
}

#[test]
fn a_hover_that_is_too_long_is_cut_by_whole_lines_and_that_is_said() {
    let line = format!("{}  ", "`x` ".repeat(100));
    let long = [[line.as_str(); 9].join("\n"), "---".to_owned(), "last".to_owned()].join("\n\n");
    let shown = cut(long);
    assert!(shown.ends_with("`x`\n\n6 more lines are left out."), "{shown}");
    assert!(shown.chars().count() <= MAX_CHARS + 40);
    assert_eq!(cut("x".repeat(MAX_CHARS + 1)), "1 more line is left out.");
    assert_eq!(cut("short  \nand good".to_owned()), "short  \nand good");
}
