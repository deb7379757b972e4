//! The one table of tensor names: module paths of this crate, and Hugging Face's names in BERT. What other encoders call them
//! is in model/encoders.rs.

use super::layout::Layout;

/// Module path, Hugging Face name without the `bert.` prefix, layout. `{}` is the layer's number.
const TABLE: [(&str, &str, Layout); 44] = [
    (
        "bert.embeddings.word_embeddings.weight",
        "embeddings.word_embeddings.weight",
        Layout::Same,
    ),
    (
        "bert.embeddings.position_embeddings.weight",
        "embeddings.position_embeddings.weight",
        Layout::Same,
    ),
    (
        "bert.embeddings.token_type_embeddings.weight",
        "embeddings.token_type_embeddings.weight",
        Layout::Same,
    ),
    (
        "bert.embeddings.layer_norm.gamma",
        "embeddings.LayerNorm.weight",
        Layout::Same,
    ),
    (
        "bert.embeddings.layer_norm.beta",
        "embeddings.LayerNorm.bias",
        Layout::Same,
    ),
    // ELECTRA's projection and MPNet's bias by distance.
    (
        "bert.embeddings.project.weight",
        "embeddings_project.weight",
        Layout::Transposed,
    ),
    ("bert.embeddings.project.bias", "embeddings_project.bias", Layout::Same),
    (
        "bert.relative_attention_bias.weight",
        "encoder.relative_attention_bias.weight",
        Layout::Same,
    ),
    (
        "bert.encoder.{}.attention.query.weight",
        "encoder.layer.{}.attention.self.query.weight",
        Layout::Transposed,
    ),
    (
        "bert.encoder.{}.attention.query.bias",
        "encoder.layer.{}.attention.self.query.bias",
        Layout::Same,
    ),
    (
        "bert.encoder.{}.attention.key.weight",
        "encoder.layer.{}.attention.self.key.weight",
        Layout::Transposed,
    ),
    (
        "bert.encoder.{}.attention.key.bias",
        "encoder.layer.{}.attention.self.key.bias",
        Layout::Same,
    ),
    (
        "bert.encoder.{}.attention.value.weight",
        "encoder.layer.{}.attention.self.value.weight",
        Layout::Transposed,
    ),
    (
        "bert.encoder.{}.attention.value.bias",
        "encoder.layer.{}.attention.self.value.bias",
        Layout::Same,
    ),
    (
        "bert.encoder.{}.attention.output.weight",
        "encoder.layer.{}.attention.output.dense.weight",
        Layout::Transposed,
    ),
    (
        "bert.encoder.{}.attention.output.bias",
        "encoder.layer.{}.attention.output.dense.bias",
        Layout::Same,
    ),
    (
        "bert.encoder.{}.attention_norm.gamma",
        "encoder.layer.{}.attention.output.LayerNorm.weight",
        Layout::Same,
    ),
    (
        "bert.encoder.{}.attention_norm.beta",
        "encoder.layer.{}.attention.output.LayerNorm.bias",
        Layout::Same,
    ),
    (
        "bert.encoder.{}.intermediate.weight",
        "encoder.layer.{}.intermediate.dense.weight",
        Layout::Transposed,
    ),
    (
        "bert.encoder.{}.intermediate.bias",
        "encoder.layer.{}.intermediate.dense.bias",
        Layout::Same,
    ),
    (
        "bert.encoder.{}.output.weight",
        "encoder.layer.{}.output.dense.weight",
        Layout::Transposed,
    ),
    (
        "bert.encoder.{}.output.bias",
        "encoder.layer.{}.output.dense.bias",
        Layout::Same,
    ),
    (
        "bert.encoder.{}.output_norm.gamma",
        "encoder.layer.{}.output.LayerNorm.weight",
        Layout::Same,
    ),
    (
        "bert.encoder.{}.output_norm.beta",
        "encoder.layer.{}.output.LayerNorm.bias",
        Layout::Same,
    ),
    ("bert.pooler.weight", "pooler.dense.weight", Layout::Transposed),
    ("bert.pooler.bias", "pooler.dense.bias", Layout::Same),
    ("classifier.weight", "classifier.weight", Layout::Transposed),
    ("classifier.bias", "classifier.bias", Layout::Same),
    (
        "predictions.dense.weight",
        "cls.predictions.transform.dense.weight",
        Layout::Transposed,
    ),
    (
        "predictions.dense.bias",
        "cls.predictions.transform.dense.bias",
        Layout::Same,
    ),
    (
        "predictions.norm.gamma",
        "cls.predictions.transform.LayerNorm.weight",
        Layout::Same,
    ),
    (
        "predictions.norm.beta",
        "cls.predictions.transform.LayerNorm.bias",
        Layout::Same,
    ),
    ("predictions.bias", "cls.predictions.bias", Layout::Same),
    // Parameter-efficient methods. Bottlenecks are named as in modeling_bertlet.py; prompts and prefixes get peft's
    // names when they are saved.
    (
        "bert.encoder.{}.attention_adapter.down.weight",
        "encoder.layer.{}.attention.output.adapter.down.weight",
        Layout::Transposed,
    ),
    (
        "bert.encoder.{}.attention_adapter.down.bias",
        "encoder.layer.{}.attention.output.adapter.down.bias",
        Layout::Same,
    ),
    (
        "bert.encoder.{}.attention_adapter.up.weight",
        "encoder.layer.{}.attention.output.adapter.up.weight",
        Layout::Transposed,
    ),
    (
        "bert.encoder.{}.attention_adapter.up.bias",
        "encoder.layer.{}.attention.output.adapter.up.bias",
        Layout::Same,
    ),
    (
        "bert.encoder.{}.output_adapter.down.weight",
        "encoder.layer.{}.output.adapter.down.weight",
        Layout::Transposed,
    ),
    (
        "bert.encoder.{}.output_adapter.down.bias",
        "encoder.layer.{}.output.adapter.down.bias",
        Layout::Same,
    ),
    (
        "bert.encoder.{}.output_adapter.up.weight",
        "encoder.layer.{}.output.adapter.up.weight",
        Layout::Transposed,
    ),
    (
        "bert.encoder.{}.output_adapter.up.bias",
        "encoder.layer.{}.output.adapter.up.bias",
        Layout::Same,
    ),
    ("bert.embeddings.prompt", PROMPT, Layout::Same),
    (
        "bert.encoder.{}.attention.prefix.key",
        "encoder.layer.{}.attention.self.prefix_key",
        Layout::Same,
    ),
    (
        "bert.encoder.{}.attention.prefix.value",
        "encoder.layer.{}.attention.self.prefix_value",
        Layout::Same,
    ),
];

/// What follows the name of a tensor of whole numbers in the name of its scales, as in compressed-tensors.
pub const SCALE: &str = "_scale";

/// A soft prompt, by peft's name.
const PROMPT: &str = "prompt_embeddings";

/// BERT's name of the parameter at a module path, as `BertForSequenceClassification` or `BertForMaskedLM` spells it. LoRA's parameters are named as in peft, without its prefix `base_model.model.`.
///
/// # Panics
/// Where the table lacks a parameter of the model: a mistake in this crate, which every test meets.
pub fn hugging_face_name(path: &str) -> (String, Layout) {
    if let Some((dense, part)) = path.split_once(".low_rank.") {
        let (name, _) = hugging_face_name(&format!("{dense}.weight"));
        let stem = name.trim_end_matches("weight");
        return (format!("{stem}lora_{}.weight", part.to_uppercase()), Layout::Transposed);
    }
    let layer = path
        .strip_prefix("bert.encoder.")
        .and_then(|rest| rest.split('.').next())
        .unwrap_or_default();
    TABLE
        .iter()
        .find(|(own, _, _)| own.replace("{}", layer) == path)
        .map(|(_, name, layout)| {
            let is_head = ["classifier.", "cls."].iter().any(|head| name.starts_with(head));
            let plain = is_head || *name == PROMPT;
            let prefix = if plain { "" } else { "bert." };
            (format!("{prefix}{}", name.replace("{}", layer)), *layout)
        })
        .unwrap_or_else(|| unreachable!("parameter {path} has no Hugging Face name"))
}
