//! Every kind of leak: a file or folder each, which knows its shape on the heap, and a line of the [`REGISTRY`]. The
//! words for it stand in [`crate::words`].
//!
//! A rule reads the evidence and yields [`Leak`]s. What is done with them, and with the stages, is in
//! [`crate::triage`].

pub(crate) mod async_local_storage;
pub(crate) mod detached_dom;
pub(crate) mod duplicate_strings;
pub(crate) mod external_memory;
pub(crate) mod growing_chain;
pub(crate) mod growing_collection;
pub(crate) mod growing_listeners;
pub(crate) mod growing_text;
pub(crate) mod leak;
pub(crate) mod leaking_instances;
pub(crate) mod lengthened;
pub(crate) mod module_reload;
pub(crate) mod open_handles;
pub(crate) mod pending_promises;
pub(crate) mod retained_after_close;
pub(crate) mod scene;
pub(crate) mod sliced_string_parent;
pub(crate) mod uncleared_timers;
pub(crate) mod unused_capture;

use crate::evidence::Evidence;
use crate::report::Rule;
use crate::rules::growing_collection::group::{CHAIN, GROWING};
use crate::rules::leak::{Explanation, Leak};
use crate::rules::leaking_instances::facts::{CLOSURES, INSTANCES};
use crate::rules::retained_after_close::{CLOSED, DEAD_WEAK_REFS};
use crate::rules::scene::Scene;

/// A line of the registry: what it may find, and how.
pub(crate) struct Entry {
    rules: &'static [(Rule, Comparison)],
    pub(crate) stage: Stage,
}

/// Which snapshots show growth to a rule.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Comparison {
    /// Also those of different processes: it needs no births and no ids.
    Across,
    /// Only those of one process.
    Within,
}

/// When a rule looks, and how.
#[derive(Clone, Copy)]
pub(crate) enum Stage {
    /// First: rules that know their leak by its shape.
    Primary(fn(&mut Scene) -> Vec<Leak>),
    /// Then, in what those have left.
    Residual(fn(&mut Scene) -> Vec<Leak>),
    /// Last: why what others hold is as large as it is.
    Explaining(fn(&Evidence) -> Vec<Explanation>),
}

use Comparison::{Across, Within};
use Stage::{Explaining, Primary, Residual};

/// Every rule, a line each, in the order in which they look: what one finds, the next ones know.
#[rustfmt::skip]
pub(crate) const REGISTRY: &[Entry] = &[
    entry(&[(growing_listeners::RULE, Across)], Primary(growing_listeners::find)),
    entry(&[(uncleared_timers::RULE, Across)], Primary(uncleared_timers::find)),
    entry(&[(pending_promises::RULE, Across)], Primary(pending_promises::find)),
    entry(&[(module_reload::RULE, Across)], Primary(module_reload::find)),
    entry(&[(open_handles::RULE, Within)], Primary(open_handles::find)),
    entry(&[(async_local_storage::RULE, Within)], Primary(async_local_storage::find)),
    entry(&[(growing_text::RULE, Within)], Primary(growing_text::find)),
    entry(&[(external_memory::RULE, Within)], Primary(external_memory::growing)),
    entry(&[(GROWING, Across), (CLOSED, Across), (DEAD_WEAK_REFS, Within)], Primary(growing_collection::find)),
    entry(&[(CHAIN, Within)], Primary(growing_chain::find)),
    entry(&[(INSTANCES, Across), (CLOSURES, Across)], Residual(leaking_instances::find)),
    entry(&[(detached_dom::RULE, Within)], Residual(detached_dom::find)),
    entry(&[(duplicate_strings::RULE, Within)], Residual(duplicate_strings::find)),
    entry(&[(external_memory::RULE, Within)], Residual(external_memory::large)),
    entry(&[(unused_capture::RULE, Within)], Explaining(unused_capture::find)),
    entry(&[(external_memory::RULE, Within)], Explaining(external_memory::slices::find)),
    entry(&[(sliced_string_parent::RULE, Within)], Explaining(sliced_string_parent::find)),
];

const fn entry(rules: &'static [(Rule, Comparison)], stage: Stage) -> Entry {
    Entry { rules, stage }
}

/// Every kind of leak, in the order of the registry.
pub fn rules() -> Vec<Rule> {
    let mut rules: Vec<Rule> = Vec::new();
    for (rule, _) in REGISTRY.iter().flat_map(|entry| entry.rules) {
        if !rules.contains(rule) {
            rules.push(*rule);
        }
    }
    rules
}

/// The rule of that name.
pub fn rule(name: &str) -> Option<Rule> {
    rules().into_iter().find(|rule| rule.name() == name)
}

/// Whether a rule's leaks mean something between snapshots of different processes.
pub(crate) fn works_across_processes(rule: Rule) -> bool {
    REGISTRY.iter().any(|entry| entry.rules.contains(&(rule, Comparison::Across)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_found_by_its_name() {
        assert_eq!(rule("growing-text"), Some(growing_text::RULE));
        assert_eq!(rule("growing"), None);
    }
}
