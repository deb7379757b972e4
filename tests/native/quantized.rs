//! Matrices kept as 8-bit whole numbers or 16-bit floats: what they stand for, what is saved, what trains on them, what is
//! refused.

use bertlet::{
    checkpoint::{Class, Dtype},
    device::Device,
    engine::Engine,
    kernels::Storage,
    train::{Method, TrainOptions},
};
use pollster::block_on;
use safetensors::{SafeTensors, tensor::TensorView};
use serde_json::{Value, json};

use crate::fixtures::{Files, defaults, devices, max_difference};
use crate::training::{batches, rows};
use bertlet::engine::{CreateOptions, LoadOptions};
use bertlet::train::RowTargets;

const CHECKPOINT: &str = "sequence_classification_f32";
const TEXTS: [&str; 4] = ["the box was late", "good", "what a long day it was", ""];

fn load(files: &Files, device: &Device, dtype: Option<Storage>) -> Engine {
    let options = LoadOptions { dtype, ..defaults() };
    files.load(device, options).expect("the model")
}

fn logits(engine: &Engine) -> Vec<f32> {
    let rows = engine.encode(&TEXTS.map(str::to_owned)).expect("tokens");
    block_on(engine.logits(&rows.iter().collect::<Vec<_>>())).expect("logits")
}

/// The checkpoint's files after it was saved in int8.
fn int8_files(device: &Device) -> Files {
    let mut files = Files::tiny(CHECKPOINT);
    let engine = load(&files, device, Some(Storage::Int8));
    files.weights = block_on(engine.save(Class::Classifier, Dtype::Int8)).expect("weights");
    files.config = engine.saved_config(Class::Classifier, Dtype::Int8).into_bytes();
    files
}

#[test]
fn whole_numbers_stand_for_the_same_model_in_memory_and_in_files() {
    for (device, tolerance) in devices() {
        let plain = logits(&load(&Files::tiny(CHECKPOINT), &device, None));
        let files = int8_files(&device);
        let kept = load(&files, &device, None);
        assert_eq!(kept.info().dtype, Storage::Int8);
        // Rounded, but near.
        let rounded = max_difference(&logits(&kept), &plain);
        assert!(rounded > 1e-6 && rounded < 0.05, "{rounded}");
        // The file's numbers as 32-bit floats: the CPU rounds the inputs of dense layers, too.
        let widened = load(&files, &device, Some(Storage::F32));
        assert_eq!(widened.info().dtype, Storage::F32);
        let cpu = matches!(device.kind, bertlet::device::DeviceKind::Cpu);
        let bound = if cpu { 0.05 } else { tolerance.forward };
        let difference = max_difference(&logits(&widened), &logits(&kept));
        assert!(difference < bound, "{difference}");
        // A second rounding changes nothing, wherever it happens.
        let again = block_on(widened.save(Class::Classifier, Dtype::Int8)).expect("weights");
        assert!(again == files.weights, "the file of a model that was widened");
        let mut engine = load(&files, &device, Some(Storage::F32));
        block_on(engine.quantize(Storage::Int8, &[])).expect("int8");
        assert_eq!(logits(&engine), logits(&kept));
        assert!(engine.info().weight_bytes * 10 < widened.info().weight_bytes * 6);
    }
}

#[test]
fn sixteen_bits_are_near() {
    for (device, _) in devices() {
        let plain = logits(&load(&Files::tiny(CHECKPOINT), &device, None));
        let half = load(&Files::tiny(CHECKPOINT), &device, Some(Storage::F16));
        assert_eq!(half.info().dtype, Storage::F16);
        let difference = max_difference(&logits(&half), &plain);
        assert!(difference > 0.0 && difference < 1e-3, "{difference}");
    }
}

#[test]
fn widths_that_a_gpu_does_not_pack_are_rounded_all_the_same() {
    let texts = TEXTS.map(str::to_owned);
    for (device, tolerance) in devices() {
        for storage in [Storage::F16, Storage::Int8] {
            let options = CreateOptions {
                vocab_size: 120,
                layers: 2,
                hidden_size: 30,
                heads: 2,
                intermediate_size: Some(37),
                max_length: 32,
                labels: Some(["a", "b"].map(str::to_owned).to_vec()),
                seed: 7,
            };
            let mut engine = Engine::create(device.clone(), &texts, options).expect("a model");
            let plain = logits(&engine);
            block_on(engine.quantize(storage, &[])).expect("rounded");
            let rounded = logits(&engine);
            assert!(max_difference(&rounded, &plain) > 0.0, "{storage:?}");
            // A second rounding changes nothing.
            block_on(engine.quantize(Storage::F32, &[])).expect("32 bits");
            let widened = logits(&engine);
            block_on(engine.quantize(storage, &[])).expect("rounded again");
            assert!(
                max_difference(&logits(&engine), &rounded) < tolerance.forward,
                "{storage:?}"
            );
            // The CPU rounds the inputs of dense layers, too.
            let cpu = matches!(device.kind, bertlet::device::DeviceKind::Cpu);
            let bound = if cpu { 0.05 } else { tolerance.forward };
            assert!(max_difference(&widened, &rounded) < bound, "{storage:?}");
        }
    }
}

#[test]
fn layers_may_stay_32_bit_floats_and_are_saved_so() {
    for (device, _) in devices() {
        let mut files = Files::tiny(CHECKPOINT);
        let mut engine = load(&files, &device, None);
        block_on(engine.quantize(Storage::Int8, &[0])).expect("int8");
        let before = logits(&engine);
        files.weights = block_on(engine.save(Class::Classifier, Dtype::Int8)).expect("weights");
        let config = engine.saved_config(Class::Classifier, Dtype::Int8);
        assert!(
            config.contains("bert.encoder.layer.0.output.dense") && !config.contains("layer.1."),
            "{config}"
        );
        assert_eq!(logits(&load(&files, &device, None)), before);
        let failure = block_on(engine.quantize(Storage::Int8, &[99])).expect_err("no such layer");
        assert_eq!(failure.code(), "bad-option");
    }
}

/// The losses of 20 steps, without dropout.
fn losses(engine: &mut Engine, method: Method) -> Vec<f32> {
    let (texts, labels) = rows();
    let encoded = engine.encode(&texts).expect("tokens");
    let options = TrainOptions {
        method,
        epochs: 10,
        batch_size: 8,
        learning_rate: 1e-3,
        dropout: Some(0.0),
        ..TrainOptions::default()
    };
    engine
        .begin_training(encoded, RowTargets::Single(labels), options, "mine")
        .expect("a run");
    let steps = batches().into_iter().take(20);
    let losses = steps.map(|batch| block_on(engine.train_step_on(&batch)).expect("a step").loss);
    let losses = losses.collect();
    engine.end_training();
    losses
}

#[test]
fn methods_that_leave_the_encoder_train_on_it() {
    for (device, _) in devices() {
        let files = int8_files(&device);
        for method in [Method::Lora, Method::Adapter, Method::Bitfit, Method::Head] {
            let kept = losses(&mut load(&files, &device, None), method);
            let widened = losses(&mut load(&files, &device, Some(Storage::F32)), method);
            let difference = max_difference(&kept, &widened);
            assert!(difference < 1e-2, "{method:?}: {difference}");
        }
        // A run that changes the encoder makes 32-bit floats of it, as of any parameter that is trained.
        let mut engine = load(&files, &device, None);
        let kept = losses(&mut engine, Method::Full);
        let widened = losses(&mut load(&files, &device, Some(Storage::F32)), Method::Full);
        assert!(max_difference(&kept, &widened) < 1e-5);
        assert_eq!(engine.info().dtype, Storage::F32);
    }
}

/// A tensor of a file, to be changed.
struct Part {
    name: String,
    dtype: safetensors::Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

fn changed(weights: &[u8], change: impl Fn(&mut Vec<Part>)) -> Vec<u8> {
    let file = SafeTensors::deserialize(weights).expect("safetensors");
    let mut parts: Vec<Part> = (file.tensors().into_iter())
        .map(|(name, view)| Part {
            name,
            dtype: view.dtype(),
            shape: view.shape().to_vec(),
            bytes: view.data().to_vec(),
        })
        .collect();
    change(&mut parts);
    let views = parts.iter().map(|part| {
        let view = TensorView::new(part.dtype, part.shape.clone(), &part.bytes).expect("a view");
        (part.name.as_str(), view)
    });
    safetensors::serialize(views, None).expect("a file")
}

#[test]
fn words_that_stay_32_bit_floats_are_saved_so() {
    const WORDS: &str = "bert.embeddings.word_embeddings";
    let (device, _) = devices().remove(0);
    let mut files = int8_files(&device);
    let floats = Files::tiny(CHECKPOINT).weights;
    let floats = SafeTensors::deserialize(&floats).expect("safetensors");
    let floats = floats.tensor(&format!("{WORDS}.weight")).expect("the words");
    files.weights = changed(&files.weights, |parts| {
        parts.retain(|part| part.name != format!("{WORDS}.weight_scale"));
        let part = parts.iter_mut().find(|part| part.name == format!("{WORDS}.weight"));
        let part = part.expect("the words");
        (part.dtype, part.bytes) = (floats.dtype(), floats.data().to_vec());
    });
    let engine = load(&files, &device, None);
    let before = logits(&engine);
    files.weights = block_on(engine.save(Class::Classifier, Dtype::Int8)).expect("weights");
    files.config = engine.saved_config(Class::Classifier, Dtype::Int8).into_bytes();
    let config: Value = serde_json::from_slice(&files.config).expect("JSON");
    let quantization = &config["quantization_config"];
    assert_eq!(quantization["config_groups"]["group_0"]["targets"], json!(["Linear"]));
    let ignored = quantization["ignore"].as_array().expect("a list");
    assert!(ignored.contains(&json!(WORDS)), "{quantization}");
    assert_eq!(logits(&load(&files, &device, None)), before);
}

#[test]
fn hostile_whole_numbers_are_refused_by_name() {
    let (device, _) = devices().remove(0);
    let files = int8_files(&device);
    let scale = "bert.encoder.layer.0.output.dense.weight_scale";
    type Change = fn(&mut Part);
    let cases: [(&str, Change, &str); 9] = [
        (
            "bert.encoder.layer.0.output.dense.bias",
            |part| part.name = "bert.encoder.layer.0.output.dense.weight_zero_point".into(),
            "bad-weights",
        ),
        (
            scale,
            |part| part.bytes[..4].copy_from_slice(&f32::NAN.to_le_bytes()),
            "bad-weights",
        ),
        (
            scale,
            |part| part.bytes[..4].copy_from_slice(&(-1.0f32).to_le_bytes()),
            "bad-weights",
        ),
        (scale, |part| part.bytes[..4].fill(0), "bad-weights"),
        (
            scale,
            |part| part.bytes[..4].copy_from_slice(&1e30f32.to_le_bytes()),
            "bad-weights",
        ),
        (scale, |part| part.shape = vec![1, part.shape[0]], "shape-mismatch"),
        (scale, |part| part.dtype = safetensors::Dtype::I32, "unsupported-dtype"),
        (scale, |part| part.name = "other.weight_scale".into(), "bad-weights"),
        (
            "bert.embeddings.LayerNorm.weight",
            |part| {
                part.dtype = safetensors::Dtype::I8;
                part.bytes.truncate(part.shape[0]);
            },
            "unsupported-dtype",
        ),
    ];
    for (name, change, code) in cases {
        let mut files = Files::tiny(CHECKPOINT).with(files.config.clone(), files.weights.clone());
        files.weights = changed(&files.weights, |parts| {
            let part = parts.iter_mut().find(|part| part.name == name);
            change(part.unwrap_or_else(|| panic!("{name}")));
        });
        let failure = files.load(&device, defaults()).map(drop).expect_err(code);
        assert_eq!(failure.code(), code, "{failure}");
    }
}
