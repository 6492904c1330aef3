//! Everything a person would otherwise type.

fn main() {}
