//! The choices that JavaScript makes by name: enums of strings, which wasm-bindgen checks and declares.

use wasm_bindgen::prelude::*;

use super::convert::fail;
use crate::{
    Error,
    checkpoint::{Class, Dtype},
    device::DeviceKind,
    engine::Taken,
};

/// The device that a model is computed on.
#[wasm_bindgen]
#[derive(Clone, Copy)]
pub enum DeviceName {
    WebGpu = "webgpu",
    Wasm = "wasm",
}

/// The class of model that a saved folder holds.
#[wasm_bindgen]
#[derive(Clone, Copy)]
pub enum SavedClass {
    Classifier = "classifier",
    MaskedLm = "masked-lm",
    Both = "both",
}

/// The number format of a saved `model.safetensors`, and of a loaded model's matrices.
#[wasm_bindgen]
#[derive(Clone, Copy)]
pub enum SavedDtype {
    F32 = "f32",
    F16 = "f16",
    Int8 = "int8",
}

/// A file of tensors that a run takes along when it goes on elsewhere.
#[wasm_bindgen]
#[derive(Clone, Copy)]
pub enum TakenName {
    Base = "base",
    Weights = "weights",
    Mean = "mean",
    Square = "square",
}

// wasm-bindgen turns any other string into a hidden variant, hence the last arm of each `match`.

impl TryFrom<DeviceName> for DeviceKind {
    type Error = JsValue;

    fn try_from(name: DeviceName) -> Result<Self, JsValue> {
        match name {
            DeviceName::WebGpu => Ok(Self::WebGpu),
            DeviceName::Wasm => Ok(Self::Cpu),
            _ => Err(fail(Error::bad_option("device", "webgpu or wasm", "another name"))),
        }
    }
}

impl TryFrom<TakenName> for Taken {
    type Error = JsValue;

    fn try_from(name: TakenName) -> Result<Self, JsValue> {
        match name {
            TakenName::Base => Ok(Self::Base),
            TakenName::Weights => Ok(Self::Weights),
            TakenName::Mean => Ok(Self::Mean),
            TakenName::Square => Ok(Self::Square),
            _ => Err(fail(Error::bad_option(
                "taken",
                "base, weights, mean or square",
                "another name",
            ))),
        }
    }
}

impl TryFrom<SavedClass> for Class {
    type Error = JsValue;

    fn try_from(name: SavedClass) -> Result<Self, JsValue> {
        match name {
            SavedClass::Classifier => Ok(Self::Classifier),
            SavedClass::MaskedLm => Ok(Self::MaskedLm),
            SavedClass::Both => Ok(Self::Both),
            _ => Err(fail(Error::bad_option(
                "as",
                "classifier, masked-lm or both",
                "another name",
            ))),
        }
    }
}

impl TryFrom<SavedDtype> for Dtype {
    type Error = JsValue;

    fn try_from(name: SavedDtype) -> Result<Self, JsValue> {
        match name {
            SavedDtype::F32 => Ok(Self::F32),
            SavedDtype::F16 => Ok(Self::F16),
            SavedDtype::Int8 => Ok(Self::Int8),
            _ => Err(fail(Error::bad_option("dtype", "f32, f16 or int8", "another name"))),
        }
    }
}
