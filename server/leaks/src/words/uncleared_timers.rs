//! The words for [`crate::rules::uncleared_timers`].

use crate::locate::statements::Statement;
use crate::report::text::{name, text};
use crate::report::units::{number, series};
use crate::report::{Place, Text};
use crate::rules::leak::{At, Facts, Leak, Spotted, Words, spotted};
use crate::rules::uncleared_timers::{PiledUpTimers, TimerPlace};
use crate::verdict::trend::Trend;
use crate::words::statements::{at, done_in, line_of};
use crate::words::{async_context, in_all, last};

impl Facts for PiledUpTimers {
    fn spotted(&self) -> Vec<&Spotted> {
        spotted(&self.places)
    }

    fn words(&self, leak: &Leak) -> Words {
        let title = self.title(&leak.counts);
        let each = self.keeps.as_ref().map(|class| text!["; each keeps a ", name(class), " alive"]);
        let all = text![" ", in_all(self.retained), "."];
        let started = done_in("Started", self.started.as_ref());
        let reason = match (self.trend, self.are_intervals) {
            (Trend::Once, _) => {
                " One snapshot cannot tell whether they pile up: capture a second one to know."
                    .into()
            }
            (_, true) => self.clearing(),
            (_, false) => match &self.takes_out {
                Some(takes_out) => text![
                    " They are started faster than they fire. Each takes out an entry when it does (",
                    at(takes_out),
                    ")."
                ],
                None => " They are started faster than they fire.".into(),
            },
        };
        let stores = self.stores.as_ref().map(async_context::sentence);
        let help = if self.are_intervals {
            "keep what `setInterval` returns and pass it to `clearInterval` when the work is done"
        } else if self.takes_out.is_some() {
            "leave them: without them nothing would take out the entries. If too many wait, give entries \
             less time, or keep only so many"
        } else {
            "clear a timeout that is no longer needed with `clearTimeout`"
        };
        Words {
            message: text![&title, each, all, started, reason, stores],
            title,
            help: help.into(),
            places: self
                .places
                .iter()
                .filter_map(|at| self.place(at, last(&leak.counts)))
                .collect(),
        }
    }
}

impl PiledUpTimers {
    /// Whether anything clears them, as far as that was looked for.
    fn clearing(&self) -> Text {
        let at = |cleared: &Statement| match &cleared.in_function {
            Some(function) => text![name(function), " (", at(cleared), ")"],
            None => at(cleared),
        };
        match (&self.cleared, &self.started) {
            (Some(cleared), _) => text![
                " ",
                at(cleared).capitalized(),
                " clears them: those of what is still in use are running."
            ],
            (None, Some(_)) => " Nothing clears them.".into(),
            (None, None) => Text::default(),
        }
    }

    fn noun(&self) -> &'static str {
        if self.are_intervals { "intervals" } else { "timeouts" }
    }

    /// ` that are never cleared`, where that was looked for and is so.
    fn never(&self) -> &'static str {
        let is_so = self.cleared.is_none() && self.started.is_some();
        if is_so { " that are never cleared" } else { "" }
    }

    fn title(&self, counts: &[u64]) -> Text {
        let called = self.callback.as_ref().map(|callback| text![" that call ", name(callback)]);
        let them = text![self.noun(), called];
        match self.trend {
            Trend::Growing { .. } | Trend::Kept { .. } => {
                text![them, " pile up: ", series(counts), " are running"].capitalized()
            }
            Trend::Once => text![number(last(counts)), " ", them, " are running"],
        }
    }

    fn place(&self, at: &At<TimerPlace>, count: u64) -> Option<Place> {
        let (count, noun) = (number(count), self.noun());
        let first = self.places.first().map(|first| &first.spotted);
        let place = match at.is {
            TimerPlace::Starts => {
                at.spotted.saying(text!["starts one each time: ", count, " are running"], "")
            }
            TimerPlace::Callback => {
                let started = first.filter(|first| **first != at.spotted);
                let here = started.map(|first| text![", started at ", line_of(first)]);
                let message = text!["Called by ", &count, " ", noun, self.never(), here, "."];
                at.spotted.saying(text!["called by ", count, " ", noun], message)
            }
            TimerPlace::OfUser => {
                let label = text!["kept by ", count, " ", noun];
                let message = text![name(&at.spotted.name), " is ", &label, self.never(), "."];
                at.spotted.saying(label, message)
            }
            TimerPlace::Stores(alive) => {
                let here = first.filter(|first| **first != at.spotted);
                async_context::place(&at.spotted, self.stores.as_ref()?, alive, here)
            }
        };
        Some(place)
    }
}
