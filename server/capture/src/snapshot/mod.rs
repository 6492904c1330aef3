//! One snapshot of one target: what is asked for, in which order, and what only the live program knows.
//!
//! How messages travel is [`crate::inspector`]'s, where files go [`crate::disk`]'s.

mod children;
mod options;
mod scripts;
mod sources;
mod take;
mod workers;

pub use options::{CaptureOptions, Captured};
