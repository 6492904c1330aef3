//! Source maps: from a place in generated code to the place a person wrote.
//!
//! - [`decode()`]: from bytes to a [`SourceMap`], within limits.
//! - [`locate()`]: where the map of a script is, and reading it, never outside the workspace.
//! - [`Mapped`]: a script with its map; answers what [`crate::script::Script`] asks.
//!
//! A map is somebody else's file: it may be damaged, of another build, or made to do harm. Whatever
//! it says is checked against limits and against the texts before it is believed.

mod belonging;
mod comment;
mod counterpart;
mod data_url;
mod decode;
mod error;
mod generated;
mod locate;
mod map;
mod mapped;
mod near;
mod original;
mod pair;
mod raw;
mod recorded;
mod token;
mod told;
mod witness;

pub use decode::decode;
pub use error::{MapError, MapProblem};
pub use generated::MAX_BUILT_FILE;
pub(crate) use generated::{GeneratedFile, certain};
pub(crate) use locate::{Located, Wanted as WantedMap, locate};
pub use map::{MapSource, Segment, SourceMap};
pub(crate) use mapped::Mapped;
pub use recorded::{FileBehind, RunningScript, files_behind};
