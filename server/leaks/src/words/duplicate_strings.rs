//! The words for [`crate::rules::duplicate_strings`].

use crate::report::text::{bytes, name, text};
use crate::report::units::{number, plural};
use crate::report::{Place, Text};
use crate::rules::duplicate_strings::{EqualStrings, EqualStringsPlace};
use crate::rules::leak::{At, Facts, Leak, Spotted, Words, spotted};
use crate::words::statements::{joined, line_of};
use crate::words::{leads_to, of_heap};

/// A budget of words: so many of the ways to the strings are named.
const MAX_WAYS: usize = 3;
/// Characters of a text that are shown: enough to recognise it.
const MAX_SHOWN: usize = 40;

impl Facts for EqualStrings {
    fn spotted(&self) -> Vec<&Spotted> {
        spotted(&self.places)
    }

    fn words(&self, _: &Leak) -> Words {
        let title = text![
            name(&self.holder),
            " holds ",
            number(self.count),
            " strings with only ",
            number(self.different),
            " different ",
            plural(self.different, "text", "texts"),
            ": ",
            bytes(self.wasted),
            " wasted",
        ];
        let (text, strings) = &self.example;
        let example = text![" ", number(*strings), " are ", quoted(text), "."];
        let share = of_heap(self.wasted, self.heap);
        let message = text![&title, share, ". ", self.ways(), example, self.made()];
        let first = self.places.first().map(|first| &first.spotted);
        let places = self.places.iter().filter_map(|at| Some(self.place(at, first?)));
        Words {
            title,
            message,
            help:
                "keep each text once and use that string again (a Map from the text to itself does \
                   it), or keep a number instead"
                    .into(),
            places: places.collect(),
        }
    }
}

impl EqualStrings {
    /// The ways in which the strings are held, as a sentence.
    fn ways(&self) -> Text {
        let shown: Vec<Text> = self.ways.iter().take(MAX_WAYS).map(name).collect();
        let more = self.ways.len() - shown.len();
        match (&shown[..], more) {
            ([one], 0) => text!["They are in ", one, "."],
            ([before @ .., last], 0) => {
                text!["They are in ", joined(before), " and ", last, "."]
            }
            (shown, more) => {
                text!["They are in ", joined(shown), " and ", more.to_string(), " more places."]
            }
        }
    }

    /// Who makes them, as a sentence after others.
    fn made(&self) -> Option<Text> {
        self.places.iter().find_map(|at| match &at.is {
            EqualStringsPlace::Makes(function) => {
                let here = line_of(&at.spotted);
                Some(text![" They are made in ", name(function), " (", here, ")."])
            }
            EqualStringsPlace::Holder | EqualStringsPlace::OfUser => None,
        })
    }

    fn place(&self, at: &At<EqualStringsPlace>, holder: &Spotted) -> Place {
        match at.is {
            EqualStringsPlace::Holder => {
                let wasted = bytes(self.wasted);
                let label =
                    text!["holds ", wasted, " in equal strings that one of each could replace"];
                at.spotted.saying(label, "")
            }
            EqualStringsPlace::Makes(_) => {
                let it = text![name(&self.holder), " (", line_of(holder), ")"];
                let message = text![
                    "Makes strings with the same texts again and again; ",
                    it,
                    " holds them."
                ];
                at.spotted.saying("makes them", message)
            }
            EqualStringsPlace::OfUser => leads_to(&at.spotted, holder, "which holds equal strings"),
        }
    }
}

/// The beginning of a text, on one line, in quotes.
fn quoted(text: &str) -> String {
    let start: String = text.chars().take(MAX_SHOWN).flat_map(char::escape_debug).collect();
    let more = if text.chars().nth(MAX_SHOWN).is_some() { "…" } else { "" };
    format!("\"{start}{more}\"")
}
