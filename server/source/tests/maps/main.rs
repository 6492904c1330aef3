//! Source maps: from what ran to what was written, and that a map can do no harm.

mod finding;
mod hostile;
mod recorded;
mod scene;
mod twin;
