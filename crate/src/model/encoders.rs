//! The encoders that are read, a row each.

use super::architecture::{Architecture, FirstPosition, PoolerKind};
use crate::kernels::Activation;

const BERT: Architecture = Architecture {
    model_type: "bert",
    class: "Bert",
    prefix: "bert",
    config_names: &[],
    config_aliases: &[],
    fixed: &[],
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
    config_aliases: &["hidden_size", "num_hidden_layers", "num_attention_heads"],
    fixed: &[("layer_norm_eps", 1e-12)],
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
    fixed: &[("pad_token_id", 1.0)],
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
                assert!(known.model_type != "bert" || own == name, "{own}");
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
            ("BertLMHeadModel", "bert"),
            ("RobertaForCausalLM", "roberta"),
            ("BertletForSequenceClassification", "bert"),
            ("BertletMPNetForSequenceClassification", "mpnet"),
        ] {
            assert_eq!(
                Architecture::of_class(class).map(|known| known.model_type),
                Some(expected)
            );
        }
        assert_eq!(Architecture::of_class("BertForImages"), None);
        assert_eq!(Architecture::of_class("RobertaPreLayerNormModel"), None);
    }
}
