//! The operations of a BERT step on the CPU: one pass over memory each, shared out among threads where that pays.

mod activation;
mod adamw;
mod attention;
mod embedding;
mod layer_norm;
mod loss;
mod matmul;
mod pooling;
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
    fused::{Activation, Attended, AttentionShape, Fused, LayerNormGradients, Normalized, Pool, Transposed},
    targets::Targets,
};

impl Fused for Flex {
    fn product(
        left: FlexTensor,
        right: FlexTensor,
        transposed: Option<Transposed>,
        onto: Option<FlexTensor>,
    ) -> FlexTensor {
        let (left, right) = (left.to_contiguous(), right.to_contiguous());
        let (a, b) = match transposed {
            None => (matrix(&left), matrix(&right)),
            Some(Transposed::Left) => (matrix(&left).transposed(), matrix(&right)),
            Some(Transposed::Right) => (matrix(&left), matrix(&right).transposed()),
        };
        match onto {
            None => product(a, b, Onto::Zero),
            Some(total) => changed(total, |total| matmul::product(a, b, Onto::Output, total, b.columns)).0,
        }
    }

    fn multiplied(left: FlexTensor, right: FlexTensor) -> FlexTensor {
        let right = right.to_contiguous();
        changed(left, |left| vector::multiply(left, values(&right))).0
    }

    fn dense(
        x: FlexTensor,
        weight: FlexTensor,
        bias: FlexTensor,
        activation: Activation,
        with_slope: bool,
    ) -> (FlexTensor, Option<FlexTensor>) {
        let [x, weight, bias] = [x, weight, bias].map(|input| input.to_contiguous());
        let y = product(matrix(&x), matrix(&weight), Onto::Row(values(&bias)));
        Self::activated(y, activation, with_slope)
    }

    fn activated(x: FlexTensor, activation: Activation, with_slope: bool) -> (FlexTensor, Option<FlexTensor>) {
        if !with_slope {
            return (changed(x, |x| activation::forward(x, activation)).0, None);
        }
        let shape = x.shape();
        let (y, slopes) = changed(x, |x| activation::forward_with_slope(x, activation));
        (y, slopes.map(|slopes| tensor(slopes, shape)))
    }

    fn tied(x: FlexTensor, table: FlexTensor, bias: FlexTensor) -> FlexTensor {
        let [x, table, bias] = [x, table, bias].map(|input| input.to_contiguous());
        product(matrix(&x), matrix(&table).transposed(), Onto::Row(values(&bias)))
    }

    fn embed(
        words: FlexTensor,
        positions: FlexTensor,
        types: FlexTensor,
        ids: FlexTensor,
        type_ids: FlexTensor,
        seq_len: usize,
    ) -> FlexTensor {
        let [words, positions, types] = [words, positions, types].map(|table| table.to_contiguous());
        let hidden = words.shape()[1];
        let tables = [&words, &positions, &types].map(values);
        let output = embedding::forward(tables, whole_numbers(&ids), whole_numbers(&type_ids), seq_len, hidden);
        tensor(output, Shape::new([ids.shape()[0], hidden]))
    }

    fn embed_backward(
        gradient: FlexTensor,
        ids: FlexTensor,
        type_ids: FlexTensor,
        seq_len: usize,
        rows: [usize; 3],
    ) -> [FlexTensor; 3] {
        let gradient = gradient.to_contiguous();
        let hidden = gradient.shape()[1];
        let (ids, type_ids) = (whole_numbers(&ids), whole_numbers(&type_ids));
        let tables = embedding::backward(values(&gradient), ids, type_ids, seq_len, hidden, rows);
        tables.map(|table| {
            let rows = table.len() / hidden;
            tensor(table, Shape::new([rows, hidden]))
        })
    }

    fn pool(states: FlexTensor, mask: FlexTensor, pool: Pool) -> FlexTensor {
        let [states, mask] = [states, mask].map(|input| input.to_contiguous());
        let (texts, hidden) = (mask.shape()[0], states.shape()[1]);
        let pooled = pooling::forward(values(&states), values(&mask), texts, pool);
        tensor(pooled, Shape::new([texts, hidden]))
    }

    fn pool_backward(
        states: FlexTensor,
        pooled: FlexTensor,
        mask: FlexTensor,
        gradient: FlexTensor,
        pool: Pool,
    ) -> FlexTensor {
        let [states, pooled, mask, gradient] = [states, pooled, mask, gradient].map(|input| input.to_contiguous());
        let found = pooling::backward(
            values(&states),
            values(&pooled),
            values(&mask),
            values(&gradient),
            mask.shape()[0],
            pool,
        );
        tensor(found, states.shape())
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

    fn cross_entropy(logits: FlexTensor, targets: &Targets) -> (FlexTensor, FlexTensor) {
        let classes = logits.shape()[1];
        let (gradient, loss) = changed(logits, |logits| loss::cross_entropy(logits, targets, classes));
        (tensor(vec![loss], Shape::new([1])), gradient)
    }

    fn binary_cross_entropy(logits: FlexTensor, targets: &[f32], weights: &[f32]) -> (FlexTensor, FlexTensor) {
        let (gradient, loss) = changed(logits, |logits| loss::binary_cross_entropy(logits, targets, weights));
        (tensor(vec![loss], Shape::new([1])), gradient)
    }

    fn cosine_loss(states: FlexTensor, goals: &[f32], weight: f32) -> (FlexTensor, FlexTensor) {
        let (gradient, loss) = changed(states, |states| loss::cosine(states, goals, weight));
        (tensor(vec![loss], Shape::new([1])), gradient)
    }

    fn add_squares(total: FlexTensor, tensors: Vec<FlexTensor>) -> FlexTensor {
        tensors.into_iter().fold(total, |total, tensor| {
            let tensor = tensor.to_contiguous();
            let squares = vector::square_sum(values(&tensor));
            changed(total, |total| total.iter_mut().for_each(|x| *x += squares)).0
        })
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

    fn adamw_undo(parameter: FlexTensor, first: FlexTensor, second: FlexTensor, factors: Factors) -> FlexTensor {
        let [first, second] = [first, second].map(|input| input.to_contiguous());
        let undo = |parameter: &mut [f32]| adamw::undo(&factors, parameter, values(&first), values(&second));
        changed(parameter, undo).0
    }

    fn masked(tensor: FlexTensor, mask: Mask) -> FlexTensor {
        match mask.is_none() {
            true => tensor,
            false => changed(tensor, |values| vector::masked(values, mask)).0,
        }
    }

    fn take_rows(table: FlexTensor, ids: &[u32]) -> FlexTensor {
        let table = table.to_contiguous();
        let columns = table.shape()[1];
        let rows = embedding::take_rows(values(&table), ids, columns);
        tensor(rows, Shape::new([ids.len(), columns]))
    }

    fn with_rows(table: FlexTensor, ids: &[u32], rows: FlexTensor, scale: f32) -> FlexTensor {
        let rows = rows.to_contiguous();
        let columns = rows.shape()[1];
        changed(table, |table| {
            embedding::put_rows(table, ids, values(&rows), scale, columns)
        })
        .0
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

/// The same of ids, which `model::Input` makes as i32.
fn whole_numbers(tensor: &FlexTensor) -> &[i32] {
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
