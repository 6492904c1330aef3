//! The result in a few sentences: what it comes to, as the command line says it, then which snapshots that is
//! said of, and which were left out.
//!
//! The newest snapshot need not be the one that is meant: a damaged one is passed over, and one that a
//! build left behind is as good as any other. So it is always said which ones are shown.

use std::path::{Path, PathBuf};

use heapmark_leaks::report::Outcome;
use heapmark_leaks::{Report, units};

use crate::session::State;

/// So many snapshots are named; of more, the first and the last.
const MAX_NAMES: usize = 3;

/// The result that is shown.
pub(crate) fn of(state: &State) -> String {
    let asked = state.shown.snapshots.len();
    let left_out = asked.saturating_sub(state.report.snapshots.len());
    summary(&state.report, &state.folders, left_out, &state.refused)
}

/// Which snapshots are shown, if not all that one would expect are.
pub(crate) fn if_not_all(state: &State) -> Option<String> {
    let asked = state.shown.snapshots.len();
    let shown = &state.report.snapshots;
    let is_all = state.refused.is_empty() && asked == shown.len();
    (!is_all && !shown.is_empty())
        .then(|| format!("What is shown is of {}.", names(&state.report, &state.folders)))
}

/// `left_out` are those that were looked at and not compared, `refused` says of newer ones why they
/// were not analysed.
fn summary(report: &Report, folders: &[PathBuf], left_out: usize, refused: &[String]) -> String {
    let outcome = report.outcome();
    let sentence = report.outcome_sentence();
    let stop = if sentence.ends_with('.') { "" } else { "." };
    // Where nothing leaks, the sentence itself says how large they were.
    let sizes = if outcome == Outcome::Clean {
        String::new()
    } else {
        let sizes: Vec<u64> = report.snapshots.iter().map(|snapshot| snapshot.total_size).collect();
        format!(" ({})", units::sizes(&sizes))
    };
    let noun = units::plural(report.snapshots.len() as u64, "Snapshot", "Snapshots");
    let ignored = match report.ignored.len() as u64 {
        0 => String::new(),
        count => format!("; {count} ignored or accepted"),
    };
    let workers = match report.workers {
        0 => String::new(),
        1 => "; 1 worker thread was not looked at".to_owned(),
        count => format!("; {} worker threads were not looked at", units::number(count)),
    };
    let left_out = match left_out as u64 {
        0 => String::new(),
        1 => "; 1 other snapshot was left out (the log says why)".to_owned(),
        count => format!("; {count} other snapshots were left out (the log says why)"),
    };
    let names = names(report, folders);
    let mut summary = format!(
        "{}: {sentence}{stop} {noun}{sizes}: {names}{workers}{ignored}{left_out}",
        outcome.heading()
    );
    if let Some(first) = refused.first() {
        summary = format!("{summary}. Newer, but not analysed: {first}");
        if refused.len() > 1 {
            summary = format!("{summary} {} (the log names them).", and_more(refused.len() - 1));
        }
    }
    summary
}

/// What newer snapshots were refused for, as far as anybody reads on.
pub(crate) fn about_refused(refused: &[String]) -> String {
    let mut told = refused[..refused.len().min(MAX_NAMES)].to_vec();
    if refused.len() > MAX_NAMES {
        told.push(format!("{} (the log names them).", and_more(refused.len() - MAX_NAMES)));
    }
    told.join(" ")
}

fn and_more(count: usize) -> String {
    let snapshots = units::plural(count as u64, "snapshot was", "snapshots were");
    format!("{count} more {snapshots} not analysed")
}

/// The snapshots of a report: each by its path in the workspace, and by its name alone in the folder of
/// the one before.
fn names(report: &Report, folders: &[PathBuf]) -> String {
    let files: Vec<&Path> = report.snapshots.iter().map(|it| it.file.as_path()).collect();
    let name = |index: usize, before: Option<usize>| {
        let file = files[index];
        if before.is_some_and(|before| files[before].parent() == file.parent()) {
            file.file_name().unwrap_or_default().to_string_lossy().into_owned()
        } else {
            path_in(folders, file)
        }
    };
    match files.len() {
        0 => String::new(),
        count if count > MAX_NAMES => format!("{} to {}", name(0, None), name(count - 1, Some(0))),
        count => {
            let mut names: Vec<String> =
                (0..count).map(|index| name(index, index.checked_sub(1))).collect();
            let last = names.pop().unwrap_or_default();
            if names.is_empty() { last } else { format!("{} and {last}", names.join(", ")) }
        }
    }
}

/// The path of a file in the workspace; with the name of its folder if there are several.
fn path_in(folders: &[PathBuf], file: &Path) -> String {
    let inside = folders.iter().find_map(|folder| {
        let base = if folders.len() > 1 { folder.parent()? } else { folder };
        file.starts_with(folder).then(|| file.strip_prefix(base).ok())?
    });
    inside.unwrap_or(file).display().to_string()
}

#[cfg(test)]
mod tests {
    use heapmark_leaks::report::{Ignored, NextMeasurement, Severity, Silencer};

    use super::*;
    use crate::samples;

    fn said(report: &Report) -> String {
        summary(report, &["/app".into()], 0, &[])
    }

    #[test]
    fn the_summary_says_what_was_found_and_where_one_looked() {
        let mut report = samples::report();
        insta::assert_snapshot!(said(&report), @"LEAK: 1 leak, 2.7 MB of growth: `entries` keeps growing (cache.ts:9). Snapshots (66.2 → 66.2 → 66.2 MB): .heapmark/baseline.heapsnapshot, target.heapsnapshot and final.heapsnapshot");
        report.findings[0].severity = Severity::Information;
        report.findings[0].next = Some(NextMeasurement::OneMoreRound);
        insta::assert_snapshot!(said(&report), @"CANNOT TELL YET: 1 place may be a leak. One more snapshot after the same work would tell: a leak grows again by as much, what fills up grows less or stops. Snapshots (66.2 → 66.2 → 66.2 MB): .heapmark/baseline.heapsnapshot, target.heapsnapshot and final.heapsnapshot");
        let finding = report.findings.remove(0);
        insta::assert_snapshot!(said(&report), @"CLEAN: No leak in 3 snapshots (66.2 → 66.2 → 66.2 MB). Snapshots: .heapmark/baseline.heapsnapshot, target.heapsnapshot and final.heapsnapshot");
        let by = Silencer::Accepted { reason: String::new(), file: "accepted.json".into() };
        report.ignored.push(Ignored { finding, by, rank: 0 });
        insta::assert_snapshot!(said(&report), @"CLEAN: No leak in 3 snapshots (66.2 → 66.2 → 66.2 MB). Snapshots: .heapmark/baseline.heapsnapshot, target.heapsnapshot and final.heapsnapshot; 1 ignored or accepted");
    }

    #[test]
    fn one_snapshot_cannot_tell_and_never_says_that_there_is_no_leak() {
        let mut report = samples::report();
        report.snapshots.truncate(1);
        report.findings[0].severity = Severity::Information;
        insta::assert_snapshot!(said(&report), @"CANNOT TELL YET: One snapshot cannot show growth. `entries` keeps growing: 600 → 1,200 → 1,800 entries, 4.1 MB retained: if this grows, it is the leak. Capture two more, each after the same work. Snapshot (66.2 MB): .heapmark/baseline.heapsnapshot");
        report.findings.clear();
        insta::assert_snapshot!(said(&report), @"CANNOT TELL YET: One snapshot cannot show growth. Capture two more, each after the same work. Snapshot (66.2 MB): .heapmark/baseline.heapsnapshot");
    }

    #[test]
    fn snapshots_are_named_by_their_paths_in_the_workspace() {
        let mut report = samples::report();
        let sample = report.snapshots.remove(0);
        let mut named = |files: &[&str], folders: &[&str]| {
            let of = |file: &&str| {
                let mut snapshot = sample.clone();
                snapshot.file = file.into();
                snapshot
            };
            report.snapshots = files.iter().map(of).collect();
            names(&report, &folders.iter().map(PathBuf::from).collect::<Vec<_>>())
        };
        assert_eq!(
            named(&["/app/.heapmark/a", "/app/.heapmark/b"], &["/app"]),
            ".heapmark/a and b"
        );
        assert_eq!(named(&["/app/x/a", "/app/y/a"], &["/app"]), "x/a and y/a");
        assert_eq!(named(&["/w/x/a"], &["/w/y", "/w/x"]), "x/a");
        assert_eq!(named(&["/elsewhere/a"], &["/app"]), "/elsewhere/a");
        assert_eq!(named(&["/app/a", "/app/b", "/app/c", "/app/d"], &["/app"]), "a to d");
    }

    #[test]
    fn what_is_not_shown_is_said() {
        let report = samples::report();
        let refused = |count: usize| -> Vec<String> {
            (0..count).map(|number| format!("{number}.heapsnapshot is empty.")).collect()
        };
        let said = |left_out, count| summary(&report, &[], left_out, &refused(count));
        insta::assert_snapshot!(said(1, 0), @"LEAK: 1 leak, 2.7 MB of growth: `entries` keeps growing (cache.ts:9). Snapshots (66.2 → 66.2 → 66.2 MB): /app/.heapmark/baseline.heapsnapshot, target.heapsnapshot and final.heapsnapshot; 1 other snapshot was left out (the log says why)");
        insta::assert_snapshot!(said(2, 1), @"LEAK: 1 leak, 2.7 MB of growth: `entries` keeps growing (cache.ts:9). Snapshots (66.2 → 66.2 → 66.2 MB): /app/.heapmark/baseline.heapsnapshot, target.heapsnapshot and final.heapsnapshot; 2 other snapshots were left out (the log says why). Newer, but not analysed: 0.heapsnapshot is empty.");
        insta::assert_snapshot!(said(0, 3), @"LEAK: 1 leak, 2.7 MB of growth: `entries` keeps growing (cache.ts:9). Snapshots (66.2 → 66.2 → 66.2 MB): /app/.heapmark/baseline.heapsnapshot, target.heapsnapshot and final.heapsnapshot. Newer, but not analysed: 0.heapsnapshot is empty. 2 more snapshots were not analysed (the log names them).");
        insta::assert_snapshot!(about_refused(&refused(5)), @"0.heapsnapshot is empty. 1.heapsnapshot is empty. 2.heapsnapshot is empty. 2 more snapshots were not analysed (the log names them).");
        insta::assert_snapshot!(about_refused(&refused(2)), @"0.heapsnapshot is empty. 1.heapsnapshot is empty.");
    }
}
