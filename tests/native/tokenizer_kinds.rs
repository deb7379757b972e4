//! Tokenizers of other kinds than BERT's against transformers: byte-level BPE, Unigram, and MPNet's WordPiece.

use bertlet::text::{TokenKind, Tokenizer, is_beyond_word_piece, read_tokenizer};
use serde_json::{Value, json};

use crate::fixtures::{Reference, bytes, data, json as reference, strings};

const KINDS: [&str; 5] = ["roberta", "xlm_roberta", "camembert", "plain_unigram", "mpnet"];

pub fn file(name: &str) -> Value {
    reference(&format!("tokenizers/{name}/tokenizer.json"))
}

pub fn config(name: &str) -> Value {
    reference(&format!("tokenizers/{name}/tokenizer_config.json"))
}

pub fn read(name: &str, json: &Value, config: &Value, max_length: usize) -> bertlet::Result<Box<dyn Tokenizer>> {
    let size = reference(&format!("tokenizers/{name}/about.json"))["vocab_size"]
        .as_u64()
        .expect("a size");
    read_tokenizer(
        json.to_string().as_bytes(),
        Some(&config.to_string()),
        size as usize,
        max_length,
    )
}

pub fn own(name: &str, max_length: usize) -> Box<dyn Tokenizer> {
    read(name, &file(name), &config(name), max_length).expect("the tokenizer")
}

fn texts() -> Vec<String> {
    let mut texts = strings(&reference("tokens/strings.json"));
    texts.extend(strings(&reference("tokenizers/other_texts.json")));
    texts
}

pub fn hold_strings(name: &str, tokenizer: &dyn Tokenizer) {
    let strings = Reference::open(&format!("tokenizers/{name}/strings.safetensors"));
    let (ids, lengths, texts) = (strings.integers("input_ids"), strings.integers("lengths"), texts());
    assert!(texts.len() > 2_200 && lengths.len() == texts.len());
    let mut start = 0;
    for (text, length) in texts.iter().zip(lengths) {
        let expected = &ids[start..start + length as usize];
        let row = tokenizer.encode(text).expect("any text has tokens");
        assert_eq!(row.input_ids, expected, "{name}: {text:?}");
        assert_eq!(row.token_type_ids, vec![0; expected.len()]);
        start += length as usize;
    }
}

pub fn length(name: &str, key: &str) -> usize {
    reference(&format!("tokenizers/{name}/about.json"))[key]
        .as_u64()
        .expect("a length") as usize
}

#[test]
fn ids_of_every_string_equal_transformers() {
    for name in KINDS {
        hold_strings(name, own(name, length(name, "max_length")).as_ref());
    }
}

#[test]
fn a_saved_tokenizer_gives_the_same_ids() {
    for name in KINDS {
        let max_length = length(name, "max_length");
        let tokenizer = own(name, max_length);
        let json = serde_json::from_str(&tokenizer.to_json().expect("a file")).expect("JSON");
        let saved: Value = serde_json::from_str(&tokenizer.to_config_json().expect("a file")).expect("JSON");
        let class = config(name)["tokenizer_class"]
            .as_str()
            .expect("a class")
            .replace("Fast", "");
        let found = saved["tokenizer_class"].as_str().expect("a class");
        assert_eq!(found.replace("Fast", ""), class);
        hold_strings(
            name,
            read(name, &json, &saved, max_length)
                .expect("the saved tokenizer")
                .as_ref(),
        );
    }
}

#[test]
fn pairs_have_no_segments_and_are_cut_as_transformers_does() {
    let pairs = reference("model_selection/pairs.json");
    for name in KINDS {
        let about = reference(&format!("tokenizers/{name}/about.json"));
        let tokenizer = own(name, length(name, "pair_length"));
        let rows = about["pairs"].as_array().expect("ids");
        assert_eq!(rows.len(), 60);
        for (pair, ids) in pairs["pairs"].as_array().expect("pairs").iter().zip(rows) {
            let [first, second] = strings(pair).try_into().expect("two texts");
            let row = tokenizer.encode_pair(&first, &second).expect("tokens");
            assert_eq!(json!(row.input_ids), *ids, "{name}: {first:?} {second:?}");
            assert!(row.token_type_ids.iter().all(|&segment| segment == 0), "{name}");
        }
    }
}

#[test]
fn decoding_and_special_ids_equal_transformers() {
    for name in KINDS {
        let about = reference(&format!("tokenizers/{name}/about.json"));
        let tokenizer = own(name, 48);
        for case in about["decoded"].as_array().expect("cases") {
            let ids: Vec<u32> = serde_json::from_value(case["input_ids"].clone()).expect("ids");
            assert_eq!(
                json!(tokenizer.decode(&ids, false).expect("text")),
                case["text"],
                "{name}"
            );
            assert_eq!(
                json!(tokenizer.decode(&ids, true).expect("text")),
                case["without_special"],
                "{name}"
            );
        }
        let special = tokenizer.special();
        let found = json!({ "pad": special.pad, "mask": special.mask, "unknown": special.unknown });
        // transformers names one for BPE too, which has a token for every byte.
        let mut expected = about["special"].clone();
        if name == "roberta" {
            expected["unknown"] = Value::Null;
        }
        assert_eq!(found, expected, "{name}");
        assert_eq!(special.mask_token, "<mask>");
    }
}

#[test]
fn settings_of_tokenizer_config_go_before_tokenizer_json() {
    let texts = strings(&reference("tokenizers/other_texts.json"));
    for name in ["roberta", "mpnet"] {
        for case in reference(&format!("tokenizers/{name}/about.json"))["otherwise"]
            .as_array()
            .expect("cases")
        {
            let mut config = config(name);
            for (key, value) in case["tokenizer_config"].as_object().expect("changes") {
                config[key] = value.clone();
            }
            let tokenizer = read(name, &file(name), &config, 100_000).expect("the tokenizer");
            let ids: Vec<_> = texts
                .iter()
                .map(|text| tokenizer.encode(text).expect("ids").input_ids)
                .collect();
            let expected = case["input_ids"].as_array().expect("ids");
            for ((text, ids), expected) in texts.iter().zip(ids).zip(expected) {
                assert_eq!(json!(ids), *expected, "{name} {}: {text:?}", case["tokenizer_config"]);
            }
        }
    }
}

#[test]
fn a_vocabulary_with_merges_is_the_class_s_tokenizer() {
    let text = |file: &str| String::from_utf8(bytes(&data("tokenizers/roberta").join(file))).expect("text");
    let vocab: Value = serde_json::from_str(&text("vocab.json")).expect("JSON");
    let merges: Vec<String> = text("merges.txt").lines().map(str::to_owned).collect();
    let json = json!({ "model": { "type": "BPE", "vocab": vocab, "merges": merges } });
    let max_length = length("roberta", "max_length");
    for config in [config("roberta"), json!({})] {
        hold_strings(
            "roberta",
            read("roberta", &json, &config, max_length)
                .expect("the tokenizer")
                .as_ref(),
        );
    }
}

#[test]
fn a_long_text_is_cut_as_if_read_whole() {
    let parts = [
        "the cat sat. ",
        "x",
        "日本語",
        " <mask>",
        "   ",
        "\n \t",
        "e\u{301} ﬁ ",
        "▁ a",
        "\r\n",
    ];
    for name in KINDS {
        let (all, short) = (own(name, 100_000_000), own(name, 16));
        let mixed = parts.concat();
        for text in parts.into_iter().chain([mixed.as_str()]) {
            let text = text.repeat(1_000);
            let whole = all.encode(&text).expect("tokens").input_ids;
            let row = short.encode(&text).expect("tokens");
            let kept = (whole.len() - 1).min(15);
            assert_eq!(row.input_ids[..kept], whole[..kept], "{name}: {:?}", &text[..12]);
            assert_eq!(row.truncated, whole.len() > 16, "{name}: {:?}", &text[..12]);
            let pair = short.encode_pair(&text, "late").expect("tokens");
            let same = 4.min(whole.len() - 1);
            assert_eq!(pair.input_ids[..same], whole[..same], "{name}: {:?}", &text[..12]);
        }
    }
}

#[test]
fn a_long_text_of_words_costs_little_more_than_its_first_tokens() {
    for name in KINDS {
        let tokenizer = own(name, 16);
        let text = "the parcel is late ".repeat(500_000);
        let since = std::time::Instant::now();
        for _ in 0..20 {
            tokenizer.encode(&text).expect("tokens");
        }
        // Read whole, one takes seconds.
        assert!(since.elapsed().as_secs_f64() < 2.0, "{name}: {:?}", since.elapsed());
    }
}

#[test]
fn words_begin_where_a_space_was() {
    for (name, text) in [
        ("roberta", "the the, unbelievable"),
        ("xlm_roberta", "the the, unbelievable"),
    ] {
        let tokenizer = own(name, 48);
        let kinds = tokenizer.kinds().expect("kinds");
        let row = tokenizer.encode(text).expect("tokens");
        let found: Vec<TokenKind> = row.input_ids.iter().map(|&id| kinds.of(id)).collect();
        let starts = found.iter().filter(|&&kind| kind == TokenKind::Start).count();
        // Without a space before it, RoBERTa's first word has no mark, and is told by its place.
        assert_eq!(starts, if name == "roberta" { 2 } else { 3 }, "{name}: {found:?}");
        assert_eq!(
            (found[0], found[found.len() - 1]),
            (TokenKind::Special, TokenKind::Special)
        );
        assert!(found.contains(&TokenKind::Continuation));
    }
}

#[test]
fn the_kind_is_told_without_reading_the_file_as_a_whole() {
    for name in KINDS {
        let text = bytes(&data("tokenizers").join(name).join("tokenizer.json"));
        assert_eq!(is_beyond_word_piece(&text), name != "mpnet", "{name}");
        let mut json = file(name);
        json["model"].as_object_mut().expect("a model").remove("type");
        assert_eq!(
            is_beyond_word_piece(json.to_string().as_bytes()),
            name != "mpnet",
            "{name}"
        );
        let untyped = read(name, &json, &config(name), 48).expect("a tokenizer");
        let text = "the parcel is late";
        assert_eq!(
            untyped.encode(text).expect("ids"),
            own(name, 48).encode(text).expect("ids")
        );
    }
    for text in [
        "",
        "[PAD]\n[UNK]",
        "{}",
        "{\"model\": 3}",
        "{\"model\": {\"type\": \"WordLevel\"}}",
        "[1]",
    ] {
        assert!(!is_beyond_word_piece(text.as_bytes()), "{text}");
    }
}

#[test]
fn a_class_that_is_not_known_is_refused_by_name() {
    for (name, class) in [
        ("roberta", "GPT2Tokenizer"),
        ("xlm_roberta", "AlbertTokenizerFast"),
        ("roberta", "BertTokenizer"),
        ("mpnet", "RobertaTokenizer"),
        ("xlm_roberta", "RobertaTokenizerFast"),
    ] {
        let refused = read(name, &file(name), &json!({ "tokenizer_class": class }), 48)
            .err()
            .expect("a refusal");
        assert_eq!(refused.code(), "bad-tokenizer");
        assert!(refused.to_string().contains(class), "{refused}");
    }
    let spelled_out = json!({ "tokenizer_class": "RobertaTokenizer", "split_special_tokens": true });
    let refused = read("roberta", &file("roberta"), &spelled_out, 48)
        .err()
        .expect("a refusal");
    assert!(refused.to_string().contains("split_special_tokens"), "{refused}");
}

#[test]
fn expressions_that_python_reads_otherwise_are_refused() {
    let with = |expression: &str| {
        let mut json = file("roberta");
        let replace = json!({ "type": "Replace", "pattern": { "Regex": expression }, "content": " " });
        json["normalizer"] = json!({ "type": "Sequence", "normalizers": [replace] });
        let config = json!({ "tokenizer_class": "PreTrainedTokenizerFast" });
        read("roberta", &json, &config, 48).err().map(|error| error.to_string())
    };
    for other in ["^a", "a$", "(^|b)c", "[[:punct:]]", "[^a[:alpha:]]", r"\\$"] {
        let refused = with(other).unwrap_or_else(|| panic!("{other} was read"));
        assert!(refused.contains("without ^"), "{refused}");
    }
    for same in [
        " {2,}",
        r"\^",
        r"\$\d",
        "[^a]",
        "[$^]",
        "[]^]x",
        r"(?i:'s|'t)|[^\r\n\p{L}\p{N}]?\p{L}+",
    ] {
        assert_eq!(with(same), None, "{same}");
    }
}

#[test]
fn a_broken_tokenizer_is_refused() {
    let break_it = |name: &str, change: &dyn Fn(&mut Value)| {
        let mut json = file(name);
        change(&mut json);
        // As it is, whatever the class would make of it.
        let config = json!({ "tokenizer_class": "PreTrainedTokenizerFast" });
        let refused = read(name, &json, &config, 48).err().map(|error| error.code());
        assert_eq!(
            refused,
            Some("bad-tokenizer"),
            "{name}: {:.200}",
            json["model"]["merges"].to_string()
        );
    };
    for merge in [
        json!("a"),
        json!("aa bb"),
        json!(["Ġ", "nothing"]),
        json!(7),
        json!(["a", "xyzxyzxyzxyzxyzxyz"]),
    ] {
        break_it("roberta", &|json| json["model"]["merges"][0] = merge.clone());
    }
    break_it("roberta", &|json| {
        json["model"]["continuing_subword_prefix"] = json!("##")
    });
    break_it("roberta", &|json| json["model"]["dropout"] = json!(0.5));
    break_it("roberta", &|json| json["model"]["vocab"] = json!([]));
    break_it("roberta", &|json| json["model"]["vocab"] = json!({}));
    break_it("roberta", &|json| json["model"]["vocab"]["<mask>"] = json!(70_000));
    break_it("roberta", &|json| {
        json["pre_tokenizer"] = json!({ "type": "Split", "pattern": { "Regex": "(" } })
    });
    break_it("roberta", &|json| json["pre_tokenizer"] = json!({ "type": "Nothing" }));
    break_it("roberta", &|json| json["padding"] = json!("x".repeat(3 << 20)));
    let token = |id: usize| json!({ "id": "<s>", "ids": [id], "tokens": ["<s>"] });
    let tokens: serde_json::Map<_, _> = (0..100).map(|at| (format!("t{at}"), token(at))).collect();
    break_it("roberta", &|json| {
        json["post_processor"]["special_tokens"] = json!(tokens)
    });
    let doubled = json!({ "type": "Replace", "pattern": { "String": "a" }, "content": "aa" });
    let bomb = json!({ "type": "Sequence", "normalizers": vec![doubled; 40] });
    break_it("roberta", &|json| json["normalizer"] = bomb.clone());
    for name in ["xlm_roberta", "plain_unigram"] {
        break_it(name, &|json| json["model"]["unk_id"] = json!(100_000));
        break_it(name, &|json| json["model"]["vocab"] = json!([]));
        break_it(name, &|json| json["model"]["vocab"][3] = json!(["<unk>"]));
        break_it(name, &|json| {
            json["normalizer"] = json!({ "type": "Precompiled", "precompiled_charsmap": "AAAA" })
        });
        break_it(name, &|json| {
            json["normalizer"] = json!({ "type": "Precompiled", "precompiled_charsmap": "?" })
        });
    }
}
