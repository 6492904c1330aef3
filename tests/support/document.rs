//! Documents of which a part is made by a command.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// Puts `text` into a document, between the two marks of the command that makes it; what is around them is written
/// by hand.
///
/// # Errors
/// If the document cannot be read or written, or has lost the marks.
pub fn replace_between_marks(document: &Path, command: &str, text: &str) -> Result<()> {
    let before = fs::read_to_string(document)
        .with_context(|| format!("cannot read {}", document.display()))?;
    let marks = [mark(command, "from"), mark(command, "to")];
    let after = replaced(&before, &marks, text).with_context(|| {
        format!("the marks are gone from {}: put back {}", document.display(), marks[0])
    })?;
    Ok(fs::write(document, after)?)
}

fn mark(command: &str, end: &str) -> String {
    format!("<!-- {command}: {end} here -->\n")
}

/// The document with other text between the marks.
fn replaced(document: &str, [begin, end]: &[String; 2], text: &str) -> Option<String> {
    let (before, rest) = document.split_once(begin.as_str())?;
    let (_, after) = rest.split_once(end.as_str())?;
    Some(format!("{before}{begin}\n{text}\n{end}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_between_the_marks_is_replaced() {
        let marks = [mark("make it", "from"), mark("make it", "to")];
        let [begin, end] = &marks;
        let document = format!("above\n{begin}old\n{end}below\n");
        let new = replaced(&document, &marks, "new\n").expect("the marks are there");
        assert_eq!(new, format!("above\n{begin}\nnew\n\n{end}below\n"));
        assert_eq!(replaced("no marks", &marks, "new"), None);
    }
}
