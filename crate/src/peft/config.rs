//! adapter_config.json: what peft says of an adapter. `read_config` reads it, `write_config` writes it.

use super::{
    options::{AdaloraOptions, LoraOptions},
    targets::ends_with,
};
use crate::model::BertForSequenceClassification;

/// What bertlet uses of `adapter_config.json`.
#[derive(Debug, Clone, PartialEq)]
pub struct AdapterConfig {
    /// The method, with its settings.
    pub kind: AdapterKind,
}

/// A method of peft.
#[derive(Debug, Clone, PartialEq)]
pub enum AdapterKind {
    /// `LORA`
    Lora(LoraOptions),
    /// `ADALORA`, with the number of steps of its run.
    Adalora(AdaloraOptions, usize),
    /// `PROMPT_TUNING`
    Prompt {
        /// Virtual tokens.
        tokens: usize,
    },
    /// `PREFIX_TUNING` without projection.
    Prefix {
        /// Virtual tokens.
        tokens: usize,
    },
}

impl AdapterKind {
    /// The target modules of a low-rank adapter; none of virtual tokens.
    fn target_modules(&self) -> &[String] {
        match self {
            Self::Lora(options) => &options.target_modules,
            Self::Adalora(options, _) => &options.target_modules,
            Self::Prompt { .. } | Self::Prefix { .. } => &[],
        }
    }

    fn target_modules_mut(&mut self) -> Option<&mut Vec<String>> {
        match self {
            Self::Lora(options) => Some(&mut options.target_modules),
            Self::Adalora(options, _) => Some(&mut options.target_modules),
            Self::Prompt { .. } | Self::Prefix { .. } => None,
        }
    }

    /// The rank and the alpha of a low-rank adapter. AdaLoRA's is the rank at the start.
    pub(super) fn rank_and_alpha(&self) -> Option<(usize, f64)> {
        match self {
            Self::Lora(options) => Some((options.rank, options.alpha)),
            Self::Adalora(options, _) => Some((options.initial_rank, options.alpha)),
            Self::Prompt { .. } | Self::Prefix { .. } => None,
        }
    }
}

impl AdapterConfig {
    /// Factor of the low-rank product: alpha / rank. peft's AdaLoRA adds 1e-5 to the rank.
    pub fn scale(&self) -> f64 {
        match &self.kind {
            AdapterKind::Lora(options) => options.alpha / options.rank as f64,
            AdapterKind::Adalora(options, _) => options.alpha / (options.initial_rank as f64 + 1e-5),
            AdapterKind::Prompt { .. } | AdapterKind::Prefix { .. } => 1.0,
        }
    }

    /// Whether the dense layer of this name gets a low-rank pair. As in peft, the end of the name decides.
    pub fn targets(&self, name: &str) -> bool {
        let mut modules = self.kind.target_modules().iter();
        modules.any(|module| ends_with(name, module))
    }

    /// The configuration with the modules by the names of a model's encoder. A run may name them as BERT does: `query`.
    pub fn for_encoder(mut self, model: &BertForSequenceClassification) -> Self {
        let Some(modules) = self.kind.target_modules_mut() else {
            return self;
        };
        let layers: Vec<String> = model.dense_layers().into_iter().map(|(name, _)| name).collect();
        let architecture = model.architecture();
        let mut own: Vec<String> = Vec::new();
        for module in modules.drain(..) {
            let by_name = |name: &&String| ends_with(name, &module);
            let by_bert = |name: &&String| ends_with(&architecture.canonical_name(name), &module);
            let others = layers.iter().filter(|name| by_bert(name) && !by_name(name));
            // As short as peft writes it, where that names no other layer.
            let short = |name: &String| -> String {
                let last = name.rsplit('.').next().unwrap_or(name);
                let is_clear = (layers.iter().filter(|other| ends_with(other, last))).all(|other| by_bert(&other));
                let whole = || within_layer(name).unwrap_or_else(|| name.clone());
                if is_clear { last.to_owned() } else { whole() }
            };
            let others: Vec<String> = others.map(short).collect();
            let is_own = others.is_empty() || layers.iter().any(|name| by_name(&name));
            for name in others.into_iter().chain(is_own.then_some(module)) {
                if !own.contains(&name) {
                    own.push(name);
                }
            }
        }
        *modules = own;
        self
    }

    /// Whether a run with the settings `other` may resume the adapter: its weights keep their shapes and meaning.
    pub fn can_resume_as(&self, other: &Self) -> bool {
        let sorted = |kind: &AdapterKind| -> Vec<String> {
            let mut modules = kind.target_modules().to_vec();
            modules.sort();
            modules
        };
        std::mem::discriminant(&self.kind) == std::mem::discriminant(&other.kind)
            && self.kind.rank_and_alpha() == other.kind.rank_and_alpha()
            && sorted(&self.kind) == sorted(&other.kind)
            && self.virtual_tokens() == other.virtual_tokens()
    }

    /// Number of virtual tokens in front of a text.
    pub fn virtual_tokens(&self) -> usize {
        match self.kind {
            AdapterKind::Prompt { tokens } | AdapterKind::Prefix { tokens } => tokens,
            AdapterKind::Lora(_) | AdapterKind::Adalora(..) => 0,
        }
    }

    /// The configuration of an adapter of just these modules, by their whole names.
    pub fn with_modules(mut self, names: Vec<String>) -> Self {
        if let Some(modules) = self.kind.target_modules_mut() {
            *modules = names;
        }
        self
    }
}

/// What follows the layer's number in a module's name.
fn within_layer(name: &str) -> Option<String> {
    let (_, rest) = name.split_once(".layer.")?;
    rest.split_once('.').map(|(_, rest)| rest.to_owned())
}
