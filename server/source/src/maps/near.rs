//! What a mapped position means in the source: which function, class or variable.
//!
//! Maps lead to the beginning of a token near the place, not to the place: of `name(a) {` tools map
//! the name, or the first parameter, or only the whole statement. So the question here is whose
//! head (all before the body) the position lies in.

use crate::{Class, Declaration, Function, Position, SourceFile};

impl SourceFile {
    /// The innermost function whose head has the position.
    pub(super) fn function_headed(&self, position: Position) -> Option<&Function> {
        let offset = self.behind_modifiers(position)?;
        let functions = &self.index.functions;
        let begun = functions.partition_point(|function| function.span.0 <= offset);
        let mut next = begun.checked_sub(1).map(|index| &functions[index]);
        while let Some(function) = next {
            if offset < function.body || offset == function.span.0 {
                return Some(function);
            }
            next = function.parent.map(|parent| &functions[parent as usize]);
        }
        None
    }

    /// The innermost class whose head has the position.
    pub(super) fn class_headed(&self, position: Position) -> Option<&Class> {
        let offset = self.behind_modifiers(position)?;
        let headed = |class: &&Class| class.span.0 <= offset && offset < class.body;
        self.classes().iter().filter(headed).max_by_key(|class| class.span.0)
    }

    /// The innermost class around the position.
    pub(super) fn class_around(&self, position: Position) -> Option<&Class> {
        let offset = self.text.offset(position)?;
        let around = |class: &&Class| class.span.0 <= offset && offset < class.span.1;
        self.classes().iter().filter(around).max_by_key(|class| class.span.0)
    }

    /// The position, behind `export default` and the like if they stand there: to them tools map
    /// what they make up for a declaration.
    fn behind_modifiers(&self, position: Position) -> Option<u32> {
        let mut offset = self.text.offset(position)?;
        let text = self.text.as_str();
        while let Some(word) = word(&text[offset as usize..])
            && matches!(word, "export" | "default" | "declare" | "abstract")
        {
            let rest = &text[offset as usize + word.len()..];
            offset += (word.len() + rest.len() - rest.trim_start().len()) as u32;
        }
        Some(offset)
    }

    /// What the word at the position is declared as.
    pub(super) fn declaration_at(&self, position: Position) -> Option<Declaration> {
        self.declaration(self.word_at(position)?, position)
    }

    /// The name that begins at the position.
    pub(super) fn word_at(&self, position: Position) -> Option<&str> {
        word(&self.text()[self.offset(position)?..])
    }
}

/// The name that a text begins with.
pub(super) fn word(text: &str) -> Option<&str> {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '$');
    let end = text.find(|c| !is_part(c)).unwrap_or(text.len());
    (end > 0 && !text.starts_with(|c: char| c.is_ascii_digit())).then(|| &text[..end])
}
