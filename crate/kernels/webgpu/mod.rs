//! The operations of a BERT step on the GPU, with burn's own kernels.

use burn::{
    backend::{
        Cube, TensorMetadata,
        ops::{ActivationOps, FloatTensorOps, IntTensorOps},
        tensor::{FloatTensor, IntTensor},
    },
    tensor::{FloatDType, IntDType, Shape, TensorData},
};

use super::{
    adamw::Factors,
    dropout::Mask,
    fused::{Activation, Attended, AttentionShape, Fused, LayerNormGradients, Normalized, Pool, Transposed},
};

type Float = FloatTensor<Cube>;
type Int = IntTensor<Cube>;

/// 1 / √(2π)
const DENSITY: f32 = 0.398_942_3;

impl Fused for Cube {
    fn product(left: Float, right: Float, transposed: Transposed, onto: Option<Float>) -> Float {
        let (left, right) = match transposed {
            Transposed::Left => (Self::float_swap_dims(left, 0, 1), right),
            Transposed::Right => (left, Self::float_swap_dims(right, 0, 1)),
        };
        let product = Self::float_matmul(left, right);
        match onto {
            None => product,
            Some(total) => Self::float_add(total, product),
        }
    }

    fn multiplied(left: Float, right: Float) -> Float {
        Self::float_mul(left, right)
    }

    fn dense(x: Float, weight: Float, bias: Float, activation: Activation, with_slope: bool) -> (Float, Option<Float>) {
        let x = Self::float_add(Self::float_matmul(x, weight), as_row(bias));
        let scaled = |t, by: f32| Self::float_mul_scalar(t, by.into());
        let plus = |t, what: f32| Self::float_add_scalar(t, what.into());
        match activation {
            Activation::Identity => (x, None),
            Activation::Gelu => {
                let erf = Self::float_erf(scaled(x.clone(), std::f32::consts::FRAC_1_SQRT_2));
                let phi = scaled(plus(erf, 1.0), 0.5);
                let square = Self::float_mul(x.clone(), x.clone());
                let density = scaled(Self::float_exp(scaled(square, -0.5)), DENSITY);
                let slope = with_slope.then(|| Self::float_add(phi.clone(), Self::float_mul(x.clone(), density)));
                (Self::float_mul(x, phi), slope)
            }
            Activation::GeluNew => {
                let square = Self::float_mul(x.clone(), x.clone());
                let root = (2.0 / std::f32::consts::PI).sqrt();
                let inner = Self::float_mul(x.clone(), scaled(plus(scaled(square.clone(), 0.044_715), 1.0), root));
                let t = tanh(inner);
                let half = scaled(plus(t.clone(), 1.0), 0.5);
                let slope = with_slope.then(|| {
                    let sech = plus(scaled(Self::float_mul(t.clone(), t), -1.0), 1.0);
                    let inner = scaled(plus(scaled(square, 3.0 * 0.044_715), 1.0), 0.5 * root);
                    let second = Self::float_mul(Self::float_mul(x.clone(), sech), inner);
                    Self::float_add(half.clone(), second)
                });
                (Self::float_mul(x, half), slope)
            }
            Activation::Relu => {
                let y = Self::float_clamp_min(x, 0.0f32.into());
                (y.clone(), with_slope.then(|| Self::float_sign(y)))
            }
            Activation::Tanh => {
                let y = tanh(x);
                let slope = with_slope.then(|| plus(scaled(Self::float_mul(y.clone(), y.clone()), -1.0), 1.0));
                (y, slope)
            }
        }
    }

    fn embed(words: Float, positions: Float, types: Float, ids: Int, type_ids: Int, seq_len: usize) -> Float {
        let places = places(&ids, seq_len);
        let sum = Self::float_add(
            Self::float_select(words, 0, ids),
            Self::float_select(positions, 0, places),
        );
        Self::float_add(sum, Self::float_select(types, 0, type_ids))
    }

    fn embed_backward(gradient: Float, ids: Int, type_ids: Int, seq_len: usize, rows: [usize; 3]) -> [Float; 3] {
        let (hidden, device) = (gradient.shape()[1], gradient.device());
        let places = places(&ids, seq_len);
        let mut each = [ids, places, type_ids].into_iter();
        rows.map(|rows| {
            let zeros = Self::float_zeros(Shape::new([rows, hidden]), &device, FloatDType::F32);
            let indices = each.next().expect("three tables");
            Self::float_select_add(zeros, 0, indices, gradient.clone())
        })
    }

    fn pool(states: Float, mask: Float, pool: Pool) -> Float {
        let [batch, seq_len] = mask.shape().dims();
        let hidden = states.shape()[1];
        let states = Self::float_reshape(states, Shape::new([batch, seq_len, hidden]));
        let mask = Self::float_reshape(mask, Shape::new([batch, seq_len, 1]));
        let pooled = match pool {
            Pool::First => Self::float_slice(states, &[(0..batch).into(), (0..1).into(), (0..hidden).into()]),
            Pool::Mean => {
                let sum = Self::float_sum_dim(Self::float_mul(states, mask.clone()), 1);
                Self::float_div(sum, Self::float_sum_dim(mask, 1))
            }
            Pool::Max => Self::float_max_dim(real_only(states, mask), 1),
        };
        Self::float_reshape(pooled, Shape::new([batch, hidden]))
    }

    fn pool_backward(states: Float, _pooled: Float, mask: Float, gradient: Float, pool: Pool) -> Float {
        let [batch, seq_len] = mask.shape().dims();
        let (rows, hidden, device) = (states.shape(), states.shape()[1], states.device());
        let whole = Shape::new([batch, seq_len, hidden]);
        let mask = Self::float_reshape(mask, Shape::new([batch, seq_len, 1]));
        let gradient = Self::float_reshape(gradient, Shape::new([batch, 1, hidden]));
        let zeros = |shape| Self::float_zeros(shape, &device, FloatDType::F32);
        let found = match pool {
            Pool::First => {
                let first = [(0..batch).into(), (0..1).into(), (0..hidden).into()];
                Self::float_slice_assign(zeros(whole), &first, gradient)
            }
            Pool::Mean => {
                let share = Self::float_div(mask.clone(), Self::float_sum_dim(mask, 1));
                Self::float_mul(share, gradient)
            }
            Pool::Max => {
                let states = real_only(Self::float_reshape(states, whole.clone()), mask);
                let largest = Self::float_argmax(states, 1, IntDType::I32);
                Self::float_scatter_add(1, zeros(whole), largest, gradient)
            }
        };
        Self::float_reshape(found, rows)
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
        let bias = Self::float_reshape(bias, Shape::new([shape.batch, 1, 1, shape.seq_len]));
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

    fn adamw_undo(parameter: Float, first: Float, second: Float, factors: Factors) -> Float {
        let scaled = |t, by: f32| Self::float_mul_scalar(t, by.into());
        let root = Self::float_add_scalar(
            scaled(Self::float_sqrt(second), factors.root_scale),
            factors.epsilon.into(),
        );
        let change = Self::float_div(scaled(first, factors.size), root);
        scaled(Self::float_add(parameter, change), 1.0 / factors.keep)
    }

    fn take_rows(table: Float, ids: &[u32]) -> Float {
        let ids = indices(ids.iter().map(|&id| id as i32), &table);
        Self::float_select(table, 0, ids)
    }

    fn with_rows(table: Float, ids: &[u32], rows: Float, scale: f32) -> Float {
        let count = table.shape()[0];
        let mut places: Vec<i32> = (0..count as i32).collect();
        for (place, &id) in ids.iter().enumerate() {
            places[id as usize] = (count + place) as i32;
        }
        let places = indices(places, &table);
        let table = Self::float_mul_scalar(table, scale.into());
        Self::float_select(Self::float_cat(vec![table, rows], 0), 0, places)
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

/// Beyond ±15 it is ±1 to the last bit of an f32, and a shader's own tanh may overflow there into NaN.
fn tanh(x: Float) -> Float {
    Cube::float_tanh(Cube::float_clamp(x, (-15.0f32).into(), 15.0f32.into()))
}

/// Each token's place in its text.
fn places(ids: &Int, seq_len: usize) -> Int {
    let count = ids.shape()[0];
    let places: Vec<i32> = (0..count).map(|token| (token % seq_len) as i32).collect();
    Cube::int_from_data(TensorData::new(places, [count]), &ids.device())
}

fn indices(ids: impl IntoIterator<Item = i32>, beside: &Float) -> Int {
    let ids: Vec<i32> = ids.into_iter().collect();
    let count = ids.len();
    Cube::int_from_data(TensorData::new(ids, [count]), &beside.device())
}

/// The states with padding below any of them, yet finite: a shader may assume infinity away.
fn real_only(states: Float, mask: Float) -> Float {
    let below = Cube::float_mul_scalar(Cube::float_add_scalar(mask, (-1.0f32).into()), 1e30f32.into());
    Cube::float_add(states, below)
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
