//! The sum of the squares of all elements of many tensors: the gradient norm before clipping.

use burn::{
    backend::{Backend, Dispatch, backend_extension, tensor::FloatTensor},
    tensor::{Device, Tensor},
};

use crate::kernels::random_inputs::{RandomInputs, Work};

/// The sum of the squares of all elements.
///
/// # Shapes
/// - output: `[1]`
pub fn square_sum(tensors: &[&Tensor<1>], device: &Device) -> Tensor<1> {
    tensors
        .chunks(SQUARED_AT_ONCE)
        .fold(Tensor::zeros([1], device), |total, some| {
            // In place of what is not there, the first.
            let tensor = |place: usize| (*some.get(place).unwrap_or(&some[0])).clone().into_dispatch();
            Tensor::from_dispatch(Dispatch::add_squares_route(
                total.into_dispatch(),
                tensor(0),
                tensor(1),
                tensor(2),
                tensor(3),
                tensor(4),
                tensor(5),
                tensor(6),
                some.len(),
            ))
        })
}

/// Tensors that [`SquareSumKernel::add_squares`] takes: with the sums as many as WebGPU lets a shader bind.
pub const SQUARED_AT_ONCE: usize = 7;

/// What a device must do.
pub trait SquareSumKernel: Backend {
    /// `total`, `[1]`, plus the squares of all elements of at most [`SQUARED_AT_ONCE`] tensors, of any shape.
    fn add_squares(total: FloatTensor<Self>, tensors: Vec<FloatTensor<Self>>) -> FloatTensor<Self>;
}

#[allow(clippy::too_many_arguments, reason = "burn routes tensors one by one")]
#[backend_extension(Cube: cfg(feature = "webgpu"), Flex: cfg(feature = "cpu"))]
pub trait SquareSumRoute: Backend {
    /// Of the tensors, the first `count`.
    fn add_squares_route(
        total: FloatTensor<Self>,
        a: FloatTensor<Self>,
        b: FloatTensor<Self>,
        c: FloatTensor<Self>,
        d: FloatTensor<Self>,
        e: FloatTensor<Self>,
        f: FloatTensor<Self>,
        g: FloatTensor<Self>,
        count: usize,
    ) -> FloatTensor<Self>;
}

impl<B: SquareSumKernel> SquareSumRoute for B {
    fn add_squares_route(
        total: FloatTensor<Self>,
        a: FloatTensor<Self>,
        b: FloatTensor<Self>,
        c: FloatTensor<Self>,
        d: FloatTensor<Self>,
        e: FloatTensor<Self>,
        f: FloatTensor<Self>,
        g: FloatTensor<Self>,
        count: usize,
    ) -> FloatTensor<Self> {
        let tensors: [_; SQUARED_AT_ONCE] = [a, b, c, d, e, f, g];
        Self::add_squares(total, tensors.into_iter().take(count).collect())
    }
}

/// Sizes: elements of each tensor.
pub fn test_entry(inputs: &mut RandomInputs, sizes: &[usize]) -> Option<Work> {
    let values = inputs.constants("numbers", sizes.iter().sum());
    let mut rest = values.as_slice();
    let mut tensors = Vec::new();
    for &count in sizes {
        let (own, others) = rest.split_at(count);
        tensors.push(inputs.floats(own.to_vec()));
        rest = others;
    }
    let device = inputs.device().clone();
    let work = move || square_sum(&tensors.iter().collect::<Vec<_>>(), &device);
    inputs.report("squares", work());
    Some(Work::Update(Box::new(work)))
}
