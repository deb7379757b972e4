//! Rows of a table by their numbers.

use burn::{
    backend::{
        Autodiff, Backend, Dispatch, TensorMetadata,
        autodiff::{
            checkpoint::{base::Checkpointer, strategy::CheckpointStrategy},
            grads::Gradients,
            ops::{Backward, Ops, OpsKind, unary},
        },
        backend_extension,
        tensor::FloatTensor,
    },
    tensor::{FloatDType, Shape, Tensor},
};

use super::scatter_rows::{ScatterRowsKernel, scatter_rows};
use crate::kernels::random_inputs::{RandomInputs, Work, flat};

/// The rows `ids` of a table. Where the table is differentiated, no two ids may be the same.
///
/// # Shapes
/// - table: `[rows, columns]`
/// - output: `[ids, columns]`
pub fn gather_rows(table: Tensor<2>, ids: Vec<u32>) -> Tensor<2> {
    Tensor::from_dispatch(Dispatch::gather_rows_route(table.into_dispatch(), ids))
}

/// What a device must do. The table may be stored as 16-bit floats.
pub trait GatherRowsKernel: Backend {
    /// As [`gather_rows`].
    fn gather_rows(table: FloatTensor<Self>, ids: &[u32]) -> FloatTensor<Self>;
}

#[backend_extension(Cube: cfg(feature = "webgpu"), Flex: cfg(feature = "cpu"), Autodiff)]
pub trait GatherRowsRoute: Backend {
    fn gather_rows_route(table: FloatTensor<Self>, ids: Vec<u32>) -> FloatTensor<Self>;
}

impl<B: GatherRowsKernel> GatherRowsRoute for B {
    fn gather_rows_route(table: FloatTensor<Self>, ids: Vec<u32>) -> FloatTensor<Self> {
        Self::gather_rows(table, &ids)
    }
}

impl<B: GatherRowsKernel + ScatterRowsKernel, C: CheckpointStrategy> GatherRowsRoute for Autodiff<B, C> {
    fn gather_rows_route(table: FloatTensor<Self>, ids: Vec<u32>) -> FloatTensor<Self> {
        let (table, node) = table.into_parts();
        let shape = table.shape().dims();
        let output = B::gather_rows(table, &ids);
        match GatherRowsBackward.prepare::<C>([node]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((ids, shape), output),
            OpsKind::UnTracked(prep) => prep.finish(output),
        }
    }
}

#[derive(Debug)]
struct GatherRowsBackward;

impl<B: ScatterRowsKernel> Backward<B, 1> for GatherRowsBackward {
    /// The ids, no two the same, and the table's shape.
    type State = (Vec<u32>, [usize; 2]);

    fn backward(self, ops: Ops<Self::State, 1>, gradients: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let (ids, shape) = ops.state;
        unary::<B, _>(ops.parents, ops.node, gradients, |gradient| {
            let zeros = B::float_zeros(Shape::new(shape), &gradient.device(), FloatDType::F32);
            B::scatter_rows(zeros, &ids, gradient, 1.0)
        });
    }
}

/// Sizes: rows of the table, columns, ids; these are distinct, from the table's end.
pub fn test_entry(inputs: &mut RandomInputs, sizes: &[usize]) -> Option<Work> {
    let &[rows, columns, count] = sizes else {
        return None;
    };
    let table = inputs.matrix("table", [rows, columns], 1.0);
    let ids: Vec<u32> = (0..count).map(|place| (rows - 1 - place) as u32).collect();
    let run = move || flat(gather_rows(table.clone(), ids.clone()));
    Some(Work::Differentiated(Box::new(run)))
}

/// Rows taken from a table, and others put back in their places. Sizes: as [`test_entry`]. The scale is 0.5.
pub fn round_trip_test_entry(inputs: &mut RandomInputs, sizes: &[usize]) -> Option<Work> {
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
