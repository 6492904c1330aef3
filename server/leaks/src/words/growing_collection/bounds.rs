//! What bounds a collection, or takes out of it, as the source says: the second half of the sentence that tells
//! who adds to it.

use heapmark_source::MutationForm;

use crate::locate::known_caches::{CacheBound, Unbounded};
use crate::locate::statements::{BoundedBy, MAX_SHOWN, Statement};
use crate::report::Text;
use crate::report::text::{name, text};
use crate::report::units::{number, plural};
use crate::rules::growing_collection::facts::CollectionFacts;
use crate::rules::leak::Leak;
use crate::verdict::Unread;
use crate::verdict::reason::Reason;
use crate::words::packaged_cache;
use crate::words::statements::{at, lines, places_of, uncalled};

impl CollectionFacts {
    /// What follows who adds.
    pub(super) fn what_bounds(&self, adds: &[Statement], leak: &Leak) -> Text {
        let (removes, cuts) = (&self.statements.removes, &self.statements.cuts);
        if let Some(first) = cuts.first() {
            // In a file of one line it says nothing where they stand.
            let is_one_line = lines(&[adds, cuts].concat()) == 1;
            let function = first.in_function.as_ref().filter(|_| is_one_line);
            let at = function.map_or_else(|| places_of(cuts, MAX_SHOWN), name);
            let cut = plural(lines(cuts), " cuts", " cut");
            return text![", and ", at, cut, " it: it may be bounded."];
        }
        let not_full = self.fullness();
        if !not_full.is_empty() {
            return text![". ", not_full];
        }
        let repeats = |it: &BoundedBy| it.statement.form == Some(MutationForm::RepeatsKey);
        let is_known = |it: &BoundedBy| it.statement.form == Some(MutationForm::ChecksKey);
        let is_reuse = |it: &BoundedBy| it.statement.form == Some(MutationForm::Reuses);
        match &self.statements.guards[..] {
            [] => {}
            guards if guards.iter().all(repeats) => {
                return ", under keys that repeat: it may be bounded.".into();
            }
            guards if guards.iter().all(is_known) => {
                return ", under keys that are looked up first in a table that nothing adds to: there are no more \
                        than that has."
                    .into();
            }
            guards if guards.iter().all(is_reuse) => {
                return text![
                    ", and ",
                    places_of(&[guards[0].statement.clone()], 1),
                    " takes one out before a new one is made: there are as many as were in use at once."
                ];
            }
            _ => return ", and its size is checked: it may be bounded.".into(),
        }
        if !self.statements.expires.is_empty() {
            return self.expiry(", and each");
        }
        if let Some(unbounded) = self.unbounded().filter(|_| removes.is_empty()) {
            return text![". ", packaged_cache::sentence(unbounded)];
        }
        if let Some(unread) = self.statements.unread.filter(|_| removes.is_empty()) {
            return text![", and what removes any is not known: ", why(unread), "."];
        }
        if removes.is_empty() {
            let Some(handed_to) = &self.statements.handed_to else {
                return " and nothing removes any.".into();
            };
            let (callee, at) = (name(&handed_to.written), at(handed_to));
            return text![
                " and nothing here removes any; it is handed to ",
                callee,
                " (",
                at,
                "), which was not read."
            ];
        }
        if let Some(only) = uncalled(removes) {
            return text![". ", only];
        }
        let removes: Vec<Statement> =
            removes.iter().filter(|it| !it.is_uncalled).cloned().collect();
        let removes = &removes[..];
        let places = places_of(removes, MAX_SHOWN);
        if leak.verdict.reasons.iter().any(|it| it.reason == Reason::NoneIsGone) {
            return text![
                "; ",
                places,
                " would take some out, but none of those that were there before is gone."
            ];
        }
        let remove = plural(lines(removes), " removes", " remove");
        text!["; what ", places, remove, " is less than what comes."]
    }

    /// `Not full yet: 412 of at most 5,000 (`MAX`, pages.ts:9).`, if the source says how many there may be.
    pub(super) fn fullness(&self) -> Text {
        let Some(((bounded, limit), entries)) =
            self.statements.limit().zip(self.statements.entries)
        else {
            return Text::default();
        };
        let is_number = limit.name.starts_with(|c: char| c.is_ascii_digit());
        let is_default =
            matches!(self.statements.cache, Some(CacheBound::AtMost { is_default: true, .. }));
        let default = is_default.then_some("the default of ");
        let called = (!is_number).then(|| text![default, name(&limit.name), ", "]);
        let file = bounded.followed_to.as_ref().unwrap_or(&bounded.statement.file);
        let at = crate::report::place_words::at(file, limit.range);
        let of =
            text![number(entries), " of at most ", number(limit.value), " (", called, at, ")."];
        match (self.instances, entries < limit.value) {
            (1, true) => text!["Not full yet: ", of],
            (_, true) => text!["Not full yet: the largest has ", of],
            (1, false) => text!["It is full: ", of],
            (_, false) => text!["The largest is full: ", of],
        }
    }

    pub(super) fn expiry(&self, each: &'static str) -> Text {
        let by = self.statements.expires.iter().map(|it| it.statement.clone());
        let at = places_of(&by.collect::<Vec<_>>(), MAX_SHOWN);
        text![each, " entry expires (", at, "): perhaps none was due yet."]
    }

    /// Why nothing bounds it, if it is a cache of a package of which that is known, and nothing in the user's
    /// own code does.
    pub(super) fn unbounded(&self) -> Option<&Unbounded> {
        match &self.statements.cache {
            Some(CacheBound::Nothing(unbounded)) if self.statements.source().bound.is_none() => {
                Some(unbounded)
            }
            _ => None,
        }
    }
}

/// Why not all was read, as a clause.
fn why(unread: Unread) -> &'static str {
    match unread {
        Unread::Elsewhere => "not all that holds it is in the workspace",
        Unread::Changed => "the file has changed since",
        Unread::Compiled => "the file was compiled in memory, and no source map of that is known",
    }
}
