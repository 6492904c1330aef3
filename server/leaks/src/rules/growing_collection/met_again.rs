//! Do the keys of a table come again?
//!
//! Biologists mark the animals that they caught, let them go, and count the marked ones in the next catch: if
//! nearly all are marked, nearly all there are were caught. A table of what a program knows (accounts, rooms,
//! products) fills in the same way: once the work meets the old entries again, there are few that it has not
//! met. What leaks by key (requests, jobs, sessions) is never met again.
//!
//! That an old entry was met is seen by what was put into it since: a younger value, or something younger in
//! its value. Numbers that were counted up have no birth, so this says something only if it is seen.

use heapmark_heap::{CollectionKind, Member, MemberKey, NodeOrdinal};

use crate::evidence::Evidence;
use crate::v8::members::all_members;
use crate::verdict::thresholds::met_again::MIN_OLD;

/// Entries that are looked at, evenly from all: it is a share, and no more precise with more.
const MAX_SAMPLE: usize = 2_000;

/// The part of the entries that were there in an earlier snapshot and have been met since, from 0 to 1.
pub(super) fn met_again(e: &Evidence, node: NodeOrdinal) -> f64 {
    let is_table = matches!(
        e.heap.collection_kind(node),
        Some(CollectionKind::Map | CollectionKind::Dictionary)
    );
    if !is_table || !e.one_process || e.snapshots() < 2 {
        return 0.0;
    }
    let members = e.heap.members(node);
    let step = members.len().div_ceil(MAX_SAMPLE).max(1);
    let last = e.snapshots() - 1;
    let old: Vec<(usize, &Member)> = members
        .iter()
        .step_by(step)
        .filter_map(|member| Some((entered(e, member)?, member)))
        .filter(|&(entered, _)| entered < last)
        .collect();
    if old.len() < MIN_OLD {
        return 0.0;
    }
    let met = old.iter().filter(|(entered, member)| is_met_since(e, *entered, member)).count();
    met as f64 / old.len() as f64
}

/// Between which snapshots its entry was made, as far as its key and its value tell.
fn entered(e: &Evidence, member: &Member) -> Option<usize> {
    let key = match member.key {
        Some(MemberKey::Node(key)) => e.birth(key),
        _ => None,
    };
    let value = member.value.and_then(|value| e.birth(value));
    key.into_iter().chain(value).min()
}

fn is_met_since(e: &Evidence, entered: usize, member: &Member) -> bool {
    let is_younger = |node: NodeOrdinal| e.birth(node).is_some_and(|birth| birth > entered);
    member.value.is_some_and(|value| {
        is_younger(value) || all_members(e.heap, value).into_iter().any(is_younger)
    })
}

#[cfg(test)]
mod tests {
    use crate::testing::drawn::{array, each, map, said};

    const SOURCE: &str = "const accounts = new Map();
function pay(name, event) {
  const events = accounts.get(name) ?? [];
  accounts.set(name, events);
  events.last = event;
}
";

    /// So many accounts; what the last of the rounds put into each of the first `met` is of that round.
    fn accounts(round: usize, count: usize, met: usize) -> String {
        let accounts = each(0..count, "account_{n}: object Account 100\n");
        let events =
            each(0..met, &format!("account_{{n}} --property last--> event_{round}_{{n}}\n"))
                + &each(0..met, &format!("event_{round}_{{n}}: object Event 40\n"));
        let map = map("accounts", count, "account_{entry}");
        // Most of what the heap gained is something else.
        let loaded = if round == 0 {
            ""
        } else {
            "root --element 2--> loaded\nloaded: object Page 900000\n"
        };
        format!("scope --context accounts--> accounts\n{map}{accounts}{events}{loaded}")
    }

    fn severity(series: Vec<String>) -> String {
        let said = said(SOURCE, series);
        said[0].split(' ').next().expect("it has a severity").to_owned()
    }

    #[test]
    fn a_table_whose_old_entries_are_met_again_is_nearly_complete() {
        let met = |met| vec![accounts(0, 300, 0), accounts(1, 700, met), accounts(1, 700, met)];
        assert_eq!(severity(met(0)), "warning");
        assert_eq!(severity(met(700)), "information");
    }

    #[test]
    fn a_list_has_no_keys_that_come_again() {
        let jobs = |round: usize, count: usize| {
            let fresh =
                each(0..count, &format!("jobs_{{n}} --property last--> state_{round}_{{n}}\n"))
                    + &each(0..count, &format!("state_{round}_{{n}}: object State 40\n"));
            array("jobs", "Job", count) + &fresh
        };
        let source = "const jobs = [];\nfunction add(job) {\n  jobs.push(job);\n}\n";
        let said = said(source, [jobs(0, 300), jobs(1, 700), jobs(1, 700)]);
        assert!(said[0].starts_with("warning"), "{said:?}");
    }

    #[test]
    fn where_as_many_come_again_it_is_not() {
        let all = |count, round| accounts(round, count, count);
        assert_eq!(severity(vec![all(300, 0), all(700, 1), all(1_100, 2)]), "warning");
    }
}
