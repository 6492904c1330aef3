//! Our own files are spelt as the command `typos` would have them: its dictionary of common mistakes,
//! its division of text into words, and the exceptions in typos.toml, which the command reads too.
//!
//! It knows mistakes, not words: a name that is in no dictionary is none. What the command knows of
//! kinds of files (the names of some crates in Rust) is not here, but in the table.

use std::borrow::Cow;
use std::collections::BTreeMap;

use ignore::gitignore::{Gitignore, GitignoreBuilder};
use serde::Deserialize;
use typos::tokens::{Case, Identifier, Tokenizer, Word};
use typos::{Dictionary, Status};
use unicase::UniCase;

use crate::files::files;
use crate::{expect_nothing, read, repository};

/// typos.toml. A key that the command knows and this does not is an error, so that both say the same.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    files: Files,
    default: Exceptions,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Files {
    /// Whether files whose names begin with a point are left out; here they never are.
    ignore_hidden: bool,
    /// As in a .gitignore.
    extend_exclude: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Exceptions {
    /// What is right, in lower case, and again what is right.
    extend_words: BTreeMap<String, String>,
}

impl Dictionary for Exceptions {
    fn correct_ident<'s>(&'s self, _: Identifier<'_>) -> Option<Status<'s>> {
        None
    }

    fn correct_word<'s>(&'s self, word: Word<'_>) -> Option<Status<'s>> {
        // Digits and single letters.
        if word.case() == Case::None {
            return None;
        }
        let lower = word.token().to_lowercase();
        if self.extend_words.get(&lower) == Some(&lower) {
            return Some(Status::Valid);
        }
        let right = typos_dict::WORD.find(&UniCase::new(word.token()))?;
        Some(Status::Corrections(right.iter().map(|&it| Cow::Borrowed(it)).collect()))
    }
}

impl Table {
    fn read() -> Self {
        toml::from_str(&read("typos.toml")).expect("typos.toml has the keys that are held here")
    }

    /// The files that are not read.
    fn excluded(&self) -> Gitignore {
        let mut builder = GitignoreBuilder::new("");
        for pattern in &self.files.extend_exclude {
            builder.add_line(None, pattern).expect("a pattern as in a .gitignore");
        }
        builder.build().expect("patterns as in a .gitignore")
    }

    /// The mistakes in a file and in its name.
    fn mistakes(&self, file: &str, bytes: &[u8]) -> Vec<Mistake> {
        let tokenizer = Tokenizer::new();
        let names = file.split('/');
        let in_name = names.flat_map(|name| typos::check_str(name, &tokenizer, &self.default));
        let in_name = in_name.map(|typo| Mistake::new(&format!("{file}: in its name"), &typo));
        let in_text = typos::check_bytes(bytes, &tokenizer, &self.default).map(|typo| {
            let line = bytes[..typo.byte_offset].split(|&it| it == b'\n').count();
            Mistake::new(&format!("{file}:{line}"), &typo)
        });
        in_name.chain(in_text).collect()
    }
}

struct Mistake {
    /// In lower case.
    word: String,
    sentence: String,
}

impl Mistake {
    fn new(place: &str, typo: &typos::Typo<'_>) -> Self {
        let right = match &typo.corrections {
            Status::Corrections(right) if !right.is_empty() => right.join("` or `"),
            _ => "another word".to_owned(),
        };
        let sentence = format!("{place}: `{}` should be `{right}`", typo.typo);
        Self { word: typo.typo.to_lowercase(), sentence }
    }
}

#[test]
fn every_word_is_spelt_right_and_every_exception_needed() {
    let mut table = Table::read();
    assert!(!table.files.ignore_hidden, "typos.toml leaves out .github, which is read here");
    // All files are read once, without the exceptions: that takes seconds.
    let mut unused = std::mem::take(&mut table.default.extend_words);
    let excluded = table.excluded();
    let is_excluded = |file: &str| excluded.matched_path_or_any_parents(file, false).is_ignore();
    let files: Vec<String> = files().into_iter().filter(|file| !is_excluded(file)).collect();
    assert!(files.len() > 500, "only {} files are left to read", files.len());

    let exceptions = unused.clone();
    let mut wrong = Vec::new();
    for file in files {
        let bytes = std::fs::read(repository().join(&file)).expect("it can be read");
        for mistake in table.mistakes(&file, &bytes) {
            unused.remove(&mistake.word);
            if exceptions.get(&mistake.word) != Some(&mistake.word) {
                wrong.push(mistake.sentence);
            }
        }
    }
    if !wrong.is_empty() {
        wrong.push("a word that is right all the same goes into typos.toml".to_owned());
    }
    wrong.extend(unused.keys().map(|word| format!("typos.toml has `{word}`: no file needs it")));
    expect_nothing(&wrong);
}

#[test]
fn mistakes_are_seen() {
    // Put together here, so that this file has none.
    let wrong = ["rec", "ieve"].concat();
    let mut table = Table::read();
    let said = |table: &Table, file: &str, text: &str| {
        let mistakes = table.mistakes(file, text.as_bytes()).into_iter();
        mistakes.map(|mistake| mistake.sentence.to_lowercase()).collect::<Vec<_>>()
    };

    assert_eq!(said(&table, "a.md", "receive"), [""; 0]);
    for text in [
        wrong.clone(),
        format!("// Those that {wrong} it."),
        format!("fn {wrong}_all()"),
        format!("fn is_{}()", wrong.to_uppercase()),
    ] {
        let expected = format!("a.md:2: `{wrong}` should be `receive`");
        assert_eq!(said(&table, "a.md", &format!("one\n{text}\n")), [expected], "{text}");
    }
    let file = format!("docs/{wrong}.md");
    let expected = format!("{file}: in its name: `{wrong}` should be `receive`");
    assert_eq!(said(&table, &file, ""), [expected]);

    table.default.extend_words.insert(wrong.clone(), wrong.clone());
    assert_eq!(said(&table, "a.md", &wrong), [""; 0], "an exception");
}
