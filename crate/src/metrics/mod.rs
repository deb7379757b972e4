//! Logits and labels to plain numbers. No tensors.

mod counts;
mod intervals;
mod multi_label;

use serde::Serialize;

pub use counts::{Counts, Outcome, Scores, Tally};
pub use intervals::{Intervals, intervals};
pub use multi_label::{THRESHOLD, best_threshold, report_several, sigmoid};

/// How good predictions are. Serialized with the names of the JavaScript API.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Mean cross-entropy, in nats; where rows may have several labels, mean binary cross-entropy.
    pub loss: f64,
    /// Share of rows predicted right, with all of their labels and no others, 0 to 1.
    pub accuracy: f64,
    /// F1 of all labels together; with one label a row, the accuracy.
    #[serde(rename = "microF1")]
    pub micro_f1: f64,
    /// Mean of the labels' F1.
    #[serde(rename = "macroF1")]
    pub macro_f1: f64,
    /// One entry a label, in the order of the labels.
    pub per_label: Vec<LabelScore>,
    /// `confusion[i][j]`: rows of true label i predicted as j; empty where rows may have several labels.
    pub confusion: Vec<Vec<u32>>,
    /// From which score on a label was predicted, where rows may have several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// 95% confidence intervals of the scores above.
    pub intervals: Intervals,
}

/// Scores of one label. A ratio without a denominator is 0, as scikit-learn has it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LabelScore {
    /// The label's name.
    pub label: String,
    /// Share of the rows predicted as this label that are of it.
    pub precision: f64,
    /// Share of the rows of this label that were predicted as it.
    pub recall: f64,
    /// Harmonic mean of precision and recall.
    pub f1: f64,
    /// Rows of this label.
    pub support: u32,
}

/// softmax of each row, in f64.
///
/// # Shapes
/// - logits, output: `[rows, classes]`, row-major
pub fn softmax(logits: &[f32], classes: usize) -> Vec<f32> {
    logits
        .chunks_exact(classes.max(1))
        .flat_map(|row| {
            let total = log_sum_exp(row);
            row.iter().map(move |&logit| (f64::from(logit) - total).exp() as f32)
        })
        .collect()
}

/// Scores of predictions.
///
/// # Shapes
/// - logits: `[rows, classes]`, row-major, where classes is the number of `labels`
/// - targets: `[rows]`, each below classes
pub fn report(logits: &[f32], targets: &[u32], labels: &[String]) -> Report {
    let classes = labels.len();
    let rows = || logits.chunks_exact(classes.max(1));
    let predicted: Vec<u32> = rows().map(|row| largest(row) as u32).collect();
    let mut confusion = vec![vec![0u32; classes]; classes];
    for (target, predicted) in targets.iter().zip(&predicted) {
        confusion[*target as usize][*predicted as usize] += 1;
    }
    let outcomes: Vec<Outcome> = rows()
        .zip(targets.chunks_exact(1).zip(predicted.chunks_exact(1)))
        .map(|(row, (target, predicted))| Outcome {
            targets: target,
            predicted,
            loss: log_sum_exp(row) - f64::from(row[target[0] as usize]),
        })
        .collect();
    Report {
        confusion,
        ..report_of(&outcomes, labels)
    }
}

/// What is the same for one label a row and for several.
fn report_of(outcomes: &[Outcome], labels: &[String]) -> Report {
    let mut tally = Tally::new(labels.len());
    outcomes.iter().for_each(|row| tally.add(*row));
    let score = |(label, counts): (&String, &Counts)| LabelScore {
        label: label.clone(),
        precision: ratio(f64::from(counts.hits), f64::from(counts.predicted)),
        recall: ratio(f64::from(counts.hits), f64::from(counts.support)),
        f1: counts.f1(),
        support: counts.support,
    };
    let scores = tally.scores();
    Report {
        loss: scores.loss,
        accuracy: scores.accuracy,
        micro_f1: scores.micro_f1,
        macro_f1: scores.macro_f1,
        per_label: labels.iter().zip(&tally.counts).map(score).collect(),
        confusion: Vec::new(),
        threshold: None,
        intervals: intervals(outcomes, labels.len()),
    }
}

/// Index of the largest value, the first of equals.
fn largest(row: &[f32]) -> usize {
    (0..row.len()).fold(0, |best, index| if row[index] > row[best] { index } else { best })
}

fn log_sum_exp(row: &[f32]) -> f64 {
    let top = f64::from(row[largest(row)]);
    top + row
        .iter()
        .map(|&logit| (f64::from(logit) - top).exp())
        .sum::<f64>()
        .ln()
}

fn ratio(part: f64, whole: f64) -> f64 {
    if whole == 0.0 { 0.0 } else { part / whole }
}
