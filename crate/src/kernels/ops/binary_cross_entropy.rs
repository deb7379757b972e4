//! Binary cross-entropy of logits: multi-label classification, where each class is a question of its own.

use burn::{
    backend::{
        Autodiff, Backend, Dispatch, autodiff::checkpoint::strategy::CheckpointStrategy, backend_extension,
        tensor::FloatTensor,
    },
    tensor::Tensor,
};

use crate::kernels::{
    autodiff::loss,
    random_inputs::{RandomInputs, Work, flat},
};

/// Σ weights\[class\] · (log(1 + eˣ) - target · x) over all logits x.
///
/// # Shapes
/// - logits: `[rows, classes]`
/// - targets: `[rows, classes]`, row-major, each from 0 to 1
/// - weights: `[classes]`
/// - output: `[1]`
pub fn binary_cross_entropy(logits: Tensor<2>, targets: Vec<f32>, weights: Vec<f32>) -> Tensor<1> {
    Tensor::from_dispatch(Dispatch::binary_cross_entropy_route(
        logits.into_dispatch(),
        targets,
        weights,
    ))
}

/// What a device must do.
pub trait BinaryCrossEntropyKernel: Backend {
    /// The loss, `[1]`, and its gradient, `[rows, classes]`.
    fn binary_cross_entropy(
        logits: FloatTensor<Self>,
        targets: &[f32],
        weights: &[f32],
    ) -> (FloatTensor<Self>, FloatTensor<Self>);
}

#[backend_extension(Cube: cfg(feature = "webgpu"), Flex: cfg(feature = "cpu"), Autodiff)]
pub trait BinaryCrossEntropyRoute: Backend {
    fn binary_cross_entropy_route(logits: FloatTensor<Self>, targets: Vec<f32>, weights: Vec<f32>)
    -> FloatTensor<Self>;
}

impl<B: BinaryCrossEntropyKernel> BinaryCrossEntropyRoute for B {
    fn binary_cross_entropy_route(
        logits: FloatTensor<Self>,
        targets: Vec<f32>,
        weights: Vec<f32>,
    ) -> FloatTensor<Self> {
        Self::binary_cross_entropy(logits, &targets, &weights).0
    }
}

impl<B: BinaryCrossEntropyKernel, C: CheckpointStrategy> BinaryCrossEntropyRoute for Autodiff<B, C> {
    fn binary_cross_entropy_route(
        logits: FloatTensor<Self>,
        targets: Vec<f32>,
        weights: Vec<f32>,
    ) -> FloatTensor<Self> {
        loss::<B, C>(logits, |logits| B::binary_cross_entropy(logits, &targets, &weights))
    }
}

/// Sizes: rows, classes.
pub fn test_entry(inputs: &mut RandomInputs, sizes: &[usize]) -> Option<Work> {
    let &[rows, classes] = sizes else {
        return None;
    };
    let logits = inputs.input("logits", [rows, classes], 3.0);
    let goals = inputs.constants("goals", rows * classes);
    let weights = inputs.constants("weights", classes);
    let run = move || flat(binary_cross_entropy(logits.clone(), goals.clone(), weights.clone()));
    Some(Work::Loss(Box::new(run)))
}
