//! The references' paths and readers, and all tolerances.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

#[cfg(feature = "webgpu")]
use bertlet::device::{GpuTraits, Subgroups};
use bertlet::{
    checkpoint::ReadAs,
    device::{Device, DeviceKind},
    engine::{Engine, LoadOptions},
    model::Pooling,
};
use safetensors::SafeTensors;
use serde_json::Value;

/// Tolerances of a device against torch in f64. The sources are the order of f32 arithmetic and the shaders' functions.
#[derive(Clone, Copy)]
pub struct Tolerance {
    /// Largest absolute difference of a hidden state or logit.
    pub forward: f32,
    /// Norm of a gradient's difference over the gradient's norm.
    pub gradient: f64,
    /// Absolute difference of a loss after up to 30 steps.
    pub loss: f32,
}

const CPU: Tolerance = Tolerance {
    forward: 1e-4,
    gradient: 1e-3,
    loss: 1e-3,
};
#[cfg(feature = "webgpu")]
const GPU: Tolerance = Tolerance {
    forward: 1e-3,
    gradient: 5e-3,
    loss: 1e-3,
};

/// The devices of this build: one that cannot be opened fails the test. They are opened once, since a GPU compiles its
/// shaders anew for each.
pub fn devices() -> Vec<(Device, Tolerance)> {
    static OPENED: LazyLock<Vec<(Device, Tolerance)>> = LazyLock::new(|| {
        let cpu = pollster::block_on(bertlet::kernels::open_device(DeviceKind::Cpu));
        vec![
            (cpu.expect("the CPU opens"), CPU),
            #[cfg(feature = "webgpu")]
            (gpu(false), GPU),
            #[cfg(feature = "webgpu")]
            (gpu(true), GPU),
        ]
    });
    OPENED.clone()
}

/// The CPU, and the GPU in one of its forms: of several long runs, each takes the next one.
pub fn devices_in_turn(case: usize) -> Vec<(Device, Tolerance)> {
    let mut all = devices();
    let gpus = all.split_off(1);
    all.extend(gpus.get(case % gpus.len().max(1)).cloned());
    all
}

/// The GPU, with the shaders that a GPU takes, also where software stands in for it.
#[cfg(feature = "webgpu")]
fn gpu(with_subgroups: bool) -> Device {
    let opened = pollster::block_on(bertlet::device::open_gpu(|traits| {
        assert_ne!(traits.subgroups, Subgroups::None, "the GPU has subgroups");
        GpuTraits {
            software: false,
            subgroups: if with_subgroups {
                traits.subgroups
            } else {
                Subgroups::None
            },
        }
    }));
    opened.expect("the GPU opens")
}

/// A path under `tests/reference/data`.
pub fn data(path: &str) -> PathBuf {
    // On another machine than the compiler's, the crate lies elsewhere.
    let folder = env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    Path::new(&folder).join("../tests/reference/data").join(path)
}

/// A JSON file of the references.
pub fn json(path: &str) -> Value {
    serde_json::from_slice(&bytes(&data(path))).expect("the reference is JSON")
}

/// The bytes of a file.
pub fn bytes(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A safetensors file of the references.
pub struct Reference(Vec<u8>);

impl Reference {
    pub fn open(path: &str) -> Self {
        Self(bytes(&data(path)))
    }

    /// A tensor's shape and values.
    pub fn floats(&self, name: &str) -> (Vec<usize>, Vec<f32>) {
        let file = SafeTensors::deserialize(&self.0).expect("the reference is safetensors");
        let view = file.tensor(name).unwrap_or_else(|error| panic!("{name}: {error}"));
        let values = view
            .data()
            .as_chunks::<4>()
            .0
            .iter()
            .map(|word| f32::from_le_bytes(*word))
            .collect();
        (view.shape().to_vec(), values)
    }

    /// A tensor of whole numbers, i64 or u16.
    pub fn integers(&self, name: &str) -> Vec<u32> {
        let file = SafeTensors::deserialize(&self.0).expect("the reference is safetensors");
        let view = file.tensor(name).unwrap_or_else(|error| panic!("{name}: {error}"));
        match view.dtype() {
            safetensors::Dtype::U16 => view
                .data()
                .as_chunks::<2>()
                .0
                .iter()
                .map(|word| u32::from(u16::from_le_bytes(*word)))
                .collect(),
            _ => view
                .data()
                .as_chunks::<8>()
                .0
                .iter()
                .map(|word| i64::from_le_bytes(*word) as u32)
                .collect(),
        }
    }

    /// A safetensors file of the tensors whose names begin with `prefix`, without it.
    pub fn under(&self, prefix: &str) -> Vec<u8> {
        let file = SafeTensors::deserialize(&self.0).expect("the reference is safetensors");
        let chosen = file.tensors().into_iter();
        let chosen = chosen.filter_map(|(name, view)| Some((name.strip_prefix(prefix)?.to_owned(), view)));
        safetensors::serialize(chosen, None).expect("a file")
    }

    /// The same, and those tensors of another file that it lacks.
    pub fn under_with(&self, prefix: &str, others: &[u8]) -> Vec<u8> {
        let own = self.under(prefix);
        let (own, others) = [&own[..], others]
            .map(|bytes| SafeTensors::deserialize(bytes).expect("safetensors"))
            .into();
        let all: BTreeMap<String, _> = others.tensors().into_iter().chain(own.tensors()).collect();
        safetensors::serialize(all, None).expect("a file")
    }

    pub fn names(&self) -> Vec<String> {
        let file = SafeTensors::deserialize(&self.0).expect("the reference is safetensors");
        file.names().into_iter().map(str::to_owned).collect()
    }
}

/// A checkpoint's three files.
pub struct Files {
    pub config: Vec<u8>,
    pub tokenizer: Vec<u8>,
    pub tokenizer_config: Option<String>,
    pub weights: Vec<u8>,
    /// By their paths: those of sentence-transformers.
    pub others: BTreeMap<String, String>,
}

impl Files {
    pub fn read(folder: &Path) -> Self {
        let json = folder.join("tokenizer.json");
        let tokenizer = if json.exists() { json } else { folder.join("vocab.txt") };
        Self {
            config: bytes(&folder.join("config.json")),
            tokenizer: bytes(&tokenizer),
            tokenizer_config: fs::read_to_string(folder.join("tokenizer_config.json")).ok(),
            weights: bytes(&folder.join("model.safetensors")),
            others: BTreeMap::new(),
        }
    }

    pub fn tiny(name: &str) -> Self {
        Self::read(&data("checkpoints").join(name))
    }

    /// The same with another configuration and other weights.
    pub fn with(self, config: Vec<u8>, weights: Vec<u8>) -> Self {
        Self {
            config,
            weights,
            ..self
        }
    }

    pub fn load(&self, device: &Device, options: LoadOptions) -> bertlet::Result<Engine> {
        let options = LoadOptions {
            tokenizer_config: self.tokenizer_config.clone(),
            sentence_transformers: self.others.clone(),
            ..options
        };
        Engine::load(device.clone(), &self.config, &self.tokenizer, &self.weights, options)
    }
}

/// The checkpoint's own settings, seed 42.
pub fn defaults() -> LoadOptions {
    LoadOptions {
        seed: 42,
        ..LoadOptions::default()
    }
}

/// The file's own head and matrices.
pub fn read_as(pooling: Pooling, classes: usize) -> ReadAs {
    ReadAs {
        pooling,
        classes,
        keep_head: true,
        storage: None,
        seed: 42,
    }
}

/// A checkpoint that may be missing: all-MiniLM-L6-v2 as `cargo xtask` caches it, or one of `$BERTLET_SHARED/models`.
/// `cargo xtask test` sets `BERTLET_MODEL`, so that the first one is always there.
pub fn real_checkpoint(name: &str) -> Option<PathBuf> {
    if name == "all-MiniLM-L6-v2"
        && let Ok(folder) = std::env::var("BERTLET_MODEL")
    {
        return Some(PathBuf::from(folder));
    }
    let shared = std::env::var("BERTLET_SHARED").map(PathBuf::from);
    let shared = shared.unwrap_or_else(|_| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"));
    let folder = shared.join("models").join(name);
    folder.exists().then_some(folder)
}

/// Largest absolute difference; sizes must agree and nothing may be NaN.
pub fn max_difference(found: &[f32], expected: &[f32]) -> f32 {
    assert_eq!(found.len(), expected.len(), "the number of values");
    let differences = found.iter().zip(expected).map(|(a, b)| (a - b).abs());
    differences.fold(
        0.0,
        |most, next| if next.is_nan() { f32::INFINITY } else { most.max(next) },
    )
}

/// The text of a JSON string array.
pub fn strings(value: &Value) -> Vec<String> {
    value
        .as_array()
        .expect("an array")
        .iter()
        .map(|text| text.as_str().expect("a string").to_owned())
        .collect()
}
