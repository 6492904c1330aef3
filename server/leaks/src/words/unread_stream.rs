//! What is said of a stream that is written to and not read.

use crate::report::Text;
use crate::report::text::{name, text};
use crate::report::units::{number, plural, series};
use crate::rules::growing_collection::unread_streams::Unread;
use crate::rules::leak::Leak;
use crate::words::statements::at;
use crate::words::{last, retained};

/// What to do about it.
pub(super) fn help(unread: &Unread) -> &'static str {
    if unread.is_sink {
        "call the callback of its `_write` on every way, also where that fails, and stop writing when `write` returns \
         false until `drain` comes"
    } else {
        "read the stream, or stop writing when `write` returns false until `drain` comes (of a web stream: while \
         `desiredSize` is not above 0)"
    }
}

/// The title and the message. How full it is, `not_full`, is empty if nothing says how much may wait.
pub(super) fn said(unread: &Unread, own: u64, leak: &Leak, not_full: Text) -> (Text, Text) {
    let (stream, waiting) = (name(&unread.name), last(&leak.counts));
    let pieces = plural(waiting, " piece", " pieces");
    let (counts, retained) = (series(&leak.counts), retained(own, leak));
    let title = if not_full.is_empty() {
        let not_taken = if unread.is_sink { " is not written on: " } else { " is not read: " };
        text!["what is written to ", stream, not_taken, counts, pieces, " wait, ", retained]
    } else {
        text!["more and more waits in ", stream, ": ", counts, pieces, ", ", retained]
    };
    let written = unread.writes.first().map(|write| match &write.in_function {
        Some(function) => text![" ", name(function), " writes to it (", at(write), ")."],
        None => text![" It is written to in ", at(write), "."],
    });
    let read = if not_full.is_empty() && unread.is_sink {
        " It has not called back that it is done with one, or is slower than what writes to it."
            .into()
    } else if not_full.is_empty() {
        " Nobody reads it, or not as fast as it is written.".into()
    } else {
        text![" ", not_full]
    };
    let message = text![title.clone().capitalized(), ".", written, read];
    (title, message)
}

/// `12 pieces`.
pub(super) fn pieces(count: u64) -> Text {
    text![number(count), plural(count, " piece", " pieces")]
}
