//! The words for [`crate::rules::lengthened`]: of texts and of buffers.

use crate::report::text::{bytes, name, text};
use crate::report::units::sizes;
use crate::report::{Place, Text};
use crate::rules::leak::{At, Facts, Leak, Spotted, Words, spotted};
use crate::rules::lengthened::{Content, Lengthened, LengthenedPlace};
use crate::verdict::trend::Trend;
use crate::words::statements::{at, line_of};
use crate::words::{last, only_filled};

impl Facts for Lengthened {
    fn spotted(&self) -> Vec<&Spotted> {
        spotted(&self.places)
    }

    fn words(&self, leak: &Leak) -> Words {
        let title = self.title(&leak.counts);
        let filled = matches!(self.trend, Trend::Kept { .. }).then(|| only_filled(leak));
        let help = match self.what {
            Content::Text => "write it out and begin anew, or keep only the newest part",
            Content::Buffer => {
                "keep only what was not read yet: `Buffer.from(received.subarray(end))` copies the \
                 rest and lets go of what was before"
            }
        };
        let length = last(&leak.counts);
        Words {
            message: text![title.clone().capitalized(), ".", self.added(), filled],
            title,
            help: help.into(),
            places: self.places.iter().map(|at| self.place(at, length)).collect(),
        }
    }
}

impl Lengthened {
    fn title(&self, lengths: &[u64]) -> Text {
        let the = match self.what {
            Content::Text => "the text in ",
            Content::Buffer => "the buffer in ",
        };
        let grows = match self.trend {
            Trend::Kept { .. } => " grew and stays: ",
            Trend::Growing { .. } | Trend::Once => " keeps growing: ",
        };
        text![the, name(&self.holder), grows, sizes(lengths)]
    }

    fn added(&self) -> Option<Text> {
        let added = at(self.added.as_ref()?);
        let nothing = match self.what {
            _ if self.is_emptied => "",
            Content::Text => ", and nothing empties it",
            Content::Buffer => ", and nothing takes anything out",
        };
        Some(text![" It is made longer in ", added, nothing, "."])
    }

    fn place(&self, at: &At<LengthenedPlace>, length: u64) -> Place {
        match at.is {
            LengthenedPlace::Holder => {
                let of = match self.what {
                    Content::Text => " of text",
                    Content::Buffer => " outside of V8's own heap",
                };
                at.spotted.saying(text!["holds ", bytes(length), of], "")
            }
            LengthenedPlace::Lengthens => {
                let holder = self.places.first().map(|it| text![" (", line_of(&it.spotted), ")"]);
                let by_now = text![": ", bytes(length), " by now."];
                let message = text!["Makes ", name(&self.holder), " longer", holder, by_now];
                at.spotted.saying("makes it longer", message)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use heapmark_source::{Position, Range};

    use super::*;
    use crate::locate::statements::Statement;

    #[track_caller]
    fn check(what: Content, is_emptied: bool, title: &str, added: &str) {
        let range = Range::new(Position::new(6, 0), Position::new(6, 3));
        let (written, file) = ("log +=".to_owned(), "log.js".into());
        let (form, in_function) = (None, None);
        let (is_elsewhere, is_uncalled) = (false, false);
        let statement =
            Statement { range, written, form, in_function, file, is_elsewhere, is_uncalled };
        let trend = Trend::Growing { evenness: 1.0, slows: false };
        let (holder, places) = ("log".to_owned(), Vec::new());
        let grown = Lengthened { what, trend, holder, added: Some(statement), is_emptied, places };
        assert_eq!(grown.title(&[1_000, 2_000]).to_string(), title);
        assert_eq!(grown.added().unwrap_or_default().to_string(), added);
    }

    #[test]
    fn what_is_made_longer_is_told_with_what_takes_from_it() {
        let title = "the text in `log` keeps growing: 1.0 → 2.0 kB";
        let added = " It is made longer in line 7, and nothing empties it.";
        check(Content::Text, false, title, added);
        check(Content::Text, true, title, " It is made longer in line 7.");
        let added = " It is made longer in line 7, and nothing takes anything out.";
        check(Content::Buffer, false, &title.replace("text", "buffer"), added);
    }
}
