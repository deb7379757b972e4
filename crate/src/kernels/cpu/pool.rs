//! The hidden states of a text pooled to one vector, and its backward, on the CPU.

use burn::backend::{Flex, TensorMetadata};
use burn_flex::FlexTensor;

use super::tensor::{tensor, tensor_of_shape, values};
use crate::kernels::ops::pool::{Pool, PoolKernel};

impl PoolKernel for Flex {
    fn pool(states: FlexTensor, mask: FlexTensor, pool: Pool) -> FlexTensor {
        let [states, mask] = [states, mask].map(|input| input.to_contiguous());
        let (texts, hidden) = (mask.shape()[0], states.shape()[1]);
        let pooled = forward(values(&states), values(&mask), texts, pool);
        tensor(pooled, [texts, hidden])
    }

    fn pool_backward(
        states: FlexTensor,
        pooled: FlexTensor,
        mask: FlexTensor,
        gradient: FlexTensor,
        pool: Pool,
    ) -> FlexTensor {
        let [states, pooled, mask, gradient] = [states, pooled, mask, gradient].map(|input| input.to_contiguous());
        let found = backward(
            values(&states),
            values(&pooled),
            values(&mask),
            values(&gradient),
            mask.shape()[0],
            pool,
        );
        tensor_of_shape(found, states.shape())
    }
}

/// One vector a text: of its first token, the mean of its real tokens, or the largest of each dimension over those.
fn forward(states: &[f32], mask: &[f32], texts: usize, pool: Pool) -> Vec<f32> {
    let (length, seq_len) = (states.len() / texts, mask.len() / texts);
    let hidden = length / seq_len;
    let mut output = Vec::with_capacity(texts * hidden);
    for (states, mask) in states.chunks_exact(length).zip(mask.chunks_exact(seq_len)) {
        let mut real = states
            .chunks_exact(hidden)
            .zip(mask)
            .filter_map(|(state, mask)| (*mask > 0.0).then_some(state));
        let mut pooled = match pool {
            Pool::First => states[..hidden].to_vec(),
            Pool::Mean | Pool::Max => real.next().unwrap_or(&states[..hidden]).to_vec(),
        };
        match pool {
            Pool::First => {}
            Pool::Mean => {
                real.for_each(|state| pooled.iter_mut().zip(state).for_each(|(sum, x)| *sum += x));
                let count: f32 = mask.iter().sum();
                pooled.iter_mut().for_each(|sum| *sum /= count);
            }
            Pool::Max => real.for_each(|state| pooled.iter_mut().zip(state).for_each(|(most, x)| *most = most.max(*x))),
        }
        output.extend(pooled);
    }
    output
}

/// Gradient of the states from that of what they were pooled to.
fn backward(states: &[f32], pooled: &[f32], mask: &[f32], gradient: &[f32], texts: usize, pool: Pool) -> Vec<f32> {
    let (length, seq_len) = (states.len() / texts, mask.len() / texts);
    let hidden = length / seq_len;
    let mut output = vec![0.0; states.len()];
    let texts = output
        .chunks_exact_mut(length)
        .zip(states.chunks_exact(length))
        .zip(mask.chunks_exact(seq_len))
        .zip(pooled.chunks_exact(hidden).zip(gradient.chunks_exact(hidden)));
    for (((output, states), mask), (pooled, gradient)) in texts {
        match pool {
            Pool::First => output[..hidden].copy_from_slice(gradient),
            Pool::Mean => {
                let share = 1.0 / mask.iter().sum::<f32>();
                for (target, mask) in output.chunks_exact_mut(hidden).zip(mask) {
                    target.iter_mut().zip(gradient).for_each(|(t, g)| *t = mask * share * g);
                }
            }
            Pool::Max => {
                for column in 0..hidden {
                    let largest =
                        |token: &usize| mask[*token] > 0.0 && states[token * hidden + column] == pooled[column];
                    if let Some(token) = (0..seq_len).find(largest) {
                        output[token * hidden + column] = gradient[column];
                    }
                }
            }
        }
    }
    output
}
