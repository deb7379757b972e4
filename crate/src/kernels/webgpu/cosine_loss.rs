//! The cosine loss, with its gradient: a loss a pair of rows, then their sum.

use burn::backend::{Cube, TensorMetadata};
use burn_wgpu::{CubeTensor, into_contiguous};

use super::{
    cross_entropy::upload,
    shader::{empty, launch, read, row_groups, row_threads, write},
};
use crate::kernels::ops::{column_sums::ColumnSumsKernel, cosine_loss::CosineLossKernel};

impl CosineLossKernel for Cube {
    /// The loss, `[1]`, and the gradient of the states, `[2 * pairs, hidden]`. There is a target a pair.
    fn cosine_loss(states: CubeTensor, targets: &[f32], weight: f32) -> (CubeTensor, CubeTensor) {
        let states = into_contiguous(states);
        let ([rows, hidden], pairs) = (states.shape().dims(), targets.len());
        let targets = upload(&states, targets);
        let (losses, gradient) = (empty(&states, [pairs, 1]), empty(&states, [rows, hidden]));
        launch! {
            "loss/cosine_loss" { RowThreads: row_threads(&states) },
            client: &states.client,
            workgroups: row_groups(&states, pairs),
            buffers: {
                states: read(&states),
                targets: read(&targets),
                losses: write(&losses),
                gradient: write(&gradient),
            },
            uniforms: { pairs: pairs, hidden: hidden, weight: weight },
        }
        (Cube::column_sums(losses), gradient)
    }
}
