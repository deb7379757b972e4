//! The squared error of the cosine of pairs of texts, as sentence-transformers' `CosineSimilarityLoss`.

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

/// weight · Σ (cosine of row i and row pairs + i - goals\[i\])².
///
/// # Shapes
/// - states: `[2 * pairs, hidden]`
/// - goals: `[pairs]`
/// - output: `[1]`
pub fn cosine_loss(states: Tensor<2>, goals: Vec<f32>, weight: f32) -> Tensor<1> {
    Tensor::from_dispatch(Dispatch::cosine_loss_route(states.into_dispatch(), goals, weight))
}

/// What a device must do.
pub trait CosineLossKernel: Backend {
    /// The loss, `[1]`, and its gradient, `[2 * pairs, hidden]`.
    fn cosine_loss(states: FloatTensor<Self>, goals: &[f32], weight: f32) -> (FloatTensor<Self>, FloatTensor<Self>);
}

#[backend_extension(Cube: cfg(feature = "webgpu"), Flex: cfg(feature = "cpu"), Autodiff)]
pub trait CosineLossRoute: Backend {
    fn cosine_loss_route(states: FloatTensor<Self>, goals: Vec<f32>, weight: f32) -> FloatTensor<Self>;
}

impl<B: CosineLossKernel> CosineLossRoute for B {
    fn cosine_loss_route(states: FloatTensor<Self>, goals: Vec<f32>, weight: f32) -> FloatTensor<Self> {
        Self::cosine_loss(states, &goals, weight).0
    }
}

impl<B: CosineLossKernel, C: CheckpointStrategy> CosineLossRoute for Autodiff<B, C> {
    fn cosine_loss_route(states: FloatTensor<Self>, goals: Vec<f32>, weight: f32) -> FloatTensor<Self> {
        loss::<B, C>(states, |states| B::cosine_loss(states, &goals, weight))
    }
}

/// Sizes: pairs, hidden. The weight is 0.5.
pub fn test_entry(inputs: &mut RandomInputs, sizes: &[usize]) -> Option<Work> {
    let &[pairs, hidden] = sizes else {
        return None;
    };
    let states = inputs.input("states", [2 * pairs, hidden], 1.0);
    let goals = inputs.constants("goals", pairs);
    let run = move || flat(cosine_loss(states.clone(), goals.clone(), 0.5));
    Some(Work::Loss(Box::new(run)))
}
