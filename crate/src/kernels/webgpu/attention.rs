//! Self-attention: matrix products of heads, read in place, around a softmax of each row.
//!
//! A row of scores has seq_len rounded up to a multiple of 4 elements, 0 beyond seq_len. So every product of the weights
//! reads four elements at a time.

use burn::backend::Cube;
use burn_wgpu::{CubeTensor, into_contiguous};

use super::{
    forms::{Dropout, MatmulEpilogue, SoftmaxOutput, Vec4},
    matmul::{Matmul, Stride},
    shader::{Bound, by_elements, empty, launch, read, row_groups, row_threads, write},
};
use crate::kernels::ops::{
    attention::{Attended, AttentionKernel, AttentionShape},
    matmul::Transposed,
};

impl AttentionKernel for Cube {
    /// The heads' contexts side by side, and what the backward needs.
    fn attention_forward(
        query: CubeTensor,
        key: CubeTensor,
        value: CubeTensor,
        bias: CubeTensor,
        distance_bias: CubeTensor,
        shape: AttentionShape,
    ) -> (CubeTensor, Attended<Cube>) {
        let [query, key, value, bias, distance_bias] = [query, key, value, bias, distance_bias].map(into_contiguous);
        let weights = empty_scores(&query, &shape);
        matmul(&shape, Product::Scores, &query, &key, &weights);

        let client = &query.client;
        let rows = shape.batch * shape.heads * shape.seq_len;
        let dropped = (!shape.mask.is_none()).then(|| empty_scores(&query, &shape));
        let mut buffers: Vec<Bound> = vec![write(&weights), read(&bias), read(&distance_bias)];
        buffers.extend(dropped.as_ref().map(write));
        let output = match dropped {
            None => SoftmaxOutput::NoDropout,
            Some(_) => SoftmaxOutput::Dropout,
        };
        let (dropout_key, limit, scale) = shape.mask.numbers();
        launch! {
            "attention/softmax" {
                RowThreads: row_threads(&query),
                Vec4: Vec4::Vec4,
                Dropout: Dropout::Mask,
                SoftmaxOutput: output,
            },
            client: client,
            workgroups: row_groups(&query, rows),
            buffers: &buffers,
            uniforms: {
                rows: rows,
                rows_per_bias: shape.heads * shape.seq_len,
                seq_len: shape.seq_len,
                distance_heads: distance_heads(&shape),
                scale: shape.scale(),
                dropout_key: dropout_key,
                dropout_limit: limit,
                dropout_scale: scale,
            },
        }

        let context = empty(&query, query.meta.shape().dims::<2>());
        let factors = dropped.as_ref().unwrap_or(&weights);
        matmul(&shape, Product::States, factors, &value, &context);
        let state = Attended {
            query,
            key,
            value,
            weights,
        };
        (context, state)
    }

    /// Gradients of query, key and value, and of the bias by distance.
    fn attention_backward(
        state: Attended<Cube>,
        gradient: CubeTensor,
        shape: AttentionShape,
    ) -> ([CubeTensor; 3], Option<CubeTensor>) {
        let Attended {
            query,
            key,
            value,
            weights,
        } = state;
        let gradient = into_contiguous(gradient);
        let client = &query.client;
        // The gradient of the weights, which the softmax's backward turns into that of the scores in place.
        let d_scores = empty_scores(&query, &shape);
        matmul(&shape, Product::Scores, &gradient, &value, &d_scores);

        let dropped = empty_scores(&query, &shape);
        let rows = shape.batch * shape.heads * shape.seq_len;
        let (dropout_key, limit, scale) = shape.mask.numbers();
        launch! {
            "attention/softmax_backward" {
                RowThreads: row_threads(&query),
                Vec4: Vec4::Vec4,
                Dropout: Dropout::Mask,
            },
            client: client,
            workgroups: row_groups(&query, rows),
            buffers: { gradient: write(&d_scores), weights: read(&weights), dropped: write(&dropped) },
            uniforms: {
                rows: rows,
                seq_len: shape.seq_len,
                scale: shape.scale(),
                dropout_key: dropout_key,
                dropout_limit: limit,
                dropout_scale: scale,
            },
        }

        let states = || empty(&query, query.meta.shape().dims::<2>());
        let [d_query, d_key, d_value] = [states(), states(), states()];
        matmul(&shape, Product::States, &d_scores, &key, &d_query);
        matmul(&shape, Product::StatesTransposed, &d_scores, &query, &d_key);
        matmul(&shape, Product::StatesTransposed, &dropped, &gradient, &d_value);
        let of_distance = shape
            .has_distance_bias
            .then(|| distance_bias_backward(&d_scores, &shape));
        ([d_query, d_key, d_value], of_distance)
    }
}

/// Heads of the bias by distance; 0 without one.
fn distance_heads(shape: &AttentionShape) -> usize {
    if shape.has_distance_bias { shape.heads } else { 0 }
}

/// The gradient of the bias by distance, from that of the scores.
fn distance_bias_backward(d_scores: &CubeTensor, shape: &AttentionShape) -> CubeTensor {
    let distances = 2 * shape.seq_len - 1;
    let output = empty(d_scores, [distances, shape.heads]);
    launch! {
        "attention/distance_bias_backward" {},
        client: &d_scores.client,
        workgroups: by_elements(distances * shape.heads),
        buffers: { d_scores: read(d_scores), output: write(&output) },
        uniforms: {
            batch: shape.batch,
            heads: shape.heads,
            seq_len: shape.seq_len,
            inverse_scale: shape.scale().recip(),
        },
    }
    output
}

fn empty_scores(beside: &CubeTensor, shape: &AttentionShape) -> CubeTensor {
    let row = shape.seq_len.next_multiple_of(4);
    empty(beside, [shape.batch, shape.heads, shape.seq_len, row])
}

/// A product of attention, by its result.
enum Product {
    /// states · statesᵀ
    Scores,
    /// scores · states
    States,
    /// scoresᵀ · states
    StatesTransposed,
}

fn matmul(shape: &AttentionShape, product: Product, left: &CubeTensor, right: &CubeTensor, output: &CubeTensor) {
    let (states, scores) = (Stride::head(shape), Stride::scores(shape));
    let (columns, depth, transposed, left_stride, output_stride) = match product {
        Product::Scores => (shape.seq_len, shape.head_dim, Some(Transposed::Right), states, scores),
        Product::States => (shape.head_dim, shape.seq_len, None, scores, states),
        Product::StatesTransposed => (shape.head_dim, shape.seq_len, Some(Transposed::Left), scores, states),
    };
    Matmul {
        rows: shape.seq_len,
        columns,
        depth,
        heads: shape.heads,
        batch: shape.batch,
        transposed,
        left: (left, left_stride),
        right: (right, states),
        output: (output, output_stride),
    }
    .run(MatmulEpilogue::None, Vec::new());
}
