//! The fine-tuning methods, each with its paper.

use serde::Deserialize;

/// A fine-tuning method: what a run trains, beside the classification head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    /// Every parameter.
    Full,
    /// The classification head alone. The encoder is frozen, and each row's pooled states are computed once.
    Head,
    /// A low-rank pair beside chosen dense layers (Hu et al. 2021).
    Lora,
    /// A low-rank triple whose rank is allocated by importance (Zhang et al. 2023).
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
    /// Pretraining, not fine-tuning: the encoder and the masked-LM head, on masked tokens (Devlin et al. 2019).
    #[serde(skip)]
    MaskedLm,
}
