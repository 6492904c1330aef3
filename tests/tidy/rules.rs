//! Each rule has a page, a row in both tables of rules, a program that it finds something in, and
//! fingerprints.
//!
//! The rows derive from the registry: `cargo xtask rules` writes them, with [`WRITE`] set. The order of those that
//! are there is left to people; a new one comes last.

use std::collections::BTreeSet;

use heapmark_leaks::report::Rule;
use heapmark_leaks::rules;
use heapmark_tests::{OF_PAGES, Program};

use crate::{expect_nothing, read, repository};

/// The variable of the environment that asks for the tables to be written.
const WRITE: &str = "HEAPMARK_WRITE_RULES";

/// Stands above the rows of a table of rules.
const HEAD: &str = "| rule | what it finds |\n|---|---|\n";

/// A document with a table of all rules.
struct Table {
    file: &'static str,
    /// A rule's name as it stands there.
    cell: fn(&str) -> String,
}

const TABLES: [Table; 2] = [
    Table { file: "README.md", cell: |rule| format!("`{rule}`") },
    Table { file: "docs/rules/README.md", cell: |rule| format!("[{rule}]({rule}.md)") },
];

impl Table {
    /// The document with the rows of these rules.
    fn written(&self, document: &str, mut rules: Vec<Rule>) -> String {
        let parts = document.split_once(HEAD);
        let (before, below) = parts.unwrap_or_else(|| panic!("{} has no table", self.file));
        let rows = below.split_inclusive('\n').take_while(|line| line.starts_with("| "));
        let (rows, after) = below.split_at(rows.map(str::len).sum());
        let start = |rule: &Rule| format!("| {} |", (self.cell)(rule.name()));
        rules.sort_by_key(|rule| {
            rows.lines().position(|row| row.starts_with(&start(rule))).unwrap_or(usize::MAX)
        });
        let rows = rules.iter().map(|rule| format!("{} {} |\n", start(rule), rule.finds()));
        let rows: Vec<String> = rows.collect();
        [before, HEAD, &rows.concat(), after].concat()
    }

    fn wrong(&self, document: &str) -> Option<String> {
        let is_right = self.written(document, rules()) == document;
        (!is_right).then(|| {
            format!(
                "the table of {} is not that of the registry: run `cargo xtask rules`",
                self.file
            )
        })
    }
}

/// What a rule must have besides.
struct Known {
    pages: BTreeSet<String>,
    /// Those that the marks of a program name.
    marked: BTreeSet<String>,
    /// Those that the marks of a program name whose fingerprints are compared.
    compared: BTreeSet<String>,
}

impl Known {
    fn read() -> Self {
        let pages =
            std::fs::read_dir(repository().join("docs/rules")).expect("the pages are there");
        let pages = pages.map(|page| page.expect("the folder can be read").file_name());
        let pages = pages.filter_map(|page| Some(page.to_str()?.strip_suffix(".md")?.to_owned()));
        let mut marked = BTreeSet::from([OF_PAGES.to_owned()]);
        let mut compared = marked.clone();
        for name in Program::names().expect("tests/programs can be read") {
            let program = Program::named(&name).expect("the program can be read");
            // Not its marks: those of another version of Node.js are not among them.
            for source in &program.sources {
                let text = std::fs::read_to_string(program.folder.join(source));
                let text = text.expect("a source can be read");
                let marks =
                    text.lines().filter_map(|line| Some(line.split_once("// heapmark: ")?.1));
                let rules = marks.flat_map(|marks| marks.split(';'));
                let rules =
                    rules.filter_map(|mark| Some(mark.split_whitespace().next()?.to_owned()));
                let rules: Vec<String> = rules.collect();
                if program.has_fingerprints {
                    compared.extend(rules.iter().cloned());
                }
                marked.extend(rules);
            }
        }
        Self { pages: pages.filter(|page| page != "README").collect(), marked, compared }
    }

    fn wrong(&self) -> Vec<String> {
        let mut wrong = Vec::new();
        let all = rules();
        let rules: BTreeSet<&str> = all.iter().map(|rule| rule.name()).collect();
        for &rule in &rules {
            let mut needs = |has: bool, what: &str| {
                if !has {
                    wrong.push(format!("{rule} has no {what}"));
                }
            };
            needs(self.pages.contains(rule), "page in docs/rules");
            needs(self.marked.contains(rule), "program in tests/programs");
            // One that has no program lacks that, and no more is said.
            needs(
                self.compared.contains(rule) || !self.marked.contains(rule),
                "program whose package.json has \"fingerprints\": true",
            );
        }
        let others = self.pages.iter().filter(|page| !rules.contains(page.as_str()));
        wrong.extend(others.map(|page| format!("docs/rules/{page}.md is the page of no rule")));
        wrong
    }
}

#[test]
fn every_rule_has_a_page_and_a_program() {
    expect_nothing(&Known::read().wrong());
}

#[test]
fn the_tables_of_rules_are_those_of_the_registry() {
    if std::env::var_os(WRITE).is_some() {
        for table in &TABLES {
            let document = table.written(&read(table.file), rules());
            std::fs::write(repository().join(table.file), document).expect("it can be written");
        }
    }
    let wrong = TABLES.iter().filter_map(|table| table.wrong(&read(table.file)));
    expect_nothing(&wrong.collect::<Vec<_>>());
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
    let said = without(&|known| assert!(known.marked.remove(rule)));
    assert_eq!(said, "growing-text has no program in tests/programs");
    let said = without(&|known| assert!(known.compared.remove(rule)));
    let expected = "growing-text has no program whose package.json has \"fingerprints\": true";
    assert_eq!(said, expected);
    let said = without(&|known| assert!(known.pages.insert("growing".to_owned())));
    assert_eq!(said, "docs/rules/growing.md is the page of no rule");
}

#[test]
fn a_table_is_written_in_the_order_that_it_has_and_new_rules_come_last() {
    let [first, second, third] = rules()[..3] else { panic!("there are rules") };
    let table = &TABLES[0];
    let row = |rule: Rule| format!("| `{}` | {} |\n", rule.name(), rule.finds());
    let document = |rows: &str| format!("# Rules\n\n{HEAD}{rows}\nBehind it.\n");

    let as_it_was = document(&(row(second) + "| `gone` | Nothing |\n" + &row(first)));
    let written = table.written(&as_it_was, vec![first, second, third]);
    assert_eq!(written, document(&(row(second) + &row(first) + &row(third))));
    assert_eq!(table.written(&written, vec![first, second, third]), written);

    let reworded = as_it_was.replace(first.finds(), "Whatever");
    assert_eq!(table.written(&reworded, vec![first, second, third]), written);
    let expected = "the table of README.md is not that of the registry: run `cargo xtask rules`";
    assert_eq!(table.wrong(&reworded).as_deref(), Some(expected));
}
