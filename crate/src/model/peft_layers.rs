//! What parameter-efficient methods put into the model: few numbers beside frozen ones. No layer has any until one is
//! given to it.

use burn::{
    module::{Module, Param},
    tensor::{Device, Tensor},
};

use super::parameters::Dense;
use crate::kernels::{self, Activation, Dropout};

/// LoRA's pair beside a dense layer (Hu et al. 2021, equation 3), or AdaLoRA's triple (Zhang et al. 2023, equation 3).
#[derive(Module, Debug)]
pub struct LowRank {
    /// `[in, rank]`
    pub a: Param<Tensor<2>>,
    /// `[rank, out]`
    pub b: Param<Tensor<2>>,
    /// AdaLoRA's singular values, `[1, rank]`.
    pub e: Option<Param<Tensor<2>>>,
    /// What the product is multiplied with.
    #[module(skip)]
    pub scale: f64,
}

impl LowRank {
    /// base + scale · dropout(x) · a · diag(e) · b
    ///
    /// # Shapes
    /// - base, output: `[rows, out]`
    /// - x: `[rows, in]`
    pub fn onto(&self, base: Tensor<2>, x: Tensor<2>, dropout: &Dropout) -> Tensor<2> {
        let x = dropout.apply(x, dropout.low_rank);
        kernels::low_rank(base, x, self.a.val(), self.up(), self.scale)
    }

    /// A weight with what the product adds to it: weight + scale · a · diag(e) · b.
    ///
    /// # Shapes
    /// - weight, output: `[in, out]`
    pub fn merged(&self, weight: Tensor<2>) -> Tensor<2> {
        let b = self.up();
        kernels::low_rank(weight, self.a.val(), identity(&b), b, self.scale)
    }

    /// diag(e) · b
    fn up(&self) -> Tensor<2> {
        match &self.e {
            None => self.b.val(),
            Some(e) => kernels::scale_rows(e.val(), self.b.val()),
        }
    }
}

/// 1 on the diagonal, as many rows as `b` has.
fn identity(b: &Tensor<2>) -> Tensor<2> {
    let [rank, _] = b.dims();
    let values = (0..rank * rank).map(|at| f32::from(at % (rank + 1) == 0)).collect();
    crate::device::floats(values, [rank, rank], &b.device())
}

/// A bottleneck with a way past it (Houlsby et al. 2019, section 2.1).
#[derive(Module, Debug)]
pub struct Bottleneck {
    /// `[hidden, size]`
    pub down: Dense,
    /// `[size, hidden]`
    pub up: Dense,
}

impl Bottleneck {
    pub(super) fn init(hidden: usize, size: usize, device: &Device) -> Self {
        Self {
            down: Dense::init(hidden, size, device),
            up: Dense::init(size, hidden, device),
        }
    }

    /// x + up(act(down(x)))
    ///
    /// # Shapes
    /// - x, output: `[rows, hidden]`
    pub fn forward(&self, x: Tensor<2>, activation: Activation, dropout: &Dropout) -> Tensor<2> {
        let narrow = self.down.forward(x.clone(), activation, dropout);
        kernels::add(x, self.up.forward(narrow, Activation::Identity, dropout))
    }
}

/// Keys and values of virtual tokens that every token of a layer attends to (Li and Liang 2021, section 4).
#[derive(Module, Debug)]
pub struct Prefix {
    /// `[virtual tokens, hidden]`
    pub key: Param<Tensor<2>>,
    /// `[virtual tokens, hidden]`
    pub value: Param<Tensor<2>>,
}

impl Prefix {
    /// [`kernels::attention`] over the prefix and the tokens.
    ///
    /// # Shapes
    /// - query, key, value, output: `[batch * seq_len, hidden]`
    /// - score_bias: `[batch, virtual tokens + seq_len]`
    pub fn attend(
        &self,
        [query, key, value]: [Tensor<2>; 3],
        score_bias: &Tensor<2>,
        heads: usize,
        mask: kernels::Mask,
    ) -> Tensor<2> {
        let ([batch, _], [virtual_tokens, _]) = (score_bias.dims(), self.key.dims());
        // The kernel wants as many queries as keys: the prefix' own ask nothing and are dropped.
        let nothing = Tensor::zeros(self.key.dims(), &query.device());
        let states = [
            kernels::prepend(nothing, query, batch),
            kernels::prepend(self.key.val(), key, batch),
            kernels::prepend(self.value.val(), value, batch),
        ];
        let context = kernels::attention(states, score_bias, heads, mask);
        let whole = context.dims()[0] / batch;
        let own = (0..batch).flat_map(|text| (text * whole + virtual_tokens)..(text + 1) * whole);
        kernels::gather_rows(context, own.map(|row| row as u32).collect())
    }
}
