//! What the judge says of findings that were frozen: a change of the weights shows here in a second, without
//! Node.js and snapshots.
//!
//! `cargo xtask verdicts --freeze` writes them, of all labelled programs: those nearest to where they flip,
//! and some of all others. So the figures are worse than those in docs/verdicts.md. How far each reason
//! applies is frozen; what it weighs, and what is called, is as it is now.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::Deserialize;

use crate::verdict::reason::Reason;
use crate::verdict::thresholds::judge::CALLED;
use crate::verdict::{Access, What, certainty, is_worth_it, weighed};

const FINDINGS: &str = include_str!("frozen.jsonl");

/// A labelled finding.
#[derive(Deserialize)]
struct Frozen {
    /// The kind of program, and a number.
    program: String,
    /// How the snapshots were taken.
    way: String,
    /// Whether it is a leak; otherwise its program is healthy.
    leak: bool,
    bytes: i64,
    /// How far each reason applies.
    strengths: BTreeMap<String, f64>,
}

const REASONS: [Reason; 34] = [
    Reason::Grows,
    Reason::GrowsWithEachRound,
    Reason::StayedAfterRest,
    Reason::Multiplied,
    Reason::Many,
    Reason::Heavy,
    Reason::MostOfGrowth,
    Reason::NothingRemoves,
    Reason::RemoverNeverCalled,
    Reason::NoneIsGone,
    Reason::MembersAreDone,
    Reason::FillsTheHeap,
    Reason::OneSnapshot,
    Reason::TwoSnapshots,
    Reason::OtherProcess,
    Reason::Bounded,
    Reason::Expires,
    Reason::SourceNotRead,
    Reason::SourceChanged,
    Reason::SourceNotMapped,
    Reason::SomethingRemoves,
    Reason::UsersCleanUp,
    Reason::SomeAreGone,
    Reason::WrittenByIndex,
    Reason::FillsUp,
    Reason::BeganEmpty,
    Reason::Few,
    Reason::SmallTable,
    Reason::MetByAndBy,
    Reason::KnownKeys,
    Reason::MetAgain,
    Reason::UnderWay,
    Reason::Starting,
    Reason::Development,
];

const KINDS: [What; 14] = [
    What::Collection(Access::ByKey),
    What::Collection(Access::InOrder),
    What::Collection(Access::ByMember),
    What::Registered,
    What::Listeners,
    What::Intervals,
    What::Timeouts,
    What::Waiting,
    What::Handles,
    What::Modules,
    What::Pile,
    What::Lengthened,
    What::Other,
    What::Waste,
];

fn reason(name: &str) -> Reason {
    let all = REASONS.into_iter().chain(KINDS.into_iter().map(Reason::Kind));
    all.into_iter().find(|it| it.name() == name).unwrap_or_else(|| {
        panic!("no reason is called {name}: freeze anew with `cargo xtask verdicts --freeze`")
    })
}

impl Frozen {
    fn all() -> Vec<Frozen> {
        FINDINGS.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
    }

    /// Whether it is called a leak now.
    fn is_called(&self) -> bool {
        let strengths: Vec<(Reason, f64)> =
            self.strengths.iter().map(|(name, &strength)| (reason(name), strength)).collect();
        let mut kinds = strengths.iter().filter_map(|(reason, _)| match reason {
            Reason::Kind(what) => Some(*what),
            _ => None,
        });
        let what = kinds.next_back().expect("a finding is of some kind");
        let certainty = certainty(&weighed(strengths.into_iter()));
        certainty >= CALLED && is_worth_it(what, self.bytes)
    }
}

/// By way of capture: how many leaks are called, and how many that are none.
fn told(findings: &[Frozen]) -> String {
    let ways: BTreeSet<&str> = findings.iter().map(|it| it.way.as_str()).collect();
    let mut told = String::new();
    for way in ways {
        let count = |leak: bool| {
            let all = findings.iter().filter(|it| it.way == way && it.leak == leak);
            (all.clone().filter(|it| it.is_called()).count(), all.count())
        };
        let ((called, leaks), (wrong, healthy)) = (count(true), count(false));
        // Writing to a text cannot fail.
        let _ =
            writeln!(told, "{way}: {called} of {leaks} leaks called, {wrong} of {healthy} others");
    }
    let count = |is: &dyn Fn(&&Frozen) -> bool| findings.iter().filter(is).count();
    let (leaks, right) = (count(&|it| it.leak), count(&|it| it.leak && it.is_called()));
    let said = count(&|it| it.is_called());
    let _ = writeln!(told, "recall: {right} of {leaks}; precision: {right} of {said}");
    let wrong = findings.iter().filter(|it| !it.leak && it.is_called());
    for Frozen { program, way, .. } in wrong {
        let _ = writeln!(told, "false: {program}, {way}");
    }
    told
}

#[test]
fn the_labelled_findings_are_judged_as_written_here() {
    insta::assert_snapshot!(told(&Frozen::all()), @r#"
    early: 0 of 0 leaks called, 0 of 10 others
    load: 15 of 15 leaks called, 0 of 3 others
    load-two: 0 of 0 leaks called, 0 of 6 others
    one: 0 of 7 leaks called, 0 of 5 others
    processes: 17 of 36 leaks called, 0 of 0 others
    rest: 29 of 32 leaks called, 0 of 20 others
    start: 17 of 17 leaks called, 1 of 9 others
    two: 54 of 67 leaks called, 0 of 19 others
    work: 28 of 28 leaks called, 1 of 19 others
    recall: 160 of 202; precision: 160 of 162
    false: healthy 003, start
    false: repro-healthy 013, work
    "#);
}
