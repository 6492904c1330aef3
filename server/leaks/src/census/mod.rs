//! What a later comparison needs of one snapshot, and what two of them say of each other.
//! It knows no source and judges nothing.

pub(crate) mod apart;
pub(crate) mod classes;
mod counts;
pub(crate) mod cross_process;
pub(crate) mod identity;
pub(crate) mod parts_of_state;
pub(crate) mod same_process;
pub(crate) mod slots;
pub(crate) mod texts;

pub(crate) use counts::{Census, is_room};
