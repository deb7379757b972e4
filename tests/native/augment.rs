//! Augmentation: how much it changes, what it never changes, and that it lasts as long as the run.

use bertlet::{
    engine::{Engine, LoadOptions},
    text::{AugmentOptions, Augmentation, Row, TokenKind},
    train::{Method, RowTargets, TrainOptions},
};
use pollster::block_on;

use crate::fixtures::{Files, defaults, devices};

const CHECKPOINT: &str = "sequence_classification_f32";

fn engine() -> Engine {
    let (device, _) = devices().remove(0);
    let options = LoadOptions {
        max_length: Some(64),
        ..defaults()
    };
    Files::tiny(CHECKPOINT).load(&device, options).expect("the model")
}

/// The words of a row as groups of ids: the first token with its continuations. Each special token is a group of its
/// own.
fn groups(engine: &Engine, row: &Row) -> Vec<Vec<u32>> {
    let text = |id: u32| engine.tokenizer().decode(&[id], false).expect("a token");
    let mut groups: Vec<Vec<u32>> = Vec::new();
    for &id in &row.input_ids {
        match groups.last_mut() {
            Some(group) if text(id).starts_with("##") => group.push(id),
            _ => groups.push(vec![id]),
        }
    }
    groups
}

/// Texts with many words of several tokens.
fn row(engine: &Engine) -> Row {
    let texts = ["the boxes were lateness unboxing and the days goodly after what a long day it was".to_owned()];
    engine.encode(&texts).expect("tokens").remove(0)
}

fn augmentation(engine: &Engine, rows: &[Row], options: AugmentOptions, seed: u64) -> Augmentation {
    Augmentation::new(engine.tokenizer(), rows, options, seed).expect("shares")
}

const ROUNDS: usize = 2000;

#[test]
fn words_are_dropped_whole_and_as_often_as_asked() {
    let engine = engine();
    let row = row(&engine);
    let before = groups(&engine, &row);
    assert!(before.iter().any(|group| group.len() > 1), "a word of pieces");
    let words = before.len() - 2;
    let options = AugmentOptions {
        drop: 0.3,
        ..AugmentOptions::default()
    };
    let augmentation = augmentation(&engine, std::slice::from_ref(&row), options, 1);
    let mut left = 0;
    for epoch in 1..=ROUNDS {
        let found = augmentation.augment(&row, 0, epoch);
        assert_eq!(found.input_ids.len(), found.token_type_ids.len());
        let after = groups(&engine, &found);
        // The order stays, no word is split, and the first and the last token stay.
        let mut rest = before.iter();
        assert!(after.iter().all(|group| rest.any(|other| other == group)), "{after:?}");
        assert_eq!((after.first(), after.last()), (before.first(), before.last()));
        assert!(after.len() > 2, "at least one word");
        left += after.len() - 2;
    }
    let share = 1.0 - left as f64 / (ROUNDS * words) as f64;
    // Five standard deviations.
    let most = 5.0 * (0.3 * 0.7 / (ROUNDS * words) as f64).sqrt();
    assert!((share - 0.3).abs() < most, "{share}");
}

#[test]
fn neighbours_change_places_as_often_as_asked() {
    let engine = engine();
    let row = row(&engine);
    let before = groups(&engine, &row);
    let options = AugmentOptions {
        swap: 0.2,
        ..AugmentOptions::default()
    };
    let augmentation = augmentation(&engine, std::slice::from_ref(&row), options, 1);
    let (mut looked_at, mut swapped) = (0, 0);
    for epoch in 1..=ROUNDS {
        let after = groups(&engine, &augmentation.augment(&row, 0, epoch));
        assert_eq!(after.len(), before.len());
        let mut place = 1;
        while place + 2 < before.len() {
            looked_at += 1;
            if after[place] == before[place] {
                place += 1;
                continue;
            }
            assert_eq!([&after[place], &after[place + 1]], [&before[place + 1], &before[place]]);
            swapped += 1;
            place += 2;
        }
    }
    let share = f64::from(swapped) / f64::from(looked_at);
    assert!(
        (share - 0.2).abs() < 5.0 * (0.16 / f64::from(looked_at)).sqrt(),
        "{share}"
    );
}

#[test]
fn words_are_masked_whole_and_as_often_as_asked() {
    let engine = engine();
    let row = row(&engine);
    let before = groups(&engine, &row);
    let mask_id = engine.tokenizer().mask_id().expect("a mask");
    let options = AugmentOptions {
        mask: 0.25,
        ..AugmentOptions::default()
    };
    let augmentation = augmentation(&engine, std::slice::from_ref(&row), options, 1);
    let mut masked = 0;
    for epoch in 1..=ROUNDS {
        let found = augmentation.augment(&row, 0, epoch);
        assert_eq!(found.input_ids.len(), row.input_ids.len());
        let mut place = 0;
        for group in &before {
            let after = &found.input_ids[place..place + group.len()];
            place += group.len();
            match after.contains(&mask_id) {
                true => assert!(after.iter().all(|&id| id == mask_id), "all pieces or none"),
                false => assert_eq!(after, group),
            }
            masked += usize::from(after[0] == mask_id);
        }
    }
    let words = ROUNDS * (before.len() - 2);
    let share = masked as f64 / words as f64;
    assert!((share - 0.25).abs() < 5.0 * (0.1875 / words as f64).sqrt(), "{share}");
}

#[test]
fn the_same_seed_draws_the_same_rows() {
    let engine = engine();
    let rows = vec![row(&engine); 3];
    let options = AugmentOptions {
        drop: 0.2,
        swap: 0.2,
        mask: 0.2,
    };
    let of = |seed: u64| augmentation(&engine, &rows, options, seed);
    let drawn = |seed: u64, number: usize, epoch: usize| of(seed).augment(&rows[number], number, epoch);
    assert_eq!(drawn(1, 0, 1), drawn(1, 0, 1));
    // Another seed, row or epoch changes the result.
    for other in [drawn(2, 0, 1), drawn(1, 1, 1), drawn(1, 0, 2)] {
        assert_ne!(drawn(1, 0, 1), other);
    }
}

#[test]
fn words_of_a_pair_stay_in_their_text_and_a_row_keeps_a_word() {
    let engine = engine();
    let texts = ["the box was late", "a good day it was after all", "", "late", "!"].map(str::to_owned);
    let rows = engine.encode(&texts).expect("tokens");
    // A pair: the second text without its [CLS], in segment 1.
    let mut pair = rows[0].clone();
    pair.input_ids.extend(&rows[1].input_ids[1..]);
    pair.token_type_ids.extend(vec![1; rows[1].input_ids.len() - 1]);
    let ids_of = |row: &Row, segment: u32| {
        let ids = row.input_ids.iter().zip(&row.token_type_ids);
        let mut ids: Vec<u32> = ids.filter(|(_, own)| **own == segment).map(|(id, _)| *id).collect();
        ids.sort_unstable();
        ids
    };
    let swaps = AugmentOptions {
        swap: 0.9,
        ..AugmentOptions::default()
    };
    let swapping = augmentation(&engine, std::slice::from_ref(&pair), swaps, 1);
    let most = AugmentOptions {
        drop: 0.99,
        swap: 0.5,
        mask: 0.99,
    };
    let rows = [&rows[..], &[pair.clone()]].concat();
    let tearing = augmentation(&engine, &rows, most, 1);
    let mask_id = engine.tokenizer().mask_id().expect("a mask");
    let kinds = engine.tokenizer().kinds().expect("kinds");
    let special = |id: u32| kinds.of(id) == TokenKind::Special;
    for epoch in 1..=100 {
        let found = swapping.augment(&pair, 0, epoch);
        assert_eq!(
            [ids_of(&found, 0), ids_of(&found, 1)],
            [ids_of(&pair, 0), ids_of(&pair, 1)]
        );
        for (number, row) in rows.iter().enumerate() {
            let found = tearing.augment(row, number, epoch);
            let words = |row: &Row| row.input_ids.iter().filter(|&&id| !special(id)).count();
            assert_eq!(words(&found) > 0, words(row) > 0, "row {number}");
            let specials = |row: &Row| -> Vec<u32> {
                let ids = row.input_ids.iter().copied();
                ids.filter(|&id| special(id) && id != mask_id).collect()
            };
            assert_eq!(specials(&found), specials(row));
        }
    }
}

#[test]
fn bad_shares_are_refused() {
    for (drop, swap, mask, name) in [
        (1.0, 0.0, 0.0, "augment.drop"),
        (0.0, -0.1, 0.0, "augment.swap"),
        (0.0, 0.0, f64::NAN, "augment.mask"),
    ] {
        let options = TrainOptions {
            augment: AugmentOptions { drop, swap, mask },
            ..TrainOptions::default()
        };
        let error = options.check().expect_err("a bad share");
        assert_eq!(error.code(), "bad-option");
        assert!(error.to_string().contains(name), "{error}");
    }
    let frozen = TrainOptions {
        method: Method::Head,
        augment: AugmentOptions {
            drop: 0.1,
            ..AugmentOptions::default()
        },
        ..TrainOptions::default()
    };
    assert!(
        frozen
            .check()
            .expect_err("states that are kept")
            .to_string()
            .contains("augment")
    );
}

#[test]
fn a_run_trains_on_augmented_rows_and_answers_on_whole_ones() {
    for (device, _) in devices() {
        let texts = ["the box was late", "good", "what a long day it was", ""].map(str::to_owned);
        let run = |augment: AugmentOptions, learning_rate: f64| {
            let mut engine = Files::tiny(CHECKPOINT).load(&device, defaults()).expect("the model");
            let rows = engine.encode(&texts).expect("tokens");
            let options = TrainOptions {
                epochs: 2,
                batch_size: 4,
                shuffle: false,
                dropout: Some(0.0),
                learning_rate,
                augment,
                ..TrainOptions::default()
            };
            let targets = RowTargets::Single(vec![0, 1, 2, 1]);
            engine
                .begin_training(rows.clone(), targets, options, "default")
                .expect("a run");
            let steps = [(); 2].map(|()| block_on(engine.train_step()).expect("a step"));
            engine.end_training();
            let all: Vec<&Row> = rows.iter().collect();
            (steps, block_on(engine.logits(&all)).expect("logits"))
        };
        let masking = AugmentOptions {
            mask: 0.5,
            ..AugmentOptions::default()
        };
        let dropping = AugmentOptions {
            drop: 0.5,
            ..AugmentOptions::default()
        };
        let (plain, masked, dropped) = (
            run(AugmentOptions::default(), 1e-3),
            run(masking, 1e-3),
            run(dropping, 1e-3),
        );
        assert_eq!(run(masking, 1e-3), masked, "the same seed, the same run");
        assert_ne!(masked.0[0].loss, plain.0[0].loss);
        // The mask's embedding is among those that the run trains, so the loss is that of the same ids without
        // renumbering.
        assert_eq!(masked.0[0].tokens, plain.0[0].tokens);
        assert!(dropped.0[0].tokens < plain.0[0].tokens);
        // After almost no training the logits are those of before: inference does not augment.
        let still = run(dropping, 1e-12).1;
        let whole = run(AugmentOptions::default(), 1e-12).1;
        assert!(crate::fixtures::max_difference(&still, &whole) < 1e-6);
    }
}

#[test]
fn masked_ids_are_those_of_the_vocabulary() {
    let (device, tolerance) = devices().remove(0);
    let mut engine = Files::tiny(CHECKPOINT).load(&device, defaults()).expect("the model");
    let rows = engine.encode(&["what a long day it was".to_owned()]).expect("tokens");
    let augment = AugmentOptions {
        mask: 0.5,
        ..AugmentOptions::default()
    };
    let augmented = augmentation(&engine, &rows, augment, 42).augment(&rows[0], 0, 1);
    let mask_id = engine.tokenizer().mask_id().expect("a mask");
    assert!(augmented.input_ids.contains(&mask_id));
    let logits = block_on(engine.logits(&[&augmented])).expect("logits");
    let highest = logits.iter().fold(f32::MIN, |a, &b| a.max(b));
    let sum: f32 = logits.iter().map(|logit| (logit - highest).exp()).sum();
    let expected = highest + sum.ln() - logits[1];
    let options = TrainOptions {
        epochs: 1,
        dropout: Some(0.0),
        augment,
        ..TrainOptions::default()
    };
    // The run renumbers its ids; its first loss is still that of the masked row.
    engine
        .begin_training(rows, RowTargets::Single(vec![1]), options, "default")
        .expect("a run");
    let found = block_on(engine.train_step()).expect("a step").loss;
    assert!((found - expected).abs() < tolerance.forward, "{found}, {expected}");
}
