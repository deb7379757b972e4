//! Products of matrices: packed panels, and register tiles that read them (Goto and van de Geijn 2008).

use burn::backend::Flex;
use burn_flex::FlexTensor;

use super::{
    matrix::{Matrix, matrix},
    panels::Panels,
    parts::{Sizes, share},
    store::rows,
    tensor::{change, tensor},
    tile::matmul_part,
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
fn matmul_panels(left: Matrix, right: &Panels, accumulate: Accumulate, output: &mut [f32], stride: usize) {
    let sizes = Sizes {
        rows: left.rows,
        depth: right.rows,
        columns: right.columns,
    };
    share(sizes, output, stride, |part, output, stride| {
        matmul_part(left, right, &part, accumulate, output, stride);
    });
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
