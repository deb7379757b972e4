//! The activation of each element, where it does not end a dense layer: a low-rank pair is added before it.

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

use super::multiply::MultiplyKernel;
use crate::kernels::random_inputs::{RandomInputs, Work, flat};

/// What a dense layer ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activation {
    /// Nothing.
    Identity,
    /// x Φ(x) with the exact error function: transformers' `gelu`.
    Gelu,
    /// x/2 (1 + tanh(√(2/π) (x + 0.044715 x³))): transformers' `gelu_new`.
    GeluNew,
    /// max(x, 0)
    Relu,
    /// tanh x
    Tanh,
    /// x σ(x): transformers' `silu` and `swish`.
    Silu,
}

impl Activation {
    /// Each by its number in the sizes of a test entry.
    pub(super) const ALL: [Self; 6] = [
        Self::Identity,
        Self::Gelu,
        Self::GeluNew,
        Self::Relu,
        Self::Tanh,
        Self::Silu,
    ];
}

/// The activation of each element.
pub fn activation(x: Tensor<2>, activation: Activation) -> Tensor<2> {
    match activation {
        Activation::Identity => x,
        _ => Tensor::from_dispatch(Dispatch::activation_route(x.into_dispatch(), activation)),
    }
}

/// What a device must do.
pub trait ActivationKernel: Backend {
    /// The activation of each element and, where `with_grad`, its derivative there; none of the identity.
    fn activation(
        x: FloatTensor<Self>,
        activation: Activation,
        with_grad: bool,
    ) -> (FloatTensor<Self>, Option<FloatTensor<Self>>);
}

#[backend_extension(Cube: cfg(feature = "webgpu"), Flex: cfg(feature = "cpu"), Autodiff)]
pub trait ActivationRoute: Backend {
    fn activation_route(x: FloatTensor<Self>, activation: Activation) -> FloatTensor<Self>;
}

impl<B: ActivationKernel> ActivationRoute for B {
    fn activation_route(x: FloatTensor<Self>, activation: Activation) -> FloatTensor<Self> {
        Self::activation(x, activation, false).0
    }
}

impl<B: ActivationKernel + MultiplyKernel, C: CheckpointStrategy> ActivationRoute for Autodiff<B, C> {
    fn activation_route(x: FloatTensor<Self>, activation: Activation) -> FloatTensor<Self> {
        let (x, node) = x.into_parts();
        match ActivationBackward.prepare::<C>([node]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let (output, activation_grad) = B::activation(x, activation, true);
                prep.finish(activation_grad, output)
            }
            OpsKind::UnTracked(prep) => prep.finish(B::activation(x, activation, false).0),
        }
    }
}

#[derive(Debug)]
struct ActivationBackward;

impl<B: MultiplyKernel> Backward<B, 1> for ActivationBackward {
    /// The activation's derivative.
    type State = Option<FloatTensor<B>>;

    fn backward(self, ops: Ops<Self::State, 1>, gradients: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let activation_grad = ops.state;
        unary::<B, _>(ops.parents, ops.node, gradients, |gradient| match activation_grad {
            Some(activation_grad) => B::multiply(gradient, activation_grad),
            None => gradient,
        });
    }
}

/// Sizes: rows, columns, the activation's number in [`Activation::ALL`].
pub fn test_entry(inputs: &mut RandomInputs, sizes: &[usize]) -> Option<Work> {
    let &[rows, columns, number] = sizes else {
        return None;
    };
    let chosen = *Activation::ALL.get(number)?;
    let x = inputs.input("x", [rows, columns], 3.0);
    let run = move || flat(activation(x.clone(), chosen));
    Some(Work::Differentiated(Box::new(run)))
}
