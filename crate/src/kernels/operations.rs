//! The fused operations as functions of burn tensors, on whichever device those are.

use burn::{
    backend::Dispatch,
    tensor::{Device, Int, Tensor},
};

use super::{
    adamw::Factors,
    dropout::Mask,
    fused::{Activation, AttentionShape, Pool, SQUARED_AT_ONCE},
    routes::{BertOperations, BertUpdates},
    targets::Targets,
};

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

/// base + scale · x · a · b: what a low-rank pair adds to a dense layer.
///
/// # Shapes
/// - base, output: `[rows, out]`
/// - x: `[rows, in]`
/// - a: `[in, rank]`
/// - b: `[rank, out]`
pub fn low_rank(base: Tensor<2>, x: Tensor<2>, a: Tensor<2>, b: Tensor<2>, scale: f64) -> Tensor<2> {
    Tensor::from_dispatch(Dispatch::bert_low_rank(
        base.into_dispatch(),
        x.into_dispatch(),
        a.into_dispatch(),
        b.into_dispatch(),
        scale,
    ))
}

/// The activation of each element.
pub fn activated(x: Tensor<2>, activation: Activation) -> Tensor<2> {
    match activation {
        Activation::Identity => x,
        _ => Tensor::from_dispatch(Dispatch::bert_activated(x.into_dispatch(), activation)),
    }
}

/// x · tableᵀ + bias: a score for each row of a table of embeddings.
///
/// # Shapes
/// - x: `[rows, hidden]`
/// - table: `[vocab, hidden]`
/// - bias: `[vocab]`
/// - output: `[rows, vocab]`
pub fn tied(x: Tensor<2>, table: Tensor<2>, bias: Tensor<1>) -> Tensor<2> {
    Tensor::from_dispatch(Dispatch::bert_tied(
        x.into_dispatch(),
        table.into_dispatch(),
        bias.into_dispatch(),
    ))
}

/// The sum of two tensors of one shape.
pub fn added<const D: usize>(left: Tensor<D>, right: Tensor<D>) -> Tensor<D> {
    Tensor::from_dispatch(Dispatch::bert_added(left.into_dispatch(), right.into_dispatch()))
}

/// diag(diagonal) · rows.
///
/// # Shapes
/// - diagonal: `[1, rows]`
/// - rows, output: `[rows, columns]`
pub fn diagonal(diagonal: Tensor<2>, rows: Tensor<2>) -> Tensor<2> {
    Tensor::from_dispatch(Dispatch::bert_diagonal(diagonal.into_dispatch(), rows.into_dispatch()))
}

/// The same rows in front of those of each text.
///
/// # Shapes
/// - first: `[count, hidden]`
/// - rows: `[batch * seq_len, hidden]`
/// - output: `[batch * (count + seq_len), hidden]`
pub fn joined(first: Tensor<2>, rows: Tensor<2>, batch: usize) -> Tensor<2> {
    Tensor::from_dispatch(Dispatch::bert_joined(
        first.into_dispatch(),
        rows.into_dispatch(),
        batch,
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

/// For each head, dropout of softmax(Q Kᵀ / √head_dim + bias), times V; heads side by side.
///
/// # Shapes
/// - query, key, value, output: `[batch * seq_len, hidden]`
/// - score_bias: `[batch, seq_len]`, below 0 for padding
pub fn attention([query, key, value]: [Tensor<2>; 3], score_bias: &Tensor<2>, heads: usize, mask: Mask) -> Tensor<2> {
    let [batch, seq_len] = score_bias.dims();
    let shape = AttentionShape {
        batch,
        seq_len,
        heads,
        head_dim: query.dims()[1] / heads,
        mask,
    };
    Tensor::from_dispatch(Dispatch::bert_attention(
        query.into_dispatch(),
        key.into_dispatch(),
        value.into_dispatch(),
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

/// The weighted sum of -log softmax(logits) that `targets` describes.
///
/// # Shapes
/// - logits: `[rows, classes]`
/// - output: `[1]`
pub fn cross_entropy(logits: Tensor<2>, targets: Targets) -> Tensor<1> {
    Tensor::from_dispatch(Dispatch::bert_cross_entropy(logits.into_dispatch(), targets))
}

/// Σ weights\[class\] (log(1 + eˣ) - target · x) over all logits x: each class a question of its own.
///
/// # Shapes
/// - logits: `[rows, classes]`
/// - targets: `[rows, classes]`, row-major
/// - weights: `[classes]`
/// - output: `[1]`
pub fn binary_cross_entropy(logits: Tensor<2>, targets: Vec<f32>, weights: Vec<f32>) -> Tensor<1> {
    Tensor::from_dispatch(Dispatch::bert_binary_cross_entropy(
        logits.into_dispatch(),
        targets,
        weights,
    ))
}

/// weight · Σ (cosine of row i and row pairs + i - goals\[i\])².
///
/// # Shapes
/// - states: `[2 * pairs, hidden]`
/// - goals: `[pairs]`
/// - output: `[1]`
pub fn cosine_loss(states: Tensor<2>, goals: Vec<f32>, weight: f32) -> Tensor<1> {
    Tensor::from_dispatch(Dispatch::bert_cosine_loss(states.into_dispatch(), goals, weight))
}

/// The sum of the squares of all elements.
///
/// # Shapes
/// - output: `[1]`
pub fn square_sum(tensors: &[&Tensor<1>], device: &Device) -> Tensor<1> {
    tensors
        .chunks(SQUARED_AT_ONCE)
        .fold(Tensor::zeros([1], device), |total, some| {
            // In place of what is not there, the first.
            let tensor = |place: usize| (*some.get(place).unwrap_or(&some[0])).clone().into_dispatch();
            Tensor::from_dispatch(Dispatch::bert_add_squares(
                total.into_dispatch(),
                tensor(0),
                tensor(1),
                tensor(2),
                tensor(3),
                tensor(4),
                tensor(5),
                tensor(6),
                some.len(),
            ))
        })
}

/// Rows of a table by their numbers; where it is differentiated, no two may be the same.
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

/// The tensor as 32-bit floats, as all are that change: a GPU may keep a matrix of a checkpoint by `halves.rs`.
pub fn widened<const D: usize>(tensor: Tensor<D>) -> Tensor<D> {
    Tensor::from_dispatch(Dispatch::bert_widened(tensor.into_dispatch()))
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
