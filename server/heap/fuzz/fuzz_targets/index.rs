//! Any bytes as an index file, with its checksums made right: it is refused, or answers every question.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| heapmark_heap::fuzz::index(data));
