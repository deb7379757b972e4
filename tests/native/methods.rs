//! Twenty steps of each fine-tuning method against the peft library, or against torch for methods that peft lacks. From
//! the same initial weights, compared are each loss and gradient norm, the number of trainable parameters and the final
//! weights.

use bertlet::{
    device::Device,
    engine::{Engine, LoadOptions},
    peft::{AdaloraOptions, LoraOptions},
    train::{Method, RowTargets, TrainOptions},
};
use pollster::block_on;
use serde_json::{Value, json};

use crate::{
    fixtures::{Files, Reference, defaults, devices, devices_in_turn, json, max_difference, strings},
    peft::{folder_of, saved_tensors},
    training::{assert_steps, batches, engine, engine_of, options, rows},
};

/// The options of the reference's recipe.
fn method(recipe: &Value) -> TrainOptions {
    let number = |name: &str| recipe[name].as_u64().unwrap_or(0) as usize;
    let target_modules = || strings(&recipe["target_modules"]);
    let alpha = recipe["lora_alpha"].as_f64().unwrap_or(0.0);
    let steps = recipe["steps"].as_f64().expect("steps");
    let plain = TrainOptions {
        epochs: 20,
        // All 24 rows in one batch: 20 epochs are 20 steps.
        batch_size: 24,
        ..options(recipe)
    };
    match recipe["method"].as_str().expect("a method") {
        "lora" => TrainOptions {
            method: Method::Lora,
            lora: LoraOptions {
                rank: number("r"),
                alpha,
                dropout: 0.0,
                target_modules: target_modules(),
            },
            ..plain
        },
        "adalora" => TrainOptions {
            method: Method::Adalora,
            adalora: AdaloraOptions {
                target_rank: number("target_r"),
                initial_rank: number("init_r"),
                alpha,
                dropout: 0.0,
                target_modules: target_modules(),
                warmup_ratio: number("tinit") as f64 / steps,
                final_ratio: number("tfinal") as f64 / steps,
                interval: number("deltaT"),
                beta1: recipe["beta1"].as_f64().expect("beta1"),
                beta2: recipe["beta2"].as_f64().expect("beta2"),
                orthogonality: recipe["orth_reg_weight"].as_f64().expect("a weight"),
            },
            ..plain
        },
        "prompt" => TrainOptions {
            method: Method::Prompt,
            virtual_tokens: number("num_virtual_tokens"),
            ..plain
        },
        "prefix" => TrainOptions {
            method: Method::Prefix,
            virtual_tokens: number("num_virtual_tokens"),
            ..plain
        },
        "adapter" => TrainOptions {
            method: Method::Adapter,
            adapter_size: number("adapter_size"),
            ..plain
        },
        "bitfit" => TrainOptions {
            method: Method::Bitfit,
            ..plain
        },
        "head" => TrainOptions {
            method: Method::Head,
            ..plain
        },
        _ => TrainOptions {
            freeze_layers: number("freeze_layers"),
            layer_decay: recipe["layer_decay"].as_f64().unwrap_or(1.0),
            ..plain
        },
    }
}

/// The model with the reference's initial weights.
fn begun(device: &Device, name: &str, recipe: &Value) -> Engine {
    let pooling = recipe["pooling"].as_str().expect("a pooling");
    let checkpoint = recipe["checkpoint"].as_str().expect("a checkpoint");
    let reference = Reference::open(&format!("peft/{name}.safetensors"));
    match recipe["method"].as_str() {
        Some("lora" | "adalora" | "prompt" | "prefix") => {
            let mut engine = engine_of(checkpoint, device, pooling);
            let (config, _) = folder_of(name);
            let weights = reference.under("initial.");
            engine.add_adapter("default", &config, &weights).expect("an adapter");
            engine.use_adapter(Some("default")).expect("it is there");
            engine
        }
        Some("adapter") => {
            let mut files = Files::tiny(checkpoint);
            let mut config: Value = serde_json::from_slice(&files.config).expect("JSON");
            config["bertlet"] = json!({ "pooling": pooling, "adapter_size": recipe["adapter_size"] });
            files.config = config.to_string().into_bytes();
            files.weights = reference.under_with("initial.", &files.weights);
            let options = LoadOptions {
                max_length: json("training/rows.json")["max_length"].as_u64().map(|n| n as usize),
                ..defaults()
            };
            files.load(device, options).expect("the model")
        }
        _ => engine_of(checkpoint, device, pooling),
    }
}

const METHODS: [&str; 14] = [
    "lora",
    "lora_all",
    "lora_all_halves",
    "adalora",
    "prompt",
    "prompt_mean",
    "prompt_halves",
    "prefix",
    "prefix_mean",
    "adapter",
    "bitfit",
    "head",
    "freeze1",
    "layer_decay",
];

#[test]
fn twenty_steps_of_each_method_equal_peft() {
    let (texts, labels) = rows();
    for (case, name) in METHODS.into_iter().enumerate() {
        for (device, tolerance) in devices_in_turn(case) {
            let reference = json(&format!("peft/{name}.json"));
            let recipe = &reference["recipe"];
            let mut engine = begun(&device, name, recipe);
            let rows = engine.encode(&texts).expect("tokens");
            let targets = RowTargets::Single(labels.clone());
            let options = method(recipe);
            let begun = engine.begin_training(rows, targets, options, "default").expect("a run");
            assert_eq!(begun.steps, 20);
            let trained = reference["trainable_parameters"].as_u64().expect("a count");
            if name != "layer_decay" {
                // A full run trains only the word embeddings that its rows use.
                assert_eq!(begun.trained_parameters as u64, trained, "{name}");
            }
            let steps = batches().into_iter().take(20);
            let reports: Vec<_> = steps
                .map(|batch| block_on(engine.train_step_on(&batch)).expect("a step"))
                .collect();
            let expected = reference["steps"].as_array().expect("steps");
            let loss = if name == "adalora" { "cross_entropy" } else { "loss" };
            assert_steps(name, &reports, expected, loss, &tolerance);
            engine.end_training();
            hold_final(name, &mut engine);
        }
    }
}

fn hold_final(name: &str, engine: &mut Engine) {
    let reference = Reference::open(&format!("peft/{name}.safetensors"));
    let found = saved_tensors(engine);
    let names = reference.names();
    let finals = names.iter().filter_map(|name| name.strip_prefix("final."));
    let mut held = 0;
    for tensor in finals.filter(|tensor| !tensor.ends_with("key.bias")) {
        let (shape, expected) = reference.floats(&format!("final.{tensor}"));
        let Some((found_shape, values)) = found.get(tensor) else {
            panic!("{name}: no {tensor} among {:?}", found.keys());
        };
        // AdaLoRA is saved without the singular values that are 0; the test of its folder compares its ranks.
        if name == "adalora" && tensor.contains(".lora_") {
            continue;
        }
        assert_eq!(*found_shape, shape, "{name} {tensor}");
        let difference = max_difference(values, &expected);
        assert!(difference < 1e-3, "{name} {tensor}: {difference}");
        held += 1;
    }
    assert!(held >= 2, "{name}");
}

#[test]
fn adalora_keeps_the_singular_values_that_peft_keeps() {
    let (texts, labels) = rows();
    let reference = json("peft/adalora.json");
    for (device, _) in devices() {
        let mut engine = begun(&device, "adalora", &reference["recipe"]);
        let rows = engine.encode(&texts).expect("tokens");
        let options = method(&reference["recipe"]);
        let targets = RowTargets::Single(labels.clone());
        engine.begin_training(rows, targets, options, "default").expect("a run");
        for batch in batches().iter().take(20) {
            block_on(engine.train_step_on(batch)).expect("a step");
        }
        engine.end_training();
        let (config, _) = block_on(engine.save_adapter("base")).expect("a folder");
        let config: Value = serde_json::from_str(&config).expect("JSON");
        let expected = &reference["steps"][19]["rank_pattern"];
        for (layer, kept) in expected.as_object().expect("a pattern") {
            let found = config["rank_pattern"][layer].as_array().expect("a layer");
            let found: Vec<u64> = found
                .iter()
                .map(|kept| kept.as_bool().expect("a flag").into())
                .collect();
            assert_eq!(json!(found), *kept, "{layer}");
        }
    }
}

#[test]
fn what_is_frozen_stays_bit_for_bit() {
    let (texts, labels) = rows();
    let (device, _) = devices().remove(0);
    let mut engine = engine(&device, "pooler");
    let before = saved_tensors(&mut engine);
    let rows = engine.encode(&texts).expect("tokens");
    let options = TrainOptions {
        method: Method::Head,
        epochs: 2,
        learning_rate: 1e-2,
        ..TrainOptions::default()
    };
    let begun = engine
        .begin_training(rows, RowTargets::Single(labels), options, "default")
        .expect("a run");
    for _ in 0..begun.steps {
        block_on(engine.train_step()).expect("a step");
    }
    engine.end_training();
    for (name, (_, values)) in saved_tensors(&mut engine) {
        let same = values == before[&name].1;
        assert_eq!(same, !name.starts_with("classifier."), "{name}");
    }
}

#[test]
fn adalora_beside_frozen_layers_trains_and_allots_the_others() {
    let (texts, labels) = rows();
    let (device, _) = devices().remove(0);
    let mut engine = engine(&device, "pooler");
    let rows = engine.encode(&texts).expect("tokens");
    let options = TrainOptions {
        method: Method::Adalora,
        epochs: 6,
        learning_rate: 1e-2,
        freeze_layers: 1,
        ..TrainOptions::default()
    };
    let begun = engine
        .begin_training(rows, RowTargets::Single(labels), options, "default")
        .expect("a run");
    for _ in 0..begun.steps {
        assert!(block_on(engine.train_step()).expect("a step").loss.is_finite());
    }
    engine.end_training();
    let (config, _) = block_on(engine.save_adapter("base")).expect("the adapter");
    let config: Value = serde_json::from_str(&config).expect("JSON");
    let ranks = config["rank_pattern"].as_object().expect("ranks");
    let kept = |layer: &str| -> usize {
        let of_layer = ranks.iter().filter(|(name, _)| name.contains(layer));
        of_layer
            .flat_map(|(_, kept)| kept.as_array().expect("a list"))
            .filter(|kept| **kept == true)
            .count()
    };
    assert!(kept("layer.1.") > kept("layer.0."), "{ranks:?}");
}
