//! LayerNorm (Ba et al. 2016) of a dropped-out input plus a residual, rows of `hidden` at a time, on the CPU.

use burn::backend::{Flex, TensorMetadata};
use burn_flex::FlexTensor;
use rayon::prelude::*;

use super::{
    dropout::drop_out,
    simd::{self, widest},
    tensor::{change, tensor, tensor_of_shape, values},
};
use crate::kernels::{
    dropout::Mask,
    ops::{
        dropout::DropoutKernel,
        layer_norm::{LayerNormGradients, LayerNormKernel, Normalized},
    },
};

impl LayerNormKernel for Flex {
    fn layer_norm_forward(
        x: FlexTensor,
        residual: FlexTensor,
        gamma: FlexTensor,
        beta: FlexTensor,
        epsilon: f64,
        mask: Mask,
    ) -> (FlexTensor, Normalized<Self>) {
        let shape = x.shape();
        let [residual, gamma, beta] = [residual, gamma, beta].map(|input| input.to_contiguous());
        let (normalized, (output, inverses)) = change(x, |x| {
            forward(
                x,
                values(&residual),
                values(&gamma),
                values(&beta),
                epsilon as f32,
                mask,
            )
        });
        let rows = inverses.len();
        let state = Normalized {
            normalized,
            inverses: tensor(inverses, [rows, 1]),
        };
        (tensor_of_shape(output, shape), state)
    }

    fn layer_norm_backward(
        state: Normalized<Self>,
        gamma: FlexTensor,
        gradient: FlexTensor,
        mask: Mask,
    ) -> LayerNormGradients<Self> {
        let gamma = gamma.to_contiguous();
        let shape = gamma.shape();
        let (residual, (d_gamma, d_beta)) = change(gradient, |gradient| {
            backward(
                gradient,
                values(&state.normalized),
                values(&state.inverses),
                values(&gamma),
            )
        });
        let input = Self::apply_dropout(residual.clone(), mask);
        LayerNormGradients {
            input,
            residual,
            gamma: tensor_of_shape(d_gamma, shape.clone()),
            beta: tensor_of_shape(d_beta, shape),
        }
    }
}

/// Rows that one task takes.
const BLOCK_ROWS: usize = 32;

/// Replaces each row of `input` by its normalized row, (v - mean) / √(variance + ε) of v = mask · input + residual,
/// and gives the output, normalized · gamma + beta, with each row's 1 / √(variance + ε).
fn forward(
    input: &mut [f32],
    residual: &[f32],
    gamma: &[f32],
    beta: &[f32],
    epsilon: f32,
    mask: Mask,
) -> (Vec<f32>, Vec<f32>) {
    let hidden = gamma.len();
    let block = BLOCK_ROWS * hidden;
    let mut output = vec![0.0; input.len()];
    let mut inverses = vec![0.0; input.len() / hidden];
    let blocks = input
        .par_chunks_mut(block)
        .zip(residual.par_chunks(block))
        .zip(output.par_chunks_mut(block))
        .zip(inverses.par_chunks_mut(BLOCK_ROWS));
    blocks
        .enumerate()
        .for_each(|(index, (((input, residual), output), inverses))| {
            drop_out(mask, index * block, input);
            forward_block(input, residual, output, inverses, (gamma, beta), epsilon);
        });
    (output, inverses)
}

widest! {
    fn forward_block<'a>(
        input: &'a mut [f32],
        residual: &'a [f32],
        output: &'a mut [f32],
        inverses: &'a mut [f32],
        gamma_and_beta: (&'a [f32], &'a [f32]),
        epsilon: f32,
    ) {
        let (gamma, beta) = gamma_and_beta;
        let hidden = gamma.len();
        let rows = input.chunks_exact_mut(hidden).zip(residual.chunks_exact(hidden));
        for (((row, residual), output), inverse) in rows.zip(output.chunks_exact_mut(hidden)).zip(inverses) {
            for (x, r) in row.iter_mut().zip(residual) {
                *x += r;
            }
            let mean = simd::sum(row, row, |x, _| x) / hidden as f32;
            let variance = simd::sum(row, row, |x, _| (x - mean) * (x - mean)) / hidden as f32;
            *inverse = 1.0 / (variance + epsilon).sqrt();
            for (((x, y), g), b) in row.iter_mut().zip(output).zip(gamma).zip(beta) {
                *x = (*x - mean) * *inverse;
                *y = *x * g + b;
            }
        }
    }
}

/// Replaces the gradient of the output by that of v, which is the residual's, and gives gamma's and beta's.
///
/// With n the normalized row and g = gradient · gamma: dv = (g - mean(g) - n mean(g n)) / √(variance + ε).
fn backward(gradient: &mut [f32], normalized: &[f32], inverses: &[f32], gamma: &[f32]) -> (Vec<f32>, Vec<f32>) {
    let hidden = gamma.len();
    let block = BLOCK_ROWS * hidden;
    let blocks = gradient
        .par_chunks_mut(block)
        .zip(normalized.par_chunks(block))
        .zip(inverses.par_chunks(BLOCK_ROWS));
    let parts: Vec<(Vec<f32>, Vec<f32>)> = blocks
        .map(|((gradient, normalized), inverses)| backward_block(gradient, normalized, inverses, gamma))
        .collect();
    // Added in the order of the blocks, however the threads finished.
    let mut sums = (vec![0.0; hidden], vec![0.0; hidden]);
    for (d_gamma, d_beta) in parts {
        sums.0.iter_mut().zip(d_gamma).for_each(|(sum, part)| *sum += part);
        sums.1.iter_mut().zip(d_beta).for_each(|(sum, part)| *sum += part);
    }
    sums
}

widest! {
    fn backward_block<'a>(gradient: &'a mut [f32], normalized: &'a [f32], inverses: &'a [f32], gamma: &'a [f32]) -> (Vec<f32>, Vec<f32>) {
        let hidden = gamma.len();
        let (mut d_gamma, mut d_beta) = (vec![0.0; hidden], vec![0.0; hidden]);
        let rows = gradient.chunks_exact_mut(hidden).zip(normalized.chunks_exact(hidden));
        for ((row, normalized), &inverse) in rows.zip(inverses) {
            let sums = row
                .iter_mut()
                .zip(normalized)
                .zip(gamma)
                .zip(d_gamma.iter_mut().zip(&mut d_beta));
            for (((d, n), g), (d_gamma, d_beta)) in sums {
                *d_gamma += *d * n;
                *d_beta += *d;
                *d *= g;
            }
            let mean = simd::sum(row, row, |x, _| x) / hidden as f32;
            let along = simd::sum(row, normalized, |x, n| x * n) / hidden as f32;
            for (d, n) in row.iter_mut().zip(normalized) {
                *d = inverse * (*d - mean - n * along);
            }
        }
        (d_gamma, d_beta)
    }
}
