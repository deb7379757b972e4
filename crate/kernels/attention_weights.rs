//! Scores to attention weights, one row of keys at a time, on the CPU.

use super::{dropout::Mask, vector};

/// Replaces each row of scores by softmax(scale · scores + bias).
///
/// `bias` has a row of `keys` for each of its batch entries, which `rows_per_bias` rows of scores share.
pub fn forward(scores: &mut [f32], keys: usize, scale: f32, bias: &[f32], rows_per_bias: usize) {
    for (block, bias) in scores
        .chunks_exact_mut(keys * rows_per_bias)
        .zip(bias.chunks_exact(keys))
    {
        for row in block.chunks_exact_mut(keys) {
            for (x, b) in row.iter_mut().zip(bias) {
                *x = *x * scale + b;
            }
            let most = vector::max(row);
            for x in row.iter_mut() {
                *x = vector::exp(*x - most);
            }
            let share = 1.0 / vector::sum(row, row, |x, _| x);
            row.iter_mut().for_each(|x| *x *= share);
        }
    }
}

/// Replaces the gradient of the dropped-out weights by that of the scores:
/// scale · weights · (mask · gradient - Σ weights · mask · gradient).
pub fn backward(gradient: &mut [f32], weights: &[f32], keys: usize, scale: f32, mask: Mask) {
    mask.apply(gradient);
    for (row, weights) in gradient.chunks_exact_mut(keys).zip(weights.chunks_exact(keys)) {
        let along = vector::sum(row, weights, |d, w| d * w);
        for (d, w) in row.iter_mut().zip(weights) {
            *d = scale * w * (*d - along);
        }
    }
}
