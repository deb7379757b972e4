//! The fused operations in burn's autodiff: what each keeps of its forward, and its hand-written backward.

use burn::backend::{
    Autodiff, Backend, TensorMetadata,
    autodiff::{
        NodeId,
        checkpoint::{base::Checkpointer, strategy::CheckpointStrategy},
        grads::Gradients,
        ops::{Backward, Ops, OpsKind, unary},
    },
    tensor::{FloatTensor, IntTensor},
};
use burn::tensor::{FloatDType, Shape};

use super::{
    dropout::Mask,
    fused::{Activation, Attended, AttentionShape, Fused, Normalized, Pool, Transposed},
    routes::{BertOperations, projected},
};

#[derive(Debug)]
struct Dense;

impl<B: Fused> Backward<B, 3> for Dense {
    /// x, the weight, and the slope of the activation where there is one.
    type State = (FloatTensor<B>, FloatTensor<B>, Option<FloatTensor<B>>);

    /// With g the gradient of x W + b: dx = g Wᵀ, dW = xᵀ g, db = Σ g over the rows.
    fn backward(self, ops: Ops<Self::State, 3>, gradients: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let gradient = gradients.consume::<B>(&ops.node);
        let (x, weight, slope) = ops.state;
        let gradient = match slope {
            Some(slope) => B::multiplied(gradient, slope),
            None => gradient,
        };
        let [x_node, weight_node, bias_node] = ops.parents;
        if let Some(node) = bias_node {
            gradients.register::<B>(node.id, B::column_sums(gradient.clone()));
        }
        if let Some(node) = weight_node {
            gradients.register::<B>(node.id, B::product(x, gradient.clone(), Transposed::Left, None));
        }
        if let Some(node) = x_node {
            gradients.register::<B>(node.id, B::product(gradient, weight, Transposed::Right, None));
        }
    }
}

#[derive(Debug)]
struct Tied;

impl<B: Fused> Backward<B, 3> for Tied {
    /// x and the table.
    type State = (FloatTensor<B>, FloatTensor<B>);

    /// With g the gradient of x Tᵀ + b: dx = g T, dT = gᵀ x, db = Σ g over the rows.
    fn backward(self, ops: Ops<Self::State, 3>, gradients: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let gradient = gradients.consume::<B>(&ops.node);
        let (x, table) = ops.state;
        let [x_node, table_node, bias_node] = ops.parents;
        if let Some(node) = bias_node {
            gradients.register::<B>(node.id, B::column_sums(gradient.clone()));
        }
        if let Some(node) = table_node {
            let found = B::product(gradient.clone(), x.clone(), Transposed::Left, None);
            gradients.register::<B>(node.id, found);
        }
        if let Some(node) = x_node {
            let nothing = zeros::<B>(&x, [table.shape()[1]]);
            let found = B::dense(gradient, table, nothing, Activation::Identity, false).0;
            gradients.register::<B>(node.id, found);
        }
    }
}

#[derive(Debug)]
struct TakeRows;

impl<B: Fused> Backward<B, 1> for TakeRows {
    /// The ids, no two the same, and the table's shape.
    type State = (Vec<u32>, [usize; 2]);

    fn backward(self, ops: Ops<Self::State, 1>, gradients: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let (ids, shape) = ops.state;
        unary::<B, _>(ops.parents, ops.node, gradients, |gradient| {
            let nothing = zeros::<B>(&gradient, shape);
            B::with_rows(nothing, &ids, gradient, 1.0)
        });
    }
}

/// Zeros beside a tensor.
fn zeros<B: Backend>(beside: &FloatTensor<B>, shape: impl Into<Shape>) -> FloatTensor<B> {
    B::float_zeros(shape.into(), &beside.device(), FloatDType::F32)
}

#[derive(Debug)]
struct Embed;

impl<B: Fused> Backward<B, 3> for Embed {
    /// The ids, the type ids, the length of a text, and the rows of the tables.
    type State = (IntTensor<B>, IntTensor<B>, usize, [usize; 3]);

    fn backward(self, ops: Ops<Self::State, 3>, gradients: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let gradient = gradients.consume::<B>(&ops.node);
        let (ids, type_ids, seq_len, rows) = ops.state;
        let each = B::embed_backward(gradient, ids, type_ids, seq_len, rows);
        register::<B, 3>(ops.parents.map(|node| node.map(|node| node.id)), gradients, each);
    }
}

#[derive(Debug)]
struct Pooled;

impl<B: Fused> Backward<B, 1> for Pooled {
    /// The states, what they were pooled to, the mask.
    type State = (FloatTensor<B>, FloatTensor<B>, FloatTensor<B>, Pool);

    fn backward(self, ops: Ops<Self::State, 1>, gradients: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let (states, pooled, mask, pool) = ops.state;
        unary::<B, _>(ops.parents, ops.node, gradients, |gradient| {
            B::pool_backward(states, pooled, mask, gradient, pool)
        });
    }
}

#[derive(Debug)]
struct Masked;

impl<B: Fused> Backward<B, 1> for Masked {
    type State = Mask;

    fn backward(self, ops: Ops<Self::State, 1>, gradients: &mut Gradients, _checkpointer: &mut Checkpointer) {
        unary::<B, _>(ops.parents, ops.node, gradients, |gradient| {
            B::masked(gradient, ops.state)
        });
    }
}

#[derive(Debug)]
struct LayerNorm;

impl<B: Fused> Backward<B, 4> for LayerNorm {
    type State = (Normalized<B>, FloatTensor<B>, Mask);

    fn backward(self, ops: Ops<Self::State, 4>, gradients: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let gradient = gradients.consume::<B>(&ops.node);
        let (state, gamma, mask) = ops.state;
        let found = B::layer_norm_backward(state, gamma, gradient, mask);
        let each = [found.input, found.residual, found.gamma, found.beta];
        register::<B, 4>(ops.parents.map(|node| node.map(|node| node.id)), gradients, each);
    }
}

#[derive(Debug)]
struct SelfAttention;

impl<B: Fused> Backward<B, 7> for SelfAttention {
    /// x and the three weights, and what attention keeps.
    type State = (FloatTensor<B>, [FloatTensor<B>; 3], Attended<B>, AttentionShape);

    /// The gradients of query, key and value go through their dense layers; x's is the sum of the three.
    fn backward(self, ops: Ops<Self::State, 7>, gradients: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let gradient = gradients.consume::<B>(&ops.node);
        let (x, weights, state, shape) = ops.state;
        let [x_node, query, key, value, query_bias, key_bias, value_bias] = ops.parents;
        let nodes = [(query, query_bias), (key, key_bias), (value, value_bias)];
        let each = B::attention_backward(state, gradient, shape);
        let mut total = None;
        for ((gradient, weight), (weight_node, bias_node)) in each.into_iter().zip(weights).zip(nodes) {
            if let Some(node) = bias_node {
                gradients.register::<B>(node.id, B::column_sums(gradient.clone()));
            }
            if let Some(node) = weight_node {
                let found = B::product(x.clone(), gradient.clone(), Transposed::Left, None);
                gradients.register::<B>(node.id, found);
            }
            if x_node.is_some() {
                total = Some(B::product(gradient, weight, Transposed::Right, total));
            }
        }
        if let (Some(node), Some(total)) = (x_node, total) {
            gradients.register::<B>(node.id, total);
        }
    }
}

#[derive(Debug)]
struct CrossEntropy;

impl<B: Fused> Backward<B, 1> for CrossEntropy {
    /// The logits' gradient.
    type State = FloatTensor<B>;

    fn backward(self, ops: Ops<Self::State, 1>, gradients: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let found = ops.state;
        unary::<B, _>(ops.parents, ops.node, gradients, |gradient| {
            B::float_mul(found, B::float_reshape(gradient, Shape::new([1, 1])))
        });
    }
}

/// Gives each parent that takes part its gradient.
fn register<B: Backend, const N: usize>(
    parents: [Option<NodeId>; N],
    gradients: &mut Gradients,
    each: [FloatTensor<B>; N],
) {
    for (parent, gradient) in parents.into_iter().zip(each) {
        if let Some(node) = parent {
            gradients.register::<B>(node, gradient);
        }
    }
}

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

    fn bert_tied(x: FloatTensor<Self>, table: FloatTensor<Self>, bias: FloatTensor<Self>) -> FloatTensor<Self> {
        let ((x, x_node), (table, table_node)) = (x.into_parts(), table.into_parts());
        let (bias, bias_node) = bias.into_parts();
        let output = B::tied(x.clone(), table.clone(), bias);
        match Tied
            .prepare::<C>([x_node, table_node, bias_node])
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(prep) => prep.finish((x, table), output),
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
        let ((x, x_node), (query, query_node)) = (x.into_parts(), query.into_parts());
        let ((key, key_node), (value, value_node)) = (key.into_parts(), value.into_parts());
        let (query_bias, query_bias_node) = query_bias.into_parts();
        let ((key_bias, key_bias_node), (value_bias, value_bias_node)) =
            (key_bias.into_parts(), value_bias.into_parts());
        let nodes = [
            x_node,
            query_node,
            key_node,
            value_node,
            query_bias_node,
            key_bias_node,
            value_bias_node,
        ];
        let weights = [query, key, value];
        let [query, key, value] = projected::<B>(x.clone(), weights.clone(), [query_bias, key_bias, value_bias]);
        // The score bias only says where padding is: it takes no gradient.
        let (output, state) = B::attention_forward(query, key, value, score_bias.into_primitive(), shape);
        match SelfAttention.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((x, weights, state, shape), output),
            OpsKind::UnTracked(prep) => prep.finish(output),
        }
    }

    fn bert_cross_entropy(logits: FloatTensor<Self>, targets: Vec<i32>) -> FloatTensor<Self> {
        let (logits, node) = logits.into_parts();
        let (loss, gradient) = B::cross_entropy(logits, &targets);
        match CrossEntropy.prepare::<C>([node]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish(gradient, loss),
            OpsKind::UnTracked(prep) => prep.finish(loss),
        }
    }
}
