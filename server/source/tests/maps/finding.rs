//! Where a map is looked for, where it leads, and what happens when it does not fit.

use std::time::{Duration, SystemTime};

use heapmark_source::{
    AsItRan, Origin, PathMapping, RanScript, RanSite, Script, Siblings, Wanted, Workspace,
};

use crate::scene::{
    BUILT, SOURCE, Scene, at, data_url, map, map_between, map_without, map_without_names, vlq,
};

const OPEN: Option<&str> = Some("src/session.ts:2 Session.open (exact)");

#[test]
fn a_map_leads_to_functions_and_classes_under_their_names() {
    let scene = Scene::new().with_map(&map("../src/session.ts", None));
    assert_eq!(scene.place("(t){").as_deref(), OPEN);
    assert_eq!(scene.place("class").as_deref(), Some("src/session.ts:1 Session (exact)"));
    assert_eq!(
        scene.place("()=>").as_deref(),
        Some("src/session.ts:3 Session.open > callback of rooms.set (exact)")
    );
    let found = scene.script().thing(&scene.past(), at(BUILT, "(t){"), Wanted::Function);
    let generated = found.and_then(|found| found.generated).expect("it was built");
    assert_eq!(generated.file, scene.root.join("dist/session.js"));
    assert_eq!(generated.position, at(BUILT, "(t){"));
}

/// Some tools map no arrows, only what stands around them and in them.
#[test]
fn a_function_that_is_not_mapped_is_not_the_one_around_it() {
    let scene = Scene::new().with_map(&map_without("()=>", SOURCE));
    assert_eq!(
        scene.place("()=>").as_deref(),
        Some("src/session.ts:3 Session.open > callback of rooms.set (exact)")
    );
    // One of two, and nothing tells which.
    let two = SOURCE.replace("() => this)", "() => this, () => 1)");
    let scene = Scene::new().with_map(&map_without("()=>", &two));
    scene.write("src/session.ts", &two);
    assert_eq!(scene.place("()=>"), None);
}

#[test]
fn variables_have_the_names_that_were_written() {
    let scene = Scene::new().with_map(&map("../src/session.ts", None));
    let script = scene.script();
    let rooms =
        script.captured(&scene.past(), at(BUILT, "(t){"), "e", &Siblings::of(vec!["n".to_owned()]));
    let rooms = rooms.expect("`e` is captured");
    assert_eq!(rooms.what.name, "rooms");
    assert_eq!(rooms.what.name_range.start, at(SOURCE, "rooms ="));
    let export = script.export(&scene.past(), "rooms").expect("it is exported");
    assert_eq!(export.what.name_range.start, at(SOURCE, "rooms ="));
}

#[test]
fn private_fields_have_the_names_that_were_written() {
    // What was one field's name is another's now.
    let written =
        "class Thumbs {\n  #t = 0;\n  #byUrl = new Map();\n  n() { return this.#t; }\n}\n";
    let built = "class n{#e=0;#t=new Map;n(){return this.#e}}\n";
    let pairs = [
        ("class", "class", None),
        ("n{", "Thumbs", Some("Thumbs")),
        ("#e=", "#t =", Some("#t")),
        ("0;", "0;", None),
        ("#t=", "#byUrl", Some("#byUrl")),
        ("new", "new", None),
        ("n()", "n()", None),
    ];
    let json = map_between((built, written), &pairs, "../src/session.ts", None);
    let mut scene = Scene::new().with_map(&json);
    scene.write("src/session.ts", written);
    scene.write("dist/session.js", built);
    scene.ran.source_prefix = Some(built.to_owned());
    scene.ran.sites.truncate(1);
    let script = scene.script();
    for (name, place) in [("#e", "#t ="), ("#t", "#byUrl")] {
        let found = script.field(&scene.past(), at(built, "class"), name, false);
        let (_, field) = found.expect("the class has it").what;
        assert_eq!(field.name_range.start, at(written, place), "{name}");
        assert!(place.starts_with(&field.name), "{}", field.name);
    }
}

#[test]
fn a_map_is_found_in_four_places() {
    let json = map("../src/session.ts", None);
    // Beside the file, although nothing says so.
    let scene = Scene::new();
    scene.write("dist/session.js.map", &json);
    assert_eq!(scene.place("(t){").as_deref(), OPEN);
    // Where the script said when it ran.
    let mut scene = Scene::new();
    scene.write("maps/1.map", &json);
    scene.ran.source_map_url = Some("../maps/1.map".to_owned());
    assert_eq!(scene.place("(t){").as_deref(), OPEN);
    // Where the file says now; what a snapshot has of an inline map is cut.
    let mut scene = Scene::new();
    let url = data_url(&json.replacen('{', &format!(r#"{{"file":"{}","#, "long/".repeat(90)), 1));
    scene.write("dist/session.js", &format!("{BUILT}//# sourceMappingURL={url}"));
    scene.ran.source_prefix = None;
    scene.ran.source_map_url = Some(url[..1024].to_owned());
    assert_eq!(scene.place("(t){").as_deref(), OPEN);
    assert_eq!(scene.problem(), None);
    // In what ran, whatever lies on the disk.
    let scene = Scene::new().with_map(&json);
    scene.write("dist/session.js.map", "no map at all");
    scene.write("dist/session.js", "built anew");
    assert_eq!(scene.place("(t){").as_deref(), OPEN);
}

#[test]
fn sources_are_named_in_many_ways() {
    for name in [
        "../src/session.ts",
        "..//src/./session.ts",
        "../src/session.ts?4a3f",
        "../src/sess%69on.ts",
        "webpack://shop/./src/session.ts",
        "webpack://@scope/shop/src/session.ts?4a3f",
        "webpack:///./src/session.ts",
        "webpack-internal:///./src/session.ts",
        "/build/of/another/machine/src/session.ts",
        "file:///build/src/session.ts",
        "C:\\build\\src\\session.ts",
        "https://cdn.example/shop/src/session.ts",
    ] {
        let scene = Scene::new().with_map(&map(name, None));
        assert_eq!(scene.place("(t){").as_deref(), OPEN, "{name}");
    }
}

#[test]
fn libraries_and_what_bundlers_add_are_not_the_users() {
    let origin = |scene: Scene| scene.script().origin_at(&scene.past(), at(BUILT, "(t){"));
    let of = |name: &str| origin(Scene::new().with_map(&map(name, None)));
    assert_eq!(of("../src/session.ts"), Origin::Own);
    assert_eq!(of("../node_modules/lib/session.ts"), Origin::Dependency);
    assert_eq!(of("webpack://shop/webpack/runtime/define"), Origin::Dependency);
    assert_eq!(of("\0commonjsHelpers.js"), Origin::Dependency);
    assert_eq!(of("../\0virtual:settings"), Origin::Dependency);
    let ignored = map("../src/session.ts", None).replacen('{', r#"{"ignoreList":[0],"#, 1);
    assert_eq!(origin(Scene::new().with_map(&ignored)), Origin::Dependency);
    // What no mapping covers was added by the build.
    let late = r#"{"version":3,"sources":["../src/session.ts"],"names":[],"mappings":";AAAA"}"#;
    assert_eq!(origin(Scene::new().with_map(late)), Origin::Dependency);
}

#[test]
fn a_source_that_only_the_map_has_is_said() {
    let scene = Scene::new().with_map(&map("webpack://shop/./lib/audit.ts", Some(SOURCE)));
    let script = scene.script();
    assert_eq!(script.origin_at(&scene.past(), at(BUILT, "(t){")), Origin::Elsewhere);
    assert!(script.thing(&scene.past(), at(BUILT, "(t){"), Wanted::Function).is_none());
    assert_eq!(
        script.outside(&scene.past(), at(BUILT, "(t){")),
        Some(("webpack://shop/./lib/audit.ts".to_owned(), 2))
    );
    assert_eq!(script.only_in_map(), ["webpack://shop/./lib/audit.ts"]);
}

#[test]
fn of_several_sources_that_fit_none_is_taken() {
    let scene = Scene::new().with_map(&map("/build/session.ts", None));
    scene.write("lib/session.ts", SOURCE);
    assert_eq!(scene.place("(t){"), None);
    let script = scene.script();
    let found = script.origin_at(&scene.past(), at(BUILT, "(t){"));
    assert_eq!(found, Origin::Elsewhere);
    let files = ["lib/session.ts", "src/session.ts"].map(|file| scene.root.join(file));
    assert_eq!(script.ambiguous(), [("/build/session.ts".to_owned(), files.to_vec())]);
    assert_eq!(script.only_in_map(), Vec::<String>::new());
}

/// No bundler names its own so, and no file can be.
#[test]
fn a_source_whose_name_no_file_can_have_is_said() {
    let scene = Scene::new().with_map(&map("../src/ses\0sion.ts", None));
    let script = scene.script();
    assert_eq!(script.origin_at(&scene.past(), at(BUILT, "(t){")), Origin::Elsewhere);
    assert_eq!(script.only_in_map(), ["../src/ses\0sion.ts"]);
}

/// Only the sources are in the workspace; the script came with its map.
#[test]
fn what_was_built_need_not_be_in_the_workspace() {
    let mut scene = Scene::new().with_map(&map("../src/session.ts", None));
    scene.ran.name = "/srv/heapmark-no-such-folder/out/bundle.js".to_owned();
    let script = scene.script();
    assert_eq!(script.origin(), Origin::Elsewhere);
    let past = scene.past();
    let found = script.thing(&past, at(BUILT, "(t){"), Wanted::Function);
    assert_eq!(found.and_then(|found| scene.tell(&past, &found)).as_deref(), OPEN);
    assert_eq!(script.origin(), Origin::Own);
}

#[test]
fn the_user_says_where_paths_of_another_machine_are() {
    let mut scene = Scene::new().with_map(&map("/build/session.ts", None));
    scene.write("lib/session.ts", SOURCE);
    scene.workspace = Workspace::new(vec![scene.root.clone()])
        .with_path_mappings(vec![PathMapping::new("/build", "src")]);
    assert_eq!(scene.place("(t){").as_deref(), OPEN);
}

/// The map has the text that it was made from, so nothing is in doubt.
#[test]
fn a_source_that_was_edited_since_the_build_is_followed() {
    let scene = Scene::new().with_map(&map("../src/session.ts", Some(SOURCE)));
    scene.write("src/session.ts", &format!("// Rooms.\nconst added = 1;\n{SOURCE}"));
    assert_eq!(scene.place("(t){").as_deref(), Some("src/session.ts:4 Session.open (moved)"));
    let script = scene.script();
    let rooms = script.captured(&scene.past(), at(BUILT, "(t){"), "e", &Siblings::default());
    let rooms = rooms.expect("`e` is captured");
    // In the text that ran.
    assert_eq!((rooms.what.name.as_str(), rooms.what.name_range.start.line), ("rooms", 5));
    // Ends of lines are no edit.
    scene.write("src/session.ts", &SOURCE.replace('\n', "\r\n"));
    assert_eq!(scene.place("(t){").as_deref(), OPEN);
}

/// It does not, but the words do not agree.
#[test]
fn an_edit_is_seen_by_the_words() {
    for json in [map("../src/session.ts", None), map_without_names("../src/session.ts")] {
        let scene = Scene::new().with_map(&json);
        scene.write("src/session.ts", &format!("const added = 1;\n\nadded;\n{SOURCE}"));
        // Half of the names are a minifier's: `open` may mean anything.
        assert_eq!(scene.place("(t){"), None, "{json}");
        let script = scene.script();
        script.thing(&scene.past(), at(BUILT, "(t){"), Wanted::Function);
        assert_eq!(script.changed_files(), [scene.root.join("src/session.ts")]);
    }
    // Of names that people gave, one that is there once is the one.
    let mut scene = Scene::new().with_map(&map("../src/session.ts", None));
    scene.ran.sites[0].name = "Session".to_owned();
    scene.write("src/session.ts", &format!("const added = 1;\n\nadded;\n{SOURCE}"));
    let moved = Some("src/session.ts:5 Session.open (moved)");
    assert_eq!(scene.place("(t){").as_deref(), moved);
    assert_eq!(scene.place("()=>"), None, "nobody knows which callback that was");
    // Everything is gone: no place at all.
    let scene = Scene::new().with_map(&map("../src/session.ts", None));
    scene.write("src/session.ts", "export const nothing = 1;\n");
    assert_eq!(scene.place("(t){"), None);
}

/// A bundler may give an import another name, but not that of one that keeps its own.
#[test]
fn imports_that_were_exchanged_are_seen() {
    let text = "import { live, done } from './store.js';
export function start(job) { live.push(job); }
export function end(job) { done.push(job); }
export const idle = () => live.size + done.size;
";
    // Each word leads to itself.
    let mut mappings = String::new();
    let mut last = (0, 0);
    for (line, written) in (0i64..).zip(text.lines()) {
        let is_word = |c: char| c.is_ascii_alphanumeric();
        let (mut column, mut before) = (0i64, None);
        let mut in_line = 0;
        for character in written.chars() {
            if is_word(character) && !before.is_some_and(is_word) {
                mappings.push_str(if in_line > 0 { "," } else { "" });
                let generated = if in_line > 0 { column - last.1 } else { column };
                for value in [generated, 0, line - last.0, column - last.1] {
                    vlq(&mut mappings, value);
                }
                last = (line, column);
                in_line += 1;
            }
            (column, before) = (column + 1, Some(character));
        }
        mappings.push(';');
    }
    let json = serde_json::json!({
        "version": 3, "sources": ["../src/session.ts"], "names": [], "mappings": mappings,
    });
    let changed = |now: &str| {
        let mut scene = Scene::new().with_map(&json.to_string());
        scene.write("dist/session.js", text);
        scene.write("src/session.ts", now);
        scene.ran.source_prefix = Some(text.to_owned());
        scene.ran.sites.clear();
        let script = scene.script();
        script.thing(&scene.past(), at(text, "(job)"), Wanted::Function);
        script.changed_files().len()
    };
    assert_eq!(changed(text), 0);
    let exchanged = text.replace("live.push", "x.push").replace("done.push", "live.push");
    assert_eq!(changed(&exchanged.replace("x.push", "done.push")), 1);
}

/// Every word of a method agrees, but it is in another class.
#[test]
fn a_twin_that_took_its_place_is_seen_by_the_class() {
    let mut scene = Scene::new().with_map(&map("../src/session.ts", None));
    scene.ran.sites[0].name = "Session".to_owned();
    let (class, _) = SOURCE.split_at(SOURCE.find("export const").expect("it is there"));
    let twin = class.replace("Session", "Visitor");
    scene.write("src/session.ts", &format!("{twin}{SOURCE}"));
    assert_eq!(scene.place("(t){"), None, "two have the name");
    let script = scene.script();
    script.thing(&scene.past(), at(BUILT, "(t){"), Wanted::Function);
    assert_eq!(script.changed_files(), [scene.root.join("src/session.ts")]);
}

/// The program was built again after it was started: the map on the disk is of the new file.
#[test]
fn a_build_that_is_newer_than_the_run_is_seen() {
    let mut scene = Scene::new();
    let json = map("../src/session.ts", None);
    scene.write("dist/session.js.map", &json.replace("\"mappings\":\"", "\"mappings\":\";"));
    scene.write("dist/session.js", &format!("\"new\";\n{BUILT}"));
    // It is minified: the same name means another thing in every build.
    assert_eq!(scene.place("(t){"), None);
    scene.ran.sites[0].name = "Session".to_owned();
    assert_eq!(scene.place("(t){").as_deref(), Some("src/session.ts:2 Session.open (moved)"));
    let script = scene.script();
    script.thing(&scene.past(), at(BUILT, "(t){"), Wanted::Function);
    assert_eq!(script.changed_files(), [scene.root.join("dist/session.js")]);
    // Nor does anybody know which statements ran.
    let past = scene.past();
    let found = scene.script().thing(&past, at(BUILT, "(t){"), Wanted::Function);
    let file = found.expect("it has the name").file;
    assert!(file.calls(&["set"]).is_empty(), "in {}", file.text());
}

/// The script was built again without its map: what lies there is of the build before.
#[test]
fn a_map_of_another_build_is_called_so() {
    let mut scene = Scene::new();
    scene.write("dist/session.js.map", &map("../src/session.ts", None));
    let anew = BUILT.replace("class n", "let added=1;class n");
    scene.write("dist/session.js", &anew);
    scene.ran.source = Some(anew);
    assert_eq!(
        scene.problem().as_deref(),
        Some(
            "The source map of dist/session.js, dist/session.js.map, is of another build than the \
             script: build again"
        )
    );
    let script = scene.script();
    script.thing(&scene.past(), at(BUILT, "(t){"), Wanted::Function);
    assert_eq!(
        script.changed_files(),
        Vec::<std::path::PathBuf>::new(),
        "the sources did not change"
    );
    // Where that build is what ran, it is the map that ran.
    scene.ran.source = Some(BUILT.to_owned());
    assert_eq!(scene.problem(), None);
    assert_eq!(scene.place("(t){").as_deref(), OPEN);
}

#[test]
fn the_generated_place_of_an_export_is_where_that_was_made() {
    let mut scene = Scene::new();
    // What CommonJS exports has no declaration in the script that could be asked.
    let built =
        BUILT.replace("export{n as Session,e as rooms};", "Object.assign(exports, { rooms: e });");
    scene.write("dist/session.js", &built);
    scene.write("dist/session.js.map", &map("../src/session.ts", None));
    scene.ran.source = Some(built);
    let past = scene.past();
    let rooms = scene.script().export(&past, "rooms").expect("it is exported");
    let generated = rooms.generated.expect("it was built");
    assert_eq!(generated.position, at(BUILT, "e=new"));
}

/// tsx and ts-node: the script has the name of the source, but another text.
#[test]
fn what_is_transpiled_in_memory_has_its_map_with_it() {
    let mut scene = Scene::new().with_map(&map("session.ts", None));
    scene.ran.name = format!("file://{}/src/session.ts", scene.root.display());
    assert_eq!(scene.place("(t){").as_deref(), OPEN);
    scene.ran.source_map_url = None;
    assert_eq!(scene.place("(t){").as_deref(), Some("src/session.ts:2 Session.open (moved)"));
}

/// Whatever became of the files: what was written down at the capture is what is read.
#[test]
fn the_texts_of_the_capture_are_what_is_read() {
    let mut scene = Scene::new();
    let json = map_without_names("../src/session.ts");
    scene.write("dist/session.js.map", "{}");
    scene.write("dist/session.js", "built.anew();\n");
    scene.write(
        "src/session.ts",
        &format!("const added = 1;\n\n{}", SOURCE.replace("Session", "Visit")),
    );
    scene.ran.source = Some(BUILT.to_owned());
    scene.ran.source_map_url = Some("session.js.map".to_owned());
    let past = scene.past();
    past.recorded(scene.root.join("dist/session.js.map").to_str().expect("text"), &json);
    past.recorded(scene.root.join("src/session.ts").to_str().expect("text"), SOURCE);
    let script = scene.script();
    let place = |text| {
        let found = script.thing(&past, at(BUILT, text), Wanted::Function)?;
        scene.tell(&past, &found)
    };
    assert_eq!(place("(t){").as_deref(), Some("src/session.ts:4 Session.open (moved)"));
    assert_eq!(place("class").as_deref(), Some("src/session.ts:3 Session (moved)"));
    let callback = "src/session.ts:5 Session.open > callback of rooms.set (moved)";
    assert_eq!(place("()=>").as_deref(), Some(callback));
    let rooms = script.captured(&past, at(BUILT, "(t){"), "e", &Siblings::of(vec!["n".to_owned()]));
    assert_eq!(rooms.expect("`e` is captured").what.name, "rooms");
    assert_eq!(past.changed_files(), [scene.root.join("src/session.ts")]);
}

/// A server for development loads a file again and again, with another text each time.
#[test]
fn each_script_of_a_file_is_read_in_its_own_text() {
    let scene = Scene::new();
    let now =
        "const added = 1;\nclass Session {\n  open(room) { rooms.set(room, () => this); }\n}\n";
    scene.write("lib/session.js", now);
    let then = "class Session {\n  open(room) { rooms.set(room, () => this); }\n  gone() {}\n}\n";
    let script = |text: &str| {
        let site = |what, name: &str| RanSite {
            position: at(text, what),
            name: name.to_owned(),
            is_instance: false,
        };
        let has_gone = text.contains("gone").then(|| site("() {}", "gone"));
        let sites = [site("(room) {", "open"), site("() => this", "")].into_iter().chain(has_gone);
        let ran = RanScript {
            name: scene.root.join("lib/session.js").to_str().expect("text").to_owned(),
            source: Some(text.to_owned()),
            sites: sites.collect(),
            ..RanScript::default()
        };
        Script::new(&scene.past(), ran)
    };
    let past = scene.past();
    past.recorded(scene.root.join("lib/session.js").to_str().expect("text"), now);
    let place = |text: &str, what: &str| {
        let found = script(text).thing(&past, at(text, what), Wanted::Function)?;
        scene.tell(&past, &found)
    };
    assert_eq!(place(now, "(room) {").as_deref(), Some("lib/session.js:3 Session.open (exact)"));
    assert_eq!(place(then, "(room) {").as_deref(), Some("lib/session.js:3 Session.open (moved)"));
    assert_eq!(
        place(then, "() => this").as_deref(),
        Some("lib/session.js:3 Session.open > callback of rooms.set (moved)")
    );
    assert_eq!(place(then, "() {}"), None);
}

/// Of minified code, a text that begins alike proves little if somebody wrote to it since.
#[test]
fn minified_code_that_was_written_after_the_snapshot_is_not_what_ran() {
    let scene = Scene::new();
    scene.write("dist/session.js.map", &map("../src/session.ts", Some(SOURCE)));
    let place = |past: &AsItRan<'_>| {
        let found = scene.script().thing(past, at(BUILT, "(t){"), Wanted::Function)?;
        scene.tell(past, &found)
    };
    assert_eq!(place(&scene.past()).as_deref(), OPEN);
    let mut past = scene.past();
    past.ran_before(SystemTime::now() - Duration::from_secs(3600));
    assert_eq!(place(&past), None);
    let mut past = scene.past();
    past.ran_before(SystemTime::now() + Duration::from_secs(3600));
    assert_eq!(place(&past).as_deref(), OPEN);
}

#[test]
fn evaluated_modules_are_known_by_the_name_they_give_themselves() {
    let mut scene = Scene::new().with_map(&map("webpack://shop/./src/session.ts", None));
    scene.ran.name = String::new();
    scene.ran.source_url = Some("webpack-internal:///./src/session.ts".to_owned());
    assert_eq!(scene.script().origin(), Origin::Own);
    assert_eq!(scene.place("(t){").as_deref(), OPEN);
}

#[test]
fn without_a_map_the_built_file_is_what_is_shown() {
    let scene = Scene::new();
    assert_eq!(scene.place("(t){").as_deref(), Some("dist/session.js:1 n.open (exact)"));
    let scene = Scene::new().with_map("{}");
    assert_eq!(scene.place("(t){").as_deref(), Some("dist/session.js:1 n.open (exact)"));
    assert_eq!(
        scene.problem().as_deref(),
        Some("The source map of dist/session.js, the map in the script, is empty: it maps no line")
    );
}

/// The hash covers the whole text, the prefix in a snapshot only its beginning.
#[test]
fn the_hash_tells_what_ran() {
    let mut scene = Scene::new();
    scene.ran.name = scene.root.join("src/late.js").to_str().expect("text").to_owned();
    let text = format!("{}\n{BUILT}", "//".repeat(1000));
    scene.write("src/late.js", &text);
    scene.ran.source_prefix = Some(text[..1024].to_owned());
    scene.ran.hash = Some(sha256(&text));
    let changed = |scene: &Scene| {
        let script = scene.script();
        script.thing(&scene.past(), at(&text, "(t){"), Wanted::Function);
        script.changed_files().len()
    };
    assert_eq!(changed(&scene), 0);
    scene.write("src/late.js", &text.replace('\n', "\r\n"));
    assert_eq!(changed(&scene), 0, "the ends of lines are no edit");
    scene.write("src/late.js", &format!("{text}// more\n"));
    assert_eq!(changed(&scene), 1);
}

fn sha256(text: &str) -> String {
    use sha2::Digest;
    sha2::Sha256::digest(text).iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}
