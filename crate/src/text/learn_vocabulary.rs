//! Takes texts; gives a WordPiece vocabulary learned from them, as the lines of a `vocab.txt`.
//!
//! The merging is the `tokenizers` crate's. What its result would owe to the order of a hash table is fixed beforehand,
//! so that the same texts always give the same vocabulary, in the same order.

use std::{cmp::Reverse, collections::BTreeMap, collections::BTreeSet};

use tokenizers::{
    AddedToken, NormalizedString, Normalizer, OffsetReferential, OffsetType, PreTokenizedString, PreTokenizer,
    models::bpe::{BPE, BpeTrainer},
    normalizers::BertNormalizer,
    pre_tokenizers::bert::BertPreTokenizer,
};

use crate::{Error, Result};

/// BERT's, in the order of its ids.
const SPECIAL: [&str; 5] = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];
/// As many characters become tokens, at most: Python's `BertWordPieceTokenizer` has the same default.
const MOST_CHARACTERS: usize = 1000;
/// Pieces that occur less often are not joined: likewise.
const LEAST_OFTEN: u64 = 2;

/// A vocabulary of at most `size` tokens, the special ones included; fewer where the texts give no more.
///
/// # Errors
/// `bad-row` where the texts hold no word.
pub fn learn(texts: &[String], size: usize) -> Result<Vec<String>> {
    let words = count_words(texts)?;
    if words.is_empty() {
        return Err(Error::bad_row(
            "texts: expected at least one word to learn a vocabulary from, found none",
        ));
    }
    // Half of the room, since each may come also as "##" and itself.
    let characters = most_frequent(&words, MOST_CHARACTERS.min((size - SPECIAL.len()) / 2));
    let inside: BTreeSet<char> = words.keys().flat_map(|word| word.chars().skip(1)).collect();
    let pieces = inside
        .intersection(&characters)
        .map(|character| format!("##{character}"));
    let first = SPECIAL.map(str::to_owned).into_iter().chain(pieces);
    let trainer = BpeTrainer::builder()
        .show_progress(false)
        .vocab_size(size)
        .min_frequency(LEAST_OFTEN)
        .continuing_subword_prefix("##".to_owned())
        .special_tokens(first.map(|token| AddedToken::from(token, true)).collect())
        .limit_alphabet(characters.len())
        .initial_alphabet(characters.into_iter().collect())
        .build();
    let counts = words.iter().map(|(word, &count)| (word.as_str().into(), count));
    let mut model = BPE::default();
    trainer
        .do_train(&counts.collect(), &mut model)
        .map_err(|error| Error::bad_tokenizer(format!("no vocabulary could be learned: {error}")))?;
    let mut learned: Vec<(String, u32)> = model.get_vocab().into_iter().collect();
    learned.sort_unstable_by_key(|&(_, id)| id);
    Ok(learned.into_iter().map(|(token, _)| token).collect())
}

/// How often each word occurs, as BERT's normalizer and pre-tokenizer see words.
fn count_words(texts: &[String]) -> Result<BTreeMap<String, u64>> {
    let mut words = BTreeMap::new();
    for text in texts {
        let mut normalized = NormalizedString::from(text.as_str());
        BertNormalizer::default()
            .normalize(&mut normalized)
            .map_err(Error::bad_tokenizer)?;
        let mut split = PreTokenizedString::from(normalized);
        BertPreTokenizer
            .pre_tokenize(&mut split)
            .map_err(Error::bad_tokenizer)?;
        for (word, _, _) in split.get_splits(OffsetReferential::Original, OffsetType::Byte) {
            *words.entry(word.to_owned()).or_default() += 1;
        }
    }
    Ok(words)
}

/// The characters that occur most often; of those that occur equally often, the first by code point.
fn most_frequent(words: &BTreeMap<String, u64>, most: usize) -> BTreeSet<char> {
    let mut counts: BTreeMap<char, u64> = BTreeMap::new();
    for (word, count) in words {
        for character in word.chars() {
            *counts.entry(character).or_default() += count;
        }
    }
    let mut ranked: Vec<(char, u64)> = counts.into_iter().collect();
    ranked.sort_by_key(|&(_, count)| Reverse(count));
    ranked.into_iter().take(most).map(|(character, _)| character).collect()
}
