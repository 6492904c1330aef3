//! The words for [`crate::rules::leaking_instances`]: instances and closures that pile up, and calls
//! that never finish.

use crate::blame::node_holders::{NodesOwn, NodesOwnKind};
use crate::report::text::{bytes, name, text};
use crate::report::units::{number, series};
use crate::report::{Place, Text};
use crate::rules::leak::{At, Facts, Leak, Spotted, Words, spotted};
use crate::rules::leaking_instances::facts::WeakRetention;
use crate::rules::leaking_instances::facts::{KeptBy, Pile, PilePlace, Piled};
use crate::verdict::trend::Trend;
use crate::words::statements::line_of;
use crate::words::{async_context, kept_label, last, retained};

impl Facts for Pile {
    fn again(&self) -> Option<&'static str> {
        match self.what {
            Piled::Instances | Piled::Closures => Some("With them stay"),
            Piled::Calls => None,
        }
    }

    fn spotted(&self) -> Vec<&Spotted> {
        spotted(&self.places)
    }

    fn words(&self, leak: &Leak) -> Words {
        let (title, fact) = match self.what {
            Piled::Calls => self.unfinished(&leak.counts),
            Piled::Instances => self.piled_up("instances", leak),
            Piled::Closures => self.piled_up("closures", leak),
        };
        let weakly = self.weakly.as_ref().map(kept_weakly);
        let stores = self.stores.as_ref().map(async_context::sentence);
        let first = self.places.first().map(|first| &first.spotted);
        let place = |at| self.place(at, first?, &leak.counts);
        Words {
            title,
            message: text![fact, weakly, stores],
            help: self.help().into(),
            places: self.places.iter().filter_map(place).collect(),
        }
    }
}

impl Pile {
    /// The title, and the sentences that say the same.
    fn unfinished(&self, counts: &[u64]) -> (Text, Text) {
        let calls = text!["calls of ", name(&self.name)];
        let (them, why) = if self.some_are_gone {
            let more = text!["more and more ", calls, " are waiting: ", series(counts)];
            (more, " Of those that waited before, some have finished.".into())
        } else if self.are_timed {
            let more = text![calls, " pile up: ", series(counts), " are waiting"];
            (more, " Each waits for a timer that is running.".into())
        } else {
            let them = text![calls, " never finish: ", series(counts), " are waiting"];
            let waits = match &self.kept_by {
                KeptBy::Binding(by) => {
                    text![" They wait for ", name(by), ", which does not settle."]
                }
                KeptBy::Node(_) | KeptBy::Unknown => {
                    " They wait for a promise that does not settle.".into()
                }
            };
            (them, waits)
        };
        let kept = bytes(self.retained);
        let title = text![&them, ", ", &kept, " kept"];
        (title, text![them.capitalized(), ".", why, " Together they keep ", kept, " alive."])
    }

    /// The title, and the sentences that say the same.
    fn piled_up(&self, what: &str, leak: &Leak) -> (Text, Text) {
        // What was there and stayed does not pile up any more.
        let grow = match self.trend {
            Trend::Kept { .. } => " piled up and stayed: ",
            Trend::Growing { .. } | Trend::Once => " pile up: ",
        };
        let retained = retained(self.retained, leak);
        let title =
            text![what, " of ", name(&self.name), grow, series(&leak.counts), ", ", retained];
        let kept = match &self.kept_by {
            KeptBy::Binding(by) => text![" They are kept by ", name(by), "."],
            KeptBy::Node(own) => {
                text![" Node itself keeps them: they hang on its ", name(&own.name), "."]
            }
            KeptBy::Unknown => Text::default(),
        };
        let message = text![title.clone().capitalized(), ".", kept];
        (title, message)
    }

    fn help(&self) -> &'static str {
        match (&self.weakly, self.what, &self.kept_by) {
            (Some(WeakRetention::Finalizer), ..) => {
                "register a held value that does not lead to the target: its id, or a path"
            }
            (Some(WeakRetention::Map { .. }), ..) => {
                "keep in the WeakMap what does not lead to other keys of it"
            }
            (None, Piled::Calls, _) if self.are_timed => {
                "nothing, if they end when their timers fire; what waits again and again needs an end"
            }
            (None, Piled::Calls, _) => {
                "settle the promise in every case (also on errors and time-outs), or race it against \
                 a limit"
            }
            (None, _, KeptBy::Binding(_)) => {
                "let go of them when they are done: remove them from what keeps them"
            }
            (None, _, KeptBy::Node(own)) => how_to_end(own),
            (None, _, KeptBy::Unknown) => "let go of them when they are done",
        }
    }

    /// `first` is the class or function itself.
    fn place(&self, at: &At<PilePlace>, first: &Spotted, counts: &[u64]) -> Option<Place> {
        let here = || line_of(first);
        let place = match at.is {
            PilePlace::Leaked => at.spotted.saying(self.alive(counts), ""),
            PilePlace::Holder => {
                let KeptBy::Binding(by) = &self.kept_by else { return None };
                self.holder(at, by, first, counts)
            }
            PilePlace::Stores(alive) => {
                async_context::place(&at.spotted, self.stores.as_ref()?, alive, Some(first))
            }
            PilePlace::WeakMap => {
                let keys = name(&first.name);
                let message = text!["The values in it keep its keys: ", keys, " (", here(), ")."];
                at.spotted.saying("its values lead to its keys", message)
            }
            PilePlace::AddsToWeakMap => {
                let key = name(&first.name);
                let message =
                    text!["Adds a value that keeps another key: ", key, " (", here(), ")."];
                at.spotted.saying("adds here", message)
            }
            PilePlace::OfUser => {
                let label = text!["reaches what keeps ", name(&self.name)];
                let message = text![name(&at.spotted.name), " ", &label, " (", here(), ")."];
                at.spotted.saying(label, message)
            }
            PilePlace::HandsOver => {
                let message = text!["Hands over the closures that pile up (", here(), ")."];
                at.spotted.saying("hands it over", message)
            }
        };
        Some(place)
    }

    fn alive(&self, counts: &[u64]) -> Text {
        match self.what {
            Piled::Calls => text![number(last(counts)), " calls have not finished"],
            Piled::Instances | Piled::Closures => kept_label(counts),
        }
    }

    fn holder(&self, at: &At<PilePlace>, by: &str, first: &Spotted, counts: &[u64]) -> Place {
        let (many, here) = (number(last(counts)), line_of(first));
        let them = name(&self.name);
        match self.what {
            Piled::Calls => {
                let wait = text![many, " calls of ", them, " wait for it (", here, ")."];
                let message = text![name(by), " does not settle, and ", wait];
                at.spotted.saying("does not settle", message)
            }
            Piled::Instances | Piled::Closures => {
                let message = text!["Keeps ", many, " of ", them, " alive (", here, ")."];
                at.spotted.saying("keeps them alive", message)
            }
        }
    }
}

/// What is wrong, as a sentence after others.
fn kept_weakly(weakly: &WeakRetention) -> Text {
    match weakly {
        WeakRetention::Finalizer => {
            text![
                " The registry waits for them to be collected, but what it was told to remember of \
                 each leads to it: so none ever is."
            ]
        }
        WeakRetention::Map { name: map } => {
            let map = map.as_ref().map_or_else(|| text!["a WeakMap"], name);
            text![
                " They hang on ",
                map,
                ": a WeakMap keeps a value as long as its key lives, and here the value of one key \
                 is, or leads to, the next key."
            ]
        }
    }
}

/// What ends the life of something of Node's.
fn how_to_end(own: &NodesOwn) -> &'static str {
    match own.kind {
        Some(NodesOwnKind::Port) => "close the port when it is done (`port.close()`)",
        Some(NodesOwnKind::Worker) => "end the worker when it is done (`worker.terminate()`)",
        Some(NodesOwnKind::Watcher) => "close the watcher when it is done (`watcher.close()`)",
        None => "let go of them when they are done: close what Node keeps them for",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::leak::Features;
    use crate::testing::{Ran, told};
    use crate::verdict::{Source, What};

    #[test]
    fn what_only_node_keeps_is_told_with_what_ends_it() {
        let ran = Ran::file(
            "const { MessageChannel } = require('node:worker_threads');
const ports = new MessageChannel();
ports.port1.on('message', function answer() {});
ports.port1.unref();",
        );
        let own = ran.ask(|e| NodesOwn::of(e, None, ran.closures("answer")[0]));
        let own = own.expect("the port is open");
        assert_eq!(
            (own.name.as_str(), how_to_end(&own)),
            ("MessagePort", "close the port when it is done (`port.close()`)")
        );
    }

    fn rules(trend: Trend) -> Pile {
        Pile {
            what: Piled::Instances,
            name: "Rule".to_owned(),
            trend,
            some_are_gone: false,
            are_timed: false,
            retained: 3_300,
            kept_by: KeptBy::Binding("rules".to_owned()),
            weakly: None,
            stores: None,
            places: Vec::new(),
        }
    }

    fn pile(trend: Trend, counts: &[u64]) -> Leak {
        leak(rules(trend), counts)
    }

    fn leak(facts: Pile, counts: &[u64]) -> Leak {
        let trend = facts.trend;
        let features = Features::new(What::Other, trend, Source::default());
        Leak::new(Piled::Instances.rule(), features, String::new(), counts.to_vec(), facts)
    }

    const GROWING: Trend = Trend::Growing { evenness: 1.0, slows: false };

    #[test]
    fn what_stayed_does_not_pile_up_any_more() {
        let message = |trend, counts: &[u64]| told(&pile(trend, counts)).message;
        assert_eq!(
            message(GROWING, &[0, 100, 200]),
            "Instances of `Rule` pile up: 0 → 100 → 200, 3.3 kB retained. They are kept by `rules`."
        );
        assert_eq!(
            message(Trend::Kept { gained: 100, times: 100.0 }, &[0, 100, 100]),
            "Instances of `Rule` piled up and stayed: 0 → 100 → 100, 3.3 kB retained. They are kept by \
             `rules`."
        );
    }

    #[test]
    fn only_of_calls_that_nothing_goes_on_with_it_is_said_that_they_never_finish() {
        let calls = Pile { what: Piled::Calls, ..rules(GROWING) };
        let message = |calls: Pile| told(&leak(calls, &[20, 1_520])).message;
        let timed = Pile { are_timed: true, what: Piled::Calls, ..rules(GROWING) };
        assert_eq!(
            message(timed),
            "Calls of `Rule` pile up: 20 → 1,520 are waiting. Each waits for a timer that is running. Together \
             they keep 3.3 kB alive."
        );
        assert_eq!(
            message(calls),
            "Calls of `Rule` never finish: 20 → 1,520 are waiting. They wait for `rules`, which does not settle. \
             Together they keep 3.3 kB alive."
        );
    }

    #[test]
    fn what_a_dependency_keeps_for_them_counts_with_them() {
        let mut leak = pile(GROWING, &[0, 100, 200]);
        leak.together_with = Some((5_000_000, "Subscriber".to_owned()));
        let fact =
            "nstances of `Rule` pile up: 0 → 100 → 200, 5.0 MB retained together with `Subscriber`";
        let told = told(&leak);
        assert_eq!(told.title, format!("i{fact}"));
        assert_eq!(told.message, format!("I{fact}. They are kept by `rules`."));
    }
}
