//! Cross-entropy, with its gradient: a loss a row, then their sum.

use burn::{
    backend::{
        Cube, TensorMetadata,
        ops::{FloatTensorOps, IntTensorOps},
    },
    tensor::TensorData,
};
use burn_wgpu::{CubeTensor, into_contiguous};

use super::shader::{empty, launch, read, row_groups, row_threads, write};
use crate::kernels::{
    ops::{column_sums::ColumnSumsKernel, cross_entropy::CrossEntropyKernel},
    targets::Targets,
};

impl CrossEntropyKernel for Cube {
    /// The loss, `[1]`, and the gradient of the logits, `[rows, classes]`.
    fn cross_entropy(logits: CubeTensor, targets: &Targets) -> (CubeTensor, CubeTensor) {
        let logits = into_contiguous(logits);
        let [rows, classes] = logits.shape().dims();
        let target_classes = TensorData::new(targets.classes.clone(), [rows]);
        let target_classes = Cube::int_from_data(target_classes, &logits.device());
        let weights = upload(&logits, &targets.weights);
        // A shader cannot bind an empty buffer.
        let smoothing_weights = match targets.smoothing_weights.is_empty() {
            true => upload(&logits, &vec![0.0; classes]),
            false => upload(&logits, &targets.smoothing_weights),
        };
        let (losses, gradient) = (empty(&logits, [rows, 1]), empty(&logits, [rows, classes]));
        launch! {
            "loss/cross_entropy" { RowThreads: row_threads(&logits) },
            client: &logits.client,
            workgroups: row_groups(&logits, rows),
            buffers: {
                logits: read(&logits),
                targets: read(&target_classes),
                weights: read(&weights),
                smoothing_weights: read(&smoothing_weights),
                losses: write(&losses),
                gradient: write(&gradient),
            },
            uniforms: { rows: rows, classes: classes, smoothing_total: targets.smoothing_total() },
        }
        (Cube::column_sums(losses), gradient)
    }
}

/// The values in a new tensor on the device of another.
pub(super) fn upload(beside: &CubeTensor, values: &[f32]) -> CubeTensor {
    let data = TensorData::new(values.to_vec(), [values.len()]);
    Cube::float_from_data(data, &beside.device())
}
