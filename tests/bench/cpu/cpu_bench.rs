//! A checkpoint on the CPU, natively: answers each line of its input, `forward`, `text` or `step`, by the milliseconds that
//! it took and a number to hold against torch's. `beside_torch.py` asks it, and says what is measured.

use std::{
    error::Error,
    fs,
    io::{BufRead, Write, stdin, stdout},
    path::Path,
    time::Instant,
};

use bertlet::{
    device::{self, DeviceKind},
    engine::{Engine, LoadOptions},
    train::{RowTargets, TrainOptions},
};
use pollster::block_on;

/// More than are ever asked for.
const EPOCHS: usize = 1000;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).ok_or("a folder was expected")?;
    let read = |name: &str| fs::read(Path::new(&folder).join(name)).map_err(|error| format!("{name}: {error}"));
    let about: serde_json::Value = serde_json::from_slice(&read("rows.json")?)?;
    let batch = about["batch"].as_u64().ok_or("rows.json: batch")? as usize;
    let texts: Vec<String> = serde_json::from_value(about["texts"].clone())?;
    let device = block_on(device::open(DeviceKind::Cpu))?;
    let mut engine = Engine::load(
        device,
        &read("config.json")?,
        &read("vocab.txt")?,
        &read("model.safetensors")?,
        LoadOptions::default(),
    )?;
    let rows = engine.encode(&texts)?;
    let first: Vec<_> = rows.iter().take(batch).cloned().collect();
    let mut training = false;
    for line in stdin().lock().lines() {
        let line = line?;
        let rows_read: Vec<_> = first.iter().take(if line == "text" { 1 } else { batch }).collect();
        if line == "step" && !training {
            let options = TrainOptions {
                epochs: EPOCHS,
                batch_size: batch,
                shuffle: false,
                dropout: Some(0.0),
                ..TrainOptions::default()
            };
            let targets = RowTargets::Single((0..rows.len() as u32).map(|row| row % 2).collect());
            engine.begin_training(rows.clone(), targets, options, "default")?;
            training = true;
        }
        let started = Instant::now();
        let number = match line.as_str() {
            "forward" | "text" => block_on(engine.logits(&rows_read))?[0],
            "step" => block_on(engine.train_step())?.loss,
            _ => return Err(format!("forward, text or step was expected; found {line:?}").into()),
        };
        println!("{} {number}", started.elapsed().as_secs_f64() * 1e3);
        stdout().flush()?;
    }
    Ok(())
}
