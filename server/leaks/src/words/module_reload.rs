//! The words for [`crate::rules::module_reload`].

use crate::locate::statements::MAX_SHOWN;
use crate::report::text::{bytes, text};
use crate::report::units::{number, series};
use crate::report::{Place, Text};
use crate::rules::leak::{At, Facts, Leak, Spotted, Words, spotted};
use crate::rules::module_reload::facts::{Loaded, ModulePlace, ReloadedModules};
use crate::verdict::trend::Trend;
use crate::words::{in_all, last};

impl Facts for ReloadedModules {
    fn spotted(&self) -> Vec<&Spotted> {
        spotted(&self.places)
    }

    fn words(&self, leak: &Leak) -> Words {
        let title = self.title(&leak.counts);
        let which = self.which();
        let all = text![" ", in_all(self.retained), "."];
        Words {
            message: text![&title, ". ", which, self.how(), all],
            title,
            help: self.help().into(),
            places: self.places.iter().map(|at| self.place(at, last(&leak.counts))).collect(),
        }
    }
}

impl ReloadedModules {
    fn title(&self, counts: &[u64]) -> Text {
        let (retained, grows) = (bytes(self.retained), self.trend != Trend::Once);
        match &self.modules[..] {
            _ if self.are_written => {
                let modules = " modules, ";
                text![
                    "files are loaded when they are first needed: ",
                    series(counts),
                    modules,
                    retained
                ]
            }
            _ if self.are_other_files => {
                let of_files = " modules stay loaded, ";
                text!["another file is loaded each time: ", series(counts), of_files, retained]
            }
            [(file, _)] if grows => {
                text![file, " is loaded again and again: ", series(counts), " copies"]
            }
            [(file, _)] => text![number(last(counts)), " copies of ", file, " are loaded"],
            modules => {
                let modules = number(modules.len() as u64);
                if grows {
                    let again = " modules are loaded again and again: ";
                    text![modules, again, series(counts), " copies, ", retained]
                } else {
                    text![number(last(counts)), " copies of ", modules, " modules are loaded"]
                }
            }
        }
    }

    /// The modules of which there are copies, if they are several.
    fn which(&self) -> Option<Text> {
        let [_, _, ..] = self.modules[..] else { return None };
        let shown = self.modules.iter().take(MAX_SHOWN);
        let shown: Vec<String> =
            shown.map(|(file, copies)| format!("{} of {file}", number(*copies))).collect();
        let more = if self.modules.len() > MAX_SHOWN { " and others" } else { "" };
        Some(text!["There are ", shown.join(", "), more, ". "])
    }

    fn how(&self) -> &'static str {
        match self.loaded {
            _ if self.are_written => {
                "Node keeps each module that was loaded, and there are as many of these as there are files"
            }
            Loaded::Required if self.are_other_files => {
                "Node keeps each module in `require.cache`, and the module that asked for it keeps it \
                 among its children"
            }
            Loaded::Imported if self.are_other_files => "Node keeps each module that was imported",
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

    fn help(&self) -> &'static str {
        match self.loaded {
            _ if self.are_written => {
                "nothing, if the files are few: to know how much they keep, load all of them before the first \
                 snapshot"
            }
            Loaded::Required if self.are_other_files => {
                "run the text with `vm.runInContext` or in a worker that ends, or take each module out of \
                 `require.cache` and `module.children` when it is done"
            }
            Loaded::Imported if self.are_other_files => {
                "run the text with `vm.runInContext` or in a worker that ends: Node lets go of no module \
                 that was imported"
            }
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

    fn place(&self, at: &At<ModulePlace>, count: u64) -> Place {
        match at.is {
            ModulePlace::Loads if self.are_written => {
                let label =
                    text!["loads a file when it is first needed: ", number(count), " modules now"];
                at.spotted.saying(label, "")
            }
            ModulePlace::Loads if self.are_other_files => {
                let label = text!["loads another file each time: ", number(count), " modules now"];
                at.spotted.saying(label, "")
            }
            ModulePlace::Loads => at
                .spotted
                .saying(text!["loads one more copy each time: ", number(count), " now"], ""),
            ModulePlace::Module(copies) => {
                let label = text![number(copies), " copies of this module are loaded"];
                let message = text![&label, "."];
                at.spotted.saying(label, message)
            }
        }
    }
}
