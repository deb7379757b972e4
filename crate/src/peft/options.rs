//! The options of the parameter-efficient methods, with ranges and defaults.

use serde::Deserialize;

use crate::{Error, Result};

/// Options of LoRA.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LoraOptions {
    /// Rank of the low-rank pair, 1 to 256.
    pub rank: usize,
    /// The low-rank product is multiplied with alpha / rank; above 0 and at most 10,000.
    pub alpha: f64,
    /// Dropout of the pair's input, from 0 up to, but not, 1.
    pub dropout: f64,
    /// Ends of the names of the dense layers with a pair, such as `query` or `attention.output.dense`: BERT's names or the
    /// encoder's own.
    pub target_modules: Vec<String>,
}

impl Default for LoraOptions {
    fn default() -> Self {
        Self {
            rank: 8,
            alpha: 16.0,
            dropout: 0.05,
            target_modules: vec!["query".to_owned(), "value".to_owned()],
        }
    }
}

/// Options of AdaLoRA.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AdaloraOptions {
    /// Mean rank at the end, 1 to `initial_rank`.
    pub target_rank: usize,
    /// Rank of each triple at the start, 1 to 256.
    pub initial_rank: usize,
    /// As in [`LoraOptions`].
    pub alpha: f64,
    /// As in [`LoraOptions`].
    pub dropout: f64,
    /// As in [`LoraOptions`].
    pub target_modules: Vec<String>,
    /// Share of the steps before ranks are reduced, from 0 up to, but not, 1.
    pub warmup_ratio: f64,
    /// Share of the steps after the last reduction, from 0 up to, but not, 1. The sum of both shares is below 1.
    pub final_ratio: f64,
    /// Steps from one rank allocation to the next, at least 1.
    pub interval: usize,
    /// Decay of the sensitivity's moving average, from 0 up to, but not, 1.
    pub beta1: f64,
    /// Decay of the uncertainty's moving average, from 0 up to, but not, 1.
    pub beta2: f64,
    /// Weight of the orthogonality term of the singular vectors, at least 0.
    pub orthogonality: f64,
}

impl Default for AdaloraOptions {
    fn default() -> Self {
        Self {
            target_rank: 8,
            initial_rank: 12,
            alpha: 16.0,
            dropout: 0.05,
            target_modules: vec!["query".to_owned(), "value".to_owned()],
            warmup_ratio: 0.1,
            final_ratio: 0.3,
            interval: 5,
            beta1: 0.85,
            beta2: 0.85,
            orthogonality: 0.5,
        }
    }
}

/// Largest rank of a low-rank pair, largest number of virtual tokens, and largest width of a bottleneck.
const LARGEST: usize = 256;

impl LoraOptions {
    /// Checks every range.
    ///
    /// # Errors
    /// `bad-option`, naming the option.
    pub fn check(&self) -> Result<()> {
        check_size("lora.rank", self.rank)?;
        check_scaling(["lora.alpha", "lora.dropout"], self.alpha, self.dropout)
    }
}

impl AdaloraOptions {
    /// Checks every range.
    ///
    /// # Errors
    /// `bad-option`, naming the option.
    pub fn check(&self) -> Result<()> {
        check_size("adalora.initialRank", self.initial_rank)?;
        check_whole("adalora.targetRank", self.target_rank, self.initial_rank)?;
        check_whole("adalora.interval", self.interval, 1_000_000)?;
        check_scaling(["adalora.alpha", "adalora.dropout"], self.alpha, self.dropout)?;
        let shares = [
            ("adalora.warmupRatio", self.warmup_ratio),
            ("adalora.finalRatio", self.final_ratio),
            ("adalora.beta1", self.beta1),
            ("adalora.beta2", self.beta2),
        ];
        for (name, share) in shares {
            if !(0.0..1.0).contains(&share) {
                return Err(Error::bad_option(name, "a number from 0 up to, but not, 1", share));
            }
        }
        if self.warmup_ratio + self.final_ratio >= 1.0 {
            return Err(Error::bad_option(
                "adalora.finalRatio",
                "a share that leaves steps between it and warmupRatio",
                self.warmup_ratio + self.final_ratio,
            ));
        }
        if !(self.orthogonality >= 0.0 && self.orthogonality.is_finite()) {
            return Err(Error::bad_option(
                "adalora.orthogonality",
                "a finite number of at least 0",
                self.orthogonality,
            ));
        }
        Ok(())
    }
}

/// Checks a rank, a number of virtual tokens or a bottleneck's width: 1 to 256.
///
/// # Errors
/// `bad-option`.
pub(crate) fn check_size(name: &'static str, size: usize) -> Result<()> {
    check_whole(name, size, LARGEST)
}

fn check_scaling([alpha_name, dropout_name]: [&'static str; 2], alpha: f64, dropout: f64) -> Result<()> {
    if !(alpha > 0.0 && alpha <= 1e4) {
        return Err(Error::bad_option(
            alpha_name,
            "a number above 0 and at most 10000",
            alpha,
        ));
    }
    if !(0.0..1.0).contains(&dropout) {
        return Err(Error::bad_option(
            dropout_name,
            "a number from 0 up to, but not, 1",
            dropout,
        ));
    }
    Ok(())
}

fn check_whole(name: &'static str, found: usize, largest: usize) -> Result<()> {
    match (1..=largest).contains(&found) {
        true => Ok(()),
        false => Err(Error::bad_option(
            name,
            format!("a whole number from 1 to {largest}"),
            found,
        )),
    }
}
