//! From the bytes of a source map to a [`SourceMap`].
//!
//! The mappings themselves are decoded by `oxc_sourcemap`; here stand the limits, which hold before
//! anything is decoded, and what that crate does not do: sections and sources without a name.

use oxc_sourcemap::JSONSourceMap;

use super::MapError;
use super::map::{MapSource, Segment, SourceMap};
use super::raw::{Offset, RawMap, Text};
use crate::text::position::Position;

/// Largest map that is read, in bytes. The map of a program of ten megabytes with all its sources
/// has some forty.
pub(super) const LARGEST_MAP: u64 = 64 << 20;
/// Mappings of one map, in all its sections; each takes 48 bytes while it is decoded. Minified code
/// has one in seven bytes.
const MAX_MAPPINGS: usize = 5_000_000;
/// Mappings that begin at one place, on average. Some tools make two.
const MAX_AT_ONE_PLACE: usize = 16;
/// Sections within sections. The standard knows none.
const MAX_SECTION_DEPTH: usize = 8;

/// Decodes a source map, plain or in sections, with or without the `)]}'` that some servers put
/// before JSON.
pub fn decode(bytes: &[u8]) -> Result<SourceMap, MapError> {
    if bytes.len() as u64 > LARGEST_MAP {
        return Err(MapError::TooLarge { limit: LARGEST_MAP });
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let bytes = match bytes.strip_prefix(b")]}") {
        Some(rest) => &rest[rest.iter().position(|&byte| byte == b'\n').unwrap_or(0)..],
        None => bytes,
    };
    let raw: RawMap =
        serde_json::from_slice(bytes).map_err(|error| MapError::NotAMap(error.to_string()))?;
    let mut parts = Parts::default();
    parts.add(raw, &Offset { line: 0, column: 0 }, 0)?;
    if parts.segments.iter().all(|segment| segment.source().is_none()) {
        return Err(MapError::Empty);
    }
    let is_named = |source: u32| !parts.sources[source as usize].name.is_empty();
    if !parts.segments.iter().filter_map(Segment::source).any(is_named) {
        return Err(MapError::Nameless);
    }
    let map = SourceMap::new(parts.segments, parts.sources, parts.names);
    let all = map.segments().len();
    let places = map.segments().chunk_by(|one, two| one.generated == two.generated).count();
    if all > MAX_AT_ONE_PLACE && places < all / MAX_AT_ONE_PLACE {
        return Err(MapError::Damaged("nearly all of its mappings begin at the same place"));
    }
    Ok(map)
}

/// What the sections of a map add up to.
#[derive(Default)]
struct Parts {
    segments: Vec<Segment>,
    sources: Vec<MapSource>,
    names: Vec<Box<str>>,
}

impl Parts {
    fn add(&mut self, raw: RawMap, offset: &Offset, depth: usize) -> Result<(), MapError> {
        if depth > MAX_SECTION_DEPTH {
            return Err(MapError::TooDeep { limit: MAX_SECTION_DEPTH });
        }
        if let Some(version) = raw.version.0.filter(|version| version.as_ref() != "3") {
            return Err(MapError::Version(version.chars().take(20).collect()));
        }
        if let Some(sections) = raw.sections {
            for section in sections.0 {
                let map = section.map.ok_or(MapError::SectionElsewhere)?;
                let column = if section.offset.line == 0 { offset.column } else { 0 };
                let start = Offset {
                    line: section.offset.line.saturating_add(offset.line),
                    column: section.offset.column.saturating_add(column),
                };
                self.add(*map, &start, depth + 1)?;
            }
            return Ok(());
        }

        let sources = raw.sources.map_or_else(Vec::new, |list| list.0);
        let names = raw.names.map_or_else(Vec::new, |list| list.0);
        let left = MAX_MAPPINGS - self.segments.len();
        check(&raw.mappings, left)?;
        let (first_source, first_name) = (self.sources.len() as u32, self.names.len() as u32);
        let tokens = oxc_sourcemap::SourceMap::from_json(JSONSourceMap {
            version: 3,
            file: None,
            mappings: raw.mappings.into_owned(),
            source_root: None,
            // Only how many there are is of interest there.
            sources: vec![String::new(); sources.len()],
            sources_content: None,
            names: vec![String::new(); names.len()],
            debug_id: None,
            ignore_list: None,
        })
        .map_err(|error| MapError::Damaged(what_is_damaged(&error)))?;
        self.segments.reserve_exact(tokens.get_tokens().len());
        self.segments.extend(tokens.get_tokens().map(|token| {
            let column = if token.get_dst_line() == 0 { offset.column } else { 0 };
            Segment::new(
                Position::new(
                    token.get_dst_line().saturating_add(offset.line),
                    token.get_dst_col().saturating_add(column),
                ),
                Position::new(token.get_src_line(), token.get_src_col()),
                token.get_source_id().map(|id| id + first_source),
                token.get_name_id().map(|id| id + first_name),
            )
        }));

        let root = raw.source_root.0.unwrap_or_default();
        let ignored = raw.ignore_list.map_or_else(Vec::new, |list| list.0);
        let mut contents = raw.sources_content.map_or_else(Vec::new, |list| list.0).into_iter();
        self.sources.extend(sources.into_iter().map(|Text(name)| MapSource {
            name: name.map_or_else(String::new, |name| below(&root, &name)),
            content: contents.next().and_then(|text| text.0),
            is_ignored: false,
        }));
        for index in ignored {
            if let Some(source) =
                self.sources.get_mut((first_source.saturating_add(index)) as usize)
            {
                source.is_ignored = true;
            }
        }
        self.names.extend(names.into_iter().map(|name| name.0.unwrap_or_default()));
        Ok(())
    }
}

/// A source's name below the root of the sources.
fn below(root: &str, name: &str) -> String {
    let is_absolute = name.starts_with('/') || name.contains("://");
    if root.is_empty() || is_absolute {
        return name.to_owned();
    }
    format!("{}/{name}", root.trim_end_matches('/'))
}

/// Whether the mappings are few enough, and of the right alphabet.
fn check(mappings: &str, most: usize) -> Result<(), MapError> {
    let mut count = 0;
    let mut between = true;
    for byte in mappings.bytes() {
        match byte {
            b',' | b';' => between = true,
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' => {
                count += usize::from(between);
                between = false;
            }
            _ => {
                return Err(MapError::Damaged("a character in `mappings` is no base64"));
            }
        }
    }
    if count > most {
        return Err(MapError::TooMany { what: "mappings", limit: MAX_MAPPINGS });
    }
    Ok(())
}

fn what_is_damaged(error: &oxc_sourcemap::Error) -> &'static str {
    use oxc_sourcemap::Error;
    match error {
        Error::BadSourceReference(_) => "a mapping leads to a source that is not listed",
        Error::BadNameReference(_) => "a mapping has a name that is not listed",
        Error::BadSegmentSize(_) => "a mapping has the wrong parts",
        _ => "a number in `mappings` is cut or too large",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One line a mapping: generated, source, original, name.
    fn tell(json: &str) -> String {
        let map = match decode(json.as_bytes()) {
            Ok(map) => map,
            Err(error) => return error.to_string(),
        };
        let at = |position: Position| format!("{}:{}", position.line, position.column);
        let lines = map.segments().iter().map(|segment| {
            let name = map.name(segment).map_or_else(String::new, |name| format!(" `{name}`"));
            match segment.source() {
                None => at(segment.generated),
                Some(source) => format!(
                    "{} = {} {}{name}",
                    at(segment.generated),
                    map.sources()[source as usize].name,
                    at(segment.original)
                ),
            }
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn mappings_count_on_from_the_one_before() {
        let json = r#"{"version":3,"sources":["a.ts","b.ts"],"names":["x","y"],
            "mappings":"AAAAA,GAAIC;;ACAA,CAAD"}"#;
        insta::assert_snapshot!(tell(json), @r"
        0:0 = a.ts 0:0 `x`
        0:3 = a.ts 0:4 `y`
        2:0 = b.ts 0:4
        2:1 = b.ts 0:3
        ");
    }

    #[test]
    fn sections_stand_one_behind_the_other() {
        let part = |name: &str| {
            format!(r#"{{"version":3,"sources":["{name}"],"names":["n"],"mappings":"AAAAA;AACA"}}"#)
        };
        let json = format!(
            r#"{{"version":3,"sections":[
                {{"offset":{{"line":0,"column":5}},"map":{}}},
                {{"offset":{{"line":7,"column":9}},"map":{}}}]}}"#,
            part("a.ts"),
            part("b.ts")
        );
        insta::assert_snapshot!(tell(&json), @r"
        0:5 = a.ts 0:0 `n`
        1:0 = a.ts 1:0
        7:9 = b.ts 0:0 `n`
        8:0 = b.ts 1:0
        ");
    }

    #[test]
    fn what_real_maps_have_in_odd_places_is_accepted() {
        for json in [
            r#"{"version":3,"sources":["a",null],"names":["x",7,null,{}],"mappings":"AAAA"}"#,
            r#"{"sources":["a"],"mappings":"AAAA","sourcesContent":null,"sections":null}"#,
            r#"{"version":3,"sources":["a"],"names":null,"mappings":"AAAA","file":7,"more":[]}"#,
            ")]}'\n{\"version\":3,\"sources\":[\"a\"],\"mappings\":\",;,AAAA,,\"}",
            "\u{feff}{\"version\":\"3\",\"sources\":[\"a\"],\"mappings\":\"AAAA\"}",
        ] {
            assert!(tell(json).ends_with("= a 0:0"), "{json}: {}", tell(json));
        }
    }

    #[test]
    fn the_root_of_the_sources_stands_before_them() {
        let name = |root: &str, name: &str| {
            let json = format!(
                r#"{{"sourceRoot":"{root}","sources":["{name}"],"mappings":"AAAA","ignoreList":[0,9]}}"#
            );
            let map = decode(json.as_bytes()).expect("a map");
            assert!(map.sources()[0].is_ignored);
            map.sources()[0].name.clone()
        };
        assert_eq!(name("", "../a.ts"), "../a.ts");
        assert_eq!(name("/build/", "a.ts"), "/build/a.ts");
        assert_eq!(name("src", "a.ts"), "src/a.ts");
        assert_eq!(name("/build", "/app/a.ts"), "/app/a.ts");
        assert_eq!(name("/build", "webpack://app/a.ts"), "webpack://app/a.ts");
    }

    #[test]
    fn what_is_wrong_is_said() {
        let map = |mappings: &str| {
            tell(&format!(r#"{{"version":3,"sources":["a"],"names":[],"mappings":"{mappings}"}}"#))
        };
        insta::assert_snapshot!(
            [
                tell(""), tell("[]"), tell("{}"), tell(r#"{"version":4,"mappings":""}"#),
                map("A!AA"), map("AA"), map("gggggggggggggggg"), map("ACAA"), map("AAAAA"),
                map("DAAA"), map(";;;"), map(&"AAAA,".repeat(1000)),
                tell(r#"{"version":3,"sources":[null,""],"mappings":"AAAA,CCAA"}"#),
                tell(r#"{"version":3,"sections":[{"offset":{"line":0,"column":0},"url":"x.map"}]}"#),
                tell(r#"{"version":3,"sections":[{"offset":{"line":-1,"column":0}}]}"#),
            ]
            .join("\n"),
            @r"
        is no source map: EOF while parsing a value at line 1 column 0
        is empty: it maps no line
        is empty: it maps no line
        has version 4; only version 3 is known
        is damaged: a character in `mappings` is no base64. Build again
        is damaged: a mapping has the wrong parts. Build again
        is damaged: a number in `mappings` is cut or too large. Build again
        is damaged: a mapping leads to a source that is not listed. Build again
        is damaged: a mapping has a name that is not listed. Build again
        is damaged: a mapping has the wrong parts. Build again
        is empty: it maps no line
        is damaged: nearly all of its mappings begin at the same place. Build again
        names none of its sources: build again, with their names
        has sections in other files (`url`), which are not followed
        is no source map: invalid value: integer `-1`, expected u32 at line 1 column 45
        "
        );
    }
}
