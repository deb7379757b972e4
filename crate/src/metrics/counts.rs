//! Takes what became of rows, one after another; gives the scores of all of them.

/// What became of one row. Label indices ascend, and are one where rows have one label.
#[derive(Debug, Clone, Copy)]
pub struct Outcome<'a> {
    /// Its labels.
    pub targets: &'a [u32],
    /// The predicted ones.
    pub predicted: &'a [u32],
    /// Its loss, in nats.
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
        ratio(f64::from(2 * self.hits), f64::from(self.support + self.predicted))
    }
}

/// The scores of a report.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scores {
    /// Share of rows all of whose labels were predicted, and no others.
    pub accuracy: f64,
    /// F1 of all labels' counts together.
    pub micro_f1: f64,
    /// Mean of the labels' F1.
    pub macro_f1: f64,
    /// Mean of the rows' losses.
    pub loss: f64,
}

/// Sums over rows.
#[derive(Debug)]
pub struct Tally {
    /// Of each label.
    pub counts: Vec<Counts>,
    rows: u32,
    right: u32,
    loss: f64,
}

impl Tally {
    /// Of no rows.
    pub fn new(classes: usize) -> Self {
        Self {
            counts: vec![Counts::default(); classes],
            rows: 0,
            right: 0,
            loss: 0.0,
        }
    }

    /// Forgets all rows.
    pub fn clear(&mut self) {
        self.counts.fill(Counts::default());
        (self.rows, self.right, self.loss) = (0, 0, 0.0);
    }

    /// One more row.
    pub fn add(&mut self, row: Outcome) {
        for &label in row.targets {
            self.counts[label as usize].support += 1;
            self.counts[label as usize].hits += u32::from(row.predicted.contains(&label));
        }
        for &label in row.predicted {
            self.counts[label as usize].predicted += 1;
        }
        self.rows += 1;
        self.right += u32::from(row.targets == row.predicted);
        self.loss += row.loss;
    }

    /// The scores; all 0 of no rows.
    pub fn scores(&self) -> Scores {
        let rows = f64::from(self.rows.max(1));
        let mut all = Counts::default();
        for label in &self.counts {
            all.hits += label.hits;
            all.support += label.support;
            all.predicted += label.predicted;
        }
        Scores {
            accuracy: f64::from(self.right) / rows,
            micro_f1: all.f1(),
            macro_f1: self.counts.iter().map(Counts::f1).sum::<f64>() / self.counts.len().max(1) as f64,
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
