//! The small sections, of which most files have none: allocation stacks, samples, scopes.
//!
//! Their rows are built as the numbers come, so that they take what is kept and no more. Nothing
//! depends on the counts that the header gives for them: V8 undercounts when it records itself.

use super::header::{Layout, Places};
use super::rows::{Refused, Row};
use super::section::Section;
use crate::allocations::{Allocations, Sample, TraceCalls, TraceFunction};
use crate::budget::Budget;
use crate::error::LoadError;
use crate::ordinals::{NodeId, NodeOrdinal, StringIndex};
use crate::scope_tables::{DeclaredScope, ScopeTables, ScopeUse};

/// Bytes of the shortest call in the file: four numbers, their commas and a bracket.
const MIN_CALL: usize = 9;

/// What has been read of the small sections.
#[derive(Debug, Default)]
pub(super) struct Tables {
    trace_functions: Table<TraceFunction>,
    samples: Table<Sample>,
    scopes: Table<DeclaredScope>,
    scope_variables: Table<u32>,
    scope_uses: Table<ScopeUse>,
    pub(super) trace_tree: TraceTree,
    /// Where the variables and the uses of the next scope begin.
    next_variable: u32,
    next_use: u32,
}

impl Tables {
    /// Makes room for the rows of so many numbers.
    pub(super) fn make_room(
        &mut self,
        section: Section,
        numbers: usize,
        layout: &Layout,
        budget: &mut Budget,
    ) -> Result<(), LoadError> {
        let places = &layout.tables;
        match section {
            Section::TraceFunctions => {
                self.trace_functions.make_room(numbers, places.trace_functions, budget)
            }
            Section::Samples => self.samples.make_room(numbers, places.samples, budget),
            Section::Scopes => self.scopes.make_room(numbers, places.scopes, budget),
            Section::ScopeVariables => {
                self.scope_variables.make_room(numbers, places.scope_variables, budget)
            }
            Section::ScopeUses => self.scope_uses.make_room(numbers, places.scope_uses, budget),
            Section::Nodes | Section::Edges | Section::Locations | Section::TraceTree => Ok(()),
        }
    }

    /// Puts the rows of the next numbers into the section's table.
    pub(super) fn take(
        &mut self,
        section: Section,
        numbers: &[u64],
        layout: &Layout,
    ) -> Result<(), Refused> {
        let places = &layout.tables;
        match section {
            Section::TraceFunctions => {
                self.trace_functions.take(numbers, places.trace_functions, trace_function)
            }
            Section::Samples => self.samples.take(numbers, places.samples, |[microseconds, id]| {
                Sample { microseconds, last_id: NodeId(clamp(id)) }
            }),
            Section::Scopes => {
                let node_width = layout.nodes.width as u64;
                let Self { scopes, next_variable, next_use, .. } = self;
                scopes.take(numbers, places.scopes, |[script, id, depth, variables, uses]| {
                    DeclaredScope {
                        script: NodeOrdinal::new(clamp(script / node_width) as usize),
                        id: clamp(id),
                        depth: clamp(depth),
                        variables: range(next_variable, variables),
                        uses: range(next_use, uses),
                    }
                })
            }
            Section::ScopeVariables => {
                self.scope_variables.take(numbers, places.scope_variables, |[name]| clamp(name))
            }
            Section::ScopeUses => {
                self.scope_uses.take(numbers, places.scope_uses, |[scope, slot]| ScopeUse {
                    scope: clamp(scope),
                    slot: clamp(slot),
                })
            }
            Section::Nodes | Section::Edges | Section::Locations | Section::TraceTree => Ok(()),
        }
    }

    /// How many numbers of the section were read.
    pub(super) fn numbers(&self, section: Section) -> u64 {
        match section {
            Section::TraceFunctions => self.trace_functions.numbers,
            Section::TraceTree => self.trace_tree.numbers(),
            Section::Samples => self.samples.numbers,
            Section::Scopes => self.scopes.numbers,
            Section::ScopeVariables => self.scope_variables.numbers,
            Section::ScopeUses => self.scope_uses.numbers,
            Section::Nodes | Section::Edges | Section::Locations => 0,
        }
    }

    /// Bytes of memory that the rows take.
    pub(super) fn bytes(&self) -> u64 {
        self.trace_functions.bytes()
            + self.samples.bytes()
            + self.scopes.bytes()
            + self.scope_variables.bytes()
            + self.scope_uses.bytes()
            + self.trace_tree.bytes()
    }

    /// All tables, or which section is not complete.
    pub(super) fn finish(
        self,
        layout: &Layout,
        by_node: Vec<(NodeOrdinal, u32)>,
    ) -> Result<(Allocations, ScopeTables), (&'static str, String)> {
        let allocations = Allocations {
            functions: self.trace_functions.finish(Section::TraceFunctions)?,
            // Calls in an order that no V8 has written so far are left out.
            tree: if layout.tables.has_trace_tree {
                self.trace_tree.finish()
            } else {
                TraceCalls::default()
            },
            by_node,
            samples: self.samples.finish(Section::Samples)?,
        };
        let variables = self.scope_variables.finish(Section::ScopeVariables)?;
        let uses = self.scope_uses.finish(Section::ScopeUses)?;
        let mut all = self.scopes.finish(Section::Scopes)?;
        for scope in &mut all {
            // What is counted and not there is left out.
            scope.variables = scope.variables.map(|place| place.min(clamp(variables.len() as u64)));
            scope.uses = scope.uses.map(|place| place.min(clamp(uses.len() as u64)));
        }
        Ok((allocations, ScopeTables { all, variables, uses }))
    }
}

fn trace_function([name, script_name, script, line, column]: [u64; 5]) -> TraceFunction {
    TraceFunction {
        name: StringIndex::new(clamp(name) as usize),
        script_name: StringIndex::new(clamp(script_name) as usize),
        script: clamp(script),
        line: clamp(line),
        column: clamp(column),
    }
}

/// The next `count` rows.
fn range(next: &mut u32, count: u64) -> [u32; 2] {
    let start = *next;
    *next = clamp(u64::from(start).saturating_add(count));
    [start, *next]
}

/// The rows of one section.
#[derive(Debug)]
struct Table<T> {
    row: Row,
    rows: Vec<T>,
    /// How many numbers were read.
    numbers: u64,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self { row: Row::default(), rows: Vec::new(), numbers: 0 }
    }
}

impl<T> Table<T> {
    fn make_room<const N: usize>(
        &mut self,
        numbers: usize,
        places: Option<Places<N>>,
        budget: &mut Budget,
    ) -> Result<(), LoadError> {
        places.map_or(Ok(()), |places| budget.make_room(&mut self.rows, numbers / places.width + 1))
    }

    /// Adds what the numbers complete. Nothing is kept if the header does not say where the fields
    /// are.
    fn take<const N: usize>(
        &mut self,
        numbers: &[u64],
        places: Option<Places<N>>,
        mut row: impl FnMut([u64; N]) -> T,
    ) -> Result<(), Refused> {
        self.numbers += numbers.len() as u64;
        let Some(places) = places else { return Ok(()) };
        let rows = &mut self.rows;
        self.row.go_on(numbers, places.width, |fields| {
            rows.push(row(places.fields.map(|field| fields[field])));
            Ok(())
        })
    }

    fn bytes(&self) -> u64 {
        size_of_val(self.rows.as_slice()) as u64
    }

    fn finish(mut self, section: Section) -> Result<Vec<T>, (&'static str, String)> {
        self.row.finish(section)?;
        self.rows.shrink_to_fit();
        Ok(self.rows)
    }
}

/// The stacks under which objects were allocated: calls that contain the lists of their callees.
///
/// ```text
/// [id, function, count, size, [id, function, count, size, [], …]]
/// ```
#[derive(Debug, Default)]
pub(super) struct TraceTree {
    calls: TraceCalls,
    /// The calls whose lists are open.
    path: Vec<u32>,
    row: [u64; 4],
    filled: usize,
}

impl TraceTree {
    /// What the header calls the fields, in this order.
    pub(super) const FIELDS: [&str; 5] = ["id", "function_info_index", "count", "size", "children"];

    /// The parent of the outermost call.
    const NO_PARENT: u32 = u32::MAX;

    /// Makes room for the calls of so many bytes.
    pub(super) fn make_room(&mut self, bytes: usize, budget: &mut Budget) -> Result<(), LoadError> {
        let more = bytes / MIN_CALL + 1;
        let TraceCalls { ids, functions, parents, counts, sizes } = &mut self.calls;
        for column in [ids, functions, parents, &mut self.path] {
            budget.make_room(column, more)?;
        }
        budget.make_room(counts, more)?;
        budget.make_room(sizes, more)
    }

    pub(super) fn push(&mut self, number: u64) -> Result<(), &'static str> {
        let place = self.row.get_mut(self.filled).ok_or("a call has no list of callees")?;
        *place = number;
        self.filled += 1;
        Ok(())
    }

    /// A list begins.
    pub(super) fn open(&mut self) -> Result<(), &'static str> {
        let place = self.calls.ids.len();
        if self.filled < self.row.len() || place == Self::NO_PARENT as usize {
            return Err("a list of callees stands where a number should be");
        }
        self.filled = 0;
        let [id, function, count, size] = self.row;
        self.calls.ids.push(clamp(id));
        self.calls.functions.push(clamp(function));
        self.calls.parents.push(self.path.last().copied().unwrap_or(Self::NO_PARENT));
        self.calls.counts.push(count);
        self.calls.sizes.push(size);
        self.path.push(place as u32);
        Ok(())
    }

    /// A list ends; true if it is the section.
    pub(super) fn close(&mut self) -> Result<bool, &'static str> {
        if self.filled == 0 { Ok(self.path.pop().is_none()) } else { Err("a call is not complete") }
    }

    /// How many numbers were read.
    fn numbers(&self) -> u64 {
        (self.row.len() * self.calls.ids.len() + self.filled) as u64
    }

    fn bytes(&self) -> u64 {
        let call = 3 * size_of::<u32>() + 2 * size_of::<u64>();
        (call * self.calls.ids.len() + size_of_val(self.path.as_slice())) as u64
    }

    fn finish(mut self) -> TraceCalls {
        let TraceCalls { ids, functions, parents, counts, sizes } = &mut self.calls;
        for column in [ids, functions, parents] {
            column.shrink_to_fit();
        }
        for column in [counts, sizes] {
            column.shrink_to_fit();
        }
        self.calls
    }
}

fn clamp(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
