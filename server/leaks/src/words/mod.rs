//! Everything that is said to people: findings are made here of facts, and nowhere else; so is what is said of
//! a report, of snapshots, of files of source, and of what somebody silenced.
//!
//! A file a rule, or a thing that is spoken of; here is what all findings share. No heap and no source is looked
//! at, and nothing is decided. What an error says stands at the error.

mod async_context;
mod async_local_storage;
mod buffer_slices;
mod contents;
mod defunct;
mod detached_dom;
mod duplicate_strings;
mod external_memory;
mod growing_collection;
mod growing_listeners;
pub(crate) mod growth;
mod http_agents;
mod leaking_instances;
mod lengthened;
mod module_reload;
mod next_measurement;
mod node_registry;
mod open_handles;
mod outcome;
mod packaged_cache;
pub(crate) mod packages;
pub(crate) mod path;
mod pending_promises;
mod reasons;
pub(crate) mod sidecar;
pub(crate) mod silence;
mod sliced_string_parent;
pub(crate) mod snapshots;
pub(crate) mod source_files;
mod statements;
mod uncleared_timers;
mod unread_stream;
mod unused_capture;
pub(crate) mod workers;

use crate::locate::statements::MAX_SHOWN;
use crate::report::place_words::at;
use crate::report::text::{aside, bytes, name, text};
use crate::report::units::{number, share};
use crate::report::{Finding, Place, Severity, Text};
use crate::rules::growing_collection::group::GROWING;
use crate::rules::leak::{Leak, Spotted, Words};
use crate::verdict::thresholds::judge::SOME;
use crate::words::statements::{joined, line_of};

/// What to add when something grew and then stayed. What is called a leak and was there before is one all the
/// same; of what began with next to nothing, only who captured knows whether the program was idle.
pub(crate) fn only_filled(leak: &Leak) -> &'static str {
    match leak.verdict.severity {
        Severity::Warning if leak.features.first() >= SOME => "",
        Severity::Warning => {
            " It did not grow at the end: if the program did the same work again then, it was only filled, \
             and is no leak."
        }
        // The bound says what it is.
        Severity::Information if leak.features.source.bound.is_some() => "",
        Severity::Information => {
            " It did not grow at the end: if the program was idle then, it is a leak; if it did the same work \
             again, it was only filled."
        }
    }
}

/// The finding of a leak, with what was joined to it.
pub(crate) fn finding(leak: Leak) -> Finding {
    let Words { title, message, help, places } = leak.facts.words(&leak);
    let again = leak.facts.again().unwrap_or("The same things are also kept by");
    let mut finding = Finding {
        rule: leak.rule,
        severity: leak.verdict.severity,
        certainty: leak.verdict.certainty,
        next: next_measurement::next_measurement(&leak),
        reasons: leak.verdict.reasons.iter().map(reasons::reason).collect(),
        fingerprint: leak.fingerprint,
        title,
        message,
        help,
        counts: leak.counts,
        shallow_size: leak.shallow_size,
        retained_size: leak.retained_size,
        growth: leak.growth,
        places,
        package: None,
        known: None,
        outside: leak.outside,
        path: leak.path,
        path_text: path::path(&leak.steps),
    };
    for other in leak.joined {
        // Of one stream or emitter there is nothing more to say.
        let is_one = leak.of.is_some() && leak.of == other.of;
        let repeats = is_one && finding.rule == GROWING;
        add(&mut finding, self::finding(other), (!repeats).then_some(again));
    }
    if !leak.along.is_empty() {
        let along: Vec<Finding> = leak.along.into_iter().map(self::finding).collect();
        finding.message.push(with_each(&along));
        for part in along {
            add(&mut finding, part, None);
        }
    }
    if leak.is_of_other_processes {
        finding.message.push(" The snapshots are of different processes.");
    }
    finding
}

/// Where others grow along, the first of them by name.
fn with_each(along: &[Finding]) -> Text {
    let place = |part: &Finding| {
        let place = part.primary()?;
        Some(text![name(&place.name), " (", at(&place.file, place.range), ")"])
    };
    let places: Vec<Text> = along.iter().filter_map(place).collect();
    let shown = &places[..places.len().min(MAX_SHOWN)];
    let more = places.len() - shown.len();
    let more = (more > 0).then(|| text![" and ", number(more as u64), " more places"]);
    text![" With each, one more stays at ", joined(shown), more, "."]
}

/// Adds what is said of the same leak seen `again`; only its places, if there is nothing more to say.
fn add(finding: &mut Finding, part: Finding, again: Option<&str>) {
    let is_told = |place: &Place| {
        finding.places.iter().any(|it| it.file == place.file && it.range == place.range)
    };
    if let (Some(place), Some(also)) = (part.primary().filter(|it| !is_told(it)), again) {
        let at = at(&place.file, place.range);
        finding.message.push(text![" ", also, " ", name(&place.name), " (", at, ")."]);
    }
    for (index, mut place) in part.places.into_iter().enumerate() {
        let known =
            finding.places.iter().any(|it| it.file == place.file && it.range == place.range);
        if !known {
            if place.message.is_empty() {
                place.message.clone_from(&part.message);
            }
            place.leads |= index == 0;
            finding.places.push(place);
        }
    }
}

/// What would be freed: `3 MB retained`, or all of it with what is told elsewhere.
fn retained(own: u64, leak: &Leak) -> Text {
    match &leak.together_with {
        Some((all, other)) => text![bytes(*all), " retained together with ", name(other)],
        None => text![bytes(own), " retained"],
    }
}

/// `1,800 of these are alive, +1,200 since the first snapshot`.
fn kept_label(counts: &[u64]) -> Text {
    let (first, last) = (counts.first().copied().unwrap_or(0), last(counts));
    let more =
        (last > first).then(|| text![", +", number(last - first), " since the first snapshot"]);
    text![number(last), " of these are alive", more]
}

/// The newest number of a series.
fn last(counts: &[u64]) -> u64 {
    counts.last().copied().unwrap_or(0)
}

/// What is kept, to follow what is said of many: `` ; each keeps a `Job` alive (3 MB in all)``, or only
/// how much there is of a class that is not known.
fn each_keeps(class: Option<&String>, retained: u64) -> Text {
    let each = class.map(|class| text!["; each keeps a ", name(class), " alive"]);
    text![each, " ", in_all(retained)]
}

/// `(2 MB in all)`.
fn in_all(retained: u64) -> Text {
    aside(text![bytes(retained), " in all"])
}

/// ` (34 % of the heap)`, if it is worth a word.
fn of_heap(part: u64, heap: u64) -> Option<Text> {
    share(part, heap).map(|percent| text![" ", aside(text![percent, " of the heap"])])
}

/// The user's own declaration that leads to a holder, `` which holds equal strings``.
fn leads_to(at: &Spotted, holder: &Spotted, which: &str) -> Place {
    let label = text!["reaches ", name(&holder.name)];
    let message = text![name(&at.name), " ", &label, " (", line_of(holder), "), ", which, "."];
    at.saying(label, message)
}
