//! The random inputs of one operation under test: what an operation's test entry draws, and the work that it gives.
//! `testing/run_operation.rs` does that work.

use std::mem;

use burn::tensor::{Device as BurnDevice, Gradients, Int, Tensor};
use half::f16;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::dropout::{Dropout, Mask};
use crate::device::{floats, parameter, whole_numbers};

/// An operation's test entry: takes its sizes, whose meaning is its own, and gives the work; none where they do not fit.
pub type TestEntry = fn(&mut RandomInputs, &[usize]) -> Option<Work>;

/// What is done. Its output is flat, so that what awaits it is compiled once and not for every operation.
pub enum Work {
    /// Differentiated for the inputs, from a random gradient of the output.
    Differentiated(Box<dyn Fn() -> Tensor<1>>),
    /// Differentiated for the inputs, from 1.
    Loss(Box<dyn Fn() -> Tensor<1>>),
    /// Not differentiated: what it gives was reported; timed by doing it again.
    Update(Box<dyn FnMut() -> Tensor<1>>),
}

/// A tensor that went in or came out, row-major, by name.
pub type Named = (String, Vec<f32>);

/// An input to differentiate for, of any rank.
pub trait Differentiable {
    /// Its gradient, flat.
    fn gradient(&self, gradients: &Gradients) -> Option<Tensor<1>>;
}

impl<const D: usize> Differentiable for Tensor<D> {
    fn gradient(&self, gradients: &Gradients) -> Option<Tensor<1>> {
        self.grad(gradients).map(flat)
    }
}

/// Draws inputs, and notes what to report.
pub struct RandomInputs {
    device: BurnDevice,
    /// Whether 16 bits suffice for the matrices of the model.
    exact_in_f16: bool,
    random: ChaCha8Rng,
    /// One place in the model for each mask.
    dropout: Dropout,
    /// What is differentiated for.
    pub inputs: Vec<(&'static str, Box<dyn Differentiable>)>,
    /// Masks to be reported: the name, how many of their values, the mask.
    pub masks: Vec<(&'static str, usize, Mask)>,
    /// To be reported, and not read yet.
    pub unread: Vec<(&'static str, Tensor<1>)>,
    /// To be reported.
    pub named: Vec<Named>,
    /// Of the gradient that a differentiated output is given.
    pub upstream: Mask,
}

impl RandomInputs {
    /// The same inputs for the same seed.
    pub fn new(device: &BurnDevice, exact_in_f16: bool, seed: u64) -> Self {
        let dropout = Dropout::uniform(0.5).for_step(seed, 1);
        Self {
            device: device.clone(),
            exact_in_f16,
            random: ChaCha8Rng::seed_from_u64(seed),
            upstream: dropout.mask(0.5),
            dropout,
            inputs: Vec::new(),
            masks: Vec::new(),
            unread: Vec::new(),
            named: Vec::new(),
        }
    }

    /// The device, without autodiff.
    pub fn device(&self) -> &BurnDevice {
        &self.device
    }

    /// An input of values from -scale to scale.
    pub fn input<const D: usize>(&mut self, name: &'static str, shape: [usize; D], scale: f32) -> Tensor<D> {
        let values: Vec<f32> = (0..shape.iter().product()).map(|_| self.number(scale)).collect();
        self.named.push((name.into(), values.clone()));
        self.differentiated(name, floats(values, shape, &self.device))
    }

    /// The same as a parameter of a checkpoint. Its columns are reported beside it, and the bits in which its device
    /// stores a number.
    pub fn matrix(&mut self, name: &'static str, shape: [usize; 2], scale: f32) -> Tensor<2> {
        let exact_in_f16 = self.exact_in_f16;
        let round = |value: f32| match exact_in_f16 {
            true => f16::from_f32(value).to_f32(),
            false => value,
        };
        let values: Vec<f32> = (0..shape.iter().product()).map(|_| round(self.number(scale))).collect();
        self.named.push((name.into(), values.clone()));
        let tensor = parameter(values, shape, &self.device);
        let bits = 8 * tensor.dtype().size();
        self.named
            .push((format!("bits of {name}"), vec![shape[1] as f32, bits as f32]));
        self.differentiated(name, tensor)
    }

    /// Numbers from 0 to 1 that are not differentiated for.
    pub fn constants(&mut self, name: &'static str, count: usize) -> Vec<f32> {
        let values: Vec<f32> = (0..count).map(|_| 0.5 * (self.number(1.0) + 1.0)).collect();
        self.named.push((name.into(), values.clone()));
        values
    }

    /// Whole numbers from 0 up to `below`.
    pub fn ids(&mut self, name: &'static str, count: usize, below: usize) -> Vec<i32> {
        let ids: Vec<i32> = (0..count)
            .map(|_| (self.random.next_u32() as usize % below) as i32)
            .collect();
        self.named
            .push((name.into(), ids.iter().map(|&id| id as f32).collect()));
        ids
    }

    /// A row a text, of which each has at least one real token.
    pub fn padding(&mut self, name: &'static str, batch: usize, seq_len: usize, padded: f32, real: f32) -> Tensor<2> {
        let mut values = Vec::with_capacity(batch * seq_len);
        for _ in 0..batch {
            let length = 1 + self.random.next_u32() as usize % seq_len;
            values.extend((0..seq_len).map(|token| if token < length { real } else { padded }));
        }
        self.named.push((name.into(), values.clone()));
        floats(values, [batch, seq_len], &self.device.clone().autodiff())
    }

    /// A dropout mask, whose values are reported.
    pub fn mask(&mut self, name: &'static str, count: usize, percent: usize) -> Mask {
        let mask = self.dropout.mask(percent as f64 / 100.0);
        self.report_mask(name, count, mask);
        mask
    }

    /// Reports the first `count` values of a mask.
    pub fn report_mask(&mut self, name: &'static str, count: usize, mask: Mask) {
        self.masks.push((name, count, mask));
    }

    /// Reports a tensor.
    pub fn report<const D: usize>(&mut self, name: &'static str, tensor: Tensor<D>) {
        self.unread.push((name, flat(tensor)));
    }

    /// Values as a tensor that is not differentiated for.
    pub fn floats(&self, values: Vec<f32>) -> Tensor<1> {
        let count = values.len();
        floats(values, [count], &self.device)
    }

    /// Ids as a tensor beside the inputs.
    pub fn whole_numbers(&self, ids: Vec<i32>) -> Tensor<1, Int> {
        whole_numbers(ids, &self.device.clone().autodiff())
    }

    /// What is differentiated for, no longer held here.
    pub fn take_inputs(&mut self) -> Vec<(&'static str, Box<dyn Differentiable>)> {
        mem::take(&mut self.inputs)
    }

    fn number(&mut self, scale: f32) -> f32 {
        scale * (self.random.next_u32() as f32 / (1u32 << 31) as f32 - 1.0)
    }

    fn differentiated<const D: usize>(&mut self, name: &'static str, tensor: Tensor<D>) -> Tensor<D> {
        let tensor = tensor.autodiff().require_grad();
        self.inputs.push((name, Box::new(tensor.clone())));
        tensor
    }
}

/// The elements in row-major order.
pub fn flat<const D: usize>(tensor: Tensor<D>) -> Tensor<1> {
    let count = tensor.shape().num_elements();
    tensor.reshape([count])
}
