//! What is said of a collection that grows ([`crate::rules::growing_collection`]), and how loudly.

use heapmark_heap::CollectionKind;

use crate::census::is_room;
use crate::census::trend::Trend;
use crate::evidence::Evidence;
use crate::locate::statements::{Statements, places, places_of};
use crate::report::Severity;
use crate::report::units::{number, plural, series, share, size};
use crate::verdict::severity;
use crate::words::ONLY_FILLED;

use crate::locate::statements::MAX_SHOWN;
use crate::rules::growing_collection::group::Group;
use crate::rules::retained_after_close::Defunct;
use crate::v8::events::DEPENDENT;

/// A table of fewer keys may be complete: countries, time zones, routes.
const MANY_KEYS: u64 = 300;
/// An array that something also takes from: so many items that were added and stayed are no queue,
const MANY_ITEMS: u64 = 1_000;
/// if they are also so many times as many as before.
const MANY_TIMES: f64 = 10.0;

/// Everything the sentences about one collection are made of.
pub(super) struct About<'a> {
    pub(super) e: &'a Evidence<'a>,
    pub(super) group: &'a Group<'a>,
    /// Those that hold the same things.
    pub(super) twins: &'a [&'a Group<'a>],
    pub(super) counts: &'a [u64],
    pub(super) seen: Trend,
    pub(super) retained: u64,
    pub(super) statements: &'a Statements,
    pub(super) done: Option<Defunct>,
    /// All of its keys [were there](crate::rules::growing_collection::known_keys) before it had them.
    pub(super) is_table: bool,
}

impl About<'_> {
    fn count(&self) -> u64 {
        self.counts.last().copied().unwrap_or(0)
    }

    /// The word for what is in the collection.
    fn noun(&self, count: u64) -> &'static str {
        if self.group.is_list() {
            return plural(count, "element", "elements");
        }
        match self.e.heap.collection_kind(self.group.collections[0].node) {
            Some(CollectionKind::Array) => plural(count, "item", "items"),
            Some(CollectionKind::Set | CollectionKind::WeakSet) => plural(count, "value", "values"),
            Some(CollectionKind::Dictionary) => plural(count, "key", "keys"),
            Some(CollectionKind::Map | CollectionKind::WeakMap) => {
                plural(count, "entry", "entries")
            }
            None => plural(count, "property", "properties"),
        }
    }

    /// How many there are; of a collection of numbers nobody knows more than how many it can hold.
    fn counted(&self) -> String {
        self.counted_as(&number(self.count()))
    }

    /// The same with other numbers: `600 → 1,200 items`.
    fn counted_as(&self, numbers: &str) -> String {
        let nodes = || self.group.nodes();
        if nodes().into_iter().all(|node| is_room(self.e.heap, node)) {
            let is_map = self.e.heap.collection_kind(nodes()[0]) == Some(CollectionKind::Map);
            return format!("room for {numbers} {}", if is_map { "entries" } else { "numbers" });
        }
        format!("{numbers} {}", self.noun(self.count()))
    }

    fn holds(&self) -> String {
        let counted = self.counted();
        let verb = if counted.starts_with("room") { "has" } else { "holds" };
        format!("{verb} {counted}")
    }

    /// Whether each is [a longer copy](Form::Replaced) of the one before.
    pub(super) fn is_replaced(&self) -> bool {
        self.group.is_replaced()
    }

    pub(super) fn title(&self) -> String {
        match self.seen {
            Trend::Growing { .. } => format!(
                "`{}` keeps growing{}: {}, {} retained{}",
                self.group.name,
                self.in_instances(),
                self.counted_as(&series(self.counts)),
                size(self.retained),
                self.with_twins()
            ),
            Trend::Kept { .. } => format!(
                "`{}` grew{} and was not emptied: {}, {} retained{}",
                self.group.name,
                self.in_instances(),
                self.counted_as(&series(self.counts)),
                size(self.retained),
                self.with_twins()
            ),
            Trend::Once => {
                let share = share(self.retained, self.e.heap.total_size());
                let share = share.map_or(String::new(), |share| format!(", {share} of the heap"));
                let what = self.holds();
                let with = self.with_twins();
                format!("`{}` {what} ({}{share}{with})", self.group.name, size(self.retained))
            }
        }
    }

    /// Of what is looked up by a key, one more for each new key is what it is for; and what is written
    /// by index, like a ring, is as long as its largest index.
    pub(super) fn severity(&self) -> Severity {
        let found = severity(self.e, self.seen, self.statements);
        // What is done with is a leak even if nobody has seen it grow.
        if self.done.is_some_and(Defunct::is_certain)
            && found == Severity::Information
            && !self.statements.guarded
        {
            return Severity::Warning;
        }
        // A copy that took the place of nothing may be the first there ever is.
        let began = self.is_replaced() && self.counts.len() == 2 && self.counts[0] == 0;
        if self.is_table || began {
            return Severity::Information;
        }
        let Trend::Kept { gained, times } = self.seen else { return found };
        let kind = self.e.heap.collection_kind(self.group.collections[0].node);
        let Statements { adds, removes, guarded, .. } = self.statements;
        let by_index = || adds.iter().all(|add| add.written.ends_with("] ="));
        let may_be_full = match kind {
            None | Some(CollectionKind::Map | CollectionKind::Dictionary) => gained < MANY_KEYS,
            Some(CollectionKind::Array) => by_index(),
            _ => false,
        };
        // Whoever pushes thousands and takes none out does not call what would.
        let overflows = kind == Some(CollectionKind::Array)
            && gained >= MANY_ITEMS
            && times >= MANY_TIMES
            && !(adds.is_empty() || removes.is_empty() || *guarded);
        match found {
            Severity::Warning if may_be_full => Severity::Information,
            Severity::Information if overflows && !may_be_full => Severity::Warning,
            found => found,
        }
    }

    /// What it does, in few words.
    pub(super) fn short(&self) -> String {
        match self.seen {
            Trend::Growing { .. } => format!("keeps growing: {}", self.counted()),
            Trend::Kept { .. } => format!("grew and was not emptied: {}", self.counted()),
            Trend::Once => self.holds(),
        }
    }

    /// ` together with …`, if another one keeps the same things: alone neither retains them.
    fn with_twins(&self) -> String {
        match self.twins {
            [] => String::new(),
            [twin] => format!(" together with `{}`", twin.name),
            [twin, rest @ ..] => {
                format!(" together with `{}` and {} more", twin.name, rest.len())
            }
        }
    }

    /// ` in 52 instances`, if it is more than one collection.
    fn in_instances(&self) -> String {
        match self.group.nodes().len() {
            1 => String::new(),
            count => format!(" in {} instances", number(count as u64)),
        }
    }

    pub(super) fn message(&self) -> String {
        let mut message = format!("{}.", self.title());
        let statements = self.statements_sentence();
        if !statements.is_empty() {
            message.push(' ');
            message.push_str(&statements);
        }
        if let Some(done) = self.done {
            message.push_str(&done.sentence());
        }
        message.push_str(match self.seen {
            Trend::Growing { .. } if self.is_table => {
                " All of its keys were in memory before: it may be a table of them that is being filled."
            }
            Trend::Growing { slows: true, .. } => {
                " It grows less and less: it may be filling up. Another snapshot will tell."
            }
            Trend::Growing { .. } => "",
            Trend::Kept { .. } => ONLY_FILLED,
            Trend::Once => {
                " One snapshot cannot tell whether it grows: capture a second one to know."
            }
        });
        message
    }

    /// Who adds, and who removes, as far as the source says.
    fn statements_sentence(&self) -> String {
        let adds = &self.statements.adds;
        let Some(first) = adds.first() else {
            let is_checked = if self.statements.guarded {
                "Its size is checked: it may be bounded."
            } else {
                ""
            };
            return is_checked.to_owned();
        };
        if self.is_replaced()
            && let Some(first) = adds.iter().find(|add| add.puts_another())
        {
            return match &first.in_function {
                Some(function) => format!("`{function}` puts a longer one there ({}).", first.at()),
                None => format!("{} puts a longer one there.", sentence_case(&first.at())),
            };
        }
        let who = match (&first.in_function, adds.len()) {
            (Some(function), 1) => format!("`{function}` adds to it ({})", first.at()),
            (None, 1) => format!("{} adds to it", sentence_case(&first.at())),
            _ => format!(
                "{} {} to it",
                sentence_case(&places_of(adds, MAX_SHOWN)),
                plural(places(adds), "adds", "add")
            ),
        };
        match &self.statements.removes[..] {
            _ if !self.statements.cuts.is_empty() => {
                let cuts = &self.statements.cuts;
                let mut at = places_of(cuts, MAX_SHOWN);
                // In a file of one line it says nothing where they stand.
                if places(&[adds.as_slice(), cuts.as_slice()].concat()) == 1
                    && let Some(function) = &cuts[0].in_function
                {
                    at = format!("`{function}`");
                }
                let cut = plural(places(cuts), "cuts", "cut");
                format!("{who}, and {at} {cut} it: it may be bounded.")
            }
            _ if self.statements.guarded => {
                format!("{who}, and its size is checked: it may be bounded.")
            }
            [] => format!("{who} and nothing removes any."),
            removes => format!(
                "{who}; what {} {} is not enough.",
                places_of(removes, MAX_SHOWN),
                plural(places(removes), "removes", "remove")
            ),
        }
    }

    pub(super) fn holder_label(&self) -> String {
        match &self.statements.removes[..] {
            [] if !self.statements.adds.is_empty() && !self.statements.guarded => {
                format!("{}; nothing removes any", self.holds())
            }
            _ => self.holds(),
        }
    }

    pub(super) fn add_message(&self, holder: &str) -> String {
        let what = self.counted();
        let size = size(self.retained);
        match self.seen {
            Trend::Growing { .. } => {
                format!(
                    "Adds to `{}` ({holder}), which keeps growing: {what}, {size}.",
                    self.group.name
                )
            }
            Trend::Kept { .. } => {
                format!(
                    "Adds to `{}` ({holder}), which grew and was not emptied: {what}, {size}.",
                    self.group.name
                )
            }
            Trend::Once => {
                let holds = self.holds();
                format!("Adds to `{}` ({holder}), which {holds}, {size}.", self.group.name)
            }
        }
    }

    pub(super) fn help(&self) -> String {
        if self.done == Some(Defunct::Empty) && self.group.name.ends_with(DEPENDENT) {
            return "each `AbortSignal.any` with this signal leaves one: combine signals that live no \
                    longer than the work, or use a newer Node.js, which takes them out"
                .to_owned();
        }
        if let Some(done) = self.done {
            return done.help().to_owned();
        }
        if self.group.is_list() {
            return "let go of the oldest elements, or keep only so many".to_owned();
        }
        match self.e.heap.collection_kind(self.group.collections[0].node) {
            None | Some(CollectionKind::Map | CollectionKind::Dictionary) => {
                "bound it (an LRU with a maximum), delete entries when they are done, or use a key \
                 that repeats"
            }
            _ => "remove items when they are done, or keep only the newest",
        }
        .to_owned()
    }
}

/// `Line 12` for `line 12`; the name of a file stays as it is.
fn sentence_case(place: &str) -> String {
    match place.strip_prefix("line") {
        Some(rest) => format!("Line{rest}"),
        None => place.to_owned(),
    }
}
