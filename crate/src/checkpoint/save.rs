//! What a saved Hugging Face folder says of its model: its class, its number format and its `config.json`.

use serde_json::{Map, Value, json};

use crate::model::{BertConfig, Pooling, ProblemType};

/// `modeling_bertlet.py`: the Python class for poolings other than the pooler and for bottlenecks, which transformers lacks.
pub const MODELING_CODE: &str = include_str!("modeling_bertlet.py");

/// The table of words, which is saved as whole numbers like the dense layers.
const WORDS: &str = "bert.embeddings.word_embeddings";
/// The head's bias by its Hugging Face name.
pub const HEAD_BIAS: &str = "classifier.bias";
/// The same in a file, which has the encoder's own name where it is an adapter's.
pub const HEAD_BIASES: [&str; 2] = [HEAD_BIAS, "classifier.out_proj.bias"];

/// Number format of the saved weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dtype {
    /// 32-bit floats: what was trained, bit for bit.
    F32,
    /// 16-bit floats: half the size, rounded.
    F16,
    /// The encoder's matrices as 8-bit whole numbers with scales, as compressed-tensors has them, and all else as 32-bit floats: a
    /// quarter of the size, rounded.
    Int8,
}

/// The class of transformers that a model is saved as, in BERT's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// `BertForSequenceClassification`.
    Classifier,
    /// `BertForMaskedLM`, which has no pooler.
    MaskedLm,
    /// `BertForSequenceClassification` with the masked-LM head's tensors, which that class ignores.
    Both,
}

impl Class {
    /// Whether the class has the tensor or module.
    pub fn holds(self, name: &str) -> bool {
        match self {
            Self::Classifier => !name.starts_with("cls."),
            Self::MaskedLm => !name.starts_with("classifier.") && !name.starts_with("bert.pooler."),
            Self::Both => true,
        }
    }
}

/// What `config.json` says of the saved model, beside the source's own entries.
pub struct SavedAs<'a> {
    /// Labels in the order of the logits.
    pub labels: &'a [String],
    /// The pooling.
    pub pooling: Pooling,
    /// Whether `embed` scales to length 1.
    pub normalizes: bool,
    /// Single-label or multi-label.
    pub problem_type: ProblemType,
    /// Decision threshold; multi-label models only.
    pub threshold: Option<f64>,
    /// Width of the bottlenecks; models with bottlenecks only.
    pub adapter_size: Option<usize>,
    /// Number format of the weights.
    pub dtype: Dtype,
    /// Modules beside the head whose weights are saved as 32-bit floats among whole numbers, by BERT's names.
    pub f32_modules: &'a [String],
}

/// Whether the model needs [`MODELING_CODE`] beside it, since no class of transformers computes it.
pub fn needs_own_class(pooling: Pooling, adapter_size: Option<usize>) -> bool {
    pooling != Pooling::Pooler || adapter_size.is_some()
}

/// `config.json`: the source's, with this head, its labels and the pooling.
pub fn save_config(config: &BertConfig, saved_as: &SavedAs) -> String {
    let mut saved = shared_entries(config, saved_as.dtype, saved_as.f32_modules);
    let own_class = needs_own_class(saved_as.pooling, saved_as.adapter_size);
    let class = config.encoder.saved_class(own_class);
    let labels = || saved_as.labels.iter().enumerate();
    let id2label: Map<String, Value> = labels().map(|(id, label)| (id.to_string(), json!(label))).collect();
    let label2id: Map<String, Value> = labels().map(|(id, label)| (label.clone(), json!(id))).collect();
    saved.insert("architectures".into(), json!([&class]));
    saved.insert("id2label".into(), Value::Object(id2label));
    saved.insert("label2id".into(), Value::Object(label2id));
    saved.remove("num_labels");
    match (saved_as.problem_type, saved_as.labels.len()) {
        // A softmax over one label: no kind of transformers, which refuses the name beside it.
        (ProblemType::SingleLabel, 1) => saved.remove("problem_type"),
        (problem_type, _) => saved.insert("problem_type".into(), json!(problem_type.name())),
    };
    let mut own = pooled(saved_as.pooling, saved_as.normalizes);
    if let Some(size) = saved_as.adapter_size {
        own["adapter_size"] = json!(size);
    }
    if let Some(threshold) = saved_as.threshold {
        own["threshold"] = json!(threshold);
    }
    saved.insert("bertlet".into(), own);
    match own_class {
        false => saved.remove("auto_map"),
        true => saved.insert(
            "auto_map".into(),
            json!({ "AutoModelForSequenceClassification": format!("modeling_bertlet.{class}") }),
        ),
    };
    to_text(saved)
}

/// `config.json` of the checkpoint saved as `BertForMaskedLM`: without labels, and with how its states are pooled, where that
/// is not by the class's own pooler.
pub fn save_masked_lm_config(
    config: &BertConfig,
    dtype: Dtype,
    f32_modules: &[String],
    pooling: Pooling,
    normalizes: bool,
) -> String {
    let mut saved = shared_entries(config, dtype, f32_modules);
    let class = format!("{}ForMaskedLM", config.encoder.class);
    saved.insert("architectures".into(), json!([class]));
    for name in [
        "id2label",
        "label2id",
        "num_labels",
        "problem_type",
        "bertlet",
        "auto_map",
    ] {
        saved.remove(name);
    }
    if pooling != Pooling::Pooler {
        saved.insert("bertlet".into(), pooled(pooling, normalizes));
    }
    to_text(saved)
}

/// bertlet's own entry, with what embeds a text.
fn pooled(pooling: Pooling, normalizes: bool) -> Value {
    let mut own = json!({ "pooling": pooling.name() });
    // Else it does, as where no file says anything.
    if !normalizes {
        own["normalizes"] = json!(false);
    }
    own
}

/// The entries that every class has.
fn shared_entries(config: &BertConfig, dtype: Dtype, f32_modules: &[String]) -> Map<String, Value> {
    let mut saved = config.raw.clone();
    saved.insert("model_type".into(), json!(config.encoder.model_type));
    saved.remove("dtype");
    saved.remove("quantization_config");
    let name = match dtype {
        Dtype::F32 | Dtype::Int8 => "float32",
        Dtype::F16 => "float16",
    };
    saved.insert("torch_dtype".into(), json!(name));
    if dtype == Dtype::Int8 {
        saved.insert("quantization_config".into(), quantization(config, f32_modules));
    }
    saved
}

/// What makes transformers read whole numbers with scales: the package compressed-tensors, by its name for them.
fn quantization(config: &BertConfig, f32_modules: &[String]) -> Value {
    let own_name = |name: &str| config.encoder.own_name(name);
    let mut targets = vec!["Linear".to_owned()];
    if !f32_modules.iter().any(|name| name == WORDS) {
        targets.push(own_name(WORDS));
    }
    let ignored: Vec<String> = f32_modules.iter().map(|name| own_name(name)).collect();
    json!({
        "quant_method": "compressed-tensors",
        "format": "int-quantized",
        "quantization_status": "compressed",
        "config_groups": {
            "group_0": {
                "targets": targets,
                "format": "int-quantized",
                "weights": { "num_bits": 8, "type": "int", "symmetric": true, "strategy": "channel" },
            },
        },
        "ignore": ignored,
    })
}

fn to_text(config: Map<String, Value>) -> String {
    let mut text = format!("{:#}", Value::Object(config));
    text.push('\n');
    text
}
