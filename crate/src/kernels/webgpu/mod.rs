//! The operations of a BERT step on the GPU: WGSL shaders, launched through burn's own queue and memory.
//!
//! A shader is a few of the files here one after another, with no size in it: sizes come in a uniform. So a step has the
//! same few pipelines whatever the batch. `product*.wgsl` end with an `epilogue_*.wgsl`; shaders by rows begin with
//! `rows_*.wgsl`, which says how threads share a row; most begin with `of_*.wgsl`, how many elements are taken at once.
//! `stored_*.wgsl` says how a matrix of the model is kept, in the few that read one.

mod attention;
mod elements;
mod embedding;
mod launch;
mod loss;
mod product;
mod rows;

use burn::backend::{
    Cube,
    tensor::{FloatTensor, IntTensor},
};

use super::{
    dropout::Mask,
    ops::{
        activation::{Activation, ActivationKernel},
        adamw::{AdamWKernel, Factors},
        attention::{Attended, AttentionKernel, AttentionShape},
        binary_cross_entropy::BinaryCrossEntropyKernel,
        column_sums::ColumnSumsKernel,
        cosine_loss::CosineLossKernel,
        cross_entropy::CrossEntropyKernel,
        decoder_logits::DecoderLogitsKernel,
        dense::DenseKernel,
        dropout::DropoutKernel,
        embed::EmbedKernel,
        gather_rows::GatherRowsKernel,
        layer_norm::{LayerNormGradients, LayerNormKernel, Normalized},
        matmul::{MatmulKernel, Transposed},
        multiply::MultiplyKernel,
        pool::{Pool, PoolKernel},
        scatter_rows::ScatterRowsKernel,
        square_sum::SquareSumKernel,
        to_f32::ToF32Kernel,
    },
    targets::Targets,
};

pub use launch::allow_subgroups;

type Float = FloatTensor<Cube>;
type Int = IntTensor<Cube>;

impl ActivationKernel for Cube {
    fn activation(x: Float, activation: Activation, with_grad: bool) -> (Float, Option<Float>) {
        elements::activated(x, activation, with_grad)
    }
}

impl AdamWKernel for Cube {
    fn adamw(
        parameter: Float,
        gradient: Float,
        first: Float,
        second: Float,
        factors: Factors,
    ) -> (Float, Float, Float) {
        elements::adamw(parameter, gradient, first, second, factors)
    }

    fn adamw_roll_back(parameter: Float, first: Float, second: Float, factors: Factors) -> Float {
        elements::adamw_undo(parameter, first, second, factors)
    }
}

impl AttentionKernel for Cube {
    fn attention_forward(
        query: Float,
        key: Float,
        value: Float,
        bias: Float,
        shape: AttentionShape,
    ) -> (Float, Attended<Self>) {
        attention::forward(query, key, value, bias, shape)
    }

    fn attention_backward(state: Attended<Self>, gradient: Float, shape: AttentionShape) -> [Float; 3] {
        attention::backward(state, gradient, shape)
    }
}

impl BinaryCrossEntropyKernel for Cube {
    fn binary_cross_entropy(logits: Float, targets: &[f32], weights: &[f32]) -> (Float, Float) {
        loss::binary_cross_entropy(logits, targets, weights)
    }
}

impl ColumnSumsKernel for Cube {
    fn column_sums(x: Float) -> Float {
        rows::column_sums(x)
    }
}

impl CosineLossKernel for Cube {
    fn cosine_loss(states: Float, goals: &[f32], weight: f32) -> (Float, Float) {
        loss::cosine(states, goals, weight)
    }
}

impl CrossEntropyKernel for Cube {
    fn cross_entropy(logits: Float, targets: &Targets) -> (Float, Float) {
        loss::cross_entropy(logits, targets)
    }
}

impl DecoderLogitsKernel for Cube {
    fn decoder_logits(x: Float, table: Float, bias: Float) -> Float {
        product::tied(x, table, bias)
    }
}

impl DenseKernel for Cube {
    fn dense(
        x: Float,
        weight: Float,
        bias: Float,
        activation: Activation,
        with_activation_grad: bool,
    ) -> (Float, Option<Float>) {
        product::dense(x, weight, bias, activation, with_activation_grad)
    }
}

impl DropoutKernel for Cube {
    fn apply_dropout(x: Float, mask: Mask) -> Float {
        elements::masked(x, mask)
    }
}

impl EmbedKernel for Cube {
    fn embed(word_embeddings: Float, positions: Float, types: Float, ids: Int, type_ids: Int, seq_len: usize) -> Float {
        embedding::embed([word_embeddings, positions, types], ids, type_ids, seq_len)
    }

    fn embed_backward(gradient: Float, ids: Int, type_ids: Int, seq_len: usize, rows: [usize; 3]) -> [Float; 3] {
        embedding::embed_backward(gradient, ids, type_ids, seq_len, rows)
    }
}

impl GatherRowsKernel for Cube {
    fn gather_rows(table: Float, ids: &[u32]) -> Float {
        embedding::take_rows(table, ids)
    }
}

impl LayerNormKernel for Cube {
    fn layer_norm_forward(
        x: Float,
        residual: Float,
        gamma: Float,
        beta: Float,
        epsilon: f64,
        mask: Mask,
    ) -> (Float, Normalized<Self>) {
        rows::layer_norm(x, residual, gamma, beta, epsilon, mask)
    }

    fn layer_norm_backward(
        state: Normalized<Self>,
        gamma: Float,
        gradient: Float,
        mask: Mask,
    ) -> LayerNormGradients<Self> {
        rows::layer_norm_backward(state, gamma, gradient, mask)
    }
}

impl MatmulKernel for Cube {
    fn matmul(left: Float, right: Float, transposed: Option<Transposed>, accumulate: Option<Float>) -> Float {
        product::product(left, right, transposed, accumulate)
    }
}

impl MultiplyKernel for Cube {
    fn multiply(left: Float, right: Float) -> Float {
        elements::multiplied(left, right)
    }
}

impl PoolKernel for Cube {
    fn pool(states: Float, mask: Float, pool: Pool) -> Float {
        embedding::pool(states, mask, pool)
    }

    fn pool_backward(states: Float, pooled: Float, mask: Float, gradient: Float, pool: Pool) -> Float {
        embedding::pool_backward(states, pooled, mask, gradient, pool)
    }
}

impl ScatterRowsKernel for Cube {
    fn scatter_rows(table: Float, ids: &[u32], rows: Float, scale: f32) -> Float {
        embedding::with_rows(table, ids, rows, scale)
    }
}

impl SquareSumKernel for Cube {
    fn add_squares(total: Float, tensors: Vec<Float>) -> Float {
        elements::add_squares(total, tensors)
    }
}

impl ToF32Kernel for Cube {
    fn to_f32(tensor: Float) -> Float {
        elements::widened(tensor)
    }
}
