//! The words for [`crate::rules::sliced_string_parent`].

use crate::report::Place;
use crate::report::text::{bytes, name, text};
use crate::report::units::{number, plural};
use crate::rules::leak::{At, Facts, Leak, Spotted, Words, spotted};
use crate::rules::sliced_string_parent::{SlicePlace, Slices};
use crate::words::statements::line_of;
use crate::words::{leads_to, of_heap};

impl Facts for Slices {
    fn spotted(&self) -> Vec<&Spotted> {
        spotted(&self.places)
    }

    fn words(&self, _: &Leak) -> Words {
        let keep = plural(self.count, "slice of a long text keeps", "slices of long texts keep");
        let (kept, holder) = (bytes(self.kept), name(&self.holder));
        let title = text![number(self.count), " ", keep, " ", kept, " alive in ", holder];
        let way = self.way.as_ref().map(|way| text![" One of them is ", name(way), "."]);
        let message = text![
            &title,
            of_heap(self.kept, self.heap),
            ": nothing else holds these texts.",
            way,
            " V8 copies nothing for `slice`, `match`, `split` or `trim`, and keeps the whole text as long \
             as a piece of it. A snapshot does not tell how long the pieces are: if they are nearly all \
             of the texts, nothing is wasted.",
        ];
        let first = self.places.first().map(|first| &first.spotted);
        let places = self.places.iter().filter_map(|at| Some(self.place(at, first?)));
        Words {
            title,
            message,
            help: "copy the piece before it is kept: `Buffer.from(piece).toString()`, or in a browser \
                   `JSON.parse(JSON.stringify(piece))`"
                .into(),
            places: places.collect(),
        }
    }
}

impl Slices {
    fn place(&self, at: &At<SlicePlace>, holder: &Spotted) -> Place {
        let kept = bytes(self.kept);
        match at.is {
            SlicePlace::Holder => {
                let slices = plural(self.count, "slice", "slices");
                let label = text![number(self.count), " ", slices, ": ", kept, " of text"];
                at.spotted.saying(label, "")
            }
            SlicePlace::Adds => {
                let it = text![name(&self.holder), " (", line_of(holder), ")"];
                let message = text![
                    "Adds to ",
                    it,
                    ", in which slices keep ",
                    kept,
                    " of longer texts alive."
                ];
                at.spotted.saying("adds here", message)
            }
            SlicePlace::OfUser => leads_to(&at.spotted, holder, "which holds slices of long texts"),
        }
    }
}
