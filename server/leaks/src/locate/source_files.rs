//! What the workspace lacks of the program that ran: files that are elsewhere, gone, changed or not to be read,
//! and source maps that lead nowhere. Facts; what is said of them stands in [`crate::words::source_files`].

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use heapmark_source::{MapProblem, Refusal, local_path};

use crate::locate::build_tools::{self, BuildTool};
use crate::locate::locator::Locator;
use crate::report::{Finding, Outside};

/// Something that keeps places from being shown. Files are named as reports show them, scripts as V8 does;
/// there is at least one of each list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SourceProblem {
    /// None of the program's scripts is in the workspace.
    Elsewhere { scripts: Vec<String>, found: Found },
    /// Files of the workspace ran and are there no more.
    Gone(Vec<String>),
    /// What ran as a file of the workspace is none that can be opened by now (a pipe, a device, a link to
    /// such): each file with what is wrong, a clause of the system's.
    NoFiles(Vec<(String, String)>),
    /// Files were changed since they ran.
    Changed(Vec<String>),
    /// Files were compiled in memory, and nobody knows how.
    Compiled(Vec<String>),
    /// Source maps cannot be used, all for one reason.
    Maps(Vec<MapProblem>),
    /// Findings stand in files that were built, which name no source map; and what built them, if that is
    /// known.
    NoMaps { files: Vec<String>, tool: Option<&'static BuildTool> },
    /// Code that findings are about is not in the workspace, though some of the program is.
    Outside { scripts: Vec<String>, found: Found },
    /// Names fit several files of the workspace.
    Ambiguous(Vec<Ambiguity>),
    /// Source maps lead to what is no source of a program, such as `/etc/passwd`.
    NoSource(Vec<String>),
    /// Source maps lead to sources that the workspace does not have.
    OnlyInMaps(Vec<String>),
    /// Files that people wrote ran and are not read as source.
    Unread(Vec<(String, Refusal)>),
    /// Files that were built of such ran and are not read.
    UnreadBuilds(Vec<(String, Refusal)>),
}

/// Where scripts are that are not in the workspace, as far as this machine tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Found {
    /// In this folder, which the workspace has files of the same names as.
    InOriginal(String),
    /// All in this folder.
    In(String),
    /// All in this folder, which has the workspace as well: a repository of several packages.
    Around(String),
    Nowhere,
}

/// A name that fits several files.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ambiguity {
    pub(crate) name: String,
    /// As reports show them.
    pub(crate) files: Vec<String>,
}

/// Everything of that kind, of what was looked at so far, in the order in which it is told.
pub(crate) fn source_problems(locator: &Locator) -> Vec<SourceProblem> {
    let mut problems = Vec::new();
    problems.extend(missing(locator));
    problems.extend(listed(no_files(locator), SourceProblem::NoFiles));
    problems.extend(listed(locator.changed_files(), SourceProblem::Changed));
    problems.extend(listed(locator.compiled_files(), SourceProblem::Compiled));
    problems.extend(by_error(locator.map_problems()).into_iter().map(SourceProblem::Maps));
    problems.extend(listed(locator.ambiguities(), SourceProblem::Ambiguous));
    let (missing, odd): (Vec<_>, Vec<_>) =
        locator.only_in_maps().into_iter().partition(|name| is_source_name(name));
    problems.extend(listed(odd, SourceProblem::NoSource));
    problems.extend(listed(missing, SourceProblem::OnlyInMaps));
    problems.extend(listed(locator.unread(), SourceProblem::Unread));
    problems.extend(listed(locator.unread_builds(), SourceProblem::UnreadBuilds));
    problems
}

/// The names, without their folders, of the sources that were not found or could not be read.
pub(crate) fn names_of_missing(problems: &[SourceProblem]) -> BTreeSet<String> {
    use SourceProblem as P;
    let missing = problems.iter().flat_map(|problem| -> Vec<&String> {
        match problem {
            P::Elsewhere { scripts: names, .. }
            | P::Outside { scripts: names, .. }
            | P::Gone(names)
            | P::OnlyInMaps(names) => names.iter().collect(),
            P::NoFiles(files) => files.iter().map(|(file, _)| file).collect(),
            P::Unread(files) | P::UnreadBuilds(files) => {
                files.iter().map(|(file, _)| file).collect()
            }
            P::Changed(_)
            | P::Compiled(_)
            | P::Maps(_)
            | P::NoMaps { .. }
            | P::Ambiguous(_)
            | P::NoSource(_) => Vec::new(),
        }
    });
    let last = |name: &String| {
        let plain = name.split(['?', '#']).next().unwrap_or(name);
        plain.rsplit(['/', '\\']).next().unwrap_or(plain).to_owned()
    };
    missing.map(last).filter(|name| !name.is_empty()).collect()
}

/// Of the problems of all that was looked at those that keep something from being shown of a finding, and
/// those that only findings have.
pub(crate) fn needed(
    locator: &Locator,
    mut problems: Vec<SourceProblem>,
    findings: &[Finding],
) -> Vec<SourceProblem> {
    let outside: Vec<&Outside> = findings.iter().flat_map(|it| &it.outside).collect();
    let shown: BTreeSet<String> = findings
        .iter()
        .flat_map(|it| &it.places)
        .map(|place| locator.relative(&place.file))
        .collect();
    let here = |script: &str| local_path(script).map(|path| locator.relative(&path));
    let is_outside = |name: &String| {
        let is_it = |it: &&Outside| it.name == *name || here(&it.script).as_ref() == Some(name);
        outside.iter().any(is_it)
    };
    for problem in &mut problems {
        match problem {
            SourceProblem::Gone(names)
            | SourceProblem::OnlyInMaps(names)
            | SourceProblem::NoSource(names) => names.retain(is_outside),
            // What is missing may be what was not found again.
            SourceProblem::Changed(files) if findings.iter().all(|it| !it.places.is_empty()) => {
                files.retain(|file| shown.contains(file));
            }
            SourceProblem::Maps(maps) => maps.retain(|it| {
                let is_of = |outside: &&Outside| outside.script == it.script;
                shown.contains(&it.script) || is_outside(&it.script) || outside.iter().any(is_of)
            }),
            _ => {}
        }
    }
    problems.retain(|problem| match problem {
        SourceProblem::Gone(names)
        | SourceProblem::Changed(names)
        | SourceProblem::OnlyInMaps(names)
        | SourceProblem::NoSource(names) => !names.is_empty(),
        SourceProblem::Maps(maps) => !maps.is_empty(),
        _ => true,
    });
    let is_told = |it: &SourceProblem| {
        matches!(
            it,
            SourceProblem::Elsewhere { .. } | SourceProblem::Gone(_) | SourceProblem::NoFiles(_)
        )
    };
    let of_findings = outside_of(locator, &outside);
    if !problems.iter().any(is_told) {
        problems.extend(of_findings);
    } else if let Some(SourceProblem::Outside { scripts, found }) = of_findings {
        // All that ran may have no folder in common, and what leaks has one.
        let is_vague = |it: &&mut SourceProblem| {
            matches!(it, SourceProblem::Elsewhere { found: Found::Nowhere, .. })
        };
        if let Some(vague) = problems.iter_mut().find(is_vague) {
            *vague = SourceProblem::Elsewhere { scripts, found };
        }
    }
    problems.extend(without_maps(locator, findings));
    problems
}

/// Where the code is that findings are about and the workspace does not have.
fn outside_of(locator: &Locator, outside: &[&Outside]) -> Option<SourceProblem> {
    // What may be one of several files here is told as that.
    let ambiguities = locator.ambiguities();
    let is_file = |name: &&String| {
        !ambiguities.iter().any(|it| it.name == **name)
            && local_path(name).is_some()
            && !name.split(['/', '\\']).any(|it| it == "node_modules")
    };
    let mut scripts: Vec<String> =
        outside.iter().map(|it| &it.script).filter(is_file).cloned().collect();
    scripts.sort_unstable();
    scripts.dedup();
    let found = found(locator, &scripts);
    let shown = scripts.iter().filter_map(|it| Some(local_path(it)?.display().to_string()));
    let scripts: Vec<String> = shown.collect();
    (!scripts.is_empty()).then_some(SourceProblem::Outside { scripts, found })
}

/// The built files that places of findings stand in, because no source map is known.
fn without_maps(locator: &Locator, findings: &[Finding]) -> Vec<SourceProblem> {
    let files: BTreeSet<&Path> = findings
        .iter()
        .flat_map(|it| &it.places)
        .map(|place| place.file.as_path())
        .filter(|file| locator.is_built_without_map(file))
        .collect();
    let mut by_tool: Vec<(Option<&'static BuildTool>, Vec<String>)> = Vec::new();
    for file in files {
        let tool = build_tools::of(locator, file);
        let name = locator.relative(file);
        let is_same = |it: &&mut (Option<&'static BuildTool>, Vec<String>)| {
            it.0.map(|it| &it.name) == tool.map(|it| &it.name)
        };
        match by_tool.iter_mut().find(is_same) {
            Some((_, files)) => files.push(name),
            None => by_tool.push((tool, vec![name])),
        }
    }
    by_tool.into_iter().map(|(tool, files)| SourceProblem::NoMaps { files, tool }).collect()
}

/// What is wrong with maps, by what it is.
fn by_error(problems: Vec<MapProblem>) -> Vec<Vec<MapProblem>> {
    let mut by_error: Vec<Vec<MapProblem>> = Vec::new();
    for problem in problems {
        match by_error.iter_mut().find(|it| it[0].error == problem.error) {
            Some(same) => same.push(problem),
            None => by_error.push(vec![problem]),
        }
    }
    by_error
}

fn listed<T>(all: Vec<T>, problem: fn(Vec<T>) -> SourceProblem) -> Option<SourceProblem> {
    (!all.is_empty()).then(|| problem(all))
}

/// Whether the program's sources are not where they were looked for.
fn missing(locator: &Locator) -> Option<SourceProblem> {
    let mut scripts = locator.scripts_elsewhere();
    // What these are is told of them.
    scripts.retain(|name| no_file(locator, name).is_none());
    if scripts.is_empty() {
        return None;
    }
    // What may be one of several files here is not elsewhere, but ambiguous.
    if locator.has_own_scripts() || !locator.ambiguities().is_empty() {
        return listed(gone(locator, &scripts), SourceProblem::Gone);
    }
    let found = found(locator, &scripts);
    Some(SourceProblem::Elsewhere { scripts, found })
}

/// Where scripts are that are not in the workspace.
fn found(locator: &Locator, scripts: &[String]) -> Found {
    let original = scripts.first().and_then(|first| copied_from(locator, first));
    match (original, folder_here(scripts)) {
        (Some(original), _) => Found::InOriginal(original),
        (None, Some(folder)) => match around(locator, Path::new(&folder)) {
            Some(around) => Found::Around(around),
            None => Found::In(folder),
        },
        (None, None) => Found::Nowhere,
    }
}

/// The folder of a project that has the workspace as well as `folder`: the nearest one that says it is one.
fn around(locator: &Locator, folder: &Path) -> Option<String> {
    const MARKS: [&str; 4] = ["pnpm-workspace.yaml", "package.json", "lerna.json", "deno.json"];
    let here = locator.folder()?;
    let both = folder.ancestors().find(|it| here.starts_with(it) && it.components().count() > 2)?;
    let is_project = MARKS.iter().any(|mark| heapmark_files::is_file(&both.join(mark)));
    (is_project && both != here).then(|| both.display().to_string())
}

/// The files that ran and are not where they were in the workspace.
fn gone(locator: &Locator, elsewhere: &[String]) -> Vec<String> {
    let is_inside = |path: &Path| locator.folders().any(|folder| path.starts_with(folder));
    let paths = elsewhere.iter().filter_map(|name| local_path(name));
    let gone = paths.filter(|path| is_inside(path) && !heapmark_files::is_file(path));
    gone.map(|path| locator.relative(&path)).collect()
}

/// What is in the workspace, ran as a file, and is none that can be read by now.
fn no_files(locator: &Locator) -> Vec<(String, String)> {
    let told = |name: String| {
        // A file system that does not answer is named itself.
        let problem = no_file(locator, &name).filter(|it| it.kind() != ErrorKind::TimedOut)?;
        Some((locator.relative(&local_path(&name)?), problem.to_string()))
    };
    locator.scripts_elsewhere().into_iter().filter_map(told).collect()
}

/// Why what is at a script's place in the workspace is no file to be read; `None` if it is one, or nothing
/// is there.
fn no_file(locator: &Locator, script: &str) -> Option<std::io::Error> {
    let path = local_path(script)?;
    let is_inside = locator.folders().any(|folder| path.starts_with(folder));
    let error = is_inside.then(|| heapmark_files::open(&path).err()).flatten()?;
    (error.kind() != ErrorKind::NotFound).then_some(error)
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

/// Whether a script can be made from a file of the name.
fn is_source_name(name: &str) -> bool {
    const ENDINGS: [&str; 12] =
        ["js", "cjs", "mjs", "jsx", "ts", "cts", "mts", "tsx", "vue", "svelte", "astro", "coffee"];
    let plain = name.split(['?', '#']).next().unwrap_or(name);
    plain.rsplit_once('.').is_some_and(|(_, ending)| ENDINGS.contains(&ending))
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn a_file_of_the_name_of_one_that_is_missing_is_worth_another_look() {
        let names = |of: &[&str]| of.iter().map(|&it| it.to_owned()).collect::<Vec<_>>();
        let too_large = Refusal::TooLarge(1 << 40);
        let problems = [
            SourceProblem::Gone(names(&["src/a.js", "b.js"])),
            SourceProblem::OnlyInMaps(names(&["webpack://shop/./src/c.vue?4f3a"])),
            SourceProblem::NoFiles(vec![("lib/d.js".to_owned(), "it is a folder".to_owned())]),
            SourceProblem::Unread(vec![("e.js".to_owned(), too_large)]),
            SourceProblem::Changed(names(&["read.js"])),
        ];
        let missing = names_of_missing(&problems);
        assert_eq!(
            missing.into_iter().collect::<Vec<_>>(),
            ["a.js", "b.js", "c.vue", "d.js", "e.js"]
        );
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
