//! The open text of one file that a report speaks of, as far as it is understood.
//!
//! What takes longer than a key should is done by a thread of its own with a copy ([`Unsettled`]); what
//! is typed meanwhile is made good afterwards. What is shown of the places is in [`crate::live_report`], and
//! when such threads are started in [`crate::settle`].

use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use heapmark_leaks::Report;
use heapmark_source::{Edit, PlaceId, Range, Trail};

/// The open text of one file that the report speaks of.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) followed: Followed,
    /// While a thread works on a copy: which one, and what was edited since it was made.
    pub(crate) since: Option<(u64, Vec<Edit>)>,
    /// Bytes of the text that was given up as no program.
    pub(crate) given_up: Option<usize>,
}

/// How far the text is understood.
#[derive(Debug, Clone)]
pub(crate) enum Followed {
    /// It was not parsed yet: its places stay where they were. The text, and what was edited since.
    Opened(String, Vec<Edit>),
    Trail(Box<Trail>, HashMap<Range, PlaceId>),
}

/// A copy of what is known of one file, for a thread that has time for it.
#[derive(Debug)]
pub(crate) struct Unsettled {
    pub(crate) path: PathBuf,
    pub(crate) number: u64,
    pub(crate) analysed: Arc<Report>,
    pub(crate) followed: Followed,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct Settled {
    pub(crate) path: PathBuf,
    pub(crate) number: u64,
    pub(crate) analysed: Arc<Report>,
    /// None if the text is too large, or too deeply nested, to be followed.
    pub(crate) followed: Option<Followed>,
}

impl Unsettled {
    /// Parses what there was no time for. May take seconds.
    pub(crate) fn settle(self) -> Settled {
        let Self { path, number, analysed, followed } = self;
        let trail = match followed {
            Followed::Opened(text, edits) => Trail::new(&path, text).ok().map(|trail| {
                let (mut trail, places) = watched(trail, &analysed, &path);
                trail.edit(&edits);
                trail.settle();
                (trail, places)
            }),
            Followed::Trail(mut trail, places) => {
                trail.settle();
                Some((trail, places))
            }
        };
        let trail = trail.filter(|(trail, _)| trail.is_settled());
        let followed = trail.map(|(trail, places)| Followed::Trail(trail, places));
        Settled { path, number, analysed, followed }
    }
}

/// Watches all places of a file in its text as the analysis saw it.
pub(crate) fn watched(
    trail: Trail,
    report: &Report,
    path: &Path,
) -> (Box<Trail>, HashMap<Range, PlaceId>) {
    let mut trail = Box::new(trail);
    let ranges = ranges_in(report, path).into_iter();
    let places = ranges.map(|range| (range, trail.watch(range))).collect();
    (trail, places)
}

impl File {
    /// A file of which so much is understood.
    pub(crate) fn new(followed: Followed) -> Self {
        Self { followed, since: None, given_up: None }
    }

    /// Follows edits, each of the text that the one before left. Returns whether any place is
    /// elsewhere now.
    pub(crate) fn edit(&mut self, edits: &[Edit]) -> bool {
        if let Some((_, since)) = &mut self.since {
            since.extend_from_slice(edits);
        }
        match &mut self.followed {
            Followed::Opened(_, since) => {
                since.extend_from_slice(edits);
                false
            }
            Followed::Trail(trail, _) => {
                let moved = trail.edit(edits);
                if trail.is_settled() {
                    self.given_up = None;
                }
                moved
            }
        }
    }

    /// Whether the text is understood.
    pub(crate) fn is_settled(&self) -> bool {
        matches!(&self.followed, Followed::Trail(trail, _) if trail.is_settled())
    }

    /// Bytes of the text, as far as it is known.
    pub(crate) fn bytes(&self) -> usize {
        match &self.followed {
            Followed::Opened(text, _) => text.len(),
            Followed::Trail(trail, _) => trail.text().len(),
        }
    }
}

/// All ranges of a file that a report speaks of.
pub(crate) fn ranges_in(report: &Report, file: &Path) -> Vec<Range> {
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

/// All files of which a report has such ranges.
pub(crate) fn files_of(report: &Report) -> BTreeSet<PathBuf> {
    let sites = report.sites.iter().flat_map(|site| {
        let holder = site.holder.as_ref().map(|holder| holder.file.clone());
        holder.into_iter().chain([site.file.clone()])
    });
    let findings = report.findings.iter().flat_map(|finding| {
        let hops = finding.path.iter().filter_map(|hop| hop.place.as_ref());
        let places = finding.places.iter().map(|place| place.file.clone());
        places.chain(hops.map(|place| place.file.clone()))
    });
    let told = report.open_lines().into_iter().map(|(path, _)| path);
    sites.chain(findings).chain(told).collect()
}
