//! Every parameter's gradient by name against torch.

use bertlet::engine::LoadOptions;
use pollster::block_on;

use crate::fixtures::{Files, Reference, defaults, devices, json, strings};

#[test]
fn gradients_equal_torch() {
    let about = json("gradients/rows.json");
    let files = Files::tiny(about["checkpoint"].as_str().expect("a name"));
    let labels = about["labels"].as_array().expect("labels");
    let targets: Vec<u32> = labels
        .iter()
        .map(|label| label.as_u64().expect("a label") as u32)
        .collect();
    for (device, tolerance) in devices() {
        for pooling in ["pooler", "cls", "mean", "max"] {
            let options = LoadOptions {
                pooling: Some(pooling.into()),
                max_length: about["max_length"].as_u64().map(|length| length as usize),
                ..defaults()
            };
            let engine = files.load(&device, options).expect("the model");
            let rows = engine.encode(&strings(&about["texts"])).expect("tokens");
            let rows: Vec<_> = rows.iter().collect();
            let gradients = block_on(engine.gradients(&rows, &targets)).expect("gradients");

            let reference = Reference::open(&format!("gradients/{pooling}.safetensors"));
            let expected = reference
                .names()
                .iter()
                .filter(|name| name.starts_with("grad."))
                .count();
            assert_eq!(gradients.len(), expected, "{pooling}: parameters with a gradient");
            for (name, found) in gradients {
                let (_, expected) = reference.floats(&format!("grad.{name}"));
                let difference = norm(found.iter().zip(&expected).map(|(a, b)| a - b));
                // softmax ignores a shift of the scores, so the gradient of a key's bias is rounding alone.
                if name.ends_with("key.bias") {
                    assert!(difference < 1e-5, "{name}: {difference}");
                    continue;
                }
                let size = norm(expected.iter().copied());
                println!("{:?} {pooling} {name}: {:.1e}", device.kind, difference / size);
                assert!(
                    size > 0.0 && difference <= tolerance.gradient * size,
                    "{name}: {difference} of {size}"
                );
            }
        }
    }
}

fn norm(values: impl Iterator<Item = f32>) -> f64 {
    values.map(|x| f64::from(x).powi(2)).sum::<f64>().sqrt()
}
