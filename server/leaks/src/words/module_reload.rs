//! The words for [`crate::rules::module_reload`].

use crate::report::Text;
use crate::report::text::text;
use crate::report::units::{number, series};
use crate::rules::leak::{Facts, Leak, Spotted, Words};
use crate::rules::module_reload::{Loaded, ReloadedModule};
use crate::verdict::trend::Trend;
use crate::words::{in_all, last};

impl Facts for ReloadedModule {
    fn spotted(&self) -> Vec<&Spotted> {
        vec![&self.place]
    }

    fn words(&self, leak: &Leak) -> Words {
        let count = number(last(&leak.counts));
        let title = self.title(&leak.counts);
        let all = text![" ", in_all(self.retained), "."];
        let label = text![count, " copies of this module are loaded"];
        Words {
            message: text![&title, ". ", self.loaded.how(), all],
            title,
            help: self.loaded.help().into(),
            places: vec![self.place.saying(label, "")],
        }
    }
}

impl ReloadedModule {
    fn title(&self, counts: &[u64]) -> Text {
        let file = &self.place.name;
        match self.trend {
            Trend::Once => text![number(last(counts)), " copies of ", file, " are loaded"],
            Trend::Growing { .. } | Trend::Kept { .. } => {
                text![file, " is loaded again and again: ", series(counts), " copies"]
            }
        }
    }
}

impl Loaded {
    fn how(self) -> &'static str {
        match self {
            Loaded::Required => {
                "Whoever deletes a module from `require.cache` and loads it anew gets another copy, and \
                 the module that asked for it keeps the old ones among its children"
            }
            Loaded::Imported => {
                "Whoever imports a module under another URL each time (`?v=2`) gets another copy, and \
                 Node keeps all of them"
            }
        }
    }

    fn help(self) -> &'static str {
        match self {
            Loaded::Required => {
                "load the module once and read what may change from a file, or take the old copy out of \
                 `module.children` too"
            }
            Loaded::Imported => {
                "import the module once and read what may change from a file: Node lets go of no module \
                 that was imported"
            }
        }
    }
}
