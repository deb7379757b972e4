//! Sums over the rows of a matrix: a bias's gradient.

use burn::backend::{Backend, tensor::FloatTensor};

/// What a device must do.
pub trait ColumnSumsKernel: Backend {
    /// The sum of each column.
    ///
    /// # Shapes
    /// - x: `[rows, columns]`
    /// - output: `[columns]`
    fn column_sums(x: FloatTensor<Self>) -> FloatTensor<Self>;
}
