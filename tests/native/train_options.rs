//! Options of a run: each value out of range is refused by its name.

use bertlet::{Error, train::TrainOptions};

use crate::{
    fixtures::devices,
    training::{engine, rows, run},
};

#[test]
fn options_out_of_range_are_named() {
    let (texts, labels) = rows();
    let (device, _) = devices().remove(0);
    let ok = TrainOptions::default;
    let cases = [
        ("epochs", TrainOptions { epochs: 0, ..ok() }),
        ("batchSize", TrainOptions { batch_size: 0, ..ok() }),
        (
            "learningRate",
            TrainOptions {
                learning_rate: 0.0,
                ..ok()
            },
        ),
        (
            "learningRate",
            TrainOptions {
                learning_rate: f64::NAN,
                ..ok()
            },
        ),
        (
            "weightDecay",
            TrainOptions {
                weight_decay: -0.1,
                ..ok()
            },
        ),
        (
            "warmupRatio",
            TrainOptions {
                warmup_ratio: 1.5,
                ..ok()
            },
        ),
        (
            "freezeLayers",
            TrainOptions {
                freeze_layers: 99,
                ..ok()
            },
        ),
        // 0 as f32: the update would divide 0 by 0.
        (
            "adamEpsilon",
            TrainOptions {
                adam_epsilon: 1e-300,
                ..ok()
            },
        ),
        (
            "adamBeta1",
            TrainOptions {
                adam_beta1: 1.0,
                ..ok()
            },
        ),
        (
            "adamBeta2",
            TrainOptions {
                adam_beta2: -1.0,
                ..ok()
            },
        ),
        (
            "adamEpsilon",
            TrainOptions {
                adam_epsilon: 0.0,
                ..ok()
            },
        ),
        (
            "maxGradNorm",
            TrainOptions {
                max_grad_norm: f64::INFINITY,
                ..ok()
            },
        ),
        (
            "dropout",
            TrainOptions {
                dropout: Some(1.0),
                ..ok()
            },
        ),
    ];
    for (option, options) in cases {
        match run(&mut engine(&device, "pooler"), &texts[..8], &labels[..8], options) {
            Err(Error::BadOption { name, .. }) => assert_eq!(name, option),
            other => panic!("{option}: {other:?}"),
        }
    }
}
