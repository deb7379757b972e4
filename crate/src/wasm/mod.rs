//! The boundary to JavaScript, one file a topic: converts values and calls [`crate::engine`]. It computes nothing, and no
//! other room uses wasm-bindgen.

use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::{
    Error,
    device::{self, Device},
    engine::{self, LoadOptions},
    metrics,
    text::Row,
    train::RowTargets,
};

mod adapters;
mod masked_lm;
mod options;
mod results;
mod save;
mod testing;
#[cfg(feature = "threads")]
mod threads;
mod training;

use options::DeviceName;

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

/// The version of the crate.
#[wasm_bindgen]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// The softmax of each row of `logits`, `[rows, classes]`.
#[wasm_bindgen]
pub fn softmax(logits: &[f32], classes: usize) -> Vec<f32> {
    metrics::softmax(logits, classes)
}

/// The sigmoid of each logit, 1 / (1 + exp(-x)).
#[wasm_bindgen]
pub fn sigmoid(logits: &[f32]) -> Vec<f32> {
    metrics::sigmoid(logits)
}

/// The report on `logits`, `[rows, labels]`, against label indices. For a multi-label model, `ends[row]` is the end of the
/// row's labels among the targets, and a label is predicted where its score is at least `threshold`.
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

/// The decision threshold with the highest micro F1 on `logits`, `[rows, classes]`; multi-label rows only.
#[wasm_bindgen(js_name = bestThreshold)]
pub fn best_threshold(logits: &[f32], targets: Vec<u32>, ends: Vec<u32>, classes: usize) -> Result<f64, JsValue> {
    Ok(metrics::best_threshold(
        logits,
        &split_targets(&targets, &ends)?,
        classes,
    ))
}

/// Tokenized rows, kept in wasm.
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

    /// Number of rows that were cut to `maxLength`.
    #[wasm_bindgen(getter)]
    pub fn truncated(&self) -> usize {
        self.rows.iter().filter(|row| row.truncated).count()
    }

    /// Indices of the rows that were cut.
    #[wasm_bindgen(js_name = cutRows)]
    pub fn cut_rows(&self) -> Vec<u32> {
        let cut = self.rows.iter().enumerate().filter(|(_, row)| row.truncated);
        cut.map(|(index, _)| index as u32).collect()
    }

    /// Tokens of each row.
    pub fn lengths(&self) -> Vec<u32> {
        self.rows.iter().map(|row| row.input_ids.len() as u32).collect()
    }

    /// Appends the rows of another encoding, which is freed.
    pub fn append(&mut self, other: Encoding) {
        self.rows.extend(other.rows);
    }

    fn choose(&self, indices: &[u32]) -> Result<Vec<&Row>, JsValue> {
        indices
            .iter()
            .map(|&index| {
                let row = self.rows.get(index as usize);
                row.ok_or_else(|| fail(Error::bad_row(format!("row {index} of {}", self.rows.len()))))
            })
            .collect()
    }
}

/// An open device and, after `load`, a model on it.
#[wasm_bindgen]
pub struct WasmEngine {
    device: Device,
    loaded: Option<engine::Engine>,
}

#[wasm_bindgen]
impl WasmEngine {
    /// Opens a device.
    pub async fn open(device: DeviceName) -> Result<WasmEngine, JsValue> {
        Ok(WasmEngine {
            device: device::open(device.try_into()?).await.map_err(fail)?,
            loaded: None,
        })
    }

    /// Allows shaders with subgroups. Called before anything is computed, on a device with that feature.
    #[cfg(feature = "webgpu")]
    #[wasm_bindgen(js_name = allowSubgroups)]
    pub fn allow_subgroups(&self) {
        crate::kernels::allow_subgroups();
    }

    /// Loads a checkpoint.
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

    /// What the engine knows of its model.
    pub fn info(&self) -> Result<JsValue, JsValue> {
        to_js(self.engine()?.info())
    }

    /// Tokenizes texts. `pairs[i]` is the second text of a pair, or undefined.
    pub fn encode(&self, texts: Vec<String>, pairs: Option<Vec<JsValue>>) -> Result<Encoding, JsValue> {
        let pairs: Vec<Option<String>> = pairs.iter().flatten().map(JsValue::as_string).collect();
        Ok(Encoding {
            rows: self.engine()?.encode_pairs(&texts, &pairs).map_err(fail)?,
        })
    }

    /// The number of `[UNK]` tokens of each row.
    #[wasm_bindgen(js_name = unknownTokens)]
    pub fn unknown_tokens(&self, rows: &Encoding) -> Result<Vec<u32>, JsValue> {
        let tokenizer = self.engine()?.tokenizer();
        Ok(rows.rows.iter().map(|row| tokenizer.unknown_tokens(row)).collect())
    }

    /// Logits `[indices, labels]`.
    pub async fn logits(&self, rows: &Encoding, indices: Vec<u32>) -> Result<Vec<f32>, JsValue> {
        self.engine()?.logits(&rows.choose(&indices)?).await.map_err(fail)
    }

    /// Pooled vectors `[indices, hiddenSize]`.
    pub async fn embed(&self, rows: &Encoding, indices: Vec<u32>, normalize: bool) -> Result<Vec<f32>, JsValue> {
        self.engine()?
            .embed(&rows.choose(&indices)?, normalize)
            .await
            .map_err(fail)
    }

    /// Replaces the head by a new one for these labels.
    #[wasm_bindgen(js_name = setLabels)]
    pub fn set_labels(&mut self, labels: Vec<String>, seed: u32) -> Result<(), JsValue> {
        self.engine_mut()?.set_labels(labels, seed.into()).map_err(fail)
    }

    fn engine(&self) -> Result<&engine::Engine, JsValue> {
        self.loaded.as_ref().ok_or_else(|| fail(Error::not_loaded()))
    }

    fn engine_mut(&mut self) -> Result<&mut engine::Engine, JsValue> {
        self.loaded.as_mut().ok_or_else(|| fail(Error::not_loaded()))
    }
}

fn row_targets(targets: Vec<u32>, ends: Option<Vec<u32>>) -> Result<RowTargets, JsValue> {
    Ok(match ends {
        None => RowTargets::Single(targets),
        Some(ends) => RowTargets::Multiple(split_targets(&targets, &ends)?),
    })
}

/// The targets of each row.
fn split_targets(targets: &[u32], ends: &[u32]) -> Result<Vec<Vec<u32>>, JsValue> {
    let starts = std::iter::once(0).chain(ends.iter().copied());
    let rows = starts
        .zip(ends)
        .map(|(start, &end)| targets.get(start as usize..end as usize).map(<[u32]>::to_vec));
    let rows: Option<Vec<_>> = rows.collect();
    rows.ok_or_else(|| {
        fail(Error::bad_option(
            "ends",
            "places among the targets, ascending",
            "others",
        ))
    })
}

fn to_js(value: &impl Serialize) -> Result<JsValue, JsValue> {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    value.serialize(&serializer).map_err(JsValue::from)
}

fn from_js<T: serde::de::DeserializeOwned>(name: &'static str, value: JsValue) -> Result<T, JsValue> {
    serde_wasm_bindgen::from_value(value)
        .map_err(|error| fail(Error::bad_option(name, "the documented options", error)))
}

/// An error as `{ code, message, hint? }`.
fn fail(error: Error) -> JsValue {
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
