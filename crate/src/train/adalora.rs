//! AdaLoRA's budget (Zhang et al. 2023, sections 3.1 to 3.3, as the peft library has it): which singular values stay. The
//! numbers are few, so they are read back and ranked on the CPU.

use burn::tensor::{Device, Tensor};

use super::{param_groups::names, update::Slopes};
use crate::{
    Result,
    device::{self, floats},
    kernels::added,
    model::{BertForSequenceClassification, LowRank},
    peft::AdaloraOptions,
};

/// The importance of each triple so far, and the singular values that were switched off.
pub struct Ranks {
    options: AdaloraOptions,
    triples: Vec<Importance>,
    /// Of each triple, whether each singular value stays; none before the first decision.
    kept: Option<Vec<Vec<bool>>>,
}

/// Means over the steps, for each number of a, b and e.
#[derive(Default)]
struct Importance {
    sensitivity: [Vec<f32>; 3],
    uncertainty: [Vec<f32>; 3],
}

impl Ranks {
    pub fn new(options: &AdaloraOptions) -> Self {
        Self {
            options: options.clone(),
            triples: Vec::new(),
            kept: None,
        }
    }

    /// The gradients with those of the term that keeps singular vectors orthogonal: weight · mean over all a and b of
    /// ‖C - I‖, where C is aᵀ a or b bᵀ.
    pub async fn with_orthogonality(
        &self,
        model: &BertForSequenceClassification,
        mut slopes: Slopes,
        device: &Device,
    ) -> Result<Slopes> {
        let triples = values(model).await?;
        let share = self.options.orthogonality / (2 * triples.len()).max(1) as f64;
        let pairs = parts(model).into_iter().zip(&triples);
        for ([a, b, _], [a_values, b_values, e]) in pairs {
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
            for (slot, slope) in found {
                let slope: Vec<f32> = slope.into_iter().map(|x| (share * x) as f32).collect();
                let (count, own) = (slope.len(), slopes[slot].take());
                let slope = floats(slope, [count], device);
                slopes[slot] = Some(match own {
                    None => slope,
                    Some(own) => added(own, slope),
                });
            }
        }
        Ok(slopes)
    }

    /// The model after a step of so many, of which the gradients were `slopes`, with the singular values switched off
    /// that the budget has no room for.
    pub async fn after_step(
        &mut self,
        model: BertForSequenceClassification,
        slopes: &Slopes,
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
            let gradients = gradients(&model, slopes).await?;
            self.weigh(&values(&model).await?, &gradients, gradient_scale as f32);
        }
        let decides = step > begin && step < end && step.is_multiple_of(self.options.interval);
        if decides || step == end {
            let left = 1.0 - (step - begin.min(step)) as f64 / (end - begin) as f64;
            self.decide(left.powi(3));
        }
        // Between two decisions a singular value may come back: its moments stay.
        match &self.kept {
            Some(kept) if decides || step >= end => {
                let numbers = values(&model).await?;
                Ok(masked(model, &numbers, kept))
            }
            _ => Ok(model),
        }
    }

    /// Updates the means with |number · gradient|.
    fn weigh(&mut self, numbers: &[[Vec<f32>; 3]], gradients: &[[Vec<f32>; 3]], scale: f32) {
        let (beta1, beta2) = (self.options.beta1 as f32, self.options.beta2 as f32);
        self.triples.resize_with(numbers.len(), Importance::default);
        for ((triple, numbers), gradients) in self.triples.iter_mut().zip(numbers).zip(gradients) {
            for part in 0..3 {
                let (sensitivity, uncertainty) = (&mut triple.sensitivity[part], &mut triple.uncertainty[part]);
                sensitivity.resize(numbers[part].len(), 0.0);
                uncertainty.resize(numbers[part].len(), 0.0);
                let pairs = numbers[part].iter().zip(&gradients[part]);
                for ((number, gradient), (mean, doubt)) in pairs.zip(sensitivity.iter_mut().zip(uncertainty)) {
                    let now = (number * gradient * scale).abs();
                    *mean = beta1 * *mean + (1.0 - beta1) * now;
                    *doubt = beta2 * *doubt + (1.0 - beta2) * (now - *mean).abs();
                }
            }
        }
    }

    /// Keeps the most important singular values: the final number, and `share` of those beyond it.
    fn decide(&mut self, share: f64) {
        let scores: Vec<Vec<f32>> = self.triples.iter().map(Importance::scores).collect();
        let mut all: Vec<f32> = scores.concat();
        let goal = (self.options.target_rank * scores.len()).min(all.len());
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
    /// Of each singular value: its own, and the means of its vectors'.
    fn scores(&self) -> Vec<f32> {
        let [a, b, e] = [0, 1, 2].map(|part| -> Vec<f32> {
            let both = self.sensitivity[part].iter().zip(&self.uncertainty[part]);
            both.map(|(mean, doubt)| mean * doubt).collect()
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

/// The gradient of ‖C - I‖, where C holds the products of the vectors: 2 (C - I) V / ‖C - I‖.
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
    let mut slope = vec![0.0; values.len()];
    for i in 0..rank {
        for place in 0..width {
            let sum: f64 = (0..rank).map(|j| off[i * rank + j] * value(j, place)).sum();
            slope[at(i, place)] = 2.0 * sum / norm;
        }
    }
    slope
}

/// The places of a, b and e of each triple among the parameters, in the order of the module's visit.
fn parts(model: &BertForSequenceClassification) -> Vec<[usize; 3]> {
    let names = names(model);
    let firsts = names.iter().enumerate().filter(|(_, name)| name.contains(".lora_A"));
    firsts.map(|(at, _)| [at, at + 1, at + 2]).collect()
}

async fn values(model: &BertForSequenceClassification) -> Result<Vec<[Vec<f32>; 3]>> {
    let flat = |triple: &LowRank| {
        let e = triple.e.as_ref().map(|e| e.val()).unwrap_or_else(|| triple.a.val());
        [triple.a.val(), triple.b.val(), e].map(|part| {
            let count = part.shape().num_elements();
            part.inner().reshape([count])
        })
    };
    read_all(model.low_rank_pairs().into_iter().flat_map(flat).collect()).await
}

async fn gradients(model: &BertForSequenceClassification, slopes: &Slopes) -> Result<Vec<[Vec<f32>; 3]>> {
    let slots = parts(model).into_iter().flatten();
    read_all(slots.filter_map(|slot| slopes[slot].clone()).collect()).await
}

/// Three at a time.
async fn read_all(tensors: Vec<Tensor<1>>) -> Result<Vec<[Vec<f32>; 3]>> {
    let mut all = Vec::with_capacity(tensors.len() / 3);
    let mut tensors = tensors.into_iter();
    while let (Some(a), Some(b), Some(e)) = (tensors.next(), tensors.next(), tensors.next()) {
        all.push([device::read(a).await?, device::read(b).await?, device::read(e).await?]);
    }
    Ok(all)
}

fn masked(
    mut model: BertForSequenceClassification,
    numbers: &[[Vec<f32>; 3]],
    kept: &[Vec<bool>],
) -> BertForSequenceClassification {
    let triples = model.low_rank_pairs_mut().into_iter().zip(numbers).zip(kept);
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
