//! Pooling: one vector a text from its hidden states.

use burn::backend::{Cube, TensorMetadata};
use burn_wgpu::{CubeTensor, into_contiguous};

use super::shader::{empty, launch, read, width, write};
use crate::kernels::ops::pool::{Pool, PoolKernel};

/// Threads of a workgroup in the shaders whose threads each take a column of many rows.
pub(super) const COLUMN_THREADS: usize = 16;

impl PoolKernel for Cube {
    /// One vector a text, `[batch, hidden]`.
    fn pool(states: CubeTensor, mask: CubeTensor, pool: Pool) -> CubeTensor {
        let [states, mask] = [states, mask].map(into_contiguous);
        let ([batch, seq_len], [_, hidden]) = (mask.shape().dims(), states.shape().dims());
        let (width, elements) = width(hidden);
        let pooled = empty(&states, [batch, hidden]);
        launch! {
            "pooling/pool" { Width: width },
            client: &states.client,
            workgroups: [(batch * hidden / elements).div_ceil(COLUMN_THREADS), 1, 1],
            buffers: { states: read(&states), mask: read(&mask), pooled: write(&pooled) },
            uniforms: { batch: batch, seq_len: seq_len, hidden: hidden, pool: number(pool) },
        }
        pooled
    }

    /// The gradient of the states from that of `pooled`. A maximum's gradient goes to the first token that has it.
    fn pool_backward(
        states: CubeTensor,
        pooled: CubeTensor,
        mask: CubeTensor,
        gradient: CubeTensor,
        pool: Pool,
    ) -> CubeTensor {
        let [states, pooled, mask, gradient] = [states, pooled, mask, gradient].map(into_contiguous);
        let ([batch, seq_len], [rows, hidden]) = (mask.shape().dims(), states.shape().dims());
        let (width, elements) = width(hidden);
        let d_states = empty(&states, [rows, hidden]);
        launch! {
            "pooling/pool_backward" { Width: width },
            client: &states.client,
            workgroups: [(batch * hidden / elements).div_ceil(COLUMN_THREADS), 1, 1],
            buffers: {
                states: read(&states),
                pooled: read(&pooled),
                mask: read(&mask),
                gradient: read(&gradient),
                d_states: write(&d_states),
            },
            uniforms: { batch: batch, seq_len: seq_len, hidden: hidden, pool: number(pool) },
        }
        d_states
    }
}

/// The number of the pooling in pool.wgsl.
fn number(pool: Pool) -> u32 {
    match pool {
        Pool::First => 0,
        Pool::Mean => 1,
        Pool::Max => 2,
    }
}
