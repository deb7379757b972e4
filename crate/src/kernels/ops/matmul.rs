//! Products of matrices, of which other operations' forwards and backwards are made.

use burn::backend::{Backend, tensor::FloatTensor};

/// Which side of a product is read transposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transposed {
    /// `[k, m]ᵀ · [k, n]`: a weight's gradient.
    Left,
    /// `[m, k] · [n, k]ᵀ`: an input's gradient.
    Right,
}

/// What a device must do. Tensors are of rank 2, `[rows, columns]`; the right side, and what a product is added to, may be
/// stored as 16-bit floats.
pub trait MatmulKernel: Backend {
    /// left · right, of which one may be read transposed, added to `accumulate` where there is one.
    fn matmul(
        left: FloatTensor<Self>,
        right: FloatTensor<Self>,
        transposed: Option<Transposed>,
        accumulate: Option<FloatTensor<Self>>,
    ) -> FloatTensor<Self>;
}
