//! One step of AdamW over a parameter's memory, on the CPU.

use burn::backend::Flex;
use burn_flex::FlexTensor;
use rayon::prelude::*;

use super::{
    simd::{BLOCK, widest},
    tensor::{change, values, values_mut},
};
use crate::kernels::ops::adamw::{AdamWKernel, Factors};

impl AdamWKernel for Flex {
    fn adamw(
        parameter: FlexTensor,
        gradient: FlexTensor,
        first: FlexTensor,
        second: FlexTensor,
        factors: Factors,
    ) -> (FlexTensor, FlexTensor, FlexTensor) {
        let gradient = gradient.to_contiguous();
        let (mut parameter, mut first, mut second) = (parameter.into_data(), first.into_data(), second.into_data());
        step(
            &factors,
            values_mut(&mut parameter),
            values_mut(&mut first),
            values_mut(&mut second),
            values(&gradient),
        );
        (
            FlexTensor::from_data(parameter),
            FlexTensor::from_data(first),
            FlexTensor::from_data(second),
        )
    }

    fn adamw_roll_back(parameter: FlexTensor, first: FlexTensor, second: FlexTensor, factors: Factors) -> FlexTensor {
        let [first, second] = [first, second].map(|input| input.to_contiguous());
        let roll_back = |parameter: &mut [f32]| roll_back(&factors, parameter, values(&first), values(&second));
        change(parameter, roll_back).0
    }
}

/// Changes a parameter and its moments.
fn step(factors: &Factors, parameter: &mut [f32], first: &mut [f32], second: &mut [f32], gradient: &[f32]) {
    let blocks = parameter
        .par_chunks_mut(BLOCK)
        .zip(first.par_chunks_mut(BLOCK))
        .zip(second.par_chunks_mut(BLOCK))
        .zip(gradient.par_chunks(BLOCK));
    blocks
        .for_each(|(((parameter, first), second), gradient)| step_block(*factors, parameter, first, second, gradient));
}

widest! {
    fn step_block<'a>(
        factors: Factors,
        parameter: &'a mut [f32],
        first: &'a mut [f32],
        second: &'a mut [f32],
        gradient: &'a [f32],
    ) {
        let Factors { keep, size, root_scale, epsilon, beta1, beta2, gradient_scale } = factors;
        for (((p, m), v), g) in parameter.iter_mut().zip(first).zip(second).zip(gradient) {
            let g = g * gradient_scale;
            *m = beta1 * *m + (1.0 - beta1) * g;
            *v = beta2 * *v + (1.0 - beta2) * g * g;
            *p = *p * keep - size * *m / (v.sqrt() * root_scale + epsilon);
        }
    }
}

/// The parameter before a step that left these moments, up to rounding.
fn roll_back(factors: &Factors, parameter: &mut [f32], first: &[f32], second: &[f32]) {
    for ((p, m), v) in parameter.iter_mut().zip(first).zip(second) {
        *p = (*p + factors.size * m / (v.sqrt() * factors.root_scale + factors.epsilon)) / factors.keep;
    }
}
