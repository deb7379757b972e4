//! transformers' classes of tokenizers: their special tokens, and what they make anew whatever `tokenizer.json` says.

use serde_json::{Value, json};
use tokenizers::AddedToken;

use super::model_kind::{ModelKind, id_of};
use crate::{Error, Result};

/// A class by what it does. Classes of renamed and distilled BERTs are BERT's in all but the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Bert,
    DistilBert,
    MpNet,
    Roberta,
    XlmRoberta,
    Camembert,
    /// Reads `tokenizer.json` as it is.
    Generic,
}

/// BERT's under all of its names.
const BERTS: [&str; 9] = [
    "BertTokenizer",
    "ElectraTokenizer",
    "MobileBertTokenizer",
    "SqueezeBertTokenizer",
    "LayoutLMTokenizer",
    "ConvBertTokenizer",
    "LxmertTokenizer",
    "DPRContextEncoderTokenizer",
    "DPRQuestionEncoderTokenizer",
];
/// Parts of the names of classes that split words, or mark texts, by what we lack.
const OTHERS: [&str; 16] = [
    "Japanese",
    "Jumanpp",
    "Mecab",
    "Bertweet",
    "Tweet",
    "Phobert",
    "RoCBert",
    "RoFormer",
    "Funnel",
    "Tapas",
    "Canine",
    "Luke",
    "Herbert",
    "LayoutLMv",
    "Splinter",
    "ProphetNet",
];

/// Under the second name transformers 5 saves the first.
const GENERIC: [&str; 2] = ["PreTrainedTokenizerFast", "TokenizersBackend"];

impl Class {
    /// The class of `tokenizer_config.json`; where it names none, that of the kind's usual model. A name that transformers does
    /// not know reads a `tokenizer.json` as it is, and a vocabulary alone (`of_lines`) not at all: as there.
    ///
    /// # Errors
    /// `bad-tokenizer`, with the name of a class that splits words by what we lack.
    pub fn of(config: &Value, kind: ModelKind, of_lines: bool) -> Result<Self> {
        let Some(name) = config["tokenizer_class"].as_str() else {
            check_words(config, "BertTokenizer")?;
            return Ok(match kind {
                ModelKind::WordPiece => Self::Bert,
                ModelKind::Bpe => Self::Roberta,
                ModelKind::Unigram => Self::XlmRoberta,
            });
        };
        if GENERIC.contains(&name) {
            return Ok(Self::Generic);
        }
        let (class, own) = match name.strip_suffix("Fast").unwrap_or(name) {
            "RobertaTokenizer" => (Self::Roberta, ModelKind::Bpe),
            "XLMRobertaTokenizer" => (Self::XlmRoberta, ModelKind::Unigram),
            "CamembertTokenizer" => (Self::Camembert, ModelKind::Unigram),
            "MPNetTokenizer" => (Self::MpNet, ModelKind::WordPiece),
            "DistilBertTokenizer" | "DPRReaderTokenizer" => (Self::DistilBert, ModelKind::WordPiece),
            name if BERTS.contains(&name) => (Self::Bert, ModelKind::WordPiece),
            _ if kind == ModelKind::WordPiece && !of_lines => (Self::Generic, kind),
            _ if kind == ModelKind::WordPiece => {
                check_words(config, name)?;
                return Err(Error::bad_tokenizer(format!(
                    "tokenizer_config.json: expected a class of transformers that reads a vocab.txt, such as \
                     BertTokenizer, found {name}"
                )));
            }
            _ => {
                return Err(Error::bad_tokenizer(format!(
                    "tokenizer_config.json: expected RobertaTokenizer, XLMRobertaTokenizer, CamembertTokenizer or \
                     PreTrainedTokenizerFast for a tokenizer of kind {}, found {name}",
                    kind.name()
                )));
            }
        };
        if own != kind {
            return Err(Error::bad_tokenizer(format!(
                "tokenizer.json is of kind {}; {name}'s is {}",
                kind.name(),
                own.name()
            )));
        }
        check_words(config, name)?;
        Ok(class)
    }

    /// The name in a saved `tokenizer_config.json`.
    pub fn saved_name(self) -> &'static str {
        match self {
            Self::Bert => "BertTokenizer",
            Self::DistilBert => "DistilBertTokenizer",
            Self::MpNet => "MPNetTokenizer",
            Self::Roberta => "RobertaTokenizer",
            Self::XlmRoberta => "XLMRobertaTokenizer",
            Self::Camembert => "CamembertTokenizer",
            // BERT's would make the file anew when it is read again.
            Self::Generic => GENERIC[0],
        }
    }

    /// Whether a model is told which of two texts a token is of: `model_input_names` of the configuration or the class.
    pub fn has_segments(self, config: &Value) -> bool {
        match config["model_input_names"].as_array() {
            Some(names) => names.iter().any(|name| name == "token_type_ids"),
            None => self == Self::Bert,
        }
    }

    /// `tokenizer.json` as a class of kind WordPiece makes it anew: normalizer, pre-tokenizer, decoder and special tokens, with the
    /// settings of `tokenizer_config.json`.
    pub fn apply(self, mut json: Value, config: &Value) -> Value {
        let flag = |name: &str, otherwise: bool| json!(config[name].as_bool().unwrap_or(otherwise));
        match self {
            Self::Bert | Self::DistilBert | Self::MpNet => {
                json["normalizer"] = json!({
                    "type": "BertNormalizer", "clean_text": true, "lowercase": flag("do_lower_case", true),
                    "handle_chinese_chars": flag("tokenize_chinese_chars", true),
                    "strip_accents": config["strip_accents"].as_bool(),
                });
                json["pre_tokenizer"] = json!({ "type": "BertPreTokenizer" });
                json["decoder"] = json!({ "type": "WordPiece", "prefix": "##", "cleanup": true });
                json["model"]["continuing_subword_prefix"] = json!("##");
                json["model"]["max_input_chars_per_word"] = json!(100);
                let unk = self.token(Role::Unk, config, &json).content;
                if id_of(&json, &unk).is_some() {
                    json["model"]["unk_token"] = json!(unk);
                }
                json["post_processor"] = Value::Null;
            }
            Self::Generic | Self::Roberta | Self::XlmRoberta | Self::Camembert => return json,
        }
        self.frame(&mut json, config);
        json
    }

    /// Puts the class's special tokens around a text, where the vocabulary has them.
    pub fn frame(self, json: &mut Value, config: &Value) {
        let [cls, sep] = [Role::Cls, Role::Sep].map(|role| self.token(role, config, json).content);
        if let (Some(cls_id), Some(sep_id)) = (id_of(json, &cls), id_of(json, &sep)) {
            json["post_processor"] = self.special_tokens((&cls, cls_id), (&sep, sep_id));
        }
    }

    /// BERT's post-processor: [CLS] A [SEP], and of a pair [CLS] A [SEP] B [SEP]; MPNet's and RoBERTa's: <s> A </s> </s> B </s>.
    pub fn special_tokens(self, cls: (&str, u64), sep: (&str, u64)) -> Value {
        if matches!(self, Self::Roberta | Self::MpNet) {
            return json!({
                "type": "RobertaProcessing", "sep": sep, "cls": cls, "trim_offsets": true, "add_prefix_space": false,
            });
        }
        let special = |(id, _): (&str, u64), type_id: u8| json!({ "SpecialToken": { "id": id, "type_id": type_id } });
        let sequence = |id: &str, type_id: u8| json!({ "Sequence": { "id": id, "type_id": type_id } });
        let token = |(name, id): (&str, u64)| json!({ "id": name, "ids": [id], "tokens": [name] });
        json!({
            "type": "TemplateProcessing",
            "single": [special(cls, 0), sequence("A", 0), special(sep, 0)],
            "pair": [special(cls, 0), sequence("A", 0), special(sep, 0), sequence("B", 1), special(sep, 1)],
            "special_tokens": { (cls.0): token(cls), (sep.0): token(sep) },
        })
    }

    /// A special token: as `tokenizer_config.json` names it, by its text or as an object, else the class's own.
    pub fn token(self, role: Role, config: &Value, json: &Value) -> AddedToken {
        let named = &config[role.key()];
        let [bert, roberta] = role.names();
        let usual = match self {
            Self::Bert | Self::DistilBert => bert,
            Self::MpNet if role == Role::Unk => bert,
            Self::Generic if id_of(json, bert).is_some() || id_of(json, roberta).is_none() => bert,
            _ => roberta,
        };
        // The mask takes the space before it, as a word does.
        let takes_space = role == Role::Mask && !matches!(self, Self::Bert | Self::DistilBert | Self::Generic);
        let flag = |name: &str, otherwise: bool| named[name].as_bool().unwrap_or(otherwise);
        AddedToken::from(content(named).unwrap_or(usual), true)
            .lstrip(flag("lstrip", takes_space))
            .rstrip(flag("rstrip", false))
            .single_word(flag("single_word", false))
            .normalized(flag("normalized", false))
    }
}

/// What a special token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Pad,
    Unk,
    Cls,
    Sep,
    Mask,
}

impl Role {
    pub const ALL: [Self; 5] = [Self::Pad, Self::Unk, Self::Cls, Self::Sep, Self::Mask];

    /// Its key in `tokenizer_config.json`.
    pub fn key(self) -> &'static str {
        match self {
            Self::Pad => "pad_token",
            Self::Unk => "unk_token",
            Self::Cls => "cls_token",
            Self::Sep => "sep_token",
            Self::Mask => "mask_token",
        }
    }

    /// Checks what `tokenizer_config.json` names as special tokens.
    ///
    /// # Errors
    /// `bad-tokenizer` for what is neither a text nor a token with one.
    pub fn check(config: &Value) -> Result<()> {
        let is_token = |named: &Value| named.is_null() || named.is_string() || named["content"].is_string();
        match Self::ALL.iter().find(|role| !is_token(&config[role.key()])) {
            None => Ok(()),
            Some(role) => Err(Error::bad_tokenizer(format!(
                "tokenizer_config.json: {}: expected a text, or a token with its content, found another value",
                role.key()
            ))),
        }
    }

    /// How BERT writes it, and RoBERTa.
    fn names(self) -> [&'static str; 2] {
        match self {
            Self::Pad => ["[PAD]", "<pad>"],
            Self::Unk => ["[UNK]", "<unk>"],
            Self::Cls => ["[CLS]", "<s>"],
            Self::Sep => ["[SEP]", "</s>"],
            Self::Mask => ["[MASK]", "<mask>"],
        }
    }
}

/// What `tokenizer_config.json` names by a text, or as an object.
pub(super) fn content(named: &Value) -> Option<&str> {
    named.as_str().or_else(|| named["content"].as_str())
}

/// Refuses a class of transformers that splits words by what we lack.
fn check_words(config: &Value, class: &str) -> Result<()> {
    let word_tokenizer = config["word_tokenizer_type"].as_str();
    let plain_words = word_tokenizer.is_none_or(|kind| kind == "basic");
    if plain_words && !OTHERS.iter().any(|name| class.contains(name)) {
        return Ok(());
    }
    Err(Error::bad_tokenizer(format!(
        "tokenizer_config.json: expected a class that splits words as BERT does, found {class}{}",
        word_tokenizer.map_or_else(String::new, |kind| format!(" with word_tokenizer_type {kind}"))
    )))
}
