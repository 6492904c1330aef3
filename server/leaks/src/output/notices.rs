//! What to say of sources that are not where they were looked for.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use heapmark_source::{LARGEST_FILE, MAX_BUILT_FILE, Refusal, local_path};

use crate::locate::Locator;
use crate::output::growth::needs_explanation;
use crate::output::no_files::no_file;
use crate::report::Notice;
use crate::report::units::{and_more, plural, size, sizes};

/// What to say if the program's sources are not where they were looked for.
pub(crate) fn about_sources(locator: &Locator) -> Option<Notice> {
    let mut elsewhere = locator.scripts_elsewhere();
    // What these are is said in `no_files`.
    elsewhere.retain(|name| no_file(locator, name).is_none());
    let first = elsewhere.first()?;
    // What may be one of several files here is not elsewhere: that is said in `about_maps`.
    if locator.has_own_scripts() || !locator.ambiguities().is_empty() {
        return about_gone(locator, &elsewhere);
    }
    let more = and_more(elsewhere.len() - 1);
    let what_to_do = match (copied_from(locator, first), folder_here(&elsewhere)) {
        (Some(original), _) => format!(
            "They are in {original}, and this workspace has files of the same names: open that folder \
             (on the command line: --workspace DIR), or if this is a copy of it, map its path \
             (`heapmark.pathMappings`, --path-mapping {original}=.)."
        ),
        (None, Some(folder)) => format!(
            "They are in {folder}: open that folder (on the command line: --workspace DIR) to see the \
             lines to blame."
        ),
        (None, None) => {
            "Open the folder that holds them (on the command line: --workspace DIR) to \
                         see the lines to blame."
                .to_owned()
        }
    };
    Some(Notice {
        message: format!(
            "The sources of this program are not in the workspace: {first}{more}. {what_to_do}"
        ),
    })
}

/// What to say if files that ran are not where they were in the workspace.
fn about_gone(locator: &Locator, elsewhere: &[String]) -> Option<Notice> {
    let is_inside = |path: &Path| locator.folders().any(|folder| path.starts_with(folder));
    let paths = elsewhere.iter().filter_map(|name| local_path(name));
    let gone: Vec<PathBuf> =
        paths.filter(|path| is_inside(path) && !heapmark_files::is_file(path)).collect();
    let first = locator.relative(gone.first()?);
    let more = and_more(gone.len() - 1);
    Some(Notice {
        message: format!(
            "{first}{more} ran and {} not in the workspace any more: no places are shown there.",
            plural(gone.len() as u64, "is", "are")
        ),
    })
}

/// The folder that the workspace may be a copy of, if a script of this machine lies in one of the same
/// layout.
fn copied_from(locator: &Locator, script: &str) -> Option<String> {
    let path = local_path(script).filter(|path| heapmark_files::is_file(path))?;
    let here = locator.folder()?;
    let is_copied = |original: &&Path| {
        path.strip_prefix(original).is_ok_and(|below| heapmark_files::is_file(&here.join(below)))
    };
    let original = path.ancestors().skip(1).filter(is_copied).last()?;
    Some(original.display().to_string())
}

/// The folder of this machine that holds all of these scripts, if they are still there.
fn folder_here(scripts: &[String]) -> Option<String> {
    let mut folder: Option<PathBuf> = None;
    for script in scripts {
        let path = local_path(script)?;
        let parent = path.parent().filter(|_| heapmark_files::is_file(&path))?;
        folder = Some(match folder {
            None => parent.to_owned(),
            Some(folder) => folder.ancestors().find(|it| parent.starts_with(it))?.to_owned(),
        });
    }
    // The root of everything is no place to open.
    let folder = folder.filter(|folder| folder.components().count() > 2)?;
    Some(folder.display().to_string())
}

/// What to say of files that ran and are not read as source: no place is shown in those that people
/// wrote, and of those that were built, what only their text tells of the sources is not known.
pub(crate) fn about_unread(locator: &Locator) -> Vec<Notice> {
    let written = about_refused(&locator.unread(), LARGEST_FILE, "no places are shown there");
    let effect = "some places in the sources that it was built from may be missing";
    let built = about_refused(&locator.unread_builds(), MAX_BUILT_FILE, effect);
    written.into_iter().chain(built).collect()
}

/// What to say of files that are not read as source, because they are larger than `limit` or take
/// too long.
fn about_refused(files: &[(String, Refusal)], limit: u64, effect: &str) -> Vec<Notice> {
    let (mut large, mut complex) = (Vec::new(), Vec::new());
    let mut unreadable: BTreeMap<String, Vec<&String>> = BTreeMap::new();
    for (file, refusal) in files {
        match refusal {
            Refusal::TooLarge(bytes) => large.push((file, bytes)),
            Refusal::TooComplex => complex.push(file),
            Refusal::Unreadable(kind) => unreadable.entry(reason(*kind)).or_default().push(file),
        }
    }
    let mut notices: Vec<Notice> = unreadable
        .into_iter()
        .map(|(reason, files)| {
            let (first, more) = (files[0], and_more(files.len() - 1));
            Notice {
                message: format!("{first}{more} ran and cannot be read now ({reason}): {effect}."),
            }
        })
        .collect();
    if let Some((first, bytes)) = large.first() {
        let more = and_more(large.len() - 1);
        notices.push(Notice {
            message: format!(
                "{first} ({}){more} ran and {} larger than the {} that are read as source: {effect}.",
                size(**bytes),
                plural(large.len() as u64, "is", "are"),
                size(limit),
            ),
        });
    }
    if let Some(first) = complex.first() {
        let more = and_more(complex.len() - 1);
        let why = match complex.len() {
            1 => "is not read as source, because it is nested too deeply or takes too long",
            _ => "are not read as source, because they are nested too deeply or take too long",
        };
        notices.push(Notice { message: format!("{first}{more} ran and {why}: {effect}.") });
    }
    notices
}

/// What the system means, as a clause.
fn reason(kind: ErrorKind) -> String {
    match kind {
        ErrorKind::WouldBlock => "another program holds it, by a lease".to_owned(),
        ErrorKind::PermissionDenied => "it may not be read".to_owned(),
        other => other.to_string(),
    }
}

/// What to say if source maps do not lead to files of the workspace.
pub(crate) fn about_maps(locator: &Locator) -> Vec<Notice> {
    let problems = locator.map_problems();
    let mut notices: Vec<Notice> = problems
        .into_iter()
        .map(|problem| Notice {
            message: format!("{problem}. Places are shown in what was built, not in its sources."),
        })
        .collect();
    let ambiguous = locator.ambiguities();
    if let Some(first) = ambiguous.first() {
        let more = and_more(ambiguous.len() - 1);
        notices.push(Notice {
            message: format!(
                "{first}{more}: no places are shown in any of them. Say which is meant \
                 (`heapmark.pathMappings`, --path-mapping FROM=TO)."
            ),
        });
    }
    let (missing, odd): (Vec<_>, Vec<_>) =
        locator.only_in_maps().into_iter().partition(|name| is_source_name(name));
    if let Some(first) = odd.first() {
        let more = and_more(odd.len() - 1);
        notices.push(Notice {
            message: format!(
                "Source maps lead to {first}{more}, which is no source of a program: it is not read."
            ),
        });
    }
    if let Some(first) = missing.first() {
        let more = and_more(missing.len() - 1);
        notices.push(Notice {
            message: format!(
                "Source maps lead to {first}{more}, which the workspace does not have: places there \
                 cannot be opened. Open the folder with these sources, or map their paths \
                 (`heapmark.pathMappings`, --path-mapping FROM=TO)."
            ),
        });
    }
    notices
}

/// Whether a script can be made from a file of the name.
fn is_source_name(name: &str) -> bool {
    const ENDINGS: [&str; 12] =
        ["js", "cjs", "mjs", "jsx", "ts", "cts", "mts", "tsx", "vue", "svelte", "astro", "coffee"];
    let plain = name.split(['?', '#']).next().unwrap_or(name);
    plain.rsplit_once('.').is_some_and(|(_, ending)| ENDINGS.contains(&ending))
}

/// What to say if the heap is larger in each snapshot and nothing was found that explains it, where nobody knows
/// what of it is new: these are of several processes.
pub(crate) fn about_unexplained_growth(totals: &[u64]) -> Option<Notice> {
    needs_explanation(totals).then(|| Notice {
        message: format!(
            "The heap grew ({}), but nothing was found that explains it. It may be \
             something that is filled once, or many small things that Heapmark does not follow yet.",
            sizes(totals)
        ),
    })
}

/// What to say if sources were changed after the snapshot was taken.
pub(crate) fn about_changes(locator: &Locator) -> Option<Notice> {
    let changed = locator.changed_files();
    let noun = plural(changed.len() as u64, "has", "have");
    (!changed.is_empty()).then(|| Notice {
        message: format!(
            "{} {noun} changed since the program was built or started: places there were found \
             again, or are missing. Restart the program and capture again.",
            changed.join(", ")
        ),
    })
}

/// What to say if sources were compiled in memory and only their names could be found again.
pub(crate) fn about_compiled(locator: &Locator) -> Option<Notice> {
    let compiled = locator.compiled_files();
    let noun = plural(compiled.len() as u64, "was", "were");
    (!compiled.is_empty()).then(|| Notice {
        message: format!(
            "{} {noun} compiled in memory, and no source map of that is known: places there were found by \
             their names, or are missing. To see all, build with source maps and capture with \
             `heapmark capture`.",
            compiled.join(", ")
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(unix)]
    use crate::output::no_files::about_no_files;
    use crate::testing::Ran;

    #[test]
    fn a_file_that_ran_and_is_gone_is_told() {
        let main = "globalThis.keep = require('./store.js');\nglobalThis.main = () => keep;\n";
        let store = "const items = [];\nexports.size = () => items.length;\n";
        let ran = Ran::modules(&[("main.js", main), ("store.js", store)]);
        let said = || ran.ask(|e| about_sources(e.locator).map(|notice| notice.message));
        assert_eq!(said(), None);
        ran.delete("store.js");
        let expected =
            "store.js ran and is not in the workspace any more: no places are shown there.";
        assert_eq!(said().as_deref(), Some(expected));
    }

    #[cfg(unix)]
    #[test]
    fn what_ran_as_a_file_and_is_none_by_now_is_told_with_what_it_is() {
        let main = "globalThis.keep = require('./store.js');\nglobalThis.main = () => keep;\n";
        let store = "const items = [];\nexports.size = () => items.length;\n";
        let ran = Ran::modules(&[("main.js", main), ("store.js", store)]);
        let said = || {
            let notices = ran.ask(|e| {
                let sources = about_sources(e.locator).into_iter();
                sources.chain(about_no_files(e.locator)).collect::<Vec<_>>()
            });
            notices.into_iter().map(|it| it.message).collect::<Vec<_>>().join("\n")
        };
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
        let said = about_refused(&files, LARGEST_FILE, "no places are shown there");
        let said: Vec<_> = said.into_iter().map(|it| it.message).collect();
        insta::assert_snapshot!(said.join("\n"), @r"
        main.js ran and cannot be read now (another program holds it, by a lease): no places are shown there.
        main.js ran and cannot be read now (it may not be read): no places are shown there.
        ");
    }

    #[test]
    fn a_file_that_cannot_be_read_as_source_is_told_once() {
        let main = "const list = [{}];\nglobalThis.main = () => list;\n";
        let said = |behind: &str| {
            let ran = Ran::file(main);
            ran.edit("main.js", &format!("{main}{behind}"));
            ran.ask(|e| {
                e.locator.own_calls("f");
                let notices = about_unread(e.locator).into_iter().map(|notice| notice.message);
                notices.collect::<Vec<_>>().join("\n")
            })
        };
        assert_eq!(said("// fine"), "");
        insta::assert_snapshot!(said(&"[".repeat(4_000_000)), @"main.js ran and is not read as source, because it is nested too deeply or takes too long: no places are shown there.");
        insta::assert_snapshot!(said(&"\nlet a = 1;".repeat(600_000)), @"main.js (6.6 MB) ran and is larger than the 5.2 MB that are read as source: no places are shown there.");
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
                let notices = about_unread(e.locator).into_iter().map(|notice| notice.message);
                notices.collect::<Vec<_>>().join("\n")
            })
        };
        assert_eq!(said("// fine"), "");
        // To those who count brackets, this is nested deeply.
        let nested = format!("const never = /[{}]/;", "(".repeat(2_100));
        insta::assert_snapshot!(said(&nested), @"main.js ran and is not read as source, because it is nested too deeply or takes too long: some places in the sources that it was built from may be missing.");
        insta::assert_snapshot!(said(&format!("// {}", "long ".repeat(4_000_000))), @"main.js (20 MB) ran and is larger than the 17 MB that are read as source: some places in the sources that it was built from may be missing.");
    }

    #[test]
    fn the_folder_of_scripts_that_are_still_there_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        std::fs::create_dir(root.join("lib")).unwrap();
        for file in ["main.js", "lib/a.js"] {
            std::fs::write(root.join(file), "").unwrap();
        }
        let name = |file: &str| root.join(file).display().to_string();
        let url = format!("file://{}", name("lib/a.js"));
        assert_eq!(folder_here(&[name("main.js"), url.clone()]), Some(root.display().to_string()));
        assert_eq!(folder_here(&[url]), Some(name("lib")));
        assert_eq!(folder_here(&[name("main.js"), name("gone.js")]), None);
        assert_eq!(folder_here(&["https://cdn.example/a.js".to_owned()]), None);
        assert_eq!(folder_here(&[]), None);
    }

    #[test]
    fn only_sources_of_programs_are_worth_a_folder() {
        for name in ["../src/a.ts", "webpack://shop/./src/a.vue?4f3a", "/app/a.mjs"] {
            assert!(is_source_name(name), "{name}");
        }
        for name in ["../../../../etc/passwd", "/etc/shadow", "a", "", "../.ssh/id_rsa"] {
            assert!(!is_source_name(name), "{name}");
        }
    }
}
