//! The fine-tuning methods, each with its paper.

use serde::Deserialize;

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
