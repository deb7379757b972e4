//! The encoder, the pooling and the linear head together.

use burn::{
    module::{Module, Param},
    nn::{Linear, LinearConfig},
    tensor::{Device, Tensor},
};

use super::{Input, embeddings::BertEmbeddings, layer::BertLayer, pooling};
use crate::{
    checkpoint::{BertConfig, Pooling},
    kernels::{Dropout, linear},
};

/// The encoder with its pooler, where the pooling uses one.
#[derive(Module, Debug)]
pub struct BertModel {
    embeddings: BertEmbeddings,
    encoder: Vec<BertLayer>,
    pooler: Option<Linear>,
    #[module(skip)]
    pooling: Pooling,
}

/// BERT with a linear head over the pooled states.
#[derive(Module, Debug)]
pub struct BertForSequenceClassification {
    /// The encoder.
    pub bert: BertModel,
    classifier: Option<Linear>,
}

impl BertModel {
    /// The word embeddings, `[vocab, hidden]`.
    pub fn word_embeddings(&self) -> Tensor<2> {
        self.embeddings.word_embeddings.weight.val()
    }

    /// Hidden states after the embeddings and after every layer: `layers + 1` tensors.
    ///
    /// # Shapes
    /// - each: `[batch, seq_len, hidden]`
    pub fn hidden_states(&self, input: &Input, dropout: &Dropout) -> Vec<Tensor<3>> {
        let shape = input.input_ids.dims();
        let mut states = vec![self.embeddings.forward(input, dropout)];
        for layer in &self.encoder {
            let next = layer.forward(states[states.len() - 1].clone(), &input.score_bias, dropout);
            states.push(next);
        }
        states.into_iter().map(|rows| by_batch(rows, shape)).collect()
    }

    /// One vector a row.
    ///
    /// # Shapes
    /// - output: `[batch, hidden]`
    pub fn forward(&self, input: &Input, dropout: &Dropout) -> Tensor<2> {
        let shape = input.input_ids.dims();
        let embedded = self.embeddings.forward(input, dropout);
        let last = self
            .encoder
            .iter()
            .fold(embedded, |rows, layer| layer.forward(rows, &input.score_bias, dropout));
        let hidden_states = by_batch(last, shape);
        match (self.pooling, &self.pooler) {
            (Pooling::Cls, Some(pooler)) => pooling::cls(hidden_states, pooler),
            (Pooling::Max, _) => pooling::max(hidden_states, input.mask.clone()),
            (Pooling::Mean | Pooling::Cls, _) => pooling::mean(hidden_states, input.mask.clone()),
        }
    }
}

/// Inside the encoder all tokens stand in one long column, `[batch * seq_len, hidden]`: each dense layer is then one
/// large product.
fn by_batch(rows: Tensor<2>, [batch, seq_len]: [usize; 2]) -> Tensor<3> {
    let hidden = rows.dims()[1];
    rows.reshape([batch, seq_len, hidden])
}

impl BertForSequenceClassification {
    /// The model's shape, its parameters not yet made. No head where `classes` is 0.
    pub fn init(config: &BertConfig, pooling: Pooling, classes: usize, device: &Device) -> Self {
        let hidden = config.hidden_size;
        let bert = BertModel {
            embeddings: BertEmbeddings::init(config, device),
            encoder: (0..config.num_hidden_layers)
                .map(|_| BertLayer::init(config, device))
                .collect(),
            pooler: (pooling == Pooling::Cls).then(|| LinearConfig::new(hidden, hidden).init(device)),
            pooling,
        };
        let classifier = (classes > 0).then(|| LinearConfig::new(hidden, classes).init(device));
        Self { bert, classifier }
    }

    /// The model with another table of word embeddings, of any number of rows.
    pub fn with_word_embeddings(mut self, table: Tensor<2>) -> Self {
        self.bert.embeddings.word_embeddings.weight = Param::from_tensor(table);
        self
    }

    /// Logits, where the model has a head.
    ///
    /// # Shapes
    /// - output: `[batch, classes]`
    pub fn forward(&self, input: &Input, dropout: &Dropout) -> Option<Tensor<2>> {
        let head = self.classifier.as_ref()?;
        let pooled = self.bert.forward(input, dropout);
        Some(linear(dropout.apply(pooled, dropout.classifier), head))
    }
}
