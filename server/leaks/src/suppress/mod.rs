//! What nobody wants to hear of any more: findings that a comment at one of their places silences, and
//! those that the project has accepted.
//!
//! ```text
//! comments of the texts as they are now ─┐
//!                                        ├──► Silence ──► Report: findings, ignored, remarks
//! the file of accepted leaks ────────────┘
//! ```
//!
//! A finding that is silenced is no leak less: it stays in the report, with the reason. The detection
//! knows nothing of this; whoever shows a report applies it, as often as texts change.

mod accepted;
mod comment;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use heapmark_source::{CommentForm, Workspace};

pub use accepted::{ACCEPTED_FILE, Accepted, AcceptedError, Entry};
use comment::{Comment, MARKER, comments_in};

use crate::report::{Finding, Ignored, Notice, Remark, Report, Rule, Silencer};
use crate::rules::growing_collection::group::GROWING;
use crate::words::silence;

/// A budget: so many files are looked through for comments; more is not one program,
const MAX_FILES: usize = 10_000;
/// and bytes of one: what is larger was not written by people.
const LARGEST_FILE: u64 = 1 << 20;

/// Comments and accepted leaks.
#[derive(Debug, Clone, Default)]
pub struct Silence {
    /// Of every file that the report speaks of.
    comments: BTreeMap<PathBuf, Vec<Comment>>,
    accepted: Accepted,
}

impl Silence {
    /// The comments in all files that the report speaks of, and the accepted leaks.
    ///
    /// Reads files; those that cannot be read have no comments.
    pub fn about(report: &Report, workspace: &Workspace, accepted: Accepted) -> Self {
        let mut silence = Self { comments: BTreeMap::new(), accepted };
        for path in files_of(report) {
            let text = workspace.file(&path);
            let comments = text.map(|file| comments_in(file.text())).unwrap_or_default();
            silence.comments.insert(path, comments);
        }
        silence
    }

    /// The text of a file is this now. Returns whether that makes a difference.
    pub fn read(&mut self, path: &Path, text: &str) -> bool {
        let Some(known) = self.comments.get_mut(path) else { return false };
        let comments = comments_in(text);
        let differs = *known != comments;
        *known = comments;
        differs
    }

    /// Other leaks are accepted now.
    pub fn accept(&mut self, accepted: Accepted) {
        self.accepted = accepted;
    }

    /// Parts the findings of the report anew, and says what is wrong with the comments.
    pub fn apply(&self, report: &mut Report) {
        report.recall();
        let mut used = BTreeSet::new();
        for (rank, finding) in std::mem::take(&mut report.findings).into_iter().enumerate() {
            let by_comment = self.by_comment(&finding, &mut used);
            match by_comment.or_else(|| self.by_file(&finding)) {
                Some(by) => report.ignored.push(Ignored { finding, by, rank }),
                None => report.findings.push(finding),
            }
        }
        // One snapshot finds less than a series does.
        let is_series = report.snapshots.len() > 1;
        report.remarks = self
            .comments
            .iter()
            .flat_map(|(file, comments)| comments.iter().map(move |comment| (file, comment)))
            .filter_map(|(file, comment)| {
                let is_used = used.contains(&(file.as_path(), comment.range.start));
                let message = remark(comment, is_used || !is_series)?;
                Some(Remark { file: file.clone(), range: comment.range, message })
            })
            .collect();
    }

    /// What to say about accepted leaks that are in the report no more.
    pub fn about_fixed(&self, report: &Report) -> Option<Notice> {
        let fixed = self.fixed(report);
        let first = fixed.first()?;
        let file = self.accepted.file();
        Some(silence::do_not_occur(fixed.len(), file, &first.title, &first.fingerprint))
    }

    /// The accepted leaks that the report does not have. One snapshot finds less than a series does,
    /// so that it says nothing.
    pub fn fixed(&self, report: &Report) -> Vec<&Entry> {
        if report.snapshots.len() < 2 {
            return Vec::new();
        }
        let found: BTreeSet<&str> = report
            .findings
            .iter()
            .chain(report.ignored.iter().map(|ignored| &ignored.finding))
            .map(|finding| finding.fingerprint.as_str())
            .collect();
        let entries = self.accepted.entries();
        entries.filter(|entry| !found.contains(entry.fingerprint.as_str())).collect()
    }

    /// The accepted leaks.
    pub fn accepted(&self) -> &Accepted {
        &self.accepted
    }

    /// The first comment at any of the finding's places; all of them are `used`.
    fn by_comment<'a>(
        &'a self,
        finding: &Finding,
        used: &mut BTreeSet<(&'a Path, heapmark_source::Position)>,
    ) -> Option<Silencer> {
        let mut by = None;
        for place in &finding.places {
            let Some((file, comments)) = self.comments.get_key_value(&place.file) else { continue };
            for comment in comments {
                let is_here = comment.line == place.range.start.line;
                if is_here && comment.rules.contains(&finding.rule) {
                    used.insert((file.as_path(), comment.range.start));
                    by.get_or_insert_with(|| Silencer::Comment {
                        reason: comment.reason.clone(),
                        file: file.clone(),
                        range: comment.range,
                    });
                }
            }
        }
        by
    }

    fn by_file(&self, finding: &Finding) -> Option<Silencer> {
        let entry = self.accepted.entry(&finding.fingerprint)?;
        let file = self.accepted.file().to_owned();
        Some(Silencer::Accepted { reason: entry.reason.clone(), file })
    }
}

/// The comment that silences `rule`: what an editor puts above a place, in two parts, between which the
/// reason is to be written.
pub fn comment_for(rule: Rule, form: CommentForm) -> (String, &'static str) {
    let said = format!("{MARKER} {}: ", rule.name());
    match form {
        CommentForm::Line => (format!("// {said}"), ""),
        CommentForm::Braced => (format!("{{/* {said}"), " */}"),
    }
}

/// What is wrong with a comment. It silences although it does not say why: who comes after should
/// know, but whoever writes it knows already.
fn remark(comment: &Comment, is_used: bool) -> Option<String> {
    if let Some(unknown) = comment.unknown.first() {
        return Some(match unknown.as_str() {
            "*" => silence::silences_everything(&example(GROWING)),
            _ => silence::names_unknown_rule(unknown),
        });
    }
    let Some(&rule) = comment.rules.first() else {
        return Some(silence::names_no_rule(&example(GROWING)));
    };
    if !is_used {
        return Some(silence::silences_nothing(comment.line, &comment.rules));
    }
    comment.reason.is_empty().then(|| silence::gives_no_reason(&example(rule)))
}

/// The form of a comment that silences `rule`.
fn example(rule: Rule) -> String {
    format!("{MARKER} {}: REASON", rule.name())
}

/// Every file in which a place of the report stands.
fn files_of(report: &Report) -> BTreeSet<PathBuf> {
    let ignored = report.ignored.iter().map(|ignored| &ignored.finding);
    let places = report.findings.iter().chain(ignored).flat_map(|finding| &finding.places);
    let of_findings = places.map(|place| place.file.clone());
    let others = report.sites.iter().map(|site| &site.file).chain(&report.commented);
    of_findings.chain(others.cloned()).collect()
}

/// The files of the user's in which somebody wrote of silence. Reads all of them, but parses none.
pub(crate) fn files_with_comments(workspace: &Workspace) -> BTreeSet<PathBuf> {
    let has_comment = |path: &PathBuf| {
        let text = workspace.read(path, LARGEST_FILE).unwrap_or_default();
        String::from_utf8_lossy(&text).contains(MARKER)
    };
    let files = workspace.files().into_iter().take(MAX_FILES);
    files.filter(|path| !Workspace::is_dependency(path)).filter(has_comment).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::samples::{FILE, finding, report};

    fn silence(text: &str, accepted: Accepted) -> Silence {
        let mut silence = Silence { comments: BTreeMap::new(), accepted };
        silence.comments.insert(FILE.into(), Vec::new());
        silence.read(Path::new(FILE), text);
        silence
    }

    /// Titles of what is left, of what is ignored with the reason, and the remarks.
    fn parts(report: &Report) -> (Vec<String>, Vec<String>, Vec<&str>) {
        let ignored = report.ignored.iter().map(|it| {
            let reason = it.by.reason();
            format!("{} | {reason}", it.finding.title)
        });
        let findings = report.findings.iter().map(|it| it.title.to_string());
        let remarks = report.remarks.iter().map(|it| it.message.as_str());
        (findings.collect(), ignored.collect(), remarks.collect())
    }

    const CARDS: &str = "`cards` keeps growing";
    const PAGES: &str = "`pages` keeps growing";

    /// `cards` in line 2, `pages` in line 4.
    fn two() -> Report {
        report(vec![finding("a1", "cards", 1), finding("b2", "pages", 3)])
    }

    #[test]
    fn a_finding_with_a_comment_at_its_place_is_ignored_with_the_reason() {
        let mut report = two();
        let text = "// heapmark-ignore growing-collection: few\nlet cards;\n\nlet pages;";
        silence(text, Accepted::default()).apply(&mut report);
        assert_eq!(
            parts(&report),
            (vec![PAGES.to_owned()], vec![format!("{CARDS} | few")], vec![])
        );
    }

    #[test]
    fn taking_the_comment_out_brings_the_finding_back_to_its_rank() {
        let mut report = two();
        let mut silence =
            silence("\nlet cards; // heapmark-ignore growing-collection: few", Accepted::default());
        silence.apply(&mut report);
        assert_eq!(parts(&report).0, [PAGES]);
        assert!(silence.read(Path::new(FILE), "\nlet cards;"));
        silence.apply(&mut report);
        assert_eq!(parts(&report), (vec![CARDS.to_owned(), PAGES.to_owned()], vec![], vec![]));
        assert!(!silence.read(Path::new(FILE), "\nlet cards; // fine"), "no such comment");
    }

    #[test]
    fn another_rule_or_another_line_is_not_silenced_and_the_comment_is_told() {
        for text in [
            "\nlet cards; // heapmark-ignore growing-text: few",
            "let x; // heapmark-ignore growing-collection: few\nlet cards;",
        ] {
            let mut report = two();
            silence(text, Accepted::default()).apply(&mut report);
            let (findings, _, remarks) = parts(&report);
            assert_eq!(findings, [CARDS, PAGES]);
            assert!(remarks[0].starts_with("This comment silences nothing: "), "{remarks:?}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_comment_is_said() {
        let said = |comment: &str| {
            let mut report = two();
            silence(&format!("\nlet cards; // {comment}"), Accepted::default()).apply(&mut report);
            let (findings, _, remarks) = parts(&report);
            format!("{} left; {}", findings.len(), remarks.join(" "))
        };
        insta::assert_snapshot!(said("heapmark-ignore growing-collection"), @"1 left; This comment does not say why: `heapmark-ignore growing-collection: REASON`.");
        insta::assert_snapshot!(said("heapmark-ignore: few"), @"2 left; This comment names no rule, so it silences nothing: `heapmark-ignore growing-collection: REASON`.");
        insta::assert_snapshot!(said("heapmark-ignore growing-maps: few"), @"2 left; There is no rule `growing-maps`, so nothing is silenced for it.");
        insta::assert_snapshot!(said("heapmark-ignore *: few"), @"2 left; Not everything can be silenced at once: name the rule, as in `heapmark-ignore growing-collection: REASON`.");
        insta::assert_snapshot!(said("heapmark-ignore growing-text: few"), @"2 left; This comment silences nothing: no finding of these snapshots has a place in line 2 for `growing-text`. If the leak is fixed, remove it.");
    }

    #[test]
    fn one_snapshot_finds_too_little_to_call_a_comment_idle() {
        let mut report = two();
        report.findings.clear();
        report.snapshots.truncate(1);
        let silence = silence("x; // heapmark-ignore growing-text: few", Accepted::default());
        silence.apply(&mut report);
        assert!(report.remarks.is_empty());
    }

    #[test]
    fn an_accepted_leak_is_ignored_and_one_that_is_gone_is_told() {
        let mut accepted = Accepted::default();
        accepted.accept(&finding("b2", "pages", 3), "small");
        accepted.accept(&finding("c3", "rooms", 3), "");
        let mut report = two();
        let silence = silence("", accepted);
        silence.apply(&mut report);
        assert_eq!(
            parts(&report),
            (vec![CARDS.to_owned()], vec![format!("{PAGES} | small")], vec![])
        );
        let fixed: Vec<&str> =
            silence.fixed(&report).iter().map(|entry| entry.fingerprint.as_str()).collect();
        assert_eq!(fixed, ["c3"]);
        report.snapshots.truncate(1);
        assert!(silence.fixed(&report).is_empty(), "one snapshot finds less");
    }

    #[test]
    fn a_comment_counts_before_the_file() {
        let mut accepted = Accepted::default();
        accepted.accept(&finding("a1", "cards", 1), "in the file");
        let mut report = two();
        silence("\nlet cards; // heapmark-ignore growing-collection: here", accepted)
            .apply(&mut report);
        assert_eq!(parts(&report).1, [format!("{CARDS} | here")]);
    }
}
