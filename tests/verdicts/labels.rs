//! What is known of a program before it is looked at: which lines may be blamed for its leaks, or that it
//! has none.
//!
//! The bundled programs and the tricky ones say it in their sources, the corpus in `truth.json`. The reproductions say it in
//! prose, so `labels.json` beside this file has their lines. Healthy programs have no leak to name.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use heapmark_tests::cases::Tricky;
use heapmark_tests::{Mark, Program};
use serde::Deserialize;

use crate::report::Place;

/// Lines of the reproductions: of each the leaks, of each leak the lines, as `FILE:LINE`.
const REPRODUCTIONS: &str = include_str!("labels.json");

/// What is known of a program.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Labels {
    /// Its leaks; none if it is healthy.
    pub(crate) leaks: Vec<Blamed>,
    /// Places that are worth a look and no leak: what is found there is not counted.
    pub(crate) aside: Blamed,
}

/// The lines of which any may be blamed for one leak.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Blamed(Vec<Line>);

/// A line of a file, from 1.
#[derive(Debug, PartialEq, Eq)]
struct Line {
    file: String,
    number: u32,
    /// The file is that of a source map: its path may begin elsewhere.
    is_original: bool,
}

impl Labels {
    /// Those of the program with this name, as recorded; `beside` is the folder with the corpus.
    pub(crate) fn of(name: &str, beside: &Path) -> Result<Self> {
        let (kind, program) = name.split_once('/').context("a program has a kind")?;
        match kind {
            "programs" => Ok(Self::of_marks(&Program::named(program)?.marks)),
            "corpus" => {
                let text = fs::read_to_string(beside.join(name).join("truth.json"))?;
                Ok(serde_json::from_str::<Truth>(&text)?.labels())
            }
            "tricky" => Self::of_tricky(&Tricky::named(program)?),
            "repro-leaks" => Self::of_reproduction(program),
            _ => Ok(Self::default()),
        }
    }

    pub(crate) fn is_healthy(&self) -> bool {
        self.leaks.is_empty()
    }

    /// The marks of one rule are one leak.
    fn of_marks(marks: &[Mark]) -> Self {
        let mut rules: BTreeMap<&str, Vec<&Mark>> = BTreeMap::new();
        for mark in marks {
            rules.entry(&mark.rule).or_default().push(mark);
        }
        let mut labels = Self::default();
        for marks in rules.into_values() {
            let lines = marks.iter().map(|mark| Line::new(&mark.file, mark.line));
            if marks.iter().any(|mark| mark.is_information) {
                labels.aside.0.extend(lines);
            } else {
                labels.leaks.push(Blamed(lines.collect()));
            }
        }
        labels
    }

    /// All marks are one leak.
    fn of_tricky(program: &Tricky) -> Result<Self> {
        let blamed = program.blamed()?;
        ensure!(
            program.leaks() != blamed.is_empty(),
            "tricky/{}: lines are marked where something leaks, and nowhere else",
            program.name()
        );
        let lines: Vec<Line> = blamed.iter().map(|(file, line)| Line::new(file, *line)).collect();
        let leaks = if lines.is_empty() { Vec::new() } else { vec![Blamed(lines)] };
        Ok(Self { leaks, ..Self::default() })
    }

    fn of_reproduction(name: &str) -> Result<Self> {
        let all: BTreeMap<String, Vec<Vec<String>>> = serde_json::from_str(REPRODUCTIONS)?;
        let known = all.get(name).with_context(|| {
            format!("tests/verdicts/labels.json does not say which lines of {name} leak: add them")
        })?;
        Self::of_lines(known)
    }

    /// Of each leak its lines, as `FILE:LINE`.
    pub(crate) fn of_lines(leaks: &[Vec<String>]) -> Result<Self> {
        let leaks = leaks.iter().map(|lines| {
            let lines = lines.iter().map(|line| Line::parse(line)).collect::<Result<_>>();
            lines.map(Blamed)
        });
        Ok(Self { leaks: leaks.collect::<Result<_>>()?, ..Self::default() })
    }
}

impl Blamed {
    /// Whether one of these places is within one line of a line that may be blamed.
    pub(crate) fn is_at(&self, places: &[Place]) -> bool {
        places.iter().any(|place| self.0.iter().any(|line| line.is_near(place)))
    }
}

impl Line {
    fn new(file: &str, line: u32) -> Self {
        Self { file: file.to_owned(), number: line, is_original: false }
    }

    fn parse(text: &str) -> Result<Self> {
        let (file, line) = text.rsplit_once(':').context("a label is FILE:LINE")?;
        Ok(Self::new(file, line.parse().with_context(|| format!("{text} names no line"))?))
    }

    fn is_near(&self, place: &Place) -> bool {
        let file = place.file.replace('\\', "/");
        let is_file = match file.strip_suffix(&self.file) {
            Some(before) => before.is_empty() || (self.is_original && before.ends_with('/')),
            None => false,
        };
        is_file && self.number.abs_diff(place.line) <= 1
    }
}

/// `truth.json` of the corpus.
#[derive(Deserialize)]
struct Truth {
    #[serde(default)]
    root_causes: Vec<Blame>,
    #[serde(default)]
    also_acceptable: Vec<Blame>,
}

#[derive(Deserialize)]
struct Blame {
    file: String,
    line: u32,
    /// It names what leaks rather than what keeps it.
    #[serde(default)]
    weak: bool,
    /// The same line in the package's own source, if its map leads there.
    original: Option<Original>,
}

#[derive(Deserialize)]
struct Original {
    source: String,
    line: u32,
}

impl Truth {
    /// A control names no line.
    fn labels(self) -> Labels {
        let blames = self.root_causes.into_iter().chain(self.also_acceptable);
        let mut lines = Vec::new();
        for blame in blames.filter(|blame| !blame.weak) {
            lines.push(Line::new(&blame.file, blame.line));
            if let Some(Original { source, line }) = blame.original {
                let file = source.trim_start_matches("../").to_owned();
                lines.push(Line { file, number: line, is_original: true });
            }
        }
        let leaks = if lines.is_empty() { Vec::new() } else { vec![Blamed(lines)] };
        Labels { leaks, ..Labels::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(file: &str, line: u32) -> Vec<Place> {
        vec![Place { file: file.to_owned(), line }]
    }

    fn truth(json: &str) -> Labels {
        serde_json::from_str::<Truth>(json).expect("it is a truth").labels()
    }

    #[test]
    fn a_place_counts_within_one_line_of_the_same_file() {
        let blamed = Blamed(vec![Line::new("src/cache.js", 10)]);
        for line in [9, 10, 11] {
            assert!(blamed.is_at(&at("src/cache.js", line)), "{line}");
        }
        for (file, line) in [("src/cache.js", 8), ("src/cache.js", 12), ("other/src/cache.js", 10)]
        {
            assert!(!blamed.is_at(&at(file, line)), "{file}:{line}");
        }
        assert!(!blamed.is_at(&at("cache.js", 10)));
    }

    #[test]
    fn any_of_the_places_of_a_finding_counts() {
        let blamed = Blamed(vec![Line::new("a.js", 3)]);
        let places = [at("b.js", 3), at("a.js", 4)].concat();
        assert!(blamed.is_at(&places));
        assert!(!blamed.is_at(&[]));
    }

    #[test]
    fn a_tricky_program_says_where_it_leaks_or_is_healthy() {
        let programs = Tricky::all().expect("they can be read");
        assert!(programs.iter().any(Tricky::leaks) && !programs.iter().all(Tricky::leaks));
        for program in programs {
            let name = format!("tricky/{}", program.name());
            let labels = Labels::of(&name, Path::new("")).expect("its marks are understood");
            assert_eq!(labels.is_healthy(), !program.leaks(), "{name}");
        }
    }

    #[test]
    fn weak_lines_do_not_count_and_a_control_has_none() {
        let labels = truth(
            r#"{ "root_causes": [{ "file": "a.js", "line": 1 }],
                 "also_acceptable": [{ "file": "b.js", "line": 1, "weak": true }] }"#,
        );
        assert_eq!(labels.leaks, [Blamed(vec![Line::new("a.js", 1)])]);
        assert!(truth(r#"{ "control": true }"#).is_healthy());
    }

    #[test]
    fn the_source_behind_a_map_may_lie_below_another_folder() {
        let labels = truth(
            r#"{ "root_causes": [{ "file": "dist/a.js", "line": 1,
                                   "original": { "source": "../../src/a.ts", "line": 7 } }] }"#,
        );
        assert!(labels.leaks[0].is_at(&at("node_modules/it/src/a.ts", 7)));
        assert!(!labels.leaks[0].is_at(&at("node_modules/it/other-src/a.ts", 7)));
    }

    #[test]
    fn the_marks_of_a_rule_are_one_leak_and_those_worth_a_look_none() {
        let mark = |rule: &str, line, is_information| Mark {
            file: "a.js".to_owned(),
            line,
            rule: rule.to_owned(),
            role: "holder".to_owned(),
            first: false,
            alone: false,
            is_information,
            before_node: None,
        };
        let labels = Labels::of_marks(&[
            mark("growing-collection", 1, false),
            mark("growing-listeners", 5, false),
            mark("growing-collection", 9, false),
            mark("duplicate-strings", 20, true),
        ]);
        let lines = |lines: &[u32]| Blamed(lines.iter().map(|&it| Line::new("a.js", it)).collect());
        assert_eq!(labels.leaks, [lines(&[1, 9]), lines(&[5])]);
        assert_eq!(labels.aside, lines(&[20]));
    }

    #[test]
    fn every_label_of_a_reproduction_can_be_read() {
        let all: BTreeMap<String, Vec<Vec<String>>> =
            serde_json::from_str(REPRODUCTIONS).expect("it is JSON");
        for name in all.keys() {
            let labels = Labels::of_reproduction(name).expect("it can be read");
            assert!(!labels.is_healthy(), "{name}");
        }
    }
}
