//! Runs one operation alone on random inputs, forward and backward: so the tests hold each kernel of a device against
//! float64 at any size, and the benchmark times it. What an operation draws, its own test entry says.

use std::mem;

use burn::tensor::Tensor;

pub use crate::kernels::Named;
use crate::{
    Error, Result,
    device::{Device, read},
    kernels::{Clock, Mask, RandomInputs, TEST_ENTRIES, Work, apply_dropout},
};

/// Gives what went in and what came out, by name; a gradient's name is "d " and its input's.
///
/// The name of an operation and the meaning of its sizes are those of its test entry. Its matrices of the model are stored
/// as those of a checkpoint; after " f16" they are such that 16 bits suffice. What is differentiated is mask · output,
/// with the random mask "upstream", which so is the gradient of the output.
///
/// # Errors
/// `bad-option` for an operation that is not there; `device-lost`.
pub async fn run_operation(device: &Device, operation: &str, sizes: &[usize], seed: u64) -> Result<Vec<Named>> {
    let (mut inputs, work) = prepare(device, operation, sizes, seed)?;
    match work {
        Work::Differentiated(work) => {
            let upstream = inputs.upstream;
            differentiate(&mut inputs, &*work, upstream).await?;
        }
        Work::Loss(work) => differentiate(&mut inputs, &*work, Mask::NONE).await?,
        Work::Update(_) => {}
    }
    for (name, count, mask) in mem::take(&mut inputs.masks) {
        // As the device makes them.
        let values = apply_dropout(inputs.floats(vec![1.0; count]), mask);
        inputs.report(name, values);
    }
    for (name, tensor) in mem::take(&mut inputs.unread) {
        inputs.named.push((name.into(), read(tensor).await?));
    }
    Ok(inputs.named)
}

/// Milliseconds by `clock` of the forward, as training does it, and of forward and backward; the same twice for an
/// operation that is not differentiated.
///
/// # Errors
/// As [`run_operation`].
pub async fn time_operation(device: &Device, operation: &str, sizes: &[usize], clock: Clock) -> Result<[f64; 2]> {
    let (inputs, work) = prepare(device, operation, sizes, 1)?;
    match work {
        Work::Differentiated(work) | Work::Loss(work) => {
            let (_, input) = &inputs.inputs[0];
            let backward = || input.gradient(&work().backward()).expect("an input's gradient");
            Ok([clock.mean(|| work().inner()).await?, clock.mean(backward).await?])
        }
        Work::Update(work) => Ok([clock.mean(work).await?; 2]),
    }
}

/// Draws the inputs, and gives what is to be done with them.
fn prepare(device: &Device, operation: &str, sizes: &[usize], seed: u64) -> Result<(RandomInputs, Work)> {
    let (name, exact_in_f16) = match operation.strip_suffix(" f16") {
        Some(name) => (name, true),
        None => (operation, false),
    };
    let mut inputs = RandomInputs::new(&device.handle, exact_in_f16, seed);
    let entry = TEST_ENTRIES.iter().find(|(known, _)| *known == name);
    let work = entry.and_then(|(_, entry)| entry(&mut inputs, sizes));
    let work = work.ok_or_else(|| Error::BadOption {
        name: "operation",
        expected: "one of TEST_ENTRIES in kernels/mod.rs, with its sizes".into(),
        found: format!("{operation} {sizes:?}"),
    })?;
    Ok((inputs, work))
}

async fn differentiate(inputs: &mut RandomInputs, work: &dyn Fn() -> Tensor<1>, upstream: Mask) -> Result<()> {
    let output = work();
    inputs.report_mask("upstream", output.shape().num_elements(), upstream);
    inputs.report("output", output.clone().inner());
    let gradients = apply_dropout(output, upstream).backward();
    for (name, input) in inputs.take_inputs() {
        if let Some(gradient) = input.gradient(&gradients) {
            inputs.named.push((format!("d {name}"), read(gradient).await?));
        }
    }
    Ok(())
}
