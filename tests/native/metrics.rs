//! Reports against scikit-learn's and against numbers computed by hand.

use bertlet::metrics::{best_threshold, report, report_multi_label, sigmoid, softmax};
use serde_json::Value;

use crate::fixtures::json;

#[test]
fn a_report_equals_scikit_learns() {
    let reference = &json("model_selection/scores.json")["one_label"];
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

/// Targets and logits of multi-label rows, and the labels' names.
fn scored(set: &Value) -> (Vec<Vec<u32>>, Vec<f32>, Vec<String>) {
    let list = |value: &Value| value.as_array().expect("a list").clone();
    let index = |value: &Value| value.as_u64().expect("an index") as u32;
    let truth = list(&set["truth"]);
    let targets = truth.iter().map(|row| list(row).iter().map(index).collect());
    let logits = list(&set["logits"]).iter().flat_map(list).collect::<Vec<Value>>();
    let logits = logits.iter().map(|logit| logit.as_f64().expect("a logit") as f32);
    let classes = set["classes"].as_u64().expect("a count");
    (
        targets.collect(),
        logits.collect(),
        (0..classes).map(|label| label.to_string()).collect(),
    )
}

#[test]
fn a_report_of_several_labels_equals_scikit_learns() {
    let reference = json("model_selection/scores.json");
    let sets = reference["several_scored"].as_array().expect("sets");
    let number = |value: &Value| value.as_f64().expect("a number");
    for set in sets {
        let (targets, logits, labels) = scored(set);
        for at in set["at"].as_array().expect("thresholds") {
            let threshold = number(&at["threshold"]);
            let found = report_multi_label(&logits, &targets, &labels, threshold);
            assert_eq!(found.threshold, Some(threshold));
            assert!(found.confusion.is_empty());
            let mut held = vec![
                (found.loss, &set["loss"]),
                (found.accuracy, &at["subset_accuracy"]),
                (found.micro_f1, &at["micro_f1"]),
                (found.macro_f1, &at["macro_f1"]),
            ];
            for (label, score) in found.per_label.iter().enumerate() {
                held.push((score.precision, &at["precision"][label]));
                held.push((score.recall, &at["recall"][label]));
                held.push((score.f1, &at["f1"][label]));
                held.push((f64::from(score.support), &at["support"][label]));
            }
            for (place, (found, expected)) in held.into_iter().enumerate() {
                let expected = number(expected);
                assert!((found - expected).abs() < 1e-12, "score {place}: {found}, {expected}");
            }
        }
    }
}

#[test]
fn a_report_of_predicted_sets_equals_scikit_learns() {
    let set = &json("model_selection/scores.json")["several_labels"];
    let predicted = set["predicted"].as_array().expect("rows");
    let classes = set["classes"].as_u64().expect("a count");
    let logit = |row: &Value, label: u64| match row.as_array().expect("labels").contains(&label.into()) {
        true => 3.0,
        false => -3.0,
    };
    let logits = predicted
        .iter()
        .map(|row| (0..classes).map(|label| logit(row, label)).collect());
    let logits: Vec<Vec<f32>> = logits.collect();
    let with_logits = serde_json::json!({ "truth": set["truth"], "classes": classes, "logits": logits });
    let (targets, logits, labels) = scored(&with_logits);
    let found = report_multi_label(&logits, &targets, &labels, 0.5);
    for (name, score) in [
        ("subset_accuracy", found.accuracy),
        ("micro_f1", found.micro_f1),
        ("macro_f1", found.macro_f1),
    ] {
        let expected = set[name].as_f64().expect("a number");
        assert!((score - expected).abs() < 1e-12, "{name}: {score}, {expected}");
    }
}

#[test]
fn the_best_threshold_is_scikit_learns() {
    for set in json("model_selection/scores.json")["several_scored"]
        .as_array()
        .expect("sets")
    {
        let (targets, logits, labels) = scored(set);
        let found = best_threshold(&logits, &targets, labels.len());
        let expected = set["best_threshold"].as_f64().expect("a number");
        assert!((found - expected).abs() < 1e-6, "{found}, {expected}");
        let micro_f1 = report_multi_label(&logits, &targets, &labels, found).micro_f1;
        assert!((micro_f1 - set["best_micro_f1"].as_f64().expect("a number")).abs() < 1e-12);
    }
}

#[test]
fn thresholds_of_rows_that_tell_nothing() {
    // Without labels, and without rows.
    assert_eq!(best_threshold(&[1.0, -1.0], &[vec![], vec![]], 1), 0.5);
    assert_eq!(best_threshold(&[], &[], 3), 0.5);
    // Sigmoids that are 0 and 1 as f32.
    assert_eq!(best_threshold(&[90.0, -200.0], &[vec![0], vec![]], 1), 0.5);
    for (logits, own) in [
        ([-200.0, -200.0], [vec![0], vec![0]]),
        ([90.0, 91.0], [vec![0], vec![]]),
        // Between the last f32 before 1, and 1.
        ([90.0, 16.5], [vec![0], vec![]]),
    ] {
        let found = best_threshold(&logits, &own, 1);
        assert!(found > 0.0 && found < 1.0, "{found}");
    }
    assert_eq!(sigmoid(&[f32::MAX, f32::MIN, 0.0]), [1.0, 0.0, 0.5]);
}
