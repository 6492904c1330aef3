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
mod tests;
