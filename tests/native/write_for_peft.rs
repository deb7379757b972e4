//! Writes trained adapters for Python's peft, and saved models of every encoder for transformers, which the tests do not need. By
//! hand: `BERTLET_ADAPTERS=DIR cargo test -p bertlet --test native write_for_peft -- --ignored`, then `check_adapter.py` or
//! `check_saved.py` on each folder.

use std::{fs, path::Path};

use bertlet::{
    checkpoint::{Class, Dtype},
    engine::{Engine, LoadOptions},
    model::ARCHITECTURES,
    peft::LoraOptions,
    train::{Method, RowTargets, TrainOptions},
};
use pollster::block_on;
use serde_json::json;

use crate::{
    fixtures::{Files, data, defaults, devices, real_checkpoint},
    training::rows,
};

#[test]
#[ignore = "writes folders for Python's peft to read"]
fn trained_adapters_are_written() {
    let out = std::env::var("BERTLET_ADAPTERS").expect("BERTLET_ADAPTERS: a folder to write to");
    let checkpoint = real_checkpoint("all-MiniLM-L6-v2").expect("all-MiniLM-L6-v2");
    let files = Files::read(&checkpoint);
    let (texts, labels) = rows();
    let (device, _) = devices().remove(0);
    let all = ["query", "key", "value", "dense"].map(str::to_owned).to_vec();
    let lora = |target_modules| LoraOptions {
        target_modules,
        ..LoraOptions::default()
    };
    let plain = |method| TrainOptions {
        method,
        epochs: 4,
        learning_rate: 1e-2,
        ..TrainOptions::default()
    };
    let methods = [
        ("lora", plain(Method::Lora)),
        (
            "lora_all",
            TrainOptions {
                lora: lora(all),
                ..plain(Method::Lora)
            },
        ),
        ("adalora", plain(Method::Adalora)),
        ("prompt", plain(Method::Prompt)),
        ("prefix", plain(Method::Prefix)),
    ];
    for pooling in ["pooler", "mean"] {
        for (name, options) in &methods {
            let load = LoadOptions {
                pooling: Some(pooling.to_owned()),
                max_length: Some(64),
                ..defaults()
            };
            let mut engine = files.load(&device, load).expect("the model");
            let names = ["first", "second", "third"].map(str::to_owned).to_vec();
            engine.set_labels(names, 1).expect("labels");
            let train = engine.encode(&texts).expect("tokens");
            let targets = RowTargets::Single(labels.clone());
            let begun = engine
                .begin_training(train.clone(), targets, options.clone(), "default")
                .expect("a run");
            for _ in 0..begun.steps {
                block_on(engine.train_step()).expect("a step");
            }
            engine.end_training();
            let logits = block_on(engine.logits(&train.iter().collect::<Vec<_>>())).expect("logits");
            let (config, weights) = block_on(engine.save_adapter(&checkpoint.display().to_string())).expect("a folder");
            let folder = Path::new(&out).join(format!("{name}_{pooling}"));
            let write = |name: &str, bytes: &[u8]| fs::write(folder.join(name), bytes).expect("written");
            fs::create_dir_all(&folder).expect("a folder");
            write("adapter_config.json", config.as_bytes());
            write("adapter_model.safetensors", &weights);
            write("texts.json", json!(texts).to_string().as_bytes());
            let logits: Vec<&[f32]> = logits.chunks(3).collect();
            write("logits.json", json!(logits).to_string().as_bytes());
        }
    }
}

/// Trains a few steps of a method.
fn train(engine: &mut Engine, texts: &[String], labels: &[u32], method: Method) {
    let options = TrainOptions {
        method,
        epochs: 2,
        learning_rate: 1e-3,
        adapter_size: 4,
        ..TrainOptions::default()
    };
    let rows = engine.encode(texts).expect("tokens");
    let begun = engine
        .begin_training(rows, RowTargets::Single(labels.to_vec()), options, "default")
        .expect("a run");
    for _ in 0..begun.steps {
        block_on(engine.train_step()).expect("a step");
    }
    engine.end_training();
}

#[test]
#[ignore = "writes folders for transformers to read"]
fn trained_encoders_are_written() {
    let out = std::env::var("BERTLET_ADAPTERS").expect("BERTLET_ADAPTERS: a folder to write to");
    let (texts, labels) = rows();
    let (device, _) = devices().remove(0);
    for encoder in ARCHITECTURES.map(|known| known.model_type) {
        let source = match encoder {
            "bert" => data("checkpoints/sequence_classification_f32"),
            other => data("encoders").join(other),
        };
        for (pooling, method) in [
            ("pooler", Method::Full),
            ("mean", Method::Full),
            ("pooler", Method::Adapter),
            ("max", Method::Adapter),
        ] {
            let load = LoadOptions {
                pooling: Some(pooling.to_owned()),
                max_length: Some(24),
                ..defaults()
            };
            let mut engine = Files::read(&source).load(&device, load).expect("the model");
            train(&mut engine, &texts, &labels, method);
            let rows = engine.encode(&texts).expect("tokens");
            let logits = block_on(engine.logits(&rows.iter().collect::<Vec<_>>())).expect("logits");
            let logits: Vec<&[f32]> = logits.chunks(3).collect();
            let folder = Path::new(&out).join(format!("{encoder}_{pooling}_{method:?}"));
            fs::create_dir_all(&folder).expect("a folder");
            let write = |name: &str, bytes: &[u8]| fs::write(folder.join(name), bytes).expect("written");
            let weights = block_on(engine.save(Class::Classifier, Dtype::F32)).expect("weights");
            write("model.safetensors", &weights);
            write(
                "config.json",
                engine.saved_config(Class::Classifier, Dtype::F32).as_bytes(),
            );
            write("tokenizer.json", engine.tokenizer().to_json().as_bytes());
            write("tokenizer_config.json", engine.saved_tokenizer_config().as_bytes());
            if let Some(code) = engine.saved_modeling_code(Class::Classifier) {
                write("modeling_bertlet.py", code.as_bytes());
            }
            write("texts.json", json!(texts).to_string().as_bytes());
            write("logits.json", json!(logits).to_string().as_bytes());
        }
    }
}
