//! The state of a run so far: all that another session over the same rows and options needs to go on with the same losses.
//!
//! The order of the rows, the masks and the dropout follow from the seed and the step, so they are not in it.

use std::cell::OnceCell;

use burn::{
    module::{Module, ModuleMapper, ModuleVisitor, Param},
    tensor::Tensor,
};

use super::{param_groups::ParamGroup, schedule, session::TrainingSession};
use crate::{
    Error, Result,
    device::{self, floats},
    kernels::{AdamW, Moments},
    model::BertForSequenceClassification,
};

/// The numbers of a run that are no tensors.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunNumbers {
    /// Steps done.
    pub step: usize,
    /// What the last step multiplied its gradients with.
    pub gradient_scale: f64,
    /// What weight decay has left of the word embeddings that the rows do not use.
    pub decay: f64,
    /// Whether each trained parameter has moments.
    pub moments: Vec<bool>,
    /// The step after which the moments began: not 0 where a state of the weights alone was gone on from.
    #[serde(default)]
    pub moments_from: usize,
    /// Low-rank triples with an importance, with AdaLoRA.
    pub triples: usize,
    /// Values of each part: of a trained parameter, one of its moments, or of AdaLoRA's ranks. Empty where each part came
    /// by itself.
    #[serde(default)]
    pub lengths: Vec<usize>,
}

/// A run's state at one step. Its tensors share the run's memory until a step changes them.
pub struct RunState {
    /// The numbers beside the parts.
    pub numbers: RunNumbers,
    parts: Vec<Part>,
    /// The values of the part that was read last.
    current: Option<(usize, Vec<f32>)>,
}

enum Part {
    Tensor(Box<Tensor<1>>),
    Values(Vec<f32>),
}

impl Part {
    fn of(tensor: Tensor<1>) -> Self {
        Self::Tensor(Box::new(tensor))
    }

    fn length(&self) -> usize {
        match self {
            Self::Tensor(tensor) => tensor.shape().num_elements(),
            Self::Values(values) => values.len(),
        }
    }

    async fn read(&self) -> Result<Vec<f32>> {
        match self {
            Self::Tensor(tensor) => device::read((**tensor).clone()).await,
            Self::Values(values) => Ok(values.clone()),
        }
    }
}

impl RunState {
    /// Number of values, of all parts.
    pub fn size(&self) -> usize {
        self.numbers.lengths.iter().sum()
    }

    /// The values from `at` to the end of the part that they are of; none at the end.
    ///
    /// # Errors
    /// `device-lost`.
    pub async fn read(&mut self, at: usize) -> Result<&[f32]> {
        let Some((index, from)) = device::part_at(self.parts.iter().map(Part::length), at) else {
            return Ok(&[]);
        };
        if self.current.as_ref().is_none_or(|(current, _)| *current != index) {
            // It goes before the next one comes.
            self.current = None;
            self.current = Some((index, self.parts[index].read().await?));
        }
        Ok(self.current.as_ref().map_or(&[], |(_, values)| &values[from..]))
    }
}

/// The parts of a state whose values come in pieces of any length.
///
/// # Errors
/// `bad-journal` where they are of another number.
fn parts_of(pieces: Vec<Vec<f32>>, lengths: &[usize]) -> Result<Vec<Vec<f32>>> {
    if lengths.is_empty() {
        return Ok(pieces);
    }
    if pieces.iter().map(Vec::len).sum::<usize>() != lengths.iter().sum::<usize>() {
        return Err(of_another_run());
    }
    let mut pieces = pieces.into_iter();
    let (mut piece, mut used) = (Vec::new(), 0);
    let mut parts = Vec::with_capacity(lengths.len());
    for &length in lengths {
        let mut part = Vec::with_capacity(length);
        while part.len() < length {
            if used == piece.len() {
                (piece, used) = (pieces.next().unwrap_or_default(), 0);
            }
            let end = piece.len().min(used + length - part.len());
            part.extend_from_slice(&piece[used..end]);
            used = end;
        }
        parts.push(part);
    }
    Ok(parts)
}

fn of_another_run() -> Error {
    Error::bad_journal("its state is of another run than its rows and options")
}

impl TrainingSession {
    /// The state after the last step; with the moments, or the weights alone.
    pub fn run_state(&self, with_moments: bool) -> RunState {
        struct Collect<'a> {
            param_groups: std::slice::Iter<'a, Option<ParamGroup>>,
            moments: Option<std::slice::Iter<'a, Option<Moments>>>,
            parts: Vec<Part>,
            has_moments: Vec<bool>,
        }
        impl ModuleVisitor for Collect<'_> {
            fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
                let moments = self.moments.as_mut().and_then(|all| all.next()?.as_ref());
                let Some(Some(_)) = self.param_groups.next() else {
                    return;
                };
                let tensor = param.val();
                let count = tensor.shape().num_elements();
                self.parts.push(Part::of(tensor.inner().reshape([count])));
                self.has_moments.push(moments.is_some());
                let moments = moments.into_iter().flat_map(|moments| moments.both());
                self.parts.extend(moments.map(Part::of));
            }
        }
        let mut visitor = Collect {
            param_groups: self.param_groups.iter(),
            moments: with_moments.then(|| self.moments.iter()),
            parts: Vec::new(),
            has_moments: Vec::new(),
        };
        self.autodiff_model().visit(&mut visitor);
        let Collect {
            mut parts, has_moments, ..
        } = visitor;
        let triples = self.adalora.as_ref().map_or(0, |ranks| {
            let (triples, values) = ranks.to_parts();
            parts.extend(values.into_iter().map(Part::Values));
            triples
        });
        RunState {
            numbers: RunNumbers {
                step: self.steps_done,
                gradient_scale: self.last_update.map_or(1.0, |last| last.gradient_scale),
                decay: self.sparse_embedding.as_ref().map_or(1.0, |sparse| sparse.decay()),
                moments: has_moments,
                moments_from: self.moments_from,
                triples,
                lengths: parts.iter().map(Part::length).collect(),
            },
            parts,
            current: None,
        }
    }

    /// The model whose trained parameters are one of their moments, the first or the second.
    pub(super) fn moments_of(&self, which: usize) -> BertForSequenceClassification {
        struct Replace<'a> {
            param_groups: std::slice::Iter<'a, Option<ParamGroup>>,
            moments: std::slice::Iter<'a, Option<Moments>>,
            which: usize,
        }
        impl ModuleMapper for Replace<'_> {
            fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
                let moments = self.moments.next().and_then(Option::as_ref);
                match self.param_groups.next() {
                    Some(Some(_)) => param.map(|tensor| match moments {
                        Some(moments) => moments.both()[self.which].clone().reshape(tensor.dims()),
                        None => Tensor::zeros(tensor.dims(), &tensor.device()),
                    }),
                    _ => param,
                }
            }
        }
        self.autodiff_model().valid().map(&mut Replace {
            param_groups: self.param_groups.iter(),
            moments: self.moments.iter(),
            which,
        })
    }

    /// Goes on from a state of a session over the same model, rows and options, whose values are in `pieces`, in order.
    ///
    /// # Errors
    /// `bad-journal` where the state is of another run; `device-lost`.
    pub async fn resume(&mut self, numbers: &RunNumbers, pieces: Vec<Vec<f32>>) -> Result<()> {
        let parts = parts_of(pieces, &numbers.lengths)?;
        struct Put<'a> {
            param_groups: std::slice::Iter<'a, Option<ParamGroup>>,
            has_moments: std::slice::Iter<'a, bool>,
            parts: std::vec::IntoIter<Vec<f32>>,
            moments: Vec<Option<Moments>>,
            fits: bool,
        }
        impl Put<'_> {
            /// The next part, if it has so many values.
            fn next(&mut self, count: usize) -> Option<Vec<f32>> {
                let part = self.parts.next().filter(|part| part.len() == count);
                self.fits &= part.is_some();
                part
            }
        }
        impl ModuleMapper for Put<'_> {
            fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
                let Some(Some(_)) = self.param_groups.next() else {
                    self.moments.push(None);
                    return param;
                };
                let has_moments = self.has_moments.next().copied().unwrap_or(false);
                param.map(|tensor| {
                    let (shape, count) = (tensor.dims(), tensor.shape().num_elements());
                    let device = tensor.device().without_autodiff();
                    let values = self.next(count);
                    let moments = match has_moments {
                        true => self.next(count).zip(self.next(count)),
                        false => None,
                    };
                    let moments = moments.map(|(first, second)| Moments::of(first, second, &device));
                    self.moments.push(moments);
                    match values {
                        Some(values) => floats(values, shape, &device).autodiff().require_grad(),
                        None => tensor,
                    }
                })
            }
        }
        let mut mapper = Put {
            param_groups: self.param_groups.iter(),
            has_moments: numbers.moments.iter(),
            parts: parts.into_iter(),
            moments: Vec::new(),
            fits: numbers.step <= self.steps(),
        };
        let Some(model) = self.model.take() else {
            unreachable!("put back at the end of each step")
        };
        let model = model.map(&mut mapper);
        let Put {
            moments,
            mut fits,
            parts,
            ..
        } = mapper;
        (self.model, self.moments) = (Some(model), moments);
        match &mut self.adalora {
            Some(ranks) => fits &= ranks.set_parts(numbers.triples, parts.collect()),
            None => fits &= parts.len() == 0,
        }
        if !fits {
            return Err(of_another_run());
        }
        self.go_on_after(numbers).await
    }

    /// Makes the session one that has done the steps of `numbers`, whose weights and moments it has.
    async fn go_on_after(&mut self, numbers: &RunNumbers) -> Result<()> {
        self.trained_model = OnceCell::new();
        self.steps_done = numbers.step;
        // New moments are corrected for the steps since they began, as at a run's beginning.
        let has_none = numbers.step > 0 && !numbers.moments.contains(&true);
        self.moments_from = if has_none {
            numbers.step
        } else {
            numbers.moments_from.min(numbers.step)
        };
        self.last_update = (numbers.step > 0 && !has_none).then(|| AdamW {
            gradient_scale: numbers.gradient_scale,
            ..self.adamw(
                numbers.step,
                schedule::learning_rate(&self.options, numbers.step, self.steps()),
                0.0,
            )
        });
        if let Some(sparse) = &mut self.sparse_embedding {
            sparse.set_decay(numbers.decay);
        }
        if !self.steps_done.is_multiple_of(self.steps_per_epoch()) {
            self.begin_epoch();
        }
        if self.steps_done > 0 {
            self.fill_pooled_cache().await?;
        }
        Ok(())
    }
}
