//! What a mapped position means in the source: which function, class or variable.
//!
//! Maps lead to the beginning of a token near the place, not to the place: of `name(a) {` tools map
//! the name, or the first parameter, or only the whole statement. So the question here is whose
//! head (all before the body) the position lies in.

use crate::file::SourceFile;
use crate::ran::thing::{Thing, Wanted};
use crate::syntax::function::{Class, Function};
use crate::syntax::scope::Declaration;
use crate::text::position::Position;

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
        self.classes_around(position).into_iter().max_by_key(|class| class.span.0)
    }

    /// The classes around the position.
    pub(super) fn classes_around(&self, position: Position) -> Vec<&Class> {
        let Some(offset) = self.text.offset(position) else { return Vec::new() };
        let around = |class: &&Class| class.span.0 <= offset && offset < class.span.1;
        self.classes().iter().filter(around).collect()
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

    /// The variable that `export default registry` at the position exports; some tools map `default`.
    pub(super) fn exported_at(&self, position: Position) -> Option<Declaration> {
        let offset = self.text.offset(position)?;
        let text = &self.text.as_str()[offset as usize..];
        let text = text.strip_prefix("export").map_or(text, str::trim_start);
        let exported = text.strip_prefix("default")?;
        let exported = exported.strip_prefix(char::is_whitespace)?.trim_start();
        let name = word(exported)?;
        let behind = exported[name.len()..].trim_start_matches([' ', '\t']);
        let ends =
            behind.is_empty() || behind.starts_with([';', '\n', '\r']) || behind.starts_with("//");
        ends.then(|| self.declaration(name, position)).flatten()
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

/// The function or class in whose head the position lies.
pub(super) fn headed(file: &SourceFile, position: Position, wanted: Wanted) -> Option<Thing> {
    let function = || file.function_headed(position).cloned().map(Thing::Function);
    let class = || file.class_headed(position).cloned().map(Thing::Class);
    match wanted {
        Wanted::Function => function().or_else(class),
        Wanted::Class => constructed(file, position).or_else(class).or_else(function),
    }
}

/// The class whose constructor's head has the position, or the function that serves as a class.
fn constructed(file: &SourceFile, position: Position) -> Option<Thing> {
    let function: &Function = file.function_headed(position)?;
    file.class_at(function.anchor).cloned().map(Thing::Class)
}
