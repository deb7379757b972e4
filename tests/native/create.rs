//! Vocabularies learned from text, which equal those of Python's tokenizers; models without a checkpoint.

use std::collections::BTreeSet;

use bertlet::{
    Error,
    engine::{CreateOptions, Engine},
    text::learn_vocabulary,
};
use pollster::block_on;

use crate::fixtures::{devices, json, strings};

#[test]
fn vocabularies_equal_those_of_tokenizers() {
    let about = json("tokens/learned.json");
    let counts = about["counts"].as_object().expect("words");
    let text = |(word, count): (&String, &serde_json::Value)| {
        format!("{word} ").repeat(count.as_u64().expect("a count") as usize)
    };
    let texts: Vec<String> = counts.iter().map(text).collect();
    let vocabularies = about["vocabularies"].as_object().expect("vocabularies");
    assert_eq!(vocabularies.len(), 2);
    for (size, expected) in vocabularies {
        let size = size.parse().expect("a size");
        let found: BTreeSet<String> = learn_vocabulary(&texts, size)
            .expect("a vocabulary")
            .into_iter()
            .collect();
        let expected: BTreeSet<String> = strings(expected).into_iter().collect();
        assert_eq!(found.len(), size);
        let differ: Vec<_> = found.symmetric_difference(&expected).collect();
        assert!(differ.is_empty(), "{size}: {differ:?}");
    }
}

#[test]
fn a_vocabulary_depends_on_the_texts_alone_and_keeps_to_its_size() {
    let texts = strings(&json("tokens/strings.json"));
    for size in [100, 300, 1000, 3000] {
        let first = learn_vocabulary(&texts, size).expect("a vocabulary");
        assert_eq!(first[..5], ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]);
        assert!(first.len() <= size, "{}", first.len());
        assert_eq!(
            first.iter().collect::<BTreeSet<_>>().len(),
            first.len(),
            "no token twice"
        );
        for _ in 0..3 {
            assert!(
                learn_vocabulary(&texts, size).expect("a vocabulary") == first,
                "{size}: another one"
            );
        }
    }
    let refused = learn_vocabulary(&[String::new(), " \u{0}".into()], 100).expect_err("no word");
    assert_eq!(refused.code(), "bad-row");
}

#[test]
fn a_word_that_no_tokenizer_reads_is_left_out() {
    let texts = |long: &str| ["a cat", "a cat"].map(|text| format!("{text} {long}"));
    let learned = |long: &str| learn_vocabulary(&texts(long), 100).expect("a vocabulary");
    let without = learned("");
    assert!(learned(&"xy".repeat(2500)) == without);
    assert!(learned(&"x".repeat(101)) == without);
    assert!(learned(&"x".repeat(100)).contains(&"##x".to_owned()));
    let refused = learn_vocabulary(&["x".repeat(1_000_000)], 100).expect_err("no word");
    assert_eq!(refused.code(), "bad-row");
}

fn shape() -> CreateOptions {
    CreateOptions {
        vocab_size: 300,
        layers: 2,
        hidden_size: 32,
        heads: 4,
        intermediate_size: None,
        max_length: 32,
        labels: Some(vec!["a".into(), "b".into()]),
        seed: 42,
    }
}

#[test]
fn a_new_model_answers_and_a_seed_repeats_it() {
    let texts = strings(&json("tokens/strings.json"));
    for (device, _) in devices() {
        let logits = |seed| {
            let engine = Engine::create(device.clone(), &texts, CreateOptions { seed, ..shape() }).expect("a model");
            assert!(engine.info().new_head && engine.info().masked_lm);
            let rows = engine.encode(&["The parcel is late".into()]).expect("tokens");
            assert_eq!(engine.tokenizer().unknown_tokens(&rows[0]), 0);
            let logits = block_on(engine.logits(&rows.iter().collect::<Vec<_>>())).expect("logits");
            assert!(logits.iter().all(|logit| logit.is_finite()) && logits.len() == 2);
            logits
        };
        let options = CreateOptions {
            labels: None,
            ..shape()
        };
        let without = Engine::create(device.clone(), &texts, options).expect("a model");
        assert!(without.info().labels.is_empty() && !without.info().new_head);
        assert_eq!(logits(1), logits(1));
        assert_ne!(logits(1), logits(2));
    }
}

#[test]
fn impossible_shapes_are_refused() {
    let texts = ["some text".to_owned()];
    type Spoil = fn(&mut CreateOptions);
    let cases: [(&str, Spoil); 10] = [
        ("vocabSize", |shape| shape.vocab_size = 99),
        ("vocabSize", |shape| shape.vocab_size = 30_001),
        ("layers", |shape| shape.layers = 0),
        ("layers", |shape| shape.layers = 13),
        ("hiddenSize", |shape| shape.hidden_size = 1024),
        ("heads", |shape| shape.heads = 5),
        ("heads", |shape| shape.heads = 0),
        ("intermediateSize", |shape| shape.intermediate_size = Some(4)),
        ("maxLength", |shape| shape.max_length = 513),
        ("labels", |shape| shape.labels = Some(vec!["a".into(), "a".into()])),
    ];
    for (device, _) in devices() {
        for (expected, spoil) in cases {
            let mut options = shape();
            spoil(&mut options);
            match Engine::create(device.clone(), &texts, options).map(|_| ()) {
                Err(Error::BadOption { name, .. }) => assert_eq!(name, expected),
                other => panic!("{expected}: {other:?}"),
            }
        }
        let none = Engine::create(device.clone(), &[], shape())
            .map(|_| ())
            .expect_err("no text");
        assert_eq!(none.code(), "bad-row");
    }
}
