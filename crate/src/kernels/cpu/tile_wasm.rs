//! A part of a product, in wasm: the register tile of 3 rows by 12 columns (Goto and van de Geijn 2008).

use super::{
    matmul::Accumulate,
    matrix::Matrix,
    panels::{DEPTH, Panels, pack},
    parts::{PANEL, Part, TILE_ROWS, put_row},
    simd::lanes::{self, F32x4},
};

/// The part of left · right + accumulate; `output` begins at the part's first element.
pub fn matmul_part(
    left: Matrix,
    right: &Panels,
    part: &Part,
    accumulate: Accumulate,
    output: &mut [f32],
    stride: usize,
) {
    // Read as columns of its transpose, so that one packing serves both sides.
    let left = left.transposed();
    let first_column = part.panels.start * PANEL;
    let tiles = part.rows.len() / TILE_ROWS;
    let rest = part.rows.len() % TILE_ROWS;
    let mut packed = vec![[0.0; TILE_ROWS]; tiles * DEPTH.min(right.rows)];
    for (index, slab) in right.slabs().enumerate() {
        let (depth, row) = (slab.depth, index * DEPTH);
        let packed = &mut packed[..tiles * depth];
        for (tile, panel) in packed.chunks_exact_mut(depth).enumerate() {
            pack(left, row, part.rows.start + tile * TILE_ROWS, panel);
        }
        let last = part.rows.end - rest;
        let (two, one) = (
            rows_alone(left, row, last, depth, rest == 2),
            rows_alone(left, row, last, depth, rest == 1),
        );
        for (across, panel) in part.panels.clone().zip(slab.panels(part.panels.clone())) {
            let column = across * PANEL;
            let width = PANEL.min(right.columns - column);
            // What a sum is added to, besides what the output already holds.
            let adds_to_output = index > 0 || matches!(accumulate, Accumulate::Output);
            let mut base = [0.0; PANEL];
            if let (0, Accumulate::Row(values)) = (index, accumulate) {
                base[..width].copy_from_slice(&values[column..column + width]);
            }
            let mut put = |row: usize, sums: &[f32; PANEL]| {
                let target = &mut output[row * stride + column - first_column..];
                put_row(target, sums, width, if adds_to_output { None } else { Some(&base) });
            };
            for (tile, left_panel) in packed.chunks_exact(depth).enumerate() {
                let sums = matmul_tile(left_panel, panel);
                (0..)
                    .zip(&sums)
                    .for_each(|(row, sums)| put(tile * TILE_ROWS + row, sums));
            }
            // The last rows, fewer than a tile has, in a tile of their own.
            if let Some(left_panel) = &two {
                let sums = matmul_tile::<2>(left_panel, panel);
                (0..)
                    .zip(&sums)
                    .for_each(|(row, sums)| put(tiles * TILE_ROWS + row, sums));
            }
            if let Some(left_panel) = &one {
                let [sums] = matmul_tile::<1>(left_panel, panel);
                put(tiles * TILE_ROWS, &sums);
            }
        }
    }
}

/// The panel of the `N` last rows, where there are so many.
fn rows_alone<const N: usize>(
    left: Matrix,
    row: usize,
    column: usize,
    depth: usize,
    wanted: bool,
) -> Option<Vec<[f32; N]>> {
    wanted.then(|| {
        let mut panel = vec![[0.0; N]; depth];
        pack(left, row, column, &mut panel);
        panel
    })
}

/// The inner loop, where all the time goes: 9 sums; at each depth, 3 numbers of the left times 3 vectors of the right.
#[cfg_attr(
    all(target_arch = "wasm32", feature = "relaxed-simd"),
    target_feature(enable = "relaxed-simd")
)]
fn matmul_tile<const ROWS: usize>(left: &[[f32; ROWS]], right: &[[f32; PANEL]]) -> [[f32; PANEL]; ROWS] {
    let mut sums: [[F32x4; 3]; ROWS] = [[lanes::splat(0.0); 3]; ROWS];
    for (left, right) in left.iter().zip(right) {
        // No closures: where the crate is compiled in parts, they are calls.
        let right = [lanes::load(right, 0), lanes::load(right, 4), lanes::load(right, 8)];
        for (sums, &left) in sums.iter_mut().zip(left) {
            let left = lanes::splat(left);
            for (sum, right) in sums.iter_mut().zip(right) {
                *sum = lanes::multiply_add(left, right, *sum);
            }
        }
    }
    let mut tile = [[0.0; PANEL]; ROWS];
    for (row, sums) in tile.iter_mut().zip(sums) {
        for (target, sum) in row.as_chunks_mut().0.iter_mut().zip(sums) {
            *target = lanes::values(sum);
        }
    }
    tile
}
