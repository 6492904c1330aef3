//! Which file a script is whose name leads nowhere, or to several files: the one that says the same.

use std::fs;
use std::path::PathBuf;

use heapmark_source::{AsItRan, Position, RanScript, RanSite, Script, Workspace};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

const SHOP: &str = "const carts = new Map();\nfunction open(id) { carts.set(id, []); }\nopen(1);\n";
const SITE: &str = "const pages = new Map();\nfunction show(id) { pages.get(id); }\nshow(1);\n";

/// A workspace of these files, in which Git ignores `dist`.
struct Scene {
    _keep: TempDir,
    root: PathBuf,
    workspace: Workspace,
}

impl Scene {
    fn of(files: &[(&str, &str)]) -> Self {
        let keep = tempfile::tempdir().expect("a temporary folder");
        let root = keep.path().canonicalize().expect("it exists");
        for (path, text) in files.iter().chain(&[(".gitignore", "dist\n"), (".git/HEAD", "")]) {
            let path = root.join(path);
            fs::create_dir_all(path.parent().expect("files lie in folders")).expect("writable");
            fs::write(path, text).expect("a writable folder");
        }
        Self { _keep: keep, workspace: Workspace::new(vec![root.clone()]), root }
    }

    /// The file that a script is, below the workspace.
    fn file(&self, ran: RanScript) -> Option<String> {
        let script = Script::new(&AsItRan::new(&self.workspace), ran);
        let path = script.path()?.strip_prefix(&self.root).expect("it is in the workspace");
        Some(path.to_str().expect("a plain name").to_owned())
    }
}

/// A script whose text was written down.
fn text(name: &str, text: &str) -> RanScript {
    RanScript { name: name.to_owned(), source: Some(text.to_owned()), ..RanScript::default() }
}

/// One of which only the hash was.
fn hash(name: &str, text: &str) -> RanScript {
    let digits = Sha256::digest(text)
        .iter()
        .fold(String::new(), |digits, byte| digits + &format!("{byte:02x}"));
    RanScript { name: name.to_owned(), hash: Some(digits), ..RanScript::default() }
}

/// One of which the snapshot alone tells: its beginning, and where the function `open` stood.
fn beginning(name: &str, text: &str, open: Position) -> RanScript {
    RanScript {
        name: name.to_owned(),
        source_prefix: Some(text.to_owned()),
        sites: vec![RanSite { position: open, name: "open".to_owned(), is_instance: false }],
        ..RanScript::default()
    }
}

#[test]
fn a_bundle_that_runs_elsewhere_is_the_file_with_its_text() {
    let scene = Scene::of(&[("dist/index.js", SHOP), ("site/dist/index.js", SITE)]);
    let expected = Some("dist/index.js".to_owned());
    assert_eq!(scene.file(text("/app/index.js", SHOP)), expected);
    assert_eq!(scene.file(hash("file:///var/task/index.js", SHOP)), expected);
    let open = Position::new(1, 13);
    assert_eq!(scene.file(beginning("/app/index.js", SHOP, open)), expected);
    // It begins alike, but no function stands there.
    assert_eq!(scene.file(beginning("/app/index.js", SHOP, Position::new(1, 3))), None);
    // None lives that could tell.
    let nothing = RanScript { sites: Vec::new(), ..beginning("/app/index.js", SHOP, open) };
    assert_eq!(scene.file(nothing), None);
    let another = "const carts = new Set();\n";
    assert_eq!(scene.file(text("/app/index.js", another)), None);
    // Nothing is known of it.
    let unknown = RanScript { name: "/app/index.js".to_owned(), ..RanScript::default() };
    assert_eq!(scene.file(unknown), None);
}

#[test]
fn one_that_was_renamed_is_found_by_its_text() {
    let scene = Scene::of(&[("dist/index.js", SHOP), ("dist/site.js", SITE)]);
    assert_eq!(scene.file(text("/app/server.js", SHOP)), Some("dist/index.js".to_owned()));
    // What was installed, or has no path, may be anything.
    assert_eq!(scene.file(text("/app/node_modules/shop/server.js", SHOP)), None);
    assert_eq!(scene.file(text("server.js", SHOP)), None);
}

#[test]
fn of_files_with_one_text_none_is_guessed() {
    let scene = Scene::of(&[("a/dist/index.js", SHOP), ("b/dist/index.js", SHOP)]);
    let script = Script::new(&AsItRan::new(&scene.workspace), text("/app/index.js", SHOP));
    let [(name, files)] = &script.ambiguous()[..] else { panic!("it is one name") };
    assert_eq!((name.as_str(), files.len(), script.path()), ("/app/index.js", 2, None));
    // The name tells which.
    assert_eq!(scene.file(text("/app/b/dist/index.js", SHOP)), Some("b/dist/index.js".to_owned()));
}

#[test]
fn a_file_that_has_only_the_name_gives_way_to_the_one_that_has_the_text() {
    let scene = Scene::of(&[("index.js", SITE), ("dist/index.js", SHOP), ("src/a.js", SITE)]);
    assert_eq!(scene.file(text("/app/index.js", SHOP)), Some("dist/index.js".to_owned()));
    assert_eq!(scene.file(text("/app/index.js", SITE)), Some("index.js".to_owned()));
    // It was edited since, and is still the one.
    let edited = "const one = 1;\n";
    assert_eq!(scene.file(text("/app/index.js", edited)), Some("index.js".to_owned()));
    assert_eq!(scene.file(text("/app/src/a.js", SHOP)), Some("src/a.js".to_owned()));
}

#[test]
fn a_package_of_the_workspace_is_found_where_it_was_installed_from() {
    let scene = Scene::of(&[("packages/core/dist/index.js", SHOP)]);
    let name = "/app/node_modules/@shop/core/dist/index.js";
    let expected = Some("packages/core/dist/index.js".to_owned());
    assert_eq!(scene.file(hash(name, SHOP)), expected);
    assert_eq!(scene.file(hash(name, SITE)), None);
    let pnpm = "/app/node_modules/.pnpm/core@1.0.0/node_modules/@shop/core/dist/index.js";
    assert_eq!(scene.file(hash(pnpm, SHOP)), expected);
    // Another path in its package.
    assert_eq!(scene.file(hash("/app/node_modules/@shop/core/lib/index.js", SHOP)), None);
}
