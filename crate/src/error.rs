//! Every way bertlet can fail, each with the stable code that JavaScript sees.
//!
//! A message names the thing (file, tensor, row, option), what was expected and what was found.

use thiserror::Error;

/// What every fallible function of this crate returns.
pub type Result<T> = std::result::Result<T, Error>;

/// A failure. [`Error::code`] is part of the public contract; the text is for people.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum Error {
    /// `config.json` or `adapter_config.json`, whichever is named first, is not JSON or asks for what is impossible.
    #[error("{0}: {1}")]
    BadConfig(&'static str, String),
    /// The checkpoint is of a model that is not BERT.
    #[error(
        "the checkpoint is of {found}; expected one of BertModel, BertForSequenceClassification, BertForMaskedLM, BertForPreTraining"
    )]
    UnsupportedArchitecture {
        /// The name that the checkpoint gives itself.
        found: String,
    },
    /// `tokenizer.json` or `vocab.txt` cannot be used.
    #[error("tokenizer: {0}")]
    BadTokenizer(String),
    /// The weights file is not a sound safetensors file.
    #[error("{file}: {found}")]
    BadWeights {
        /// The file's name.
        file: &'static str,
        /// What is wrong with it.
        found: String,
    },
    /// The weights file is a Python pickle, which can run code and is never opened.
    #[error("{file}: found a Python pickle or zip archive; expected safetensors")]
    PickleRefused {
        /// The file's name.
        file: &'static str,
    },
    /// A tensor that the model cannot do without is absent.
    #[error("{file}: tensor `{name}` is missing; expected shape {expected:?}")]
    MissingTensor {
        /// The file's name.
        file: &'static str,
        /// The tensor's Hugging Face name.
        name: String,
        /// The shape it should have.
        expected: Vec<usize>,
    },
    /// A tensor's shape is not what `config.json` says.
    #[error("{file}: tensor `{name}` has shape {found:?}; expected {expected:?}")]
    ShapeMismatch {
        /// The file's name.
        file: &'static str,
        /// The tensor's name in the file.
        name: String,
        /// The shape that the configuration implies.
        expected: Vec<usize>,
        /// The shape in the file.
        found: Vec<usize>,
    },
    /// A tensor is stored in a type other than F32, F16 or BF16.
    #[error("{file}: tensor `{name}` is {found}; expected F32, F16 or BF16")]
    UnsupportedDtype {
        /// The file's name.
        file: &'static str,
        /// The tensor's name in the file.
        name: String,
        /// The type in the file.
        found: String,
    },
    /// An option is of the wrong kind or out of range.
    #[error("option `{name}`: expected {expected}, found {found}")]
    BadOption {
        /// The option's name in the JavaScript API.
        name: &'static str,
        /// The range or kind that is accepted.
        expected: String,
        /// What was given.
        found: String,
    },
    /// A row of the data cannot be used.
    #[error("{0}")]
    BadRow(String),
    /// WebGPU is absent, or failed a small computation with a known answer.
    #[error("WebGPU: {0}")]
    NoWebGpu(String),
    /// The device stopped answering.
    #[error("the device was lost: {0}")]
    DeviceLost(String),
    /// The loss or the gradients stopped being finite numbers.
    #[error("training diverged at step {step}: the {quantity} is not a finite number")]
    Diverged {
        /// The step, from 1, whose numbers were not finite.
        step: usize,
        /// `loss` or `gradient norm`.
        quantity: &'static str,
    },
}

impl Error {
    /// The stable code of the public API.
    pub fn code(&self) -> &'static str {
        match self {
            Self::BadConfig(..) => "bad-config",
            Self::UnsupportedArchitecture { .. } => "unsupported-architecture",
            Self::BadTokenizer(_) => "bad-tokenizer",
            Self::BadWeights { .. } => "bad-weights",
            Self::PickleRefused { .. } => "pickle-refused",
            Self::MissingTensor { .. } => "missing-tensor",
            Self::ShapeMismatch { .. } => "shape-mismatch",
            Self::UnsupportedDtype { .. } => "unsupported-dtype",
            Self::BadOption { .. } => "bad-option",
            Self::BadRow(_) => "bad-row",
            Self::NoWebGpu(_) => "no-webgpu",
            Self::DeviceLost(_) => "device-lost",
            Self::Diverged { .. } => "diverged",
        }
    }

    /// What the person can do about it, where there is something.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::UnsupportedArchitecture { .. } => {
                "choose a checkpoint whose config.json says \"model_type\": \"bert\" and one of these classes"
            }
            Self::BadTokenizer(_) => "use the tokenizer.json or vocab.txt that came with this BERT checkpoint",
            Self::BadWeights { .. } => {
                "download the file again; a Git LFS pointer or an error page is often saved in its place"
            }
            Self::PickleRefused { .. } => {
                "convert it once in Python: model.save_pretrained(folder, safe_serialization=True)"
            }
            Self::MissingTensor { .. } | Self::ShapeMismatch { .. } => {
                "config.json and model.safetensors must come from the same checkpoint"
            }
            Self::UnsupportedDtype { .. } => "save the checkpoint in float32, float16 or bfloat16",
            Self::NoWebGpu(_) => "choose the device \"wasm\", or \"auto\"",
            Self::DeviceLost(_) => "load the model again; the device \"wasm\" always works",
            Self::Diverged { .. } => "try a learning rate ten times smaller; the last finite weights were kept",
            Self::BadConfig(..) | Self::BadOption { .. } | Self::BadRow(_) => return None,
        })
    }
}
