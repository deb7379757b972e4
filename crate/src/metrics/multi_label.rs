//! Multi-label predictions: their report, and the decision threshold with the best F1.

use super::{
    counts::{Outcome, ratio},
    probabilities::sigmoid,
    report::{Report, report_of},
};

/// The default decision threshold.
pub const THRESHOLD: f64 = 0.5;

/// The report of multi-label predictions: every label whose sigmoid is at least `threshold`.
///
/// # Shapes
/// - logits: `[rows, classes]`, row-major, where classes is the number of `labels`
/// - targets: `[rows]`, the labels of each row, each below classes
pub fn report_multi_label(logits: &[f32], targets: &[Vec<u32>], labels: &[String], threshold: f64) -> Report {
    let rows = logits.chunks_exact(labels.len().max(1)).zip(targets);
    let rows: Vec<(Vec<u32>, Vec<u32>, f64)> = rows
        .map(|(logits, targets)| {
            let predicted = sigmoid(logits).into_iter().zip(0..);
            let predicted = predicted.filter(|(score, _)| f64::from(*score) >= threshold);
            let mut targets = targets.clone();
            targets.sort_unstable();
            let loss = binary_cross_entropy(logits, &targets);
            (targets, predicted.map(|(_, label)| label).collect(), loss)
        })
        .collect();
    let outcomes = rows.iter().map(|(targets, predicted, loss)| Outcome {
        targets,
        predicted,
        loss: *loss,
    });
    let outcomes: Vec<Outcome> = outcomes.collect();
    // Labels are predicted independently, so no label is confused with another.
    Report {
        threshold: Some(threshold),
        ..report_of(&outcomes, labels)
    }
}

/// A row's binary cross-entropy, the mean over its labels: torch's `binary_cross_entropy_with_logits`.
fn binary_cross_entropy(logits: &[f32], targets: &[u32]) -> f64 {
    let losses = logits.iter().zip(0..).map(|(&logit, label)| {
        let logit = f64::from(logit);
        let own = if targets.contains(&label) { logit } else { 0.0 };
        logit.max(0.0) - own + (-logit.abs()).exp().ln_1p()
    });
    losses.sum::<f64>() / logits.len() as f64
}

/// The middle of two scores, rounded to six digits where it still lies between them, so that files hold it exactly.
fn rounded_middle(low: f64, high: f64) -> f64 {
    let middle = (low + high) / 2.0;
    let rounded = (middle * 1e6).round() / 1e6;
    // 1 is no threshold.
    if low < rounded && rounded <= high && rounded < 1.0 {
        rounded
    } else {
        middle
    }
}

/// The decision threshold with the highest micro F1; of equals, the one nearest to 0.5.
///
/// All thresholds between two neighbouring scores predict the same. Of those around 0.5 it is 0.5. Of others it is the
/// middle, which a score does not cross when it is computed again in another batch.
///
/// # Shapes
/// - logits: `[rows, classes]`, row-major
/// - targets: `[rows]`, the labels of each row, each below classes
///
/// ```
/// use bertlet::metrics::best_threshold;
///
/// // Two rows of two labels. The sigmoids are 0.88 and 0.12, then 0.27 and 0.05.
/// let logits = [2.0, -2.0, -1.0, -3.0];
/// let threshold = best_threshold(&logits, &[vec![0], vec![0]], 2);
/// assert!(0.12 < threshold && threshold < 0.27);
/// ```
pub fn best_threshold(logits: &[f32], targets: &[Vec<u32>], classes: usize) -> f64 {
    let scores = sigmoid(logits);
    let rows = scores.chunks_exact(classes.max(1)).zip(targets);
    let mut decisions: Vec<(f32, bool)> = rows
        .flat_map(|(scores, own)| {
            scores
                .iter()
                .zip(0..)
                .map(|(&score, label)| (score, own.contains(&label)))
        })
        .collect();
    decisions.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
    let support = decisions.iter().filter(|(_, own)| *own).count();
    let (mut best, mut best_f1) = (THRESHOLD, 0.0);
    let mut true_positives = 0;
    for (place, &(score, own)) in decisions.iter().enumerate() {
        true_positives += usize::from(own);
        let next = decisions.get(place + 1).map_or(0.0, |(next, _)| *next);
        if next == score {
            continue;
        }
        let (low, high) = (f64::from(next), f64::from(score));
        let threshold = match low < THRESHOLD && THRESHOLD <= high {
            true => THRESHOLD,
            false => rounded_middle(low, high),
        };
        let f1 = ratio((2 * true_positives) as f64, (support + place + 1) as f64);
        let nearer = (threshold - THRESHOLD).abs() < (best - THRESHOLD).abs();
        if f1 > best_f1 || (f1 == best_f1 && nearer) {
            (best, best_f1) = (threshold, f1);
        }
    }
    best
}
