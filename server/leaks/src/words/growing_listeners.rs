//! The words for [`crate::rules::growing_listeners`].

use crate::report::text::{name, text};
use crate::report::units::{number, plural, series};
use crate::report::{Place, Text};
use crate::rules::growing_listeners::listener_lists::EmitterKind;
use crate::rules::growing_listeners::{ListenerPlace, PiledUpListeners, Removal};
use crate::rules::leak::{At, Facts, Leak, Spotted, Words, spotted};
use crate::verdict::trend::Trend;
use crate::words::statements::{at, done_in, line_of};
use crate::words::{each_keeps, last};

impl Facts for PiledUpListeners {
    fn again(&self) -> &'static str {
        "The same happens at"
    }

    fn spotted(&self) -> Vec<&Spotted> {
        spotted(&self.places)
    }

    fn words(&self, leak: &Leak) -> Words {
        let title = self.title(&leak.counts);
        let each = each_keeps(self.keeps.as_ref(), self.retained);
        let interfaces = self
            .are_of_interfaces
            .then_some(" They are those of `readline` interfaces that were not closed.");
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
            message: text![&title, each, ".", interfaces, added, removed, combined, ask],
            title,
            help: self.help(),
            places: self.places.iter().map(|at| self.place(at, count)).collect(),
        }
    }
}

impl PiledUpListeners {
    fn title(&self, counts: &[u64]) -> Text {
        let of = self.listener.as_ref().map(|listener| text![name(listener), " "]);
        let listeners = text![of, "listeners", self.for_event()];
        let at_list = if self.kind == EmitterKind::List { " in " } else { " on " };
        let emitter = text![at_list, name(&self.emitter)];
        match self.trend {
            Trend::Growing { .. } | Trend::Kept { .. } => {
                text![listeners, " pile up", emitter, ": ", series(counts)]
            }
            Trend::Once => {
                text![number(last(counts)), " ", listeners, " are registered", emitter]
            }
        }
    }

    fn for_event(&self) -> Option<String> {
        self.event.as_ref().map(|event| format!(" for \"{event}\""))
    }

    fn removed(&self) -> Text {
        match (&self.removal, &self.event) {
            (Removal::Unknown, _) => Text::default(),
            (Removal::Nothing, Some(event)) => {
                format!(" Nothing removes a listener of \"{event}\".").into()
            }
            (Removal::Nothing, None) => " Nothing removes one.".into(),
            (Removal::TooLittle(remove), _) => {
                text![" What ", at(remove), " removes is not enough."]
            }
        }
    }

    fn help(&self) -> Text {
        let is_target = matches!(self.kind, EmitterKind::EventTarget | EmitterKind::CombinedSignal);
        let (remove, once) = match &self.event {
            _ if self.are_of_interfaces => {
                return "close each interface when it is done (`rl.close()`), or make one and go on \
                        asking it"
                    .into();
            }
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
            ListenerPlace::Adds => {
                at.spotted.saying(text!["adds a listener each time: ", number(count), " now"], "")
            }
            ListenerPlace::Emitter => {
                let label = text!["has ", number(count), " listeners", self.for_event()];
                let message = text![emitter, " ", &label, here, "; nothing removes them."];
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
            are_of_interfaces: false,
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
