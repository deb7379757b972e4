//! A matrix as a product reads it: a slice with strides, whose transpose is the same memory.

use burn::backend::TensorMetadata;
use burn_flex::FlexTensor;

use super::tensor::values;

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

    /// The place of an element.
    pub fn at(&self, row: usize, column: usize) -> usize {
        row * self.row_stride + column * self.column_stride
    }
}

/// A contiguous tensor of rank 2 as a matrix.
pub fn matrix(tensor: &FlexTensor) -> Matrix<'_> {
    let [rows, columns] = tensor.shape().dims();
    Matrix::rows_of(values(tensor), rows, columns, columns)
}
