//! The layers that hold parameters: dense, LayerNorm, embedding. Uninitialized until a checkpoint gives them values.

use burn::{
    module::{Module, ModuleVisitor, Param, ParamId},
    tensor::{Device, Tensor},
};

use super::low_rank::LowRank;
use crate::kernels::{self, Activation, Dropout, Mask};

/// A dense layer.
#[derive(Module, Debug)]
pub struct Dense {
    /// `[in, out]`
    pub weight: Param<Tensor<2>>,
    /// `[out]`
    pub bias: Param<Tensor<1>>,
    /// The low-rank pair of LoRA or AdaLoRA.
    pub low_rank: Option<LowRank>,
}

impl Dense {
    pub(super) fn init(inputs: usize, outputs: usize, device: &Device) -> Self {
        Self {
            weight: uninitialized([inputs, outputs], device),
            bias: uninitialized([outputs], device),
            low_rank: None,
        }
    }

    /// activation(x · weight + bias), plus the low-rank product inside the activation.
    ///
    /// # Shapes
    /// - x: `[rows, in]`
    /// - output: `[rows, out]`
    pub fn forward(&self, x: Tensor<2>, activation: Activation, dropout: &Dropout) -> Tensor<2> {
        let (weight, bias) = (self.weight.val(), self.bias.val());
        match &self.low_rank {
            None => kernels::dense(x, weight, bias, activation),
            Some(pair) => {
                let base = kernels::dense(x.clone(), weight, bias, Activation::Identity);
                kernels::activation(pair.add_to(base, x, dropout), activation)
            }
        }
    }
}

/// The scale and shift of a LayerNorm.
#[derive(Module, Debug)]
pub struct LayerNorm {
    gamma: Param<Tensor<1>>,
    beta: Param<Tensor<1>>,
    #[module(skip)]
    epsilon: f64,
}

impl LayerNorm {
    pub(super) fn init(hidden: usize, epsilon: f64, device: &Device) -> Self {
        Self {
            gamma: uninitialized([hidden], device),
            beta: uninitialized([hidden], device),
            epsilon,
        }
    }

    /// LayerNorm(mask · x + residual).
    ///
    /// # Shapes
    /// - x, residual, output: `[rows, hidden]`
    pub fn forward(&self, x: Tensor<2>, residual: Tensor<2>, mask: Mask) -> Tensor<2> {
        kernels::layer_norm(x, residual, self.gamma.val(), self.beta.val(), self.epsilon, mask)
    }
}

/// A table of embeddings.
#[derive(Module, Debug)]
pub struct Embedding {
    /// `[rows, hidden]`
    pub weight: Param<Tensor<2>>,
}

impl Embedding {
    pub(super) fn init(rows: usize, hidden: usize, device: &Device) -> Self {
        Self {
            weight: uninitialized([rows, hidden], device),
        }
    }
}

/// Bytes of the parameters as the device stores them.
pub fn weight_bytes(model: &impl Module) -> usize {
    struct Sum(usize);
    impl ModuleVisitor for Sum {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            self.0 += param.lazy_shape().num_elements() * kernels::element_bytes(param.val().dtype());
        }
    }
    let mut sum = Sum(0);
    model.visit(&mut sum);
    sum.0
}

pub(super) fn uninitialized<const D: usize>(shape: [usize; D], device: &Device) -> Param<Tensor<D>> {
    let zeros = move |device: &Device, _require_grad| Tensor::zeros(shape, device);
    Param::uninitialized(ParamId::new(), zeros, device.clone(), true, shape.into())
}
