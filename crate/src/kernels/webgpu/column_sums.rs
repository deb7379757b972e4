//! Sums over the rows of a matrix.

use burn::backend::{Cube, TensorMetadata};
use burn_wgpu::{CubeTensor, into_contiguous};

use super::shader::{empty, launch, read, slices, width, write};
use crate::kernels::ops::column_sums::ColumnSumsKernel;

/// Columns of a workgroup that sums over the rows, in values.
pub(super) const GROUP_COLUMNS: usize = 8;

impl ColumnSumsKernel for Cube {
    /// The sum of each column, `[columns]`.
    fn column_sums(x: CubeTensor) -> CubeTensor {
        let x = into_contiguous(x);
        let [rows, columns] = x.shape().dims();
        let (width, elements) = width(columns);
        let sums = empty(&x, [columns]);
        launch! {
            "reduction/column_sums" { Width: width, Slices: slices(&x) },
            client: &x.client,
            workgroups: [columns.div_ceil(GROUP_COLUMNS * elements), 1, 1],
            buffers: { x: read(&x), sums: write(&sums) },
            uniforms: { rows: rows, columns: columns },
        }
        sums
    }
}
