//! Takes the labels of rows; gives pairs of rows of one label and of two, for contrastive training (Tunstall et al. 2022,
//! section 3: SetFit).

use std::ops::Range;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::objectives::Pair;

/// Pairs of each kind that a row begins, at most; and about how many of a kind there are in all where rows are many.
const EACH: usize = 10;
const ENOUGH: usize = 2000;

/// For each row so many pairs with another row of its label, and as many with rows of other labels, drawn by the seed. A
/// row that is alone with its label has none of the first kind.
pub fn pairs(targets: &[u32], seed: u64) -> Vec<Pair> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut below = |count: usize| (random.next_u64() % count as u64) as usize;
    let mut sorted: Vec<usize> = (0..targets.len()).collect();
    sorted.sort_by_key(|&row| targets[row]);
    let each = (ENOUGH / targets.len().max(1)).clamp(1, EACH);
    let mut found = Vec::with_capacity(2 * each * targets.len());
    for (place, &row) in sorted.iter().enumerate() {
        let own = range(&sorted, targets, targets[row]);
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

/// Where the rows of a label stand.
fn range(sorted: &[usize], targets: &[u32], label: u32) -> Range<usize> {
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
