//! The hidden states of a text pooled to one vector.

use burn::{
    backend::{
        Autodiff, Backend, Dispatch,
        autodiff::{
            checkpoint::{base::Checkpointer, strategy::CheckpointStrategy},
            grads::Gradients,
            ops::{Backward, Ops, OpsKind, unary},
        },
        backend_extension,
        tensor::FloatTensor,
    },
    tensor::Tensor,
};

use crate::kernels::random_inputs::{RandomInputs, Work, flat};

/// How the states of a text become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pool {
    /// The first token's.
    First,
    /// Their mean over real tokens.
    Mean,
    /// The largest of each dimension over real tokens.
    Max,
}

/// One vector a text.
///
/// # Shapes
/// - states: `[batch * seq_len, hidden]`
/// - mask: `[batch, seq_len]`, 1 for a real token, 0 for padding; each text has a real token
/// - output: `[batch, hidden]`
pub fn pool(states: Tensor<2>, mask: &Tensor<2>, pool: Pool) -> Tensor<2> {
    Tensor::from_dispatch(Dispatch::pool_route(
        states.into_dispatch(),
        mask.clone().into_dispatch(),
        pool,
    ))
}

/// What a device must do.
pub trait PoolKernel: Backend {
    /// As [`pool`].
    fn pool(states: FloatTensor<Self>, mask: FloatTensor<Self>, pool: Pool) -> FloatTensor<Self>;

    /// Gradient of the states from that of `pooled`. A largest value that two tokens share is the first one's.
    fn pool_backward(
        states: FloatTensor<Self>,
        pooled: FloatTensor<Self>,
        mask: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        pool: Pool,
    ) -> FloatTensor<Self>;
}

#[backend_extension(Cube: cfg(feature = "webgpu"), Flex: cfg(feature = "cpu"), Autodiff)]
pub trait PoolRoute: Backend {
    fn pool_route(states: FloatTensor<Self>, mask: FloatTensor<Self>, pool: Pool) -> FloatTensor<Self>;
}

impl<B: PoolKernel> PoolRoute for B {
    fn pool_route(states: FloatTensor<Self>, mask: FloatTensor<Self>, pool: Pool) -> FloatTensor<Self> {
        Self::pool(states, mask, pool)
    }
}

impl<B: PoolKernel, C: CheckpointStrategy> PoolRoute for Autodiff<B, C> {
    fn pool_route(states: FloatTensor<Self>, mask: FloatTensor<Self>, pool: Pool) -> FloatTensor<Self> {
        let (states, node) = states.into_parts();
        let mask = mask.into_primitive();
        let pooled = B::pool(states.clone(), mask.clone(), pool);
        match PoolBackward.prepare::<C>([node]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((states, pooled.clone(), mask, pool), pooled),
            OpsKind::UnTracked(prep) => prep.finish(pooled),
        }
    }
}

#[derive(Debug)]
struct PoolBackward;

impl<B: PoolKernel> Backward<B, 1> for PoolBackward {
    /// The states, what they were pooled to, the mask, and how.
    type State = (FloatTensor<B>, FloatTensor<B>, FloatTensor<B>, Pool);

    fn backward(self, ops: Ops<Self::State, 1>, gradients: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let (states, pooled, mask, pool) = ops.state;
        unary::<B, _>(ops.parents, ops.node, gradients, |gradient| {
            B::pool_backward(states, pooled, mask, gradient, pool)
        });
    }
}

/// Sizes: batch, seq_len, hidden, and how: 0 the first, 1 the mean, 2 the largest.
pub fn test_entry(inputs: &mut RandomInputs, sizes: &[usize]) -> Option<Work> {
    let &[batch, seq_len, hidden, number] = sizes else {
        return None;
    };
    let how = *[Pool::First, Pool::Mean, Pool::Max].get(number)?;
    let states = inputs.input("states", [batch * seq_len, hidden], 1.0);
    let mask = inputs.padding("mask", batch, seq_len, 0.0, 1.0);
    let run = move || flat(pool(states.clone(), &mask, how));
    Some(Work::Differentiated(Box::new(run)))
}
