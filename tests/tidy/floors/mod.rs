//! The floors of each crate: which module stands above which.
//!
//! They are declared in docs/architecture.md, in one fenced block a crate, so that what people read is
//! what holds:
//!
//! ````text
//! ```floors server/heap
//! 3 snapshot: the file as columns
//! 2 strings, sizes: columns of one kind
//! 1 ordinals: the numbers of rows
//! ```
//! ````
//!
//! A line is a floor's number, the modules on it, and what they are. A module is a file or a folder
//! directly under `src`. Imports lead to a lower floor, or along one as long as they do not lead back;
//! `lib.rs` and `main.rs` are above all, so that nothing is imported through what they re-export. In a
//! folder the files do not import each other in a circle; nor does its `mod.rs` import files that import
//! it, so that mostly it only shows what they have.

mod imports;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use crate::{expect_nothing, read, repository};
use imports::{Arrow, Crate, ModulePath};

/// Crates whose floors are not built yet.
const WITHOUT_FLOORS: [&str; 2] = ["server/cli", "server/xtask"];

/// Crates with folders whose `mod.rs` and files still import each other.
const WITH_LOOSE_FOLDERS: [&str; 2] = WITHOUT_FLOORS;

/// A crate's block.
#[derive(Debug, Default)]
struct Floors {
    /// The floor of each module.
    of: BTreeMap<String, u32>,
    /// The lines, as they stand.
    lines: Vec<String>,
    wrong: Vec<String>,
}

impl Floors {
    /// All blocks of a text, by crate.
    fn all(text: &str) -> BTreeMap<String, Floors> {
        let mut all: BTreeMap<String, Floors> = BTreeMap::new();
        let mut open = None;
        for line in text.lines() {
            if let Some(name) = line.strip_prefix("```floors ") {
                open = Some(name.trim().to_owned());
            } else if line.starts_with("```") {
                open = None;
            } else if let Some(name) = &open {
                all.entry(name.clone()).or_default().add(line);
            }
        }
        all
    }

    fn add(&mut self, line: &str) {
        self.lines.push(line.to_owned());
        let parts = line.split_once(':').and_then(|(floor, _)| floor.trim().split_once(' '));
        let Some((Ok(floor), names)) = parts.map(|(floor, names)| (floor.parse(), names)) else {
            self.wrong.push(format!("`{line}` is not `FLOOR MODULE, MODULE: what they are`"));
            return;
        };
        for name in names.split(',').map(str::trim) {
            if self.of.insert(name.to_owned(), floor).is_some() {
                self.wrong.push(format!("`{name}` stands on two floors"));
            }
        }
    }

    /// What contradicts these floors.
    fn contradictions(&self, modules: &Crate) -> Vec<String> {
        let mut wrong = self.wrong.clone();
        let built: BTreeSet<_> = modules.modules().filter_map(|path| path.first()).collect();
        let declared: BTreeSet<_> = self.of.keys().collect();
        wrong.extend(built.difference(&declared).map(|name| format!("`{name}` has no floor")));
        wrong.extend(declared.difference(&built).map(|name| format!("there is no `{name}`")));
        for Arrow { from, to, what } in modules.arrows() {
            let Some(above) = from.first() else { continue };
            let Some(below) = to.first() else {
                let from = from.join("::");
                wrong.push(format!(
                    "`{from}` imports `{what}` through the crate's root: name its module"
                ));
                continue;
            };
            if let (Some(floor), Some(other)) = (self.of.get(above), self.of.get(below))
                && floor < other
            {
                let from = from.join("::");
                wrong.push(format!("`{from}` (floor {floor}) imports `{what}` (floor {other})"));
            }
        }
        wrong
    }
}

/// The circles among the modules directly in each folder; its `mod.rs` is one of them unless folders
/// may be loose.
fn circles(modules: &Crate, are_loose: bool) -> Vec<String> {
    let arrows = modules.arrows();
    let folders: BTreeSet<&[String]> =
        modules.modules().filter_map(|path| path.split_last()).map(|(_, folder)| folder).collect();
    let mut wrong = Vec::new();
    for folder in folders {
        let unit = |path: &ModulePath| match path.strip_prefix(folder)? {
            [] if are_loose || folder.is_empty() => None,
            [] => Some("mod.rs".to_owned()),
            [name, ..] => Some(name.clone()),
        };
        let mut graph: BTreeMap<String, BTreeMap<String, &Arrow>> = BTreeMap::new();
        for arrow in &arrows {
            if let (Some(from), Some(to)) = (unit(&arrow.from), unit(&arrow.to))
                && from != to
            {
                graph.entry(from).or_default().entry(to).or_insert(arrow);
            }
        }
        if let Some(circle) = circle(&graph) {
            let mut text = format!("a circle in `{}`:", ["src", &folder.join("/")].join("/"));
            for Arrow { from, what, .. } in circle {
                write!(text, "\n    `{}` imports `{what}`", from.join("::")).expect("text");
            }
            wrong.push(text);
        }
    }
    wrong
}

/// The arrows of one of the shortest circles.
fn circle<'a>(graph: &BTreeMap<String, BTreeMap<String, &'a Arrow>>) -> Option<Vec<&'a Arrow>> {
    let from_each = graph.keys().filter_map(|start| {
        let mut paths: BTreeMap<&String, Vec<&'a Arrow>> = BTreeMap::new();
        let mut level = vec![(start, Vec::new())];
        while !level.is_empty() {
            let mut next = Vec::new();
            for (at, path) in level {
                for (to, &arrow) in graph.get(at).into_iter().flatten() {
                    let path: Vec<_> = path.iter().copied().chain([arrow]).collect();
                    if to == start {
                        return Some(path);
                    }
                    if !paths.contains_key(to) {
                        paths.insert(to, path.clone());
                        next.push((to, path));
                    }
                }
            }
            level = next;
        }
        None
    });
    from_each.min_by_key(Vec::len)
}

#[test]
fn imports_lead_down() {
    let all = Floors::all(&read("docs/architecture.md"));
    let mut wrong = Vec::new();
    for (name, floors) in &all {
        println!("{name}\n    {}", floors.lines.join("\n    "));
        let modules = Crate::read(&repository().join(name).join("src"));
        let are_loose = WITH_LOOSE_FOLDERS.contains(&name.as_str());
        let circles = circles(&modules, are_loose);
        let found = floors.contradictions(&modules).into_iter().chain(circles);
        wrong.extend(found.map(|found| format!("{name}: {found}")));
    }
    expect_nothing(&wrong);
}

#[test]
fn every_crate_has_floors() {
    let all = Floors::all(&read("docs/architecture.md"));
    let server = std::fs::read_dir(repository().join("server")).expect("a folder");
    let crates = server.map(|entry| entry.expect("a crate").file_name());
    let crates: BTreeSet<_> =
        crates.map(|name| format!("server/{}", name.to_string_lossy())).collect();
    // The crate below all others is one file.
    let one_file = "server/files";
    let known: BTreeSet<_> = all.keys().map(String::as_str).chain(WITHOUT_FLOORS).collect();
    let mut wrong = Vec::new();
    for name in &crates {
        if !known.contains(name.as_str()) && name != one_file {
            wrong.push(format!("docs/architecture.md has no floors of {name}"));
        }
    }
    let both = WITHOUT_FLOORS.into_iter().filter(|name| all.contains_key(*name));
    wrong.extend(both.map(|name| format!("{name} has floors: strike it from WITHOUT_FLOORS")));
    expect_nothing(&wrong);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is wrong with a crate of two files and a folder, under these floors.
    fn wrong(floors: &str, low: &str, high: &str) -> Vec<String> {
        let text = format!("x\n```floors server/x\n{floors}\n```\n");
        let modules = Crate::of_texts(&[
            ("lib.rs", "mod low; mod high; mod folder; pub use low::Low;"),
            ("low.rs", low),
            ("high.rs", high),
            ("folder/mod.rs", "mod one; mod two;"),
            ("folder/one.rs", "use super::two::Two;"),
            ("folder/two.rs", "pub struct Two;"),
        ]);
        let mut wrong = Floors::all(&text)["server/x"].contradictions(&modules);
        wrong.extend(circles(&modules, false));
        wrong
    }

    const FLOORS: &str = "2 high: above\n1 low, folder: below";
    const LOW: &str = "pub struct Low;";

    #[test]
    fn what_leads_down_is_right() {
        assert!(wrong(FLOORS, LOW, "use crate::low::Low;").is_empty());
        assert!(wrong(FLOORS, "use crate::folder;", "use crate::low::Low;").is_empty());
    }

    #[test]
    fn what_leads_up_is_wrong() {
        let up = wrong(FLOORS, "use crate::high::High;", "");
        assert_eq!(up, ["`low` (floor 1) imports `high::High` (floor 2)"]);
        let through_the_root = wrong(FLOORS, LOW, "use crate::Low;");
        let expected = "`high` imports `Low` through the crate's root: name its module";
        assert_eq!(through_the_root, [expected]);
    }

    #[test]
    fn what_leads_back_is_wrong() {
        let back = wrong("1 high, low, folder: all", "use crate::high::H;", "use crate::low::L;");
        let circle =
            "a circle in `src/`:\n    `high` imports `low::L`\n    `low` imports `high::H`";
        assert_eq!(back, [circle]);
    }

    #[test]
    fn a_folder_shows_its_files_and_its_files_do_not_need_it() {
        let crate_of = |text: &str| {
            Crate::of_texts(&[
                ("lib.rs", "mod folder;"),
                ("folder/mod.rs", text),
                ("folder/one.rs", "use super::{N, Two}; pub struct One;"),
                ("folder/two.rs", "pub struct Two;"),
            ])
        };
        let shows =
            crate_of("mod one; mod two; pub use one::One; pub use two::Two; const N: u8 = 1;");
        assert!(circles(&shows, false).is_empty());
        let needs = crate_of("mod one; mod two; use one::One; pub use two::Two; const N: u8 = 1;");
        let circle = "a circle in `src/folder`:\n    `folder` imports `folder::one::One`\n    \
                      `folder::one` imports `folder::N`";
        assert_eq!(circles(&needs, false), [circle]);
        assert!(circles(&needs, true).is_empty());
    }

    #[test]
    fn floors_are_of_all_modules_that_there_are() {
        assert_eq!(wrong("2 high: above\n1 low: below", LOW, ""), ["`folder` has no floor"]);
        let gone = wrong("2 high: above\n1 low, folder, gone: below", LOW, "");
        assert_eq!(gone, ["there is no `gone`"]);
        let twice = wrong("2 high, low: above\n1 low, folder: below", LOW, "");
        assert_eq!(twice, ["`low` stands on two floors"]);
        let unclear = wrong(&format!("{FLOORS}\nground"), LOW, "");
        assert_eq!(unclear, ["`ground` is not `FLOOR MODULE, MODULE: what they are`"]);
    }
}
