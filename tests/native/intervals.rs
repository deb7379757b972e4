//! Confidence intervals against scipy's bootstrap. Both are random: with 1,000 draws the 2.5% quantile of normal scores
//! has a standard deviation of 0.085 of the scores' own.

use bertlet::metrics::{Outcome, intervals};

use crate::fixtures::json;

/// Targets, predictions and loss of each row.
type Rows = Vec<(Vec<u32>, Vec<u32>, f64)>;

fn rows(set: &serde_json::Value) -> Rows {
    let list = |name: &str| set[name].as_array().expect("a list");
    let index = |value: &serde_json::Value| value.as_u64().expect("an index") as u32;
    // Single-label or multi-label.
    let indices = |value: &serde_json::Value| match value.as_array() {
        Some(several) => several.iter().map(index).collect(),
        None => vec![index(value)],
    };
    let rows = list("targets").iter().zip(list("predicted")).zip(list("losses"));
    rows.map(|((targets, predicted), loss)| {
        let loss = loss.as_f64().expect("a loss");
        (indices(targets), indices(predicted), loss)
    })
    .collect()
}

fn outcomes(rows: &Rows) -> Vec<Outcome<'_>> {
    let rows = rows.iter().map(|(targets, predicted, loss)| Outcome {
        targets,
        predicted,
        loss: *loss,
    });
    rows.collect()
}

#[test]
fn intervals_equal_scipys_but_for_chance() {
    let sets = json("model_selection/intervals.json");
    let mut outwards = Vec::new();
    for set in sets.as_array().expect("sets") {
        let rows = rows(set);
        let outcomes = outcomes(&rows);
        let classes = set["labels"].as_u64().expect("a count") as usize;
        let found = intervals(&outcomes, classes);
        assert_eq!(
            found,
            intervals(&outcomes, classes),
            "the same rows, the same intervals"
        );
        for (name, [low, high]) in [
            ("accuracy", found.accuracy),
            ("micro_f1", found.micro_f1),
            ("macro_f1", found.macro_f1),
            ("loss", found.loss),
        ] {
            // In single-label reports micro F1 is the accuracy.
            let name = if set[name].is_null() { "accuracy" } else { name };
            let number = |key: &str| set[name][key].as_f64().expect("a number");
            let step = if name == "accuracy" {
                1.0 / outcomes.len() as f64
            } else {
                0.0
            };
            let error = number("standard_error");
            for (found, expected, side) in [(low, number("low"), -1.0), (high, number("high"), 1.0)] {
                let off = (found - expected) / error;
                // Accuracy changes by whole rows.
                assert!(off.abs() < 0.34 + step / error, "{name}: {found}, scipy {expected}");
                outwards.push(off * side);
            }
        }
    }
    // The mean over all cases: 90% or 99% intervals would be 0.3 narrower or 0.6 wider.
    let mean = outwards.iter().sum::<f64>() / outwards.len() as f64;
    assert!(mean.abs() < 0.1, "{mean} of a standard error too wide");
}

#[test]
fn intervals_of_few_rows() {
    let right = Outcome {
        targets: &[1],
        predicted: &[1],
        loss: 0.25,
    };
    let one = intervals(&[right], 2);
    assert_eq!((one.accuracy, one.macro_f1, one.loss), ([1.0; 2], [0.5; 2], [0.25; 2]));
    let wrong = Outcome {
        predicted: &[0],
        loss: 3.0,
        ..right
    };
    let two = intervals(&[right, wrong], 2);
    assert_eq!((two.accuracy, two.loss), ([0.0, 1.0], [0.25, 3.0]));
    // A draw without a label says nothing of it: all right is all right.
    let labels: Vec<[u32; 1]> = (0..12).map(|label| [label]).collect();
    let each = labels.iter().map(|label| Outcome {
        targets: label,
        predicted: label,
        loss: 0.0,
    });
    assert_eq!(intervals(&each.collect::<Vec<_>>(), 12).macro_f1, [1.0; 2]);
    let none = intervals(&[], 2);
    assert_eq!((none.accuracy, none.loss), ([0.0; 2], [0.0; 2]));
}
