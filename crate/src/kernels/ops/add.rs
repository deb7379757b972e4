//! The sum of two tensors of one shape.

use burn::{
    backend::{
        Autodiff, Backend, Dispatch,
        autodiff::{
            checkpoint::{base::Checkpointer, strategy::CheckpointStrategy},
            grads::Gradients,
            ops::{Backward, Ops, OpsKind},
        },
        backend_extension,
        tensor::FloatTensor,
    },
    tensor::Tensor,
};

use crate::kernels::autodiff::register;

/// The sum of two tensors of one shape; burn's own would take shapes apart to broadcast them.
///
/// # Shapes
/// - left, right, output: the same
pub fn add<const D: usize>(left: Tensor<D>, right: Tensor<D>) -> Tensor<D> {
    Tensor::from_dispatch(Dispatch::add_route(left.into_dispatch(), right.into_dispatch()))
}

/// Nothing beyond burn's own sum, on any device: the trait tells devices from `Autodiff` and `Dispatch`.
pub trait AddKernel: Backend {}

#[cfg(feature = "cpu")]
impl AddKernel for burn::backend::Flex {}

#[cfg(feature = "webgpu")]
impl AddKernel for burn::backend::Cube {}

#[backend_extension(Cube: cfg(feature = "webgpu"), Flex: cfg(feature = "cpu"), Autodiff)]
pub trait AddRoute: Backend {
    fn add_route(left: FloatTensor<Self>, right: FloatTensor<Self>) -> FloatTensor<Self>;
}

impl<B: AddKernel> AddRoute for B {
    fn add_route(left: FloatTensor<Self>, right: FloatTensor<Self>) -> FloatTensor<Self> {
        Self::float_add(left, right)
    }
}

impl<B: AddKernel, C: CheckpointStrategy> AddRoute for Autodiff<B, C> {
    fn add_route(left: FloatTensor<Self>, right: FloatTensor<Self>) -> FloatTensor<Self> {
        let ((left, left_node), (right, right_node)) = (left.into_parts(), right.into_parts());
        let output = B::float_add(left, right);
        match AddBackward
            .prepare::<C>([left_node, right_node])
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(prep) => prep.finish((), output),
            OpsKind::UnTracked(prep) => prep.finish(output),
        }
    }
}

#[derive(Debug)]
struct AddBackward;

impl<B: Backend> Backward<B, 2> for AddBackward {
    type State = ();

    fn backward(self, ops: Ops<Self::State, 2>, gradients: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let gradient = gradients.consume::<B>(&ops.node);
        let each = [gradient.clone(), gradient];
        register::<B, 2>(ops.parents.map(|node| node.map(|node| node.id)), gradients, each);
    }
}
