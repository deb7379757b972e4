//! How a matrix is kept that no run changes: in the form that its products read, in 32, 16 or 8 bits.
//!
//! Only this crate's operations read such a tensor; `to_f32` gives its numbers as they are computed with.

use burn::{
    backend::{Backend, Dispatch, backend_extension, tensor::FloatTensor},
    tensor::{Device, Tensor},
};

use super::to_f32::ToF32Kernel;
use crate::device::floats;

/// The number format of kept matrices, named as in the JavaScript API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Storage {
    /// 32-bit floats: on a GPU 16-bit ones for a matrix that they hold exactly.
    F32,
    /// 16-bit floats, rounded; 32-bit ones for a matrix with a magnitude of 64 or more.
    F16,
    /// Whole numbers from -63 to 63, with a scale for each output or each row of a table. A dense layer's inputs become whole
    /// numbers from -127 to 127 as they come, on the CPU.
    Int8,
}

/// What a matrix is for, which says how its scales run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A dense layer's weight `[in, out]`: a scale an output.
    Dense,
    /// A table of embeddings `[rows, hidden]`: a scale a row.
    Table,
}

/// A matrix of these values, row after row, kept for its role.
///
/// # Shapes
/// - values, output: `[rows, columns]`
pub fn store(values: Vec<f32>, shape: [usize; 2], role: Role, storage: Storage, device: &Device) -> Tensor<2> {
    let there = floats(vec![0.0], [1], device);
    let there = there.into_dispatch();
    Tensor::from_dispatch(Dispatch::store_route(there, values, shape, role, storage))
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

    fn pack_route(weight: FloatTensor<Self>) -> FloatTensor<Self> {
        Self::pack(weight)
    }
}
