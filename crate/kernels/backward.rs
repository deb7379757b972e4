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
use burn::tensor::{FloatDType, Shape, TensorData};

use super::{
    dropout::Mask,
    fused::{Activation, Attended, AttentionShape, Fused, Normalized, Pool, Transposed},
    routes::{BertOperations, Joined, lowered, scaled_rows},
    targets::Targets,
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
            gradients.register::<B>(node.id, B::product(x, gradient.clone(), Some(Transposed::Left), None));
        }
        if let Some(node) = x_node {
            gradients.register::<B>(node.id, B::product(gradient, weight, Some(Transposed::Right), None));
        }
    }
}

#[derive(Debug)]
struct LowRank;

impl<B: Fused> Backward<B, 4> for LowRank {
    /// x, x a, a, scale · b, scale.
    type State = ([FloatTensor<B>; 4], f64);

    /// With g the gradient of base + scale · x a b: da = xᵀ (g (scale b)ᵀ), db = scale · (x a)ᵀ g, dx = (g (scale b)ᵀ) aᵀ.
    fn backward(self, ops: Ops<Self::State, 4>, gradients: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let gradient = gradients.consume::<B>(&ops.node);
        let ([x, low, a, b], scale) = ops.state;
        let [base_node, x_node, a_node, b_node] = ops.parents;
        if let Some(node) = b_node {
            let found = B::product(low, gradient.clone(), Some(Transposed::Left), None);
            gradients.register::<B>(node.id, B::float_mul_scalar(found, scale.into()));
        }
        if a_node.is_some() || x_node.is_some() {
            let d_low = B::product(gradient.clone(), b, Some(Transposed::Right), None);
            if let Some(node) = a_node {
                let found = B::product(x, d_low.clone(), Some(Transposed::Left), None);
                gradients.register::<B>(node.id, found);
            }
            if let Some(node) = x_node {
                gradients.register::<B>(node.id, B::product(d_low, a, Some(Transposed::Right), None));
            }
        }
        if let Some(node) = base_node {
            gradients.register::<B>(node.id, gradient);
        }
    }
}

#[derive(Debug)]
struct Activated;

impl<B: Fused> Backward<B, 1> for Activated {
    /// The slopes.
    type State = Option<FloatTensor<B>>;

    fn backward(self, ops: Ops<Self::State, 1>, gradients: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let slopes = ops.state;
        unary::<B, _>(ops.parents, ops.node, gradients, |gradient| match slopes {
            Some(slopes) => B::multiplied(gradient, slopes),
            None => gradient,
        });
    }
}

#[derive(Debug)]
struct Tied;

impl<B: Fused> Backward<B, 3> for Tied {
    /// x and the table.
    type State = [FloatTensor<B>; 2];

    /// With g the gradient of x Tᵀ + b: dx = g T, dT = gᵀ x, db = Σ g over the rows.
    fn backward(self, ops: Ops<Self::State, 3>, gradients: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let gradient = gradients.consume::<B>(&ops.node);
        let [x, table] = ops.state;
        let [x_node, table_node, bias_node] = ops.parents;
        if let Some(node) = bias_node {
            gradients.register::<B>(node.id, B::column_sums(gradient.clone()));
        }
        if let Some(node) = table_node {
            gradients.register::<B>(node.id, B::product(gradient.clone(), x, Some(Transposed::Left), None));
        }
        if let Some(node) = x_node {
            gradients.register::<B>(node.id, B::product(gradient, table, None, None));
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
            let nothing = B::float_zeros(Shape::new(shape), &gradient.device(), FloatDType::F32);
            B::with_rows(nothing, &ids, gradient, 1.0)
        });
    }
}

#[derive(Debug)]
struct Added;

impl<B: Fused> Backward<B, 2> for Added {
    type State = ();

    fn backward(self, ops: Ops<Self::State, 2>, gradients: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let gradient = gradients.consume::<B>(&ops.node);
        let each = [gradient.clone(), gradient];
        register::<B, 2>(ops.parents.map(|node| node.map(|node| node.id)), gradients, each);
    }
}

#[derive(Debug)]
struct Diagonal;

impl<B: Fused> Backward<B, 2> for Diagonal {
    /// The diagonal and the rows.
    type State = [FloatTensor<B>; 2];

    /// The diagonal's gradient is the sum of each row of g · rows.
    fn backward(self, ops: Ops<Self::State, 2>, gradients: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let gradient = gradients.consume::<B>(&ops.node);
        let [diagonal, rows] = ops.state;
        let [count, columns] = rows.shape().dims();
        let [diagonal_node, rows_node] = ops.parents;
        if let Some(node) = diagonal_node {
            let ones = TensorData::new(vec![1.0f32; columns], [columns, 1]);
            let ones = B::float_from_data(ones, &gradient.device());
            let sums = B::product(B::multiplied(gradient.clone(), rows), ones, None, None);
            gradients.register::<B>(node.id, B::float_reshape(sums, Shape::new([1, count])));
        }
        if let Some(node) = rows_node {
            gradients.register::<B>(node.id, scaled_rows::<B>(diagonal, gradient));
        }
    }
}

#[derive(Debug)]
struct Join;

impl<B: Fused> Backward<B, 2> for Join {
    /// Rows in front of a text, rows of a text, texts.
    type State = [usize; 3];

    fn backward(self, ops: Ops<Self::State, 2>, gradients: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let gradient = gradients.consume::<B>(&ops.node);
        let [count, seq_len, batch] = ops.state;
        let [_, hidden] = gradient.shape().dims();
        let places = Joined::new(count, seq_len, batch);
        let [first_node, rows_node] = ops.parents;
        if let Some(node) = first_node {
            let each = B::take_rows(gradient.clone(), &places.first);
            let sums = B::column_sums(B::float_reshape(each, Shape::new([batch, count * hidden])));
            gradients.register::<B>(node.id, B::float_reshape(sums, Shape::new([count, hidden])));
        }
        if let Some(node) = rows_node {
            gradients.register::<B>(node.id, B::take_rows(gradient, &places.rows));
        }
    }
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
struct Attention;

impl<B: Fused> Backward<B, 3> for Attention {
    type State = (Attended<B>, AttentionShape);

    fn backward(self, ops: Ops<Self::State, 3>, gradients: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let gradient = gradients.consume::<B>(&ops.node);
        let (state, shape) = ops.state;
        let each = B::attention_backward(state, gradient, shape);
        register::<B, 3>(ops.parents.map(|node| node.map(|node| node.id)), gradients, each);
    }
}

#[derive(Debug)]
struct Loss;

impl<B: Fused> Backward<B, 1> for Loss {
    /// The input's gradient, which the forward found.
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
