//! Which parameters a run trains, and at which share of its learning rate. By Hugging Face's names, in the order of the
//! module's visit.

use burn::{
    module::{Module, ModuleMapper, ModuleVisitor, Param},
    tensor::{DType, Tensor},
};

use super::{methods::Method, options::TrainOptions};
use crate::{Error, Result, checkpoint::hugging_face_name, kernels::widened, model::BertForSequenceClassification};

/// What a run does to a parameter that it trains.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share {
    /// Of the run's learning rate.
    pub learning_rate: f64,
    /// Whether weight decay touches it. torch's usual groups: not biases and LayerNorm.
    pub decays: bool,
}

/// A share for each parameter that is trained, none for each that is frozen.
pub fn select(model: &BertForSequenceClassification, options: &TrainOptions) -> Vec<Option<Share>> {
    let names = names(model);
    let layers = layers(&names);
    let share = |name: &String| {
        let frozen = depth(name, layers) + options.freeze_layers > layers && options.freeze_layers > 0;
        (trains(options.method, name) && !frozen).then(|| Share {
            learning_rate: options.layer_decay.powi(depth(name, layers) as i32),
            decays: !name.ends_with(".bias") && !name.contains("LayerNorm"),
        })
    };
    names.iter().map(share).collect()
}

/// That there are as many layers as are to be frozen.
///
/// # Errors
/// `bad-option`.
pub fn check_frozen(model: &BertForSequenceClassification, options: &TrainOptions) -> Result<()> {
    let layers = layers(&names(model));
    if options.freeze_layers <= layers {
        return Ok(());
    }
    Err(Error::bad_option(
        "freezeLayers",
        format!("a whole number from 0 to the model's {layers} layers"),
        options.freeze_layers,
    ))
}

/// The names of all parameters.
pub fn names(model: &BertForSequenceClassification) -> Vec<String> {
    let mut names = Names::default();
    model.visit(&mut names);
    names.found
}

/// The model in which only the parameters for which `trained` says so get gradients, and those as 32-bit floats. No
/// backward pass goes below the lowest of them.
pub fn trainable(
    model: BertForSequenceClassification,
    trained: &mut dyn Iterator<Item = bool>,
) -> BertForSequenceClassification {
    struct Choose<'a>(&'a mut dyn Iterator<Item = bool>);
    impl ModuleMapper for Choose<'_> {
        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            match self.0.next() {
                Some(true) => param.map(widened).set_require_grad(true),
                _ => param.set_require_grad(false),
            }
        }
    }
    model.map(&mut Choose(trained))
}

/// How much a run trains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trained {
    /// Numbers in all.
    pub numbers: usize,
    /// Whether the word embeddings are among them.
    pub words: bool,
    /// How many of the others the device keeps in 16 bits, which the run widens.
    pub halves: usize,
}

/// How much of a model a run with these options trains.
pub fn trained(model: &BertForSequenceClassification, options: &TrainOptions) -> Trained {
    let selection = select(model, options);
    Trained {
        numbers: count(model, &selection),
        words: selection.first().is_some_and(Option::is_some),
        // Of the word embeddings, only the rows in use are trained, and those apart.
        halves: count_where(model, &selection, &|place, dtype| place > 0 && dtype == DType::F16),
    }
}

/// Numbers in the selected parameters.
pub fn count(model: &BertForSequenceClassification, selection: &[Option<Share>]) -> usize {
    count_where(model, selection, &|_, _| true)
}

/// Of the selected parameters, the numbers in those whose place and type `counts` takes.
pub fn count_where(
    model: &BertForSequenceClassification,
    selection: &[Option<Share>],
    counts: &dyn Fn(usize, DType) -> bool,
) -> usize {
    struct Count<'a> {
        selection: std::iter::Enumerate<std::slice::Iter<'a, Option<Share>>>,
        counts: &'a dyn Fn(usize, DType) -> bool,
        found: usize,
    }
    impl ModuleVisitor for Count<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            match self.selection.next() {
                Some((place, Some(_))) if (self.counts)(place, param.val().dtype()) => {
                    self.found += param.lazy_shape().num_elements();
                }
                _ => {}
            }
        }
    }
    let mut visitor = Count {
        selection: selection.iter().enumerate(),
        counts,
        found: 0,
    };
    model.visit(&mut visitor);
    visitor.found
}

/// Whether a method trains a parameter.
fn trains(method: Method, name: &str) -> bool {
    let head = name.starts_with("classifier.");
    if name.starts_with("cls.") {
        return method == Method::MaskedLm;
    }
    match method {
        Method::Full => true,
        Method::MaskedLm => !head && !name.starts_with("bert.pooler."),
        Method::Contrastive => !head,
        Method::Head => head,
        Method::Lora | Method::Adalora => head || name.contains(".lora_"),
        Method::Adapter => head || name.contains("adapter.") || name.contains("LayerNorm"),
        Method::Prompt => head || name == "prompt_embeddings",
        Method::Prefix => head || name.contains(".prefix_"),
        Method::Bitfit => head || name.ends_with(".bias"),
    }
}

/// Distance from the top: 0 for the heads and the pooler, 1 for the last layer, layers + 1 for the embeddings.
fn depth(name: &str, layers: usize) -> usize {
    match layer_of(name) {
        Some(layer) => layers - layer,
        None if name.starts_with("bert.embeddings.") => layers + 1,
        None => 0,
    }
}

fn layers(names: &[String]) -> usize {
    let last = names.iter().filter_map(|name| layer_of(name)).max();
    last.map_or(0, |last| last + 1)
}

fn layer_of(name: &str) -> Option<usize> {
    name.strip_prefix("bert.encoder.layer.")?
        .split('.')
        .next()?
        .parse()
        .ok()
}

/// The parameters' names.
#[derive(Default)]
struct Names {
    path: Vec<String>,
    found: Vec<String>,
}

impl ModuleVisitor for Names {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, _param: &Param<Tensor<D>>) {
        self.found.push(hugging_face_name(&self.path.join(".")).0);
    }
}
