//! Houlsby's bottlenecks and prefix tuning's keys and values: trainable parameters beside frozen ones. No layer has any
//! until one is given to it.

use burn::{
    module::{Module, Param},
    tensor::{Device, Tensor},
};

use super::parameters::Dense;
use crate::kernels::{self, Activation, Dropout};

/// A bottleneck with a residual connection (Houlsby et al. 2019, section 2.1).
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
        // The kernel needs as many queries as keys: the prefix gets zero queries, whose outputs are dropped.
        let nothing = Tensor::zeros(self.key.dims(), &query.device());
        let states = [
            kernels::prepend(nothing, query, batch),
            kernels::prepend(self.key.val(), key, batch),
            kernels::prepend(self.value.val(), value, batch),
        ];
        let context = kernels::attention(states, score_bias, None, heads, mask);
        let with_prefix = context.dims()[0] / batch;
        let own = (0..batch).flat_map(|text| (text * with_prefix + virtual_tokens)..(text + 1) * with_prefix);
        kernels::gather_rows(context, own.map(|row| row as u32).collect())
    }
}
