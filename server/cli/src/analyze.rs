//! `heapmark analyze`: findings for people, with a code frame at each place, or as JSON for tools.
//!
//! Only renders the report; every verdict and sentence comes from the leaks crate.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};
use anyhow::Context as _;
use clap::{Args, ValueEnum};
use heapmark_leaks::report::{Finding, Place, Remark, Report, Severity, Silencer};
use heapmark_leaks::{json, units};
use heapmark_source::{PathMapping, SourceFile, Workspace};

use crate::accepted::AcceptedArgs;
use crate::attempt::without_what_hangs;
use crate::frame::{Frame, Moved};
use crate::index::IndexArgs;
use crate::inputs::{self, Inputs};
use crate::json::pretty;
use crate::progress::Bar;
use crate::short;
use crate::terminal::{plain, print, remark};

/// How `--check` ends if there is a leak.
const LEAKS: u8 = 1;

#[derive(Args)]
pub(crate) struct AnalyzeArgs {
    /// Heap snapshots of one process, in any order (.heapsnapshot or .heaptimeline, plain, .gz or
    /// .zst), or folders of them
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,

    /// The folder with the program's sources; may be given several times. Without it, the folder
    /// whose `.heapmark` holds the snapshots, or else the current one
    #[arg(long, value_name = "DIR")]
    workspace: Vec<PathBuf>,

    /// Looks for scripts whose names begin with FROM (a path of another machine, or a URL) below TO,
    /// which counts from the first workspace; may be given several times
    #[arg(long, value_name = "FROM=TO")]
    path_mapping: Vec<PathMapping>,

    /// How to print the findings
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    /// End with 1 if there is a leak: a warning that is neither ignored by a comment nor accepted
    #[arg(long)]
    check: bool,

    /// Say also by what the heap grew where findings explain it, and what fills it
    #[arg(long, short)]
    verbose: bool,

    #[command(flatten)]
    index: IndexArgs,

    // Last, because its heading holds for all that follow.
    #[command(flatten)]
    accepted: AcceptedArgs,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// For people: code frames and plain sentences
    Text,
    /// For tools: the report of docs/json-report.md
    Json,
}

pub(crate) fn run(args: AnalyzeArgs) -> anyhow::Result<ExitCode> {
    let is_checked = args.check;
    let places = inputs::places(&args.workspace, &args.files);
    let (text, leaks) = without_what_hangs(&places, move |bar| findings(&args, bar))?;
    print(text).context("cannot write to standard output")?;
    Ok(if is_checked && leaks { ExitCode::from(LEAKS) } else { ExitCode::SUCCESS })
}

/// What is to be printed, and whether there is a leak.
fn findings(args: &AnalyzeArgs, bar: &Bar) -> anyhow::Result<(String, bool)> {
    let Inputs { files, mut notices } = Inputs::named(&args.files)?;
    let workspace =
        inputs::workspace(&args.workspace, &files)?.with_path_mappings(args.path_mapping.clone());
    let accepted = args.accepted.read(&workspace, &mut notices)?;

    let indexes = args.index.folder()?;
    let started = Instant::now();
    let mut report = heapmark_leaks::analyze(&files, &workspace, indexes.as_ref(), bar)?;
    report.notices.extend(notices);
    args.accepted.apply(accepted, &mut report, &workspace)?;
    let text = match args.format {
        Format::Json => pretty(&json::to_json(&report, &workspace)),
        Format::Text => text(&report, &workspace, started.elapsed(), args.verbose),
    };
    let leaks = report.leaks().next().is_some();
    Ok((text, leaks))
}

fn text(report: &Report, workspace: &Workspace, elapsed: Duration, is_verbose: bool) -> String {
    let renderer = Renderer::styled();
    let heading = report.outcome().heading();
    let mut parts = vec![format!("{heading}  {}\n", plain(&report.outcome_sentence()))];
    let findings = report.findings.iter();
    parts.extend(findings.map(|it| finding_text(&renderer, it, workspace, report.snapshots.len())));
    parts.extend(report.remarks.iter().map(|it| remark_text(&renderer, it, workspace)));
    parts.extend(report.notices.iter().map(|notice| {
        let note = Group::with_title(Level::NOTE.secondary_title(short::line(&notice.message)));
        format!("{}\n", renderer.render(&[note]))
    }));
    if is_verbose || report.growth.as_ref().is_some_and(|it| it.is_unexplained) {
        parts.extend(table_text(&report.growth_table()));
    }
    if is_verbose || report.snapshots.len() == 1 {
        parts.extend(table_text(&report.contents_table()));
    }
    parts.push(what_was_read(report, elapsed));
    parts.push(report.closing_line());
    parts.extend(silenced(report).map(|silenced| plain(&silenced)));
    parts.join("\n")
}

/// The lines of a table, and an empty one behind them.
fn table_text(lines: &[String]) -> Option<String> {
    let lines: Vec<String> = lines.iter().map(|line| short::line(line)).collect();
    (!lines.is_empty()).then(|| format!("{}\n", lines.join("\n")))
}

/// What is wrong with a comment, with the comment.
fn remark_text(renderer: &Renderer, remark: &Remark, workspace: &Workspace) -> String {
    let title = Level::NOTE.primary_title(short::line(&remark.message));
    let file = workspace.file(&remark.file).ok();
    let span = file
        .as_ref()
        .and_then(|file| Some(file.offset(remark.range.start)?..file.offset(remark.range.end)?));
    let group = match (&file, span) {
        (Some(file), Some(span)) => {
            let snippet = Snippet::source(file.text())
                .path(workspace.relative(&remark.file))
                .annotation(AnnotationKind::Primary.span(span));
            title.element(snippet)
        }
        // It was changed since.
        _ => Group::with_title(title),
    };
    format!("{}\n", renderer.render(&[group]))
}

/// How many leaks nobody wants to hear of.
fn silenced(report: &Report) -> Option<String> {
    let mut by_comments = 0u64;
    let mut accepted: Vec<&Path> = Vec::new();
    for ignored in &report.ignored {
        match &ignored.by {
            Silencer::Comment { .. } => by_comments += 1,
            Silencer::Accepted { file, .. } => accepted.push(file),
        }
    }
    let are = |count| units::plural(count, "is", "are");
    let findings = |count| units::plural(count, " finding", " findings");
    let mut parts = Vec::new();
    if by_comments > 0 {
        let comments = units::plural(by_comments, "a comment", "comments");
        let (findings, are) = (findings(by_comments), are(by_comments));
        parts.push(format!("{by_comments}{findings} {are} ignored by {comments}"));
    }
    if let Some(file) = accepted.first() {
        let count = accepted.len() as u64;
        let findings = if parts.is_empty() { findings(count) } else { "" };
        let file = file.file_name().unwrap_or_default().to_string_lossy();
        parts.push(format!("{count}{findings} {} accepted in {file}", are(count)));
    }
    (!parts.is_empty()).then(|| format!("{}.", parts.join(", ")))
}

/// One finding as a compiler would print it.
fn finding_text(
    renderer: &Renderer,
    finding: &Finding,
    workspace: &Workspace,
    snapshots: usize,
) -> String {
    let level = match finding.severity {
        Severity::Warning => Level::WARNING,
        Severity::Information => Level::INFO.with_name("information"),
    };
    let title = level.primary_title(short::text(&finding.title)).id(finding.rule.name());
    let mut moved = Vec::new();
    let snippets = snippets(finding, workspace, &mut moved);
    if snippets.is_empty() {
        // The library would draw the edge of a frame that is not there.
        let mut lines = vec![renderer.render(&[Group::with_title(title)])];
        lines.extend(
            remarks(finding, snapshots).into_iter().map(|(name, text)| remark(name, &text)),
        );
        lines.push(String::new());
        return lines.join("\n");
    }
    let group =
        remarks(finding, snapshots).into_iter().fold(title.elements(snippets), |group, remark| {
            let (name, text) = remark;
            group.element(Level::NOTE.with_name(name).message(text))
        });
    let drawn = renderer.render(&[group]);
    let drawn = moved.iter().fold(drawn, |drawn, moved| moved.put_right(drawn));
    format!("{drawn}\n")
}

/// What is said under the code frames: a name and a plain text each. Why something is no warning, or
/// what is there that removes, is said there; in one snapshot, that of all of them stands at the end.
fn remarks(finding: &Finding, snapshots: usize) -> Vec<(&'static str, String)> {
    let mut remarks = Vec::new();
    let is_removed_from = finding.reasons.iter().any(|it| {
        matches!(it.name, "something-removes" | "users-clean-up" | "remover-never-called")
    });
    if (finding.severity == Severity::Information || is_removed_from)
        && snapshots > 1
        && let Some(more) = finding.beyond_title()
    {
        remarks.push(("note", short::text(&more)));
    }
    for place in &finding.outside {
        remarks.push(("at", format!("{} (not in the workspace)", short::name(&place.to_string()))));
    }
    if !finding.path_text.is_empty() {
        remarks.push(("kept alive by", short::line(&finding.path_text)));
    }
    if !finding.reasons.is_empty() {
        remarks.push(("certainty", finding.certainty_line()));
    }
    remarks.push(("help", short::text(&finding.help)));
    remarks.push(("fingerprint", finding.fingerprint.clone()));
    remarks
}

/// One code frame a file, the primary place's file first.
fn snippets<'a>(
    finding: &'a Finding,
    workspace: &Workspace,
    moved: &mut Vec<Moved>,
) -> Vec<Snippet<'a, Annotation<'a>>> {
    let mut paths: Vec<&Path> = Vec::new();
    for place in &finding.places {
        if !paths.contains(&place.file.as_path()) {
            paths.push(&place.file);
        }
    }
    let frames = paths.iter().filter_map(|&path| {
        // A file that vanished since the analysis has no frame; its line is in the sentence.
        let file = workspace.file(path).ok()?;
        let places = finding.places.iter().enumerate().filter(|(_, place)| place.file == path);
        // A file that was cut shorter since the analysis no longer has the place.
        let marked: Vec<(AnnotationKind, &Place, Range<usize>)> = places
            .filter_map(|(index, place)| {
                let kind =
                    if index == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
                Some((kind, place, span(&file, place)?))
            })
            .collect();
        Some(frame_of(&file, workspace.relative(path), &marked, moved))
    });
    frames.collect()
}

fn span(file: &SourceFile, place: &Place) -> Option<Range<usize>> {
    Some(file.offset(place.range.start)?..file.offset(place.range.end)?)
}

/// The code frame of a file.
fn frame_of<'a>(
    file: &SourceFile,
    path: String,
    marked: &[(AnnotationKind, &'a Place, Range<usize>)],
    moved: &mut Vec<Moved>,
) -> Snippet<'a, Annotation<'a>> {
    let text = file.text();
    let marks: Vec<Range<usize>> = marked.iter().map(|(_, _, span)| span.clone()).collect();
    let frame = Frame::of(text, &marks);
    let annotations = marked.iter().filter_map(|(kind, place, span)| {
        let shown = match &frame {
            Some(frame) => {
                let shown = frame.mark(span)?;
                moved.push(Moved::new(&path, (&frame.text, shown.start), (text, span.start)));
                shown
            }
            None => span.clone(),
        };
        Some(kind.span(shown).label(short::text(&place.label)))
    });
    let annotations: Vec<Annotation<'a>> = annotations.collect();
    let source = frame.map_or_else(|| text.to_owned(), |frame| frame.text);
    Snippet::source(source).path(path).annotations(annotations)
}

fn what_was_read(report: &Report, elapsed: Duration) -> String {
    let sizes: Vec<u64> = report.snapshots.iter().map(|s| s.total_size).collect();
    let objects = report.snapshots.last().map_or(0, |s| s.nodes as u64);
    format!(
        "{} {} ({}), {} objects, analysed in {:.1} s",
        report.snapshots.len(),
        units::plural(report.snapshots.len() as u64, "snapshot", "snapshots"),
        units::sizes(&sizes),
        units::number(objects),
        elapsed.as_secs_f64(),
    )
}
