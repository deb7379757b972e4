//! Text to token ids by the parts of a `tokenizer.json`: normalizer, pre-tokenizer, model, post-processor.
//!
//! The file's own padding and truncation are ignored. Long texts are cut early: a megabyte costs little more than its first tokens.

use std::borrow::Cow;

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use tokenizers::{
    Decoder, Encoding, Model, Normalizer, OffsetReferential, OffsetType, PostProcessor, PreTokenizedString,
    PreTokenizer, TokenizerImpl, TruncationDirection,
};

use super::{
    added_tokens::AddedTokens,
    batch::Row,
    cuts::{Cuts, keep, longest_first},
    pipeline_source::Tokens,
    token_kinds::{TokenKind, TokenKinds, WordMark},
    tokenized::Tokenized,
    tokenizer::{SpecialIds, Tokenizer},
};
use crate::{Error, Result};

/// Characters of a text that are tokenized at first, for each token of `max_length`.
const CHARS_PER_TOKEN: usize = 64;

/// A tokenizer that truncates to `max_length` and never pads. `read_pipeline` makes it.
pub(super) struct Pipeline<M, N, PT, PP, D> {
    pub(super) tokenizer: TokenizerImpl<M, N, PT, PP, D>,
    pub(super) added: AddedTokens,
    pub(super) special: SpecialIds,
    pub(super) max_length: usize,
    /// Where a long text may be cut; none where its tokens depend on more than a little of what follows them.
    pub(super) cuts: Option<Cuts>,
    /// Where a text that is too long loses tokens.
    pub(super) side: TruncationDirection,
    /// Whether the second text of a pair has a segment of its own.
    pub(super) has_segments: bool,
    pub(super) word_mark: WordMark,
    /// `tokenizer_config.json` as it is saved.
    pub(super) saved_config: Map<String, Value>,
}

impl<M, N, PT, PP, D> Pipeline<M, N, PT, PP, D>
where
    M: Model + Serialize + DeserializeOwned,
    N: Normalizer + Serialize + DeserializeOwned,
    PT: PreTokenizer + Serialize + DeserializeOwned,
    PP: PostProcessor + Serialize + DeserializeOwned,
    D: Decoder + Serialize + DeserializeOwned,
{
    /// How many special tokens a text has, or a pair.
    pub(super) fn special_count(&self, of_pair: bool) -> usize {
        let special = self.tokenizer.get_post_processor();
        special.map_or(0, |special| special.added_tokens(of_pair))
    }

    /// The start of a text that is tokenized, of about `limit` characters, and how many of its words what follows might change;
    /// all of it where a cut might change its tokens.
    fn cut<'t>(&self, text: &'t str, limit: usize) -> (&'t str, usize) {
        self.cuts.as_ref().map_or((text, 0), |cuts| cuts.cut(text, limit))
    }

    /// The text without what changes none of its tokens.
    fn shortened<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let chars_of_word = |text: &str| {
            let pieces = self.pieces(text).ok()?;
            match pieces
                .get_splits(OffsetReferential::Normalized, OffsetType::Byte)
                .as_slice()
            {
                [(word, _, None)] => Some(word.chars().count()),
                _ => None,
            }
        };
        match &self.cuts {
            Some(cuts) => cuts.without_long_words(text, chars_of_word),
            None => text.into(),
        }
    }

    /// The words of a text, and its added tokens.
    fn pieces(&self, text: &str) -> tokenizers::Result<PreTokenizedString> {
        let mut pieces = self.added.split(text, self.tokenizer.get_normalizer())?;
        if let Some(pre_tokenizer) = self.tokenizer.get_pre_tokenizer() {
            pre_tokenizer.pre_tokenize(&mut pieces)?;
        }
        Ok(pieces)
    }

    /// The tokens of a text, whose last words may be `unsettled`. Stops after the word that reaches `enough` tokens.
    fn tokens_of(&self, text: &str, unsettled: usize, enough: usize, offsets: OffsetType) -> Result<Tokens> {
        let tokenizer = &self.tokenizer;
        let read = || {
            let mut pieces = self.pieces(text)?;
            let splits = |pieces: &PreTokenizedString| -> Vec<usize> {
                let splits = pieces
                    .get_splits(OffsetReferential::Normalized, OffsetType::Byte)
                    .into_iter();
                splits
                    .map(|(_, _, tokens)| tokens.as_ref().map_or(0, Vec::len))
                    .collect()
            };
            let settled_words = (unsettled > 0).then(|| splits(&pieces).len().saturating_sub(unsettled));
            let enough = (enough, TruncationDirection::Right);
            tokenizer
                .get_model()
                .tokenize_in_pretokenized(&mut pieces, Some(enough))?;
            let settled = settled_words.map(|words| splits(&pieces).into_iter().take(words).sum());
            let encoding = pieces.into_encoding(None, 0, offsets)?;
            Ok(Tokens {
                settled: settled.unwrap_or(encoding.len()),
                encoding,
            })
        };
        read().map_err(|error: tokenizers::Error| Error::bad_tokenizer(error))
    }

    fn with_special(&self, first: Encoding, second: Option<Encoding>) -> Result<Encoding> {
        let processed = self.tokenizer.post_process(first, second, true);
        processed.map_err(Error::bad_tokenizer)
    }

    fn row(&self, (encoding, truncated): (Encoding, bool)) -> Row {
        Row {
            token_type_ids: self.segments_of(&encoding),
            input_ids: encoding.get_ids().to_vec(),
            truncated,
        }
    }

    fn segments_of(&self, encoding: &Encoding) -> Vec<u32> {
        match self.has_segments {
            true => encoding.get_type_ids().to_vec(),
            false => vec![0; encoding.len()],
        }
    }

    /// One text with the special tokens, and whether it was truncated.
    fn encoding(&self, text: &str, offsets: OffsetType) -> Result<(Encoding, bool)> {
        let available = self.max_length.saturating_sub(self.special_count(false));
        let mut limit = self.max_length.saturating_mul(CHARS_PER_TOKEN);
        let mut text = Cow::Borrowed(text);
        loop {
            let (cut, unsettled) = self.cut(&text, limit);
            let is_cut = cut.len() < text.len();
            // One token more than is kept shows that the text was truncated.
            let enough = match self.side {
                TruncationDirection::Right => available.saturating_add(1),
                TruncationDirection::Left => usize::MAX,
            };
            let Tokens { mut encoding, settled } = self.tokens_of(cut, unsettled, enough, offsets)?;
            if settled > available || !is_cut {
                let truncated = encoding.len() > available;
                keep(&mut encoding, available, self.side);
                return Ok((self.with_special(encoding, None)?, truncated));
            }
            text = self.next_reading(text, offsets);
            limit = limit.saturating_mul(4);
        }
    }

    /// The text for a second reading: where no place in it is asked for, without the middle of long words.
    fn next_reading<'t>(&self, text: Cow<'t, str>, offsets: OffsetType) -> Cow<'t, str> {
        match (text, offsets) {
            (Cow::Borrowed(text), OffsetType::None) => self.shortened(text),
            (text, _) => text,
        }
    }

    /// The same of a pair.
    fn pair_encoding(&self, text: &str, pair: &str, offsets: OffsetType) -> Result<(Encoding, bool)> {
        let special = self.special_count(true);
        if special > self.max_length {
            return Err(Error::bad_tokenizer(format!(
                "max length {} cannot hold the {special} special tokens of a pair",
                self.max_length
            )));
        }
        let available = self.max_length - special;
        let mut limit = self.max_length.saturating_mul(CHARS_PER_TOKEN);
        let mut texts = [text, pair].map(Cow::Borrowed);
        let [mut first, mut second] = loop {
            let cuts = texts.each_ref().map(|text| self.cut(text, limit));
            let [(first_cut, first_unsettled), (second_cut, second_unsettled)] = cuts;
            let is_cut = [first_cut.len() < texts[0].len(), second_cut.len() < texts[1].len()];
            let first = self.tokens_of(first_cut, first_unsettled, usize::MAX, offsets)?;
            let second = self.tokens_of(second_cut, second_unsettled, usize::MAX, offsets)?;
            // Tokens beyond a cut matter only to which of the two texts is the longer one.
            let [long, short] = [first.settled, second.settled];
            let settled = match is_cut {
                [false, false] => true,
                [true, false] => long > short && long + short > available,
                [false, true] => short > long && long + short > available,
                // Each keeps half, and which is the longer one matters only to an odd token.
                [true, true] => long >= available && short >= available && available.is_multiple_of(2),
            };
            if settled {
                break [first, second];
            }
            texts = texts.map(|text| self.next_reading(text, offsets));
            limit = limit.saturating_mul(4);
        };
        let lengths = [first.settled, second.settled];
        let kept = longest_first(lengths, available);
        keep(&mut first.encoding, kept[0], self.side);
        keep(&mut second.encoding, kept[1], self.side);
        let encoding = self.with_special(first.encoding, Some(second.encoding))?;
        Ok((encoding, lengths[0] + lengths[1] > available))
    }
}

impl<M, N, PT, PP, D> Tokenizer for Pipeline<M, N, PT, PP, D>
where
    M: Model + Serialize + DeserializeOwned,
    N: Normalizer + Serialize + DeserializeOwned,
    PT: PreTokenizer + Serialize + DeserializeOwned,
    PP: PostProcessor + Serialize + DeserializeOwned,
    D: Decoder + Serialize + DeserializeOwned,
{
    fn encode(&self, text: &str) -> Result<Row> {
        Ok(self.row(self.encoding(text, OffsetType::None)?))
    }

    fn encode_pair(&self, text: &str, pair: &str) -> Result<Row> {
        Ok(self.row(self.pair_encoding(text, pair, OffsetType::None)?))
    }

    fn tokenize(&self, text: &str, pair: Option<&str>) -> Result<Tokenized> {
        let (encoding, truncated) = match pair {
            Some(pair) => self.pair_encoding(text, pair, OffsetType::Byte)?,
            None => self.encoding(text, OffsetType::Byte)?,
        };
        let segments = self.segments_of(&encoding);
        Ok(Tokenized::new(
            &encoding,
            segments,
            [text, pair.unwrap_or("")],
            truncated,
        ))
    }

    fn special(&self) -> &SpecialIds {
        &self.special
    }

    fn kinds(&self) -> Result<TokenKinds> {
        let added = self.tokenizer.get_added_vocabulary();
        let mut kinds = Vec::new();
        for (token, id) in self.tokenizer.get_vocab(true) {
            let id = id as usize;
            if kinds.len() <= id {
                kinds.resize(id + 1, TokenKind::Special);
            }
            kinds[id] = match added.is_special_token(&token) {
                true => TokenKind::Special,
                false => self.word_mark.kind(&token),
            };
        }
        Ok(TokenKinds::from(kinds))
    }

    fn decode(&self, ids: &[u32], skip_special_tokens: bool) -> Result<String> {
        self.tokenizer
            .decode(ids, skip_special_tokens)
            .map_err(Error::bad_tokenizer)
    }

    fn to_json(&self) -> Result<String> {
        serde_json::to_string(&self.tokenizer).map_err(Error::bad_tokenizer)
    }

    fn to_config_json(&self) -> Result<String> {
        serde_json::to_string(&self.saved_config).map_err(Error::bad_tokenizer)
    }
}
