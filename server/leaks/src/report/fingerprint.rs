//! Names that findings keep over runs, machines and unrelated edits.

use sha2::{Digest, Sha256};

use crate::report::rule::Rule;

/// Names a leak the same over runs, machines and unrelated edits: no line, id or size goes in.
pub(crate) fn fingerprint(rule: Rule, parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    hash.update(rule.name());
    for part in parts {
        hash.update([0]);
        hash.update(part);
    }
    let hash = hash.finalize();
    format!("{:08x}", u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]))
}

/// A name that the program may have made at run time (`order:3036`, `room-79a287a2-…`) without what is
/// another in the next run.
pub(crate) fn without_data(name: &str) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric();
    let is_data = |part: &str| {
        let hex = part.len() >= MIN_HEX && part.bytes().all(|byte| byte.is_ascii_hexdigit());
        hex || part.bytes().any(|byte| byte.is_ascii_digit())
    };
    let mut stable = String::new();
    for part in name.split_inclusive(|c: char| !is_part(c)) {
        let word = part.trim_end_matches(|c: char| !is_part(c));
        stable.push_str(if is_data(word) { "0" } else { word });
        stable.push_str(&part[word.len()..]);
    }
    stable
}

/// Letters from a to f alone are a number from so many on: a part of a UUID.
const MIN_HEX: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_data_in_a_name_is_left_out() {
        assert_eq!(without_data("order:3036"), "order:0");
        assert_eq!(without_data("79a287a2-f77d-45ac-bd29-751deac3b2a4 done"), "0-0-0-0-0 done");
        assert_eq!(without_data("room.abcd-feed"), "room.0-0");
        assert_eq!(without_data("error"), "error");
        assert_eq!(without_data("größe→add"), "größe→add");
    }
}
