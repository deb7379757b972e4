//! Logits to probabilities: softmax of single-label models, sigmoid of multi-label ones. Computed in f64.

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

/// 1 / (1 + exp(-x)) of each logit, in f64: the score of each label apart from the others.
pub fn sigmoid(logits: &[f32]) -> Vec<f32> {
    let score = |&logit: &f32| (1.0 / (1.0 + (-f64::from(logit)).exp())) as f32;
    logits.iter().map(score).collect()
}

/// Index of the largest value, the first of equals.
pub(super) fn argmax(row: &[f32]) -> usize {
    (0..row.len()).fold(0, |best, index| if row[index] > row[best] { index } else { best })
}

/// log Σ exp(logit), without overflow.
pub(super) fn log_sum_exp(row: &[f32]) -> f64 {
    let top = f64::from(row[argmax(row)]);
    top + row
        .iter()
        .map(|&logit| (f64::from(logit) - top).exp())
        .sum::<f64>()
        .ln()
}
