//! Rows of numbers: a section is one long list of them, and a row may begin in one piece of the file
//! and end in another.

use super::section::Section;

/// The beginning of a row that is not complete yet.
#[derive(Debug, Default)]
pub(super) struct Row {
    begun: Vec<u64>,
}

/// Why a row was refused.
pub(super) struct Refused {
    /// Which of the numbers was the row's last.
    pub(super) number: usize,
    pub(super) problem: &'static str,
}

impl Row {
    /// Hands over all rows that are complete with these numbers, and keeps the rest.
    #[inline]
    pub(super) fn go_on(
        &mut self,
        numbers: &[u64],
        width: usize,
        mut take: impl FnMut(&[u64]) -> Result<(), &'static str>,
    ) -> Result<(), Refused> {
        let mut first = 0;
        if !self.begun.is_empty() {
            first = numbers.len().min(width - self.begun.len());
            self.begun.extend_from_slice(&numbers[..first]);
            if self.begun.len() < width {
                return Ok(());
            }
            take(&self.begun).map_err(|problem| Refused { number: first - 1, problem })?;
            self.begun.clear();
        }
        let numbers = &numbers[first..];
        // Of what V8 writes the compiler knows the width.
        match width {
            3 => each(numbers.as_chunks::<3>().0.iter(), take),
            6 => each(numbers.as_chunks::<6>().0.iter(), take),
            7 => each(numbers.as_chunks::<7>().0.iter(), take),
            _ => each(numbers.chunks_exact(width), take),
        }
        .map_err(|(row, problem)| Refused { number: first + (row + 1) * width - 1, problem })?;
        self.begun.extend_from_slice(&numbers[numbers.len() - numbers.len() % width..]);
        Ok(())
    }

    /// How many numbers the row has that is not complete.
    pub(super) fn begun(&self) -> usize {
        self.begun.len()
    }

    /// Whether the section ends with a complete row.
    pub(super) fn finish(&self, section: Section) -> Result<(), (&'static str, String)> {
        match self.begun.len() {
            0 => Ok(()),
            begun => Err((section.as_str(), format!("the last row has only {begun} numbers"))),
        }
    }
}

/// Hands over all rows, or says which one was refused.
#[inline]
fn each(
    rows: impl Iterator<Item = impl AsRef<[u64]>>,
    mut take: impl FnMut(&[u64]) -> Result<(), &'static str>,
) -> Result<(), (usize, &'static str)> {
    for (index, row) in rows.enumerate() {
        take(row.as_ref()).map_err(|problem| (index, problem))?;
    }
    Ok(())
}

/// The number in 32 bits.
#[inline]
pub(super) fn narrow(number: u64, problem: &'static str) -> Result<u32, &'static str> {
    u32::try_from(number).map_err(|_| problem)
}

/// The ordinal of the node whose first number is the `index`-th of its section.
#[inline]
pub(super) fn node(index: u64, width: u32) -> Result<u32, &'static str> {
    let width = u64::from(width);
    // Checked for 32 bits first: dividing those is three times as fast on many machines.
    let ordinal = match u32::try_from(index) {
        Ok(index) => u64::from(index / width as u32),
        Err(_) => index / width,
    };
    if ordinal * width != index {
        return Err("a reference leads into the middle of a node");
    }
    u32::try_from(ordinal).map_err(|_| "a reference leads past the last possible node")
}
