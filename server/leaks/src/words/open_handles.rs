//! The words for [`crate::rules::open_handles`].

use crate::report::text::{bytes, name, text};
use crate::report::units::{number, series};
use crate::report::{Place, Text};
use crate::rules::leak::{At, Facts, Leak, Spotted, Words, spotted};
use crate::rules::open_handles::{HandlePlace, PiledUpHandles};
use crate::v8::open_handles::HandleKind;
use crate::verdict::trend::Trend;
use crate::words::last;
use crate::words::statements::done_in;

impl Facts for PiledUpHandles {
    fn spotted(&self) -> Vec<&Spotted> {
        spotted(&self.places)
    }

    fn words(&self, leak: &Leak) -> Words {
        let count = last(&leak.counts);
        let title = self.title(&leak.counts);
        let package = self.keeps.as_ref().and_then(|(_, package)| package.as_ref());
        let package = package.map(|package| text![" of ", package]);
        let keeps = self.keeps.as_ref();
        let each = keeps.map(|(class, _)| text!["; each keeps a ", name(class), package]);
        let all = text![" (", bytes(self.retained), " in all)."];
        let opened = done_in("Opened", self.opened.as_ref());
        let unheld = " Nothing of the program holds on to them: they live because they are open.";
        let once = (self.trend == Trend::Once).then_some(
            " One snapshot cannot tell whether they pile up: capture a second one to know.",
        );
        Words {
            message: text![&title, each, all, opened, unheld, once],
            title,
            help: self.help().into(),
            places: self.places.iter().map(|at| self.place(at, count)).collect(),
        }
    }
}

impl PiledUpHandles {
    fn nouns(&self) -> &'static str {
        match self.kind {
            HandleKind::Connection | HandleKind::Accepted | HandleKind::OfProcess => "connections",
            HandleKind::Worker => "workers",
            HandleKind::Watcher => "watchers",
            HandleKind::Process => "child processes",
        }
    }

    fn is_open(&self) -> &'static str {
        match self.kind {
            HandleKind::Connection
            | HandleKind::Accepted
            | HandleKind::OfProcess
            | HandleKind::Watcher => " are open",
            HandleKind::Worker | HandleKind::Process => " are running",
        }
    }

    fn title(&self, counts: &[u64]) -> Text {
        match self.trend {
            Trend::Once => text![number(last(counts)), " ", self.nouns(), self.is_open()],
            Trend::Growing { .. } | Trend::Kept { .. } => {
                text![self.nouns(), " pile up: ", series(counts), self.is_open()].capitalized()
            }
        }
    }

    fn help(&self) -> &'static str {
        match self.kind {
            HandleKind::Connection | HandleKind::Accepted | HandleKind::OfProcess => {
                "end the connection when its work is done (`end()` or `destroy()`, also when the work fails), \
                 or keep a few and use them again"
            }
            HandleKind::Worker => {
                "end the worker when it is done (`worker.terminate()`), or keep a few and use them again"
            }
            HandleKind::Watcher => "close the watcher when nobody needs it (`watcher.close()`)",
            HandleKind::Process => "end the process when its work is done (`child.kill()`)",
        }
    }

    fn place(&self, at: &At<HandlePlace>, count: u64) -> Place {
        match at.is {
            HandlePlace::Opens => {
                at.spotted.saying(text!["opens one each time: ", number(count), " now"], "")
            }
            HandlePlace::Kept(alive) => {
                let label = text![number(alive), " of these are alive"];
                let message = text![&label, ", kept by open ", self.nouns(), "."];
                at.spotted.saying(label, message)
            }
        }
    }
}
