//! Binary cross-entropy, with its gradient: a loss a row, then their sum.

use burn::backend::{Cube, TensorMetadata};
use burn_wgpu::{CubeTensor, into_contiguous};

use super::{
    cross_entropy::upload,
    shader::{empty, launch, read, row_groups, row_threads, write},
};
use crate::kernels::ops::{binary_cross_entropy::BinaryCrossEntropyKernel, column_sums::ColumnSumsKernel};

impl BinaryCrossEntropyKernel for Cube {
    /// The loss, `[1]`, and the gradient of the logits, `[rows, classes]`.
    fn binary_cross_entropy(logits: CubeTensor, targets: &[f32], weights: &[f32]) -> (CubeTensor, CubeTensor) {
        let logits = into_contiguous(logits);
        let [rows, classes] = logits.shape().dims();
        let (targets, weights) = (upload(&logits, targets), upload(&logits, weights));
        let (losses, gradient) = (empty(&logits, [rows, 1]), empty(&logits, [rows, classes]));
        launch! {
            "loss/binary_cross_entropy" { RowThreads: row_threads(&logits) },
            client: &logits.client,
            workgroups: row_groups(&logits, rows),
            buffers: {
                logits: read(&logits),
                targets: read(&targets),
                weights: read(&weights),
                losses: write(&losses),
                gradient: write(&gradient),
            },
            uniforms: { rows: rows, classes: classes },
        }
        (Cube::column_sums(losses), gradient)
    }
}
