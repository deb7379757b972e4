//! Rows put back into a table by their numbers: how a vocabulary is trained by the few rows that a step touches.

use burn::{
    backend::{Backend, Dispatch, backend_extension, tensor::FloatTensor},
    tensor::Tensor,
};

use super::gather_rows::gather_rows;
use crate::kernels::random_inputs::{RandomInputs, Work, flat};

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

/// Sizes: rows of the table, columns, ids; these are distinct, as a vocabulary's are. The scale is 0.5.
pub fn test_entry(inputs: &mut RandomInputs, sizes: &[usize]) -> Option<Work> {
    let &[count, columns, taken] = sizes else {
        return None;
    };
    let table = inputs.matrix("table", [count, columns], 1.0).inner();
    let rows = inputs.input("rows", [taken, columns], 1.0).inner();
    let ids: Vec<u32> = (0..taken).map(|place| (count - 1 - place) as u32).collect();
    inputs.report("taken", gather_rows(table.clone(), ids.clone()));
    let work = move || scatter_rows(table.clone(), ids.clone(), rows.clone(), 0.5);
    inputs.report("put", work());
    Some(Work::Update(Box::new(move || flat(work()))))
}
