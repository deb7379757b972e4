//! The only file that speaks wasm-bindgen: converts JavaScript values and calls [`crate::engine`]. It computes nothing.

use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::{
    calibration,
    checkpoint::{BertConfig, Dtype},
    device::{self, Device, DeviceKind},
    engine::{self, LoadOptions},
    error, kernels, metrics,
    text::Row,
    train::{Data, Room, RowTargets, TrainOptions},
};

mod words;

// Gives the module `initThreadPool(threads)`, to be awaited once, before an engine is opened.
#[cfg(feature = "threads")]
use wasm_bindgen_rayon as _;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance)]
    fn now() -> f64;
}

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

/// Weights kept aside on this side.
#[wasm_bindgen]
pub struct Snapshot(engine::Snapshot);

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
            device: device::open(kind).await.map_err(fail)?,
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

    /// `[rows, seqLen, hiddenSize]` after the embeddings and after each layer; for tests.
    #[wasm_bindgen(js_name = hiddenStates)]
    pub async fn hidden_states(&self, rows: &Encoding) -> Result<js_sys::Array, JsValue> {
        let all: Vec<&Row> = rows.rows.iter().collect();
        let states = self.engine()?.hidden_states(&all).await.map_err(fail)?;
        Ok(states
            .iter()
            .map(|state| js_sys::Float32Array::from(state.as_slice()))
            .collect())
    }

    /// What a run would compute and hold, in a device that holds `held` bytes of at most `limit`.
    pub fn plan(
        &self,
        train: &Encoding,
        dev: Vec<u32>,
        test: Vec<u32>,
        options: JsValue,
        held: f64,
        limit: f64,
    ) -> Result<JsValue, JsValue> {
        let options: TrainOptions = from_js("options", options)?;
        let data = Data {
            train: &train.rows,
            dev: &dev,
            test: &test,
        };
        to_js(
            &self
                .engine()?
                .plan(&data, &options, Room { held, limit })
                .map_err(fail)?,
        )
    }

    /// A training step on some of the rows that changes nothing; gives its work.
    pub async fn rehearse(&self, rows: &Encoding, indices: Vec<u32>, options: JsValue) -> Result<f64, JsValue> {
        let options: TrainOptions = from_js("options", options)?;
        rows.choose(&indices)?;
        let chosen: Vec<usize> = indices.into_iter().map(|index| index as usize).collect();
        let found = self.engine()?.rehearse(rows.rows.clone(), &chosen, &options).await;
        found.map_err(fail)
    }

    /// Begins a run; a parameter-efficient one trains the adapter `name`. Where rows may have several labels, `ends` says
    /// where each row's end among the targets.
    #[wasm_bindgen(js_name = beginTraining)]
    pub fn begin_training(
        &mut self,
        rows: &Encoding,
        targets: Vec<u32>,
        ends: Option<Vec<u32>>,
        options: JsValue,
        name: String,
    ) -> Result<JsValue, JsValue> {
        let options: TrainOptions = from_js("options", options)?;
        let targets = row_targets(targets, ends)?;
        let begun = self
            .engine_mut()?
            .begin_training(rows.rows.clone(), targets, options, &name)
            .map_err(fail)?;
        to_js(&begun)
    }

    /// The next step.
    #[wasm_bindgen(js_name = trainStep)]
    pub async fn train_step(&mut self) -> Result<JsValue, JsValue> {
        to_js(&self.engine_mut()?.train_step().await.map_err(fail)?)
    }

    /// A step on chosen rows instead of the next; for tests.
    #[wasm_bindgen(js_name = trainStepOn)]
    pub async fn train_step_on(&mut self, indices: Vec<u32>) -> Result<JsValue, JsValue> {
        let chosen: Vec<usize> = indices.into_iter().map(|index| index as usize).collect();
        to_js(&self.engine_mut()?.train_step_on(&chosen).await.map_err(fail)?)
    }

    /// Ends the run.
    #[wasm_bindgen(js_name = endTraining)]
    pub fn end_training(&mut self) -> Result<(), JsValue> {
        self.engine_mut()?.end_training();
        Ok(())
    }

    /// The weights as they are now, to be freed by the caller.
    pub fn snapshot(&mut self) -> Result<Snapshot, JsValue> {
        Ok(Snapshot(self.engine_mut()?.snapshot()))
    }

    /// Ends the run, if there is one, and takes back the weights of a snapshot.
    pub fn restore(&mut self, snapshot: &Snapshot) -> Result<(), JsValue> {
        self.engine_mut()?.restore(&snapshot.0);
        Ok(())
    }

    /// Sets the head to the centroids of labelled rows' pooled states, `[rows, hiddenSize]`.
    #[wasm_bindgen(js_name = fitCentroids)]
    pub fn fit_centroids(&mut self, pooled: Vec<f32>, targets: Vec<u32>) -> Result<(), JsValue> {
        self.engine_mut()?.fit_centroids(&pooled, &targets).map_err(fail)
    }

    /// From which score on a label is predicted.
    #[wasm_bindgen(js_name = setThreshold)]
    pub fn set_threshold(&mut self, threshold: f64) -> Result<(), JsValue> {
        self.engine_mut()?.set_threshold(threshold).map_err(fail)
    }

    /// Gives the model a new head for other labels.
    #[wasm_bindgen(js_name = setLabels)]
    pub fn set_labels(&mut self, labels: Vec<String>, seed: u32) -> Result<(), JsValue> {
        self.engine_mut()?.set_labels(labels, seed.into()).map_err(fail)
    }

    /// Reads a peft folder under a name; gives its labels.
    #[wasm_bindgen(js_name = addAdapter)]
    pub fn add_adapter(&mut self, name: String, config: Vec<u8>, weights: Vec<u8>) -> Result<Vec<String>, JsValue> {
        self.engine_mut()?.add_adapter(&name, &config, &weights).map_err(fail)
    }

    /// Switches an adapter on, or all off.
    #[wasm_bindgen(js_name = useAdapter)]
    pub fn use_adapter(&mut self, name: Option<String>) -> Result<(), JsValue> {
        self.engine_mut()?.use_adapter(name.as_deref()).map_err(fail)
    }

    /// Merges the adapter that is on into the weights.
    #[wasm_bindgen(js_name = mergeAdapter)]
    pub fn merge_adapter(&mut self) -> Result<(), JsValue> {
        self.engine_mut()?.merge_adapter().map_err(fail)
    }

    /// `{ names, active? }`
    pub fn adapters(&self) -> Result<JsValue, JsValue> {
        #[derive(Serialize)]
        struct Adapters {
            names: Vec<String>,
            #[serde(skip_serializing_if = "Option::is_none")]
            active: Option<String>,
        }
        let (names, active) = self.engine()?.adapters();
        to_js(&Adapters { names, active })
    }

    /// `[adapter_config.json, adapter_model.safetensors]` of the adapter that is on.
    #[wasm_bindgen(js_name = saveAdapter)]
    pub async fn save_adapter(&mut self, base: String) -> Result<js_sys::Array, JsValue> {
        let (config, weights) = self.engine_mut()?.save_adapter(&base).await.map_err(fail)?;
        let weights = js_sys::Uint8Array::from(weights.as_slice());
        Ok(js_sys::Array::of2(&JsValue::from(config), &weights))
    }

    /// `[name, gradient]` of each parameter, for a batch of rows with a target each.
    pub async fn gradients(&self, rows: &Encoding, targets: Vec<u32>) -> Result<js_sys::Array, JsValue> {
        let all: Vec<&Row> = rows.rows.iter().collect();
        let found = self.engine()?.gradients(&all, &targets).await.map_err(fail)?;
        Ok(found.into_iter().map(pair).collect())
    }

    /// `[name, values]` of what goes into one operation on random numbers and comes out; for tests and the benchmark.
    pub async fn trial(&self, operation: String, sizes: Vec<u32>, seed: u32) -> Result<js_sys::Array, JsValue> {
        let sizes: Vec<usize> = sizes.into_iter().map(|size| size as usize).collect();
        let found = kernels::trial(&self.device, &operation, &sizes, seed.into()).await;
        Ok(found.map_err(fail)?.into_iter().map(pair).collect())
    }

    /// Milliseconds of one operation on random numbers, forward, and forward and backward; for the benchmark.
    pub async fn time(&self, operation: String, sizes: Vec<u32>, repeats: usize) -> Result<Vec<f64>, JsValue> {
        let sizes: Vec<usize> = sizes.into_iter().map(|size| size as usize).collect();
        let clock = kernels::Clock { now, repeats };
        let found = kernels::time(&self.device, &operation, &sizes, clock).await;
        Ok(found.map_err(fail)?.to_vec())
    }

    /// Milliseconds of a forward pass through the encoder that a `config.json` asks for, from one layer of it.
    #[wasm_bindgen(js_name = encoderTime)]
    pub async fn encoder_time(
        &self,
        config: Vec<u8>,
        batch: usize,
        seq_len: usize,
        repeats: usize,
    ) -> Result<f64, JsValue> {
        let config = BertConfig::parse(&config).map_err(fail)?;
        let clock = kernels::Clock { now, repeats };
        let found = calibration::encoder_ms(&self.device, &config, batch, seq_len, clock).await;
        found.map_err(fail)
    }

    /// `model.safetensors`.
    pub async fn save(&self, dtype: String) -> Result<Vec<u8>, JsValue> {
        self.engine()?.save(dtype_named(&dtype)?).await.map_err(fail)
    }

    /// `config.json`.
    #[wasm_bindgen(js_name = savedConfig)]
    pub fn saved_config(&self, dtype: String) -> Result<String, JsValue> {
        Ok(self.engine()?.saved_config(dtype_named(&dtype)?))
    }

    /// `tokenizer.json`.
    #[wasm_bindgen(js_name = savedTokenizer)]
    pub fn saved_tokenizer(&self) -> Result<String, JsValue> {
        Ok(self.engine()?.tokenizer().to_json())
    }

    /// `tokenizer_config.json`.
    #[wasm_bindgen(js_name = savedTokenizerConfig)]
    pub fn saved_tokenizer_config(&self) -> Result<String, JsValue> {
        Ok(self.engine()?.tokenizer().to_config_json())
    }

    /// `modeling_bertlet.py`, where it is needed.
    #[wasm_bindgen(js_name = savedModelingCode)]
    pub fn saved_modeling_code(&self) -> Result<Option<String>, JsValue> {
        Ok(self.engine()?.saved_modeling_code().map(str::to_owned))
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

fn pair((name, values): (String, Vec<f32>)) -> js_sys::Array {
    js_sys::Array::of2(&JsValue::from(name), &js_sys::Float32Array::from(values.as_slice()))
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

fn dtype_named(name: &str) -> Result<Dtype, JsValue> {
    match name {
        "f32" => Ok(Dtype::F32),
        "f16" => Ok(Dtype::F16),
        _ => Err(fail(bad_option("dtype", "f32 or f16", name))),
    }
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
