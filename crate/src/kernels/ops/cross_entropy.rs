//! Cross-entropy of logits and classes, with class weights and label smoothing.

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
    targets::Targets,
};

/// The weighted sum of -log softmax(logits) that `targets` describes.
///
/// # Shapes
/// - logits: `[rows, classes]`
/// - output: `[1]`
pub fn cross_entropy(logits: Tensor<2>, targets: Targets) -> Tensor<1> {
    Tensor::from_dispatch(Dispatch::cross_entropy_route(logits.into_dispatch(), targets))
}

/// What a device must do.
pub trait CrossEntropyKernel: Backend {
    /// The loss, `[1]`, and its gradient, `[rows, classes]`.
    fn cross_entropy(logits: FloatTensor<Self>, targets: &Targets) -> (FloatTensor<Self>, FloatTensor<Self>);
}

#[backend_extension(Cube: cfg(feature = "webgpu"), Flex: cfg(feature = "cpu"), Autodiff)]
pub trait CrossEntropyRoute: Backend {
    fn cross_entropy_route(logits: FloatTensor<Self>, targets: Targets) -> FloatTensor<Self>;
}

impl<B: CrossEntropyKernel> CrossEntropyRoute for B {
    fn cross_entropy_route(logits: FloatTensor<Self>, targets: Targets) -> FloatTensor<Self> {
        Self::cross_entropy(logits, &targets).0
    }
}

impl<B: CrossEntropyKernel, C: CheckpointStrategy> CrossEntropyRoute for Autodiff<B, C> {
    fn cross_entropy_route(logits: FloatTensor<Self>, targets: Targets) -> FloatTensor<Self> {
        loss::<B, C>(logits, |logits| B::cross_entropy(logits, &targets))
    }
}

/// Sizes: rows, classes, and 0 for the mean, 1 for weights of the rows and smoothing weights.
pub fn test_entry(inputs: &mut RandomInputs, sizes: &[usize]) -> Option<Work> {
    let &[rows, classes, weighted] = sizes else {
        return None;
    };
    let logits = inputs.input("logits", [rows, classes], 3.0);
    let mut targets = Targets::mean(inputs.ids("targets", rows, classes));
    if weighted == 1 {
        targets.weights = inputs.constants("weights", rows);
        targets.smoothing_weights = inputs.constants("smoothing_weights", classes);
    }
    let run = move || flat(cross_entropy(logits.clone(), targets.clone()));
    Some(Work::Loss(Box::new(run)))
}
