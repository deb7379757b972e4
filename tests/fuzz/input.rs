//! An input of the fuzzer: a checkpoint's files with an adapter's and the options, and the valid ones that it begins with.

use std::{collections::BTreeMap, fs, io, path::Path};

use serde_json::{Value, json};

use crate::random::Random;

pub const CONFIG: &str = "config.json";
pub const TOKENIZER: &str = "tokenizer.json";
pub const TOKENIZER_CONFIG: &str = "tokenizer_config.json";
pub const WEIGHTS: &str = "model.safetensors";
pub const ADAPTER_CONFIG: &str = "adapter_config.json";
pub const ADAPTER: &str = "adapter_model.safetensors";
pub const OPTIONS: &str = "options.json";

/// Files by name. A vocab.txt stands under the name of tokenizer.json.
#[derive(Clone, Default)]
pub struct Input(pub BTreeMap<String, Vec<u8>>);

impl Input {
    pub fn file(&self, name: &str) -> Option<&[u8]> {
        self.0.get(name).map(Vec::as_slice)
    }

    pub fn options(&self) -> Value {
        let options = self.file(OPTIONS).and_then(|bytes| serde_json::from_slice(bytes).ok());
        options.unwrap_or_default()
    }

    pub fn bytes(&self) -> usize {
        self.0.values().map(Vec::len).sum()
    }

    pub fn read(folder: &Path) -> io::Result<Self> {
        let mut files = BTreeMap::new();
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let name = if name == "vocab.txt" {
                TOKENIZER.to_owned()
            } else {
                name
            };
            if entry.file_type()?.is_file() {
                files.insert(name, fs::read(entry.path())?);
            }
        }
        Ok(Self(files))
    }

    pub fn write(&self, folder: &Path) -> io::Result<()> {
        fs::create_dir_all(folder)?;
        self.0
            .iter()
            .try_for_each(|(name, bytes)| fs::write(folder.join(name), bytes))
    }
}

/// Valid inputs of every kind: the references' checkpoints, and a smaller BERT under each of their tokenizers.
pub fn valid(data: &Path) -> io::Result<Vec<(String, Input)>> {
    let mut all = Vec::new();
    for kind in ["checkpoints", "encoders"] {
        for folder in folders(&data.join(kind))? {
            let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let mut input = Input::read(&folder)?;
            for adapter in ["lora", "saved_lora"].map(|name| folder.join(name)) {
                if adapter.is_dir() {
                    input.0.extend(Input::read(&adapter)?.0);
                }
            }
            all.push((name, input));
        }
    }
    for folder in folders(&data.join("tokenizers"))? {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let tokenizer = fs::read(folder.join(TOKENIZER))?;
        let json: Value = serde_json::from_slice(&tokenizer)?;
        let count = |value: &Value| {
            value
                .as_object()
                .map_or_else(|| value.as_array().map_or(0, Vec::len), |map| map.len())
        };
        let size = count(&json["model"]["vocab"]) + count(&json["added_tokens"]);
        let config = fs::read(folder.join(TOKENIZER_CONFIG))?;
        all.push((format!("tokenizer_{name}"), small(size, tokenizer, Some(config))));
    }
    let letters: String = ('a'..='z')
        .flat_map(|letter| [format!("{letter}\n"), format!("##{letter}\n")])
        .collect();
    let vocab = format!("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\n{letters}the\n漢\n字\n.\n,\n");
    let size = vocab.lines().count();
    all.push(("small_vocab".into(), small(size, vocab.into_bytes(), None)));
    Ok(all)
}

fn folders(path: &Path) -> io::Result<Vec<std::path::PathBuf>> {
    let entries: io::Result<Vec<_>> = fs::read_dir(path)?.collect();
    let mut folders: Vec<_> = entries?
        .into_iter()
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    Ok(folders)
}

/// A BERT of one layer and width 8 with three labels.
fn small(vocab: usize, tokenizer: Vec<u8>, tokenizer_config: Option<Vec<u8>>) -> Input {
    let config = json!({
        "architectures": ["BertForSequenceClassification"], "model_type": "bert", "vocab_size": vocab,
        "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 8,
        "max_position_embeddings": 32, "type_vocab_size": 2, "hidden_act": "gelu",
        "id2label": { "0": "a", "1": "b", "2": "c" },
    });
    let mut shapes = vec![
        ("embeddings.word_embeddings.weight", vec![vocab, 8]),
        ("embeddings.position_embeddings.weight", vec![32, 8]),
        ("embeddings.token_type_embeddings.weight", vec![2, 8]),
        ("pooler.dense.weight", vec![8, 8]),
        ("pooler.dense.bias", vec![8]),
        ("embeddings.LayerNorm.weight", vec![8]),
        ("embeddings.LayerNorm.bias", vec![8]),
    ];
    for dense in [
        "attention.self.query",
        "attention.self.key",
        "attention.self.value",
        "attention.output.dense",
        "intermediate.dense",
        "output.dense",
    ] {
        shapes.push((
            Box::leak(format!("encoder.layer.0.{dense}.weight").into_boxed_str()),
            vec![8, 8],
        ));
        shapes.push((
            Box::leak(format!("encoder.layer.0.{dense}.bias").into_boxed_str()),
            vec![8],
        ));
    }
    for norm in ["attention.output", "output"] {
        shapes.push((
            Box::leak(format!("encoder.layer.0.{norm}.LayerNorm.weight").into_boxed_str()),
            vec![8],
        ));
        shapes.push((
            Box::leak(format!("encoder.layer.0.{norm}.LayerNorm.bias").into_boxed_str()),
            vec![8],
        ));
    }
    let mut named: Vec<(String, Vec<usize>)> = shapes
        .into_iter()
        .map(|(name, shape)| (format!("bert.{name}"), shape))
        .collect();
    named.push(("classifier.weight".into(), vec![3, 8]));
    named.push(("classifier.bias".into(), vec![3]));
    let mut random = Random(7);
    let (mut header, mut data) = (serde_json::Map::new(), Vec::new());
    for (name, shape) in named {
        let count: usize = shape.iter().product();
        let start = data.len();
        data.extend((0..count).flat_map(|_| (random.float() * 0.3).to_le_bytes()));
        header.insert(
            name,
            json!({ "dtype": "F32", "shape": shape, "data_offsets": [start, data.len()] }),
        );
    }
    let mut input = Input::default();
    input.0.insert(CONFIG.into(), config.to_string().into_bytes());
    input.0.insert(TOKENIZER.into(), tokenizer);
    input
        .0
        .insert(WEIGHTS.into(), safetensors(&Value::Object(header).to_string(), &data));
    input
        .0
        .extend(tokenizer_config.map(|config| (TOKENIZER_CONFIG.into(), config)));
    input
}

/// A file of a header and data.
pub fn safetensors(header: &str, data: &[u8]) -> Vec<u8> {
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), data].concat()
}
