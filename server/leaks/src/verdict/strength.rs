//! How far each reason applies to what was measured, from 0 to 1. What applies not at all is left out.
//!
//! Each grows or shrinks with one number only, so that the laws of the judge hold whatever the weights are.

use crate::verdict::features::{Access, Features, What};
use crate::verdict::reason::Reason;
use crate::verdict::source::{Adds, Bound, Removes, Unread};
use crate::verdict::thresholds::judge::{
    ALL_THERE, FEW_KEYS, FIRST_MANY, FOUND_AGAIN, GONE_IN_FULL, IN_FULL, MIN_GROWTH, NEVER,
    NOTHING_HERE, SOME, SOON, UNKNOWN_LIMIT,
};
use crate::verdict::trend::Trend;

/// The reasons that apply, each with its strength.
pub(super) fn strengths(features: &Features) -> impl Iterator<Item = (Reason, f64)> {
    let all = of_kind(features)
        .into_iter()
        .chain(of_growth(features))
        .chain(of_size(features))
        .chain(of_source(features))
        .chain(of_members(features));
    let applies: Vec<(Reason, f64)> = all.filter(|&(_, strength)| strength > 0.0).collect();
    applies.into_iter()
}

fn of_kind(features: &Features) -> Vec<(Reason, f64)> {
    vec![
        (Reason::Kind(features.what), 1.0),
        (Reason::OtherProcess, other_processes(features)),
        (Reason::Starting, features.starting),
    ]
}

/// Two runs may simply have had different work; of more, each would have had to have more.
fn other_processes(features: &Features) -> f64 {
    let more = features.counts.len().max(2) - 1;
    if features.of_other_processes { 1.0 / more as f64 } else { 0.0 }
}

fn of_growth(features: &Features) -> Vec<(Reason, f64)> {
    let rises = features.counts.windows(2).filter(|pair| pair[1] > pair[0]).count();
    let rounds = 1.0 - 1.0 / rises.max(1) as f64;
    let snapshots = features.counts.len();
    match features.trend {
        Trend::Once => vec![(Reason::OneSnapshot, 1.0), (Reason::FillsTheHeap, features.share)],
        Trend::Growing { slows, .. } => vec![
            (Reason::Grows, 1.0),
            (Reason::TwoSnapshots, when(snapshots == 2)),
            (Reason::GrowsWithEachRound, rounds),
            (Reason::FillsUp, when(slows)),
        ],
        // From nothing to full is how every table begins: that it stayed then says nothing.
        Trend::Kept { .. } => vec![
            (Reason::Grows, 1.0),
            (Reason::StayedAfterRest, 1.0 - few(features.first())),
            (Reason::TwoSnapshots, if snapshots == 3 { few(features.first()) } else { 0.0 }),
            (Reason::GrowsWithEachRound, rounds),
            (Reason::FillsUp, when(gains_less_and_less(&features.counts))),
        ],
    }
}

/// Whether each of three rises and more was smaller than the one before, and the last one much smaller than the
/// first.
fn gains_less_and_less(counts: &[u64]) -> bool {
    let rises: Vec<u64> = counts
        .windows(2)
        .map(|pair| pair[1].saturating_sub(pair[0]))
        .filter(|&rise| rise > 0)
        .collect();
    let falls = rises.windows(2).all(|pair| pair[1] < pair[0]);
    rises.len() > 2 && falls && 2 * rises[rises.len() - 1] < rises[0]
}

fn of_size(features: &Features) -> Vec<(Reason, f64)> {
    let Features { bytes, share, what, trend, .. } = features;
    if *trend == Trend::Once {
        return Vec::new();
    }
    let (first, gained) = (features.first(), features.gained());
    let is_table = *what == What::Collection(Access::ByKey);
    let may_be_met = matches!(what, What::Collection(_) | What::Pile);
    // As if some more had been there from the beginning: 0 and then 11 may be any of the program's moments.
    let times = (features.last() + SOME) as f64 / (first + SOME) as f64;
    vec![
        (Reason::Multiplied, tens(times, 1.0)),
        (Reason::Many, tens(gained as f64 / FIRST_MANY, IN_FULL)),
        (Reason::Heavy, tens(*bytes as f64 / MIN_GROWTH as f64, IN_FULL)),
        (Reason::MostOfGrowth, share.clamp(0.0, 1.0)),
        (Reason::BeganEmpty, few(first)),
        (Reason::Few, if may_be_met { few(gained) } else { 0.0 }),
        (
            Reason::SmallTable,
            if is_table { 1.0 - tens(gained as f64, FEW_KEYS.log10()) } else { 0.0 },
        ),
        (
            Reason::MetByAndBy,
            if may_be_met { (1.0 - gained as f64 / first.max(1) as f64).max(0.0) } else { 0.0 },
        ),
    ]
}

fn of_source(features: &Features) -> Vec<(Reason, f64)> {
    let source = features.source;
    let is_bounded = source.bound.is_some();
    let nothing = match source.removes {
        Removes::Nothing => 1.0,
        Removes::Elsewhere => NOTHING_HERE,
        Removes::Uncalled | Removes::Something => 0.0,
    };
    // What was not read may remove.
    let is_told = source.adds() && !is_bounded && source.unread.is_none();
    let nothing = if is_told { nothing } else { 0.0 };
    let is_unread = |why| when(source.unread == Some(why));
    // Of what adds, at least the function was found again.
    let lost = if source.adds() { FOUND_AGAIN } else { 1.0 };
    let by_index =
        source.adds == Adds::ByIndex && features.what == What::Collection(Access::InOrder);
    let removes = source.removes == Removes::Something;
    let of_users = matches!(features.what, What::Listeners | What::Intervals);
    vec![
        (Reason::NothingRemoves, nothing),
        (Reason::RemoverNeverCalled, when(source.removes == Removes::Uncalled && !is_bounded)),
        (Reason::SourceNotRead, is_unread(Unread::Elsewhere)),
        (Reason::SourceChanged, lost * is_unread(Unread::Changed)),
        (Reason::SourceNotMapped, lost * is_unread(Unread::Compiled)),
        (Reason::SomethingRemoves, when(removes && !of_users)),
        (Reason::UsersCleanUp, when(removes && of_users)),
        (Reason::Bounded, bounded(source.bound)),
        (Reason::Expires, expires(features)),
        (Reason::WrittenByIndex, when(by_index)),
    ]
}

fn of_members(features: &Features) -> Vec<(Reason, f64)> {
    let Features { signs, gone, source, .. } = features;
    let removes = matches!(source.removes, Removes::Uncalled | Removes::Something);
    let none = *gone == Some(0.0) && removes;
    // The more there were, the less it is chance.
    let none = if none { tens(features.first() as f64 / SOME as f64, ALL_THERE) } else { 0.0 };
    vec![
        (Reason::NoneIsGone, none),
        // What leaks does not go late: that a few went says much already.
        (
            Reason::SomeAreGone,
            (gone.unwrap_or(0.0).max(fell(features)) / GONE_IN_FULL).sqrt().min(1.0),
        ),
        (Reason::MembersAreDone, when(signs.is_defunct)),
        (Reason::KnownKeys, when(signs.is_of_known_keys)),
        (Reason::MetAgain, met_again(features)),
        (Reason::UnderWay, when(signs.is_timed)),
        (Reason::Development, when(features.is_of_development)),
    ]
}

/// That old entries are met again foretells that few new ones come. Where as many came in the next round, it
/// was foretold wrongly: something visits all that there are.
fn met_again(features: &Features) -> f64 {
    let gains: Vec<u64> = features
        .counts
        .windows(2)
        .map(|pair| pair[1].saturating_sub(pair[0]))
        .filter(|&gain| gain > 0)
        .collect();
    let still_comes = match gains[..] {
        [first, .., last] => (last as f64 / first as f64).min(1.0),
        _ => 0.0,
    };
    features.signs.met_again * (1.0 - still_comes)
}

/// Of what it had gained, the part that it has lost again at the end.
fn fell(features: &Features) -> f64 {
    let most = features.counts.iter().copied().max().unwrap_or(0);
    let gained = most.saturating_sub(features.first()).max(1);
    most.saturating_sub(features.last()) as f64 / gained as f64
}

/// The longer nothing goes, the less it is believed that what is old goes: a sweep may use the wrong unit, or
/// a key that nothing has.
fn expires(features: &Features) -> f64 {
    if features.source.bound != Some(Bound::Expiry) {
        return 0.0;
    }
    let none_is_gone = features.gone == Some(0.0) && features.first() >= SOME;
    let waited = tens(features.seconds as f64 / SOON, (NEVER / SOON).log10());
    if none_is_gone { 1.0 - waited } else { 1.0 }
}

/// A limit that nobody knows may be none: `max = Infinity`.
fn bounded(bound: Option<Bound>) -> f64 {
    match bound {
        Some(Bound::Limit) => 1.0,
        Some(Bound::Size) => UNKNOWN_LIMIT,
        Some(Bound::Expiry) | None => 0.0,
    }
}

/// From 1 for none to 0 for [some](SOME).
fn few(things: u64) -> f64 {
    1.0 - (things as f64 / SOME as f64).min(1.0)
}

fn when(applies: bool) -> f64 {
    if applies { 1.0 } else { 0.0 }
}

/// From 0 for 1 (and less) to 1 for ten to the power of `most` (and more).
fn tens(times: f64, most: f64) -> f64 {
    (times.max(1.0).log10() / most).min(1.0)
}
