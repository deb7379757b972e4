//! Pairs of rows for contrastive training: of one label, or of two (SetFit: Tunstall et al. 2022, section 3).

use std::ops::Range;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::objectives::Pair;

/// Most pairs of each kind that have a row as their first.
const MAX_PAIRS_PER_ROW: usize = 10;
/// About as many pairs of each kind are made where rows are many.
const TARGET_PAIRS: usize = 2000;

/// Random pairs of each row: 1 to 10 with rows of its label, and as many with rows of other labels. The only row of a
/// label has none of the first kind.
pub fn pairs(targets: &[u32], seed: u64) -> Vec<Pair> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut below = |count: usize| (random.next_u64() % count as u64) as usize;
    let mut sorted: Vec<usize> = (0..targets.len()).collect();
    sorted.sort_by_key(|&row| targets[row]);
    let each = (TARGET_PAIRS / targets.len().max(1)).clamp(1, MAX_PAIRS_PER_ROW);
    let mut found = Vec::with_capacity(2 * each * targets.len());
    for (place, &row) in sorted.iter().enumerate() {
        let own = rows_of_label(&sorted, targets, targets[row]);
        for _ in 0..each {
            if own.len() > 1 {
                let other = own.start + below(own.len() - 1);
                let other = if other < place { other } else { other + 1 };
                found.push(Pair {
                    rows: [row, sorted[other]],
                    similarity: 1.0,
                });
            }
            if own.len() < sorted.len() {
                let other = below(sorted.len() - own.len());
                let other = if other < own.start { other } else { other + own.len() };
                found.push(Pair {
                    rows: [row, sorted[other]],
                    similarity: 0.0,
                });
            }
        }
    }
    found
}

/// The range of a label's rows in `sorted`.
fn rows_of_label(sorted: &[usize], targets: &[u32], label: u32) -> Range<usize> {
    let start = sorted.partition_point(|&row| targets[row] < label);
    let end = sorted.partition_point(|&row| targets[row] <= label);
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_say_whether_labels_are_one() {
        let targets = [0, 1, 0, 2, 1, 0];
        let found = pairs(&targets, 1);
        assert_eq!(found, pairs(&targets, 1));
        assert_ne!(found, pairs(&targets, 2));
        for Pair {
            rows: [a, b],
            similarity,
        } in &found
        {
            assert_ne!(a, b);
            assert_eq!(*similarity == 1.0, targets[*a] == targets[*b]);
        }
        // Row 3 is alone with its label: 5 rows with 20 pairs, and one with 10.
        assert_eq!(found.len(), 110);
        let meet = |label: u32| {
            found
                .iter()
                .any(|pair| pair.rows.iter().any(|&row| targets[row] == label))
        };
        assert!((0..3).all(meet));
    }
}
