//! Added tokens: splits a text at those that a tokenizer has beside its model's vocabulary, such as `[MASK]`.
//!
//! The pieces are those of tokenizers' `AddedVocabulary::extract_and_normalize`. That function needs a
//! regular-expression engine for white space and word characters, which would be a quarter of the download.

use daachorse::{DoubleArrayAhoCorasick, DoubleArrayAhoCorasickBuilder, MatchKind};
use std::collections::HashMap;
use tokenizers::{AddedToken, NormalizedString, Normalizer, PreTokenizedString, Result, Token, normalizer::Range};

/// The added tokens, in automata that find them.
pub struct AddedTokens {
    by_id: HashMap<u32, AddedToken>,
    /// Finds tokens in the text before normalization.
    verbatim: Option<DoubleArrayAhoCorasick<u32>>,
    /// Finds the tokens with `normalized` in the normalized text.
    normalized: Option<DoubleArrayAhoCorasick<u32>>,
}

impl AddedTokens {
    /// The tokens of a tokenizer, by id.
    ///
    /// # Errors
    /// Where a token is empty.
    pub fn new<N: Normalizer>(
        tokens: impl IntoIterator<Item = (u32, AddedToken)>,
        normalizer: Option<&N>,
    ) -> Result<Self> {
        let by_id: HashMap<u32, AddedToken> = tokens.into_iter().collect();
        let (mut verbatim, mut normalized) = (Vec::new(), Vec::new());
        let mut places: HashMap<String, usize> = HashMap::new();
        let mut in_order: Vec<_> = by_id.iter().collect();
        in_order.sort_by_key(|(id, _)| **id);
        for (&id, token) in in_order {
            if token.normalized {
                let mut content = NormalizedString::from(token.content.as_str());
                normalizer.map_or(Ok(()), |normalizer| normalizer.normalize(&mut content))?;
                // Of tokens that are alike once normalized, the one that is so already is found, else the first.
                let content = content.get().to_owned();
                match places.get(&content) {
                    Some(&place) if token.content == content => normalized[place] = (content, id),
                    Some(_) => {}
                    None => {
                        places.insert(content.clone(), normalized.len());
                        normalized.push((content, id));
                    }
                }
            } else {
                verbatim.push((token.content.clone(), id));
            }
        }
        Ok(Self {
            by_id,
            verbatim: automaton(verbatim)?,
            normalized: automaton(normalized)?,
        })
    }

    /// The text in pieces: added tokens with their ids, and the normalized text between them.
    ///
    /// # Errors
    /// The normalizer's.
    pub fn split<N: Normalizer>(&self, text: &str, normalizer: Option<&N>) -> Result<PreTokenizedString> {
        let mut pieces = PreTokenizedString::from(text);
        pieces.split(|_, piece| self.split_piece(&piece, self.verbatim.as_ref()))?;
        pieces.split(|_, mut piece| {
            normalizer.map_or(Ok(()), |normalizer| normalizer.normalize(&mut piece))?;
            self.split_piece(&piece, self.normalized.as_ref())
        })?;
        Ok(pieces)
    }

    fn split_piece(
        &self,
        piece: &NormalizedString,
        finder: Option<&DoubleArrayAhoCorasick<u32>>,
    ) -> Result<Vec<(NormalizedString, Option<Vec<Token>>)>> {
        let text = piece.get();
        let slice = |start: usize, end: usize| {
            let slice = piece.slice(Range::Normalized(start..end));
            slice.ok_or_else(|| format!("bytes {start} to {end} of {text:?} are no text"))
        };
        let mut cut = Vec::new();
        let mut done = 0;
        for found in finder.iter().flat_map(|finder| finder.leftmost_find_iter(text)) {
            let (id, token) = (found.value(), &self.by_id[&found.value()]);
            let (mut start, mut end) = (found.start(), found.end());
            let (before, after) = (&text[..start], &text[end..]);
            if token.single_word && (before.ends_with(is_word) || after.starts_with(is_word)) {
                continue;
            }
            if token.lstrip {
                // White space before it may belong to the token before.
                start = before.trim_end().len().max(done);
            }
            if token.rstrip {
                end += after.len() - after.trim_start().len();
            }
            if done < start {
                cut.push((slice(done, start)?, None));
            }
            let token = slice(start, end)?;
            let value = token.get().to_owned();
            let offsets = (0, value.len());
            cut.push((token, Some(vec![Token::new(id, value, offsets)])));
            done = end;
        }
        if done < text.len() || cut.is_empty() {
            cut.push((slice(done, text.len())?, None));
        }
        Ok(cut)
    }
}

/// Whether a regular expression's `\w` matches.
fn is_word(character: char) -> bool {
    regex_syntax::is_word_character(character)
}

fn automaton(tokens: Vec<(String, u32)>) -> Result<Option<DoubleArrayAhoCorasick<u32>>> {
    if tokens.is_empty() {
        return Ok(None);
    }
    let finder = DoubleArrayAhoCorasickBuilder::new()
        .match_kind(MatchKind::LeftmostLongest)
        .build_with_values(tokens);
    finder.map(Some).map_err(|error| error.to_string().into())
}
