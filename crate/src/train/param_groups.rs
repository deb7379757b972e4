//! Parameter groups: which parameters a run trains, and each one's learning rate and weight decay. Chosen by Hugging
//! Face's names, in the order of the module's visit.

use burn::{
    module::{Module, ModuleMapper, ModuleVisitor, Param},
    tensor::{DType, Tensor},
};

use super::{methods::Method, options::TrainOptions};
use crate::{
    Error, Result,
    checkpoint::parameter_names,
    kernels::{int8_role, to_f32},
    model::BertForSequenceClassification,
};

/// The settings of one trained parameter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ParamGroup {
    /// Factor of the run's learning rate.
    pub learning_rate: f64,
    /// Whether weight decay applies: to all but biases and LayerNorm.
    pub decays: bool,
}

/// A group for each trained parameter, none for each frozen one.
pub fn param_groups(model: &BertForSequenceClassification, options: &TrainOptions) -> Vec<Option<ParamGroup>> {
    let names = parameter_names(model);
    let layers = layers(&names);
    let group = |name: &String| {
        let frozen = depth(name, layers) + options.freeze_layers > layers && options.freeze_layers > 0;
        (is_trained(options.method, name, model.pooler_in_head()) && !frozen).then(|| ParamGroup {
            learning_rate: options.layer_decay.powi(depth(name, layers) as i32),
            // As in transformers, a table of biases is one too.
            decays: !name.contains("bias") && !name.contains("LayerNorm"),
        })
    };
    names.iter().map(group).collect()
}

/// Checks that the model has as many layers as are to be frozen.
///
/// # Errors
/// `bad-option`.
pub fn check_frozen(model: &BertForSequenceClassification, options: &TrainOptions) -> Result<()> {
    let layers = layers(&parameter_names(model));
    if options.freeze_layers <= layers {
        return Ok(());
    }
    Err(Error::bad_option(
        "freezeLayers",
        format!("a whole number from 0 to the model's {layers} layers"),
        options.freeze_layers,
    ))
}

/// The model whose parameters get gradients where `trained` says so, in the order of the module's visit; those become
/// f32. No backward pass goes below the lowest of them.
pub fn trainable(
    model: BertForSequenceClassification,
    trained: &mut dyn Iterator<Item = bool>,
) -> BertForSequenceClassification {
    struct Choose<'a>(&'a mut dyn Iterator<Item = bool>);
    impl ModuleMapper for Choose<'_> {
        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            match self.0.next() {
                Some(true) => param.map(to_f32).set_require_grad(true),
                _ => param.set_require_grad(false),
            }
        }
    }
    model.map(&mut Choose(trained))
}

/// Numbers of parameters, counted in elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrainedParams {
    /// Trainable parameters.
    pub trainable: usize,
    /// Whether the word embeddings are among them.
    pub word_embeddings: bool,
    /// Bytes that the run adds to the other trainable ones, which the device keeps in fewer than 32 bits.
    pub widening_bytes: usize,
}

/// The parameters that a run with these options trains.
pub fn trained_params(model: &BertForSequenceClassification, options: &TrainOptions) -> TrainedParams {
    let groups = param_groups(model, options);
    let kept = |is: &dyn Fn(DType) -> bool| count_where(model, &groups, &|place, dtype| place > 0 && is(dtype));
    TrainedParams {
        trainable: count(model, &groups),
        word_embeddings: groups.first().is_some_and(Option::is_some),
        // Of the word embeddings only the rows in use are trained, in a table of their own.
        widening_bytes: 2 * kept(&|dtype| dtype == DType::F16) + 3 * kept(&|dtype| int8_role(dtype).is_some()),
    }
}

/// Elements of the parameters that are in a group.
pub fn count(model: &BertForSequenceClassification, param_groups: &[Option<ParamGroup>]) -> usize {
    count_where(model, param_groups, &|_, _| true)
}

/// The same, only of parameters whose place in the visit and number type `counts` accepts.
fn count_where(
    model: &BertForSequenceClassification,
    param_groups: &[Option<ParamGroup>],
    counts: &dyn Fn(usize, DType) -> bool,
) -> usize {
    struct Count<'a> {
        param_groups: std::iter::Enumerate<std::slice::Iter<'a, Option<ParamGroup>>>,
        counts: &'a dyn Fn(usize, DType) -> bool,
        found: usize,
    }
    impl ModuleVisitor for Count<'_> {
        fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
            match self.param_groups.next() {
                Some((place, Some(_))) if (self.counts)(place, param.val().dtype()) => {
                    self.found += param.lazy_shape().num_elements();
                }
                _ => {}
            }
        }
    }
    let mut visitor = Count {
        param_groups: param_groups.iter().enumerate(),
        counts,
        found: 0,
    };
    model.visit(&mut visitor);
    visitor.found
}

/// Whether a method trains a parameter. With `pooler_in_head`, a method that changes the encoder's answers trains the pooler as a
/// part of the head.
fn is_trained(method: Method, name: &str, pooler_in_head: bool) -> bool {
    let classifier = name.starts_with("classifier.");
    let pooler = name.starts_with("bert.pooler.");
    let head = classifier || (pooler && pooler_in_head);
    if name.starts_with("cls.") {
        return method == Method::MaskedLm;
    }
    match method {
        Method::Full => true,
        Method::MaskedLm => !classifier && !pooler,
        Method::Contrastive => !classifier,
        Method::Head => classifier,
        Method::Lora | Method::Adalora => head || name.contains(".lora_"),
        Method::Adapter => head || name.contains("adapter.") || name.contains("LayerNorm"),
        Method::Prompt => head || name == "prompt_embeddings",
        Method::Prefix => head || name.contains(".prefix_"),
        Method::Bitfit => head || name.ends_with(".bias"),
    }
}

/// What lies below the layers: the embeddings, the projection after narrower ones, and the table of distances, which the
/// lowest layer reads too.
const BELOW: [&str; 3] = [
    "bert.embeddings.",
    "bert.embeddings_project",
    "bert.encoder.relative_attention_bias",
];

/// Distance from the top: 0 for the heads and the pooler, 1 for the last layer, layers + 1 for the embeddings.
fn depth(name: &str, layers: usize) -> usize {
    match layer_of(name) {
        Some(layer) => layers - layer,
        None if BELOW.iter().any(|start| name.starts_with(start)) => layers + 1,
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
