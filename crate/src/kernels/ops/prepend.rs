//! The same rows in front of those of each text: a prompt before its token embeddings, a prefix before its keys.

use burn::{
    backend::{
        Autodiff, Backend, Dispatch, TensorMetadata,
        autodiff::{
            checkpoint::{base::Checkpointer, strategy::CheckpointStrategy},
            grads::Gradients,
            ops::{Backward, Ops, OpsKind},
        },
        backend_extension,
        tensor::FloatTensor,
    },
    tensor::{FloatDType, Shape, Tensor},
};

use super::{column_sums::ColumnSumsKernel, gather_rows::GatherRowsKernel, scatter_rows::ScatterRowsKernel};

/// `prefix` in front of the rows of each of `batch` texts.
///
/// # Shapes
/// - prefix: `[count, hidden]`
/// - rows: `[batch * seq_len, hidden]`
/// - output: `[batch * (count + seq_len), hidden]`
pub fn prepend(prefix: Tensor<2>, rows: Tensor<2>, batch: usize) -> Tensor<2> {
    Tensor::from_dispatch(Dispatch::prepend_route(
        prefix.into_dispatch(),
        rows.into_dispatch(),
        batch,
    ))
}

#[backend_extension(Cube: cfg(feature = "webgpu"), Flex: cfg(feature = "cpu"), Autodiff)]
pub trait PrependRoute: Backend {
    fn prepend_route(prefix: FloatTensor<Self>, rows: FloatTensor<Self>, batch: usize) -> FloatTensor<Self>;
}

impl<B: GatherRowsKernel + ScatterRowsKernel> PrependRoute for B {
    fn prepend_route(prefix: FloatTensor<Self>, rows: FloatTensor<Self>, batch: usize) -> FloatTensor<Self> {
        let ([count, hidden], [all, _]) = (prefix.shape().dims(), rows.shape().dims());
        let shape = Shape::new([batch * count + all, hidden]);
        let zeros = B::float_zeros(shape, &rows.device(), FloatDType::F32);
        let places = Places::new(count, all / batch, batch);
        let repeated: Vec<u32> = (0..batch).flat_map(|_| 0..count as u32).collect();
        let prefix = B::gather_rows(prefix, &repeated);
        let with_rows = B::scatter_rows(zeros, &places.rows, rows, 1.0);
        B::scatter_rows(with_rows, &places.prefix, prefix, 1.0)
    }
}

impl<B: GatherRowsKernel + ScatterRowsKernel + ColumnSumsKernel, C: CheckpointStrategy> PrependRoute
    for Autodiff<B, C>
{
    fn prepend_route(prefix: FloatTensor<Self>, rows: FloatTensor<Self>, batch: usize) -> FloatTensor<Self> {
        let ((prefix, prefix_node), (rows, rows_node)) = (prefix.into_parts(), rows.into_parts());
        let ([count, _], [all, _]) = (prefix.shape().dims(), rows.shape().dims());
        let output = B::prepend_route(prefix, rows, batch);
        match PrependBackward
            .prepare::<C>([prefix_node, rows_node])
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(prep) => prep.finish([count, all / batch, batch], output),
            OpsKind::UnTracked(prep) => prep.finish(output),
        }
    }
}

/// Rows of the output that come from each of the two inputs, text by text.
struct Places {
    prefix: Vec<u32>,
    rows: Vec<u32>,
}

impl Places {
    fn new(count: usize, seq_len: usize, batch: usize) -> Self {
        let length = count + seq_len;
        let places = |from: usize, to: usize| {
            let texts = (0..batch).flat_map(move |text| (from..to).map(move |place| (text * length + place) as u32));
            texts.collect()
        };
        Self {
            prefix: places(0, count),
            rows: places(count, length),
        }
    }
}

#[derive(Debug)]
struct PrependBackward;

impl<B: GatherRowsKernel + ColumnSumsKernel> Backward<B, 2> for PrependBackward {
    /// Rows of the prefix, rows of a text, texts.
    type State = [usize; 3];

    /// The prefix's gradient is the sum over the texts.
    fn backward(self, ops: Ops<Self::State, 2>, gradients: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let gradient = gradients.consume::<B>(&ops.node);
        let [count, seq_len, batch] = ops.state;
        let [_, hidden] = gradient.shape().dims();
        let places = Places::new(count, seq_len, batch);
        let [prefix_node, rows_node] = ops.parents;
        if let Some(node) = prefix_node {
            let each = B::gather_rows(gradient.clone(), &places.prefix);
            let sums = B::column_sums(B::float_reshape(each, Shape::new([batch, count * hidden])));
            gradients.register::<B>(node.id, B::float_reshape(sums, Shape::new([count, hidden])));
        }
        if let Some(node) = rows_node {
            gradients.register::<B>(node.id, B::gather_rows(gradient, &places.rows));
        }
    }
}
