//! Confidence intervals of scores, by the percentile bootstrap (Efron & Tibshirani 1993, chapter 13).
//!
//! 1,000 times, as many rows as there are get drawn with replacement; an interval holds the middle 95% of the 1,000
//! scores. The same as scipy.stats.bootstrap's `method="percentile"`.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use super::counts::{Counts, Outcome};

const RESAMPLES: usize = 1000;
const CONFIDENCE: f64 = 0.95;
/// The seed of every report, so that equal predictions give equal intervals.
const SEED: u64 = 42;

/// The 95% confidence interval of each score: its lower and its upper end.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Intervals {
    /// Of [`Report::accuracy`](super::Report::accuracy).
    pub accuracy: [f64; 2],
    /// Of [`Report::micro_f1`](super::Report::micro_f1).
    #[serde(rename = "microF1")]
    pub micro_f1: [f64; 2],
    /// Of [`Report::macro_f1`](super::Report::macro_f1).
    #[serde(rename = "macroF1")]
    pub macro_f1: [f64; 2],
    /// Of [`Report::loss`](super::Report::loss).
    pub loss: [f64; 2],
}

/// The intervals of rows whose label indices are below `classes`. Each end is 0 without rows.
pub fn intervals(outcomes: &[Outcome], classes: usize) -> Intervals {
    let rows = outcomes.len() as u64;
    let mut random = ChaCha8Rng::seed_from_u64(SEED);
    let mut whole = Counts::new(classes);
    outcomes.iter().for_each(|row| whole.add(*row));
    let mut counts = Counts::new(classes);
    let mut scores = [(); 4].map(|()| vec![0.0; RESAMPLES]);
    for resample in 0..if rows > 0 { RESAMPLES } else { 0 } {
        counts.clear();
        for _ in 0..rows {
            // A uniform row index: the high word of a product.
            counts.add(outcomes[((u64::from(random.next_u32()) * rows) >> 32) as usize]);
        }
        let found = counts.scores();
        // A label that none of the drawn rows has says nothing of the score.
        let macro_f1 = found.macro_f1 * classes as f64 / counts.labels_beside(&whole) as f64;
        let found = [found.accuracy, found.micro_f1, macro_f1, found.loss];
        for (all, score) in scores.iter_mut().zip(found) {
            all[resample] = score;
        }
    }
    let [accuracy, micro_f1, macro_f1, loss] = scores.map(percentile_interval);
    Intervals {
        accuracy,
        micro_f1,
        macro_f1,
        loss,
    }
}

/// The two quantiles between which 95% of the scores lie, interpolated as in numpy.
fn percentile_interval(mut scores: Vec<f64>) -> [f64; 2] {
    scores.sort_unstable_by(f64::total_cmp);
    let outside = (1.0 - CONFIDENCE) / 2.0;
    [outside, 1.0 - outside].map(|share| {
        let place = share * (scores.len() - 1) as f64;
        let below = place.floor();
        let (low, high) = (scores[below as usize], scores[place.ceil() as usize]);
        low + (high - low) * (place - below)
    })
}
