//! The words for [`crate::rules::async_local_storage`].

use crate::report::text::{name, text};
use crate::report::units::{number, series};
use crate::report::{Place, Text};
use crate::rules::async_local_storage::{PiledUpStorages, StoragePlace};
use crate::rules::leak::{At, Facts, Leak, Spotted, Words, spotted};
use crate::verdict::trend::Trend;
use crate::words::statements::done_in;
use crate::words::{in_all, last};

impl Facts for PiledUpStorages {
    fn spotted(&self) -> Vec<&Spotted> {
        spotted(&self.places)
    }

    fn words(&self, leak: &Leak) -> Words {
        let title = self.title(&leak.counts);
        let all = text![" ", in_all(self.retained), "."];
        let made = done_in("Made", self.made.as_ref());
        let kept = " Node keeps each one that was used until it is disabled, and asks all of them \
                    whenever a promise or timer is made.";
        let count = last(&leak.counts);
        Words {
            message: text![title.clone().capitalized(), all, made, kept],
            title,
            help:
                "make one AsyncLocalStorage outside the function and `run` every request in it, or \
                   call `disable()` when one is done with"
                    .into(),
            places: self.places.iter().map(|at| place(at, count)).collect(),
        }
    }
}

impl PiledUpStorages {
    fn title(&self, counts: &[u64]) -> Text {
        let instances = text!["instances of ", name("AsyncLocalStorage")];
        match self.trend {
            Trend::Once => text![number(last(counts)), " ", instances, " are in use"],
            Trend::Growing { .. } | Trend::Kept { .. } => {
                text![instances, " pile up: ", series(counts)]
            }
        }
    }
}

fn place(at: &At<StoragePlace>, count: u64) -> Place {
    let StoragePlace::Makes = at.is;
    let count = number(count);
    let message = text!["Makes an AsyncLocalStorage each time; ", &count, " are in use."];
    at.spotted.saying(text!["makes one each time: ", count, " are in use"], message)
}
