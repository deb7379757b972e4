//! Distillation: a student learns the answers and the hidden states of a teacher, which is frozen.
//!
//! The loss is alpha · T² · KL(teacher ‖ student) of the logits divided by the temperature T (Hinton et al. 2015), plus
//! (1 - alpha) · the loss of the labels, plus the mean squared difference of hidden states (Jiao et al. 2020). The student
//! begins as some of the teacher's layers (Sanh et al. 2019).

use burn::tensor::Tensor;
use serde::Deserialize;

use super::objectives::Objective;
use crate::{
    Error, Result,
    device::{self, Device, floats},
    kernels::{Dropout, add, given_gradient, scale_rows, square_sum},
    model::{BertForSequenceClassification, Input},
    text::Batch,
};

/// How a student is taught, named as in the JavaScript API.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DistillOptions {
    /// The teacher's layers that the student begins as, by their numbers from 0, ascending.
    pub layers: Vec<usize>,
    /// Divides the logits of both, 1 to 100.
    pub temperature: f64,
    /// Weight of the teacher's answers, 0 to 1; the labels have the rest.
    pub alpha: f64,
    /// Weight of the hidden states, 0 to 1000.
    pub hidden_weight: f64,
}

impl DistillOptions {
    /// Checks every range.
    ///
    /// # Errors
    /// `bad-option`, naming the option.
    pub fn check(&self) -> Result<()> {
        let numbers = [
            ("temperature", self.temperature, [1.0, 100.0]),
            ("alpha", self.alpha, [0.0, 1.0]),
            ("hiddenWeight", self.hidden_weight, [0.0, 1000.0]),
        ];
        let outside = |(_, number, [least, most]): &(&str, f64, [f64; 2])| !(least..=most).contains(&number);
        match numbers.into_iter().find(outside) {
            None => Ok(()),
            Some((name, number, [least, most])) => Err(Error::bad_option(
                name,
                format!("a number from {least} to {most}"),
                number,
            )),
        }
    }
}

/// The teacher of a run.
pub(super) struct Distillation {
    teacher: BertForSequenceClassification,
    options: DistillOptions,
    /// Each row's logits by the teacher, once they were computed.
    logits: Vec<Option<Vec<f32>>>,
}

/// The items of a micro-batch, and what the step divides its sums by.
pub(super) struct TaughtItems<'a> {
    pub(super) batch: &'a Batch,
    /// Each item is a row.
    pub(super) items: &'a [usize],
    pub(super) dropout: &'a Dropout,
    /// Of the labels' loss.
    pub(super) normalizer: f32,
    /// Rows of the step.
    pub(super) rows: usize,
    /// Tokens of the step, without padding.
    pub(super) tokens: usize,
}

impl Distillation {
    /// Of a run over so many rows.
    pub(super) fn new(teacher: BertForSequenceClassification, options: DistillOptions, rows: usize) -> Self {
        Self {
            teacher,
            options,
            logits: vec![None; rows],
        }
    }

    /// The loss of some items, `[1]`.
    ///
    /// # Errors
    /// `bad-state` where a model has no head; `device-lost`.
    pub(super) async fn loss(
        &mut self,
        student: &BertForSequenceClassification,
        objective: &Objective,
        taught: &TaughtItems<'_>,
        device: &Device,
    ) -> Result<Tensor<1>> {
        let TaughtItems { batch, items, .. } = taught;
        let is_known = items.iter().all(|&row| self.logits[row].is_some());
        let teacher_states = match self.options.hidden_weight > 0.0 || !is_known {
            true => {
                let input = Input::new(batch, &device.handle);
                let states = self.teacher.bert.layer_states(&input, &Dropout::off());
                if !is_known {
                    self.learn_logits(&states[states.len() - 1], &input, items).await?;
                }
                states
            }
            false => Vec::new(),
        };
        let input = Input::new(batch, &device.handle.clone().autodiff());
        let states = student.bert.layer_states(&input, taught.dropout);
        let pooled = student
            .bert
            .pooled(states[states.len() - 1].clone(), &input, taught.dropout);
        let logits = student.classify(pooled, taught.dropout).ok_or_else(Error::no_head)?;
        let mut loss = self.of_answers(logits.clone(), objective, taught, device).await?;
        let alpha = self.options.alpha as f32;
        if alpha < 1.0 {
            let of_labels = objective.of_logits(logits, items, taught.normalizer / (1.0 - alpha))?;
            loss = add(loss, of_labels);
        }
        if self.options.hidden_weight > 0.0 {
            for (place, &layer) in self.options.layers.iter().enumerate() {
                // Before the first layer are the embeddings.
                let both = [&states[place + 1], &teacher_states[layer + 1]];
                loss = add(loss, self.of_states(both, taught, device));
            }
        }
        Ok(loss)
    }

    async fn learn_logits(&mut self, last: &Tensor<2>, input: &Input, items: &[usize]) -> Result<()> {
        let pooled = self.teacher.bert.pooled(last.clone(), input, &Dropout::off());
        let logits = self
            .teacher
            .classify(pooled, &Dropout::off())
            .ok_or_else(Error::no_head)?;
        let [_, labels] = logits.dims();
        let values = device::read(logits).await?;
        for (&row, values) in items.iter().zip(values.chunks_exact(labels)) {
            self.logits[row] = Some(values.to_vec());
        }
        Ok(())
    }

    /// The divergence of the student's answers from the teacher's: of a label each, or of each label.
    async fn of_answers(
        &self,
        logits: Tensor<2>,
        objective: &Objective,
        taught: &TaughtItems<'_>,
        device: &Device,
    ) -> Result<Tensor<1>> {
        let [rows, labels] = logits.dims();
        let values = device::read(logits.clone().inner()).await?;
        let teacher = taught.items.iter().flat_map(|&row| self.logits[row].iter().flatten());
        let temperature = self.options.temperature as f32;
        let softened = |logits: Vec<f32>| -> Vec<f32> { logits.iter().map(|logit| logit / temperature).collect() };
        let (student, teacher) = (softened(values), softened(teacher.copied().collect()));
        let (is_single, answers) = match objective {
            Objective::MultiLabel { .. } => (false, taught.rows * labels),
            _ => (true, taught.rows),
        };
        let weight = self.options.alpha as f32 / answers as f32;
        let (divergence, gradient) = match is_single {
            true => divergence(&student, &teacher, labels),
            false => divergence_of_each(&student, &teacher),
        };
        let gradient = gradient
            .iter()
            .map(|gradient| weight * temperature * gradient)
            .collect();
        let value = f64::from(weight * temperature * temperature) * divergence;
        let handle = device.handle.clone().autodiff();
        Ok(given_gradient(
            logits,
            floats(vec![value as f32], [1], &handle),
            floats(gradient, [rows, labels], &handle),
        ))
    }

    /// The share of the squared difference of states, of a layer and of real tokens, in the mean over the step.
    fn of_states(&self, [student, teacher]: [&Tensor<2>; 2], taught: &TaughtItems<'_>, device: &Device) -> Tensor<1> {
        let [rows, hidden] = student.dims();
        let weight = self.options.hidden_weight / (taught.tokens * hidden * self.options.layers.len()) as f64;
        let mask = |factor: f64| {
            let factors = taught.batch.attention_mask.iter();
            let factors = factors.map(|&mask| (f64::from(mask) * factor) as f32).collect();
            floats(factors, [1, rows], &device.handle)
        };
        let scaled = |factor: f64, states: &Tensor<2>| scale_rows(mask(factor), states.clone());
        // √weight · (student - teacher)
        let root = weight.sqrt();
        let difference = add(scaled(root, &student.clone().inner()), scaled(-root, teacher));
        let value = square_sum(&[&difference.clone().reshape([rows * hidden])], &device.handle);
        let gradient = scaled(2.0 * root, &difference);
        given_gradient(student.clone(), value.autodiff(), gradient.autodiff())
    }
}

/// Σ KL(softmax of a row of `teacher` ‖ that of `student`), and its gradient by `student`.
fn divergence(student: &[f32], teacher: &[f32], labels: usize) -> (f64, Vec<f32>) {
    let log_softmax = |row: &[f32]| -> Vec<f64> {
        let most = f64::from(row.iter().copied().fold(f32::NEG_INFINITY, f32::max));
        let sum: f64 = row.iter().map(|&logit| (f64::from(logit) - most).exp()).sum();
        row.iter().map(|&logit| f64::from(logit) - most - sum.ln()).collect()
    };
    let rows = student.chunks_exact(labels).zip(teacher.chunks_exact(labels));
    let logs = rows.flat_map(|(student, teacher)| log_softmax(student).into_iter().zip(log_softmax(teacher)));
    let each = logs.map(|(p, q)| (q.exp() * (q - p), (p.exp() - q.exp()) as f32));
    let (divergences, gradient): (Vec<f64>, Vec<f32>) = each.unzip();
    (divergences.iter().sum(), gradient)
}

/// The same of the answers to each label alone, which are sigmoids.
fn divergence_of_each(student: &[f32], teacher: &[f32]) -> (f64, Vec<f32>) {
    let log_sigmoid = |x: f64| x.min(0.0) - (-x.abs()).exp().ln_1p();
    let side = |s: f64, t: f64| log_sigmoid(t).exp() * (log_sigmoid(t) - log_sigmoid(s));
    let both = student.iter().zip(teacher).map(|(&s, &t)| (f64::from(s), f64::from(t)));
    let each = both.map(|(s, t)| {
        let gradient = log_sigmoid(s).exp() - log_sigmoid(t).exp();
        (side(s, t) + side(-s, -t), gradient as f32)
    });
    let (divergences, gradient): (Vec<f64>, Vec<f32>) = each.unzip();
    (divergences.iter().sum(), gradient)
}
