//! Programs that run elsewhere than they were built, or whose code is not all in the workspace: they are found by
//! what they say, and what cannot be found is said, with what to do.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use heapmark_tests::{Program, Workspace, output_of, record, tests_folder};

use super::{Report, Run, Slot, Way, expect, told, tools};

/// The program, and a copy of it that was built.
fn built(build: &str) -> (Program, Workspace) {
    let script = tools().parent().expect("a folder").join("build.mjs");
    let program = Program::at(&tests_folder().join("maps/program")).expect("a program");
    let workspace = program.copy().expect("the program can be copied");
    output_of(Command::new("node").arg(script).arg(workspace.path()).arg(build))
        .unwrap_or_else(|error| panic!("{build}: {error:#}"));
    (program, workspace)
}

/// Builds the program, and runs `built` alone in a folder of its own, as `named`.
fn run_alone(build: &str, built: &str, named: &str) -> Run {
    let _slot = Slot::take();
    let (mut program, workspace) = self::built(build);
    let elsewhere = tempfile::tempdir().expect("a temporary folder");
    let here = elsewhere.path().canonicalize().expect("it exists");
    fs::copy(workspace.path().join(built), here.join(named)).expect("it was built");
    named.clone_into(&mut program.entry);
    let folder = tempfile::tempdir().expect("there is room for snapshots");
    let files = record(&program, &here, folder.path()).unwrap_or_else(|error| panic!("{error:#}"));
    let analysed = workspace.path().to_owned();
    let (below, options) = (String::new(), Vec::new());
    Run { program, workspace, files, analysed, below, options, _folder: folder }
}

#[test]
fn a_bundle_that_was_copied_is_found_by_what_it_says() {
    for (build, built) in [("esbuild", "dist/main.js"), ("vite", "dist/main.mjs")] {
        let name = built.rsplit('/').next().expect("a name");
        let way = Way { build: Some(build), entry: built, arguments: &[], matched: "exact" };
        let run = run_alone(build, built, name);
        expect(&run, &way);
        // The snapshots alone tell how it begins, and where its functions stand.
        run.forget_scripts();
        expect(&run, &way);
    }
}

#[test]
fn so_is_one_that_has_another_name_there() {
    let way =
        Way { build: Some("esbuild"), entry: "dist/main.js", arguments: &[], matched: "exact" };
    expect(&run_alone("esbuild", "dist/main.js", "server.js"), &way);
}

/// The messages of what else is said.
fn notices(report: &Report) -> Vec<&str> {
    report.notices.iter().map(|notice| notice.message.as_str()).collect()
}

#[test]
fn a_finding_in_a_built_file_says_so_and_how_to_get_to_the_sources() {
    let _slot = Slot::take();
    let (mut program, workspace) = built("vite");
    let here = workspace.path();
    fs::write(here.join("vite.config.ts"), "export default {};\n").expect("writable");
    let built = here.join("dist/main.mjs");
    let text = fs::read_to_string(&built).expect("it was built");
    let (code, _) = text.rsplit_once("//# sourceMappingURL").expect("it names its map");
    fs::write(&built, code).expect("writable");
    fs::remove_file(here.join("dist/main.mjs.map")).expect("it was there");
    "dist/main.mjs".clone_into(&mut program.entry);
    let folder = tempfile::tempdir().expect("there is room for snapshots");
    let files = record(&program, here, folder.path()).unwrap_or_else(|error| panic!("{error:#}"));
    let report = analysed(here, &files);
    let [notice] = &notices(&report)[..] else { panic!("one cause: {}", told(&report)) };
    assert!(notice.starts_with("dist/main.mjs was built, and names no source map"), "{notice}");
    assert!(notice.contains("set `build: { sourcemap: true }` in vite.config"), "{notice}");
    assert!(report.findings[0].places[0].file == "dist/main.mjs", "{}", told(&report));
}

fn analysed(workspace: &Path, files: &[PathBuf]) -> Report {
    let mut analyze = heapmark_tests::heapmark();
    analyze.args(["analyze", "--format", "json", "--workspace"]).arg(workspace);
    let json = output_of(analyze.args(files)).unwrap_or_else(|error| panic!("{error:#}"));
    serde_json::from_str(&json).expect("the report is as documented")
}

/// A repository of two packages: the one that runs uses the other by the link that a package manager made.
fn repository(root: &Path, leaking: &Program, main: &str) -> Program {
    let (core, api) = (root.join("packages/core"), root.join("apps/api"));
    fs::create_dir_all(&core).expect("writable");
    fs::create_dir_all(api.join("node_modules/@shop")).expect("writable");
    fs::write(root.join("pnpm-workspace.yaml"), "packages: ['packages/*', 'apps/*']\n")
        .expect("writable");
    for file in fs::read_dir(&leaking.folder).expect("a program") {
        let file = file.expect("a file").path();
        fs::copy(&file, core.join(file.file_name().expect("a name"))).expect("writable");
    }
    symlink("../../../../packages/core", api.join("node_modules/@shop/core")).expect("a link");
    fs::write(api.join("main.js"), main).expect("writable");
    let mut program = leaking.clone();
    "apps/api/main.js".clone_into(&mut program.entry);
    program
}

#[test]
fn code_of_a_package_beside_the_opened_one_is_told_with_the_folder_to_open() {
    let leaking = Program::named("map-cache").expect("the program can be read");
    for main in [
        "const core = require('@shop/core');
globalThis.serve = () => core.round();
module.exports = core;
",
        // Nothing of the opened one is left in the heap.
        "module.exports = require('@shop/core');\n",
    ] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let root = folder.path().canonicalize().expect("it exists");
        let program = repository(&root, &leaking, main);
        let written = tempfile::tempdir().expect("there is room for snapshots");
        let files = record(&program, &root, written.path()).expect("it runs");
        let inside = analysed(&root.join("apps/api"), &files);
        let said = notices(&inside);
        let open = format!("Open {}, the project around this workspace", root.display());
        assert!(said.iter().any(|it| it.contains(&open)), "{main}: {}", told(&inside));
        let whole = analysed(&root, &files);
        for mark in &leaking.marks {
            assert!(whole.has(mark, "packages/core/", "exact"), "{mark}\n{}", told(&whole));
        }
        assert_eq!(notices(&whole), [""; 0], "{}", told(&whole));
    }
}
