//! What the sidecar keeps of the texts that ran, from a real Node.js.

mod support;

use heapmark_capture::{
    CaptureOptions, FilesBehind, RecordedFile, Script, Session, Sidecar, Unmonitored,
};
use std::{
    future::pending,
    path::{Path, PathBuf},
};
use support::{Node, sidecar, to_folder};

/// Waits, and says when it has begun.
const STAY: &str = "setInterval(() => {}, 1000);\nconsole.error('ready');\n";

/// Programs in a folder of their own.
struct Programs(tempfile::TempDir);

impl Programs {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    fn path(&self) -> PathBuf {
        // As Node.js names it.
        self.0.path().canonicalize().expect("it exists")
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let file = self.path().join(name);
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("a writable folder");
        std::fs::write(&file, text).expect("a writable folder");
        file
    }
}

/// Each of the options over one session.
async fn capture(node: &Node, options: &[CaptureOptions]) -> Vec<Sidecar> {
    let mut session = Session::connect(&node.target).await.expect("an inspector");
    let mut taken = Vec::new();
    for options in options {
        let captured =
            session.take_snapshot(options, &Unmonitored, pending()).await.expect("a snapshot");
        taken.push(sidecar(&captured.scripts_file));
    }
    taken
}

fn script<'a>(sidecar: &'a Sidecar, file: &Path) -> &'a Script {
    let url = url::Url::from_file_path(file).expect("an absolute path");
    let is_it = |script: &&Script| script.url == url.as_str() || Path::new(&script.url) == file;
    sidecar.scripts.iter().find(is_it).expect("it runs")
}

#[tokio::test]
async fn a_program_that_is_edited_while_it_runs_is_kept_as_it_runs() {
    for name in ["common.cjs", "module.mjs"] {
        let programs = Programs::new();
        let text =
            format!("const cache = new Map(); // naïve 🦀\nglobalThis.cache = cache;\n{STAY}");
        let file = programs.write(name, &text);
        let node = Node::run(&file, &[]);
        std::fs::write(&file, "function another() {}\n").unwrap();
        let folder = tempfile::tempdir().unwrap();
        let [sidecar] = &*capture(&node, &[to_folder(folder.path(), "a")]).await else {
            panic!("one snapshot")
        };
        assert_eq!(script(sidecar, &file).source.as_ref(), Some(&text), "{name}");
    }
}

#[tokio::test]
async fn what_is_not_the_users_or_too_large_is_left_out() {
    let programs = Programs::new();
    let other = programs.write("node_modules/other/index.js", "exports.a = 1;\n");
    let large = programs.write("large.js", &format!("exports.b = 2;\n//{}", "x".repeat(4 << 20)));
    let evaluated = "globalThis.c = () => 3;\n//# sourceURL=webpack-internal:///./src/c.ts";
    let text = format!(
        "require('other');\nrequire('./large.js');\n(0, eval)({});\n(0, eval)('globalThis.d = () => 4');\n{STAY}",
        serde_json::to_string(evaluated).unwrap()
    );
    let main = programs.write("main.js", &text);
    let node = Node::run(&main, &[]);
    let folder = tempfile::tempdir().unwrap();
    let [sidecar] = &*capture(&node, &[to_folder(folder.path(), "a")]).await else {
        panic!("one snapshot")
    };
    assert_eq!(script(sidecar, &main).source.as_ref(), Some(&text));
    assert_eq!(script(sidecar, &other).source, None);
    assert_eq!(script(sidecar, &large).source, None);
    let sources: Vec<&str> =
        sidecar.scripts.iter().filter_map(|script| script.source.as_deref()).collect();
    assert!(sources.contains(&evaluated), "{sources:?}");
    assert_eq!(sources.len(), 2, "nothing of Node.js, and no evaluated text that has no name");
}

#[tokio::test]
async fn each_sidecar_of_a_series_stands_alone() {
    let programs = Programs::new();
    let main = programs
        .write("main.js", &format!("setTimeout(() => require('./late.js'), 1500);\n{STAY}"));
    let late = programs.write("late.js", "exports.late = () => 1;\n");
    let node = Node::run(&main, &[]);
    let folder = tempfile::tempdir().unwrap();
    let mut session = Session::connect(&node.target).await.unwrap();
    let mut taken = Vec::new();
    for name in ["a", "b"] {
        let options = to_folder(folder.path(), name);
        let captured = session.take_snapshot(&options, &Unmonitored, pending()).await.unwrap();
        taken.push(sidecar(&captured.scripts_file));
        // What was read is not read anew, whatever happens to the file.
        session.wait(std::time::Duration::from_secs(2)).await.unwrap();
    }
    let text = std::fs::read_to_string(&main).unwrap();
    for sidecar in &taken {
        assert_eq!(script(sidecar, &main).source.as_ref(), Some(&text));
    }
    assert_eq!(script(&taken[1], &late).source.as_deref(), Some("exports.late = () => 1;\n"));
}

/// The texts are asked for after the snapshot, and change nothing in the next one.
#[tokio::test]
async fn asking_for_the_texts_is_not_seen_in_the_heap() {
    let programs = Programs::new();
    let pad = "x".repeat(1 << 20);
    let main = programs.write("main.js", &format!("// {pad}\n{STAY}"));
    let node = Node::run(&main, &[]);
    let folder = tempfile::tempdir().unwrap();
    let options: Vec<_> = ["a", "b", "c"].map(|name| to_folder(folder.path(), name)).into();
    capture(&node, &options).await;
    let sizes = ["a", "b", "c"].map(|name| {
        let file = folder.path().join(format!("{name}.heapsnapshot"));
        support::heap_size(&file)
    });
    assert!(sizes[2].abs_diff(sizes[0]) < 100_000, "{sizes:?}: the text has a million bytes");
}

#[tokio::test]
async fn who_knows_the_workspace_adds_the_files_behind() {
    let programs = Programs::new();
    let main = programs.write("main.js", &format!("//\n{STAY}"));
    let node = Node::run(&main, &[]);
    let folder = tempfile::tempdir().unwrap();
    let mut options = to_folder(folder.path(), "a");
    let url = url::Url::from_file_path(&main).unwrap().to_string();
    options.files_behind = Some(FilesBehind::new(move |scripts| {
        let main = scripts.iter().find(|script| script.url == url || url.ends_with(&script.url));
        let text = main.and_then(|script| script.source.clone()).unwrap_or_default();
        vec![RecordedFile { path: "/app/main.js.map".into(), text }]
    }));
    let [sidecar] = &*capture(&node, &[options]).await else { panic!("one snapshot") };
    let [file] = &*sidecar.files else { panic!("one file") };
    assert_eq!(file.path, Path::new("/app/main.js.map"));
    assert!(file.text.ends_with(STAY));
}
