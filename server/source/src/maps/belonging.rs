//! Whether a map belongs to a generated text: as a whole, and at one place of it.
//!
//! A map of another build leads from the right places up to the first change, and from wrong ones behind it.
//! So each place is asked by itself: by the mappings next to it. No mapping of the right map begins within a
//! word (of some minifiers one in twelve does), and what minifiers leave alone is the same at both of its ends:
//! literals, properties, and words of the language. By chance that is so once in a hundred times.
//!
//! Not here: whether the sources are those that the map was made from ([`super::witness`]).

use super::token::{Literal, Token};
use super::{Segment, SourceMap};
use crate::text::Text;

/// So many mappings before a place are asked, and as many behind it: the body of a short function.
const NEAR: usize = 16;

/// One in so many that speak against it may do so by chance, of those that are asked.
const BY_CHANCE: usize = 5;

/// So many that agree are no chance.
const SURE: usize = 3;

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
    /// The map has the texts of its sources: that nothing agrees tells something.
    has_texts: bool,
}

/// What one mapping tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    Agrees,
    Differs,
    Nothing,
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
        let told = map.segments().iter().map(told).collect();
        Self { told, has_texts: texts.iter().any(Option::is_some) }
    }

    /// Whether the map can be one of the text.
    pub(crate) fn is_whole(&self) -> bool {
        let against = (0..self.told.len()).filter(|&mapping| self.is_against(mapping)).count();
        against * 100 <= self.told.len() * MOST_AGAINST
    }

    /// Whether what stands at a mapping is what the map was made of: nothing near it says otherwise on either
    /// side, and something says so.
    pub(super) fn holds_at(&self, mapping: usize) -> bool {
        let [before, behind] = self.sides(mapping);
        let agree = count(before, Told::Agrees) + count(behind, Told::Agrees);
        !self.is_against(mapping) && (!self.has_texts || agree >= SURE || self.is_small())
    }

    fn is_against(&self, mapping: usize) -> bool {
        self.sides(mapping).into_iter().any(|side| {
            let differ = count(side, Told::Differs);
            differ > 1 && differ > count(side, Told::Agrees) && differ * BY_CHANCE > side.len()
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

/// Compares what stands at two places of two texts.
fn compare(made: &str, made_at: u32, written: &str, written_at: u32) -> Told {
    let (made_before, made) = made.split_at(made_at as usize);
    let (written_before, written) = written.split_at(written_at as usize);
    let is_property = |before: &str| before.ends_with('.');
    let is_same = match (Token::of(made), Token::of(written)) {
        (Token::Literal(made), Token::Literal(written)) => is_same_literal(&made, &written),
        (Token::Name(made), Token::Name(written)) => {
            let are_properties = is_property(made_before) && is_property(written_before);
            let are_kept = KEPT.contains(&made) && KEPT.contains(&written);
            // Short names are a minifier's, and the same by chance.
            let is_long = made.len() > 2;
            if made == written {
                (is_long || are_properties || are_kept).then_some(true)
            } else {
                (are_properties || are_kept).then_some(false)
            }
        }
        _ => None,
    };
    match is_same {
        Some(true) => Told::Agrees,
        Some(false) => Told::Differs,
        None => Told::Nothing,
    }
}

/// Minifiers put literals together, and change their kind.
fn is_same_literal(made: &Literal<'_>, written: &Literal<'_>) -> Option<bool> {
    match (made, written) {
        (Literal::Number(_), Literal::Number(_))
        | (Literal::Text(_), Literal::Text(_))
        | (Literal::RegExp(_), Literal::RegExp(_)) => Some(made == written),
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
