//! What is known of a loaded model, as the JavaScript API shows it.

use serde::Serialize;

/// What was loaded. Serialized with the names of the JavaScript API.
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
    /// Trainable numbers of the model as loaded.
    pub parameters: usize,
    /// Bytes that its device keeps them in.
    pub weight_bytes: usize,
    /// Most tokens of a row.
    pub max_length: usize,
    /// `cls`, `mean` or `max`.
    pub pooling: &'static str,
    /// Labels in the order of the logits.
    pub labels: Vec<String>,
    /// `single_label_classification` or `multi_label_classification`.
    pub problem_type: &'static str,
    /// From which score on a label is predicted, where rows may have several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// Width of Houlsby's bottlenecks, where the model has any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adapter_size: Option<usize>,
    /// Whether the model has the masked-language-model head.
    pub masked_lm: bool,
    /// Whether the head was made anew.
    pub new_head: bool,
    /// Tensors made anew, by name.
    pub new_tensors: Vec<String>,
    /// Tensors of the file that were not used, by name.
    pub unused_tensors: Vec<String>,
}
