//! Rows of a table by their ids.

use burn::{
    backend::{Cube, TensorMetadata},
    cubecl::server::Handle,
};
use burn_wgpu::{CubeTensor, into_contiguous};

use super::shader::{Bound, by_elements, empty, launch, read_stored, stored_width, write};
use crate::kernels::ops::gather_rows::GatherRowsKernel;

impl GatherRowsKernel for Cube {
    /// table\[ids\].
    fn gather_rows(table: CubeTensor, ids: &[u32]) -> CubeTensor {
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

/// The ids in a new buffer on the device of a tensor.
pub(super) fn upload(beside: &CubeTensor, ids: &[u32]) -> Handle {
    beside.client.create_from_slice(bytemuck::cast_slice(ids))
}
