//! Logits and labels to plain numbers. No tensors.

mod intervals;

use serde::Serialize;

pub use intervals::{Counts, Intervals, Outcome, intervals};

/// How good predictions are. Serialized with the names of the JavaScript API.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Mean cross-entropy, in nats.
    pub loss: f64,
    /// Share of rows predicted right, 0 to 1.
    pub accuracy: f64,
    /// Mean of the labels' F1.
    #[serde(rename = "macroF1")]
    pub macro_f1: f64,
    /// One entry a label, in the order of the labels.
    pub per_label: Vec<LabelScore>,
    /// `confusion[i][j]`: rows of true label i predicted as j.
    pub confusion: Vec<Vec<u32>>,
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
    let outcomes: Vec<Outcome> = logits
        .chunks_exact(classes.max(1))
        .zip(targets)
        .map(|(row, &target)| Outcome {
            target,
            predicted: largest(row) as u32,
            loss: log_sum_exp(row) - f64::from(row[target as usize]),
        })
        .collect();
    let mut confusion = vec![vec![0u32; classes]; classes];
    for row in &outcomes {
        confusion[row.target as usize][row.predicted as usize] += 1;
    }
    let rows = outcomes.len().max(1) as f64;
    let right: u32 = (0..classes).map(|label| confusion[label][label]).sum();
    let per_label: Vec<LabelScore> = labels
        .iter()
        .enumerate()
        .map(|(index, label)| {
            let counts = Counts {
                hits: confusion[index][index],
                support: confusion[index].iter().sum(),
                predicted: confusion.iter().map(|row| row[index]).sum(),
            };
            LabelScore {
                label: label.clone(),
                precision: ratio(f64::from(counts.hits), f64::from(counts.predicted)),
                recall: ratio(f64::from(counts.hits), f64::from(counts.support)),
                f1: counts.f1(),
                support: counts.support,
            }
        })
        .collect();
    Report {
        loss: outcomes.iter().map(|row| row.loss).sum::<f64>() / rows,
        accuracy: f64::from(right) / rows,
        macro_f1: per_label.iter().map(|score| score.f1).sum::<f64>() / classes.max(1) as f64,
        per_label,
        confusion,
        intervals: intervals(&outcomes, classes),
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
