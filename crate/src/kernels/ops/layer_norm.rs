//! LayerNorm (Ba et al. 2016) of a dropped-out input plus a residual, as each block of BERT ends.

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

use crate::kernels::{
    autodiff::register,
    dropout::Mask,
    random_inputs::{RandomInputs, Work, flat},
};

/// LayerNorm(mask · x + residual).
///
/// # Shapes
/// - x, residual, output: `[rows, hidden]`
/// - gamma, beta: `[hidden]`
pub fn layer_norm(
    x: Tensor<2>,
    residual: Tensor<2>,
    gamma: Tensor<1>,
    beta: Tensor<1>,
    epsilon: f64,
    mask: Mask,
) -> Tensor<2> {
    Tensor::from_dispatch(Dispatch::layer_norm_route(
        x.into_dispatch(),
        residual.into_dispatch(),
        gamma.into_dispatch(),
        beta.into_dispatch(),
        epsilon,
        mask,
    ))
}

/// What the backward needs of the forward.
#[derive(Debug, Clone)]
pub struct Normalized<B: Backend> {
    pub normalized: FloatTensor<B>,
    /// 1 / √(variance + ε), `[rows, 1]`.
    pub inverses: FloatTensor<B>,
}

/// Gradients of the forward's inputs.
pub struct LayerNormGradients<B: Backend> {
    pub input: FloatTensor<B>,
    pub residual: FloatTensor<B>,
    pub gamma: FloatTensor<B>,
    pub beta: FloatTensor<B>,
}

/// What a device must do.
pub trait LayerNormKernel: Backend {
    /// As [`layer_norm`].
    fn layer_norm_forward(
        x: FloatTensor<Self>,
        residual: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        epsilon: f64,
        mask: Mask,
    ) -> (FloatTensor<Self>, Normalized<Self>);

    /// Gradients from that of the output.
    fn layer_norm_backward(
        state: Normalized<Self>,
        gamma: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        mask: Mask,
    ) -> LayerNormGradients<Self>;
}

#[backend_extension(Cube: cfg(feature = "webgpu"), Flex: cfg(feature = "cpu"), Autodiff)]
pub trait LayerNormRoute: Backend {
    fn layer_norm_route(
        x: FloatTensor<Self>,
        residual: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        epsilon: f64,
        mask: Mask,
    ) -> FloatTensor<Self>;
}

impl<B: LayerNormKernel> LayerNormRoute for B {
    fn layer_norm_route(
        x: FloatTensor<Self>,
        residual: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        epsilon: f64,
        mask: Mask,
    ) -> FloatTensor<Self> {
        Self::layer_norm_forward(x, residual, gamma, beta, epsilon, mask).0
    }
}

impl<B: LayerNormKernel, C: CheckpointStrategy> LayerNormRoute for Autodiff<B, C> {
    fn layer_norm_route(
        x: FloatTensor<Self>,
        residual: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        epsilon: f64,
        mask: Mask,
    ) -> FloatTensor<Self> {
        let ((x, x_node), (residual, residual_node)) = (x.into_parts(), residual.into_parts());
        let ((gamma, gamma_node), (beta, beta_node)) = (gamma.into_parts(), beta.into_parts());
        let nodes = [x_node, residual_node, gamma_node, beta_node];
        let (output, state) = B::layer_norm_forward(x, residual, gamma.clone(), beta, epsilon, mask);
        match LayerNormBackward.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((state, gamma, mask), output),
            OpsKind::UnTracked(prep) => prep.finish(output),
        }
    }
}

#[derive(Debug)]
struct LayerNormBackward;

impl<B: LayerNormKernel> Backward<B, 4> for LayerNormBackward {
    /// What the forward left, gamma, the mask.
    type State = (Normalized<B>, FloatTensor<B>, Mask);

    fn backward(self, ops: Ops<Self::State, 4>, gradients: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let gradient = gradients.consume::<B>(&ops.node);
        let (state, gamma, mask) = ops.state;
        let found = B::layer_norm_backward(state, gamma, gradient, mask);
        let each = [found.input, found.residual, found.gamma, found.beta];
        register::<B, 4>(ops.parents.map(|node| node.map(|node| node.id)), gradients, each);
    }
}

/// Sizes: rows, hidden, dropout in percent.
pub fn test_entry(inputs: &mut RandomInputs, sizes: &[usize]) -> Option<Work> {
    let &[rows, hidden, percent] = sizes else {
        return None;
    };
    let x = inputs.input("x", [rows, hidden], 2.0);
    let residual = inputs.input("residual", [rows, hidden], 2.0);
    let (gamma, beta) = (
        inputs.input("gamma", [hidden], 1.0),
        inputs.input("beta", [hidden], 1.0),
    );
    let mask = inputs.mask("mask", rows * hidden, percent);
    let run = move || {
        let (x, residual) = (x.clone(), residual.clone());
        flat(layer_norm(x, residual, gamma.clone(), beta.clone(), 1e-12, mask))
    };
    Some(Work::Differentiated(Box::new(run)))
}
