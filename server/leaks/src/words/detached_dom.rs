//! The words for [`crate::rules::detached_dom`].

use crate::report::text::{name, text};
use crate::report::units::{number, plural, series};
use crate::report::{Place, Text};
use crate::rules::detached_dom::{DetachedElements, ElementsPlace};
use crate::rules::leak::{At, Facts, Leak, Spotted, Words, spotted};
use crate::words::statements::line_of;
use crate::words::{in_all, leads_to};

impl Facts for DetachedElements {
    fn spotted(&self) -> Vec<&Spotted> {
        spotted(&self.places)
    }

    fn words(&self, leak: &Leak) -> Words {
        let title = self.title(&leak.counts);
        let held = text![number(self.held), " ", name(&self.tag), " ", elements(self.held)];
        let message = text![
            title.clone().capitalized(),
            " ",
            in_all(self.retained),
            ". It holds ",
            held,
            "; an element keeps its parents, its children and what listens to them. They were taken out \
             of the page, or never put into it.",
        ];
        let first = self.places.first().map(|first| &first.spotted);
        let places = self.places.iter().filter_map(|at| Some(self.place(at, first?)));
        Words {
            title,
            message,
            help: "let go of an element when it is removed: set what holds it to null, and make \
                   functions that outlive it look it up when they need it"
                .into(),
            places: places.collect(),
        }
    }
}

impl DetachedElements {
    fn title(&self, counts: &[u64]) -> Text {
        let holder = name(&self.holder);
        if self.trend.is_some() {
            let series = series(counts);
            return text!["elements that are in no page pile up: ", series, ", kept by ", holder];
        }
        let are = plural(self.count, "is", "are");
        let them = text![number(self.count), " ", elements(self.count)];
        text![holder, " keeps ", them, " alive that ", are, " in no page"]
    }

    fn place(&self, at: &At<ElementsPlace>, holder: &Spotted) -> Place {
        match at.is {
            ElementsPlace::Holder => {
                let (count, elements) = (number(self.count), elements(self.count));
                at.spotted.saying(text!["keeps ", count, " ", elements, " of no page"], "")
            }
            ElementsPlace::Adds => {
                let it = text![name(&self.holder), " (", line_of(holder), ")"];
                let message = text!["Adds to ", it, ", which keeps elements of no page alive."];
                at.spotted.saying("adds here", message)
            }
            ElementsPlace::OfUser => {
                leads_to(&at.spotted, holder, "which keeps elements of no page")
            }
        }
    }
}

fn elements(count: u64) -> &'static str {
    plural(count, "element", "elements")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::leak::Features;
    use crate::testing::told;
    use crate::verdict::trend::Trend;
    use crate::verdict::{Source, What};

    #[test]
    fn elements_that_pile_up_are_told_with_their_number_in_each_snapshot() {
        let facts = DetachedElements {
            holder: "dialogs".to_owned(),
            trend: Some(Trend::Growing { evenness: 1.0, slows: false }),
            count: 1_200,
            held: 400,
            tag: "<dialog>".to_owned(),
            retained: 96_000,
            places: Vec::new(),
        };
        let trend = Trend::Growing { evenness: 1.0, slows: false };
        let features = Features::new(What::Other, trend, Source::default());
        let counts = vec![400, 800, 1_200];
        let told = told(&Leak::new(
            crate::rules::detached_dom::RULE,
            features,
            String::new(),
            counts,
            facts,
        ));
        assert_eq!(
            told.title,
            "elements that are in no page pile up: 400 → 800 → 1,200, kept by `dialogs`"
        );
        let sentence = told.message.split(';').next();
        let expected = "Elements that are in no page pile up: 400 → 800 → 1,200, kept by `dialogs` (96 kB in all). \
                        It holds 400 `<dialog>` elements";
        assert_eq!(sentence, Some(expected));
    }
}
