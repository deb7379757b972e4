//! One operation alone, on random inputs, forward and backward: how the tests hold each kernel of a device against
//! float64 at any size, and how the benchmark times it. Nothing else calls it.

use std::mem;

use burn::tensor::{Device as BurnDevice, Gradients, Tensor};
use half::f16;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{
    Activation, AdamW, Clock, Dropout, Mask, Moments, Pool, Targets, activated, attention, binary_cross_entropy,
    cosine_loss, cross_entropy, dense, embed, layer_norm, low_rank, masked, pool, square_sum, take_rows, tied,
    with_rows,
};
use crate::{
    Error, Result,
    device::{Device, floats, parameter, read, whole_numbers},
};

/// A tensor that went in or came out, row-major, by name; a gradient's is "d " and its input's.
pub type Named = (String, Vec<f32>);

/// Runs `operation` with `sizes`, whose meaning is its own (see the arms below), and with dropout of its own where it
/// has any. Its matrices of the model are kept as those of a checkpoint; after " f16" they are such that 16 bits suffice.
/// What is differentiated is mask · output, with the random mask "upstream": so that is the gradient there.
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

async fn run(device: &Device, operation: &str, sizes: &[usize], seed: u64, clock: Option<Clock>) -> Result<Trial> {
    let (operation, halves) = match operation.strip_suffix(" f16") {
        Some(operation) => (operation, true),
        None => (operation, false),
    };
    let mut trial = Trial {
        handle: device.handle.clone(),
        halves,
        random: ChaCha8Rng::seed_from_u64(seed),
        inputs: Vec::new(),
        kept: Vec::new(),
        found: Vec::new(),
        milliseconds: [0.0; 2],
    };
    let dropout = Dropout::uniform(0.5).for_step(seed, 1);
    let upstream = dropout.mask(0.5);
    match (trial.prepare(operation, sizes, &dropout)?, clock) {
        (Work::Differentiated(work, randomly), clock) => {
            let upstream = if randomly { upstream } else { Mask::NONE };
            trial.differentiate(&*work, upstream, clock).await?;
        }
        (Work::Done(work), Some(clock)) => trial.milliseconds = [clock.mean(work).await?; 2],
        (Work::Done(_), None) => {}
    }
    for (name, tensor) in mem::take(&mut trial.kept) {
        trial.found.push((name.into(), read(tensor).await?));
    }
    Ok(trial)
}

/// What is done, its output flat, so that what awaits it is compiled once and not for every operation.
enum Work {
    /// Differentiated for the inputs; with a random gradient, or without one.
    Differentiated(Box<dyn Fn() -> Tensor<1>>, bool),
    /// What it gives is kept; timed by doing it again.
    Done(Box<dyn FnMut() -> Tensor<1>>),
}

fn flat<const D: usize>(tensor: Tensor<D>) -> Tensor<1> {
    let count = tensor.shape().num_elements();
    tensor.reshape([count])
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

struct Trial {
    handle: BurnDevice,
    /// Whether 16 bits suffice for the matrices of the model.
    halves: bool,
    random: ChaCha8Rng,
    /// What is differentiated for.
    inputs: Vec<(&'static str, Box<dyn Gradient>)>,
    /// Found, and not read yet.
    kept: Vec<(&'static str, Tensor<1>)>,
    found: Vec<Named>,
    milliseconds: [f64; 2],
}

/// An input of any rank.
trait Gradient {
    fn of(&self, gradients: &Gradients) -> Option<Tensor<1>>;
}

impl<const D: usize> Gradient for Tensor<D> {
    fn of(&self, gradients: &Gradients) -> Option<Tensor<1>> {
        self.grad(gradients).map(flat)
    }
}

impl Trial {
    /// Draws the inputs, and gives what is to be done with them.
    fn prepare(&mut self, operation: &str, sizes: &[usize], place: &Dropout) -> Result<Work> {
        // Of one place in the model, used twice: for the operation, and to tell what it was.
        let own = |percent: usize| place.mask(percent as f64 / 100.0);
        Ok(match (operation, sizes) {
            // Activation: 0 identity, 1 gelu, 2 gelu_new, 3 relu, 4 tanh.
            ("dense", &[rows, inputs, outputs, activation]) => {
                let x = self.input("x", [rows, inputs], 1.0);
                let weight = self.matrix("weight", [inputs, outputs], 2.0 / (inputs as f32).sqrt());
                let bias = self.input("bias", [outputs], 1.0);
                let activation = activation_of(activation);
                let run = move || flat(dense(x.clone(), weight.clone(), bias.clone(), activation));
                Work::Differentiated(Box::new(run), true)
            }
            ("activated", &[rows, columns, activation]) => {
                let x = self.input("x", [rows, columns], 3.0);
                let run = move || flat(activated(x.clone(), activation_of(activation)));
                Work::Differentiated(Box::new(run), true)
            }
            // The scale is 0.5.
            ("low_rank", &[rows, inputs, outputs, rank]) => {
                let base = self.matrix("base", [rows, outputs], 1.0);
                let x = self.input("x", [rows, inputs], 1.0);
                let a = self.input("a", [inputs, rank], 2.0 / (inputs as f32).sqrt());
                let b = self.input("b", [rank, outputs], 1.0);
                let run = move || flat(low_rank(base.clone(), x.clone(), a.clone(), b.clone(), 0.5));
                Work::Differentiated(Box::new(run), true)
            }
            ("tied", &[rows, hidden, vocab]) => {
                let x = self.input("x", [rows, hidden], 1.0);
                let table = self.matrix("table", [vocab, hidden], 2.0 / (hidden as f32).sqrt());
                let bias = self.input("bias", [vocab], 1.0);
                let run = move || flat(tied(x.clone(), table.clone(), bias.clone()));
                Work::Differentiated(Box::new(run), true)
            }
            ("take_rows", &[count, columns, taken]) => {
                let table = self.matrix("table", [count, columns], 1.0);
                // Distinct, and from the end.
                let ids: Vec<u32> = (0..taken).map(|place| (count - 1 - place) as u32).collect();
                let run = move || flat(take_rows(table.clone(), ids.clone()));
                Work::Differentiated(Box::new(run), true)
            }
            ("embed", &[batch, seq_len, hidden, vocab]) => {
                let tables = [("words", vocab), ("positions", seq_len + 1), ("types", 2)];
                let tables = tables.map(|(name, rows)| self.matrix(name, [rows, hidden], 1.0));
                let ids = self.ids("ids", batch * seq_len, vocab);
                let type_ids = self.ids("type_ids", batch * seq_len, 2);
                let handle = &self.handle.clone().autodiff();
                let (ids, type_ids) = (whole_numbers(ids, handle), whole_numbers(type_ids, handle));
                let run = move || flat(embed(tables.clone(), ids.clone(), type_ids.clone(), seq_len));
                Work::Differentiated(Box::new(run), true)
            }
            // Dropout in percent.
            ("layer_norm", &[rows, hidden, percent]) => {
                let x = self.input("x", [rows, hidden], 2.0);
                let residual = self.input("residual", [rows, hidden], 2.0);
                let (gamma, beta) = (self.input("gamma", [hidden], 1.0), self.input("beta", [hidden], 1.0));
                let own = own(percent);
                self.keep_mask("mask", rows * hidden, own);
                let run = move || {
                    let (x, residual) = (x.clone(), residual.clone());
                    flat(layer_norm(x, residual, gamma.clone(), beta.clone(), 1e-12, own))
                };
                Work::Differentiated(Box::new(run), true)
            }
            ("self_attention", &[batch, seq_len, heads, head_dim, percent]) => {
                let (rows, hidden) = (batch * seq_len, heads * head_dim);
                let x = self.input("x", [rows, hidden], 1.0);
                let deviation = 2.0 / (hidden as f32).sqrt();
                let weights = ["query", "key", "value"].map(|name| self.input(name, [hidden, hidden], deviation));
                let biases = ["query bias", "key bias", "value bias"].map(|name| self.input(name, [hidden], 1.0));
                let bias = self.padding("score bias", batch, seq_len, -1e9, 0.0);
                let own = own(percent);
                self.keep_mask("mask", batch * heads * seq_len * seq_len, own);
                let run = move || {
                    let mut biases = biases.clone().into_iter();
                    let states = weights.clone().map(|weight| {
                        let bias = biases.next().expect("a bias for each weight");
                        dense(x.clone(), weight, bias, Activation::Identity)
                    });
                    flat(attention(states, &bias, heads, own))
                };
                Work::Differentiated(Box::new(run), true)
            }
            // How: 0 first, 1 mean, 2 max.
            ("pool", &[batch, seq_len, hidden, how]) => {
                let states = self.input("states", [batch * seq_len, hidden], 1.0);
                let mask = self.padding("mask", batch, seq_len, 0.0, 1.0);
                let how = [Pool::First, Pool::Mean, Pool::Max][how.min(2)];
                let run = move || flat(pool(states.clone(), &mask, how));
                Work::Differentiated(Box::new(run), true)
            }
            // Weighted: 0 for the mean, 1 for weights of the rows and of every class.
            ("cross_entropy", &[rows, classes, weighted]) => {
                let logits = self.input("logits", [rows, classes], 3.0);
                let mut targets = Targets::mean(self.ids("targets", rows, classes));
                if weighted == 1 {
                    targets.weights = self.constants("weights", rows);
                    targets.everywhere = self.constants("everywhere", classes);
                }
                let run = move || flat(cross_entropy(logits.clone(), targets.clone()));
                Work::Differentiated(Box::new(run), false)
            }
            ("binary_cross_entropy", &[rows, classes]) => {
                let logits = self.input("logits", [rows, classes], 3.0);
                let goals = self.constants("goals", rows * classes);
                let weights = self.constants("weights", classes);
                let run = move || flat(binary_cross_entropy(logits.clone(), goals.clone(), weights.clone()));
                Work::Differentiated(Box::new(run), false)
            }
            ("cosine_loss", &[pairs, hidden]) => {
                let states = self.input("states", [2 * pairs, hidden], 1.0);
                let goals = self.constants("goals", pairs);
                let run = move || flat(cosine_loss(states.clone(), goals.clone(), 0.5));
                Work::Differentiated(Box::new(run), false)
            }
            ("adamw", &[count]) => {
                let [before, gradient] = ["parameter", "gradient"].map(|name| self.input(name, [count], 1.0).inner());
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
                let (once, moments) = adamw.update(before, gradient.clone(), moments);
                self.keep("once", once.clone());
                let second = AdamW { step: 2, ..adamw };
                let (twice, moments) = second.update(once, gradient.clone(), moments);
                self.keep("twice", twice.clone());
                self.keep("undone", second.undo(twice.clone(), &moments));
                let mut state = Some((twice, moments));
                Work::Done(Box::new(move || {
                    let (parameter, moments) = state.take().expect("put back each time");
                    let (parameter, moments) = adamw.update(parameter, gradient.clone(), moments);
                    state = Some((parameter.clone(), moments));
                    parameter
                }))
            }
            // Of as many tensors as there are sizes.
            ("squares", counts) => {
                let values = self.constants("numbers", counts.iter().sum());
                let mut rest = values.as_slice();
                let mut tensors = Vec::new();
                for &count in counts {
                    let (own, others) = rest.split_at(count);
                    tensors.push(floats(own.to_vec(), [count], &self.handle));
                    rest = others;
                }
                let handle = self.handle.clone();
                let work = move || square_sum(&tensors.iter().collect::<Vec<_>>(), &handle);
                self.keep("squares", work());
                Work::Done(Box::new(work))
            }
            ("rows", &[count, columns, taken]) => {
                let table = self.matrix("table", [count, columns], 1.0).inner();
                let rows = self.input("rows", [taken, columns], 1.0).inner();
                // Distinct, as a vocabulary's are.
                let ids: Vec<u32> = (0..taken).map(|place| (count - 1 - place) as u32).collect();
                self.keep("taken", take_rows(table.clone(), ids.clone()));
                let work = move || with_rows(table.clone(), ids.clone(), rows.clone(), 0.5);
                self.keep("put", work());
                Work::Done(Box::new(move || flat(work())))
            }
            _ => {
                return Err(Error::BadOption {
                    name: "operation",
                    expected: "one of kernels/self.rs, with its sizes".into(),
                    found: format!("{operation} {sizes:?}"),
                });
            }
        })
    }

    fn number(&mut self, scale: f32) -> f32 {
        scale * (self.random.next_u32() as f32 / (1u32 << 31) as f32 - 1.0)
    }

    /// Numbers from -scale to scale.
    fn input<const D: usize>(&mut self, name: &'static str, shape: [usize; D], scale: f32) -> Tensor<D> {
        let values: Vec<f32> = (0..shape.iter().product()).map(|_| self.number(scale)).collect();
        self.found.push((name.into(), values.clone()));
        self.differentiated(name, floats(values, shape, &self.handle))
    }

    /// The same as a parameter of a checkpoint; beside it are its columns, and the bits that its device keeps of a number.
    fn matrix(&mut self, name: &'static str, shape: [usize; 2], scale: f32) -> Tensor<2> {
        let halves = self.halves;
        let kept = |value: f32| if halves { f16::from_f32(value).to_f32() } else { value };
        let values: Vec<f32> = (0..shape.iter().product()).map(|_| kept(self.number(scale))).collect();
        self.found.push((name.into(), values.clone()));
        let tensor = parameter(values, shape, &self.handle);
        let bits = 8 * tensor.dtype().size();
        self.found
            .push((format!("bits of {name}"), vec![shape[1] as f32, bits as f32]));
        self.differentiated(name, tensor)
    }

    fn differentiated<const D: usize>(&mut self, name: &'static str, tensor: Tensor<D>) -> Tensor<D> {
        let tensor = tensor.autodiff().require_grad();
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
        floats(values, [batch, seq_len], &self.handle.clone().autodiff())
    }

    /// The mask's values, as the device makes them.
    fn keep_mask(&mut self, name: &'static str, count: usize, mask: Mask) {
        let ones = floats(vec![1.0; count], [count], &self.handle);
        self.keep(name, masked(ones, mask));
    }

    fn keep<const D: usize>(&mut self, name: &'static str, tensor: Tensor<D>) {
        self.kept.push((name, flat(tensor)));
    }

    async fn differentiate(
        &mut self,
        work: &dyn Fn() -> Tensor<1>,
        upstream: Mask,
        clock: Option<Clock>,
    ) -> Result<()> {
        if let Some(clock) = clock {
            let (_, input) = &self.inputs[0];
            let backward = || input.of(&work().backward()).expect("an input's gradient");
            self.milliseconds = [clock.mean(|| work().inner()).await?, clock.mean(backward).await?];
            return Ok(());
        }
        let output = work();
        self.keep_mask("upstream", output.shape().num_elements(), upstream);
        self.keep("output", output.clone().inner());
        let gradients = masked(output, upstream).backward();
        for (name, input) in mem::take(&mut self.inputs) {
            if let Some(gradient) = input.of(&gradients) {
                self.found.push((format!("d {name}"), read(gradient).await?));
            }
        }
        Ok(())
    }
}
