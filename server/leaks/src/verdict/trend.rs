//! Does a series of counts grow the way a leak grows?
//!
//! Takes one count a snapshot, oldest first, and nothing else: it knows neither what is counted nor
//! the source.

use crate::verdict::thresholds::trend::{
    MAX_DIP, MIN_GROWTH, MIN_KEPT_SHARE, MIN_LARGE_GROWTH, MIN_LAST_STEP, MIN_RISING_SHARE,
    MIN_SHARE, MIN_STEADY_STEP,
};
/// How growth was seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Trend {
    /// From snapshot to snapshot, to the last.
    Growing {
        /// From 0 (the steps differ wildly) to 1 (all steps are equal).
        evenness: f64,
        /// The last step is much smaller than those before: it may be filling up.
        slows: bool,
    },
    /// Up to the last snapshot but one, and most of it is still there in the last: what memlab's
    /// users do, who let the program clean up and idle before the last snapshot. A table that was
    /// filled once looks the same if the program went on working.
    Kept {
        /// So many more than in the first snapshot.
        gained: u64,
        /// So many times as many as in the first snapshot.
        times: f64,
    },
    /// In one snapshot: large, but nobody knows whether it grows.
    Once,
}

/// How a series of counts grows, oldest first. `None` if it does not grow as a leak does, or if
/// there are too few numbers to tell.
pub(crate) fn seen(counts: &[u64]) -> Option<Trend> {
    seen_from(MIN_GROWTH, counts)
}

/// The same of things that are large, each by itself: a few more are many bytes.
pub(crate) fn seen_of_large(counts: &[u64]) -> Option<Trend> {
    seen_from(MIN_LARGE_GROWTH, counts)
}

/// Whether a series that begins and ends so may grow as a leak does, whatever is between.
pub(crate) fn may_grow(first: u64, last: u64) -> bool {
    last.saturating_sub(first) >= MIN_GROWTH
}

/// The same of things that are large.
pub(crate) fn may_grow_if_large(first: u64, last: u64) -> bool {
    last.saturating_sub(first) >= MIN_LARGE_GROWTH
}

/// How a series grows that must gain `least` things to be worth a word.
fn seen_from(least: u64, counts: &[u64]) -> Option<Trend> {
    growing(least, counts).or_else(|| kept(least, counts))
}

/// How much of what the series gained up to the last number but one is still there in the last, if most of
/// it is.
fn kept(least: u64, counts: &[u64]) -> Option<Trend> {
    let (&last, worked) = counts.split_last()?;
    growing(least, worked)?;
    let (first, most) = (worked[0], worked[worked.len() - 1]); // it grows, so it has two
    let stayed = last.saturating_sub(first);
    let enough = stayed >= least && stayed as f64 > MIN_KEPT_SHARE * (most - first) as f64;
    let times = last as f64 / first.max(1) as f64;
    enough.then_some(Trend::Kept { gained: stayed, times })
}

/// How a series of counts grows to its end.
fn growing(least: u64, counts: &[u64]) -> Option<Trend> {
    let (&first, &last) = (counts.first()?, counts.last()?);
    let grown = last.saturating_sub(first);
    let enough = grown >= least && grown as f64 >= MIN_SHARE * first as f64;
    if counts.len() < 2 || !enough {
        return None;
    }
    let dips = |pair: &[u64]| (pair[1] as f64) < pair[0] as f64 * (1.0 - MAX_DIP);
    if counts.windows(2).any(dips) {
        return None;
    }
    let mut rises: Vec<u64> = steps(counts).filter(|&step| step > 0).collect();
    rises.sort_unstable();
    let enough = (MIN_RISING_SHARE * (counts.len() - 1) as f64).ceil() as usize;
    let median = *rises.get(rises.len() / 2)? as f64;
    let last_step = steps(counts).last()?;
    // After a rest as much again as before it: what was filled once stays as it is.
    let again = rises.len() > 1 && last_step as f64 >= MIN_STEADY_STEP * median;
    let rises_enough = again || rises.len() >= enough;
    if !rises_enough || last_step == 0 || (last_step as f64) < MIN_LAST_STEP * median {
        return None;
    }
    let evenness = rises[0] as f64 / rises[rises.len() - 1] as f64;
    Some(Trend::Growing { evenness, slows: (last_step as f64) < MIN_STEADY_STEP * median })
}

fn steps(counts: &[u64]) -> impl Iterator<Item = u64> + '_ {
    counts.windows(2).map(|pair| pair[1].saturating_sub(pair[0]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn growing(counts: &[u64]) -> Option<Trend> {
        super::growing(MIN_GROWTH, counts)
    }

    #[test]
    fn a_cache_that_gains_in_every_round_grows() {
        assert!(growing(&[600, 1200, 1800]).is_some());
        assert!(growing(&[0, 200]).is_some());
        assert!(growing(&[100, 150, 210, 250, 300]).is_some());
    }

    #[test]
    fn equal_steps_are_even() {
        let evenly = |evenness| Some(Trend::Growing { evenness, slows: false });
        assert_eq!(growing(&[0, 500, 1000]), evenly(1.0));
        assert_eq!(growing(&[0, 100, 300]), evenly(0.5));
    }

    #[test]
    fn what_gains_less_and_less_slows() {
        let slows = |counts: &[u64]| match growing(counts) {
            Some(Trend::Growing { slows, .. }) => slows,
            _ => panic!("{counts:?} does not grow"),
        };
        assert!(slows(&[312, 371, 393]), "four hundred keys, met by and by");
        assert!(!slows(&[100, 200, 260]), "there may have been less to do");
        assert!(!slows(&[100, 200]));
    }

    #[test]
    fn what_fills_once_and_stays_does_not_grow() {
        assert_eq!(growing(&[0, 400, 400]), None);
        assert_eq!(growing(&[0, 400, 402]), None);
        assert_eq!(growing(&[10, 900, 1000, 1000]), None);
    }

    #[test]
    fn what_the_work_added_and_the_clean_up_left_is_kept() {
        assert_eq!(seen(&[20, 620, 620]), Some(Trend::Kept { gained: 600, times: 31.0 }));
        assert_eq!(
            seen(&[20, 620, 600]),
            Some(Trend::Kept { gained: 580, times: 30.0 }),
            "some of it is gone"
        );
        assert_eq!(seen(&[0, 300, 600, 602]), Some(Trend::Kept { gained: 602, times: 602.0 }));
        assert_eq!(seen(&[20, 620, 25]), None, "it was cleaned up");
        assert_eq!(seen(&[20, 620, 310]), None, "it is being cleaned up");
        assert_eq!(seen(&[0, 400, 400, 400]), None, "filled once");
        assert_eq!(seen(&[20, 25, 25]), None);
    }

    #[test]
    fn what_grows_again_after_a_rest_grows() {
        assert!(matches!(seen(&[0, 200, 200, 400]), Some(Trend::Growing { slows: false, .. })));
        assert!(matches!(seen(&[0, 200, 200, 400, 400]), Some(Trend::Kept { gained: 400, .. })));
        assert_eq!(seen(&[0, 200, 200, 210]), None, "a few more");
        assert_eq!(seen(&[0, 200, 200, 200]), None);
    }

    #[test]
    fn churn_pools_and_trifles_do_not_grow() {
        assert_eq!(growing(&[1000, 1000, 1000]), None);
        assert_eq!(seen(&[100, 500, 120]), None);
        assert_eq!(growing(&[3, 6, 9]), None);
        assert_eq!(growing(&[100_000, 100_020, 100_040]), None);
    }

    #[test]
    fn of_large_things_a_few_more_are_growth() {
        assert_eq!(seen(&[3, 6, 9]), None);
        assert!(matches!(seen_of_large(&[3, 6, 9]), Some(Trend::Growing { .. })));
        assert!(matches!(seen_of_large(&[3, 6, 6]), Some(Trend::Kept { gained: 3, .. })));
        assert_eq!(seen_of_large(&[3, 4, 5]), None, "one by one they may be anything");
        assert_eq!(seen_of_large(&[9, 3, 9]), None, "some went");
    }

    #[test]
    fn one_snapshot_tells_nothing() {
        assert_eq!(growing(&[5000]), None);
        assert_eq!(growing(&[]), None);
    }
}
