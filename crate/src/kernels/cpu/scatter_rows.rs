//! Rows put back into a table by their numbers, on the CPU.

use burn::backend::{Flex, TensorMetadata};
use burn_flex::FlexTensor;

use super::tensor::{change, values};
use crate::kernels::ops::{scatter_rows::ScatterRowsKernel, to_f32::ToF32Kernel};

impl ScatterRowsKernel for Flex {
    fn scatter_rows(table: FlexTensor, ids: &[u32], rows: FlexTensor, scale: f32) -> FlexTensor {
        let rows = rows.to_contiguous();
        let columns = rows.shape()[1];
        change(Self::to_f32(table), |table| {
            scatter_rows(table, ids, values(&rows), scale, columns)
        })
        .0
    }
}

/// Multiplies a table with `scale` and puts `rows` in place of its rows `ids`.
fn scatter_rows(table: &mut [f32], ids: &[u32], rows: &[f32], scale: f32, columns: usize) {
    if scale != 1.0 {
        table.iter_mut().for_each(|x| *x *= scale);
    }
    for (&id, row) in ids.iter().zip(rows.chunks_exact(columns)) {
        table[id as usize * columns..][..columns].copy_from_slice(row);
    }
}
