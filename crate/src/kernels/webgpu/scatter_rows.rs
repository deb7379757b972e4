//! New rows for some ids of a table.

use burn::backend::{Cube, TensorMetadata};
use burn_wgpu::{CubeTensor, into_contiguous};

use super::{
    dropout::owned,
    gather_rows::upload,
    shader::{Bound, by_elements, count, launch, read, width, write},
};
use crate::kernels::ops::{scatter_rows::ScatterRowsKernel, to_f32::ToF32Kernel};

impl ScatterRowsKernel for Cube {
    /// scale · table, with `rows` in place of its rows `ids`.
    fn scatter_rows(table: CubeTensor, ids: &[u32], rows: CubeTensor, scale: f32) -> CubeTensor {
        let (table, rows) = (owned(Self::to_f32(table)), into_contiguous(rows));
        let [_, columns] = table.shape().dims();
        let (width, elements) = width(columns);
        let values = count(&table) / elements;
        launch! {
            "elementwise/scale" { Width: width },
            client: &table.client,
            workgroups: by_elements(values),
            buffers: { x: write(&table) },
            uniforms: { count: values, factor: scale },
        }
        launch! {
            "embedding/scatter_rows" { Width: width },
            client: &table.client,
            workgroups: by_elements(ids.len() * columns / elements),
            buffers: { table: write(&table), ids: Bound::Read(&upload(&table, ids)), rows: read(&rows) },
            uniforms: { count: ids.len(), columns: columns },
        }
        table
    }
}
