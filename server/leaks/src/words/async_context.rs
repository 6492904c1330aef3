//! What is said of the stores of `AsyncLocalStorage` that asynchronous work keeps alive.

use crate::blame::async_context::KeptStores;
use crate::report::text::{name, text};
use crate::report::units::number;
use crate::report::{Place, Text};
use crate::rules::leak::Spotted;
use crate::words::statements::line_of;

/// What they have to do with it, as a sentence after others.
pub(super) fn sentence(stores: &KeptStores) -> Text {
    let what = match &stores.class {
        Some((class, _)) => text!["a ", name(class.short_name()), ", the store"],
        None => text!["the store"],
    };
    let storage = storage(stores);
    text![
        " Each remembers the context it was started in, and keeps ",
        what,
        " of ",
        storage,
        ", alive."
    ]
}

/// Their class, of which `alive` instances are alive. The work is told of at `here`, if that has a place.
pub(super) fn place(
    at: &Spotted,
    stores: &KeptStores,
    alive: u64,
    here: Option<&Spotted>,
) -> Place {
    let label = text![number(alive), " of these are alive, as stores of ", storage(stores)];
    let by = here.map(|here| text![" (", line_of(here), ")"]);
    let message = text![&label, ": what was started while they were set keeps them", by, "."];
    at.saying(label, message)
}

/// Whose stores they are.
fn storage(stores: &KeptStores) -> Text {
    stores
        .storage
        .as_ref()
        .map_or_else(|| text!["an AsyncLocalStorage"], |storage| text![name(storage)])
}
