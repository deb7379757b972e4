//! Losses on the GPU, with their gradients: a loss a row or a pair of rows, then the sum of these.

use burn::{
    backend::{
        Cube, TensorMetadata,
        ops::{FloatTensorOps, IntTensorOps},
    },
    tensor::TensorData,
};
use burn_wgpu::{CubeTensor, into_contiguous};

use super::{
    launch::{Shader, empty, read, wgsl, words, write},
    rows::{column_sums, row_groups, rows_file},
};
use crate::kernels::targets::Targets;

/// [`Fused::cross_entropy`](crate::kernels::fused::Fused::cross_entropy)
pub(super) fn cross_entropy(logits: CubeTensor, targets: &Targets) -> (CubeTensor, CubeTensor) {
    let logits = into_contiguous(logits);
    let [rows, classes] = logits.shape().dims();
    let chosen = TensorData::new(targets.classes.clone(), [rows]);
    let chosen = Cube::int_from_data(chosen, &logits.device());
    let weights = upload(&logits, &targets.weights);
    // A shader cannot be given an empty buffer.
    let everywhere = match targets.everywhere.is_empty() {
        true => upload(&logits, &vec![0.0; classes]),
        false => upload(&logits, &targets.everywhere),
    };
    let (losses, gradient) = (empty(&logits, [rows, 1]), empty(&logits, [rows, classes]));
    Shader::new([rows_file(&logits.client), wgsl!("loss/cross_entropy")]).launch(
        &logits.client,
        row_groups(&logits.client, rows),
        &[
            read(&logits),
            read(&chosen),
            read(&weights),
            read(&everywhere),
            write(&losses),
            write(&gradient),
        ],
        &words![rows, classes, targets.shared()],
    );
    (column_sums(losses), gradient)
}

/// [`Fused::binary_cross_entropy`](crate::kernels::fused::Fused::binary_cross_entropy)
pub(super) fn binary_cross_entropy(logits: CubeTensor, targets: &[f32], weights: &[f32]) -> (CubeTensor, CubeTensor) {
    let logits = into_contiguous(logits);
    let [rows, classes] = logits.shape().dims();
    let (targets, weights) = (upload(&logits, targets), upload(&logits, weights));
    let (losses, gradient) = (empty(&logits, [rows, 1]), empty(&logits, [rows, classes]));
    Shader::new([rows_file(&logits.client), wgsl!("loss/binary_cross_entropy")]).launch(
        &logits.client,
        row_groups(&logits.client, rows),
        &[
            read(&logits),
            read(&targets),
            read(&weights),
            write(&losses),
            write(&gradient),
        ],
        &words![rows, classes],
    );
    (column_sums(losses), gradient)
}

/// [`Fused::cosine_loss`](crate::kernels::fused::Fused::cosine_loss)
pub(super) fn cosine(states: CubeTensor, goals: &[f32], weight: f32) -> (CubeTensor, CubeTensor) {
    let states = into_contiguous(states);
    let ([rows, hidden], pairs) = (states.shape().dims(), goals.len());
    let goals = upload(&states, goals);
    let (losses, gradient) = (empty(&states, [pairs, 1]), empty(&states, [rows, hidden]));
    Shader::new([rows_file(&states.client), wgsl!("loss/cosine_loss")]).launch(
        &states.client,
        row_groups(&states.client, pairs),
        &[read(&states), read(&goals), write(&losses), write(&gradient)],
        &words![pairs, hidden, weight],
    );
    (column_sums(losses), gradient)
}

fn upload(beside: &CubeTensor, values: &[f32]) -> CubeTensor {
    let data = TensorData::new(values.to_vec(), [values.len()]);
    Cube::float_from_data(data, &beside.device())
}
