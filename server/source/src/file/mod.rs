//! One source file: what stands where, which function V8 means, who declares a name, who changes
//! a collection.
//!
//! Positions go in and out in editor's counting (0-based lines, UTF-16 columns), except where V8's
//! are asked for: [`SourceFile::function_at`], [`SourceFile::class_at`] and
//! [`SourceFile::from_v8`]. A file is read once and never changes; an edit makes a new one.

mod candidates;
pub(crate) mod clearing;
mod export;
pub(crate) mod handed;
pub(crate) mod imports;
mod limit;
mod linked;
pub(crate) mod making;
mod mutations;
mod names;
pub(crate) mod numbers;
pub(crate) mod runs;
mod sought;
pub(crate) mod target;
mod uses;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use crate::error::SourceError;
use crate::index::Index;
use crate::index::roots::Roots;
use crate::statements::call::{Call, CallFact};
use crate::statements::mutation::{Callback, CallbackFact};
use crate::syntax::function::{Class, Function};
use crate::syntax::scope::{Declaration, Siblings};
use crate::syntax::shorten;
use crate::text::language::Language;
use crate::text::limits::has_long_lines;
use crate::text::position::{Position, Range};
use crate::text::{Span, Text};

/// A file's text with the index of what it declares and does.
#[derive(Debug)]
pub struct SourceFile {
    path: PathBuf,
    pub(crate) text: Text,
    pub(crate) index: Index,
    pub(crate) roots: OnceLock<Roots>,
}

impl SourceFile {
    /// Parses `text` in the language that `path`'s extension names. Nothing is read from disk.
    /// Broken syntax is no error: what can be recognised is there.
    pub fn parse(path: impl Into<PathBuf>, text: String) -> Result<SourceFile, SourceError> {
        let path = path.into();
        let text = Text::new(text);
        let Some(tree) = Language::of(&path).parse(text.as_str()) else {
            return Err(SourceError::TooComplex { path });
        };
        let index = Index::of(&tree, &text);
        Ok(SourceFile { path, text, index, roots: OnceLock::new() })
    }

    /// The same file with nothing but its names, and what stands in stretches that are `kept` as they ran: of
    /// a text that is known to be another than the one that is asked about, no other statement counts, and every
    /// function may use everything.
    pub(crate) fn with_names_and(mut self, kept: &[Span]) -> SourceFile {
        let is_kept = |(start, end): Span| kept.iter().any(|it| it.0 <= start && end <= it.1);
        // These give names, too.
        let exported = self.assigned_exports();
        self.index.exports.facts.extend(exported);
        self.index.mutations.retain(|fact| is_kept(fact.span));
        // These are told by the numbers of their calls.
        self.index.handed_out.retain(|fact| is_kept(self.index.calls[fact.call as usize].span));
        self.index.handed.retain(|fact| is_kept(fact.module));
        for call in self.index.calls.iter_mut().filter(|call| !is_kept(call.span)) {
            call.forget();
        }
        self.roots = OnceLock::new();
        let functions = self.index.functions.iter();
        self.index.opaque = functions.map(|it| (it.span.0, it.span.0)).collect();
        self
    }

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The whole text, without a byte order mark.
    pub fn text(&self) -> &str {
        self.text.as_str()
    }

    /// Number of lines; a line end at the end of the file starts an empty last line.
    pub fn line_count(&self) -> usize {
        self.text.line_count()
    }

    /// A line without its end; empty if the file has no such line.
    pub fn line_text(&self, line: u32) -> &str {
        self.text.line(line)
    }

    /// The text in a range; empty if the file does not have it.
    pub fn range_text(&self, range: Range) -> &str {
        match (self.text.offset(range.start), self.text.offset(range.end)) {
            (Some(start), Some(end)) => self.text.slice((start, end)),
            _ => "",
        }
    }

    /// Whether a tool wrote it in lines that nobody writes.
    pub fn is_minified(&self) -> bool {
        has_long_lines(self.text.as_str())
    }

    /// Whether a range is an expression that makes an instance: `new Subject()`.
    pub fn is_new(&self, range: Range) -> bool {
        let value = self.text.offset(range.start).zip(self.text.offset(range.end));
        value.is_some_and(|value| self.index.instances.contains_key(&value))
    }

    /// The byte offset of a position, if the file has it.
    pub fn offset(&self, position: Position) -> Option<usize> {
        self.text.offset(position).map(|offset| offset as usize)
    }

    /// The position of a byte offset; behind the end it is the end.
    pub fn position(&self, offset: usize) -> Position {
        self.text.position(offset.min(self.text.as_str().len()) as u32)
    }

    /// The editor's position of V8's, which also counts U+2028 and U+2029 as line ends. `None` if
    /// the file has no such place.
    pub fn from_v8(&self, position: Position) -> Option<Position> {
        self.text.v8_offset(position).map(|offset| self.text.position(offset))
    }

    /// Whether this is the text that ran: `source_prefix` is the beginning of the script's source
    /// as the snapshot has it, at most 1024 UTF-16 units and damaged by V8 in known ways. That Node
    /// blanked out types, left a byte order mark or named the origin makes it no other text.
    pub fn matches_prefix(&self, source_prefix: &str) -> bool {
        let has_types = Language::of(&self.path) == Language::TypeScript;
        crate::text::prefix::matches_prefix(self.text.as_str(), source_prefix, has_types)
    }

    /// All functions that have a body, in the order in which they begin.
    pub fn functions(&self) -> &[Function] {
        &self.index.functions
    }

    /// All classes, in the order in which they begin; then the functions that serve as classes
    /// (`new Name`, `Name.prototype.method = …`), whose instances V8 places at the function.
    pub fn classes(&self) -> &[Class] {
        &self.index.classes
    }

    /// The function that V8 means by a location: the `(` of its parameters, or an arrow's first
    /// token. `None` if something else stands there, so that a stale location names nothing.
    pub fn function_at(&self, v8: Position) -> Option<&Function> {
        let index = self.anchored(&self.index.function_anchors, v8)?;
        Some(&self.index.functions[index as usize])
    }

    /// The class that V8 means by a location: the word `class`, or the `(` after `constructor`; of the
    /// functions that set what a class has, also its `{` or what stands there first.
    pub fn class_at(&self, v8: Position) -> Option<&Class> {
        let index = self.anchored(&self.index.class_anchors, v8);
        let index = index.or_else(|| self.anchored(&self.index.setting_anchors, v8))?;
        Some(&self.index.classes[index as usize])
    }

    /// Whether V8 may have there, by its version, a hidden function that sets what a class has. It is called
    /// as the class, but of one that has its name from where it is assigned to.
    pub(crate) fn sets_class_at(&self, v8: Position) -> bool {
        self.anchored(&self.index.setting_anchors, v8).is_some()
    }

    /// What V8 points at; no two things stand one column apart, so a byte order mark in between
    /// makes no confusion.
    fn anchored(&self, anchors: &FxHashMap<u32, u32>, v8: Position) -> Option<u32> {
        self.text.v8_offsets(v8).find_map(|offset| anchors.get(&offset).copied())
    }

    /// The innermost function around a position.
    pub fn enclosing_function(&self, position: Position) -> Option<&Function> {
        let offset = self.text.offset(position)?;
        let functions = &self.index.functions;
        let begun = functions.partition_point(|function| function.span.0 <= offset);
        let mut next = begun.checked_sub(1).map(|index| &functions[index]);
        while let Some(function) = next {
            if offset < function.span.1 {
                return Some(function);
            }
            next = function.parent.map(|parent| &functions[parent as usize]);
        }
        None
    }

    /// What the variable `name` means at a position: looked up in the scopes from there outwards.
    pub fn declaration(&self, name: &str, from: Position) -> Option<Declaration> {
        let scope = self.index.scopes.at_position(&self.text, from)?;
        Some(self.declared(self.index.scopes.resolve(name, scope)?))
    }

    /// The variable `name` that a function captured: looked up outside its own parameters and
    /// variables. `siblings` are the other names in the same context of V8.
    pub fn captured(
        &self,
        function: &Function,
        name: &str,
        siblings: &Siblings,
    ) -> Option<Declaration> {
        let found = self.index.scopes.resolve_among(name, siblings, function.outer_scope)?;
        Some(self.declared(found))
    }

    /// Every call, and every `new`, of something whose last name is one of `names`, in order.
    pub fn calls(&self, names: &[&str]) -> Vec<Call> {
        let wanted = |call: &&CallFact| names.contains(&self.text.slice(call.name));
        self.index.calls.iter().filter(wanted).map(|call| self.call(call)).collect()
    }

    /// The call that a function is written into: `bus.on("tick", () => …)` of the arrow function there.
    pub fn handed_over(&self, function: Range) -> Option<Call> {
        let is_it = |call: &&CallFact| {
            let literal = call.callback.filter(|callback| callback.is_literal);
            literal.is_some_and(|callback| self.text.range(callback.span) == function)
        };
        self.index.calls.iter().find(is_it).map(|call| self.call(call))
    }

    pub(crate) fn call(&self, call: &CallFact) -> Call {
        Call {
            file: self.path.clone(),
            callee: self.callee(call),
            name: self.text.slice(call.name).to_owned(),
            is_new: self.index.instances.contains_key(&call.span),
            range: self.text.range(call.span),
            head_range: self.text.range(call.head),
            statement: self.first_line(call.statement),
            callback: call.callback.map(|callback| self.callback(callback)),
            first_string: call.first_string.map(|span| self.text.slice(span).to_owned()),
            in_function: self.function_name(call.function),
        }
    }

    /// The callee in one line; of a long chain only the end.
    fn callee(&self, call: &CallFact) -> String {
        let head = self.text.slice(call.head);
        if head.len() <= 60 && !head.contains(['\n', '\r']) {
            head.to_owned()
        } else {
            format!("….{}", self.text.slice(call.name))
        }
    }

    pub(crate) fn callback(&self, callback: CallbackFact) -> Callback {
        let reference = (!callback.is_literal).then(|| shorten(self.text.slice(callback.span)));
        Callback { range: self.text.range(callback.span), reference }
    }

    pub(crate) fn first_line(&self, span: Span) -> String {
        let line = self.text.slice(span).lines().next().unwrap_or("").trim();
        line.chars().take(LONGEST_STATEMENT).collect()
    }

    pub(crate) fn function_name(&self, index: Option<u32>) -> Option<String> {
        index.map(|index| self.index.functions[index as usize].name.clone())
    }
}

/// Longest text of a statement that is handed out, in characters: minified code has no lines.
const LONGEST_STATEMENT: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::target::Target;

    #[test]
    fn of_names_only_no_statement_is_left() {
        let text = "const held = [];\nfunction add(it) { held.push(it); }\nrequire('queue').drain(held);\n";
        let file = SourceFile::parse("file.js", text.to_owned()).expect("a small file parses");
        let statements = |file: &SourceFile| {
            let declaration = file.declaration("held", file.position(6)).expect("it is declared");
            let target = Target::Variable(&declaration);
            (file.mutations(&target).len(), file.handed_to_others(&target).len())
        };
        assert_eq!(statements(&file), (1, 1));
        assert_eq!(statements(&file.with_names_and(&[])), (0, 0));
    }
}
