//! Smaller models of loaded ones: fewer word pieces, with the same answers; fewer layers, as a checkpoint without them has.

use bertlet::{
    checkpoint::{Class, Dtype},
    engine::{Engine, LoadOptions},
    text::{prune_vocabulary, read_tokenizer},
    train::{RowTargets, TrainOptions},
};
use pollster::block_on;
use serde_json::Value;

use crate::fixtures::{Files, bytes, data, defaults, devices};

const TEXTS: [&str; 3] = ["The parcel is late.", "包裹迟到了 3 days", "Refund my money please"];

fn logits(engine: &Engine, texts: &[&str]) -> Vec<f32> {
    let texts: Vec<String> = texts.iter().map(|&text| text.to_owned()).collect();
    let rows = engine.encode(&texts).expect("tokens");
    block_on(engine.logits(&rows.iter().collect::<Vec<_>>())).expect("logits")
}

fn assert_close(found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len());
    for (a, b) in found.iter().zip(expected) {
        assert!((a - b).abs() <= 1e-6, "{found:?} {expected:?}");
    }
}

/// The engine's files, read anew.
pub fn saved(engine: &Engine, options: LoadOptions) -> Engine {
    let class = match options.masked_lm {
        true => Class::Both,
        false => Class::Classifier,
    };
    let options = LoadOptions {
        tokenizer_config: Some(engine.saved_tokenizer_config().expect("a configuration")),
        ..options
    };
    let config = engine.saved_config(class, Dtype::F32);
    let tokenizer = engine.tokenizer().to_json().expect("a tokenizer");
    let weights = block_on(engine.save(class, Dtype::F32)).expect("weights");
    let (device, _) = devices().remove(0);
    Engine::load(device, config.as_bytes(), tokenizer.as_bytes(), &weights, options).expect("the saved model")
}

#[test]
fn a_pruned_vocabulary_keeps_every_answer_and_loads() {
    for (device, _) in devices() {
        let mut engine = Files::tiny("sequence_classification_f32")
            .load(&device, defaults())
            .expect("the model");
        let unseen = ["The unbelievably quick box!", "zzz qqq"];
        let (before, info) = (logits(&engine, &TEXTS), engine.info().clone());
        let unknown = |engine: &Engine| -> Vec<u32> {
            let rows = engine.encode(&unseen.map(str::to_owned)).expect("tokens");
            rows.iter().map(|row| engine.tokenizer().unknown_tokens(row)).collect()
        };
        let unknown_before = unknown(&engine);
        block_on(engine.prune_vocabulary(&TEXTS.map(str::to_owned))).expect("pruned");
        let pruned = engine.info().clone();
        assert!(
            pruned.vocab_size < info.vocab_size,
            "{} {}",
            pruned.vocab_size,
            info.vocab_size
        );
        let dropped = (info.vocab_size - pruned.vocab_size) * info.hidden_size;
        assert_eq!(pruned.parameters, info.parameters - dropped);
        assert!(pruned.weight_bytes < info.weight_bytes);
        assert_close(&logits(&engine, &TEXTS), &before);
        // What is left to read other words by: no word becomes unknown that was not.
        assert_eq!(unknown(&engine), unknown_before);
        let again = saved(&engine, defaults());
        assert_eq!(again.info().vocab_size, pruned.vocab_size);
        assert_close(&logits(&again, &unseen), &logits(&engine, &unseen));
        let config: Value = serde_json::from_str(&engine.saved_config(Class::Classifier, Dtype::F32)).expect("JSON");
        assert_eq!(config["vocab_size"], pruned.vocab_size);
        assert_eq!(config["pad_token_id"], engine.tokenizer().pad_id());
    }
}

#[test]
fn the_masked_lm_head_is_pruned_with_its_vocabulary() {
    let options = || LoadOptions {
        masked_lm: true,
        ..defaults()
    };
    for (device, _) in devices() {
        let mut engine = Files::tiny("pretraining_f32")
            .load(&device, options())
            .expect("the model");
        let text = "the [MASK] is late";
        let filled = |engine: &Engine| -> Vec<(String, f32)> {
            let row = engine.tokenizer().encode(text).expect("tokens");
            let all = block_on(engine.fill_mask(&row, engine.info().vocab_size)).expect("candidates");
            all[0].iter().map(|one| (one.token_str.clone(), one.score)).collect()
        };
        let before = filled(&engine);
        block_on(engine.prune_vocabulary(&[text.to_owned()])).expect("pruned");
        let after = filled(&engine);
        assert!(after.len() < before.len());
        // The logits of the pieces that are left stay, so their probabilities keep their ratios.
        let score = |all: &[(String, f32)], token: &str| all.iter().find(|(other, _)| other == token).map(|one| one.1);
        let total: f32 = after.iter().filter_map(|(token, _)| score(&before, token)).sum();
        for (token, probability) in &after {
            let expected = score(&before, token).expect("an old piece") / total;
            assert!(
                (probability - expected).abs() < 1e-5,
                "{token} {probability} {expected}"
            );
        }
        assert_eq!(filled(&saved(&engine, options())).len(), after.len());
    }
}

#[test]
fn layers_that_stay_compute_as_a_checkpoint_of_them() {
    for (device, _) in devices() {
        let mut engine = Files::tiny("sequence_classification_f32")
            .load(&device, defaults())
            .expect("the model");
        let rows = engine.encode(&TEXTS.map(str::to_owned)).expect("tokens");
        let all: Vec<_> = rows.iter().collect();
        let by = |engine: &Engine, kept: &[usize]| block_on(engine.logits_with_layers(&all, kept)).expect("logits");
        assert_eq!(by(&engine, &[0, 1]), logits(&engine, &TEXTS));
        let (by_first, by_second) = (by(&engine, &[0]), by(&engine, &[1]));
        assert_ne!(by_first, by_second);
        let states = block_on(engine.hidden_states(&[&rows[0]])).expect("states");
        engine.prune_layers(&[0]).expect("pruned");
        assert_eq!(engine.info().layers, 1);
        let kept = block_on(engine.hidden_states(&[&rows[0]])).expect("states");
        assert_eq!(kept, states[..2], "the first layer computes as before");
        let again = saved(&engine, defaults());
        assert_close(&logits(&again, &TEXTS), &logits(&engine, &TEXTS));
        assert_close(&logits(&engine, &TEXTS), &by_first);
    }
}

#[test]
fn other_encoders_are_pruned_too_and_other_tokenizers_refused() {
    let (device, _) = devices().remove(0);
    for name in ["distilbert", "electra", "mpnet", "roberta"] {
        let files = Files::read(&data("encoders").join(name));
        let mut engine = files.load(&device, defaults()).expect("the model");
        let (before, size) = (logits(&engine, &TEXTS), engine.info().vocab_size);
        block_on(engine.prune_vocabulary(&TEXTS.map(str::to_owned))).expect("pruned");
        assert!(engine.info().vocab_size < size, "{name}");
        assert_close(&logits(&engine, &TEXTS), &before);
        engine.prune_layers(&[1]).expect("pruned");
        let again = saved(&engine, defaults());
        assert_eq!(again.info().layers, 1, "{name}");
        assert_close(&logits(&again, &TEXTS), &logits(&engine, &TEXTS));
    }
    for name in ["roberta", "camembert"] {
        let folder = data("tokenizers").join(name);
        let config = std::fs::read_to_string(folder.join("tokenizer_config.json")).expect("a configuration");
        let json = bytes(&folder.join("tokenizer.json"));
        let tokenizer = read_tokenizer(&json, Some(&config), 100_000, 16).expect("a tokenizer");
        let refused = prune_vocabulary(tokenizer.as_ref(), &config, &["a".to_owned()], &[], [100_000, 16]);
        let found = refused.map(|pruned| pruned.kept).expect_err("a refusal");
        assert!(
            found.code() == "bad-state" && found.to_string().contains("WordPiece"),
            "{found}"
        );
    }
}

#[test]
fn what_cannot_be_pruned_is_refused() {
    let (device, _) = devices().remove(0);
    let mut engine = Files::tiny("sequence_classification_f32")
        .load(&device, defaults())
        .expect("the model");
    for kept in [&[][..], &[2], &[1, 0], &[0, 0]] {
        let code = engine.prune_layers(kept).map_err(|error| error.code());
        assert_eq!(code, Err("bad-option"), "{kept:?}");
    }
    // A run under way has the model.
    let rows = engine.encode(&["a".to_owned()]).expect("tokens");
    let begun = engine.begin_training(rows, RowTargets::Single(vec![0]), TrainOptions::default(), "default");
    begun.expect("a run");
    let refused = block_on(engine.prune_vocabulary(&["a".to_owned()]));
    assert_eq!(refused.map_err(|error| error.code()), Err("bad-state"));
    assert_eq!(
        engine.prune_layers(&[0]).map_err(|error| error.code()),
        Err("bad-state")
    );
}

/// A word of unseen characters is read by them; of the others, by their longest pieces left.
#[test]
fn pieces_with_characters_of_no_other_piece_stay() {
    let vocab = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\n##a\n##b\nab\naé\n##bü\nabab\n##abab";
    let tokenizer = read_tokenizer(vocab.as_bytes(), Some(r#"{"strip_accents": false}"#), 14, 8).expect("one");
    let config = tokenizer.to_config_json().expect("JSON");
    let pruned = prune_vocabulary(tokenizer.as_ref(), &config, &["ab".to_owned()], &[], [14, 8]).expect("pruned");
    assert_eq!(pruned.kept, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    let pieces = pruned.tokenizer.encode("ababab").expect("tokens").input_ids;
    assert_eq!(pieces, [2, 9, 7, 8, 7, 8, 3]);
}
