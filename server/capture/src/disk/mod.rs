//! Where snapshots go on disk, private to the user, and never half-written under their final name.

mod destination;
mod folder;
mod ignored;
mod names;
mod part;
mod room;
mod stale;

pub use destination::{Destination, Reserved};
pub use folder::default_folder;
pub(crate) use folder::may_show_in_git;
pub(crate) use ignored::IGNORE_FILE;
pub(crate) use part::PartFile;
