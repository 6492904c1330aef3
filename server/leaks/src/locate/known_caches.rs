//! The caches of public packages: the table in `known_caches.json`, and what bounds a cache that the user's
//! own code makes of one of them, by the options that are written there.
//!
//! Which packages there are and what their options mean stands in the table alone. Whether what grows is such
//! a cache is not asked here, nor how sure that makes anybody.

use std::sync::LazyLock;

use heapmark_source::{Given, Limit, Making, Range, SourceFile};
use serde::Deserialize;

static TABLE: LazyLock<Vec<KnownCache>> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct Table {
        caches: Vec<KnownCache>,
    }
    let table: Table = serde_json::from_str(include_str!("known_caches.json"))
        .expect("the table is part of this program, and a test reads it");
    table.caches
});

/// A line of the table.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct KnownCache {
    package: String,
    exports: Vec<String>,
    limit: Option<KnownOption>,
    lifetime: Option<KnownOption>,
    #[serde(default)]
    lazy_lifetime: Vec<String>,
    #[serde(default)]
    other_limits: Vec<String>,
    #[serde(default)]
    unknown_with: Vec<String>,
    #[serde(default)]
    options_at: usize,
    /// What it keeps is in collections inside collections.
    #[serde(default)]
    pub(crate) nests: bool,
    /// Its own names for methods that take out.
    #[serde(default)]
    pub(crate) removes: Vec<String>,
    /// Its methods that give an entry a lifetime.
    #[serde(default)]
    pub(crate) expires: Vec<KnownMethod>,
}

/// A method that has another meaning with more arguments.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KnownMethod {
    pub(crate) method: String,
    /// At least so many.
    pub(crate) arguments: usize,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct KnownOption {
    name: String,
    form: OptionForm,
    argument: usize,
    /// What it is if nothing is given.
    default: Option<u64>,
    #[serde(default)]
    zero: Stands,
    #[serde(default)]
    absent: Stands,
    only_with: Option<Switch>,
}

/// How an option is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
enum OptionForm {
    /// By its name in an object.
    Option,
    /// By its place among the arguments.
    Argument,
    /// One or the other.
    Either,
}

/// What a value that is no number above zero stands for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
enum Stands {
    #[default]
    ForNoLimit,
    /// The package refuses it, or does something else.
    Unknown,
}

/// Another option that has to be given.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Switch {
    option: String,
    /// Whether it is as if it were given.
    default: bool,
}

/// What bounds a cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum CacheBound {
    /// There may be so many entries.
    AtMost {
        limit: Limit,
        /// The option that gives it.
        option: String,
        /// It is the package's own, because none is given.
        is_default: bool,
    },
    /// Each is taken out after a time. Where that is given.
    Lifetime {
        option: String,
        range: Range,
    },
    /// It may hold so many bytes, or so much of what else it counts.
    Size {
        option: String,
        range: Range,
        /// The source says how much.
        is_known: bool,
    },
    Nothing(Unbounded),
}

/// Why nothing bounds a cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Unbounded {
    /// The option that would; `None` if there is no such.
    pub(crate) option: Option<String>,
    pub(crate) why: WhyUnbounded,
    /// Where it is given, or where the cache is made.
    pub(crate) range: Range,
    /// What only hides an old entry until it is asked for, if that is given.
    pub(crate) lazy: Option<String>,
    /// How the cache is made: `new LRUCache`.
    pub(crate) callee: String,
}

/// What stands for the limit instead of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum WhyUnbounded {
    NotGiven,
    Zero {
        /// Only if nothing else is given.
        is_default: bool,
    },
    /// As written: `Infinity`.
    NoLimit(String),
}

/// The line of the table for what a value is made by.
pub(crate) fn find(making: &Making) -> Option<&'static KnownCache> {
    let export = making.export.join(".");
    TABLE.iter().find(|it| it.package == making.module && it.exports.contains(&export))
}

impl KnownCache {
    /// What bounds a cache that is made so; `None` if the text does not tell.
    pub(crate) fn bound(&self, file: &SourceFile, making: &Making) -> Option<CacheBound> {
        self.told_bound(file, making).or_else(|| self.bound_of_unknown_size(file, making))
    }

    /// A limit that is given, though the text does not tell how high it is.
    fn bound_of_unknown_size(&self, file: &SourceFile, making: &Making) -> Option<CacheBound> {
        let given = |name: &String| file.option_at(making, self.options_at, name);
        if self.unknown_with.iter().any(|name| given(name).is_some()) {
            return None;
        }
        let limit = self.limit.iter().map(|limit| &limit.name);
        limit.chain(&self.other_limits).find_map(|name| {
            let range = given(name)?;
            let is_unknown = file.given(making, self.options_at, Some(name)) == Given::Unknown;
            let option = name.clone();
            is_unknown.then_some(CacheBound::Size { option, range, is_known: false })
        })
    }

    /// What the text tells of the bound.
    fn told_bound(&self, file: &SourceFile, making: &Making) -> Option<CacheBound> {
        let option = |name: &String| file.given(making, self.options_at, Some(name));
        // Where there are no options but one plain value, none of them is given.
        let is_plain = || {
            let plain = file.given(making, self.options_at, None);
            !matches!(plain, Given::Unknown)
        };
        let is_given = |name: &String| !matches!(option(name), Given::Nothing | Given::No);
        if !is_plain() && self.unknown_with.iter().any(is_given) {
            return None;
        }
        let unbounded = |why, range| {
            let lazy = self.lazy_lifetime.iter().find(|it| !is_plain() && is_given(it));
            CacheBound::Nothing(Unbounded {
                option: self.limit.as_ref().map(|it| it.name.clone()),
                why,
                range,
                lazy: lazy.cloned(),
                callee: making.callee.clone(),
            })
        };
        let here = making.head_range;
        let bound = match &self.limit {
            None => unbounded(WhyUnbounded::NotGiven, here),
            Some(limit) => match limit.given(file, making) {
                Given::Number { limit: Limit { value: 0, range, .. }, is_default } => (limit.zero
                    == Stands::ForNoLimit)
                    .then(|| unbounded(WhyUnbounded::Zero { is_default }, range))?,
                Given::Number { limit: number, .. } => CacheBound::AtMost {
                    limit: match limit.form {
                        OptionForm::Argument => number,
                        _ => Limit { name: limit.name.clone(), ..number },
                    },
                    option: limit.name.clone(),
                    is_default: false,
                },
                Given::NoLimit { written, range } => {
                    unbounded(WhyUnbounded::NoLimit(written), range)
                }
                Given::Nothing => match (limit.default, limit.absent) {
                    (Some(value), _) => CacheBound::AtMost {
                        limit: Limit { value, name: limit.name.clone(), range: here },
                        option: limit.name.clone(),
                        is_default: true,
                    },
                    (None, Stands::ForNoLimit) => unbounded(WhyUnbounded::NotGiven, here),
                    (None, Stands::Unknown) => return None,
                },
                Given::Yes | Given::No | Given::Unknown => return None,
            },
        };
        if !matches!(bound, CacheBound::Nothing(_)) {
            return Some(bound);
        }
        if let Some(lifetime) = &self.lifetime {
            match lifetime.given(file, making) {
                Given::Number { limit, .. } if limit.value > 0 => {
                    if lifetime.is_on(file, making)? {
                        let (option, range) = (lifetime.name.clone(), limit.range);
                        return Some(CacheBound::Lifetime { option, range });
                    }
                }
                Given::Number { .. } | Given::NoLimit { .. } | Given::Nothing => {}
                Given::Yes | Given::No | Given::Unknown => return None,
            }
        }
        for name in self.other_limits.iter().filter(|_| !is_plain()) {
            match option(name) {
                Given::Number { limit, .. } if limit.value > 0 => {
                    let (option, range) = (name.clone(), limit.range);
                    return Some(CacheBound::Size { option, range, is_known: true });
                }
                Given::Yes | Given::No | Given::Unknown => return None,
                _ => {}
            }
        }
        Some(bound)
    }
}

impl KnownOption {
    fn given(&self, file: &SourceFile, making: &Making) -> Given {
        let by_name = || file.given(making, self.argument, Some(&self.name));
        let by_place = || file.given(making, self.argument, None);
        match self.form {
            OptionForm::Option => match by_place() {
                Given::Unknown => by_name(),
                // Something plain stands where the options would.
                _ => Given::Nothing,
            },
            OptionForm::Argument => by_place(),
            OptionForm::Either => match by_place() {
                Given::Unknown => by_name(),
                plain => plain,
            },
        }
    }

    /// Whether what it needs besides is given; `None` if nobody knows.
    fn is_on(&self, file: &SourceFile, making: &Making) -> Option<bool> {
        let Some(switch) = &self.only_with else { return Some(true) };
        match file.given(making, self.argument, Some(&switch.option)) {
            Given::Nothing => Some(switch.default),
            Given::Yes | Given::NoLimit { .. } => Some(true),
            Given::No => Some(false),
            Given::Number { limit, .. } => Some(limit.value > 0),
            Given::Unknown => None,
        }
    }
}

#[cfg(test)]
mod tests {
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
}
