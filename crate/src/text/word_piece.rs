//! WordPiece in time linear in a word's length. The crate's search tries every end of every part, which takes seconds for a
//! long word where the file allows one. The tokens are the same.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use daachorse::{DoubleArrayAhoCorasick, DoubleArrayAhoCorasickBuilder, MatchKind};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use tokenizers::{
    Model, Result, Token,
    models::wordpiece::{WordPiece, WordPieceTrainer},
};

/// Characters of a word up to which the crate's search is quick enough: BERT's own limit is 100.
const SHORT: usize = 200;

/// The crate's model, with a search of its own for long words.
pub(super) struct LinearWordPiece {
    model: WordPiece,
    /// None where the file makes every long word unknown.
    long: Option<LongWords>,
}

/// Finds the longest part at each place of a word.
struct LongWords {
    starts: Option<DoubleArrayAhoCorasick<u32>>,
    continuations: Option<DoubleArrayAhoCorasick<u32>>,
}

impl LinearWordPiece {
    fn new(model: WordPiece) -> Result<Self> {
        let long = match model.max_input_chars_per_word > SHORT {
            true => Some(LongWords::new(&model)?),
            false => None,
        };
        Ok(Self { model, long })
    }
}

impl LongWords {
    fn new(model: &WordPiece) -> Result<Self> {
        let vocab = model.get_vocab();
        let prefix = model.continuing_subword_prefix.as_str();
        let continuations = vocab
            .iter()
            .filter_map(|(token, &id)| Some((token.strip_prefix(prefix)?, id)));
        Ok(Self {
            continuations: automaton(continuations)?,
            starts: automaton(vocab.iter().map(|(token, &id)| (token.as_str(), id)))?,
        })
    }

    /// The parts of a word with their ends, each the longest at its place; none where one is missing. The leftmost longest
    /// match is the longest part at a place, if it begins there.
    fn parts(&self, word: &str) -> Option<Vec<(u32, usize)>> {
        let first = self.starts.as_ref()?.leftmost_find_iter(word).next()?;
        let mut parts = vec![(first.value(), first.end())];
        if first.start() > 0 {
            return None;
        }
        let rest = &word[first.end()..];
        let mut done = 0;
        for found in self
            .continuations
            .iter()
            .flat_map(|parts| parts.leftmost_find_iter(rest))
        {
            if found.start() != done {
                return None;
            }
            done = found.end();
            parts.push((found.value(), first.end() + done));
        }
        (done == rest.len()).then_some(parts)
    }
}

fn automaton<'a>(tokens: impl Iterator<Item = (&'a str, u32)>) -> Result<Option<DoubleArrayAhoCorasick<u32>>> {
    let tokens: Vec<(&str, u32)> = tokens.filter(|(token, _)| !token.is_empty()).collect();
    if tokens.is_empty() {
        return Ok(None);
    }
    let builder = DoubleArrayAhoCorasickBuilder::new().match_kind(MatchKind::LeftmostLongest);
    builder
        .build_with_values(tokens)
        .map(Some)
        .map_err(|error| error.to_string().into())
}

impl Model for LinearWordPiece {
    type Trainer = WordPieceTrainer;

    fn tokenize(&self, word: &str) -> Result<Vec<Token>> {
        let (Some(long), Some(_)) = (&self.long, word.char_indices().nth(SHORT)) else {
            return self.model.tokenize(word);
        };
        if word.char_indices().nth(self.model.max_input_chars_per_word).is_some() {
            return self.model.tokenize(word);
        }
        let Some(parts) = long.parts(word) else {
            let unknown = self.model.unk_token.clone();
            let id = self.model.token_to_id(&unknown);
            let id = id.ok_or("the vocabulary lacks the unknown token")?;
            return Ok(vec![Token::new(id, unknown, (0, word.len()))]);
        };
        let mut start = 0;
        let tokens = parts.into_iter().map(|(id, end)| {
            let value = self.model.id_to_token(id).unwrap_or_default();
            let token = Token::new(id, value, (start, end));
            start = end;
            token
        });
        Ok(tokens.collect())
    }

    fn token_to_id(&self, token: &str) -> Option<u32> {
        self.model.token_to_id(token)
    }

    fn id_to_token(&self, id: u32) -> Option<String> {
        self.model.id_to_token(id)
    }

    fn get_vocab(&self) -> HashMap<String, u32> {
        self.model.get_vocab()
    }

    fn get_vocab_size(&self) -> usize {
        self.model.get_vocab_size()
    }

    fn save(&self, folder: &Path, prefix: Option<&str>) -> Result<Vec<PathBuf>> {
        self.model.save(folder, prefix)
    }

    fn get_trainer(&self) -> WordPieceTrainer {
        self.model.get_trainer()
    }
}

impl Serialize for LinearWordPiece {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        self.model.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for LinearWordPiece {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        Self::new(WordPiece::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model(tokens: &[&str]) -> LinearWordPiece {
        let vocab: serde_json::Map<_, _> = tokens
            .iter()
            .zip(0..)
            .map(|(token, id)| ((*token).into(), id.into()))
            .collect();
        let json = serde_json::json!({
            "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 1_000_000_000, "vocab": vocab,
        });
        serde_json::from_str(&json.to_string()).expect("a model")
    }

    #[test]
    fn long_words_have_the_parts_that_the_crate_gives_them() {
        let model = model(&["[UNK]", "a", "ab", "##a", "##b", "##abb", "##é", "##", "#", "c"]);
        for part in ["ab", "abb", "aéb", "abab", "#b", "b", "c##", "abbab", "é"] {
            for count in [201, 230] {
                for word in [part.repeat(count), format!("a{}c", part.repeat(count))] {
                    let expected = model.model.tokenize(&word).expect("tokens");
                    assert_eq!(model.tokenize(&word).expect("tokens"), expected, "{part} {count}");
                }
            }
        }
    }

    #[test]
    fn a_word_of_a_megabyte_is_quick() {
        let model = model(&["[UNK]", "a", "##a", "##aa"]);
        let word = "a".repeat(1 << 20);
        let begun = std::time::Instant::now();
        assert_eq!(model.tokenize(&word).expect("tokens").len(), (1 << 19) + 1);
        assert!(begun.elapsed().as_secs_f64() < 2.0, "{:?}", begun.elapsed());
    }
}
