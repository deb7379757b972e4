//! What a device must be able to do for BERT: each operation's forward and backward on one backend. The CPU's are in
//! `cpu`, the GPU's in `webgpu`. Rank 2, `[rows, columns]`, unless said.

use burn::backend::{Backend, tensor::FloatTensor};

use super::{adamw::Factors, dropout::Mask};

/// Which side of a product is read transposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transposed {
    /// `[k, m]ᵀ · [k, n]`: a weight's gradient.
    Left,
    /// `[m, k] · [n, k]ᵀ`: an input's gradient.
    Right,
}

/// What LayerNorm's backward needs of its forward.
#[derive(Debug, Clone)]
pub struct Normalized<B: Backend> {
    pub normalized: FloatTensor<B>,
    /// 1 / √(variance + ε), `[rows, 1]`.
    pub inverses: FloatTensor<B>,
}

/// Gradients of LayerNorm's inputs.
pub struct LayerNormGradients<B: Backend> {
    pub input: FloatTensor<B>,
    pub residual: FloatTensor<B>,
    pub gamma: FloatTensor<B>,
    pub beta: FloatTensor<B>,
}

/// The numbers of self-attention that are no tensors.
#[derive(Debug, Clone, Copy)]
pub struct AttentionShape {
    pub batch: usize,
    pub seq_len: usize,
    pub heads: usize,
    pub head_dim: usize,
    /// Dropout of the weights, `[batch, heads, seq_len, seq_len]`.
    pub mask: Mask,
}

impl AttentionShape {
    /// 1 / √head_dim
    pub fn scale(&self) -> f32 {
        1.0 / (self.head_dim as f32).sqrt()
    }
}

/// What attention's backward needs of its forward.
#[derive(Debug, Clone)]
pub struct Attended<B: Backend> {
    pub query: FloatTensor<B>,
    pub key: FloatTensor<B>,
    pub value: FloatTensor<B>,
    /// Before dropout, `[batch, heads, seq_len, seq_len]`.
    pub weights: FloatTensor<B>,
}

/// The operations of a BERT step on one backend.
pub trait Fused: Backend {
    /// A product of two matrices, one of them transposed.
    fn product(left: FloatTensor<Self>, right: FloatTensor<Self>, transposed: Transposed) -> FloatTensor<Self>;

    /// x · weight + bias.
    ///
    /// # Shapes
    /// - x: `[rows, in]`
    /// - weight: `[in, out]`
    /// - bias: `[out]`
    fn dense(x: FloatTensor<Self>, weight: FloatTensor<Self>, bias: FloatTensor<Self>) -> FloatTensor<Self>;

    /// GELU(x · weight + bias) and, where `with_slope`, the slope of GELU there.
    ///
    /// Shapes as [`Fused::dense`].
    fn dense_gelu(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        with_slope: bool,
    ) -> (FloatTensor<Self>, Option<FloatTensor<Self>>);

    /// Sums over the rows.
    ///
    /// # Shapes
    /// - output: `[columns]`
    fn column_sums(x: FloatTensor<Self>) -> FloatTensor<Self>;

    /// LayerNorm(mask · x + residual).
    fn layer_norm_forward(
        x: FloatTensor<Self>,
        residual: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        epsilon: f64,
        mask: Mask,
    ) -> (FloatTensor<Self>, Normalized<Self>);

    /// Gradients of [`Fused::layer_norm_forward`]'s inputs.
    fn layer_norm_backward(
        state: Normalized<Self>,
        gamma: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        mask: Mask,
    ) -> LayerNormGradients<Self>;

    /// For each head, mask · softmax(scale · Q Kᵀ + bias) V, heads side by side.
    ///
    /// # Shapes
    /// - query, key, value, output: `[batch * seq_len, heads * head_dim]`
    /// - bias: `[batch, 1, 1, seq_len]`
    fn attention_forward(
        query: FloatTensor<Self>,
        key: FloatTensor<Self>,
        value: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        shape: AttentionShape,
    ) -> (FloatTensor<Self>, Attended<Self>);

    /// Gradients of query, key and value.
    fn attention_backward(
        state: Attended<Self>,
        gradient: FloatTensor<Self>,
        shape: AttentionShape,
    ) -> [FloatTensor<Self>; 3];

    /// Mean over the rows of -log softmax(logits)[target], `[1]`, and its gradient, `[rows, classes]`.
    fn cross_entropy(logits: FloatTensor<Self>, targets: &[i32]) -> (FloatTensor<Self>, FloatTensor<Self>);

    /// `total`, `[1]`, plus the squares of all elements of a tensor of any shape.
    fn add_squares(total: FloatTensor<Self>, tensor: FloatTensor<Self>) -> FloatTensor<Self>;

    /// A parameter, flat, after a step of AdamW, and its new moments.
    fn adamw(
        parameter: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        first: FloatTensor<Self>,
        second: FloatTensor<Self>,
        factors: Factors,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);

    /// The tensor with dropout.
    fn masked(tensor: FloatTensor<Self>, mask: Mask) -> FloatTensor<Self>;
}
