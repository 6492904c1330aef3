//! Statements of the source that add to what holds a leak, remove from it or look at its size, and what they
//! say together. It judges nothing: what they mean is for [`crate::verdict`]. Which ones are about a holder is
//! found in [`about`].

mod about;

use std::path::PathBuf;

use heapmark_source::{Call, Expiry, Limit, LimitAt, Mutation, MutationForm, Range, SourceFile};

use crate::locate::known_caches::CacheBound;
use crate::verdict::trend::Trend;
use crate::verdict::{Adds, Bound, Features, Removes, Source, Unread, What};

/// A budget of words: so many statements are shown of a finding; more would only repeat.
pub(crate) const MAX_SHOWN: usize = 3;

/// A statement that adds or removes, as far as sentences need it.
#[derive(Debug, Clone)]
pub(crate) struct Statement {
    /// What to underline.
    pub(crate) range: Range,
    /// How it is written, in short: `.set(`, `bus.on`.
    pub(crate) written: String,
    /// By what it does that; `None` for a call that is not known to change a collection.
    pub(crate) form: Option<MutationForm>,
    /// The function that does it, as people say it; `None` at the top level.
    pub(crate) in_function: Option<String>,
    pub(crate) file: PathBuf,
    /// The file is not the one that the sentence is about.
    pub(crate) is_elsewhere: bool,
    /// It stands in a function that nothing calls.
    pub(crate) is_uncalled: bool,
}

impl Statement {
    /// What stands at a place of a file, and changes no collection: an option.
    pub(crate) fn at(file: &SourceFile, range: Range, written: &str) -> Self {
        Self {
            range,
            written: written.to_owned(),
            form: None,
            in_function: None,
            file: file.path().to_owned(),
            is_elsewhere: false,
            is_uncalled: false,
        }
    }

    fn is_at_place_of(&self, other: &Self) -> bool {
        self.range == other.range && self.file == other.file
    }

    /// Whether it assigns a collection to what holds one, and does not add to the one that is there.
    pub(crate) fn puts_another(&self) -> bool {
        self.form.is_some_and(MutationForm::puts_changed_copy)
    }

    /// Whether it writes to a place that it names: `ring[at] = item`.
    pub(crate) fn writes_by_index(&self) -> bool {
        self.form == Some(MutationForm::AssignsElement)
    }
}

impl From<Mutation> for Statement {
    fn from(mutation: Mutation) -> Self {
        let Mutation { file, head_range, method, form, in_function, .. } = mutation;
        let form = Some(form);
        Self {
            range: head_range,
            written: method,
            form,
            in_function,
            file,
            is_elsewhere: false,
            is_uncalled: false,
        }
    }
}

impl From<Call> for Statement {
    fn from(call: Call) -> Self {
        let Call { file, head_range, callee, in_function, .. } = call;
        let form = None;
        Self {
            range: head_range,
            written: callee,
            form,
            in_function,
            file,
            is_elsewhere: false,
            is_uncalled: false,
        }
    }
}

/// A statement that keeps the holder small.
#[derive(Debug, Clone)]
pub(crate) struct BoundedBy {
    pub(crate) statement: Statement,
    /// How many there may be, if the source says so.
    pub(crate) limit: Option<Limit>,
    /// Where that is written, if it was followed there: through fields, options and other files. Something else
    /// may be given where nobody looked.
    pub(crate) followed_to: Option<PathBuf>,
    /// Where that stands in memory, if a name says so.
    pub(crate) limit_at: Option<LimitAt>,
}

/// A statement that takes out what has had its time.
#[derive(Debug, Clone)]
pub(crate) struct ExpiredBy {
    pub(crate) statement: Statement,
    pub(crate) how: Expiry,
}

/// What the source says about a holder.
#[derive(Default)]
pub(crate) struct Statements {
    pub(crate) adds: Vec<Statement>,
    pub(crate) removes: Vec<Statement>,
    /// What cuts a linked list, which bounds it like a check of a size.
    pub(crate) cuts: Vec<Statement>,
    /// What looks at its size, or cuts it.
    pub(crate) guards: Vec<BoundedBy>,
    /// What takes out entries whose time has come.
    pub(crate) expires: Vec<ExpiredBy>,
    /// What the options of the cache of a package say that it is, if it is one.
    pub(crate) cache: Option<CacheBound>,
    /// Where it is handed to code that nobody read, if nothing that was read takes out any.
    pub(crate) handed_to: Option<Statement>,
    /// Why not all that is about it was read.
    pub(crate) unread: Option<Unread>,
    /// How many entries the largest has, if that is known.
    pub(crate) entries: Option<u64>,
}

impl Statements {
    /// Whether something looks at its size, or cuts it.
    pub(crate) fn is_guarded(&self) -> bool {
        !self.guards.is_empty() || !self.cuts.is_empty()
    }

    /// What says how many there may be.
    pub(crate) fn limit(&self) -> Option<(&BoundedBy, &Limit)> {
        let limits = self.guards.iter().filter_map(|it| Some((it, it.limit.as_ref()?)));
        limits.max_by_key(|(_, limit)| limit.value)
    }

    /// With how many entries are in the largest, and without the limits that are passed already: they bound
    /// nothing.
    pub(crate) fn with_entries(mut self, entries: u64) -> Self {
        let is_passed = |limit: &Limit| entries > limit.value + 1;
        for guard in self.guards.iter_mut().filter(|it| it.followed_to.is_some()) {
            // Then it was another number.
            if guard.limit.as_ref().is_some_and(is_passed) {
                (guard.limit, guard.followed_to) = (None, None);
            }
        }
        // One more may be there until what is too much is taken out.
        self.guards.retain(|it| it.limit.as_ref().is_none_or(|limit| entries <= limit.value + 1));
        self.entries = Some(entries);
        self
    }

    /// The same for sentences about a place in another file than the holder's.
    pub(crate) fn elsewhere(mut self) -> Self {
        let Self { adds, removes, cuts, guards, expires, handed_to, .. } = &mut self;
        let alone = adds.iter_mut().chain(removes).chain(cuts).chain(handed_to);
        let guards = guards.iter_mut().map(|it| &mut it.statement);
        let expires = expires.iter_mut().map(|it| &mut it.statement);
        for statement in alone.chain(guards).chain(expires) {
            statement.is_elsewhere = true;
        }
        self
    }

    /// What a verdict depends on, as far as one looks at a leak of whoever they are about alone.
    pub(crate) fn features(&self, what: What, trend: Trend) -> Features {
        Features::new(what, trend, self.source())
    }

    /// Whether it is a cache whose package keeps it to a size that the source gives, in bytes or what else it counts.
    fn is_kept_to_size(&self) -> bool {
        matches!(self.cache, Some(CacheBound::Size { is_known: true, .. }))
    }

    /// What the source says, as far as a verdict depends on it.
    pub(crate) fn source(&self) -> Source {
        Source {
            unread: self.unread,
            adds: match &self.adds[..] {
                // Who uses a cache adds to it.
                _ if self.cache.is_some() => Adds::Something,
                [] => Adds::Nothing,
                adds if adds.iter().all(Statement::writes_by_index) => Adds::ByIndex,
                _ => Adds::Something,
            },
            removes: match &self.removes[..] {
                [] if self.handed_to.is_some() => Removes::Elsewhere,
                [] => Removes::Nothing,
                removes if removes.iter().all(|it| it.is_uncalled) => Removes::Uncalled,
                _ => Removes::Something,
            },
            bound: if self.limit().is_some() || self.is_kept_to_size() {
                Some(Bound::Limit)
            } else if self.is_guarded() {
                Some(Bound::Size)
            } else {
                (!self.expires.is_empty()).then_some(Bound::Expiry)
            },
        }
    }
}
