//! New adapters, initialized as in their papers: the model's answers stay the same, or almost.

use burn::{module::Param, tensor::Tensor};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{
    adapter::{Adapter, AdapterWeights, LowRankWeights},
    config::{AdapterConfig, AdapterKind},
};
use crate::{
    Error, Result,
    checkpoint::{Layout, ParameterMapper, map_parameters},
    device::floats,
    kernels::gather_rows,
    model::BertForSequenceClassification,
    random::{normal, uniform},
};

/// A new adapter for a model, with the model's own head.
///
/// # Errors
/// `bad-option` where no dense layer is targeted; `bad-state` where the model has no head.
pub fn init_adapter(
    model: &BertForSequenceClassification,
    config: AdapterConfig,
    labels: Vec<String>,
    threshold: Option<f64>,
    seed: u64,
) -> Result<Adapter> {
    let head = model.head().ok_or_else(Error::no_head)?;
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let weights = match &config.kind {
        AdapterKind::Lora(options) => low_rank(model, &config, &mut random, options.rank, false)?,
        AdapterKind::Adalora(options, _) => low_rank(model, &config, &mut random, options.initial_rank, true)?,
        AdapterKind::Prompt { tokens } => {
            AdapterWeights::Prompt(Box::new(random_word_embeddings(model, &mut random, *tokens)))
        }
        AdapterKind::Prefix { tokens } => {
            let (hidden, layers) = (model.hidden_size(), model.layers());
            let device = model.bert.word_embeddings().device();
            let mut state = || floats(normal(&mut random, 0.02, tokens * hidden), [*tokens, hidden], &device);
            AdapterWeights::Prefix((0..layers).map(|_| [state(), state()]).collect())
        }
    };
    Ok(Adapter {
        config,
        labels,
        multi_label: Some(threshold.is_some()),
        threshold,
        pooling: Some(model.pooling()),
        head,
        pooler: model.pooler().filter(|_| model.pooler_in_head()),
        weights,
    })
}

/// LoRA: a uniform as torch's `Linear`, b 0. AdaLoRA: a and b from N(0, 0.02), e 0.
fn low_rank(
    model: &BertForSequenceClassification,
    config: &AdapterConfig,
    random: &mut ChaCha8Rng,
    rank: usize,
    adaptive: bool,
) -> Result<AdapterWeights> {
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
            pairs.push(LowRankWeights {
                layer: name.clone(),
                a,
                b,
                e,
            });
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
    Ok(AdapterWeights::LowRank(pairs))
}

/// Embeddings of random tokens of the vocabulary: a better start than noise (Lester et al. 2021, section 3.2).
fn random_word_embeddings(model: &BertForSequenceClassification, random: &mut ChaCha8Rng, tokens: usize) -> Tensor<2> {
    let table = model.bert.word_embeddings();
    let [rows, _] = table.dims();
    let ids = (0..tokens).map(|_| (random.next_u64() % rows as u64) as u32).collect();
    gather_rows(table, ids)
}

/// The model with new bottlenecks of width `size`. Their weights come from N(0, 0.01), so that each is almost the
/// identity (Houlsby et al. 2019, section 3.6); their biases are 0.
pub fn init_bottlenecks(
    mut model: BertForSequenceClassification,
    size: usize,
    seed: u64,
) -> BertForSequenceClassification {
    struct Fill(ChaCha8Rng);
    impl ParameterMapper for Fill {
        fn map<const D: usize>(&mut self, name: String, _layout: Layout, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
            if !(name.contains(".adapter.") && name.ends_with(".weight")) {
                return param;
            }
            let tensor = param.val();
            let values = normal(&mut self.0, 0.01, tensor.shape().num_elements());
            Param::from_tensor(floats(values, tensor.dims(), &tensor.device()))
        }
    }
    let device = model.bert.word_embeddings().device();
    model.add_adapters(size, &device);
    map_parameters(model, "", &mut Fill(ChaCha8Rng::seed_from_u64(seed)))
}
