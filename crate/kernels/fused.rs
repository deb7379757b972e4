//! Each fused operation's forward and backward on one backend: burn's element-wise operations on the GPU, one pass
//! over memory on the CPU. Rank 2, `[rows, hidden]`, unless said.

use burn::{
    backend::{Backend, Flex, TensorMetadata, tensor::FloatTensor},
    tensor::{Shape, TensorData},
};
use burn_flex::FlexTensor;

use super::{attention_weights, dropout::Mask, gelu, layer_norm, vector};

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

/// The fused operations, written with a backend's own element-wise ones; a backend may do better.
pub trait Fused: Backend {
    /// GELU(x).
    fn gelu_value(x: FloatTensor<Self>) -> FloatTensor<Self> {
        Self::gelu(x)
    }

    /// GELU(x) = x Φ(x) and its slope, Φ(x) + x φ(x). Not burn's `gelu_backward`, which differentiates the tanh
    /// approximation, and whose tanh overflows on the GPU.
    fn gelu_value_and_slope(x: FloatTensor<Self>) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let erf = Self::float_erf(Self::float_mul_scalar(
            x.clone(),
            std::f32::consts::FRAC_1_SQRT_2.into(),
        ));
        let phi = Self::float_mul_scalar(Self::float_add_scalar(erf, 1.0f32.into()), 0.5f32.into());
        let square = Self::float_mul(x.clone(), x.clone());
        let bell = Self::float_exp(Self::float_mul_scalar(square, (-0.5f32).into()));
        let density = Self::float_mul_scalar(bell, gelu::DENSITY.into());
        let slope = Self::float_add(phi.clone(), Self::float_mul(x.clone(), density));
        (Self::float_mul(x, phi), slope)
    }

    /// LayerNorm(mask · x + residual).
    fn layer_norm_forward(
        x: FloatTensor<Self>,
        residual: FloatTensor<Self>,
        gamma: FloatTensor<Self>,
        beta: FloatTensor<Self>,
        epsilon: f64,
        mask: Mask,
    ) -> (FloatTensor<Self>, Normalized<Self>) {
        let sum = Self::float_add(Self::masked(x, mask), residual);
        let centred = Self::float_sub(sum.clone(), Self::float_mean_dim(sum, 1));
        let variance = Self::float_mean_dim(Self::float_mul(centred.clone(), centred.clone()), 1);
        let inverses = Self::float_recip(Self::float_sqrt(Self::float_add_scalar(variance, epsilon.into())));
        let normalized = Self::float_mul(centred, inverses.clone());
        let scaled = Self::float_mul(normalized.clone(), as_row::<Self>(gamma));
        (
            Self::float_add(scaled, as_row::<Self>(beta)),
            Normalized { normalized, inverses },
        )
    }

    /// Gradients of [`Fused::layer_norm_forward`]'s inputs.
    fn layer_norm_backward(
        state: Normalized<Self>,
        gamma: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        mask: Mask,
    ) -> LayerNormGradients<Self> {
        let Normalized { normalized, inverses } = state;
        let hidden = gamma.shape();
        let along_rows = |t| Self::float_reshape(Self::float_sum_dim(t, 0), hidden.clone());
        let d_gamma = along_rows(Self::float_mul(gradient.clone(), normalized.clone()));
        let d_beta = along_rows(gradient.clone());
        let g = Self::float_mul(gradient, as_row::<Self>(gamma));
        let mean = Self::float_mean_dim(g.clone(), 1);
        let along = Self::float_mean_dim(Self::float_mul(g.clone(), normalized.clone()), 1);
        let g = Self::float_sub(Self::float_sub(g, mean), Self::float_mul(normalized, along));
        let residual = Self::float_mul(g, inverses);
        LayerNormGradients {
            input: Self::masked(residual.clone(), mask),
            residual,
            gamma: d_gamma,
            beta: d_beta,
        }
    }

    /// softmax(scale · scores + bias) over the last axis, with dropout, and without.
    ///
    /// # Shapes
    /// - scores, outputs: `[batch, heads, queries, keys]`
    /// - bias: `[batch, 1, 1, keys]`
    fn attention_weights_forward(
        scores: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        scale: f64,
        mask: Mask,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let scores = Self::float_add(Self::float_mul_scalar(scores, scale.into()), bias);
        let weights = Self::softmax(scores, 3);
        (Self::masked(weights.clone(), mask), weights)
    }

    /// Sum of the squares of all elements, `[1]`.
    fn square_sum(tensor: FloatTensor<Self>) -> FloatTensor<Self> {
        Self::float_sum(Self::float_mul(tensor.clone(), tensor))
    }

    /// The tensor with dropout.
    fn masked(tensor: FloatTensor<Self>, mask: Mask) -> FloatTensor<Self> {
        let shape = tensor.shape();
        match mask.values(shape.num_elements()) {
            None => tensor,
            Some(values) => {
                let device = tensor.device();
                Self::float_mul(tensor, Self::float_from_data(TensorData::new(values, shape), &device))
            }
        }
    }

    /// Gradient of the scores from that of the dropped-out weights.
    fn attention_weights_backward(
        weights: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        scale: f64,
        mask: Mask,
    ) -> FloatTensor<Self> {
        let gradient = Self::masked(gradient, mask);
        let along = Self::float_sum_dim(Self::float_mul(gradient.clone(), weights.clone()), 3);
        let inner = Self::float_mul(weights, Self::float_sub(gradient, along));
        Self::float_mul_scalar(inner, scale.into())
    }
}

#[cfg(feature = "webgpu")]
impl Fused for burn::backend::Cube {}

impl Fused for Flex {
    fn gelu_value(x: FlexTensor) -> FlexTensor {
        changed(x, gelu::forward).0
    }

    fn gelu_value_and_slope(x: FlexTensor) -> (FlexTensor, FlexTensor) {
        let shape = x.shape();
        let (x, slopes) = changed(x, gelu::forward_with_slope);
        (x, tensor(slopes, shape))
    }

    fn layer_norm_forward(
        x: FlexTensor,
        residual: FlexTensor,
        gamma: FlexTensor,
        beta: FlexTensor,
        epsilon: f64,
        mask: Mask,
    ) -> (FlexTensor, Normalized<Self>) {
        let shape = x.shape();
        let [residual, gamma, beta] = [residual, gamma, beta].map(|input| input.to_contiguous());
        let (normalized, (output, inverses)) = changed(x, |x| {
            layer_norm::forward(
                x,
                values(&residual),
                values(&gamma),
                values(&beta),
                epsilon as f32,
                mask,
            )
        });
        let rows = inverses.len();
        (
            tensor(output, shape),
            Normalized {
                normalized,
                inverses: tensor(inverses, Shape::new([rows, 1])),
            },
        )
    }

    fn layer_norm_backward(
        state: Normalized<Self>,
        gamma: FlexTensor,
        gradient: FlexTensor,
        mask: Mask,
    ) -> LayerNormGradients<Self> {
        let gamma = gamma.to_contiguous();
        let shape = gamma.shape();
        let (residual, (d_gamma, d_beta)) = changed(gradient, |gradient| {
            layer_norm::backward(
                gradient,
                values(&state.normalized),
                values(&state.inverses),
                values(&gamma),
            )
        });
        let input = Self::masked(residual.clone(), mask);
        LayerNormGradients {
            input,
            residual,
            gamma: tensor(d_gamma, shape.clone()),
            beta: tensor(d_beta, shape),
        }
    }

    fn attention_weights_forward(
        scores: FlexTensor,
        bias: FlexTensor,
        scale: f64,
        mask: Mask,
    ) -> (FlexTensor, FlexTensor) {
        let [_, heads, queries, keys] = scores.shape().dims();
        let bias = bias.to_contiguous();
        let (weights, ()) = changed(scores, |scores| {
            attention_weights::forward(scores, keys, scale as f32, values(&bias), heads * queries);
        });
        (Self::masked(weights.clone(), mask), weights)
    }

    fn attention_weights_backward(weights: FlexTensor, gradient: FlexTensor, scale: f64, mask: Mask) -> FlexTensor {
        let keys = gradient.shape()[3];
        let change = |gradient: &mut [f32]| {
            attention_weights::backward(gradient, values(&weights), keys, scale as f32, mask);
        };
        changed(gradient, change).0
    }

    fn square_sum(input: FlexTensor) -> FlexTensor {
        let input = input.to_contiguous();
        let elements = values(&input);
        tensor(vec![vector::sum(elements, elements, |x, _| x * x)], Shape::new([1]))
    }

    fn masked(tensor: FlexTensor, mask: Mask) -> FlexTensor {
        match mask.is_none() {
            true => tensor,
            false => changed(tensor, |values| mask.apply(values)).0,
        }
    }
}

/// The tensor with its elements changed: in place where nobody else holds them, else in a copy.
fn changed<T>(tensor: FlexTensor, change: impl FnOnce(&mut [f32]) -> T) -> (FlexTensor, T) {
    let mut data = tensor.into_data();
    let other = change(data.as_mut_slice().unwrap_or_default());
    (FlexTensor::from_data(data), other)
}

/// A contiguous tensor's elements.
fn values(tensor: &FlexTensor) -> &[f32] {
    tensor.as_slice().unwrap_or_default()
}

fn tensor(values: Vec<f32>, shape: Shape) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(values, shape))
}

fn as_row<B: Backend>(tensor: FloatTensor<B>) -> FloatTensor<B> {
    let hidden = tensor.shape().num_elements();
    B::float_reshape(tensor, Shape::new([1, hidden]))
}
