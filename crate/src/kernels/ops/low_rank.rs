//! What a low-rank pair adds to a dense layer (LoRA, Hu et al. 2021): base + scale · x · a · b.

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

use super::matmul::{MatmulKernel, Transposed};
use crate::kernels::random_inputs::{RandomInputs, Work, flat};

/// base + scale · x · a · b.
///
/// # Shapes
/// - base, output: `[rows, out]`
/// - x: `[rows, in]`
/// - a: `[in, rank]`
/// - b: `[rank, out]`
pub fn low_rank(base: Tensor<2>, x: Tensor<2>, a: Tensor<2>, b: Tensor<2>, scale: f64) -> Tensor<2> {
    Tensor::from_dispatch(Dispatch::low_rank_route(
        base.into_dispatch(),
        x.into_dispatch(),
        a.into_dispatch(),
        b.into_dispatch(),
        scale,
    ))
}

#[backend_extension(Cube: cfg(feature = "webgpu"), Flex: cfg(feature = "cpu"), Autodiff)]
pub trait LowRankRoute: Backend {
    fn low_rank_route(
        base: FloatTensor<Self>,
        x: FloatTensor<Self>,
        a: FloatTensor<Self>,
        b: FloatTensor<Self>,
        scale: f64,
    ) -> FloatTensor<Self>;
}

impl<B: MatmulKernel> LowRankRoute for B {
    fn low_rank_route(
        base: FloatTensor<Self>,
        x: FloatTensor<Self>,
        a: FloatTensor<Self>,
        b: FloatTensor<Self>,
        scale: f64,
    ) -> FloatTensor<Self> {
        forward::<B>(base, x, a, B::float_mul_scalar(b, scale.into())).0
    }
}

impl<B: MatmulKernel, C: CheckpointStrategy> LowRankRoute for Autodiff<B, C> {
    fn low_rank_route(
        base: FloatTensor<Self>,
        x: FloatTensor<Self>,
        a: FloatTensor<Self>,
        b: FloatTensor<Self>,
        scale: f64,
    ) -> FloatTensor<Self> {
        let ((base, base_node), (x, x_node)) = (base.into_parts(), x.into_parts());
        let ((a, a_node), (b, b_node)) = (a.into_parts(), b.into_parts());
        let b = B::float_mul_scalar(b, scale.into());
        let (output, low) = forward::<B>(base, x.clone(), a.clone(), b.clone());
        let nodes = [base_node, x_node, a_node, b_node];
        match LowRankBackward.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish(([x, low, a, b], scale), output),
            OpsKind::UnTracked(prep) => prep.finish(output),
        }
    }
}

/// base + x · a · b, and x · a.
fn forward<B: MatmulKernel>(
    base: FloatTensor<B>,
    x: FloatTensor<B>,
    a: FloatTensor<B>,
    b: FloatTensor<B>,
) -> (FloatTensor<B>, FloatTensor<B>) {
    let low = B::matmul(x, a, None, None);
    (B::matmul(low.clone(), b, None, Some(base)), low)
}

#[derive(Debug)]
struct LowRankBackward;

impl<B: MatmulKernel> Backward<B, 4> for LowRankBackward {
    /// x, x a, a, scale · b, scale.
    type State = ([FloatTensor<B>; 4], f64);

    /// With g the gradient of base + scale · x a b: da = xᵀ (g (scale b)ᵀ), db = scale · (x a)ᵀ g, dx = (g (scale b)ᵀ) aᵀ.
    fn backward(self, ops: Ops<Self::State, 4>, gradients: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let gradient = gradients.consume::<B>(&ops.node);
        let ([x, low, a, b], scale) = ops.state;
        let [base_node, x_node, a_node, b_node] = ops.parents;
        if let Some(node) = b_node {
            let d_b = B::matmul(low, gradient.clone(), Some(Transposed::Left), None);
            gradients.register::<B>(node.id, B::float_mul_scalar(d_b, scale.into()));
        }
        if a_node.is_some() || x_node.is_some() {
            let d_low = B::matmul(gradient.clone(), b, Some(Transposed::Right), None);
            if let Some(node) = a_node {
                let d_a = B::matmul(x, d_low.clone(), Some(Transposed::Left), None);
                gradients.register::<B>(node.id, d_a);
            }
            if let Some(node) = x_node {
                gradients.register::<B>(node.id, B::matmul(d_low, a, Some(Transposed::Right), None));
            }
        }
        if let Some(node) = base_node {
            gradients.register::<B>(node.id, gradient);
        }
    }
}

/// Sizes: rows, inputs, outputs, rank. The scale is 0.5.
pub fn test_entry(inputs: &mut RandomInputs, sizes: &[usize]) -> Option<Work> {
    let &[rows, in_size, out_size, rank] = sizes else {
        return None;
    };
    let base = inputs.matrix("base", [rows, out_size], 1.0);
    let x = inputs.input("x", [rows, in_size], 1.0);
    let a = inputs.input("a", [in_size, rank], 2.0 / (in_size as f32).sqrt());
    let b = inputs.input("b", [rank, out_size], 1.0);
    let run = move || flat(low_rank(base.clone(), x.clone(), a.clone(), b.clone(), 0.5));
    Some(Work::Differentiated(Box::new(run)))
}
