//! The operations of a BERT step on the CPU: one pass over memory each, shared out among threads where that pays.

mod adamw;
mod attention;
mod cross_entropy;
mod gelu;
mod layer_norm;
mod matmul;
mod vector;

use burn::{
    backend::{Flex, TensorMetadata},
    tensor::{Shape, TensorData},
};
use burn_flex::FlexTensor;

use self::matmul::{Matrix, Onto};
use super::{
    adamw::Factors,
    dropout::Mask,
    fused::{Attended, AttentionShape, Fused, LayerNormGradients, Normalized, Transposed},
};

impl Fused for Flex {
    fn product(left: FlexTensor, right: FlexTensor, transposed: Transposed) -> FlexTensor {
        let (left, right) = (left.to_contiguous(), right.to_contiguous());
        let (a, b) = match transposed {
            Transposed::Left => (matrix(&left).transposed(), matrix(&right)),
            Transposed::Right => (matrix(&left), matrix(&right).transposed()),
        };
        product(a, b, Onto::Zero)
    }

    fn dense(x: FlexTensor, weight: FlexTensor, bias: FlexTensor) -> FlexTensor {
        let [x, weight, bias] = [x, weight, bias].map(|input| input.to_contiguous());
        product(matrix(&x), matrix(&weight), Onto::Row(values(&bias)))
    }

    fn dense_gelu(
        x: FlexTensor,
        weight: FlexTensor,
        bias: FlexTensor,
        with_slope: bool,
    ) -> (FlexTensor, Option<FlexTensor>) {
        let y = Self::dense(x, weight, bias);
        if !with_slope {
            return (changed(y, gelu::forward).0, None);
        }
        let shape = y.shape();
        let (y, slopes) = changed(y, gelu::forward_with_slope);
        (y, Some(tensor(slopes, shape)))
    }

    fn column_sums(x: FlexTensor) -> FlexTensor {
        let x = x.to_contiguous();
        let columns = x.shape()[1];
        tensor(vector::column_sums(values(&x), columns), Shape::new([columns]))
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

    fn attention_forward(
        query: FlexTensor,
        key: FlexTensor,
        value: FlexTensor,
        bias: FlexTensor,
        shape: AttentionShape,
    ) -> (FlexTensor, Attended<Self>) {
        let [query, key, value, bias] = [query, key, value, bias].map(|input| input.to_contiguous());
        let (context, weights) =
            attention::forward(values(&query), values(&key), values(&value), values(&bias), &shape);
        let AttentionShape {
            batch, seq_len, heads, ..
        } = shape;
        let context = tensor(context, query.shape());
        let weights = tensor(weights, Shape::new([batch, heads, seq_len, seq_len]));
        let state = Attended {
            query,
            key,
            value,
            weights,
        };
        (context, state)
    }

    fn attention_backward(state: Attended<Self>, gradient: FlexTensor, shape: AttentionShape) -> [FlexTensor; 3] {
        let gradient = gradient.to_contiguous();
        let whole = gradient.shape();
        let found = attention::backward(
            values(&state.query),
            values(&state.key),
            values(&state.value),
            values(&state.weights),
            values(&gradient),
            &shape,
        );
        found.map(|values| tensor(values, whole.clone()))
    }

    fn cross_entropy(logits: FlexTensor, targets: &[i32]) -> (FlexTensor, FlexTensor) {
        let classes = logits.shape()[1];
        let (gradient, loss) = changed(logits, |logits| cross_entropy::forward(logits, targets, classes));
        (tensor(vec![loss], Shape::new([1])), gradient)
    }

    fn add_squares(total: FlexTensor, tensor: FlexTensor) -> FlexTensor {
        let tensor = tensor.to_contiguous();
        let squares = vector::square_sum(values(&tensor));
        changed(total, |total| total.iter_mut().for_each(|x| *x += squares)).0
    }

    fn adamw(
        parameter: FlexTensor,
        gradient: FlexTensor,
        first: FlexTensor,
        second: FlexTensor,
        factors: Factors,
    ) -> (FlexTensor, FlexTensor, FlexTensor) {
        let gradient = gradient.to_contiguous();
        let (mut parameter, mut first, mut second) = (parameter.into_data(), first.into_data(), second.into_data());
        adamw::step(
            &factors,
            parameter.as_mut_slice().unwrap_or_default(),
            first.as_mut_slice().unwrap_or_default(),
            second.as_mut_slice().unwrap_or_default(),
            values(&gradient),
        );
        (
            FlexTensor::from_data(parameter),
            FlexTensor::from_data(first),
            FlexTensor::from_data(second),
        )
    }

    fn masked(tensor: FlexTensor, mask: Mask) -> FlexTensor {
        match mask.is_none() {
            true => tensor,
            false => changed(tensor, |values| vector::masked(values, mask)).0,
        }
    }
}

fn product(left: Matrix, right: Matrix, onto: Onto) -> FlexTensor {
    let (rows, columns) = (left.rows, right.columns);
    let mut output = vec![0.0; rows * columns];
    matmul::product(left, right, onto, &mut output, columns);
    tensor(output, Shape::new([rows, columns]))
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

/// A contiguous tensor as a matrix.
fn matrix(tensor: &FlexTensor) -> Matrix<'_> {
    let [rows, columns] = tensor.shape().dims();
    Matrix::rows_of(values(tensor), rows, columns, columns)
}

fn tensor(values: Vec<f32>, shape: Shape) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(values, shape))
}
