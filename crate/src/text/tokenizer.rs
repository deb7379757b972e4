//! Text to token ids by a WordPiece tokenizer; the ids equal transformers'.
//!
//! The `tokenizers` crate does the work. This file checks the tokenizer, ignores the file's own padding and truncation,
//! and cuts long texts early: a megabyte of text costs little more than its first tokens.

use serde_json::Value;
use tokenizers::{Encoding, Model, OffsetType, PostProcessor, PreTokenizer, TruncationDirection, TruncationParams};

use super::{
    added_tokens::AddedTokens,
    batch::Row,
    tokenizer_files::{Tokenizer, as_configured, check_class, from_json, from_vocab},
};
use crate::{Error, Result};

/// Characters of a text that are tokenized at first, for each token of `max_length`.
const CHARS_PER_TOKEN: usize = 64;

/// A BERT tokenizer that truncates to `max_length` and never pads.
pub struct BertTokenizer {
    tokenizer: Tokenizer,
    added: AddedTokens,
    /// `tokenizer.json` as it is saved: the source's, without padding and truncation.
    json: Value,
    max_length: usize,
    /// Whether a text may be cut at white space: no added token holds any.
    may_cut: bool,
}

impl BertTokenizer {
    /// Reads `tokenizer.json`, or the lines of `vocab.txt`, as the text of `tokenizer_config.json` says.
    ///
    /// # Errors
    /// `bad-tokenizer` for anything but WordPiece, and for ids outside `vocab_size`.
    ///
    /// ```
    /// use bertlet::text::BertTokenizer;
    ///
    /// let vocab = "[PAD]\n[UNK]\n[CLS]\n[SEP]\nwalk\n##ing";
    /// let tokenizer = BertTokenizer::read(vocab.as_bytes(), None, 6, 128)?;
    /// assert_eq!(tokenizer.encode("Walking")?.input_ids, [2, 4, 5, 3]);
    /// # Ok::<(), bertlet::Error>(())
    /// ```
    pub fn read(bytes: &[u8], tokenizer_config: Option<&str>, vocab_size: usize, max_length: usize) -> Result<Self> {
        let text = std::str::from_utf8(bytes).map_err(|_| {
            Error::bad_tokenizer("expected the UTF-8 text of tokenizer.json or vocab.txt, found other bytes")
        })?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let config: Value = match tokenizer_config {
            Some(text) => serde_json::from_str(text)
                .map_err(|error| Error::bad_tokenizer(format!("tokenizer_config.json is not JSON: {error}")))?,
            None => Value::Null,
        };
        check_class(&config)?;
        let tokenizer = match serde_json::from_str::<Value>(text) {
            Ok(json @ Value::Object(_)) => from_json(as_configured(json, &config))?,
            _ => from_vocab(text, &config)?,
        };
        Self::new(tokenizer, vocab_size, max_length)
    }

    fn new(mut tokenizer: Tokenizer, vocab_size: usize, max_length: usize) -> Result<Self> {
        let largest = tokenizer.get_vocab(true).into_iter().max_by_key(|(_, id)| *id);
        match largest {
            None => return Err(Error::bad_tokenizer("the vocabulary is empty")),
            Some((token, id)) if id as usize >= vocab_size => {
                return Err(Error::bad_tokenizer(format!(
                    "token {token:?} has id {id}; config.json's vocab_size is {vocab_size}, so ids end at {}",
                    vocab_size.saturating_sub(1)
                )));
            }
            Some(_) => {}
        }
        for token in ["[CLS]", "[SEP]", &tokenizer.get_model().unk_token] {
            if tokenizer.token_to_id(token).is_none() {
                return Err(Error::bad_tokenizer(format!("the vocabulary lacks the token {token}")));
            }
        }
        tokenizer.with_padding(None);
        let truncation = TruncationParams {
            max_length,
            ..TruncationParams::default()
        };
        tokenizer.with_truncation(None).map_err(Error::bad_tokenizer)?;
        let json = serde_json::to_value(&tokenizer).map_err(Error::bad_tokenizer)?;
        tokenizer.with_truncation(Some(truncation)).map_err(|error| {
            Error::bad_tokenizer(format!(
                "max length {max_length} cannot hold the special tokens: {error}"
            ))
        })?;
        let may_cut = tokenizer
            .get_added_tokens_decoder()
            .values()
            .all(|token| !token.content.contains(char::is_whitespace));
        let added = AddedTokens::new(tokenizer.get_added_tokens_decoder(), tokenizer.get_normalizer())
            .map_err(Error::bad_tokenizer)?;
        let read = Self {
            tokenizer,
            added,
            json,
            max_length,
            may_cut,
        };
        // The post-processor's special tokens need not be in the vocabulary.
        for row in [read.encode("a")?, read.encode_pair("a", "a")?] {
            if let Some(id) = row.input_ids.iter().find(|&&id| id as usize >= vocab_size) {
                return Err(Error::bad_tokenizer(format!(
                    "the post_processor adds the id {id}; config.json's vocab_size is {vocab_size}, so ids end at {}",
                    vocab_size.saturating_sub(1)
                )));
            }
        }
        Ok(read)
    }

    /// Token ids of one text.
    ///
    /// # Errors
    /// `bad-tokenizer` where the tokenizer has no token for something and no unknown token.
    pub fn encode(&self, text: &str) -> Result<Row> {
        let mut limit = self.max_length * CHARS_PER_TOKEN;
        loop {
            let cut = if self.may_cut {
                cut_at_white_space(text, limit)
            } else {
                text
            };
            let row = self.encode_uncut(cut)?;
            if row.truncated || cut.len() == text.len() {
                return Ok(row);
            }
            limit *= 4;
        }
    }

    /// Token ids of a pair of texts, cut as transformers' `longest_first` does: the longer of the two gives up its last
    /// tokens, and where both are longer than half of the available, they share it.
    ///
    /// # Errors
    /// As [`BertTokenizer::encode`].
    pub fn encode_pair(&self, text: &str, pair: &str) -> Result<Row> {
        let special = self.tokenizer.get_post_processor();
        let available = self.max_length - special.map_or(0, |post| post.added_tokens(true)).min(self.max_length);
        let mut limit = self.max_length * CHARS_PER_TOKEN;
        let [mut first, mut second] = loop {
            let cuts = [text, pair].map(|text| {
                if self.may_cut {
                    cut_at_white_space(text, limit)
                } else {
                    text
                }
            });
            let [first, second] = [
                self.tokens_of(cuts[0], usize::MAX)?,
                self.tokens_of(cuts[1], usize::MAX)?,
            ];
            let is_uncut = [cuts[0].len() == text.len(), cuts[1].len() == pair.len()];
            // Tokens beyond a cut matter only to which of the two texts is the longer one.
            let settled = match is_uncut {
                [true, true] => true,
                [false, true] => first.len() > second.len() && first.len() + second.len() > available,
                [true, false] => second.len() > first.len() && first.len() + second.len() > available,
                [false, false] => false,
            };
            if settled {
                break [first, second];
            }
            limit *= 4;
        };
        let truncated = first.len() + second.len() > available;
        let kept = longest_first([first.len(), second.len()], available);
        for (encoding, kept) in [&mut first, &mut second].into_iter().zip(kept) {
            encoding.truncate(kept, 0, TruncationDirection::Right);
            encoding.take_overflowing();
        }
        let encoding = self
            .tokenizer
            .post_process(first, Some(second), true)
            .map_err(Error::bad_tokenizer)?;
        Ok(Row {
            input_ids: encoding.get_ids().to_vec(),
            token_type_ids: encoding.get_type_ids().to_vec(),
            truncated,
        })
    }

    /// The tokens of a text, without special ones. Stops after the word that reaches `enough` tokens.
    fn tokens_of(&self, text: &str, enough: usize) -> Result<Encoding> {
        let tokenizer = &self.tokenizer;
        let mut pieces = self
            .added
            .split(text, tokenizer.get_normalizer())
            .map_err(Error::bad_tokenizer)?;
        if let Some(pre_tokenizer) = tokenizer.get_pre_tokenizer() {
            pre_tokenizer.pre_tokenize(&mut pieces).map_err(Error::bad_tokenizer)?;
        }
        let enough = (enough, TruncationDirection::Right);
        let model = tokenizer.get_model();
        model
            .tokenize_in_pretokenized(&mut pieces, Some(enough))
            .and_then(|()| pieces.into_encoding(None, 0, OffsetType::None))
            .map_err(Error::bad_tokenizer)
    }

    fn encode_uncut(&self, text: &str) -> Result<Row> {
        // One token more than is kept shows that the text was truncated.
        let tokens = self.tokens_of(text, self.max_length.saturating_add(1))?;
        let encoding = self
            .tokenizer
            .post_process(tokens, None, true)
            .map_err(Error::bad_tokenizer)?;
        Ok(Row {
            input_ids: encoding.get_ids().to_vec(),
            token_type_ids: encoding.get_type_ids().to_vec(),
            truncated: !encoding.get_overflowing().is_empty(),
        })
    }

    /// Id of the padding token: `[PAD]`'s, else 0. Padded positions are masked and change no result.
    pub fn pad_id(&self) -> u32 {
        self.tokenizer.token_to_id("[PAD]").unwrap_or(0)
    }

    /// Number of unknown tokens of a row: words that the vocabulary lacks.
    pub fn unknown_tokens(&self, row: &Row) -> u32 {
        let unknown = self.tokenizer.token_to_id(&self.tokenizer.get_model().unk_token);
        row.input_ids.iter().filter(|&&id| Some(id) == unknown).count() as u32
    }

    /// The id of `[MASK]`.
    ///
    /// # Errors
    /// `bad-tokenizer` where there is none.
    pub fn mask_id(&self) -> Result<u32> {
        let id = self.tokenizer.token_to_id("[MASK]");
        id.ok_or_else(|| Error::bad_tokenizer("the vocabulary lacks the token [MASK]"))
    }

    /// Whether a token is special: one of BERT's, or marked so in the tokenizer's files.
    pub fn is_special(&self, token: &str) -> bool {
        self.tokenizer.get_added_vocabulary().is_special_token(token)
    }

    /// The tokens by id, up to the largest; none where an id has no token.
    pub fn tokens(&self) -> Vec<Option<String>> {
        let mut tokens = Vec::new();
        for (token, id) in self.tokenizer.get_vocab(true) {
            let id = id as usize;
            if tokens.len() <= id {
                tokens.resize(id + 1, None);
            }
            tokens[id] = Some(token);
        }
        tokens
    }

    /// The text of ids, as transformers' `decode`.
    ///
    /// # Errors
    /// `bad-tokenizer`.
    pub fn decode(&self, ids: &[u32], skip_special_tokens: bool) -> Result<String> {
        self.tokenizer
            .decode(ids, skip_special_tokens)
            .map_err(Error::bad_tokenizer)
    }

    /// `tokenizer.json`, without the source's padding and truncation.
    pub fn to_json(&self) -> String {
        self.json.to_string()
    }

    /// `tokenizer_config.json`, with the normalizer's settings for transformers.
    pub fn to_config_json(&self) -> String {
        let normalizer = &self.json["normalizer"];
        serde_json::json!({
            "tokenizer_class": "BertTokenizer",
            "do_lower_case": normalizer["lowercase"].as_bool().unwrap_or(true),
            "strip_accents": normalizer["strip_accents"],
            "tokenize_chinese_chars": normalizer["handle_chinese_chars"].as_bool().unwrap_or(true),
            "model_max_length": self.max_length,
            "cls_token": "[CLS]", "sep_token": "[SEP]", "pad_token": "[PAD]", "unk_token": "[UNK]", "mask_token": "[MASK]",
        })
        .to_string()
    }
}

/// How many tokens each of two texts keeps within `available`, as in tokenizers' `truncate_encodings`: longest first.
fn longest_first([first, second]: [usize; 2], available: usize) -> [usize; 2] {
    if first + second <= available {
        return [first, second];
    }
    let (short, swapped) = (first.min(second), first > second);
    let long = short.max(available.saturating_sub(short));
    let (short, long) = match short + long > available {
        true => (available / 2, available / 2 + available % 2),
        false => (short, long),
    };
    if swapped { [long, short] } else { [short, long] }
}

/// The start of `text` that ends at the first white space after `limit` characters; all of it without such white space.
/// White space always ends a BERT token, so the tokens of the start are the first tokens of the text.
fn cut_at_white_space(text: &str, limit: usize) -> &str {
    let Some((start, _)) = text.char_indices().nth(limit) else {
        return text;
    };
    match text[start..].find([' ', '\n', '\t', '\r']) {
        Some(offset) => &text[..start + offset],
        None => text,
    }
}
