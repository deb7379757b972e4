//! What the operations' hand-written backwards share: gradients handed to parents, and the route of a loss.

use burn::backend::{
    Autodiff, Backend,
    autodiff::{
        NodeId,
        checkpoint::{base::Checkpointer, strategy::CheckpointStrategy},
        grads::Gradients,
        ops::{Backward, Ops, OpsKind, unary},
    },
    tensor::FloatTensor,
};
use burn::tensor::Shape;

/// Gives each parent that takes part its gradient.
pub(super) fn register<B: Backend, const N: usize>(
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

/// A loss whose forward finds its gradient too.
pub(super) fn loss<B: Backend, C: CheckpointStrategy>(
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

#[derive(Debug)]
struct Loss;

impl<B: Backend> Backward<B, 1> for Loss {
    /// The input's gradient, which the forward found.
    type State = FloatTensor<B>;

    fn backward(self, ops: Ops<Self::State, 1>, gradients: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let found = ops.state;
        unary::<B, _>(ops.parents, ops.node, gradients, |gradient| {
            B::float_mul(found, B::float_reshape(gradient, Shape::new([1, 1])))
        });
    }
}
