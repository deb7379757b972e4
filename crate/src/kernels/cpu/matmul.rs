//! Products of matrices: packed panels and a register tile of 3 rows by 12 columns (Goto and van de Geijn 2008).

use burn::backend::Flex;
use burn_flex::FlexTensor;

use super::{
    matrix::{Matrix, matrix},
    panels::{DEPTH, Panels, pack},
    parts::{PANEL, Part, Sizes, TILE_ROWS, share},
    simd::lanes::{self, F32x4},
    store::rows,
    tensor::{change, tensor},
};
use crate::kernels::ops::{
    matmul::{MatmulKernel, Transposed},
    to_f32::ToF32Kernel,
};

impl MatmulKernel for Flex {
    fn matmul(
        left: FlexTensor,
        right: FlexTensor,
        transposed: Option<Transposed>,
        accumulate: Option<FlexTensor>,
    ) -> FlexTensor {
        let (left, right) = (left.to_contiguous(), rows(right));
        let (a, b) = match transposed {
            None => (matrix(&left), matrix(&right)),
            Some(Transposed::Left) => (matrix(&left).transposed(), matrix(&right)),
            Some(Transposed::Right) => (matrix(&left), matrix(&right).transposed()),
        };
        match accumulate {
            None => matmul_tensor(a, b, Accumulate::Nothing),
            Some(total) => {
                change(Self::to_f32(total), |total| {
                    matmul(a, b, Accumulate::Output, total, b.columns)
                })
                .0
            }
        }
    }
}

/// left · right + accumulate, as a new tensor.
pub fn matmul_tensor(left: Matrix, right: Matrix, accumulate: Accumulate) -> FlexTensor {
    matmul_panels_tensor(left, &Panels::pack(right), accumulate)
}

/// The same with a right side that is packed.
pub fn matmul_panels_tensor(left: Matrix, right: &Panels, accumulate: Accumulate) -> FlexTensor {
    let (rows, columns) = (left.rows, right.columns);
    let mut output = vec![0.0; rows * columns];
    matmul_panels(left, right, accumulate, &mut output, columns);
    tensor(output, [rows, columns])
}

/// What the product is added to.
#[derive(Debug, Clone, Copy)]
pub enum Accumulate<'a> {
    /// Nothing: the output is overwritten.
    Nothing,
    /// What the output holds.
    Output,
    /// This row, in each row of the output.
    Row(&'a [f32]),
}

/// output = left · right + accumulate; each row of the output begins `stride` after the one before.
pub fn matmul(left: Matrix, right: Matrix, accumulate: Accumulate, output: &mut [f32], stride: usize) {
    matmul_panels(left, &Panels::pack(right), accumulate, output, stride);
}

/// The same with a right side that is packed.
pub fn matmul_panels(left: Matrix, right: &Panels, accumulate: Accumulate, output: &mut [f32], stride: usize) {
    let sizes = Sizes {
        rows: left.rows,
        depth: right.rows,
        columns: right.columns,
    };
    share(sizes, output, stride, |part, output, stride| {
        matmul_part(left, right, &part, accumulate, output, stride);
    });
}

fn matmul_part(left: Matrix, right: &Panels, part: &Part, accumulate: Accumulate, output: &mut [f32], stride: usize) {
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
            // What a sum is added to, but for what the output holds.
            let adds_to_output = index > 0 || matches!(accumulate, Accumulate::Output);
            let mut base = [0.0; PANEL];
            if let (0, Accumulate::Row(values)) = (index, accumulate) {
                base[..width].copy_from_slice(&values[column..column + width]);
            }
            let mut put = |row: usize, sums: &[f32; PANEL]| {
                let target = &mut output[row * stride + column - first_column..];
                match target.first_chunk_mut::<PANEL>() {
                    Some(target) if width == PANEL => {
                        let from = if adds_to_output { *target } else { base };
                        for lane in 0..PANEL {
                            target[lane] = from[lane] + sums[lane];
                        }
                    }
                    _ => {
                        for lane in 0..width {
                            let from = if adds_to_output { target[lane] } else { base[lane] };
                            target[lane] = from + sums[lane];
                        }
                    }
                }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(count: usize, seed: u32) -> Vec<f32> {
        (0..count as u32)
            .map(|i| ((i.wrapping_mul(2_654_435_761) ^ seed) >> 8) as f32 / (1 << 23) as f32 - 1.0)
            .collect()
    }

    #[test]
    fn products_of_any_size_and_side_equal_a_float64_reference() {
        let sizes = [1, 2, 3, 5, 8, 31, 64, 65, 130];
        for (case, (m, n)) in sizes.iter().flat_map(|&m| sizes.map(|n| (m, n))).enumerate() {
            let k = [1, 7, 64, 257, 600][case % 5];
            let (a, b, row) = (numbers(m * k, 1), numbers(k * n, 2), numbers(n, 3));
            let left = [Matrix::rows_of(&a, m, k, k), Matrix::rows_of(&a, k, m, m).transposed()];
            let right = [Matrix::rows_of(&b, k, n, n), Matrix::rows_of(&b, n, k, k).transposed()];
            for (left, right) in [(left[0], right[0]), (left[1], right[0]), (left[0], right[1])] {
                let stride = n + case % 3;
                let mut found = vec![9.0; (m - 1) * stride + n];
                matmul(left, right, Accumulate::Row(&row), &mut found, stride);
                for i in 0..m {
                    for j in 0..n {
                        let term = |p| f64::from(a[left.at(i, p)]) * f64::from(b[right.at(p, j)]);
                        let expected = (0..k).map(term).sum::<f64>() + f64::from(row[j]);
                        let error = (f64::from(found[i * stride + j]) - expected).abs();
                        assert!(error < 2e-6 * k as f64 + 1e-6, "{m}x{k}x{n} at {i}, {j}: {error}");
                    }
                }
            }
        }
    }
}
