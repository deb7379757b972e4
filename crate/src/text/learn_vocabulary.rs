//! Learns a WordPiece vocabulary from texts: the lines of a `vocab.txt`.
//!
//! The `tokenizers` crate does the merging. Its result can depend on the order of a hash table, so everything that does
//! is fixed beforehand: the same texts always give the same vocabulary, in the same order.

use std::{cmp::Reverse, collections::BTreeMap, collections::BTreeSet};

use tokenizers::{
    AddedToken, NormalizedString, Normalizer, OffsetReferential, OffsetType, PreTokenizedString, PreTokenizer,
    models::bpe::{BPE, BpeTrainer},
    normalizers::BertNormalizer,
    pre_tokenizers::bert::BertPreTokenizer,
};

use crate::{Error, Result};

/// BERT's special tokens, in the order of its ids.
const SPECIAL: [&str; 5] = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];
/// Most characters that become tokens: the default of Python's `BertWordPieceTokenizer`.
const MAX_CHARACTERS: usize = 1000;
/// Least frequency of a merged pair: the default of the same class.
const MIN_FREQUENCY: u64 = 2;
/// Most characters of a word: the tokenizer of a vocabulary knows no longer one, and merging it would take minutes.
const MAX_WORD: usize = 100;

/// A vocabulary of at most `size` tokens, the special ones included; smaller where the texts give no more.
///
/// # Errors
/// `bad-row` where the texts hold no word that is short enough.
pub fn learn_vocabulary(texts: &[String], size: usize) -> Result<Vec<String>> {
    let words = count_words(texts)?;
    if words.is_empty() {
        return Err(Error::bad_row(format!(
            "texts: expected at least one word of at most {MAX_WORD} characters to learn a vocabulary from, found none"
        )));
    }
    // Half of the vocabulary at most, since each character may also be a continuation, with "##" in front.
    let characters = most_frequent(&words, MAX_CHARACTERS.min((size - SPECIAL.len()) / 2));
    let inside: BTreeSet<char> = words.keys().flat_map(|word| word.chars().skip(1)).collect();
    let pieces = inside
        .intersection(&characters)
        .map(|character| format!("##{character}"));
    let first = SPECIAL.map(str::to_owned).into_iter().chain(pieces);
    let trainer = BpeTrainer::builder()
        .show_progress(false)
        .vocab_size(size)
        .min_frequency(MIN_FREQUENCY)
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

/// How often each word occurs, as BERT's normalizer and pre-tokenizer see words. Those that are too long are left out.
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
            if word.chars().nth(MAX_WORD).is_none() {
                *words.entry(word.to_owned()).or_default() += 1;
            }
        }
    }
    Ok(words)
}

/// The characters that occur most often; of those that occur equally often, the first by code point.
fn most_frequent(words: &BTreeMap<String, u64>, limit: usize) -> BTreeSet<char> {
    let mut counts: BTreeMap<char, u64> = BTreeMap::new();
    for (word, count) in words {
        for character in word.chars() {
            *counts.entry(character).or_default() += count;
        }
    }
    let mut ranked: Vec<(char, u64)> = counts.into_iter().collect();
    ranked.sort_by_key(|&(_, count)| Reverse(count));
    ranked.into_iter().take(limit).map(|(character, _)| character).collect()
}
