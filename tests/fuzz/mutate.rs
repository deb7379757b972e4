//! Changes to a valid input that know its structure: values and keys of its JSON, names, shapes and numbers of its tensors,
//! lines of its vocabulary; now and then single bytes.

use serde_json::{Value, json};

use crate::{
    input::{ADAPTER, ADAPTER_CONFIG, CONFIG, Input, OPTIONS, TOKENIZER, TOKENIZER_CONFIG, WEIGHTS, safetensors},
    random::Random,
};

/// Texts that are odd for some part.
const TEXTS: [&str; 36] = [
    "",
    " ",
    "\0",
    "\u{301}",
    "\u{feff}",
    "\u{200d}",
    "\u{fffd}",
    "a",
    "A",
    "B",
    "##",
    "##a",
    "▁",
    "Ġ",
    "[CLS]",
    "[SEP]",
    "[MASK]",
    "[UNK]",
    "<s>",
    "</s>",
    "漢",
    "e\u{301}",
    "😀",
    "bert",
    "roberta",
    "Sequence",
    "TemplateProcessing",
    "ByteLevel",
    "BertNormalizer",
    "Precompiled",
    "WordPiece",
    "BPE",
    "Unigram",
    "(a+)+$",
    "İ",
    "ﷺ",
];
/// Keys that some file has.
const KEYS: [&str; 30] = [
    "type",
    "id",
    "content",
    "normalized",
    "special",
    "lstrip",
    "rstrip",
    "single_word",
    "vocab",
    "merges",
    "unk_token",
    "unk_id",
    "continuing_subword_prefix",
    "end_of_word_suffix",
    "max_input_chars_per_word",
    "byte_fallback",
    "dropout",
    "processors",
    "normalizers",
    "pretokenizers",
    "single",
    "pair",
    "special_tokens",
    "pattern",
    "Regex",
    "String",
    "replacement",
    "prepend_scheme",
    "fuse_unk",
    "ignore_merges",
];
const NUMBERS: [f32; 14] = [
    0.0,
    -0.0,
    1.0,
    1e-45,
    1e-38,
    1e4,
    1e10,
    1e20,
    1e30,
    3.4e38,
    -3.4e38,
    f32::NAN,
    f32::INFINITY,
    65504.0,
];

/// Changes one or two files of an input.
pub fn mutate(input: &mut Input, random: &mut Random) {
    input.0.insert(OPTIONS.into(), options(random).to_string().into_bytes());
    for _ in 0..1 + random.below(2) {
        let weighted = [
            TOKENIZER,
            TOKENIZER,
            TOKENIZER,
            WEIGHTS,
            WEIGHTS,
            CONFIG,
            CONFIG,
            TOKENIZER_CONFIG,
            ADAPTER,
            ADAPTER_CONFIG,
        ];
        let name = *random.choose(&weighted);
        let Some(bytes) = input.0.get(name).cloned() else {
            continue;
        };
        let changed = match name {
            WEIGHTS | ADAPTER => tensors(&bytes, random),
            _ => text(&bytes, random),
        };
        input.0.insert(name.into(), changed);
    }
}

fn options(random: &mut Random) -> Value {
    let labels = [
        json!(null),
        json!(null),
        json!(["a", "b"]),
        json!(["x"]),
        json!(["x", "y", "z"]),
    ];
    json!({
        "pooling": random.choose(&[json!(null), json!("pooler"), json!("cls"), json!("mean"), json!("max")]),
        "labels": random.choose(&labels),
        "problemType": random.choose(&[json!(null), json!(null), json!("multi_label_classification")]),
        "maxLength": random.choose(&[json!(3), json!(4), json!(8), json!(8), json!(8), json!(8), json!(16), json!(null)]),
        "maskedLm": random.one_in(4),
        "method": random.choose(&["full", "full", "lora", "head", "bitfit", "prompt", "prefix", "adapter", "adalora"]),
        "seed": 1,
    })
}

fn text(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let parsed: Option<Value> = serde_json::from_slice(bytes)
        .ok()
        .filter(|value: &Value| value.is_object());
    if random.one_in(12) {
        return raw(bytes.to_vec(), random);
    }
    match parsed {
        Some(mut json) => {
            for _ in 0..1 + random.below(3) {
                change(&mut json, random);
            }
            json.to_string().into_bytes()
        }
        None => lines(&String::from_utf8_lossy(bytes), random).into_bytes(),
    }
}

fn raw(mut bytes: Vec<u8>, random: &mut Random) -> Vec<u8> {
    for _ in 0..1 + random.below(3) {
        let at = random.below(bytes.len());
        match random.below(5) {
            0 => bytes.truncate(at),
            1 if !bytes.is_empty() => bytes[at] = random.next() as u8,
            2 if !bytes.is_empty() => bytes[at] ^= 1 << random.below(8),
            3 => bytes.insert(at, *random.choose(b"{}[],:\"0\\ \xff")),
            _ => {
                let end = (at + random.below(64)).min(bytes.len());
                let part = bytes[at..end].to_vec();
                bytes.splice(at..at, part);
            }
        }
    }
    bytes
}

fn lines(text: &str, random: &mut Random) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for _ in 0..1 + random.below(4) {
        let (at, other) = (random.below(lines.len()), random.below(lines.len()));
        match random.below(6) {
            0 if !lines.is_empty() => drop(lines.remove(at)),
            1 if !lines.is_empty() => lines[at] = string(random),
            2 if !lines.is_empty() => lines[at] = lines[other].clone(),
            3 if !lines.is_empty() => lines.swap(at, other),
            4 => lines.insert(at, String::new()),
            _ => lines.push(string(random)),
        }
    }
    lines.join(*random.choose(&["\n", "\n", "\r\n"]))
}

fn string(random: &mut Random) -> String {
    match random.below(8) {
        0 => random.choose(&TEXTS).repeat(1 + random.below(300)),
        1 => format!("{}{}", random.choose(&TEXTS), random.choose(&TEXTS)),
        _ => (*random.choose(&TEXTS)).to_owned(),
    }
}

fn value(random: &mut Random) -> Value {
    match random.below(9) {
        0 => Value::Null,
        1 => random.one_in(2).into(),
        2 | 3 => random
            .choose(&[
                json!(0),
                json!(1),
                json!(2),
                json!(4),
                json!(-1),
                json!(100),
                json!(1_000_000),
                json!(1u64 << 31),
                json!(u32::MAX),
                json!(1u64 << 32),
                json!(u64::MAX),
                json!(1e308),
                json!(0.5),
                json!(1e-300),
                json!(3.7),
            ])
            .clone(),
        4 => json!([]),
        5 => json!({}),
        6 => json!({ *random.choose(&KEYS): string(random) }),
        _ => string(random).into(),
    }
}

/// Changes one place of a JSON value.
fn change(root: &mut Value, random: &mut Random) {
    let other = place(root, random).clone();
    let node = place(root, random);
    match (random.below(8), node) {
        (0, node) => *node = value(random),
        (1, node) => *node = other,
        (2, Value::Array(list)) if !list.is_empty() => {
            let copy = random.choose(list).clone();
            list.extend(std::iter::repeat_n(copy, 1 + random.below(40)));
        }
        (3, Value::Array(list)) if !list.is_empty() => drop(list.remove(random.below(list.len()))),
        (3, Value::Object(map)) if !map.is_empty() => {
            let key = map.keys().nth(random.below(map.len())).cloned().unwrap_or_default();
            map.remove(&key);
        }
        (4, Value::Object(map)) => drop(map.insert((*random.choose(&KEYS)).into(), value(random))),
        (4, Value::Array(list)) => list.push(value(random)),
        (5, Value::Object(map)) if !map.is_empty() => {
            let key = map.keys().nth(random.below(map.len())).cloned().unwrap_or_default();
            let moved = map.remove(&key).unwrap_or_default();
            map.insert(string(random), moved);
        }
        (6, node @ Value::Object(_)) => {
            let list = *random.choose(&["processors", "normalizers", "pretokenizers", "decoders"]);
            let copies = vec![node.clone(); 1 + random.below(3)];
            *node = json!({ "type": "Sequence", list: copies });
        }
        (7, Value::Number(number)) => {
            let near = number.as_i64().unwrap_or(0).saturating_add(random.below(5) as i64 - 2);
            *node_number(number) = near.into();
        }
        (_, node) => *node = value(random),
    }
}

fn node_number(number: &mut serde_json::Number) -> &mut serde_json::Number {
    number
}

/// A place of a JSON value: its large tables no oftener than the rest.
fn place<'a>(root: &'a mut Value, random: &mut Random) -> &'a mut Value {
    let mut at = root;
    loop {
        let count = match at {
            Value::Array(list) => list.len(),
            Value::Object(map) => map.len(),
            _ => 0,
        };
        if count == 0 || random.one_in(5) {
            return at;
        }
        let chosen = random.below(count);
        at = match at {
            Value::Array(list) => &mut list[chosen],
            Value::Object(map) => map.values_mut().nth(chosen).expect("a value"),
            _ => unreachable!("it has parts"),
        };
    }
}

fn tensors(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let header = bytes.split_first_chunk().and_then(|(length, rest)| {
        let length = u64::from_le_bytes(*length) as usize;
        Some((rest.get(..length)?, rest.get(length..)?))
    });
    let Some((header, data)) = header else {
        return raw(bytes.to_vec(), random);
    };
    let Ok(mut json) = serde_json::from_slice::<Value>(header) else {
        return raw(bytes.to_vec(), random);
    };
    let mut data = data.to_vec();
    match random.below(8) {
        0 => raw(bytes.to_vec(), random),
        1 => {
            let tensor = json.to_string();
            // A header that an earlier change made no object has no tensors.
            let inside = tensor.get(1..tensor.len().saturating_sub(1)).unwrap_or_default();
            let double = tensor.replacen('{', &format!("{{{inside},"), 1);
            safetensors(&double, &data)
        }
        2 => {
            change(&mut json, random);
            safetensors(&json.to_string(), &data)
        }
        3 => {
            // A name with another in its place.
            let names: Vec<String> = json
                .as_object()
                .map(|map| map.keys().cloned().collect())
                .unwrap_or_default();
            let (one, other) = (random.below(names.len()), random.below(names.len()));
            if let (Some(one), Some(other)) = (names.get(one), names.get(other)) {
                let taken = json[one].take();
                json[one] = json[other].take();
                json[other] = taken;
            }
            safetensors(&json.to_string(), &data)
        }
        4 => {
            // All numbers.
            let number = *random.choose(&NUMBERS);
            data.chunks_exact_mut(4)
                .for_each(|bytes| bytes.copy_from_slice(&number.to_le_bytes()));
            safetensors(&json.to_string(), &data)
        }
        5 => {
            // All numbers of a tensor, or all numbers times one.
            let factor = *random.choose(&NUMBERS);
            let entry = json
                .as_object()
                .and_then(|map| map.values().nth(random.below(map.len())));
            let ends =
                entry.and_then(|entry| Some([entry["data_offsets"][0].as_u64()?, entry["data_offsets"][1].as_u64()?]));
            let [start, end] = ends
                .unwrap_or([0, data.len() as u64])
                .map(|end| (end as usize).min(data.len()));
            for bytes in data[start.min(end)..end].as_chunks_mut::<4>().0 {
                *bytes = (f32::from_le_bytes(*bytes) * factor).to_le_bytes();
            }
            safetensors(&json.to_string(), &data)
        }
        _ => {
            for _ in 0..1 + random.below(8) {
                let at = 4 * random.below(data.len() / 4);
                let number = random.choose(&NUMBERS).to_le_bytes();
                if let Some(bytes) = data.get_mut(at..at + 4) {
                    bytes.copy_from_slice(&number);
                }
            }
            safetensors(&json.to_string(), &data)
        }
    }
}
