//! Of a map with fewer mappings, places are the same, or there are none: tools differ in what they map.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use heapmark_source::{
    AsItRan, Position, RanScript, Script, Segment, SourceFile, SourceMap, Wanted, Workspace,
    decode_map,
};

use crate::witness::{built, scripts, ways};

/// Which mappings of a map are left.
const THINNINGS: [(&str, Keep); 6] = [
    ("every other", |index, _, _| index % 2 == 0),
    ("every third", |index, _, _| index % 3 == 1),
    ("the first of each line", |_, is_first, _| is_first),
    ("none of functions", |_, _, begins_function| !begins_function),
    ("none of functions, and few others", |index, _, begins| !begins && index % 3 != 0),
    ("some", |index, _, _| (index * 7919) % 11 < 4),
];

/// Told the mapping's number, whether it is the first of its line, and whether V8 would point there.
type Keep = fn(usize, bool, bool) -> bool;

#[test]
fn fewer_mappings_lead_to_the_same_functions_or_to_none() {
    let workspace = Workspace::new(vec![built().to_owned()]);
    let mut failures = Vec::new();
    let (mut found, mut all) = (0, 0);
    for file in ways().iter().flat_map(|way| scripts(way)) {
        let text = fs::read_to_string(&file).expect("it was built");
        let beside = format!("{}.map", file.display());
        let map = decode_map(&fs::read(beside).expect("it has a map")).expect("it is one");
        let generated = SourceFile::parse(&file, text.clone()).expect("it can be parsed");
        let places = |map: &str| places(&workspace, &file, &text, &generated, map);
        let whole = places(&encoded(&map, &file, map.segments()));
        for (thinning, keep) in THINNINGS {
            let mut line = None;
            let kept: Vec<Segment> = map
                .segments()
                .iter()
                .enumerate()
                .filter(|(index, segment)| {
                    let is_first =
                        line.replace(segment.generated.line) != Some(segment.generated.line);
                    let begins = generated.function_at(segment.generated).is_some();
                    keep(*index, is_first, begins)
                })
                .map(|(_, segment)| *segment)
                .collect();
            let thin = places(&encoded(&map, &file, &kept));
            all += whole.len();
            found += thin.len();
            for (position, place) in &thin {
                // What no source has, a compiler made.
                let Some(expected) = whole.get(position) else { continue };
                if !is_same(place, expected) {
                    let name = file.strip_prefix(built()).expect("it was built there").display();
                    failures
                        .push(format!("{thinning}, {name}:{position:?}: {place}, not {expected}"));
                }
            }
        }
    }
    println!("{found} of {all} places");
    assert!(failures.is_empty(), "{} of {found}:\n{}", failures.len(), failures.join("\n"));
    assert!(found * 2 > all, "{found} of {all}");
}

/// A constructor stands for its class.
fn is_same(one: &str, other: &str) -> bool {
    let class = |place: &str| {
        let name = place.split_once(' ').map_or(place, |(_, name)| name);
        name.strip_suffix(".constructor").unwrap_or(name).to_owned()
    };
    let is_constructor = one.ends_with(".constructor") || other.ends_with(".constructor");
    one == other || is_constructor && class(one) == class(other)
}

/// What the functions of a script are in the sources, by V8's positions.
fn places(
    workspace: &Workspace,
    file: &Path,
    text: &str,
    generated: &SourceFile,
    map: &str,
) -> BTreeMap<Position, String> {
    let ran = RanScript {
        name: file.to_str().expect("text").to_owned(),
        source: Some(text.to_owned()),
        source_map_url: Some(map.to_owned()),
        ..RanScript::default()
    };
    let past = AsItRan::new(workspace);
    let script = Script::new(&past, ran);
    let mut places = BTreeMap::new();
    for function in generated.functions() {
        if let Some(found) = script.thing(&past, function.anchor, Wanted::Function) {
            let line = found.what.name_range().start.line + 1;
            let place =
                format!("{}:{line} {}", workspace.relative(found.file.path()), found.what.name());
            places.insert(function.anchor, place);
        }
    }
    places
}

/// A map with these mappings and the texts of its sources, as a URL.
fn encoded(map: &SourceMap, file: &Path, segments: &[Segment]) -> String {
    let folder = file.parent().expect("a folder");
    let text = |name: &str| fs::read_to_string(folder.join(name)).ok();
    let sources: Vec<&str> = map.sources().iter().map(|source| source.name.as_str()).collect();
    let contents: Vec<Option<String>> = sources.iter().map(|name| text(name)).collect();
    let mut mappings = String::new();
    let (mut line, mut column, mut before) = (0, 0, [0; 3]);
    let mut is_first = true;
    for segment in segments {
        while line < segment.generated.line {
            mappings.push(';');
            (line, column, is_first) = (line + 1, 0, true);
        }
        if !std::mem::replace(&mut is_first, false) {
            mappings.push(',');
        }
        number(&mut mappings, i64::from(segment.generated.column) - column);
        column = i64::from(segment.generated.column);
        let Some(source) = segment.source() else { continue };
        let now = [source, segment.original.line, segment.original.column].map(i64::from);
        for (now, before) in now.iter().zip(before) {
            number(&mut mappings, now - before);
        }
        before = now;
    }
    let json = serde_json::json!({
        "version": 3,
        "sources": sources,
        "sourcesContent": contents,
        "names": [],
        "mappings": mappings,
    });
    let mut url = "data:application/json,".to_owned();
    for byte in json.to_string().bytes() {
        let _ = write!(url, "%{byte:02x}");
    }
    url
}

/// Appends a number as maps write them.
fn number(text: &mut String, number: i64) {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut rest = number.unsigned_abs() << 1 | u64::from(number < 0);
    loop {
        let more = rest > 31;
        text.push(DIGITS[(rest & 31 | if more { 32 } else { 0 }) as usize] as char);
        rest >>= 5;
        if !more {
            return;
        }
    }
}
