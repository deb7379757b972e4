//! What a device must be able to do for BERT: each operation's forward and backward on one backend. The CPU's are in
//! `cpu`, the GPU's in `webgpu`. Rank 2, `[rows, columns]`, unless said. The right side of a product, tables of embeddings and
//! what a product is added to may be kept by halves.

use burn::backend::{
    Backend,
    tensor::{FloatTensor, IntTensor},
};

use super::{adamw::Factors, dropout::Mask, targets::Targets};

/// Which side of a product is read transposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transposed {
    /// `[k, m]ᵀ · [k, n]`: a weight's gradient.
    Left,
    /// `[m, k] · [n, k]ᵀ`: an input's gradient.
    Right,
}

/// What a dense layer ends with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Activation {
    /// Nothing.
    Identity,
    /// x Φ(x) with the exact error function: transformers' `gelu`.
    Gelu,
    /// x/2 (1 + tanh(√(2/π) (x + 0.044715 x³))): transformers' `gelu_new`.
    GeluNew,
    /// max(x, 0)
    Relu,
    /// tanh x
    Tanh,
}

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

/// Tensors that [`Fused::add_squares`] takes: with the sums as many as WebGPU lets a shader bind.
pub const SQUARED_AT_ONCE: usize = 7;

/// The operations of a BERT step on one backend.
pub trait Fused: Backend {
    /// `onto`, if any, plus a product of two matrices, of which one may be read transposed.
    fn product(
        left: FloatTensor<Self>,
        right: FloatTensor<Self>,
        transposed: Option<Transposed>,
        onto: Option<FloatTensor<Self>>,
    ) -> FloatTensor<Self>;

    /// Products of the elements of two tensors of one shape.
    fn multiplied(left: FloatTensor<Self>, right: FloatTensor<Self>) -> FloatTensor<Self>;

    /// The activation of x · weight + bias and, where `with_slope`, the activation's slope there.
    ///
    /// # Shapes
    /// - x: `[rows, in]`
    /// - weight: `[in, out]`
    /// - bias: `[out]`
    fn dense(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        activation: Activation,
        with_slope: bool,
    ) -> (FloatTensor<Self>, Option<FloatTensor<Self>>);

    /// The activation of each element and, where `with_slope`, its slope there.
    fn activated(
        x: FloatTensor<Self>,
        activation: Activation,
        with_slope: bool,
    ) -> (FloatTensor<Self>, Option<FloatTensor<Self>>);

    /// x · tableᵀ + bias: a score for each row of a table of embeddings.
    ///
    /// # Shapes
    /// - x: `[rows, hidden]`
    /// - table: `[vocab, hidden]`
    /// - bias: `[vocab]`
    fn tied(x: FloatTensor<Self>, table: FloatTensor<Self>, bias: FloatTensor<Self>) -> FloatTensor<Self>;

    /// words\[id\] + positions\[place in the text\] + types\[type\] of each token.
    ///
    /// # Shapes
    /// - words, positions, types: `[any, hidden]`
    /// - ids, type_ids: `[batch * seq_len]`
    /// - output: `[batch * seq_len, hidden]`
    fn embed(
        words: FloatTensor<Self>,
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

    /// One vector a text.
    ///
    /// # Shapes
    /// - states: `[batch * seq_len, hidden]`
    /// - mask: `[batch, seq_len]`, 1 for a real token, 0 for padding; at least one is real
    /// - output: `[batch, hidden]`
    fn pool(states: FloatTensor<Self>, mask: FloatTensor<Self>, pool: Pool) -> FloatTensor<Self>;

    /// Gradient of the states from that of `pooled`. A largest value that two tokens share is the first one's.
    fn pool_backward(
        states: FloatTensor<Self>,
        pooled: FloatTensor<Self>,
        mask: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        pool: Pool,
    ) -> FloatTensor<Self>;

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
    /// - bias: `[batch, seq_len]`
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

    /// The weighted sum of -log softmax(logits) that [`Targets`] describes, `[1]`, and its gradient, `[rows, classes]`.
    fn cross_entropy(logits: FloatTensor<Self>, targets: &Targets) -> (FloatTensor<Self>, FloatTensor<Self>);

    /// Σ weights\[class\] (log(1 + eˣ) - target · x) over all logits x, `[1]`, and its gradient, `[rows, classes]`.
    ///
    /// # Shapes
    /// - targets: `[rows, classes]`, row-major, each from 0 to 1
    /// - weights: `[classes]`
    fn binary_cross_entropy(
        logits: FloatTensor<Self>,
        targets: &[f32],
        weights: &[f32],
    ) -> (FloatTensor<Self>, FloatTensor<Self>);

    /// weight · Σ (cosine of row i and row pairs + i - goals\[i\])², `[1]`, and its gradient.
    ///
    /// # Shapes
    /// - states, gradient: `[2 * pairs, hidden]`
    /// - goals: `[pairs]`
    fn cosine_loss(states: FloatTensor<Self>, goals: &[f32], weight: f32) -> (FloatTensor<Self>, FloatTensor<Self>);

    /// `total`, `[1]`, plus the squares of all elements of at most [`SQUARED_AT_ONCE`] tensors, of any shape.
    fn add_squares(total: FloatTensor<Self>, tensors: Vec<FloatTensor<Self>>) -> FloatTensor<Self>;

    /// A parameter, flat, after a step of AdamW, and its new moments.
    fn adamw(
        parameter: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        first: FloatTensor<Self>,
        second: FloatTensor<Self>,
        factors: Factors,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);

    /// The parameter before [`Fused::adamw`] with these factors, up to rounding: its moments tell what was subtracted.
    fn adamw_undo(
        parameter: FloatTensor<Self>,
        first: FloatTensor<Self>,
        second: FloatTensor<Self>,
        factors: Factors,
    ) -> FloatTensor<Self>;

    /// What `halves.rs` keeps as 32-bit floats; the tensor itself where it holds those, as all of the CPU's do.
    fn widened(tensor: FloatTensor<Self>) -> FloatTensor<Self> {
        tensor
    }

    /// The tensor, of any shape, with dropout.
    fn masked(tensor: FloatTensor<Self>, mask: Mask) -> FloatTensor<Self>;

    /// Rows of a table by their numbers.
    fn take_rows(table: FloatTensor<Self>, ids: &[u32]) -> FloatTensor<Self>;

    /// scale · table, with `rows` in place of its rows `ids`.
    fn with_rows(table: FloatTensor<Self>, ids: &[u32], rows: FloatTensor<Self>, scale: f32) -> FloatTensor<Self>;
}
