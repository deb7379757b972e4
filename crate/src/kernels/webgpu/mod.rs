//! The operations of a BERT step on the GPU: WGSL shaders, launched through burn's own queue and memory.
//!
//! An operation is a file here, with its shaders in `shaders/`. README.md says how a shader is composed and launched, and
//! how to add one. No shader has a size in it, since sizes are uniforms: so every batch runs the same few pipelines.

mod activation;
mod adamw;
mod attention;
mod binary_cross_entropy;
mod column_sums;
mod compose;
mod cosine_loss;
mod cross_entropy;
mod decoder_logits;
mod dense;
mod dropout;
mod embed;
mod forms;
mod gather_rows;
mod interface;
mod layer_norm;
mod matmul;
mod multiply;
mod pool;
mod scatter_rows;
mod shader;
mod square_sum;
mod to_f32;

use burn::backend::{
    Cube,
    tensor::{FloatTensor, IntTensor},
};

use super::{
    adamw::Factors,
    dropout::Mask,
    fused::{Activation, Attended, AttentionShape, Fused, LayerNormGradients, Normalized, Pool, Transposed},
    targets::Targets,
};

pub use shader::allow_subgroups;

type Float = FloatTensor<Cube>;
type Int = IntTensor<Cube>;

impl Fused for Cube {
    fn product(left: Float, right: Float, transposed: Option<Transposed>, onto: Option<Float>) -> Float {
        matmul::matmul(left, right, transposed, onto)
    }

    fn multiplied(left: Float, right: Float) -> Float {
        multiply::multiply(left, right)
    }

    fn dense(x: Float, weight: Float, bias: Float, activation: Activation, with_slope: bool) -> (Float, Option<Float>) {
        dense::dense(x, weight, bias, activation, with_slope)
    }

    fn activated(x: Float, activation: Activation, with_slope: bool) -> (Float, Option<Float>) {
        activation::activation(x, activation, with_slope)
    }

    fn tied(x: Float, table: Float, bias: Float) -> Float {
        decoder_logits::decoder_logits(x, table, bias)
    }

    fn embed(words: Float, positions: Float, types: Float, ids: Int, type_ids: Int, seq_len: usize) -> Float {
        embed::embed([words, positions, types], ids, type_ids, seq_len)
    }

    fn embed_backward(gradient: Float, ids: Int, type_ids: Int, seq_len: usize, rows: [usize; 3]) -> [Float; 3] {
        embed::embed_backward(gradient, ids, type_ids, seq_len, rows)
    }

    fn pool(states: Float, mask: Float, pool: Pool) -> Float {
        pool::pool(states, mask, pool)
    }

    fn pool_backward(states: Float, pooled: Float, mask: Float, gradient: Float, pool: Pool) -> Float {
        pool::pool_backward(states, pooled, mask, gradient, pool)
    }

    fn column_sums(x: Float) -> Float {
        column_sums::column_sums(x)
    }

    fn layer_norm_forward(
        x: Float,
        residual: Float,
        gamma: Float,
        beta: Float,
        epsilon: f64,
        mask: Mask,
    ) -> (Float, Normalized<Self>) {
        layer_norm::layer_norm(x, residual, gamma, beta, epsilon, mask)
    }

    fn layer_norm_backward(
        state: Normalized<Self>,
        gamma: Float,
        gradient: Float,
        mask: Mask,
    ) -> LayerNormGradients<Self> {
        layer_norm::layer_norm_backward(state, gamma, gradient, mask)
    }

    fn attention_forward(
        query: Float,
        key: Float,
        value: Float,
        bias: Float,
        shape: AttentionShape,
    ) -> (Float, Attended<Self>) {
        attention::attention(query, key, value, bias, shape)
    }

    fn attention_backward(state: Attended<Self>, gradient: Float, shape: AttentionShape) -> [Float; 3] {
        attention::attention_backward(state, gradient, shape)
    }

    fn cross_entropy(logits: Float, targets: &Targets) -> (Float, Float) {
        cross_entropy::cross_entropy(logits, targets)
    }

    fn binary_cross_entropy(logits: Float, targets: &[f32], weights: &[f32]) -> (Float, Float) {
        binary_cross_entropy::binary_cross_entropy(logits, targets, weights)
    }

    fn cosine_loss(states: Float, goals: &[f32], weight: f32) -> (Float, Float) {
        cosine_loss::cosine_loss(states, goals, weight)
    }

    fn add_squares(total: Float, tensors: Vec<Float>) -> Float {
        square_sum::add_squares(total, tensors)
    }

    fn adamw(
        parameter: Float,
        gradient: Float,
        first: Float,
        second: Float,
        factors: Factors,
    ) -> (Float, Float, Float) {
        adamw::adamw(parameter, gradient, first, second, factors)
    }

    fn adamw_undo(parameter: Float, first: Float, second: Float, factors: Factors) -> Float {
        adamw::adamw_roll_back(parameter, first, second, factors)
    }

    fn widened(tensor: Float) -> Float {
        to_f32::to_f32(tensor)
    }

    fn masked(tensor: Float, mask: Mask) -> Float {
        dropout::apply_dropout(tensor, mask)
    }

    fn take_rows(table: Float, ids: &[u32]) -> Float {
        gather_rows::gather_rows(table, ids)
    }

    fn with_rows(table: Float, ids: &[u32], rows: Float, scale: f32) -> Float {
        scatter_rows::scatter_rows(table, ids, rows, scale)
    }
}
