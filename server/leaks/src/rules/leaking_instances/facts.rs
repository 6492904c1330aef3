//! What is known of things that pile up. The words for it are in [`crate::words`].

use crate::blame::async_context::KeptStores;
use crate::blame::node_holders::NodesOwn;
use crate::report::Rule;
use crate::rules::leak::At;
use crate::v8::sites::Kind;
use crate::verdict::trend::Trend;

pub(crate) const INSTANCES: Rule = Rule::new("leaking-instances", "Instances of one class pile up");
pub(crate) const CLOSURES: Rule = Rule::new("leaking-closure", "Closures of one function pile up");

/// What piles up of one class or function.
pub(crate) struct Pile {
    pub(crate) what: Piled,
    /// The class, or the function.
    pub(crate) name: String,
    pub(crate) trend: Trend,
    /// Of those that were there in earlier snapshots, some are gone.
    pub(crate) some_are_gone: bool,
    /// Each waits for a timer that runs.
    pub(crate) are_timed: bool,
    /// Bytes.
    pub(crate) retained: u64,
    pub(crate) kept_by: KeptBy,
    /// Why what was meant to let them go does not.
    pub(crate) weakly: Option<WeakRetention>,
    /// What the calls keep of the context in which they were started.
    pub(crate) stores: Option<KeptStores>,
    pub(crate) places: Vec<At<PilePlace>>,
}

/// What kind of things piles up.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piled {
    Instances,
    Closures,
    /// Calls of an `async` function or a generator that have not finished.
    Calls,
}

impl Piled {
    pub(super) fn of(kind: Kind) -> Self {
        match kind {
            Kind::Frame => Self::Calls,
            Kind::Instance => Self::Instances,
            Kind::Closure | Kind::Timer => Self::Closures,
        }
    }

    /// The rule that has the finding.
    pub(crate) fn rule(self) -> Rule {
        match self {
            Self::Calls => crate::rules::pending_promises::RULE,
            Self::Instances => INSTANCES,
            Self::Closures => CLOSURES,
        }
    }
}

/// Who keeps a pile.
pub(crate) enum KeptBy {
    /// A binding and the steps below it: `rules`, `state.users[…]`.
    Binding(String),
    Node(NodesOwn),
    Unknown,
}

/// What stands at a place of a [`Pile`].
#[derive(Clone, Copy)]
pub(crate) enum PilePlace {
    /// The class or function itself.
    Leaked,
    /// The declaration of what keeps them.
    Holder,
    /// The class of the stores that the calls keep, and how many of these are alive.
    Stores(u64),
    /// The declaration of a `WeakMap` whose values keep its keys.
    WeakMap,
    /// A statement that puts such a value into it.
    AddsToWeakMap,
    /// The user's own declaration that leads to what keeps them.
    OfUser,
    /// The call that hands the closures over.
    HandsOver,
}

/// What keeps things alive although it was meant to let them go.
pub(crate) enum WeakRetention {
    /// A `FinalizationRegistry`: its held values lead to its targets.
    Finalizer,
    /// A `WeakMap`: a value leads to the next key.
    Map {
        /// What a person would call the map, if it is known who holds it.
        name: Option<String>,
    },
}
