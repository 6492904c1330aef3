//! The frames of the protocol, cut out of a stream of bytes: a head of header lines, an empty line,
//! and a text of so many bytes as `Content-Length` says.
//!
//! Nothing is read here (see [`crate::transport`]), and what a text says is none of its business (see
//! [`crate::message`]).
//!
//! Heads are taken as they come: any case, more headers than these, line ends without CR. Where a
//! length is missing, wrong or a lie, the stream is not lost: a text is JSON, and JSON has no place
//! for a line end after `Content-Length: 7`, neither in its strings, where one must be escaped, nor
//! between them. So wherever these bytes stand, a new frame begins. A text that it cuts short may be
//! whole all the same: its length was too large. It is handed on for what it is; other bytes between
//! two frames are passed over and reported once.

mod header;

use thiserror::Error;

use self::header::{HEADER, find_header, find_last_header, header_ends, unfinished_header};

/// The longest head, in bytes. The two headers of the protocol take 100.
const MAX_HEAD_BYTES: usize = 4096;
/// The longest text, in bytes. VS Code tells extensions of no file above 50 MB, and of a source its
/// JSON is not twice as long. A longer one is passed over as it comes: it would be held three times
/// at once.
pub(crate) const MAX_TEXT_BYTES: u64 = 128 << 20;
/// The least memory to take for a text whose length is only promised, in bytes: a page or two.
const MIN_ROOM_BYTES: usize = 8 << 10;

/// What comes out of a stream.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Frame {
    /// The text of a whole message, which need not be JSON.
    Text(Vec<u8>),
    /// The text before the next message, of which `length` bytes were promised. It may be whole.
    CutShort { text: Vec<u8>, length: u64 },
    /// Something is wrong, and what follows is read again from the next frame on.
    Fault(Fault),
}

/// Why there is no text.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum Fault {
    #[error("bytes that belong to no message were passed over")]
    Garbage,
    #[error("the header has no Content-Length")]
    NoLength,
    #[error("the Content-Length is not a number of bytes")]
    BadLength,
    #[error("the message of {} MB is too long: at most {} MB are read", .0 / 1_000_000, MAX_TEXT_BYTES / 1_000_000)]
    TooLong(u64),
    #[error("the message is not in UTF-8, its header says")]
    NotUtf8,
}

/// A stream on its way to be frames.
#[derive(Debug)]
pub(crate) struct Frames {
    state: State,
    /// Whether a fault in a head was reported and no good head has come since.
    is_lost: bool,
}

#[derive(Debug)]
enum State {
    Head(Head),
    Text(Text),
}

/// A head that is coming in.
#[derive(Debug, Default)]
struct Head {
    bytes: Vec<u8>,
    /// Where the last line begins.
    line: usize,
}

/// A text that is coming in.
#[derive(Debug)]
struct Text {
    length: u64,
    /// Whether it is kept, and not only passed over.
    is_kept: bool,
    /// What has come, without what was passed over.
    bytes: Vec<u8>,
    /// Bytes that were passed over.
    passed: u64,
    /// Before this place no header begins.
    searched: usize,
}

/// What the lines of a head say.
#[derive(Default)]
struct Said {
    length: Option<Result<u64, Fault>>,
    is_other_charset: bool,
    has_garbage: bool,
}

impl Default for Frames {
    fn default() -> Self {
        Self { state: State::Head(Head::default()), is_lost: false }
    }
}

impl Frames {
    /// Takes from `input` until a frame is complete; `None` when nothing is left of it. However the
    /// stream is cut into inputs, the frames are the same.
    pub(crate) fn next(&mut self, input: &mut &[u8]) -> Option<Frame> {
        while !input.is_empty() {
            let frame = match &mut self.state {
                State::Head(head) => head.take(input).and_then(|()| self.head_ended()),
                State::Text(text) => match text.take(input) {
                    Taken::All if text.is_complete() => self.text_ended(),
                    Taken::All => None,
                    Taken::UpTo(head) => self.text_cut_short(head),
                },
            };
            if frame.is_some() {
                return frame;
            }
        }
        None
    }

    /// A head is complete, or too long to be one.
    fn head_ended(&mut self) -> Option<Frame> {
        let State::Head(head) = &mut self.state else { return None };
        if head.bytes.len() == MAX_HEAD_BYTES && !head.has_ended() {
            let begin = find_last_header(&head.bytes).filter(|&begin| begin > 0);
            // The first bytes of a header may be the last ones here.
            let begin = begin.unwrap_or(MAX_HEAD_BYTES - HEADER.len() + 1);
            *head = Head::starting_with(head.bytes.split_off(begin));
            return self.report(Fault::Garbage);
        }
        let said = Said::of(&head.bytes);
        *head = Head::default();
        let length = match said.length {
            Some(Ok(length)) => length,
            Some(Err(fault)) => return self.report(fault),
            None => return self.report(Fault::NoLength),
        };
        let fault = if length > MAX_TEXT_BYTES {
            Some(Fault::TooLong(length))
        } else if said.is_other_charset {
            Some(Fault::NotUtf8)
        } else {
            None
        };
        let is_news = !std::mem::take(&mut self.is_lost);
        let garbage = said.has_garbage && is_news;
        self.state = State::Text(Text::of(length, fault.is_none()));
        match fault.or_else(|| garbage.then_some(Fault::Garbage)) {
            // A text without bytes is complete before the next one comes.
            None if length == 0 => self.text_ended(),
            fault => fault.map(Frame::Fault),
        }
    }

    /// Tells of a fault in a head; only the first time until a good one has come.
    fn report(&mut self, fault: Fault) -> Option<Frame> {
        let is_new = !std::mem::replace(&mut self.is_lost, true);
        is_new.then_some(Frame::Fault(fault))
    }

    /// All bytes of the text have come. The last ones may be the first ones of the next head, whose
    /// rest is still to come; no JSON ends like that.
    fn text_ended(&mut self) -> Option<Frame> {
        let State::Text(text) = &mut self.state else { return None };
        let end = unfinished_header(&text.bytes).unwrap_or(text.bytes.len());
        let head = text.bytes.split_off(end);
        if head.is_empty() {
            match std::mem::replace(&mut self.state, State::Head(Head::default())) {
                State::Text(text) if text.is_kept => Some(Frame::Text(text.bytes)),
                _ => None,
            }
        } else {
            self.text_cut_short(head)
        }
    }

    /// Another frame begins in the text, with these bytes of its head.
    fn text_cut_short(&mut self, head: Vec<u8>) -> Option<Frame> {
        let head = State::Head(Head::starting_with(head));
        match std::mem::replace(&mut self.state, head) {
            State::Text(Text { length, is_kept: true, bytes: text, .. }) => {
                Some(Frame::CutShort { text, length })
            }
            // That it is passed over has been said.
            _ => None,
        }
    }
}

impl Head {
    fn starting_with(bytes: Vec<u8>) -> Self {
        let line = memchr::memrchr(b'\n', &bytes).map_or(0, |end| end + 1);
        Self { bytes, line }
    }

    /// Takes from `input` until the head is complete, or too long.
    fn take(&mut self, input: &mut &[u8]) -> Option<()> {
        loop {
            let room = MAX_HEAD_BYTES - self.bytes.len();
            let most = &input[..room.min(input.len())];
            let end = memchr::memchr(b'\n', most).map(|at| at + 1);
            let taken = end.unwrap_or(most.len());
            self.bytes.extend_from_slice(&input[..taken]);
            *input = &input[taken..];
            if end.is_some() {
                if self.has_ended() {
                    if self.line > 0 {
                        return Some(());
                    }
                    // An empty line between messages; some clients end their texts with one.
                    self.bytes.clear();
                } else {
                    self.line = self.bytes.len();
                }
            }
            if self.bytes.len() == MAX_HEAD_BYTES {
                return Some(());
            }
            if input.is_empty() {
                return None;
            }
        }
    }

    /// Whether its last line is empty.
    fn has_ended(&self) -> bool {
        matches!(&self.bytes[self.line..], b"\n" | b"\r\n")
    }
}

impl Said {
    fn of(head: &[u8]) -> Self {
        let mut said = Self::default();
        for line in head.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii) {
            if !line.is_empty() && !said.take(line) {
                said.has_garbage = true;
                // Where a text was longer than its header said, its rest stands before the next one.
                if let Some(begin) = find_last_header(line) {
                    said.take(&line[begin..]);
                }
            }
        }
        said
    }

    /// Takes one line; `false` if it is no header.
    fn take(&mut self, line: &[u8]) -> bool {
        let Some(colon) = memchr::memchr(b':', line) else { return false };
        let (name, value) = (line[..colon].trim_ascii(), line[colon + 1..].trim_ascii());
        let is_of_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
        let is_name = !name.is_empty() && name.iter().all(is_of_name);
        // Something that was passed over may stand on the line of the header, right before it.
        if !is_name || find_header(line).is_some_and(|begin| begin > 0) {
            return false;
        }
        if name.eq_ignore_ascii_case(b"content-length") {
            let length = length(value);
            // Two that differ are worth nothing.
            let agrees = self.length.as_ref().is_none_or(|other| *other == length);
            self.length = Some(if agrees { length } else { Err(Fault::BadLength) });
        } else if name.eq_ignore_ascii_case(b"content-type") {
            self.is_other_charset |= names_other_charset(&value.to_ascii_lowercase());
        }
        true
    }
}

fn length(value: &[u8]) -> Result<u64, Fault> {
    let is_number = !value.is_empty() && value.iter().all(u8::is_ascii_digit);
    let value = str::from_utf8(value).ok().filter(|_| is_number).ok_or(Fault::BadLength)?;
    // More digits than that many bytes have: as good as without end.
    Ok(value.parse().unwrap_or(u64::MAX))
}

/// Whether a `Content-Type`, in lower case, has a charset other than UTF-8. Nothing means UTF-8.
fn names_other_charset(value: &[u8]) -> bool {
    let mut parameters = value.split(|&byte| byte == b';').skip(1).map(<[u8]>::trim_ascii);
    let charset = parameters.find_map(|parameter| parameter.strip_prefix(b"charset="));
    charset.is_some_and(|name| !matches!(name, b"utf-8" | b"utf8" | b"\"utf-8\"" | b"\"utf8\""))
}

/// How much of an input a text has taken.
enum Taken {
    /// All, or all that was missing.
    All,
    /// What stands before a header; of which these bytes came before this input.
    UpTo(Vec<u8>),
}

impl Text {
    fn of(length: u64, is_kept: bool) -> Self {
        Self { length, is_kept, bytes: Vec::new(), passed: 0, searched: 0 }
    }

    fn missing(&self) -> u64 {
        self.length - self.passed - self.bytes.len() as u64
    }

    fn is_complete(&self) -> bool {
        self.missing() == 0
    }

    fn take(&mut self, input: &mut &[u8]) -> Taken {
        let before = self.bytes.len();
        let wanted = usize::try_from(self.missing()).unwrap_or(usize::MAX).min(input.len());
        self.make_room(wanted);
        let (new, rest) = input.split_at(wanted);
        self.bytes.extend_from_slice(new);
        if let Some(begin) = self.find_header() {
            let old = self.bytes.get(begin..before).unwrap_or_default().to_vec();
            self.bytes.truncate(begin);
            *input = &input[begin.saturating_sub(before)..];
            return Taken::UpTo(old);
        }
        *input = rest;
        if !self.is_kept {
            self.passed += self.searched as u64;
            self.bytes.drain(..std::mem::take(&mut self.searched));
        }
        Taken::All
    }

    /// A promise of much takes little memory, and a text of a known length no more than that.
    fn make_room(&mut self, wanted: usize) {
        let len = self.bytes.len();
        if self.bytes.capacity() - len < wanted {
            let growth = wanted.max(len).max(MIN_ROOM_BYTES);
            let missing = usize::try_from(self.missing()).unwrap_or(usize::MAX);
            self.bytes.reserve_exact(growth.min(missing));
        }
    }

    /// Where a header begins that is complete. What was searched is not searched again.
    fn find_header(&mut self) -> Option<usize> {
        while let Some(at) = find_header(&self.bytes[self.searched..]) {
            let begin = self.searched + at;
            match header_ends(&self.bytes[begin + HEADER.len()..]) {
                Some(true) => return Some(begin),
                Some(false) => self.searched = begin + 1,
                None => {
                    self.searched = begin;
                    return None;
                }
            }
        }
        self.searched = self.searched.max(self.bytes.len().saturating_sub(HEADER.len() - 1));
        None
    }
}

#[cfg(test)]
mod tests;
