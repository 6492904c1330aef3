//! The statements of a file by their form, as the [index](crate::index) notes them: what changes a
//! collection, what bounds it, what is called, what a module hands out.
//!
//! Not here: which variable or field a statement is about; that is answered when asked
//! ([`crate::file`]).

pub(crate) mod call;
pub(crate) mod condition;
pub(crate) mod export;
pub(crate) mod form;
pub(crate) mod guard;
pub(crate) mod mutation;
pub(crate) mod number;
