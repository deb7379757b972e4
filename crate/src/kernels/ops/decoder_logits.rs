//! Logits of the masked-LM decoder, whose weight is the table of word embeddings: x · tableᵀ + bias.

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
    column_sums::ColumnSumsKernel,
    matmul::{MatmulKernel, Transposed},
};
use crate::kernels::random_inputs::{RandomInputs, Work, flat};

/// x · tableᵀ + bias: a logit for each row of a table of embeddings.
///
/// # Shapes
/// - x: `[rows, hidden]`
/// - table: `[vocab, hidden]`
/// - bias: `[vocab]`
/// - output: `[rows, vocab]`
pub fn decoder_logits(x: Tensor<2>, table: Tensor<2>, bias: Tensor<1>) -> Tensor<2> {
    Tensor::from_dispatch(Dispatch::decoder_logits_route(
        x.into_dispatch(),
        table.into_dispatch(),
        bias.into_dispatch(),
    ))
}

/// What a device must do. The table may be stored as 16-bit floats.
pub trait DecoderLogitsKernel: Backend {
    /// As [`decoder_logits`].
    fn decoder_logits(x: FloatTensor<Self>, table: FloatTensor<Self>, bias: FloatTensor<Self>) -> FloatTensor<Self>;
}

#[backend_extension(Cube: cfg(feature = "webgpu"), Flex: cfg(feature = "cpu"), Autodiff)]
pub trait DecoderLogitsRoute: Backend {
    fn decoder_logits_route(
        x: FloatTensor<Self>,
        table: FloatTensor<Self>,
        bias: FloatTensor<Self>,
    ) -> FloatTensor<Self>;
}

impl<B: DecoderLogitsKernel> DecoderLogitsRoute for B {
    fn decoder_logits_route(
        x: FloatTensor<Self>,
        table: FloatTensor<Self>,
        bias: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        Self::decoder_logits(x, table, bias)
    }
}

impl<B: DecoderLogitsKernel + ColumnSumsKernel + MatmulKernel, C: CheckpointStrategy> DecoderLogitsRoute
    for Autodiff<B, C>
{
    fn decoder_logits_route(
        x: FloatTensor<Self>,
        table: FloatTensor<Self>,
        bias: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        let ((x, x_node), (table, table_node)) = (x.into_parts(), table.into_parts());
        let (bias, bias_node) = bias.into_parts();
        let output = B::decoder_logits(x.clone(), table.clone(), bias);
        let nodes = [x_node, table_node, bias_node];
        match DecoderLogitsBackward.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish([x, table], output),
            OpsKind::UnTracked(prep) => prep.finish(output),
        }
    }
}

#[derive(Debug)]
struct DecoderLogitsBackward;

impl<B: ColumnSumsKernel + MatmulKernel> Backward<B, 3> for DecoderLogitsBackward {
    /// x and the table.
    type State = [FloatTensor<B>; 2];

    /// With g the gradient of x Tᵀ + b: dx = g T, dT = gᵀ x, db = Σ g over the rows.
    fn backward(self, ops: Ops<Self::State, 3>, gradients: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let gradient = gradients.consume::<B>(&ops.node);
        let [x, table] = ops.state;
        let [x_node, table_node, bias_node] = ops.parents;
        if let Some(node) = bias_node {
            gradients.register::<B>(node.id, B::column_sums(gradient.clone()));
        }
        if let Some(node) = table_node {
            gradients.register::<B>(node.id, B::matmul(gradient.clone(), x, Some(Transposed::Left), None));
        }
        if let Some(node) = x_node {
            gradients.register::<B>(node.id, B::matmul(gradient, table, None, None));
        }
    }
}

/// Sizes: rows, hidden, vocab.
pub fn test_entry(inputs: &mut RandomInputs, sizes: &[usize]) -> Option<Work> {
    let &[rows, hidden, vocab] = sizes else {
        return None;
    };
    let x = inputs.input("x", [rows, hidden], 1.0);
    let table = inputs.matrix("table", [vocab, hidden], 2.0 / (hidden as f32).sqrt());
    let bias = inputs.input("bias", [vocab], 1.0);
    let run = move || flat(decoder_logits(x.clone(), table.clone(), bias.clone()));
    Some(Work::Differentiated(Box::new(run)))
}
