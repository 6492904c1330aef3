//! What `DevTools` computes from a snapshot: retained sizes, distances, classes and the rest.
//!
//! [`Analysis::new`] runs the phases, each in a file of its own, each freeing what the next ones do
//! not need; two at a time, each pair of about the same length:
//!
//! ```text
//! detachedness ─┬─ page objects ─ essential edges ─┬─ dominator tree ─┬─ retained sizes
//!               └─ shallow sizes                   └─ distances       └─ classes
//! ```
//!
//! The rules are those of `DevTools`' `HeapSnapshot.ts` (2026), to the byte; where two of its rules
//! disagree with common sense, the comment says so and the rule stands.

mod added_names;
mod aggregates;
mod allocation_sites;
mod beside;
mod classes;
mod comparison;
mod computed;
mod concatenated;
mod detachedness;
mod distances;
mod dominated;
mod dominators;
mod duplicates;
mod ephemerons;
mod essential;
mod filters;
mod flags;
mod ignored_retainers;
mod instance_index;
mod instances;
mod interfaces;
mod names;
mod pages;
mod paths;
mod reachable;
mod reclassified;
mod retained_by_set;
mod retainers;
mod retaining_paths;
mod roots;
mod shallow;
mod statistics;
mod stored;
#[cfg(test)]
mod tests;

pub use aggregates::Aggregate;
pub use allocation_sites::AllocationSite;
pub use comparison::ClassChange;
pub use computed::Analysis;
pub(crate) use computed::Computed;
pub use duplicates::DuplicateStrings;
pub use filters::Filter;
pub use ignored_retainers::IgnoredRetainers;
pub use pages::{Page, PageOrder, PageRequest};
pub use retaining_paths::{PathLimits, RetainingEdge, RetainingPaths};
pub use statistics::Statistics;
