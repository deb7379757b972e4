//! Masking: its distribution; the same masks for the same seed; special tokens are never masked; whole words stay
//! together.

use std::collections::BTreeSet;

use bertlet::{
    Error,
    text::{MaskedRow, Masking, MaskingOptions, Row, TokenKind, Tokenizer, read_tokenizer},
};

use crate::fixtures::{Files, bytes, data};

fn tokenizer() -> Box<dyn Tokenizer> {
    let files = Files::tiny("masked_lm_bf16");
    read_tokenizer(&files.tokenizer, None, 223, 64).expect("the tokenizer")
}

fn masking(whole_words: bool, seed: u64) -> Masking {
    let options = MaskingOptions {
        whole_words,
        seed,
        ..MaskingOptions::default()
    };
    Masking::new(tokenizer().as_ref(), options).expect("the masking")
}

/// The texts of the training reference, repeated.
fn rows(tokenizer: &dyn Tokenizer, count: usize) -> Vec<Row> {
    let about: serde_json::Value =
        serde_json::from_slice(&bytes(&data("training/rows.json"))).expect("the reference is JSON");
    let texts = about["rows"].as_array().expect("rows").iter();
    let rows: Vec<Row> = texts
        .map(|row| tokenizer.encode(row["text"].as_str().expect("a text")).expect("tokens"))
        .collect();
    (0..count).map(|index| rows[index % rows.len()].clone()).collect()
}

/// Five standard deviations of a share of so many draws.
fn within(found: usize, of: usize, share: f64) -> bool {
    let off = (found as f64 / of as f64 - share).abs();
    off < 5.0 * (share * (1.0 - share) / of as f64).sqrt()
}

#[test]
fn tokens_are_chosen_and_replaced_as_transformers_does() {
    let tokenizer = tokenizer();
    let rows = rows(tokenizer.as_ref(), 20_000);
    let mask_id = tokenizer.mask_id().expect("[MASK]");
    let kinds = tokenizer.kinds().expect("kinds");
    let special: BTreeSet<u32> = (0..223).filter(|&id| kinds.of(id) == TokenKind::Special).collect();
    let masking = masking(false, 7);
    let (mut able, mut chosen, mut masked, mut kept) = (0, 0, 0, 0);
    let mut replaced = Vec::new();
    for (number, row) in rows.iter().enumerate() {
        let MaskedRow { row: read, targets } = masking.mask(row, number, 1);
        able += row.input_ids.iter().filter(|id| !special.contains(id)).count();
        chosen += targets.len();
        let mut original = read.clone();
        for &(place, id) in &targets {
            assert!(!special.contains(&id), "a special token was chosen");
            match read.input_ids[place] {
                found if found == mask_id => masked += 1,
                found if found == id => kept += 1,
                found => replaced.push(found),
            }
            original.input_ids[place] = id;
        }
        assert_eq!(&original, row, "a token that is not asked for was changed");
    }
    assert!(chosen > 20_000, "too few to tell");
    assert!(within(chosen, able, 0.15), "{chosen} of {able} chosen");
    // A random token may be the original one, or [MASK].
    let twin = 0.1 / 223.0;
    assert!(within(masked, chosen, 0.8 + twin), "{masked} of {chosen} masked");
    assert!(within(kept, chosen, 0.1 + twin), "{kept} of {chosen} kept");
    let lower = replaced.iter().filter(|&&id| id < 111).count();
    assert!(
        within(lower, replaced.len(), 110.0 / 221.0),
        "{lower} of {}",
        replaced.len()
    );
    assert_eq!(
        replaced.iter().collect::<BTreeSet<_>>().len(),
        222,
        "every other token comes up"
    );
}

#[test]
fn whole_words_are_masked_together() {
    let tokenizer = tokenizer();
    let kinds = tokenizer.kinds().expect("kinds");
    let is_piece = |id: u32| tokenizer.decode(&[id], false).expect("a token").starts_with("##");
    let rows = rows(tokenizer.as_ref(), 20_000);
    let (mut words, mut chosen, mut pieces) = (0, 0, 0);
    let masking = masking(true, 7);
    for (number, row) in rows.iter().enumerate() {
        let places: BTreeSet<usize> = masking
            .mask(row, number, 1)
            .targets
            .iter()
            .map(|&(place, _)| place)
            .collect();
        for (place, &id) in row.input_ids.iter().enumerate() {
            match is_piece(id) {
                true => {
                    pieces += 1;
                    assert_eq!(
                        places.contains(&place),
                        places.contains(&(place - 1)),
                        "a word was torn"
                    );
                }
                false => {
                    let special = kinds.of(id) == TokenKind::Special;
                    words += usize::from(!special);
                    chosen += usize::from(places.contains(&place));
                }
            }
        }
    }
    assert!(pieces > 10_000, "too few to tell");
    assert!(within(chosen, words, 0.15), "{chosen} of {words}");
}

#[test]
fn what_is_drawn_depends_on_seed_epoch_and_row_alone() {
    let tokenizer = tokenizer();
    let rows = rows(tokenizer.as_ref(), 200);
    let all = |masking: &Masking, epoch| -> Vec<MaskedRow> {
        let numbered = rows.iter().enumerate();
        numbered.map(|(number, row)| masking.mask(row, number, epoch)).collect()
    };
    let one = masking(false, 1);
    assert_eq!(all(&one, 3), all(&masking(false, 1), 3));
    assert_ne!(all(&one, 3), all(&one, 4));
    assert_ne!(all(&one, 3), all(&masking(false, 2), 3));
    assert_ne!(
        one.mask(&rows[0], 0, 1),
        one.mask(&rows[0], 24, 1),
        "the same text twice"
    );
}

#[test]
fn one_token_can_be_asked_for_where_chance_chose_none() {
    let tokenizer = tokenizer();
    let row = tokenizer.encode("late").expect("tokens");
    let masking = masking(false, 3);
    for epoch in 0..100 {
        assert_eq!(masking.mask_one(&row, 0, epoch).targets.len(), 1);
    }
    let row = tokenizer.encode("unbelievably late deliveries").expect("tokens");
    let whole = |row: &Row| -> BTreeSet<usize> {
        let is_piece = |id: u32| tokenizer.decode(&[id], false).expect("a token").starts_with("##");
        let pieces = (0..row.input_ids.len()).filter(|&place| is_piece(row.input_ids[place]));
        pieces.collect()
    };
    let pieces = whole(&row);
    assert!(!pieces.is_empty());
    for epoch in 0..100 {
        let masked = self::masking(true, 3).mask_one(&row, 0, epoch);
        let places: BTreeSet<usize> = masked.targets.iter().map(|&(place, _)| place).collect();
        let torn = |place: &usize| places.contains(place) != places.contains(&(place - 1));
        assert!(!places.is_empty() && !pieces.iter().any(torn), "{places:?}");
    }
    assert!(masking.can_mask(&row));
    for text in ["", "[MASK]", "\u{1f995}"] {
        assert!(!masking.can_mask(&tokenizer.encode(text).expect("tokens")), "{text:?}");
    }
}

#[test]
fn bad_options_and_vocabularies_are_refused() {
    for mask_probability in [0.0, -0.1, 1.1, f64::NAN] {
        let options = MaskingOptions {
            mask_probability,
            ..MaskingOptions::default()
        };
        let refused = Masking::new(tokenizer().as_ref(), options).expect_err("out of range");
        assert!(matches!(
            refused,
            Error::BadOption {
                name: "maskProbability",
                ..
            }
        ));
    }
    let without = read_tokenizer(b"[PAD]\n[UNK]\n[CLS]\n[SEP]\nlate", None, 5, 8).expect("a tokenizer");
    let refused = Masking::new(without.as_ref(), MaskingOptions::default()).expect_err("no [MASK]");
    assert_eq!(refused.code(), "bad-tokenizer");
}
