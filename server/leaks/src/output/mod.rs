//! What goes out beside the findings: hovers' places, packages, what grew, what fills the heap, the report as
//! JSON, and carried over to the texts of now. It decides nothing about leaks and words no sentence.

mod by_code;
pub(crate) mod contents;
pub(crate) mod growth;
pub(crate) mod hover_sites;
pub mod json;
mod known_leaks;
pub(crate) mod packages;
mod shares;
pub(crate) mod to_current_text;
pub(crate) mod walks;
