//! Unusual checkpoints: sound ones are read as in transformers, and those that would silently give wrong answers are
//! refused.

use bertlet::{
    checkpoint::{Class, Dtype},
    engine::{Engine, LoadOptions},
    text::read_tokenizer,
};
use pollster::block_on;
use serde_json::{Value, json};

use crate::fixtures::{Files, defaults, devices};

pub const HEADED: &str = "sequence_classification_f32";

fn parsed(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).expect("JSON")
}

pub fn loaded(files: &Files, options: LoadOptions) -> bertlet::Result<Engine> {
    files.load(&devices().remove(0).0, options)
}

pub fn refusal(files: &Files, options: LoadOptions) -> (&'static str, String) {
    match loaded(files, options) {
        Ok(_) => ("loaded", String::new()),
        Err(error) => (error.code(), error.to_string()),
    }
}

/// The checkpoint with a head of three labels, its `config.json` changed.
pub fn configured(change: impl Fn(&mut Value)) -> Files {
    let mut files = Files::tiny(HEADED);
    let mut config = parsed(&files.config);
    change(&mut config);
    files.config = config.to_string().into_bytes();
    files
}

/// The same, its `tokenizer.json` changed.
pub fn tokenized(change: impl Fn(&mut Value)) -> Files {
    let mut files = Files::tiny(HEADED);
    let mut tokenizer = parsed(&files.tokenizer);
    change(&mut tokenizer);
    files.tokenizer = tokenizer.to_string().into_bytes();
    files
}

#[test]
fn numbers_and_truth_values_may_be_labels() {
    let files = configured(|config| config["id2label"] = json!({"0": 5, "1": true, "2": "x"}));
    let engine = loaded(&files, defaults()).expect("the model");
    assert_eq!(engine.info().labels, ["5", "true", "x"]);
    let gap = configured(|config| config["id2label"] = json!({"0": "x", "1": null, "2": "y"}));
    let (code, message) = refusal(&gap, defaults());
    assert_eq!(code, "bad-config");
    assert!(message.ends_with("found null for 1"), "{message}");
}

#[test]
fn an_activation_that_is_no_name_is_refused() {
    for activation in [json!(null), json!({"a": 1}), json!(3)] {
        let files = configured(|config| config["hidden_act"] = activation.clone());
        assert_eq!(refusal(&files, defaults()).0, "bad-config", "{activation}");
    }
}

#[test]
fn a_head_for_regression_is_told_from_a_classifier() {
    let files = configured(|config| config["problem_type"] = json!("regression"));
    let (code, message) = refusal(&files, defaults());
    assert_eq!(code, "bad-config");
    assert!(
        message.contains("problem_type") && message.contains("regression"),
        "{message}"
    );
    // An explicit problem type, or a new head, makes it load.
    let read_as = LoadOptions {
        problem_type: Some("multi_label_classification".into()),
        ..defaults()
    };
    let made_anew = LoadOptions {
        labels: Some(vec!["x".into(), "y".into()]),
        ..defaults()
    };
    for (options, expected) in [
        (read_as, "multi_label_classification"),
        (made_anew, "single_label_classification"),
    ] {
        let engine = loaded(&files, options).expect("the model");
        assert_eq!(engine.info().problem_type, expected);
    }
}

#[test]
fn a_single_logit_is_read_by_its_sigmoid() {
    let one = LoadOptions {
        labels: Some(vec!["relevant".into()]),
        ..defaults()
    };
    let engine = loaded(&Files::tiny(HEADED), one).expect("the model");
    let files = Files {
        weights: block_on(engine.save(Class::Classifier, Dtype::F32)).expect("weights"),
        ..configured(|config| {
            config["id2label"] = json!({"0": "LABEL_0"});
            config["problem_type"] = json!(null);
        })
    };
    let info = loaded(&files, defaults()).expect("the model").info().clone();
    assert_eq!((info.labels.len(), info.new_head), (1, false));
    assert_eq!(info.problem_type, "multi_label_classification");
}

#[test]
fn weights_that_are_not_finite_are_refused() {
    let good = Files::tiny(HEADED);
    let header_length = u64::from_le_bytes(good.weights[..8].try_into().expect("eight bytes")) as usize;
    let header = parsed(&good.weights[8..8 + header_length]);
    let name = "bert.encoder.layer.1.output.dense.weight";
    let start = header[name]["data_offsets"][0].as_u64().expect("an offset") as usize;
    for value in [f32::NAN, f32::INFINITY] {
        let mut files = Files::tiny(HEADED);
        let at = 8 + header_length + start + 4 * 7;
        files.weights[at..at + 4].copy_from_slice(&value.to_le_bytes());
        let (code, message) = refusal(&files, defaults());
        assert_eq!(code, "bad-weights");
        assert!(message.contains(name) && message.contains("index 7"), "{message}");
    }
}

#[test]
fn a_blank_line_is_no_token() {
    let mut files = Files::tiny("cased_vocab_f16");
    files.tokenizer.extend(b"\n\n");
    let engine = loaded(&files, defaults()).expect("the model");
    let whole = loaded(&Files::tiny("cased_vocab_f16"), defaults()).expect("the model");
    let texts = ["the cat sat".to_owned()];
    assert_eq!(engine.encode(&texts).expect("ids"), whole.encode(&texts).expect("ids"));
}

/// Added tokens as newer versions of transformers save them.
#[test]
fn tokenizer_config_adds_tokens_to_a_vocabulary() {
    let vocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\n##b\n";
    let added = |id: u32, content: &str| {
        json!({
            "id": id, "content": content, "single_word": false, "lstrip": false, "rstrip": false, "normalized": false,
            "special": false,
        })
    };
    let config = json!({ "added_tokens_decoder": { "8": added(8, "<Two>"), "7": added(7, "<one>") } });
    let read = |config: &Value| read_tokenizer(vocabulary.as_bytes(), Some(&config.to_string()), 9, 16);
    let row = read(&config)
        .expect("a tokenizer")
        .encode("ab<Two>a <one>")
        .expect("ids");
    assert_eq!(row.input_ids, [2, 5, 6, 8, 5, 7, 3]);
    let beyond = json!({ "added_tokens_decoder": { "9": added(9, "<nine>") } });
    let nameless = json!({ "added_tokens_decoder": { "7": {} } });
    for config in [beyond, nameless] {
        assert_eq!(
            read(&config).err().map(|error| error.code()),
            Some("bad-tokenizer"),
            "{config}"
        );
    }
}

#[test]
fn an_encoder_under_another_head_takes_a_new_one() {
    for (class, head) in [
        ("BertForTokenClassification", "classifier.weight"),
        ("BertForQuestionAnswering", "qa_outputs.weight"),
        ("BertForNextSentencePrediction", "cls.seq_relationship.weight"),
        ("BertForMultipleChoice", "classifier.weight"),
    ] {
        let files = configured(|config| config["architectures"] = json!([class]));
        let bare = loaded(&files, defaults()).expect("the encoder");
        assert!(bare.info().labels.is_empty(), "{class}: a head for something else");
        let labels = Some(vec!["a".into(), "b".into()]);
        let engine = loaded(&files, LoadOptions { labels, ..defaults() }).expect("a new head");
        assert_eq!(
            (engine.info().labels.len(), engine.info().new_head),
            (2, true),
            "{class} {head}"
        );
    }
}

#[test]
fn a_configuration_that_names_no_class_is_told_by_its_tensors() {
    let expected = loaded(&Files::tiny(HEADED), defaults()).expect("the model");
    for architectures in [json!(null), json!([]), json!("BertForSequenceClassification")] {
        let files = configured(|config| config["architectures"] = architectures.clone());
        let engine = loaded(&files, defaults()).expect("the model");
        assert_eq!(engine.info().labels, expected.info().labels);
        assert_eq!(engine.info().pooling, "pooler");
    }
    // As Google's own of BERT's first release.
    let bare = configured(|config| {
        let keys = ["architectures", "model_type", "id2label", "label2id", "torch_dtype"];
        keys.iter()
            .for_each(|key| drop(config.as_object_mut().expect("an object").remove(*key)));
    });
    assert_eq!(loaded(&bare, defaults()).expect("the model").info().labels.len(), 3);
    let other = configured(|config| {
        let keys = ["architectures", "model_type", "type_vocab_size"];
        keys.iter()
            .for_each(|key| drop(config.as_object_mut().expect("an object").remove(*key)));
    });
    assert_eq!(refusal(&other, defaults()).0, "bad-config");
}

#[test]
fn labels_of_one_name_are_told_apart() {
    let files = configured(|config| config["id2label"] = json!({"0": "other", "1": "x", "2": "other"}));
    let engine = loaded(&files, defaults()).expect("the model");
    assert_eq!(engine.info().labels, ["other", "x", "other (2)"]);
}

#[test]
fn activations_have_other_names() {
    for (name, as_well) in [
        ("gelu_python", "gelu"),
        ("gelu_fast", "gelu_new"),
        ("gelu_accurate", "gelu_new"),
        ("swish", "silu"),
    ] {
        let [found, expected] = [name, as_well].map(|name| {
            let engine =
                loaded(&configured(|config| config["hidden_act"] = json!(name)), defaults()).expect("the model");
            let rows = engine.encode(&["the parcel is late".into()]).expect("tokens");
            block_on(engine.logits(&rows.iter().collect::<Vec<_>>())).expect("logits")
        });
        assert_eq!(found, expected, "{name}");
    }
}

/// A checkpoint with another name for a tensor: the header alone changes.
fn renamed(checkpoint: &str, own: &str, other: &str) -> Files {
    let mut files = Files::tiny(checkpoint);
    let length = u64::from_le_bytes(files.weights[..8].try_into().expect("eight bytes")) as usize;
    let header = String::from_utf8(files.weights[8..8 + length].to_vec()).expect("a header");
    let (own, other) = (format!("\"{own}\""), format!("\"{other}\""));
    assert!(header.contains(&own), "{own}");
    let header = header.replace(&own, &other);
    let mut weights = (header.len() as u64).to_le_bytes().to_vec();
    weights.extend(header.as_bytes());
    weights.extend(&files.weights[8 + length..]);
    files.weights = weights;
    files
}

#[test]
fn a_head_without_a_pooler_is_no_classifier_of_texts_where_no_class_is_named() {
    let mut files = renamed(HEADED, "bert.pooler.dense.weight", "bert.none.dense.weight");
    let mut config = parsed(&files.config);
    config["architectures"] = json!(null);
    files.config = config.to_string().into_bytes();
    let engine = loaded(&files, defaults()).expect("the encoder");
    assert!(engine.info().labels.is_empty(), "of single tokens, as for names");
}

#[test]
fn a_tied_tensor_may_stand_under_its_other_name() {
    let masked = || LoadOptions {
        masked_lm: true,
        ..defaults()
    };
    let plain = Files::tiny("masked_lm_bf16");
    for (own, other) in [
        ("cls.predictions.bias", "cls.predictions.decoder.bias"),
        (
            "bert.embeddings.word_embeddings.weight",
            "cls.predictions.decoder.weight",
        ),
    ] {
        let files = renamed("masked_lm_bf16", own, other);
        let [found, expected] = [&files, &plain].map(|files| {
            let engine = loaded(files, masked()).expect("the model");
            assert!(
                engine.info().new_tensors.iter().all(|name| !name.starts_with("cls.")),
                "{other}"
            );
            let rows = engine.encode(&["the [MASK] is late".into()]).expect("tokens");
            block_on(engine.fill_mask(&rows[0], 3)).expect("tokens")
        });
        assert_eq!(format!("{found:?}"), format!("{expected:?}"), "{other}");
    }
}

fn ids(files: &Files, text: &str) -> Vec<u32> {
    let engine = loaded(files, defaults()).expect("the model");
    engine.tokenizer().encode(text).expect("tokens").input_ids.to_vec()
}

#[test]
fn a_setting_that_tokenizer_config_leaves_out_is_the_class_s() {
    let lower = ids(&Files::tiny(HEADED), "late parcel");
    for (config, is_lower) in [
        (None, true),
        (Some(json!({})), true),
        (Some(json!({ "tokenizer_class": "BertTokenizer" })), true),
        (Some(json!({ "tokenizer_class": "MobileBertTokenizerFast" })), true),
        // A name that transformers does not know reads the file as it is.
        (Some(json!({ "tokenizer_class": "KoBertTokenizer" })), false),
        (Some(json!({ "do_lower_case": false })), false),
        (Some(json!({ "tokenizer_class": "PreTrainedTokenizerFast" })), false),
        (
            Some(json!({ "tokenizer_class": "TokenizersBackend", "do_lower_case": true })),
            false,
        ),
    ] {
        let mut files = tokenized(|tokenizer| tokenizer["normalizer"]["lowercase"] = json!(false));
        files.tokenizer_config = config.as_ref().map(Value::to_string);
        assert_eq!(ids(&files, "LATE Parcel") == lower, is_lower, "{config:?}");
    }
}

#[test]
fn a_tokenizer_without_a_post_processor_puts_what_berts_does() {
    let expected = ids(&Files::tiny(HEADED), "late parcel");
    let mut files = tokenized(|tokenizer| tokenizer["post_processor"] = json!(null));
    files.tokenizer_config = Some(json!({ "tokenizer_class": "BertTokenizer" }).to_string());
    assert_eq!(ids(&files, "late parcel"), expected);
}

#[test]
fn a_class_that_splits_words_otherwise_is_refused_by_name() {
    for config in [
        json!({ "tokenizer_class": "BertJapaneseTokenizer", "word_tokenizer_type": "mecab" }),
        json!({ "tokenizer_class": "BertTokenizer", "word_tokenizer_type": "jumanpp" }),
        json!({ "tokenizer_class": "BertJapaneseTokenizer" }),
        json!({ "tokenizer_class": "RoFormerTokenizer" }),
        json!({ "tokenizer_class": "FunnelTokenizerFast" }),
        json!({ "tokenizer_class": "BertweetTokenizer" }),
        json!({ "tokenizer_class": "PhobertTokenizer" }),
    ] {
        let mut files = Files::tiny(HEADED);
        files.tokenizer_config = Some(config.to_string());
        let (code, message) = refusal(&files, defaults());
        assert_eq!(code, "bad-tokenizer");
        // Named in config.json alone it counts as well.
        let mut elsewhere = configured(|own| own["tokenizer_class"] = config["tokenizer_class"].clone());
        elsewhere.tokenizer_config = None;
        let is_plain = config["tokenizer_class"] == "BertTokenizer";
        assert_eq!(
            refusal(&elsewhere, defaults()).0 == "bad-tokenizer",
            !is_plain,
            "{config}"
        );
        assert!(
            message.contains(config["tokenizer_class"].as_str().expect("a class")),
            "{message}"
        );
    }
}

#[test]
fn of_added_tokens_that_are_alike_once_normalized_the_plain_one_is_found() {
    let files = tokenized(|tokenizer| {
        let vocabulary = tokenizer["model"]["vocab"].as_object_mut().expect("a vocabulary");
        // In place of three words that nothing here needs.
        let spare: Vec<(String, Value)> = vocabulary
            .iter()
            .rev()
            .take(3)
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect();
        spare.iter().for_each(|(word, _)| drop(vocabulary.remove(word)));
        let names = ["Covid", "covid", "COVID"];
        let mut ids: Vec<u64> = spare.iter().map(|(_, id)| id.as_u64().expect("an id")).collect();
        ids.sort_unstable();
        for (name, id) in names.iter().zip(&ids) {
            tokenizer["model"]["vocab"][*name] = json!(id);
            let token = json!({ "id": id, "content": name, "single_word": false, "lstrip": false, "rstrip": false,
                "normalized": true, "special": false });
            tokenizer["added_tokens"].as_array_mut().expect("tokens").push(token);
        }
    });
    let vocabulary = &parsed(&files.tokenizer)["model"]["vocab"];
    let plain = vocabulary["covid"].as_u64().expect("an id") as u32;
    for text in ["Covid", "covid", "COVID"] {
        assert_eq!(ids(&files, text)[1], plain, "{text}");
    }
}
