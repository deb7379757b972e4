//! Fine-tunes a classifier on eight texts and prints its report and its predictions.
//!
//! `cargo run --release --example fine_tune` makes a tiny BERT whose vocabulary is learned from the texts; `cargo run
//! --release --example fine_tune -- FOLDER` loads a Hugging Face checkpoint: config.json, model.safetensors, and
//! tokenizer.json or vocab.txt.

use std::{error::Error, fs, path::Path};

use bertlet::{
    device::{self, Device, DeviceKind},
    engine::{CreateOptions, Engine, LoadOptions},
    metrics,
    train::{RowTargets, TrainOptions},
};
use pollster::block_on;

const LABELS: [&str; 2] = ["delivery", "payment"];
/// Texts with the index of their label.
const ROWS: [(&str, u32); 8] = [
    ("the parcel is late", 0),
    ("my parcel never arrived", 0),
    ("where is the parcel", 0),
    ("the courier lost my parcel", 0),
    ("my card was charged twice", 1),
    ("the card payment failed", 1),
    ("please refund my card", 1),
    ("the invoice has a wrong card", 1),
];

fn main() -> Result<(), Box<dyn Error>> {
    let device = block_on(device::open(DeviceKind::Cpu))?;
    let texts = ROWS.map(|(text, _)| text.to_owned());
    let mut engine = match std::env::args().nth(1) {
        Some(folder) => load(device, Path::new(&folder))?,
        None => create(device, &texts)?,
    };
    println!("{} parameters", engine.info().parameters);

    let rows = engine.encode(&texts)?;
    let targets: Vec<u32> = ROWS.map(|(_, label)| label).to_vec();
    let options = TrainOptions {
        epochs: 10,
        batch_size: 4,
        learning_rate: if engine.info().layers > 2 { 5e-5 } else { 5e-3 },
        ..TrainOptions::default()
    };
    let run_info = engine.begin_training(rows.clone(), RowTargets::Single(targets.clone()), options, "default")?;
    for _ in 0..run_info.steps {
        let report = block_on(engine.train_step())?;
        if report.epoch_end {
            println!("epoch {}: loss {:.3}", report.epoch, report.loss);
        }
    }
    engine.end_training();

    let logits = block_on(engine.logits(&rows.iter().collect::<Vec<_>>()))?;
    let labels = LABELS.map(str::to_owned);
    let report = metrics::report(&logits, &targets, &labels);
    println!("accuracy on the training rows: {:.2}", report.accuracy);

    let asked = engine.encode(&["is the parcel on its way".to_owned(), "a card payment twice".to_owned()])?;
    let logits = block_on(engine.logits(&asked.iter().collect::<Vec<_>>()))?;
    for probabilities in metrics::softmax(&logits, LABELS.len()).chunks_exact(LABELS.len()) {
        println!(
            "{}: {:.2}, {}: {:.2}",
            LABELS[0], probabilities[0], LABELS[1], probabilities[1]
        );
    }
    Ok(())
}

/// A tiny, untrained BERT.
fn create(device: Device, texts: &[String]) -> bertlet::Result<Engine> {
    let options = CreateOptions {
        vocab_size: 200,
        layers: 2,
        hidden_size: 32,
        heads: 2,
        intermediate_size: None,
        max_length: 16,
        labels: Some(LABELS.map(str::to_owned).to_vec()),
        seed: 42,
    };
    Engine::create(device, texts, options)
}

/// A checkpoint with a new head for the labels.
fn load(device: Device, folder: &Path) -> Result<Engine, Box<dyn Error>> {
    let file = |name: &str| fs::read(folder.join(name));
    let tokenizer = file("tokenizer.json").or_else(|_| file("vocab.txt"))?;
    let options = LoadOptions {
        tokenizer_config: fs::read_to_string(folder.join("tokenizer_config.json")).ok(),
        labels: Some(LABELS.map(str::to_owned).to_vec()),
        seed: 42,
        ..LoadOptions::default()
    };
    Ok(Engine::load(
        device,
        &file("config.json")?,
        &tokenizer,
        &file("model.safetensors")?,
        options,
    )?)
}
