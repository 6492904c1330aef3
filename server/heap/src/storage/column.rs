//! How columns stand in an index: numbers in little-endian order, one after the other, a column's
//! length before it.
//!
//! A type that is kept implements [`Stored`]; [`stored!`](crate::storage::stored) does it for a struct,
//! field by field, and [`items!`](crate::storage::items) for the values of a column, both beside the
//! type's definition.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hash};

use super::item::Item;
use super::packed;
use super::section::{Failure, SectionReader, SectionWriter};

/// What can be written to an index and read back.
pub(crate) trait Stored: Sized {
    fn write(&self, section: &mut SectionWriter<'_>) -> Result<(), Failure>;
    fn read(section: &mut SectionReader<'_>) -> Result<Self, Failure>;
}

/// Implements [`Stored`] for a struct by writing its fields in this order.
macro_rules! stored {
    ($type:ty { $($field:ident),+ $(,)? }) => {
        impl $crate::storage::Stored for $type {
            fn write(
                &self,
                section: &mut $crate::storage::SectionWriter<'_>,
            ) -> Result<(), $crate::storage::Failure> {
                $($crate::storage::Stored::write(&self.$field, section)?;)+
                Ok(())
            }

            fn read(
                section: &mut $crate::storage::SectionReader<'_>,
            ) -> Result<Self, $crate::storage::Failure> {
                Ok(Self { $($field: $crate::storage::Stored::read(section)?),+ })
            }
        }
    };
}
pub(crate) use stored;

/// A value of which there are columns.
pub(crate) trait Column: Item {
    fn write_column(section: &mut SectionWriter<'_>, column: &[Self]) -> Result<(), Failure> {
        section.items(column)
    }

    fn read_column(section: &mut SectionReader<'_>, count: u64) -> Result<Vec<Self>, Failure> {
        section.items(count)
    }
}

impl Column for u8 {}
impl Column for u16 {}
impl Column for u64 {}
impl<A: Item, B: Item> Column for (A, B) {}

impl Column for u32 {
    fn write_column(section: &mut SectionWriter<'_>, column: &[u32]) -> Result<(), Failure> {
        packed::write(section, column)
    }

    fn read_column(section: &mut SectionReader<'_>, count: u64) -> Result<Vec<u32>, Failure> {
        packed::read(section, count)
    }
}

/// Makes a type one of which there are columns, by way of another one.
macro_rules! items {
    ($($type:ty: $number:ty, $put:expr, $get:expr;)+) => {$(
        impl $crate::storage::Item for $type {
            const BYTES: usize = <$number as $crate::storage::Item>::BYTES;

            #[inline]
            fn put(self, bytes: &mut [u8]) {
                let put: fn($type) -> $number = $put;
                $crate::storage::Item::put(put(self), bytes);
            }

            #[inline]
            fn get(bytes: &[u8]) -> Self {
                let get: fn($number) -> $type = $get;
                get(<$number as $crate::storage::Item>::get(bytes))
            }
        }

        impl $crate::storage::Column for $type {}
    )+};
}
pub(crate) use items;

items! {
    usize: u64, |number| number as u64, |number| number as usize;
    [u32; 2]: (u32, u32), |[a, b]| (a, b), |(a, b)| [a, b];
}

impl<T: Column> Stored for Vec<T> {
    fn write(&self, section: &mut SectionWriter<'_>) -> Result<(), Failure> {
        (self.len() as u64).write(section)?;
        section.will_take_memory(size_of_val(self.as_slice()) as u64);
        T::write_column(section, self)
    }

    fn read(section: &mut SectionReader<'_>) -> Result<Self, Failure> {
        let length = u64::read(section)?;
        T::read_column(section, length)
    }
}

impl<K: Item + Ord + Hash, V: Item + Ord, S: BuildHasher + Default> Stored for HashMap<K, V, S> {
    fn write(&self, section: &mut SectionWriter<'_>) -> Result<(), Failure> {
        let mut entries: Vec<(K, V)> = self.iter().map(|(&key, &value)| (key, value)).collect();
        entries.sort_unstable();
        section.will_take_memory(table::<K, V>(entries.len()));
        entries.write(section)
    }

    fn read(section: &mut SectionReader<'_>) -> Result<Self, Failure> {
        let entries = Vec::<(K, V)>::read(section)?;
        section.take_memory(table::<K, V>(entries.len()))?;
        Ok(entries.into_iter().collect())
    }
}

/// Bytes of a table that just grew: it is less than half full, and has a byte more for each place.
fn table<K, V>(entries: usize) -> u64 {
    entries as u64 * 3 * (size_of::<(K, V)>() as u64 + 1)
}

impl<T: Stored> Stored for Option<T> {
    fn write(&self, section: &mut SectionWriter<'_>) -> Result<(), Failure> {
        self.is_some().write(section)?;
        self.as_ref().map_or(Ok(()), |value| value.write(section))
    }

    fn read(section: &mut SectionReader<'_>) -> Result<Self, Failure> {
        Ok(if bool::read(section)? { Some(T::read(section)?) } else { None })
    }
}

impl Stored for String {
    fn write(&self, section: &mut SectionWriter<'_>) -> Result<(), Failure> {
        (self.len() as u64).write(section)?;
        section.will_take_memory(self.len() as u64);
        section.items(self.as_bytes())
    }

    fn read(section: &mut SectionReader<'_>) -> Result<Self, Failure> {
        String::from_utf8(Vec::read(section)?).map_err(|_| Failure::Damaged)
    }
}

impl Stored for Vec<String> {
    fn write(&self, section: &mut SectionWriter<'_>) -> Result<(), Failure> {
        let bytes = self.concat().into_bytes();
        section.will_take_memory((size_of_val(self.as_slice()) + bytes.len()) as u64);
        self.iter().map(|text| text.len() as u32).collect::<Vec<_>>().write(section)?;
        bytes.write(section)
    }

    fn read(section: &mut SectionReader<'_>) -> Result<Self, Failure> {
        let lengths = Vec::<u32>::read(section)?;
        let bytes = Vec::<u8>::read(section)?;
        section.take_memory((lengths.len() * size_of::<String>() + bytes.len()) as u64)?;
        let mut rest = std::str::from_utf8(&bytes).map_err(|_| Failure::Damaged)?;
        lengths
            .into_iter()
            .map(|length| {
                let (text, after) =
                    rest.split_at_checked(length as usize).ok_or(Failure::Damaged)?;
                rest = after;
                Ok(text.to_owned())
            })
            .collect()
    }
}

impl Stored for u64 {
    fn write(&self, section: &mut SectionWriter<'_>) -> Result<(), Failure> {
        section.items(&[*self])
    }

    fn read(section: &mut SectionReader<'_>) -> Result<Self, Failure> {
        Ok(Self::from_le_bytes(*section.array()?))
    }
}

impl Stored for bool {
    fn write(&self, section: &mut SectionWriter<'_>) -> Result<(), Failure> {
        section.items(&[u8::from(*self)])
    }

    fn read(section: &mut SectionReader<'_>) -> Result<Self, Failure> {
        Ok(*section.array()? == [1])
    }
}

/// Distances: above and below 0, but close together.
impl Stored for Vec<i32> {
    fn write(&self, section: &mut SectionWriter<'_>) -> Result<(), Failure> {
        let column: Vec<u32> = self.iter().map(|number| number.cast_unsigned() ^ SIGN).collect();
        column.write(section)
    }

    fn read(section: &mut SectionReader<'_>) -> Result<Self, Failure> {
        let column = Vec::<u32>::read(section)?;
        Ok(column.into_iter().map(|number| (number ^ SIGN).cast_signed()).collect())
    }
}

/// Exchanged, it puts 32-bit numbers with a sign in the order of those without.
const SIGN: u32 = 1 << 31;

/// Whether all are ordinals of a table of so many rows.
pub(crate) fn are_below(ordinals: &[u32], rows: usize) -> bool {
    // Without an early end, sixteen at a time are compared.
    let largest = ordinals.iter().fold(0, |most, &ordinal| most.max(ordinal));
    ordinals.is_empty() || (largest as usize) < rows
}

/// Whether these are the starts of as many groups as there are rows, and the end of the last, in a
/// table of `length` rows.
pub(crate) fn are_ranges(starts: &[u32], rows: usize, length: usize) -> bool {
    starts.len() == rows + 1
        && starts.first() == Some(&0)
        && starts.last().is_some_and(|&end| end as usize == length)
        && starts.is_sorted()
}
