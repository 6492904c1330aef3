//! The extension's package.json: what people see of its settings and commands.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::{expect_nothing, read};

/// What is wrong with the settings and commands of a package.json.
fn wrong(text: &str) -> Vec<String> {
    // serde_json's own values keep the last of doubles without a word.
    if let Err(error) = serde_json::from_str::<WithoutDoubles>(text) {
        return vec![error.to_string()];
    }
    let package: Value = serde_json::from_str(text).expect("it was read before");
    let contributes = &package["contributes"];
    let mut wrong = Vec::new();

    let properties = contributes["configuration"]["properties"].as_object();
    let properties = properties.expect("the extension has settings");
    let mut orders = Vec::new();
    for (name, property) in properties {
        let has = |key: &str| !property[key].is_null();
        if !has("default") || !(has("description") || has("markdownDescription")) {
            wrong.push(format!("{name} needs a default and a description"));
        }
        orders.push((property["order"].as_u64(), name));
    }
    orders.sort();
    for (expected, (order, name)) in (1..).zip(&orders) {
        if *order != Some(expected) {
            let found = order.map_or("none".to_owned(), |order| order.to_string());
            wrong.push(format!("{name} has order {found}, where {expected} is next"));
            break;
        }
    }
    let places: Vec<usize> =
        orders.iter().filter_map(|(_, name)| text.find(&format!("\"{name}\": {{"))).collect();
    if !places.is_sorted() {
        wrong.push("the settings do not stand in the order of their numbers".to_owned());
    }

    let commands = contributes["commands"].as_array().expect("the extension has commands");
    let mut names = BTreeSet::new();
    for command in commands {
        let name = command["command"].as_str().unwrap_or_default();
        if !names.insert(name) {
            wrong.push(format!("the command {name} is listed twice"));
        }
    }
    for menu in contributes["menus"].as_object().into_iter().flat_map(|menus| menus.values()) {
        for entry in menu.as_array().into_iter().flatten() {
            let name = entry["command"].as_str().unwrap_or_default();
            if !names.contains(name) {
                wrong.push(format!("a menu has the command {name}, which is not listed"));
            }
        }
    }
    wrong
}

/// JSON whose objects have each key once.
struct WithoutDoubles;

impl<'de> Deserialize<'de> for WithoutDoubles {
    fn deserialize<D: Deserializer<'de>>(value: D) -> Result<Self, D::Error> {
        value.deserialize_any(Keys)
    }
}

struct Keys;

impl<'de> Visitor<'de> for Keys {
    type Value = WithoutDoubles;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<WithoutDoubles, A::Error> {
        let mut keys = BTreeSet::new();
        while let Some((key, WithoutDoubles)) = map.next_entry::<String, _>()? {
            if !keys.insert(key.clone()) {
                return Err(A::Error::custom(format!("{key} stands there twice")));
            }
        }
        Ok(WithoutDoubles)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<WithoutDoubles, A::Error> {
        while let Some(WithoutDoubles) = list.next_element()? {}
        Ok(WithoutDoubles)
    }

    fn visit_str<E>(self, _: &str) -> Result<WithoutDoubles, E> {
        Ok(WithoutDoubles)
    }

    fn visit_bool<E>(self, _: bool) -> Result<WithoutDoubles, E> {
        Ok(WithoutDoubles)
    }

    fn visit_u64<E>(self, _: u64) -> Result<WithoutDoubles, E> {
        Ok(WithoutDoubles)
    }
}

#[test]
fn settings_and_commands_are_complete_and_in_order() {
    expect_nothing(&wrong(&read("vscode-extension/package.json")));
}

#[test]
fn disorder_is_seen() {
    let text = read("vscode-extension/package.json");
    for (from, to, said) in [
        ("\"order\": 4,", "\"order\": 3,", "has order 3, where 4 is next"),
        ("\"order\": 4,", "", "where 1 is next"),
        ("\"order\": 10,", "\"order\": 11,", "has order 11, where 10 is next"),
        ("\"heapmark.server.path\": {", "\"heapmark.index.folder\": {", "stands there twice"),
        ("\"default\": 4096,", "", "needs a default and a description"),
        ("\"command\": \"heapmark.clear\"", "\"command\": \"heapmark.analyze\"", "is listed twice"),
        (
            "\"command\": \"heapmark.analyze\", \"category\"",
            "\"command\": \"x\", \"category\"",
            "not listed",
        ),
    ] {
        assert!(text.contains(from), "{from}");
        let wrong = wrong(&text.replace(from, to)).join("\n");
        assert!(wrong.contains(said), "{from} → {to}: {wrong}");
    }
    let swapped =
        text.replace("\"order\": 1,", "\"order\": 0,").replace("\"order\": 2,", "\"order\": 1,");
    let swapped = swapped.replace("\"order\": 0,", "\"order\": 2,");
    assert_eq!(wrong(&swapped), ["the settings do not stand in the order of their numbers"]);
}
