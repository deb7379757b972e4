//! Files that say what few say, beside those of which the other suites read many: against transformers.

use bertlet::{
    engine::{Engine, LoadOptions},
    text::{Row, read_tokenizer},
    train::{Method, RowTargets, TrainOptions},
};
use pollster::block_on;
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use serde_json::{Value, json};

use crate::{
    fixtures::{Files, data, defaults, devices, json as reference, max_difference},
    unusual_checkpoints::{HEADED, configured, loaded, refusal, tokenized},
};

const TABLE: &str = "roberta.embeddings.token_type_embeddings.weight";

fn floats(value: &Value) -> Vec<f32> {
    let all = value.as_array().expect("rows").iter();
    all.flat_map(|row| {
        row.as_array()
            .expect("numbers")
            .iter()
            .map(|x| x.as_f64().expect("a number") as f32)
    })
    .collect()
}

/// The weights with another table of segments.
fn with_segments(weights: &[u8], table: &Value) -> Vec<u8> {
    let bytes: Vec<u8> = floats(table).iter().flat_map(|x| x.to_le_bytes()).collect();
    let shape = vec![2, bytes.len() / 8];
    let table = TensorView::new(Dtype::F32, shape, &bytes).expect("a table");
    let file = SafeTensors::deserialize(weights).expect("safetensors");
    let tensors = file.tensors().into_iter().filter(|(name, _)| name != TABLE);
    safetensors::serialize(tensors.chain([(TABLE.to_owned(), table)]), None).expect("a file")
}

fn case(name: &str) -> (Files, Vec<Row>, Vec<f32>) {
    let all = reference("encoders/siblings.json");
    let case = &all["cases"][name];
    let folder = data("encoders").join(case["encoder"].as_str().expect("an encoder"));
    let mut files = Files::read(&folder);
    let mut config: Value = serde_json::from_slice(&files.config).expect("JSON");
    for (key, value) in case["config"].as_object().expect("entries") {
        match value {
            Value::Null => drop(config.as_object_mut().expect("an object").remove(key)),
            value => config[key] = value.clone(),
        }
    }
    files.config = config.to_string().into_bytes();
    let has_segments = case["has_segments"] == true;
    if has_segments {
        files.weights = with_segments(&files.weights, &all["segment_table"]);
    }
    let ids = |list: &Value| -> Vec<Vec<u32>> { serde_json::from_value(list.clone()).expect("rows of ids") };
    let rows = ids(&all["rows"]).into_iter().zip(ids(&all["segments"]));
    let rows = rows.map(|(input_ids, segments)| Row {
        token_type_ids: if has_segments {
            segments
        } else {
            vec![0; input_ids.len()]
        },
        input_ids,
        truncated: false,
    });
    (files, rows.collect(), floats(&case["logits"]))
}

#[test]
fn segments_positions_and_other_names_equal_transformers() {
    for name in ["segments", "padding", "fixed_padding", "aliases"] {
        let (files, rows, expected) = case(name);
        for (device, tolerance) in devices() {
            let engine = files
                .load(&device, defaults())
                .unwrap_or_else(|error| panic!("{name}: {error}"));
            let found = block_on(engine.logits(&rows.iter().collect::<Vec<_>>())).expect("logits");
            let difference = max_difference(&found, &expected);
            assert!(difference <= tolerance.forward, "{name}: {difference}");
        }
    }
}

#[test]
fn the_gradients_of_segments_are_those_of_their_differences() {
    let (files, rows, _) = case("segments");
    let loss = |files: &Files| -> f64 {
        let engine = files.load(&devices()[0].0, defaults()).expect("the model");
        let logits = block_on(engine.logits(&rows.iter().collect::<Vec<_>>())).expect("logits");
        let rows = logits.chunks_exact(3).map(|row| {
            let sum: f64 = row.iter().map(|x| f64::from(*x).exp()).sum();
            sum.ln() - f64::from(row[1])
        });
        rows.sum::<f64>() / 2.0
    };
    let engine = files.load(&devices()[0].0, defaults()).expect("the model");
    let gradients = block_on(engine.gradients(&rows.iter().collect::<Vec<_>>(), &[1, 1])).expect("gradients");
    let (_, found) = gradients
        .iter()
        .find(|(name, _)| name == TABLE)
        .expect("the table's gradient");
    let all = reference("encoders/siblings.json");
    let width = found.len() / 2;
    for at in [0, 5, width, width + 5] {
        let moved = |by: f64| {
            let mut table = all["segment_table"].clone();
            let number = &mut table[at / width][at % width];
            *number = json!(number.as_f64().expect("a number") + by);
            loss(&Files {
                weights: with_segments(&files.weights, &table),
                ..case("segments").0
            })
        };
        let slope = (moved(1e-2) - moved(-1e-2)) / 2e-2;
        assert!(
            (slope - f64::from(found[at])).abs() < 2e-3 * (1.0 + slope.abs()),
            "{at}: {slope} and {}",
            found[at]
        );
    }
}

#[test]
fn a_long_text_loses_its_beginning_where_the_file_says_so() {
    let vocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\nc\nd\ne\nf\n";
    let read = |config: Value| read_tokenizer(vocabulary.as_bytes(), Some(&config.to_string()), 11, 5);
    let tokenizer = read(json!({ "truncation_side": "left" })).expect("a tokenizer");
    let row = tokenizer.encode("a b c d e f").expect("ids");
    assert_eq!((row.input_ids, row.truncated), (vec![2, 8, 9, 10, 3], true));
    assert_eq!(tokenizer.encode("a b").expect("ids").input_ids, [2, 5, 6, 3]);
    assert_eq!(
        tokenizer.encode_pair("a b c", "d e f").expect("ids").input_ids,
        [2, 7, 3, 10, 3]
    );
    let places = tokenizer.tokenize("a b c d e f", None).expect("tokens").places;
    assert_eq!(places[1][2..4], [6, 7]);
    // It is saved, in either spelling of the source.
    assert!(
        tokenizer
            .to_config_json()
            .expect("JSON")
            .contains(r#""truncation_side":"left""#)
    );
    let mut file: Value = serde_json::from_str(&tokenizer.to_json().expect("JSON")).expect("JSON");
    file["truncation"] = json!({ "direction": "Left", "max_length": 9, "strategy": "LongestFirst", "stride": 0 });
    let of_file = |config: Value| {
        let read = read_tokenizer(file.to_string().as_bytes(), Some(&config.to_string()), 11, 5);
        read.expect("a tokenizer").encode("a b c d e f").expect("ids").input_ids
    };
    assert_eq!(of_file(json!({})), [2, 8, 9, 10, 3]);
    assert_eq!(of_file(json!({ "truncation_side": "right" })), [2, 5, 6, 7, 3]);
    let refused = read(json!({ "truncation_side": "middle" })).err().expect("a refusal");
    assert!(refused.to_string().contains("middle"), "{refused}");
}

#[test]
fn a_vocabulary_alone_needs_a_class_that_transformers_knows() {
    let vocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n";
    for (class, loads) in [
        ("BertTokenizer", true),
        ("DPRQuestionEncoderTokenizerFast", true),
        ("KoBertTokenizer", false),
    ] {
        let config = json!({ "tokenizer_class": class }).to_string();
        let read = read_tokenizer(vocabulary.as_bytes(), Some(&config), 6, 8);
        assert_eq!(read.is_ok(), loads, "{class}");
        if let Err(error) = read {
            assert!(error.to_string().contains(class), "{error}");
        }
    }
}

#[test]
fn one_label_is_a_sigmoid_whatever_the_problem_is_called() {
    let one = LoadOptions {
        labels: Some(vec!["relevant".into()]),
        ..defaults()
    };
    let files = Files::tiny("sequence_classification_f32");
    let engine = files.load(&devices()[0].0, one).expect("the model");
    let weights = block_on(engine.save(bertlet::checkpoint::Class::Classifier, bertlet::checkpoint::Dtype::F32));
    let mut config: Value = serde_json::from_slice(&files.config).expect("JSON");
    config["id2label"] = json!({ "0": "relevant" });
    config["problem_type"] = json!("single_label_classification");
    let files = files.with(config.to_string().into_bytes(), weights.expect("weights"));
    let engine: Engine = files.load(&devices()[0].0, defaults()).expect("the model");
    assert_eq!(engine.info().problem_type, "multi_label_classification");
}

#[test]
fn an_adapter_of_any_pooling_comes_back() {
    let (device, _) = devices().remove(0);
    for name in ["distilbert", "roberta", "xlm-roberta", "camembert", "electra", "mpnet"] {
        let files = Files::read(&data("encoders").join(name));
        for pooling in ["mean", "pooler"] {
            let load = || {
                let pooling = Some(pooling.into());
                files
                    .load(&device, LoadOptions { pooling, ..defaults() })
                    .expect("the model")
            };
            let mut engine = load();
            let rows = engine
                .encode(&["late".into(), "my order".into(), "thanks".into()])
                .expect("tokens");
            let lora = TrainOptions {
                method: Method::Lora,
                ..Default::default()
            };
            let targets = RowTargets::Single(vec![0, 1, 2]);
            engine
                .begin_training(rows.clone(), targets, lora, "own")
                .expect("a run");
            block_on(engine.train_step()).expect("a step");
            engine.end_training();
            let (config, weights) = block_on(engine.save_adapter("base")).expect("a folder");
            let mut other = load();
            let added = other.add_adapter("own", config.as_bytes(), &weights);
            added.unwrap_or_else(|error| panic!("{name} {pooling}: {error}"));
            other.use_adapter(Some("own")).expect("it is there");
            let rows: Vec<_> = rows.iter().collect();
            let [ours, theirs] = [&engine, &other].map(|engine| block_on(engine.logits(&rows)).expect("logits"));
            assert!(max_difference(&ours, &theirs) < 1e-6, "{name} {pooling}");
        }
    }
}

/// As transformers 5 makes BERT's tokenizer anew: with its own normalizer, prefix and length of a word.
#[test]
fn bert_s_class_has_its_own_parts() {
    let own = loaded(&Files::tiny(HEADED), defaults()).expect("the model");
    let texts = ["The cats, sat\u{0} on it".to_owned(), "b".repeat(101)];
    let changed = [
        tokenized(|json| json["normalizer"] = json!({ "type": "Sequence", "normalizers": [{ "type": "NFD" }] })),
        tokenized(|json| json["normalizer"] = json!(null)),
        tokenized(|json| json["pre_tokenizer"] = json!({ "type": "Whitespace" })),
        tokenized(|json| json["model"]["max_input_chars_per_word"] = json!(200)),
        tokenized(|json| json["post_processor"] = json!(null)),
    ];
    for (at, files) in changed.iter().enumerate() {
        let engine = loaded(files, defaults()).unwrap_or_else(|error| panic!("{at}: {error}"));
        assert_eq!(
            engine.encode(&texts).expect("ids"),
            own.encode(&texts).expect("ids"),
            "{at}"
        );
    }
}

#[test]
fn tokens_beside_bert_s_own_are_special() {
    let without = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n##b\n";
    // One that the vocabulary lacks has the next id, where the model has one more.
    let config = json!({ "additional_special_tokens": ["[E1]"] }).to_string();
    let full = read_tokenizer(without.as_bytes(), Some(&config), 7, 16).expect("a tokenizer");
    assert!(!full.encode("[E1]").expect("ids").input_ids.contains(&7));
    for (key, vocabulary) in [
        ("additional_special_tokens", format!("{without}[E1]\n")),
        ("extra_special_tokens", format!("{without}[E1]\n")),
        ("additional_special_tokens", without.to_owned()),
    ] {
        for token in [json!("[E1]"), json!({ "content": "[E1]", "lstrip": false })] {
            let config = json!({ key: [token] }).to_string();
            let read = read_tokenizer(vocabulary.as_bytes(), Some(&config), 8, 16).expect("a tokenizer");
            assert_eq!(
                read.encode("ab[E1]a").expect("ids").input_ids,
                [2, 5, 6, 7, 5, 3],
                "{config}"
            );
        }
    }
}

#[test]
fn names_of_labels_count_for_a_head_alone() {
    let numbered = |raw: &mut Value| raw["id2label"] = json!({ "1": "a", "2": "b", "3": "c" });
    let files = configured(numbered);
    assert_eq!(refusal(&files, defaults()).0, "bad-config");
    let labels = Some(vec!["x".to_owned(), "y".to_owned()]);
    let own = loaded(&files, LoadOptions { labels, ..defaults() }).expect("the model");
    assert!(own.info().new_head);
}

/// The projection after ELECTRA's narrower embeddings, and MPNet's table of distances, lie below every layer.
#[test]
fn what_lies_below_frozen_layers_is_frozen_too() {
    let (device, _) = devices().remove(0);
    for name in ["electra", "mpnet", "distilbert", "roberta"] {
        let files = Files::read(&data("encoders").join(name));
        let labels = Some(vec!["a".to_owned(), "b".to_owned()]);
        let trained = |pooling: &str, method: Method| {
            let options = LoadOptions {
                labels: labels.clone(),
                pooling: Some(pooling.to_owned()),
                ..defaults()
            };
            let mut engine = files.load(&device, options).expect("the model");
            let rows = engine.encode(&["a".to_owned(), "b".to_owned()]).expect("tokens");
            let frozen = TrainOptions {
                method,
                freeze_layers: match method {
                    Method::Full => engine.info().layers,
                    _ => 0,
                },
                ..TrainOptions::default()
            };
            let run = engine.begin_training(rows, RowTargets::Single(vec![0, 1]), frozen, "default");
            run.expect("a run").trained_parameters
        };
        // Without a pooler of its own the head is one layer.
        assert_eq!(trained("mean", Method::Full), trained("mean", Method::Head), "{name}");
    }
}

#[test]
fn what_is_put_around_a_text_must_be_in_the_model() {
    let ids = tokenized(|json| json["post_processor"]["special_tokens"]["[CLS]"]["ids"] = json!([99_999]));
    let segments = tokenized(|json| json["post_processor"]["single"][0]["SpecialToken"]["type_id"] = json!(7));
    let unknown = tokenized(|json| json["model"]["unk_token"] = json!("<unk>"));
    // BERT's class has its own way to put tokens around a text, whatever the file says: this one has the file's.
    let inputs = ["input_ids", "token_type_ids", "attention_mask"];
    let as_it_is = json!({ "tokenizer_class": "PreTrainedTokenizerFast", "model_input_names": inputs }).to_string();
    for (what, mut files) in [("ids", ids), ("segments", segments), ("the unknown token", unknown)] {
        let own = files.tokenizer_config.replace(as_it_is.clone());
        assert_eq!(refusal(&files, defaults()).0, "bad-tokenizer", "{what}");
        files.tokenizer_config = own;
        if what != "the unknown token" {
            let rebuilt = loaded(&files, defaults()).expect("the model");
            let plain = loaded(&Files::tiny(HEADED), defaults()).expect("the model");
            let texts = ["a text".to_owned()];
            assert_eq!(
                rebuilt.encode(&texts).expect("ids"),
                plain.encode(&texts).expect("ids"),
                "{what}"
            );
        }
    }
}

#[test]
fn a_tokenizer_as_it_is_has_the_special_tokens_that_are_named() {
    for (named, is_split) in [(json!({}), true), (json!({ "sep_token": "[SEP]" }), false)] {
        let mut config = named;
        config["tokenizer_class"] = json!("Own");
        // Not in the vocabulary, so none.
        config["cls_token"] = json!(" ");
        let mut files = tokenized(|json| json["added_tokens"] = json!([]));
        files.tokenizer_config = Some(config.to_string());
        let engine = loaded(&files, defaults()).expect("the model");
        files.tokenizer = engine.tokenizer().to_json().expect("a file").into_bytes();
        files.tokenizer_config = Some(engine.saved_tokenizer_config().expect("a file"));
        let again = loaded(&files, defaults()).expect("the saved model");
        for engine in [&engine, &again] {
            let ids = |text: &str| engine.tokenizer().encode(text).expect("tokens").input_ids.len();
            assert_eq!(ids("[SEP]") > 3, is_split, "{config}");
            assert!(ids("[CLS]") > 3 && ids("[MASK]") > 3, "{config}");
        }
    }
}

#[test]
fn a_special_token_is_a_text() {
    for named in [json!({}), json!(7), json!(["[PAD]"]), json!(false)] {
        let files = configured_tokenizer(&json!({ "pad_token": named }));
        let (code, message) = refusal(&files, defaults());
        assert_eq!(code, "bad-tokenizer", "{named}");
        assert!(message.contains("pad_token"), "{message}");
    }
    let files = configured_tokenizer(&json!({ "pad_token": null, "unk_token": { "content": "[UNK]" } }));
    loaded(&files, defaults()).expect("the model");
}

/// As transformers' class, which makes its model of words with the token that it is told.
#[test]
fn an_unknown_word_is_the_token_that_tokenizer_config_names() {
    let ids = |unknown: Value| {
        let files = configured_tokenizer(&json!({ "unk_token": unknown }));
        let row = loaded(&files, defaults())
            .expect("the model")
            .encode(&["\u{4e2d}".to_owned()]);
        row.expect("ids")[0].input_ids.clone()
    };
    let tokenizer: Value = serde_json::from_slice(&Files::tiny(HEADED).tokenizer).expect("JSON");
    let id = |token: &str| tokenizer["model"]["vocab"][token].as_u64().expect("a token") as u32;
    assert_eq!(ids(json!("[UNK]"))[1], id("[UNK]"));
    assert_eq!(ids(json!("the"))[1], id("the"));
    // Of one that the vocabulary lacks, the file's own.
    assert_eq!(ids(json!("[NONE]")), ids(json!("[UNK]")));
}

fn configured_tokenizer(config: &Value) -> Files {
    let mut files = Files::tiny(HEADED);
    files.tokenizer_config = Some(config.to_string());
    files
}
