//! Products of two tensors, element by element: a gradient times an activation's derivative.

use burn::backend::{Backend, tensor::FloatTensor};

/// What a device must do.
pub trait MultiplyKernel: Backend {
    /// Products of the elements of two tensors of one shape.
    fn multiply(left: FloatTensor<Self>, right: FloatTensor<Self>) -> FloatTensor<Self>;
}
