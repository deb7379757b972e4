//! Folders of sentence-transformers: the pooling, the length and the scaling that they say, in the spellings of all versions;
//! and what is refused by name.

use std::collections::BTreeMap;

use bertlet::{
    Error,
    checkpoint::{Class, Dtype},
    engine::Engine,
};
use pollster::block_on;
use serde_json::{Value, json};

use crate::fixtures::{Files, Reference, defaults, devices, json, max_difference, strings};

/// A tiny BertModel with a pooler, which no answer of these may depend on.
const CHECKPOINT: &str = "model_f32";

/// Modules by their classes and paths.
fn modules(list: &[(&str, &str)]) -> String {
    let modules: Vec<Value> = list
        .iter()
        .enumerate()
        .map(|(at, (class, path))| json!({ "idx": at, "name": at.to_string(), "path": path, "type": class }))
        .collect();
    Value::from(modules).to_string()
}

fn folder(modules_json: String, pooling: &Value, settings: Option<Value>) -> Files {
    let mut files = Files::tiny(CHECKPOINT);
    files.others = BTreeMap::from([
        ("modules.json".to_owned(), modules_json),
        ("1_Pooling/config.json".to_owned(), pooling.to_string()),
    ]);
    if let Some(settings) = settings {
        files
            .others
            .insert("sentence_bert_config.json".to_owned(), settings.to_string());
    }
    files
}

/// As versions up to 5 write it, with or without a Normalize.
fn old_modules(normalizes: bool) -> String {
    let mut list = vec![
        ("sentence_transformers.models.Transformer", ""),
        ("sentence_transformers.models.Pooling", "1_Pooling"),
    ];
    list.extend(normalizes.then_some(("sentence_transformers.models.Normalize", "2_Normalize")));
    modules(&list)
}

/// As version 6 writes it.
fn new_modules() -> String {
    modules(&[
        ("sentence_transformers.base.modules.transformer.Transformer", ""),
        (
            "sentence_transformers.sentence_transformer.modules.pooling.Pooling",
            "1_Pooling",
        ),
        ("sentence_transformers.base.modules.normalize.Normalize", "2_Normalize"),
    ])
}

fn error(files: &Files) -> Error {
    let (cpu, _) = &devices()[0];
    files.load(cpu, defaults()).err().expect("a refusal")
}

#[test]
fn a_folder_pools_as_it_says() {
    let reference = Reference::open(&format!("forward/{CHECKPOINT}.safetensors"));
    let about = json(&format!("forward/{CHECKPOINT}.json"));
    let length = about["max_length"].as_u64().expect("a length");
    for (device, tolerance) in devices() {
        for name in ["cls", "mean", "max"] {
            let (flag, key) = (json!(true), if name == "cls" { "token" } else { "tokens" });
            let spellings = [
                (
                    old_modules(false),
                    // The mean is taken unless it is named.
                    json!({ "pooling_mode_mean_tokens": false, (format!("pooling_mode_{name}_{key}")): flag }),
                ),
                (new_modules(), json!({ "pooling_mode": name, "include_prompt": true })),
            ];
            for (modules, pooling) in spellings {
                let normalizes = modules.contains("Normalize");
                let files = folder(modules, &pooling, Some(json!({ "max_seq_length": length })));
                let engine = files.load(&device, defaults()).expect("the folder");
                let info = engine.info();
                assert_eq!((info.pooling, info.normalizes), (name, normalizes));
                assert_eq!(info.max_length as u64, length);
                let found = embedded(&engine, &about, false);
                let (_, expected) = reference.floats(&format!("pooled.{name}"));
                assert!(max_difference(&found, &expected) <= tolerance.forward, "{name}");
            }
        }
    }
}

fn embedded(engine: &Engine, about: &Value, normalize: bool) -> Vec<f32> {
    let rows = engine.encode(&strings(&about["texts"])).expect("tokens");
    block_on(engine.embed(&rows.iter().collect::<Vec<_>>(), normalize)).expect("vectors")
}

#[test]
fn the_length_is_the_folders_up_to_the_positions() {
    let (cpu, _) = &devices()[0];
    let mean = json!({ "pooling_mode": "mean" });
    let positions = Files::tiny(CHECKPOINT).load(cpu, defaults()).expect("the model");
    let positions = json(&format!("checkpoints/{CHECKPOINT}/config.json"))["max_position_embeddings"]
        .as_u64()
        .expect("positions")
        .max(positions.info().max_length as u64);
    // sentence_bert_config.json, model_max_length, the length.
    let cases = [
        (Some(json!({ "max_seq_length": 9 })), Some(json!(12)), 9),
        (Some(json!({ "max_seq_length": null })), Some(json!(12)), 12),
        (
            Some(json!({ "transformer_task": "feature-extraction" })),
            Some(json!(11)),
            11,
        ),
        (None, Some(json!(10)), 10),
        (None, Some(json!(100_000)), positions),
        (None, Some(json!(1e30)), positions.min(128)),
        (None, None, positions.min(128)),
    ];
    for (settings, of_tokenizer, length) in cases {
        let mut files = folder(new_modules(), &mean, settings);
        files.tokenizer_config = of_tokenizer.map(|length| json!({ "model_max_length": length }).to_string());
        let engine = files.load(cpu, defaults()).expect("the folder");
        assert_eq!(engine.info().max_length as u64, length);
    }
    // Under its name of before 2020.
    let mut old = Files::tiny(CHECKPOINT);
    old.tokenizer_config = Some(json!({ "max_len": 14 }).to_string());
    assert_eq!(old.load(cpu, defaults()).expect("the model").info().max_length, 14);
}

#[test]
fn what_only_training_needs_changes_nothing() {
    let (cpu, _) = &devices()[0];
    let list = [
        ("x.Transformer", ""),
        ("x.Pooling", "1_Pooling"),
        ("x.Dropout", "2_Dropout"),
    ];
    let settings = json!({ "model_args": { "add_pooling_layer": false }, "tokenizer_args": { "use_fast": true } });
    folder(modules(&list), &json!({ "pooling_mode": "mean" }), Some(settings))
        .load(cpu, defaults())
        .expect("the folder");
}

#[test]
fn what_we_lack_is_refused_by_name() {
    let mean = json!({ "pooling_mode": "mean" });
    let with = |extra: (&str, &str)| {
        let list = [("x.Transformer", ""), ("x.Pooling", "1_Pooling"), extra];
        folder(modules(&list), &mean, None)
    };
    let cases: [(Files, &str, &str); 11] = [
        (
            with(("sentence_transformers.models.Dense", "2_Dense")),
            "unsupported-architecture",
            "Dense",
        ),
        (
            folder(old_modules(true), &json!({ "pooling_mode_lasttoken": true }), None),
            "unsupported-architecture",
            "lasttoken",
        ),
        (
            folder(
                old_modules(true),
                &json!({ "pooling_mode_mean_tokens": true, "pooling_mode_max_tokens": true }),
                None,
            ),
            "unsupported-architecture",
            "mean and max",
        ),
        (
            folder(new_modules(), &json!({ "pooling_mode": ["cls", "mean"] }), None),
            "unsupported-architecture",
            "cls and mean",
        ),
        (
            folder(old_modules(true), &json!({ "pooling_mode_cls_token": true }), None),
            "unsupported-architecture",
            "cls and mean",
        ),
        (
            folder(new_modules(), &json!({ "pooling_mode": 3 }), None),
            "bad-config",
            "1_Pooling/config.json",
        ),
        (
            folder(
                new_modules(),
                &mean,
                Some(json!({ "tokenizer_args": { "do_lower_case": true } })),
            ),
            "unsupported-architecture",
            "tokenizer_args.do_lower_case",
        ),
        (
            folder(modules(&[("x.Transformer", "")]), &mean, None),
            "bad-config",
            "Pooling",
        ),
        (folder("{".into(), &mean, None), "bad-config", "modules.json"),
        (
            folder(new_modules(), &mean, Some(json!({ "max_seq_length": "long" }))),
            "bad-config",
            "max_seq_length",
        ),
        (
            folder(new_modules(), &mean, Some(json!({ "do_lower_case": true }))),
            "unsupported-architecture",
            "do_lower_case",
        ),
    ];
    for (files, code, named) in cases {
        let error = error(&files);
        assert_eq!(error.code(), code, "{error}");
        assert!(error.to_string().contains(named), "{error}: {named}");
    }
    let mut prompted = folder(new_modules(), &mean, None);
    prompted.others.insert(
        "config_sentence_transformers.json".to_owned(),
        json!({ "prompts": { "query": "query: " }, "default_prompt_name": "query" }).to_string(),
    );
    assert!(error(&prompted).to_string().contains("query: "));
    let mut cut = folder(new_modules(), &mean, None);
    cut.others.insert(
        "config_sentence_transformers.json".to_owned(),
        json!({ "truncate_dim": 16 }).to_string(),
    );
    assert!(error(&cut).to_string().contains("truncate_dim"));
    cut.others.insert(
        "config_sentence_transformers.json".to_owned(),
        json!({ "truncate_dim": 32 }).to_string(),
    );
    cut.load(&devices()[0].0, defaults()).expect("nothing is cut");
    let mut missing = folder(new_modules(), &mean, None);
    missing.others.remove("1_Pooling/config.json");
    assert_eq!(error(&missing).code(), "bad-config");
}

#[test]
fn what_a_folder_leaves_out_is_sentence_transformers_own() {
    let (cpu, _) = &devices()[0];
    let bare = folder(old_modules(true), &json!({ "word_embedding_dimension": 32 }), None);
    assert_eq!(bare.load(cpu, defaults()).expect("the folder").info().pooling, "mean");
    // Under another name than BERT's, and with what changes no answer.
    let mut named = folder(old_modules(true), &json!({}), None);
    named.others.insert(
        "sentence_roberta_config.json".to_owned(),
        json!({ "max_seq_length": 7, "model_args": { "torch_dtype": "float16" } }).to_string(),
    );
    assert_eq!(named.load(cpu, defaults()).expect("the folder").info().max_length, 7);
}

#[test]
fn a_cross_encoder_is_a_classifier_and_other_tasks_are_refused() {
    let (cpu, _) = &devices()[0];
    let with = |modules: Value, settings: Value| {
        let mut files = Files::tiny("sequence_classification_f32");
        files.others.insert("modules.json".to_owned(), modules.to_string());
        files
            .others
            .insert("sentence_bert_config.json".to_owned(), settings.to_string());
        files
    };
    let alone = json!([{ "idx": 0, "name": "0", "path": "", "type": "sentence_transformers.base.modules.transformer.Transformer" }]);
    let files = with(alone.clone(), json!({ "transformer_task": "sequence-classification" }));
    let engine = files.load(cpu, defaults()).expect("a CrossEncoder");
    assert_eq!(engine.info().pooling, "pooler");
    assert!(!engine.info().new_head);
    // Of its own, it says how long a text is.
    assert_eq!(engine.info().max_length, 64);
    let logits = json!({ "text": { "method": "forward", "method_output_name": "logits" } });
    let cross = |settings: Value| {
        let mut all = json!({ "transformer_task": "sequence-classification", "modality_config": logits });
        for (key, value) in settings.as_object().expect("settings") {
            all[key] = value.clone();
        }
        with(alone.clone(), all)
    };
    for (settings, expected) in [
        (json!({ "max_seq_length": 10 }), 10),
        (json!({ "processor_kwargs": { "model_max_length": 9 } }), 9),
        (
            json!({ "max_seq_length": 10, "tokenizer_args": { "model_max_length": 9 } }),
            10,
        ),
    ] {
        let engine = cross(settings.clone()).load(cpu, defaults()).expect("a CrossEncoder");
        assert_eq!(engine.info().max_length, expected, "{settings}");
    }
    let mut prompted = cross(json!({}));
    let prompts = json!({ "prompts": { "query": "is it: " }, "default_prompt_name": "query" });
    prompted
        .others
        .insert("config_sentence_transformers.json".to_owned(), prompts.to_string());
    for files in [prompted, cross(json!({ "do_lower_case": true }))] {
        let code = files.load(cpu, defaults()).err().map(|error| error.code());
        assert_eq!(code, Some("unsupported-architecture"));
    }
    for settings in [
        json!({ "transformer_task": "fill-mask" }),
        json!({ "transformer_task": "feature-extraction", "processor_kwargs": { "do_lower_case": false } }),
        json!({ "processing_kwargs": { "text": { "max_length": 8 } } }),
        json!({ "modality_config": { "text": { "method": "forward", "method_output_name": "logits" } } }),
    ] {
        let error = folder(old_modules(true), &json!({}), Some(settings.clone()))
            .load(cpu, defaults())
            .err();
        assert_eq!(
            error.map(|error| error.code()),
            Some("unsupported-architecture"),
            "{settings}"
        );
    }
}

#[test]
fn what_bertlet_saved_over_such_a_folder_says_all_of_itself() {
    let (cpu, _) = &devices()[0];
    let engine = folder(old_modules(false), &json!({}), None)
        .load(cpu, defaults())
        .expect("the folder");
    assert!(!engine.info().normalizes);
    let saved = Files {
        config: engine.saved_config(Class::Classifier, Dtype::F32).into_bytes(),
        weights: block_on(engine.save(Class::Classifier, Dtype::F32)).expect("weights"),
        ..folder(
            old_modules(true),
            &json!({ "pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false }),
            None,
        )
    };
    let again = saved.load(cpu, defaults()).expect("the saved folder");
    let (before, after) = (engine.info(), again.info());
    assert_eq!((&before.pooling, before.normalizes), (&after.pooling, after.normalizes));
}

#[test]
fn a_pooler_tensor_alone_proves_nothing() {
    let (cpu, _) = &devices()[0];
    for (checkpoint, pooling) in [
        ("model_f32", "mean"),
        ("pretraining_f32", "pooler"),
        ("sequence_classification_f32", "pooler"),
        ("masked_lm_bf16", "mean"),
        ("model_f16_no_pooler", "mean"),
    ] {
        let engine = Files::tiny(checkpoint).load(cpu, defaults()).expect("the model");
        assert_eq!(engine.info().pooling, pooling, "{checkpoint}");
    }
}
