//! The words for [`crate::rules::pending_promises`].

use crate::report::text::{name, text};
use crate::report::units::{number, series};
use crate::report::{Place, Text};
use crate::rules::leak::{At, Facts, Leak, Spotted, Words, spotted};
use crate::rules::pending_promises::{PiledUpReactions, ReactionPlace};
use crate::verdict::trend::Trend;
use crate::words::statements::{done_in, line_of};
use crate::words::{async_context, each_keeps, last};

impl Facts for PiledUpReactions {
    fn spotted(&self) -> Vec<&Spotted> {
        spotted(&self.places)
    }

    fn words(&self, leak: &Leak) -> Words {
        let title = self.title(&leak.counts);
        let each = each_keeps(self.keeps.as_ref(), self.retained);
        let added = done_in("Added", self.added.as_ref());
        let reason = if self.are_of_combined {
            " The promise does not settle, and each `Promise.race` (or `all`, or `any`) with it leaves \
             a reaction there, which keeps the result of the race."
        } else {
            " The promise does not settle, and what `then` was given cannot be taken back."
        };
        let stores = self.stores.as_ref().map(async_context::sentence);
        let count = last(&leak.counts);
        Words {
            message: text![&title, each, ".", added, reason, stores],
            title,
            help: "settle the promise, or wait for it only once and let the others register where \
                   they can be taken out again"
                .into(),
            places: self.places.iter().filter_map(|at| self.place(at, count)).collect(),
        }
    }
}

impl PiledUpReactions {
    fn title(&self, counts: &[u64]) -> Text {
        let promise = self.promise();
        if self.trend == Trend::Once {
            return text![number(last(counts)), " reactions wait for ", promise, " to settle"];
        }
        let of = self.handler.as_ref().map(|handler| text![name(handler), " "]);
        text![of, "reactions to ", promise, " pile up: ", series(counts), " are waiting"]
    }

    fn promise(&self) -> Text {
        self.promise.as_ref().map_or_else(|| text!["a promise"], |promise| text![name(promise)])
    }

    /// Where they are added, in parentheses behind something else.
    fn added_at(&self) -> Option<Text> {
        let added = self.places.first().filter(|at| matches!(at.is, ReactionPlace::Adds))?;
        Some(text![" (added at ", line_of(&added.spotted), ")"])
    }

    fn place(&self, at: &At<ReactionPlace>, count: u64) -> Option<Place> {
        let (count, promise, here) = (number(count), self.promise(), self.added_at());
        let place = match at.is {
            ReactionPlace::Adds => {
                at.spotted.saying(text!["adds one each time: ", count, " are waiting"], "")
            }
            ReactionPlace::Promise => {
                let label = text!["does not settle; ", count, " reactions wait for it"];
                let message = text![promise, " ", &label, here, "."];
                at.spotted.saying(label, message)
            }
            ReactionPlace::Combines => {
                let message = text!["May leave a reaction at ", promise, " each time", here, "."];
                at.spotted.saying("may add one each time", message)
            }
            ReactionPlace::Handler(waiting) => {
                let label = text![number(waiting), " of these wait"];
                let message = text![&label, " for ", promise, " to settle", here, "."];
                at.spotted.saying(label, message)
            }
            ReactionPlace::User => {
                let label = text!["reaches a promise with ", count, " reactions"];
                let message = text![name(&at.spotted.name), " ", &label, here, "."];
                at.spotted.saying(label, message)
            }
            ReactionPlace::Stores(alive) => {
                let first = self.places.first().map(|first| &first.spotted);
                let here = first.filter(|first| **first != at.spotted);
                async_context::place(&at.spotted, self.stores.as_ref()?, alive, here)
            }
        };
        Some(place)
    }
}
