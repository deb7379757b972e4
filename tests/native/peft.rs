//! Adapter folders of Python's peft: reading and writing them, several on one encoder, merging, and malformed ones.

use std::collections::BTreeMap;

use bertlet::{
    checkpoint::{Class, Dtype},
    engine::{Engine, LoadOptions},
    peft::LoraOptions,
    train::{Method, RowTargets, TrainOptions},
};
use pollster::block_on;
use safetensors::{Dtype as FileDtype, SafeTensors, tensor::TensorView};
use serde_json::{Value, json};

use crate::{
    fixtures::{Files, bytes, data, defaults, devices, json, max_difference, strings},
    training::{engine, rows},
};

/// `adapter_config.json` and `adapter_model.safetensors` of the folder that peft saved for a method.
pub fn folder_of(method: &str) -> (Vec<u8>, Vec<u8>) {
    let folder = data(&format!("peft/saved_{method}"));
    (
        bytes(&folder.join("adapter_config.json")),
        bytes(&folder.join("adapter_model.safetensors")),
    )
}

/// Every tensor of a save: of the adapter that is on, else of the model.
pub fn saved_tensors(engine: &mut Engine) -> BTreeMap<String, (Vec<usize>, Vec<f32>)> {
    let weights = match engine.adapters().1 {
        Some(_) => block_on(engine.save_adapter("base")).expect("a folder").1,
        None => block_on(engine.save(Class::Classifier, Dtype::F32)).expect("the weights"),
    };
    let file = SafeTensors::deserialize(&weights).expect("safetensors");
    let floats = |data: &[u8]| {
        data.as_chunks::<4>()
            .0
            .iter()
            .map(|word| f32::from_le_bytes(*word))
            .collect()
    };
    let tensors = file.tensors().into_iter();
    tensors
        .map(|(name, view)| (name, (view.shape().to_vec(), floats(view.data()))))
        .collect()
}

fn logits(engine: &Engine, texts: &[String]) -> Vec<f32> {
    let rows = engine.encode(texts).expect("tokens");
    block_on(engine.logits(&rows.iter().collect::<Vec<_>>())).expect("logits")
}

const SAVED: [&str; 9] = [
    "lora",
    "lora_all",
    "lora_all_halves",
    "adalora",
    "prompt",
    "prompt_mean",
    "prompt_halves",
    "prefix",
    "prefix_mean",
];

#[test]
fn folders_of_peft_give_its_logits_and_come_back_equal() {
    for (device, tolerance) in devices() {
        for method in SAVED {
            let about = json(&format!("peft/saved_{method}.json"));
            let texts = strings(&about["texts"]);
            let rows = about["logits"].as_array().expect("rows").iter();
            let expected: Vec<f32> = rows
                .flat_map(|row| row.as_array().expect("logits").iter())
                .map(|x| x.as_f64().expect("a number") as f32)
                .collect();
            let open = || {
                let options = LoadOptions {
                    pooling: Some(about["pooling"].as_str().unwrap_or("pooler").to_owned()),
                    max_length: about["max_length"].as_u64().map(|n| n as usize),
                    ..defaults()
                };
                let checkpoint = about["checkpoint"].as_str().expect("a name");
                Files::tiny(checkpoint).load(&device, options).expect("the model")
            };
            let mut engine = open();
            let plain = logits(&engine, &texts);
            let (config, weights) = folder_of(method);
            engine.add_adapter("theirs", &config, &weights).expect("an adapter");
            assert_eq!(logits(&engine, &texts), plain, "{method} is not on yet");
            engine.use_adapter(Some("theirs")).expect("it is there");
            let found = logits(&engine, &texts);
            let difference = max_difference(&found, &expected);
            assert!(difference < tolerance.forward, "{method}: {difference}");

            let (config, weights) = block_on(engine.save_adapter("base")).expect("a folder");
            let mut again = open();
            again
                .add_adapter("ours", config.as_bytes(), &weights)
                .expect("our own folder");
            again.use_adapter(Some("ours")).expect("it is there");
            assert_eq!(logits(&again, &texts), found, "{method}");
            engine.use_adapter(None).expect("always there");
            assert_eq!(logits(&engine, &texts), plain, "{method} is off again");
        }
    }
}

#[test]
fn a_merged_adapter_answers_as_before() {
    let texts = rows().0;
    for (device, tolerance) in devices() {
        for method in ["lora", "lora_all", "adalora"] {
            let mut engine = engine(&device, "pooler");
            let (config, weights) = folder_of(method);
            engine.add_adapter("a", &config, &weights).expect("an adapter");
            engine.use_adapter(Some("a")).expect("it is there");
            let before = logits(&engine, &texts);
            // A model saved with the adapter on is merged too.
            let saved = block_on(engine.save(Class::Classifier, Dtype::F32)).expect("the weights");
            engine.merge_adapter().expect("a merge");
            let difference = max_difference(&logits(&engine, &texts), &before);
            assert!(difference < tolerance.forward, "{method}: {difference}");
            assert_eq!(
                saved,
                block_on(engine.save(Class::Classifier, Dtype::F32)).expect("the weights")
            );
            assert_eq!(engine.adapters(), (Vec::new(), None));
        }
        let mut engine = engine(&device, "pooler");
        let (config, weights) = folder_of("prompt");
        engine.add_adapter("a", &config, &weights).expect("an adapter");
        engine.use_adapter(Some("a")).expect("it is there");
        assert_eq!(engine.merge_adapter().expect_err("virtual tokens").code(), "bad-state");
        assert_eq!(
            block_on(engine.save(Class::Classifier, Dtype::F32))
                .expect_err("virtual tokens")
                .code(),
            "bad-state"
        );
    }
}

#[test]
fn two_tasks_share_one_encoder() {
    let (texts, labels) = rows();
    let (device, _) = devices().remove(0);
    let mut engine = engine(&device, "pooler");
    let options = |rank| TrainOptions {
        method: Method::Lora,
        lora: LoraOptions {
            rank,
            ..LoraOptions::default()
        },
        epochs: 3,
        learning_rate: 1e-2,
        ..TrainOptions::default()
    };
    let train = |engine: &mut Engine, name: &str, targets: &[u32], rank| {
        let rows = engine.encode(&texts).expect("tokens");
        let targets = RowTargets::Single(targets.to_vec());
        let begun = engine
            .begin_training(rows, targets, options(rank), name)
            .expect("a run");
        for _ in 0..begun.steps {
            block_on(engine.train_step()).expect("a step");
        }
        engine.end_training();
    };
    train(&mut engine, "first", &labels, 4);
    let first = logits(&engine, &texts);
    engine.use_adapter(None).expect("always there");
    engine
        .set_labels(vec!["even".into(), "odd".into()], 1)
        .expect("new labels");
    let parity: Vec<u32> = (0..texts.len() as u32).map(|row| row % 2).collect();
    train(&mut engine, "second", &parity, 2);
    let second = logits(&engine, &texts);
    assert_eq!(second.len(), 2 * texts.len());
    for _ in 0..2 {
        engine.use_adapter(Some("first")).expect("it is there");
        assert_eq!(
            (logits(&engine, &texts), engine.info().labels.len()),
            (first.clone(), 3)
        );
        engine.use_adapter(Some("second")).expect("it is there");
        assert_eq!(
            (logits(&engine, &texts), engine.info().labels.clone()),
            (second.clone(), vec!["even".to_owned(), "odd".to_owned()])
        );
    }
    // A run with other settings cannot resume the adapter that is on.
    let rows = engine.encode(&texts).expect("tokens");
    let refused = engine.begin_training(rows, RowTargets::Single(parity), options(3), "second");
    assert_eq!(refused.expect_err("another rank").code(), "bad-state");
    assert_eq!(logits(&engine, &texts), second);
}

/// The adapter's file with a pooler of zeros: its weight, and with `whole` its bias.
fn with_pooler(weights: &[u8], whole: bool) -> Vec<u8> {
    let file = SafeTensors::deserialize(weights).expect("safetensors");
    let hidden = 32;
    let data = vec![0; hidden * hidden * 4];
    let weight = TensorView::new(FileDtype::F32, vec![hidden, hidden], &data).expect("a tensor");
    let bias = TensorView::new(FileDtype::F32, vec![hidden], &data[..4 * hidden]).expect("a tensor");
    let name = |end: &str| format!("base_model.model.bert.pooler.dense.{end}");
    let pooler = [(name("weight"), weight), (name("bias"), bias)];
    let all = file
        .tensors()
        .into_iter()
        .chain(pooler.into_iter().take(if whole { 2 } else { 1 }));
    safetensors::serialize(all, None).expect("a file")
}

#[test]
fn a_pooler_counts_only_where_there_is_one() {
    let (device, _) = devices().remove(0);
    let (config, weights) = folder_of("lora");
    // Of zeros, so that the head's bias is left of every answer. The model that pools otherwise takes it too.
    for pooling in ["pooler", "mean"] {
        let mut engine = engine(&device, pooling);
        let before = logits(&engine, &["a".into()]);
        engine
            .add_adapter("a", &config, &with_pooler(&weights, true))
            .expect("an adapter");
        engine.use_adapter(Some("a")).expect("it is there");
        assert_eq!(engine.info().pooling, "pooler");
        let [one, other] = ["a", "the dog"].map(|text| logits(&engine, &[text.into()]));
        assert_eq!(one, other, "{pooling}");
        let (_, saved) = block_on(engine.save_adapter("base")).expect("the adapter");
        assert!(
            SafeTensors::deserialize(&saved)
                .expect("safetensors")
                .names()
                .iter()
                .any(|name| name.contains("pooler"))
        );
        engine.use_adapter(None).expect("always there");
        assert_eq!(
            (engine.info().pooling, logits(&engine, &["a".into()])),
            (pooling, before)
        );
    }
    let refused = engine(&device, "pooler").add_adapter("a", &config, &with_pooler(&weights, false));
    let message = refused.expect_err("a pooler without a place").to_string();
    assert!(
        message.starts_with("adapter_config.json: adapter_model.safetensors has the tensor"),
        "{message}"
    );
    assert!(message.contains("pooler"), "{message}");
    let refused = engine(&device, "pooler").add_adapter("a", b"[]", &weights);
    let message = refused.expect_err("no object").to_string();
    assert!(message.starts_with("adapter_config.json: expected"), "{message}");
}

#[test]
fn malformed_folders_are_named() {
    let (device, _) = devices().remove(0);
    let (config, weights) = folder_of("lora");
    let changed = |change: fn(&mut Value)| {
        let mut value: Value = serde_json::from_slice(&config).expect("JSON");
        change(&mut value);
        value.to_string().into_bytes()
    };
    let cases: Vec<(&str, Vec<u8>, Vec<u8>)> = vec![
        ("bad-config", b"{".to_vec(), weights.clone()),
        ("bad-config", b"[]".to_vec(), weights.clone()),
        (
            "bad-config",
            changed(|c| c["peft_type"] = json!("IA3")),
            weights.clone(),
        ),
        (
            "bad-config",
            changed(|c| c["task_type"] = json!("CAUSAL_LM")),
            weights.clone(),
        ),
        ("bad-config", changed(|c| c["r"] = json!(0)), weights.clone()),
        ("bad-config", changed(|c| c["r"] = json!(1u64 << 40)), weights.clone()),
        ("bad-config", changed(|c| c["bias"] = json!("all")), weights.clone()),
        ("bad-config", changed(|c| c["use_dora"] = json!(true)), weights.clone()),
        (
            "missing-tensor",
            changed(|c| c["target_modules"] = json!("all-linear")),
            weights.clone(),
        ),
        (
            "bad-config",
            changed(|c| c["target_modules"] = json!(["nothing"])),
            weights.clone(),
        ),
        (
            "shape-mismatch",
            changed(|c| c["rank_pattern"] = json!({ "query": 2 })),
            weights.clone(),
        ),
        (
            "missing-tensor",
            changed(|c| c["target_modules"] = json!(["key"])),
            weights.clone(),
        ),
        ("shape-mismatch", changed(|c| c["r"] = json!(3)), weights.clone()),
        ("bad-weights", config.clone(), weights[..weights.len() / 2].to_vec()),
        ("bad-weights", config.clone(), Vec::new()),
        ("pickle-refused", config.clone(), b"PK\x03\x04".to_vec()),
        // The file has pairs of layers that the configuration does not name.
        (
            "bad-config",
            changed(|c| c["target_modules"] = json!(["query"])),
            weights.clone(),
        ),
    ];
    for (code, config, weights) in cases {
        let mut engine = engine(&device, "pooler");
        let failure = engine.add_adapter("a", &config, &weights).expect_err(code);
        assert_eq!(failure.code(), code, "{failure}");
        assert!(failure.to_string().contains("adapter_"), "{failure}");
        assert_eq!(engine.adapters(), (Vec::new(), None));
    }
    let mut engine = engine(&device, "pooler");
    assert_eq!(
        engine.use_adapter(Some("nobody")).expect_err("no such name").code(),
        "bad-option"
    );
    assert_eq!(
        block_on(engine.save_adapter("base")).expect_err("none is on").code(),
        "bad-state"
    );
}
