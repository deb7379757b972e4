//! AdamW as torch defines it (Loshchilov and Hutter 2019, algorithm 2), for one parameter at a time.
//!
//! On the CPU one pass over the parameter's own memory; on the GPU burn's element-wise operations.

use burn::tensor::{Tensor, TensorData};

use crate::device::DeviceKind;

/// The numbers of one step that are the same for every parameter.
#[derive(Debug, Clone, Copy)]
pub struct AdamW {
    /// Step size, after the schedule.
    pub learning_rate: f64,
    /// Decay of the gradient's mean.
    pub beta1: f64,
    /// Decay of the gradient's mean square.
    pub beta2: f64,
    /// Added to the root of the mean square.
    pub epsilon: f64,
    /// Decoupled decay, 0 for biases and LayerNorm.
    pub weight_decay: f64,
    /// What gradients are multiplied with: the clipping factor.
    pub gradient_scale: f64,
    /// Steps done, this one included: 1 at the first.
    pub step: i32,
}

/// The running means of one parameter, flat.
#[derive(Debug, Clone)]
pub struct Moments {
    first: Tensor<1>,
    second: Tensor<1>,
}

impl Moments {
    /// Zeros, of a parameter's size, beside it.
    pub fn zeros<const D: usize>(parameter: &Tensor<D>) -> Self {
        let (count, device) = (parameter.shape().num_elements(), parameter.device().without_autodiff());
        Self {
            first: Tensor::zeros([count], &device),
            second: Tensor::zeros([count], &device),
        }
    }
}

/// The step as f32 factors: parameter = parameter * keep - size * first / (√second * root_scale + epsilon).
struct Factors {
    keep: f32,
    size: f32,
    root_scale: f32,
    epsilon: f32,
    beta1: f32,
    beta2: f32,
    gradient_scale: f32,
}

impl AdamW {
    /// The same, without weight decay unless `decays`.
    pub fn with_decay(self, decays: bool) -> Self {
        Self {
            weight_decay: if decays { self.weight_decay } else { 0.0 },
            ..self
        }
    }

    /// What decay leaves of a decayed parameter: 1 - learning rate · weight decay.
    pub fn keep(&self) -> f64 {
        1.0 - self.learning_rate * self.weight_decay
    }

    fn factors(&self) -> Factors {
        Factors {
            keep: self.keep() as f32,
            size: (self.learning_rate / (1.0 - self.beta1.powi(self.step))) as f32,
            root_scale: (1.0 / (1.0 - self.beta2.powi(self.step)).sqrt()) as f32,
            epsilon: self.epsilon as f32,
            beta1: self.beta1 as f32,
            beta2: self.beta2 as f32,
            gradient_scale: self.gradient_scale as f32,
        }
    }

    /// The parameter after one step; `moments` are updated.
    ///
    /// # Shapes
    /// - parameter, gradient, output: the same
    pub fn update<const D: usize>(
        &self,
        kind: DeviceKind,
        parameter: Tensor<D>,
        gradient: Tensor<D>,
        moments: Moments,
    ) -> (Tensor<D>, Moments) {
        let shape = parameter.dims();
        let (count, factors) = (parameter.shape().num_elements(), self.factors());
        let (flat, gradient) = (parameter.reshape([count]), gradient.reshape([count]));
        let (flat, moments) = match kind {
            DeviceKind::Cpu => on_cpu(&factors, flat, gradient, moments),
            DeviceKind::WebGpu => on_gpu(&factors, flat, gradient, moments),
        };
        (flat.reshape(shape), moments)
    }

    /// The parameter before the step that [`AdamW::update`] did with these factors, up to rounding:
    /// the moments tell what was subtracted.
    pub fn undo<const D: usize>(&self, parameter: Tensor<D>, moments: &Moments) -> Tensor<D> {
        let (shape, factors) = (parameter.dims(), self.factors());
        let root = moments.second.clone().sqrt() * factors.root_scale + factors.epsilon;
        let change = moments.first.clone() * factors.size / root;
        (parameter + change.reshape(shape)) / factors.keep
    }
}

/// Every buffer is this step's alone, so burn hands over its memory and takes it back without a copy.
fn on_cpu(factors: &Factors, parameter: Tensor<1>, gradient: Tensor<1>, moments: Moments) -> (Tensor<1>, Moments) {
    let device = parameter.device();
    let mut parameter = parameter.into_data();
    let mut first = moments.first.into_data();
    let mut second = moments.second.into_data();
    let gradient = gradient.into_data();
    if let (Ok(p), Ok(m), Ok(v), Ok(g)) = (
        parameter.as_mut_slice::<f32>(),
        first.as_mut_slice::<f32>(),
        second.as_mut_slice::<f32>(),
        gradient.as_slice::<f32>(),
    ) {
        step_slices(factors, p, m, v, g);
    }
    let back = |data: TensorData| Tensor::from_data(data, &device);
    (
        back(parameter),
        Moments {
            first: back(first),
            second: back(second),
        },
    )
}

fn step_slices(factors: &Factors, parameter: &mut [f32], first: &mut [f32], second: &mut [f32], gradient: &[f32]) {
    let Factors {
        keep,
        size,
        root_scale,
        epsilon,
        beta1,
        beta2,
        gradient_scale,
    } = *factors;
    for (((p, m), v), g) in parameter.iter_mut().zip(first).zip(second).zip(gradient) {
        let g = g * gradient_scale;
        *m = beta1 * *m + (1.0 - beta1) * g;
        *v = beta2 * *v + (1.0 - beta2) * g * g;
        *p = *p * keep - size * *m / (v.sqrt() * root_scale + epsilon);
    }
}

fn on_gpu(factors: &Factors, parameter: Tensor<1>, gradient: Tensor<1>, moments: Moments) -> (Tensor<1>, Moments) {
    let gradient = gradient * factors.gradient_scale;
    let second = moments.second * factors.beta2 + gradient.clone() * gradient.clone() * (1.0 - factors.beta2);
    let first = moments.first * factors.beta1 + gradient * (1.0 - factors.beta1);
    let root = second.clone().sqrt() * factors.root_scale + factors.epsilon;
    let parameter = parameter * factors.keep - first.clone() * factors.size / root;
    (parameter, Moments { first, second })
}
