//! What a mapping has on its two sides: in the text that was made, and in the one that was written.
//!
//! The same name or the same literal says that it is the same text; another one says that it is not.
//! What compilers write in other words than people says nothing: `exports.bus` or `bus_1.bus` for
//! `bus`, `_this` for `this`, `var` for `const`, `__awaiter`, `Level[Level["Info"] = 0]`. Which words
//! these are was learnt from the compilers; `tests/maps/witness.rs` asks them again.

use std::cell::{Cell, OnceCell, RefCell};

use rustc_hash::FxHashSet;

use super::near::word;
use super::token::{Literal, Token, head, is_operand, members};
use super::{Segment, SourceMap};
use crate::text::Text;

/// So many imports of a file are read, the beginning of each.
const MAX_IMPORTS: usize = 1_000;

/// Both sides of a map.
pub(super) struct Pair<'a> {
    map: &'a SourceMap,
    generated: Option<&'a Text>,
    source: u32,
    original: &'a str,
    words: OnceCell<Words<'a>>,
    is_composed: OnceCell<bool>,
    /// The imported names that were seen to be the same on both sides.
    kept: RefCell<FxHashSet<&'a str>>,
    /// Whether an imported name was seen where another one is written.
    is_unsure: Cell<bool>,
}

/// What the original says of its own names.
struct Words<'a> {
    all: FxHashSet<&'a str>,
    /// The names that stand in imports.
    imported: FxHashSet<&'a str>,
    /// `a as b`: both, in order.
    aliases: FxHashSet<(&'a str, &'a str)>,
}

impl<'a> Pair<'a> {
    /// A map's mappings into `source`, whose text is `original`.
    pub(super) fn new(
        map: &'a SourceMap,
        source: u32,
        generated: Option<&'a Text>,
        original: &'a str,
    ) -> Self {
        let (words, is_composed) = (OnceCell::new(), OnceCell::new());
        let (kept, is_unsure) = (RefCell::default(), Cell::new(false));
        Self { map, generated, source, original, words, is_composed, kept, is_unsure }
    }

    /// Whether it is worth asking all mappings once more: what is known of imported names by now may
    /// tell what nobody could before.
    pub(super) fn knows_more(&self) -> bool {
        self.is_unsure.get() && !self.kept.borrow().is_empty()
    }

    /// Whether a mapping, which leads to an offset of the source, has the same on both sides; `None`
    /// if that cannot be told.
    pub(super) fn agrees(&self, segment: &Segment, offset: u32) -> Option<bool> {
        let (before, written) = self.original.split_at(offset as usize);
        let written = head(written);
        let made = self.generated.and_then(|generated| {
            Some(head(&generated.as_str()[generated.offset(segment.generated)? as usize..]))
        });
        let name = self.map.name(segment);
        if is_inside_something(before.chars().next_back(), written.chars().next()) {
            let token = made.map_or(Token::Nothing, Token::of);
            // Maps of blank lines lead to blank lines, and some tools miss the end of a word.
            let is_known = name.is_some() || matches!(token, Token::Name(_) | Token::Literal(_));
            return (is_known || made.is_some_and(is_end_of_block)).then_some(false);
        }
        if let Some(name) = name {
            // What a compiler calls the file itself, or joins of several parts, is no word.
            let is_word = word(name) == Some(name);
            // It ends there.
            let is_end = before.ends_with(name) && !is_part(written.chars().next());
            return (is_word && !is_end)
                .then(|| self.is_name(name, made.unwrap_or(name), written))?;
        }
        let made = made?;
        // Some tools lead from the blanks before a statement to the statement.
        let statement = made.trim_start_matches([' ', '\t']);
        if statement.len() < made.len() {
            let token = Token::of(written);
            let tells = matches!(token, Token::Name(_) | Token::Literal(_));
            return (tells && Token::of(statement) == token).then_some(true);
        }
        match (Token::of(made), Token::of(written)) {
            (Token::Name(_), Token::Name(_))
                if written.starts_with('#') != made.starts_with('#') =>
            {
                None
            }
            (Token::Name(name), _) => self.is_name(name, made, written),
            (Token::Literal(made), Token::Literal(literal)) => {
                let same = is_literal(&made, &literal);
                // `60 * 1_000` is put together by those who make code shorter.
                same.filter(|same| *same || !is_operand(written))
            }
            // An element's name in JSX becomes a string, a constant of an enum its value.
            (Token::Literal(Literal::Text(made)), Token::Name(written)) => {
                (made == written).then_some(true)
            }
            // Something was put in where a block ended.
            (Token::Other, Token::Name(word)) if is_end_of_block(made) => {
                (!is_word_of_language(word)).then_some(false)
            }
            (Token::Other, Token::Literal(_)) => is_end_of_block(made).then_some(false),
            _ => None,
        }
    }

    /// Whether a name, of which `made` is the text that was made, is what is written.
    fn is_name(&self, name: &str, made: &str, written: &str) -> Option<bool> {
        let same = match Token::of(written) {
            Token::Name(word) => self.is_same_name(name, made, word, written),
            // Some maps lead into templates.
            Token::Literal(Literal::Template(_)) => None,
            // `a["b"]` and `{ "b": 1 }` lose their quotes.
            Token::Literal(Literal::Text(text)) if text == name => Some(true),
            _ if is_word_of_language(name) || self.is_made_up(name, made) => None,
            // `<div>`, `@logged`: calls that a compiler writes; `catch {`: a name that it makes up.
            Token::Other if written.starts_with(['<', '@']) || !self.words().all.contains(name) => {
                None
            }
            // `...rest`, `(value)`, `{ value }`: of several names perhaps the first one.
            Token::Other if written.starts_with(['.', '(', '[', '{']) => {
                let inner = written.trim_start_matches(['.', '(', '[', '{', ' ']);
                (word(inner) == Some(name)).then_some(true)
            }
            Token::Nothing | Token::Other | Token::Literal(_) => Some(false),
        };
        same.filter(|same| *same || !self.is_loose(name, written))
    }

    /// Whether a mapping that was made from two others may lead here although the name is another:
    /// they lead to what stands before it, and know the names of the text in between.
    fn is_loose(&self, name: &str, written: &str) -> bool {
        const NEAR: usize = 80;
        let near = || written.char_indices().nth(NEAR).map_or(written, |(end, _)| &written[..end]);
        *self.is_composed.get_or_init(|| self.is_composed())
            && (!self.words().all.contains(name) || near().contains(name))
    }

    /// Whether the map was made from two others: then it has names of the text in between, which no
    /// person wrote. A few may have been edited.
    fn is_composed(&self) -> bool {
        const FEW: usize = 2;
        let segments = self.map.segments().iter().filter(|it| it.source() == Some(self.source));
        let names = segments.filter_map(|segment| self.map.name(segment));
        let foreign =
            names.filter(|name| word(name) == Some(name) && !self.words().all.contains(name));
        foreign.collect::<FxHashSet<_>>().len() > FEW
    }

    fn is_same_name(&self, name: &str, made: &str, written: &str, text: &str) -> Option<bool> {
        // `this.size` for a parameter, `exports.bus`, `bus_1.bus`, `Session.prototype.close`.
        if name == written || members(made).any(|member| member == written) {
            if name == written
                && let Some(&imported) = self.words().imported.get(name)
            {
                self.kept.borrow_mut().insert(imported);
            }
            return Some(true);
        }
        // A second one of its name: `Session_1`, `session$2`.
        let number = name.strip_prefix(written).map(|rest| rest.trim_start_matches(['_', '$']));
        if number.is_some_and(is_number) {
            return Some(true);
        }
        let is_value = |word| matches!(word, "true" | "false" | "null" | "undefined");
        if is_value(name) && is_value(written) {
            return Some(false);
        }
        if is_word_of_language(name) || is_word_of_language(written) {
            return None;
        }
        // `Session.prototype.close`
        let method = members(made).skip_while(|member| *member != "prototype").nth(1);
        if method.is_some() {
            return Some(false);
        }
        if member_of_enum(made) == Some(written) {
            return Some(true);
        }
        let words = self.words();
        // `types_1.fast` for `types.fast`.
        let mut both = members(made).zip(members(text)).filter(|(one, two)| one == two);
        if is_module(name) && both.next().is_some() {
            return Some(true);
        }
        if let Some(member) = members(made).next().filter(|_| is_module(name)) {
            return match member {
                "default" => None,
                _ if name == "exports" => Some(words.aliases.contains(&(written, member))),
                _ => Some(words.aliases.contains(&(member, written))),
            };
        }
        // Bundlers give an import the name that it has where it comes from; but one that stands for itself
        // stands for no other.
        if words.imported.contains(written) {
            let is_other =
                words.imported.contains(name) && !words.aliases.contains(&(name, written));
            self.is_unsure.set(self.is_unsure.get() || is_other);
            return (is_other && self.kept.borrow().contains(name)).then_some(false);
        }
        (!self.is_made_up(name, made)).then_some(false)
    }

    /// Whether no person wrote the name: `_a`, `__awaiter`, `bus_1`, `Object.defineProperty`.
    fn is_made_up(&self, name: &str, made: &str) -> bool {
        let member = members(made).next();
        name == "prototype"
            || members(made).any(|member| member == "prototype")
            || name.starts_with('_') && !self.words().all.contains(name)
            || is_module(name)
            || matches!(
                (name, member),
                ("call" | "apply" | "concat", _)
                    | ("Object", Some("defineProperty" | "assign" | "create" | "freeze"))
                    | ("Math", Some("pow"))
                    | ("Reflect" | "React" | "Symbol" | "Promise", Some(_))
            )
    }

    fn words(&self) -> &Words<'a> {
        self.words.get_or_init(|| Words::of(self.original))
    }
}

impl<'a> Words<'a> {
    fn of(text: &'a str) -> Self {
        let mut words = Words {
            all: FxHashSet::default(),
            imported: FxHashSet::default(),
            aliases: FxHashSet::default(),
        };
        let split = |text: &'a str| text.split(|c: char| !is_part(Some(c)));
        let (mut before, mut last) = ("", "");
        for word in split(text).filter(|word| !word.is_empty()) {
            words.all.insert(word);
            if last == "as" {
                words.aliases.insert((before, word));
            }
            (before, last) = (last, word);
        }
        for (start, import) in text.match_indices("import").take(MAX_IMPORTS) {
            let names = head(&text[start + import.len()..]);
            let end = names.find(['\'', '"', '(', ';', '=']).unwrap_or(names.len());
            words.imported.extend(split(&names[..end]));
        }
        words
    }
}

/// Of `Level[Level["Info"] = 0] = "Info"`, of its inner part, and of the same in short, `Info`.
fn member_of_enum(made: &str) -> Option<&str> {
    let name = word(made)?;
    let behind = &made[name.len()..];
    let inner =
        behind.strip_prefix('[').and_then(|inner| inner.strip_prefix(name)).unwrap_or(behind);
    match inner.strip_prefix('[') {
        Some(text) => word(text.strip_prefix(['"', '\''])?),
        None => word(inner.strip_prefix('.')?).filter(|_| inner.len() < behind.len()),
    }
}

/// Whether a place between two characters is within a word or a blank. Nothing begins or ends
/// there, and no mapping of the text that was built leads there.
fn is_inside_something(before: Option<char>, behind: Option<char>) -> bool {
    let is_blank = |c: Option<char>| c.is_none_or(char::is_whitespace);
    is_part(before) && is_part(behind) || before.is_some() && is_blank(before) && is_blank(behind)
}

/// Whether a block ends here, and a line.
fn is_end_of_block(made: &str) -> bool {
    made.strip_prefix('}').is_some_and(|behind| behind.starts_with(['\n', '\r']))
}

/// What modules are called by those who make one of another: `exports`, `bus_1`, `import_bus`,
/// `_bus__WEBPACK_IMPORTED_MODULE_0__`.
fn is_module(name: &str) -> bool {
    let number = name.rsplit_once('_').map(|(_, number)| number);
    matches!(name, "exports" | "module" | "require")
        || name.starts_with("import_")
        || number.is_some_and(is_number)
        || name.contains("__WEBPACK_")
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_part(c: Option<char>) -> bool {
    c.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '$'))
}

fn is_literal(made: &Literal<'_>, written: &Literal<'_>) -> Option<bool> {
    match (made, written) {
        (Literal::Template(made), Literal::Template(written)) => {
            Some(made.iter().zip(written).all(|(made, written)| made == written))
        }
        // Old JavaScript has none, and those who make code shorter put one together.
        (Literal::Text(text), Literal::Template(pieces))
        | (Literal::Template(pieces), Literal::Text(text)) => {
            pieces.first().filter(|first| !first.is_empty() && *first == text).map(|_| true)
        }
        (Literal::Number(_), Literal::Text(_)) => None,
        (made, written) => Some(made == written),
    }
}

/// Words that compilers put for each other, and words before a declaration that they drop.
const WORDS: &str = "abstract accessor as asserts async await break case catch class const \
    constructor continue declare default delete do else enum export extends false finally for from \
    function get if import in instanceof interface let module namespace new null of override private \
    protected public readonly return satisfies set static super switch this throw true try type \
    typeof undefined var void while with yield";

fn is_word_of_language(word: &str) -> bool {
    WORDS.split(' ').any(|it| it == word)
}
