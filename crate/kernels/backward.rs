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

use super::{
    dropout::Mask,
    fused::{Fused, Normalized},
    operations::BertOperations,
};

#[derive(Debug)]
struct Gelu;

impl<B: Fused> Backward<B, 1> for Gelu {
    /// The slope.
    type State = FloatTensor<B>;

    fn backward(self, ops: Ops<Self::State, 1>, gradients: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let slope = ops.state;
        unary::<B, _>(ops.parents, ops.node, gradients, |gradient| {
            B::float_mul(gradient, slope)
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
        for (parent, gradient) in ops.parents.into_iter().zip(each) {
            if let Some(node) = parent {
                gradients.register::<B>(node.id, gradient);
            }
        }
    }
}

#[derive(Debug)]
struct AttentionWeights;

impl<B: Fused> Backward<B, 1> for AttentionWeights {
    /// The weights before dropout, the scale, the mask.
    type State = (FloatTensor<B>, f64, Mask);

    fn backward(self, ops: Ops<Self::State, 1>, gradients: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let (weights, scale, mask) = ops.state;
        unary::<B, _>(ops.parents, ops.node, gradients, |gradient| {
            B::attention_weights_backward(weights, gradient, scale, mask)
        });
    }
}

impl<B: Backend + Fused, C: CheckpointStrategy> BertOperations for Autodiff<B, C> {
    fn bert_gelu(x: FloatTensor<Self>) -> FloatTensor<Self> {
        let (x, node) = x.into_parts();
        match Gelu.prepare::<C>([node]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let (value, slope) = B::gelu_value_and_slope(x);
                prep.finish(slope, value)
            }
            OpsKind::UnTracked(prep) => prep.finish(B::gelu_value(x)),
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

    fn bert_attention_weights(
        scores: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        scale: f64,
        mask: Mask,
    ) -> FloatTensor<Self> {
        let (scores, node) = scores.into_parts();
        // The bias only says where padding is: it takes no gradient.
        let bias = bias.into_primitive();
        let (dropped, weights) = B::attention_weights_forward(scores, bias, scale, mask);
        match AttentionWeights.prepare::<C>([node]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((weights, scale, mask), dropped),
            OpsKind::UnTracked(prep) => prep.finish(dropped),
        }
    }
}
