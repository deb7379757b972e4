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

/// The evidence for a label, and its gradient by the row's logits: log(p / (1 - p)) of the label's probability p. With
/// `softmax` that is its logit less log Σ exp of the others', without it the logit itself.
pub fn log_odds(logits: &[f32], label: usize, softmax: bool) -> (f64, Vec<f32>) {
    let mut gradient = vec![0.0; logits.len()];
    let mut evidence = f64::from(logits[label]);
    if softmax && logits.len() > 1 {
        let mut others = logits.to_vec();
        others[label] = f32::NEG_INFINITY;
        let total = log_sum_exp(&others);
        evidence -= total;
        let share = |&logit: &f32| -(f64::from(logit) - total).exp() as f32;
        gradient = others.iter().map(share).collect();
    }
    gradient[label] = 1.0;
    (evidence, gradient)
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
