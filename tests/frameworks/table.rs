//! The table of what was found, as it is printed and stands in docs/frameworks.md.

use std::path::Path;

use anyhow::Result;
use heapmark_tests::replace_between_marks;

use crate::app::Way;
use crate::judged::{Found, Judged, Seen, Stands};
use crate::site::Site;

pub(crate) const DOCUMENT: &str = "docs/frameworks.md";
const COMMAND: &str = "cargo xtask frameworks --write";

const HEAD: &str = "\
| program | version | mode | maps | first leak | second leak | warnings ahead | notices | after the fix |
|---|---|---|---|---|---|---:|---:|---|
";

/// One way of one program.
pub(crate) struct Row {
    program: String,
    version: String,
    mode: String,
    maps: String,
    outcome: Outcome,
}

enum Outcome {
    Ran {
        seen: Seen,
        is_clean_once_mended: bool,
    },
    /// Why it could not be looked at.
    Failed(String),
}

impl Row {
    pub(crate) fn new(site: &Site<'_>, way: &Way, seen: Seen, mended: &Judged) -> Self {
        Self::with(site, way, Outcome::Ran { seen, is_clean_once_mended: !mended.has_leak })
    }

    pub(crate) fn failed(site: &Site<'_>, way: &Way, error: &anyhow::Error) -> Self {
        Self::with(site, way, Outcome::Failed(format!("{error:#}")))
    }

    fn with(site: &Site<'_>, way: &Way, outcome: Outcome) -> Self {
        Self {
            program: site.app.name.clone(),
            version: site.version().unwrap_or_else(|_| "not installed".to_owned()),
            mode: way.mode.clone(),
            maps: way.maps.clone(),
            outcome,
        }
    }

    /// Whether it is as it should be: both leaks first, as warnings, where a person can mend them, and silence after.
    pub(crate) fn is_good(&self) -> bool {
        let Outcome::Ran { seen, is_clean_once_mended } = &self.outcome else { return false };
        let is_well_placed = |found: &Found| {
            let is_shown = match found.stands {
                Stands::InSource => true,
                Stands::InBuilt { tells_of_maps } => tells_of_maps,
                Stands::Nowhere => false,
            };
            found.is_warning && is_shown
        };
        let are_found = seen.leaks.iter().all(|it| it.as_ref().is_some_and(is_well_placed));
        are_found && seen.ahead == 0 && *is_clean_once_mended
    }

    pub(crate) fn text(&self) -> String {
        let Self { program, version, mode, maps, outcome } = self;
        let outcome = match outcome {
            Outcome::Failed(reason) => {
                let reason = reason.lines().next().unwrap_or_default().replace('|', "\\|");
                format!("failed: {reason} | | | |")
            }
            Outcome::Ran {
                seen: Seen { leaks: [first, second], ahead, notices },
                is_clean_once_mended,
            } => {
                let mended = if *is_clean_once_mended { "clean" } else { "a warning" };
                format!(
                    "{} | {} | {ahead} | {notices} | {mended}",
                    cell(first.as_ref()),
                    cell(second.as_ref())
                )
            }
        };
        format!("| {program} | {version} | {mode} | {maps} | {outcome} |")
    }
}

/// The rank of a leak, its level if it is not called one, and its place.
fn cell(found: Option<&Found>) -> String {
    let Some(Found { rank, is_warning, place, stands }) = found else {
        return "not found".to_owned();
    };
    let level = if *is_warning { "" } else { ", information" };
    let place = match stands {
        Stands::InSource => format!("`{place}`"),
        Stands::InBuilt { tells_of_maps: true } => format!("`{place}`, built; tells of maps"),
        Stands::InBuilt { tells_of_maps: false } => format!("`{place}`, built"),
        Stands::Nowhere => "no place".to_owned(),
    };
    format!("{rank}{level}: {place}")
}

/// The table of all rows, and what they come to.
pub(crate) fn text(rows: &[Row]) -> String {
    let good = rows.iter().filter(|row| row.is_good()).count();
    let mut text = HEAD.to_owned();
    for row in rows {
        text += &row.text();
        text.push('\n');
    }
    let date = jiff::Zoned::now().date();
    format!("{text}\nMade on {date}: {good} of {} are as they should be.", rows.len())
}

pub(crate) fn write(repository: &Path, text: &str) -> Result<()> {
    replace_between_marks(&repository.join(DOCUMENT), COMMAND, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(first: Option<Found>, is_clean_once_mended: bool) -> Row {
        let second = Some(Found {
            rank: 2,
            is_warning: true,
            place: "dist/main.js:12".to_owned(),
            stands: Stands::InBuilt { tells_of_maps: true },
        });
        let seen = Seen { leaks: [first, second], ahead: 0, notices: 1 };
        Row {
            program: "nest".to_owned(),
            version: "@nestjs/core 12.5.1".to_owned(),
            mode: "production".to_owned(),
            maps: "none".to_owned(),
            outcome: Outcome::Ran { seen, is_clean_once_mended },
        }
    }

    fn first(is_warning: bool) -> Found {
        let place = "src/parcels.service.ts:13".to_owned();
        Found { rank: 1, is_warning, place, stands: Stands::InSource }
    }

    #[test]
    fn a_row_is_good_if_both_leaks_are_called_and_the_mended_program_is_clean() {
        assert!(row(Some(first(true)), true).is_good());
        assert!(!row(Some(first(true)), false).is_good());
        assert!(!row(Some(first(false)), true).is_good());
        assert!(!row(None, true).is_good());
    }

    #[test]
    fn rows_say_rank_level_and_place() {
        let mut failed = row(None, false);
        failed.outcome = Outcome::Failed("npm cannot be started\nits log".to_owned());
        let rows = [row(Some(first(false)), true), row(None, false), failed];
        let rows: Vec<String> = rows.iter().map(Row::text).collect();
        insta::assert_snapshot!(rows.join("\n"), @"
        | nest | @nestjs/core 12.5.1 | production | none | 1, information: `src/parcels.service.ts:13` | 2: `dist/main.js:12`, built; tells of maps | 0 | 1 | clean |
        | nest | @nestjs/core 12.5.1 | production | none | not found | 2: `dist/main.js:12`, built; tells of maps | 0 | 1 | a warning |
        | nest | @nestjs/core 12.5.1 | production | none | failed: npm cannot be started | | | | |
        ");
    }
}
