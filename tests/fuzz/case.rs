//! One input's whole way: load, encode, classify, adapter, two steps, save, load again. What is wrong with it is told by name.

use bertlet::{
    Error,
    checkpoint::{Class, Dtype},
    device::Device,
    engine::{Engine, LoadOptions},
    peft::{AdaloraOptions, LoraOptions},
    text::Row,
    train::{Method, RowTargets, TrainOptions},
};
use pollster::block_on;
use serde_json::Value;

use crate::input::{ADAPTER, ADAPTER_CONFIG, CONFIG, Input, TOKENIZER, TOKENIZER_CONFIG, WEIGHTS};

/// Characters of an error's message.
const LONGEST_MESSAGE: usize = 500;

/// How an input ended: served, or refused with a code.
pub enum End {
    Served,
    Refused(&'static str),
}

/// What must not be: a message without bounds, an answer that is no number, a saved model that does not load.
pub type Fault = String;

/// Runs an input on a device.
pub fn run(input: &Input, texts: &[String], device: &Device) -> Result<End, Fault> {
    match serve(input, texts, device) {
        Ok(()) => Ok(End::Served),
        Err(Stop::Fault(fault)) => Err(fault),
        Err(Stop::Refused(error)) => {
            let length = error.to_string().chars().count();
            match length > LONGEST_MESSAGE {
                true => Err(format!("a message of {length} characters: {}", error.code())),
                false => Ok(End::Refused(error.code())),
            }
        }
    }
}

enum Stop {
    Refused(Error),
    Fault(Fault),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

fn load(input: &Input, device: &Device) -> Result<Engine, Error> {
    let options = input.options();
    let text = |key: &str| options[key].as_str().map(str::to_owned);
    let tokenizer_config = input.file(TOKENIZER_CONFIG);
    let labels = options["labels"].as_array();
    let options = LoadOptions {
        tokenizer_config: tokenizer_config.map(|bytes| String::from_utf8_lossy(bytes).into_owned()),
        pooling: text("pooling"),
        labels: labels.map(|all| all.iter().filter_map(Value::as_str).map(str::to_owned).collect()),
        problem_type: text("problemType"),
        max_length: options["maxLength"].as_u64().map(|length| length as usize),
        masked_lm: options["maskedLm"] == true,
        seed: 1,
        ..LoadOptions::default()
    };
    let file = |name: &str| input.file(name).unwrap_or_default();
    Engine::load(device.clone(), file(CONFIG), file(TOKENIZER), file(WEIGHTS), options)
}

fn finite(what: &str, values: &[f32]) -> Result<(), Stop> {
    match values.iter().all(|value| value.is_finite()) {
        true => Ok(()),
        false => Err(Stop::Fault(format!("{what}: not a finite number"))),
    }
}

fn answers(engine: &Engine, rows: &[Row], when: &str) -> Result<(), Stop> {
    let rows: Vec<&Row> = rows.iter().collect();
    if !engine.info().labels.is_empty() {
        finite(&format!("logits {when}"), &block_on(engine.logits(&rows))?)?;
    }
    finite(
        &format!("embeddings {when}"),
        &block_on(engine.embed(&rows[..1], true))?,
    )
}

fn serve(input: &Input, texts: &[String], device: &Device) -> Result<(), Stop> {
    let mut engine = load(input, device)?;
    let rows = engine.encode(texts)?;
    if let Some(row) = rows.iter().find(|row| row.input_ids.len() > engine.info().max_length) {
        return Err(Stop::Fault(format!("a row of {} tokens", row.input_ids.len())));
    }
    answers(&engine, &rows, "after load")?;
    // A checkpoint of one segment, or short rows, may refuse pairs.
    match engine.encode_pairs(&texts[..1], &[Some(texts[1].clone())]) {
        Ok(pairs) => answers(&engine, &pairs, "of a pair")?,
        Err(error) if ["bad-row", "bad-tokenizer"].contains(&error.code()) => {}
        Err(error) => return Err(error.into()),
    }
    let mut refused = None;
    if let (Some(config), Some(weights)) = (input.file(ADAPTER_CONFIG), input.file(ADAPTER)) {
        match engine.add_adapter("own", config, weights) {
            Ok(_) => {
                engine.use_adapter(Some("own"))?;
                refused = answers(&engine, &rows[..2], "with an adapter").err();
                engine.use_adapter(None)?;
            }
            Err(error) => refused = Some(error.into()),
        }
    }
    if let Some(Stop::Fault(fault)) = refused {
        return Err(Stop::Fault(fault));
    }
    train(&mut engine, input, &rows[..4])?;
    save(&mut engine, input, texts, device)?;
    refused.map_or(Ok(()), Err)
}

/// Two steps. A run that diverges says so, and keeps weights that answer.
fn train(engine: &mut Engine, input: &Input, rows: &[Row]) -> Result<(), Stop> {
    let labels = engine.info().labels.len();
    if labels == 0 {
        return Ok(());
    }
    let targets = match engine.info().threshold {
        None => RowTargets::Single((0..rows.len()).map(|row| (row % labels) as u32).collect()),
        Some(_) => RowTargets::Multiple((0..rows.len()).map(|row| vec![(row % labels) as u32]).collect()),
    };
    let named = serde_json::from_value::<Method>(input.options()["method"].clone());
    let options = TrainOptions {
        method: named.unwrap_or(Method::Full),
        lora: LoraOptions {
            rank: 2,
            ..Default::default()
        },
        adalora: AdaloraOptions {
            initial_rank: 3,
            target_rank: 2,
            ..Default::default()
        },
        adapter_size: 4,
        virtual_tokens: 2,
        epochs: 1,
        batch_size: rows.len().div_ceil(2),
        ..Default::default()
    };
    let run = engine.begin_training(rows.to_vec(), targets, options, "tuned");
    match run {
        Ok(run) => {
            for _ in 0..run.steps.min(2) {
                match block_on(engine.train_step()) {
                    Ok(report) => finite("loss", &[report.loss as f32])?,
                    Err(error) if error.code() == "diverged" => break,
                    Err(error) => return Err(error.into()),
                }
            }
            engine.end_training();
            answers(engine, &rows[..2], "after training")
        }
        // The encoder cannot have the method.
        Err(error) if ["bad-option", "bad-state"].contains(&error.code()) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// A model that was served can be saved, and what is saved loads.
fn save(engine: &mut Engine, input: &Input, texts: &[String], device: &Device) -> Result<(), Stop> {
    if engine.adapters().1.is_some() {
        block_on(engine.save_adapter("base"))?;
        engine.use_adapter(None)?;
    }
    let mut saved = Input::default();
    let mut put = |name: &str, bytes: Vec<u8>| saved.0.insert(name.to_owned(), bytes);
    put(WEIGHTS, block_on(engine.save(Class::Classifier, Dtype::F32))?);
    put(CONFIG, engine.saved_config(Class::Classifier, Dtype::F32).into_bytes());
    put(TOKENIZER, engine.tokenizer().to_json()?.into_bytes());
    put(TOKENIZER_CONFIG, engine.saved_tokenizer_config()?.into_bytes());
    let mut options = input.options();
    options["labels"] = Value::Null;
    options["problemType"] = Value::Null;
    options["maxLength"] = engine.info().max_length.into();
    options["maskedLm"] = false.into();
    put("options.json", options.to_string().into_bytes());
    let again = match load(&saved, device) {
        Ok(again) => again,
        // Two steps, or the bottlenecks of an adapter, may take weights at the bound beyond it.
        Err(error) if error.code() == "bad-weights" && error.to_string().contains("would overflow") => return Ok(()),
        Err(error) => return Err(Stop::Fault(format!("what was saved does not load: {error}"))),
    };
    match again.encode(texts)? == engine.encode(texts)? {
        true => Ok(()),
        false => Err(Stop::Fault("what was saved has other tokens".into())),
    }
}
