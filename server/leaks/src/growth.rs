//! Does a series of counts grow the way a leak grows?
//!
//! Takes one count a snapshot, oldest first, and nothing else: it knows neither what is counted nor
//! the source. The thresholds follow reference work on N-snapshot detection (`BLeak`, fuite) and
//! our own measurements on the bundled programs.

/// The smallest growth, in things counted, that is worth a word.
const SMALLEST_GROWTH: u64 = 10;
/// Between two snapshots: the growth must be at least this share of what was there before.
const SMALLEST_SHARE: f64 = 0.05;
/// A step down of more than this share ends the suspicion: something does remove.
const TOLERATED_DIP: f64 = 0.02;
/// The share of the steps that must go up.
const RISING_STEPS: f64 = 0.75;
/// The last step must be at least this share of the median rising step: what filled once and then
/// stays (a cache at its limit, lazy tables) has a last step near zero.
const LAST_STEP: f64 = 0.35;

/// How evenly a series of counts grows, oldest first: from 0 (its steps differ wildly) to 1 (all
/// steps are equal). `None` if it does not grow as a leak does, or if there are too few numbers to
/// tell.
pub(crate) fn growing(counts: &[u64]) -> Option<f64> {
    let (&first, &last) = (counts.first()?, counts.last()?);
    let grown = last.saturating_sub(first);
    if counts.len() < 2 || grown < SMALLEST_GROWTH || (grown as f64) < SMALLEST_SHARE * first as f64
    {
        return None;
    }
    let dips = |pair: &[u64]| (pair[1] as f64) < pair[0] as f64 * (1.0 - TOLERATED_DIP);
    if counts.windows(2).any(dips) {
        return None;
    }
    let mut rises: Vec<u64> = steps(counts).filter(|&step| step > 0).collect();
    rises.sort_unstable();
    let enough = (RISING_STEPS * (counts.len() - 1) as f64).ceil() as usize;
    let median = *rises.get(rises.len() / 2)? as f64;
    let last_step = steps(counts).last()?;
    if rises.len() < enough || last_step == 0 || (last_step as f64) < LAST_STEP * median {
        return None;
    }
    Some(rises[0] as f64 / rises[rises.len() - 1] as f64)
}

fn steps(counts: &[u64]) -> impl Iterator<Item = u64> + '_ {
    counts.windows(2).map(|pair| pair[1].saturating_sub(pair[0]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cache_that_gains_in_every_round_grows() {
        assert!(growing(&[600, 1200, 1800]).is_some());
        assert!(growing(&[0, 200]).is_some());
        assert!(growing(&[100, 150, 210, 250, 300]).is_some());
    }

    #[test]
    fn equal_steps_are_even() {
        assert_eq!(growing(&[0, 500, 1000]), Some(1.0));
        assert_eq!(growing(&[0, 100, 300]), Some(0.5));
    }

    #[test]
    fn what_fills_once_and_stays_does_not_grow() {
        assert_eq!(growing(&[0, 400, 400]), None);
        assert_eq!(growing(&[0, 400, 402]), None);
        assert_eq!(growing(&[10, 900, 1000, 1000]), None);
    }

    #[test]
    fn churn_pools_and_trifles_do_not_grow() {
        assert_eq!(growing(&[1000, 1000, 1000]), None);
        assert_eq!(growing(&[100, 500, 120]), None);
        assert_eq!(growing(&[3, 6, 9]), None);
        assert_eq!(growing(&[100_000, 100_020, 100_040]), None);
    }

    #[test]
    fn one_snapshot_tells_nothing() {
        assert_eq!(growing(&[5000]), None);
        assert_eq!(growing(&[]), None);
    }
}
