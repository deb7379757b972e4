//! BPE and Unigram tokenizers, with every part that the `tokenizers` crate knows. In a page, a wasm file of its own.

use std::collections::HashSet;

use serde_json::{Map, Value, json};
use tokenizers::{
    DecoderWrapper, NormalizerWrapper, PostProcessorWrapper, PreTokenizerWrapper,
    models::{bpe::BPE, unigram::Unigram},
};

use super::{
    character_table,
    cuts::is_local,
    model_kind::{ModelKind, id_of},
    pipeline::Pipeline,
    pipeline_source::Source,
    token_kinds::WordMark,
    tokenizer::Tokenizer,
    tokenizer_class::{Class, content},
};
use crate::{Error, Result};

type AnyPipeline<M> = Pipeline<M, NormalizerWrapper, PreTokenizerWrapper, PostProcessorWrapper, DecoderWrapper>;

/// Reads a `tokenizer.json` of kind BPE or Unigram.
///
/// # Errors
/// `bad-tokenizer`.
pub(super) fn read(
    json: Value,
    config: Value,
    kind: ModelKind,
    class: Class,
    vocab_size: usize,
    max_length: usize,
) -> Result<Box<dyn Tokenizer>> {
    let mut json = of_class(class, json, &config)?;
    check_model(&json["model"], kind)?;
    check_expressions(&json)?;
    byte_level_first(&mut json["post_processor"]);
    character_table::check(&json["normalizer"])?;
    if growth(&json["normalizer"]) > MOST_GROWTH {
        return Err(Error::bad_tokenizer(format!(
            "tokenizer.json: normalizer: expected one that makes a text at most {MOST_GROWTH} times as long, found another"
        )));
    }
    let mut saved_settings = Map::new();
    for key in ["add_prefix_space", "trim_offsets"] {
        if let (Some(flag), true) = (config[key].as_bool(), class != Class::Generic) {
            saved_settings.insert(key.into(), flag.into());
        }
    }
    if matches!(class, Class::XlmRoberta | Class::Camembert) {
        for key in ["bos_token", "eos_token"] {
            if let Some(token) = content(&config[key]) {
                saved_settings.insert(key.into(), token.into());
            }
        }
    }
    let source = Source {
        is_local: is_local(&json),
        word_mark: WordMark::of(&json),
        json,
        config: &config,
        class,
        kind,
        saved_settings,
        vocab_size,
        max_length,
    };
    Ok(match kind {
        ModelKind::Unigram => Box::new(AnyPipeline::<Unigram>::new(source)?),
        _ => Box::new(AnyPipeline::<BPE>::new(source)?),
    })
}

/// `tokenizer.json` as transformers' class makes it anew, with the settings of `tokenizer_config.json`.
///
/// # Errors
/// `bad-tokenizer` where the vocabulary lacks a token that XLM-RoBERTa or CamemBERT puts around a sentence.
fn of_class(class: Class, mut json: Value, config: &Value) -> Result<Value> {
    let flag = |name: &str, otherwise: bool| json!(config[name].as_bool().unwrap_or(otherwise));
    match class {
        Class::Roberta => {
            let byte_level = json!({
                "type": "ByteLevel", "add_prefix_space": flag("add_prefix_space", false), "trim_offsets": true,
                "use_regex": true,
            });
            json["normalizer"] = Value::Null;
            json["pre_tokenizer"] = byte_level.clone();
            json["decoder"] = byte_level;
            let model = &mut json["model"];
            for key in ["unk_token", "dropout"] {
                model[key] = Value::Null;
            }
            for key in ["continuing_subword_prefix", "end_of_word_suffix"] {
                model[key] = json!("");
            }
            for key in ["fuse_unk", "byte_fallback", "ignore_merges"] {
                model[key] = json!(false);
            }
            json["post_processor"] = Value::Null;
            class.frame(&mut json, config);
            if json["post_processor"].is_object() {
                json["post_processor"]["trim_offsets"] = flag("trim_offsets", true);
                json["post_processor"]["add_prefix_space"] = flag("add_prefix_space", false);
            }
        }
        Class::XlmRoberta | Class::Camembert => {
            let scheme = match config["add_prefix_space"].as_bool().unwrap_or(true) {
                true => "always",
                false => "never",
            };
            let metaspace = json!({ "type": "Metaspace", "replacement": "▁", "prepend_scheme": scheme, "split": true });
            json["normalizer"] = precompiled(&json["normalizer"]);
            json["pre_tokenizer"] =
                json!({ "type": "Sequence", "pretokenizers": [{ "type": "WhitespaceSplit" }, metaspace] });
            json["decoder"] = metaspace;
            json["model"]["byte_fallback"] = json!(false);
            json["post_processor"] = around_sentences(&json, config)?;
        }
        Class::Generic | Class::Bert | Class::DistilBert | Class::MpNet => {}
    }
    Ok(json)
}

/// <s> A </s>, and of a pair <s> A </s> </s> B </s>, by the tokens around a sentence.
fn around_sentences(json: &Value, config: &Value) -> Result<Value> {
    let token = |key: &str, usual| {
        let name = content(&config[key]).unwrap_or(usual);
        let id = id_of(json, name).ok_or_else(|| {
            Error::bad_tokenizer(format!(
                "{key}: expected a token of the vocabulary, found {name:?}, which it lacks"
            ))
        })?;
        Ok::<_, Error>((name, id))
    };
    let ((bos, bos_id), (eos, eos_id)) = (token("bos_token", "<s>")?, token("eos_token", "</s>")?);
    let special = |id: &str| json!({ "SpecialToken": { "id": id, "type_id": 0 } });
    let sequence = |id: &str| json!({ "Sequence": { "id": id, "type_id": 0 } });
    let entry = |name: &str, id: u64| json!({ "id": name, "ids": [id], "tokens": [name] });
    Ok(json!({
        "type": "TemplateProcessing",
        "single": [special(bos), sequence("A"), special(eos)],
        "pair": [special(bos), sequence("A"), special(eos), special(eos), sequence("B"), special(eos)],
        "special_tokens": { (bos): entry(bos, bos_id), (eos): entry(eos, eos_id) },
    }))
}

/// Puts ByteLevel, which trims the places of a text's tokens, before what puts special tokens around them: after it, the crate counts
/// each special token as a text.
fn byte_level_first(processor: &mut Value) {
    if let Some(all) = processor.get_mut("processors").and_then(Value::as_array_mut) {
        let (levels, others): (Vec<Value>, Vec<Value>) = all.drain(..).partition(|one| one["type"] == "ByteLevel");
        all.extend(levels);
        all.extend(others);
    }
}

/// The table of a SentencePiece model's normalizer, which transformers keeps of a file's normalizers.
fn precompiled(normalizer: &Value) -> Value {
    let all = match normalizer["normalizers"].as_array() {
        Some(sequence) => sequence.as_slice(),
        None => std::slice::from_ref(normalizer),
    };
    let table = all.iter().find(|one| one["type"] == "Precompiled");
    table.cloned().unwrap_or_default()
}

/// Refuses regular expressions that say something else in Python, where `^` and `$` are the ends of each line, and classes of
/// POSIX hold letters of all languages.
fn check_expressions(json: &Value) -> Result<()> {
    let mut open = vec![&json["normalizer"], &json["pre_tokenizer"]];
    while let Some(value) = open.pop() {
        if let Some(expression) = value["Regex"].as_str().filter(|expression| differs(expression)) {
            return Err(Error::bad_tokenizer(format!(
                "tokenizer.json: expected a regular expression without ^, $ and [[:classes:]], found {expression:?}"
            )));
        }
        open.extend(value.as_object().into_iter().flat_map(|entries| entries.values()));
        open.extend(value.as_array().into_iter().flatten());
    }
    Ok(())
}

fn differs(expression: &str) -> bool {
    let (mut chars, mut in_class) = (expression.chars().peekable(), false);
    while let Some(char) = chars.next() {
        match char {
            '\\' => _ = chars.next(),
            '[' if in_class && chars.peek() == Some(&':') => return true,
            '[' => {
                in_class = true;
                chars.next_if_eq(&'^');
                // At its beginning it ends no class.
                chars.next_if_eq(&']');
            }
            ']' => in_class = false,
            '^' | '$' if !in_class => return true,
            _ => {}
        }
    }
    false
}

/// How many times as long a normalizer may make a text.
const MOST_GROWTH: f64 = 1000.0;

/// How many times as long a normalizer's replacements may make a text: of several, one after another, the product.
fn growth(normalizer: &Value) -> f64 {
    if let Some(all) = normalizer["normalizers"].as_array() {
        return all.iter().map(growth).product();
    }
    let pattern = normalizer["pattern"]["String"].as_str().map_or(1, str::len);
    let content = normalizer["content"].as_str().map_or(0, str::len);
    (content as f64 / pattern.max(1) as f64).max(1.0)
}

/// Checks what the crate takes for granted of a model, and panics without.
fn check_model(model: &Value, kind: ModelKind) -> Result<()> {
    if kind == ModelKind::Unigram {
        let size = model["vocab"].as_array().map_or(0, Vec::len);
        return match model["unk_id"].as_u64() {
            Some(id) if id as usize >= size => Err(Error::bad_tokenizer(format!(
                "tokenizer.json: unk_id is {id}; the vocabulary has {size} tokens"
            ))),
            _ => Ok(()),
        };
    }
    if model["dropout"].as_f64().is_some_and(|dropout| dropout != 0.0) {
        return Err(Error::bad_tokenizer(
            "tokenizer.json: expected a dropout of 0, by which a text always has the same tokens, found another",
        ));
    }
    let Some(vocab) = model["vocab"].as_object() else {
        return Err(Error::bad_tokenizer(
            "tokenizer.json: model.vocab: expected tokens with their ids",
        ));
    };
    let prefix = model["continuing_subword_prefix"].as_str().unwrap_or_default();
    let tokens: HashSet<&str> = vocab.keys().map(String::as_str).collect();
    for merge in model["merges"].as_array().into_iter().flatten() {
        let parts = match merge.as_str() {
            Some(text) => text.split_once(' '),
            None => merge[0].as_str().zip(merge[1].as_str()),
        };
        let joined = parts.and_then(|(first, second)| Some((first, second, second.strip_prefix(prefix)?)));
        let is_known = joined.is_some_and(|(first, second, rest)| {
            let both = tokens.contains(first) && tokens.contains(second);
            both && tokens.contains(format!("{first}{rest}").as_str())
        });
        let is_version = merge.as_str().is_some_and(|text| text.starts_with("#version"));
        if !is_known && !is_version {
            return Err(Error::bad_tokenizer(format!(
                "tokenizer.json: model.merges: expected two tokens that the vocabulary has, and has together; found {merge}"
            )));
        }
    }
    Ok(())
}
