//! A checkpoint's tensors into a model: every tensor loaded, newly made, unused, or an error.

use burn::{
    module::{Module, ModuleMapper, ModuleVisitor, Param},
    tensor::{Device, Tensor},
};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::{
    names::{Layout, canonical_name, hugging_face_name},
    tensors::Tensors,
};
use crate::{
    Error, Result,
    device::parameter,
    model::{BertConfig, BertForSequenceClassification, MaskedLmHead, Pooling},
    random,
};

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
    let is_new = |name: &str| {
        let is_head = name.starts_with("classifier.");
        let no_pooler = name.starts_with("bert.pooler.") && !tensors.contains(name);
        (is_head && !keep_head) || no_pooler
    };
    let random = ChaCha8Rng::seed_from_u64(seed);
    let (model, used, new_tensors) = fill(model, "", tensors, &is_new, config, random, device)?;
    Ok(Loaded {
        model,
        unused_tensors: tensors.names_beside(&used),
        new_tensors,
    })
}

/// A model of this configuration that has learned nothing, as transformers initializes it.
///
/// # Errors
/// None: no file can be wrong.
pub fn fresh(config: &BertConfig, pooling: Pooling, classes: usize, seed: u64, device: &Device) -> Result<Loaded> {
    let model = BertForSequenceClassification::init(config, pooling, classes, device);
    let random = ChaCha8Rng::seed_from_u64(seed);
    let (model, _, new_tensors) = fill(model, "", &Tensors::none(), &|_| true, config, random, device)?;
    Ok(Loaded {
        model,
        new_tensors,
        unused_tensors: Vec::new(),
    })
}

/// Gives a loaded model the masked-language-model head: the file's where it has one, else a new one.
///
/// The file's decoder, where it has one, is not read: it is the word embeddings and the head's own bias, as transformers
/// has it where config.json does not say otherwise.
///
/// # Errors
/// `unsupported-architecture` where config.json unties them; `missing-tensor`, `shape-mismatch`, `unsupported-dtype`.
pub fn add_masked_lm(
    loaded: Loaded,
    tensors: &Tensors,
    config: &BertConfig,
    seed: u64,
    device: &Device,
) -> Result<Loaded> {
    if config.raw.get("tie_word_embeddings") == Some(&serde_json::Value::Bool(false)) {
        return Err(Error::unsupported_architecture("BERT with tie_word_embeddings false"));
    }
    let head = MaskedLmHead::init(config, device);
    let has_head = tensors.contains(TRANSFORM);
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    // A stream of its own, so that the other head does not depend on whether this one is asked for.
    random.set_stream(1);
    let (head, used, new) = fill(head, "predictions", tensors, &|_| !has_head, config, random, device)?;
    let Loaded {
        mut model,
        mut new_tensors,
        mut unused_tensors,
    } = loaded;
    model.predictions = Some(head);
    new_tensors.extend(new);
    unused_tensors.retain(|name| {
        let name = canonical_name(name);
        let tied = has_head && name.starts_with("cls.predictions.decoder.");
        !(tied || used.contains(&name))
    });
    Ok(Loaded {
        model,
        new_tensors,
        unused_tensors,
    })
}

/// What a file with a masked-language-model head holds.
const TRANSFORM: &str = "cls.predictions.transform.dense.weight";

/// A module, which stands at `place` of the model, with its values; and the names of those of the file, and of those made
/// anew.
fn fill<M: Module>(
    module: M,
    place: &str,
    tensors: &Tensors,
    is_new: &dyn Fn(&str) -> bool,
    config: &BertConfig,
    random: ChaCha8Rng,
    device: &Device,
) -> Result<(M, Vec<String>, Vec<String>)> {
    let path: Vec<String> = (!place.is_empty()).then(|| place.to_owned()).into_iter().collect();
    let mut plan = Plan {
        tensors,
        is_new,
        path: path.clone(),
        used: Vec::new(),
        new: Vec::new(),
        failure: None,
    };
    module.visit(&mut plan);
    if let Some(failure) = plan.failure {
        return Err(failure);
    }
    let (used, new) = (plan.used, plan.new);
    let mut filler = Filler {
        tensors,
        new: &new,
        device,
        random,
        deviation: config.initializer_range,
        path,
        failure: None,
    };
    let module = module.map(&mut filler);
    match filler.failure {
        Some(failure) => Err(failure),
        None => Ok((module, used, new)),
    }
}

/// First pass: where each parameter will come from. Allocates nothing.
struct Plan<'a> {
    tensors: &'a Tensors<'a>,
    is_new: &'a dyn Fn(&str) -> bool,
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
        if (self.is_new)(&name) {
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
                Param::from_tensor(parameter(values, dimensions, self.device))
            }
            Err(failure) => {
                self.failure = Some(failure);
                param
            }
        }
    }
}

impl Filler<'_> {
    /// Weights from N(0, deviation), biases 0, scales of LayerNorm 1.
    fn draw(&mut self, name: &str, count: usize) -> Vec<f32> {
        if name.ends_with(".bias") {
            return vec![0.0; count];
        }
        if name.ends_with("LayerNorm.weight") {
            return vec![1.0; count];
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
