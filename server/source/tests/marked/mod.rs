//! Small texts that say behind `//:` what each of their lines does.

use std::collections::BTreeSet;

use heapmark_source::SourceFile;

pub(crate) fn parse(path: &str, text: &str) -> SourceFile {
    SourceFile::parse(path, text.to_owned()).expect("a small file parses")
}

/// What the lines say, by their numbers from 1; a line may say several things.
pub(crate) fn said(text: &str) -> BTreeSet<(usize, String)> {
    let of_line = |(number, line): (usize, &str)| {
        let said = line.split_once("//:").map_or("", |(_, said)| said);
        let words = said.split(',').map(str::trim).filter(|word| !word.is_empty());
        words.map(|word| (number + 1, word.to_owned())).collect::<Vec<_>>()
    };
    text.lines().enumerate().flat_map(of_line).collect()
}
