//! Sums over the rows of a matrix, on the CPU.

use burn::backend::{Flex, TensorMetadata};
use burn_flex::FlexTensor;
use rayon::prelude::*;

use super::{
    simd::{BLOCK, widest},
    tensor::{tensor, values},
};
use crate::kernels::ops::column_sums::ColumnSumsKernel;

impl ColumnSumsKernel for Flex {
    fn column_sums(x: FlexTensor) -> FlexTensor {
        let x = x.to_contiguous();
        let columns = x.shape()[1];
        tensor(column_sums(values(&x), columns), [columns])
    }
}

/// Sums of the columns of rows of `columns`.
fn column_sums(values: &[f32], columns: usize) -> Vec<f32> {
    let rows = (BLOCK / columns).max(1);
    let blocks = values.par_chunks(rows * columns).map(|block| {
        let mut sums = vec![0.0; columns];
        add_rows(block, &mut sums);
        sums
    });
    let mut total = vec![0.0; columns];
    for sums in blocks.collect::<Vec<_>>() {
        total.iter_mut().zip(sums).for_each(|(total, sum)| *total += sum);
    }
    total
}

widest! {
    fn add_rows<'a>(rows: &'a [f32], sums: &'a mut [f32]) {
        for row in rows.chunks_exact(sums.len()) {
            sums.iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
        }
    }
}
