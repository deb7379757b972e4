//! A checkpoint on the GPU, natively: its logits and losses, and how long each takes. Prints one JSON object.
//!
//! `gpu_bench FOLDER [--subgroups] [--samples N]` takes a folder of `checkpoints.ts`; `gpu_bench --products` times products of
//! square matrices alone, `gpu_bench --tiles` the dense layers of the measured shapes by each tile.

use std::{error::Error, fs, path::Path, sync::LazyLock, time::Instant};

use bertlet::{
    device::{Device, GpuTraits, Subgroups, open_gpu},
    engine::{Engine, LoadOptions},
    kernels::{self, Clock, TileTimes},
    testing::time_operation,
    train::{RowTargets, TrainOptions},
};
use pollster::block_on;
use serde_json::{Value, json};

/// Losses that are held against torch's. Their steps are not timed: they compile shaders and grow buffers.
const LOSSES: usize = 5;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |name: &str| arguments.iter().any(|argument| argument == name);
    let samples = match arguments.iter().position(|argument| argument == "--samples") {
        Some(at) => arguments.get(at + 1).ok_or("--samples: a number")?.parse()?,
        None => 20,
    };
    if samples == 0 {
        return Err("--samples: at least 1".into());
    }
    let device = open(has("--subgroups"))?;
    // As the page does when it first meets a GPU.
    let times = block_on(kernels::measure_tiles(&device.handle, Clock { now, repeats: 4 }))?;
    let found = match (has("--products"), has("--tiles")) {
        (true, _) => products(&device)?,
        (_, true) => tiles(&device, times)?,
        _ => {
            let folder = arguments.first().filter(|first| !first.starts_with("--"));
            checkpoint(device, Path::new(folder.ok_or("a folder")?), samples)?
        }
    };
    println!("{found}");
    Ok(())
}

/// The GPU, in the forms that a GPU takes, also where software stands in for it.
fn open(with_subgroups: bool) -> Result<Device, Box<dyn Error>> {
    let opened = block_on(open_gpu(|traits| GpuTraits {
        software: false,
        subgroups: if with_subgroups {
            traits.subgroups
        } else {
            Subgroups::None
        },
    }));
    Ok(opened?)
}

fn checkpoint(device: Device, folder: &Path, samples: usize) -> Result<Value, Box<dyn Error>> {
    let read = |name: &str| fs::read(folder.join(name)).map_err(|error| format!("{name}: {error}"));
    let about: Value = serde_json::from_slice(&read("rows.json")?)?;
    let batch = about["batch"].as_u64().ok_or("rows.json: batch")? as usize;
    let texts = about["texts"].as_array().ok_or("rows.json: texts")?;
    let texts: Vec<String> = texts
        .iter()
        .filter_map(|text| Some(text.as_str()?.to_owned()))
        .collect();
    let options: LoadOptions = serde_json::from_value(json!({ "seed": 42 }))?;
    let mut engine = Engine::load(
        device,
        &read("config.json")?,
        &read("vocab.txt")?,
        &read("model.safetensors")?,
        options,
    )?;

    let steps = samples + LOSSES;
    let rows = engine.encode(&texts.iter().cycle().take(steps * batch).cloned().collect::<Vec<_>>())?;
    let first: Vec<_> = rows.iter().take(batch).collect();
    let started = now();
    let logits = block_on(engine.logits(&first))?;
    let first_forward_ms = now() - started;
    let one = [first[0]];
    block_on(engine.logits(&one))?;
    let forward = timed(samples, || block_on(engine.logits(&first)))?;
    let one_text = timed(samples, || block_on(engine.logits(&one)))?;

    let options = TrainOptions {
        epochs: 1,
        batch_size: batch,
        shuffle: false,
        dropout: Some(0.0),
        ..TrainOptions::default()
    };
    let targets = RowTargets::Single((0..rows.len() as u32).map(|row| row % 2).collect());
    engine.begin_training(rows, targets, options, "default")?;
    let (mut losses, mut first_step_ms) = (Vec::new(), 0.0);
    for step in 0..LOSSES {
        let started = now();
        losses.push(block_on(engine.train_step())?.loss);
        if step == 0 {
            first_step_ms = now() - started;
        }
    }
    let step = timed(samples, || block_on(engine.train_step()))?;
    engine.end_training();
    Ok(json!({
        "logits": logits, "losses": losses,
        "firstForwardMs": first_forward_ms, "forwardMs": forward, "oneTextMs": one_text,
        "firstStepMs": first_step_ms, "stepMs": step,
    }))
}

/// GFLOP/s of products n x n x n, forward.
fn products(device: &Device) -> Result<Value, Box<dyn Error>> {
    let mut found = serde_json::Map::new();
    for n in [512, 1024, 2048, 4096] {
        let repeats = (1 << 36) / (n * n * n) + 1;
        let clock = Clock { now, repeats };
        let [ms, _] = block_on(time_operation(device, "dense", &[n, n, n, 0], clock))?;
        found.insert(n.to_string(), json!(2.0 * (n * n * n) as f64 / ms / 1e6));
    }
    Ok(Value::Object(found))
}

/// Milliseconds of dense layers, forward and forward with backward: by each tile, by the tile that is chosen, and with a
/// weight stored as 16-bit floats.
fn tiles(device: &Device, chosen: TileTimes) -> Result<Value, Box<dyn Error>> {
    let mut found = serde_json::Map::new();
    for [rows, inputs, outputs] in [
        [64, 384, 384],
        [512, 384, 384],
        [512, 384, 1536],
        [512, 1536, 384],
        [128, 768, 768],
        [1024, 768, 768],
        [1024, 768, 3072],
        [1024, 3072, 768],
        [4096, 384, 1536],
        [2048, 2048, 2048],
    ] {
        let clock = Clock {
            now,
            repeats: ((1 << 34) / (rows * inputs * outputs)).clamp(5, 100),
        };
        let time = |operation: &str, times: TileTimes| {
            kernels::set_tile_times(&device.handle, times);
            block_on(time_operation(device, operation, &[rows, inputs, outputs, 0], clock))
        };
        let mut shape = serde_json::Map::new();
        for (tile, only) in (0..).map_while(|tile| Some((tile, kernels::only_tile(tile)?))) {
            shape.insert(format!("tile {tile}"), json!(time("dense", only)?));
        }
        shape.insert("chosen".into(), json!(time("dense", chosen)?));
        shape.insert("chosen f16".into(), json!(time("dense f16", chosen)?));
        found.insert(format!("{rows} x {inputs} x {outputs}"), Value::Object(shape));
    }
    let nanoseconds: Vec<[f32; 2]> = chosen.iter().map(|time| [time.alone, time.busy]).collect();
    Ok(json!({ "aloneAndBusyNs": nanoseconds, "denseMs": found }))
}

/// Median, least and most milliseconds.
fn timed<T>(samples: usize, mut work: impl FnMut() -> bertlet::Result<T>) -> Result<[f64; 3], Box<dyn Error>> {
    let mut times = Vec::new();
    for _ in 0..samples {
        let started = now();
        work()?;
        times.push(now() - started);
    }
    times.sort_by(f64::total_cmp);
    Ok([times[times.len() / 2], times[0], times[times.len() - 1]])
}

fn now() -> f64 {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    START.elapsed().as_secs_f64() * 1e3
}
