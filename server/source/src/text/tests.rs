//! The text's conversions against naive ones.

use proptest::prelude::*;

use crate::text::Text;
use crate::text::position::Position;

/// Counts one character after the other.
fn naive_positions(content: &str, v8: bool) -> Vec<(u32, Position)> {
    let mut positions = Vec::new();
    let mut at = Position::default();
    let mut characters = content.char_indices().peekable();
    while let Some((offset, character)) = characters.next() {
        positions.push((offset as u32, at));
        let next = characters.peek().map(|(_, next)| *next);
        let ends = match character {
            '\n' => true,
            '\r' => next != Some('\n'),
            '\u{2028}' | '\u{2029}' => v8,
            _ => false,
        };
        if ends {
            at = Position::new(at.line + 1, 0);
        } else {
            at.column += character.len_utf16() as u32;
        }
    }
    positions.push((content.len() as u32, at));
    positions
}

/// Text with every kind of line end and width, longer than a block.
fn contents() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\n".to_owned()),
        Just("\r\n".to_owned()),
        Just("\r".to_owned()),
        Just("\u{2028}".to_owned()),
        Just("\u{2029}".to_owned()),
        Just("é".to_owned()),
        Just("€".to_owned()),
        Just("😀".to_owned()),
        Just("a".repeat(300)),
        "[ -~]{0,20}",
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn positions_agree_with_counting(content in contents()) {
        let text = Text::new(content.clone());
        for (offset, position) in naive_positions(&content, false) {
            prop_assert_eq!(text.position(offset), position);
            prop_assert_eq!(text.offset(position), Some(offset));
        }
        for (offset, position) in naive_positions(&content, true) {
            prop_assert_eq!(text.v8_offset(position), Some(offset));
        }
    }

    #[test]
    fn any_position_is_answered(content in contents(), line in 0..80u32, column in 0..700u32) {
        let text = Text::new(content);
        let position = Position::new(line, column);
        if let Some(offset) = text.offset(position) {
            prop_assert_eq!(text.position(offset), position);
        }
        let _ = (text.line(line), text.v8_offset(position), text.position(line * column));
    }
}

#[test]
fn lines_are_without_their_ends() {
    let text = Text::new("\u{feff}a\r\nb\rc\n".to_owned());
    let lines: Vec<_> = (0..5).map(|line| text.line(line)).collect();
    assert_eq!(lines, ["a", "b", "c", "", ""]);
    assert_eq!(text.as_str(), "a\r\nb\rc\n");
}

#[test]
fn half_a_character_is_no_position() {
    let text = Text::new("😀x".to_owned());
    assert_eq!(text.offset(Position::new(0, 1)), None);
    assert_eq!(text.offset(Position::new(0, 2)), Some(4));
    assert_eq!(text.offset(Position::new(0, 4)), None);
    assert_eq!(text.offset(Position::new(1, 0)), None);
}
