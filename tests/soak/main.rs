//! One server, for a minute or an hour, under everything at once: messages of all kinds and of none,
//! edits, cancels, settings, and files that come, change, hang and vanish.
//!
//! All along every request is answered, nothing but protocol comes out, and nothing panics. After each
//! episode the workspace is as it was, and what the server shows must be what a fresh one shows, with
//! the memory it had before. What is done is a table: [`actions::ACTIONS`]. How long, from which seed,
//! and which kinds: [`plan`].

#![allow(clippy::needless_pass_by_value, reason = "messages are written in place: `json!({ … })`")]
#![allow(clippy::unnecessary_wraps, reason = "actions have one form, also those that cannot fail")]

mod actions;
mod checks;
mod client;
mod plan;
mod scene;
mod soak;

use std::io::Write as _;

use crate::plan::Plan;
use crate::soak::Soak;

#[test]
fn the_server_survives_it_all_and_then_shows_what_a_fresh_one_shows() {
    let plan = Plan::from_environment().expect("the settings of the fuzzer can be read");
    say(&format!("soak: {plan}"));
    let mut soak = Soak::start(&plan).expect("the server starts and shows what it must");
    if let Err(trouble) = soak.run(&plan) {
        panic!("{trouble:#}\n\n{}", soak.account(&plan));
    }
    say(&format!("soak: {}", soak.summary()));
}

/// To whoever waits for the end of an hour: past what catches the output of tests.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
