//! The batch sampler: each epoch has every row once, in an order of its own, and grouping by length saves padding.

use bertlet::train::{TrainOptions, epoch_batches};

#[test]
fn an_epochs_batches_hold_each_row_once_in_an_order_of_its_own() {
    let lengths = skewed_lengths(1003);
    let options = TrainOptions::default();
    let first = epoch_batches(&lengths, 1, &options);
    for group_by_length in [true, false] {
        let options = TrainOptions {
            group_by_length,
            ..options.clone()
        };
        let batches = epoch_batches(&lengths, 1, &options);
        let mut sorted = batches.concat();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..1003).collect::<Vec<_>>());
        let mut sizes: Vec<usize> = batches.iter().map(Vec::len).collect();
        sizes.sort_unstable();
        assert_eq!((batches.len(), sizes[0], sizes[1]), (126, 3, 8));
        assert_eq!(batches, epoch_batches(&lengths, 1, &options));
        assert_ne!(batches, epoch_batches(&lengths, 2, &options));
        let seed = 43;
        assert_ne!(batches, epoch_batches(&lengths, 1, &TrainOptions { seed, ..options }));
    }
    // Long and short batches are mixed.
    let longest = |batch: &Vec<usize>| batch.iter().map(|&row| lengths[row]).max();
    assert!(!first.iter().map(longest).is_sorted_by(|a, b| a >= b));
    let in_order = TrainOptions {
        shuffle: false,
        ..options
    };
    assert_eq!(
        epoch_batches(&lengths, 1, &in_order).concat(),
        (0..1003).collect::<Vec<_>>()
    );
    assert!(epoch_batches(&[], 1, &TrainOptions::default()).is_empty());
}

#[test]
fn rows_of_like_length_share_a_batch() {
    let lengths = skewed_lengths(2000);
    let share = |group_by_length| {
        let options = TrainOptions {
            group_by_length,
            ..TrainOptions::default()
        };
        let batches = epoch_batches(&lengths, 1, &options);
        let tokens: usize = lengths.iter().sum();
        let longest = |batch: &Vec<usize>| batch.iter().map(|&row| lengths[row]).max().unwrap_or(0);
        let computed: usize = batches.iter().map(|batch| batch.len() * longest(batch)).sum();
        (computed - tokens) as f64 / computed as f64
    };
    let (grouped, shuffled) = (share(true), share(false));
    assert!(shuffled > 0.5, "{shuffled}");
    assert!(grouped < 0.1, "{grouped}");
}

/// Lengths of many short texts and a few long ones, as usual in data: 4 to 128, half of them under 20.
fn skewed_lengths(rows: usize) -> Vec<usize> {
    (0..rows)
        .map(|row| 4 + (row * 7919 % 1000).pow(3) / 8_064_516)
        .collect()
}
