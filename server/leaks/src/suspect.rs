//! What a rule hands over: a finding, and the nodes that hold what it is about.
//!
//! Also the arithmetic that all rules share: how sure, how loud, and the fingerprint. Sentences are
//! the rules' own.

use heapmark_heap::NodeOrdinal;
use heapmark_source::{Call, Mutation, MutationKind, Range, Target};
use sha2::{Digest, Sha256};

use crate::evidence::Evidence;
use crate::growth::Seen;
use crate::locate::{Holder, HolderOf, Spot};
use crate::report::{Finding, Match, Place, Role, Rule, Severity};

/// A finding with the nodes that hold what leaks: whoever looks for other leaks does not look there.
pub(crate) struct Suspect {
    pub(crate) finding: Finding,
    pub(crate) accumulators: Vec<NodeOrdinal>,
    /// What the accumulators hold directly: two that hold the same things are one leak. Empty if that
    /// cannot be said.
    pub(crate) members: Vec<NodeOrdinal>,
}

/// A statement that adds or removes, as far as sentences need it.
#[derive(Debug, Clone)]
pub(crate) struct Statement {
    /// What to underline.
    pub(crate) range: Range,
    /// How it is written, in short: `.set(`, `bus.on`.
    pub(crate) written: String,
    /// The function that does it, as people say it; `None` at the top level.
    pub(crate) in_function: Option<String>,
}

impl Statement {
    /// The 1-based line, for sentences.
    pub(crate) fn line(&self) -> u32 {
        self.range.start.line + 1
    }
}

impl From<Mutation> for Statement {
    fn from(mutation: Mutation) -> Self {
        let Mutation { head_range, method, in_function, .. } = mutation;
        Self { range: head_range, written: method, in_function }
    }
}

impl From<Call> for Statement {
    fn from(call: Call) -> Self {
        Self { range: call.head_range, written: call.callee, in_function: call.in_function }
    }
}

/// What to add when something grew and then stayed.
pub(crate) const ONLY_FILLED: &str =
    " If the program went on working before the last snapshot, it may only have been filled.";

/// What was added and never taken out is a warning from so many on, though nothing was added any more
/// before the last snapshot: tables that are filled once (lazily made templates, formatters, routes)
/// seldom have as many entries,
pub(crate) const MANY_KEPT: u64 = 100;
/// nor so many times as many as before the work began.
const MANY_TIMES: f64 = 3.0;

/// What the source says about a holder.
#[derive(Default)]
pub(crate) struct Statements {
    pub(crate) adds: Vec<Statement>,
    pub(crate) removes: Vec<Statement>,
    pub(crate) guarded: bool,
}

impl Statements {
    /// Every statement in the holder's file that adds to it, removes from it, or looks at its size;
    /// of listeners, only those for `event`.
    pub(crate) fn about(holder: &Holder, event: Option<&str>) -> Self {
        Self::collect(holder, &holder.target(), event)
    }

    /// The same for a property of what the holder holds: `state.users.online`.
    pub(crate) fn about_property(holder: &Holder, path: &[String]) -> Self {
        match holder.of {
            HolderOf::Scope => {
                let path: Vec<&str> = path.iter().map(String::as_str).collect();
                let target = Target::Path { variable: &holder.declaration, path: &path };
                Self::collect(holder, &target, None)
            }
            _ => Self::default(),
        }
    }

    fn collect(holder: &Holder, target: &Target, event: Option<&str>) -> Self {
        let mut statements = Self::default();
        for mutation in holder.spot.file.mutations(target) {
            let other_event =
                event.is_some() && mutation.event.as_deref().is_some_and(|m| Some(m) != event);
            match mutation.kind {
                _ if other_event => {}
                MutationKind::Adds => statements.adds.push(mutation.into()),
                MutationKind::Removes => statements.removes.push(mutation.into()),
                MutationKind::Guards => statements.guarded = true,
            }
        }
        statements
    }
}

/// How sure the verdict is, from 0 to 1. The weights are those of the detection's design: growth
/// over several snapshots counts most, then what the source says.
pub(crate) fn certainty(e: &Evidence, seen: Seen, statements: &Statements) -> f32 {
    let measured = match seen {
        Seen::Once => 0.3,
        Seen::Kept { .. } => 0.5,
        Seen::Growing { .. } if e.snapshots() == 2 => 0.6,
        Seen::Growing { evenness } => {
            0.5 + 0.3 * evenness + if e.snapshots() > 3 { 0.1 } else { 0.0 }
        }
    };
    let read = match statements {
        s if s.guarded => -0.35,
        s if !s.removes.is_empty() => -0.25,
        s if !s.adds.is_empty() => 0.35,
        _ => 0.0,
    };
    (measured + read).clamp(0.05, 0.98) as f32
}

/// How loudly to show it: only measured growth that no size check bounds is a warning, and never in
/// a file that is not what ran. If something does remove, two snapshots are too few to tell.
pub(crate) fn severity(
    e: &Evidence,
    seen: Seen,
    statements: &Statements,
    places: &[Place],
) -> Severity {
    let unsure = e.snapshots() == 2 && !statements.removes.is_empty();
    let is_unsure = |place: &Place| matches!(place.matched, Match::Stale | Match::Ambiguous);
    let stale = places.first().is_some_and(is_unsure);
    // A table that is filled once is small, or was empty before, or is bounded.
    let is_plain = !statements.adds.is_empty() && statements.removes.is_empty();
    match seen {
        _ if stale => Severity::Hint,
        Seen::Kept { gained, times }
            if gained >= MANY_KEPT && times >= MANY_TIMES && is_plain && !statements.guarded =>
        {
            Severity::Warning
        }
        Seen::Growing { .. } if !statements.guarded && !unsure => Severity::Warning,
        Seen::Growing { .. } | Seen::Kept { .. } | Seen::Once => Severity::Information,
    }
}

/// Names a leak the same over runs, machines and unrelated edits: no line, id or size goes in.
pub(crate) fn fingerprint(rule: Rule, parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    hash.update(rule.name());
    for part in parts {
        hash.update([0]);
        hash.update(part);
    }
    let hash = hash.finalize();
    format!("{:08x}", u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]))
}

/// A place at the name of a function, class or declaration.
pub(crate) fn place(role: Role, spot: &Spot, label: String, message: String) -> Place {
    Place {
        role,
        name: spot.name.clone(),
        file: spot.path().to_owned(),
        range: spot.name_range,
        matched: spot.matched,
        generated: spot.generated.clone(),
        label,
        message,
    }
}

/// A place at a statement that adds.
pub(crate) fn place_of(spot: &Spot, added: &Statement, label: String, message: String) -> Place {
    Place {
        role: Role::Grows,
        name: added.written.clone(),
        file: spot.path().to_owned(),
        range: added.range,
        matched: spot.matched,
        generated: None,
        label,
        message,
    }
}

/// `pages.js:12`, for sentences.
pub(crate) fn line_of(place: &Place) -> String {
    format!("{}:{}", crate::locate::file_name(&place.file), place.range.start.line + 1)
}

/// Whether a call hands over the function at `spot`, written there or by its name.
pub(crate) fn hands_over(call: &Call, spot: &Spot) -> bool {
    call.callback.as_ref().is_some_and(|callback| match &callback.reference {
        None => callback.range == spot.range,
        Some(reference) => {
            let bare = reference.rsplit('.').next().unwrap_or(reference);
            let function = spot.name.rsplit(['.', ' ']).next().unwrap_or(&spot.name);
            bare == function
        }
    })
}
