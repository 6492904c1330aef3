//! How the value of a declaration is made: by what of which package, and with which options.
//!
//! `new LRUCache({ max: 500 })` is made by `LRUCache` of the package that the import names, with a number
//! for `max`. What an option means is the package's affair, and not known here.

use std::borrow::Cow;

use tree_sitter::{Node, Tree};

use super::SourceFile;
use super::limit::number;
use crate::statements::call::Call;
use crate::statements::number::Limit;
use crate::syntax::receiver::{Base, Step};
use crate::syntax::scope::{Declaration, DeclarationKind};
use crate::syntax::{arguments, property_name, shorten, span, string_value, unwrapped};
use crate::text::language::Language;
use crate::text::position::Range;
use crate::text::{Span, Text};

/// Longest chain of names that is followed to a value or a module.
const LONGEST_CHAIN: usize = 6;
/// Bytes: a longer value is not read. What is memoized may be a function of a page.
const LONGEST_VALUE: u32 = 20_000;

/// A call, or a `new`, of what a package exports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Making {
    /// By which name the package is asked for: `lru-cache`.
    pub module: String,
    /// What of it is called, by the names that lead there: none for all that it exports.
    pub export: Vec<String>,
    /// How that is written: `new LRUCache`, `_.memoize`.
    pub callee: String,
    /// What to underline: the callee, from `new` on.
    pub head_range: Range,
    arguments: Vec<Span>,
}

/// What stands where an option does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// Nothing: it is not there, or `undefined`.
    Nothing,
    /// A number.
    Number {
        /// The number, and where it is written. It has the name that is used here.
        limit: Limit,
        /// Only if nothing else is given: `process.env.MAX ?? 500`.
        is_default: bool,
    },
    /// More than any count reaches, or less than none: `Infinity`, `Number.MAX_SAFE_INTEGER`, `-1`.
    NoLimit {
        /// As written, in short.
        written: String,
        /// Where.
        range: Range,
    },
    /// `true`.
    Yes,
    /// `false`.
    No,
    /// What the text does not tell.
    Unknown,
}

/// A piece of the file, read once more.
pub(super) struct Piece<'a> {
    text: Text,
    tree: Tree,
    /// Where it begins in the file.
    start: u32,
    file: &'a SourceFile,
}

impl SourceFile {
    /// How the first value of a declaration is made, or what is at the end of a path of properties in it:
    /// `{ users: new LRUCache(…) }` for `users`. A path may lead on into what is made.
    pub fn making(&self, declaration: &Declaration, path: &[String]) -> Option<Making> {
        let value = declaration.initializer?;
        let span = (self.text.offset(value.start)?, self.text.offset(value.end)?);
        let piece = self.piece(span)?;
        let mut node = piece.value()?;
        for name in path {
            if node.kind() != "object" {
                break;
            }
            node = match piece.property(node, name) {
                Found::Value(value) => value,
                Found::Absent | Found::Unknown => return None,
            };
        }
        let field = match node.kind() {
            "new_expression" => "constructor",
            "call_expression" => "function",
            _ => return None,
        };
        let callee = unwrapped(node.child_by_field_name(field)?);
        let (module, export) = piece.export(callee)?;
        let head = (piece.span(node).0, piece.span(callee).1);
        let arguments = arguments(node).into_iter().map(|it| piece.span(it)).collect();
        let callee = shorten(self.text.slice(head));
        Some(Making { module, export, callee, head_range: self.text.range(head), arguments })
    }

    /// Whether the literal that a declaration begins with has a value at the end of a path of properties.
    pub(crate) fn has_inside(&self, declaration: &Declaration, path: &[&str]) -> bool {
        let of_value = || {
            let value = declaration.initializer?;
            let piece =
                self.piece((self.text.offset(value.start)?, self.text.offset(value.end)?))?;
            let mut node = piece.value()?;
            for name in path {
                let Found::Value(value) = piece.property(node, name) else { return None };
                node = value;
            }
            Some(!matches!(node.kind(), "null" | "undefined"))
        };
        of_value().unwrap_or(false)
    }

    /// What a call is given: as its argument at an index, or as an option in the object there.
    pub fn given(&self, making: &Making, at: usize, option: Option<&str>) -> Given {
        let Some(&argument) = making.arguments.get(at) else { return Given::Nothing };
        if making.arguments[..=at].iter().any(|it| self.text.slice(*it).starts_with("...")) {
            return Given::Unknown;
        }
        let Some(name) = option else { return self.value(argument, LONGEST_CHAIN) };
        match self.option(argument, name, LONGEST_CHAIN) {
            Found::Value(value) => self.value(value, LONGEST_CHAIN),
            Found::Absent => Given::Nothing,
            Found::Unknown => Given::Unknown,
        }
    }

    /// Where a call is given an option, whatever its value comes to.
    pub fn option_at(&self, making: &Making, at: usize, name: &str) -> Option<Range> {
        let Found::Value(value) = self.option(*making.arguments.get(at)?, name, LONGEST_CHAIN)
        else {
            return None;
        };
        Some(self.text.range(value))
    }

    /// The calls of these methods of what a variable holds, with at least so many arguments: `held.take(key)`.
    pub fn method_calls(
        &self,
        target: &crate::file::target::Target<'_>,
        methods: &[&str],
        least: usize,
    ) -> Vec<Call> {
        let sought = self.sought(target);
        let is_it = |call: &&crate::statements::call::CallFact| {
            let matched = call.receiver.as_ref().and_then(|it| self.matches(it, &sought));
            methods.contains(&self.text.slice(call.name))
                && matched.is_some_and(|it| it.exact && !it.nested)
                && self.argument_count(call.span) >= least
        };
        self.index.calls.iter().filter(is_it).map(|call| self.call(call)).collect()
    }

    fn argument_count(&self, call: Span) -> usize {
        let piece = self.piece(call);
        piece.and_then(|piece| Some(arguments(piece.value()?).len())).unwrap_or(0)
    }

    /// The value of an option in an object.
    fn option(&self, object: Span, name: &str, chain: usize) -> Found<Span> {
        let Some(piece) = self.options(object, chain).and_then(|object| self.piece(object)) else {
            return Found::Unknown;
        };
        match piece.value().map(|object| piece.property(object, name)) {
            Some(Found::Value(value)) => Found::Value(piece.span(value)),
            Some(Found::Absent) => Found::Absent,
            Some(Found::Unknown) | None => Found::Unknown,
        }
    }

    /// The object literal that an expression stands for.
    fn options(&self, expression: Span, chain: usize) -> Option<Span> {
        let piece = self.piece(expression)?;
        let node = piece.value()?;
        match node.kind() {
            "object" => Some(piece.span(node)),
            "identifier" if chain > 0 => self.options(self.constant(piece.span(node))?, chain - 1),
            _ => None,
        }
    }

    /// The value of the constant that is named at a place.
    fn constant(&self, name: Span) -> Option<Span> {
        let scope = self.index.scopes.at(name.0)?;
        let variable = self.index.scopes.resolve(self.text.slice(name), scope)?;
        let variable = self.index.scopes.variable(variable);
        variable.initializer.filter(|_| variable.kind == DeclarationKind::Const)
    }

    /// What an expression comes to.
    pub(super) fn value(&self, expression: Span, chain: usize) -> Given {
        let Some(piece) = self.piece(expression) else { return Given::Unknown };
        match piece.value() {
            Some(node) => piece.given(node, chain),
            None => Given::Unknown,
        }
    }

    pub(super) fn piece(&self, span: Span) -> Option<Piece<'_>> {
        if span.1 - span.0 > LONGEST_VALUE {
            return None;
        }
        // In brackets, an object is no block.
        let text = Text::new(format!("({})", self.text.slice(span)));
        let tree = Language::of(&self.path).parse(text.as_str())?;
        Some(Piece { text, tree, start: span.0, file: self })
    }
}

/// What is found of a property in an object literal.
pub(super) enum Found<T> {
    Value(T),
    Absent,
    Unknown,
}

impl Piece<'_> {
    /// The expression that it is.
    pub(super) fn value(&self) -> Option<Node<'_>> {
        let statement = self.tree.root_node().named_child(0)?;
        Some(unwrapped(statement.named_child(0)?))
    }

    /// Where a node of it is in the file.
    pub(super) fn span(&self, node: Node<'_>) -> Span {
        let (from, to) = span(node);
        // One byte is the bracket's.
        (from + self.start - 1, to + self.start - 1)
    }

    pub(super) fn written(&self, node: Node<'_>) -> &str {
        self.text.slice(span(node))
    }

    /// The module that exports what an expression names, and the way to it.
    pub(super) fn export(&self, callee: Node<'_>) -> Option<(String, Vec<String>)> {
        let (mut node, mut names) = (callee, Vec::new());
        while node.kind() == "member_expression" {
            let name = node.child_by_field_name("property")?;
            names.push(self.written(name).to_owned());
            node = unwrapped(node.child_by_field_name("object")?);
        }
        names.reverse();
        let file = self.file;
        if node.kind() == "call_expression" {
            let is_require = self.written(node.child_by_field_name("function")?) == "require";
            let module = *arguments(node).first().filter(|_| is_require)?;
            return Some((string_value(module, &self.text)?.to_owned(), names));
        }
        if node.kind() != "identifier" {
            return None;
        }
        let scopes = &file.index.scopes;
        let scope = scopes.at(self.span(node).0)?;
        let mut variable = scopes.resolve(self.written(node), scope)?;
        for _ in 0..LONGEST_CHAIN {
            let Some(alias) = file.index.aliases.get(&variable) else {
                let value = scopes.variable(variable).initializer?;
                let module = file.required_through_helper(value)?;
                return Some((file.text.slice(module).to_owned(), names));
            };
            let step = |step: &Step| match step {
                Step::Property(name) => Some(file.text.slice(*name).to_owned()),
                Step::Default => Some("default".to_owned()),
                Step::New | Step::Element | Step::Key(_) => None,
            };
            let steps: Option<Vec<String>> = alias.steps.iter().map(step).collect();
            names.splice(0..0, steps?);
            match alias.base {
                Base::Module(module) => return Some((file.text.slice(module).to_owned(), names)),
                Base::Variable { name, scope } => {
                    variable = scopes.resolve(file.text.slice(name), scope)?;
                }
                Base::This(_) | Base::Other => return None,
            }
        }
        None
    }

    /// The last value of a property wins, and what is spread in behind it may have another.
    pub(super) fn property<'t>(&'t self, object: Node<'t>, name: &str) -> Found<Node<'t>> {
        let mut cursor = object.walk();
        let mut found = Found::Absent;
        for part in object.named_children(&mut cursor) {
            let key = match part.kind() {
                "pair" => part.child_by_field_name("key"),
                "method_definition" => part.child_by_field_name("name"),
                "shorthand_property_identifier" => Some(part),
                "comment" => continue,
                _ => None,
            };
            // `...defaults`, `[key]: value`
            let Some(key) = key.filter(|key| key.kind() != "computed_property_name") else {
                found = Found::Unknown;
                continue;
            };
            if property_name(key, &self.text) == name {
                found = Found::Value(unwrapped(part.child_by_field_name("value").unwrap_or(part)));
            }
        }
        found
    }

    fn given(&self, node: Node<'_>, chain: usize) -> Given {
        let node = unwrapped(node);
        let written = self.written(node);
        let range = || self.file.text.range(self.span(node));
        let no_limit = || Given::NoLimit { written: shorten(written), range: range() };
        match written {
            "undefined" | "void 0" => return Given::Nothing,
            "true" => return Given::Yes,
            "false" => return Given::No,
            "Infinity"
            | "Number.POSITIVE_INFINITY"
            | "Number.MAX_SAFE_INTEGER"
            | "Number.MAX_VALUE" => return no_limit(),
            _ => {}
        }
        if let Some(value) = number(written) {
            let limit = Limit { value, name: shorten(written), range: range() };
            // More than a program has of anything.
            return if value >= 1 << 52 {
                no_limit()
            } else {
                Given::Number { limit, is_default: false }
            };
        }
        let Some(chain) = chain.checked_sub(1) else { return Given::Unknown };
        let field = |name| node.child_by_field_name(name);
        match node.kind() {
            "identifier" | "shorthand_property_identifier" => {
                let name = self.span(node);
                let value = self.file.constant(name);
                let given = value.map_or(Given::Unknown, |value| self.file.value(value, chain));
                named(given, written)
            }
            // `options.max` of a constant
            "member_expression" => {
                let (object, name) = (field("object"), field("property"));
                let Some((object, name)) = object.zip(name) else { return Given::Unknown };
                match self.file.option(self.span(object), self.written(name), chain) {
                    Found::Value(value) => named(self.file.value(value, chain), written),
                    Found::Absent => Given::Nothing,
                    Found::Unknown => Given::Unknown,
                }
            }
            "binary_expression" => {
                let operator = field("operator").map_or("", |it| it.kind());
                let (Some(left), Some(right)) = (field("left"), field("right")) else {
                    return Given::Unknown;
                };
                match (operator, self.given(left, chain)) {
                    ("??" | "||", Given::Nothing) | ("||", Given::No) => self.given(right, chain),
                    ("||", Given::Number { limit, .. }) if limit.value == 0 => {
                        self.given(right, chain)
                    }
                    ("??" | "||", Given::Unknown) => by_default(self.given(right, chain)),
                    ("??" | "||", left) => left,
                    ("*", left) => product(left, self.given(right, chain)),
                    _ => Given::Unknown,
                }
            }
            "unary_expression" => {
                let operator = field("operator").map_or("", |it| it.kind());
                let of = field("argument").map_or(Given::Unknown, |it| self.given(it, chain));
                match (operator, of) {
                    ("-", Given::Number { limit, .. }) if limit.value > 0 => no_limit(),
                    ("+", of) => of,
                    _ => Given::Unknown,
                }
            }
            // `"500"`, of which `Number` makes one
            "string" => {
                let value = string_value(node, &self.text).and_then(number);
                value.map_or(Given::Unknown, |value| Given::Number {
                    limit: Limit { value, name: shorten(written), range: range() },
                    is_default: false,
                })
            }
            "call_expression" => {
                let callee =
                    field("function").map_or(Cow::Borrowed(""), |it| self.written(it).into());
                let converts = matches!(
                    &*callee,
                    "Number" | "parseInt" | "parseFloat" | "Number.parseInt" | "Number.parseFloat"
                );
                match arguments(node).first() {
                    Some(first) if converts => self.given(*first, chain),
                    _ => Given::Unknown,
                }
            }
            _ => Given::Unknown,
        }
    }
}

fn by_default(given: Given) -> Given {
    match given {
        Given::Number { limit, .. } => Given::Number { limit, is_default: true },
        // Whether the other is one, nobody knows.
        _ => Given::Unknown,
    }
}

/// The same under the name that is used.
fn named(given: Given, name: &str) -> Given {
    match given {
        Given::Number { limit, is_default } => {
            Given::Number { limit: Limit { name: shorten(name), ..limit }, is_default }
        }
        other => other,
    }
}

fn product(left: Given, right: Given) -> Given {
    match (left, right) {
        (
            Given::Number { limit, is_default: one },
            Given::Number { limit: Limit { value, .. }, is_default: two },
        ) => match limit.value.checked_mul(value) {
            Some(value) => {
                Given::Number { limit: Limit { value, ..limit }, is_default: one || two }
            }
            None => Given::Unknown,
        },
        _ => Given::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Position;

    fn file(text: &str) -> SourceFile {
        SourceFile::parse("main.ts", text.to_owned()).expect("it is short")
    }

    fn held(file: &SourceFile) -> Declaration {
        let end = Position { line: file.line_count() as u32 - 1, column: 0 };
        file.declaration("held", end).expect("it is declared")
    }

    /// What of which module makes `held`: `pack LRU`.
    fn made(text: &str) -> Option<String> {
        let file = file(text);
        let making = file.making(&held(&file), &[])?;
        Some(format!("{} {}", making.module, making.export.join(".")))
    }

    #[test]
    fn what_makes_a_value_is_the_export_of_a_package() {
        for (text, expected) in [
            ("const { LRU } = require('pack');\nconst held = new LRU({});", "pack LRU"),
            ("const pack = require('pack');\nconst held = new pack.LRU({});", "pack LRU"),
            ("const LRU = require('pack').LRU;\nconst held = new LRU({});", "pack LRU"),
            ("const held = new (require('pack').LRU)({});", "pack LRU"),
            ("const held = require('pack')(1);", "pack "),
            (
                "import { LRU as Cache } from 'pack';\nexport const held = new Cache<string, A>();",
                "pack LRU",
            ),
            ("import LRU from 'pack';\nconst held = new LRU() as Held;", "pack default"),
            ("import * as pack from 'pack';\nconst held = pack.lru(1);", "pack lru"),
            (
                "const pack_1 = __importDefault(require('pack'));\nconst held = new pack_1.default();",
                "pack default",
            ),
        ] {
            assert_eq!(made(text).as_deref(), Some(expected), "{text}");
        }
        for none in
            ["const held = new Map();", "class LRU {}\nconst held = new LRU();", "let held;"]
        {
            assert_eq!(made(none), None, "{none}");
        }
    }

    #[test]
    fn what_is_made_deep_in_an_object_is_found_by_its_path() {
        let file =
            file("const { LRU } = require('pack');\nconst held = { users: new LRU(5), n: 1 };\n");
        let making = |path: &[&str]| {
            let path: Vec<String> = path.iter().map(|&it| it.to_owned()).collect();
            file.making(&held(&file), &path)
        };
        assert!(making(&["users"]).is_some());
        assert!(making(&["users", "cache"]).is_some());
        assert_eq!(making(&["n"]), None);
        assert_eq!(making(&["others"]), None);
    }

    /// What is given as `max` in the options that are written there.
    fn max(options: &str, before: &str) -> Given {
        let file = file(&format!("{before}\nconst held = require('pack')({options});\n"));
        let making = file.making(&held(&file), &[]).expect("it is made");
        file.given(&making, 0, Some("max"))
    }

    #[test]
    fn an_option_is_a_number_however_it_is_written() {
        let consts = "const MAX = 20, config = { max: 30 }, all = { max: 40 };";
        for (options, expected) in [
            ("{ max: 500 }", 500),
            ("{ 'max': 5 * 1_000 }", 5_000),
            ("{ max: MAX }", 20),
            ("{ max: 3 * MAX }", 60),
            ("{ max: config.max }", 30),
            ("all", 40),
            ("{ ...config, max: 7 }", 7),
            ("{ max: 0 || 8 }", 8),
            ("{ max: undefined ?? 9 }", 9),
            ("{ max: Number('10') }", 10),
        ] {
            let given = max(options, consts);
            let Given::Number { limit, is_default: false } = &given else {
                panic!("{options}: {given:?}")
            };
            assert_eq!(limit.value, expected, "{options}");
        }
    }

    #[test]
    fn an_option_that_the_environment_may_set_is_known_by_its_default() {
        for options in [
            "{ max: Number(process.env.MAX ?? 500) }",
            "{ max: +(process.env.MAX || 500) }",
            "{ max: parseInt(process.env.MAX ?? '500', 10) }",
            "{ max: size ?? 500 }",
        ] {
            let given = max(options, "");
            assert!(
                matches!(&given, Given::Number { limit, is_default: true } if limit.value == 500),
                "{options}: {given:?}"
            );
        }
    }

    #[test]
    fn what_is_not_given_and_what_limits_nothing_are_told_from_what_nobody_knows() {
        for options in ["{}", "{ other: 1 }", "{ max: undefined }", "{ max: 0 || undefined }", ""] {
            assert_eq!(max(options, ""), Given::Nothing, "{options}");
        }
        for options in ["Infinity", "-1", "Number.MAX_SAFE_INTEGER", "2 ** 53"] {
            let given = max(&format!("{{ max: {options} }}"), "");
            assert!(matches!(given, Given::NoLimit { .. }), "{options}: {given:?}");
        }
        for options in [
            "{ max: size }",
            "{ max: process.env.MAX }",
            "{ ...config }",
            "{ max: 5, ...config }",
            "{ [name]: 5 }",
            "config",
            "...config",
            "{ max: count() }",
        ] {
            assert_eq!(max(options, "let size = 5;"), Given::Unknown, "{options}");
        }
    }

    #[test]
    fn a_call_of_a_method_counts_by_its_arguments() {
        let file = file(
            "const held = new Map();\nheld.put(1, 2, 3);\nheld.put(1);\nother.put(1, 2, 3);\n",
        );
        let target = held(&file);
        let target = crate::file::target::Target::Variable(&target);
        assert_eq!(file.method_calls(&target, &["put"], 0).len(), 2);
        assert_eq!(file.method_calls(&target, &["put"], 3).len(), 1);
    }
}
