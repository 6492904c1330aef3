//! The words for [`crate::rules::external_memory`]: of large buffers. Those for growing ones are in
//! [`crate::words::lengthened`].

use crate::report::text::{bytes, name, text};
use crate::report::units::{number, plural, share};
use crate::report::{Place, Text};
use crate::rules::external_memory::{BufferPlace, LargeBuffers};
use crate::rules::leak::{At, Facts, Leak, Spotted, Words, spotted};
use crate::words::last;
use crate::words::statements::line_of;

impl Facts for LargeBuffers {
    fn spotted(&self) -> Vec<&Spotted> {
        spotted(&self.places)
    }

    fn words(&self, leak: &Leak) -> Words {
        let count = last(&leak.counts);
        let buffers = format!("{} {}", number(count), plural(count, "buffer", "buffers"));
        let percent = share(self.bytes, self.all).map(|share| format!(", {share} of the heap"));
        let title =
            text![name(&self.holder), " holds ", bytes(self.bytes), " in ", &buffers, percent];
        let once = self
            .is_once
            .then_some(" One snapshot cannot tell whether it grows: capture a second one to know.");
        Words {
            message: text![
                &title,
                ". The bytes are outside of V8's own heap, and what holds them looks small (",
                bytes(self.on_heap),
                "). A short piece of a buffer keeps all of it.",
                once
            ],
            title,
            help: "let go of buffers that are done with, and copy a short piece before it is kept \
                   (`Buffer.from(piece)`)"
                .into(),
            places: self.places.iter().map(|at| self.place(at, &buffers)).collect(),
        }
    }
}

impl LargeBuffers {
    fn place(&self, at: &At<BufferPlace>, buffers: &str) -> Place {
        match at.is {
            BufferPlace::Holder => {
                at.spotted.saying(text![buffers, ", ", bytes(self.bytes)], Text::default())
            }
            BufferPlace::User => {
                let label = text!["reaches ", name(&self.holder)];
                let holder = self.places.first().map(|it| text![" (", line_of(&it.spotted), ")"]);
                let which = text![", which holds ", bytes(self.bytes), "."];
                let message = text![name(&at.spotted.name), " ", &label, holder, which];
                at.spotted.saying(label, message)
            }
        }
    }
}
