//! A small BERT without a checkpoint: a vocabulary learned from texts, and untrained weights.

use serde::Deserialize;
use serde_json::json;

use super::{
    load_options::check_labels,
    state::{Engine, Settings},
};
use crate::{
    Error, Result,
    checkpoint::{self, Tensors},
    device::Device,
    kernels::Storage,
    model::{BertConfig, Pooling, ProblemType},
    text::{learn_vocabulary, read_tokenizer},
};

/// The shape of a new model, named as in the JavaScript API.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateOptions {
    /// Largest size of the vocabulary in tokens, 100 to 30,000.
    pub vocab_size: usize,
    /// Encoder layers, 1 to 12.
    pub layers: usize,
    /// Width of a hidden state, 8 to 768: a multiple of `heads`.
    pub hidden_size: usize,
    /// Attention heads, 1 to 64.
    pub heads: usize,
    /// Width of the feed-forward block, 8 to 3,072; none: four times `hidden_size`.
    #[serde(default)]
    pub intermediate_size: Option<usize>,
    /// Most tokens of a row, 8 to 512.
    pub max_length: usize,
    /// Labels in order; none: no classification head.
    #[serde(default)]
    pub labels: Option<Vec<String>>,
    /// Seed of the weights.
    pub seed: u64,
}

impl CreateOptions {
    fn check(&self) -> Result<()> {
        let heads = (1..=64).contains(&self.heads) && self.hidden_size.is_multiple_of(self.heads);
        let checks = [
            (
                "vocabSize",
                "from 100 to 30000",
                self.vocab_size,
                (100..=30_000).contains(&self.vocab_size),
            ),
            ("layers", "from 1 to 12", self.layers, (1..=12).contains(&self.layers)),
            (
                "hiddenSize",
                "from 8 to 768",
                self.hidden_size,
                (8..=768).contains(&self.hidden_size),
            ),
            ("heads", "from 1 to 64 that divides hiddenSize", self.heads, heads),
            (
                "intermediateSize",
                "from 8 to 3072",
                self.intermediate(),
                (8..=3072).contains(&self.intermediate()),
            ),
            (
                "maxLength",
                "from 8 to 512",
                self.max_length,
                (8..=512).contains(&self.max_length),
            ),
        ];
        match checks.into_iter().find(|(.., passes)| !passes) {
            None => Ok(()),
            Some((name, expected, found, _)) => {
                Err(Error::bad_option(name, format!("a whole number {expected}"), found))
            }
        }
    }

    fn intermediate(&self) -> usize {
        self.intermediate_size.unwrap_or(4 * self.hidden_size)
    }
}

impl Engine {
    /// Learns a vocabulary from texts and makes a model for it, with a masked-LM head, mean pooling and, where labels
    /// are given, a classification head.
    ///
    /// # Errors
    /// `bad-option`; `bad-row` where the texts hold no word.
    pub fn create(device: Device, texts: &[String], options: CreateOptions) -> Result<Self> {
        options.check()?;
        let labels = options.labels.clone().map_or(Ok(Vec::new()), check_labels)?;
        let vocabulary = learn_vocabulary(texts, options.vocab_size)?;
        let config = json!({
            "architectures": ["BertForMaskedLM"],
            "model_type": "bert",
            "vocab_size": vocabulary.len(),
            "hidden_size": options.hidden_size,
            "num_hidden_layers": options.layers,
            "num_attention_heads": options.heads,
            "intermediate_size": options.intermediate(),
            "hidden_act": "gelu",
            "hidden_dropout_prob": 0.1,
            "attention_probs_dropout_prob": 0.1,
            "max_position_embeddings": options.max_length,
            "type_vocab_size": 2,
            "initializer_range": 0.02,
            "layer_norm_eps": 1e-12,
            "pad_token_id": 0,
        });
        let config = BertConfig::parse(config.to_string().as_bytes())?;
        let lines = vocabulary.join("\n");
        let tokenizer = read_tokenizer(lines.as_bytes(), None, config.vocab_size, options.max_length)?;
        let pooling = Pooling::Mean;
        let loaded = checkpoint::init(&config, pooling, labels.len(), options.seed, &device.handle)?;
        let loaded = checkpoint::add_masked_lm(loaded, &Tensors::empty(), &config, options.seed, &device.handle)?;
        let settings = Settings {
            max_length: options.max_length,
            pooling,
            normalizes: true,
            problem_type: ProblemType::SingleLabel,
            threshold: None,
            new_head: !labels.is_empty(),
            labels,
            masked_lm_trained: false,
            dtype: Storage::F32,
        };
        Ok(Self::new(device, config, tokenizer, loaded, settings))
    }
}
