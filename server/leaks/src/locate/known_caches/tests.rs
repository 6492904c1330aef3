//! What bounds the caches of packages, as they are written.

use heapmark_source::Position;

use super::*;

#[test]
fn every_line_of_the_table_of_known_caches_can_match() {
    assert!(!TABLE.is_empty());
    for (index, known) in TABLE.iter().enumerate() {
        assert!(!known.exports.is_empty(), "{known:?}");
        let is_same = |other: &KnownCache| {
            other.package == known.package
                && other.exports.iter().any(|it| known.exports.contains(it))
        };
        assert!(!TABLE[..index].iter().any(is_same), "{known:?}");
    }
}

/// What bounds what is made by an expression.
fn bound(made: &str) -> Option<CacheBound> {
    let text = format!(
        "const {{ LRUCache }} = require('lru-cache');
const NodeCache = require('node-cache');
const {{ lru, LRU }} = require('tiny-lru');
const memoizee = require('memoizee');
const _ = require('lodash');
const QuickLRU = require('quick-lru');
const held = {made};
"
    );
    let file = SourceFile::parse("main.js", text).expect("it is short");
    let held = file.declaration("held", Position { line: 6, column: 0 }).expect("it is there");
    let making = file.making(&held, &[])?;
    find(&making)?.bound(&file, &making)
}

#[test]
fn a_cache_is_bounded_by_the_number_that_is_given_for_its_limit() {
    for (made, expected) in [
        ("new LRUCache({ max: 500 })", 500),
        ("new LRUCache(500)", 500),
        ("new LRUCache({ max: 500, ttl: 1000 })", 500),
        ("new QuickLRU({ maxSize: 5 * 1000 })", 5_000),
        ("new NodeCache({ maxKeys: 100 })", 100),
        ("lru(3000)", 3_000),
        // Its own default.
        ("lru()", 1_000),
        ("memoizee(f, { max: 4000, primitive: true })", 4_000),
    ] {
        let bound = bound(made);
        assert!(
            matches!(&bound, Some(CacheBound::AtMost { limit, .. }) if limit.value == expected),
            "{made}: {bound:?}"
        );
    }
}

#[test]
fn a_cache_without_a_limit_is_bounded_by_nothing() {
    for made in [
        "new LRUCache({ ttl: 86_400_000 })",
        "new LRUCache({ ttl: 1000, max: 0 || undefined })",
        "new LRUCache({ ttl: 1000, ttlAutopurge: false })",
        "new LRUCache()",
        "new LRUCache(Infinity)",
        "new QuickLRU({ maxSize: Number.MAX_SAFE_INTEGER })",
        "new NodeCache()",
        "new NodeCache({ useClones: false })",
        "new NodeCache({ maxKeys: -1, stdTTL: 0 })",
        "new NodeCache({ stdTTL: 600, checkperiod: 0 })",
        "lru(0)",
        "lru(Number(process.env.MAX ?? 0))",
        "new LRU()",
        "memoizee(f)",
        "memoizee(f, { primitive: true })",
        "_.memoize(f)",
    ] {
        let bound = bound(made);
        assert!(matches!(bound, Some(CacheBound::Nothing(_))), "{made}: {bound:?}");
    }
}

#[test]
fn a_lifetime_bounds_only_where_something_takes_out_what_is_old() {
    for made in [
        "new NodeCache({ stdTTL: 600 })",
        "new NodeCache({ stdTTL: 600, checkperiod: 120, useClones: false })",
        "new LRUCache({ ttl: 1000, ttlAutopurge: true })",
        "memoizee(f, { maxAge: 1000 })",
    ] {
        let bound = bound(made);
        assert!(matches!(bound, Some(CacheBound::Lifetime { .. })), "{made}: {bound:?}");
    }
    let bound = bound("new LRUCache({ maxSize: 1e6, sizeCalculation })");
    assert!(matches!(bound, Some(CacheBound::Size { .. })), "{bound:?}");
}

#[test]
fn a_limit_that_is_given_bounds_though_nobody_knows_how_high_it_is() {
    for made in ["new LRUCache({ max: size })", "new LRUCache({ maxSize: megabytes * 1024 })"] {
        let bound = bound(made);
        assert!(
            matches!(bound, Some(CacheBound::Size { is_known: false, .. })),
            "{made}: {bound:?}"
        );
    }
}

#[test]
fn what_the_text_does_not_tell_bounds_neither_something_nor_nothing() {
    for made in [
        "new LRUCache(options)",
        "new LRUCache({ ...options })",
        "new LRUCache({ max: 500, length: (it) => it.length })",
        "new NodeCache({ stdTTL: ttl })",
        "lru(size)",
        "memoizee(f, { refCounter: true })",
        "new Map()",
        "_.groupBy(all)",
    ] {
        assert_eq!(bound(made), None, "{made}");
    }
}
