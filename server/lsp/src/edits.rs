//! What is shown follows what is typed.
//!
//! A report speaks of texts as they were when the analysis looked at them. [`Trails`] keeps it as it
//! came, follows the code of its places through every edit since (see [`Trail`]), and makes of both
//! the report as it is true now: positions where the code is, and nothing of code that is gone. What
//! comes back, by an undo or a paste, is shown again. A comment that silences a leak counts as soon as
//! it is typed.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use heapmark_leaks::Report;
use heapmark_leaks::silence::{Accepted, Silence};
use heapmark_source::{Edit, PlaceId, Range, Trail};

/// A report, and the ways that its places went since.
#[derive(Debug, Default)]
pub(crate) struct Trails {
    analysed: Arc<Report>,
    silence: Silence,
    files: HashMap<PathBuf, File>,
}

/// The open text of one file that the report speaks of.
#[derive(Debug)]
struct File {
    trail: Trail,
    places: HashMap<Range, PlaceId>,
}

impl Trails {
    /// Begins at what an analysis found, with what silences some of it, and with the texts of open
    /// files as it saw them. Parses those that the report speaks of.
    pub(crate) fn begin(report: Report, silence: Silence, texts: Vec<(PathBuf, String)>) -> Self {
        let mut trails = Self { analysed: Arc::new(report), silence, files: HashMap::new() };
        for (path, text) in texts {
            trails.opened(&path, &text);
        }
        trails
    }

    /// A file is open with this text. Returns whether anything that is shown is elsewhere now.
    pub(crate) fn opened(&mut self, path: &Path, text: &str) -> bool {
        if let Some(file) = self.files.get(path) {
            // It was open before: what happened to it since is one more edit.
            let edit = Edit::between(file.trail.text(), text);
            return edit.is_some_and(|edit| self.edit(path, &[edit]));
        }
        let silenced = self.silence.read(path, text);
        let ranges = ranges_in(&self.analysed, path);
        if ranges.is_empty() {
            return silenced;
        }
        // What takes too long to parse is no program: its places stay where they are.
        let Ok(mut trail) = Trail::new(path, text.to_owned()) else { return silenced };
        let places = ranges.into_iter().map(|range| (range, trail.watch(range))).collect();
        self.files.insert(path.to_owned(), File { trail, places });
        silenced
    }

    /// Follows edits of one file, each of the text that the one before left. Returns whether
    /// anything that is shown is elsewhere now.
    pub(crate) fn edit(&mut self, path: &Path, edits: &[Edit]) -> bool {
        let Some(file) = self.files.get_mut(path) else { return false };
        let moved = file.trail.edit(edits);
        let silenced = self.silence.read(path, file.trail.text());
        moved || silenced
    }

    /// Other leaks are accepted now.
    pub(crate) fn accept(&mut self, accepted: Accepted) {
        self.silence.accept(accepted);
    }

    /// The leaks that are accepted.
    pub(crate) fn accepted(&self) -> &Accepted {
        self.silence.accepted()
    }

    /// Decides what there was no time for while somebody typed. Returns whether anything that is
    /// shown is elsewhere now.
    pub(crate) fn settle(&mut self, path: &Path) -> bool {
        self.files.get_mut(path).is_some_and(|file| file.trail.settle())
    }

    /// The report as it is true now. A finding goes with its primary place, but for others that were
    /// told with it.
    pub(crate) fn report(&self) -> Arc<Report> {
        let mut report = Report::clone(&self.analysed);
        let now = |path: &Path, range: Range| {
            let Some(file) = self.files.get(path) else { return Some(range) };
            file.trail.place(*file.places.get(&range)?)
        };
        report.settle_lines(now);
        // Puts the range where its code is; `false` if that is nowhere.
        let keep = |path: &Path, range: &mut Range| match now(path, *range) {
            Some(found) => {
                *range = found;
                true
            }
            None => false,
        };
        report.sites.retain_mut(|site| {
            if let Some(holder) = &mut site.holder
                && !keep(&holder.file, &mut holder.range)
            {
                site.holder = None;
            }
            keep(&site.file, &mut site.name_range)
        });
        report.findings.retain_mut(|finding| {
            for hop in &mut finding.path {
                if let Some(place) = &mut hop.place
                    && !keep(&place.file, &mut place.range)
                {
                    hop.place = None;
                }
            }
            let mut leader: Option<bool> = None;
            let mut is_primary_kept = false;
            finding.places.retain_mut(|place| {
                let found = keep(&place.file, &mut place.range);
                is_primary_kept |= leader.is_none() && found;
                if leader.is_none() || place.leads {
                    leader = Some(found);
                }
                found && leader == Some(true)
            });
            // What is left was told with it, in words of its own.
            if let Some(first) = finding.places.first().filter(|_| !is_primary_kept) {
                finding.message.clone_from(&first.message);
            }
            leader.is_none() || !finding.places.is_empty()
        });
        self.silence.apply(&mut report);
        Arc::new(report)
    }
}

/// All ranges of a file that a report speaks of.
fn ranges_in(report: &Report, file: &Path) -> Vec<Range> {
    let sites = report.sites.iter().flat_map(|site| {
        let holder = site.holder.as_ref().map(|holder| (&holder.file, holder.range));
        holder.into_iter().chain([(&site.file, site.name_range)])
    });
    let findings = report.findings.iter().flat_map(|finding| {
        let places = finding.places.iter().map(|place| (&place.file, place.range));
        let hops = finding.path.iter().filter_map(|hop| hop.place.as_ref());
        places.chain(hops.map(|place| (&place.file, place.range)))
    });
    let shown = sites.chain(findings).filter(|(path, _)| *path == file).map(|(_, range)| range);
    let told = report.open_lines().into_iter().filter(|(path, _)| path == file);
    shown.chain(told.map(|(_, range)| range)).collect()
}

#[cfg(test)]
mod tests {
    use heapmark_source::{Position, Workspace};

    use super::*;
    use crate::publish::samples::{self, CACHE};

    /// The text of `cache.ts` with code where the sample report's places are.
    fn text() -> String {
        let mut lines = vec![String::new(); 30];
        lines[8] = "const entries = new Map();".to_owned();
        lines[12] = "export function memoizeByProps(key) {".to_owned();
        lines[14] = "    entries.set(key, { value, createdAt: Date.now() });".to_owned();
        lines[16] = "}".to_owned();
        lines.join("\n")
    }

    fn trails() -> Trails {
        let mut report = samples::report();
        for place in report.findings.iter_mut().flat_map(|finding| &mut finding.places) {
            if place.name.starts_with("entries.set") {
                place.range.end.column = place.range.start.column + "entries.set".len() as u32;
            }
        }
        let silence = Silence::about(&report, &Workspace::default(), Accepted::default());
        Trails::begin(report, silence, vec![(CACHE.into(), text())])
    }

    fn lines(start: u32, end: u32) -> Range {
        Range::new(Position::new(start, 0), Position::new(end, 0))
    }

    /// The lines of the first finding's places in the file, none if it is not shown.
    fn shown(trails: &Trails) -> Vec<u32> {
        let title = &trails.analysed.findings[0].title;
        let report = trails.report();
        let finding = report.findings.iter().find(|finding| finding.title == *title);
        let places = finding.map(|finding| finding.places.as_slice()).unwrap_or_default();
        let here = places.iter().filter(|place| place.file == Path::new(CACHE));
        here.map(|place| place.range.start.line).collect()
    }

    #[test]
    fn what_is_shown_moves_with_the_text() {
        let mut trails = trails();
        assert_eq!(shown(&trails), [8, 14]);
        assert!(trails.edit(Path::new(CACHE), &[Edit::replace(lines(0, 0), "\n")]));
        assert_eq!(shown(&trails), [9, 15]);
        assert!(!trails.edit(Path::new(CACHE), &[Edit::replace(lines(25, 25), "\n")]));
        assert!(!trails.edit(Path::new("/elsewhere.js"), &[Edit::replace(lines(0, 0), "\n")]));
    }

    #[test]
    fn a_finding_goes_with_its_primary_place_and_comes_back_with_it() {
        let mut trails = trails();
        assert!(trails.edit(Path::new(CACHE), &[Edit::replace(lines(8, 9), "")]));
        assert!(shown(&trails).is_empty());
        let again = Edit::replace(lines(8, 8), "const entries = new Map();\n");
        assert!(trails.edit(Path::new(CACHE), &[again]));
        assert_eq!(shown(&trails), [8, 14]);
    }

    #[test]
    fn what_was_told_with_a_finding_stays_without_it() {
        let mut trails = trails();
        let report = Arc::make_mut(&mut trails.analysed);
        let place = report.findings[0].places.iter_mut().find(|it| it.range.start.line == 14);
        let place = place.expect("the statement is in it");
        place.leads = true;
        let message = place.message.clone();
        assert!(trails.edit(Path::new(CACHE), &[Edit::replace(lines(8, 9), "")]));
        assert_eq!(shown(&trails), [13]);
        assert_eq!(trails.report().findings[0].message, message);
        assert!(trails.edit(Path::new(CACHE), &[Edit::replace(lines(13, 14), "")]));
        assert!(shown(&trails).is_empty());
    }

    #[test]
    fn a_comment_silences_a_leak_as_soon_as_it_is_typed_and_only_as_long_as_it_is_there() {
        let mut trails = trails();
        let comment = "// heapmark-ignore growing-collection: a page a country\n";
        assert!(trails.edit(Path::new(CACHE), &[Edit::replace(lines(8, 8), comment)]));
        assert!(shown(&trails).is_empty());
        let report = trails.report();
        assert_eq!(report.ignored[0].by.reason(), "a page a country");
        assert_eq!(report.ignored[0].finding.places[0].range.start.line, 9);
        assert!(trails.edit(Path::new(CACHE), &[Edit::replace(lines(8, 9), "")]));
        assert_eq!(shown(&trails), [8, 14]);
    }

    #[test]
    fn a_place_that_only_takes_part_goes_alone() {
        let mut trails = trails();
        assert!(trails.edit(Path::new(CACHE), &[Edit::replace(lines(14, 15), "")]));
        assert_eq!(shown(&trails), [8]);
    }

    #[test]
    fn a_file_that_is_opened_again_with_another_text_was_edited_meanwhile() {
        let mut trails = trails();
        assert!(trails.opened(Path::new(CACHE), &format!("\n\n{}", text())));
        assert_eq!(shown(&trails), [10, 16]);
    }
}
