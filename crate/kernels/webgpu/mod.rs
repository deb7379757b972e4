//! The operations of a BERT step on the GPU, with burn's own kernels.

use burn::{
    backend::{
        Cube, TensorMetadata,
        ops::{ActivationOps, FloatTensorOps},
        tensor::FloatTensor,
    },
    tensor::{Shape, TensorData},
};

use super::{
    adamw::Factors,
    dropout::Mask,
    fused::{Attended, AttentionShape, Fused, LayerNormGradients, Normalized, Transposed},
};

type Float = FloatTensor<Cube>;

/// 1 / √(2π)
const DENSITY: f32 = 0.398_942_3;

impl Fused for Cube {
    fn product(left: Float, right: Float, transposed: Transposed) -> Float {
        let (left, right) = match transposed {
            Transposed::Left => (Self::float_swap_dims(left, 0, 1), right),
            Transposed::Right => (left, Self::float_swap_dims(right, 0, 1)),
        };
        Self::float_matmul(left, right)
    }

    fn dense(x: Float, weight: Float, bias: Float) -> Float {
        Self::float_add(Self::float_matmul(x, weight), as_row(bias))
    }

    fn dense_gelu(x: Float, weight: Float, bias: Float, with_slope: bool) -> (Float, Option<Float>) {
        let x = Self::dense(x, weight, bias);
        if !with_slope {
            return (Self::gelu(x), None);
        }
        let erf = Self::float_erf(Self::float_mul_scalar(
            x.clone(),
            std::f32::consts::FRAC_1_SQRT_2.into(),
        ));
        let phi = Self::float_mul_scalar(Self::float_add_scalar(erf, 1.0f32.into()), 0.5f32.into());
        let square = Self::float_mul(x.clone(), x.clone());
        let bell = Self::float_exp(Self::float_mul_scalar(square, (-0.5f32).into()));
        let density = Self::float_mul_scalar(bell, DENSITY.into());
        let slope = Self::float_add(phi.clone(), Self::float_mul(x.clone(), density));
        (Self::float_mul(x, phi), Some(slope))
    }

    fn column_sums(x: Float) -> Float {
        let columns = x.shape()[1];
        Self::float_reshape(Self::float_sum_dim(x, 0), Shape::new([columns]))
    }

    fn layer_norm_forward(
        x: Float,
        residual: Float,
        gamma: Float,
        beta: Float,
        epsilon: f64,
        mask: Mask,
    ) -> (Float, Normalized<Self>) {
        let sum = Self::float_add(Self::masked(x, mask), residual);
        let centred = Self::float_sub(sum.clone(), Self::float_mean_dim(sum, 1));
        let variance = Self::float_mean_dim(Self::float_mul(centred.clone(), centred.clone()), 1);
        let inverses = Self::float_recip(Self::float_sqrt(Self::float_add_scalar(variance, epsilon.into())));
        let normalized = Self::float_mul(centred, inverses.clone());
        let scaled = Self::float_mul(normalized.clone(), as_row(gamma));
        (
            Self::float_add(scaled, as_row(beta)),
            Normalized { normalized, inverses },
        )
    }

    fn layer_norm_backward(
        state: Normalized<Self>,
        gamma: Float,
        gradient: Float,
        mask: Mask,
    ) -> LayerNormGradients<Self> {
        let Normalized { normalized, inverses } = state;
        let d_gamma = Self::column_sums(Self::float_mul(gradient.clone(), normalized.clone()));
        let d_beta = Self::column_sums(gradient.clone());
        let g = Self::float_mul(gradient, as_row(gamma));
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

    fn attention_forward(
        query: Float,
        key: Float,
        value: Float,
        bias: Float,
        shape: AttentionShape,
    ) -> (Float, Attended<Self>) {
        let [q, k, v] = [&query, &key, &value].map(|states| split(states.clone(), &shape));
        let scores = Self::float_matmul(q, Self::float_swap_dims(k, 2, 3));
        let scores = Self::float_add(Self::float_mul_scalar(scores, shape.scale().into()), bias);
        let weights = Self::softmax(scores, 3);
        let context = Self::float_matmul(Self::masked(weights.clone(), shape.mask), v);
        let state = Attended {
            query,
            key,
            value,
            weights,
        };
        (join(context, &shape), state)
    }

    fn attention_backward(state: Attended<Self>, gradient: Float, shape: AttentionShape) -> [Float; 3] {
        let Attended {
            query,
            key,
            value,
            weights,
        } = state;
        let [q, k, v, g] = [query, key, value, gradient].map(|states| split(states, &shape));
        let dropped = Self::masked(weights.clone(), shape.mask);
        let d_value = Self::float_matmul(Self::float_swap_dims(dropped, 2, 3), g.clone());
        let d_weights = Self::masked(Self::float_matmul(g, Self::float_swap_dims(v, 2, 3)), shape.mask);
        let along = Self::float_sum_dim(Self::float_mul(d_weights.clone(), weights.clone()), 3);
        let inner = Self::float_mul(weights, Self::float_sub(d_weights, along));
        let d_scores = Self::float_mul_scalar(inner, shape.scale().into());
        let d_query = Self::float_matmul(d_scores.clone(), k);
        let d_key = Self::float_matmul(Self::float_swap_dims(d_scores, 2, 3), q);
        [d_query, d_key, d_value].map(|gradient| join(gradient, &shape))
    }

    fn cross_entropy(logits: Float, targets: &[i32]) -> (Float, Float) {
        let (shape, device) = (logits.shape(), logits.device());
        let [rows, classes] = shape.dims();
        let mut one_hot = vec![0.0f32; rows * classes];
        for (row, &target) in one_hot.chunks_exact_mut(classes).zip(targets) {
            row[target as usize] = 1.0;
        }
        let one_hot = Self::float_from_data(TensorData::new(one_hot, shape), &device);
        let logs = Self::log_softmax(logits, 1);
        let share = 1.0 / rows as f32;
        let chosen = Self::float_sum(Self::float_mul(logs.clone(), one_hot.clone()));
        let gradient = Self::float_sub(Self::float_exp(logs), one_hot);
        (
            Self::float_mul_scalar(chosen, (-share).into()),
            Self::float_mul_scalar(gradient, share.into()),
        )
    }

    fn add_squares(total: Float, tensor: Float) -> Float {
        Self::float_add(total, Self::float_sum(Self::float_mul(tensor.clone(), tensor)))
    }

    fn adamw(
        parameter: Float,
        gradient: Float,
        first: Float,
        second: Float,
        factors: Factors,
    ) -> (Float, Float, Float) {
        let scaled = |t, by: f32| Self::float_mul_scalar(t, by.into());
        let gradient = scaled(gradient, factors.gradient_scale);
        let square = Self::float_mul(gradient.clone(), gradient.clone());
        let second = Self::float_add(scaled(second, factors.beta2), scaled(square, 1.0 - factors.beta2));
        let first = Self::float_add(scaled(first, factors.beta1), scaled(gradient, 1.0 - factors.beta1));
        let root = scaled(Self::float_sqrt(second.clone()), factors.root_scale);
        let root = Self::float_add_scalar(root, factors.epsilon.into());
        let change = Self::float_div(scaled(first.clone(), factors.size), root);
        (Self::float_sub(scaled(parameter, factors.keep), change), first, second)
    }

    fn masked(tensor: Float, mask: Mask) -> Float {
        let shape = tensor.shape();
        match mask.values(shape.num_elements()) {
            None => tensor,
            Some(values) => {
                let device = tensor.device();
                Self::float_mul(tensor, Self::float_from_data(TensorData::new(values, shape), &device))
            }
        }
    }
}

/// `[batch * seq_len, hidden]` to `[batch, heads, seq_len, head_dim]`.
fn split(states: Float, shape: &AttentionShape) -> Float {
    let apart = Shape::new([shape.batch, shape.seq_len, shape.heads, shape.head_dim]);
    Cube::float_swap_dims(Cube::float_reshape(states, apart), 1, 2)
}

/// Back again.
fn join(states: Float, shape: &AttentionShape) -> Float {
    let rows = Shape::new([shape.batch * shape.seq_len, shape.heads * shape.head_dim]);
    Cube::float_reshape(Cube::float_swap_dims(states, 1, 2), rows)
}

fn as_row(tensor: Float) -> Float {
    let columns = tensor.shape().num_elements();
    Cube::float_reshape(tensor, Shape::new([1, columns]))
}
