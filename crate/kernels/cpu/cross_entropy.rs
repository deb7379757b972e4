//! Mean cross-entropy of a few rows of logits, with its gradient, on the CPU.

use super::vector;

/// Replaces logits by their gradient, (softmax(logits) - one-hot(target)) / rows, and gives the mean of
/// -log softmax(logits)[target].
pub fn forward(logits: &mut [f32], targets: &[i32], classes: usize) -> f32 {
    let share = 1.0 / targets.len() as f32;
    let mut loss = 0.0;
    for (row, &target) in logits.chunks_exact_mut(classes).zip(targets) {
        let target = target as usize;
        let (most, chosen) = (vector::max(row), row[target]);
        row.iter_mut().for_each(|x| *x = (*x - most).exp());
        let sum: f32 = row.iter().sum();
        loss += sum.ln() - (chosen - most);
        row.iter_mut().for_each(|x| *x *= share / sum);
        row[target] -= share;
    }
    loss * share
}
