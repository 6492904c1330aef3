//! What is said of things that are done with and still kept.

use crate::report::Text;
use crate::report::text::text;
use crate::rules::retained_after_close::Defunct;

/// What is wrong, as a sentence after others.
pub(super) fn sentence(done: Defunct) -> Text {
    match done {
        Defunct::Closed(noun) => {
            text![" The ", noun, " in it are closed: nobody can use them any more."]
        }
        Defunct::Empty => {
            " The weak references in it are empty: what they referred to is gone, and \
                           only they are left."
                .into()
        }
        Defunct::Detached => {
            " The elements in it were taken out of the page: only the program keeps them.".into()
        }
    }
}

/// What to do about it.
pub(super) fn help(done: Defunct) -> &'static str {
    match done {
        Defunct::Closed("workers") => "take each one out when its `exit` event comes",
        Defunct::Closed(_) => "take each one out when its `close` event comes",
        Defunct::Empty => {
            "delete an entry when its target is collected (`FinalizationRegistry`), or use a WeakMap"
        }
        Defunct::Detached => "let go of an element when it is removed from the page",
    }
}
