//! One operation alone, on random inputs, forward and backward: how the tests hold each kernel of a device against
//! float64 at any size, and how the benchmark times it. Nothing else calls it.

use burn::tensor::Tensor;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{
    Activation, AdamW, Clock, Dropout, Mask, Moments, Pool, Targets, activated, attention, binary_cross_entropy,
    cosine_loss, cross_entropy, dense, embed, layer_norm, low_rank, masked, pool, square_sum, take_rows, tied,
    with_rows,
};
use crate::{
    Error, Result,
    device::{Device, floats, read, whole_numbers},
};

/// A tensor that went in or came out, row-major, by name; a gradient's is "d " and its input's.
pub type Named = (String, Vec<f32>);

/// Runs `operation` with `sizes`, whose meaning is its own (see the arms below), and with dropout of its own where it
/// has any. What is differentiated is mask · output, with the random mask "upstream": so that is the gradient there.
///
/// # Errors
/// `bad-option` for an operation that is not there; `device-lost`.
pub async fn trial(device: &Device, operation: &str, sizes: &[usize], seed: u64) -> Result<Vec<Named>> {
    Ok(run(device, operation, sizes, seed, None).await?.found)
}

/// Milliseconds by `clock` of the forward, as training does it, and of forward and backward. Of `adamw`, and of
/// `squares`, which are not differentiated, the same twice.
///
/// # Errors
/// As [`trial`].
pub async fn time(device: &Device, operation: &str, sizes: &[usize], clock: Clock) -> Result<[f64; 2]> {
    Ok(run(device, operation, sizes, 1, Some(clock)).await?.milliseconds)
}

async fn run<'a>(
    device: &'a Device,
    operation: &str,
    sizes: &[usize],
    seed: u64,
    clock: Option<Clock>,
) -> Result<Trial<'a>> {
    let mut trial = Trial {
        device,
        random: ChaCha8Rng::seed_from_u64(seed),
        inputs: Vec::new(),
        found: Vec::new(),
        clock,
        milliseconds: [0.0; 2],
    };
    let dropout = Dropout::uniform(0.5).for_step(seed, 1);
    let upstream = dropout.mask(0.5);
    // Drawn once, used twice: for the operation, and to tell what it was.
    let place = dropout.clone();
    let own = |percent: usize| place.clone().mask(percent as f64 / 100.0);
    match (operation, sizes) {
        // Activation: 0 identity, 1 gelu, 2 gelu_new, 3 relu, 4 tanh.
        ("dense", &[rows, inputs, outputs, activation]) => {
            let x = trial.input("x", [rows, inputs], 1.0);
            let weight = trial.input("weight", [inputs, outputs], 2.0 / (inputs as f32).sqrt());
            let bias = trial.input("bias", [outputs], 1.0);
            let activation = activation_of(activation);
            let run = || dense(x.clone(), weight.clone(), bias.clone(), activation);
            trial.differentiate(run, upstream).await?;
        }
        ("activated", &[rows, columns, activation]) => {
            let x = trial.input("x", [rows, columns], 3.0);
            let run = || activated(x.clone(), activation_of(activation));
            trial.differentiate(run, upstream).await?;
        }
        // The scale is 0.5.
        ("low_rank", &[rows, inputs, outputs, rank]) => {
            let base = trial.input("base", [rows, outputs], 1.0);
            let x = trial.input("x", [rows, inputs], 1.0);
            let a = trial.input("a", [inputs, rank], 2.0 / (inputs as f32).sqrt());
            let b = trial.input("b", [rank, outputs], 1.0);
            let run = || low_rank(base.clone(), x.clone(), a.clone(), b.clone(), 0.5);
            trial.differentiate(run, upstream).await?;
        }
        ("tied", &[rows, hidden, vocab]) => {
            let x = trial.input("x", [rows, hidden], 1.0);
            let table = trial.input("table", [vocab, hidden], 2.0 / (hidden as f32).sqrt());
            let bias = trial.input("bias", [vocab], 1.0);
            let run = || tied(x.clone(), table.clone(), bias.clone());
            trial.differentiate(run, upstream).await?;
        }
        ("take_rows", &[count, columns, taken]) => {
            let table = trial.input("table", [count, columns], 1.0);
            // Distinct, and from the end.
            let ids: Vec<u32> = (0..taken).map(|place| (count - 1 - place) as u32).collect();
            let run = || take_rows(table.clone(), ids.clone());
            trial.differentiate(run, upstream).await?;
        }
        ("embed", &[batch, seq_len, hidden, vocab]) => {
            let tables = [("words", vocab), ("positions", seq_len + 1), ("types", 2)];
            let tables = tables.map(|(name, rows)| trial.input(name, [rows, hidden], 1.0));
            let ids = trial.ids("ids", batch * seq_len, vocab);
            let type_ids = trial.ids("type_ids", batch * seq_len, 2);
            let handle = &device.handle.clone().autodiff();
            let (ids, type_ids) = (whole_numbers(ids, handle), whole_numbers(type_ids, handle));
            let run = || embed(tables.clone(), ids.clone(), type_ids.clone(), seq_len);
            trial.differentiate(run, upstream).await?;
        }
        // Dropout in percent.
        ("layer_norm", &[rows, hidden, percent]) => {
            let x = trial.input("x", [rows, hidden], 2.0);
            let residual = trial.input("residual", [rows, hidden], 2.0);
            let (gamma, beta) = (trial.input("gamma", [hidden], 1.0), trial.input("beta", [hidden], 1.0));
            trial.keep_mask("mask", rows * hidden, own(percent)).await?;
            let run = || {
                let (x, residual) = (x.clone(), residual.clone());
                layer_norm(x, residual, gamma.clone(), beta.clone(), 1e-12, own(percent))
            };
            trial.differentiate(run, upstream).await?;
        }
        ("self_attention", &[batch, seq_len, heads, head_dim, percent]) => {
            let (rows, hidden) = (batch * seq_len, heads * head_dim);
            let x = trial.input("x", [rows, hidden], 1.0);
            let deviation = 2.0 / (hidden as f32).sqrt();
            let weights = ["query", "key", "value"].map(|name| trial.input(name, [hidden, hidden], deviation));
            let biases = ["query bias", "key bias", "value bias"].map(|name| trial.input(name, [hidden], 1.0));
            let bias = trial.padding("score bias", batch, seq_len, -1e9, 0.0);
            trial
                .keep_mask("mask", batch * heads * seq_len * seq_len, own(percent))
                .await?;
            let run = || {
                let mut biases = biases.clone().into_iter();
                let states = weights.clone().map(|weight| {
                    let bias = biases.next().expect("a bias for each weight");
                    dense(x.clone(), weight, bias, Activation::Identity)
                });
                attention(states, &bias, heads, own(percent))
            };
            trial.differentiate(run, upstream).await?;
        }
        // How: 0 first, 1 mean, 2 max.
        ("pool", &[batch, seq_len, hidden, how]) => {
            let states = trial.input("states", [batch * seq_len, hidden], 1.0);
            let mask = trial.padding("mask", batch, seq_len, 0.0, 1.0);
            let how = [Pool::First, Pool::Mean, Pool::Max][how.min(2)];
            trial
                .differentiate(|| pool(states.clone(), &mask, how), upstream)
                .await?;
        }
        // Weighted: 0 for the mean, 1 for weights of the rows and of every class.
        ("cross_entropy", &[rows, classes, weighted]) => {
            let logits = trial.input("logits", [rows, classes], 3.0);
            let mut targets = Targets::mean(trial.ids("targets", rows, classes));
            if weighted == 1 {
                targets.weights = trial.constants("weights", rows);
                targets.everywhere = trial.constants("everywhere", classes);
            }
            let run = || cross_entropy(logits.clone(), targets.clone());
            trial.differentiate(run, Mask::NONE).await?;
        }
        ("binary_cross_entropy", &[rows, classes]) => {
            let logits = trial.input("logits", [rows, classes], 3.0);
            let goals = trial.constants("goals", rows * classes);
            let weights = trial.constants("weights", classes);
            let run = || binary_cross_entropy(logits.clone(), goals.clone(), weights.clone());
            trial.differentiate(run, Mask::NONE).await?;
        }
        ("cosine_loss", &[pairs, hidden]) => {
            let states = trial.input("states", [2 * pairs, hidden], 1.0);
            let goals = trial.constants("goals", pairs);
            let run = || cosine_loss(states.clone(), goals.clone(), 0.5);
            trial.differentiate(run, Mask::NONE).await?;
        }
        ("adamw", &[count]) => {
            let [before, gradient] = ["parameter", "gradient"].map(|name| trial.input(name, [count], 1.0).inner());
            let adamw = AdamW {
                learning_rate: 1e-2,
                beta1: 0.9,
                beta2: 0.999,
                epsilon: 1e-8,
                weight_decay: 0.1,
                gradient_scale: 0.5,
                step: 1,
            };
            let moments = Moments::zeros(&before);
            if let Some(clock) = clock {
                trial.inputs.clear();
                let mut state = Some((before, moments));
                let work = || {
                    let (parameter, moments) = state.take().expect("put back each time");
                    let (parameter, moments) = adamw.update(parameter, gradient.clone(), moments);
                    state = Some((parameter.clone(), moments));
                    parameter
                };
                trial.milliseconds = [clock.mean(work).await?; 2];
                return Ok(trial);
            }
            let (once, moments) = adamw.update(before, gradient.clone(), moments);
            trial.keep("once", once.clone()).await?;
            let second = AdamW { step: 2, ..adamw };
            let (twice, moments) = second.update(once, gradient.clone(), moments);
            trial.keep("twice", twice.clone()).await?;
            trial.keep("undone", second.undo(twice, &moments)).await?;
        }
        // Of as many tensors as there are sizes.
        ("squares", counts) => {
            let values = trial.constants("numbers", counts.iter().sum());
            let mut rest = values.as_slice();
            let mut tensors = Vec::new();
            for &count in counts {
                let (own, others) = rest.split_at(count);
                tensors.push(floats(own.to_vec(), [count], &device.handle));
                rest = others;
            }
            let tensors: Vec<&Tensor<1>> = tensors.iter().collect();
            let work = || square_sum(&tensors, &device.handle);
            match clock {
                Some(clock) => trial.milliseconds = [clock.mean(work).await?; 2],
                None => trial.keep("squares", work()).await?,
            }
        }
        ("rows", &[count, columns, taken]) => {
            let table = trial.input("table", [count, columns], 1.0).inner();
            let rows = trial.input("rows", [taken, columns], 1.0).inner();
            // Distinct, as a vocabulary's are.
            let ids: Vec<u32> = (0..taken).map(|place| (count - 1 - place) as u32).collect();
            trial.keep("taken", take_rows(table.clone(), ids.clone())).await?;
            trial.keep("put", with_rows(table, ids, rows, 0.5)).await?;
        }
        _ => {
            return Err(Error::BadOption {
                name: "operation",
                expected: "one of kernels/trial.rs, with its sizes".into(),
                found: format!("{operation} {sizes:?}"),
            });
        }
    }
    Ok(trial)
}

fn activation_of(number: usize) -> Activation {
    match number {
        0 => Activation::Identity,
        1 => Activation::Gelu,
        2 => Activation::GeluNew,
        3 => Activation::Relu,
        _ => Activation::Tanh,
    }
}

struct Trial<'a> {
    device: &'a Device,
    random: ChaCha8Rng,
    /// What is differentiated for.
    inputs: Vec<(&'static str, Box<dyn Gradient>)>,
    found: Vec<Named>,
    /// With one, the operation is timed, and nothing kept.
    clock: Option<Clock>,
    milliseconds: [f64; 2],
}

/// An input of any rank.
trait Gradient {
    fn of(&self, gradients: &burn::tensor::Gradients) -> Option<Tensor<1>>;
}

impl<const D: usize> Gradient for Tensor<D> {
    fn of(&self, gradients: &burn::tensor::Gradients) -> Option<Tensor<1>> {
        let gradient = self.grad(gradients)?;
        let count = gradient.shape().num_elements();
        Some(gradient.reshape([count]))
    }
}

impl Trial<'_> {
    fn number(&mut self, scale: f32) -> f32 {
        scale * (self.random.next_u32() as f32 / (1u32 << 31) as f32 - 1.0)
    }

    /// Numbers from -scale to scale.
    fn input<const D: usize>(&mut self, name: &'static str, shape: [usize; D], scale: f32) -> Tensor<D> {
        let values: Vec<f32> = (0..shape.iter().product()).map(|_| self.number(scale)).collect();
        self.found.push((name.into(), values.clone()));
        let handle = self.device.handle.clone().autodiff();
        let tensor = floats(values, shape, &handle).require_grad();
        self.inputs.push((name, Box::new(tensor.clone())));
        tensor
    }

    /// Numbers from 0 to 1 that are not differentiated for.
    fn constants(&mut self, name: &'static str, count: usize) -> Vec<f32> {
        let values: Vec<f32> = (0..count).map(|_| 0.5 * (self.number(1.0) + 1.0)).collect();
        self.found.push((name.into(), values.clone()));
        values
    }

    fn ids(&mut self, name: &'static str, count: usize, below: usize) -> Vec<i32> {
        let ids: Vec<i32> = (0..count)
            .map(|_| (self.random.next_u32() as usize % below) as i32)
            .collect();
        self.found
            .push((name.into(), ids.iter().map(|&id| id as f32).collect()));
        ids
    }

    /// A row a text, of which each has at least one real token.
    fn padding(&mut self, name: &'static str, batch: usize, seq_len: usize, padded: f32, real: f32) -> Tensor<2> {
        let mut values = Vec::with_capacity(batch * seq_len);
        for _ in 0..batch {
            let length = 1 + self.random.next_u32() as usize % seq_len;
            values.extend((0..seq_len).map(|token| if token < length { real } else { padded }));
        }
        self.found.push((name.into(), values.clone()));
        floats(values, [batch, seq_len], &self.device.handle.clone().autodiff())
    }

    /// The mask's values, as the device makes them.
    async fn keep_mask(&mut self, name: &'static str, count: usize, mask: Mask) -> Result<()> {
        let ones = floats(vec![1.0; count], [count], &self.device.handle);
        self.keep(name, masked(ones, mask)).await
    }

    async fn keep<const D: usize>(&mut self, name: &'static str, tensor: Tensor<D>) -> Result<()> {
        if self.clock.is_some() {
            return Ok(());
        }
        let values = read(tensor).await?;
        self.found.push((name.into(), values));
        Ok(())
    }

    async fn differentiate<const D: usize>(&mut self, operation: impl Fn() -> Tensor<D>, upstream: Mask) -> Result<()> {
        if let Some(clock) = self.clock {
            let (_, input) = &self.inputs[0];
            let backward = || input.of(&operation().backward()).expect("an input's gradient");
            self.milliseconds = [clock.mean(|| operation().inner()).await?, clock.mean(backward).await?];
            return Ok(());
        }
        let output = operation();
        self.keep_mask("upstream", output.shape().num_elements(), upstream)
            .await?;
        self.keep("output", output.clone().inner()).await?;
        let gradients = masked(output, upstream).backward();
        for (name, input) in std::mem::take(&mut self.inputs) {
            if let Some(gradient) = input.of(&gradients) {
                let values = read(gradient).await?;
                self.found.push((format!("d {name}"), values));
            }
        }
        Ok(())
    }
}
