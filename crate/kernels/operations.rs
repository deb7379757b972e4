//! The fused operations as functions of burn tensors, on whichever device those are.

use burn::{
    backend::{Backend, Dispatch, Flex, backend_extension, tensor::FloatTensor},
    nn::LayerNorm,
    tensor::Tensor,
};

use super::{dropout::Mask, fused::Fused};

/// What burn routes to the tensor's backend. `backward.rs` has its `Autodiff` half.
#[backend_extension(Cube: cfg(feature = "webgpu"), Flex, Autodiff)]
pub trait BertOperations: Backend {
    fn bert_gelu(x: FloatTensor<Self>) -> FloatTensor<Self>;
    fn bert_layer_norm(
        x: FloatTensor<Self>,
        residual: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        epsilon: f64,
        mask: Mask,
    ) -> FloatTensor<Self>;
    fn bert_attention_weights(
        scores: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        scale: f64,
        mask: Mask,
    ) -> FloatTensor<Self>;
    fn bert_square_sum(x: FloatTensor<Self>) -> FloatTensor<Self> {
        Self::float_sum(Self::float_mul(x.clone(), x))
    }
}

/// Without autodiff, both backends call their fused forward.
macro_rules! forward_only {
    ($backend:ty) => {
        impl BertOperations for $backend {
            fn bert_gelu(x: FloatTensor<Self>) -> FloatTensor<Self> {
                Self::gelu_value(x)
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

            fn bert_attention_weights(
                scores: FloatTensor<Self>,
                bias: FloatTensor<Self>,
                scale: f64,
                mask: Mask,
            ) -> FloatTensor<Self> {
                Self::attention_weights_forward(scores, bias, scale, mask).0
            }

            fn bert_square_sum(x: FloatTensor<Self>) -> FloatTensor<Self> {
                Self::square_sum(x)
            }
        }
    };
}

forward_only!(Flex);
#[cfg(feature = "webgpu")]
forward_only!(burn::backend::Cube);

/// x Φ(x) with the exact error function: transformers' `gelu`.
pub fn gelu<const D: usize>(input: Tensor<D>) -> Tensor<D> {
    Tensor::from_dispatch(Dispatch::bert_gelu(input.into_dispatch()))
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

/// Dropout of softmax(scale · scores + bias) over the keys.
///
/// # Shapes
/// - scores, output: `[batch, heads, queries, keys]`
/// - bias: `[batch, 1, 1, keys]`, below 0 for padding
pub fn attention_weights(scores: Tensor<4>, bias: &Tensor<4>, scale: f64, mask: Mask) -> Tensor<4> {
    Tensor::from_dispatch(Dispatch::bert_attention_weights(
        scores.into_dispatch(),
        bias.clone().into_dispatch(),
        scale,
        mask,
    ))
}

/// Sum of the squares of all elements.
///
/// # Shapes
/// - output: `[1]`
pub fn square_sum<const D: usize>(input: Tensor<D>) -> Tensor<1> {
    Tensor::from_dispatch(Dispatch::bert_square_sum(input.into_dispatch()))
}
