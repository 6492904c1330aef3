//! The laws of the judge, whatever is measured.

use proptest::prelude::*;

use crate::report::Severity;
use crate::verdict::model;
use crate::verdict::reason::Reason;
use crate::verdict::strength::strengths;
use crate::verdict::thresholds::judge::OPEN;
use crate::verdict::trend::seen;
use crate::verdict::{Access, Adds, Bound, Features, Removes, Signs, Source, Unread, What, judge};

/// What leaks by the same amount from snapshot to snapshot.
#[derive(Debug, Clone)]
struct Steady {
    what: What,
    source: Source,
    signs: Signs,
    first: u64,
    step: u64,
    bytes_each: i64,
    share: f64,
    gone: Option<f64>,
}

impl Steady {
    /// After so many snapshots, of which the last may be of the program at rest.
    fn after(&self, snapshots: usize, rests: bool) -> Features {
        let mut counts: Vec<u64> =
            (0..snapshots as u64).map(|round| self.first + round * self.step).collect();
        if rests {
            counts.push(counts[counts.len() - 1]);
        }
        let trend = seen(&counts).expect("it grows as a leak does");
        let gained = counts[counts.len() - 1] - counts[0];
        Features {
            bytes: self.bytes_each * gained.cast_signed(),
            share: self.share,
            gone: self.gone,
            signs: self.signs,
            counts,
            ..Features::new(self.what, trend, self.source)
        }
    }
}

fn any_what() -> impl Strategy<Value = What> {
    prop::sample::select(vec![
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
    ])
}

fn any_source() -> impl Strategy<Value = Source> {
    let adds = prop::sample::select(vec![Adds::Nothing, Adds::ByIndex, Adds::Something]);
    let removes = prop::sample::select(vec![
        Removes::Nothing,
        Removes::Elsewhere,
        Removes::Uncalled,
        Removes::Something,
    ]);
    let bound = prop::sample::select(vec![
        None,
        Some(Bound::Limit),
        Some(Bound::Size),
        Some(Bound::Expiry),
    ]);
    let unread = prop::sample::select(vec![
        None,
        Some(Unread::Elsewhere),
        Some(Unread::Changed),
        Some(Unread::Compiled),
    ]);
    (adds, removes, bound, unread).prop_map(|(adds, removes, bound, unread)| Source {
        adds,
        removes,
        bound,
        unread,
    })
}

fn any_signs() -> impl Strategy<Value = Signs> {
    (any::<bool>(), any::<bool>(), 0.0f64..1.0).prop_map(
        |(is_defunct, is_of_known_keys, met_again)| Signs {
            is_defunct,
            is_of_known_keys,
            met_again,
            is_timed: false,
        },
    )
}

fn steady() -> impl Strategy<Value = Steady> {
    let size = (0u64..2_000, 100u64..5_000, 0i64..100_000, 0.0f64..1.0);
    let gone = prop::option::of(0.0f64..1.0);
    (any_what(), any_source(), any_signs(), size, gone).prop_map(
        |(what, source, signs, (first, step, bytes_each, share), gone)| Steady {
            what,
            source,
            signs,
            first,
            step,
            bytes_each,
            share,
            gone,
        },
    )
}

#[test]
fn what_gains_less_and_less_is_less_sure() {
    let judged = |counts: &[u64]| {
        let trend = seen(counts).expect("it grows");
        let features = Features::new(What::Listeners, trend, Source::default());
        judge(&Features { counts: counts.to_vec(), ..features }).certainty
    };
    assert!(judged(&[100, 200, 240]) < judged(&[100, 170, 240]));
}

#[test]
fn that_what_is_old_goes_is_believed_until_nothing_went_for_long() {
    let source = Source {
        adds: Adds::Something,
        removes: Removes::Something,
        bound: Some(Bound::Expiry),
        unread: None,
    };
    let after = |seconds: u64, gone: f64| {
        let counts = vec![1_000, 2_000, 3_000];
        let trend = seen(&counts).expect("it grows");
        let features = Features::new(What::Collection(Access::ByKey), trend, source);
        let features = Features { bytes: 1_000_000, share: 0.9, counts, ..features };
        judge(&Features { gone: Some(gone), seconds, ..features })
    };
    let (soon, hour, day) = (after(30, 0.0), after(3_600, 0.0), after(86_400, 0.0));
    assert!(f64::from(soon.certainty) < OPEN, "none has had its time yet: {}", soon.certainty);
    assert!(soon.certainty < hour.certainty && hour.certainty < day.certainty);
    assert_eq!(day.severity, Severity::Warning, "{}", day.certainty);
    assert_eq!(after(86_400, 0.3), after(30, 0.3), "some go, as is said");
}

proptest! {
    #[test]
    fn more_of_the_same_makes_surer(leak in steady(), snapshots in 2usize..6) {
        let (fewer, more) = (leak.after(snapshots, false), leak.after(snapshots + 1, false));
        prop_assert!(judge(&more).certainty >= judge(&fewer).certainty);
    }

    #[test]
    fn what_stayed_after_rest_is_at_least_as_sure(leak in steady(), snapshots in 2usize..6) {
        let (busy, rested) = (leak.after(snapshots, false), leak.after(snapshots, true));
        prop_assert!(judge(&rested).certainty >= judge(&busy).certainty);
    }

    #[test]
    fn ten_times_as_much_is_never_less_sure(leak in steady(), snapshots in 2usize..6) {
        let more = Steady { first: 10 * leak.first, step: 10 * leak.step, ..leak.clone() };
        let heavier = Steady { bytes_each: 10 * leak.bytes_each, ..leak.clone() };
        let verdict = judge(&leak.after(snapshots, false));
        for larger in [more, heavier] {
            let larger = judge(&larger.after(snapshots, false));
            prop_assert!(larger.certainty >= verdict.certainty);
            prop_assert!(larger.severity <= verdict.severity, "a warning stays one");
        }
    }

    #[test]
    fn how_loudly_it_is_said_follows_from_certainty_and_bytes(
        one in steady(),
        other in steady(),
        snapshots in 2usize..5,
    ) {
        let (one, other) = (one.after(snapshots, false), other.after(snapshots, false));
        let (sure, surer) = (judge(&one), judge(&other));
        let is_no_less = surer.certainty >= sure.certainty && other.bytes >= one.bytes;
        if is_no_less && other.what != What::Waste && one.what != What::Handles && sure.severity == Severity::Warning {
            prop_assert_eq!(surer.severity, Severity::Warning);
        }
    }

    #[test]
    fn equal_features_give_equal_verdicts(leak in steady(), snapshots in 2usize..6) {
        let features = leak.after(snapshots, false);
        prop_assert_eq!(judge(&features), judge(&features.clone()));
    }

    #[test]
    fn a_reason_has_the_sign_of_what_it_says(leak in steady(), snapshots in 2usize..6) {
        let features = leak.after(snapshots, true);
        for (reason, strength) in strengths(&features) {
            prop_assert!(strength > 0.0 && strength <= 1.0, "{reason:?}: {strength}");
            let weight = model::weight(reason);
            let speaks_for = reason < Reason::OneSnapshot;
            prop_assert!(matches!(reason, Reason::Kind(_)) || (weight >= 0.0) == speaks_for, "{reason:?}");
        }
    }
}
