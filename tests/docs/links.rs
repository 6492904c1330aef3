//! Links of what people read lead to files, and to headings, that are there. Links to the web are not
//! followed.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use ignore::WalkBuilder;

use crate::repository;

/// The targets of the links and images in a text in Markdown, outside of code.
fn links(markdown: &str) -> Vec<&str> {
    let mut links = Vec::new();
    let mut is_code = false;
    for line in markdown.lines() {
        is_code ^= line.trim_start().starts_with("```");
        if is_code || line.starts_with("    ") {
            continue;
        }
        let targets = line.split("](").skip(1).filter_map(|rest| Some(rest.split_once(')')?.0));
        links.extend(targets);
    }
    links
}

/// The names by which links lead to the headings of a text, as GitHub makes them.
fn anchors(markdown: &str) -> BTreeSet<String> {
    let headings = markdown.lines().filter(|line| line.starts_with('#'));
    let kept = |c: &char| c.is_alphanumeric() || " -_".contains(*c);
    let anchors = headings.map(|heading| {
        let heading = heading.trim_start_matches('#').trim().to_lowercase();
        heading.chars().filter(kept).collect::<String>().replace(' ', "-")
    });
    anchors.collect()
}

/// Links of a file that lead nowhere.
fn broken(file: &Path, markdown: &str) -> Vec<String> {
    let folder = file.parent().expect("a file is in a folder");
    let leads_somewhere = |link: &str| {
        let (path, heading) = link.split_once('#').unwrap_or((link, ""));
        let target = if path.is_empty() { file.to_owned() } else { folder.join(path) };
        let has_heading = || {
            let text = fs::read_to_string(&target).unwrap_or_default();
            heading.is_empty() || anchors(&text).contains(heading)
        };
        target.exists() && has_heading()
    };
    let links = links(markdown).into_iter().filter(|link| !link.contains("://"));
    let broken = links.filter(|link| !leads_somewhere(link));
    broken.map(|link| format!("{} leads to {link}, which is not there", file.display())).collect()
}

#[test]
fn every_link_leads_somewhere() {
    let walk = WalkBuilder::new(repository()).require_git(false).build();
    let files = walk.map(|entry| entry.expect("the repository can be read").into_path());
    let is_markdown = |file: &std::path::PathBuf| file.extension().is_some_and(|it| it == "md");
    let texts = files.filter(is_markdown).map(|file| {
        let text = fs::read_to_string(&file).expect("it can be read");
        (file, text)
    });
    let texts: Vec<_> = texts.collect();
    let count: usize = texts.iter().map(|(_, text)| links(text).len()).sum();
    assert!(count > 50, "only {count} links were found");
    let broken: Vec<String> = texts.iter().flat_map(|(file, text)| broken(file, text)).collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn a_link_that_leads_nowhere_is_seen() {
    let file = repository().join("docs/architecture.md");
    let said = |markdown: &str| broken(&file, markdown).len();
    assert_eq!(
        said("[a](robustness.md) and [b](../README.md#privacy), [c](https://nodejs.org)"),
        0
    );
    assert_eq!(said("[a](#how-the-house-is-built)\n\n    [an example](nowhere.md)"), 0);
    assert_eq!(said("[a](#nowhere)"), 1);
    assert_eq!(said("[a](nowhere.md)"), 1);
    assert_eq!(said("[a](../README.md#nowhere) [b](robustness.md)"), 1);
}
