//! What a rule hands over: a leak as facts, without a sentence.
//!
//! [`crate::triage`] merges, weighs and ranks leaks; [`crate::words`] makes findings of them.

use std::fmt;
use std::path::PathBuf;

use heapmark_heap::NodeOrdinal;
use heapmark_source::{Generated, Range};

use crate::blame::retaining_path::Step;
use crate::locate::Spot;
use crate::locate::statements::Statement;
use crate::report::{Hop, Match, Outside, Place, Role, Rule, Text};
pub(crate) use crate::verdict::{Features, Verdict};

/// One leak, and the nodes that hold it: whoever looks for other leaks does not look there.
pub(crate) struct Leak {
    pub(crate) rule: Rule,
    /// What its rule knows of it, for the judge; the rest is filled in by [`crate::triage`].
    pub(crate) features: Features,
    /// What is thought of it once all is known.
    pub(crate) verdict: Verdict,
    /// See [`crate::report::fingerprint`].
    pub(crate) fingerprint: String,
    /// How many things are kept, in each snapshot, oldest first.
    pub(crate) counts: Vec<u64>,
    /// Bytes of the counted things themselves.
    pub(crate) shallow_size: u64,
    /// Bytes that would be freed without it, and without those joined to it.
    pub(crate) retained_size: u64,
    /// Bytes by which it grew, once that was [shared](crate::triage::attribute_growth).
    pub(crate) growth: i64,
    /// Where code stands that is not in the workspace.
    pub(crate) outside: Vec<Outside>,
    /// From a root to one of the leaked things, and the same as people count the steps.
    pub(crate) path: Vec<Hop>,
    pub(crate) steps: Vec<Step>,
    /// What its rule found, and its places.
    pub(crate) facts: Box<dyn Facts>,
    /// The nodes that hold what leaks.
    pub(crate) accumulators: Vec<NodeOrdinal>,
    /// What the accumulators hold directly: two that hold the same things are one leak. Empty if that
    /// cannot be said.
    pub(crate) members: Vec<NodeOrdinal>,
    /// The object that this leak is about, so that leaks about the same object are joined. For listeners the
    /// emitter, because a piped stream has several events with as many listeners each; for chunks waiting in a stream
    /// the stream, because it has several lists; for instances and closures the value that the holder holds.
    pub(crate) of: Option<NodeOrdinal>,
    /// If a dependency's leak that retains more was joined to this one: the bytes that it retains, and its name.
    pub(crate) together_with: Option<(u64, String)>,
    /// Others that are the same leak seen again.
    pub(crate) joined: Vec<Leak>,
    /// Others that grow along with it: whatever is called adds to all of them.
    pub(crate) along: Vec<Leak>,
    /// The snapshots that show it are of different processes.
    pub(crate) is_of_other_processes: bool,
}

impl Leak {
    /// A leak of which nothing more is known.
    pub(crate) fn new(
        rule: Rule,
        mut features: Features,
        fingerprint: String,
        counts: Vec<u64>,
        facts: impl Facts + 'static,
    ) -> Self {
        features.counts.clone_from(&counts);
        Self {
            rule,
            features,
            verdict: Verdict::pending(),
            fingerprint,
            counts,
            shallow_size: 0,
            retained_size: 0,
            growth: 0,
            outside: Vec::new(),
            path: Vec::new(),
            steps: Vec::new(),
            facts: Box::new(facts),
            accumulators: Vec::new(),
            members: Vec::new(),
            of: None,
            together_with: None,
            joined: Vec::new(),
            along: Vec::new(),
            is_of_other_processes: false,
        }
    }

    /// Its primary place.
    pub(crate) fn primary(&self) -> Option<&Spotted> {
        self.facts.spotted().first().copied()
    }
}

impl fmt::Debug for Leak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Leak")
            .field("rule", &self.rule)
            .field("counts", &self.counts)
            .finish_non_exhaustive()
    }
}

/// What one rule knows of a leak. The words for it are in [`crate::words`], beside those of all others.
pub(crate) trait Facts: Send + Sync {
    /// Its places, the primary one first.
    fn spotted(&self) -> Vec<&Spotted>;

    /// How it is introduced where it shows again (` The same happens at …`), if in words of its own.
    fn again(&self) -> Option<&'static str> {
        None
    }

    /// How many of them there may be, if the source says so and there are fewer.
    fn limit_not_reached(&self) -> Option<u64> {
        None
    }

    /// What is said of it; `leak` has what triage found out.
    fn words(&self, leak: &Leak) -> Words;
}

/// A leak that explains why what other leaks hold is so large. Its bytes count for it and not for the others.
pub(crate) struct Explanation {
    pub(crate) leak: Leak,
    /// What keeps the bytes alive. The bytes are part of the leak that holds the last of these nodes.
    pub(crate) keepers: Vec<NodeOrdinal>,
}

/// A place of a leak, without words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spotted {
    pub(crate) role: Role,
    /// The name a person would say.
    pub(crate) name: String,
    pub(crate) file: PathBuf,
    /// What to underline.
    pub(crate) range: Range,
    /// How well it fits the file's text.
    pub(crate) matched: Match,
    pub(crate) generated: Option<Generated>,
}

impl Spotted {
    /// With words: a few for a code frame, and the whole message for a diagnostic there.
    pub(crate) fn saying(&self, label: impl Into<Text>, message: impl Into<Text>) -> Place {
        let Self { role, name, file, range, matched, generated } = self.clone();
        let (label, message) = (label.into(), message.into());
        Place { role, name, file, range, matched, generated, label, message, leads: false }
    }

    /// Whether it is where another one is.
    pub(crate) fn is_at(&self, other: &Self) -> bool {
        self.file == other.file && self.range == other.range
    }
}

/// A place with what its rule knows of it: `K` is the rule's own enum of what stands there.
pub(crate) struct At<K> {
    pub(crate) spotted: Spotted,
    pub(crate) is: K,
}

impl<K> At<K> {
    /// At the name of a function, class or declaration.
    pub(crate) fn name_of(role: Role, spot: &Spot, is: K) -> Self {
        let spotted = Spotted {
            role,
            name: spot.name.clone(),
            file: spot.path().to_owned(),
            range: spot.name_range,
            matched: spot.matched,
            generated: spot.generated.clone(),
        };
        Self { spotted, is }
    }

    /// At a statement that adds. `spot` is in the file that its rule looked at.
    pub(crate) fn statement(spot: &Spot, statement: &Statement, is: K) -> Self {
        let spotted = Spotted {
            role: Role::Grows,
            name: statement.written.clone(),
            file: statement.file.clone(),
            range: statement.range,
            matched: spot.matched,
            generated: None,
        };
        Self { spotted, is }
    }
}

/// The places alone.
pub(crate) fn spotted<K>(places: &[At<K>]) -> Vec<&Spotted> {
    places.iter().map(|at| &at.spotted).collect()
}

/// What is said of a leak.
pub(crate) struct Words {
    /// The short form, one line, no full stop.
    pub(crate) title: Text,
    /// Plain sentences, of which the first has the title's fact.
    pub(crate) message: Text,
    /// What to do, one sentence without a full stop.
    pub(crate) help: Text,
    /// Its places, in the order of [`Facts::spotted`].
    pub(crate) places: Vec<Place>,
}
