//! The header that begins each frame, found where it need not stand: in a text that was said to be longer,
//! or in bytes that belong to nothing.

use memchr::memmem;

/// The longest run of blanks or digits in a header that is looked for outside of a head, in bytes. No
/// length has more digits.
const MAX_RUN_BYTES: usize = 20;

/// How a frame begins, apart from the case.
pub(super) const HEADER: &[u8] = b"content-length:";
/// The part of it that is written alike by all, and the number of bytes before it.
const CORE: &[u8] = b"ontent-";
const BEFORE_CORE: usize = 1;

/// Where the first name of the header stands, with its colon.
pub(super) fn find_header(bytes: &[u8]) -> Option<usize> {
    memmem::find_iter(bytes, CORE).find_map(|core| header_around(bytes, core))
}

/// Where the last one stands.
pub(super) fn find_last_header(bytes: &[u8]) -> Option<usize> {
    memmem::rfind_iter(bytes, CORE).find_map(|core| header_around(bytes, core))
}

fn header_around(bytes: &[u8], core: usize) -> Option<usize> {
    let begin = core.checked_sub(BEFORE_CORE)?;
    let found = bytes.get(begin..begin + HEADER.len())?;
    found.eq_ignore_ascii_case(HEADER).then_some(begin)
}

/// Where a header begins of which only the first bytes are there.
pub(super) fn unfinished_header(bytes: &[u8]) -> Option<usize> {
    let first = bytes.len().saturating_sub(HEADER.len() + 2 * MAX_RUN_BYTES + 1);
    (first..bytes.len()).find(|&begin| {
        let rest = &bytes[begin..];
        let known = rest.len().min(HEADER.len());
        rest[..known].eq_ignore_ascii_case(&HEADER[..known])
            && header_ends(&rest[known..]).is_none()
    })
}

/// Whether blanks, digits and a line end follow; `None` if more must come to tell.
pub(super) fn header_ends(bytes: &[u8]) -> Option<bool> {
    let run = |bytes: &[u8], is_of_it: fn(&u8) -> bool| {
        bytes.iter().take(MAX_RUN_BYTES).take_while(|byte| is_of_it(byte)).count()
    };
    let bytes = &bytes[run(bytes, |byte| *byte == b' ')..];
    let digits = run(bytes, u8::is_ascii_digit);
    match &bytes[digits..] {
        [] | [b'\r'] => None,
        [b'\n', ..] | [b'\r', b'\n', ..] => Some(digits > 0),
        _ => Some(false),
    }
}
