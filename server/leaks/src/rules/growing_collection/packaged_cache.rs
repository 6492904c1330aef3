//! What is inside a cache of a package: the declaration in the user's own code that makes the cache, and what
//! the options there say of its size.
//!
//! Which packages have caches, and what their options mean, is in [`crate::locate::known_caches`].

use heapmark_heap::NodeOrdinal;
use heapmark_source::{Expiry, Making, Target, Workspace};

use crate::blame::access_path::property_steps;
use crate::blame::holding::{Blame, nearest_of_user};
use crate::census::is_room;
use crate::evidence::Evidence;
use crate::locate::Origin;
use crate::locate::holder::Holder;
use crate::locate::known_caches::{self, CacheBound, KnownCache};
use crate::locate::statements::{BoundedBy, ExpiredBy, Statement, Statements};
use crate::v8::bindings::Binding;
use crate::v8::retainer_walk::owners;

/// A cache that the user's own code makes of a package.
pub(super) struct PackagedCache {
    /// What is declared to hold it.
    pub(super) declared: Holder,
    making: Making,
    known: &'static KnownCache,
    bound: CacheBound,
}

impl PackagedCache {
    /// The cache inside which something is held, if what bounds it is known and is not passed yet.
    pub(super) fn around(e: &Evidence, node: NodeOrdinal, blame: &Blame) -> Option<Self> {
        let path = property_steps(e, &blame.owner.edges[1..]);
        let found = match &blame.holder {
            Some(own) if !Workspace::is_dependency(own.spot.path()) => {
                Self::made_by(own, path.as_deref())
            }
            Some(inner) => {
                // What a module of a package has, many may use.
                let is_of_one = !blame.is_far || inner.declaration.in_function.is_some();
                let user = blame.user.as_ref().filter(|_| is_of_one);
                user.and_then(|user| Self::made_by(user, path.as_deref().map(|_| &[][..])))
            }
            None => Self::behind_scope(e, blame, path.is_some()),
        }?;
        let entries = e.heap.entry_count(node) as u64;
        let is_passed = match &found.bound {
            CacheBound::AtMost { limit, .. } if !is_room(e.heap, node) => entries > limit.value + 1,
            _ => false,
        };
        (!is_passed).then_some(found)
    }

    /// The cache that a declaration makes, and what the path leads to in it; no path where it leads through
    /// members of collections.
    fn made_by(declared: &Holder, path: Option<&[String]>) -> Option<Self> {
        let file = &declared.spot.file;
        let begins_with = declared.declaration.initializer.map(|it| file.range_text(it));
        let is_later = matches!(begins_with, None | Some("null" | "undefined"));
        let later = is_later.then(|| file.given_later(&declared.target())).flatten();
        let declaration = later.as_ref().unwrap_or(&declared.declaration);
        let making = file.making(declaration, path.unwrap_or_default())?;
        let known = known_caches::find(&making)?;
        // What is in an entry of it is the user's.
        if path.is_none() && !known.nests {
            return None;
        }
        let bound = known.bound(file, &making)?;
        Some(Self { declared: declared.clone(), making, known, bound })
    }

    /// The same for what a scope of a package has that is not in the workspace, by the function that was made
    /// in that scope, or what leads there.
    fn behind_scope(e: &Evidence, blame: &Blame, is_direct: bool) -> Option<Self> {
        let Binding::Variable { context, .. } = blame.owner.binding else { return None };
        let path = is_direct.then_some(&[][..]);
        let of_closure = |closure| {
            let owners = owners(e.bindings(), closure).into_iter();
            let mut own = owners.filter(|it| e.locator.binding_origin(it) == Some(Origin::Own));
            Self::made_by(&e.locator.holder(&own.next()?)?, path)
        };
        e.locator.closures_in(context).into_iter().find_map(of_closure).or_else(|| {
            let user = nearest_of_user(e, blame.owner.edges.first()?.from)?;
            Self::made_by(&user, path)
        })
    }

    /// Whether it is the same cache.
    pub(super) fn is(&self, other: &Self) -> bool {
        let (one, two) = (&self.declared.spot, &other.declared.spot);
        one.path() == two.path() && self.making.head_range == other.making.head_range
    }

    /// What the user's own code does to it, and what its options say. At most so many `entries` are in one.
    pub(super) fn statements(&self, e: &Evidence, entries: u64) -> Statements {
        let holder = &self.declared;
        let mut statements = Statements::about_itself(e.locator, holder);
        statements.cache = Some(self.bound.clone());
        let file = &holder.spot.file;
        let removes: Vec<&str> = self.known.removes.iter().map(String::as_str).collect();
        let calls = |target: &Target, methods: &[&str], least| {
            file.method_calls(target, methods, least).into_iter().map(Statement::from)
        };
        statements.removes.extend(calls(&holder.target(), &removes, 0));
        // What a function keeps is often at hand as its property: `render.cache.clear()`.
        let inside = Target::Property { variable: &holder.declaration, name: "cache" };
        statements.removes.extend(calls(&inside, &["clear", "delete"], 0));
        for method in &self.known.expires {
            let gives = calls(&holder.target(), &[&method.method], method.arguments);
            let expired = |statement| ExpiredBy { statement, how: Expiry::Together };
            statements.expires.extend(gives.map(expired));
        }
        match &self.bound {
            CacheBound::AtMost { limit, .. } => statements.guards.push(BoundedBy {
                statement: Statement::at(file, limit.range, &limit.name),
                limit: Some(limit.clone()),
                followed_to: None,
                limit_at: None,
            }),
            CacheBound::Size { option, range, .. } => statements.guards.push(BoundedBy {
                statement: Statement::at(file, *range, option),
                limit: None,
                followed_to: None,
                limit_at: None,
            }),
            CacheBound::Lifetime { option, range } => statements.expires.push(ExpiredBy {
                statement: Statement::at(file, *range, option),
                how: Expiry::Together,
            }),
            CacheBound::Nothing(_) => {}
        }
        statements.with_entries(entries)
    }
}

#[cfg(test)]
mod drawn_tests;
