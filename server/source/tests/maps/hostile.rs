//! A map is somebody else's file. Nothing outside the workspace is read, whatever it says, and it
//! takes neither time nor memory without bound.

use std::fs;
use std::time::{Duration, Instant};

use heapmark_source::{Origin, Siblings, Wanted, decode_map};

use crate::scene::{BUILT, SOURCE, Scene, at, map, write};

/// Longest that one hostile map may take here, unoptimised and on a busy machine.
const LONGEST: Duration = Duration::from_secs(20);

#[track_caller]
fn refused(json: &str) -> String {
    let started = Instant::now();
    let error = decode_map(json.as_bytes()).expect_err("no such map is accepted").to_string();
    assert!(started.elapsed() < LONGEST, "took {:?}", started.elapsed());
    error
}

/// Every file named here exists and would give a place if it were read.
#[test]
fn no_source_outside_the_workspace_is_read() {
    let names = |scene: &Scene| {
        let outside = scene.root.with_file_name("outside/secret.ts");
        write(&outside, SOURCE);
        #[cfg(unix)]
        {
            let link = |to: &str, from: &str| {
                let from = scene.root.join(from);
                std::os::unix::fs::symlink(scene.root.with_file_name(to), from).expect("links");
            };
            link("outside/secret.ts", "src/link.ts");
            link("outside", "linked");
        }
        let outside = outside.to_str().expect("text").to_owned();
        [
            "../../outside/secret.ts".to_owned(),
            "../src/../../outside/secret.ts".to_owned(),
            "..%2F..%2Foutside%2Fsecret.ts".to_owned(),
            outside.clone(),
            format!("file://{outside}"),
            "webpack://shop/./../outside/secret.ts".to_owned(),
            "../src/link.ts".to_owned(),
            "../linked/secret.ts".to_owned(),
            "webpack://shop/./linked/secret.ts".to_owned(),
            "../../../../../../../../../../../../../../etc/passwd".to_owned(),
            "/etc/passwd".to_owned(),
            "file:///etc/passwd".to_owned(),
            "/proc/self/environ".to_owned(),
            "\\\\host\\share\\secret.ts".to_owned(),
            "//host/share/secret.ts".to_owned(),
            "http://localhost:1/secret.ts".to_owned(),
        ]
    };
    let scene = Scene::new();
    for name in names(&scene) {
        let mut ran = scene.ran.clone();
        ran.source_map_url = Some(crate::scene::data_url(&map(&name, None)));
        let script = heapmark_source::Script::new(&scene.past(), ran);
        let v8 = at(BUILT, "(t){");
        assert!(script.thing(&scene.past(), v8, Wanted::Function).is_none(), "{name}");
        assert!(script.captured(&scene.past(), v8, "e", &Siblings::default()).is_none(), "{name}");
        assert!(script.export(&scene.past(), "rooms").is_none(), "{name}");
        assert_ne!(script.origin_at(&scene.past(), v8), Origin::Own, "{name}");
    }
}

#[test]
fn no_map_outside_the_workspace_is_read() {
    let scene = Scene::new();
    let outside = scene.root.with_file_name("outside/a.map");
    write(&outside, &map("../shop/src/session.ts", None));
    let path = outside.to_str().expect("text");
    for url in ["../../outside/a.map", path, &format!("file://{path}"), "/dev/zero", "/etc/passwd"]
    {
        let mut scene = Scene::new();
        scene.ran.source_map_url = Some(url.to_owned());
        assert_eq!(scene.place("(t){").as_deref(), Some("dist/session.js:1 n.open (exact)"));
        let problem = scene.problem().expect("it is said");
        assert!(problem.ends_with("cannot be read: it is not in the workspace"), "{problem}");
    }
    #[cfg(unix)]
    {
        let beside = scene.root.join("dist/session.js.map");
        std::os::unix::fs::symlink(&outside, beside).expect("links");
        assert_eq!(scene.place("(t){").as_deref(), Some("dist/session.js:1 n.open (exact)"));
        let problem = scene.problem().expect("it is said");
        assert!(problem.contains("is outside the workspace folders"), "{problem}");
    }
}

#[test]
fn nothing_comes_over_the_network() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("a listener");
    let address = listener.local_addr().expect("a port");
    let mut scene = Scene::new();
    scene.ran.source_map_url = Some(format!("http://{address}/session.js.map"));
    let problem = scene.problem().expect("it is said");
    assert!(problem.ends_with("Heapmark never uses the network: put the map beside the file"));
    let source = format!("http://{address}/session.ts");
    let scene = Scene::new().with_map(&map(&source, None));
    fs::remove_file(scene.root.join("src/session.ts")).expect("it is there");
    assert_eq!(scene.place("(t){"), None);
    let asked = listener.accept().map(|(_, from)| from);
    assert!(asked.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock));
}

#[test]
fn a_huge_map_is_not_read() {
    let scene = Scene::new();
    let file = fs::File::create(scene.root.join("dist/session.js.map")).expect("writable");
    file.set_len(200 << 20).expect("a sparse file");
    let started = Instant::now();
    let problem = scene.problem().expect("it is said");
    assert!(started.elapsed() < Duration::from_secs(5), "took {:?}", started.elapsed());
    insta::assert_snapshot!(problem, @"The source map of dist/session.js, dist/session.js.map, has more than the 64 MB that are read of a source map: build without `sourcesContent`, or with one map a file");
}

#[test]
fn ten_million_mappings_are_refused_before_they_are_decoded() {
    let mappings = "AAAA,".repeat(10_000_000);
    let json = format!(r#"{{"version":3,"sources":["a"],"mappings":"{mappings}"}}"#);
    assert_eq!(refused(&json), "has more than 5000000 mappings: no build has so many");
    // Also when they are divided among sections.
    let part = format!(r#"{{"sources":["a"],"mappings":"{}"}}"#, "AAAA,".repeat(1_000_000));
    let section = format!(r#"{{"offset":{{"line":0,"column":0}},"map":{part}}}"#);
    let json = format!(r#"{{"version":3,"sections":[{}]}}"#, vec![section; 7].join(","));
    assert_eq!(refused(&json), "has more than 5000000 mappings: no build has so many");
    // Lines without any cost nothing.
    let lines = ";".repeat(10_000_000);
    let json = format!(r#"{{"version":3,"sources":["a"],"mappings":"{lines}AAAA"}}"#);
    assert_eq!(decode_map(json.as_bytes()).expect("a map").segments().len(), 1);
}

#[test]
fn lists_without_end_are_refused_while_they_are_read() {
    let zeros = vec!["0"; 3_000_000].join(",");
    for list in ["names", "sources", "sourcesContent", "ignoreList"] {
        let json = format!(r#"{{"version":3,"{list}":[{zeros}],"mappings":"AAAA"}}"#);
        let error = refused(&json);
        assert!(error.starts_with("is no source map: a list of more than "), "{error}");
    }
}

#[test]
fn sections_inside_sections_end() {
    let nested = |depth: usize| {
        let open =
            r#"{"version":3,"sections":[{"offset":{"line":0,"column":0},"map":"#.repeat(depth);
        let close = "}]}".repeat(depth);
        format!(r#"{open}{{"version":3,"sources":["a"],"mappings":"AAAA"}}{close}"#)
    };
    assert_eq!(decode_map(nested(2).as_bytes()).expect("a map").segments().len(), 1);
    assert_eq!(refused(&nested(20)), "has sections inside sections, more than 8 deep");
    assert!(refused(&nested(10_000)).starts_with("is no source map: recursion limit exceeded"));
    // One that names itself.
    let itself =
        r#"{"version":3,"sections":[{"offset":{"line":0,"column":0},"url":"session.js.map"}]}"#;
    let scene = Scene::new();
    scene.write("dist/session.js.map", itself);
    let problem = scene.problem().expect("it is said");
    assert!(problem.ends_with("has sections in other files (`url`), which are not followed"));
}

#[test]
fn offsets_and_numbers_at_the_end_of_their_range_are_numbers() {
    let end = u32::MAX;
    let json = format!(
        r#"{{"sections":[{{"offset":{{"line":{end},"column":{end}}},"map":
            {{"sections":[{{"offset":{{"line":{end},"column":{end}}},"map":
            {{"sources":["a"],"mappings":"+/////DA+/////D+/////D;AAAA"}}}}]}}}}]}}"#
    );
    // Whatever comes out, it comes out.
    let _ = decode_map(json.as_bytes());
    for number in ["+/////D", "//////H", "+//////////B", "D", "gggggggggggD"] {
        for mapping in [
            format!("{number}AAA"),
            format!("A{number}AA"),
            format!("AA{number}A"),
            format!("AAA{number}"),
            format!("AAAA{number}"),
        ] {
            let json = format!(r#"{{"sources":["a"],"names":["n"],"mappings":"{mapping}"}}"#);
            let _ = decode_map(json.as_bytes());
        }
    }
}

/// A map that leads behind the end of the text, or to words that are not there.
#[test]
fn places_that_are_not_there_are_no_places() {
    let scene = Scene::new().with_map(&map("../src/session.ts", None));
    for text in ["", "x", "日本\u{2028}😀", &"{".repeat(10_000), &"\n".repeat(100)] {
        scene.write("src/session.ts", text);
        assert_eq!(scene.place("(t){"), None, "{}", text.len());
        assert_eq!(scene.place("class"), None, "{}", text.len());
    }
}

#[test]
fn a_source_that_is_no_program_is_survived() {
    let scene = Scene::new().with_map(&map("../src/session.ts", None));
    fs::remove_file(scene.root.join("src/session.ts")).expect("it is there");
    fs::create_dir(scene.root.join("src/session.ts")).expect("a folder of that name");
    assert_eq!(scene.place("(t){"), None);
    fs::remove_dir(scene.root.join("src/session.ts")).expect("it is there");
    fs::write(scene.root.join("src/session.ts"), [0xff, 0xfe, 0, 0xd8, 0xc3]).expect("writable");
    assert_eq!(scene.place("(t){"), None);
}

/// Each mapping is asked whether it has the same on both sides.
#[test]
fn a_million_mappings_into_one_long_word_are_asked_in_seconds() {
    let mut scene = Scene::new();
    let long = "x".repeat(2_000_000);
    scene.write("src/session.ts", &format!("/*\n{long}\n*/\n{SOURCE}"));
    // One byte further on both sides each time.
    let json = format!(
        r#"{{"version":3,"sources":["../src/session.ts"],"mappings":"AACA,{}"}}"#,
        "CAAC,".repeat(1_000_000)
    );
    scene.ran.source = Some(format!("/*{}*/{BUILT}", "y ".repeat(1_000_000)));
    scene.ran.source_map_url = None;
    scene.write("dist/session.js.map", &json);
    scene.write("dist/session.js", scene.ran.source.as_ref().expect("it has one"));
    let started = Instant::now();
    assert_eq!(scene.place("(t){"), None);
    assert!(started.elapsed() < LONGEST, "took {:?}", started.elapsed());
}
