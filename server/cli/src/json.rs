//! How JSON reaches a terminal, a log or a file that somebody reads.
//!
//! JSON escapes only the first 32 characters. Names in a heap may hold others that steer a terminal
//! (C1 controls) or turn the direction of what follows: those are escaped too, and mean the same to
//! whoever parses it. What is in the report is decided elsewhere.

use std::fmt::Write as _;

use heapmark_capture::is_unseen;
use serde_json::Value;

/// The text of a value, in lines for people, with all that cannot be seen as `\uXXXX`.
pub(crate) fn pretty(value: &Value) -> String {
    let text = format!("{value:#}");
    let mut visible = String::with_capacity(text.len());
    for character in text.chars() {
        // A line end stands between values only: within a text it is escaped already.
        if character == '\n' || !is_unseen(character) {
            visible.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            // Writing to a text cannot fail.
            let _ = write!(visible, "\\u{unit:04x}");
        }
    }
    visible
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_seen_is_escaped_and_means_the_same() {
        let name = "\u{9b}2J\u{7f}\u{202e}\u{2066}\u{200d}\u{feff}\u{e0041}\u{1b}\n é 😀";
        let value = json!({ name: [name] });
        let text = pretty(&value);
        assert!(text.chars().all(|it| it == '\n' || !is_unseen(it)), "{text:?}");
        let escaped = r"\u009b2J\u007f\u202e\u2066\u200d\ufeff\udb40\udc41\u001b\n é 😀";
        assert_eq!(text, format!("{{\n  \"{escaped}\": [\n    \"{escaped}\"\n  ]\n}}"));
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }
}
