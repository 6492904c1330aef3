//! What is said of sources that are not where they were looked for ([`SourceProblem`]).

use std::collections::BTreeMap;
use std::io::ErrorKind;

use heapmark_source::{LARGEST_FILE, MAX_BUILT_FILE, MapProblem, Refusal};

use crate::locate::build_tools::BuildTool;
use crate::locate::source_files::{Ambiguity, Found, SourceProblem};
use crate::report::Notice;
use crate::report::units::{and_more, plural, size};

/// A budget of words: so many of the files that a name may mean are named.
const MAX_MEANT: usize = 3;

/// What is said of one problem: a notice, or one for each reason.
pub(crate) fn about_sources(problem: &SourceProblem) -> Vec<Notice> {
    let messages = match problem {
        SourceProblem::Elsewhere { scripts, found } => vec![elsewhere(scripts, found)],
        SourceProblem::Gone(files) => vec![format!(
            "{} ran and {} not in the workspace any more: no places are shown there.",
            first_of(files),
            plural(files.len() as u64, "is", "are")
        )],
        SourceProblem::NoFiles(files) => no_files(files),
        SourceProblem::Changed(files) => vec![format!(
            "{} {} changed since the program was built or started: places there were found \
             again, or are missing. Restart the program and capture again.",
            files.join(", "),
            plural(files.len() as u64, "has", "have"),
        )],
        SourceProblem::Compiled(files) => vec![format!(
            "{} {} compiled in memory, and no source map of that is known: places there were found by \
             their names, or are missing. To see all, build with source maps and capture with \
             `heapmark capture`.",
            files.join(", "),
            plural(files.len() as u64, "was", "were"),
        )],
        SourceProblem::Maps(problems) => vec![unusable(problems)],
        SourceProblem::NoMaps { files, tool } => vec![without_map(files, *tool)],
        SourceProblem::Outside { scripts, found } => vec![format!(
            "{} {} not in the workspace: no lines can be shown there. {}",
            first_of(scripts),
            plural(scripts.len() as u64, "is", "are"),
            what_to_open(found)
        )],
        SourceProblem::Ambiguous(names) => vec![format!(
            "{}: no places are shown in any of them. Say which is meant \
             (`heapmark.pathMappings`, --path-mapping FROM=TO).",
            first_of(&names.iter().map(may_be).collect::<Vec<_>>())
        )],
        SourceProblem::NoSource(names) => vec![format!(
            "Source maps lead to {}, which is no source of a program: it is not read.",
            first_of(names)
        )],
        SourceProblem::OnlyInMaps(names) => vec![format!(
            "Source maps lead to {}, which the workspace does not have: places there \
             cannot be opened. Open the folder with these sources, or map their paths \
             (`heapmark.pathMappings`, --path-mapping FROM=TO).",
            first_of(names)
        )],
        SourceProblem::Unread(files) => refused(files, LARGEST_FILE, "no places are shown there"),
        SourceProblem::UnreadBuilds(files) => {
            let effect = "some places in the sources that it was built from may be missing";
            refused(files, MAX_BUILT_FILE, effect)
        }
    };
    messages.into_iter().map(|message| Notice { message }).collect()
}

/// The first of a list, and how many more there are.
fn first_of(names: &[impl AsRef<str>]) -> String {
    let first = names.first().map_or("", AsRef::as_ref);
    format!("{first}{}", and_more(names.len().saturating_sub(1)))
}

/// Source maps that cannot be used, all for one reason.
fn unusable(problems: &[MapProblem]) -> String {
    let more = match problems.len() {
        0 | 1 => String::new(),
        count => format!(" (and so are those of {} more files)", count - 1),
    };
    let first = problems.first().map(ToString::to_string).unwrap_or_default();
    format!("{first}{more}. Places are shown in what was built, not in its sources.")
}

/// Built files that findings stand in, and how to get to the sources.
fn without_map(files: &[String], tool: Option<&BuildTool>) -> String {
    let how = match tool {
        Some(tool) => format!("{} ({})", tool.set, tool.name),
        None => "let the build make source maps".to_owned(),
    };
    format!(
        "{} {} built, and {} no source map: places are shown in what was built. To see your sources, {how}, \
         build again, restart and capture again.",
        first_of(files),
        plural(files.len() as u64, "was", "were"),
        plural(files.len() as u64, "names", "name"),
    )
}

fn elsewhere(scripts: &[String], found: &Found) -> String {
    let scripts = first_of(scripts);
    let what_to_do = what_to_open(found);
    format!("The sources of this program are not in the workspace: {scripts}. {what_to_do}")
}

fn what_to_open(found: &Found) -> String {
    match found {
        Found::InOriginal(original) => format!(
            "They are in {original}, and this workspace has files of the same names: open that folder \
             (on the command line: --workspace DIR), or if this is a copy of it, map its path \
             (`heapmark.pathMappings`, --path-mapping {original}=.)."
        ),
        Found::In(folder) => format!(
            "They are in {folder}: open that folder (on the command line: --workspace DIR) to see the \
             lines to blame."
        ),
        Found::Around(folder) => format!(
            "Open {folder}, the project around this workspace (on the command line: --workspace {folder})."
        ),
        Found::Nowhere => {
            "Open the folder that holds them (on the command line: --workspace DIR) to \
                           see the lines to blame."
                .to_owned()
        }
    }
}

/// `src/a.ts may be one/src/a.ts or two/src/a.ts`.
fn may_be(Ambiguity { name, files }: &Ambiguity) -> String {
    let shown = files.iter().take(MAX_MEANT).map(String::as_str).collect::<Vec<_>>();
    let more = if files.len() > MAX_MEANT { " and others" } else { "" };
    format!("{name} may be {}{more}", shown.join(" or "))
}

/// Of files that are none, each with the reason; what has one reason is told together.
fn no_files(files: &[(String, String)]) -> Vec<String> {
    let mut by_problem: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (file, problem) in files {
        by_problem.entry(problem).or_default().push(file);
    }
    let told = by_problem.into_iter().map(|(problem, files)| {
        let files = first_of(&files);
        format!("{files} ran and cannot be read now ({problem}): no places are shown there.")
    });
    told.collect()
}

/// Of files that are not read as source, because they are larger than `limit` or take too long; what has one
/// reason is told together.
fn refused(files: &[(String, Refusal)], limit: u64, effect: &str) -> Vec<String> {
    let (mut large, mut complex) = (Vec::new(), Vec::new());
    let mut unreadable: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (file, refusal) in files {
        match refusal {
            Refusal::TooLarge(bytes) => large.push((file, bytes)),
            Refusal::TooComplex => complex.push(file),
            Refusal::Unreadable(kind) => unreadable.entry(reason(*kind)).or_default().push(file),
        }
    }
    let told = unreadable.into_iter().map(|(reason, files)| {
        format!("{} ran and cannot be read now ({reason}): {effect}.", first_of(&files))
    });
    let mut told: Vec<String> = told.collect();
    if let Some((first, bytes)) = large.first() {
        told.push(format!(
            "{first} ({}){} ran and {} larger than the {} that are read as source: {effect}.",
            size(**bytes),
            and_more(large.len() - 1),
            plural(large.len() as u64, "is", "are"),
            size(limit),
        ));
    }
    if !complex.is_empty() {
        let why = match complex.len() {
            1 => "is not read as source, because it is nested too deeply or takes too long",
            _ => "are not read as source, because they are nested too deeply or take too long",
        };
        told.push(format!("{} ran and {why}: {effect}.", first_of(&complex)));
    }
    told
}

/// What the system means, as a clause.
fn reason(kind: ErrorKind) -> String {
    match kind {
        ErrorKind::WouldBlock => "another program holds it, by a lease".to_owned(),
        ErrorKind::PermissionDenied => "it may not be read".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use heapmark_source::MapError;

    use super::*;
    use crate::locate::Locator;
    use crate::locate::build_tools;
    use crate::locate::source_files::source_problems;
    use crate::testing::Ran;

    /// What is said of a program's sources, as far as `counts` accepts it, a line each.
    fn told(locator: &Locator, counts: impl Fn(&SourceProblem) -> bool) -> String {
        let problems = source_problems(locator).into_iter().filter(counts);
        let said = problems.flat_map(|it| about_sources(&it));
        said.map(|it| it.message).collect::<Vec<_>>().join("\n")
    }

    fn is_missing(problem: &SourceProblem) -> bool {
        use SourceProblem as P;
        matches!(problem, P::Elsewhere { .. } | P::Gone(_) | P::NoFiles(_))
    }

    fn is_unread(problem: &SourceProblem) -> bool {
        matches!(problem, SourceProblem::Unread(_) | SourceProblem::UnreadBuilds(_))
    }

    #[test]
    fn built_files_are_told_with_what_to_set() {
        let files = |names: &[&str]| names.iter().map(|&it| it.to_owned()).collect::<Vec<_>>();
        let told = |names: &[&str], tool| {
            let problem = SourceProblem::NoMaps { files: files(names), tool };
            about_sources(&problem).remove(0).message
        };
        insta::assert_snapshot!(told(&["dist/a.js", "dist/b.js"], Some(build_tools::named("Vite"))), @"dist/a.js and 1 more were built, and name no source map: places are shown in what was built. To see your sources, set `build: { sourcemap: true }` in vite.config (Vite), build again, restart and capture again.");
        insta::assert_snapshot!(told(&["dist/a.js"], None), @"dist/a.js was built, and names no source map: places are shown in what was built. To see your sources, let the build make source maps, build again, restart and capture again.");
    }

    #[test]
    fn maps_with_one_fault_are_told_once_and_code_elsewhere_with_what_to_open() {
        let problem = |script: &str| MapProblem {
            script: script.to_owned(),
            map: format!("{script}.map"),
            error: MapError::OtherBuild,
        };
        let maps = SourceProblem::Maps(vec![problem("a.js"), problem("b.js"), problem("c.js")]);
        let outside = |found| SourceProblem::Outside {
            scripts: vec!["/shop/packages/core/dist/index.js".to_owned()],
            found,
        };
        let around = outside(Found::Around("/shop".to_owned()));
        let told = [maps, around, outside(Found::Nowhere)];
        let told: Vec<String> = told.iter().flat_map(about_sources).map(|it| it.message).collect();
        insta::assert_snapshot!(told.join("\n"), @r"
        The source map of a.js, a.js.map, is of another build than the script: build again (and so are those of 2 more files). Places are shown in what was built, not in its sources.
        /shop/packages/core/dist/index.js is not in the workspace: no lines can be shown there. Open /shop, the project around this workspace (on the command line: --workspace /shop).
        /shop/packages/core/dist/index.js is not in the workspace: no lines can be shown there. Open the folder that holds them (on the command line: --workspace DIR) to see the lines to blame.
        ");
    }

    #[test]
    fn a_file_that_ran_and_is_gone_is_told() {
        let main = "globalThis.keep = require('./store.js');\nglobalThis.main = () => keep;\n";
        let store = "const items = [];\nexports.size = () => items.length;\n";
        let ran = Ran::modules(&[("main.js", main), ("store.js", store)]);
        let said = || ran.ask(|e| told(e.locator, is_missing));
        assert_eq!(said(), "");
        ran.delete("store.js");
        let expected =
            "store.js ran and is not in the workspace any more: no places are shown there.";
        assert_eq!(said(), expected);
    }

    #[cfg(unix)]
    #[test]
    fn what_ran_as_a_file_and_is_none_by_now_is_told_with_what_it_is() {
        let main = "globalThis.keep = require('./store.js');\nglobalThis.main = () => keep;\n";
        let store = "const items = [];\nexports.size = () => items.length;\n";
        let ran = Ran::modules(&[("main.js", main), ("store.js", store)]);
        let said = || ran.ask(|e| told(e.locator, is_missing));
        assert_eq!(said(), "");
        for (place, file) in [("store.js", "store.js"), ("main.js", "main.js and 1 more")] {
            ran.delete(place);
            assert!(
                std::process::Command::new("mkfifo")
                    .arg(ran.path(place))
                    .status()
                    .unwrap()
                    .success()
            );
            let expected = format!(
                "{file} ran and cannot be read now (it is a named pipe, not a regular file): no places are \
                 shown there."
            );
            assert_eq!(said(), expected);
        }
        ran.delete("store.js");
        std::os::unix::fs::symlink("/dev/zero", ran.path("store.js")).unwrap();
        assert!(
            said().contains("store.js ran and cannot be read now (it is a device, not a"),
            "{}",
            said()
        );
    }

    #[test]
    fn a_file_that_is_held_or_forbidden_is_told_with_the_reason() {
        let files = [ErrorKind::WouldBlock, ErrorKind::PermissionDenied]
            .map(|kind| ("main.js".to_owned(), Refusal::Unreadable(kind)));
        let said = refused(&files, LARGEST_FILE, "no places are shown there");
        insta::assert_snapshot!(said.join("\n"), @r"
        main.js ran and cannot be read now (another program holds it, by a lease): no places are shown there.
        main.js ran and cannot be read now (it may not be read): no places are shown there.
        ");
    }

    #[test]
    fn a_file_that_cannot_be_read_as_source_is_told_once() {
        // A snapshot has the whole text of a short file.
        let words = "// long\n".repeat(150);
        let main = &format!("const list = [{{}}];\n{words}globalThis.main = () => list;\n");
        let said = |behind: &str| {
            let ran = Ran::file(main);
            ran.edit("main.js", &format!("{main}{behind}"));
            ran.ask(|e| {
                e.locator.own_calls("f");
                told(e.locator, is_unread)
            })
        };
        assert_eq!(said("// fine"), "");
        insta::assert_snapshot!(said(&"[".repeat(4_000_000)), @"main.js ran and is not read as source, because it is nested too deeply or takes too long: no places are shown there.");
        insta::assert_snapshot!(said(&"\nlet a = 1;".repeat(600_000)), @"main.js (6.6 MB) ran and is larger than the 5.2 MB that are read as source: no places are shown there.");
        // However large it is.
        insta::assert_snapshot!(said(&"\nlet a = 1;".repeat(6_200_000)), @"main.js (68 MB) ran and is larger than the 5.2 MB that are read as source: no places are shown there.");
    }

    #[test]
    fn a_built_file_that_cannot_be_read_is_told_with_what_is_missing_then() {
        let main = "const list = [{}]; const main = () => list; globalThis.main = main;\n";
        let said = |behind: &str| {
            let built = format!("{main}{behind}\n//# sourceMappingURL=main.js.map");
            let map =
                r#"{ "version": 3, "sources": ["src/main.ts"], "names": [], "mappings": "AAAA" }"#;
            let files = [("main.js", &*built), ("main.js.map", map), ("src/main.ts", main)];
            let ran = Ran::modules(&files);
            let closure = ran.closures("main")[0];
            ran.ask(|e| {
                e.locator.node(closure);
                told(e.locator, is_unread)
            })
        };
        assert_eq!(said("// fine"), "");
        // To those who count brackets, this is nested deeply.
        let nested = format!("const never = /[{}]/;", "(".repeat(2_100));
        insta::assert_snapshot!(said(&nested), @"main.js ran and is not read as source, because it is nested too deeply or takes too long: some places in the sources that it was built from may be missing.");
        insta::assert_snapshot!(said(&format!("// {}", "long ".repeat(4_000_000))), @"main.js (20 MB) ran and is larger than the 17 MB that are read as source: some places in the sources that it was built from may be missing.");
    }
}
