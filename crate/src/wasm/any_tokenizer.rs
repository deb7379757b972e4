//! The boundary of the wasm that reads tokenizers of kind BPE and Unigram: an instance of its own, beside the engine's.

use wasm_bindgen::prelude::*;

use super::convert::{fail, from_tokenized};
use crate::text::{Tokenizer, read_tokenizer};

/// A tokenizer of any kind.
#[wasm_bindgen]
pub struct AnyTokenizer(Box<dyn Tokenizer>);

#[wasm_bindgen]
impl AnyTokenizer {
    /// Reads `tokenizer.json` by the text of `tokenizer_config.json`.
    pub fn read(
        tokenizer: &[u8],
        config: Option<String>,
        vocab_size: usize,
        max_length: usize,
    ) -> Result<AnyTokenizer, JsValue> {
        let read = read_tokenizer(tokenizer, config.as_deref(), vocab_size, max_length);
        read.map(Self).map_err(fail)
    }

    /// Rows of texts and pairs, end to end. Of each: its number of tokens, 1 where it was cut, its ids, their segments.
    /// `pairs[i]` is the second text of a pair, or undefined.
    pub fn encode(&self, texts: Vec<String>, pairs: Vec<JsValue>) -> Result<Vec<u32>, JsValue> {
        let pairs: Vec<Option<String>> = pairs.iter().map(JsValue::as_string).collect();
        let mut all = Vec::new();
        for row in self.0.encode_all(&texts, &pairs).map_err(fail)? {
            all.extend([row.input_ids.len() as u32, row.truncated.into()]);
            all.extend(row.input_ids);
            all.extend(row.token_type_ids);
        }
        Ok(all)
    }

    /// The tokens of a text or of a pair and their numbers, as the engine's `tokenize` gives them.
    pub fn tokenize(&self, text: &str, pair: Option<String>) -> Result<js_sys::Array, JsValue> {
        self.0.tokenize(text, pair.as_deref()).map(from_tokenized).map_err(fail)
    }

    /// The ids of the padding token, of the unknown one and of the mask; -1 where there is none.
    pub fn special(&self) -> Vec<i32> {
        let special = self.0.special();
        let ids = [special.pad, special.unknown, special.mask];
        ids.map(|id| id.map_or(-1, |id| id as i32)).to_vec()
    }

    /// How the mask is written.
    #[wasm_bindgen(js_name = maskToken)]
    pub fn mask_token(&self) -> String {
        self.0.special().mask_token.clone()
    }

    /// The part that each token plays in a word: 0 special, 1 start, 2 continuation.
    pub fn kinds(&self) -> Result<Vec<u8>, JsValue> {
        let kinds = self.0.kinds().map_err(fail)?;
        Ok((0..kinds.count() as u32).map(|id| kinds.of(id).to_byte()).collect())
    }

    /// The text of ids.
    pub fn decode(&self, ids: &[u32], skip_special_tokens: bool) -> Result<String, JsValue> {
        self.0.decode(ids, skip_special_tokens).map_err(fail)
    }

    /// `tokenizer.json`.
    #[wasm_bindgen(js_name = toJson)]
    pub fn to_json(&self) -> Result<String, JsValue> {
        self.0.to_json().map_err(fail)
    }

    /// `tokenizer_config.json`.
    #[wasm_bindgen(js_name = toConfigJson)]
    pub fn to_config_json(&self) -> Result<String, JsValue> {
        self.0.to_config_json().map_err(fail)
    }
}
