//! Every failure of bertlet: its stable code, its message and its hint. Each kind has one constructor.
//!
//! A message names the thing (file, tensor, row, option), what was expected and what was found.

use std::fmt::{self, Write};

use thiserror::Error;

/// What every fallible function of this crate returns.
pub type Result<T> = std::result::Result<T, Error>;

/// A failure. [`Error::code`] is part of the public contract; the text is for people.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum Error {
    /// The named file, `config.json` or `adapter_config.json`, is not JSON or holds an impossible value.
    #[error("{0}: {found}", found = Short(.1))]
    BadConfig(&'static str, String),
    /// The checkpoint is of a model that is none of the encoders that are read.
    #[error("the checkpoint is of {name}, which is not read", name = Short(found))]
    UnsupportedArchitecture {
        /// The name that the checkpoint gives itself, or that and the part which is not read.
        found: String,
        /// What the caller can do about it.
        hint: &'static str,
    },
    /// `tokenizer.json` or `vocab.txt` cannot be used.
    #[error("tokenizer: {found}", found = Short(.0))]
    BadTokenizer(String),
    /// The weights file is not a sound safetensors file.
    #[error("{file}: {found}", found = Short(.found))]
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
    #[error("{file}: tensor `{name}` is missing; expected shape {expected:?}", name = Short(.name))]
    MissingTensor {
        /// The file's name.
        file: &'static str,
        /// The tensor's Hugging Face name.
        name: String,
        /// The shape it should have.
        expected: Vec<usize>,
    },
    /// A tensor's shape is not what `config.json` says.
    #[error("{file}: tensor `{name}` has shape {found:?}; expected {expected:?}", name = Short(.name))]
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
    /// A tensor is stored in a type that is not read.
    #[error("{file}: tensor `{name}` is {found}; expected {expected}", name = Short(.name))]
    UnsupportedDtype {
        /// The file's name.
        file: &'static str,
        /// The tensor's name in the file.
        name: String,
        /// The types that are read.
        expected: &'static str,
        /// The type in the file.
        found: String,
    },
    /// An option is of the wrong kind or out of range.
    #[error("option `{name}`: expected {expected}, found {found}", expected = Short(.expected), found = Short(.found))]
    BadOption {
        /// The option's name in the JavaScript API.
        name: &'static str,
        /// The range or kind that is accepted.
        expected: String,
        /// What was given.
        found: String,
    },
    /// The call is sound, but does not fit the model or the run as it is now.
    #[error("{found}", found = Short(.found))]
    BadState {
        /// What is so.
        found: String,
        /// What the caller can do about it.
        hint: &'static str,
    },
    /// A row of the data cannot be used.
    #[error("{found}", found = Short(.0))]
    BadRow(String),
    /// The journal of a run cannot be resumed.
    #[error("the journal cannot be used: {0}")]
    BadJournal(&'static str),
    /// WebGPU is absent, or failed a small computation with a known answer.
    #[error("WebGPU: {0}")]
    NoWebGpu(String),
    /// The device stopped answering.
    #[error("the device was lost: {0}")]
    DeviceLost(String),
    /// The GPU has no room for a tensor.
    #[error("the GPU ran out of memory: {0}")]
    OutOfMemory(String),
    /// The loss or the gradients stopped being finite numbers.
    #[error("training diverged at step {step}: the {quantity} is not a finite number")]
    Diverged {
        /// The step, from 1, whose numbers were not finite.
        step: usize,
        /// `loss` or `gradient norm`.
        quantity: &'static str,
    },
}

/// The fault is in the numbers of a loaded model, whichever file they came from.
const LOADED: &str = "the weights";

/// How many characters of a text from a file or a caller a message shows: its start and its end.
const LONGEST: [usize; 2] = [260, 80];

/// A text with the middle left out where it is long.
struct Short<'a>(&'a String);

impl fmt::Display for Short<'_> {
    fn fmt(&self, out: &mut fmt::Formatter) -> fmt::Result {
        let [start, end] = LONGEST;
        let last = self.0.char_indices().rev().nth(end).map_or(0, |(at, _)| at);
        match self.0.char_indices().nth(start) {
            Some((at, _)) if at < last => {
                out.write_str(&self.0[..at])?;
                out.write_char('…')?;
                out.write_str(&self.0[last..])
            }
            _ => out.write_str(self.0),
        }
    }
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
            Self::BadState { .. } => "bad-state",
            Self::BadRow(_) => "bad-row",
            Self::BadJournal(_) => "bad-journal",
            Self::NoWebGpu(_) => "no-webgpu",
            Self::DeviceLost(_) => "device-lost",
            Self::OutOfMemory(_) => "out-of-memory",
            Self::Diverged { .. } => "diverged",
        }
    }

    /// What the caller can do about it, where there is something.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::BadTokenizer(_) => "use the tokenizer.json or vocab.txt that came with this checkpoint",
            Self::BadWeights { file, .. } if *file == LOADED => return None,
            Self::BadWeights { .. } => {
                "download the file again; a Git LFS pointer or an error page is often saved in its place"
            }
            Self::PickleRefused { .. } => {
                "convert it once in Python: model.save_pretrained(folder, safe_serialization=True)"
            }
            Self::MissingTensor { .. } | Self::ShapeMismatch { .. } => {
                "config.json and model.safetensors must come from the same checkpoint"
            }
            Self::UnsupportedDtype { .. } => "save the checkpoint in float32, float64, float16 or bfloat16",
            Self::NoWebGpu(_) => "choose the device \"wasm\", or \"auto\"",
            Self::DeviceLost(_) => "load the model again; the device \"wasm\" always works",
            Self::OutOfMemory(_) => "use a smaller batchSize or maxLength, a smaller model, or the device \"wasm\"",
            Self::UnsupportedArchitecture { hint, .. } | Self::BadState { hint, .. } => hint,
            Self::BadJournal(_) => "delete the journal, and start the run again",
            Self::Diverged { .. } => "try a learning rate ten times smaller; the last finite weights were kept",
            Self::BadConfig(..) | Self::BadOption { .. } | Self::BadRow(_) => return None,
        })
    }
}

/// Constructors, one a kind.
impl Error {
    /// `bad-config`: what `config.json` holds.
    pub fn bad_config(message: impl Into<String>) -> Self {
        Self::BadConfig("config.json", message.into())
    }

    /// `bad-config`: what `adapter_config.json` holds.
    pub fn bad_adapter_config(message: impl Into<String>) -> Self {
        Self::BadConfig("adapter_config.json", message.into())
    }

    /// `unsupported-architecture`: the class that the checkpoint names.
    pub fn unsupported_architecture(found: impl Into<String>) -> Self {
        let hint = "choose a BERT, DistilBERT, RoBERTa, XLM-RoBERTa, CamemBERT, ELECTRA or MPNet, under any head";
        Self::UnsupportedArchitecture {
            found: found.into(),
            hint,
        }
    }

    /// `unsupported-architecture`: a part that an encoder has, though it is one that is read.
    pub fn unsupported_part(found: impl Into<String>) -> Self {
        let hint = "choose a checkpoint without that part, since answers without it would be wrong";
        Self::UnsupportedArchitecture {
            found: found.into(),
            hint,
        }
    }

    /// `bad-tokenizer`: from a message, or from an error of the `tokenizers` crate.
    pub fn bad_tokenizer(message: impl ToString) -> Self {
        Self::BadTokenizer(message.to_string())
    }

    /// `bad-weights`: what is wrong with a safetensors file.
    pub fn bad_weights(file: &'static str, found: impl Into<String>) -> Self {
        Self::BadWeights {
            file,
            found: found.into(),
        }
    }

    /// `bad-weights`: an answer that is not a finite number, as it is of an adapter or a run with numbers too large for f32.
    pub fn not_finite(what: &str) -> Self {
        Self::bad_weights(
            LOADED,
            format!("expected finite {what}, found others: numbers are too large for f32"),
        )
    }

    /// `bad-option`: an option by its JavaScript name, the accepted range, and the value that was given.
    pub fn bad_option(name: &'static str, expected: impl Into<String>, found: impl ToString) -> Self {
        Self::BadOption {
            name,
            expected: expected.into(),
            found: found.to_string(),
        }
    }

    /// `bad-state`: what is so, and what the caller can do about it.
    pub fn bad_state(found: impl Into<String>, hint: &'static str) -> Self {
        Self::BadState {
            found: found.into(),
            hint,
        }
    }

    /// `bad-state`: a call that needs a model came before one was loaded.
    pub fn not_loaded() -> Self {
        Self::bad_state("no checkpoint is loaded", "load or create a model first")
    }

    /// `bad-state`: the model has no classification head.
    pub fn no_head() -> Self {
        Self::bad_state(
            "the model has no classification head: its checkpoint has none, and no labels were given",
            "give at least two labels when the checkpoint is loaded",
        )
    }

    /// `bad-state`: the model has no masked-LM head.
    pub fn no_masked_lm_head() -> Self {
        Self::bad_state(
            "the model was loaded without maskedLm, so it has no masked-LM head",
            "load the checkpoint with maskedLm: true",
        )
    }

    /// `bad-state`: the JavaScript call needs an adapter that is on.
    pub fn no_adapter(call: &str) -> Self {
        Self::bad_state(
            format!("{call}: no adapter is on"),
            "switch one on with useAdapter(name), or train one by lora, adalora, prompt or prefix",
        )
    }

    /// `bad-row`: which row, and what is wrong with it.
    pub fn bad_row(message: impl Into<String>) -> Self {
        Self::BadRow(message.into())
    }

    /// `bad-journal`: what is wrong with it.
    pub fn bad_journal(found: &'static str) -> Self {
        Self::BadJournal(found)
    }

    /// `device-lost`: what the device answered.
    pub fn device_lost(message: impl Into<String>) -> Self {
        Self::DeviceLost(message.into())
    }

    /// `out-of-memory`: what the GPU says of it.
    pub fn out_of_memory(message: impl ToString) -> Self {
        Self::OutOfMemory(message.to_string())
    }

    /// `no-webgpu`: why WebGPU cannot be used.
    pub fn no_webgpu(message: impl Into<String>) -> Self {
        Self::NoWebGpu(message.into())
    }
}
