//! Reports against scikit-learn's and against numbers worked out by hand.

use bertlet::metrics::{report, softmax};

use crate::fixtures::json;

#[test]
fn a_report_equals_scikit_learns() {
    let reference = &json("choosing/scores.json")["one_label"];
    let indices = |name: &str| -> Vec<usize> {
        let list = reference[name].as_array().expect("a list").iter();
        list.map(|value| value.as_u64().expect("an index") as usize).collect()
    };
    let classes = reference["classes"].as_u64().expect("a count") as usize;
    let labels: Vec<String> = (0..classes).map(|label| label.to_string()).collect();
    let (truth, predicted) = (indices("truth"), indices("predicted"));
    let targets: Vec<u32> = truth.iter().map(|&label| label as u32).collect();
    let logits: Vec<f32> = predicted
        .iter()
        .flat_map(|&best| (0..classes).map(move |label| if label == best { 2.0 } else { 0.0 }))
        .collect();
    let found = report(&logits, &targets, &labels);
    for (name, score) in [("accuracy", found.accuracy), ("macro_f1", found.macro_f1)] {
        let expected = reference[name].as_f64().expect("a number");
        assert!((score - expected).abs() < 1e-12, "{name}: {score}, {expected}");
    }
}

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
