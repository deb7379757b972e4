//! Binary cross-entropy of a few rows, with its gradient, on the CPU.

use burn::backend::Flex;
use burn_flex::FlexTensor;

use super::tensor::{change, tensor};
use crate::kernels::ops::binary_cross_entropy::BinaryCrossEntropyKernel;

impl BinaryCrossEntropyKernel for Flex {
    fn binary_cross_entropy(logits: FlexTensor, targets: &[f32], weights: &[f32]) -> (FlexTensor, FlexTensor) {
        let (gradient, loss) = change(logits, |logits| binary_cross_entropy(logits, targets, weights));
        (tensor(vec![loss], [1]), gradient)
    }
}

/// Replaces each logit x by weight · (sigmoid(x) - target), and gives the sum of weight · (log(1 + eˣ) - target · x).
fn binary_cross_entropy(logits: &mut [f32], targets: &[f32], weights: &[f32]) -> f32 {
    let mut loss = 0.0;
    for (row, targets) in logits
        .chunks_exact_mut(weights.len())
        .zip(targets.chunks_exact(weights.len()))
    {
        for ((x, target), weight) in row.iter_mut().zip(targets).zip(weights) {
            // The exponential of a number below 0 never overflows.
            let small = (-x.abs()).exp();
            loss += weight * (x.max(0.0) + small.ln_1p() - target * *x);
            let sigmoid = if *x < 0.0 { small } else { 1.0 } / (1.0 + small);
            *x = weight * (sigmoid - target);
        }
    }
    loss
}
