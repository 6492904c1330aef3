//! The inspector of a running program: finding it, speaking with it, and leaving it without harm.
//!
//! What a snapshot is, is not known here.

mod connection;
mod http;
mod known;
mod session;
mod target;

pub(crate) use connection::{Incoming, MAX_EVENTS, MAX_SNAPSHOT_TIME, is_of_snapshot};
pub use session::Session;
pub(crate) use session::{WAITING, is_farewell, noticed};
pub use target::{Target, discover, targets_at, targets_of};
