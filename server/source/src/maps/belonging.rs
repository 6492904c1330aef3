//! Whether a map belongs to a generated text: as a whole, and at one place of it.
//!
//! A map of another build leads from the right places up to the first change, and from wrong ones behind it.
//! So each place is asked by itself: by the mappings next to it, and by all that lie in the function or class
//! that stands there. No mapping of the right map begins within a word (of some minifiers one in twelve does),
//! and what minifiers leave alone is the same at both of its ends: literals, properties, and words of the
//! language. By chance that is so once in a hundred times. Of two functions that are written alike, only
//! another number, text or property tells which one it is: right maps have next to none of these.
//!
//! Not here: whether the sources are those that the map was made from ([`super::witness`]).

use std::ops::Range;

use super::token::{Literal, Token, head, is_operand};
use super::{Segment, SourceMap};
use crate::text::Text;

/// So many mappings before a place are asked, and as many behind it: the body of a short function.
const NEAR: usize = 16;

/// One in so many that speak against it may do so by chance, of those that are asked.
const BY_CHANCE: usize = 5;

/// So many that agree are no chance.
const SURE: usize = 3;

/// Of so many that agree, one may contradict. Of right maps of nine tools 4 in 56,000 mappings do.
const TO_ONE_CONTRADICTION: u32 = 100;

/// Per cent of the mappings that may have neighbors against them. Of right maps of ten tools these were 11 at
/// most, of wrong ones that differ in one function at the end of a small program 23.
const MOST_AGAINST: usize = 15;

/// What minifiers neither rename nor write otherwise.
const KEPT: &[&str] = &[
    "async",
    "await",
    "break",
    "case",
    "catch",
    "class",
    "continue",
    "delete",
    "do",
    "else",
    "extends",
    "finally",
    "for",
    "function",
    "get",
    "if",
    "import",
    "in",
    "instanceof",
    "new",
    "of",
    "return",
    "set",
    "static",
    "super",
    "switch",
    "this",
    "throw",
    "try",
    "typeof",
    "while",
    "yield",
];

/// Of every mapping of a map, what it tells.
pub(crate) struct Belonging {
    told: Vec<Told>,
    /// What all mappings before one tell, and at the end what all do.
    before: Vec<Tally>,
    /// What all mappings into a source tell.
    of_sources: Vec<Tally>,
    /// The map has the texts of its sources: that nothing agrees tells something.
    has_texts: bool,
}

/// What one mapping tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    Agrees,
    /// It begins within a word, or has another word of the language. Some right ones do.
    Differs,
    /// It has another literal, or another property.
    Contradicts,
    Nothing,
}

/// What several mappings tell.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    agree: u32,
    contradict: u32,
}

impl Tally {
    fn with(self, told: Told) -> Self {
        Self {
            agree: self.agree + u32::from(told == Told::Agrees),
            contradict: self.contradict + u32::from(told == Told::Contradicts),
        }
    }

    /// Whether the texts may be the right ones.
    fn may_hold(self) -> bool {
        self.contradict.saturating_mul(TO_ONE_CONTRADICTION) <= self.agree
    }
}

impl Told {
    fn is_against(self) -> bool {
        matches!(self, Told::Differs | Told::Contradicts)
    }
}

impl Belonging {
    /// Asks every mapping.
    pub(super) fn of(map: &SourceMap, generated: &Text) -> Self {
        let texts: Vec<Option<Text>> = map
            .sources()
            .iter()
            .map(|source| source.content.as_deref().map(|it| Text::new(it.to_owned())))
            .collect();
        let told = |segment: &Segment| {
            let Some(source) = segment.source() else { return Told::Nothing };
            // Not all tools count the mark.
            if segment.generated.line == 0 && generated.dropped_mark() > 0 {
                return Told::Nothing;
            }
            if !generated.begins_at(segment.generated) {
                return Told::Differs;
            }
            let ends = generated.offset(segment.generated).zip(texts[source as usize].as_ref());
            ends.map_or(Told::Nothing, |(made, text)| match text.offset(segment.original) {
                Some(written) => compare(generated.as_str(), made, text.as_str(), written),
                None => Told::Differs,
            })
        };
        let told: Vec<Told> = map.segments().iter().map(told).collect();
        let mut before = vec![Tally::default(); told.len() + 1];
        let mut of_sources = vec![Tally::default(); texts.len()];
        for (mapping, (segment, &told)) in map.segments().iter().zip(&told).enumerate() {
            before[mapping + 1] = before[mapping].with(told);
            if let Some(source) = segment.source() {
                of_sources[source as usize] = of_sources[source as usize].with(told);
            }
        }
        Self { told, before, of_sources, has_texts: texts.iter().any(Option::is_some) }
    }

    /// Whether the map can be one of the text.
    pub(crate) fn is_whole(&self) -> bool {
        let against = (0..self.told.len()).filter(|&mapping| self.is_against(mapping)).count();
        against * 100 <= self.told.len() * MOST_AGAINST
    }

    /// Whether what stands at a mapping is what the map was made of: nothing near it says otherwise on either
    /// side, and something says so, what stands behind it too.
    pub(super) fn holds_at(&self, mapping: usize) -> bool {
        let [before, behind] = self.sides(mapping);
        let (agree, against) = (count(behind, Told::Agrees), count_against(behind));
        let all = agree + count(before, Told::Agrees);
        let says_so = all >= SURE && agree > 0 && agree >= against;
        // At the beginning and at the end there may be too little that could tell.
        let is_edge = before.len() + behind.len() < 2 * NEAR;
        let may_be_so = is_edge && all > 0 && against + count_against(before) == 0;
        !self.is_against(mapping) && (!self.has_texts || says_so || may_be_so || self.is_small())
    }

    /// Whether all that stands within these mappings may be what the map was made of: hardly anything there
    /// contradicts.
    pub(super) fn holds_within(&self, mappings: &Range<usize>) -> bool {
        let (first, behind) = (self.before[mappings.start], self.before[mappings.end]);
        let agree = behind.agree - first.agree;
        Tally { agree, contradict: behind.contradict - first.contradict }.may_hold()
    }

    /// Whether all that was made from a source may have been made from the text that the map has of it.
    pub(super) fn holds_of(&self, source: u32) -> bool {
        self.of_sources[source as usize].may_hold()
    }

    fn is_against(&self, mapping: usize) -> bool {
        self.sides(mapping).into_iter().any(|side| {
            let against = count_against(side);
            against > 1 && against > count(side, Told::Agrees) && against * BY_CHANCE > side.len()
        })
    }

    fn sides(&self, mapping: usize) -> [&[Told]; 2] {
        let end = (mapping + NEAR).min(self.told.len());
        [&self.told[mapping.saturating_sub(NEAR)..mapping], &self.told[mapping..end]]
    }

    /// There is too little to be sure of anything.
    fn is_small(&self) -> bool {
        self.told.len() < 2 * NEAR
    }
}

fn count(side: &[Told], what: Told) -> usize {
    side.iter().filter(|&&told| told == what).count()
}

fn count_against(side: &[Told]) -> usize {
    side.iter().filter(|told| told.is_against()).count()
}

/// Compares what stands at two places of two texts.
fn compare(made: &str, made_at: u32, written: &str, written_at: u32) -> Told {
    let (made_before, made) = made.split_at(made_at as usize);
    let (written_before, written) = written.split_at(written_at as usize);
    match (Token::of(made), Token::of(written)) {
        (Token::Literal(value), Token::Literal(literal)) => match is_same(&value, &literal) {
            Some(true) => Told::Agrees,
            // What ends a template looks like the beginning of one, and `60 * 1_000` is put together.
            Some(false) if !made.starts_with('`') && !is_operand(head(written)) => {
                Told::Contradicts
            }
            _ => Told::Nothing,
        },
        (Token::Name(name), Token::Name(word)) => {
            let is_property =
                is_property(made_before, made) && is_property(written_before, written);
            let are_kept = KEPT.contains(&name) && KEPT.contains(&word);
            match name == word {
                // Short names are a minifier's, and the same by chance.
                true if name.len() > 2 || is_property || are_kept => Told::Agrees,
                false if is_property => Told::Contradicts,
                false if are_kept => Told::Differs,
                _ => Told::Nothing,
            }
        }
        _ => Told::Nothing,
    }
}

/// Whether a name behind `before` is that of a property that minifiers leave alone: not `...name` and not
/// `this.#name`.
fn is_property(before: &str, name: &str) -> bool {
    before.ends_with('.') && !before.ends_with("..") && !name.starts_with('#')
}

/// Whether two literals are the same. `None` if they need not be: minifiers put literals together and change
/// their kind, and compilers write other endings of files.
fn is_same(made: &Literal<'_>, written: &Literal<'_>) -> Option<bool> {
    let is_file = |text: &str| text.starts_with("./") || text.starts_with("../");
    match (made, written) {
        (Literal::Text(made), Literal::Text(written)) => {
            (made == written || !is_file(made) && !is_file(written)).then_some(made == written)
        }
        (Literal::Number(_), Literal::Number(_)) | (Literal::RegExp(_), Literal::RegExp(_)) => {
            Some(made == written)
        }
        (Literal::Template(made), Literal::Template(written)) => {
            Some(made.iter().zip(written).all(|(made, written)| made == written))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::maps::MapSource;
    use crate::text::position::Position;

    /// Forty functions, a line each.
    fn written() -> String {
        let function = |n| {
            format!(
                "function load{n}(request) {{ return cache.get('page {n}', request.id, {n}00); }}"
            )
        };
        (0..40).map(|n| function(n) + "\n").collect()
    }

    /// The same on one line, with the names that a minifier gives.
    fn made() -> String {
        written()
            .replace("request", "e")
            .replace("cache", "t")
            .replace('\n', "")
            .replace(" { ", "{")
    }

    /// A map from each word and literal of `made` to the one of `written`.
    fn map(made: &str, written: &str) -> SourceMap {
        let segments = |text: &str| -> Vec<Position> {
            let text = Text::new(text.to_owned());
            let is_part = |c: char| c.is_alphanumeric() || "_$'".contains(c);
            let begins = text.as_str().match_indices(is_part).map(|(at, _)| at);
            let begins = begins.filter(|&at| !text.as_str()[..at].ends_with(is_part));
            begins.map(|at| text.position(at as u32)).collect()
        };
        let pairs = segments(made).into_iter().zip(segments(written));
        let segments =
            pairs.map(|(made, written)| Segment::new(made, written, Some(0), None)).collect();
        let content = Some(written.to_owned().into_boxed_str());
        let source = MapSource { name: "pages.ts".to_owned(), content, is_ignored: false };
        SourceMap::new(segments, vec![source], Vec::new())
    }

    fn belonging(generated: &str) -> Belonging {
        Belonging::of(&map(&made(), &written()), &Text::new(generated.to_owned()))
    }

    #[test]
    fn the_map_of_a_text_holds_everywhere() {
        let right = belonging(&made());
        assert!(right.is_whole());
        assert!((0..right.told.len()).all(|mapping| right.holds_at(mapping)));
    }

    #[test]
    fn the_map_of_another_build_holds_before_the_change() {
        let more = "function more(e,n){for(const r of e)n.push(r.name)}";
        let with_more_before = |name: &str| made().replacen(name, &format!("{more}{name}"), 1);
        // In the middle: it is another build.
        assert!(!belonging(&with_more_before("function load20")).is_whole());
        // Near the end: the places before it are right.
        let late = belonging(&with_more_before("function load37"));
        assert!(late.is_whole());
        let changed = made().find("function load37").expect("it is there");
        let map = map(&made(), &written());
        let is_behind =
            |mapping: usize| map.segments()[mapping].generated.column as usize >= changed;
        for mapping in 0..late.told.len() {
            let far_before = mapping + NEAR < late.told.len() && !is_behind(mapping + NEAR);
            if is_behind(mapping) || far_before {
                assert_eq!(late.holds_at(mapping), !is_behind(mapping), "mapping {mapping}");
            }
        }
    }

    #[test]
    fn of_functions_that_are_written_alike_a_number_tells() {
        // All are as long as the one that is missing, and have the same words.
        let twins =
            |text: &str| text.replace("'page 20'", "'page 21'").replace(", 2000)", ", 2100)");
        let (right, twin) = (belonging(&made()), belonging(&twins(&made())));
        let start = made().find("function load20").expect("it is there");
        let end = made().find("function load21").expect("it is there");
        let map = map(&made(), &written());
        let index = |at: usize| {
            map.segments().partition_point(|segment| (segment.generated.column as usize) < at)
        };
        let function = index(start)..index(end);
        assert!(right.holds_within(&function));
        assert!(!twin.holds_within(&function));
        assert!(twin.holds_at(function.start), "it has the same words");
        assert!(twin.holds_within(&(0..function.start)));
        let others = belonging(&made().replace("'page ", "'side "));
        assert!(right.holds_of(0) && !others.holds_of(0));
    }

    #[test]
    fn what_stands_before_it_says_nothing_of_a_place() {
        // What was put in where the function was has nothing that could be compared.
        let at = made().find("function load38").expect("it is there");
        let other = made()[..at].to_owned() + &"(e)=>[[!0]]; ".repeat(20);
        let map = map(&made(), &written());
        let is_behind = |segment: &Segment| segment.generated.column as usize >= at;
        let first = map.segments().iter().position(is_behind).expect("there are some");
        assert!(!belonging(&other).holds_at(first));
    }

    /// What stands on the two sides of a mapping, each behind `|`.
    fn compared(made: &str, written: &str) -> Told {
        let split = |text: &str| {
            let at = text.find('|').expect("a mark");
            (text.replacen('|', "", 1), at as u32)
        };
        let ((made, made_at), (written, written_at)) = (split(made), split(written));
        compare(&made, made_at, &written, written_at)
    }

    #[test]
    fn only_what_nobody_writes_otherwise_contradicts() {
        for (made, written) in
            [("t(|'b')", "load(|'a')"), ("t(|2)", "load(|1)"), ("t.|get(e)", "cache.|set(request)")]
        {
            assert_eq!(compared(made, written), Told::Contradicts, "{made} {written}");
        }
        for (made, written) in [
            ("t(|'a')", "load(|\"a\")"),
            ("t(|36e5)", "load(|3_600_000)"),
            ("t.|get(e)", "cache.|get(request)"),
        ] {
            assert_eq!(compared(made, written), Told::Agrees, "{made} {written}");
        }
        for (made, written) in [
            // Names of minifiers, also of private fields.
            ("|e()", "|load()"),
            ("this.|#e", "this.|#pages"),
            // A parameter is no property.
            ("(...|e)", "(...|names)"),
            // Compilers write the endings of files.
            ("require(|'./a.js')", "from |'./a.ts'"),
            // Put together.
            ("t(|3600)", "load(|60 * 60)"),
            // The end of a template.
            ("`${e} a|`),t(`b`)", "`${name} a|`);"),
            ("t(|'a')", "load(|PAGE)"),
        ] {
            assert_eq!(compared(made, written), Told::Nothing, "{made} {written}");
        }
    }

    #[test]
    fn without_the_texts_of_sources_beginnings_tell() {
        let map = map(&made(), &written());
        let sources = vec![MapSource { content: None, ..map.sources()[0].clone() }];
        let map = SourceMap::new(map.segments().to_vec(), sources, Vec::new());
        let belonging = |generated: String| Belonging::of(&map, &Text::new(generated));
        let right = belonging(made());
        assert!(right.is_whole() && right.holds_at(100));
        assert!(!belonging(format!("more();{}", made())).is_whole());
    }
}
