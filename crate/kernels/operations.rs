//! The fused operations as functions of burn tensors, on whichever device those are.

use burn::{
    backend::{
        Backend, Dispatch, backend_extension,
        tensor::{FloatTensor, IntTensor},
    },
    tensor::{Int, Tensor},
};

use super::{
    adamw::Factors,
    dropout::Mask,
    fused::{Activation, AttentionShape, Fused, Pool},
};

/// What burn routes to the tensor's backend, with a gradient: `backward.rs` has the `Autodiff` half.
#[allow(clippy::too_many_arguments, reason = "burn routes tensors one by one")]
#[backend_extension(Cube: cfg(feature = "webgpu"), Flex: cfg(feature = "cpu"), Autodiff)]
pub trait BertOperations: Backend {
    fn bert_dense(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        activation: Activation,
    ) -> FloatTensor<Self>;
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
    fn bert_self_attention(
        x: FloatTensor<Self>,
        query: FloatTensor<Self>,
        key: FloatTensor<Self>,
        value: FloatTensor<Self>,
        query_bias: FloatTensor<Self>,
        key_bias: FloatTensor<Self>,
        value_bias: FloatTensor<Self>,
        score_bias: FloatTensor<Self>,
        shape: AttentionShape,
    ) -> FloatTensor<Self>;
    fn bert_pool(states: FloatTensor<Self>, mask: FloatTensor<Self>, pool: Pool) -> FloatTensor<Self>;
    fn bert_masked(tensor: FloatTensor<Self>, mask: Mask) -> FloatTensor<Self>;
    fn bert_cross_entropy(logits: FloatTensor<Self>, targets: Vec<i32>) -> FloatTensor<Self>;
}

/// The same for what has none.
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
    fn bert_take_rows(table: FloatTensor<Self>, ids: Vec<u32>) -> FloatTensor<Self>;
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

    fn bert_self_attention(
        x: FloatTensor<Self>,
        query: FloatTensor<Self>,
        key: FloatTensor<Self>,
        value: FloatTensor<Self>,
        query_bias: FloatTensor<Self>,
        key_bias: FloatTensor<Self>,
        value_bias: FloatTensor<Self>,
        score_bias: FloatTensor<Self>,
        shape: AttentionShape,
    ) -> FloatTensor<Self> {
        let [query, key, value] = projected::<B>(x, [query, key, value], [query_bias, key_bias, value_bias]);
        Self::attention_forward(query, key, value, score_bias, shape).0
    }

    fn bert_pool(states: FloatTensor<Self>, mask: FloatTensor<Self>, pool: Pool) -> FloatTensor<Self> {
        Self::pool(states, mask, pool)
    }

    fn bert_masked(tensor: FloatTensor<Self>, mask: Mask) -> FloatTensor<Self> {
        Self::masked(tensor, mask)
    }

    fn bert_cross_entropy(logits: FloatTensor<Self>, targets: Vec<i32>) -> FloatTensor<Self> {
        Self::cross_entropy(logits, &targets).0
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

    fn bert_take_rows(table: FloatTensor<Self>, ids: Vec<u32>) -> FloatTensor<Self> {
        Self::take_rows(table, &ids)
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

/// Query, key and value: a dense layer of x each.
pub(super) fn projected<B: Fused>(
    x: FloatTensor<B>,
    weights: [FloatTensor<B>; 3],
    biases: [FloatTensor<B>; 3],
) -> [FloatTensor<B>; 3] {
    let mut biases = biases.into_iter();
    weights.map(|weight| {
        let bias = biases.next().expect("a bias for each weight");
        B::dense(x.clone(), weight, bias, Activation::Identity, false).0
    })
}

/// The activation of x · weight + bias.
///
/// # Shapes
/// - x: `[rows, in]`
/// - weight: `[in, out]`
/// - bias: `[out]`
/// - output: `[rows, out]`
pub fn dense(x: Tensor<2>, weight: Tensor<2>, bias: Tensor<1>, activation: Activation) -> Tensor<2> {
    Tensor::from_dispatch(Dispatch::bert_dense(
        x.into_dispatch(),
        weight.into_dispatch(),
        bias.into_dispatch(),
        activation,
    ))
}

/// The sum of each token's word, position and type embeddings.
///
/// # Shapes
/// - words, positions, types: `[any, hidden]`
/// - ids, type_ids: `[batch * seq_len]`
/// - output: `[batch * seq_len, hidden]`
pub fn embed(
    [words, positions, types]: [Tensor<2>; 3],
    ids: Tensor<1, Int>,
    type_ids: Tensor<1, Int>,
    seq_len: usize,
) -> Tensor<2> {
    Tensor::from_dispatch(Dispatch::bert_embed(
        words.into_dispatch(),
        positions.into_dispatch(),
        types.into_dispatch(),
        ids.into_dispatch(),
        type_ids.into_dispatch(),
        seq_len,
    ))
}

/// LayerNorm(mask · input + residual).
///
/// # Shapes
/// - input, residual, output: `[rows, hidden]`
/// - gamma, beta: `[hidden]`
pub fn layer_norm(
    input: Tensor<2>,
    residual: Tensor<2>,
    gamma: Tensor<1>,
    beta: Tensor<1>,
    epsilon: f64,
    mask: Mask,
) -> Tensor<2> {
    Tensor::from_dispatch(Dispatch::bert_layer_norm(
        input.into_dispatch(),
        residual.into_dispatch(),
        gamma.into_dispatch(),
        beta.into_dispatch(),
        epsilon,
        mask,
    ))
}

/// With Q, K and V dense layers of x, for each head dropout of softmax(Q Kᵀ / √head_dim + bias), times V; heads side by
/// side.
///
/// # Shapes
/// - x, output: `[batch * seq_len, hidden]`
/// - weights: `[hidden, hidden]` each
/// - biases: `[hidden]` each
/// - score_bias: `[batch, seq_len]`, below 0 for padding
pub fn self_attention(
    x: Tensor<2>,
    weights: [Tensor<2>; 3],
    biases: [Tensor<1>; 3],
    score_bias: &Tensor<2>,
    heads: usize,
    mask: Mask,
) -> Tensor<2> {
    let [batch, seq_len] = score_bias.dims();
    let shape = AttentionShape {
        batch,
        seq_len,
        heads,
        head_dim: x.dims()[1] / heads,
        mask,
    };
    let [query, key, value] = weights.map(Tensor::into_dispatch);
    let [query_bias, key_bias, value_bias] = biases.map(Tensor::into_dispatch);
    Tensor::from_dispatch(Dispatch::bert_self_attention(
        x.into_dispatch(),
        query,
        key,
        value,
        query_bias,
        key_bias,
        value_bias,
        score_bias.clone().into_dispatch(),
        shape,
    ))
}

/// One vector a text.
///
/// # Shapes
/// - states: `[batch * seq_len, hidden]`
/// - mask: `[batch, seq_len]`, 1 for a real token, 0 for padding
/// - output: `[batch, hidden]`
pub fn pool(states: Tensor<2>, mask: &Tensor<2>, pool: Pool) -> Tensor<2> {
    Tensor::from_dispatch(Dispatch::bert_pool(
        states.into_dispatch(),
        mask.clone().into_dispatch(),
        pool,
    ))
}

/// Dropout.
pub fn masked<const D: usize>(input: Tensor<D>, mask: Mask) -> Tensor<D> {
    match mask.is_none() {
        true => input,
        false => Tensor::from_dispatch(Dispatch::bert_masked(input.into_dispatch(), mask)),
    }
}

/// Mean over the rows of -log softmax(logits)[target].
///
/// # Shapes
/// - logits: `[rows, classes]`
/// - output: `[1]`
pub fn cross_entropy(logits: Tensor<2>, targets: Vec<i32>) -> Tensor<1> {
    Tensor::from_dispatch(Dispatch::bert_cross_entropy(logits.into_dispatch(), targets))
}

/// `total` plus the squares of all elements.
///
/// # Shapes
/// - total, output: `[1]`
pub fn add_squares<const D: usize>(total: Tensor<1>, input: Tensor<D>) -> Tensor<1> {
    Tensor::from_dispatch(Dispatch::bert_add_squares(total.into_dispatch(), input.into_dispatch()))
}

/// Rows of a table by their numbers.
///
/// # Shapes
/// - output: `[ids, columns]`
pub fn take_rows(table: Tensor<2>, ids: Vec<u32>) -> Tensor<2> {
    Tensor::from_dispatch(Dispatch::bert_take_rows(table.into_dispatch(), ids))
}

/// scale · table, with `rows` in place of its rows `ids`.
///
/// # Shapes
/// - rows: `[ids, columns]`
pub fn with_rows(table: Tensor<2>, ids: Vec<u32>, rows: Tensor<2>, scale: f32) -> Tensor<2> {
    Tensor::from_dispatch(Dispatch::bert_with_rows(
        table.into_dispatch(),
        ids,
        rows.into_dispatch(),
        scale,
    ))
}

/// One parameter's step and its moments, all flat; what [`super::AdamW`] calls.
pub(super) fn adamw(
    parameter: Tensor<1>,
    gradient: Tensor<1>,
    first: Tensor<1>,
    second: Tensor<1>,
    factors: Factors,
) -> (Tensor<1>, Tensor<1>, Tensor<1>) {
    let (parameter, first, second) = Dispatch::bert_adamw(
        parameter.into_dispatch(),
        gradient.into_dispatch(),
        first.into_dispatch(),
        second.into_dispatch(),
        factors,
    );
    (
        Tensor::from_dispatch(parameter),
        Tensor::from_dispatch(first),
        Tensor::from_dispatch(second),
    )
}

/// The parameter before it.
pub(super) fn adamw_undo(parameter: Tensor<1>, first: Tensor<1>, second: Tensor<1>, factors: Factors) -> Tensor<1> {
    Tensor::from_dispatch(Dispatch::bert_adamw_undo(
        parameter.into_dispatch(),
        first.into_dispatch(),
        second.into_dispatch(),
        factors,
    ))
}
