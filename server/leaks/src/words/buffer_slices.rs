//! The words for short pieces of large buffers ([`crate::rules::external_memory::slices`]).

use crate::report::Place;
use crate::report::text::{bytes, name, text};
use crate::report::units::{number, series};
use crate::rules::external_memory::slices::{BufferSlicePlace, BufferSlices};
use crate::rules::leak::{At, Facts, Leak, Spotted, Words, spotted};
use crate::words::of_heap;
use crate::words::statements::done_in;

impl Facts for BufferSlices {
    fn spotted(&self) -> Vec<&Spotted> {
        spotted(&self.places)
    }

    fn words(&self, leak: &Leak) -> Words {
        let (kept, holder) = (bytes(self.kept), name(&self.holder));
        let title = text![
            "slices in ",
            holder,
            " keep whole buffers alive: ",
            series(&leak.counts),
            " slices, ",
            kept
        ]
        .capitalized();
        let each = bytes(self.kept / self.count.max(1));
        Words {
            message: text![
                &title,
                of_heap(self.kept, self.heap),
                ".",
                done_in("Cut", Some(&self.cut)),
                " A piece that `subarray` or `slice` cuts off copies nothing: each keeps all of its buffer, ",
                each,
                ". A snapshot does not tell how long the pieces are: if they are nearly all of the buffers, \
                 nothing is wasted.",
            ],
            title,
            help: "copy what you keep: `Buffer.from(slice)`".into(),
            places: self.places.iter().map(|at| self.place(at)).collect(),
        }
    }
}

impl BufferSlices {
    fn place(&self, at: &At<BufferSlicePlace>) -> Place {
        match at.is {
            BufferSlicePlace::Cuts => {
                at.spotted.saying("cuts a piece that keeps the whole buffer", "")
            }
            BufferSlicePlace::Holder => {
                let label = text![number(self.count), " slices: ", bytes(self.kept), " of buffers"];
                let message = text![name(&at.spotted.name), " holds ", &label, "."];
                at.spotted.saying(label, message)
            }
        }
    }
}
