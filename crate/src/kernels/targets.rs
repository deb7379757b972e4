//! What cross-entropy compares logits with: a class a row, with weights and smoothing already worked out.

/// The loss is the sum over the rows i of -weights\[i\] · log p\[i, classes\[i\]\] - Σ_c everywhere\[c\] · log p\[i, c\],
/// with p the softmax of the logits. So one formula covers the mean, torch's class weights and label smoothing, and a
/// step whose rows are computed a few at a time.
#[derive(Debug, Clone)]
pub struct Targets {
    /// The class of each row.
    pub classes: Vec<i32>,
    /// What the row's own class counts.
    pub weights: Vec<f32>,
    /// What each class counts in every row, `[classes]`; empty for nothing.
    pub everywhere: Vec<f32>,
}

impl Targets {
    /// The mean over the rows of -log softmax(logits)\[class\].
    pub fn mean(classes: Vec<i32>) -> Self {
        Self {
            weights: vec![1.0 / classes.len() as f32; classes.len()],
            classes,
            everywhere: Vec::new(),
        }
    }

    /// What every row's gradient sums its softmax with: Σ everywhere.
    pub(super) fn shared(&self) -> f32 {
        self.everywhere.iter().sum()
    }
}
