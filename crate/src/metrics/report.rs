//! Logits and labels of rows to a report: scores over all rows, scores of each label, and the confusion matrix.

use serde::Serialize;

use super::{
    counts::{Counts, LabelCounts, Outcome, ratio},
    intervals::{Intervals, intervals},
    probabilities::{argmax, log_sum_exp},
};

/// The scores of predictions. Serialized with the names of the JavaScript API.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Mean cross-entropy, in nats; of multi-label models, mean binary cross-entropy.
    pub loss: f64,
    /// Share of rows predicted correct, with all of their labels and no others, 0 to 1.
    pub accuracy: f64,
    /// F1 of all labels' counts together, 0 to 1; of single-label models, the accuracy.
    #[serde(rename = "microF1")]
    pub micro_f1: f64,
    /// Mean of the labels' F1, 0 to 1.
    #[serde(rename = "macroF1")]
    pub macro_f1: f64,
    /// Scores of each label, in the order of the labels.
    pub per_label: Vec<LabelScore>,
    /// Confusion matrix: `confusion[i][j]` rows of label i were predicted as j. Empty for multi-label models.
    pub confusion: Vec<Vec<u32>>,
    /// Decision threshold; multi-label models only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// 95% confidence intervals of the scores above.
    pub intervals: Intervals,
}

/// Scores of one label, 0 to 1. A ratio whose denominator is 0 is 0, as in scikit-learn.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LabelScore {
    /// The label's name.
    pub label: String,
    /// Share of the rows predicted as this label that have it.
    pub precision: f64,
    /// Share of the rows with this label that were predicted as it.
    pub recall: f64,
    /// Harmonic mean of precision and recall.
    pub f1: f64,
    /// Number of rows with this label.
    pub support: u32,
}

/// The report of single-label predictions: the label of the largest logit, the first of equals.
///
/// # Shapes
/// - logits: `[rows, classes]`, row-major, where classes is the number of `labels`
/// - targets: `[rows]`, each below classes
///
/// ```
/// use bertlet::metrics::report;
///
/// let labels = ["no".to_owned(), "yes".to_owned()];
/// let report = report(&[2.0, 0.5, 0.1, 1.5, 1.0, 0.0], &[0, 1, 1], &labels);
/// assert_eq!(report.confusion, [[1, 0], [1, 1]]);
/// assert!((report.accuracy - 2.0 / 3.0).abs() < 1e-12);
/// ```
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

/// The report without what only single-label or only multi-label models have.
pub(super) fn report_of(outcomes: &[Outcome], labels: &[String]) -> Report {
    let mut counts = Counts::new(labels.len());
    outcomes.iter().for_each(|row| counts.add(*row));
    let score = |(label, counts): (&String, &LabelCounts)| LabelScore {
        label: label.clone(),
        precision: ratio(f64::from(counts.true_positives), f64::from(counts.predicted)),
        recall: ratio(f64::from(counts.true_positives), f64::from(counts.support)),
        f1: counts.f1(),
        support: counts.support,
    };
    let scores = counts.scores();
    Report {
        loss: scores.loss,
        accuracy: scores.accuracy,
        micro_f1: scores.micro_f1,
        macro_f1: scores.macro_f1,
        per_label: labels.iter().zip(&counts.labels).map(score).collect(),
        confusion: Vec::new(),
        threshold: None,
        intervals: intervals(outcomes, labels.len()),
    }
}
