//! The low-rank pair beside a dense layer: LoRA's and AdaLoRA's trainable parameters.

use burn::{
    module::{Module, Param},
    tensor::Tensor,
};

use crate::{
    device::floats,
    kernels::{self, Dropout},
};

/// LoRA's pair beside a dense layer (Hu et al. 2021, equation 3), or AdaLoRA's triple (Zhang et al. 2023, equation 3).
#[derive(Module, Debug)]
pub struct LowRank {
    /// `[in, rank]`
    pub a: Param<Tensor<2>>,
    /// `[rank, out]`
    pub b: Param<Tensor<2>>,
    /// AdaLoRA's singular values, `[1, rank]`.
    pub e: Option<Param<Tensor<2>>>,
    /// Factor of the low-rank product.
    #[module(skip)]
    pub scale: f64,
}

impl LowRank {
    /// base + scale · dropout(x) · a · diag(e) · b
    ///
    /// # Shapes
    /// - base, output: `[rows, out]`
    /// - x: `[rows, in]`
    pub fn add_to(&self, base: Tensor<2>, x: Tensor<2>, dropout: &Dropout) -> Tensor<2> {
        let x = dropout.apply(x, dropout.low_rank);
        kernels::low_rank(base, x, self.a.val(), self.scaled_b(), self.scale)
    }

    /// The weight with the low-rank product merged in: weight + scale · a · diag(e) · b.
    ///
    /// # Shapes
    /// - weight, output: `[in, out]`
    pub fn merged(&self, weight: Tensor<2>) -> Tensor<2> {
        let b = self.scaled_b();
        kernels::low_rank(weight, self.a.val(), identity(&b), b, self.scale)
    }

    /// diag(e) · b
    fn scaled_b(&self) -> Tensor<2> {
        match &self.e {
            None => self.b.val(),
            Some(e) => kernels::scale_rows(e.val(), self.b.val()),
        }
    }
}

/// The identity matrix, `[rank, rank]`.
fn identity(b: &Tensor<2>) -> Tensor<2> {
    let [rank, _] = b.dims();
    let values = (0..rank * rank).map(|at| f32::from(at % (rank + 1) == 0)).collect();
    floats(values, [rank, rank], &b.device())
}
