//! A setting has its default in three places: in the extension's package.json, where people read it,
//! in its TypeScript, and here, for other editors. They are the same.

use std::collections::BTreeMap;
use std::path::Path;

use heapmark_heap::IndexFolder;
use serde_json::{Value, json};

use super::Settings;

/// Read by the library of the client, by its name.
const OF_THE_LIBRARY: &str = "trace.server";
/// Of the extension itself: which server to run and how.
const OF_THE_EXTENSION: &str = "server.";

fn read(file: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vscode-extension");
    std::fs::read_to_string(folder.join(file)).expect("the extension is in the repository")
}

/// The defaults of package.json, by the name without `heapmark.`.
fn stated() -> BTreeMap<String, Value> {
    let package: Value = serde_json::from_str(&read("package.json")).expect("it is JSON");
    let properties = package["contributes"]["configuration"]["properties"].as_object();
    let properties = properties.expect("the extension has settings").iter();
    let stated = properties.map(|(name, property)| {
        let name = name.strip_prefix("heapmark.").expect("they are ours");
        (name.to_owned(), property["default"].clone())
    });
    stated.collect()
}

/// What `section.get("NAME", DEFAULT)` in a text of TypeScript says.
fn in_typescript(text: &str) -> BTreeMap<String, Value> {
    let calls = text.split("section.get(").skip(1);
    let defaults = calls.map(|call| {
        let arguments = call.split(')').next().unwrap_or_default();
        let arguments = serde_json::from_str(&format!("[{arguments}]"));
        let [name, default] = arguments.unwrap_or_else(|_| panic!("no name and default: {call}"));
        (Value::as_str(&name).expect("a name").to_owned(), default)
    });
    defaults.collect()
}

/// One setting as an editor sends it: `{"index": {"enabled": VALUE}}`.
fn sent(name: &str, value: &Value) -> Value {
    name.rsplit('.').fold(value.clone(), |inner, key| json!({ key: inner }))
}

#[test]
fn typescript_has_the_defaults_of_package_json() {
    let mut stated = stated();
    stated.remove(OF_THE_LIBRARY).expect("its name has not changed");
    assert_eq!(in_typescript(&read("src/settings.ts")), stated);
}

#[test]
fn every_setting_of_the_server_is_stated_and_a_change_of_it_is_told() {
    let stated = stated();
    let typescript = read("src/settings.ts");
    let told = typescript.split("ANALYSIS_SECTIONS = ").nth(1).expect("it is there");
    let told = told.split(';').next().unwrap_or_default();
    let told: Vec<String> = serde_json::from_str(told).expect("a list");
    let calls = include_str!("../settings.rs").split(" read(\"").skip(1);
    let names: Vec<&str> = calls.filter_map(|call| call.split('"').next()).collect();
    assert!(names.contains(&"analyzeOnOpen"), "{names:?}");
    for name in names {
        assert!(stated.contains_key(name), "{name} is not in package.json");
        let is_told =
            |section: &String| format!("heapmark.{name}.").starts_with(&format!("{section}."));
        assert!(told.iter().any(is_told), "{name} is not in ANALYSIS_SECTIONS");
    }
}

#[test]
fn the_server_knows_each_setting_and_has_its_default() {
    for (name, default) in stated() {
        if name == OF_THE_LIBRARY || name.starts_with(OF_THE_EXTENSION) {
            continue;
        }
        let (mut settings, problems) = Settings::read(&sent(&name, &default)).expect("it is set");
        assert_eq!(problems, [""; 0], "{name}: {default}");
        if name == "index.maxSize" {
            let bytes = settings.index.max_bytes.take();
            assert_eq!(bytes, Some(IndexFolder::in_folder("").most_bytes()), "{name}: {default}");
        }
        assert_eq!(settings, Settings::default(), "{name}: {default}");

        let (_, problems) = Settings::read(&sent(&name, &json!({ "nonsense": 7 }))).expect("set");
        assert!(!problems.is_empty(), "the server does not read {name}");
    }
}
