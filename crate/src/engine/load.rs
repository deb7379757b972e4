//! A checkpoint's files to an engine: configuration, tokenizer, weights, and the options they are read by.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::{
    load_options::{LoadOptions, check_labels, max_length, own_labels, pooling, problem_type},
    state::{Engine, Settings},
};
use crate::{
    Error, Result,
    checkpoint::{self, ReadAs, SentenceTransformer, Tensors},
    device::Device,
    kernels::Storage,
    metrics::THRESHOLD,
    model::{BertConfig, Pooling, ProblemType},
    text::{Tokenizer, read_tokenizer},
};

/// Reads a tokenizer by the text of `tokenizer_config.json`, for a size of vocabulary, cutting texts to a length.
pub type ReadTokenizer<'a> = &'a dyn Fn(Option<&str>, usize, usize) -> Result<Box<dyn Tokenizer>>;

impl Engine {
    /// Reads a checkpoint onto an opened device.
    ///
    /// # Errors
    /// The codes of [`checkpoint`] and [`read_tokenizer`]; `bad-option`.
    pub fn load(device: Device, config: &[u8], tokenizer: &[u8], weights: &[u8], options: LoadOptions) -> Result<Self> {
        let read: ReadTokenizer =
            &|config, vocab_size, max_length| read_tokenizer(tokenizer, config, vocab_size, max_length);
        Self::load_with(device, config, read, weights, options)
    }

    /// The same with a tokenizer from elsewhere.
    ///
    /// # Errors
    /// Those of `load` and `read`.
    pub fn load_with(
        device: Device,
        config: &[u8],
        read: ReadTokenizer,
        weights: &[u8],
        options: LoadOptions,
    ) -> Result<Self> {
        let config = BertConfig::parse(config)?;
        let tensors = Tensors::open("model.safetensors", weights, config.encoder)?;
        // A head for single tokens has the same name, and no pooler beside it.
        let has_head = ["classifier.weight", "bert.pooler.dense.weight"];
        let config = config.of_tensors(has_head.iter().all(|name| tensors.contains(name)));
        // A folder that bertlet wrote over one of sentence-transformers says all of itself.
        let folder = SentenceTransformer::read(&options.sentence_transformers, config.hidden_size)?;
        let folder = folder.filter(|_| config.pooling.is_none());
        let max_length = max_length(&config, folder.as_ref(), &options)?;
        let tokenizer_config = with_class(options.tokenizer_config.as_deref(), &config);
        let tokenizer = read(tokenizer_config.as_deref(), config.vocab_size, max_length)?;
        if config.type_vocab_size > 0 {
            check_segments(tokenizer.as_ref(), config.type_vocab_size)?;
        }
        let pooling = pooling(&config, &tensors, folder.as_ref(), options.pooling.as_deref())?;
        let own = own_labels(&config, &tensors);
        let (labels, own) = match options.labels {
            Some(labels) => (check_labels(labels)?, own.unwrap_or_default()),
            None => own.map(|own| (own.clone(), own))?,
        };
        let keep_head = !labels.is_empty() && labels == own;
        let kept_classes = keep_head.then_some(labels.len());
        let problem_type = problem_type(&config, options.problem_type.as_deref(), kept_classes)?;
        let read_as = ReadAs {
            pooling,
            classes: labels.len(),
            keep_head,
            storage: options.dtype,
            seed: options.seed,
        };
        let loaded = checkpoint::load(&tensors, &config, read_as, &device.handle)?;
        let loaded = match options.masked_lm {
            true => checkpoint::add_masked_lm(loaded, &tensors, &config, options.seed, &device.handle)?,
            false => loaded,
        };
        loaded.magnitudes.check(&config)?;
        let is_new = |name: &String| name.starts_with("cls.");
        let masked_lm_trained = options.masked_lm && !loaded.new_tensors.iter().any(is_new);
        // The threshold of another head does not fit a new one.
        let own_threshold = config.threshold.filter(|_| keep_head);
        let threshold = match problem_type {
            ProblemType::SingleLabel => None,
            ProblemType::MultiLabel => own_threshold.or(Some(THRESHOLD)),
        };
        let settings = Settings {
            max_length,
            pooling,
            normalizes: match config.normalizes {
                Some(own) => own,
                None => folder.is_none_or(|folder| folder.normalizes),
            },
            problem_type,
            threshold,
            new_head: !labels.is_empty() && !keep_head,
            labels,
            masked_lm_trained,
            dtype: options.dtype.unwrap_or(Storage::F32),
        };
        let spare_pooler = match pooling {
            Pooling::Pooler => None,
            Pooling::Cls | Pooling::Mean | Pooling::Max => {
                checkpoint::read_pooler(&tensors, config.hidden_size, &device.handle)?
            }
        };
        let mut engine = Self::new(device, config, tokenizer, loaded, settings);
        engine.spare_pooler = spare_pooler;
        Ok(engine)
    }
}

/// `tokenizer_config.json` with the class of the tokenizer where it names none, as in transformers: config.json's, else that of
/// its model, where the kind of tokenizer does not tell.
fn with_class<'a>(tokenizer_config: Option<&'a str>, config: &BertConfig) -> Option<Cow<'a, str>> {
    // A text that is not JSON is reported when it is read.
    let Ok(Value::Object(mut settings)) = serde_json::from_str(tokenizer_config.unwrap_or("{}")) else {
        return tokenizer_config.map(Cow::Borrowed);
    };
    let named = |settings: &Map<String, Value>, key: &str| settings.get(key).and_then(Value::as_str).map(str::to_owned);
    let of_model = || match named(&config.raw, "model_type").as_deref() {
        Some("mpnet") => Some("MPNetTokenizer".to_owned()),
        Some("camembert") => Some("CamembertTokenizer".to_owned()),
        _ => None,
    };
    if named(&settings, "tokenizer_class").is_some() {
        return tokenizer_config.map(Cow::Borrowed);
    }
    let Some(class) = named(&config.raw, "tokenizer_class").or_else(of_model) else {
        return tokenizer_config.map(Cow::Borrowed);
    };
    settings.insert("tokenizer_class".into(), class.into());
    Some(Value::Object(settings).to_string().into())
}

/// Checks that the segments of a single text are below the checkpoint's number of segments.
fn check_segments(tokenizer: &dyn Tokenizer, segments: usize) -> Result<()> {
    let row = tokenizer.encode("a")?;
    match row.segment_beyond(segments) {
        Some(segment) => Err(Error::bad_tokenizer(format!(
            "the post_processor puts a text into segment {segment}; config.json's type_vocab_size is {segments}"
        ))),
        None => Ok(()),
    }
}
