//! Ways of fine-tuning, and what each can be told, with ranges. The paper of each stands beside it.

use serde::Deserialize;

use crate::{Error, Result};

/// What a run trains, beside the head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// Every parameter.
    Full,
    /// Nothing: the encoder is frozen, and a row's pooled states are computed once.
    Head,
    /// A low-rank pair beside chosen dense layers (Hu et al. 2021).
    Lora,
    /// A low-rank triple whose rank is moved to where it matters (Zhang et al. 2023).
    Adalora,
    /// Two bottlenecks a layer, and every LayerNorm (Houlsby et al. 2019).
    Adapter,
    /// Embeddings of virtual tokens in front of the text (Lester et al. 2021).
    Prompt,
    /// Keys and values of virtual tokens in every layer (Li and Liang 2021).
    Prefix,
    /// Biases (Ben Zaken et al. 2022).
    Bitfit,
    /// The encoder, on pairs of rows, without a head (Tunstall et al. 2022).
    Contrastive,
    /// The encoder and the masked-language-model head, on masked tokens (Devlin et al. 2019). Not one of fine-tuning.
    #[serde(skip)]
    MaskedLm,
}

/// LoRA.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LoraOptions {
    /// Columns of the pair, 1 to 256.
    pub rank: usize,
    /// The pair's product is multiplied with alpha / rank; above 0.
    pub alpha: f64,
    /// Dropout of what the pair reads, 0 up to 1.
    pub dropout: f64,
    /// Ends of the names of the dense layers that get a pair, such as `query` or `attention.output.dense`.
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

/// AdaLoRA.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct AdaloraOptions {
    /// Mean rank that is left at the end, 1 to `initial_rank`.
    pub target_rank: usize,
    /// Rank of each triple at the start, 1 to 256.
    pub initial_rank: usize,
    /// As LoRA's.
    pub alpha: f64,
    /// As LoRA's.
    pub dropout: f64,
    /// As LoRA's.
    pub target_modules: Vec<String>,
    /// Share of the steps before the budget begins to fall, 0 up to 1.
    pub warmup_ratio: f64,
    /// Share of the steps after it has fallen, 0 up to 1; below 1 together.
    pub final_ratio: f64,
    /// Steps from one decision on ranks to the next, at least 1.
    pub interval: usize,
    /// Decay of the mean of the sensitivity, 0 up to 1.
    pub beta1: f64,
    /// Decay of the mean of its uncertainty, 0 up to 1.
    pub beta2: f64,
    /// Weight of the term that keeps the singular vectors orthogonal, at least 0.
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

/// Most columns of a low-rank pair, most virtual tokens, and the widest bottleneck.
const MOST: usize = 256;

pub(super) fn check_lora(options: &LoraOptions) -> Result<()> {
    whole("lora.rank", options.rank, MOST)?;
    low_rank("lora", options.alpha, options.dropout)
}

pub(super) fn check_adalora(options: &AdaloraOptions) -> Result<()> {
    whole("adalora.initialRank", options.initial_rank, MOST)?;
    whole("adalora.targetRank", options.target_rank, options.initial_rank)?;
    whole("adalora.interval", options.interval, 1_000_000)?;
    low_rank("adalora", options.alpha, options.dropout)?;
    let shares = [
        ("adalora.warmupRatio", options.warmup_ratio),
        ("adalora.finalRatio", options.final_ratio),
        ("adalora.beta1", options.beta1),
        ("adalora.beta2", options.beta2),
    ];
    for (name, share) in shares {
        if !(0.0..1.0).contains(&share) {
            return Err(Error::bad_option(name, "a number from 0 up to, but not, 1", share));
        }
    }
    if options.warmup_ratio + options.final_ratio >= 1.0 {
        let found = options.warmup_ratio + options.final_ratio;
        return Err(Error::bad_option(
            "adalora.finalRatio",
            "a share that leaves steps between it and warmupRatio",
            found,
        ));
    }
    if !(options.orthogonality >= 0.0 && options.orthogonality.is_finite()) {
        return Err(Error::bad_option(
            "adalora.orthogonality",
            "a finite number of at least 0",
            options.orthogonality,
        ));
    }
    Ok(())
}

pub(super) fn check_size(name: &'static str, size: usize) -> Result<()> {
    whole(name, size, MOST)
}

fn low_rank(method: &str, alpha: f64, dropout: f64) -> Result<()> {
    let names = match method {
        "lora" => ["lora.alpha", "lora.dropout"],
        _ => ["adalora.alpha", "adalora.dropout"],
    };
    if !(alpha > 0.0 && alpha <= 1e4) {
        return Err(Error::bad_option(names[0], "a number above 0 and at most 10000", alpha));
    }
    if !(0.0..1.0).contains(&dropout) {
        return Err(Error::bad_option(
            names[1],
            "a number from 0 up to, but not, 1",
            dropout,
        ));
    }
    Ok(())
}

fn whole(name: &'static str, found: usize, most: usize) -> Result<()> {
    match (1..=most).contains(&found) {
        true => Ok(()),
        false => Err(Error::bad_option(
            name,
            format!("a whole number from 1 to {most}"),
            found,
        )),
    }
}
