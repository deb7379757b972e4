//! Products of matrices: packed panels and a register tile of 3 rows by 12 columns (Goto and van de Geijn 2008).
//!
//! Rows of the result are shared out among threads in fixed blocks, and each element is summed in one order, so the
//! numbers do not depend on how many threads there are.

use burn::backend::{Flex, TensorMetadata};
use burn_flex::FlexTensor;
use rayon::prelude::*;

use super::{
    simd::lanes::{self, F32x4},
    tensor::{change, tensor, values},
};
use crate::kernels::ops::matmul::{MatmulKernel, Transposed};

impl MatmulKernel for Flex {
    fn matmul(
        left: FlexTensor,
        right: FlexTensor,
        transposed: Option<Transposed>,
        accumulate: Option<FlexTensor>,
    ) -> FlexTensor {
        let (left, right) = (left.to_contiguous(), right.to_contiguous());
        let (a, b) = match transposed {
            None => (matrix(&left), matrix(&right)),
            Some(Transposed::Left) => (matrix(&left).transposed(), matrix(&right)),
            Some(Transposed::Right) => (matrix(&left), matrix(&right).transposed()),
        };
        match accumulate {
            None => matmul_tensor(a, b, Accumulate::Nothing),
            Some(total) => change(total, |total| matmul(a, b, Accumulate::Output, total, b.columns)).0,
        }
    }
}

/// A contiguous tensor of rank 2 as a matrix.
pub fn matrix(tensor: &FlexTensor) -> Matrix<'_> {
    let [rows, columns] = tensor.shape().dims();
    Matrix::rows_of(values(tensor), rows, columns, columns)
}

/// left · right + accumulate, as a new tensor.
pub fn matmul_tensor(left: Matrix, right: Matrix, accumulate: Accumulate) -> FlexTensor {
    let (rows, columns) = (left.rows, right.columns);
    let mut output = vec![0.0; rows * columns];
    matmul(left, right, accumulate, &mut output, columns);
    tensor(output, [rows, columns])
}

/// Rows of the register tile. A browser uses 16 registers, and 3 x 12 is the largest tile that leaves some free: it takes 9
/// for sums, 3 for the right, one for the left. Measured a third faster than 4 x 8, and twice as fast as 6 x 8.
const TILE_ROWS: usize = 3;
/// Columns of the register tile: three vectors.
const TILE_COLUMNS: usize = 12;
/// Length of a panel: 3 + 12 columns of it stay in the first-level cache.
const DEPTH: usize = 256;
/// Rows that one task computes: their panels stay in the second-level cache.
const BLOCK_ROWS: usize = 48;
/// Multiplications below which threads cost more than they save.
const WORTH_SHARING: usize = 1 << 18;
/// Numbers of a slab of the right side below which threads cost more than they save in packing it.
const WORTH_PACKING: usize = 1 << 16;

/// A matrix inside a slice: element (row, column) is at row · `row_stride` + column · `column_stride`.
#[derive(Debug, Clone, Copy)]
pub struct Matrix<'a> {
    pub values: &'a [f32],
    pub rows: usize,
    pub columns: usize,
    pub row_stride: usize,
    pub column_stride: usize,
}

impl<'a> Matrix<'a> {
    /// A matrix whose rows each begin `stride` after the one before.
    pub fn rows_of(values: &'a [f32], rows: usize, columns: usize, stride: usize) -> Self {
        Self {
            values,
            rows,
            columns,
            row_stride: stride,
            column_stride: 1,
        }
    }

    /// The transpose, of the same memory.
    pub fn transposed(self) -> Self {
        Self {
            rows: self.columns,
            columns: self.rows,
            row_stride: self.column_stride,
            column_stride: self.row_stride,
            ..self
        }
    }

    fn at(&self, row: usize, column: usize) -> usize {
        row * self.row_stride + column * self.column_stride
    }
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
    let packed = Packed::new(right);
    let block = |(index, output): (usize, &mut [f32])| {
        let first = index * BLOCK_ROWS;
        let rows = first..left.rows.min(first + BLOCK_ROWS);
        matmul_rows(left, rows, &packed, accumulate, output, stride);
    };
    let blocks = BLOCK_ROWS * stride;
    match left.rows * left.columns * right.columns > WORTH_SHARING {
        true => output.par_chunks_mut(blocks).enumerate().for_each(block),
        false => output.chunks_mut(blocks).enumerate().for_each(block),
    }
}

/// The right side in panels of `DEPTH` rows by `TILE_COLUMNS` columns, zeros beyond its edge.
struct Packed {
    panels: Vec<[f32; TILE_COLUMNS]>,
    across: usize,
    columns: usize,
}

impl Packed {
    fn new(right: Matrix) -> Self {
        let across = right.columns.div_ceil(TILE_COLUMNS);
        let mut panels = vec![[0.0; TILE_COLUMNS]; right.rows * across];
        for (index, slab) in panels.chunks_mut(DEPTH * across).enumerate() {
            let (first, depth) = (index * DEPTH, slab.len() / across);
            let fill = |(column, panel): (usize, &mut [_])| pack(right, first, column * TILE_COLUMNS, panel);
            match slab.len() * TILE_COLUMNS > WORTH_PACKING {
                true => slab.par_chunks_exact_mut(depth).enumerate().for_each(fill),
                false => slab.chunks_exact_mut(depth).enumerate().for_each(fill),
            }
        }
        Self {
            panels,
            across,
            columns: right.columns,
        }
    }
}

/// Copies the part of `matrix` that begins at (`row`, `column`) into rows of `N`.
fn pack<const N: usize>(matrix: Matrix, row: usize, column: usize, panel: &mut [[f32; N]]) {
    let width = N.min(matrix.columns - column);
    if matrix.column_stride == 1 {
        for (offset, target) in panel.iter_mut().enumerate() {
            let start = matrix.at(row + offset, column);
            match matrix.values[start..].first_chunk::<N>() {
                Some(source) if width == N => *target = *source,
                _ => target[..width].copy_from_slice(&matrix.values[start..start + width]),
            }
        }
    } else {
        for lane in 0..width {
            let start = matrix.at(row, column + lane);
            let source = matrix.values[start..].iter().step_by(matrix.row_stride);
            for (target, value) in panel.iter_mut().zip(source) {
                target[lane] = *value;
            }
        }
    }
}

fn matmul_rows(
    left: Matrix,
    rows: std::ops::Range<usize>,
    right: &Packed,
    accumulate: Accumulate,
    output: &mut [f32],
    stride: usize,
) {
    let down = rows.len().div_ceil(TILE_ROWS);
    // Read as columns of its transpose, so that one packing serves both sides.
    let left = left.transposed();
    let mut packed = vec![[0.0; TILE_ROWS]; down * DEPTH.min(left.rows)];
    for (index, slab) in right.panels.chunks(DEPTH * right.across).enumerate() {
        let depth = slab.len() / right.across;
        let packed = &mut packed[..down * depth];
        for (tile, panel) in packed.chunks_exact_mut(depth).enumerate() {
            pack(left, index * DEPTH, rows.start + tile * TILE_ROWS, panel);
        }
        for (across, right_panel) in slab.chunks_exact(depth).enumerate() {
            let column = across * TILE_COLUMNS;
            let width = TILE_COLUMNS.min(right.columns - column);
            for (tile, left_panel) in packed.chunks_exact(depth).enumerate() {
                let sums = matmul_tile(left_panel, right_panel);
                let first = tile * TILE_ROWS;
                for (row, sums) in sums.iter().enumerate().take(rows.len() - first) {
                    let start = (first + row) * stride + column;
                    let target = &mut output[start..start + width];
                    match (index, accumulate) {
                        (0, Accumulate::Nothing) => target.copy_from_slice(&sums[..width]),
                        (0, Accumulate::Row(values)) => {
                            for ((target, sum), value) in target.iter_mut().zip(sums).zip(&values[column..]) {
                                *target = value + sum;
                            }
                        }
                        _ => target.iter_mut().zip(sums).for_each(|(target, sum)| *target += sum),
                    }
                }
            }
        }
    }
}

/// The inner loop, where all the time goes: 9 sums; at each depth, 3 numbers of the left times 3 vectors of the right.
#[cfg_attr(
    all(target_arch = "wasm32", feature = "relaxed-simd"),
    target_feature(enable = "relaxed-simd")
)]
fn matmul_tile(left: &[[f32; TILE_ROWS]], right: &[[f32; TILE_COLUMNS]]) -> [[f32; TILE_COLUMNS]; TILE_ROWS] {
    let mut sums: [[F32x4; 3]; TILE_ROWS] = [[lanes::splat(0.0); 3]; TILE_ROWS];
    for (left, right) in left.iter().zip(right) {
        let right = [0, 4, 8].map(|first| lanes::load(right, first));
        for (sums, &left) in sums.iter_mut().zip(left) {
            let left = lanes::splat(left);
            for (sum, right) in sums.iter_mut().zip(right) {
                *sum = lanes::multiply_add(left, right, *sum);
            }
        }
    }
    let mut tile = [[0.0; TILE_COLUMNS]; TILE_ROWS];
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
