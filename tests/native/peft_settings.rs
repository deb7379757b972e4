//! The settings of peft's adapter_config.json beyond a rank and a list of names. Each file is held against one that says the
//! same plainly; what changes the base model is refused by name.

use std::collections::BTreeMap;

use bertlet::{
    engine::Engine,
    train::{Method, RowTargets, TrainOptions},
};
use pollster::block_on;
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use serde_json::{Value, json};

use crate::{
    fixtures::{Files, data, defaults, devices, max_difference},
    peft::folder_of,
    training::{engine, rows},
};

type Tensors = BTreeMap<String, (Vec<usize>, Vec<f32>)>;

fn tensors(weights: &[u8]) -> Tensors {
    let file = SafeTensors::deserialize(weights).expect("safetensors");
    let read = |(name, view): (String, TensorView)| {
        let words = view.data().as_chunks::<4>().0.iter();
        let values = words.map(|word| f32::from_le_bytes(*word)).collect();
        (name, (view.shape().to_vec(), values))
    };
    file.tensors().into_iter().map(read).collect()
}

fn file(tensors: &Tensors) -> Vec<u8> {
    let bytes: Vec<(String, Vec<usize>, Vec<u8>)> = tensors
        .iter()
        .map(|(name, (shape, values))| {
            let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
            (name.clone(), shape.clone(), bytes)
        })
        .collect();
    let views = bytes.iter().map(|(name, shape, bytes)| {
        (
            name,
            TensorView::new(Dtype::F32, shape.clone(), bytes).expect("a tensor"),
        )
    });
    safetensors::serialize(views, None).expect("a file")
}

/// peft cuts each layer of AdaLoRA by a mask over the ranks at the start, and then expects what is left in the file.
fn check_masks(config: &str, tensors: &Tensors) {
    let config: Value = serde_json::from_str(config).expect("JSON");
    if config["peft_type"] != "ADALORA" {
        return;
    }
    for (layer, mask) in config["rank_pattern"].as_object().expect("masks") {
        let mask = mask.as_array().expect("a mask");
        assert_eq!(json!(mask.len()), config["init_r"], "{layer}");
        let kept = mask.iter().filter(|kept| **kept == true).count();
        let (shape, _) = &tensors[&format!("base_model.model.{layer}")];
        assert_eq!(shape[0], kept, "{layer}");
    }
}

/// The logits with an adapter, and after it was saved and read again.
fn logits(config: &Value, tensors: &Tensors) -> bertlet::Result<Vec<f32>> {
    let (device, tolerance) = devices().remove(0);
    let texts = rows().0;
    let mut engine = engine(&device, "pooler");
    let answers = |engine: &Engine| {
        let rows = engine.encode(&texts).expect("tokens");
        block_on(engine.logits(&rows.iter().collect::<Vec<_>>())).expect("logits")
    };
    engine.add_adapter("a", config.to_string().as_bytes(), &file(tensors))?;
    engine.use_adapter(Some("a"))?;
    let found = answers(&engine);
    let (config, weights) = block_on(engine.save_adapter("base"))?;
    check_masks(&config, &self::tensors(&weights));
    engine.add_adapter("b", config.as_bytes(), &weights)?;
    engine.use_adapter(Some("b"))?;
    assert!(
        max_difference(&answers(&engine), &found) <= tolerance.forward / 10.0,
        "saved and read again"
    );
    Ok(found)
}

/// peft's folder of LoRA on query and value with a B that is not 0, and its settings.
fn lora() -> (Value, Tensors) {
    let (config, weights) = folder_of("lora");
    (serde_json::from_slice(&config).expect("JSON"), tensors(&weights))
}

fn with(config: &Value, settings: Value) -> Value {
    let mut config = config.clone();
    for (name, value) in settings.as_object().expect("settings") {
        config[name] = value.clone();
    }
    config
}

fn scaled(tensors: &Tensors, part: &str, factor: f32) -> Tensors {
    let mut tensors = tensors.clone();
    for (name, (_, values)) in &mut tensors {
        if name.contains(part) {
            values.iter_mut().for_each(|value| *value *= factor);
        }
    }
    tensors
}

fn without(tensors: &Tensors, part: &str) -> Tensors {
    let others = tensors.iter().filter(|(name, _)| !name.contains(part));
    others.map(|(name, tensor)| (name.clone(), tensor.clone())).collect()
}

#[test]
fn every_way_to_name_the_layers_is_read() {
    let (config, all) = lora();
    let plain = logits(&config, &all).expect("the plain file");
    let (alpha, rank) = (
        config["lora_alpha"].as_f64().expect("alpha"),
        config["r"].as_f64().expect("r"),
    );
    for modules in [
        json!(".*\\.(query|value)"),
        json!("bert\\.encoder\\.layer\\.\\d+\\.attention\\.self\\.(query|value)"),
    ] {
        let settings = with(&config, json!({ "target_modules": modules }));
        assert_eq!(logits(&settings, &all).expect("an expression"), plain);
    }
    // A layer that is left out adds nothing, as one whose B is 0.
    let second = logits(&config, &scaled(&all, "layer.0.", 0.0)).expect("zeros");
    let rest = without(&all, "layer.0.");
    for settings in [
        json!({ "layers_to_transform": [1] }),
        json!({ "layers_to_transform": 1, "layers_pattern": "layer" }),
        json!({ "exclude_modules": ["layer.0.attention.self.query", "layer.0.attention.self.value"] }),
        json!({ "exclude_modules": ".*layer\\.0\\..*" }),
    ] {
        assert_eq!(
            logits(&with(&config, settings.clone()), &rest).expect("the rest"),
            second,
            "{settings}"
        );
    }
    // Factors: alpha / rank, alpha / √rank, and a layer's own.
    let root = with(
        &config,
        json!({ "use_rslora": true, "lora_alpha": alpha / rank.sqrt() }),
    );
    let found = logits(&root, &all).expect("rslora");
    assert!(max_difference(&found, &plain) < 1e-5);
    let doubled = logits(&config, &scaled(&all, "layer.1.attention.self.query.lora_B", 2.0)).expect("doubled");
    let own = with(
        &config,
        json!({ "alpha_pattern": { "layer.1.attention.self.query": 2.0 * alpha } }),
    );
    assert!(max_difference(&logits(&own, &all).expect("alpha_pattern"), &doubled) < 1e-5);
    assert!(max_difference(&doubled, &plain) > 1e-3, "the cases differ");
    // A layer of rank 1: its first row and column, at the same factor.
    let mut narrow = all.clone();
    let mut cut = all.clone();
    for (name, (shape, values)) in &mut narrow {
        let is_a = name.contains("layer.0.attention.self.value.lora_A");
        if is_a {
            values.truncate(shape[1]);
            shape[0] = 1;
        } else if name.contains("layer.0.attention.self.value.lora_B") {
            *values = values.chunks(shape[1]).map(|row| row[0]).collect();
            shape[1] = 1;
        }
    }
    for (name, (shape, values)) in &mut cut {
        if name.contains("layer.0.attention.self.value.lora_A") {
            values[shape[1]..].fill(0.0);
        }
    }
    let settings = json!({
        "rank_pattern": { "layer.0.attention.self.value": 1 },
        "alpha_pattern": { ".*layer\\.0\\..*value": alpha / rank },
    });
    let found = logits(&with(&config, settings), &narrow).expect("rank_pattern");
    let cut = logits(&config, &cut).expect("zeros");
    assert!(max_difference(&found, &cut) < 1e-5);
    // A point of a name stands for any character, and a name begins at a point.
    let settings = json!({
        "rank_pattern": { "layer.0.attention.self_value": 2, "yer.0.attention.self.value": 2, "0.attention.self.value": 1 },
        "alpha_pattern": { "layer.0.attention_self.value": alpha, "layer.0.attention.self.value": alpha / rank },
    });
    let found = logits(&with(&config, settings), &narrow).expect("names");
    assert!(max_difference(&found, &cut) < 1e-5);
}

#[test]
fn without_a_task_the_model_s_own_head_answers() {
    let (config, all) = lora();
    let bare = without(&all, "classifier");
    assert!(bare.len() < all.len());
    let config = with(&config, json!({ "task_type": null, "modules_to_save": null }));
    let (device, _) = devices().remove(0);
    let mut engine = engine(&device, "pooler");
    let names = engine.info().labels.clone();
    engine
        .add_adapter("a", config.to_string().as_bytes(), &file(&bare))
        .expect("an adapter");
    engine.use_adapter(Some("a")).expect("on");
    assert_eq!(engine.info().labels, names);
    logits(&config, &bare).expect("saved and read again");
    // A head belongs to a classifier's adapter.
    let config = with(&config, json!({ "task_type": "SEQ_CLS" }));
    assert_eq!(logits(&config, &bare).expect_err("no head").code(), "missing-tensor");
}

#[test]
fn a_layer_without_ranks_adds_nothing() {
    let (config, weights) = folder_of("adalora");
    let config: Value = serde_json::from_slice(&config).expect("JSON");
    let all = tensors(&weights);
    let mut emptied = all.clone();
    for (name, (shape, values)) in &mut emptied {
        if name.contains("layer.0.attention.self.query.lora_") {
            values.clear();
            let by_row = name.ends_with("lora_B");
            shape[usize::from(by_row)] = 0;
        }
    }
    let zeros = logits(&config, &scaled(&all, "layer.0.attention.self.query.lora_E", 0.0)).expect("zeros");
    let found = logits(&config, &emptied).expect("no ranks");
    assert!(max_difference(&found, &zeros) < 1e-5);
}

#[test]
fn a_head_whose_last_layer_alone_is_in_the_file_is_saved_whole() {
    let (device, _) = devices().remove(0);
    let files = Files::read(&data("encoders").join("roberta"));
    let mut engine = files.load(&device, defaults()).expect("a model");
    let (texts, labels) = rows();
    let train = engine.encode(&texts).expect("tokens");
    let options = TrainOptions {
        method: Method::Lora,
        ..TrainOptions::default()
    };
    engine
        .begin_training(train, RowTargets::Single(labels), options, "trained")
        .expect("a run");
    block_on(engine.train_step()).expect("a step");
    engine.end_training();
    let (config, weights) = block_on(engine.save_adapter("base")).expect("a folder");
    engine.use_adapter(None).expect("off");
    let whole = tensors(&weights);
    let last = without(&whole, "classifier.dense");
    assert_eq!(last.len(), whole.len() - 2);
    engine
        .add_adapter("last", config.as_bytes(), &file(&last))
        .expect("read");
    engine.use_adapter(Some("last")).expect("on");
    let (_, weights) = block_on(engine.save_adapter("base")).expect("a folder");
    let names = |tensors: &Tensors| tensors.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&tensors(&weights)), names(&whole));
}

#[test]
fn what_would_answer_otherwise_is_refused_by_name() {
    let (config, all) = lora();
    for (settings, named) in [
        (json!({ "init_lora_weights": "pissa" }), "pissa"),
        (json!({ "init_lora_weights": "olora" }), "olora"),
        (json!({ "use_dora": true }), "use_dora"),
        (json!({ "lora_bias": true }), "lora_bias"),
        (json!({ "target_modules": "(" }), "target_modules"),
        (json!({ "target_modules": null }), "target_modules"),
        (
            json!({ "layers_pattern": ["blocks"], "layers_to_transform": [0] }),
            "layers_pattern",
        ),
        (json!({ "layers_to_transform": "first" }), "layers_to_transform"),
        (json!({ "rank_pattern": { "query": 0 } }), "rank_pattern"),
        (json!({ "rank_pattern": { "(?<!self)query": 2 } }), "look-around"),
        (json!({ "alpha_pattern": { "query": 2e9 } }), "alpha_pattern"),
        (
            json!({ "rank_pattern": (0..2000).map(|at| (format!("x{at}"), json!(2))).collect::<serde_json::Map<_, _>>() }),
            "at most 1024 keys",
        ),
        (json!({ "rank_pattern": { "x".repeat(300): 2 } }), "at most 256 bytes"),
        (json!({ "alora_invocation_tokens": [5] }), "alora_invocation_tokens"),
    ] {
        let error = logits(&with(&config, settings.clone()), &all).expect_err("a refusal");
        assert_eq!(error.code(), "bad-config", "{settings}");
        assert!(error.to_string().contains(named), "{error}");
    }
    for settings in [
        json!({ "init_lora_weights": "gaussian" }),
        json!({ "target_parameters": [] }),
        json!({ "alpha_pattern": { "query": 2048 } }),
        // peft sets it back on torch's linear layers.
        json!({ "fan_in_fan_out": true }),
        json!({ "layers_pattern": ["layer", "h"], "layers_to_transform": [0, 1] }),
    ] {
        logits(&with(&config, settings), &all).expect("nothing that matters");
    }
}

#[test]
fn an_adapter_brings_the_pooling_that_it_was_trained_with() {
    let (device, tolerance) = devices().remove(0);
    let texts = rows().0;
    let answers = |engine: &Engine| {
        let rows = engine.encode(&texts).expect("tokens");
        block_on(engine.logits(&rows.iter().collect::<Vec<_>>())).expect("logits")
    };
    // Python's, over a model that was loaded with another pooling.
    let (config, weights) = folder_of("lora");
    let mut expected = engine(&device, "pooler");
    let mut found = engine(&device, "mean");
    for engine in [&mut expected, &mut found] {
        engine.add_adapter("a", &config, &weights).expect("an adapter");
        engine.use_adapter(Some("a")).expect("it is there");
    }
    assert!(max_difference(&answers(&found), &answers(&expected)) <= tolerance.forward);
    // Ours: saved on a model with the mean, read on one with the pooler.
    found.use_adapter(None).expect("always there");
    let rows = found.encode(&texts).expect("tokens");
    let options = bertlet::train::TrainOptions {
        method: bertlet::train::Method::Lora,
        epochs: 1,
        learning_rate: 1e-2,
        ..Default::default()
    };
    let targets = bertlet::train::RowTargets::Single(vec![0; rows.len()]);
    let run = found.begin_training(rows, targets, options, "mine").expect("a run");
    for _ in 0..run.steps {
        block_on(found.train_step()).expect("a step");
    }
    found.end_training();
    let (config, weights) = block_on(found.save_adapter("base")).expect("the adapter");
    let bias = &tensors(&weights)["base_model.model.classifier.bias"];
    assert_eq!(bias.0, [1, 3], "transformers' own class refuses it");
    expected.use_adapter(None).expect("always there");
    expected
        .add_adapter("mine", config.as_bytes(), &weights)
        .expect("our own");
    expected.use_adapter(Some("mine")).expect("it is there");
    assert_eq!(expected.info().pooling, "mean");
    assert!(max_difference(&answers(&expected), &answers(&found)) <= tolerance.forward);
    // A checkpoint without a pooler cannot carry Python's.
    let mut bare = Files::tiny("model_f16_no_pooler")
        .load(&device, defaults())
        .expect("the model");
    let (config, weights) = folder_of("lora");
    let error = bare.add_adapter("a", &config, &weights).expect_err("no pooler");
    assert!(error.to_string().contains("pooler"), "{error}");
}
