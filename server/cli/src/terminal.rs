//! How text reaches the terminal.
//!
//! Names in a heap snapshot are somebody's data and may hold escape sequences; nothing from a
//! snapshot is printed without [`plain`].

use std::fmt::Display;
use std::io::{self, ErrorKind, Write as _};

use annotate_snippets::{Group, Level, Renderer};
pub(crate) use heapmark_capture::plain;
use heapmark_leaks::AnalyzeError;

/// Prints a line to standard output. That nobody reads on, as behind `| head`, is no error.
pub(crate) fn print(line: impl Display) -> io::Result<()> {
    match writeln!(anstream::stdout(), "{line}") {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        outcome => outcome,
    }
}

/// Prints a line to standard error. That it cannot be shown, as when the terminal was closed, must not
/// end what is under way.
pub(crate) fn note(line: impl Display) {
    let _ = writeln!(anstream::stderr(), "{line}");
}

/// Prints an error to standard error as one sentence, with what to do about it if that is known.
pub(crate) fn print_error(error: &anyhow::Error) {
    let sentence = sentence(error.chain().map(ToString::to_string));
    let help = error.downcast_ref::<AnalyzeError>().and_then(AnalyzeError::help);
    let title = Group::with_title(Level::ERROR.primary_title(plain(&sentence)));
    note(Renderer::styled().render(&[title]));
    if let Some(help) = help {
        note(remark("help", &plain(&help)));
    }
}

/// An error and its causes. An error may tell its cause in its own words: that is told once.
fn sentence(chain: impl Iterator<Item = String>) -> String {
    let mut sentence = String::new();
    for part in chain {
        if sentence.is_empty() {
            sentence = part;
        } else if !sentence.ends_with(&part) {
            sentence = format!("{sentence}: {part}");
        }
    }
    sentence
}

/// What stands under a title without a code frame, as it would stand under the frame.
pub(crate) fn remark(name: &str, text: &str) -> String {
    format!("  = {name}: {text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_told_once() {
        let told = |parts: &[&str]| sentence(parts.iter().map(|&it| it.to_owned()));
        let pipe = ["cannot read it", "a.json cannot be read: it is a pipe", "it is a pipe"];
        assert_eq!(told(&pipe), "cannot read it: a.json cannot be read: it is a pipe");
        assert_eq!(told(&["cannot start", "no such file"]), "cannot start: no such file");
    }
}
