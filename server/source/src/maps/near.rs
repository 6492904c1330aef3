//! What a mapped position means in the source: which function, class or variable.
//!
//! Maps lead to the beginning of a token near the place, not to the place: of `name(a) {` tools map
//! the name, or the first parameter, or only the whole statement. So the question here is whose
//! head (all before the body) the position lies in.

use crate::script::{Thing, Wanted};
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

/// The function or class in whose head one of the positions lies, the earlier ones first; else the
/// innermost around the first, which a compiler has made several of.
pub(super) fn thing_near(
    file: &SourceFile,
    positions: &[Position],
    wanted: Wanted,
) -> Option<Thing> {
    let function = |position| file.function_headed(position).cloned().map(Thing::Function);
    let class = |position| file.class_headed(position).cloned().map(Thing::Class);
    let headed = positions.iter().find_map(|&position| match wanted {
        Wanted::Function => function(position).or_else(|| class(position)),
        Wanted::Class => {
            constructed(file, position).or_else(|| class(position)).or_else(|| function(position))
        }
    });
    let &first = positions.first()?;
    let around = || file.enclosing_function(first).cloned().map(Thing::Function);
    headed.or_else(|| match wanted {
        Wanted::Function => around(),
        Wanted::Class => file.class_around(first).cloned().map(Thing::Class).or_else(around),
    })
}

/// The class whose constructor's head has the position, or the function that serves as a class.
fn constructed(file: &SourceFile, position: Position) -> Option<Thing> {
    let function: &Function = file.function_headed(position)?;
    file.class_at(function.anchor).cloned().map(Thing::Class)
}
