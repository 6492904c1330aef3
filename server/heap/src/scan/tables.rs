//! The small sections, of which most files have none: allocation stacks, samples, scopes.
//!
//! Their numbers are kept as they come and put into rows when the file is complete. Nothing depends
//! on the counts that the header gives for them: V8 undercounts when it records itself.

use super::Section;
use super::header::TableFields;
use crate::allocations::{Allocations, Sample, TraceCalls, TraceFunction};
use crate::budget::Budget;
use crate::error::LoadError;
use crate::ordinals::{NodeId, NodeOrdinal, StringIndex};
use crate::scope_tables::{DeclaredScope, ScopeTables, ScopeUse};

/// Bytes of a number in the file: a digit and a comma.
const SHORTEST_NUMBER: usize = 2;
/// Bytes of a call: four numbers and a bracket.
const SHORTEST_CALL: usize = 9;

/// What has been read of the small sections.
#[derive(Debug, Default)]
pub(super) struct Tables {
    trace_functions: Vec<u64>,
    samples: Vec<u64>,
    scopes: Vec<u64>,
    scope_variables: Vec<u64>,
    scope_uses: Vec<u64>,
    pub(super) trace_tree: TraceTree,
}

impl Tables {
    /// The numbers of the section. None for the large sections, and for the tree.
    pub(super) fn numbers(&self, section: Section) -> Option<&Vec<u64>> {
        match section {
            Section::TraceFunctions => Some(&self.trace_functions),
            Section::Samples => Some(&self.samples),
            Section::Scopes => Some(&self.scopes),
            Section::ScopeVariables => Some(&self.scope_variables),
            Section::ScopeUses => Some(&self.scope_uses),
            Section::Nodes | Section::Edges | Section::Locations | Section::TraceTree => None,
        }
    }

    pub(super) fn numbers_mut(&mut self, section: Section) -> Option<&mut Vec<u64>> {
        match section {
            Section::TraceFunctions => Some(&mut self.trace_functions),
            Section::Samples => Some(&mut self.samples),
            Section::Scopes => Some(&mut self.scopes),
            Section::ScopeVariables => Some(&mut self.scope_variables),
            Section::ScopeUses => Some(&mut self.scope_uses),
            Section::Nodes | Section::Edges | Section::Locations | Section::TraceTree => None,
        }
    }

    /// Makes room for the numbers of so many bytes more.
    pub(super) fn make_room(
        &mut self,
        section: Section,
        bytes: usize,
        budget: &mut Budget,
    ) -> Result<(), LoadError> {
        match self.numbers_mut(section) {
            Some(numbers) => budget.make_room(numbers, bytes / SHORTEST_NUMBER + 1),
            None => self.trace_tree.make_room(bytes / SHORTEST_CALL + 1, budget),
        }
    }

    /// Memory that they take, and that their rows will take.
    pub(super) fn bytes(&self) -> u64 {
        let numbers = [
            &self.trace_functions,
            &self.samples,
            &self.scopes,
            &self.scope_variables,
            &self.scope_uses,
        ];
        let numbers: usize = numbers.iter().map(|numbers| numbers.len()).sum();
        (2 * 8 * numbers + (40 + 28) * self.trace_tree.rows.len()) as u64
    }

    pub(super) fn allocations(
        &self,
        fields: &TableFields,
        by_node: Vec<(NodeOrdinal, u32)>,
    ) -> Result<Allocations, (&'static str, String)> {
        let names = ["name", "script_name", "script_id", "line", "column"];
        let functions =
            rows(Section::TraceFunctions, &self.trace_functions, &fields.trace_functions, names)?;
        let functions = functions
            .map(|[name, script_name, script, line, column]| TraceFunction {
                name: StringIndex::new(clamp(name) as usize),
                script_name: StringIndex::new(clamp(script_name) as usize),
                script: clamp(script),
                line: clamp(line),
                column: clamp(column),
            })
            .collect();
        let names = ["timestamp_us", "last_assigned_id"];
        let samples = rows(Section::Samples, &self.samples, &fields.samples, names)?
            .map(|[microseconds, id]| Sample { microseconds, last_id: NodeId(clamp(id)) })
            .collect();
        let mut allocations = Allocations { functions, by_node, samples, ..Allocations::default() };
        let names = ["id", "function_info_index", "count", "size", "children"];
        let Some([id, function, count, size, 4]) = places(&fields.trace_nodes, names) else {
            // Calls in an order that no V8 has written so far.
            return Ok(allocations);
        };
        let rows = &self.trace_tree.rows;
        // Collected one after the other, so that each is of the right size at once.
        allocations.tree = TraceCalls {
            ids: rows.iter().map(|row| clamp(row[id])).collect(),
            functions: rows.iter().map(|row| clamp(row[function])).collect(),
            parents: self.trace_tree.parents.clone(),
            counts: rows.iter().map(|row| row[count]).collect(),
            sizes: rows.iter().map(|row| row[size]).collect(),
        };
        Ok(allocations)
    }

    pub(super) fn scopes(
        &self,
        fields: &TableFields,
        node_width: u64,
    ) -> Result<ScopeTables, (&'static str, String)> {
        let variables = rows(
            Section::ScopeVariables,
            &self.scope_variables,
            &fields.scope_variables,
            ["name"],
        )?;
        let variables = variables.map(|[name]| clamp(name)).collect::<Vec<_>>();
        let names = ["declaring_scope_id", "slot_index"];
        let uses = rows(Section::ScopeUses, &self.scope_uses, &fields.scope_uses, names)?;
        let uses = uses.map(|[scope, slot]| ScopeUse { scope: clamp(scope), slot: clamp(slot) });
        let uses = uses.collect::<Vec<_>>();
        let names = [
            "script_node_index",
            "scope_id",
            "depth",
            "scope_context_vars_count",
            "scope_uses_count",
        ];
        let (mut first_variable, mut first_use) = (0_u64, 0_u64);
        let scopes = rows(Section::Scopes, &self.scopes, &fields.scopes, names)?
            .map(|[script, id, depth, variable_count, use_count]| {
                // What is counted and not there is left out.
                let range = |first: &mut u64, count, length: usize| {
                    let start = (*first).min(length as u64);
                    *first = first.saturating_add(count);
                    [start as u32, (*first).min(length as u64) as u32]
                };
                DeclaredScope {
                    script: NodeOrdinal::new(clamp(script / node_width) as usize),
                    id: clamp(id),
                    depth: clamp(depth),
                    variables: range(&mut first_variable, variable_count, variables.len()),
                    uses: range(&mut first_use, use_count, uses.len()),
                }
            })
            .collect();
        Ok(ScopeTables { all: scopes, variables, uses })
    }
}

/// The stacks under which objects were allocated: calls that contain the lists of their callees.
///
/// ```text
/// [id, function, count, size, [id, function, count, size, [], …]]
/// ```
#[derive(Debug, Default)]
pub(super) struct TraceTree {
    rows: Vec<[u64; 4]>,
    parents: Vec<u32>,
    /// The calls whose lists are open.
    path: Vec<u32>,
    row: [u64; 4],
    filled: usize,
}

impl TraceTree {
    /// The parent of the outermost call.
    pub(super) const NO_PARENT: u32 = u32::MAX;

    fn make_room(&mut self, calls: usize, budget: &mut Budget) -> Result<(), LoadError> {
        budget.make_room(&mut self.rows, calls)?;
        budget.make_room(&mut self.parents, calls)?;
        budget.make_room(&mut self.path, calls)
    }

    pub(super) fn push(&mut self, number: u64) -> Result<(), &'static str> {
        let place = self.row.get_mut(self.filled).ok_or("a call has no list of callees")?;
        *place = number;
        self.filled += 1;
        Ok(())
    }

    /// A list begins.
    pub(super) fn open(&mut self) -> Result<(), &'static str> {
        if self.filled < self.row.len() || self.rows.len() == Self::NO_PARENT as usize {
            return Err("a list of callees stands where a number should be");
        }
        self.filled = 0;
        self.parents.push(self.path.last().copied().unwrap_or(Self::NO_PARENT));
        self.path.push(self.rows.len() as u32);
        self.rows.push(self.row);
        Ok(())
    }

    /// A list ends; true if it is the section.
    pub(super) fn close(&mut self) -> Result<bool, &'static str> {
        if self.filled == 0 { Ok(self.path.pop().is_none()) } else { Err("a call is not complete") }
    }

    /// How many numbers were read.
    pub(super) fn numbers(&self) -> u64 {
        (4 * self.rows.len() + self.filled) as u64
    }
}

fn places<const N: usize>(fields: &[String], names: [&str; N]) -> Option<[usize; N]> {
    let mut places = [0; N];
    for (place, name) in places.iter_mut().zip(names) {
        *place = fields.iter().position(|field| field == name)?;
    }
    Some(places)
}

/// The fields of these names, row by row. Nothing if the header does not say where they are.
fn rows<'n, const N: usize>(
    section: Section,
    numbers: &'n [u64],
    fields: &[String],
    names: [&str; N],
) -> Result<impl Iterator<Item = [u64; N]> + use<'n, N>, (&'static str, String)> {
    let places = places(fields, names);
    let numbers = if places.is_some() { numbers } else { &[] };
    let rows = numbers.chunks_exact(fields.len().max(1));
    match rows.remainder().len() {
        0 => Ok(rows.map(move |row| places.unwrap_or([0; N]).map(|place| row[place]))),
        filled => Err((section.as_str(), format!("the last row has only {filled} numbers"))),
    }
}

fn clamp(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
