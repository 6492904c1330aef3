//! The words for [`crate::rules::unused_capture`].

use crate::report::text::{bytes, name, text};
use crate::report::units::{number, plural, series};
use crate::report::{Place, Text};
use crate::rules::leak::{At, Facts, Leak, Spotted, Words, spotted};
use crate::rules::unused_capture::{CapturePlace, UnusedCapture};
use crate::verdict::trend::Trend;
use crate::words::last;
use crate::words::statements::line_of;

impl Facts for UnusedCapture {
    fn spotted(&self) -> Vec<&Spotted> {
        spotted(&self.places)
    }

    fn words(&self, leak: &Leak) -> Words {
        let (who, use_it) = self.keepers();
        let variable = name(&self.variable);
        let title = text![
            &variable,
            " (",
            bytes(self.kept),
            ") is kept alive by ",
            who,
            ", which never ",
            use_it,
            " it",
        ];
        let closures = match self.trend {
            Some(Trend::Growing { .. } | Trend::Kept { .. }) => series(&leak.counts),
            Some(Trend::Once) | None => number(last(&leak.counts)),
        };
        let closures = text![closures, " ", plural(last(&leak.counts), "closure", "closures")];
        let scope = text!["the scope of ", name(&self.scope)];
        let function = text![self.functions.first().map(name)];
        let message = text![
            &title,
            ": both live in ",
            &scope,
            " (",
            closures,
            "). Moving ",
            &function,
            " out, or letting go of ",
            &variable,
            " when it is no longer needed, frees it.",
        ];
        let help = text![
            "make ",
            function,
            " outside ",
            scope,
            ", or set ",
            variable,
            " to null after its last use",
        ];
        let first = self.places.first().map(|first| &first.spotted);
        let places = self.places.iter().filter_map(|at| Some(self.place(at, first?)));
        Words { title, message, help, places: places.collect() }
    }
}

impl UnusedCapture {
    /// The functions that keep the variable, and the verb that goes with so many.
    fn keepers(&self) -> (Text, &'static str) {
        match &self.functions[..] {
            [] => (Text::default(), "use"),
            [one] => (name(one), "uses"),
            [one, two] => (text![name(one), " and ", name(two)], "use"),
            [one, two, rest @ ..] => {
                let more = rest.len().to_string();
                (text![name(one), ", ", name(two), " and ", more, " more"], "use")
            }
        }
    }

    fn place(&self, at: &At<CapturePlace>, variable: &Spotted) -> Place {
        let kept = bytes(self.kept);
        match at.is {
            CapturePlace::Variable => {
                at.spotted.saying(text![kept, " kept, used by nobody any more"], "")
            }
            CapturePlace::Keeper(alive) => {
                let label = match alive {
                    1 => text!["this one is alive and keeps it"],
                    alive => text![number(alive), " of these are alive and keep it"],
                };
                let it = text![name(&self.variable), " (", line_of(variable), ")"];
                let message = text!["Keeps ", it, " alive without using it: ", kept, "."];
                at.spotted.saying(label, message)
            }
        }
    }
}
