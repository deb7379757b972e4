//! A product's output shared out among threads: by rows where there are many, else by panels of columns.
//!
//! Each element is summed in one order whoever sums it, so no number depends on how many threads there are.

use std::ops::Range;

use rayon::prelude::*;

/// Columns of a panel: the width of the register tile. In wasm three vectors; natively a line of the cache, which is one
/// vector of AVX-512, two of AVX2, four of NEON.
pub const PANEL: usize = if NATIVE { 16 } else { 12 };
/// Rows of the register tile. A browser uses 16 registers, and 3 x 12 is the largest tile that leaves some free: it takes 9
/// for sums, 3 for the right, one for the left. Measured a third faster than 4 x 8, and twice as fast as 6 x 8. Natively the
/// tiles are of 2, 6 or 12 rows.
pub const TILE_ROWS: usize = if NATIVE { 12 } else { 3 };

/// Most rows that one task computes: their panels stay in the second-level cache.
const BLOCK_ROWS: usize = if NATIVE { 264 } else { 48 };
/// Multiplications below which threads cost more than they save.
const WORTH_SHARING: usize = if NATIVE { 1 << 20 } else { 1 << 18 };
const NATIVE: bool = !cfg!(target_family = "wasm");

/// What one task computes.
#[derive(Debug)]
pub struct Part {
    pub rows: Range<usize>,
    pub panels: Range<usize>,
}

impl Part {
    /// The part's first column, and its columns inside a product of `columns`.
    pub fn columns(&self, columns: usize) -> Range<usize> {
        self.panels.start * PANEL..columns.min(self.panels.end * PANEL)
    }
}

/// Sizes of a product.
#[derive(Debug, Clone, Copy)]
pub struct Sizes {
    pub rows: usize,
    pub depth: usize,
    pub columns: usize,
}

/// Puts a row of a tile, of which `width` columns are the product's: added to `base`, or without one to what is there.
#[inline(always)]
pub fn put_row(target: &mut [f32], sums: &[f32; PANEL], width: usize, base: Option<&[f32; PANEL]>) {
    match target.first_chunk_mut::<PANEL>() {
        Some(target) if width == PANEL => {
            let from = base.copied().unwrap_or(*target);
            for lane in 0..PANEL {
                target[lane] = from[lane] + sums[lane];
            }
        }
        _ => {
            for lane in 0..width {
                target[lane] = base.map_or(target[lane], |base| base[lane]) + sums[lane];
            }
        }
    }
}

/// Gives each part to `work` with the output from its first element on, and the output's stride.
pub fn share(sizes: Sizes, output: &mut [f32], stride: usize, work: impl Fn(Part, &mut [f32], usize) + Sync) {
    let Sizes { rows, depth, columns } = sizes;
    let across = columns.div_ceil(PANEL);
    let threads = rayon::current_num_threads();
    let alone = threads == 1 || rows * depth * columns <= WORTH_SHARING;
    let by_rows = |block: usize| {
        move |index: usize| Part {
            rows: index * block..rows.min((index + 1) * block),
            panels: 0..across,
        }
    };
    if alone {
        let part = by_rows(BLOCK_ROWS);
        let blocks = output.chunks_mut(BLOCK_ROWS * stride).enumerate();
        blocks.for_each(|(index, output)| work(part(index), output, stride));
    } else if rows > BLOCK_ROWS {
        let block = rows.div_ceil(threads).next_multiple_of(TILE_ROWS).min(BLOCK_ROWS);
        let part = by_rows(block);
        let blocks = output.par_chunks_mut(block * stride).enumerate();
        blocks.for_each(|(index, output)| work(part(index), output, stride));
    } else {
        by_panels(sizes, across.div_ceil(threads), output, stride, work);
    }
}

/// Parts of `width` panels, each in memory of its own, since the columns of a row lie side by side.
fn by_panels(
    sizes: Sizes,
    width: usize,
    output: &mut [f32],
    stride: usize,
    work: impl Fn(Part, &mut [f32], usize) + Sync,
) {
    let across = sizes.columns.div_ceil(PANEL);
    let parts = (0..across).step_by(width).map(|first| Part {
        rows: 0..sizes.rows,
        panels: first..across.min(first + width),
    });
    let mut parts: Vec<(Part, Vec<f32>)> = parts
        .map(|part| {
            let columns = part.columns(sizes.columns);
            let own = output.chunks(stride).flat_map(|row| &row[columns.clone()]);
            let own = own.copied().collect();
            (part, own)
        })
        .collect();
    parts.par_iter_mut().for_each(|(part, own)| {
        let (rows, panels) = (part.rows.clone(), part.panels.clone());
        let columns = part.columns(sizes.columns);
        work(Part { rows, panels }, own, columns.len());
    });
    for (part, own) in &parts {
        let columns = part.columns(sizes.columns);
        for (row, own) in output.chunks_mut(stride).zip(own.chunks(columns.len())) {
            row[columns.clone()].copy_from_slice(own);
        }
    }
}
