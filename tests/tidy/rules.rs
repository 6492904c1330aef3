//! Each rule has a page, a line in both lists of rules, and a program that it finds something in.

use std::collections::BTreeSet;

use heapmark_leaks::rules;
use heapmark_tests::Program;

use crate::{expect_nothing, read, repository};

/// Elements of a page are in no program of Node's: tests/dom has a page in Chromium.
const OF_PAGES: &str = "detached-dom";

/// What a rule must have.
struct Known {
    pages: BTreeSet<String>,
    /// docs/rules/README.md.
    list: String,
    /// The table in README.md.
    readme: String,
    /// Those that the marks of a program name.
    marked: BTreeSet<String>,
}

impl Known {
    fn read() -> Self {
        let pages =
            std::fs::read_dir(repository().join("docs/rules")).expect("the pages are there");
        let pages = pages.map(|page| page.expect("the folder can be read").file_name());
        let pages = pages.filter_map(|page| Some(page.to_str()?.strip_suffix(".md")?.to_owned()));
        let mut marked = BTreeSet::from([OF_PAGES.to_owned()]);
        for name in Program::names().expect("tests/programs can be read") {
            let program = Program::named(&name).expect("the program can be read");
            // Not its marks: those of another version of Node.js are not among them.
            for source in &program.sources {
                let text = std::fs::read_to_string(program.folder.join(source));
                let text = text.expect("a source can be read");
                let marks =
                    text.lines().filter_map(|line| Some(line.split_once("// heapmark: ")?.1));
                let rules = marks.flat_map(|marks| marks.split(';'));
                marked.extend(
                    rules.filter_map(|mark| Some(mark.split_whitespace().next()?.to_owned())),
                );
            }
        }
        Self {
            pages: pages.filter(|page| page != "README").collect(),
            list: read("docs/rules/README.md"),
            readme: read("README.md"),
            marked,
        }
    }

    fn wrong(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        let all = rules();
        let rules: BTreeSet<&str> = all.iter().map(|rule| rule.name()).collect();
        for rule in all {
            let (rule, finds) = (rule.name(), rule.finds());
            let mut needs = |has: bool, what: &str| {
                if !has {
                    wrong.push(format!("{rule} has no {what}"));
                }
            };
            needs(self.pages.contains(rule), "page in docs/rules");
            let line = format!("| [{rule}]({rule}.md) | {finds} |\n");
            needs(
                self.list.matches(&line).count() == 1,
                "line in the list of docs/rules/README.md",
            );
            let line = format!("| `{rule}` | {finds} |\n");
            needs(self.readme.matches(&line).count() == 1, "line in the table of README.md");
            needs(self.marked.contains(rule), "program in tests/programs");
        }
        let others = self.pages.iter().filter(|page| !rules.contains(page.as_str()));
        wrong.extend(others.map(|page| format!("docs/rules/{page}.md is the page of no rule")));
        wrong
    }
}

#[test]
fn every_rule_has_a_page_a_line_and_a_program() {
    expect_nothing(&Known::read().wrong());
}

#[test]
fn what_a_rule_has_not_is_seen() {
    let without = |take: &dyn Fn(&mut Known)| {
        let mut known = Known::read();
        take(&mut known);
        known.wrong().join("\n")
    };
    let rule = "growing-text";
    let said = without(&|known| assert!(known.pages.remove(rule)));
    assert_eq!(said, "growing-text has no page in docs/rules");
    let said = without(&|known| known.list = known.list.replace("| A text that", "| What"));
    assert_eq!(said, "growing-text has no line in the list of docs/rules/README.md");
    let said = without(&|known| known.readme = known.readme.replace("| A text that", "| What"));
    assert_eq!(said, "growing-text has no line in the table of README.md");
    let said = without(&|known| assert!(known.marked.remove(rule)));
    assert_eq!(said, "growing-text has no program in tests/programs");
    let said = without(&|known| assert!(known.pages.insert("growing".to_owned())));
    assert_eq!(said, "docs/rules/growing.md is the page of no rule");
}
