//! AdaLoRA's rank allocation (Zhang et al. 2023, sections 3.1 to 3.3; peft's `RankAllocator`): which singular values
//! stay. The parameters are few, so they are read back and ranked on the CPU.

use burn::tensor::{Device, Tensor};

use super::update::ParamGradients;
use crate::{
    Result,
    checkpoint::parameter_names,
    device::{self, floats},
    kernels::add,
    model::{BertForSequenceClassification, LowRank},
    peft::AdaloraOptions,
};

/// The importance of each low-rank triple so far, and the singular values that were set to 0.
pub struct RankAllocator {
    options: AdaloraOptions,
    triples: Vec<Importance>,
    /// For each triple, which singular values stay; none before the first allocation.
    kept: Option<Vec<Vec<bool>>>,
}

/// Exponential moving averages over the steps, for each element of a, b and e.
#[derive(Default)]
struct Importance {
    sensitivity: [Vec<f32>; 3],
    uncertainty: [Vec<f32>; 3],
}

impl RankAllocator {
    pub fn new(options: &AdaloraOptions) -> Self {
        Self {
            options: options.clone(),
            triples: Vec::new(),
            kept: None,
        }
    }

    /// The importances and what was kept, as lists: six a triple, then, after the first allocation, one a triple of 0 and 1.
    /// Gives also the number of triples.
    pub fn to_parts(&self) -> (usize, Vec<Vec<f32>>) {
        let lists =
            (self.triples.iter()).flat_map(|triple| triple.sensitivity.iter().chain(&triple.uncertainty).cloned());
        let kept = self.kept.iter().flatten();
        let kept = kept.map(|kept| kept.iter().map(|&stays| f32::from(u8::from(stays))).collect());
        (self.triples.len(), lists.chain(kept).collect())
    }

    /// Takes what [`RankAllocator::to_parts`] gave; tells whether it can be.
    pub fn set_parts(&mut self, triples: usize, mut parts: Vec<Vec<f32>>) -> bool {
        if parts.len() != 6 * triples && parts.len() != 7 * triples {
            return false;
        }
        let kept = parts.split_off(6 * triples);
        let kept = kept.iter().map(|kept| kept.iter().map(|&stays| stays > 0.0).collect());
        self.kept = (kept.len() > 0).then(|| kept.collect());
        let mut lists = parts.into_iter();
        let mut three = || [(); 3].map(|()| lists.next().unwrap_or_default());
        let triple = |_| Importance {
            sensitivity: three(),
            uncertainty: three(),
        };
        self.triples = (0..triples).map(triple).collect();
        true
    }

    /// Adds the gradients of the orthogonality term: weight · mean over all a and b of ‖C - I‖, where C is aᵀ a or b
    /// bᵀ.
    pub async fn add_orthogonality(
        &self,
        model: &BertForSequenceClassification,
        mut gradients: ParamGradients,
        device: &Device,
    ) -> Result<ParamGradients> {
        let triples = read_values(model).await?;
        let share = self.options.orthogonality / (2 * triples.len()).max(1) as f64;
        let pairs = places(model).into_iter().zip(&triples);
        for ([a, b, e_slot], [a_values, b_values, e]) in pairs {
            // Of a frozen layer.
            if gradients[e_slot].is_none() {
                continue;
            }
            let rank = e.len();
            let (a_width, b_width) = (a_values.len() / rank, b_values.len() / rank);
            // Element (singular vector, place): a has a vector a column, b a vector a row.
            let found = [
                (
                    a,
                    orthogonality(a_values, rank, a_width, |vector, place| place * rank + vector),
                ),
                (
                    b,
                    orthogonality(b_values, rank, b_width, |vector, place| vector * b_width + place),
                ),
            ];
            for (slot, gradient) in found {
                let gradient: Vec<f32> = gradient.into_iter().map(|x| (share * x) as f32).collect();
                let (count, own) = (gradient.len(), gradients[slot].take());
                let gradient = floats(gradient, [count], device);
                gradients[slot] = Some(match own {
                    None => gradient,
                    Some(own) => add(own, gradient),
                });
            }
        }
        Ok(gradients)
    }

    /// The model after a step, from 1, of `steps`, with the singular values beyond the budget set to 0. `gradients` are
    /// the step's, which the update multiplied with `gradient_scale`.
    pub async fn after_step(
        &mut self,
        model: BertForSequenceClassification,
        gradients: &ParamGradients,
        gradient_scale: f64,
        step: usize,
        steps: usize,
    ) -> Result<BertForSequenceClassification> {
        let share = |ratio: f64| (ratio * steps as f64).round() as usize;
        let (begin, end) = (
            share(self.options.warmup_ratio),
            steps - share(self.options.final_ratio),
        );
        if step < end {
            let gradients = read_gradients(&model, gradients).await?;
            self.update_importance(&read_values(&model).await?, &gradients, gradient_scale as f32);
        }
        let allocates = step > begin && step < end && step.is_multiple_of(self.options.interval);
        if allocates || step == end {
            let left = 1.0 - (step - begin.min(step)) as f64 / (end - begin) as f64;
            self.allocate(left.powi(3));
        }
        // Between two allocations a singular value may grow again: its moments stay.
        match &self.kept {
            Some(kept) if allocates || step >= end => {
                let values = read_values(&model).await?;
                Ok(set_others_to_zero(model, &values, kept))
            }
            _ => Ok(model),
        }
    }

    /// Updates the averages with each element's sensitivity, |value · gradient|.
    fn update_importance(&mut self, values: &[[Vec<f32>; 3]], gradients: &[[Vec<f32>; 3]], scale: f32) {
        let (beta1, beta2) = (self.options.beta1 as f32, self.options.beta2 as f32);
        self.triples.resize_with(values.len(), Importance::default);
        for ((triple, values), gradients) in self.triples.iter_mut().zip(values).zip(gradients) {
            for part in 0..3 {
                let (sensitivity, uncertainty) = (&mut triple.sensitivity[part], &mut triple.uncertainty[part]);
                sensitivity.resize(values[part].len(), 0.0);
                uncertainty.resize(values[part].len(), 0.0);
                let pairs = values[part].iter().zip(&gradients[part]);
                for ((value, gradient), (mean, uncertainty)) in pairs.zip(sensitivity.iter_mut().zip(uncertainty)) {
                    let now = (value * gradient * scale).abs();
                    *mean = beta1 * *mean + (1.0 - beta1) * now;
                    *uncertainty = beta2 * *uncertainty + (1.0 - beta2) * (now - *mean).abs();
                }
            }
        }
    }

    /// Keeps the most important singular values: the target number, and `share` of those beyond it.
    fn allocate(&mut self, share: f64) {
        let scores: Vec<Vec<f32>> = self.triples.iter().map(Importance::scores).collect();
        // Of frozen layers each is 0: the mean rank is that of the others.
        let of_trained: Vec<&[f32]> = scores
            .iter()
            .map(Vec::as_slice)
            .filter(|all| all.iter().any(|&score| score > 0.0))
            .collect();
        let mut all: Vec<f32> = of_trained.concat();
        let goal = (self.options.target_rank * of_trained.len()).min(all.len());
        let budget = goal + ((all.len() - goal) as f64 * share) as usize;
        let off = all.len() - budget;
        if off == 0 {
            return;
        }
        all.sort_by(f32::total_cmp);
        let threshold = all[off - 1];
        let kept = scores
            .iter()
            .map(|scores| scores.iter().map(|&score| score > threshold).collect());
        self.kept = Some(kept.collect());
    }
}

impl Importance {
    /// Importance of each singular value: its own, plus the mean importance of its two singular vectors.
    fn scores(&self) -> Vec<f32> {
        let [a, b, e] = [0, 1, 2].map(|part| -> Vec<f32> {
            let both = self.sensitivity[part].iter().zip(&self.uncertainty[part]);
            both.map(|(mean, uncertainty)| mean * uncertainty).collect()
        });
        let rank = e.len();
        let (a_width, b_width) = ((a.len() / rank) as f32, (b.len() / rank) as f32);
        let score = |at: usize| {
            let column: f32 = a.iter().skip(at).step_by(rank).sum();
            let row: f32 = b[at * b.len() / rank..(at + 1) * b.len() / rank].iter().sum();
            e[at] + column / a_width + row / b_width
        };
        (0..rank).map(score).collect()
    }
}

/// The gradient of ‖C - I‖, where C holds the singular vectors' dot products: 2 (C - I) V / ‖C - I‖.
fn orthogonality(values: &[f32], rank: usize, width: usize, at: impl Fn(usize, usize) -> usize) -> Vec<f64> {
    let value = |vector: usize, place: usize| f64::from(values[at(vector, place)]);
    let mut off = vec![0.0; rank * rank];
    for (i, row) in off.chunks_exact_mut(rank).enumerate() {
        for (j, found) in row.iter_mut().enumerate() {
            let dot: f64 = (0..width).map(|place| value(i, place) * value(j, place)).sum();
            *found = dot - f64::from(u8::from(i == j));
        }
    }
    let norm = off.iter().map(|x| x * x).sum::<f64>().sqrt().max(1e-12);
    let mut gradient = vec![0.0; values.len()];
    for i in 0..rank {
        for place in 0..width {
            let sum: f64 = (0..rank).map(|j| off[i * rank + j] * value(j, place)).sum();
            gradient[at(i, place)] = 2.0 * sum / norm;
        }
    }
    gradient
}

/// The places of a, b and e of each triple among the parameters, in the order of the module's visit.
fn places(model: &BertForSequenceClassification) -> Vec<[usize; 3]> {
    let names = parameter_names(model);
    let firsts = names.iter().enumerate().filter(|(_, name)| name.contains(".lora_A"));
    firsts.map(|(at, _)| [at, at + 1, at + 2]).collect()
}

async fn read_values(model: &BertForSequenceClassification) -> Result<Vec<[Vec<f32>; 3]>> {
    read_triples(model.low_rank_pairs().into_iter().flat_map(flat).collect()).await
}

async fn read_gradients(
    model: &BertForSequenceClassification,
    gradients: &ParamGradients,
) -> Result<Vec<[Vec<f32>; 3]>> {
    let places = places(model).into_iter().flatten();
    let values = model.low_rank_pairs().into_iter().flat_map(flat);
    // Those of frozen layers have none: their importance is 0.
    let all = places.zip(values).map(|(slot, value)| match &gradients[slot] {
        Some(gradient) => gradient.clone(),
        None => value.zeros_like(),
    });
    read_triples(all.collect()).await
}

/// A triple's three tensors, flat.
fn flat(triple: &LowRank) -> [Tensor<1>; 3] {
    let e = triple.e.as_ref().map(|e| e.val()).unwrap_or_else(|| triple.a.val());
    [triple.a.val(), triple.b.val(), e].map(|part| {
        let count = part.shape().num_elements();
        part.inner().reshape([count])
    })
}

/// Reads tensors back, three to a triple.
async fn read_triples(tensors: Vec<Tensor<1>>) -> Result<Vec<[Vec<f32>; 3]>> {
    let mut all = Vec::with_capacity(tensors.len() / 3);
    let mut tensors = tensors.into_iter();
    while let (Some(a), Some(b), Some(e)) = (tensors.next(), tensors.next(), tensors.next()) {
        all.push([device::read(a).await?, device::read(b).await?, device::read(e).await?]);
    }
    Ok(all)
}

/// The model whose singular values are 0 but for those that are `kept`.
fn set_others_to_zero(
    mut model: BertForSequenceClassification,
    values: &[[Vec<f32>; 3]],
    kept: &[Vec<bool>],
) -> BertForSequenceClassification {
    let triples = model.low_rank_pairs_mut().into_iter().zip(values).zip(kept);
    for ((triple, [_, _, e]), kept) in triples {
        let left = e
            .iter()
            .zip(kept)
            .map(|(&e, &stays)| if stays { e } else { 0.0 })
            .collect();
        triple.e = triple.e.take().map(|e| {
            e.map(|tensor| {
                let tensor = tensor.inner();
                floats(left, tensor.dims(), &tensor.device()).autodiff().require_grad()
            })
        });
    }
    model
}
