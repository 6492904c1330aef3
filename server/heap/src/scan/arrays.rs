//! The sections that are arrays of numbers: numbers go into columns, stretch by stretch.

use super::numbers::{Digits, Stop};
use super::refusal::unexpected;
use super::rows::Refused;
use super::section::Section;
use super::{STRETCH, Scanner, State};
use crate::error::LoadError;

impl Scanner {
    pub(super) fn numbers(&mut self, section: Section, bytes: &[u8]) -> Result<usize, LoadError> {
        let bytes = &bytes[..bytes.len().min(STRETCH)];
        let Self { digits, columns, budget, .. } = self;
        if section == Section::TraceTree {
            let tree = &mut columns.tables.trace_tree;
            tree.make_room(bytes.len(), budget)?;
            let stop = digits.read(bytes, |number| tree.push(number));
            return self.stopped(section, bytes, &stop);
        }
        let before = *digits;
        let mut numbers = std::mem::take(&mut self.stretch);
        let stop = digits.read_all(bytes, &mut numbers);
        self.make_room(section, numbers.as_slice().len())?;
        let taken = self.take(section, numbers.as_slice());
        numbers.clear();
        self.stretch = numbers;
        taken.map_err(|refused| self.refused(section, refused, before, bytes))?;
        self.stopped(section, bytes, &stop)
    }

    /// Makes room for so many numbers of a section.
    pub(super) fn make_room(&mut self, section: Section, numbers: usize) -> Result<(), LoadError> {
        let Self { columns, budget, early, .. } = self;
        let Some(layout) = &self.layout else {
            return budget.make_room(early_numbers(early, section), numbers);
        };
        match section {
            Section::Nodes => columns.nodes.make_room_for_numbers(numbers, &layout.nodes, budget),
            Section::Edges => columns.edges.make_room_for_numbers(numbers, &layout.edges, budget),
            Section::Locations => {
                columns.locations.make_room_for_numbers(numbers, &layout.locations, budget)
            }
            small => columns.tables.make_room(small, numbers, layout, budget),
        }
    }

    /// Puts numbers of a section into its columns, or aside until the header explains them.
    pub(super) fn take(&mut self, section: Section, numbers: &[u64]) -> Result<(), Refused> {
        let Self { columns, early, .. } = self;
        let Some(layout) = &self.layout else {
            early_numbers(early, section).extend_from_slice(numbers);
            return Ok(());
        };
        match section {
            Section::Nodes => columns.nodes.take(numbers, &layout.nodes),
            Section::Edges => columns.edges.take(numbers, &layout.edges),
            Section::Locations => columns.locations.take(numbers, &layout.locations),
            small => columns.tables.take(small, numbers, layout),
        }
    }

    /// Says where among the bytes the number stands that completes a row that is none.
    pub(super) fn refused(
        &self,
        section: Section,
        Refused { number, problem }: Refused,
        before: Digits,
        bytes: &[u8],
    ) -> LoadError {
        self.malformed(section.as_str(), before.place_of(number, bytes), problem.into())
    }

    /// How many of the bytes were used, and what comes next.
    fn stopped(&mut self, section: Section, bytes: &[u8], stop: &Stop) -> Result<usize, LoadError> {
        let is_tree = section == Section::TraceTree;
        let tree = &mut self.columns.tables.trace_tree;
        let (used, problem) = match *stop {
            Stop::EndOfBytes => return Ok(bytes.len()),
            Stop::EndOfArray(used) if is_tree => match tree.close() {
                Ok(is_end) => {
                    if is_end {
                        self.state = State::AfterValue;
                    }
                    return Ok(used);
                }
                Err(problem) => (used, problem.to_owned()),
            },
            Stop::EndOfArray(used) => {
                self.state = State::AfterValue;
                return Ok(used);
            }
            Stop::Unexpected(used) if is_tree && bytes[used] == b'[' => match tree.open() {
                Ok(()) => return Ok(used + 1),
                Err(problem) => (used, problem.to_owned()),
            },
            Stop::Unexpected(used) => (used, unexpected(bytes[used], "a whole number")),
            Stop::Refused(used, problem) => (used, problem.to_owned()),
        };
        Err(self.malformed(section.as_str(), used, problem))
    }
}

/// Where the numbers of a section stand that came before the header.
fn early_numbers(early: &mut Vec<(Section, Vec<u64>)>, section: Section) -> &mut Vec<u64> {
    let known = early.iter().position(|(known, _)| *known == section);
    let place = known.unwrap_or_else(|| {
        early.push((section, Vec::new()));
        early.len() - 1
    });
    &mut early[place].1
}
