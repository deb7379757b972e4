//! Rows put back into a table by their numbers: how a vocabulary is trained by the few rows that a step touches.

use burn::{
    backend::{Backend, Dispatch, backend_extension, tensor::FloatTensor},
    tensor::Tensor,
};

/// scale · table, with `rows` in place of its rows `ids`. It has no backward.
///
/// # Shapes
/// - table, output: `[any, columns]`
/// - rows: `[ids, columns]`
pub fn scatter_rows(table: Tensor<2>, ids: Vec<u32>, rows: Tensor<2>, scale: f32) -> Tensor<2> {
    Tensor::from_dispatch(Dispatch::scatter_rows_route(
        table.into_dispatch(),
        ids,
        rows.into_dispatch(),
        scale,
    ))
}

/// What a device must do. The table may be stored as 16-bit floats.
pub trait ScatterRowsKernel: Backend {
    /// As [`scatter_rows`].
    fn scatter_rows(table: FloatTensor<Self>, ids: &[u32], rows: FloatTensor<Self>, scale: f32) -> FloatTensor<Self>;
}

#[backend_extension(Cube: cfg(feature = "webgpu"), Flex: cfg(feature = "cpu"))]
pub trait ScatterRowsRoute: Backend {
    fn scatter_rows_route(
        table: FloatTensor<Self>,
        ids: Vec<u32>,
        rows: FloatTensor<Self>,
        scale: f32,
    ) -> FloatTensor<Self>;
}

impl<B: ScatterRowsKernel> ScatterRowsRoute for B {
    fn scatter_rows_route(
        table: FloatTensor<Self>,
        ids: Vec<u32>,
        rows: FloatTensor<Self>,
        scale: f32,
    ) -> FloatTensor<Self> {
        Self::scatter_rows(table, &ids, rows, scale)
    }
}
