//! Which file a script's name means, and that nothing outside the folders is read.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use heapmark_source::{LARGEST_FILE, Resolution, SourceError, Workspace};
use tempfile::TempDir;

/// A folder with these files, each holding its own path as a comment.
fn folder(files: &[&str]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let root = folder.path().canonicalize().expect("it exists");
    for file in files {
        write(&root.join(file), &format!("// {file}\n"));
    }
    (folder, root)
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("files lie in folders")).expect("a writable folder");
    fs::write(path, text).expect("a writable folder");
}

fn file(root: &Path, path: &str) -> Resolution {
    Resolution::File(root.join(path))
}

#[test]
fn the_very_path_wins() {
    let (_keep, root) = folder(&["src/a b.js", "other/a b.js", "node_modules/dep/index.js"]);
    let workspace = Workspace::new(vec![root.clone()]);
    let path = root.join("src/a b.js");
    assert_eq!(workspace.resolve(path.to_str().expect("text")), file(&root, "src/a b.js"));
    let url = format!("file://{}/src/a%20b.js?version=1", root.display());
    assert_eq!(workspace.resolve(&url), file(&root, "src/a b.js"));
    let dependency = root.join("node_modules/dep/index.js");
    assert_eq!(
        workspace.resolve(dependency.to_str().expect("text")),
        file(&root, "node_modules/dep/index.js")
    );
    assert!(Workspace::is_dependency(&dependency));
    assert!(!Workspace::is_dependency(&path));
}

#[test]
fn a_path_of_another_machine_is_matched_by_its_end() {
    let (_keep, root) =
        folder(&["server.js", "src/routes/user.js", "src/routes/index.js", "src/index.js"]);
    let workspace = Workspace::new(vec![root.clone()]);
    for name in [
        "/heapmark-no-such-root/src/routes/user.js",
        "file:///heapmark-no-such-root/src/routes/user.js",
        "file:///C:/build/src/routes/user.js",
        "C:\\build\\src\\routes\\user.js",
        "\\\\server\\share\\src\\routes\\user.js",
        "file://server/share/src/routes/user%2Ejs",
        "https://example.org/assets/src/routes/user.js?hash",
        "/heapmark-no-such-root/x/../src/./routes/user.js",
    ] {
        assert_eq!(workspace.resolve(name), file(&root, "src/routes/user.js"), "{name}");
    }
    assert_eq!(workspace.resolve("/heapmark-no-such-root/server.js"), file(&root, "server.js"));
    assert_eq!(
        workspace.resolve("/no-such-root/routes/index.js"),
        file(&root, "src/routes/index.js")
    );
}

#[test]
fn ends_that_fit_several_files_are_not_guessed() {
    let (_keep, root) = folder(&["a/index.js", "b/index.js"]);
    let workspace = Workspace::new(vec![root.clone()]);
    assert_eq!(
        workspace.resolve("/no-such-root/index.js"),
        Resolution::Ambiguous(vec![root.join("a/index.js"), root.join("b/index.js")])
    );
    assert_eq!(workspace.resolve("/no-such-root/b/index.js"), file(&root, "b/index.js"));
}

#[test]
fn ignored_files_are_found_only_below_their_folder() {
    let (_keep, root) = folder(&["dist/main.js", "src/main.js", "node_modules/dep/lib/a.js"]);
    write(&root.join(".gitignore"), "dist/\n");
    let workspace = Workspace::new(vec![root.clone()]);
    assert_eq!(workspace.files(), [root.join("src/main.js")]);
    assert_eq!(workspace.resolve("/no-such-root/dist/main.js"), file(&root, "dist/main.js"));
    assert_eq!(workspace.resolve("/no-such-root/main.js"), file(&root, "src/main.js"));
    assert_eq!(
        workspace.resolve("/no-such-root/node_modules/dep/lib/a.js"),
        file(&root, "node_modules/dep/lib/a.js")
    );
    // A dependency that is not installed here is not the user's file of the same name.
    assert_eq!(
        workspace.resolve("/no-such-root/node_modules/dep/src/main.js"),
        Resolution::NotInWorkspace
    );
}

/// As the `ignore` crate does it when it opens the files itself: the same files in the same order.
#[test]
fn what_git_ignores_is_what_the_ignore_crate_says() {
    let (_keep, root) = folder(&[
        "a.js",
        "b.js",
        "c.log.js",
        "src/a.js",
        "src/b.js",
        "src/deep/b.js",
        "src/deep/x/kept.js",
        "out/a.js",
        "out/keep/a.js",
        "lib/gen/a.js",
        "lib/a.gen.js",
        "own/a.js",
        "own/b.js",
        ".hidden/a.js",
        "work/a.js",
        "work/secret/a.js",
        "node_modules/dep/a.js",
    ]);
    write(
        &root.join(".gitignore"),
        "\u{feff}b.js\n/out/*\n!/out/keep/\n*.log.js\n# c\n\nlib/**/gen\n[\n",
    );
    write(&root.join("src/.gitignore"), "!b.js\n/deep/x/\n");
    write(&root.join("src/deep/.gitignore"), "b.js\r\n");
    write(&root.join("own/.ignore"), "!b.js\na.js\n");
    write(&root.join(".git/info/exclude"), "*.gen.js\n");
    write(&root.join("elsewhere/main/worktrees/work/commondir"), "../..\n");
    write(&root.join("elsewhere/main/info/exclude"), "secret/\n");
    let leads = format!("gitdir: {}\n", root.join("elsewhere/main/worktrees/work").display());
    write(&root.join("work/.git"), &leads);
    #[cfg(unix)]
    for (link, to) in [("src/link.js", "a.js"), ("src/to-lib", "../lib"), ("src/out", "/etc")] {
        std::os::unix::fs::symlink(to, root.join(link)).expect("a writable folder");
    }
    let mut walk = ignore::WalkBuilder::new(&root);
    walk.sort_by_file_name(Ord::cmp);
    walk.require_git(false).filter_entry(|entry| entry.file_name() != "node_modules");
    let entries = walk.build().map(|entry| entry.expect("it can be read"));
    let files = entries.filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()));
    let files = files.map(ignore::DirEntry::into_path);
    let is_script = |path: &PathBuf| path.extension().is_some_and(|it| it == "js");
    let expected: Vec<PathBuf> = files.filter(is_script).collect();
    assert!((5..12).contains(&expected.len()), "{expected:?}");
    let mut files = Workspace::new(vec![root.clone()]).files();
    files.retain(is_script);
    assert_eq!(files, expected);
}

#[cfg(unix)]
#[test]
fn what_is_no_regular_file_is_never_opened() {
    let (_keep, root) = folder(&["src/a.js"]);
    fs::create_dir_all(root.join(".git/info")).expect("a writable folder");
    for pipe in [".gitignore", ".ignore", ".git/info/exclude", "src/pipe.js", "src/.git"] {
        let made = std::process::Command::new("mkfifo").arg(root.join(pipe)).status();
        assert!(made.expect("mkfifo starts").success());
    }
    let (sender, done) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let workspace = Workspace::new(vec![root.clone()]);
        let files = workspace.files() == [root.join("src/a.js")];
        let pipe =
            workspace.file(&root.join("src/pipe.js")).map(|_| ()).map_err(|it| it.to_string());
        sender.send((files, pipe)).expect("somebody waits");
    });
    let (files, pipe) =
        done.recv_timeout(std::time::Duration::from_secs(30)).expect("it waits for none");
    assert!(files);
    let said = pipe.expect_err("it is no file");
    assert!(said.ends_with("src/pipe.js is not an ordinary file"), "{said}");
}

#[test]
fn relative_names_must_fit_as_a_whole() {
    let (_keep, root) = folder(&["src/job.js"]);
    let workspace = Workspace::new(vec![root.clone()]);
    assert_eq!(workspace.resolve("src/job.js"), file(&root, "src/job.js"));
    assert_eq!(workspace.resolve("./job.js"), file(&root, "src/job.js"));
    assert_eq!(workspace.resolve("lib/job.js"), Resolution::NotInWorkspace);
}

#[test]
fn code_without_a_file_is_told_apart() {
    let (_keep, root) = folder(&["src/a.js"]);
    let workspace = Workspace::new(vec![root]);
    for name in [
        "",
        "node:fs",
        "node:internal/timers",
        "internal/timers.js",
        "evalmachine.<anonymous>",
        "[eval]",
        "[eval]-wrapper",
        "[worker eval]",
        "wasm://wasm/5a6c4f0e",
        "REPL12",
    ] {
        assert_eq!(workspace.resolve(name), Resolution::Builtin, "{name}");
    }
    for name in ["data:text/javascript,0", "/no-such-root/b.js", "webpack://app/a.js", "/", "a\0b"]
    {
        assert_eq!(workspace.resolve(name), Resolution::NotInWorkspace, "{name:?}");
    }
}

#[test]
fn new_files_are_found_after_a_change_is_told() {
    let (_keep, root) = folder(&["a.js"]);
    let workspace = Workspace::new(vec![root.clone()]);
    assert_eq!(workspace.resolve("/no-such-root/late.js"), Resolution::NotInWorkspace);
    write(&root.join("deep/late.js"), "");
    workspace.files_changed();
    assert_eq!(workspace.resolve("/no-such-root/late.js"), file(&root, "deep/late.js"));
}

#[cfg(unix)]
#[test]
fn nothing_outside_the_folders_is_read() {
    let (_outside_keep, outside) = folder(&["secret.js"]);
    let (_keep, root) = folder(&["a.js"]);
    std::os::unix::fs::symlink(&outside, root.join("link")).expect("links");
    let workspace = Workspace::new(vec![root.clone()]);
    let dotted = root.join("../").join(outside.file_name().expect("a name")).join("secret.js");
    for path in [outside.join("secret.js"), root.join("link/secret.js"), dotted] {
        assert!(
            matches!(workspace.file(&path), Err(SourceError::OutsideWorkspace { .. })),
            "{}",
            path.display()
        );
        let name = path.to_str().expect("text");
        assert_eq!(workspace.resolve(name), Resolution::NotInWorkspace, "{name}");
    }
    assert_eq!(workspace.resolve("/no-such-root/link/secret.js"), Resolution::NotInWorkspace);
}

#[cfg(unix)]
#[test]
fn a_folder_behind_a_link_keeps_the_name_the_user_gave() {
    let (_keep, real) = folder(&["src/a.js"]);
    let (_links_keep, links) = folder(&[]);
    let shown = links.join("project");
    std::os::unix::fs::symlink(&real, &shown).expect("links");
    let workspace = Workspace::new(vec![shown.clone()]);
    // Node names scripts with links followed.
    let name = real.join("src/a.js");
    assert_eq!(workspace.resolve(name.to_str().expect("text")), file(&shown, "src/a.js"));
    assert_eq!(workspace.resolve("/no-such-root/src/a.js"), file(&shown, "src/a.js"));
    assert_eq!(workspace.relative(&shown.join("src/a.js")), "src/a.js");
    assert_eq!(workspace.relative(&name), "src/a.js");
    assert_eq!(workspace.file(&name).expect("it is inside").path(), shown.join("src/a.js"));
}

#[test]
fn files_are_parsed_once_and_again_when_they_change() {
    let (_keep, root) = folder(&["a.js"]);
    let path = root.join("a.js");
    let workspace = Workspace::new(vec![root.clone()]);
    let first = workspace.file(&path).expect("it is there");
    assert!(Arc::ptr_eq(&first, &workspace.file(&path).expect("it is there")));
    write(&path, "function changed() {}\n");
    let second = workspace.file(&path).expect("it is there");
    assert_eq!(second.functions()[0].name, "changed");
}

#[test]
fn the_editor_wins_over_the_disk_until_it_closes_the_file() {
    let (_keep, root) = folder(&["a.js"]);
    let path = root.join("a.js");
    let workspace = Workspace::new(vec![root.clone()]);
    for text in ["let unsaved;", "let another;"] {
        workspace.set_document(&path, text.to_owned());
        assert_eq!(workspace.file(&path).expect("it is open").text(), text);
    }
    workspace.close_document(&path);
    assert_eq!(workspace.file(&path).expect("it is there").text(), "// a.js\n");

    let unsaved = root.join("new.js");
    workspace.set_document(&unsaved, "let fresh;".to_owned());
    assert_eq!(workspace.file(&unsaved).expect("it is open").text(), "let fresh;");
}

#[test]
fn what_cannot_be_read_says_so() {
    let (_keep, root) = folder(&["folder/a.js"]);
    let workspace = Workspace::new(vec![root.clone()]);
    let large = root.join("large.js");
    write(&large, &" ".repeat(LARGEST_FILE as usize + 1));
    let shown = |path: &Path| {
        let error = workspace.file(path).expect_err("it cannot be read").to_string();
        error.replace(&root.display().to_string(), "ROOT")
    };
    insta::assert_snapshot!(shown(&large), @"ROOT/large.js has 5242881 bytes, more than the 5242880 that are parsed: point the program at a smaller build of it or at its sources");
    insta::assert_snapshot!(shown(&root.join("folder")), @"ROOT/folder is not an ordinary file");
    insta::assert_snapshot!(shown(&root.join("missing.js")), @"cannot read ROOT/missing.js: No such file or directory (os error 2)");
}

#[test]
fn with_several_folders_the_folder_is_named() {
    let (_keep, root) = folder(&["one/a.js", "two/a.js"]);
    let workspace = Workspace::new(vec![root.join("one"), root.join("two")]);
    assert_eq!(workspace.relative(&root.join("two/a.js")), "two/a.js");
    assert_eq!(
        workspace.resolve("/no-such-root/a.js"),
        Resolution::Ambiguous(vec![root.join("one/a.js"), root.join("two/a.js")])
    );
}

#[test]
fn many_threads_may_ask_at_once() {
    let (_keep, root) = folder(&["a.js", "b.js"]);
    let workspace = Workspace::new(vec![root.clone()]);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (workspace, root) = (&workspace, &root);
            scope.spawn(move || {
                for round in 0..50 {
                    let name = if (round + thread) % 2 == 0 { "a.js" } else { "b.js" };
                    assert_eq!(
                        workspace.resolve(&format!("/no-such-root/{name}")),
                        file(root, name)
                    );
                    let file = workspace.file(&root.join(name)).expect("it is there");
                    assert_eq!(file.text(), format!("// {name}\n"));
                }
            });
        }
    });
}
