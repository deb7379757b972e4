//! The options of a fine-tuning run, with their ranges. The defaults are the usual BERT recipe.

use serde::Deserialize;

use super::methods::Method;
use crate::{
    Error, Result,
    peft::{AdaloraOptions, LoraOptions, check_size},
    text::AugmentOptions,
};

/// The learning rate after warm-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Schedule {
    /// Linear decay to 0.
    Linear,
    /// No decay.
    Constant,
    /// Decay to 0 along half a cosine.
    Cosine,
}

/// Class weights: the weight of each label in the loss.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum ClassWeights {
    /// Rows / (labels · rows of the label), as scikit-learn's `balanced`.
    Named(Balanced),
    /// A weight for each label, in their order, above 0 and at most 1,000,000.
    Given(Vec<f64>),
}

/// The name of the weights that are computed from the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Balanced {
    /// Weights by the number of each label's rows.
    Balanced,
}

/// Options of a run, named as in the JavaScript API.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TrainOptions {
    /// The fine-tuning method.
    pub method: Method,
    /// Options of the method `lora`.
    pub lora: LoraOptions,
    /// Options of the method `adalora`.
    pub adalora: AdaloraOptions,
    /// Width of the bottlenecks of the method `adapter`, 1 to 256.
    pub adapter_size: usize,
    /// Virtual tokens of the methods `prompt` and `prefix`, 1 to 256.
    pub virtual_tokens: usize,
    /// Number of frozen layers, from the bottom; the embeddings are frozen with them. 0 freezes nothing.
    pub freeze_layers: usize,
    /// Layer-wise decay: factor of the learning rate from a layer to the one below, above 0 and at most 1.
    pub layer_decay: f64,
    /// Passes over the training rows, 1 to 1000.
    pub epochs: usize,
    /// Rows of a micro-batch, 1 to 1024.
    pub batch_size: usize,
    /// Gradient accumulation: micro-batches of a step, 1 to 1024.
    pub accumulate: usize,
    /// Label smoothing, from 0 up to, but not, 1.
    pub label_smoothing: f64,
    /// Class weights; none: all 1.
    pub class_weights: Option<ClassWeights>,
    /// Peak learning rate, above 0 and at most 1.
    pub learning_rate: f64,
    /// Decoupled weight decay, 0 to 1; none on biases and LayerNorm.
    pub weight_decay: f64,
    /// Share of the steps in which the learning rate rises from 0, 0 to 1.
    pub warmup_ratio: f64,
    /// Learning rate after the warm-up.
    pub schedule: Schedule,
    /// Decay of the gradient's moving average, from 0 up to, but not, 1.
    pub adam_beta1: f64,
    /// Decay of the squared gradient's moving average, from 0 up to, but not, 1.
    pub adam_beta2: f64,
    /// Added to the root of that average, 1e-30 to 1. Less would be 0 as f32, and 0 / 0 is not a number.
    pub adam_epsilon: f64,
    /// Gradient clipping: the largest global norm; 0 switches clipping off.
    pub max_grad_norm: f64,
    /// Dropout probability of the whole model, from 0 up to, but not, 1; none: those of config.json.
    pub dropout: Option<f64>,
    /// Whether the rows are shuffled anew in each epoch.
    pub shuffle: bool,
    /// With `shuffle`: whether rows of like length share a batch, which saves padding.
    pub group_by_length: bool,
    /// Augmentation of the rows in each epoch.
    pub augment: AugmentOptions,
    /// Seed of shuffling, augmentation, dropout and new parameters.
    pub seed: u64,
}

impl Default for TrainOptions {
    fn default() -> Self {
        Self {
            method: Method::Full,
            lora: LoraOptions::default(),
            adalora: AdaloraOptions::default(),
            adapter_size: 64,
            virtual_tokens: 20,
            freeze_layers: 0,
            layer_decay: 1.0,
            epochs: 5,
            batch_size: 8,
            accumulate: 1,
            label_smoothing: 0.0,
            class_weights: None,
            learning_rate: 2e-5,
            weight_decay: 0.01,
            warmup_ratio: 0.0,
            schedule: Schedule::Linear,
            adam_beta1: 0.9,
            adam_beta2: 0.999,
            adam_epsilon: 1e-8,
            max_grad_norm: 1.0,
            dropout: None,
            shuffle: true,
            group_by_length: true,
            augment: AugmentOptions::default(),
            seed: 42,
        }
    }
}

impl TrainOptions {
    /// Items of a step: `batch_size` · `accumulate`. One step of an epoch may have fewer.
    pub fn items_per_step(&self) -> usize {
        self.batch_size * self.accumulate
    }

    /// Checks every range.
    ///
    /// # Errors
    /// `bad-option`, naming the option.
    pub fn check(&self) -> Result<()> {
        let counts = [
            ("epochs", self.epochs, 1000),
            ("batchSize", self.batch_size, 1024),
            ("accumulate", self.accumulate, 1024),
        ];
        for (name, count, most) in counts {
            if !(1..=most).contains(&count) {
                return Err(Error::bad_option(
                    name,
                    format!("a whole number from 1 to {most}"),
                    count,
                ));
            }
        }
        match self.method {
            Method::Lora => self.lora.check()?,
            Method::Adalora => self.adalora.check()?,
            Method::Adapter => check_size("adapterSize", self.adapter_size)?,
            Method::Prompt | Method::Prefix => check_size("virtualTokens", self.virtual_tokens)?,
            _ => {}
        }
        self.augment.check()?;
        // `head` caches each row's pooled states; masked-LM masks the rows itself.
        if matches!(self.method, Method::Head | Method::MaskedLm) && !self.augment.is_off() {
            return Err(Error::bad_option(
                "augment",
                "a method that learns labels and reads the rows in each epoch",
                "another",
            ));
        }
        let numbers = [
            ("learningRate", self.learning_rate, Range::AboveZero),
            ("layerDecay", self.layer_decay, Range::AboveZero),
            ("labelSmoothing", self.label_smoothing, Range::BelowOne),
            ("weightDecay", self.weight_decay, Range::Share),
            ("warmupRatio", self.warmup_ratio, Range::Share),
            ("adamBeta1", self.adam_beta1, Range::BelowOne),
            ("adamBeta2", self.adam_beta2, Range::BelowOne),
            ("adamEpsilon", self.adam_epsilon, Range::Epsilon),
            ("maxGradNorm", self.max_grad_norm, Range::Norm),
            ("dropout", self.dropout.unwrap_or(0.0), Range::BelowOne),
        ];
        for (name, number, range) in numbers {
            let (expected, is_within) = range.test(number);
            if !is_within {
                return Err(Error::bad_option(name, expected, number));
            }
        }
        Ok(())
    }
}

/// The range of an option that is a number.
enum Range {
    AboveZero,
    BelowOne,
    Share,
    Epsilon,
    Norm,
}

impl Range {
    /// What an error says of the range, and whether the number is within it: side by side, so that they say the same.
    fn test(self, number: f64) -> (&'static str, bool) {
        match self {
            Self::AboveZero => ("a number above 0 and at most 1", number > 0.0 && number <= 1.0),
            Self::BelowOne => ("a number from 0 up to, but not, 1", (0.0..1.0).contains(&number)),
            Self::Share => ("a number from 0 to 1", (0.0..=1.0).contains(&number)),
            Self::Epsilon => ("a number from 1e-30 to 1", (1e-30..=1.0).contains(&number)),
            Self::Norm => (
                "a finite number of at least 0 (0: no clipping)",
                number >= 0.0 && number.is_finite(),
            ),
        }
    }
}
