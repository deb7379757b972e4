//! What is known of a loaded model, as the JavaScript API shows it.

use serde::Serialize;

use crate::kernels::Storage;

/// A loaded model's properties. Serialized with the names of the JavaScript API.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Info {
    /// The checkpoint's class.
    pub architecture: String,
    /// Encoder layers.
    pub layers: usize,
    /// Width of a hidden state.
    pub hidden_size: usize,
    /// Attention heads.
    pub heads: usize,
    /// Rows of the word embedding.
    pub vocab_size: usize,
    /// Parameters of the loaded model, in elements.
    pub parameters: usize,
    /// Bytes of the parameters as the device stores them.
    pub weight_bytes: usize,
    /// What the encoder's matrices are kept as.
    pub dtype: Storage,
    /// Most tokens of a row.
    pub max_length: usize,
    /// `pooler`, `cls`, `mean` or `max`.
    pub pooling: &'static str,
    /// Whether vectors are scaled to length 1, unless an option says otherwise.
    pub normalizes: bool,
    /// Labels in the order of the logits.
    pub labels: Vec<String>,
    /// `single_label_classification` or `multi_label_classification`.
    pub problem_type: &'static str,
    /// Decision threshold; multi-label models only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// Width of Houlsby's bottlenecks; models with bottlenecks only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adapter_size: Option<usize>,
    /// Whether the model has the masked-LM head.
    pub masked_lm: bool,
    /// Whether the classification head is newly initialized.
    pub new_head: bool,
    /// Newly initialized tensors, by Hugging Face name.
    pub new_tensors: Vec<String>,
    /// Unused tensors of the file, by their names there.
    pub unused_tensors: Vec<String>,
}
