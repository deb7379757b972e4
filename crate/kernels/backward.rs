//! The fused operations in burn's autodiff: what each keeps of its forward, and its hand-written backward.

use burn::backend::{
    Autodiff, Backend,
    autodiff::{
        checkpoint::{base::Checkpointer, strategy::CheckpointStrategy},
        grads::Gradients,
        ops::{Backward, Ops, OpsKind, unary},
    },
    tensor::FloatTensor,
};
use burn::tensor::Shape;

use super::{
    adamw::Factors,
    dropout::Mask,
    fused::{Attended, AttentionShape, Fused, Normalized, Transposed},
    operations::BertOperations,
};

#[derive(Debug)]
struct Linear;

impl<B: Fused> Backward<B, 3> for Linear {
    /// x, the weight, and the slope of the activation where there is one.
    type State = (FloatTensor<B>, FloatTensor<B>, Option<FloatTensor<B>>);

    /// With g the gradient of x W + b: dx = g Wᵀ, dW = xᵀ g, db = Σ g over the rows.
    fn backward(self, ops: Ops<Self::State, 3>, gradients: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let gradient = gradients.consume::<B>(&ops.node);
        let (x, weight, slope) = ops.state;
        let gradient = match slope {
            Some(slope) => B::float_mul(gradient, slope),
            None => gradient,
        };
        let [x_node, weight_node, bias_node] = ops.parents;
        if let Some(node) = bias_node {
            gradients.register::<B>(node.id, B::column_sums(gradient.clone()));
        }
        if let Some(node) = weight_node {
            gradients.register::<B>(node.id, B::product(x, gradient.clone(), Transposed::Left));
        }
        if let Some(node) = x_node {
            gradients.register::<B>(node.id, B::product(gradient, weight, Transposed::Right));
        }
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
        for (parent, gradient) in ops.parents.into_iter().zip(each) {
            if let Some(node) = parent {
                gradients.register::<B>(node.id, gradient);
            }
        }
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
        for (parent, gradient) in ops.parents.into_iter().zip(each) {
            if let Some(node) = parent {
                gradients.register::<B>(node.id, gradient);
            }
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

impl<B: Backend + Fused, C: CheckpointStrategy> BertOperations for Autodiff<B, C> {
    fn bert_linear(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        gelu: bool,
    ) -> FloatTensor<Self> {
        let ((x, x_node), (weight, weight_node)) = (x.into_parts(), weight.into_parts());
        let (bias, bias_node) = bias.into_parts();
        let forward = |with_slope| match gelu {
            true => B::dense_gelu(x.clone(), weight.clone(), bias, with_slope),
            false => (B::dense(x.clone(), weight.clone(), bias), None),
        };
        match Linear
            .prepare::<C>([x_node, weight_node, bias_node])
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(prep) => {
                let (output, slope) = forward(true);
                prep.finish((x, weight, slope), output)
            }
            OpsKind::UnTracked(prep) => prep.finish(forward(false).0),
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
        bias: FloatTensor<Self>,
        shape: AttentionShape,
    ) -> FloatTensor<Self> {
        let ((query, query_node), (key, key_node)) = (query.into_parts(), key.into_parts());
        let (value, value_node) = value.into_parts();
        // The bias only says where padding is: it takes no gradient.
        let bias = bias.into_primitive();
        let (output, state) = B::attention_forward(query, key, value, bias, shape);
        match Attention
            .prepare::<C>([query_node, key_node, value_node])
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(prep) => prep.finish((state, shape), output),
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

    fn bert_add_squares(_total: FloatTensor<Self>, _tensor: FloatTensor<Self>) -> FloatTensor<Self> {
        unreachable!("gradients have no gradient")
    }

    fn bert_adamw(
        _parameter: FloatTensor<Self>,
        _gradient: FloatTensor<Self>,
        _first: FloatTensor<Self>,
        _second: FloatTensor<Self>,
        _factors: Factors,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        unreachable!("an update has no gradient")
    }
}
