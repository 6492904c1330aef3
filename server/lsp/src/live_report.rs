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
    /// The texts of files that were not open, as the analysis saw them.
    closed: HashMap<PathBuf, String>,
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

    /// The same, which also knows the texts of files that were not open as the analysis saw them.
    pub(crate) fn beside(mut self, closed: HashMap<PathBuf, String>) -> Self {
        self.closed = closed;
        self
    }

    /// Whether it follows the file.
    pub(crate) fn follows(&self, path: &Path) -> bool {
        self.files.contains_key(path)
    }

    /// Whether it follows the file, or would if the file changed.
    pub(crate) fn knows(&self, path: &Path) -> bool {
        self.follows(path) || self.closed.contains_key(path)
    }

    /// Whether it speaks of the file, be it that it is not followed.
    pub(crate) fn speaks_of(&self, path: &Path) -> bool {
        self.knows(path) || !ranges_in(&self.analysed, path).is_empty()
    }

    /// A file has this text: it is open, or it was changed on disk. What happened to it since the analysis
    /// is one more edit. Returns whether anything that is shown is elsewhere now.
    pub(crate) fn opened(&mut self, path: &Path, text: &str) -> bool {
        let silenced = self.silence.read(path, text);
        if let Some(file) = self.files.get_mut(path) {
            return match &mut file.followed {
                Followed::Trail(trail, _) => {
                    let edit = Edit::between(trail.text(), text);
                    edit.is_some_and(|edit| file.edit(&[edit])) || silenced
                }
                Followed::Opened(began, since) => {
                    // Never understood: what lies between it and where it began makes one edit, too.
                    *since = Edit::between(began, text).into_iter().collect();
                    (file.since, file.given_up) = (None, None);
                    silenced
                }
            };
        }
        let closed = self.closed.remove(path);
        if closed.is_none() && ranges_in(&self.analysed, path).is_empty() {
            return silenced;
        }
        let analysed = closed.unwrap_or_else(|| text.to_owned());
        let edit = Edit::between(&analysed, text);
        let followed = match Trail::at_once(path, analysed.clone()) {
            Ok(trail) => {
                let (trail, places) = watched(trail, &self.analysed, path);
                Followed::Trail(trail, places)
            }
            Err(_) => Followed::Opened(analysed, Vec::new()),
        };
        self.files.insert(path.to_owned(), File::new(followed));
        edit.is_some_and(|edit| self.edit(path, &[edit])) || silenced
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
mod tests;
