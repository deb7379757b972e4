//! A checkpoint's tensors into a model: every tensor is loaded, newly initialized, unused, or an error.

use burn::{
    module::{Module, Param},
    tensor::{Device, Tensor},
};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use super::{
    layout::Layout,
    magnitudes::Magnitudes,
    parameters::{ParameterMapper, ParameterVisitor, map_parameters, visit_parameters},
    storage::role,
    tensors::Tensors,
};
use crate::{
    Error, Result,
    device::parameter,
    kernels::{self, Role, Storage},
    model::{BertConfig, BertForSequenceClassification, MaskedLmHead, Pooling},
    random,
};

/// A model, and where its tensors came from.
pub struct Loaded {
    /// The model, on the device, without autodiff.
    pub model: BertForSequenceClassification,
    /// Newly initialized tensors, by BERT's names.
    pub new_tensors: Vec<String>,
    /// Tensors of the file that the model does not use, by their names there.
    pub unused_tensors: Vec<String>,
    /// The largest number of each tensor.
    pub magnitudes: Magnitudes,
}

/// What a model is read as.
#[derive(Debug, Clone, Copy)]
pub struct ReadAs {
    /// The pooling.
    pub pooling: Pooling,
    /// Outputs of the head; 0: no head.
    pub classes: usize,
    /// Whether the head is the file's.
    pub keep_head: bool,
    /// What matrices are kept as; none: as the file has them.
    pub storage: Option<Storage>,
    /// Seed of new tensors.
    pub seed: u64,
}

/// Builds the model of `config` from the file's tensors.
///
/// The classification head is the file's with `keep_head`; else its weights are drawn from N(0, `initializer_range`) by
/// `seed`, as in transformers. So are those of a pooler that the pooling `pooler` needs and the file lacks. Every tensor
/// is checked before anything is allocated. Matrices are kept as `storage`; without it, as whole numbers where the file has
/// those, else as 32-bit floats.
///
/// # Errors
/// `missing-tensor`, `shape-mismatch`, `unsupported-dtype`.
pub fn load(tensors: &Tensors, config: &BertConfig, read_as: ReadAs, device: &Device) -> Result<Loaded> {
    let ReadAs {
        pooling,
        classes,
        keep_head,
        storage,
        seed,
    } = read_as;
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
    let Filled {
        module: model,
        used,
        new: new_tensors,
        magnitudes,
    } = fill(model, "", tensors, &is_new, storage, config, random, device)?;
    Ok(Loaded {
        model,
        unused_tensors: tensors.unused_names(&used),
        new_tensors,
        magnitudes,
    })
}

/// An untrained model of this configuration, initialized as in transformers.
///
/// # Errors
/// None in practice: no file is read.
pub fn init(config: &BertConfig, pooling: Pooling, classes: usize, seed: u64, device: &Device) -> Result<Loaded> {
    let model = BertForSequenceClassification::init(config, pooling, classes, device);
    let random = ChaCha8Rng::seed_from_u64(seed);
    let Filled {
        module: model,
        new: new_tensors,
        magnitudes,
        ..
    } = fill(model, "", &Tensors::empty(), &|_| true, None, config, random, device)?;
    Ok(Loaded {
        model,
        new_tensors,
        unused_tensors: Vec::new(),
        magnitudes,
    })
}

/// Adds the masked-LM head to a loaded model: the file's where it has one, else a newly initialized one.
///
/// The decoder's weight is tied to the word embeddings, as in transformers, so the file's own decoder is not read; one of other
/// values is refused.
///
/// # Errors
/// `unsupported-architecture` where config.json unties the two; `missing-tensor`, `shape-mismatch`,
/// `unsupported-dtype`.
pub fn add_masked_lm(
    loaded: Loaded,
    tensors: &Tensors,
    config: &BertConfig,
    seed: u64,
    device: &Device,
) -> Result<Loaded> {
    if config.raw.get("tie_word_embeddings") == Some(&serde_json::Value::Bool(false)) {
        return Err(Error::unsupported_part(format!(
            "{} with tie_word_embeddings false",
            config.encoder.class
        )));
    }
    let has_head = tensors.contains(TRANSFORM);
    if let Some(own) = tensors.untied().filter(|_| has_head) {
        return Err(Error::unsupported_part(format!(
            "{} with a decoder of its own: {own} is not what it is tied to",
            config.encoder.class
        )));
    }
    let head = MaskedLmHead::init(config, device);
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    // A random stream of its own: the classification head is the same with this head or without it.
    random.set_stream(1);
    let Filled {
        module: head,
        used,
        new,
        magnitudes: of_head,
    } = fill(
        head,
        "predictions",
        tensors,
        &|_| !has_head,
        None,
        config,
        random,
        device,
    )?;
    let Loaded {
        mut model,
        mut new_tensors,
        mut unused_tensors,
        mut magnitudes,
    } = loaded;
    magnitudes.extend(of_head);
    model.predictions = Some(head);
    new_tensors.extend(new);
    unused_tensors.retain(|name| {
        let name = config.encoder.canonical_name(name);
        let tied = has_head && name.starts_with("cls.predictions.decoder.");
        !(tied || used.contains(&name))
    });
    Ok(Loaded {
        model,
        new_tensors,
        unused_tensors,
        magnitudes,
    })
}

/// Weight and bias of the file's pooler, where it has a sound one.
///
/// # Errors
/// `bad-weights`.
pub fn read_pooler(tensors: &Tensors, hidden: usize, device: &Device) -> Result<Option<(Tensor<2>, Tensor<1>)>> {
    const NAMES: [&str; 2] = ["bert.pooler.dense.weight", "bert.pooler.dense.bias"];
    let sound = [
        tensors.check(NAMES[0], &[hidden, hidden]),
        tensors.check(NAMES[1], &[hidden]),
    ];
    if sound.iter().any(Result::is_err) {
        return Ok(None);
    }
    let weight = tensors.values(NAMES[0], &[hidden, hidden])?;
    let weight = Layout::Transposed.from_file(weight, &[hidden, hidden]);
    let bias = tensors.values(NAMES[1], &[hidden])?;
    let weight = parameter(weight, [hidden, hidden], device);
    Ok(Some((weight, parameter(bias, [hidden], device))))
}

/// A tensor that every file with a masked-LM head holds.
const TRANSFORM: &str = "cls.predictions.transform.dense.weight";

/// A module with its values.
struct Filled<M> {
    module: M,
    /// The tensors that the file gave.
    used: Vec<String>,
    /// Those drawn from the seed.
    new: Vec<String>,
    magnitudes: Magnitudes,
}

/// Fills a module, which stands at `path` of the model.
#[allow(
    clippy::too_many_arguments,
    reason = "each is of its own kind, and there are three callers"
)]
fn fill<M: Module>(
    module: M,
    path: &str,
    tensors: &Tensors,
    is_new: &dyn Fn(&str) -> bool,
    storage: Option<Storage>,
    config: &BertConfig,
    random: ChaCha8Rng,
    device: &Device,
) -> Result<Filled<M>> {
    let mut plan = Plan {
        tensors,
        is_new,
        used: Vec::new(),
        new: Vec::new(),
        failure: None,
    };
    visit_parameters(&module, path, &mut plan);
    if let Some(failure) = plan.failure {
        return Err(failure);
    }
    let (used, new) = (plan.used, plan.new);
    let mut filler = Filler {
        tensors,
        new: &new,
        storage,
        device,
        random,
        deviation: config.initializer_range,
        failure: None,
        magnitudes: Magnitudes::default(),
    };
    let module = map_parameters(module, path, &mut filler);
    let magnitudes = filler.magnitudes;
    match filler.failure {
        Some(failure) => Err(failure),
        None => Ok(Filled {
            module,
            used,
            new,
            magnitudes,
        }),
    }
}

/// First pass: where each parameter will come from. Allocates nothing.
struct Plan<'a> {
    tensors: &'a Tensors<'a>,
    is_new: &'a dyn Fn(&str) -> bool,
    used: Vec<String>,
    new: Vec<String>,
    failure: Option<Error>,
}

impl ParameterVisitor for Plan<'_> {
    fn visit<const D: usize>(&mut self, name: String, layout: Layout, param: &Param<Tensor<D>>) {
        if self.failure.is_some() {
            return;
        }
        if (self.is_new)(&name) {
            self.new.push(name);
            return;
        }
        match self.tensors.check(&name, &layout.file_shape(&param.lazy_shape())) {
            Ok(()) => self.used.push(name),
            Err(failure) => self.failure = Some(failure),
        }
    }
}

/// Second pass: the values.
struct Filler<'a> {
    tensors: &'a Tensors<'a>,
    new: &'a [String],
    storage: Option<Storage>,
    device: &'a Device,
    random: ChaCha8Rng,
    deviation: f64,
    failure: Option<Error>,
    magnitudes: Magnitudes,
}

impl ParameterMapper for Filler<'_> {
    fn map<const D: usize>(&mut self, name: String, layout: Layout, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let shape = param.lazy_shape();
        let of_file = match self.tensors.is_int8(&name) {
            true => Storage::Int8,
            false => Storage::F32,
        };
        let storage = self.storage.unwrap_or(of_file);
        // The largest tensor of many models, which then never stands in memory as 32-bit floats.
        if (role(&name, layout), storage, of_file) == (Some(Role::Table), Storage::Int8, Storage::Int8)
            && shape[1].is_multiple_of(4)
        {
            let shape = [shape[0], shape[1]];
            return match self.tensors.int8_table(&name, &shape) {
                Ok((bytes, largest)) => {
                    self.magnitudes.note_largest(&name, largest);
                    let table = kernels::store_int8_table(bytes, shape, self.device);
                    Param::from_tensor(Tensor::from_dispatch(table.into_dispatch()))
                }
                Err(failure) => {
                    self.failure = Some(failure);
                    param
                }
            };
        }
        let values = match self.new.contains(&name) {
            true => Ok(self.draw(&name, shape.num_elements())),
            false => {
                (self.tensors.values(&name, &layout.file_shape(&shape))).map(|values| layout.from_file(values, &shape))
            }
        };
        match values {
            Ok(values) => {
                self.magnitudes.note(&name, &values);
                let dimensions: [usize; D] = std::array::from_fn(|axis| shape[axis]);
                let tensor = match (role(&name, layout), &dimensions[..]) {
                    (Some(role), &[rows, columns]) => {
                        let kept = kernels::store(values, [rows, columns], role, storage, self.device);
                        Tensor::from_dispatch(kept.into_dispatch())
                    }
                    _ => parameter(values, dimensions, self.device),
                };
                Param::from_tensor(tensor)
            }
            Err(failure) => {
                self.failure = Some(failure);
                param
            }
        }
    }
}

impl Filler<'_> {
    /// Initial values: weights from N(0, deviation), biases 0, LayerNorm's weights 1.
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
