//! What variables and fields are for a while, and what they have, as it is noted and asked.
//!
//! Not here: how that is read ([`super::reach`]).

use crate::syntax::receiver::{Receiver, Step, This};
use crate::text::Span;

/// A part of something: under which name (none for any key), and what that is.
pub(crate) type Part = (Option<Box<str>>, Receiver);

/// What is known of what a variable or a field has.
#[derive(Debug, Default)]
pub(crate) struct Reached {
    /// What it is itself, if one looks at it in the right moment.
    pub(crate) same: Vec<Receiver>,
    /// What it has inside.
    pub(crate) parts: Vec<Part>,
}

impl Reached {
    /// What this is, with these steps further: as it is, or as what one of the parts is.
    pub(crate) fn with<'a>(
        &'a self,
        steps: &'a [Step],
        name: impl Fn(Span) -> &'a str,
    ) -> Vec<Receiver> {
        let mut found: Vec<Receiver> =
            self.same.iter().filter_map(|other| Receiver::beyond(other, steps)).collect();
        let Some((first, behind)) = steps.split_first() else { return found };
        let parts = self.parts.iter().filter(|(key, _)| match (first, key) {
            (Step::Property(property), Some(key)) => name(*property) == &**key,
            (Step::Property(_) | Step::Default | Step::New, _) => false,
            (Step::Element | Step::Key(_), _) => true,
        });
        found.extend(parts.filter_map(|(_, other)| Receiver::beyond(other, behind)));
        found
    }
}

/// Notes of the walk.
#[derive(Debug, Default)]
pub(super) struct ReachNotes {
    /// Of variables, by the place of the name that declares them: what they are for a while,
    pub(super) same: Vec<(Span, Receiver)>,
    /// and what they have.
    pub(super) parts: Vec<(Span, Part)>,
    /// The same of fields, and what getters give.
    pub(super) fields: Vec<(This, Box<str>, Reached)>,
}
