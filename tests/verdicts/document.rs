//! What is printed, and stands in docs/verdicts.md between two marks.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::crossed::Set;
use crate::measure::Outcome;
use crate::{calibration, margins, peers, surer, table};

const DOCUMENT: &str = "docs/verdicts.md";
/// What is between them is made, what is around them is written by hand.
const BEGIN: &str = "<!-- cargo xtask verdicts --write: from here -->\n";
const END: &str = "<!-- cargo xtask verdicts --write: to here -->\n";

/// All tables, under their headings.
pub(crate) fn text(outcomes: &[&Outcome], beside: &Path) -> Result<String> {
    let bundled = |outcome: &Outcome| outcome.program.starts_with("programs/");
    let of = |is: bool| outcomes.iter().copied().filter(move |it| bundled(it) == is);
    let (own, further): (Vec<_>, Vec<_>) = (of(true).collect(), of(false).collect());
    let mut parts = Vec::new();
    if !further.is_empty() {
        parts.push(format!(
            "### Further programs\n\n{}\n{}\n",
            table::table(&further),
            table::overall(&further)
        ));
    }
    if !own.is_empty() {
        parts.push(format!(
            "### Bundled programs\n\n{}\n{}\n",
            table::table(&own),
            table::overall(&own)
        ));
    }
    parts.push(format!("### All\n\n{}\n", table::overall(outcomes)));
    parts.push(format!(
        "### Programs that were left out of the fit\n\n{}",
        Set::of(outcomes).table()
    ));
    parts.push(format!("### Calibration\n\n{}", calibration::table(outcomes)));
    parts.push(format!("### Margins\n\n{}", margins::table(outcomes)));
    parts.push(format!("### More snapshots of the same\n\n{}", surer::told(outcomes)));
    if beside.join("corpus").exists() {
        parts.push(format!("### Beside memlab\n\n{}", peers::table(outcomes, beside)?));
    }
    Ok(parts.join("\n"))
}

/// With what it was made, in a sentence. `nodes` are the versions of Node.js that captures tell.
pub(crate) fn made(outcomes: &[&Outcome], nodes: &BTreeSet<String>) -> String {
    let programs: BTreeSet<&str> = outcomes.iter().map(|it| it.program.as_str()).collect();
    let is_bundled = |it: &&&str| it.starts_with("programs/");
    let bundled = programs.iter().filter(is_bundled).count();
    let nodes: Vec<&str> = nodes.iter().map(String::as_str).collect();
    let nodes =
        if nodes.is_empty() { "of an unknown version".to_owned() } else { nodes.join(", ") };
    format!(
        "Made on {} with Node.js {nodes}: {} series of {} programs, of which {bundled} are bundled.",
        jiff::Zoned::now().date(),
        outcomes.len(),
        programs.len(),
    )
}

/// Puts them into the document.
pub(crate) fn write(repository: &Path, text: &str) -> Result<()> {
    let file = repository.join(DOCUMENT);
    let document = fs::read_to_string(&file)?;
    let document = replaced(&document, text)
        .with_context(|| format!("the marks are gone from {DOCUMENT}: {BEGIN}…"))?;
    Ok(fs::write(file, document)?)
}

/// The document with other text between the marks.
fn replaced(document: &str, text: &str) -> Option<String> {
    let (before, rest) = document.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n{text}\n{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_between_the_marks_is_replaced() {
        let document = format!("above\n{BEGIN}old\n{END}below\n");
        let new = replaced(&document, "new\n").expect("the marks are there");
        assert_eq!(new, format!("above\n{BEGIN}\nnew\n\n{END}below\n"));
        assert_eq!(replaced("no marks", "new"), None);
    }
}
