//! The encoders: how each of transformers' maps onto the parts of BERT's. One row of the table is one encoder.
//!
//! Inside the crate every tensor has BERT's name. [`Architecture::canonical_name`] and [`Architecture::own_name`] translate at
//! its edges: weights, adapters, gradients and what a loaded model reports.

use crate::kernels::Activation;

/// What sets an encoder apart from BERT.
#[derive(Debug, PartialEq)]
pub struct Architecture {
    /// `model_type` of config.json.
    pub model_type: &'static str,
    /// Beginning of its classes' names.
    pub class: &'static str,
    /// Beginning of the encoder's tensors in a model with a head, without the dot.
    pub prefix: &'static str,
    /// BERT's entries of config.json that have another name here.
    pub config_names: &'static [(&'static str, &'static str)],
    /// The defaults of transformers' configuration class that are not BERT's.
    pub config_defaults: &'static [(&'static str, f64)],
    /// BERT's modules or tensors that have another name here. `{}` is the layer's number.
    pub modules: &'static [(&'static str, &'static str)],
    /// How tokens get their positions.
    pub first_position: FirstPosition,
    /// Whether tokens have segments.
    pub has_segments: bool,
    /// Whether the word embeddings may be narrower than a hidden state (`embedding_size`).
    pub has_embedding_size: bool,
    /// Whether scores have a bias that depends on the distance of two tokens (`relative_attention_num_buckets`).
    pub has_relative_bias: bool,
    /// Whether dropout follows attention's last dense layer.
    pub drops_attention_output: bool,
    /// Whether a prefix can stand before the keys and values.
    pub takes_prefix: bool,
    /// The dense layer between the first token's state and the classification head.
    pub pooler: PoolerKind,
    /// Activation of the masked-LM head; none: that of the feed-forward block.
    pub masked_lm_activation: Option<Activation>,
    /// The modules that LoRA and AdaLoRA adapt by default: as in peft, queries and values.
    pub target_modules: [&'static str; 2],
}

/// The position of a text's first token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirstPosition {
    /// 0, and each token the next, padding tokens in the text too.
    Zero,
    /// `pad_token_id` + 1, and each token that is no padding the next.
    AfterPadding,
}

/// The dense layer of the pooling `pooler`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolerKind {
    /// Its activation.
    pub activation: Activation,
    /// Whether dropout comes before it.
    pub drops_input: bool,
    /// Whether it belongs to the classification head, and is trained with it.
    pub in_head: bool,
}

const BERT: Architecture = Architecture {
    model_type: "bert",
    class: "Bert",
    prefix: "bert",
    config_names: &[],
    config_defaults: &[],
    modules: &[],
    first_position: FirstPosition::Zero,
    has_segments: true,
    has_embedding_size: false,
    has_relative_bias: false,
    drops_attention_output: true,
    takes_prefix: true,
    pooler: PoolerKind {
        activation: Activation::Tanh,
        drops_input: false,
        in_head: false,
    },
    masked_lm_activation: None,
    target_modules: ["query", "value"],
};

const DISTILBERT: Architecture = Architecture {
    model_type: "distilbert",
    class: "DistilBert",
    prefix: "distilbert",
    config_names: &[
        ("hidden_size", "dim"),
        ("num_hidden_layers", "n_layers"),
        ("num_attention_heads", "n_heads"),
        ("intermediate_size", "hidden_dim"),
        ("hidden_act", "activation"),
        ("hidden_dropout_prob", "dropout"),
        ("attention_probs_dropout_prob", "attention_dropout"),
        ("classifier_dropout", "seq_classif_dropout"),
    ],
    config_defaults: &[("num_hidden_layers", 6.0), ("classifier_dropout", 0.2)],
    modules: &[
        (
            "bert.encoder.layer.{}.attention.self.query",
            "distilbert.transformer.layer.{}.attention.q_lin",
        ),
        (
            "bert.encoder.layer.{}.attention.self.key",
            "distilbert.transformer.layer.{}.attention.k_lin",
        ),
        (
            "bert.encoder.layer.{}.attention.self.value",
            "distilbert.transformer.layer.{}.attention.v_lin",
        ),
        (
            "bert.encoder.layer.{}.attention.output.dense",
            "distilbert.transformer.layer.{}.attention.out_lin",
        ),
        (
            "bert.encoder.layer.{}.attention.output.LayerNorm",
            "distilbert.transformer.layer.{}.sa_layer_norm",
        ),
        (
            "bert.encoder.layer.{}.attention.output.adapter",
            "distilbert.transformer.layer.{}.attention.adapter",
        ),
        (
            "bert.encoder.layer.{}.intermediate.dense",
            "distilbert.transformer.layer.{}.ffn.lin1",
        ),
        (
            "bert.encoder.layer.{}.output.dense",
            "distilbert.transformer.layer.{}.ffn.lin2",
        ),
        (
            "bert.encoder.layer.{}.output.LayerNorm",
            "distilbert.transformer.layer.{}.output_layer_norm",
        ),
        (
            "bert.encoder.layer.{}.output.adapter",
            "distilbert.transformer.layer.{}.ffn.adapter",
        ),
        ("bert.pooler.dense", "pre_classifier"),
        ("cls.predictions.transform.dense", "vocab_transform"),
        ("cls.predictions.transform.LayerNorm", "vocab_layer_norm"),
        ("cls.predictions.decoder.weight", "vocab_projector.weight"),
        ("cls.predictions.bias", "vocab_projector.bias"),
    ],
    has_segments: false,
    drops_attention_output: false,
    takes_prefix: false,
    pooler: PoolerKind {
        activation: Activation::Relu,
        drops_input: false,
        in_head: true,
    },
    target_modules: ["q_lin", "v_lin"],
    ..BERT
};

const ROBERTA: Architecture = Architecture {
    model_type: "roberta",
    class: "Roberta",
    prefix: "roberta",
    config_defaults: &[("vocab_size", 50_265.0), ("pad_token_id", 1.0)],
    modules: &[
        ("bert.pooler.dense", "classifier.dense"),
        ("classifier", "classifier.out_proj"),
        ("cls.predictions.transform.dense", "lm_head.dense"),
        ("cls.predictions.transform.LayerNorm", "lm_head.layer_norm"),
        ("cls.predictions.decoder", "lm_head.decoder"),
        ("cls.predictions.bias", "lm_head.bias"),
    ],
    first_position: FirstPosition::AfterPadding,
    pooler: PoolerKind {
        activation: Activation::Tanh,
        drops_input: true,
        in_head: true,
    },
    masked_lm_activation: Some(Activation::Gelu),
    ..BERT
};

const XLM_ROBERTA: Architecture = Architecture {
    model_type: "xlm-roberta",
    class: "XLMRoberta",
    config_defaults: &[("vocab_size", 30_522.0), ("pad_token_id", 1.0)],
    ..ROBERTA
};

const CAMEMBERT: Architecture = Architecture {
    model_type: "camembert",
    class: "Camembert",
    config_defaults: &[("vocab_size", 30_522.0), ("pad_token_id", 1.0)],
    ..ROBERTA
};

const ELECTRA: Architecture = Architecture {
    model_type: "electra",
    class: "Electra",
    prefix: "electra",
    config_defaults: &[
        ("hidden_size", 256.0),
        ("num_attention_heads", 4.0),
        ("intermediate_size", 1_024.0),
        ("embedding_size", 128.0),
    ],
    modules: &[
        ("bert.pooler.dense", "classifier.dense"),
        ("classifier", "classifier.out_proj"),
        ("cls.predictions.transform.dense", "generator_predictions.dense"),
        ("cls.predictions.transform.LayerNorm", "generator_predictions.LayerNorm"),
        ("cls.predictions.decoder.weight", "generator_lm_head.weight"),
        ("cls.predictions.bias", "generator_lm_head.bias"),
    ],
    has_embedding_size: true,
    pooler: PoolerKind {
        activation: Activation::Gelu,
        drops_input: true,
        in_head: true,
    },
    masked_lm_activation: Some(Activation::Gelu),
    ..BERT
};

const MPNET: Architecture = Architecture {
    model_type: "mpnet",
    class: "MPNet",
    prefix: "mpnet",
    config_defaults: &[("vocab_size", 30_527.0), ("pad_token_id", 1.0)],
    modules: &[
        (
            "bert.encoder.layer.{}.attention.self.query",
            "mpnet.encoder.layer.{}.attention.attn.q",
        ),
        (
            "bert.encoder.layer.{}.attention.self.key",
            "mpnet.encoder.layer.{}.attention.attn.k",
        ),
        (
            "bert.encoder.layer.{}.attention.self.value",
            "mpnet.encoder.layer.{}.attention.attn.v",
        ),
        (
            "bert.encoder.layer.{}.attention.output.dense",
            "mpnet.encoder.layer.{}.attention.attn.o",
        ),
        (
            "bert.encoder.layer.{}.attention.output.LayerNorm",
            "mpnet.encoder.layer.{}.attention.LayerNorm",
        ),
        (
            "bert.encoder.layer.{}.attention.output.adapter",
            "mpnet.encoder.layer.{}.attention.adapter",
        ),
        ("bert.pooler.dense", "classifier.dense"),
        ("classifier", "classifier.out_proj"),
        ("cls.predictions.transform.dense", "lm_head.dense"),
        ("cls.predictions.transform.LayerNorm", "lm_head.layer_norm"),
        ("cls.predictions.decoder", "lm_head.decoder"),
        ("cls.predictions.bias", "lm_head.bias"),
    ],
    has_segments: false,
    has_relative_bias: true,
    takes_prefix: false,
    target_modules: ["q", "v"],
    ..ROBERTA
};

/// Every encoder that bertlet reads.
pub const ARCHITECTURES: [&Architecture; 7] =
    [&BERT, &DISTILBERT, &ROBERTA, &XLM_ROBERTA, &CAMEMBERT, &ELECTRA, &MPNET];

impl Architecture {
    /// BERT itself.
    pub const BERT: &'static Self = &BERT;

    /// The encoder of a `model_type`.
    pub fn of_model_type(name: &str) -> Option<&'static Self> {
        ARCHITECTURES.into_iter().find(|known| known.model_type == name)
    }

    /// The encoder that has a class of this name.
    pub fn of_class(name: &str) -> Option<&'static Self> {
        ARCHITECTURES.into_iter().find(|known| known.has_class(name))
    }

    /// Whether a class of this name has the encoder: with any head of transformers', or saved by this crate.
    pub fn has_class(&self, name: &str) -> bool {
        if name == self.saved_class(true) {
            return true;
        }
        let head = name.strip_prefix(self.class);
        head.is_some_and(|head| HEADS.contains(&head))
    }

    /// The class that a classifier is saved as: transformers', or the one of `modeling_bertlet.py`.
    pub fn saved_class(&self, is_own: bool) -> String {
        let own = match (is_own, self.model_type) {
            (false, _) => return format!("{}ForSequenceClassification", self.class),
            (true, "bert") => "",
            (true, _) => self.class,
        };
        format!("Bertlet{own}ForSequenceClassification")
    }

    /// An entry of config.json by its name here.
    pub fn config_name(&self, name: &'static str) -> &'static str {
        let other = self.config_names.iter().find(|(bert, _)| *bert == name);
        other.map_or(name, |(_, own)| own)
    }

    /// The default of an entry of config.json, where it is not BERT's.
    pub fn config_default(&self, name: &str) -> Option<f64> {
        let default = self.config_defaults.iter().find(|(other, _)| *other == name);
        default.map(|(_, default)| *default)
    }

    /// BERT's name of a tensor, `bert.` included, by its name in a file of this encoder. Where it has no place in the model
    /// it keeps its own, behind a mark that no name of BERT's has.
    pub fn canonical_name(&self, name: &str) -> String {
        let name = match name.strip_suffix("LayerNorm.gamma") {
            Some(stem) => format!("{stem}LayerNorm.weight"),
            None => match name.strip_suffix("LayerNorm.beta") {
                Some(stem) => format!("{stem}LayerNorm.bias"),
                None => name.to_owned(),
            },
        };
        // A model without a head has no prefix.
        let in_encoder = ENCODER_PARTS.iter().any(|part| name.starts_with(part));
        let name = match in_encoder {
            true => format!("{}.{name}", self.prefix),
            false => name,
        };
        if let Some(found) = self.modules.iter().find_map(|(bert, own)| renamed(&name, own, bert)) {
            return found;
        }
        let plain = match name.strip_prefix(self.prefix).and_then(|rest| rest.strip_prefix('.')) {
            Some(rest) => format!("bert.{rest}"),
            None => name.clone(),
        };
        let is_taken = self
            .modules
            .iter()
            .any(|(bert, _)| renamed(&plain, bert, bert).is_some());
        if is_taken { format!("?{name}") } else { plain }
    }

    /// The name in a file of this encoder of the tensor or module with BERT's name.
    pub fn own_name(&self, name: &str) -> String {
        if let Some(found) = self.modules.iter().find_map(|(bert, own)| renamed(name, bert, own)) {
            return found;
        }
        match name.strip_prefix("bert.") {
            Some(rest) => format!("{}.{rest}", self.prefix),
            None => name.to_owned(),
        }
    }
}

/// The heads of transformers' classes, under which an encoder is read.
const HEADS: [&str; 8] = [
    "Model",
    "ForSequenceClassification",
    "ForMaskedLM",
    "ForPreTraining",
    "ForNextSentencePrediction",
    "ForMultipleChoice",
    "ForTokenClassification",
    "ForQuestionAnswering",
];

/// Where the encoder's tensors begin in a file without its prefix.
const ENCODER_PARTS: [&str; 5] = [
    "embeddings.",
    "encoder.",
    "transformer.",
    "pooler.",
    "embeddings_project.",
];

/// A name that is `from`, or of something within it, with `to` in its place. `{}` in both is a layer's number.
fn renamed(name: &str, from: &str, to: &str) -> Option<String> {
    let (start, end) = from.split_once("{}").unwrap_or((from, ""));
    let rest = name.strip_prefix(start)?;
    let (layer, rest) = match end {
        "" => ("", rest),
        _ => {
            let digits = rest.find(|letter: char| !letter.is_ascii_digit())?;
            let (layer, rest) = rest.split_at(digits);
            (layer, rest.strip_prefix(end)?)
        }
    };
    let is_whole = rest.is_empty() || rest.starts_with('.');
    is_whole.then(|| format!("{}{rest}", to.replace("{}", layer)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_back() {
        let names = [
            "bert.embeddings.word_embeddings.weight",
            "bert.encoder.layer.11.attention.self.query.weight",
            "bert.encoder.layer.3.attention.output.LayerNorm.bias",
            "bert.encoder.layer.0.output.dense.weight",
            "bert.encoder.layer.0.output.LayerNorm.weight",
            "bert.pooler.dense.weight",
            "classifier.bias",
            "cls.predictions.transform.dense.weight",
            "cls.predictions.bias",
        ];
        for known in ARCHITECTURES {
            for name in names {
                let own = known.own_name(name);
                assert_eq!(known.canonical_name(&own), name, "{} {own}", known.model_type);
                assert_eq!(own == name, known.model_type == "bert", "{own}");
            }
        }
    }

    #[test]
    fn another_tensor_takes_no_place() {
        // The pooler of the encoder itself, which its classifier does not use, and a head for single tokens.
        for (name, expected) in [
            ("roberta.pooler.dense.weight", "?roberta.pooler.dense.weight"),
            ("pooler.dense.weight", "?roberta.pooler.dense.weight"),
            ("classifier.weight", "?classifier.weight"),
            (
                "encoder.layer.1.output.dense.bias",
                "bert.encoder.layer.1.output.dense.bias",
            ),
        ] {
            assert_eq!(ROBERTA.canonical_name(name), expected);
        }
    }

    #[test]
    fn a_class_has_one_encoder() {
        for (class, expected) in [
            ("BertModel", "bert"),
            ("XLMRobertaForMaskedLM", "xlm-roberta"),
            ("RobertaForQuestionAnswering", "roberta"),
            ("BertletForSequenceClassification", "bert"),
            ("BertletMPNetForSequenceClassification", "mpnet"),
        ] {
            assert_eq!(
                Architecture::of_class(class).map(|known| known.model_type),
                Some(expected)
            );
        }
        assert_eq!(Architecture::of_class("BertLMHeadModel"), None);
        assert_eq!(Architecture::of_class("RobertaPreLayerNormModel"), None);
    }
}
