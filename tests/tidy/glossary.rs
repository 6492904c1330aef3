//! The glossary of docs/architecture.md: in alphabetical order, and each term leads to the code by a
//! name that is there.

use std::collections::BTreeSet;
use std::path::Path;

use crate::files::files;
use crate::{expect_nothing, read};

const DOCUMENT: &str = "docs/architecture.md";
const HEADING: &str = "\n## Glossary\n";

/// What is wrong with the glossary of a document, beside all names that the code has.
fn wrong(document: &str, names: &BTreeSet<&str>) -> Vec<String> {
    let mut wrong = Vec::new();
    let glossary = document.split_once(HEADING).map_or("", |(_, below)| below);
    let glossary = glossary.split("\n## ").next().unwrap_or_default();
    let mut before = "";
    for entry in glossary.lines().filter_map(|line| line.strip_prefix("- ")) {
        let Some((term, name)) = term_and_name(entry) else {
            wrong.push(format!("an entry is `- **term** (`name`): …`, not: {entry}"));
            continue;
        };
        if term <= before {
            wrong.push(format!("{term} stands behind {before}"));
        }
        before = term;
        wrong.extend(
            name.split("::")
                .filter(|part| !names.contains(part))
                .map(|part| format!("{term} leads to `{part}`, which is nowhere in server/*/src")),
        );
    }
    if before.is_empty() {
        wrong.push("there is no glossary".to_owned());
    }
    wrong
}

fn term_and_name(entry: &str) -> Option<(&str, &str)> {
    let (term, rest) = entry.strip_prefix("**")?.split_once("** (`")?;
    Some((term, rest.split_once("`): ")?.0))
}

/// Everything in a text that could be a name of the code.
fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_')
}

#[test]
fn every_term_leads_to_the_code() {
    let is_rust = |file: &str| Path::new(file).extension().is_some_and(|it| it == "rs");
    let is_code = |file: &String| file.starts_with("server/") && is_rust(file);
    let code: Vec<String> = files().into_iter().filter(is_code).map(|file| read(&file)).collect();
    let names = code.iter().flat_map(|text| names(text)).collect();
    expect_nothing(&wrong(&read(DOCUMENT), &names));
}

#[test]
fn a_term_that_leads_nowhere_is_seen() {
    let names = BTreeSet::from(["Census", "Finding", "primary"]);
    let wrong = |entries: &str| wrong(&format!("# House{HEADING}\n{entries}"), &names);

    assert_eq!(
        wrong("- **census** (`Census`): Counts.\n- **place** (`Finding::primary`): Where."),
        [""; 0]
    );
    assert_eq!(
        wrong("- **census** (`Tally`): Counts."),
        ["census leads to `Tally`, which is nowhere in server/*/src"]
    );
    assert_eq!(
        wrong("- **place** (`primary`): Where.\n- **census** (`Census`): Counts."),
        ["census stands behind place"]
    );
    assert_eq!(
        wrong("- **census** (`Census`): Counts.\n- place: Where."),
        ["an entry is `- **term** (`name`): …`, not: place: Where."]
    );
    assert_eq!(wrong(""), ["there is no glossary"]);
}
