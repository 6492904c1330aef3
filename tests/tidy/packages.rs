//! No rule and no verdict knows a package by its name: what is known of packages stands in tables.

use std::path::Path;

use super::{expect_nothing, files, read, repository};

/// The tables, and what the list in each is called.
const TABLES: [(&str, &str); 2] = [
    ("server/leaks/src/output/known_leaks.json", "leaks"),
    ("server/leaks/src/locate/known_caches.json", "caches"),
];

/// Packages whose names are words of the language as well: `console.debug`.
const WORDS: [&str; 1] = ["debug"];

/// The names of packages in the tables.
fn named() -> Vec<String> {
    let of = |(table, list): (&str, &str)| {
        let table: serde_json::Value = serde_json::from_str(&read(table)).expect("it is JSON");
        let lines = table[list].as_array().expect("it is a list").clone();
        lines.into_iter().map(|line| line["package"].as_str().expect("it is a name").to_owned())
    };
    TABLES.into_iter().flat_map(of).filter(|name| !WORDS.contains(&name.as_str())).collect()
}

/// Where code has one of the names as a text of its own.
fn knowing(file: &str, code: &str, names: &[String]) -> Vec<String> {
    // Tests stand at the end of a file.
    let code = code.split("#[cfg(test)]").next().unwrap_or_default();
    let known = names.iter().filter(|name| code.contains(&format!("\"{name}\"")));
    known.map(|name| format!("{file} knows the package {name}")).collect()
}

#[test]
fn only_tables_know_packages_by_their_names() {
    let names = named();
    let is_of_rules = |file: &&String| {
        let is_test = file.ends_with("tests.rs") || file.contains("/testing/");
        let folders = ["server/leaks/src/", "server/source/src/"];
        let is_code = Path::new(file).extension().is_some_and(|it| it == "rs");
        is_code && !is_test && folders.iter().any(|folder| file.starts_with(folder))
    };
    let all = files::files();
    let code = all.iter().filter(is_of_rules).filter(|file| repository().join(file).is_file());
    let wrong: Vec<String> = code.flat_map(|file| knowing(file, &read(file), &names)).collect();
    expect_nothing(&wrong);
}

#[test]
fn code_that_knows_a_package_is_seen() {
    let names = ["lru-cache".to_owned()];
    let known = knowing("rule.rs", "if package == \"lru-cache\" {}", &names);
    assert_eq!(known, ["rule.rs knows the package lru-cache"]);
    assert!(knowing("rule.rs", "// As lru-cache does.\n", &names).is_empty());
    let tested = "fn f() {}\n#[cfg(test)]\nmod tests { const IT: &str = \"lru-cache\"; }";
    assert!(knowing("rule.rs", tested, &names).is_empty());
}
