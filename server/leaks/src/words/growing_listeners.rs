//! The words for [`crate::rules::growing_listeners`].

use heapmark_source::Leaves;

use crate::report::text::{name, text};
use crate::report::units::{number, plural, series};
use crate::report::{Place, Text};
use crate::rules::growing_listeners::listener_lists::{EmitterKind, NodesOwn};
use crate::rules::growing_listeners::places::ListenerPlace;
use crate::rules::growing_listeners::{PiledUpListeners, Removal};
use crate::rules::leak::{At, Facts, Leak, Spotted, Words, spotted};
use crate::verdict::trend::Trend;
use crate::words::statements::{at, done_in, line_of};
use crate::words::{each_keeps, last};

impl Facts for PiledUpListeners {
    fn again(&self) -> Option<&'static str> {
        Some("The same happens at")
    }

    fn spotted(&self) -> Vec<&Spotted> {
        spotted(&self.places)
    }

    fn words(&self, leak: &Leak) -> Words {
        let title = self.title(&leak.counts);
        let each = each_keeps(self.keeps.as_ref(), self.retained);
        let nodes_own = self.nodes_own.map(why);
        let added = done_in("Added", self.added.as_ref());
        let combined = (self.kind == EmitterKind::CombinedSignal).then_some(
            " They listen to signals that `AbortSignal.any` made of it: such a signal lives as long \
             as somebody listens to it, or until it is aborted.",
        );
        let ask = match self.trend {
            Trend::Once => {
                " One snapshot cannot tell whether they pile up: capture a second one to know."
            }
            Trend::Growing { .. } | Trend::Kept { .. } => "",
        };
        let removed = self.removed();
        let count = last(&leak.counts);
        Words {
            message: text![&title, each, ".", nodes_own, added, removed, combined, ask],
            title,
            help: self.help(),
            places: self.places.iter().map(|at| self.place(at, count)).collect(),
        }
    }
}

impl PiledUpListeners {
    fn title(&self, counts: &[u64]) -> Text {
        let of = self.listener.as_ref().map(|listener| text![name(listener), " "]);
        let emitter = name(&self.emitter);
        let (things, on) = match (self.nodes_own, self.kind) {
            (Some(NodesOwn::PipedInto), _) => ("streams".into(), " piped into "),
            (Some(NodesOwn::PipedFrom), _) => ("streams".into(), " fed by "),
            (_, EmitterKind::List) => (text![of, "listeners"], " in "),
            _ => (text![of, "listeners", self.for_event()], " on "),
        };
        let are = if self.is_of_streams() { " are" } else { " are registered" };
        match self.trend {
            Trend::Growing { .. } | Trend::Kept { .. } if self.is_of_streams() => {
                text![things, " that are", on, emitter, " pile up: ", series(counts)]
            }
            Trend::Growing { .. } | Trend::Kept { .. } => {
                text![things, " pile up", on, emitter, ": ", series(counts)]
            }
            Trend::Once => text![number(last(counts)), " ", things, are, on, emitter],
        }
    }

    /// Whether each listener stands for a stream.
    fn is_of_streams(&self) -> bool {
        matches!(self.nodes_own, Some(NodesOwn::PipedInto | NodesOwn::PipedFrom))
    }

    fn for_event(&self) -> Option<String> {
        self.event.as_ref().map(|event| format!(" for \"{event}\""))
    }

    fn removed(&self) -> Text {
        match (&self.removal, &self.event) {
            // Node removes them itself, and what it waits for does not come.
            _ if self.nodes_own.is_some() => Text::default(),
            (Removal::Unknown, _) => Text::default(),
            (Removal::Nothing, Some(event)) => {
                format!(" Nothing removes a listener of \"{event}\".").into()
            }
            (Removal::Nothing, None) => " Nothing removes one.".into(),
            (Removal::ByItself(Leaves::WhenItFires), Some(event)) => {
                format!(" Each goes when \"{event}\" comes, and not before.").into()
            }
            (Removal::ByItself(Leaves::WhenItFires), None) => {
                " Each goes when its event comes, and not before.".into()
            }
            (Removal::ByItself(Leaves::WithItsSignal), _) => {
                " Each goes when the `signal` aborts that it was given, and not before.".into()
            }
            (Removal::TooLittle(remove), _) => {
                text![" What ", at(remove), " removes is less than what comes."]
            }
        }
    }

    fn help(&self) -> Text {
        let is_target = matches!(self.kind, EmitterKind::EventTarget | EmitterKind::CombinedSignal);
        if let Some(nodes_own) = self.nodes_own {
            return what_to_do(nodes_own).into();
        }
        if let Removal::ByItself(leaves) = self.removal {
            return match leaves {
                Leaves::WhenItFires => {
                    "take the listener away when its work is done without the event, or register one \
                     outside the function"
                }
                Leaves::WithItsSignal => {
                    "abort that signal when the work is done, or register one listener outside the function"
                }
            }
            .into();
        }
        let (remove, once) = match &self.event {
            None => {
                return "unsubscribe when the work is done, or subscribe once outside the function"
                    .into();
            }
            Some(event) if is_target => {
                (format!("removeEventListener(\"{event}\", …)"), "`{ once: true }` or `{ signal }`")
            }
            Some(event) => (format!("off(\"{event}\", …)"), "`once`"),
        };
        text![
            "remove the listener when its work is done (",
            name(remove),
            "), use ",
            once,
            ", or register one listener outside the function"
        ]
    }

    /// Where they are added, in parentheses behind something else.
    fn added_at(&self) -> Option<Text> {
        let added = self.places.first().filter(|at| matches!(at.is, ListenerPlace::Adds))?;
        Some(text![" (added at ", line_of(&added.spotted), ")"])
    }

    fn place(&self, at: &At<ListenerPlace>, count: u64) -> Place {
        let emitter = name(&self.emitter);
        let here = self.added_at();
        match at.is {
            ListenerPlace::Adds if self.is_of_streams() => {
                at.spotted.saying(text!["pipes one more each time: ", number(count), " now"], "")
            }
            ListenerPlace::Adds => {
                at.spotted.saying(text!["adds a listener each time: ", number(count), " now"], "")
            }
            ListenerPlace::Emitter if self.is_of_streams() => {
                let label = text!["holds on to ", number(count), " streams"];
                let message = text![emitter, " ", &label, here, "."];
                at.spotted.saying(label, message)
            }
            ListenerPlace::Emitter => {
                let label = text!["has ", number(count), " listeners", self.for_event()];
                let nothing = matches!(self.removal, Removal::Nothing);
                let nothing = nothing.then_some("; nothing removes them");
                let message = text![emitter, " ", &label, here, nothing, "."];
                at.spotted.saying(label, message)
            }
            ListenerPlace::Listener(alive) => {
                let label = text![number(alive), " of these listeners are alive"];
                let message = text![&label, ", kept by ", emitter, here, "."];
                at.spotted.saying(label, message)
            }
            ListenerPlace::List => {
                let label = text!["holds ", number(count), " listeners"];
                let list = name(&at.spotted.name);
                let message = text![list, " ", &label, " of ", emitter, here, "."];
                at.spotted.saying(label, message)
            }
            ListenerPlace::CalledInTheEnd => {
                let message = text!["Is called by a listener that nobody removes", here, "."];
                at.spotted.saying("is called in the end", message)
            }
            ListenerPlace::HandsOver => {
                let message = text!["Hands over a function that a listener calls", here, "."];
                at.spotted.saying("hands it over", message)
            }
            ListenerPlace::User => {
                let listeners = plural(count, "listener", "listeners");
                let label = text!["reaches an emitter with ", number(count), " ", listeners];
                let user = name(&at.spotted.name);
                let message = text![user, " ", &label, self.for_event(), here, "."];
                at.spotted.saying(label, message)
            }
        }
    }
}

/// Why listeners of Node's are there.
fn why(registered_by: NodesOwn) -> &'static str {
    match registered_by {
        NodesOwn::Interface => " They are those of `readline` interfaces that were not closed.",
        NodesOwn::Once => {
            " They are those of `events.once()`, which takes them back when the event comes: who no \
             longer waits for it leaves them there."
        }
        NodesOwn::On => {
            " They are those of iterators of `events.on()`, which were neither ended nor aborted."
        }
        NodesOwn::Finished => {
            " They are those of `finished()` and `pipeline()`, which wait for the end of a stream that goes on."
        }
        NodesOwn::Signal => {
            " They are those of calls of Node's that were given this signal and have not ended."
        }
        NodesOwn::PipedInto => " A stream that is piped stays until it ends or is unpiped.",
        NodesOwn::PipedFrom => " What a stream is piped into stays until that stream ends.",
    }
}

/// What to do about them, a sentence without its full stop.
fn what_to_do(registered_by: NodesOwn) -> &'static str {
    match registered_by {
        NodesOwn::Interface => {
            "close each interface when it is done (`rl.close()`), or make one and go on asking it"
        }
        NodesOwn::Once => {
            "pass `{ signal }` to `once()` and abort it when the race is over, or wait for the event \
             once and share the promise"
        }
        NodesOwn::On => {
            "pass `{ signal }` to `on()` and abort it when the work is done, or leave the loop"
        }
        NodesOwn::Finished => {
            "call what `finished()` returns when nobody waits any longer, or pass `{ signal }` and abort it"
        }
        NodesOwn::Signal => {
            "end each call, or give it a signal of its own that is aborted when its work is done"
        }
        NodesOwn::PipedInto => {
            "end each stream when its work is done (`stream.end()`), or take it off (`stream.unpipe()`)"
        }
        NodesOwn::PipedFrom => {
            "take off each stream whose work is done (`source.unpipe(stream)`), or destroy it"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(kind: EmitterKind, event: Option<&str>, title: &str, help: &str) {
        let listeners = PiledUpListeners {
            trend: Trend::Once,
            listener: Some("update".to_owned()),
            event: event.map(str::to_owned),
            emitter: "bus".to_owned(),
            kind,
            nodes_own: None,
            keeps: None,
            retained: 0,
            added: None,
            removal: Removal::Unknown,
            places: Vec::new(),
        };
        assert_eq!(listeners.title(&[1_200]).to_string(), title);
        let told = listeners.help().to_string();
        assert!(told.contains(help), "{told}");
    }

    #[test]
    fn an_emitter_has_methods_of_its_own() {
        let event = Some("tick");
        let on_bus = "1,200 `update` listeners for \"tick\" are registered on `bus`";
        check(EmitterKind::EventEmitter, event, on_bus, "(`off(\"tick\", …)`), use `once`, or");
        let remove =
            "(`removeEventListener(\"tick\", …)`), use `{ once: true }` or `{ signal }`, or";
        check(EmitterKind::EventTarget, event, on_bus, remove);
        check(EmitterKind::CombinedSignal, event, on_bus, remove);
        let on_bus = "1,200 `update` listeners are registered on `bus`";
        check(EmitterKind::Observable, None, on_bus, "unsubscribe when");
        check(EmitterKind::List, None, &on_bus.replace(" on ", " in "), "unsubscribe when");
    }
}
