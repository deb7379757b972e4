//! Counts predictions row by row; gives accuracy, F1 and mean loss.

/// One row's prediction beside its targets. Label indices ascend; single-label rows have one each.
#[derive(Debug, Clone, Copy)]
pub struct Outcome<'a> {
    /// The row's labels.
    pub targets: &'a [u32],
    /// The predicted labels.
    pub predicted: &'a [u32],
    /// The row's loss, in nats.
    pub loss: f64,
}

/// Counts of one label, from which its precision, recall and F1 follow.
#[derive(Debug, Clone, Copy, Default)]
pub struct LabelCounts {
    /// Rows of the label that were predicted as the label.
    pub true_positives: u32,
    /// Rows of the label.
    pub support: u32,
    /// Rows predicted as the label.
    pub predicted: u32,
}

impl LabelCounts {
    /// Harmonic mean of precision and recall; 0 for a label with neither rows nor predictions.
    pub fn f1(&self) -> f64 {
        ratio(
            f64::from(2 * self.true_positives),
            f64::from(self.support + self.predicted),
        )
    }
}

/// Scores over all rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scores {
    /// Share of rows whose predicted labels are exactly their labels, 0 to 1.
    pub accuracy: f64,
    /// F1 of all labels' counts together, 0 to 1.
    pub micro_f1: f64,
    /// Mean of the labels' F1, 0 to 1.
    pub macro_f1: f64,
    /// Mean of the rows' losses, in nats.
    pub loss: f64,
}

/// Counts over rows.
#[derive(Debug)]
pub struct Counts {
    /// Counts of each label.
    pub labels: Vec<LabelCounts>,
    rows: u32,
    correct: u32,
    loss: f64,
}

impl Counts {
    /// Counts of no rows.
    pub fn new(classes: usize) -> Self {
        Self {
            labels: vec![LabelCounts::default(); classes],
            rows: 0,
            correct: 0,
            loss: 0.0,
        }
    }

    /// Back to no rows.
    pub fn clear(&mut self) {
        self.labels.fill(LabelCounts::default());
        (self.rows, self.correct, self.loss) = (0, 0, 0.0);
    }

    /// Counts a row.
    pub fn add(&mut self, row: Outcome) {
        for &label in row.targets {
            self.labels[label as usize].support += 1;
            self.labels[label as usize].true_positives += u32::from(row.predicted.contains(&label));
        }
        for &label in row.predicted {
            self.labels[label as usize].predicted += 1;
        }
        self.rows += 1;
        self.correct += u32::from(row.targets == row.predicted);
        self.loss += row.loss;
    }

    /// Labels that occur among the counted rows, and those that do not in `whole` either; at least 1.
    pub fn labels_beside(&self, whole: &Self) -> usize {
        let occurs = |label: &LabelCounts| label.support + label.predicted > 0;
        let both = self.labels.iter().zip(&whole.labels);
        both.filter(|(here, there)| occurs(here) || !occurs(there))
            .count()
            .max(1)
    }

    /// The scores of the counted rows; all 0 without rows.
    pub fn scores(&self) -> Scores {
        let rows = f64::from(self.rows.max(1));
        let mut all = LabelCounts::default();
        for label in &self.labels {
            all.true_positives += label.true_positives;
            all.support += label.support;
            all.predicted += label.predicted;
        }
        Scores {
            accuracy: f64::from(self.correct) / rows,
            micro_f1: all.f1(),
            macro_f1: self.labels.iter().map(LabelCounts::f1).sum::<f64>() / self.labels.len().max(1) as f64,
            loss: self.loss / rows,
        }
    }
}

/// A ratio; 0 where the denominator is 0.
pub(super) fn ratio(numerator: f64, denominator: f64) -> f64 {
    if denominator == 0.0 {
        0.0
    } else {
        numerator / denominator
    }
}
