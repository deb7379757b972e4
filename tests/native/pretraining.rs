//! Pretraining runs: they learn, can be repeated, change only what they train, and are saved.

use bertlet::{
    checkpoint::{Class, Dtype},
    engine::{Engine, LoadOptions},
    text::{MaskingOptions, Row},
    train::{Method, RowTargets, TrainOptions},
};
use pollster::block_on;
use serde_json::Value;

use crate::{
    fixtures::{Files, defaults, devices, devices_in_turn, json, max_difference},
    masked_lm::engine,
};

/// A run on the texts of the training reference: its losses, and the mean loss on fixed masks before and after it.
fn pretrained(engine: &mut Engine, epochs: usize) -> (Vec<f32>, [f32; 2]) {
    let about = json("training/rows.json");
    let texts: Vec<String> = (about["rows"].as_array().expect("rows").iter())
        .map(|row| row["text"].as_str().expect("a text").to_owned())
        .collect();
    let train = engine.encode(&texts).expect("tokens");
    let dev = train.clone();
    let masking = MaskingOptions {
        mask_probability: 0.3,
        ..MaskingOptions::default()
    };
    let held_out = |engine: &Engine| {
        let rows: Vec<(usize, &Row)> = dev.iter().enumerate().collect();
        let (loss, count) = block_on(engine.masked_loss(&rows, masking)).expect("a loss");
        loss / count as f32
    };
    let before = held_out(engine);
    let options = TrainOptions {
        epochs,
        learning_rate: 2e-3,
        ..TrainOptions::default()
    };
    let run_info = engine.begin_pretraining(train, options, masking).expect("a run");
    let losses = (0..run_info.steps)
        .map(|_| block_on(engine.train_step()).expect("a step").loss)
        .collect();
    engine.end_training();
    (losses, [before, held_out(engine)])
}

#[test]
fn a_run_learns_and_can_be_repeated() {
    for (device, tolerance) in devices_in_turn(0) {
        let mut first = engine(&device, "model_f32");
        let (losses, [before, after]) = pretrained(&mut first, 30);
        assert!(after < before - 0.3, "{before} -> {after}");
        let mut second = engine(&device, "model_f32");
        let (again, _) = pretrained(&mut second, 30);
        assert!(
            max_difference(&losses, &again) <= tolerance.loss,
            "the same seed, another run"
        );
        assert_ne!(losses[0], losses[losses.len() / 2]);
    }
}

#[test]
fn a_run_leaves_the_other_head_and_the_pooler_alone() {
    for (device, _) in devices() {
        let options = LoadOptions {
            masked_lm: true,
            ..defaults()
        };
        let files = Files::tiny("sequence_classification_f32");
        let mut engine = files.load(&device, options).expect("the model");
        let before = block_on(engine.save(Class::Classifier, Dtype::F32)).expect("weights");
        pretrained(&mut engine, 1);
        let after = block_on(engine.save(Class::Classifier, Dtype::F32)).expect("weights");
        let read = |bytes: &[u8], name: &str| {
            let file = safetensors::SafeTensors::deserialize(bytes).expect("safetensors");
            file.tensor(name).expect("a tensor").data().to_vec()
        };
        for name in [
            "classifier.weight",
            "classifier.bias",
            "bert.pooler.dense.weight",
            "bert.pooler.dense.bias",
        ] {
            assert_eq!(read(&before, name), read(&after, name), "{name}");
        }
        let name = "bert.embeddings.word_embeddings.weight";
        assert_ne!(read(&before, name), read(&after, name));
        let file = safetensors::SafeTensors::deserialize(&after).expect("safetensors");
        assert!(
            !file.names().iter().any(|name| name.starts_with("cls.")),
            "a classifier's file has no other head"
        );
    }
}

#[test]
fn a_saved_masked_lm_loads_again_and_answers_alike() {
    for (device, tolerance) in devices() {
        let mut first = engine(&device, "pretraining_f32");
        pretrained(&mut first, 1);
        let files = Files::tiny("pretraining_f32");
        let saved = Files {
            config: first.saved_config(Class::MaskedLm, Dtype::F32).into_bytes(),
            weights: block_on(first.save(Class::MaskedLm, Dtype::F32)).expect("weights"),
            ..files
        };
        let config: Value = serde_json::from_slice(&saved.config).expect("JSON");
        assert_eq!(config["architectures"][0], "BertForMaskedLM");
        let options = LoadOptions {
            masked_lm: true,
            ..defaults()
        };
        let second = saved.load(&device, options).expect("the model");
        assert!(second.info().new_tensors.is_empty(), "{:?}", second.info().new_tensors);
        assert!(
            second.info().unused_tensors.is_empty(),
            "{:?}",
            second.info().unused_tensors
        );
        let rows = first.encode(&["the [MASK] is late".into()]).expect("tokens");
        let all = first.info().vocab_size;
        let [one, two] = [&first, &second].map(|engine| block_on(engine.fill_mask(&rows[0], all)).expect("words"));
        let scores = |filled: &[Vec<bertlet::engine::Filled>]| -> Vec<f32> {
            let mut scores = vec![0.0; all];
            filled[0]
                .iter()
                .for_each(|word| scores[word.token as usize] = word.score);
            scores
        };
        assert!(max_difference(&scores(&one), &scores(&two)) <= tolerance.forward / 10.0);
    }
}

#[test]
fn texts_without_a_word_are_left_out() {
    for (device, _) in devices() {
        let mut engine = engine(&device, "masked_lm_bf16");
        let rows = engine
            .encode(&["".into(), "late".into(), "[MASK]".into()])
            .expect("tokens");
        let begin = |engine: &mut Engine, rows| {
            engine.begin_pretraining(rows, TrainOptions::default(), MaskingOptions::default())
        };
        assert_eq!(begin(&mut engine, rows.clone()).expect("a run").rows, 1);
        for step in 1..=5 {
            // A text of one token, which chance seldom chooses.
            assert_eq!(block_on(engine.train_step()).expect("a step").step, step);
        }
        let refused = begin(&mut engine, rows[..1].to_vec()).expect_err("nothing to learn from");
        assert_eq!(refused.code(), "bad-row");
    }
}

#[test]
fn a_model_saved_with_both_heads_loads_again_with_both() {
    let text = ["the [MASK] is late".to_owned()];
    for (device, tolerance) in devices() {
        let mut first = engine(&device, "sequence_classification_f32");
        pretrained(&mut first, 1);
        // With bottlenecks, which both heads depend on.
        let rows = first.encode(&text).expect("tokens");
        let options = TrainOptions {
            method: Method::Adapter,
            epochs: 3,
            learning_rate: 1e-2,
            ..TrainOptions::default()
        };
        let targets = RowTargets::Single(vec![1]);
        let run_info = first.begin_training(rows.clone(), targets, options, "").expect("a run");
        for _ in 0..run_info.steps {
            block_on(first.train_step()).expect("a step");
        }
        first.end_training();
        let saved = Files {
            config: first.saved_config(Class::Both, Dtype::F32).into_bytes(),
            weights: block_on(first.save(Class::Both, Dtype::F32)).expect("weights"),
            ..Files::tiny("sequence_classification_f32")
        };
        let refused = block_on(first.save(Class::MaskedLm, Dtype::F32)).expect_err("bottlenecks");
        assert_eq!(refused.code(), "bad-option");
        let options = LoadOptions {
            masked_lm: true,
            ..defaults()
        };
        let second = saved.load(&device, options).expect("the model");
        let info = second.info();
        assert!(info.new_tensors.is_empty() && info.unused_tensors.is_empty());
        assert!(info.adapter_size.is_some() && !info.new_head);
        let [one, two] = [&first, &second].map(|engine| {
            let filled = block_on(engine.fill_mask(&rows[0], 5)).expect("words");
            let mut numbers = block_on(engine.logits(&[&rows[0]])).expect("logits");
            numbers.extend(filled[0].iter().map(|word| word.score));
            numbers
        });
        assert!(max_difference(&one, &two) <= tolerance.forward / 10.0);
    }
}
