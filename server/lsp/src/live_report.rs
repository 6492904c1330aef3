//! What is shown follows what is typed.
//!
//! A report speaks of texts as they were when the analysis looked at them. [`LiveReport`] keeps it as it
//! came, follows the code of its places through every edit since (see [`Trail`]), and makes of both
//! the report as it is true now: positions where the code is, and nothing of code that is gone. What
//! comes back, by an undo or a paste, is shown again. A comment that silences a leak counts as soon as
//! it is typed.
//!
//! Nothing here takes longer than a key should, but [`Unsettled::settle`], which is for a thread of its
//! own (see [`crate::settle`]).

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use heapmark_leaks::Report;
use heapmark_leaks::suppress::{Accepted, Silence};
use heapmark_source::{CommentForm, Edit, Range, Trail};

use crate::documents::{MAX_KEPT_BYTES, size_of};
use crate::followed::{File, Followed, Settled, Unsettled, ranges_in, watched};

/// A report, and the ways that its places went since.
#[derive(Debug, Default)]
pub(crate) struct LiveReport {
    analysed: Arc<Report>,
    silence: Silence,
    files: HashMap<PathBuf, File>,
    /// Counts the copies that threads work on.
    copies: u64,
}

impl LiveReport {
    /// Begins at what an analysis found, with what silences some of it, and with the texts of open
    /// files as it saw them. Parses those that the report speaks of: not for the runtime's threads.
    pub(crate) fn begin(report: Report, silence: Silence, texts: Vec<(PathBuf, String)>) -> Self {
        let mut live = Self { analysed: Arc::new(report), silence, ..Self::default() };
        for (path, text) in texts {
            live.silence.read(&path, &text);
            if ranges_in(&live.analysed, &path).is_empty() {
                continue;
            }
            let followed = match Trail::new(&path, text.clone()) {
                Ok(trail) => {
                    let (trail, places) = watched(trail, &live.analysed, &path);
                    Followed::Trail(trail, places)
                }
                Err(_) => Followed::Opened(text, Vec::new()),
            };
            live.files.insert(path, File::new(followed));
        }
        live
    }

    /// A file is open with this text. Returns whether anything that is shown is elsewhere now.
    pub(crate) fn opened(&mut self, path: &Path, text: &str) -> bool {
        let silenced = self.silence.read(path, text);
        if let Some(file) = self.files.get_mut(path) {
            // It was open before: what happened to it since is one more edit.
            let Followed::Trail(trail, _) = &file.followed else {
                // Of a text that was never understood nothing is known but where it began.
                file.followed = Followed::Opened(text.to_owned(), Vec::new());
                (file.since, file.given_up) = (None, None);
                return silenced;
            };
            let edit = Edit::between(trail.text(), text);
            return edit.is_some_and(|edit| file.edit(&[edit])) || silenced;
        }
        if ranges_in(&self.analysed, path).is_empty() {
            return silenced;
        }
        let followed = match Trail::at_once(path, text.to_owned()) {
            Ok(trail) => {
                let (trail, places) = watched(trail, &self.analysed, path);
                Followed::Trail(trail, places)
            }
            Err(_) => Followed::Opened(text.to_owned(), Vec::new()),
        };
        self.files.insert(path.to_owned(), File::new(followed));
        silenced
    }

    /// Follows edits of one file, each of the text that the one before left. Returns whether
    /// anything that is shown is elsewhere now.
    pub(crate) fn edit(&mut self, path: &Path, edits: &[Edit]) -> bool {
        let Some(file) = self.files.get_mut(path) else { return false };
        let moved = file.edit(edits);
        let trail = match &file.followed {
            Followed::Trail(trail, _) => trail,
            Followed::Opened(_, since) => {
                if size_of(since) > MAX_KEPT_BYTES {
                    // Its places stay where they were.
                    self.files.remove(path);
                }
                return moved;
            }
        };
        let silenced = self.silence.read(path, trail.text());
        moved || silenced
    }

    /// A copy of what is known of a file, if its text is not understood yet and nobody is about it.
    /// What was given up is tried again when much of it is gone, or `again` if somebody wants that.
    pub(crate) fn unsettled(&mut self, path: &Path, again: bool) -> Option<Unsettled> {
        let file = self.files.get_mut(path)?;
        let is_given_up =
            file.given_up.is_some_and(|bytes| !again && file.bytes() > bytes - bytes / 8);
        if file.is_settled() || file.since.is_some() || is_given_up {
            return None;
        }
        self.copies += 1;
        file.since = Some((self.copies, Vec::new()));
        Some(Unsettled {
            path: path.to_owned(),
            number: self.copies,
            analysed: Arc::clone(&self.analysed),
            followed: file.followed.clone(),
        })
    }

    /// The files whose texts are not understood yet.
    pub(crate) fn all_unsettled(&self) -> Vec<PathBuf> {
        let unsettled = self.files.iter().filter(|(_, file)| !file.is_settled());
        unsettled.map(|(path, _)| path.clone()).collect()
    }

    /// A thread is done with such a copy. Returns whether the file was given up just now: then its
    /// places only move with their bytes.
    ///
    /// What is known no longer goes back in `settled`: to drop the tree of a large text takes longer
    /// than a key should.
    pub(crate) fn settled(&mut self, settled: &mut Settled) -> bool {
        let Settled { path, number, analysed, followed } = settled;
        let Some(file) = self.files.get_mut(path) else { return false };
        // Of another report, or the file was closed and opened: another thread is about that.
        let is_of_now = file.since.as_ref().is_some_and(|(copy, _)| copy == number);
        if !is_of_now || !Arc::ptr_eq(analysed, &self.analysed) {
            return false;
        }
        let (_, since) = file.since.take().expect("it was looked at above");
        let Some(followed) = followed else {
            let is_news = file.given_up.is_none();
            file.given_up = Some(file.bytes());
            return is_news;
        };
        std::mem::swap(&mut file.followed, followed);
        file.given_up = None;
        self.edit(path, &since);
        if let Some(File { followed: Followed::Trail(trail, _), .. }) = self.files.get(path) {
            self.silence.read(path, trail.text());
        }
        false
    }

    /// How a comment is written above a line of an open file, if that is known.
    pub(crate) fn comment_above(&self, path: &Path, line: u32) -> Option<CommentForm> {
        match &self.files.get(path)?.followed {
            Followed::Trail(trail, _) => trail.comment_above(line),
            Followed::Opened(..) => None,
        }
    }

    /// Other leaks are accepted now.
    pub(crate) fn accept(&mut self, accepted: Accepted) {
        self.silence.accept(accepted);
    }

    /// The leaks that are accepted.
    pub(crate) fn accepted(&self) -> &Accepted {
        self.silence.accepted()
    }

    /// The report as it is true now. A finding goes with its primary place, but for others that were
    /// told with it.
    pub(crate) fn report(&self) -> Arc<Report> {
        let mut report = Report::clone(&self.analysed);
        let now = |path: &Path, range: Range| {
            let followed = self.files.get(path).map(|file| &file.followed);
            let Some(Followed::Trail(trail, places)) = followed else { return Some(range) };
            trail.place(*places.get(&range)?)
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

#[cfg(test)]
mod tests {
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
}
