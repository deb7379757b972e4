//! What burn routes to a tensor's backend: through its backend extension, from `operations.rs` to `fused.rs`.

use burn::backend::{
    Backend, TensorMetadata, backend_extension,
    tensor::{FloatTensor, IntTensor},
};
use burn::tensor::{FloatDType, Shape};

use super::{
    adamw::Factors,
    dropout::Mask,
    fused::{Activation, AttentionShape, Fused, Pool, SQUARED_AT_ONCE},
    targets::Targets,
};

/// The operations with a gradient: `autodiff.rs` has the `Autodiff` half.
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
    fn bert_added(left: FloatTensor<Self>, right: FloatTensor<Self>) -> FloatTensor<Self>;
    fn bert_diagonal(diagonal: FloatTensor<Self>, rows: FloatTensor<Self>) -> FloatTensor<Self>;
    fn bert_joined(first: FloatTensor<Self>, rows: FloatTensor<Self>, batch: usize) -> FloatTensor<Self>;
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
#[allow(clippy::too_many_arguments, reason = "burn routes tensors one by one")]
#[backend_extension(Cube: cfg(feature = "webgpu"), Flex: cfg(feature = "cpu"))]
pub trait BertUpdates: Backend {
    /// Of the tensors, the first `count`.
    fn bert_add_squares(
        total: FloatTensor<Self>,
        a: FloatTensor<Self>,
        b: FloatTensor<Self>,
        c: FloatTensor<Self>,
        d: FloatTensor<Self>,
        e: FloatTensor<Self>,
        f: FloatTensor<Self>,
        g: FloatTensor<Self>,
        count: usize,
    ) -> FloatTensor<Self>;
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
    fn bert_widened(tensor: FloatTensor<Self>) -> FloatTensor<Self>;
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

    fn bert_added(left: FloatTensor<Self>, right: FloatTensor<Self>) -> FloatTensor<Self> {
        Self::float_add(left, right)
    }

    fn bert_diagonal(diagonal: FloatTensor<Self>, rows: FloatTensor<Self>) -> FloatTensor<Self> {
        scaled_rows::<B>(diagonal, rows)
    }

    fn bert_joined(first: FloatTensor<Self>, rows: FloatTensor<Self>, batch: usize) -> FloatTensor<Self> {
        joined::<B>(first, rows, batch)
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
    fn bert_add_squares(
        total: FloatTensor<Self>,
        a: FloatTensor<Self>,
        b: FloatTensor<Self>,
        c: FloatTensor<Self>,
        d: FloatTensor<Self>,
        e: FloatTensor<Self>,
        f: FloatTensor<Self>,
        g: FloatTensor<Self>,
        count: usize,
    ) -> FloatTensor<Self> {
        let tensors: [_; SQUARED_AT_ONCE] = [a, b, c, d, e, f, g];
        Self::add_squares(total, tensors.into_iter().take(count).collect())
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

    fn bert_widened(tensor: FloatTensor<Self>) -> FloatTensor<Self> {
        Self::widened(tensor)
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

/// Each row times its element of `[1, rows]`.
pub(super) fn scaled_rows<B: Fused>(diagonal: FloatTensor<B>, rows: FloatTensor<B>) -> FloatTensor<B> {
    let [_, count] = diagonal.shape().dims();
    B::float_mul(rows, B::float_reshape(diagonal, Shape::new([count, 1])))
}

/// The same rows in front of those of each text.
fn joined<B: Fused>(first: FloatTensor<B>, rows: FloatTensor<B>, batch: usize) -> FloatTensor<B> {
    let ([count, hidden], [all, _]) = (first.shape().dims(), rows.shape().dims());
    let shape = Shape::new([batch * count + all, hidden]);
    let nothing = B::float_zeros(shape, &rows.device(), FloatDType::F32);
    let places = Joined::new(count, all / batch, batch);
    let repeated: Vec<u32> = (0..batch).flat_map(|_| 0..count as u32).collect();
    let first = B::take_rows(first, &repeated);
    let rest = B::with_rows(nothing, &places.rows, rows, 1.0);
    B::with_rows(rest, &places.first, first, 1.0)
}

/// Where the rows of two tensors stand in the one that they were joined to, text by text.
pub(super) struct Joined {
    pub first: Vec<u32>,
    pub rows: Vec<u32>,
}

impl Joined {
    pub fn new(count: usize, seq_len: usize, batch: usize) -> Self {
        let whole = count + seq_len;
        let places = |from: usize, to: usize| {
            let texts = (0..batch).flat_map(move |text| (from..to).map(move |place| (text * whole + place) as u32));
            texts.collect()
        };
        Self {
            first: places(0, count),
            rows: places(count, whole),
        }
    }
}
