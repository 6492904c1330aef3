//! What is said of a stream that is written to and not read.

use crate::report::Text;
use crate::report::text::{name, text};
use crate::report::units::{number, plural, series};
use crate::rules::growing_collection::unread_streams::Unread;
use crate::rules::leak::Leak;
use crate::words::statements::at;
use crate::words::{last, retained};

/// What to do about it.
pub(super) const HELP: &str = "read the stream, or stop writing when `write` returns false until `drain` comes (of a \
                               web stream: while `desiredSize` is not above 0)";

/// The title and the message.
pub(super) fn said(unread: &Unread, own: u64, leak: &Leak) -> (Text, Text) {
    let (stream, waiting) = (name(&unread.name), last(&leak.counts));
    let pieces = plural(waiting, " piece", " pieces");
    let (counts, retained) = (series(&leak.counts), retained(own, leak));
    let title =
        text!["what is written to ", stream, " is not read: ", counts, pieces, " wait, ", retained];
    let written = unread.writes.first().map(|write| match &write.in_function {
        Some(function) => text![" ", name(function), " writes to it (", at(write), ")."],
        None => text![" It is written to in ", at(write), "."],
    });
    let nobody = " Nobody reads it, or not as fast as it is written.";
    let message = text![title.clone().capitalized(), ".", written, nobody];
    (title, message)
}

/// `12 pieces`.
pub(super) fn pieces(count: u64) -> Text {
    text![number(count), plural(count, " piece", " pieces")]
}
