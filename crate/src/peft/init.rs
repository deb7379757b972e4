//! New adapters, as their papers begin them: the model answers as before, or almost.

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::Tensor;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{
    adapter::{Adapter, Parts},
    config::{AdapterConfig, AdapterKind},
};
use crate::{
    Error, Result,
    device::floats,
    kernels::take_rows,
    model::BertForSequenceClassification,
    random::{normal, uniform},
};

/// A new adapter for a model, with the model's own head.
///
/// # Errors
/// `bad-option` where no dense layer is targeted; `bad-state` where the model has no head.
pub fn fresh(
    model: &mut BertForSequenceClassification,
    config: AdapterConfig,
    labels: Vec<String>,
    threshold: Option<f64>,
    seed: u64,
) -> Result<Adapter> {
    let head = model.head().ok_or_else(Error::no_head)?;
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let parts = match &config.kind {
        AdapterKind::Lora(options) => low_rank(model, &config, &mut random, options.rank, false)?,
        AdapterKind::Adalora(options, _) => low_rank(model, &config, &mut random, options.initial_rank, true)?,
        AdapterKind::Prompt { tokens } => Parts::Prompt(Box::new(words(model, &mut random, *tokens))),
        AdapterKind::Prefix { tokens } => {
            let (table, layers) = (model.bert.word_embeddings(), model.layers());
            let ([_, hidden], device) = (table.dims(), table.device());
            let mut state = || floats(normal(&mut random, 0.02, tokens * hidden), [*tokens, hidden], &device);
            Parts::Prefix((0..layers).map(|_| [state(), state()]).collect())
        }
    };
    Ok(Adapter {
        config,
        labels,
        threshold,
        head,
        parts,
    })
}

/// LoRA: a as torch's `Linear` begins, b 0. AdaLoRA: a and b from N(0, 0.02), e 0.
fn low_rank(
    model: &mut BertForSequenceClassification,
    config: &AdapterConfig,
    random: &mut ChaCha8Rng,
    rank: usize,
    adaptive: bool,
) -> Result<Parts> {
    let mut pairs = Vec::new();
    let mut names = Vec::new();
    for (name, dense) in model.dense_layers() {
        if config.targets(&name) {
            let ([inputs, outputs], device) = (dense.weight.val().dims(), dense.weight.val().device());
            let (a, b) = match adaptive {
                false => {
                    let a = uniform(random, 1.0 / (inputs as f64).sqrt(), inputs * rank);
                    (a, vec![0.0; rank * outputs])
                }
                true => (
                    normal(random, 0.02, inputs * rank),
                    normal(random, 0.02, rank * outputs),
                ),
            };
            let (a, b) = (floats(a, [inputs, rank], &device), floats(b, [rank, outputs], &device));
            let e = adaptive.then(|| floats(vec![0.0; rank], [1, rank], &device));
            pairs.push((name.clone(), a, b, e));
        }
        names.push(name);
    }
    if pairs.is_empty() {
        return Err(Error::bad_option(
            "targetModules",
            "ends of the names of dense layers, such as query, value, attention.output.dense, intermediate.dense",
            format!("names that fit none of {} layers, such as {}", names.len(), names[0]),
        ));
    }
    Ok(Parts::LowRank(pairs))
}

/// Embeddings of words drawn from the vocabulary: better than noise (Lester et al. 2021, section 3.2).
fn words(model: &BertForSequenceClassification, random: &mut ChaCha8Rng, tokens: usize) -> Tensor<2> {
    let table = model.bert.word_embeddings();
    let [rows, _] = table.dims();
    let ids = (0..tokens).map(|_| (random.next_u64() % rows as u64) as u32).collect();
    take_rows(table, ids)
}

/// The model with new bottlenecks of `size`: weights from N(0, 0.01), so that each is almost the identity (Houlsby et al.
/// 2019, section 3.6).
pub fn fresh_bottlenecks(
    mut model: BertForSequenceClassification,
    size: usize,
    seed: u64,
) -> BertForSequenceClassification {
    struct Fill {
        random: ChaCha8Rng,
        path: Vec<String>,
    }
    impl ModuleMapper for Fill {
        fn enter_module(&mut self, name: &str, _container: &str) {
            self.path.push(name.to_owned());
        }

        fn exit_module(&mut self, _name: &str, _container: &str) {
            self.path.pop();
        }

        fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            let inside = self.path.iter().any(|name| name.ends_with("_adapter"));
            let is_weight = self.path.last().is_some_and(|name| name == "weight");
            if !(inside && is_weight) {
                return param;
            }
            let tensor = param.val();
            let values = normal(&mut self.random, 0.01, tensor.shape().num_elements());
            Param::from_tensor(floats(values, tensor.dims(), &tensor.device()))
        }
    }
    let device = model.bert.word_embeddings().device();
    model.add_adapters(size, &device);
    model.map(&mut Fill {
        random: ChaCha8Rng::seed_from_u64(seed),
        path: Vec::new(),
    })
}
