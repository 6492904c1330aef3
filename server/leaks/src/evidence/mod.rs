//! What N snapshots and the sources say of a thing. Shared questions of the rules stand here; verdicts do
//! not.

pub(crate) mod captured_variables;
pub(crate) mod churn;
mod collection;
pub(crate) mod growing_collections;
pub(crate) mod in_flight;
pub(crate) mod in_force;
pub(crate) mod members;
mod nested_growth;
mod of_each;
pub(crate) mod parts;
mod run;
pub(crate) mod same_members;
pub(crate) mod scopes_around;
pub(crate) mod turnover;
mod watch;

pub(crate) use collection::{Form, GrowingCollection};
pub(crate) use of_each::of_each;
pub(crate) use run::Evidence;
pub(crate) use watch::Watch;
