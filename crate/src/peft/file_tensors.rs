//! The tensors of adapter_model.safetensors: peft's names, in torch's layout, for one model.

use burn::tensor::{Device, Tensor};

use super::{
    adapter::{AdapterWeights, LowRankWeights},
    targets::{Targets, ends_with},
};
use crate::{
    Error, Result,
    checkpoint::{Tensors, transpose},
    device::floats,
    model::{Architecture, BertForSequenceClassification},
};

pub(super) const FILE: &str = "adapter_model.safetensors";
/// BERT's name of the head.
pub(super) const HEAD: &str = "classifier";
/// BERT's name of the pooler.
pub const POOLER: &str = "bert.pooler.dense";
/// The one tensor of virtual tokens.
const VIRTUAL_TOKENS: &str = "prompt_embeddings";

/// The file's tensors. peft's names begin with its own prefix, so none is translated to BERT's.
pub(super) fn open(bytes: &[u8]) -> Result<Tensors<'_>> {
    Tensors::open(FILE, bytes, Architecture::BERT)
}

/// The common beginning of the names of a dense layer's low-rank pair.
pub(super) fn stem(name: &str) -> String {
    format!("base_model.model.{name}.lora_")
}

/// An adapter's file, and the model that it is read for.
pub(super) struct AdapterFile<'a> {
    tensors: Tensors<'a>,
    model: &'a BertForSequenceClassification,
    hidden: usize,
    device: Device,
}

impl<'a> AdapterFile<'a> {
    pub fn open(bytes: &'a [u8], model: &'a BertForSequenceClassification) -> Result<Self> {
        Ok(Self {
            tensors: open(bytes)?,
            model,
            hidden: model.hidden_size(),
            device: model.bert.word_embeddings().device(),
        })
    }

    /// LoRA's pairs.
    pub fn pairs(&self, targets: &Targets) -> Result<AdapterWeights> {
        let mut pairs = Vec::new();
        for (layer, [inputs, outputs]) in self.targeted(targets)? {
            let (stem, rank) = (stem(&layer), targets.rank(&layer));
            // One factor stands for all layers of an adapter; a layer's own goes into its pair.
            let factor = targets.factor(&layer) as f32;
            pairs.push(LowRankWeights {
                a: self.matrix(&format!("{stem}A.weight"), [inputs, rank])?,
                b: self.scaled_matrix(&format!("{stem}B.weight"), [rank, outputs], factor)?,
                e: None,
                layer,
            });
        }
        Ok(AdapterWeights::LowRank(pairs))
    }

    /// AdaLoRA's triples, and the layers that lost all their ranks: of those nothing is left to add.
    pub fn triples(&self, targets: &Targets, most_rank: usize) -> Result<(AdapterWeights, Vec<String>)> {
        let (mut triples, mut emptied) = (Vec::new(), Vec::new());
        for (layer, [inputs, outputs]) in self.targeted(targets)? {
            let stem = stem(&layer);
            // Each layer has a rank of its own.
            let rank = self.rows(&format!("{stem}E"));
            if rank == Some(0) {
                emptied.push(layer);
                continue;
            }
            let rank = rank.unwrap_or(0).clamp(1, most_rank);
            triples.push(LowRankWeights {
                a: self.matrix(&format!("{stem}A"), [inputs, rank])?,
                b: self.matrix(&format!("{stem}B"), [rank, outputs])?,
                e: Some(self.matrix(&format!("{stem}E"), [1, rank])?),
                layer,
            });
        }
        Ok((AdapterWeights::LowRank(triples), emptied))
    }

    /// The targeted dense layers, with the widths of their inputs and outputs.
    fn targeted(&self, targets: &Targets) -> Result<Vec<(String, [usize; 2])>> {
        let mut layers = Vec::new();
        for (name, dense) in self.model.dense_layers() {
            if targets.has(&name) {
                layers.push((name, dense.weight.val().dims()));
            }
        }
        match layers.is_empty() {
            false => Ok(layers),
            true => Err(Error::bad_adapter_config(
                "target_modules: expected names of the encoder's dense layers, found none",
            )),
        }
    }

    /// A soft prompt.
    pub fn prompt(&self, tokens: usize) -> Result<AdapterWeights> {
        let shape = [tokens, self.hidden];
        let prompt = floats(self.tensors.values(VIRTUAL_TOKENS, &shape)?, shape, &self.device);
        Ok(AdapterWeights::Prompt(Box::new(prompt)))
    }

    /// Each layer's prefix. A row of the file has the states of one token: layer after layer, the key before the value.
    pub fn prefix(&self, tokens: usize) -> Result<AdapterWeights> {
        let (layers, hidden) = (self.model.layers(), self.hidden);
        let width = layers * 2 * hidden;
        let values = self.tensors.values(VIRTUAL_TOKENS, &[tokens, width])?;
        let state = |place: usize| {
            let rows = values.chunks_exact(width);
            let own = rows.flat_map(|row| &row[place * hidden..][..hidden]).copied().collect();
            floats(own, [tokens, hidden], &self.device)
        };
        let of_layer = |layer: usize| [state(2 * layer), state(2 * layer + 1)];
        Ok(AdapterWeights::Prefix((0..layers).map(of_layer).collect()))
    }

    /// The names of a module's weight and bias: the file's own, else those that peft gives them.
    pub fn names(&self, module: &str) -> [String; 2] {
        let module = self.model.architecture().own_name(module);
        ["weight", "bias"].map(|part| {
            let end = format!("{module}.{part}");
            let own = self.tensors.names().find(|name| ends_with(name, &end));
            own.map_or_else(|| format!("base_model.model.{end}"), str::to_owned)
        })
    }

    /// The names of the pooler's weight and bias, where the file and the model have one.
    pub fn pooler_names(&self) -> Option<[String; 2]> {
        let is_in_file = |names: &[String; 2]| names.iter().all(|name| self.tensors.contains(name));
        Some(self.names(POOLER)).filter(|names| self.model.has_pooler() && is_in_file(names))
    }

    /// The pooler: the file's, else the model's where it is saved with the head.
    pub fn pooler(&self, names: Option<&[String; 2]>) -> Result<Option<(Tensor<2>, Tensor<1>)>> {
        let Some([weight, bias]) = names else {
            return Ok(self.model.pooler().filter(|_| self.model.pooler_in_head()));
        };
        let bias = self.vector(bias, self.hidden)?;
        Ok(Some((self.matrix(weight, [self.hidden, self.hidden])?, bias)))
    }

    /// The head; the model's own where the file may do without one and has none.
    pub fn head(
        &self,
        [weight, bias]: &[String; 2],
        classes: usize,
        is_optional: bool,
    ) -> Result<(Tensor<2>, Tensor<1>)> {
        let is_in_file = self.tensors.contains(weight) || self.tensors.contains(bias);
        match self.model.head() {
            Some(own) if is_optional && !is_in_file => Ok(own),
            _ => Ok((
                self.matrix(weight, [self.hidden, classes])?,
                self.vector(bias, classes)?,
            )),
        }
    }

    /// The rows of a tensor in torch's layout, if the file holds it.
    pub fn rows(&self, name: &str) -> Option<usize> {
        self.tensors.shape(name)?.first().copied()
    }

    fn matrix(&self, name: &str, shape: [usize; 2]) -> Result<Tensor<2>> {
        self.scaled_matrix(name, shape, 1.0)
    }

    /// torch's layout has the columns of this `shape` as rows.
    fn scaled_matrix(&self, name: &str, [rows, columns]: [usize; 2], factor: f32) -> Result<Tensor<2>> {
        let mut values = self.tensors.values(name, &[columns, rows])?;
        values.iter_mut().for_each(|value| *value *= factor);
        Ok(floats(transpose(&values, columns, rows), [rows, columns], &self.device))
    }

    fn vector(&self, name: &str, length: usize) -> Result<Tensor<1>> {
        Ok(floats(self.tensors.values(name, &[length])?, [length], &self.device))
    }

    /// Refuses tensors that have no place in the model: without them it would answer otherwise, and nobody would notice.
    /// `used` are the names of the head's tensors and the pooler's. A pooler may be left over in a model without one.
    pub fn refuse_others(&self, weights: &AdapterWeights, emptied: &[String], mut used: Vec<String>) -> Result<()> {
        let emptied = emptied.iter();
        used.extend(emptied.flat_map(|layer| ["A", "B", "E"].map(|end| stem(layer) + end)));
        match weights {
            AdapterWeights::LowRank(pairs) => {
                let ends = ["A", "B", "E", "A.weight", "B.weight"];
                used.extend(pairs.iter().flat_map(|pair| ends.map(|end| stem(&pair.layer) + end)));
            }
            AdapterWeights::Prompt(_) | AdapterWeights::Prefix(_) => used.push(VIRTUAL_TOKENS.to_owned()),
        }
        let spare = (!self.model.has_pooler()).then(|| self.model.architecture().own_name(POOLER));
        let is_spare = |name: &String| spare.as_ref().is_some_and(|spare| name.contains(spare));
        let others = self.tensors.unused_names(&used).into_iter();
        match others.filter(|name| !is_spare(name)).min() {
            None => Ok(()),
            Some(name) => Err(Error::bad_adapter_config(format!(
                "{FILE} has the tensor {name}, which is neither of the head nor of a module in target_modules; of \
                 modules_to_save, only the classifier and the pooler are read"
            ))),
        }
    }
}
