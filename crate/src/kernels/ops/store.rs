//! How a matrix that no run changes is stored: in the form that its products read, in 32, 16 or 8 bits.
//!
//! Only this crate's operations read such a tensor; `to_f32` gives its numbers as they are computed with.

use burn::{
    backend::{Backend, Dispatch, backend_extension, tensor::FloatTensor},
    tensor::{Device, Tensor},
};

use super::to_f32::ToF32Kernel;
use crate::{
    device::floats,
    kernels::storage::{Role, Storage},
};

/// A matrix of these values, row after row, kept for its role.
///
/// # Shapes
/// - values, output: `[rows, columns]`
pub fn store(values: Vec<f32>, shape: [usize; 2], role: Role, storage: Storage, device: &Device) -> Tensor<2> {
    let there = floats(vec![0.0], [1], device);
    let there = there.into_dispatch();
    Tensor::from_dispatch(Dispatch::store_route(there, values, shape, role, storage))
}

/// A table that is whole numbers already: their bytes, row after row, then the scales' bytes. Its rows are a multiple of 4 long.
///
/// # Shapes
/// - output: `shape`
pub fn store_int8_table(bytes: Vec<u8>, shape: [usize; 2], device: &Device) -> Tensor<2> {
    let there = floats(vec![0.0], [1], device);
    Tensor::from_dispatch(Dispatch::store_int8_table_route(there.into_dispatch(), bytes, shape))
}

/// The tensor's weights of a dense layer, in 32-bit floats, kept as its products read them.
///
/// # Shapes
/// - weight, output: `[in, out]`
pub fn pack<const D: usize>(weight: Tensor<D>) -> Tensor<D> {
    Tensor::from_dispatch(Dispatch::pack_route(weight.into_dispatch()))
}

/// What a device must do.
pub trait StoreKernel: ToF32Kernel {
    /// As [`store`]; `there` is any tensor of the device.
    fn store(
        there: FloatTensor<Self>,
        values: Vec<f32>,
        shape: [usize; 2],
        role: Role,
        storage: Storage,
    ) -> FloatTensor<Self>;

    /// As [`store_int8_table`]; `there` is any tensor of the device.
    fn store_int8_table(there: FloatTensor<Self>, bytes: Vec<u8>, shape: [usize; 2]) -> FloatTensor<Self>;

    /// As [`pack`].
    fn pack(weight: FloatTensor<Self>) -> FloatTensor<Self>;
}

#[backend_extension(Cube: cfg(feature = "webgpu"), Flex: cfg(feature = "cpu"))]
pub trait StoreRoute: Backend {
    fn store_route(
        there: FloatTensor<Self>,
        values: Vec<f32>,
        shape: [usize; 2],
        role: Role,
        storage: Storage,
    ) -> FloatTensor<Self>;

    fn store_int8_table_route(there: FloatTensor<Self>, bytes: Vec<u8>, shape: [usize; 2]) -> FloatTensor<Self>;

    fn pack_route(weight: FloatTensor<Self>) -> FloatTensor<Self>;
}

impl<B: StoreKernel> StoreRoute for B {
    fn store_route(
        there: FloatTensor<Self>,
        values: Vec<f32>,
        shape: [usize; 2],
        role: Role,
        storage: Storage,
    ) -> FloatTensor<Self> {
        Self::store(there, values, shape, role, storage)
    }

    fn store_int8_table_route(there: FloatTensor<Self>, bytes: Vec<u8>, shape: [usize; 2]) -> FloatTensor<Self> {
        Self::store_int8_table(there, bytes, shape)
    }

    fn pack_route(weight: FloatTensor<Self>) -> FloatTensor<Self> {
        Self::pack(weight)
    }
}
