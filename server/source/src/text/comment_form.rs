//! How a comment has to be written so that it is one: in JSX and in templates, `//` is text.

use std::path::Path;

use tree_sitter::{Node, Tree};

use crate::text::language::Language;

/// How a comment on a line of its own is written at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommentForm {
    /// `// …`, as everywhere in code.
    Line,
    /// `{/* … */}`, among the children of an element of JSX.
    Braced,
}

impl CommentForm {
    /// The form of a line that is put in above a line of a text, from 0. `None` if none can stand
    /// there: within a template or another comment, or if the text has no such line.
    pub fn above(path: &Path, text: &str, line: u32) -> Option<CommentForm> {
        Self::in_tree(&Language::of(path).parse(text)?, text, line)
    }

    /// The same of a text that was parsed already.
    pub(crate) fn in_tree(tree: &Tree, text: &str, line: u32) -> Option<CommentForm> {
        let start = match line {
            0 => 0,
            line => text.match_indices('\n').nth(line as usize - 1)?.0 + 1,
        };
        let mut node = tree.root_node().descendant_for_byte_range(start, start)?;
        // What only begins there is not around it.
        while node.start_byte() == start {
            match node.parent() {
                Some(parent) => node = parent,
                None => return Some(CommentForm::Line),
            }
        }
        Self::within(node)
    }

    fn within(node: Node<'_>) -> Option<CommentForm> {
        match node.kind() {
            "jsx_text" | "jsx_element" | "jsx_fragment" | "html_character_reference" => {
                Some(CommentForm::Braced)
            }
            "template_string" | "string_fragment" | "string" | "escape_sequence" | "comment"
            | "regex_pattern" => None,
            _ => Some(CommentForm::Line),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The form above the line that begins with `here`, but for blanks.
    fn above(text: &str, here: &str) -> Option<CommentForm> {
        let line = text.lines().position(|line| line.trim_start().starts_with(here));
        CommentForm::above(Path::new("a.tsx"), text, line.expect("the line is there") as u32)
    }

    #[test]
    fn among_the_children_of_an_element_it_stands_in_braces() {
        let text = "function Row() {
  return (
    <div>
      some text
      <Button
        onClick={() => go()}
      />
      {items.map((item) => (
        <Item key={item} />
      ))}
      {
        last()
      }
<b>at the margin</b>
    </div>
  );
}
";
        let of = |here| above(text, here);
        for child in ["some text", "<Button", "{items", "<b>", "</div>"] {
            assert_eq!(of(child), Some(CommentForm::Braced), "{child}");
        }
        for code in ["function", "return", "<div>", "onClick", "/>", "<Item", "last()", ");"] {
            assert_eq!(of(code), Some(CommentForm::Line), "{code}");
        }
        let fragment = "const a = <>\n  <i />\n</>;\n";
        assert_eq!(above(fragment, "<i"), Some(CommentForm::Braced));
    }

    #[test]
    fn within_a_text_there_is_none() {
        let text = "const a = `one\n two ${\n  three\n} four\n`;\n/*\n * five\n */\nsix();\n";
        assert_eq!(above(text, "two"), None);
        assert_eq!(above(text, "three"), Some(CommentForm::Line));
        assert_eq!(above(text, "`;"), None);
        assert_eq!(above(text, "* five"), None);
        assert_eq!(above(text, "six"), Some(CommentForm::Line));
        assert_eq!(CommentForm::above(Path::new("a.js"), "a();", 1), None);
    }
}
