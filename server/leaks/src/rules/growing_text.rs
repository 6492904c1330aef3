//! growing-text: a text that is made longer again and again, such as a log that is kept in one
//! variable.
//!
//! V8 keeps `log += line` as a tree of pieces. The pieces are another tree in each snapshot, at the
//! same variable or property; what is counted is how long all pieces are together. What a leak of it
//! says is in [`crate::rules::lengthened`].

use crate::census::slots::{named_edges, nodes_with_names};
use crate::census::texts::may_be_long;
use crate::report::Rule;
use crate::rules::leak::Leak;
use crate::rules::lengthened::{self, Content};
use crate::rules::scene::Scene;

pub(crate) const RULE: Rule = Rule::new("growing-text", "A text that only gets longer");

/// Every text that grows at one variable or property of the program's own.
pub(crate) fn find(scene: &mut Scene) -> Vec<Leak> {
    let e = scene.e;
    let mut leaks: Vec<Leak> = Vec::new();
    if e.snapshots() == 1 {
        return leaks;
    }
    if e.newest_census().slots.texts.is_empty() {
        return leaks;
    }
    for edge in nodes_with_names(e.heap).flat_map(|node| named_edges(e.heap, node)) {
        if !may_be_long(e.heap, edge.to) || e.is_new(edge.from) || !e.is_new(edge.to) {
            continue;
        }
        let Some((lengths, trend)) = e.bytes_series(&edge, |census| &census.slots.texts) else {
            continue;
        };
        let Some(leak) = lengthened::leak(e, edge, (RULE, Content::Text), &lengths, trend) else {
            continue;
        };
        let known = leaks.iter().any(|it| it.fingerprint == leak.fingerprint);
        if !known {
            leaks.push(leak);
        }
    }
    leaks
}

#[cfg(test)]
mod drawn_tests;
