//! Bytes at one variable or property that are made longer again and again: what
//! [`crate::rules::growing_text`] and [`crate::rules::external_memory`] have in common. Which bytes these
//! are, and whether they grow, is for the two rules.

use heapmark_heap::Edge;

use crate::blame::retaining_path;
use crate::evidence::Evidence;
use crate::locate::Origin;
use crate::locate::statements::{MAX_SHOWN, Statement, Statements};
use crate::report::fingerprint::fingerprint;
use crate::report::{Role, Rule};
use crate::rules::leak::{At, Leak};
use crate::v8::retainer_walk::binding_path_at;
use crate::verdict::What;
use crate::verdict::trend::Trend;

/// A text or buffer that is made longer.
pub(crate) struct Lengthened {
    pub(crate) what: Content,
    pub(crate) trend: Trend,
    /// The variable or property that has it.
    pub(crate) holder: String,
    /// The first statement that makes it longer.
    pub(crate) added: Option<Statement>,
    /// Something makes it shorter, too, or may: not all was read.
    pub(crate) is_emptied: bool,
    pub(crate) places: Vec<At<LengthenedPlace>>,
}

/// What is made longer.
#[derive(Clone, Copy)]
pub(crate) enum Content {
    /// A string on the heap.
    Text,
    /// A buffer, whose bytes are outside of V8's own heap.
    Buffer,
}

/// What stands at a place of [`Lengthened`].
#[derive(Clone, Copy)]
pub(crate) enum LengthenedPlace {
    /// The declaration of the variable or property. The first place is this one.
    Holder,
    /// A statement that makes it longer.
    Lengthens,
}

/// What grows behind `edge`, if that is a variable or property of the program's own. `lengths` are in
/// bytes, oldest first.
pub(super) fn leak(
    e: &Evidence,
    edge: Edge,
    (rule, what): (Rule, Content),
    lengths: &[u64],
    trend: Trend,
) -> Option<Leak> {
    let owner = binding_path_at(e.bindings(), edge)?;
    if !matches!(e.locator.binding_origin(&owner)?, Origin::Own | Origin::Dependency) {
        return None;
    }
    let holder = e.locator.holder(&owner)?;
    let name = holder.spot.name.as_str();
    let statements = Statements::about(e.locator, &holder, None);
    let shown = statements.adds.iter().take(MAX_SHOWN);
    let mut places = vec![At::name_of(Role::Holder, &holder.spot, LengthenedPlace::Holder)];
    places.extend(shown.map(|add| At::statement(&holder.spot, add, LengthenedPlace::Lengthens)));
    let noun = match what {
        Content::Text => "text",
        Content::Buffer => "buffer",
    };
    let features = statements.features(What::Lengthened, trend);
    let file = e.locator.relative(holder.spot.path());
    let key = fingerprint(rule, &[&file, &holder.declared_in.key(), name]);
    let facts = Lengthened {
        what,
        trend,
        holder: name.to_owned(),
        added: statements.adds.first().cloned(),
        is_emptied: !statements.removes.is_empty() || statements.unread.is_some(),
        places,
    };
    let last = lengths.last().copied().unwrap_or(0);
    Some(Leak {
        shallow_size: e.heap.self_size(edge.to),
        retained_size: e.heap.retained_size(edge.to).max(last),
        path: retaining_path::hops(e, &[edge]),
        steps: retaining_path::steps(e, Some(&holder), &[edge], noun),
        accumulators: vec![edge.to],
        ..Leak::new(rule, features, key, lengths.to_vec(), facts)
    })
}
