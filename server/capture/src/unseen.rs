//! Which characters are not seen, or steer how others are: they have no place in what people read, if
//! the text is somebody else's.
//!
//! By Unicode's categories (16.0), not by a list of known tricks: controls (Cc), format characters (Cf:
//! what turns the direction of text, joins or separates without being seen), separators of lines and
//! paragraphs (Zl, Zp), private use (Co), and what is not drawn by default
//! (`Default_Ignorable_Code_Point`). Surrogates (Cs) are no characters of Rust's. A test asks Node.js.

/// Whether a character is not seen, or steers how others are shown. A blank is seen.
pub fn is_unseen(character: char) -> bool {
    let code = u32::from(character);
    let behind = UNSEEN.partition_point(|&(first, _)| first <= code);
    behind.checked_sub(1).is_some_and(|index| code <= UNSEEN[index].1)
}

/// First and last of each range, in order.
const UNSEEN: [(u32, u32); 30] = [
    (0x00, 0x1F),
    (0x7F, 0x9F),
    (0xAD, 0xAD),
    (0x034F, 0x034F),
    (0x0600, 0x0605),
    (0x061C, 0x061C),
    (0x06DD, 0x06DD),
    (0x070F, 0x070F),
    (0x0890, 0x0891),
    (0x08E2, 0x08E2),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x200B, 0x200F),
    (0x2028, 0x202E),
    (0x2060, 0x206F),
    (0x3164, 0x3164),
    (0xE000, 0xF8FF),
    (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFFB),
    (0x0001_10BD, 0x0001_10BD),
    (0x0001_10CD, 0x0001_10CD),
    (0x0001_3430, 0x0001_343F),
    (0x0001_BCA0, 0x0001_BCA3),
    (0x0001_D173, 0x0001_D17A),
    (0x000E_0000, 0x000E_0FFF),
    (0x000F_0000, 0x000F_FFFD),
    (0x0010_0000, 0x0010_FFFD),
];

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn what_is_unseen_is_what_unicode_says() {
        let script = r"
            const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Default_Ignorable_Code_Point}]/u;
            for (let code = 0; code <= 0x10ffff; code++)
              if ((code < 0xd800 || code > 0xdfff) && unseen.test(String.fromCodePoint(code)))
                console.log(code);
        ";
        let said = Command::new("node").args(["-e", script]).output().expect("Node.js starts");
        let said = String::from_utf8(said.stdout).expect("numbers");
        let expected: Vec<u32> = said.lines().map(|line| line.parse().expect("a number")).collect();
        assert!(expected.len() > 100_000, "{}", expected.len());
        let unseen = ('\0'..=char::MAX).filter(|it| is_unseen(*it)).map(u32::from);
        assert_eq!(unseen.collect::<Vec<_>>(), expected);
    }
}
