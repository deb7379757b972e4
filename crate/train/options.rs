//! What a fine-tuning run can be told, with ranges and the usual BERT recipe as defaults.

use serde::Deserialize;

use crate::{Error, Result};

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

/// Options of a run, named as in the JavaScript API.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct TrainOptions {
    /// Passes over the training rows, 1 to 1000.
    pub epochs: usize,
    /// Rows a step, 1 to 1024.
    pub batch_size: usize,
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
    /// Added to the root of the mean square, above 0 and at most 1.
    pub adam_epsilon: f64,
    /// Largest global gradient norm, above 0; 0 switches clipping off.
    pub max_grad_norm: f64,
    /// Dropout probability everywhere, 0 up to 1; none: what config.json says.
    pub dropout: Option<f64>,
    /// Whether each epoch takes the rows in a new order.
    pub shuffle: bool,
    /// With `shuffle`: whether rows of like length share a batch, so that less is computed on padding.
    pub group_by_length: bool,
    /// Seed of the order and of dropout.
    pub seed: u64,
}

impl Default for TrainOptions {
    fn default() -> Self {
        Self {
            epochs: 5,
            batch_size: 8,
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
            seed: 42,
        }
    }
}

impl TrainOptions {
    /// Checks every range.
    ///
    /// # Errors
    /// `bad-option`, naming the option.
    pub fn check(&self) -> Result<()> {
        let bad = |name, expected: &str, found: String| {
            Err(Error::BadOption {
                name,
                expected: expected.to_owned(),
                found,
            })
        };
        if !(1..=1000).contains(&self.epochs) {
            return bad("epochs", "a whole number from 1 to 1000", self.epochs.to_string());
        }
        if !(1..=1024).contains(&self.batch_size) {
            return bad(
                "batchSize",
                "a whole number from 1 to 1024",
                self.batch_size.to_string(),
            );
        }
        let up_to_one = "a number from 0 up to, but not, 1";
        let above_zero = "a number above 0 and at most 1";
        let share = "a number from 0 to 1";
        let numbers: [(&'static str, &str, f64, bool); 8] = [
            (
                "learningRate",
                above_zero,
                self.learning_rate,
                self.learning_rate > 0.0 && self.learning_rate <= 1.0,
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
                above_zero,
                self.adam_epsilon,
                self.adam_epsilon > 0.0 && self.adam_epsilon <= 1.0,
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
            Some((name, expected, found, _)) => bad(name, expected, found.to_string()),
            None => Ok(()),
        }
    }
}
