//! The two GELUs of BERT checkpoints (Hendrycks and Gimpel 2016).

use burn::tensor::{Tensor, activation};

/// x Φ(x) with the exact error function: transformers' `gelu`.
pub fn gelu<const D: usize>(input: Tensor<D>) -> Tensor<D> {
    activation::gelu(input)
}

/// x/2 (1 + tanh(√(2/π) (x + 0.044715 x³))): transformers' `gelu_new`.
pub fn gelu_new<const D: usize>(input: Tensor<D>) -> Tensor<D> {
    // A cube by two products: a power by a float exponent goes through logarithms, wrong below 0 in WGSL.
    let cube = input.clone() * input.clone() * input.clone();
    let inner = (input.clone() + cube * 0.044_715) * (2.0 / std::f64::consts::PI).sqrt();
    input * (inner.tanh() + 1.0) * 0.5
}
