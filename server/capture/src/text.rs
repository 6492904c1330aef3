//! Text from elsewhere made fit for a terminal, and sizes as people say them.

use std::fmt::Write as _;

use crate::unseen::is_unseen;

/// Longest text that is shown of what a target says of itself, in characters.
const MAX_PLAIN: usize = 2_000;

/// `text` with everything escaped that could steer a terminal, reorder a line or hide in it, see
/// [`is_unseen`]. Cut after 2,000 characters.
pub fn plain(text: &str) -> String {
    let mut shown = String::with_capacity(text.len().min(MAX_PLAIN));
    for (count, character) in text.chars().enumerate() {
        if count == MAX_PLAIN {
            shown.push('…');
            break;
        }
        if is_unseen(character) {
            // Writing to a String cannot fail.
            let _ = write!(shown, "{}", character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// `bytes` in decimal units: `812 B`, `4.1 kB`, `62.1 MB`.
pub fn human_bytes(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 1_000 {
        return format!("{bytes} B");
    }
    let mut size = bytes as f64 / 1_000.0;
    let mut unit = 0;
    while size >= 999.95 && unit + 1 < UNITS.len() {
        size /= 1_000.0;
        unit += 1;
    }
    format!("{size:.1} {}", UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_cannot_steer_the_terminal() {
        assert_eq!(plain("a\u{1b}[31mb\r\nc"), r"a\u{1b}[31mb\u{d}\u{a}c");
        assert_eq!(plain("evil\u{202e}sj.exe"), r"evil\u{202e}sj.exe");
        assert_eq!(plain("a\u{200b}\u{61c}b"), r"a\u{200b}\u{61c}b");
        assert_eq!(plain("naïve – 東京 🦀"), "naïve – 東京 🦀");
    }

    #[test]
    fn long_text_is_cut_at_a_character() {
        let shown = plain(&"é".repeat(5_000));
        assert_eq!(shown.chars().count(), MAX_PLAIN + 1);
        assert!(shown.ends_with('…'));
    }

    #[test]
    fn sizes_read_as_people_say_them() {
        let said: Vec<_> =
            [0, 999, 1_000, 62_100_000, 999_960, 4_200_000_000].map(human_bytes).into();
        assert_eq!(said, ["0 B", "999 B", "1.0 kB", "62.1 MB", "1.0 MB", "4.2 GB"]);
    }
}
