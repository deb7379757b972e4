//! What burn routes to a tensor's backend: through its backend extension, from `operations.rs` to `fused.rs`.

use burn::backend::{
    Backend, backend_extension,
    tensor::{FloatTensor, IntTensor},
};

use super::{
    adamw::Factors,
    dropout::Mask,
    fused::{Activation, AttentionShape, Fused, Pool},
    targets::Targets,
};

/// The operations with a gradient: `backward.rs` has the `Autodiff` half.
#[allow(clippy::too_many_arguments, reason = "burn routes tensors one by one")]
#[backend_extension(Cube: cfg(feature = "webgpu"), Flex: cfg(feature = "cpu"), Autodiff)]
pub trait BertOperations: Backend {
    fn bert_dense(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        activation: Activation,
    ) -> FloatTensor<Self>;
    fn bert_low_rank(
        base: FloatTensor<Self>,
        x: FloatTensor<Self>,
        a: FloatTensor<Self>,
        b: FloatTensor<Self>,
        scale: f64,
    ) -> FloatTensor<Self>;
    fn bert_activated(x: FloatTensor<Self>, activation: Activation) -> FloatTensor<Self>;
    fn bert_tied(x: FloatTensor<Self>, table: FloatTensor<Self>, bias: FloatTensor<Self>) -> FloatTensor<Self>;
    fn bert_embed(
        words: FloatTensor<Self>,
        positions: FloatTensor<Self>,
        types: FloatTensor<Self>,
        ids: IntTensor<Self>,
        type_ids: IntTensor<Self>,
        seq_len: usize,
    ) -> FloatTensor<Self>;
    fn bert_layer_norm(
        x: FloatTensor<Self>,
        residual: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        epsilon: f64,
        mask: Mask,
    ) -> FloatTensor<Self>;
    fn bert_attention(
        query: FloatTensor<Self>,
        key: FloatTensor<Self>,
        value: FloatTensor<Self>,
        score_bias: FloatTensor<Self>,
        shape: AttentionShape,
    ) -> FloatTensor<Self>;
    fn bert_pool(states: FloatTensor<Self>, mask: FloatTensor<Self>, pool: Pool) -> FloatTensor<Self>;
    fn bert_masked(tensor: FloatTensor<Self>, mask: Mask) -> FloatTensor<Self>;
    fn bert_take_rows(table: FloatTensor<Self>, ids: Vec<u32>) -> FloatTensor<Self>;
    fn bert_cross_entropy(logits: FloatTensor<Self>, targets: Targets) -> FloatTensor<Self>;
    fn bert_binary_cross_entropy(logits: FloatTensor<Self>, targets: Vec<f32>, weights: Vec<f32>) -> FloatTensor<Self>;
    fn bert_cosine_loss(states: FloatTensor<Self>, goals: Vec<f32>, weight: f32) -> FloatTensor<Self>;
}

/// Those without.
#[backend_extension(Cube: cfg(feature = "webgpu"), Flex: cfg(feature = "cpu"))]
pub trait BertUpdates: Backend {
    fn bert_add_squares(total: FloatTensor<Self>, tensor: FloatTensor<Self>) -> FloatTensor<Self>;
    fn bert_adamw(
        parameter: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        first: FloatTensor<Self>,
        second: FloatTensor<Self>,
        factors: Factors,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);
    fn bert_adamw_undo(
        parameter: FloatTensor<Self>,
        first: FloatTensor<Self>,
        second: FloatTensor<Self>,
        factors: Factors,
    ) -> FloatTensor<Self>;
    fn bert_with_rows(
        table: FloatTensor<Self>,
        ids: Vec<u32>,
        rows: FloatTensor<Self>,
        scale: f32,
    ) -> FloatTensor<Self>;
}

/// Without autodiff.
impl<B: Fused> BertOperations for B {
    fn bert_dense(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        activation: Activation,
    ) -> FloatTensor<Self> {
        Self::dense(x, weight, bias, activation, false).0
    }

    fn bert_low_rank(
        base: FloatTensor<Self>,
        x: FloatTensor<Self>,
        a: FloatTensor<Self>,
        b: FloatTensor<Self>,
        scale: f64,
    ) -> FloatTensor<Self> {
        lowered::<B>(base, x, a, B::float_mul_scalar(b, scale.into())).0
    }

    fn bert_activated(x: FloatTensor<Self>, activation: Activation) -> FloatTensor<Self> {
        Self::activated(x, activation, false).0
    }

    fn bert_tied(x: FloatTensor<Self>, table: FloatTensor<Self>, bias: FloatTensor<Self>) -> FloatTensor<Self> {
        Self::tied(x, table, bias)
    }

    fn bert_embed(
        words: FloatTensor<Self>,
        positions: FloatTensor<Self>,
        types: FloatTensor<Self>,
        ids: IntTensor<Self>,
        type_ids: IntTensor<Self>,
        seq_len: usize,
    ) -> FloatTensor<Self> {
        Self::embed(words, positions, types, ids, type_ids, seq_len)
    }

    fn bert_layer_norm(
        x: FloatTensor<Self>,
        residual: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        epsilon: f64,
        mask: Mask,
    ) -> FloatTensor<Self> {
        Self::layer_norm_forward(x, residual, gamma, beta, epsilon, mask).0
    }

    fn bert_attention(
        query: FloatTensor<Self>,
        key: FloatTensor<Self>,
        value: FloatTensor<Self>,
        score_bias: FloatTensor<Self>,
        shape: AttentionShape,
    ) -> FloatTensor<Self> {
        Self::attention_forward(query, key, value, score_bias, shape).0
    }

    fn bert_pool(states: FloatTensor<Self>, mask: FloatTensor<Self>, pool: Pool) -> FloatTensor<Self> {
        Self::pool(states, mask, pool)
    }

    fn bert_masked(tensor: FloatTensor<Self>, mask: Mask) -> FloatTensor<Self> {
        Self::masked(tensor, mask)
    }

    fn bert_take_rows(table: FloatTensor<Self>, ids: Vec<u32>) -> FloatTensor<Self> {
        Self::take_rows(table, &ids)
    }

    fn bert_cross_entropy(logits: FloatTensor<Self>, targets: Targets) -> FloatTensor<Self> {
        Self::cross_entropy(logits, &targets).0
    }

    fn bert_binary_cross_entropy(logits: FloatTensor<Self>, targets: Vec<f32>, weights: Vec<f32>) -> FloatTensor<Self> {
        Self::binary_cross_entropy(logits, &targets, &weights).0
    }

    fn bert_cosine_loss(states: FloatTensor<Self>, goals: Vec<f32>, weight: f32) -> FloatTensor<Self> {
        Self::cosine_loss(states, &goals, weight).0
    }
}

impl<B: Fused> BertUpdates for B {
    fn bert_add_squares(total: FloatTensor<Self>, tensor: FloatTensor<Self>) -> FloatTensor<Self> {
        Self::add_squares(total, tensor)
    }

    fn bert_adamw(
        parameter: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        first: FloatTensor<Self>,
        second: FloatTensor<Self>,
        factors: Factors,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        Self::adamw(parameter, gradient, first, second, factors)
    }

    fn bert_adamw_undo(
        parameter: FloatTensor<Self>,
        first: FloatTensor<Self>,
        second: FloatTensor<Self>,
        factors: Factors,
    ) -> FloatTensor<Self> {
        Self::adamw_undo(parameter, first, second, factors)
    }

    fn bert_with_rows(
        table: FloatTensor<Self>,
        ids: Vec<u32>,
        rows: FloatTensor<Self>,
        scale: f32,
    ) -> FloatTensor<Self> {
        Self::with_rows(table, &ids, rows, scale)
    }
}

/// base + x · a · b, and x · a.
pub(super) fn lowered<B: Fused>(
    base: FloatTensor<B>,
    x: FloatTensor<B>,
    a: FloatTensor<B>,
    b: FloatTensor<B>,
) -> (FloatTensor<B>, FloatTensor<B>) {
    let low = B::product(x, a, None, None);
    (B::product(low.clone(), b, None, Some(base)), low)
}
