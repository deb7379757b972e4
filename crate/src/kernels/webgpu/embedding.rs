//! Tables of embeddings on the GPU: sums of their rows, their gradients, some of their rows alone; and pooling.

use burn::{backend::TensorMetadata, cubecl::server::Handle};
use burn_wgpu::{CubeTensor, into_contiguous};

use super::{
    elements::{count, owned, widened},
    launch::{Bound, Shader, by_elements, empty, is_half, read, read_stored, stored, wgsl, width, words, write},
};
use crate::kernels::fused::Pool;

/// Threads of a workgroup in the shaders where a thread goes through many rows.
const FEW_THREADS: usize = 16;

/// [`Fused::embed`](crate::kernels::fused::Fused::embed)
pub(super) fn embed(tables: [CubeTensor; 3], ids: CubeTensor, type_ids: CubeTensor, seq_len: usize) -> CubeTensor {
    let tables = match tables.iter().all(is_half) {
        true => tables,
        false => tables.map(widened),
    };
    let [words, positions, types] = tables.map(into_contiguous);
    let [ids, type_ids] = [ids, type_ids].map(into_contiguous);
    let (tokens, [_, hidden]) = (count(&ids), words.shape().dims());
    let (of, wide) = width(hidden);
    let output = empty(&words, [tokens, hidden]);
    Shader::new([of, stored(&words), wgsl!("embedding/embed")]).launch(
        &words.client,
        by_elements(tokens * hidden / wide),
        &[
            read_stored(&words),
            read_stored(&positions),
            read_stored(&types),
            read(&ids),
            read(&type_ids),
            write(&output),
        ],
        &words![tokens, hidden, seq_len],
    );
    output
}

/// [`Fused::embed_backward`](crate::kernels::fused::Fused::embed_backward)
pub(super) fn embed_backward(
    gradient: CubeTensor,
    ids: CubeTensor,
    type_ids: CubeTensor,
    seq_len: usize,
    rows: [usize; 3],
) -> [CubeTensor; 3] {
    let [gradient, ids, type_ids] = [gradient, ids, type_ids].map(into_contiguous);
    let [tokens, hidden] = gradient.shape().dims();
    let (of, wide) = width(hidden);
    let tables = rows.map(|rows| zeros(&gradient, [rows, hidden]));
    let [words, positions, types] = &tables;
    Shader::new([of, wgsl!("embedding/embed_backward")]).launch(
        &gradient.client,
        [(hidden / wide).div_ceil(FEW_THREADS), 3, 1],
        &[
            read(&gradient),
            read(&ids),
            read(&type_ids),
            write(words),
            write(positions),
            write(types),
        ],
        &words![tokens, hidden, seq_len],
    );
    tables
}

fn zeros(beside: &CubeTensor, shape: [usize; 2]) -> CubeTensor {
    let tensor = empty(beside, shape);
    let (of, wide) = width(shape[1]);
    let values = count(&tensor) / wide;
    Shader::new([of, wgsl!("elementwise/zeros")]).launch(
        &tensor.client,
        by_elements(values),
        &[write(&tensor)],
        &words![values],
    );
    tensor
}

/// [`Fused::pool`](crate::kernels::fused::Fused::pool)
pub(super) fn pool(states: CubeTensor, mask: CubeTensor, pool: Pool) -> CubeTensor {
    let [states, mask] = [states, mask].map(into_contiguous);
    let ([batch, seq_len], [_, hidden]) = (mask.shape().dims(), states.shape().dims());
    let (of, wide) = width(hidden);
    let pooled = empty(&states, [batch, hidden]);
    Shader::new([of, wgsl!("pooling/pool")]).launch(
        &states.client,
        [(batch * hidden / wide).div_ceil(FEW_THREADS), 1, 1],
        &[read(&states), read(&mask), write(&pooled)],
        &words![batch, seq_len, hidden, number(pool)],
    );
    pooled
}

/// [`Fused::pool_backward`](crate::kernels::fused::Fused::pool_backward)
pub(super) fn pool_backward(
    states: CubeTensor,
    pooled: CubeTensor,
    mask: CubeTensor,
    gradient: CubeTensor,
    pool: Pool,
) -> CubeTensor {
    let [states, pooled, mask, gradient] = [states, pooled, mask, gradient].map(into_contiguous);
    let ([batch, seq_len], [rows, hidden]) = (mask.shape().dims(), states.shape().dims());
    let (of, wide) = width(hidden);
    let found = empty(&states, [rows, hidden]);
    Shader::new([of, wgsl!("pooling/pool_backward")]).launch(
        &states.client,
        [(batch * hidden / wide).div_ceil(FEW_THREADS), 1, 1],
        &[
            read(&states),
            read(&pooled),
            read(&mask),
            read(&gradient),
            write(&found),
        ],
        &words![batch, seq_len, hidden, number(pool)],
    );
    found
}

/// As pool.wgsl has it.
fn number(pool: Pool) -> u32 {
    match pool {
        Pool::First => 0,
        Pool::Mean => 1,
        Pool::Max => 2,
    }
}

/// [`Fused::take_rows`](crate::kernels::fused::Fused::take_rows)
pub(super) fn take_rows(table: CubeTensor, ids: &[u32]) -> CubeTensor {
    let table = into_contiguous(table);
    let [_, columns] = table.shape().dims();
    let (of, wide) = width(columns);
    let rows = empty(&table, [ids.len(), columns]);
    Shader::new([of, stored(&table), wgsl!("embedding/gather_rows")]).launch(
        &table.client,
        by_elements(ids.len() * columns / wide),
        &[read_stored(&table), Bound::Read(&uploaded(&table, ids)), write(&rows)],
        &words![ids.len(), columns],
    );
    rows
}

/// [`Fused::with_rows`](crate::kernels::fused::Fused::with_rows)
pub(super) fn with_rows(table: CubeTensor, ids: &[u32], rows: CubeTensor, scale: f32) -> CubeTensor {
    let (table, rows) = (owned(widened(table)), into_contiguous(rows));
    let [_, columns] = table.shape().dims();
    let (of, wide) = width(columns);
    let values = count(&table) / wide;
    Shader::new([of, wgsl!("elementwise/scale")]).launch(
        &table.client,
        by_elements(values),
        &[write(&table)],
        &words![values, scale],
    );
    Shader::new([of, wgsl!("embedding/scatter_rows")]).launch(
        &table.client,
        by_elements(ids.len() * columns / wide),
        &[write(&table), Bound::Read(&uploaded(&table, ids)), read(&rows)],
        &words![ids.len(), columns],
    );
    table
}

fn uploaded(beside: &CubeTensor, ids: &[u32]) -> Handle {
    beside.client.create_from_slice(bytemuck::cast_slice(ids))
}
