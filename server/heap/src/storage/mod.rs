//! How columns are kept in a file, whatever they are of: numbers in little-endian order, packed where
//! neighbours are alike, section by section with a checksum.
//!
//! It knows no snapshot and no analysis. Their types say beside their definitions how they are kept
//! ([`stored!`](stored), [`items!`](items)); which sections a file has is the business of
//! [`index`](crate::index).

mod column;
mod counts;
mod item;
mod packed;
mod section;

pub(crate) use column::{Column, Stored, are_below, are_ranges, items, stored};
pub(crate) use counts::{Counts, ensure};
pub(crate) use item::Item;
pub(crate) use section::{Failure, SectionReader, SectionSum, SectionWriter, Work};
