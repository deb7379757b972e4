//! Rows of a table by their ids.

use burn::{
    backend::{Cube, TensorMetadata},
    cubecl::server::Handle,
};
use burn_wgpu::{CubeTensor, into_contiguous};

use super::{
    forms::Int8Words,
    shader::{Bound, by_elements, empty, launch, read_stored, stored_width, write},
};
use crate::kernels::{int8_role, ops::gather_rows::GatherRowsKernel};

impl GatherRowsKernel for Cube {
    /// table\[ids\].
    fn gather_rows(table: CubeTensor, ids: &[u32]) -> CubeTensor {
        if int8_role(table.dtype).is_some() {
            return gather_int8(&table, &upload(&table, ids), ids.len());
        }
        let table = into_contiguous(table);
        let [_, columns] = table.shape().dims();
        let (width, elements) = stored_width(&table, columns);
        let rows = empty(&table, [ids.len(), columns]);
        launch! {
            "embedding/gather_rows" { StoredWidth: width },
            client: &table.client,
            workgroups: by_elements(ids.len() * columns / elements),
            buffers: { table: read_stored(&table), ids: Bound::Read(&upload(&table, ids)), rows: write(&rows) },
            uniforms: { count: ids.len(), columns: columns },
        }
        rows
    }
}

/// `count` rows of a table of whole numbers, by ids of 32 bits.
pub(super) fn gather_int8(table: &CubeTensor, ids: &Handle, count: usize) -> CubeTensor {
    let [table_rows, columns] = table.shape().dims();
    let rows = empty(table, [count, columns]);
    launch! {
        "embedding/gather_int8" { Int8Words: Int8Words::Signed },
        client: &table.client,
        workgroups: by_elements(count * columns / 4),
        buffers: { table: read_stored(table), ids: Bound::Read(ids), rows: write(&rows) },
        uniforms: { count: count, columns: columns / 4, table_rows: table_rows },
    }
    rows
}

/// The ids in a new buffer on the device of a tensor.
pub(super) fn upload(beside: &CubeTensor, ids: &[u32]) -> Handle {
    beside.client.create_from_slice(bytemuck::cast_slice(ids))
}
