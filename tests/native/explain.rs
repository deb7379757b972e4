//! Explanations against torch: integrated gradients of each token, and what they add up to.

use bertlet::{
    device::{Device, DeviceKind},
    engine::{Engine, LoadOptions},
    kernels::Storage,
};
use pollster::block_on;
use serde_json::Value;

use crate::fixtures::{Files, data, defaults, devices, devices_in_turn, json, strings};

/// Attributions that are computed a few steps at a time, as the library does, and the evidence at both ends.
fn explain(engine: &Engine, texts: &[String], label: usize, steps: usize) -> (Vec<f64>, [f64; 2]) {
    let pair = texts.get(1).map(String::as_str);
    let mut sums: Vec<f64> = Vec::new();
    for from in (0..steps).step_by(25) {
        let part = engine.integrated_gradients(&texts[0], pair, label, steps, from..from + 25);
        let part = block_on(part).expect("attributions");
        sums.resize(part.len(), 0.0);
        sums.iter_mut().zip(part).for_each(|(sum, part)| *sum += part);
    }
    let ends = block_on(engine.evidence(&texts[0], pair, label)).expect("evidence");
    (sums, ends)
}

fn floats(values: &Value) -> Vec<f64> {
    let values = values.as_array().expect("numbers").iter();
    values.map(|value| value.as_f64().expect("a number")).collect()
}

fn largest(found: &[f64], expected: &[f64]) -> f64 {
    assert_eq!(found.len(), expected.len());
    let both = found.iter().zip(expected);
    both.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

/// How far the attributions are from what they should add up to, as a share of what they come to without their signs: where
/// the words speak for and against, their sum is near 0.
fn incompleteness(attributions: &[f64], [text, blank]: [f64; 2]) -> f64 {
    let sum: f64 = attributions.iter().sum();
    let size: f64 = attributions.iter().map(|value| value.abs()).sum();
    (sum - (text - blank)).abs() / size
}

fn load(files: Files, about: &Value, softmax: bool, device: &Device) -> Engine {
    let kind = if softmax { "single" } else { "multi" };
    let options = LoadOptions {
        pooling: about["pooling"].as_str().map(Into::into),
        max_length: about["max_length"].as_u64().map(|length| length as usize),
        problem_type: Some(format!("{kind}_label_classification")),
        ..defaults()
    };
    files.load(device, options).expect("the model")
}

fn holds_against_torch(case: usize, name: &str, files: impl Fn(&str) -> Files) {
    let about = json(&format!("explanations/{name}.json"));
    let steps = about["steps"].as_u64().expect("a number") as usize;
    for (device, _) in devices_in_turn(case) {
        let engines = [false, true].map(|softmax| {
            let files = files(about["checkpoint"].as_str().expect("a name"));
            load(files, &about, softmax, &device)
        });
        for case in about["cases"].as_array().expect("cases") {
            let softmax = case["softmax"].as_bool().expect("it says which");
            let label = case["label"].as_u64().expect("a label") as usize;
            let engine = &engines[usize::from(softmax)];
            let (found, ends) = explain(engine, &strings(&case["texts"]), label, steps);
            let tolerance = if device.kind == DeviceKind::Cpu { 1e-5 } else { 1e-4 };
            let off = [
                largest(&found, &floats(&case["attributions"])),
                largest(&ends, &floats(&case["evidence"])),
            ];
            println!("{:?} {name} {label}: {off:?}", device.kind);
            assert!(off.iter().all(|&off| off < tolerance), "{name} {case}: {off:?}");
            let missing = incompleteness(&found, ends);
            assert!(steps < 50 || missing < 0.05, "{name} {case}: {missing} is missing");
        }
    }
}

#[test]
fn attributions_equal_torch() {
    for (case, name) in ["pooler", "mean"].into_iter().enumerate() {
        holds_against_torch(case, name, Files::tiny);
    }
}

#[test]
fn attributions_of_each_encoder_equal_torch() {
    let names = ["distilbert", "electra", "roberta", "xlm-roberta", "camembert", "mpnet"];
    for (case, name) in names.into_iter().enumerate() {
        holds_against_torch(case, name, |name| Files::read(&data("encoders").join(name)));
    }
}

#[test]
fn adapters_and_fewer_bits_are_explained_too() {
    let text = ["The parcel was late, and the bill is wrong".to_owned()];
    for (device, _) in devices_in_turn(1) {
        let options = LoadOptions {
            max_length: Some(24),
            ..defaults()
        };
        let files = Files::tiny("sequence_classification_f32");
        let mut engine = files.load(&device, options).expect("the model");
        for method in ["lora", "prompt", "prefix"] {
            let read = |file: &str| {
                std::fs::read(data("peft").join(format!("saved_{method}")).join(file)).expect("it is there")
            };
            let (config, weights) = (read("adapter_config.json"), read("adapter_model.safetensors"));
            engine.add_adapter(method, &config, &weights).expect("an adapter");
            engine.use_adapter(Some(method)).expect("it is there");
            let (found, ends) = explain(&engine, &text, 1, 50);
            let tokens = engine.tokenize(&text[0], None).expect("tokens").tokens.len();
            assert_eq!(found.len(), tokens, "{method}: virtual tokens are none of the text's");
            let missing = incompleteness(&found, ends);
            assert!(missing < 0.05, "{method}: {missing} of {ends:?}");
        }
        engine.use_adapter(None).expect("none is on");
        let whole = explain(&engine, &text, 1, 50).0;
        for storage in [Storage::F16, Storage::Int8] {
            block_on(engine.quantize(storage, &[])).expect("fewer bits");
            let (found, ends) = explain(&engine, &text, 1, 50);
            // Rounded weights and, where the device multiplies whole numbers, a forward pass in steps.
            assert!(incompleteness(&found, ends) < 0.1, "{storage:?}: {found:?} of {ends:?}");
            assert!(
                largest(&found, &whole) < 0.1,
                "{storage:?}: {found:?}, in f32 {whole:?}"
            );
        }
    }
}

#[test]
fn a_soft_answer_of_more_steps_is_closer() {
    let text = ["My order is late and I was charged twice".to_owned()];
    let (device, _) = devices().remove(0);
    let engine = Files::tiny("sequence_classification_f32")
        .load(&device, defaults())
        .expect("the model");
    let missing = [1, 5, 50].map(|steps| {
        let (found, ends) = explain(&engine, &text, 0, steps);
        incompleteness(&found, ends)
    });
    assert!(missing[0] > missing[1] && missing[1] >= missing[2], "{missing:?}");
    assert!(missing[2] < 1e-4, "{missing:?}");
}
