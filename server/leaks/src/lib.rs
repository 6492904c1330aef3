//! Why it stays: from the snapshots of one process to findings with places in source.

pub mod report;

pub use report::Report;
