//! Cross-entropy of a few rows, with its gradient, on the CPU.

use burn::backend::{Flex, TensorMetadata};
use burn_flex::FlexTensor;
use rayon::prelude::*;

use super::{
    simd,
    tensor::{change, tensor},
};
use crate::kernels::{ops::cross_entropy::CrossEntropyKernel, targets::Targets};

impl CrossEntropyKernel for Flex {
    fn cross_entropy(logits: FlexTensor, targets: &Targets) -> (FlexTensor, FlexTensor) {
        let classes = logits.shape()[1];
        let (gradient, loss) = change(logits, |logits| cross_entropy(logits, targets, classes));
        (tensor(vec![loss], [1]), gradient)
    }
}

/// Replaces logits by their gradient, (weight + Σ smoothing_weights) · softmax - weight · one-hot(class) -
/// smoothing_weights, and gives the loss.
fn cross_entropy(logits: &mut [f32], targets: &Targets, classes: usize) -> f32 {
    let smoothing_total = targets.smoothing_total();
    let rows = logits
        .par_chunks_mut(classes)
        .zip(&targets.classes)
        .zip(&targets.weights);
    let losses = rows.map(|((row, &class), &weight)| {
        let class = class as usize;
        let most = simd::max(row);
        row.iter_mut().for_each(|x| *x -= most);
        // NaN where a logit is not finite: `exp` and `max` would hide it.
        let none = 0.0 * simd::sum(row, row, |x, _| x);
        let chosen = weight * row[class] + simd::sum(row, &targets.smoothing_weights, |x, smoothing| x * smoothing);
        row.iter_mut().for_each(|x| *x = simd::exp(*x));
        let sum = simd::sum(row, row, |x, _| x);
        let scale = (weight + smoothing_total) / sum;
        row.iter_mut().for_each(|x| *x *= scale);
        row[class] -= weight;
        row.iter_mut()
            .zip(&targets.smoothing_weights)
            .for_each(|(x, smoothing)| *x -= smoothing);
        (weight + smoothing_total) * sum.ln() - chosen + none
    });
    losses.collect::<Vec<f32>>().iter().sum()
}
