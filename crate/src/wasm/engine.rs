//! The boundary's engine: an open device, then a model on it, and the calls of every model. Other calls stand in files by topic.

use wasm_bindgen::prelude::*;

use super::{
    convert::{fail, from_js, from_tokenized, to_js},
    encoding::Encoding,
    options::DeviceName,
    other_tokenizer::{self, TokenizerSource},
};
use crate::{
    Error,
    device::Device,
    engine::{self, LoadOptions, ReadTokenizer},
    kernels::Storage,
};

/// An open device and, after `load`, a model on it.
#[wasm_bindgen]
pub struct WasmEngine {
    pub(super) device: Device,
    pub(super) loaded: Option<engine::Engine>,
}

#[wasm_bindgen]
impl WasmEngine {
    /// Opens a device. `onFailure` is called once, with `{ code, message, hint? }`, should a GPU fail later: a lost device
    /// goes on answering, with meaningless numbers.
    pub async fn open(device: DeviceName, on_failure: js_sys::Function) -> Result<WasmEngine, JsValue> {
        let device = crate::kernels::open_device(device.try_into()?).await.map_err(fail)?;
        #[cfg(feature = "webgpu")]
        {
            let failures = device.failures.clone();
            wasm_bindgen_futures::spawn_local(async move {
                if let Ok(error) = failures.recv().await {
                    let _ = on_failure.call1(&JsValue::UNDEFINED, &fail(error));
                }
            });
        }
        #[cfg(not(feature = "webgpu"))]
        drop(on_failure);
        Ok(WasmEngine { device, loaded: None })
    }

    /// Fits matrix products to the GPU: by the times of their tiles that this returned earlier, or by measuring them, which
    /// takes a fraction of a second. Returns the times.
    #[cfg(feature = "webgpu")]
    #[wasm_bindgen(js_name = fitTiles)]
    pub async fn fit_tiles(&self, kept: Option<Vec<f32>>) -> Result<Vec<f32>, JsValue> {
        use super::clock::now;
        use crate::kernels::{Clock, TileTime, measure_tiles, set_tile_times};
        let handle = &self.device.handle;
        let kept = kept.filter(|kept| kept.iter().all(|time| *time > 0.0));
        let pairs = kept.iter().flat_map(|kept| kept.as_chunks().0);
        let kept: Vec<_> = pairs.map(|&[alone, busy]| TileTime { alone, busy }).collect();
        let times = match kept.try_into() {
            Ok(times) => {
                set_tile_times(handle, times);
                times
            }
            Err(_) => {
                let clock = Clock { now, repeats: 4 };
                measure_tiles(handle, clock).await.map_err(fail)?
            }
        };
        Ok(times.iter().flat_map(|time| [time.alone, time.busy]).collect())
    }

    /// Loads a checkpoint. `tokenizer` is the file's bytes, or what reads it in another instance.
    pub async fn load(
        &mut self,
        config: Vec<u8>,
        tokenizer: TokenizerSource,
        weights: Vec<u8>,
        options: JsValue,
    ) -> Result<(), JsValue> {
        let options: LoadOptions = from_js("options", options)?;
        let read: ReadTokenizer =
            &|config, vocab_size, max_length| other_tokenizer::read(&tokenizer, config, vocab_size, max_length);
        let loaded = engine::Engine::load_with(self.device.clone(), &config, read, &weights, options);
        self.loaded = Some(loaded.map_err(fail)?);
        Ok(())
    }

    /// Keeps the encoder's matrices as `dtype`, but for those of the layers `f32Layers`.
    pub async fn quantize(&mut self, dtype: JsValue, f32_layers: Vec<u32>) -> Result<(), JsValue> {
        let storage: Storage = from_js("dtype", dtype)?;
        let layers: Vec<usize> = f32_layers.into_iter().map(|layer| layer as usize).collect();
        self.engine_mut()?.quantize(storage, &layers).await.map_err(fail)
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

    /// The tokens of a text or of a pair, then a `Uint32Array`: 1 where it was cut, and of each token its id, its segment, its
    /// beginning and end in UTF-16 units, and 1 for a special one.
    pub fn tokenize(&self, text: &str, pair: Option<String>) -> Result<js_sys::Array, JsValue> {
        let tokenized = self.engine()?.tokenize(text, pair.as_deref()).map_err(fail)?;
        Ok(from_tokenized(tokenized))
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

    /// Logits `[rows, labels]` of pooled vectors `[rows, hiddenSize]`.
    #[wasm_bindgen(js_name = logitsOfPooled)]
    pub async fn logits_of_pooled(&self, pooled: Vec<f32>) -> Result<Vec<f32>, JsValue> {
        self.engine()?.logits_of_pooled(pooled).await.map_err(fail)
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

    /// Adds labels to the head, each with the mean pooled state of its rows, `[labels, hiddenSize]`.
    #[wasm_bindgen(js_name = addLabels)]
    pub async fn add_labels(&mut self, labels: Vec<String>, states: Vec<f32>) -> Result<(), JsValue> {
        self.engine_mut()?.add_labels(labels, &states).await.map_err(fail)
    }

    pub(super) fn engine(&self) -> Result<&engine::Engine, JsValue> {
        self.loaded.as_ref().ok_or_else(|| fail(Error::not_loaded()))
    }

    pub(super) fn engine_mut(&mut self) -> Result<&mut engine::Engine, JsValue> {
        self.loaded.as_mut().ok_or_else(|| fail(Error::not_loaded()))
    }
}
