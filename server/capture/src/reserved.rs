//! A name that is held for a snapshot which is taken later, so that two captures into one folder never share
//! a series' names.
//!
//! What holds it is the `.part` file of the snapshot itself ([`crate::files`]).

use crate::files::PartFile;
use std::{
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

/// A name that nothing else gets until the snapshot is taken. If it never is, the name is free again when
/// the last copy of this is dropped.
#[derive(Clone)]
pub struct Reserved {
    folder: PathBuf,
    /// Until the snapshot takes it.
    part: Arc<Mutex<Option<PartFile>>>,
}

impl Reserved {
    pub(crate) fn new(folder: PathBuf, part: PartFile) -> Self {
        Self { folder, part: Arc::new(Mutex::new(Some(part))) }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// `None` if a snapshot has it already.
    pub(crate) fn take(&self) -> Option<PartFile> {
        self.part.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl PartialEq for Reserved {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.part, &other.part)
    }
}

impl Eq for Reserved {}

impl fmt::Debug for Reserved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reserved").field("folder", &self.folder).finish_non_exhaustive()
    }
}
