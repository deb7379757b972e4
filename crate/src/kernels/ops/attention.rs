//! Self-attention (Vaswani et al. 2017, section 3.2.1) with dropout of its weights.

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

use super::{activation::Activation, dense::dense};
use crate::kernels::{
    autodiff::register,
    dropout::Mask,
    random_inputs::{RandomInputs, Work, flat},
};

/// For each head, mask · softmax(Q Kᵀ / √head_dim + bias) · V; heads side by side. The bias is a key's own, for padding, and,
/// with `distance_bias`, one of the distance from query to key and of the head.
///
/// # Shapes
/// - query, key, value, output: `[batch * seq_len, hidden]`
/// - score_bias: `[batch, seq_len]`, below 0 for padding
/// - distance_bias: `[2 * seq_len - 1, heads]`; row d is of the keys d - (seq_len - 1) places after the query
pub fn attention(
    [query, key, value]: [Tensor<2>; 3],
    score_bias: &Tensor<2>,
    distance_bias: Option<&Tensor<2>>,
    heads: usize,
    mask: Mask,
) -> Tensor<2> {
    let [batch, seq_len] = score_bias.dims();
    let shape = AttentionShape {
        batch,
        seq_len,
        heads,
        head_dim: query.dims()[1] / heads,
        has_distance_bias: distance_bias.is_some(),
        mask,
    };
    Tensor::from_dispatch(Dispatch::attention_route(
        query.into_dispatch(),
        key.into_dispatch(),
        value.into_dispatch(),
        score_bias.clone().into_dispatch(),
        // Without one, a tensor that nothing reads.
        distance_bias.unwrap_or(score_bias).clone().into_dispatch(),
        shape,
    ))
}

/// The numbers of self-attention that are no tensors.
#[derive(Debug, Clone, Copy)]
pub struct AttentionShape {
    pub batch: usize,
    pub seq_len: usize,
    pub heads: usize,
    pub head_dim: usize,
    /// Whether scores have a bias by distance.
    pub has_distance_bias: bool,
    /// Dropout of the weights, `[batch, heads, seq_len, seq_len]`.
    pub mask: Mask,
}

impl AttentionShape {
    /// 1 / √head_dim
    pub fn scale(&self) -> f32 {
        1.0 / (self.head_dim as f32).sqrt()
    }
}

/// What the backward needs of the forward.
#[derive(Debug, Clone)]
pub struct Attended<B: Backend> {
    pub query: FloatTensor<B>,
    pub key: FloatTensor<B>,
    pub value: FloatTensor<B>,
    /// Before dropout, `[batch, heads, seq_len, seq_len]`.
    pub weights: FloatTensor<B>,
}

/// What a device must do.
pub trait AttentionKernel: Backend {
    /// As [`attention`].
    fn attention_forward(
        query: FloatTensor<Self>,
        key: FloatTensor<Self>,
        value: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        distance_bias: FloatTensor<Self>,
        shape: AttentionShape,
    ) -> (FloatTensor<Self>, Attended<Self>);

    /// Gradients of query, key and value, and of the bias by distance where there is one.
    fn attention_backward(
        state: Attended<Self>,
        gradient: FloatTensor<Self>,
        shape: AttentionShape,
    ) -> ([FloatTensor<Self>; 3], Option<FloatTensor<Self>>);
}

#[backend_extension(Cube: cfg(feature = "webgpu"), Flex: cfg(feature = "cpu"), Autodiff)]
pub trait AttentionRoute: Backend {
    fn attention_route(
        query: FloatTensor<Self>,
        key: FloatTensor<Self>,
        value: FloatTensor<Self>,
        score_bias: FloatTensor<Self>,
        distance_bias: FloatTensor<Self>,
        shape: AttentionShape,
    ) -> FloatTensor<Self>;
}

impl<B: AttentionKernel> AttentionRoute for B {
    fn attention_route(
        query: FloatTensor<Self>,
        key: FloatTensor<Self>,
        value: FloatTensor<Self>,
        score_bias: FloatTensor<Self>,
        distance_bias: FloatTensor<Self>,
        shape: AttentionShape,
    ) -> FloatTensor<Self> {
        Self::attention_forward(query, key, value, score_bias, distance_bias, shape).0
    }
}

impl<B: AttentionKernel, C: CheckpointStrategy> AttentionRoute for Autodiff<B, C> {
    fn attention_route(
        query: FloatTensor<Self>,
        key: FloatTensor<Self>,
        value: FloatTensor<Self>,
        score_bias: FloatTensor<Self>,
        distance_bias: FloatTensor<Self>,
        shape: AttentionShape,
    ) -> FloatTensor<Self> {
        let (query, query_node) = query.into_parts();
        let ((key, key_node), (value, value_node)) = (key.into_parts(), value.into_parts());
        let (distance_bias, distance_node) = distance_bias.into_parts();
        // The score bias only says where padding is: it takes no gradient.
        let score_bias = score_bias.into_primitive();
        let (output, state) = B::attention_forward(query, key, value, score_bias, distance_bias, shape);
        let nodes = [query_node, key_node, value_node, distance_node];
        match AttentionBackward.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((state, shape), output),
            OpsKind::UnTracked(prep) => prep.finish(output),
        }
    }
}

#[derive(Debug)]
struct AttentionBackward;

impl<B: AttentionKernel> Backward<B, 4> for AttentionBackward {
    type State = (Attended<B>, AttentionShape);

    fn backward(self, ops: Ops<Self::State, 4>, gradients: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let gradient = gradients.consume::<B>(&ops.node);
        let (state, shape) = ops.state;
        let [query, key, value, distance] = ops.parents.map(|node| node.map(|node| node.id));
        let (each, of_distance) = B::attention_backward(state, gradient, shape);
        register::<B, 3>([query, key, value], gradients, each);
        if let Some(of_distance) = of_distance {
            register::<B, 1>([distance], gradients, [of_distance]);
        }
    }
}

/// Sizes: batch, seq_len, heads, head_dim, dropout in percent, and 1 with a bias by distance. Query, key and value are dense
/// layers of one input.
pub fn test_entry(inputs: &mut RandomInputs, sizes: &[usize]) -> Option<Work> {
    let &[batch, seq_len, heads, head_dim, percent, with_distance] = sizes else {
        return None;
    };
    let (rows, hidden) = (batch * seq_len, heads * head_dim);
    let x = inputs.input("x", [rows, hidden], 1.0);
    let deviation = 2.0 / (hidden as f32).sqrt();
    let weights = ["query", "key", "value"].map(|name| inputs.input(name, [hidden, hidden], deviation));
    let biases = ["query bias", "key bias", "value bias"].map(|name| inputs.input(name, [hidden], 1.0));
    let score_bias = inputs.padding("score bias", batch, seq_len, -1e9, 0.0);
    let distance_bias = (with_distance == 1).then(|| inputs.input("distance bias", [2 * seq_len - 1, heads], 1.0));
    let mask = inputs.mask("mask", batch * heads * seq_len * seq_len, percent);
    let run = move || {
        let mut biases = biases.clone().into_iter();
        let states = weights.clone().map(|weight| {
            let bias = biases.next().expect("a bias for each weight");
            dense(x.clone(), weight, bias, Activation::Identity)
        });
        flat(attention(states, &score_bias, distance_bias.as_ref(), heads, mask))
    };
    Some(Work::Differentiated(Box::new(run)))
}
