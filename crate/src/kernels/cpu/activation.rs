//! Activations and their derivatives, in one pass over memory on the CPU.

use burn::backend::{Flex, TensorMetadata};
use burn_flex::FlexTensor;
use rayon::prelude::*;

use super::{
    simd::{BLOCK, exp, widest},
    tensor::{change, tensor_of_shape},
};
use crate::kernels::ops::activation::{Activation, ActivationKernel};

impl ActivationKernel for Flex {
    fn activation(x: FlexTensor, activation: Activation, with_grad: bool) -> (FlexTensor, Option<FlexTensor>) {
        if !with_grad {
            return (change(x, |x| forward(x, activation)).0, None);
        }
        let shape = x.shape();
        let (y, grad) = change(x, |x| forward_with_grad(x, activation));
        (y, grad.map(|grad| tensor_of_shape(grad, shape)))
    }
}

/// Replaces each x by its activation.
pub fn forward(values: &mut [f32], activation: Activation) {
    match activation {
        Activation::Identity => {}
        Activation::Gelu => each(values, |x| gelu(x).0),
        Activation::GeluNew => each(values, |x| gelu_new(x).0),
        Activation::Relu => each(values, |x| relu(x).0),
        Activation::Tanh => each(values, tanh),
        Activation::Silu => each(values, |x| silu(x).0),
    }
}

/// Replaces each x by its activation and gives the derivatives; none of the identity.
fn forward_with_grad(values: &mut [f32], activation: Activation) -> Option<Vec<f32>> {
    match activation {
        Activation::Identity => None,
        Activation::Gelu => Some(each_with_grad(values, gelu)),
        Activation::GeluNew => Some(each_with_grad(values, gelu_new)),
        Activation::Relu => Some(each_with_grad(values, relu)),
        Activation::Tanh => Some(each_with_grad(values, |x| {
            let y = tanh(x);
            (y, 1.0 - y * y)
        })),
        Activation::Silu => Some(each_with_grad(values, silu)),
    }
}

// Inlined into each loop, so that the compiler turns it into SIMD.
#[inline(always)]
fn each(values: &mut [f32], of: impl Fn(f32) -> f32 + Sync) {
    values
        .par_chunks_mut(BLOCK)
        .for_each(|values| each_of_block(values, &of));
}

widest! {
    fn each_of_block<'a, F: Fn(f32) -> f32>(values: &'a mut [f32], of: &'a F) {
        for x in values {
            *x = of(*x);
        }
    }
}

#[inline(always)]
fn each_with_grad(values: &mut [f32], of: impl Fn(f32) -> (f32, f32) + Sync) -> Vec<f32> {
    let mut grad = vec![0.0; values.len()];
    let blocks = values.par_chunks_mut(BLOCK).zip(grad.par_chunks_mut(BLOCK));
    blocks.for_each(|(values, grad)| each_with_grad_of_block(values, grad, &of));
    grad
}

widest! {
    fn each_with_grad_of_block<'a, F: Fn(f32) -> (f32, f32)>(values: &'a mut [f32], grad: &'a mut [f32], of: &'a F) {
        for (x, d) in values.iter_mut().zip(grad) {
            (*x, *d) = of(*x);
        }
    }
}

/// x Φ(x) (Hendrycks and Gimpel 2016) and its derivative Φ(x) + x φ(x).
///
/// erf by Abramowitz and Stegun 7.1.26, within 3e-7 in f32: its exponential is the density that the derivative needs.
#[inline(always)]
fn gelu(x: f32) -> (f32, f32) {
    const P: f32 = 0.327_591_1;
    const A: [f32; 5] = [0.254_829_6, -0.284_496_72, 1.421_413_8, -1.453_152_1, 1.061_405_4];
    /// 1 / √(2π)
    const DENSITY: f32 = 0.398_942_3;
    let z = x.abs() * std::f32::consts::FRAC_1_SQRT_2;
    let t = 1.0 / (1.0 + P * z);
    let bell = exp(-z * z);
    let erf = 1.0 - t * (A[0] + t * (A[1] + t * (A[2] + t * (A[3] + t * A[4])))) * bell;
    let phi = 0.5 + 0.5 * erf.copysign(x);
    (x * phi, phi + x * bell * DENSITY)
}

/// The approximation by tanh, and its derivative.
#[inline(always)]
fn gelu_new(x: f32) -> (f32, f32) {
    /// √(2/π)
    const ROOT: f32 = 0.797_884_6;
    const CUBIC: f32 = 0.044_715;
    let t = tanh(ROOT * (x + CUBIC * x * x * x));
    let inner = ROOT * (1.0 + 3.0 * CUBIC * x * x);
    (0.5 * x * (1.0 + t), 0.5 * (1.0 + t) + 0.5 * x * (1.0 - t * t) * inner)
}

#[inline(always)]
fn relu(x: f32) -> (f32, f32) {
    if x > 0.0 { (x, 1.0) } else { (0.0, 0.0) }
}

/// x σ(x) (Elfwing et al. 2018) and its derivative σ(x) (1 + x (1 - σ(x))).
#[inline(always)]
fn silu(x: f32) -> (f32, f32) {
    // Beyond ±80 it is x or 0 to the last bit, and e^-x ends.
    let sigmoid = 1.0 / (1.0 + exp((-x).clamp(-80.0, 80.0)));
    (x * sigmoid, sigmoid * (1.0 + x * (1.0 - sigmoid)))
}

/// 1 - 2 / (e^2x + 1), and near 0, where that would cancel, its Taylor series.
#[inline(always)]
fn tanh(x: f32) -> f32 {
    let far = 1.0 - 2.0 / (exp(2.0 * x) + 1.0);
    let square = x * x;
    let near = x * (1.0 - square * (1.0 / 3.0 - square * (2.0 / 15.0 - square * (17.0 / 315.0))));
    if square < 0.04 { near } else { far }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn activations_and_derivatives_equal_a_float64_reference() {
        let erf = |x: f64| {
            // By its series, exact enough in float64 for |x| <= 5.
            let mut term = x;
            let mut sum = x;
            for n in 1..200 {
                term *= -x * x / f64::from(n);
                sum += term / f64::from(2 * n + 1);
            }
            sum * 2.0 / std::f64::consts::PI.sqrt()
        };
        let gelu_new = |x: f64| {
            let inner = (2.0 / std::f64::consts::PI).sqrt() * (x + 0.044715 * x.powi(3));
            0.5 * x * (1.0 + inner.tanh())
        };
        let cases: [(Activation, &dyn Fn(f64) -> f64); 5] = [
            (Activation::Gelu, &|x| {
                0.5 * x * (1.0 + erf(x * std::f64::consts::FRAC_1_SQRT_2))
            }),
            (Activation::GeluNew, &gelu_new),
            (Activation::Relu, &|x| x.max(0.0)),
            (Activation::Tanh, &|x| x.tanh()),
            (Activation::Silu, &|x| x / (1.0 + (-x).exp())),
        ];
        let xs: Vec<f32> = (-500..=500).map(|i| i as f32 / 100.0 + 0.003).collect();
        for (activation, of) in cases {
            let mut values = xs.clone();
            let derivatives = forward_with_grad(&mut values, activation).expect("derivatives");
            let mut again = xs.clone();
            forward(&mut again, activation);
            assert_eq!(values, again);
            for ((&x, &value), &derivative) in xs.iter().zip(&values).zip(&derivatives) {
                let x = f64::from(x);
                let expected = of(x);
                let error = (f64::from(value) - expected).abs();
                assert!(error < 2e-6, "{activation:?}({x}): {value}, expected {expected}");
                let expected = (of(x + 1e-5) - of(x - 1e-5)) / 2e-5;
                let error = (f64::from(derivative) - expected).abs();
                assert!(error < 5e-6, "{activation:?}'({x}): {derivative}, expected {expected}");
            }
        }
        for activation in [
            Activation::Gelu,
            Activation::GeluNew,
            Activation::Tanh,
            Activation::Silu,
        ] {
            let mut far = [-1e4f32, -100.0, 100.0, 1e4];
            let derivatives = forward_with_grad(&mut far, activation).expect("derivatives");
            assert!(far.iter().chain(&derivatives).all(|x| x.is_finite()), "{activation:?}");
        }
    }
}
