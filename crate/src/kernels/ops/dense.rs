//! A dense layer with its activation: activation(x · weight + bias).

use burn::{
    backend::{
        Autodiff, Backend, Dispatch,
        autodiff::{
            checkpoint::{base::Checkpointer, strategy::CheckpointStrategy},
            grads::Gradients,
            ops::{Backward, Ops, OpsKind},
        },
        backend_extension,
        tensor::FloatTensor,
    },
    tensor::Tensor,
};

use super::{
    activation::Activation,
    column_sums::ColumnSumsKernel,
    matmul::{MatmulKernel, Transposed},
    multiply::MultiplyKernel,
};
use crate::kernels::random_inputs::{RandomInputs, Work, flat};

/// The activation of x · weight + bias.
///
/// # Shapes
/// - x: `[rows, in]`
/// - weight: `[in, out]`
/// - bias: `[out]`
/// - output: `[rows, out]`
pub fn dense(x: Tensor<2>, weight: Tensor<2>, bias: Tensor<1>, activation: Activation) -> Tensor<2> {
    Tensor::from_dispatch(Dispatch::dense_route(
        x.into_dispatch(),
        weight.into_dispatch(),
        bias.into_dispatch(),
        activation,
    ))
}

/// What a device must do. The weight may be stored as 16-bit floats.
pub trait DenseKernel: Backend {
    /// The output and, where `with_activation_grad`, the activation's derivative there; none of the identity.
    fn dense(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        activation: Activation,
        with_activation_grad: bool,
    ) -> (FloatTensor<Self>, Option<FloatTensor<Self>>);
}

#[backend_extension(Cube: cfg(feature = "webgpu"), Flex: cfg(feature = "cpu"), Autodiff)]
pub trait DenseRoute: Backend {
    fn dense_route(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        activation: Activation,
    ) -> FloatTensor<Self>;
}

impl<B: DenseKernel> DenseRoute for B {
    fn dense_route(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        activation: Activation,
    ) -> FloatTensor<Self> {
        Self::dense(x, weight, bias, activation, false).0
    }
}

impl<B: DenseKernel + ColumnSumsKernel + MatmulKernel + MultiplyKernel, C: CheckpointStrategy> DenseRoute
    for Autodiff<B, C>
{
    fn dense_route(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        activation: Activation,
    ) -> FloatTensor<Self> {
        let ((x, x_node), (weight, weight_node)) = (x.into_parts(), weight.into_parts());
        let (bias, bias_node) = bias.into_parts();
        let nodes = [x_node, weight_node, bias_node];
        match DenseBackward.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let (output, activation_grad) = B::dense(x.clone(), weight.clone(), bias, activation, true);
                prep.finish((x, weight, activation_grad), output)
            }
            OpsKind::UnTracked(prep) => prep.finish(B::dense(x, weight, bias, activation, false).0),
        }
    }
}

#[derive(Debug)]
struct DenseBackward;

impl<B: ColumnSumsKernel + MatmulKernel + MultiplyKernel> Backward<B, 3> for DenseBackward {
    /// x, the weight, and the derivative of the activation where there is one.
    type State = (FloatTensor<B>, FloatTensor<B>, Option<FloatTensor<B>>);

    /// With g the gradient of x W + b: dx = g Wᵀ, dW = xᵀ g, db = Σ g over the rows.
    fn backward(self, ops: Ops<Self::State, 3>, gradients: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let gradient = gradients.consume::<B>(&ops.node);
        let (x, weight, activation_grad) = ops.state;
        let gradient = match activation_grad {
            Some(activation_grad) => B::multiply(gradient, activation_grad),
            None => gradient,
        };
        let [x_node, weight_node, bias_node] = ops.parents;
        if let Some(node) = bias_node {
            gradients.register::<B>(node.id, B::column_sums(gradient.clone()));
        }
        if let Some(node) = weight_node {
            gradients.register::<B>(node.id, B::matmul(x, gradient.clone(), Some(Transposed::Left), None));
        }
        if let Some(node) = x_node {
            gradients.register::<B>(node.id, B::matmul(gradient, weight, Some(Transposed::Right), None));
        }
    }
}

/// Sizes: rows, inputs, outputs, the activation's number in [`Activation::ALL`].
pub fn test_entry(inputs: &mut RandomInputs, sizes: &[usize]) -> Option<Work> {
    let &[rows, in_size, out_size, activation] = sizes else {
        return None;
    };
    let activation = *Activation::ALL.get(activation)?;
    let x = inputs.input("x", [rows, in_size], 1.0);
    let weight = inputs.matrix("weight", [in_size, out_size], 2.0 / (in_size as f32).sqrt());
    let bias = inputs.input("bias", [out_size], 1.0);
    let run = move || flat(dense(x.clone(), weight.clone(), bias.clone(), activation));
    Some(Work::Differentiated(Box::new(run)))
}
