//! Takes what a model made of each row; gives how far its scores scatter over samples of as many rows like these.
//!
//! The percentile bootstrap (Efron & Tibshirani 1993, chapter 13): rows are drawn with replacement, 1,000 times as many
//! as there are, and of the 1,000 scores the middle 95% are kept. scipy.stats.bootstrap's `method="percentile"`.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

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
    /// Of [`Report::macro_f1`](super::Report::macro_f1).
    #[serde(rename = "macroF1")]
    pub macro_f1: [f64; 2],
    /// Of [`Report::loss`](super::Report::loss).
    pub loss: [f64; 2],
}

/// What became of one row.
#[derive(Debug, Clone, Copy)]
pub struct Outcome {
    /// Its label's index.
    pub target: u32,
    /// The predicted one.
    pub predicted: u32,
    /// Its cross-entropy, in nats.
    pub loss: f64,
}

/// What F1 needs to know of a label.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counts {
    /// Rows of the label that were predicted as it.
    pub hits: u32,
    /// Rows of the label.
    pub support: u32,
    /// Rows predicted as it.
    pub predicted: u32,
}

impl Counts {
    /// Harmonic mean of precision and recall; 0 for a label with neither rows nor predictions.
    pub fn f1(&self) -> f64 {
        super::ratio(f64::from(2 * self.hits), f64::from(self.support + self.predicted))
    }
}

/// The intervals of rows whose indices are below `classes`. Each end is 0 where there is no row.
pub fn intervals(outcomes: &[Outcome], classes: usize) -> Intervals {
    let rows = outcomes.len() as u64;
    let mut random = ChaCha8Rng::seed_from_u64(SEED);
    let mut counts = vec![Counts::default(); classes];
    let [mut accuracies, mut f1s, mut losses] = [(); 3].map(|()| vec![0.0; RESAMPLES]);
    for resample in 0..if rows > 0 { RESAMPLES } else { 0 } {
        counts.fill(Counts::default());
        let mut loss = 0.0;
        for _ in 0..rows {
            // The high word of a product: as even as 32 bits are.
            let drawn = outcomes[((u64::from(random.next_u32()) * rows) >> 32) as usize];
            counts[drawn.target as usize].support += 1;
            counts[drawn.predicted as usize].predicted += 1;
            counts[drawn.target as usize].hits += u32::from(drawn.target == drawn.predicted);
            loss += drawn.loss;
        }
        let hits: u32 = counts.iter().map(|label| label.hits).sum();
        accuracies[resample] = f64::from(hits) / rows as f64;
        f1s[resample] = counts.iter().map(Counts::f1).sum::<f64>() / classes as f64;
        losses[resample] = loss / rows as f64;
    }
    Intervals {
        accuracy: middle(accuracies),
        macro_f1: middle(f1s),
        loss: middle(losses),
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
