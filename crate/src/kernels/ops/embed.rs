//! The embeddings of tokens: the sum of a row of each of three tables (Devlin et al. 2019, figure 2).

use burn::{
    backend::{
        Autodiff, Backend, Dispatch, TensorMetadata,
        autodiff::{
            checkpoint::{base::Checkpointer, strategy::CheckpointStrategy},
            grads::Gradients,
            ops::{Backward, Ops, OpsKind},
        },
        backend_extension,
        tensor::{FloatTensor, IntTensor},
    },
    tensor::{Int, Tensor},
};

use crate::kernels::{
    autodiff::register,
    random_inputs::{RandomInputs, Work, flat},
};

/// word_embeddings\[id\] + positions\[place in the text\] + types\[type\] of each token.
///
/// # Shapes
/// - word_embeddings, positions, types: `[any, hidden]`
/// - ids, type_ids: `[batch * seq_len]`
/// - output: `[batch * seq_len, hidden]`
pub fn embed(
    [word_embeddings, positions, types]: [Tensor<2>; 3],
    ids: Tensor<1, Int>,
    type_ids: Tensor<1, Int>,
    seq_len: usize,
) -> Tensor<2> {
    Tensor::from_dispatch(Dispatch::embed_route(
        word_embeddings.into_dispatch(),
        positions.into_dispatch(),
        types.into_dispatch(),
        ids.into_dispatch(),
        type_ids.into_dispatch(),
        seq_len,
    ))
}

/// What a device must do. The tables may be stored as 16-bit floats.
pub trait EmbedKernel: Backend {
    /// As [`embed`].
    fn embed(
        word_embeddings: FloatTensor<Self>,
        positions: FloatTensor<Self>,
        types: FloatTensor<Self>,
        ids: IntTensor<Self>,
        type_ids: IntTensor<Self>,
        seq_len: usize,
    ) -> FloatTensor<Self>;

    /// Gradients of the three tables, which have `rows` rows.
    fn embed_backward(
        gradient: FloatTensor<Self>,
        ids: IntTensor<Self>,
        type_ids: IntTensor<Self>,
        seq_len: usize,
        rows: [usize; 3],
    ) -> [FloatTensor<Self>; 3];
}

#[backend_extension(Cube: cfg(feature = "webgpu"), Flex: cfg(feature = "cpu"), Autodiff)]
pub trait EmbedRoute: Backend {
    fn embed_route(
        word_embeddings: FloatTensor<Self>,
        positions: FloatTensor<Self>,
        types: FloatTensor<Self>,
        ids: IntTensor<Self>,
        type_ids: IntTensor<Self>,
        seq_len: usize,
    ) -> FloatTensor<Self>;
}

impl<B: EmbedKernel> EmbedRoute for B {
    fn embed_route(
        word_embeddings: FloatTensor<Self>,
        positions: FloatTensor<Self>,
        types: FloatTensor<Self>,
        ids: IntTensor<Self>,
        type_ids: IntTensor<Self>,
        seq_len: usize,
    ) -> FloatTensor<Self> {
        Self::embed(word_embeddings, positions, types, ids, type_ids, seq_len)
    }
}

impl<B: EmbedKernel, C: CheckpointStrategy> EmbedRoute for Autodiff<B, C> {
    fn embed_route(
        word_embeddings: FloatTensor<Self>,
        positions: FloatTensor<Self>,
        types: FloatTensor<Self>,
        ids: IntTensor<Self>,
        type_ids: IntTensor<Self>,
        seq_len: usize,
    ) -> FloatTensor<Self> {
        let (word_embeddings, word_node) = word_embeddings.into_parts();
        let ((positions, position_node), (types, type_node)) = (positions.into_parts(), types.into_parts());
        let rows = [&word_embeddings, &positions, &types].map(|table| table.shape()[0]);
        let output = B::embed(
            word_embeddings,
            positions,
            types,
            ids.clone(),
            type_ids.clone(),
            seq_len,
        );
        let nodes = [word_node, position_node, type_node];
        match EmbedBackward.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((ids, type_ids, seq_len, rows), output),
            OpsKind::UnTracked(prep) => prep.finish(output),
        }
    }
}

#[derive(Debug)]
struct EmbedBackward;

impl<B: EmbedKernel> Backward<B, 3> for EmbedBackward {
    /// The ids, the type ids, the length of a text, and the rows of the tables.
    type State = (IntTensor<B>, IntTensor<B>, usize, [usize; 3]);

    fn backward(self, ops: Ops<Self::State, 3>, gradients: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let gradient = gradients.consume::<B>(&ops.node);
        let (ids, type_ids, seq_len, rows) = ops.state;
        let each = B::embed_backward(gradient, ids, type_ids, seq_len, rows);
        register::<B, 3>(ops.parents.map(|node| node.map(|node| node.id)), gradients, each);
    }
}

/// Sizes: batch, seq_len, hidden, vocab.
pub fn test_entry(inputs: &mut RandomInputs, sizes: &[usize]) -> Option<Work> {
    let &[batch, seq_len, hidden, vocab] = sizes else {
        return None;
    };
    let tables = [("words", vocab), ("positions", seq_len + 1), ("types", 2)];
    let tables = tables.map(|(name, rows)| inputs.matrix(name, [rows, hidden], 1.0));
    let ids = inputs.ids("ids", batch * seq_len, vocab);
    let type_ids = inputs.ids("type_ids", batch * seq_len, 2);
    let [ids, type_ids] = [ids, type_ids].map(|ids| inputs.whole_numbers(ids));
    let run = move || flat(embed(tables.clone(), ids.clone(), type_ids.clone(), seq_len));
    Some(Work::Differentiated(Box::new(run)))
}
