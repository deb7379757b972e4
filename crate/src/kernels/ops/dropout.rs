//! Dropout (Srivastava et al. 2014) of a tensor by a mask that is known by its key.

use burn::{
    backend::{
        Autodiff, Backend, Dispatch,
        autodiff::{
            checkpoint::{base::Checkpointer, strategy::CheckpointStrategy},
            grads::Gradients,
            ops::{Backward, Ops, OpsKind, unary},
        },
        backend_extension,
        tensor::FloatTensor,
    },
    tensor::Tensor,
};

use crate::kernels::dropout::{Dropout, Mask};

/// mask · x; x itself where the mask drops nothing.
///
/// # Shapes
/// - x, output: the same
pub fn apply_dropout<const D: usize>(x: Tensor<D>, mask: Mask) -> Tensor<D> {
    match mask.is_none() {
        true => x,
        false => Tensor::from_dispatch(Dispatch::dropout_route(x.into_dispatch(), mask)),
    }
}

impl Dropout {
    /// Sets each element to 0 with `probability` and scales the others by 1 / (1 - probability); x itself at 0.
    pub fn apply<const D: usize>(&self, x: Tensor<D>, probability: f64) -> Tensor<D> {
        apply_dropout(x, self.mask(probability))
    }
}

/// What a device must do.
pub trait DropoutKernel: Backend {
    /// As [`apply_dropout`].
    fn apply_dropout(x: FloatTensor<Self>, mask: Mask) -> FloatTensor<Self>;
}

#[backend_extension(Cube: cfg(feature = "webgpu"), Flex: cfg(feature = "cpu"), Autodiff)]
pub trait DropoutRoute: Backend {
    fn dropout_route(x: FloatTensor<Self>, mask: Mask) -> FloatTensor<Self>;
}

impl<B: DropoutKernel> DropoutRoute for B {
    fn dropout_route(x: FloatTensor<Self>, mask: Mask) -> FloatTensor<Self> {
        Self::apply_dropout(x, mask)
    }
}

impl<B: DropoutKernel, C: CheckpointStrategy> DropoutRoute for Autodiff<B, C> {
    fn dropout_route(x: FloatTensor<Self>, mask: Mask) -> FloatTensor<Self> {
        let (x, node) = x.into_parts();
        let output = B::apply_dropout(x, mask);
        match DropoutBackward.prepare::<C>([node]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish(mask, output),
            OpsKind::UnTracked(prep) => prep.finish(output),
        }
    }
}

#[derive(Debug)]
struct DropoutBackward;

impl<B: DropoutKernel> Backward<B, 1> for DropoutBackward {
    type State = Mask;

    /// The gradient with the same mask.
    fn backward(self, ops: Ops<Self::State, 1>, gradients: &mut Gradients, _checkpointer: &mut Checkpointer) {
        unary::<B, _>(ops.parents, ops.node, gradients, |gradient| {
            B::apply_dropout(gradient, ops.state)
        });
    }
}
