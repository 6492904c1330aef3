//! The words for [`crate::rules::growing_collection`]: collections and linked lists that grow, also those
//! that are full of what is done with, and streams that nobody reads.

mod bounds;

use heapmark_heap::CollectionKind;

use crate::locate::statements::{MAX_SHOWN, Statement};
use crate::report::text::{bytes, name, text};
use crate::report::units::{number, plural, series, share};
use crate::report::{Place, Text};
use crate::rules::growing_collection::facts::{CollectionFacts, CollectionPlace, Counted, Shape};
use crate::rules::leak::{At, Facts, Leak, Spotted, Words, spotted};
use crate::rules::retained_after_close::Defunct;
use crate::verdict::trend::Trend;
use crate::words::statements::{at, line_of, lines, places_of, sentence_case};
use crate::words::{
    defunct, kept_label, last, only_filled, packaged_cache, retained, unread_stream,
};

impl Facts for CollectionFacts {
    fn spotted(&self) -> Vec<&Spotted> {
        spotted(&self.places)
    }

    fn limit_not_reached(&self) -> Option<u64> {
        let ((_, limit), entries) = self.statements.limit().zip(self.statements.entries)?;
        (entries < limit.value).then_some(limit.value)
    }

    fn words(&self, leak: &Leak) -> Words {
        let places = self.places.iter().map(|at| self.place(at, &leak.counts)).collect();
        if let Some(unread) = &self.unread {
            let (title, message) =
                unread_stream::said(unread, self.retained, leak, self.fullness());
            return Words { title, message, help: unread_stream::help(unread).into(), places };
        }
        let title = self.title(leak);
        Words { message: self.message(leak, &title), title, help: self.help(), places }
    }
}

impl CollectionFacts {
    fn title(&self, leak: &Leak) -> Text {
        let (it, counts) = (name(&self.name), &leak.counts);
        // `in 52 instances`, if it is more than one collection.
        let instances = (self.instances != 1)
            .then(|| text![" in ", number(self.instances as u64), " instances"]);
        let grew = self.counted_as(&series(counts), last(counts));
        match self.trend {
            Trend::Growing { .. } => {
                let retained = retained(self.retained, leak);
                text![
                    it,
                    " keeps growing",
                    instances,
                    ": ",
                    grew,
                    ", ",
                    retained,
                    self.with_twins()
                ]
            }
            Trend::Kept { .. } => {
                let retained = retained(self.retained, leak);
                let (how, twins) = (" and was not emptied: ", self.with_twins());
                text![it, " grew", instances, how, grew, ", ", retained, twins]
            }
            Trend::Once => {
                let share = share(self.retained, self.heap_size);
                let share = share.map(|share| text![", ", share, " of the heap"]);
                let (holds, with) = (self.holds(last(counts)), self.with_twins());
                text![it, " ", holds, " (", bytes(self.retained), share, with, ")"]
            }
        }
    }

    fn message(&self, leak: &Leak, title: &Text) -> Text {
        let mut message = text![title, "."];
        let statements = self.statements_sentence(leak);
        if !statements.is_empty() {
            message.push(text![" ", statements]);
        }
        message.push(self.defunct.map(defunct::sentence));
        message.push(match self.trend {
            Trend::Growing { .. } if self.is_of_known_keys => {
                " All of its keys were in memory before: it may be a table of them that is being filled."
            }
            Trend::Growing { slows: true, .. } => {
                " It grows less and less: it may be filling up. Another snapshot will tell."
            }
            Trend::Growing { .. } => "",
            Trend::Kept { .. } => only_filled(leak),
            Trend::Once => {
                " One snapshot cannot tell whether it grows: capture a second one to know."
            }
        });
        if let Some(value) = &self.weak_value {
            match value.key.as_ref().filter(|_| self.instances == 1) {
                Some(key) => message.push(text![" It hangs on the key ", name(key), ": a"]),
                None => message.push(" A"),
            }
            message.push(" WeakMap keeps a value as long as its key lives.");
        }
        message
    }

    /// Who adds, and who removes, as far as the source says.
    fn statements_sentence(&self, leak: &Leak) -> Text {
        let adds = &self.statements.adds;
        let Some(first) = adds.first() else {
            let not_full = self.fullness();
            return match self.statements.is_guarded() {
                true if !not_full.is_empty() => not_full,
                true => "Its size is checked: it may be bounded.".into(),
                false if self.statements.cache.is_some() && !self.statements.expires.is_empty() => {
                    self.expiry("Each").capitalized()
                }
                false => self.unbounded().map(packaged_cache::sentence).unwrap_or_default(),
            };
        };
        if self.is_replaced
            && let Some(first) = adds.iter().find(|add| add.puts_another())
        {
            let at = at(first);
            return match &first.in_function {
                Some(function) => text![name(function), " puts a longer one there (", at, ")."],
                None => text![sentence_case(first), " puts a longer one there."],
            };
        }
        text![Self::who_adds(first, adds), self.what_bounds(adds, leak)]
    }

    fn who_adds(first: &Statement, adds: &[Statement]) -> Text {
        match (&first.in_function, adds.len()) {
            (Some(function), 1) => {
                text![name(function), " adds to it (", at(first), ")"]
            }
            (None, 1) => text![sentence_case(first), " adds to it"],
            _ => {
                let verb = plural(lines(adds), " adds", " add");
                let lines = places_of(adds, MAX_SHOWN);
                // The name of a file stays as it is, also at the beginning of a sentence.
                let is_word = adds.iter().any(|add| !add.is_elsewhere);
                text![if is_word { lines.capitalized() } else { lines }, verb, " to it"]
            }
        }
    }

    fn help(&self) -> Text {
        let cache = self.statements.cache.as_ref().filter(|_| self.defunct.is_none());
        let help = match (self.unbounded(), cache) {
            (Some(unbounded), Some(_)) => Some(packaged_cache::help(unbounded)),
            (None, Some(bound)) => packaged_cache::help_if_bounded(bound),
            _ => None,
        };
        help.unwrap_or_else(|| self.usual_help().into())
    }

    fn usual_help(&self) -> &'static str {
        match (self.defunct, self.shape) {
            (Some(Defunct::Empty), _) if self.are_combined_signals => {
                "each `AbortSignal.any` with this signal leaves one: combine signals that live no \
                 longer than the work, or use a newer Node.js, which takes them out"
            }
            (Some(done), _) => defunct::help(done),
            (None, Shape::List) => "let go of the oldest elements, or keep only so many",
            (
                None,
                Shape::Object | Shape::Collection(CollectionKind::Map | CollectionKind::Dictionary),
            ) => {
                "bound it (an LRU with a maximum), delete entries when they are done, or use a key \
                 that repeats"
            }
            (None, Shape::Collection(_)) => {
                "remove items when they are done, or keep only the newest"
            }
        }
    }

    /// What is said at a place.
    fn place(&self, at: &At<CollectionPlace>, counts: &[u64]) -> Place {
        let count = last(counts);
        let first = self.places.first().map(|first| &first.spotted);
        let here = first.filter(|first| **first != at.spotted).map(line_of);
        let by = here.as_ref().map(|here| text![" (", here, ")"]);
        let it = name(&self.name);
        match &at.is {
            CollectionPlace::Holder => {
                let elsewhere = by.map(|by| text![it, by, " holds it here."]);
                at.spotted.saying(self.holder_label(count), elsewhere.unwrap_or_default())
            }
            CollectionPlace::Adds => {
                let is_only = self.statements.adds.len() == 1 && self.trend != Trend::Once;
                let label = if is_only { "adds one each time" } else { "adds here" };
                at.spotted.saying(label, self.add_message(count, here))
            }
            CollectionPlace::PutsLonger => {
                at.spotted.saying("puts a longer one there", self.add_message(count, here))
            }
            CollectionPlace::PutsValue => {
                at.spotted.saying("adds here", self.add_message(count, here))
            }
            CollectionPlace::Kept { name: class, alive } => {
                let (alive, what) = (kept_label(alive), text![number(last(alive)), " "]);
                let class = name(class);
                at.spotted.saying(alive, text![what, class, " are kept by ", it, by, "."])
            }
            CollectionPlace::HandsOver => {
                let message =
                    text!["Hands over what is kept by ", it, ", which ", self.does(count), "."];
                at.spotted.saying("hands it over", message)
            }
            CollectionPlace::User => {
                let label = text!["reaches ", it];
                let Some(by) = by else {
                    let holds = self.holds(count);
                    return at.spotted.saying(text![label, ", which ", holds], "");
                };
                let does = self.does(count);
                let message = text![name(&at.spotted.name), " ", &label, by, ", which ", does, "."];
                at.spotted.saying(label, message)
            }
            CollectionPlace::Writes => {
                let stream = self.unread.as_ref().map(|unread| name(&unread.name));
                let waits = unread_stream::pieces(count);
                let message = text!["Writes to ", stream, by, ", in which ", waits, " wait."];
                at.spotted.saying("writes here", message)
            }
        }
    }

    fn holder_label(&self, count: u64) -> Text {
        if self.unread.is_some() {
            return text![unread_stream::pieces(count), " wait in it"];
        }
        let statements = &self.statements;
        let is_full = statements.removes.is_empty()
            && !statements.adds.is_empty()
            && statements.unread.is_none()
            && statements.source().bound.is_none();
        let nothing = match self.unbounded() {
            Some(_) if statements.removes.is_empty() => Some("; nothing bounds it"),
            _ if statements.handed_to.is_some() => is_full.then_some("; nothing here removes any"),
            _ => is_full.then_some("; nothing removes any"),
        };
        let value = self.weak_value.as_ref().filter(|_| self.instances == 1);
        let key = value.and_then(|value| value.key.as_ref());
        let key = key.map(|key| text![" for the key ", name(key)]);
        text![self.holds(count), nothing, key]
    }

    /// What is said where something adds; `holder` is where the holder is declared.
    fn add_message(&self, count: u64, holder: Option<Text>) -> Text {
        let size = bytes(self.retained);
        let does = match self.trend {
            Trend::Growing { .. } => text!["keeps growing: ", self.counted(count)],
            Trend::Kept { .. } => text!["grew and was not emptied: ", self.counted(count)],
            Trend::Once => self.holds(count),
        };
        text!["Adds to ", name(&self.name), " (", holder, "), which ", does, ", ", size, "."]
    }

    /// What it does, in few words.
    fn does(&self, count: u64) -> Text {
        match self.trend {
            Trend::Growing { .. } => text!["keeps growing: ", self.counted(count)],
            Trend::Kept { .. } => text!["grew and was not emptied: ", self.counted(count)],
            Trend::Once => self.holds(count),
        }
    }

    /// ` together with …`, if another one keeps the same things: alone neither retains them.
    fn with_twins(&self) -> Text {
        match &self.twins[..] {
            [] => Text::default(),
            [twin] => text![" together with ", name(twin)],
            [twin, rest @ ..] => {
                text![" together with ", name(twin), " and ", rest.len().to_string(), " more"]
            }
        }
    }

    fn holds(&self, count: u64) -> Text {
        text![if self.counted == Counted::Room { "has " } else { "holds " }, self.counted(count)]
    }

    /// How many there are; of a collection of numbers nobody knows more than how many it can hold.
    fn counted(&self, count: u64) -> Text {
        self.counted_as(&number(count), count)
    }

    /// The same with other numbers: `600 → 1,200 items`.
    fn counted_as(&self, numbers: &str, count: u64) -> Text {
        if self.counted == Counted::Room {
            let is_map = self.shape == Shape::Collection(CollectionKind::Map);
            return text!["room for ", numbers, if is_map { " entries" } else { " numbers" }];
        }
        text![numbers, " ", self.noun(count)]
    }

    /// The word for what is in it.
    fn noun(&self, count: u64) -> &'static str {
        match self.shape {
            Shape::List => plural(count, "element", "elements"),
            Shape::Object => plural(count, "property", "properties"),
            Shape::Collection(kind) => match kind {
                CollectionKind::Array => plural(count, "item", "items"),
                CollectionKind::Set | CollectionKind::WeakSet => plural(count, "value", "values"),
                CollectionKind::Dictionary => plural(count, "key", "keys"),
                CollectionKind::Map | CollectionKind::WeakMap => plural(count, "entry", "entries"),
            },
        }
    }
}
