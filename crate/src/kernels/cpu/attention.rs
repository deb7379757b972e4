//! Self-attention (Vaswani et al. 2017, section 3.2.1), one row of the batch after the other, heads inside: each head
//! reads and writes its columns of `[batch * seq_len, hidden]` in place, so nothing is transposed or copied.

use burn::backend::{Flex, TensorMetadata};
use burn_flex::FlexTensor;
use rayon::prelude::*;

use super::{
    dropout::drop_out,
    matmul::{Accumulate, matmul},
    matrix::Matrix,
    simd::{self, widest},
    tensor::{tensor, tensor_of_shape, values},
};
use crate::kernels::{
    dropout::Mask,
    ops::attention::{Attended, AttentionKernel, AttentionShape},
};

impl AttentionKernel for Flex {
    fn attention_forward(
        query: FlexTensor,
        key: FlexTensor,
        value: FlexTensor,
        bias: FlexTensor,
        distance_bias: FlexTensor,
        shape: AttentionShape,
    ) -> (FlexTensor, Attended<Self>) {
        let [query, key, value, bias] = [query, key, value, bias].map(|input| input.to_contiguous());
        let distance_bias = shape.has_distance_bias.then(|| by_head(&distance_bias, shape.heads));
        let biases = (values(&bias), distance_bias.as_deref());
        let (context, weights) = forward(values(&query), values(&key), values(&value), biases, &shape);
        let AttentionShape {
            batch, seq_len, heads, ..
        } = shape;
        let context = tensor_of_shape(context, query.shape());
        let weights = tensor(weights, [batch, heads, seq_len, seq_len]);
        let state = Attended {
            query,
            key,
            value,
            weights,
        };
        (context, state)
    }

    fn attention_backward(
        state: Attended<Self>,
        gradient: FlexTensor,
        shape: AttentionShape,
    ) -> ([FlexTensor; 3], Option<FlexTensor>) {
        let gradient = gradient.to_contiguous();
        let states = gradient.shape();
        let (found, of_distance) = backward(
            values(&state.query),
            values(&state.key),
            values(&state.value),
            values(&state.weights),
            values(&gradient),
            &shape,
        );
        let of_distance = of_distance.map(|values| tensor(values, [2 * shape.seq_len - 1, shape.heads]));
        (found.map(|values| tensor_of_shape(values, states.clone())), of_distance)
    }
}

/// `[distances, heads]` as `[heads, distances]`: a row of scores then reads neighbours.
fn by_head(distance_bias: &FlexTensor, heads: usize) -> Vec<f32> {
    let distance_bias = distance_bias.to_contiguous();
    let rows = values(&distance_bias);
    (0..heads)
        .flat_map(|head| rows.iter().skip(head).step_by(heads))
        .copied()
        .collect()
}

/// mask · softmax(scale · Q Kᵀ + bias) V, and the weights before dropout.
fn forward(
    query: &[f32],
    key: &[f32],
    value: &[f32],
    (bias, distance_bias): (&[f32], Option<&[f32]>),
    shape: &AttentionShape,
) -> (Vec<f32>, Vec<f32>) {
    let sizes = Sizes::new(shape);
    let mut context = vec![0.0; query.len()];
    let mut weights = vec![0.0; sizes.scores * shape.batch];
    let rows = context
        .par_chunks_mut(sizes.states)
        .zip(weights.par_chunks_mut(sizes.scores));
    rows.enumerate().for_each(|(row, (context, weights))| {
        let [query, key, value] = [query, key, value].map(|all| sizes.of_row(all, row));
        let bias = &bias[row * shape.seq_len..][..shape.seq_len];
        for (head, weights) in weights.chunks_exact_mut(sizes.square).enumerate() {
            matmul(
                sizes.head(query, head),
                sizes.head(key, head).transposed(),
                Accumulate::Nothing,
                weights,
                shape.seq_len,
            );
            let distances = distance_bias.map(|all| &all[head * sizes.distances..][..sizes.distances]);
            softmax_of_scores(weights, shape.scale(), bias, distances);
            let dropped = sizes.dropped(weights, shape.mask, row, head);
            matmul(
                sizes.scores(dropped.as_deref().unwrap_or(weights)),
                sizes.head(value, head),
                Accumulate::Nothing,
                &mut context[head * shape.head_dim..],
                sizes.hidden,
            );
        }
    });
    (context, weights)
}

/// Gradients of query, key and value from the context's, g. With P the weights and D = mask · P:
/// dV = Dᵀ g; dP = mask · (g Vᵀ); dS = scale · P · (dP - Σ P dP along a row); dQ = dS K; dK = dSᵀ Q. A distance's bias gets
/// the sum of dS / scale over all pairs of that distance.
fn backward(
    query: &[f32],
    key: &[f32],
    value: &[f32],
    weights: &[f32],
    gradient: &[f32],
    shape: &AttentionShape,
) -> ([Vec<f32>; 3], Option<Vec<f32>>) {
    let sizes = Sizes::new(shape);
    let distances = (2 * shape.seq_len - 1) * shape.heads;
    let mut found = [(); 3].map(|()| vec![0.0; query.len()]);
    let [d_query, d_key, d_value] = &mut found;
    let rows = d_query
        .par_chunks_mut(sizes.states)
        .zip(d_key.par_chunks_mut(sizes.states))
        .zip(d_value.par_chunks_mut(sizes.states))
        .enumerate();
    // Each row of the batch sums its own biases, so that all are added in one order.
    let of_rows = rows.map(|(row, ((d_query, d_key), d_value))| {
        let [query, key, value, gradient] = [query, key, value, gradient].map(|all| sizes.of_row(all, row));
        let weights = &weights[row * sizes.scores..][..sizes.scores];
        let mut d_scores = vec![0.0; sizes.square];
        let mut d_distance = vec![0.0; if shape.has_distance_bias { distances } else { 0 }];
        for (head, weights) in weights.chunks_exact(sizes.square).enumerate() {
            let (column, stride) = (head * shape.head_dim, sizes.hidden);
            let gradient = sizes.head(gradient, head);
            let dropped = sizes.dropped(weights, shape.mask, row, head);
            let dropped = sizes.scores(dropped.as_deref().unwrap_or(weights)).transposed();
            matmul(dropped, gradient, Accumulate::Nothing, &mut d_value[column..], stride);
            matmul(
                gradient,
                sizes.head(value, head).transposed(),
                Accumulate::Nothing,
                &mut d_scores,
                shape.seq_len,
            );
            drop_out(shape.mask, sizes.first(row, head), &mut d_scores);
            softmax_backward(&mut d_scores, weights, shape.seq_len, shape.scale());
            if shape.has_distance_bias {
                for (query, row) in d_scores.chunks_exact(shape.seq_len).enumerate() {
                    let first = (shape.seq_len - 1 - query) * shape.heads + head;
                    let own = d_distance[first..].iter_mut().step_by(shape.heads);
                    own.zip(row).for_each(|(sum, d)| *sum += d / shape.scale());
                }
            }
            let d_scores = sizes.scores(&d_scores);
            matmul(
                d_scores,
                sizes.head(key, head),
                Accumulate::Nothing,
                &mut d_query[column..],
                stride,
            );
            matmul(
                d_scores.transposed(),
                sizes.head(query, head),
                Accumulate::Nothing,
                &mut d_key[column..],
                stride,
            );
        }
        d_distance
    });
    let of_rows: Vec<Vec<f32>> = of_rows.collect();
    let of_distance = shape.has_distance_bias.then(|| {
        let mut sum = vec![0.0; distances];
        for row in of_rows {
            sum.iter_mut().zip(row).for_each(|(sum, d)| *sum += d);
        }
        sum
    });
    (found, of_distance)
}

/// Lengths in elements.
struct Sizes {
    seq_len: usize,
    heads: usize,
    head_dim: usize,
    hidden: usize,
    /// Hidden states of one row of the batch.
    states: usize,
    /// Scores of one head.
    square: usize,
    /// Scores of one row of the batch.
    scores: usize,
    /// Distances between two tokens, from the farthest on the left.
    distances: usize,
}

impl Sizes {
    fn new(shape: &AttentionShape) -> Self {
        let &AttentionShape {
            seq_len,
            heads,
            head_dim,
            ..
        } = shape;
        let (hidden, square) = (heads * head_dim, seq_len * seq_len);
        Self {
            seq_len,
            heads,
            head_dim,
            hidden,
            states: seq_len * hidden,
            square,
            scores: heads * square,
            distances: 2 * seq_len - 1,
        }
    }

    fn of_row<'a>(&self, all: &'a [f32], row: usize) -> &'a [f32] {
        &all[row * self.states..][..self.states]
    }

    fn head<'a>(&self, states: &'a [f32], head: usize) -> Matrix<'a> {
        Matrix::rows_of(
            &states[head * self.head_dim..],
            self.seq_len,
            self.head_dim,
            self.hidden,
        )
    }

    fn scores<'a>(&self, scores: &'a [f32]) -> Matrix<'a> {
        Matrix::rows_of(scores, self.seq_len, self.seq_len, self.seq_len)
    }

    /// The place of a head's first score among all.
    fn first(&self, row: usize, head: usize) -> usize {
        (row * self.heads + head) * self.square
    }

    /// The weights with dropout applied; `None` where there is no dropout.
    fn dropped(&self, weights: &[f32], mask: Mask, row: usize, head: usize) -> Option<Vec<f32>> {
        (!mask.is_none()).then(|| {
            let mut weights = weights.to_vec();
            drop_out(mask, self.first(row, head), &mut weights);
            weights
        })
    }
}

widest! {
    /// Replaces the rows of a head's scores by the softmax of scale · scores + bias, and + the bias of each key's distance.
    fn softmax_of_scores<'a>(scores: &'a mut [f32], scale: f32, bias: &'a [f32], distances: Option<&'a [f32]>) {
        let keys = bias.len();
        for (query, row) in scores.chunks_exact_mut(keys).enumerate() {
            for (x, b) in row.iter_mut().zip(bias) {
                *x = *x * scale + b;
            }
            if let Some(distances) = distances {
                let own = &distances[keys - 1 - query..];
                row.iter_mut().zip(own).for_each(|(x, b)| *x += b);
            }
            let most = simd::max(row);
            for x in row.iter_mut() {
                *x = simd::exp(*x - most);
            }
            let share = 1.0 / simd::sum(row, row, |x, _| x);
            row.iter_mut().for_each(|x| *x *= share);
        }
    }
}

widest! {
    /// Replaces the gradient of the weights by that of the scores.
    fn softmax_backward<'a>(gradient: &'a mut [f32], weights: &'a [f32], keys: usize, scale: f32) {
        for (row, weights) in gradient.chunks_exact_mut(keys).zip(weights.chunks_exact(keys)) {
            let along = simd::sum(row, weights, |d, w| d * w);
            for (d, w) in row.iter_mut().zip(weights) {
                *d = scale * w * (*d - along);
            }
        }
    }
}
