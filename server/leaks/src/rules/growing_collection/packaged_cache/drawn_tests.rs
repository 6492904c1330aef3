//! What is said of caches of packages, by the options that they are made with.

use crate::testing::drawn::{each, map, messages, said, variable};

/// A cache in `tokens`, which keeps so many entries in a Map.
fn cache(count: usize) -> String {
    let inside = map("entries", count, "token{entry}");
    let tokens = each(0..count, "token{n}: object Claims 400");
    variable("tokens", "object LRUCache 64")
        + "tokens --property entries--> entries\nentries: object Map 32\n"
        + &inside
        + &tokens
}

/// What is said of such a cache that is made so, and how sure.
fn said_of_cache(made: &str, more: &str) -> String {
    let source = format!(
        "const {{ LRUCache }} = require('lru-cache');
const tokens = {made};
function add(key, token) {{
  tokens.set(key, token);
}}
{more}"
    );
    let heaps = || [100, 200, 300].map(cache);
    let [title] = &said(&source, heaps())[..] else { panic!("one finding") };
    let [message] = &messages(&source, heaps())[..] else { panic!("one finding") };
    let severity = title.split_once(' ').expect("it begins with the severity").0;
    assert!(title.contains(" main.js:2 `tokens"), "{title}");
    format!("{severity}: {}", message.split_once("(line 4)").expect("who adds is said").1)
}

#[test]
fn a_cache_of_a_package_is_bounded_by_the_option_that_is_given_where_it_is_made() {
    assert_eq!(
        said_of_cache("new LRUCache({ max: 5 * 1_000 })", ""),
        "information: . Not full yet: 300 of at most 5,000 (`max`, main.js:2)."
    );
    assert_eq!(
        said_of_cache("new LRUCache({ ttl: 60_000, ttlAutopurge: true })", ""),
        "information: , and each entry expires (line 2): perhaps none was due yet."
    );
}

#[test]
fn a_cache_of_a_package_without_a_limit_is_a_leak_and_says_which_option_is_missing() {
    assert_eq!(
        said_of_cache("new LRUCache()", ""),
        "warning: . `max` is not given: nothing bounds it."
    );
    assert_eq!(
        said_of_cache("new LRUCache({ ttl: 60_000 })", ""),
        "warning: . `max` is not given, and `ttl` takes out only what is asked for again: nothing bounds it."
    );
    assert_eq!(
        said_of_cache("new LRUCache({ max: Infinity })", ""),
        "warning: . `max` is `Infinity`, which is no limit: nothing bounds it."
    );
}

#[test]
fn what_the_users_own_code_takes_from_a_cache_without_a_limit_counts() {
    let trims =
        "function trim() { if (tokens.size > 5000) tokens.clear(); }\nsetInterval(trim, 1000);\n";
    assert!(said_of_cache("new LRUCache()", trims).starts_with("information: . Not full yet"));
    let removes = "process.on('exit', () => tokens.del('first'));\n";
    assert_eq!(
        said_of_cache("new LRUCache()", removes),
        "information: ; line 6 would take some out, but none of those that were there before is gone."
    );
}

#[test]
fn of_a_cache_whose_options_nobody_knows_nothing_is_said_but_what_is_seen() {
    let source = "const { LRUCache } = require('lru-cache');
const tokens = new LRUCache(options);
function add(key, token) { tokens.set(key, token); }
";
    let [message] = &messages(source, [100, 200, 300].map(cache))[..] else {
        panic!("one finding")
    };
    assert!(!message.contains("bound") && !message.contains("Not full"), "{message}");
}
