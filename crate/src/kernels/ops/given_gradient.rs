//! A loss that was computed elsewhere, with its gradient: how what the host knows of a tensor enters a backward pass.

use burn::{
    backend::{
        Autodiff, Backend, Dispatch, autodiff::checkpoint::strategy::CheckpointStrategy, backend_extension,
        tensor::FloatTensor,
    },
    tensor::Tensor,
};

use super::add::AddKernel;
use crate::kernels::autodiff::loss;

/// `value` as a function of `input` whose gradient is `gradient`. Both are constants.
///
/// # Shapes
/// - input, gradient: the same
/// - value, output: `[1]`
pub fn given_gradient(input: Tensor<2>, value: Tensor<1>, gradient: Tensor<2>) -> Tensor<1> {
    Tensor::from_dispatch(Dispatch::given_gradient_route(
        input.into_dispatch(),
        value.into_dispatch(),
        gradient.into_dispatch(),
    ))
}

#[backend_extension(Cube: cfg(feature = "webgpu"), Flex: cfg(feature = "cpu"), Autodiff)]
pub trait GivenGradientRoute: Backend {
    fn given_gradient_route(
        input: FloatTensor<Self>,
        value: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
    ) -> FloatTensor<Self>;
}

impl<B: AddKernel> GivenGradientRoute for B {
    fn given_gradient_route(
        _input: FloatTensor<Self>,
        value: FloatTensor<Self>,
        _gradient: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        value
    }
}

impl<B: AddKernel, C: CheckpointStrategy> GivenGradientRoute for Autodiff<B, C> {
    fn given_gradient_route(
        input: FloatTensor<Self>,
        value: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        loss::<B, C>(input, |_| (value.into_primitive(), gradient.into_primitive()))
    }
}
