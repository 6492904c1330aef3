//! From text to columns.

use divan::Bencher;
use divan::counter::BytesCount;
use heapmark_heap::Scanner;

use crate::shapes::{ALL, Shape};

/// As files are read.
const CHUNK: usize = 1 << 20;

#[divan::bench(args = ALL)]
fn scan(bencher: Bencher, shape: Shape) {
    let text = shape.text().as_bytes();
    bencher.counter(BytesCount::new(text.len())).bench(|| {
        let mut scanner = Scanner::new(Some(text.len() as u64));
        for chunk in text.chunks(CHUNK) {
            scanner.feed(chunk).expect("a well-formed file");
        }
        scanner.finish().expect("a whole file")
    });
}
