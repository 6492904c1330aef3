//! Reads a snapshot piece by piece: [`Scanner::feed`] takes bytes in chunks of any size, as they
//! come from a file, an unpacker or a socket, and [`Scanner::finish`] gives the snapshot.
//!
//! It is a tokenizer of just as much JSON as a snapshot needs, without any I/O. It asks nothing of
//! the order of keys, of line breaks, or of where the chunks end; it keeps what it knows and skips
//! the rest. Beyond the columns that it builds, it holds only the header and one row.
//!
//! ```text
//! {"snapshot":{"meta":…},"nodes":[9,1,1,0,5,0,…],"edges":[…],"locations":[…],"strings":["…",…]}
//!  key        header      arrays: numbers ──► columns, tables               text ──► Strings
//!  └───────┬────────┘
//!        between
//! ```

mod arrays;
mod between;
mod blocks;
mod columns;
mod digits;
mod edges;
mod header;
mod locations;
mod nesting;
mod nodes;
mod numbers;
mod read_ahead;
mod refusal;
mod rows;
mod scanner;
mod section;
mod tables;
#[cfg(test)]
mod tests;
mod text;

pub(crate) use read_ahead::ReadAhead;
pub use scanner::Scanner;
