//! The fused operations in burn's autodiff: their forward, and which backward is registered with what.

use burn::backend::{
    Autodiff, Backend, TensorMetadata,
    autodiff::{
        checkpoint::strategy::CheckpointStrategy,
        ops::{Backward, OpsKind},
    },
    tensor::{FloatTensor, IntTensor},
};

use super::{
    backward::*,
    dropout::Mask,
    fused::{Activation, AttentionShape, Fused, Pool},
    routes::{BertOperations, lowered, scaled_rows},
    targets::Targets,
};

impl<B: Backend + Fused, C: CheckpointStrategy> BertOperations for Autodiff<B, C> {
    fn bert_dense(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        activation: Activation,
    ) -> FloatTensor<Self> {
        let ((x, x_node), (weight, weight_node)) = (x.into_parts(), weight.into_parts());
        let (bias, bias_node) = bias.into_parts();
        let nodes = [x_node, weight_node, bias_node];
        match Dense.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let (output, slope) = B::dense(x.clone(), weight.clone(), bias, activation, true);
                prep.finish((x, weight, slope), output)
            }
            OpsKind::UnTracked(prep) => prep.finish(B::dense(x, weight, bias, activation, false).0),
        }
    }

    fn bert_low_rank(
        base: FloatTensor<Self>,
        x: FloatTensor<Self>,
        a: FloatTensor<Self>,
        b: FloatTensor<Self>,
        scale: f64,
    ) -> FloatTensor<Self> {
        let ((base, base_node), (x, x_node)) = (base.into_parts(), x.into_parts());
        let ((a, a_node), (b, b_node)) = (a.into_parts(), b.into_parts());
        let b = B::float_mul_scalar(b, scale.into());
        let (output, low) = lowered::<B>(base, x.clone(), a.clone(), b.clone());
        let nodes = [base_node, x_node, a_node, b_node];
        match LowRank.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish(([x, low, a, b], scale), output),
            OpsKind::UnTracked(prep) => prep.finish(output),
        }
    }

    fn bert_added(left: FloatTensor<Self>, right: FloatTensor<Self>) -> FloatTensor<Self> {
        let ((left, left_node), (right, right_node)) = (left.into_parts(), right.into_parts());
        let output = B::float_add(left, right);
        match Added.prepare::<C>([left_node, right_node]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((), output),
            OpsKind::UnTracked(prep) => prep.finish(output),
        }
    }

    fn bert_diagonal(diagonal: FloatTensor<Self>, rows: FloatTensor<Self>) -> FloatTensor<Self> {
        let ((diagonal, diagonal_node), (rows, rows_node)) = (diagonal.into_parts(), rows.into_parts());
        let output = scaled_rows::<B>(diagonal.clone(), rows.clone());
        match Diagonal
            .prepare::<C>([diagonal_node, rows_node])
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(prep) => prep.finish([diagonal, rows], output),
            OpsKind::UnTracked(prep) => prep.finish(output),
        }
    }

    fn bert_joined(first: FloatTensor<Self>, rows: FloatTensor<Self>, batch: usize) -> FloatTensor<Self> {
        let ((first, first_node), (rows, rows_node)) = (first.into_parts(), rows.into_parts());
        let ([count, _], [all, _]) = (first.shape().dims(), rows.shape().dims());
        let output = B::bert_joined(first, rows, batch);
        match Join.prepare::<C>([first_node, rows_node]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish([count, all / batch, batch], output),
            OpsKind::UnTracked(prep) => prep.finish(output),
        }
    }

    fn bert_activated(x: FloatTensor<Self>, activation: Activation) -> FloatTensor<Self> {
        let (x, node) = x.into_parts();
        match Activated.prepare::<C>([node]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let (output, slopes) = B::activated(x, activation, true);
                prep.finish(slopes, output)
            }
            OpsKind::UnTracked(prep) => prep.finish(B::activated(x, activation, false).0),
        }
    }

    fn bert_tied(x: FloatTensor<Self>, table: FloatTensor<Self>, bias: FloatTensor<Self>) -> FloatTensor<Self> {
        let ((x, x_node), (table, table_node)) = (x.into_parts(), table.into_parts());
        let (bias, bias_node) = bias.into_parts();
        let output = B::tied(x.clone(), table.clone(), bias);
        let nodes = [x_node, table_node, bias_node];
        match Tied.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish([x, table], output),
            OpsKind::UnTracked(prep) => prep.finish(output),
        }
    }

    fn bert_take_rows(table: FloatTensor<Self>, ids: Vec<u32>) -> FloatTensor<Self> {
        let (table, node) = table.into_parts();
        let shape = table.shape().dims();
        let output = B::take_rows(table, &ids);
        match TakeRows.prepare::<C>([node]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((ids, shape), output),
            OpsKind::UnTracked(prep) => prep.finish(output),
        }
    }

    fn bert_embed(
        words: FloatTensor<Self>,
        positions: FloatTensor<Self>,
        types: FloatTensor<Self>,
        ids: IntTensor<Self>,
        type_ids: IntTensor<Self>,
        seq_len: usize,
    ) -> FloatTensor<Self> {
        let ((words, word_node), (positions, position_node)) = (words.into_parts(), positions.into_parts());
        let (types, type_node) = types.into_parts();
        let rows = [&words, &positions, &types].map(|table| table.shape()[0]);
        let output = B::embed(words, positions, types, ids.clone(), type_ids.clone(), seq_len);
        let nodes = [word_node, position_node, type_node];
        match Embed.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((ids, type_ids, seq_len, rows), output),
            OpsKind::UnTracked(prep) => prep.finish(output),
        }
    }

    fn bert_pool(states: FloatTensor<Self>, mask: FloatTensor<Self>, pool: Pool) -> FloatTensor<Self> {
        let (states, node) = states.into_parts();
        let mask = mask.into_primitive();
        let pooled = B::pool(states.clone(), mask.clone(), pool);
        match Pooled.prepare::<C>([node]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((states, pooled.clone(), mask, pool), pooled),
            OpsKind::UnTracked(prep) => prep.finish(pooled),
        }
    }

    fn bert_masked(tensor: FloatTensor<Self>, mask: Mask) -> FloatTensor<Self> {
        let (tensor, node) = tensor.into_parts();
        let output = B::masked(tensor, mask);
        match Masked.prepare::<C>([node]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish(mask, output),
            OpsKind::UnTracked(prep) => prep.finish(output),
        }
    }

    fn bert_layer_norm(
        x: FloatTensor<Self>,
        residual: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        epsilon: f64,
        mask: Mask,
    ) -> FloatTensor<Self> {
        let ((x, x_node), (residual, residual_node)) = (x.into_parts(), residual.into_parts());
        let ((gamma, gamma_node), (beta, beta_node)) = (gamma.into_parts(), beta.into_parts());
        let nodes = [x_node, residual_node, gamma_node, beta_node];
        let (output, state) = B::layer_norm_forward(x, residual, gamma.clone(), beta, epsilon, mask);
        match LayerNorm.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((state, gamma, mask), output),
            OpsKind::UnTracked(prep) => prep.finish(output),
        }
    }

    fn bert_attention(
        query: FloatTensor<Self>,
        key: FloatTensor<Self>,
        value: FloatTensor<Self>,
        score_bias: FloatTensor<Self>,
        shape: AttentionShape,
    ) -> FloatTensor<Self> {
        let (query, query_node) = query.into_parts();
        let ((key, key_node), (value, value_node)) = (key.into_parts(), value.into_parts());
        // The score bias only says where padding is: it takes no gradient.
        let (output, state) = B::attention_forward(query, key, value, score_bias.into_primitive(), shape);
        let nodes = [query_node, key_node, value_node];
        match Attention.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((state, shape), output),
            OpsKind::UnTracked(prep) => prep.finish(output),
        }
    }

    fn bert_cross_entropy(logits: FloatTensor<Self>, targets: Targets) -> FloatTensor<Self> {
        loss::<B, C>(logits, |logits| B::cross_entropy(logits, &targets))
    }

    fn bert_binary_cross_entropy(logits: FloatTensor<Self>, targets: Vec<f32>, weights: Vec<f32>) -> FloatTensor<Self> {
        loss::<B, C>(logits, |logits| B::binary_cross_entropy(logits, &targets, &weights))
    }

    fn bert_cosine_loss(states: FloatTensor<Self>, goals: Vec<f32>, weight: f32) -> FloatTensor<Self> {
        loss::<B, C>(states, |states| B::cosine_loss(states, &goals, weight))
    }
}

/// A loss whose forward finds the gradient too.
fn loss<B: Fused, C: CheckpointStrategy>(
    input: FloatTensor<Autodiff<B, C>>,
    forward: impl FnOnce(FloatTensor<B>) -> (FloatTensor<B>, FloatTensor<B>),
) -> FloatTensor<Autodiff<B, C>> {
    let (input, node) = input.into_parts();
    let (loss, gradient) = forward(input);
    match Loss.prepare::<C>([node]).compute_bound().stateful() {
        OpsKind::Tracked(prep) => prep.finish(gradient, loss),
        OpsKind::UnTracked(prep) => prep.finish(loss),
    }
}
