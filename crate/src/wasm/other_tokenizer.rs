//! A tokenizer of another wasm instance, which JavaScript hands over: those of kind BPE and Unigram.

use js_sys::{Array, Reflect, Uint8Array, Uint32Array};
use wasm_bindgen::prelude::*;

use crate::{
    Error, Result,
    text::{Row, SpecialIds, TokenKind, TokenKinds, Tokenized, Tokenizer, is_beyond_word_piece, read_tokenizer},
};

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = "
export interface OtherTokenizer {
  encode(texts: string[], pairs: (string | undefined)[]): Uint32Array;
  tokenize(text: string, pair?: string): (string | Uint32Array)[];
  special(): Int32Array;
  maskToken(): string;
  kinds(): Uint8Array;
  decode(ids: Uint32Array, skipSpecialTokens: boolean): string;
  toJson(): string;
  toConfigJson(): string;
}
export interface TokenizerReader {
  read(config: string | undefined, vocabSize: number, maxLength: number): OtherTokenizer;
}
";

#[wasm_bindgen]
extern "C" {
    /// The bytes of `tokenizer.json` or `vocab.txt`, or what reads a tokenizer in another instance.
    #[wasm_bindgen(typescript_type = "Uint8Array | TokenizerReader")]
    pub type TokenizerSource;
    #[wasm_bindgen(method, catch)]
    fn read(
        this: &TokenizerSource,
        config: Option<String>,
        vocab_size: usize,
        max_length: usize,
    ) -> std::result::Result<Other, JsValue>;

    type Other;
    #[wasm_bindgen(method, catch)]
    fn encode(this: &Other, texts: Array, pairs: Array) -> std::result::Result<Uint32Array, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn tokenize(this: &Other, text: &str, pair: Option<&str>) -> std::result::Result<Array, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn special(this: &Other) -> std::result::Result<Vec<i32>, JsValue>;
    #[wasm_bindgen(method, catch, js_name = maskToken)]
    fn mask_token(this: &Other) -> std::result::Result<String, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn kinds(this: &Other) -> std::result::Result<Vec<u8>, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn decode(this: &Other, ids: Vec<u32>, skip_special_tokens: bool) -> std::result::Result<String, JsValue>;
    #[wasm_bindgen(method, catch, js_name = toJson)]
    fn to_json(this: &Other) -> std::result::Result<String, JsValue>;
    #[wasm_bindgen(method, catch, js_name = toConfigJson)]
    fn to_config_json(this: &Other) -> std::result::Result<String, JsValue>;
}

/// Whether a `tokenizer.json` needs the other instance.
#[wasm_bindgen(js_name = isBeyondWordPiece)]
pub fn is_beyond(tokenizer: &[u8]) -> bool {
    is_beyond_word_piece(tokenizer)
}

/// Reads a tokenizer, here or in the other instance.
pub(super) fn read(
    source: &TokenizerSource,
    config: Option<&str>,
    vocab_size: usize,
    max_length: usize,
) -> Result<Box<dyn Tokenizer>> {
    if let Some(bytes) = source.dyn_ref::<Uint8Array>() {
        return read_tokenizer(&bytes.to_vec(), config, vocab_size, max_length);
    }
    let other = source
        .read(config.map(str::to_owned), vocab_size, max_length)
        .map_err(failed)?;
    let ids = other.special().map_err(failed)?;
    let id = |place: usize| ids.get(place).and_then(|&id| u32::try_from(id).ok());
    let special = SpecialIds {
        pad: id(0),
        unknown: id(1),
        mask: id(2),
        mask_token: other.mask_token().map_err(failed)?,
    };
    Ok(Box::new(OtherTokenizer { other, special }))
}

struct OtherTokenizer {
    other: Other,
    special: SpecialIds,
}

impl OtherTokenizer {
    fn rows(&self, texts: Array, pairs: Array) -> Result<Vec<Row>> {
        let count = texts.length() as usize;
        let all = self.other.encode(texts, pairs).map_err(failed)?.to_vec();
        let mut rest = all.as_slice();
        let rows = std::iter::from_fn(|| {
            let (&[tokens, truncated], after) = rest.split_first_chunk()?;
            let (input_ids, after) = after.split_at_checked(tokens as usize)?;
            let (token_type_ids, after) = after.split_at_checked(tokens as usize)?;
            rest = after;
            Some(Row {
                input_ids: input_ids.to_vec(),
                token_type_ids: token_type_ids.to_vec(),
                truncated: truncated == 1,
            })
        });
        let rows: Vec<Row> = rows.collect();
        match rows.len() == count {
            true => Ok(rows),
            false => Err(Error::bad_tokenizer(format!(
                "expected {count} rows, found {}",
                rows.len()
            ))),
        }
    }

    fn row(&self, text: &str, pair: Option<&str>) -> Result<Row> {
        let pairs = pair.map_or_else(Array::new, |pair| Array::of1(&pair.into()));
        let mut rows = self.rows(Array::of1(&text.into()), pairs)?;
        rows.pop()
            .ok_or_else(|| Error::bad_tokenizer("expected a row, found none"))
    }
}

impl Tokenizer for OtherTokenizer {
    fn encode(&self, text: &str) -> Result<Row> {
        self.row(text, None)
    }

    fn encode_pair(&self, text: &str, pair: &str) -> Result<Row> {
        self.row(text, Some(pair))
    }

    fn encode_all(&self, texts: &[String], pairs: &[Option<String>]) -> Result<Vec<Row>> {
        let pair = |pair: &Option<String>| pair.as_ref().map_or(JsValue::UNDEFINED, |pair| pair.as_str().into());
        let texts = texts.iter().map(|text| JsValue::from_str(text)).collect();
        self.rows(texts, pairs.iter().map(pair).collect())
    }

    fn tokenize(&self, text: &str, pair: Option<&str>) -> Result<Tokenized> {
        let all = self.other.tokenize(text, pair).map_err(failed)?;
        let numbers = Uint32Array::from(all.pop()).to_vec();
        let (truncated, places) = numbers.split_first().unwrap_or((&0, &[]));
        Ok(Tokenized {
            tokens: all.iter().filter_map(|token| token.as_string()).collect(),
            places: places.as_chunks().0.to_vec(),
            truncated: *truncated == 1,
        })
    }

    fn special(&self) -> &SpecialIds {
        &self.special
    }

    fn kinds(&self) -> Result<TokenKinds> {
        let kinds = self.other.kinds().map_err(failed)?;
        let kinds: Vec<TokenKind> = kinds.into_iter().map(TokenKind::from_byte).collect();
        Ok(kinds.into())
    }

    fn decode(&self, ids: &[u32], skip_special_tokens: bool) -> Result<String> {
        self.other.decode(ids.to_vec(), skip_special_tokens).map_err(failed)
    }

    fn to_json(&self) -> Result<String> {
        self.other.to_json().map_err(failed)
    }

    fn to_config_json(&self) -> Result<String> {
        self.other.to_config_json().map_err(failed)
    }
}

/// What the other instance threw: `{ code, message }` of this room's own kind.
fn failed(thrown: JsValue) -> Error {
    let message = Reflect::get(&thrown, &"message".into()).ok();
    let message = message.and_then(|message| message.as_string()).unwrap_or_default();
    Error::bad_tokenizer(message.strip_prefix("tokenizer: ").unwrap_or(&message))
}
