//! Takes what a model made of each row; gives how far its scores scatter over samples of as many rows like these.
//!
//! The percentile bootstrap (Efron & Tibshirani 1993, chapter 13): rows are drawn with replacement, 1,000 times as many
//! as there are, and of the 1,000 scores the middle 95% are kept. scipy.stats.bootstrap's `method="percentile"`.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

use super::counts::{Outcome, Tally};

const RESAMPLES: usize = 1000;
const CONFIDENCE: f64 = 0.95;
/// One for every report, so that the same predictions always give the same intervals.
const SEED: u64 = 42;

/// Lower and upper end of each score's 95% confidence interval.
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

/// The intervals of rows whose indices are below `classes`. Each end is 0 where there is no row.
pub fn intervals(outcomes: &[Outcome], classes: usize) -> Intervals {
    let rows = outcomes.len() as u64;
    let mut random = ChaCha8Rng::seed_from_u64(SEED);
    let mut tally = Tally::new(classes);
    let mut scores = [(); 4].map(|()| vec![0.0; RESAMPLES]);
    for resample in 0..if rows > 0 { RESAMPLES } else { 0 } {
        tally.clear();
        for _ in 0..rows {
            // The high word of a product: as even as 32 bits are.
            tally.add(outcomes[((u64::from(random.next_u32()) * rows) >> 32) as usize]);
        }
        let found = tally.scores();
        let found = [found.accuracy, found.micro_f1, found.macro_f1, found.loss];
        for (all, score) in scores.iter_mut().zip(found) {
            all[resample] = score;
        }
    }
    let [accuracy, micro_f1, macro_f1, loss] = scores.map(middle);
    Intervals {
        accuracy,
        micro_f1,
        macro_f1,
        loss,
    }
}

/// The quantiles that leave out half of the rest on each side, interpolated as numpy does.
fn middle(mut scores: Vec<f64>) -> [f64; 2] {
    scores.sort_unstable_by(f64::total_cmp);
    let outside = (1.0 - CONFIDENCE) / 2.0;
    [outside, 1.0 - outside].map(|share| {
        let place = share * (scores.len() - 1) as f64;
        let below = place.floor();
        let (low, high) = (scores[below as usize], scores[place.ceil() as usize]);
        low + (high - low) * (place - below)
    })
}
