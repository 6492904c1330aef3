//! What the binary says of an application's snapshots, and where in it the planted leaks stand.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use heapmark_source::normalised;
use heapmark_tests::Mark;
use serde::Deserialize;

use crate::app::{App, Way};
use crate::site::PACKAGES;

/// The parts of the JSON report that are looked at here.
#[derive(Debug, Deserialize)]
pub(crate) struct Report {
    findings: Vec<Finding>,
    notices: Vec<Notice>,
}

#[derive(Debug, Clone, Deserialize)]
struct Finding {
    rule: String,
    severity: String,
    title: String,
    message: String,
    help: String,
    places: Vec<Place>,
    /// Null in one's own code.
    package: Option<serde_json::Value>,
}

#[derive(Debug, Clone, Deserialize)]
struct Place {
    /// Relative to the opened folder.
    file: String,
    line: u32,
}

#[derive(Debug, Deserialize)]
struct Notice {
    message: String,
}

/// A report, and what `--check` ends with.
pub(crate) struct Judged {
    pub(crate) report: Report,
    pub(crate) has_leak: bool,
}

impl Judged {
    /// Asks the binary about snapshots of what is opened in `workspace`.
    pub(crate) fn by(binary: &Path, workspace: &Path, files: &[PathBuf]) -> Result<Self> {
        let mut command = Command::new(binary);
        command.args(["analyze", "--no-index", "--check", "--format", "json", "--workspace"]);
        command.arg(workspace).args(files).stdin(Stdio::null());
        let output = command.output().with_context(|| format!("cannot start {command:?}"))?;
        let code = output.status.code();
        let errors = String::from_utf8_lossy(&output.stderr);
        ensure!(matches!(code, Some(0 | 1)), "{command:?} failed ({}): {errors}", output.status);
        let report = serde_json::from_slice(&output.stdout)
            .with_context(|| format!("{command:?} wrote no report: {errors}"))?;
        Ok(Self { report, has_leak: code == Some(1) })
    }
}

impl Report {
    /// Everything that is said, in a line each.
    pub(crate) fn said(&self) -> Vec<String> {
        let findings = self.findings.iter().map(|it| {
            let place = it.places.first().map_or("no place".to_owned(), Place::text);
            format!("{}[{}] {place}: {}", it.severity, it.rule, it.title)
        });
        let notices = self.notices.iter().map(|it| format!("note: {}", it.message));
        findings.chain(notices).collect()
    }

    /// Whether it says anywhere how to come by a source map.
    fn tells_of_maps(&self, finding: &Finding) -> bool {
        let texts = [&finding.message, &finding.help].into_iter();
        let mut texts = texts.chain(self.notices.iter().map(|it| &it.message));
        texts.any(|text| text.to_lowercase().contains("source map"))
    }
}

impl Finding {
    fn is_warning(&self) -> bool {
        self.severity == "warning"
    }
}

impl Place {
    fn text(&self) -> String {
        format!("{}:{}", self.file, self.line)
    }
}

/// Where a planted leak was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    /// From 1.
    pub(crate) rank: usize,
    pub(crate) is_warning: bool,
    /// The file, relative to the opened folder, and the line; empty if there is none.
    pub(crate) place: String,
    pub(crate) stands: Stands,
}

/// How well the place of a leak helps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stands {
    /// On a line that the mark is on.
    InSource,
    /// In a file that was built; whether it is said how to get a source map.
    InBuilt { tells_of_maps: bool },
    /// Nowhere: it is found, and no line of it can be shown.
    Nowhere,
}

/// Both planted leaks in a report, the one that stands first first, and how many warnings about others stand ahead of the last of them.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) leaks: [Option<Found>; 2],
    pub(crate) ahead: usize,
    pub(crate) notices: usize,
}

impl Seen {
    /// `folder` is the application's; its files are the marks' or built.
    pub(crate) fn of(app: &App, way: &Way, report: &Report, folder: &Path) -> Self {
        let opened = folder.join(&way.workspace);
        let mut taken = Vec::new();
        let mut leaks = app.marks.each_ref().map(|mark| {
            let found = found(mark, app, report, [folder, &opened], &taken)?;
            taken.push(found.rank);
            Some(found)
        });
        let last = taken.iter().copied().max().unwrap_or(report.findings.len() + 1);
        let before = report.findings.iter().zip(1..).take_while(|(_, rank)| *rank < last);
        let ahead = before.filter(|(it, rank)| it.is_warning() && !taken.contains(rank)).count();
        leaks.sort_by_key(|it| it.as_ref().map_or(usize::MAX, |it| it.rank));
        Self { leaks, ahead, notices: report.notices.len() }
    }
}

/// The first finding that is of a mark: by its line; or else by its rule, in a built file of one's own code; or else
/// without any place.
fn found(
    mark: &Mark,
    app: &App,
    report: &Report,
    [folder, opened]: [&Path; 2],
    taken: &[usize],
) -> Option<Found> {
    let free = || {
        let of_rule = report.findings.iter().zip(1..).filter(|(it, _)| it.rule == mark.rule);
        of_rule.filter(|(_, rank)| !taken.contains(rank))
    };
    let file = |place: &Place| {
        normalised(&opened.join(&place.file)).strip_prefix(folder).ok().map(Path::to_owned)
    };
    let is_marked = |place: &&Place| {
        place.line == mark.line && file(place).is_some_and(|it| it == Path::new(&mark.file))
    };
    let at_mark = || {
        free().find_map(|(it, rank)| {
            let place = it.places.iter().find(is_marked)?;
            Some((it, rank, place.text(), Stands::InSource))
        })
    };
    let in_built = || {
        free().find_map(|(it, rank)| {
            let place = it.places.first()?;
            let is_source = file(place).is_some_and(|file| app.folder.join(file).exists());
            // A package may hold what one's own statement gave it: then the place decides, not the package.
            let is_own = !Path::new(&place.file).components().any(|it| it.as_os_str() == PACKAGES);
            let is_built = is_own && !is_source;
            let stands = Stands::InBuilt { tells_of_maps: report.tells_of_maps(it) };
            is_built.then(|| (it, rank, place.text(), stands))
        })
    };
    let nowhere = || {
        let (it, rank) = free().find(|(it, _)| it.package.is_none() && it.places.is_empty())?;
        Some((it, rank, String::new(), Stands::Nowhere))
    };
    let (finding, rank, place, stands) = at_mark().or_else(in_built).or_else(nowhere)?;
    Some(Found { rank, is_warning: finding.is_warning(), place, stands })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::App;

    /// The application `nest`, whose marks have one rule.
    fn nest() -> App {
        let all = App::all().expect("all can be read");
        all.into_iter().find(|app| app.name == "nest").expect("it is there")
    }

    fn finding(severity: &str, place: &str, package: Option<&str>) -> Finding {
        let (file, line) = place.split_once(':').expect("a line");
        let place = Place { file: file.to_owned(), line: line.parse().expect("a number") };
        let text = String::new;
        Finding {
            rule: "growing-collection".to_owned(),
            severity: severity.to_owned(),
            title: text(),
            message: text(),
            help: text(),
            places: vec![place],
            package: package.map(Into::into),
        }
    }

    fn seen(findings: Vec<Finding>, notices: &[&str]) -> Seen {
        let app = nest();
        let notices = notices.iter().map(|it| Notice { message: (*it).to_owned() }).collect();
        let report = Report { findings, notices };
        Seen::of(&app, &app.run.ways[0], &report, Path::new("/app"))
    }

    fn at(mark: &Mark) -> String {
        format!("{}:{}", mark.file, mark.line)
    }

    #[test]
    fn a_leak_is_found_by_its_line_and_warnings_ahead_of_it_count() {
        let marks = nest().marks;
        let seen = seen(
            vec![
                finding("warning", &at(&marks[1]), None),
                finding("warning", "node_modules/a/index.js:1", Some("a")),
                finding("information", "node_modules/b/index.js:1", Some("b")),
                finding("information", &at(&marks[0]), None),
            ],
            &[],
        );
        let ranks = seen.leaks.each_ref().map(|it| it.as_ref().map(|it| (it.rank, it.is_warning)));
        assert_eq!(ranks, [Some((1, true)), Some((4, false))]);
        assert_eq!(seen.ahead, 1);
    }

    #[test]
    fn in_built_files_each_finding_counts_for_one_leak() {
        let package = finding("warning", "node_modules/a/index.js:1", Some("a"));
        let built = finding("warning", "dist/main.js:9", Some("rxjs"));
        let findings = || vec![package.clone(), built.clone()];
        let silent = seen(findings(), &[]);
        let [Some(found), None] = &silent.leaks else { panic!("{silent:?}") };
        assert_eq!(found.stands, Stands::InBuilt { tells_of_maps: false });
        let telling = seen(findings(), &["dist/main.js has no source map: set `devtool`"]);
        let [Some(found), None] = &telling.leaks else { panic!("{telling:?}") };
        assert_eq!(found.stands, Stands::InBuilt { tells_of_maps: true });
    }

    #[test]
    fn a_leak_without_a_place_is_found_nowhere() {
        let mut lost = finding("information", "a.js:1", None);
        lost.places.clear();
        let seen = seen(vec![lost], &[]);
        let [Some(found), None] = &seen.leaks else { panic!("{seen:?}") };
        assert_eq!(found.stands, Stands::Nowhere);
    }

    #[test]
    fn another_line_of_the_sources_is_no_leak_that_was_planted() {
        let seen = seen(vec![finding("warning", "src/rates.service.ts:6", None)], &[]);
        assert_eq!(seen.leaks, [None, None]);
        assert_eq!(seen.ahead, 1);
    }

    #[test]
    fn a_file_beside_the_opened_folder_is_one_of_the_application() {
        assert_eq!(
            normalised(Path::new("/app/apps/api/../../packages/a.ts")),
            Path::new("/app/packages/a.ts")
        );
    }
}
