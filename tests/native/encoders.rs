//! The encoders beside BERT against transformers and peft: states, logits, gradients, 30 steps, LoRA, masked-LM, and what is
//! saved.

use bertlet::{
    checkpoint::{self, Class, Dtype, Tensors},
    device::{self, Device},
    engine::{Engine, LoadOptions},
    kernels::Dropout,
    model::{ARCHITECTURES, BertConfig, Input, Pooling},
    peft::LoraOptions,
    text::collate,
    train::{Method, RowTargets, TrainOptions},
};
use pollster::block_on;
use safetensors::SafeTensors;
use serde_json::Value;

use crate::{
    fixtures::{
        Files, Reference, bytes, data, defaults, devices, devices_in_turn, json, max_difference, read_as, strings,
    },
    masked_lm::assert_masked_steps,
    peft::saved_tensors,
    training::{assert_steps, batches, options, rows, run_batches},
};

/// Every encoder of the table but BERT, which has suites of its own.
fn encoders() -> impl Iterator<Item = &'static str> {
    let known = ARCHITECTURES.into_iter().map(|known| known.model_type);
    known.filter(|name| *name != "bert")
}

fn files(name: &str) -> Files {
    Files::read(&data("encoders").join(name))
}

fn load(name: &str, device: &Device, options: LoadOptions) -> Engine {
    let options = LoadOptions {
        max_length: options
            .max_length
            .or_else(|| json("training/rows.json")["max_length"].as_u64().map(|n| n as usize)),
        ..options
    };
    let loaded = files(name).load(device, options);
    loaded.unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// A reference's JSON and tensors.
fn reference(name: &str) -> (Value, Reference) {
    let tensors = Reference::open(&format!("encoders/{name}.safetensors"));
    (json(&format!("encoders/{name}.json")), tensors)
}

/// The logits of the reference's texts.
fn logits(engine: &Engine, about: &Value) -> Vec<f32> {
    let rows = engine.encode(&strings(&about["texts"])).expect("tokens");
    block_on(engine.logits(&rows.iter().collect::<Vec<_>>())).expect("logits")
}

#[test]
fn states_and_logits_equal_transformers() {
    for name in encoders() {
        let (about, tensors) = reference(name);
        for (device, tolerance) in devices() {
            for pooling in ["pooler", "cls", "mean", "max"] {
                let options = LoadOptions {
                    pooling: Some(pooling.into()),
                    max_length: about["max_length"].as_u64().map(|length| length as usize),
                    ..defaults()
                };
                let engine = load(name, &device, options);
                let (_, expected) = tensors.floats(&format!("logits.{pooling}"));
                let difference = max_difference(&logits(&engine, &about), &expected);
                assert!(difference <= tolerance.forward, "{name} {pooling}: {difference}");
            }
            let files = files(name);
            let config = BertConfig::parse(&files.config).expect("the configuration");
            let file = Tensors::open("model.safetensors", &files.weights, config.encoder).expect("the weights");
            let loaded = checkpoint::load(&file, &config, read_as(Pooling::Mean, 3), &device.handle).expect("it loads");
            let engine = load(
                name,
                &device,
                LoadOptions {
                    max_length: Some(16),
                    ..defaults()
                },
            );
            let rows = engine.encode(&strings(&about["texts"])).expect("tokens");
            let batch = collate(&rows, engine.tokenizer().pad_id());
            let ids: Vec<u32> = batch.input_ids.iter().map(|&id| id as u32).collect();
            assert_eq!(ids, tensors.integers("input_ids"), "{name}");
            let states = loaded
                .model
                .bert
                .hidden_states(&Input::new(&batch, &device.handle), &Dropout::off());
            for (index, state) in states.into_iter().enumerate() {
                let (shape, expected) = tensors.floats(&format!("hidden_states.{index}"));
                let found = block_on(device::read(state)).expect("values");
                let real = |all: &[f32]| -> Vec<f32> {
                    let rows = all.chunks(shape[2]).zip(&batch.attention_mask);
                    rows.filter(|(_, mask)| **mask == 1)
                        .flat_map(|(row, _)| row.to_vec())
                        .collect()
                };
                let difference = max_difference(&real(&found), &real(&expected));
                assert!(difference <= tolerance.forward, "{name} {index}: {difference}");
            }
        }
    }
}

#[test]
fn every_gradient_equals_torch() {
    let rows_of_gradients = json("gradients/rows.json");
    let labels = rows_of_gradients["labels"].as_array().expect("labels").iter();
    let targets: Vec<u32> = labels.map(|label| label.as_u64().expect("a label") as u32).collect();
    for name in encoders() {
        let (_, tensors) = reference(name);
        for (device, tolerance) in devices() {
            let options = LoadOptions {
                pooling: Some("pooler".into()),
                ..defaults()
            };
            let engine = load(name, &device, options);
            let rows = engine.encode(&strings(&rows_of_gradients["texts"])).expect("tokens");
            let found = block_on(engine.gradients(&rows.iter().collect::<Vec<_>>(), &targets)).expect("gradients");
            let names = tensors.names();
            let expected = names.iter().filter(|name| name.starts_with("grad.")).count();
            assert_eq!(found.len(), expected, "{name}: parameters with a gradient");
            for (parameter, found) in found {
                let (_, expected) = tensors.floats(&format!("grad.{parameter}"));
                let difference = norm(found.iter().zip(&expected).map(|(a, b)| a - b));
                // softmax ignores a shift of the scores, so the gradient of a key's bias is rounding alone.
                if [".key.bias", ".k_lin.bias", ".k.bias"]
                    .iter()
                    .any(|end| parameter.ends_with(end))
                {
                    assert!(difference < 1e-5, "{name} {parameter}: {difference}");
                    continue;
                }
                let size = norm(expected.iter().copied());
                assert!(
                    size > 0.0 && difference <= tolerance.gradient * size,
                    "{name} {parameter}: {difference} of {size}"
                );
            }
        }
    }
}

fn norm(values: impl Iterator<Item = f32>) -> f64 {
    values.map(|x| f64::from(x).powi(2)).sum::<f64>().sqrt()
}

#[test]
fn thirty_steps_equal_torch() {
    let (texts, labels) = rows();
    for (case, name) in encoders().enumerate() {
        let (about, _) = reference(name);
        for (device, tolerance) in devices_in_turn(case) {
            let mut engine = load(name, &device, defaults());
            assert_eq!(engine.info().pooling, "pooler", "{name}");
            let reports = run_batches(&mut engine, &texts, &labels, options(&about["recipe"]));
            let expected = about["training"].as_array().expect("steps");
            assert_eq!(reports.len(), expected.len());
            assert_steps(name, &reports, expected, "loss", &tolerance);
        }
    }
}

#[test]
fn twenty_steps_of_lora_equal_peft() {
    let (texts, labels) = rows();
    for (case, name) in encoders().enumerate() {
        let (about, tensors) = reference(name);
        let recipe = &about["recipe"];
        for (device, tolerance) in devices_in_turn(case) {
            // Its own names of the layers, and BERT's.
            for modules in [strings(&recipe["target_modules"]), vec!["query".into(), "value".into()]] {
                let mut engine = load(name, &device, defaults());
                let config = bytes(&data("encoders").join(name).join("lora/adapter_config.json"));
                engine
                    .add_adapter("default", &config, &tensors.under("initial."))
                    .expect("an adapter");
                engine.use_adapter(Some("default")).expect("it is there");
                let options = TrainOptions {
                    method: Method::Lora,
                    lora: LoraOptions {
                        rank: 4,
                        alpha: 8.0,
                        dropout: 0.0,
                        target_modules: modules,
                    },
                    epochs: 20,
                    batch_size: 24,
                    ..options(recipe)
                };
                let tokens = engine.encode(&texts).expect("tokens");
                let targets = RowTargets::Single(labels.clone());
                let begun = engine
                    .begin_training(tokens, targets, options, "default")
                    .expect("a run");
                assert_eq!(
                    begun.trained_parameters as u64,
                    recipe["trainable_parameters"].as_u64().expect("a count")
                );
                let steps = batches().into_iter().take(20);
                let reports: Vec<_> = steps
                    .map(|batch| block_on(engine.train_step_on(&batch)).expect("a step"))
                    .collect();
                assert_steps(
                    name,
                    &reports,
                    about["lora"].as_array().expect("steps"),
                    "loss",
                    &tolerance,
                );
                engine.end_training();
                let found = saved_tensors(&mut engine);
                for tensor in tensors.names().iter().filter_map(|name| name.strip_prefix("final.")) {
                    let (shape, expected) = tensors.floats(&format!("final.{tensor}"));
                    let (found_shape, values) = found.get(tensor).unwrap_or_else(|| panic!("{name}: no {tensor}"));
                    assert_eq!(*found_shape, shape, "{name} {tensor}");
                    assert!(max_difference(values, &expected) < 1e-3, "{name} {tensor}");
                }
                assert_eq!(
                    found.len(),
                    tensors.names().iter().filter(|name| name.starts_with("final.")).count()
                );
            }
        }
    }
}

#[test]
fn peft_s_folder_answers_as_its_run_did() {
    let (device, _) = devices().remove(0);
    for name in encoders() {
        let folder = data("encoders").join(name).join("lora");
        let read = |file: &str| bytes(&folder.join(file));
        let (config, weights) = (read("adapter_config.json"), read("adapter_model.safetensors"));
        // From a base that pools otherwise, and has no pooler of its own.
        let mut engine = load(
            name,
            &device,
            LoadOptions {
                pooling: Some("mean".into()),
                ..defaults()
            },
        );
        engine.add_adapter("theirs", &config, &weights).expect("an adapter");
        engine.use_adapter(Some("theirs")).expect("it is there");
        assert_eq!(engine.info().pooling, "pooler");
        let (about, _) = reference(name);
        let theirs = logits(&engine, &about);
        let mut other = load(name, &device, defaults());
        let (config, weights) = block_on(engine.save_adapter("base")).expect("a folder");
        other
            .add_adapter("again", config.as_bytes(), &weights)
            .expect("an adapter");
        other.use_adapter(Some("again")).expect("it is there");
        assert!(max_difference(&theirs, &logits(&other, &about)) < 1e-6, "{name}");
        engine.use_adapter(None).expect("off");
        assert_eq!(engine.info().pooling, "mean");
    }
}

#[test]
fn twenty_masked_lm_steps_equal_transformers() {
    for (case, name) in encoders().enumerate() {
        let (about, _) = reference(name);
        for (device, tolerance) in devices_in_turn(case) {
            let mut engine = load(
                name,
                &device,
                LoadOptions {
                    masked_lm: true,
                    ..defaults()
                },
            );
            assert!(
                engine.info().new_tensors.is_empty(),
                "{name}: {:?}",
                engine.info().new_tensors
            );
            assert!(
                engine.info().unused_tensors.is_empty(),
                "{name}: {:?}",
                engine.info().unused_tensors
            );
            let steps = about["masked_lm"].as_array().expect("steps");
            assert_masked_steps(
                name,
                &mut engine,
                &about["recipe"],
                &about["masked_rows"],
                steps,
                &tolerance,
            );
        }
    }
}

#[test]
fn a_saved_model_comes_back_under_its_own_names() {
    let (device, _) = devices().remove(0);
    for name in encoders() {
        let (about, _) = reference(name);
        let source = files(name);
        for (pooling, own) in [("pooler", false), ("mean", true)] {
            let engine = load(
                name,
                &device,
                LoadOptions {
                    pooling: Some(pooling.into()),
                    masked_lm: true,
                    ..defaults()
                },
            );
            let mut saved = files(name);
            saved.config = engine.saved_config(Class::Both, Dtype::F32).into_bytes();
            saved.weights = block_on(engine.save(Class::Both, Dtype::F32)).expect("weights");
            let again = saved
                .load(
                    &device,
                    LoadOptions {
                        masked_lm: true,
                        max_length: Some(24),
                        ..defaults()
                    },
                )
                .expect("it loads");
            assert_eq!(again.info().pooling, pooling);
            assert!(again.info().new_tensors.is_empty() && again.info().unused_tensors.is_empty());
            assert!(
                max_difference(&logits(&engine, &about), &logits(&again, &about)) == 0.0,
                "{name}"
            );
            let config: Value = serde_json::from_slice(&saved.config).expect("JSON");
            assert_eq!(config["model_type"], name);
            assert_eq!(
                config["architectures"][0]
                    .as_str()
                    .expect("a name")
                    .starts_with("Bertlet"),
                own
            );
            let (ours, theirs) = (
                SafeTensors::deserialize(&saved.weights),
                SafeTensors::deserialize(&source.weights),
            );
            let (ours, theirs) = (ours.expect("a file"), theirs.expect("a file"));
            for tensor in ours.names() {
                let view = theirs.tensor(tensor).unwrap_or_else(|_| panic!("{name}: {tensor}"));
                assert_eq!(ours.tensor(tensor).expect("it").data(), view.data(), "{name} {tensor}");
            }
            let without = if own { 2 } else { 0 };
            assert_eq!(ours.len(), theirs.len() - without, "{name}");
        }
    }
}

#[test]
fn a_missing_tensor_has_the_name_of_its_encoder() {
    let (device, _) = devices().remove(0);
    for (name, tensor) in [
        ("distilbert", "distilbert.transformer.layer.1.ffn.lin2.bias"),
        ("roberta", "classifier.out_proj.bias"),
        ("electra", "electra.embeddings_project.weight"),
        ("mpnet", "mpnet.encoder.relative_attention_bias.weight"),
    ] {
        let mut cut = files(name);
        let file = SafeTensors::deserialize(&cut.weights).expect("a file");
        let others = file.tensors().into_iter().filter(|(own, _)| own != tensor);
        cut.weights = safetensors::serialize(others, None).expect("bytes");
        let error = cut.load(&device, defaults()).err().expect("an error");
        assert_eq!(error.code(), "missing-tensor");
        assert!(error.to_string().contains(tensor), "{error}");
    }
}

#[test]
fn what_an_encoder_cannot_do_is_refused() {
    let (texts, labels) = rows();
    let (device, _) = devices().remove(0);
    for (name, method) in [
        ("distilbert", Method::Prefix),
        ("mpnet", Method::Prefix),
        ("electra", Method::Prompt),
    ] {
        let mut engine = load(name, &device, defaults());
        let tokens = engine.encode(&texts).expect("tokens");
        let options = TrainOptions {
            method,
            ..TrainOptions::default()
        };
        let error = engine.begin_training(tokens, RowTargets::Single(labels.clone()), options, "default");
        assert_eq!(error.err().map(|error| error.code()), Some("bad-option"), "{name}");
    }
}
