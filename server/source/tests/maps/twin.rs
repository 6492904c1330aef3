//! Decoding and asking against a naive twin.

use heapmark_source::{Position, decode_map};
use proptest::prelude::*;

use crate::scene::vlq;

/// One mapping: column, then source, original line and column, then a name.
type Mapping = (u32, Option<(u32, u32, u32, Option<u32>)>);

const SOURCES: u32 = 3;
const NAMES: u32 = 4;

/// Some lines of mappings, each line in the order of its columns.
fn lines() -> impl Strategy<Value = Vec<Vec<Mapping>>> {
    let name = proptest::option::of(0..NAMES);
    let original = proptest::option::of((0..SOURCES, 0..90_000u32, 0..500u32, name));
    let line = proptest::collection::vec((0..40u32, original), 0..6).prop_map(|mut line| {
        line.sort_by_key(|mapping| mapping.0);
        line
    });
    proptest::collection::vec(line, 0..12)
}

fn encode(lines: &[Vec<Mapping>]) -> String {
    let mut text = String::new();
    let (mut before, mut name_before) = ((0, 0, 0), 0);
    for (index, line) in lines.iter().enumerate() {
        text.push_str(if index > 0 { ";" } else { "" });
        let mut column_before = 0;
        for (place, &(column, original)) in line.iter().enumerate() {
            text.push_str(if place > 0 { "," } else { "" });
            vlq(&mut text, i64::from(column) - column_before);
            column_before = i64::from(column);
            let Some((source, line, column, name)) = original else { continue };
            let now = (i64::from(source), i64::from(line), i64::from(column));
            vlq(&mut text, now.0 - before.0);
            vlq(&mut text, now.1 - before.1);
            vlq(&mut text, now.2 - before.2);
            before = now;
            if let Some(name) = name.map(i64::from) {
                vlq(&mut text, name - name_before);
                name_before = name;
            }
        }
    }
    text
}

fn map_of(mappings: &str) -> serde_json::Value {
    let names: Vec<_> = (0..NAMES).map(|name| format!("n{name}")).collect();
    let sources: Vec<_> = (0..SOURCES).map(|source| format!("s{source}.ts")).collect();
    serde_json::json!({ "version": 3, "sources": sources, "names": names, "mappings": mappings })
}

/// The line and number of the last mapping at or before a place, by looking at each.
fn naive(lines: &[Vec<Mapping>], place: Position) -> Option<Mapping> {
    let line = lines.get(place.line as usize)?;
    line.iter().rev().find(|mapping| mapping.0 <= place.column).copied()
}

proptest! {
    #[test]
    fn every_place_belongs_to_the_mapping_before_it(lines in lines(), cut in 0..12usize) {
        let plain = map_of(&encode(&lines)).to_string();
        // The same in two sections; each counts from its own beginning.
        let cut = cut.min(lines.len());
        let section = |first: usize, lines: &[Vec<Mapping>]| serde_json::json!({
            "offset": { "line": first, "column": 0 },
            "map": map_of(&encode(lines)),
        });
        let sections = [section(0, &lines[..cut]), section(cut, &lines[cut..])];
        let indexed = serde_json::json!({ "version": 3, "sections": sections }).to_string();

        for json in [plain, indexed] {
            let Ok(map) = decode_map(json.as_bytes()) else {
                let is_empty = lines.iter().flatten().all(|mapping| mapping.1.is_none());
                prop_assert!(is_empty, "{json}");
                continue;
            };
            for line in 0..=lines.len() as u32 {
                for column in [0, 1, 7, 20, 39, 40, u32::MAX] {
                    let place = Position::new(line, column);
                    let found = map.at(place).map(|index| {
                        let segment = &map.segments()[index];
                        let original = segment.source().map(|source| {
                            let source = source % SOURCES;
                            let name = segment.name().map(|name| name % NAMES);
                            (source, segment.original.line, segment.original.column, name)
                        });
                        (segment.generated.column, original)
                    });
                    prop_assert_eq!(found, naive(&lines, place), "{:?}", place);
                }
            }
        }
    }
}
