//! Logistic regression with the signs given: how much each reason should weigh, from labelled findings.
//!
//! Plain numbers; which findings they are of is not known here.

/// Loss for each weight's distance from where it starts, so that what is seen once weighs little.
const PULL: f64 = 0.002;
/// The smallest weight of a reason that has a sign: it is never of no use.
const MIN_WEIGHT: f64 = 0.05;
/// Passes over all weights; each lowers the loss, and after so many it stands still.
const MAX_PASSES: usize = 400;
/// No weight moves by more in a pass: it stands still.
const STILL: f64 = 1e-4;

/// What a weight may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sign {
    For,
    Against,
    Free,
}

impl Sign {
    /// Where a weight starts. Of what can leak, most does not.
    fn start(self) -> f64 {
        match self {
            Sign::For => 0.5,
            Sign::Against => -0.5,
            Sign::Free => -1.0,
        }
    }

    fn allows(self, weight: f64) -> f64 {
        match self {
            Sign::For => weight.max(MIN_WEIGHT),
            Sign::Against => weight.min(-MIN_WEIGHT),
            Sign::Free => weight,
        }
    }
}

/// One labelled finding.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    /// Index of each reason with its strength.
    pub(crate) strengths: Vec<(usize, f64)>,
    pub(crate) is_leak: bool,
    /// How much it counts.
    pub(crate) counts: f64,
}

impl Sample {
    pub(crate) fn log_odds(&self, weights: &[f64]) -> f64 {
        self.strengths.iter().map(|&(reason, strength)| strength * weights[reason]).sum()
    }
}

/// The weights, one for each sign, under which the samples are most likely.
///
/// One weight after the other goes to the minimum of a parabola above the loss, so that no step
/// overshoots.
pub(crate) fn fit(samples: &[&Sample], signs: &[Sign]) -> Vec<f64> {
    let all: f64 = samples.iter().map(|it| it.counts).sum();
    let mut columns = vec![Vec::new(); signs.len()];
    for (row, sample) in samples.iter().enumerate() {
        for &(reason, strength) in &sample.strengths {
            columns[reason].push((row, strength));
        }
    }
    let mut weights: Vec<f64> = signs.iter().map(|sign| sign.start()).collect();
    let mut log_odds: Vec<f64> = samples.iter().map(|it| it.log_odds(&weights)).collect();
    for _ in 0..MAX_PASSES {
        let mut moved: f64 = 0.0;
        for (reason, sign) in signs.iter().enumerate() {
            let mut slope = PULL * (weights[reason] - sign.start());
            let mut bend = PULL;
            for &(row, strength) in &columns[reason] {
                let Sample { is_leak, counts, .. } = samples[row];
                let missed = logistic(log_odds[row]) - f64::from(u8::from(*is_leak));
                slope += counts / all * strength * missed;
                // The logistic curve is nowhere steeper than a quarter.
                bend += counts / all * strength * strength / 4.0;
            }
            let weight = sign.allows(weights[reason] - slope / bend);
            let step = weight - weights[reason];
            weights[reason] = weight;
            columns[reason].iter().for_each(|&(row, strength)| log_odds[row] += step * strength);
            moved = moved.max(step.abs());
        }
        if moved < STILL {
            break;
        }
    }
    weights
}

/// Certainty from log-odds.
pub(crate) fn logistic(log_odds: f64) -> f64 {
    1.0 / (1.0 + (-log_odds).exp())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Samples of which each has a kind (0) and some of two reasons.
    fn samples(of: &[(bool, &[usize])]) -> Vec<Sample> {
        let sample = |(is_leak, reasons): &(bool, &[usize])| {
            let strengths = [0].iter().chain(*reasons).map(|&reason| (reason, 1.0)).collect();
            Sample { strengths, is_leak: *is_leak, counts: 1.0 }
        };
        of.iter().map(sample).collect()
    }

    const SIGNS: [Sign; 3] = [Sign::Free, Sign::For, Sign::Against];

    fn fitted(of: &[(bool, &[usize])]) -> Vec<f64> {
        let samples = samples(of);
        fit(&samples.iter().collect::<Vec<_>>(), &SIGNS)
    }

    #[test]
    fn what_tells_leaks_apart_weighs_much() {
        let weights = fitted(&[(true, &[1]), (true, &[1]), (false, &[2]), (false, &[])]);
        assert!(weights[1] > 2.0, "{weights:?}");
        assert!(weights[2] < -1.0, "{weights:?}");
    }

    #[test]
    fn a_sign_is_kept_whatever_the_samples_say() {
        let weights = fitted(&[(false, &[1]), (false, &[1]), (true, &[2]), (true, &[2])]);
        assert_eq!(weights[1..], [MIN_WEIGHT, -MIN_WEIGHT]);
    }

    #[test]
    fn what_is_never_seen_stays_where_it_starts() {
        let weights = fitted(&[(true, &[]), (false, &[])]);
        assert_eq!(weights[1..], [0.5, -0.5]);
    }

    #[test]
    fn the_certainty_is_the_share_of_leaks() {
        let weights = fitted(&[(true, &[]), (true, &[]), (true, &[]), (false, &[])]);
        assert!((logistic(weights[0]) - 0.75).abs() < 0.02, "{weights:?}");
    }
}
