//! The fused operations as functions of burn tensors, on whichever device those are.

use burn::{
    backend::{Backend, Dispatch, backend_extension, tensor::FloatTensor},
    nn::{LayerNorm, Linear},
    tensor::Tensor,
};

use super::{
    adamw::Factors,
    dropout::Mask,
    fused::{AttentionShape, Fused},
};

/// What burn routes to the tensor's backend. `backward.rs` has its `Autodiff` half.
#[backend_extension(Cube: cfg(feature = "webgpu"), Flex: cfg(feature = "cpu"), Autodiff)]
pub trait BertOperations: Backend {
    fn bert_linear(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        gelu: bool,
    ) -> FloatTensor<Self>;
    fn bert_layer_norm(
        x: FloatTensor<Self>,
        residual: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        epsilon: f64,
        mask: Mask,
    ) -> FloatTensor<Self>;
    fn bert_attention(
        query: FloatTensor<Self>,
        key: FloatTensor<Self>,
        value: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        shape: AttentionShape,
    ) -> FloatTensor<Self>;
    fn bert_cross_entropy(logits: FloatTensor<Self>, targets: Vec<i32>) -> FloatTensor<Self>;
    fn bert_add_squares(total: FloatTensor<Self>, tensor: FloatTensor<Self>) -> FloatTensor<Self>;
    fn bert_adamw(
        parameter: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        first: FloatTensor<Self>,
        second: FloatTensor<Self>,
        factors: Factors,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);
}

/// Without autodiff, both backends call their fused forward.
macro_rules! forward_only {
    ($backend:ty) => {
        impl BertOperations for $backend {
            fn bert_linear(
                x: FloatTensor<Self>,
                weight: FloatTensor<Self>,
                bias: FloatTensor<Self>,
                gelu: bool,
            ) -> FloatTensor<Self> {
                match gelu {
                    true => Self::dense_gelu(x, weight, bias, false).0,
                    false => Self::dense(x, weight, bias),
                }
            }

            fn bert_layer_norm(
                x: FloatTensor<Self>,
                residual: FloatTensor<Self>,
                gamma: FloatTensor<Self>,
                beta: FloatTensor<Self>,
                epsilon: f64,
                mask: Mask,
            ) -> FloatTensor<Self> {
                Self::layer_norm_forward(x, residual, gamma, beta, epsilon, mask).0
            }

            fn bert_attention(
                query: FloatTensor<Self>,
                key: FloatTensor<Self>,
                value: FloatTensor<Self>,
                bias: FloatTensor<Self>,
                shape: AttentionShape,
            ) -> FloatTensor<Self> {
                Self::attention_forward(query, key, value, bias, shape).0
            }

            fn bert_cross_entropy(logits: FloatTensor<Self>, targets: Vec<i32>) -> FloatTensor<Self> {
                Self::cross_entropy(logits, &targets).0
            }

            fn bert_add_squares(total: FloatTensor<Self>, tensor: FloatTensor<Self>) -> FloatTensor<Self> {
                Self::add_squares(total, tensor)
            }

            fn bert_adamw(
                parameter: FloatTensor<Self>,
                gradient: FloatTensor<Self>,
                first: FloatTensor<Self>,
                second: FloatTensor<Self>,
                factors: Factors,
            ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
                Self::adamw(parameter, gradient, first, second, factors)
            }
        }
    };
}

#[cfg(feature = "cpu")]
forward_only!(burn::backend::Flex);
#[cfg(feature = "webgpu")]
forward_only!(burn::backend::Cube);

/// x · weight + bias.
///
/// # Shapes
/// - x: `[rows, in]`
/// - output: `[rows, out]`
pub fn linear(x: Tensor<2>, dense: &Linear) -> Tensor<2> {
    linear_then(x, dense, false)
}

/// GELU of it with the exact error function: transformers' `gelu`, y Φ(y) of y = x · weight + bias.
///
/// # Shapes
/// As [`linear`].
pub fn linear_gelu(x: Tensor<2>, dense: &Linear) -> Tensor<2> {
    linear_then(x, dense, true)
}

fn linear_then(x: Tensor<2>, dense: &Linear, gelu: bool) -> Tensor<2> {
    let weight = dense.weight.val();
    let bias = match &dense.bias {
        Some(bias) => bias.val(),
        None => Tensor::zeros([weight.dims()[1]], &weight.device()),
    };
    Tensor::from_dispatch(Dispatch::bert_linear(
        x.into_dispatch(),
        weight.into_dispatch(),
        bias.into_dispatch(),
        gelu,
    ))
}

/// x/2 (1 + tanh(√(2/π) (x + 0.044715 x³))): transformers' `gelu_new`.
pub fn gelu_new<const D: usize>(input: Tensor<D>) -> Tensor<D> {
    // A cube by two products: a power by a float exponent goes through logarithms, wrong below 0 in WGSL.
    let cube = input.clone() * input.clone() * input.clone();
    let inner = (input.clone() + cube * 0.044_715) * (2.0 / std::f64::consts::PI).sqrt();
    input * (tanh(inner) + 1.0) * 0.5
}

/// tanh. Beyond ±15 it is ±1 to the last bit of an f32, and a shader's own tanh may overflow there into NaN.
pub fn tanh<const D: usize>(input: Tensor<D>) -> Tensor<D> {
    input.clamp(-15.0, 15.0).tanh()
}

/// LayerNorm(mask · input + residual), with the module's gamma, beta and epsilon.
///
/// # Shapes
/// - input, residual, output: `[rows, hidden]`
pub fn layer_norm(input: Tensor<2>, residual: Tensor<2>, norm: &LayerNorm, epsilon: f64, mask: Mask) -> Tensor<2> {
    let beta = match &norm.beta {
        Some(beta) => beta.val(),
        None => norm.gamma.val().zeros_like(),
    };
    Tensor::from_dispatch(Dispatch::bert_layer_norm(
        input.into_dispatch(),
        residual.into_dispatch(),
        norm.gamma.val().into_dispatch(),
        beta.into_dispatch(),
        epsilon,
        mask,
    ))
}

/// For each head, dropout of softmax(Q Kᵀ / √head_dim + bias), times V; heads side by side.
///
/// # Shapes
/// - query, key, value, output: `[batch * seq_len, hidden]`
/// - bias: `[batch, 1, 1, seq_len]`, below 0 for padding
pub fn attention(
    query: Tensor<2>,
    key: Tensor<2>,
    value: Tensor<2>,
    bias: &Tensor<4>,
    heads: usize,
    mask: Mask,
) -> Tensor<2> {
    let [batch, _, _, seq_len] = bias.dims();
    let shape = AttentionShape {
        batch,
        seq_len,
        heads,
        head_dim: query.dims()[1] / heads,
        mask,
    };
    Tensor::from_dispatch(Dispatch::bert_attention(
        query.into_dispatch(),
        key.into_dispatch(),
        value.into_dispatch(),
        bias.clone().into_dispatch(),
        shape,
    ))
}

/// Mean over the rows of -log softmax(logits)[target].
///
/// # Shapes
/// - logits: `[rows, classes]`
/// - output: `[1]`
pub fn cross_entropy(logits: Tensor<2>, targets: Vec<i32>) -> Tensor<1> {
    Tensor::from_dispatch(Dispatch::bert_cross_entropy(logits.into_dispatch(), targets))
}

/// `total` plus the squares of all elements, without autodiff.
///
/// # Shapes
/// - total, output: `[1]`
pub fn add_squares<const D: usize>(total: Tensor<1>, input: Tensor<D>) -> Tensor<1> {
    Tensor::from_dispatch(Dispatch::bert_add_squares(total.into_dispatch(), input.into_dispatch()))
}

/// One parameter's step and its moments, all flat; what [`super::AdamW`] calls.
pub(super) fn adamw(
    parameter: Tensor<1>,
    gradient: Tensor<1>,
    first: Tensor<1>,
    second: Tensor<1>,
    factors: Factors,
) -> (Tensor<1>, Tensor<1>, Tensor<1>) {
    let (parameter, first, second) = Dispatch::bert_adamw(
        parameter.into_dispatch(),
        gradient.into_dispatch(),
        first.into_dispatch(),
        second.into_dispatch(),
        factors,
    );
    (
        Tensor::from_dispatch(parameter),
        Tensor::from_dispatch(first),
        Tensor::from_dispatch(second),
    )
}
