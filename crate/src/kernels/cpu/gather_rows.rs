//! Rows of a table by their numbers, on the CPU.

use burn::backend::{Flex, TensorMetadata};
use burn_flex::FlexTensor;

use super::{store::add_row, tensor::tensor};
use crate::kernels::ops::gather_rows::GatherRowsKernel;

impl GatherRowsKernel for Flex {
    fn gather_rows(table: FlexTensor, ids: &[u32]) -> FlexTensor {
        let columns = table.shape()[1];
        let mut rows = vec![0.0; ids.len() * columns];
        for (target, &id) in rows.chunks_exact_mut(columns).zip(ids) {
            add_row(&table, id as usize, target);
        }
        tensor(rows, [ids.len(), columns])
    }
}
