//! A tensor as 32-bit floats, the form of everything that training changes.

use burn::{
    backend::{Backend, Dispatch, backend_extension, tensor::FloatTensor},
    tensor::Tensor,
};

/// The tensor as 32-bit floats: a GPU may store a matrix of a checkpoint in 16 bits (`device/f16_storage.rs`).
///
/// # Shapes
/// - tensor, output: the same
pub fn to_f32<const D: usize>(tensor: Tensor<D>) -> Tensor<D> {
    Tensor::from_dispatch(Dispatch::to_f32_route(tensor.into_dispatch()))
}

/// What a device must do.
pub trait ToF32Kernel: Backend {
    /// As [`to_f32`].
    fn to_f32(tensor: FloatTensor<Self>) -> FloatTensor<Self>;
}

#[backend_extension(Cube: cfg(feature = "webgpu"), Flex: cfg(feature = "cpu"))]
pub trait ToF32Route: Backend {
    fn to_f32_route(tensor: FloatTensor<Self>) -> FloatTensor<Self>;
}

impl<B: ToF32Kernel> ToF32Route for B {
    fn to_f32_route(tensor: FloatTensor<Self>) -> FloatTensor<Self> {
        Self::to_f32(tensor)
    }
}
