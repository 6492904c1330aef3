//! What is said of sidecars that were passed over ([`Problem`]), or that tell of other scripts than their
//! snapshot.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::locate::sidecar::{Damage, MAX_BYTES, Problem, VERSION, beside};
use crate::report::Notice;
use crate::report::place_words::file_name;
use crate::report::units::{and_more, plural, size};

/// What to say of those that were passed over: one notice a reason. Each is told by its snapshot.
pub(crate) fn about_problems(problems: Vec<(PathBuf, Problem)>) -> Vec<Notice> {
    let mut by_problem: BTreeMap<Problem, Vec<String>> = BTreeMap::new();
    for (snapshot, problem) in problems {
        let names = by_problem.entry(problem).or_default();
        let name = file_name(&beside(&snapshot));
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let notices = by_problem.into_iter().map(|(problem, names)| {
        let count = names.len() as u64;
        Notice {
            message: format!(
                "{} {} {}. What {} of the scripts that ran is missing, and {} for {}.",
                names.join(", "),
                plural(count, "was", "were"),
                clause(&problem),
                plural(count, "it says", "they say"),
                plural(count, "the snapshot has to speak", "the snapshots have to speak"),
                plural(count, "itself", "themselves"),
            ),
        }
    });
    notices.collect()
}

/// What became of it, and why.
fn clause(problem: &Problem) -> String {
    match problem {
        Problem::TooLarge => format!("not read: it has more than {}", size(MAX_BYTES)),
        Problem::Unread(why) => format!("not read: {why}"),
        Problem::Away => {
            "not read: it is a link that leads out of the folder of its snapshot".to_owned()
        }
        Problem::Damaged(damage) => format!("not used: {}", what_is_wrong(*damage)),
        Problem::OtherVersion(version) => {
            format!("not used: it has version {version}, and this Heapmark knows {VERSION}")
        }
        Problem::OtherSnapshot => {
            "not used: the snapshot that it tells of has another size".to_owned()
        }
    }
}

fn what_is_wrong(damage: Damage) -> &'static str {
    match damage {
        Damage::NoVersion => "it does not say of which version it is",
        Damage::CutOff => "it is cut off",
        Damage::Empty => "it is empty",
        Damage::NoJson => "it is no JSON",
        Damage::NoText => "it is no text",
        Damage::Foreign => "it is not as `heapmark capture` writes it",
    }
}

/// What to say if the sidecar of `snapshot` tells of these scripts something else than the snapshot.
pub(crate) fn about_other_texts(snapshot: &Path, scripts: &[String]) -> Option<Notice> {
    let first = scripts.first()?;
    let more = and_more(scripts.len() - 1);
    Some(Notice {
        message: format!(
            "{} tells of {first}{more} another name or text than the snapshot, so that nothing of that was \
             used: it was changed, or is of another run of the program. To have the texts that ran, capture \
             again.",
            file_name(&beside(snapshot))
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locate::sidecar::{Companion, Scripts};

    /// What is said of a companion with this content, of a snapshot with 5 bytes.
    fn said(content: &[u8]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let snapshot = folder.path().join("x.heapsnapshot");
        std::fs::write(&snapshot, "12345").unwrap();
        std::fs::write(folder.path().join("x.scripts.json"), content).unwrap();
        let scripts = Scripts::beside(&snapshot);
        let problems = [Companion::of(&snapshot).problem, scripts.problem().cloned()];
        let problems = problems.into_iter().flatten().map(|it| (snapshot.clone(), it));
        about_problems(problems.collect()).into_iter().map(|it| it.message).collect()
    }

    #[test]
    fn one_that_was_passed_over_is_told_once_with_the_reason() {
        let whole = br#"{"version":1,"bytes":5,"identity":"a","scripts":[{"id":7}],"more":1}"#;
        assert_eq!(said(whole), [""; 0], "nothing is wrong with it");
        let reason = |content: &[u8]| {
            let said = said(content);
            let [one] = &said[..] else { panic!("one notice: {said:?}") };
            one.split(". What it says").next().unwrap_or_default().to_owned()
        };
        assert_eq!(reason(&whole[..40]), "x.scripts.json was not used: it is cut off");
        assert_eq!(reason(b""), "x.scripts.json was not used: it is empty");
        assert_eq!(reason(b" \n"), "x.scripts.json was not used: it is empty");
        assert_eq!(
            reason(b"{}"),
            "x.scripts.json was not used: it does not say of which version it is"
        );
        assert_eq!(
            reason(b"[]"),
            "x.scripts.json was not used: it is not as `heapmark capture` writes it"
        );
        assert_eq!(reason(b"<html>"), "x.scripts.json was not used: it is no JSON");
        assert_eq!(reason(&[0xff, 0xfe]), "x.scripts.json was not used: it is no text");
        assert_eq!(
            reason(br#"{"version":1,"scripts":{"id":"secret"}}"#),
            "x.scripts.json was not used: it is not as `heapmark capture` writes it"
        );
        assert_eq!(
            reason(br#"{"version":2,"scripts":"?"}"#),
            "x.scripts.json was not used: it has version 2, and this Heapmark knows 1"
        );
        assert_eq!(
            reason(br#"{"version":1,"bytes":6}"#),
            "x.scripts.json was not used: the snapshot that it tells of has another size"
        );
    }

    #[test]
    fn one_reason_is_told_once_for_all_snapshots() {
        let of = |name: &str, version| (name.into(), Problem::OtherVersion(version));
        let notices = about_problems(vec![of("a.heapsnapshot", 2), of("b.heapsnapshot", 2)]);
        let [Notice { message }] = &notices[..] else { panic!("{notices:?}") };
        insta::assert_snapshot!(message, @"a.scripts.json, b.scripts.json were not used: it has version 2, and this Heapmark knows 1. What they say of the scripts that ran is missing, and the snapshots have to speak for themselves.");
        assert_eq!(about_problems(vec![of("a", 2), of("b", 3)]).len(), 2);
    }

    #[cfg(unix)]
    #[test]
    fn one_that_would_hold_whoever_opens_it_is_not_read_and_that_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let snapshot = folder.path().join("x.heapsnapshot");
        assert_eq!(Companion::of(&snapshot).problem, None, "most snapshots have none");
        let pipe = folder.path().join("x.scripts.json");
        assert!(std::process::Command::new("mkfifo").arg(pipe).status().unwrap().success());
        let companion = Companion::of(&snapshot);
        assert!(companion.identity.is_none());
        let notices = about_problems(vec![(snapshot, companion.problem.unwrap())]);
        insta::assert_snapshot!(notices[0].message, @"x.scripts.json was not read: it is a named pipe, not a regular file. What it says of the scripts that ran is missing, and the snapshot has to speak for itself.");
    }

    #[test]
    fn one_that_is_larger_than_any_is_not_read_and_that_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let snapshot = folder.path().join("x.heapsnapshot");
        let file = std::fs::File::create(folder.path().join("x.scripts.json")).unwrap();
        file.set_len(MAX_BYTES + 1).unwrap(); // takes no room
        let problem = Companion::of(&snapshot).problem.expect("it is too large");
        let notices = about_problems(vec![(snapshot, problem)]);
        let said = notices[0].message.split_once(". What").unwrap().0;
        assert_eq!(said, "x.scripts.json was not read: it has more than 168 MB");
    }

    #[test]
    fn a_companion_of_other_texts_is_told() {
        let said = |scripts: &[&str]| {
            let scripts: Vec<String> = scripts.iter().map(|&it| it.to_owned()).collect();
            about_other_texts(Path::new("x.heapsnapshot"), &scripts).map(|it| it.message)
        };
        assert_eq!(said(&[]), None);
        assert!(
            said(&["a.js", "b.js"]).unwrap().starts_with("x.scripts.json tells of a.js and 1 more")
        );
    }
}
