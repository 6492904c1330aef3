//! Index files: analyses kept on disk, so that a snapshot that was analysed before opens at once.
//!
//! ```text
//! header    magic, engine's version │ the snapshot's identity │ rows of its tables
//!           │ length, memory and checksum of each section │ checksum
//! sections  edges │ nodes │ the rest of the snapshot │ what was computed, or nothing
//! ```
//!
//! All columns are in it, the computed ones and the scanned ones: reading the snapshot's text takes
//! about as long as analysing it, so an index with the computed columns alone could never be 15 times
//! as fast. Not in it is what is made on demand: retainers, the dominator tree's other direction.
//!
//! Two threads read the sections, piece by piece while the processor's cache has them. Half of that
//! time goes to the system, which hands out the columns' memory. The file is not mapped: nothing that
//! happens to the index later can change, or harm, what was read.
//!
//! An index is only a memory of work done. Whatever is wrong with it (cut off, damaged, of another
//! engine, of the file before it changed), it is removed and the snapshot analysed anew. Lengths and
//! ordinals are checked beyond the checksums, so that not even a forged one makes anything panic,
//! turn in circles, or take more memory than allowed; the fuzz target `index` sees to that.

mod file;
mod folder;
#[cfg(any(test, feature = "fuzz"))]
mod forged;
mod identity;
mod opened;
mod parts;
#[cfg(test)]
mod tests;

pub use folder::{IndexFolder, RelativeFolder};
#[cfg(test)]
pub(crate) use forged::index_of;
#[cfg(any(test, feature = "fuzz"))]
pub(crate) use forged::read_forged;
pub use opened::OpenedSnapshot;
