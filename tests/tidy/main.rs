//! The house is in order: every file is where it belongs, and lists that people read and that the
//! code has are complete, in order and without doubles.
//!
//! Each check is a function of what it looks at to sentences about what is wrong, so that the tests
//! below can show it something wrong. What git does not see (`.gitignore`) is nobody's concern.
//!
//! One check stands where it has what it needs: that the defaults of settings agree is tested in
//! server/lsp (`settings/agreement.rs`).

mod dependencies;
mod extension;
mod files;
mod floors;
mod glossary;
mod packages;
mod rules;
mod sizes;
mod spelling;

use std::path::PathBuf;

/// The top folder of the repository.
fn repository() -> PathBuf {
    heapmark_tests::tests_folder().join("..")
}

fn read(file: &str) -> String {
    std::fs::read_to_string(repository().join(file))
        .unwrap_or_else(|error| panic!("{file} cannot be read: {error}"))
}

/// Fails with all that is wrong, one a line.
#[track_caller]
fn expect_nothing(wrong: &[String]) {
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
