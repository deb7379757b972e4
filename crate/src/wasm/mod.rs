//! All that speaks wasm-bindgen, with the folder `wasm/`, a file a topic: converts JavaScript values and calls
//! [`crate::engine`]. It computes nothing.

use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::{
    device::{Device, DeviceKind},
    engine::{self, LoadOptions},
    error, kernels, metrics,
    text::Row,
    train::RowTargets,
};

mod adapters;
mod masked_lm;
mod save;
mod testing;
#[cfg(feature = "threads")]
mod threads;
mod training;

#[wasm_bindgen(start)]
fn start() {
    // A panic aborts the instance; its message would otherwise be lost.
    std::panic::set_hook(Box::new(|info| wasm_bindgen::throw_str(&format!("panic: {info}"))));
    #[cfg(feature = "webgpu")]
    construct();
}

/// Runs the static constructors of the crates below, which nothing else does: see build.rs.
#[cfg(feature = "webgpu")]
fn construct() {
    let constructors = js_sys::Reflect::get(&wasm_bindgen::exports(), &"__wasm_call_ctors".into());
    let called = constructors.and_then(|found| found.dyn_into::<js_sys::Function>()?.call0(&JsValue::NULL));
    called.expect_throw("the static constructors can be called");
}

/// The version of the library.
#[wasm_bindgen]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// softmax of each row of `logits`, `[rows, classes]`.
#[wasm_bindgen]
pub fn softmax(logits: &[f32], classes: usize) -> Vec<f32> {
    metrics::softmax(logits, classes)
}

/// 1 / (1 + exp(-x)) of each of `logits`.
#[wasm_bindgen]
pub fn sigmoid(logits: &[f32]) -> Vec<f32> {
    metrics::sigmoid(logits)
}

/// Scores of `logits`, `[rows, labels]`, against label indices. Where rows may have several labels, `ends` says where
/// each row's end among the targets, and a label is predicted from `threshold` on.
#[wasm_bindgen]
pub fn report(
    logits: &[f32],
    targets: Vec<u32>,
    ends: Option<Vec<u32>>,
    labels: Vec<String>,
    threshold: f64,
) -> Result<JsValue, JsValue> {
    to_js(&match row_targets(targets, ends)? {
        RowTargets::Single(targets) => metrics::report(logits, &targets, &labels),
        RowTargets::Multiple(targets) => metrics::report_several(logits, &targets, &labels, threshold),
    })
}

/// The threshold that suits `logits`, `[rows, classes]`, of rows of several labels best.
#[wasm_bindgen(js_name = bestThreshold)]
pub fn best_threshold(logits: &[f32], targets: Vec<u32>, ends: Vec<u32>, classes: usize) -> Result<f64, JsValue> {
    Ok(metrics::best_threshold(logits, &apart(&targets, &ends)?, classes))
}

/// Rows of token ids, kept on this side.
#[wasm_bindgen]
pub struct Encoding {
    rows: Vec<Row>,
}

#[wasm_bindgen]
impl Encoding {
    /// Number of rows.
    #[wasm_bindgen(getter)]
    pub fn length(&self) -> usize {
        self.rows.len()
    }

    /// Number of rows that were cut.
    #[wasm_bindgen(getter)]
    pub fn truncated(&self) -> usize {
        self.rows.iter().filter(|row| row.truncated).count()
    }

    /// Indices of these.
    #[wasm_bindgen(js_name = cutRows)]
    pub fn cut_rows(&self) -> Vec<u32> {
        let cut = self.rows.iter().enumerate().filter(|(_, row)| row.truncated);
        cut.map(|(index, _)| index as u32).collect()
    }

    /// Tokens of each row.
    pub fn lengths(&self) -> Vec<u32> {
        self.rows.iter().map(|row| row.input_ids.len() as u32).collect()
    }

    /// Takes the rows of another.
    pub fn append(&mut self, other: Encoding) {
        self.rows.extend(other.rows);
    }

    fn choose(&self, indices: &[u32]) -> Result<Vec<&Row>, JsValue> {
        indices
            .iter()
            .map(|&index| {
                let row = self.rows.get(index as usize);
                row.ok_or_else(|| fail(error::Error::BadRow(format!("row {index} of {}", self.rows.len()))))
            })
            .collect()
    }
}

/// An opened device and, after `load`, a checkpoint on it.
#[wasm_bindgen]
pub struct Engine {
    device: Device,
    loaded: Option<engine::Engine>,
}

#[wasm_bindgen]
impl Engine {
    /// Opens `webgpu` or `wasm`.
    pub async fn open(device: String) -> Result<Engine, JsValue> {
        let kind = match device.as_str() {
            "webgpu" => DeviceKind::WebGpu,
            "wasm" => DeviceKind::Cpu,
            _ => return Err(fail(bad_option("device", "webgpu or wasm", &device))),
        };
        Ok(Engine {
            device: kernels::open_device(kind).await.map_err(fail)?,
            loaded: None,
        })
    }

    /// Says that the GPU device has WebGPU's feature "subgroups", before anything is computed on it.
    #[cfg(feature = "webgpu")]
    #[wasm_bindgen(js_name = allowSubgroups)]
    pub fn allow_subgroups(&self) {
        kernels::allow_subgroups();
    }

    /// Reads a checkpoint.
    pub async fn load(
        &mut self,
        config: Vec<u8>,
        tokenizer: Vec<u8>,
        weights: Vec<u8>,
        options: JsValue,
    ) -> Result<(), JsValue> {
        let options: LoadOptions = from_js("options", options)?;
        let engine = engine::Engine::load(self.device.clone(), &config, &tokenizer, &weights, options).map_err(fail)?;
        self.loaded = Some(engine);
        Ok(())
    }

    /// What was loaded.
    pub fn info(&self) -> Result<JsValue, JsValue> {
        to_js(self.engine()?.info())
    }

    /// Token ids of texts; of the pair of a text and its string in `pairs`, where it has one there.
    pub fn encode(&self, texts: Vec<String>, pairs: Option<Vec<JsValue>>) -> Result<Encoding, JsValue> {
        let pairs: Vec<Option<String>> = pairs.iter().flatten().map(JsValue::as_string).collect();
        Ok(Encoding {
            rows: self.engine()?.encode_pairs(&texts, &pairs).map_err(fail)?,
        })
    }

    /// How many tokens of each row stand for a word that the vocabulary lacks.
    #[wasm_bindgen(js_name = unknownTokens)]
    pub fn unknown_tokens(&self, rows: &Encoding) -> Result<Vec<u32>, JsValue> {
        let tokenizer = self.engine()?.tokenizer();
        Ok(rows.rows.iter().map(|row| tokenizer.unknown_tokens(row)).collect())
    }

    /// `[indices, labels]`.
    pub async fn logits(&self, rows: &Encoding, indices: Vec<u32>) -> Result<Vec<f32>, JsValue> {
        self.engine()?.logits(&rows.choose(&indices)?).await.map_err(fail)
    }

    /// `[indices, hiddenSize]`.
    pub async fn embed(&self, rows: &Encoding, indices: Vec<u32>, normalize: bool) -> Result<Vec<f32>, JsValue> {
        self.engine()?
            .embed(&rows.choose(&indices)?, normalize)
            .await
            .map_err(fail)
    }

    /// Gives the model a new head for other labels.
    #[wasm_bindgen(js_name = setLabels)]
    pub fn set_labels(&mut self, labels: Vec<String>, seed: u32) -> Result<(), JsValue> {
        self.engine_mut()?.set_labels(labels, seed.into()).map_err(fail)
    }

    fn engine(&self) -> Result<&engine::Engine, JsValue> {
        self.loaded
            .as_ref()
            .ok_or_else(|| fail(bad_option("load", "a loaded checkpoint", "none")))
    }

    fn engine_mut(&mut self) -> Result<&mut engine::Engine, JsValue> {
        self.loaded
            .as_mut()
            .ok_or_else(|| fail(bad_option("load", "a loaded checkpoint", "none")))
    }
}

fn row_targets(targets: Vec<u32>, ends: Option<Vec<u32>>) -> Result<RowTargets, JsValue> {
    Ok(match ends {
        None => RowTargets::Single(targets),
        Some(ends) => RowTargets::Multiple(apart(&targets, &ends)?),
    })
}

/// The targets of each row.
fn apart(targets: &[u32], ends: &[u32]) -> Result<Vec<Vec<u32>>, JsValue> {
    let starts = std::iter::once(0).chain(ends.iter().copied());
    let rows = starts
        .zip(ends)
        .map(|(start, &end)| targets.get(start as usize..end as usize).map(<[u32]>::to_vec));
    let rows: Option<Vec<_>> = rows.collect();
    rows.ok_or_else(|| fail(bad_option("ends", "places among the targets, ascending", "others")))
}

fn bad_option(name: &'static str, expected: &str, found: &str) -> error::Error {
    error::Error::BadOption {
        name,
        expected: expected.to_owned(),
        found: found.to_owned(),
    }
}

fn to_js(value: &impl Serialize) -> Result<JsValue, JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    value.serialize(&serializer).map_err(JsValue::from)
}

fn from_js<T: serde::de::DeserializeOwned>(name: &'static str, value: JsValue) -> Result<T, JsValue> {
    serde_wasm_bindgen::from_value(value)
        .map_err(|error| fail(bad_option(name, "the documented options", &error.to_string())))
}

/// An error as `{ code, message, hint? }`.
fn fail(error: error::Error) -> JsValue {
    #[derive(Serialize)]
    struct Failure<'a> {
        code: &'a str,
        message: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        hint: Option<&'a str>,
    }
    to_js(&Failure {
        code: error.code(),
        message: error.to_string(),
        hint: error.hint(),
    })
    .unwrap_or_else(|error| error)
}
