//! What a capture writes down of the files behind scripts: what was built, and nothing else.

use std::fs::File;
use std::time::{Duration, SystemTime};

use heapmark_source::{RunningScript, files_behind};

use crate::scene::{BUILT, SOURCE, Scene, data_url, map, write};

/// Of [`BUILT`].
const HASH: &str = "a5b55a131ac490828e7e9e9cdb2d2f2526ec6a8da5fb0b6f7668ed256c83563f";

/// The files behind `dist/session.js`, which runs as `text`; each by its path below the workspace.
fn recorded_of(scene: &Scene, text: &str) -> Vec<(String, String)> {
    let url = scene.ran.source_map_url.as_deref();
    let script =
        RunningScript { url: &scene.ran.name, source_map_url: url, hash: "", text: Some(text) };
    files_behind(&scene.workspace, [script])
        .into_iter()
        .map(|file| (scene.workspace.relative(&file.path), file.text))
        .collect()
}

fn names_of(scene: &Scene) -> Vec<String> {
    recorded_of(scene, BUILT).into_iter().map(|(path, _)| path).collect()
}

/// Says that a file was written so many seconds ago.
fn written(scene: &Scene, path: &str, seconds_ago: u64) {
    let file = File::options().append(true).open(scene.root.join(path)).expect("it is there");
    let time = SystemTime::now() - Duration::from_secs(seconds_ago);
    file.set_modified(time).expect("a time can be set");
}

/// A build: the source is older than the script, which has its map beside it.
fn built(json: &str) -> Scene {
    let mut scene = Scene::new();
    scene.write("dist/session.js.map", json);
    scene.ran.source_map_url = Some("session.js.map".to_owned());
    written(&scene, "src/session.ts", 100);
    scene
}

#[test]
fn the_map_and_the_sources_that_it_does_not_hold_are_recorded() {
    let json = map("../src/session.ts", None);
    let scene = built(&json);
    let expected = [
        ("dist/session.js.map".to_owned(), json),
        ("src/session.ts".to_owned(), SOURCE.to_owned()),
    ];
    assert_eq!(recorded_of(&scene, BUILT), expected);
    // What a map holds itself needs no file.
    let scene = built(&map("../src/session.ts", Some(SOURCE)));
    assert_eq!(names_of(&scene), ["dist/session.js.map"]);
    // A map inside the script is in the script.
    let mut scene = built("no map");
    let url = data_url(&map("../src/session.ts", None));
    let text = format!("{BUILT}//# sourceMappingURL={url}");
    scene.write("dist/session.js", &text);
    scene.ran.source_map_url = Some(url);
    assert_eq!(recorded_of(&scene, &text), expected[1..]);
}

#[test]
fn each_file_is_recorded_once() {
    let scene = built(&map("../src/session.ts", None));
    let script =
        RunningScript { url: &scene.ran.name, source_map_url: None, hash: "", text: Some(BUILT) };
    assert_eq!(files_behind(&scene.workspace, [script, script]).len(), 2);
}

#[test]
fn a_source_that_was_modified_after_the_build_is_not_what_was_built() {
    let scene = built(&map("../src/session.ts", None));
    written(&scene, "dist/session.js", 50);
    written(&scene, "dist/session.js.map", 50);
    written(&scene, "src/session.ts", 49);
    assert_eq!(names_of(&scene), ["dist/session.js.map"]);
    written(&scene, "src/session.ts", 50);
    assert_eq!(names_of(&scene).len(), 1, "the clock has nanoseconds");
    written(&scene, "src/session.ts", 51);
    assert_eq!(names_of(&scene).len(), 2);
}

#[test]
fn of_a_script_that_was_built_anew_since_it_runs_nothing_is_known() {
    let scene = built(&map("../src/session.ts", None));
    scene.write("dist/session.js", &format!("/* anew */{BUILT}"));
    assert_eq!(recorded_of(&scene, BUILT), []);
    std::fs::remove_file(scene.root.join("dist/session.js")).expect("it was there");
    assert_eq!(recorded_of(&scene, BUILT), []);
}

/// A script that is too large to be written down itself is known by its hash.
#[test]
fn the_hash_tells_too_whether_the_file_is_what_runs() {
    let scene = built(&map("../src/session.ts", None));
    let count = |hash: &str| {
        let script = RunningScript { url: &scene.ran.name, source_map_url: None, hash, text: None };
        files_behind(&scene.workspace, [script]).len()
    };
    assert_eq!(count(HASH), 2);
    assert_eq!((count(""), count(&HASH.replace('a', "b"))), (0, 0));
}

/// Every file named here exists.
#[test]
fn nothing_outside_the_workspace_and_no_dependency_is_read() {
    let scene = Scene::new();
    let outside = scene.root.with_file_name("outside/secret.ts");
    write(&outside, SOURCE);
    write(&scene.root.join("node_modules/a/index.ts"), SOURCE);
    #[cfg(unix)]
    std::os::unix::fs::symlink(&outside, scene.root.join("src/link.ts")).expect("links");
    let outside = outside.to_str().expect("text");
    for name in [
        "../../outside/secret.ts",
        "../src/../../outside/secret.ts",
        "../src/link.ts",
        outside,
        &format!("file://{outside}"),
        "/etc/passwd",
        "../../../../../../../../../../../../etc/passwd",
        "../node_modules/a/index.ts",
    ] {
        let scene_map = map(name, None);
        scene.write("dist/session.js.map", &scene_map);
        assert_eq!(names_of(&scene), ["dist/session.js.map"], "{name}");
    }
    // And no map.
    let mut scene = Scene::new();
    let secret = scene.root.with_file_name("outside/a.map");
    write(&secret, &map("../src/session.ts", Some(SOURCE)));
    for url in ["../../outside/a.map", secret.to_str().expect("text"), "/etc/passwd"] {
        scene.ran.source_map_url = Some(url.to_owned());
        assert_eq!(names_of(&scene), [""; 0], "{url}");
    }
}

#[test]
fn what_is_too_large_is_left_out() {
    let scene = built(&map("../src/session.ts", None));
    let large = format!("{SOURCE}//{}", "x".repeat(4 << 20));
    scene.write("src/session.ts", &large);
    written(&scene, "src/session.ts", 100);
    assert_eq!(names_of(&scene), ["dist/session.js.map"]);
    let json = map("../src/session.ts", None);
    scene.write("dist/session.js.map", &format!("{json}{}", " ".repeat(16 << 20)));
    scene.write("src/session.ts", SOURCE);
    written(&scene, "src/session.ts", 100);
    assert_eq!(names_of(&scene), ["src/session.ts"]);
}
