//! A checkpoint's files to an engine: configuration, tokenizer, weights, and the options they are read by.

use std::collections::BTreeMap;

use burn::module::Module;

use super::{
    info::Info,
    load_options::{LoadOptions, check_labels, max_length, own_labels, pooling, problem_type},
    state::Engine,
};
use crate::{
    Error, Result,
    checkpoint::{self, Tensors},
    device::Device,
    metrics::THRESHOLD,
    model::{BertConfig, ProblemType, weight_bytes},
    text::BertTokenizer,
};

impl Engine {
    /// Reads a checkpoint onto an opened device.
    ///
    /// # Errors
    /// The codes of [`checkpoint`] and [`BertTokenizer::read`]; `bad-option`.
    pub fn load(device: Device, config: &[u8], tokenizer: &[u8], weights: &[u8], options: LoadOptions) -> Result<Self> {
        let config = BertConfig::parse(config)?;
        let tensors = Tensors::open("model.safetensors", weights)?;
        let max_length = max_length(&config, options.max_length)?;
        let tokenizer = BertTokenizer::read(
            tokenizer,
            options.tokenizer_config.as_deref(),
            config.vocab_size,
            max_length,
        )?;
        check_segments(&tokenizer, config.type_vocab_size)?;
        let pooling = pooling(&config, &tensors, options.pooling.as_deref())?;
        let own = own_labels(&config, &tensors);
        let labels = match options.labels {
            Some(labels) => check_labels(labels)?,
            None => own.clone(),
        };
        let keep_head = !labels.is_empty() && labels == own;
        let kept_classes = keep_head.then_some(labels.len());
        let problem_type = problem_type(&config, options.problem_type.as_deref(), kept_classes)?;
        let loaded = checkpoint::load(
            &tensors,
            &config,
            pooling,
            labels.len(),
            keep_head,
            options.seed,
            &device.handle,
        )?;
        let loaded = match options.masked_lm {
            true => checkpoint::add_masked_lm(loaded, &tensors, &config, options.seed, &device.handle)?,
            false => loaded,
        };
        let is_new = |name: &String| name.starts_with("cls.");
        let predicts = options.masked_lm && !loaded.new_tensors.iter().any(is_new);
        // One that was found for another head says nothing of a new one.
        let own_threshold = config.threshold.filter(|_| keep_head);
        let info = Info {
            architecture: config.architecture.clone(),
            layers: config.num_hidden_layers,
            hidden_size: config.hidden_size,
            heads: config.num_attention_heads,
            vocab_size: config.vocab_size,
            parameters: loaded.model.num_params(),
            weight_bytes: weight_bytes(&loaded.model),
            max_length,
            pooling: pooling.name(),
            problem_type: problem_type.name(),
            threshold: match problem_type {
                ProblemType::SingleLabel => None,
                ProblemType::MultiLabel => own_threshold.or(Some(THRESHOLD)),
            },
            adapter_size: config.adapter_size,
            masked_lm: options.masked_lm,
            new_head: !labels.is_empty() && !keep_head,
            labels,
            new_tensors: loaded.new_tensors,
            unused_tensors: loaded.unused_tensors,
        };
        Ok(Self {
            device,
            config,
            tokenizer,
            model: Some(loaded.model),
            pooling,
            problem_type,
            info,
            session: None,
            adapters: BTreeMap::new(),
            active: None,
            predicts,
        })
    }
}

/// That a text by itself is of segments that the checkpoint has.
fn check_segments(tokenizer: &BertTokenizer, segments: usize) -> Result<()> {
    let row = tokenizer.encode("a")?;
    match row.token_type_ids.iter().max() {
        Some(&segment) if segment as usize >= segments => Err(Error::bad_tokenizer(format!(
            "the post_processor puts a text into segment {segment}; config.json's type_vocab_size is {segments}"
        ))),
        _ => Ok(()),
    }
}
