//! What a fine-tuning run can be told, with ranges and the usual BERT recipe as defaults.

use serde::Deserialize;

use super::methods::Method;
use crate::{
    Error, Result,
    peft::{AdaloraOptions, LoraOptions, check_size},
    text::AugmentOptions,
};

/// How the learning rate changes after warm-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Schedule {
    /// Down to 0 in a straight line.
    Linear,
    /// Unchanged.
    Constant,
    /// Down to 0 along half a cosine.
    Cosine,
}

/// What a row of each label counts in the loss.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum ClassWeights {
    /// Rows / (labels · rows of the label), as scikit-learn's `balanced`.
    Named(Balanced),
    /// One for each label, in their order, each above 0.
    Given(Vec<f64>),
}

/// The one name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Balanced {
    /// By the labels' rows.
    Balanced,
}

/// Options of a run, named as in the JavaScript API.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TrainOptions {
    /// What is trained.
    pub method: Method,
    /// Of the method `lora`.
    pub lora: LoraOptions,
    /// Of the method `adalora`.
    pub adalora: AdaloraOptions,
    /// Width of the bottlenecks of the method `adapter`, 1 to 256.
    pub adapter_size: usize,
    /// Of the methods `prompt` and `prefix`, 1 to 256.
    pub virtual_tokens: usize,
    /// Layers from the bottom, and the embeddings, that are not trained; 0: none, not even the embeddings.
    pub freeze_layers: usize,
    /// The learning rate's factor from a layer to the one below, above 0 and at most 1.
    pub layer_decay: f64,
    /// Passes over the training rows, 1 to 1000.
    pub epochs: usize,
    /// Rows computed at once, 1 to 1024.
    pub batch_size: usize,
    /// So many times `batch_size` rows make a step, 1 to 1024.
    pub accumulate: usize,
    /// The share of a target that goes to all labels alike, 0 up to 1.
    pub label_smoothing: f64,
    /// What a row of each label counts; none: all the same.
    pub class_weights: Option<ClassWeights>,
    /// Peak learning rate, above 0 and at most 1.
    pub learning_rate: f64,
    /// Decoupled decay of weights, 0 to 1; biases and LayerNorm have none.
    pub weight_decay: f64,
    /// Share of the steps that warm the learning rate up from 0, 0 to 1.
    pub warmup_ratio: f64,
    /// What follows the warm-up.
    pub schedule: Schedule,
    /// Decay of the gradient's mean, 0 up to 1.
    pub adam_beta1: f64,
    /// Decay of the gradient's mean square, 0 up to 1.
    pub adam_beta2: f64,
    /// Added to the root of the mean square, 1e-30 to 1: less would be 0 as f32, and 0 / 0 no number.
    pub adam_epsilon: f64,
    /// Largest global gradient norm, above 0; 0 switches clipping off.
    pub max_grad_norm: f64,
    /// Dropout probability everywhere, 0 up to 1; none: what config.json says.
    pub dropout: Option<f64>,
    /// Whether each epoch takes the rows in a new order.
    pub shuffle: bool,
    /// With `shuffle`: whether rows of like length share a batch, so that less is computed on padding.
    pub group_by_length: bool,
    /// How the rows are changed for each epoch.
    pub augment: AugmentOptions,
    /// Seed of the order, of augmentation and of dropout.
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
    /// Rows of a step; one step of an epoch may have fewer.
    pub fn items_a_step(&self) -> usize {
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
        // The one keeps what it computed of each row, the other masks the rows itself.
        if matches!(self.method, Method::Head | Method::MaskedLm) && !self.augment.is_off() {
            return Err(Error::bad_option(
                "augment",
                "a method that learns labels and reads the rows in each epoch",
                "another",
            ));
        }
        let up_to_one = "a number from 0 up to, but not, 1";
        let above_zero = "a number above 0 and at most 1";
        let share = "a number from 0 to 1";
        let numbers: [(&'static str, &str, f64, bool); 10] = [
            (
                "learningRate",
                above_zero,
                self.learning_rate,
                self.learning_rate > 0.0 && self.learning_rate <= 1.0,
            ),
            (
                "layerDecay",
                above_zero,
                self.layer_decay,
                self.layer_decay > 0.0 && self.layer_decay <= 1.0,
            ),
            (
                "labelSmoothing",
                up_to_one,
                self.label_smoothing,
                (0.0..1.0).contains(&self.label_smoothing),
            ),
            (
                "weightDecay",
                share,
                self.weight_decay,
                (0.0..=1.0).contains(&self.weight_decay),
            ),
            (
                "warmupRatio",
                share,
                self.warmup_ratio,
                (0.0..=1.0).contains(&self.warmup_ratio),
            ),
            (
                "adamBeta1",
                up_to_one,
                self.adam_beta1,
                (0.0..1.0).contains(&self.adam_beta1),
            ),
            (
                "adamBeta2",
                up_to_one,
                self.adam_beta2,
                (0.0..1.0).contains(&self.adam_beta2),
            ),
            (
                "adamEpsilon",
                "a number from 1e-30 to 1",
                self.adam_epsilon,
                (1e-30..=1.0).contains(&self.adam_epsilon),
            ),
            (
                "maxGradNorm",
                "a finite number of at least 0 (0: no clipping)",
                self.max_grad_norm,
                self.max_grad_norm >= 0.0 && self.max_grad_norm.is_finite(),
            ),
            (
                "dropout",
                up_to_one,
                self.dropout.unwrap_or(0.0),
                self.dropout.is_none_or(|p| (0.0..1.0).contains(&p)),
            ),
        ];
        match numbers.into_iter().find(|(_, _, _, ok)| !ok) {
            Some((name, expected, found, _)) => Err(Error::bad_option(name, expected, found)),
            None => Ok(()),
        }
    }
}
