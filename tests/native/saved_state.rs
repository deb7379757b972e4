//! What is saved of a model and its tokenizer is all that they need, and no more than was learned; its size is told as it is.

use bertlet::{
    engine::{Engine, LoadOptions},
    kernels::Storage,
    train::{Method, RowTargets, TrainOptions},
};
use pollster::block_on;
use serde_json::{Value, json};

use crate::{
    fixtures::{Files, defaults, devices},
    prune::saved,
    unusual_checkpoints::tokenized,
};

const TEXTS: [&str; 3] = ["the box was late", "good", "what a long day it was"];

fn loaded(options: LoadOptions) -> Engine {
    let (device, _) = devices().remove(0);
    Files::tiny("sequence_classification_f32")
        .load(&device, options)
        .expect("the model")
}

fn logits(engine: &Engine) -> Vec<f32> {
    let rows = engine.encode(&TEXTS.map(str::to_owned)).expect("tokens");
    block_on(engine.logits(&rows.iter().collect::<Vec<_>>())).expect("logits")
}

fn train(engine: &mut Engine, method: Method) {
    let rows = engine.encode(&TEXTS.map(str::to_owned)).expect("tokens");
    let options = TrainOptions {
        method,
        adapter_size: 4,
        ..TrainOptions::default()
    };
    let targets = RowTargets::Single(vec![0, 1, 2]);
    engine.begin_training(rows, targets, options, "mine").expect("a run");
    block_on(engine.train_step()).expect("a step");
    engine.end_training();
}

#[test]
fn a_pooler_that_an_adapter_needs_is_saved_with_the_model() {
    let mut trained = loaded(defaults());
    train(&mut trained, Method::Lora);
    let (config, weights) = block_on(trained.save_adapter("base")).expect("a folder");
    let mean = || LoadOptions {
        pooling: Some("mean".to_owned()),
        ..defaults()
    };
    let mut engine = loaded(mean());
    let answers = |engine: &mut Engine| {
        engine
            .add_adapter("mine", config.as_bytes(), &weights)
            .expect("an adapter");
        engine.use_adapter(Some("mine")).expect("it is on");
        let on = logits(engine);
        engine.use_adapter(None).expect("it is off");
        (on, logits(engine))
    };
    let before = answers(&mut engine);
    assert_eq!(answers(&mut saved(&engine, mean())), before);
    // Without such an adapter, nothing needs it.
    let pooler = |engine: &Engine| engine.info().unused_tensors.iter().any(|name| name.contains("pooler"));
    assert!(!pooler(&saved(&loaded(mean()), mean())));
}

/// An adapter that a base trained, on another base; what it answers there, and what that base answers without it.
fn elsewhere(trained: &mut Engine, mut base: Engine) -> (Engine, Vec<f32>) {
    let (config, weights) = block_on(trained.save_adapter("base")).expect("a folder");
    let without = logits(&base);
    base.add_adapter("mine", config.as_bytes(), &weights)
        .expect("an adapter");
    base.use_adapter(Some("mine")).expect("it is on");
    (base, without)
}

#[test]
fn an_adapter_of_several_labels_makes_any_base_one_of_several_and_the_other_way() {
    let of = |kind: &str| LoadOptions {
        problem_type: Some(kind.to_owned()),
        ..defaults()
    };
    let (one, several) = ("single_label_classification", "multi_label_classification");
    for (trained_as, loaded_as) in [(several, one), (one, several)] {
        let mut trained = loaded(of(trained_as));
        if trained_as == several {
            let rows = trained.encode(&TEXTS.map(str::to_owned)).expect("tokens");
            let targets = RowTargets::Multiple(vec![vec![0], vec![1, 2], vec![]]);
            let options = TrainOptions {
                method: Method::Lora,
                ..TrainOptions::default()
            };
            trained.begin_training(rows, targets, options, "mine").expect("a run");
            block_on(trained.train_step()).expect("a step");
            trained.end_training();
            trained.set_threshold(0.3).expect("a threshold");
        } else {
            train(&mut trained, Method::Lora);
        }
        let (mut base, without) = elsewhere(&mut trained, loaded(of(loaded_as)));
        let kind = |engine: &Engine| (engine.info().problem_type, engine.info().threshold);
        assert_eq!(logits(&base), logits(&trained));
        assert_eq!(kind(&base), kind(&trained), "{trained_as}");
        base.use_adapter(None).expect("it is off");
        assert_eq!(kind(&saved(&base, defaults())).0, loaded_as, "saved is the base");
        assert_eq!((kind(&base).0, logits(&base)), (loaded_as, without));
        base.use_adapter(Some("mine")).expect("it is on");
        base.merge_adapter().expect("merged");
        assert_eq!(kind(&saved(&base, defaults())), kind(&trained), "merged is the adapter");
    }
}

#[test]
fn a_pooler_that_was_made_here_goes_with_the_adapter() {
    let (device, _) = devices().remove(0);
    let with_seed = |seed: u64| {
        let options = LoadOptions {
            pooling: Some("pooler".to_owned()),
            labels: Some(["x", "y", "z"].map(str::to_owned).to_vec()),
            seed,
            ..defaults()
        };
        Files::tiny("model_f16_no_pooler")
            .load(&device, options)
            .expect("the model")
    };
    let mut trained = with_seed(1);
    train(&mut trained, Method::Lora);
    let (base, without) = elsewhere(&mut trained, with_seed(2));
    assert_eq!(logits(&base), logits(&trained));
    assert_ne!(logits(&base), without);
}

#[test]
fn a_masked_lm_head_that_has_learned_nothing_is_not_saved() {
    let both = || LoadOptions {
        masked_lm: true,
        ..defaults()
    };
    let engine = loaded(both());
    let again = saved(&engine, both());
    assert_eq!(logits(&again), logits(&engine));
    let answers = |engine: &Engine| {
        let rows = engine.encode(&["a [MASK]".to_owned()]).expect("tokens");
        block_on(engine.fill_mask(&rows[0], 1))
            .map_err(|error| error.code())
            .map(drop)
    };
    assert_eq!(answers(&engine), Err("bad-state"));
    assert_eq!(answers(&again), Err("bad-state"));
}

#[test]
fn the_size_is_that_of_the_model_after_a_run_a_merge_or_other_labels() {
    let same = |engine: &Engine, what: &str| {
        let (found, again) = (engine.info(), saved(engine, defaults()));
        let expected = again.info();
        assert_eq!(found.parameters, expected.parameters, "{what}");
        assert_eq!(found.weight_bytes, expected.weight_bytes, "{what}");
    };
    for method in [Method::Full, Method::Head, Method::Adapter] {
        let mut engine = loaded(defaults());
        block_on(engine.quantize(Storage::Int8, &[])).expect("whole numbers");
        train(&mut engine, method);
        if method != Method::Head {
            block_on(engine.quantize(Storage::F32, &[])).expect("floats");
        }
        let mut floats = loaded(defaults());
        train(&mut floats, method);
        same(&floats, &format!("{method:?}"));
        assert_eq!(engine.info().parameters, floats.info().parameters, "{method:?}");
    }
    let mut engine = loaded(defaults());
    train(&mut engine, Method::Lora);
    block_on(engine.quantize(Storage::Int8, &[])).expect("whole numbers");
    let mut plain = loaded(defaults());
    block_on(plain.quantize(Storage::Int8, &[])).expect("whole numbers");
    assert_eq!(engine.info().weight_bytes, plain.info().weight_bytes, "an adapter on");
    let mut engine = loaded(defaults());
    train(&mut engine, Method::Lora);
    engine.merge_adapter().expect("merged");
    same(&engine, "a merge");
    engine
        .set_labels(vec!["x".to_owned(), "y".to_owned()], 1)
        .expect("labels");
    same(&engine, "other labels");
    let mut full = loaded(defaults());
    block_on(full.quantize(Storage::Int8, &[])).expect("whole numbers");
    let small = full.info().weight_bytes;
    train(&mut full, Method::Full);
    assert!(full.info().weight_bytes > small, "a full run makes floats of it");
}

#[test]
fn a_saved_tokenizer_stays_what_it_is() {
    let only_before = |json: &mut Value| {
        for name in ["single", "pair"] {
            let pieces = json["post_processor"][name].as_array_mut().expect("pieces");
            pieces.retain(|piece| piece["SpecialToken"]["id"] != "[SEP]");
        }
    };
    let (device, _) = devices().remove(0);
    let segments = ["input_ids", "token_type_ids", "attention_mask"];
    for (config, has_segments, is_rebuilt) in [
        (json!({ "tokenizer_class": "PreTrainedTokenizerFast" }), false, false),
        (
            json!({ "tokenizer_class": "Own", "cls_token": "<beside>" }),
            false,
            false,
        ),
        (
            json!({ "tokenizer_class": "Own", "model_input_names": segments }),
            true,
            false,
        ),
        (
            json!({ "model_input_names": ["input_ids", "attention_mask"] }),
            false,
            true,
        ),
        (json!({ "tokenizer_class": "BertTokenizer" }), true, true),
    ] {
        let mut files = tokenized(only_before);
        files.tokenizer_config = Some(config.to_string());
        let engine = files.load(&device, defaults()).expect("the model");
        files.tokenizer = engine.tokenizer().to_json().expect("a file").into_bytes();
        files.tokenizer_config = Some(engine.saved_tokenizer_config().expect("a file"));
        let again = files.load(&device, defaults()).expect("the saved model");
        let rows = |engine: &Engine| {
            let pairs = [Some("a refund".to_owned())];
            engine
                .encode_pairs(&["late parcel".to_owned()], &pairs)
                .expect("tokens")
        };
        let [before, after] = [&engine, &again].map(rows);
        assert_eq!(before, after, "{config}");
        assert_eq!(before[0].token_type_ids.contains(&1), has_segments, "{config}");
        let sep = again.tokenizer().encode("").expect("tokens").input_ids.len() == 2;
        assert_eq!(sep, is_rebuilt, "{config}");
    }
}
