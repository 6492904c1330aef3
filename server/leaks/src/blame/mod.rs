//! From a thing on the heap to the binding that a person would blame, and the user's own place.
//! It reads what was located and says no sentence.

pub(crate) mod access_path;
pub(crate) mod async_context;
pub(crate) mod by_holder;
pub(crate) mod holding;
pub(crate) mod node_holders;
pub(crate) mod payload;
pub(crate) mod private_field;
pub(crate) mod retaining_path;
