//! Reports against numbers worked out by hand.

use bertlet::metrics::{report, softmax};

#[test]
fn a_report_counts_right() {
    let labels = ["a", "b", "c"].map(str::to_owned);
    // Predicted a, b, b, a; true a, b, a, b; label c has no rows.
    let logits = [2.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 3.0, 1.0, 1.0, 0.5, 0.0];
    let report = report(&logits, &[0, 1, 0, 1], &labels);
    assert_eq!(report.confusion, [[1, 1, 0], [1, 1, 0], [0, 0, 0]]);
    assert!((report.accuracy - 0.5).abs() < 1e-12);
    assert!((report.per_label[0].precision - 0.5).abs() < 1e-12);
    assert_eq!((report.per_label[2].f1, report.per_label[2].support), (0.0, 0));
    assert!((report.macro_f1 - 1.0 / 3.0).abs() < 1e-12);
    let expected: f64 = [(0, 0), (1, 1), (2, 0), (3, 1)]
        .iter()
        .map(|&(row, target)| -f64::from(softmax(&logits[row * 3..row * 3 + 3], 3)[target]).ln())
        .sum();
    assert!((report.loss - expected / 4.0).abs() < 1e-6);
}

#[test]
fn softmax_stands_large_logits() {
    let scores = softmax(&[1e30, 0.0, -1e30, 3.0, 3.0, 3.0], 3);
    assert_eq!(scores[..3], [1.0, 0.0, 0.0]);
    assert!((scores[3] - 1.0 / 3.0).abs() < 1e-6);
}
