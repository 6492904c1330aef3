//! What nobody wants to hear of any more: by a comment in the source, and by the file of accepted
//! leaks; and what `--check` makes of the rest.

use std::fs;
use std::path::{Path, PathBuf};

use heapmark_tests::heapmark;
use serde_json::Value;

use crate::{Recorded, Said, recorded, run};

/// A recorded program that leaks.
struct Leaky {
    recorded: Recorded,
}

const RULE: &str = "growing-collection";

impl Leaky {
    fn new() -> Self {
        Self { recorded: recorded("map-cache") }
    }

    fn folder(&self) -> &Path {
        self.recorded.workspace.path()
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    fn analyze(&self, arguments: &[&str]) -> Said {
        let mut command = heapmark();
        command.arg("analyze").arg("--workspace").arg(self.folder()).args(arguments);
        run(command.args(&self.recorded.files))
    }

    fn json(&self) -> Value {
        let said = self.analyze(&["--format", "json"]);
        assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
        serde_json::from_str(&said.out).expect("JSON")
    }

    /// Puts a comment above the line that declares the cache.
    fn comment(&self, comment: &str) {
        let file = self.file("cards.js");
        let text = fs::read_to_string(&file).expect("it is there");
        let line = text.lines().find(|line| line.starts_with("const cards ")).expect("the cache");
        let text = text.replace(line, &format!("{comment}\n{line}"));
        fs::write(file, text).expect("it can be written");
    }
}

#[test]
fn a_comment_silences_a_finding_which_is_still_listed_with_the_reason() {
    let leaky = Leaky::new();
    leaky.comment("// heapmark-ignore growing-collection: a card a country");
    let report = leaky.json();
    assert_eq!(report["findings"], Value::Array(Vec::new()), "{report:#}");
    let ignored = &report["ignored"][0];
    assert_eq!(ignored["rule"], RULE);
    assert_eq!(ignored["ignored"]["by"], "comment");
    assert_eq!(ignored["ignored"]["reason"], "a card a country");
    assert_eq!(ignored["ignored"]["place"]["file"], "cards.js");
    let line = ignored["ignored"]["place"]["line"].as_u64().expect("a line");
    assert_eq!(ignored["places"][0]["line"], line + 1, "the comment stands above the holder");
    assert_eq!(report["remarks"], Value::Array(Vec::new()));

    let said = leaky.analyze(&["--check"]);
    assert_eq!(said.code, Some(0), "{}", said.out);
    assert!(
        said.out.ends_with("No leak found.\n1 finding is ignored by a comment.\n"),
        "{}",
        said.out
    );
}

#[test]
fn a_comment_that_is_wrong_is_said_aloud() {
    let leaky = Leaky::new();
    leaky.comment("// heapmark-ignore growing-maps: a card a country");
    let said = leaky.analyze(&["--check"]);
    assert_eq!(said.code, Some(1), "{}", said.out);
    let expected = "note: There is no rule `growing-maps`, so nothing is silenced for it.\n  \
                    --> cards.js:";
    assert!(said.out.contains(expected), "{}", said.out);
    assert!(said.out.contains("warning[growing-collection]"), "{}", said.out);
}

#[test]
fn an_accepted_leak_fails_no_check_and_is_told_when_it_is_gone() {
    let leaky = Leaky::new();
    let file = leaky.file("heapmark-accepted.json");
    assert_eq!(leaky.analyze(&["--check"]).code, Some(1), "nothing is accepted yet");

    let said = leaky.analyze(&["--check", "--accept", "all", "--reason", "few countries"]);
    assert_eq!((said.code, said.err.as_str()), (Some(0), ""));
    let expected = "No leak found.\n1 finding is accepted in heapmark-accepted.json.\n";
    assert!(said.out.ends_with(expected), "{}", said.out);
    let written: Value =
        serde_json::from_str(&fs::read_to_string(&file).expect("it was made")).expect("JSON");
    let entry = &written["accepted"][0];
    assert_eq!((&entry["rule"], &entry["reason"]), (&RULE.into(), &"few countries".into()));

    // From now on without being asked.
    assert_eq!(leaky.analyze(&["--check"]).code, Some(0));
    let ignored = &leaky.json()["ignored"][0];
    assert_eq!(ignored["fingerprint"], entry["fingerprint"]);
    assert_eq!(ignored["ignored"]["by"], "accepted");
    assert_eq!(ignored["ignored"]["reason"], "few countries");
    assert_eq!(ignored["ignored"]["file"], "heapmark-accepted.json");

    // One that was fixed is told, and taken out when asked.
    let fixed = fs::read_to_string(&file).unwrap().replace(
        "\"accepted\": [",
        "\"accepted\": [{\"fingerprint\": \"0\", \"rule\": \"growing-text\", \"title\": \"`log` keeps growing\"},",
    );
    fs::write(&file, fixed).expect("it can be written");
    let told = "A leak of heapmark-accepted.json does not occur in these snapshots: `log` keeps \
                growing (0).";
    let said = leaky.analyze(&["--check"]);
    assert!(said.code == Some(0) && said.out.contains(told), "{}", said.out);
    let said = leaky.analyze(&["--forget-fixed"]);
    assert!(!said.out.contains(told), "{}", said.out);
    let left: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).expect("JSON");
    assert_eq!(left, written);
}

#[test]
fn what_cannot_be_accepted_is_an_error() {
    let leaky = Leaky::new();
    let said = leaky.analyze(&["--accept", "nonsense"]);
    assert_eq!((said.code, said.out.as_str()), (Some(2), ""));
    assert!(
        said.err.contains("no finding of these snapshots has the fingerprint nonsense"),
        "{}",
        said.err
    );
    assert!(!leaky.file("heapmark-accepted.json").exists());

    let said = leaky.analyze(&["--accepted", "nowhere.json"]);
    assert_eq!((said.code, said.out.as_str()), (Some(2), ""));
    assert!(said.err.contains("there is no nowhere.json"), "{}", said.err);

    fs::write(leaky.file("heapmark-accepted.json"), "{ <<<<<<< HEAD").expect("a file");
    let said = leaky.analyze(&[]);
    assert_eq!((said.code, said.out.as_str()), (Some(2), ""));
    assert!(
        said.err.contains(
            "heapmark-accepted.json is no list of accepted leaks: key must be a string at line 1"
        ),
        "{}",
        said.err
    );
}

/// The leak was fixed, and the file has no other finding: nothing but the comment leads there.
#[cfg(unix)]
#[test]
fn a_list_that_leads_out_of_the_workspace_is_neither_read_nor_written_and_that_is_said() {
    let leaky = Leaky::new();
    leaky.analyze(&["--accept", "all"]);
    let outside = tempfile::tempdir().expect("a folder");
    let list = outside.path().join("list.json");
    fs::rename(leaky.file("heapmark-accepted.json"), &list).expect("it was made");
    let written = fs::read(&list).expect("it is there");
    std::os::unix::fs::symlink(&list, leaky.file("heapmark-accepted.json")).expect("a link");

    let said = leaky.analyze(&["--check"]);
    assert_eq!(said.code, Some(1), "the leak is shown: {}", said.out);
    let notice =
        "heapmark-accepted.json leads out of the workspace, so that it is neither read nor written";
    assert!(said.out.contains(notice), "{}", said.out);
    let said = leaky.analyze(&["--accept", "all"]);
    assert_eq!(said.code, Some(2), "{}", said.out);
    assert!(said.err.contains(notice), "{}", said.err);
    assert_eq!(fs::read(&list).expect("it is there"), written);

    let named = leaky.analyze(&["--check", "--accepted", list.to_str().expect("text")]);
    assert_eq!(named.code, Some(0), "what the user names is read: {}", named.out);
}

#[test]
fn a_comment_that_silences_nothing_any_more_is_told_in_a_file_without_findings() {
    let recorded = recorded("lru-full");
    let folder = recorded.workspace.path();
    let comment = "// heapmark-ignore growing-collection: it had no maximum\n";
    let file = folder.join("thumbnails.js");
    let text = fs::read_to_string(&file).expect("it is there");
    fs::write(&file, format!("{text}{comment}")).expect("it can be written");
    fs::write(folder.join("other.js"), comment).expect("it can be written");
    let mut analyze = heapmark();
    analyze.args(["analyze", "--format", "json", "--workspace"]).arg(folder);
    let said = run(analyze.args(&recorded.files));
    let report: Value = serde_json::from_str(&said.out).expect("JSON");
    let remarks = report["remarks"].as_array().expect("a list");
    let files: Vec<&Value> = remarks.iter().map(|remark| &remark["place"]["file"]).collect();
    assert_eq!(files, ["thumbnails.js"], "what did not run says nothing: {report:#}");
}
