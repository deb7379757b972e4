//! How an encoder of transformers' maps onto the parts of BERT's. The encoders themselves are in encoders.rs.
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
    /// BERT's names of entries that count more where both are there: `attribute_map` of transformers' configuration class.
    pub config_aliases: &'static [&'static str],
    /// Entries of transformers' configuration class that its encoder does not look at, with what it takes.
    pub fixed: &'static [(&'static str, f64)],
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

impl Architecture {
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

    /// What the encoder takes for an entry of config.json, whatever that says.
    pub fn fixed(&self, name: &str) -> Option<f64> {
        let fixed = self.fixed.iter().find(|(other, _)| *other == name);
        fixed.map(|(_, value)| *value)
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
const HEADS: [&str; 10] = [
    "Model",
    // Of encoders: a decoder is refused by its configuration.
    "LMHeadModel",
    "ForCausalLM",
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
