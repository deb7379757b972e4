//! The targets of cross-entropy: a class a row, with class weights and label smoothing already worked out.

/// The loss is the sum over the rows i of -weights\[i\] · log p\[i, classes\[i\]\] - Σ_c smoothing_weights\[c\] · log p\[i, c\],
/// with p the softmax of the logits. One formula so covers the mean, torch's class weights and label smoothing, and a
/// step whose rows are computed a few at a time.
#[derive(Debug, Clone)]
pub struct Targets {
    /// The class of each row.
    pub classes: Vec<i32>,
    /// The weight of each row's own class.
    pub weights: Vec<f32>,
    /// The weight of each class in every row, `[classes]`; empty without label smoothing.
    pub smoothing_weights: Vec<f32>,
}

impl Targets {
    /// The mean over the rows of -log softmax(logits)\[class\].
    pub fn mean(classes: Vec<i32>) -> Self {
        Self {
            weights: vec![1.0 / classes.len() as f32; classes.len()],
            classes,
            smoothing_weights: Vec::new(),
        }
    }

    /// Σ smoothing_weights: what smoothing adds to the weight of a row's softmax in its gradient.
    pub(super) fn smoothing_total(&self) -> f32 {
        self.smoothing_weights.iter().sum()
    }
}
