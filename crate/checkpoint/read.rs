//! A checkpoint's tensors into a model: every tensor loaded, newly made, unused, or an error.

use burn::{
    module::{Module, ModuleMapper, ModuleVisitor, Param},
    tensor::{Device, Tensor},
};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::{BertConfig, Layout, Pooling, Tensors, hugging_face_name};
use crate::{Error, Result, device::floats, model::BertForSequenceClassification, random};

/// A model with the account of where its tensors came from.
pub struct Loaded {
    /// The model, on the device, without autodiff.
    pub model: BertForSequenceClassification,
    /// Tensors made anew from the seed, by Hugging Face name.
    pub new_tensors: Vec<String>,
    /// Tensors of the file that the model has no use for, by their names there.
    pub unused_tensors: Vec<String>,
}

/// Builds the model of `config`, with `pooling` and `classes` outputs, from the file's tensors.
///
/// The head is the file's where `keep_head`, else drawn from N(0, `initializer_range`) by `seed`,
/// as transformers initializes it; so is a pooler that `cls` needs and the file lacks. Everything is
/// checked before anything is allocated.
///
/// # Errors
/// `missing-tensor`, `shape-mismatch`, `unsupported-dtype`.
pub fn load(
    tensors: &Tensors,
    config: &BertConfig,
    pooling: Pooling,
    classes: usize,
    keep_head: bool,
    seed: u64,
    device: &Device,
) -> Result<Loaded> {
    let mut model = BertForSequenceClassification::init(config, pooling, classes, device);
    if let Some(size) = config.adapter_size {
        model.add_adapters(size, device);
    }
    let mut plan = Plan {
        tensors,
        keep_head,
        path: Vec::new(),
        used: Vec::new(),
        new: Vec::new(),
        failure: None,
    };
    model.visit(&mut plan);
    if let Some(failure) = plan.failure {
        return Err(failure);
    }
    let (used, new_tensors) = (plan.used, plan.new);
    let mut filler = Filler {
        tensors,
        new: &new_tensors,
        device,
        random: ChaCha8Rng::seed_from_u64(seed),
        deviation: config.initializer_range,
        path: Vec::new(),
        failure: None,
    };
    let model = model.map(&mut filler);
    match filler.failure {
        Some(failure) => Err(failure),
        None => Ok(Loaded {
            model,
            unused_tensors: tensors.names_beside(&used),
            new_tensors,
        }),
    }
}

/// First pass: where each parameter will come from. Allocates nothing.
struct Plan<'a> {
    tensors: &'a Tensors<'a>,
    keep_head: bool,
    path: Vec<String>,
    used: Vec<String>,
    new: Vec<String>,
    failure: Option<Error>,
}

impl ModuleVisitor for Plan<'_> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        if self.failure.is_some() {
            return;
        }
        let (name, layout) = hugging_face_name(&self.path.join("."));
        let is_head = name.starts_with("classifier.");
        let no_pooler = name.starts_with("bert.pooler.") && !self.tensors.contains(&name);
        if (is_head && !self.keep_head) || no_pooler {
            self.new.push(name);
            return;
        }
        match self.tensors.check(&name, &file_shape(&param.lazy_shape(), layout)) {
            Ok(()) => self.used.push(name),
            Err(failure) => self.failure = Some(failure),
        }
    }
}

/// Second pass: the values.
struct Filler<'a> {
    tensors: &'a Tensors<'a>,
    new: &'a [String],
    device: &'a Device,
    random: ChaCha8Rng,
    deviation: f64,
    path: Vec<String>,
    failure: Option<Error>,
}

impl ModuleMapper for Filler<'_> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let (name, layout) = hugging_face_name(&self.path.join("."));
        let shape = param.lazy_shape();
        let values = if self.new.contains(&name) {
            Ok(self.draw(&name, shape.num_elements()))
        } else {
            self.tensors
                .values(&name, &file_shape(&shape, layout))
                .map(|values| match layout {
                    Layout::Same => values,
                    Layout::Transposed => transpose(&values, shape[1], shape[0]),
                })
        };
        match values {
            Ok(values) => {
                let dimensions: [usize; D] = std::array::from_fn(|axis| shape[axis]);
                Param::from_tensor(floats(values, dimensions, self.device))
            }
            Err(failure) => {
                self.failure = Some(failure);
                param
            }
        }
    }
}

impl Filler<'_> {
    /// Weights from N(0, deviation), biases 0.
    fn draw(&mut self, name: &str, count: usize) -> Vec<f32> {
        if name.ends_with(".bias") {
            return vec![0.0; count];
        }
        random::normal(&mut self.random, self.deviation, count)
    }
}

fn file_shape(shape: &[usize], layout: Layout) -> Vec<usize> {
    match layout {
        Layout::Same => shape.to_vec(),
        Layout::Transposed => shape.iter().rev().copied().collect(),
    }
}

/// `[rows, columns]` to `[columns, rows]`, in tiles that stay in the cache.
pub fn transpose(values: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    const TILE: usize = 32;
    let mut out = vec![0.0; values.len()];
    for row_tile in (0..rows).step_by(TILE) {
        for column_tile in (0..columns).step_by(TILE) {
            for row in row_tile..(row_tile + TILE).min(rows) {
                for column in column_tile..(column_tile + TILE).min(columns) {
                    out[column * rows + row] = values[row * columns + column];
                }
            }
        }
    }
    out
}
