//! The words for what Node itself remembers of each call
//! ([`crate::rules::growing_collection::node_registries`]).

use crate::locate::statements::MAX_SHOWN;
use crate::report::text::{bytes, name, text};
use crate::report::units::{number, series};
use crate::rules::growing_collection::node_registries::{Call, Kind, RegistryFacts};
use crate::rules::leak::{Facts, Leak, Spotted, Words, spotted};
use crate::verdict::trend::Trend;
use crate::words::statements::places_of;
use crate::words::{last, only_filled, retained};

impl Facts for RegistryFacts {
    fn spotted(&self) -> Vec<&Spotted> {
        spotted(&self.places)
    }

    fn words(&self, leak: &Leak) -> Words {
        let Kind { noun, call, adds, removes, .. } = *self.kind;
        let count = number(last(&leak.counts));
        let title = match self.trend {
            Trend::Growing { .. } | Trend::Kept { .. } => {
                let (counts, retained) = (series(&leak.counts), retained(self.retained, leak));
                text![noun, " of ", name(adds), " pile up: ", counts, ", ", retained].capitalized()
            }
            Trend::Once => {
                let size = bytes(self.retained);
                text!["Node.js holds ", &count, " ", noun, " of ", name(adds), " (", size, ")"]
            }
        };
        let forgets = if self.is_never_told_to_forget {
            text!["nothing calls ", name(removes)]
        } else {
            text![name(removes), " is not called for each"]
        };
        let after = match self.trend {
            Trend::Growing { .. } => "",
            Trend::Kept { .. } => only_filled(leak),
            Trend::Once => {
                " One snapshot cannot tell whether they pile up: capture a second one to know."
            }
        };
        let remembers = ". Node.js remembers each until it is told to forget it; ";
        let called = text![name(adds), " is called in ", places_of(&self.adds, MAX_SHOWN)];
        let place = |at: &Spotted| {
            let label = text!["Node.js remembers each: ", &count, " ", noun];
            let message =
                text!["Node.js remembers each ", name(adds), ": ", &count, " ", noun, "."];
            at.saying(label, message)
        };
        Words {
            message: text![&title, remembers, called, ", and ", forgets, ".", after],
            title,
            help: help(call).into(),
            places: self.places.iter().map(|at| place(&at.spotted)).collect(),
        }
    }
}

fn help(call: Call) -> &'static str {
    match call {
        Call::Mark => "clear marks that were read: `performance.clearMarks(name)`",
        Call::Measure => "clear measures that were read: `performance.clearMeasures(name)`",
        Call::Time => "end each label, also when the work fails: `console.timeEnd(label)`",
        Call::Count => "use labels that repeat, or reset them: `console.countReset(label)`",
    }
}
