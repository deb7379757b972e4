//! Logits and labels of rows to a report: scores over all rows, scores of each label, and the confusion matrix.

use serde::Serialize;

use super::{
    counts::{Counts, Outcome, Tally, ratio},
    intervals::{Intervals, intervals},
    probabilities::{argmax, log_sum_exp},
};

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

/// Scores of predictions.
///
/// # Shapes
/// - logits: `[rows, classes]`, row-major, where classes is the number of `labels`
/// - targets: `[rows]`, each below classes
pub fn report(logits: &[f32], targets: &[u32], labels: &[String]) -> Report {
    let classes = labels.len();
    let rows = || logits.chunks_exact(classes.max(1));
    let predicted: Vec<u32> = rows().map(|row| argmax(row) as u32).collect();
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
pub(super) fn report_of(outcomes: &[Outcome], labels: &[String]) -> Report {
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
