//! Each row of a matrix times a number of its own: AdaLoRA's diag(E) · B (Zhang et al. 2023).

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
    tensor::{Shape, Tensor, TensorData},
};

use super::{matmul::MatmulKernel, multiply::MultiplyKernel};

/// diag(scales) · rows.
///
/// # Shapes
/// - scales: `[1, rows]`
/// - rows, output: `[rows, columns]`
pub fn scale_rows(scales: Tensor<2>, rows: Tensor<2>) -> Tensor<2> {
    Tensor::from_dispatch(Dispatch::scale_rows_route(scales.into_dispatch(), rows.into_dispatch()))
}

#[backend_extension(Cube: cfg(feature = "webgpu"), Flex: cfg(feature = "cpu"), Autodiff)]
pub trait ScaleRowsRoute: Backend {
    fn scale_rows_route(scales: FloatTensor<Self>, rows: FloatTensor<Self>) -> FloatTensor<Self>;
}

impl<B: MatmulKernel + MultiplyKernel> ScaleRowsRoute for B {
    fn scale_rows_route(scales: FloatTensor<Self>, rows: FloatTensor<Self>) -> FloatTensor<Self> {
        forward::<B>(scales, rows)
    }
}

impl<B: MatmulKernel + MultiplyKernel, C: CheckpointStrategy> ScaleRowsRoute for Autodiff<B, C> {
    fn scale_rows_route(scales: FloatTensor<Self>, rows: FloatTensor<Self>) -> FloatTensor<Self> {
        let ((scales, scales_node), (rows, rows_node)) = (scales.into_parts(), rows.into_parts());
        let output = forward::<B>(scales.clone(), rows.clone());
        match ScaleRowsBackward
            .prepare::<C>([scales_node, rows_node])
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(prep) => prep.finish([scales, rows], output),
            OpsKind::UnTracked(prep) => prep.finish(output),
        }
    }
}

fn forward<B: Backend>(scales: FloatTensor<B>, rows: FloatTensor<B>) -> FloatTensor<B> {
    let [_, count] = scales.shape().dims();
    B::float_mul(rows, B::float_reshape(scales, Shape::new([count, 1])))
}

#[derive(Debug)]
struct ScaleRowsBackward;

impl<B: MatmulKernel + MultiplyKernel> Backward<B, 2> for ScaleRowsBackward {
    /// The scales and the rows.
    type State = [FloatTensor<B>; 2];

    /// With g the output's gradient: the scales' is the sum of each row of g · rows, and the rows' is diag(scales) · g.
    fn backward(self, ops: Ops<Self::State, 2>, gradients: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let gradient = gradients.consume::<B>(&ops.node);
        let [scales, rows] = ops.state;
        let [count, columns] = rows.shape().dims();
        let [scales_node, rows_node] = ops.parents;
        if let Some(node) = scales_node {
            let ones = TensorData::new(vec![1.0f32; columns], [columns, 1]);
            let ones = B::float_from_data(ones, &gradient.device());
            let sums = B::matmul(B::multiply(gradient.clone(), rows), ones, None, None);
            gradients.register::<B>(node.id, B::float_reshape(sums, Shape::new([1, count])));
        }
        if let Some(node) = rows_node {
            gradients.register::<B>(node.id, forward::<B>(scales, gradient));
        }
    }
}
