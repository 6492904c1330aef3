//! What is said of comments that silence findings, and of accepted leaks that are gone. Which ones these are is
//! found in [`crate::suppress`].

use std::path::Path;

use crate::report::place_words::file_name;
use crate::report::units::{and_more, plural};
use crate::report::{Notice, Rule};

/// Of a comment that names everything; `example` is one that names a rule.
pub(crate) fn silences_everything(example: &str) -> String {
    format!("Not everything can be silenced at once: name the rule, as in `{example}`.")
}

/// Of a comment that names a rule that there is not.
pub(crate) fn names_unknown_rule(unknown: &str) -> String {
    format!("There is no rule `{unknown}`, so nothing is silenced for it.")
}

/// Of a comment without a rule; `example` is one with a rule.
pub(crate) fn names_no_rule(example: &str) -> String {
    format!("This comment names no rule, so it silences nothing: `{example}`.")
}

/// Of a comment for these rules about a `line`, from 0, to which no finding belongs.
pub(crate) fn silences_nothing(line: u32, rules: &[Rule]) -> String {
    format!(
        "This comment silences nothing: no finding of these snapshots has a place in line {} \
         for `{}`. If the leak is fixed, remove it.",
        line + 1,
        rules.iter().map(|rule| rule.name()).collect::<Vec<_>>().join("` or `"),
    )
}

/// Of a comment without a reason; `example` is the same with one.
pub(crate) fn gives_no_reason(example: &str) -> String {
    format!("This comment does not say why: `{example}`.")
}

/// Of so many leaks of the list in `file` that the report does not have, with title and fingerprint of the
/// first.
pub(crate) fn do_not_occur(count: usize, file: &Path, title: &str, fingerprint: &str) -> Notice {
    let (file, more) = (file_name(file), and_more(count.saturating_sub(1)));
    let count = count as u64;
    Notice {
        message: format!(
            "{} of {file} {} not occur in these snapshots: {title} ({fingerprint}){more}. If {} fixed, take \
             {} out (--forget-fixed), so that Heapmark tells if it comes back.",
            plural(count, "A leak", "Leaks"),
            plural(count, "does", "do"),
            plural(count, "it is", "they are"),
            plural(count, "it", "them"),
        ),
    }
}
