//! Opening snapshots by way of their indexes: what one has is taken from it, and what was made is
//! left behind for the next time.

use std::ops::Deref;
use std::path::{Path, PathBuf};

use super::folder::IndexFolder;
use super::identity::Identity;
use crate::analysis::{Analysis, Computed};
use crate::error::LoadError;
use crate::limits::Limits;
use crate::monitor::{Cancelled, Monitor};
use crate::snapshot::Snapshot;

/// A snapshot from a file, or from the file's index; in that case, mostly, with its analysis.
///
/// Of several, open all, [keep](Self::keep) those that one look was enough for, and
/// [analyse](Self::analyze) the one that matters.
#[derive(Debug)]
pub struct OpenedSnapshot<'f> {
    snapshot: Snapshot,
    computed: Option<Computed>,
    is_indexed: bool,
    place: Option<Place<'f>>,
}

/// Where the index of a file is, or would be.
#[derive(Debug)]
struct Place<'f> {
    indexes: &'f IndexFolder,
    path: PathBuf,
    identity: Identity,
}

impl<'f> OpenedSnapshot<'f> {
    /// Loads a file, or takes it from its index in the folder if it has one.
    pub fn open(
        path: &Path,
        limits: Limits,
        indexes: Option<&'f IndexFolder>,
        monitor: &dyn Monitor,
    ) -> Result<Self, LoadError> {
        let place = indexes.and_then(|indexes| {
            // Without an identity there is no index, and loading says better what is wrong.
            let identity = Identity::of(path).ok()?;
            Some(Place { indexes, path: path.to_owned(), identity })
        });
        if let Some(Place { indexes, identity, .. }) = &place
            && let Some((snapshot, computed)) = indexes.load(identity, limits, monitor)?
        {
            return Ok(Self { snapshot, computed, is_indexed: true, place });
        }
        let snapshot = Snapshot::open_within(path, limits, monitor)?;
        Ok(Self { snapshot, computed: None, is_indexed: false, place })
    }

    /// Makes an index of the snapshot alone, unless it has one. That it cannot be written is no
    /// error.
    pub fn keep(&self, monitor: &dyn Monitor) -> Result<(), Cancelled> {
        match &self.place {
            Some(place) if !self.is_indexed => place.store(&self.snapshot, None, monitor),
            _ => Ok(()),
        }
    }

    /// The snapshot's analysis: that of the index, or a new one, which will be in the index the next
    /// time.
    pub fn analyze(self, monitor: &dyn Monitor) -> Result<Analysis, Cancelled> {
        self.analyze_beside(monitor, |_| ())
    }

    /// The same, while something else is done with the snapshot: an analysis leaves a core idle for some of
    /// its time.
    pub fn analyze_beside(
        self,
        monitor: &dyn Monitor,
        other: impl FnOnce(&Snapshot) + Send,
    ) -> Result<Analysis, Cancelled> {
        let Self { snapshot, computed, is_indexed: _, place } = self;
        if let Some(computed) = computed {
            other(&snapshot);
            return Ok(computed.with(snapshot));
        }
        let computed = std::thread::scope(|scope| {
            scope.spawn(|| other(&snapshot));
            Computed::of(&snapshot, monitor)
        })?;
        let analysis = computed.with(snapshot);
        if let Some(place) = place {
            place.store(analysis.snapshot(), Some(analysis.computed()), monitor)?;
        }
        Ok(analysis)
    }
}

impl Place<'_> {
    fn store(
        &self,
        snapshot: &Snapshot,
        computed: Option<&Computed>,
        monitor: &dyn Monitor,
    ) -> Result<(), Cancelled> {
        // A file that changed while it was read has no index that would be right.
        if Identity::of(&self.path).is_ok_and(|now| now == self.identity) {
            self.indexes.store(&self.identity, snapshot, computed, monitor)?;
        }
        Ok(())
    }
}

impl Deref for OpenedSnapshot<'_> {
    type Target = Snapshot;

    fn deref(&self) -> &Snapshot {
        &self.snapshot
    }
}

impl Analysis {
    /// Loads and analyses a file, or takes both from its index in the folder if it has one; makes one
    /// if it has none. An index that cannot be written is no error.
    pub fn open(
        path: &Path,
        indexes: &IndexFolder,
        monitor: &dyn Monitor,
    ) -> Result<Analysis, LoadError> {
        Analysis::open_within(path, Limits::available(), indexes, monitor)
    }

    /// [`Self::open`] with a memory budget of the caller's.
    pub fn open_within(
        path: &Path,
        limits: Limits,
        indexes: &IndexFolder,
        monitor: &dyn Monitor,
    ) -> Result<Analysis, LoadError> {
        Ok(OpenedSnapshot::open(path, limits, Some(indexes), monitor)?.analyze(monitor)?)
    }
}
