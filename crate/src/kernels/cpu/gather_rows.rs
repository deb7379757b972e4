//! Rows of a table by their numbers, on the CPU.

use burn::backend::{Flex, TensorMetadata};
use burn_flex::FlexTensor;

use super::tensor::{tensor, values};
use crate::kernels::ops::gather_rows::GatherRowsKernel;

impl GatherRowsKernel for Flex {
    fn gather_rows(table: FlexTensor, ids: &[u32]) -> FlexTensor {
        let table = table.to_contiguous();
        let columns = table.shape()[1];
        let table = values(&table);
        let row = |&id: &u32| &table[id as usize * columns..][..columns];
        let rows = ids.iter().flat_map(row).copied().collect();
        tensor(rows, [ids.len(), columns])
    }
}
