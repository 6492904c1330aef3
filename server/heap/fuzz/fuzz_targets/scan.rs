//! Any bytes, cut anywhere: the scanner and the analysis behind it end with a snapshot or an error.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| heapmark_heap::fuzz::scan(data));
