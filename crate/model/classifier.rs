//! The encoder, the pooling and the linear head together.

use burn::{
    module::{Module, Param},
    tensor::{Device, Tensor},
};

use super::{Input, MaskedLmHead, embeddings::BertEmbeddings, layer::BertLayer, parameters::Dense, pooling};
use crate::{
    checkpoint::{BertConfig, Pooling},
    kernels::{Activation, Dropout, take_rows},
};

/// The encoder with its pooler, where the pooling uses one.
#[derive(Module, Debug)]
pub struct BertModel {
    embeddings: BertEmbeddings,
    encoder: Vec<BertLayer>,
    pooler: Option<Dense>,
    #[module(skip)]
    pooling: Pooling,
}

/// BERT with a linear head over the pooled states and, where it was asked for, the masked-language-model head.
#[derive(Module, Debug)]
pub struct BertForSequenceClassification {
    /// The encoder.
    pub bert: BertModel,
    classifier: Option<Dense>,
    /// The head over single tokens.
    pub predictions: Option<MaskedLmHead>,
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
        let mut states = vec![self.embeddings.forward(input, dropout)];
        for layer in &self.encoder {
            let next = layer.forward(states[states.len() - 1].clone(), &input.score_bias, dropout);
            states.push(next);
        }
        states
            .into_iter()
            .map(|rows| {
                let ([batch, seq_len], [_, hidden]) = (input.mask.dims(), rows.dims());
                rows.reshape([batch, seq_len, hidden])
            })
            .collect()
    }

    /// One vector a text. Inside the encoder all tokens stand in one long column, `[batch * seq_len, hidden]`: each dense
    /// layer is then one large product.
    ///
    /// # Shapes
    /// - output: `[batch, hidden]`
    pub fn forward(&self, input: &Input, dropout: &Dropout) -> Tensor<2> {
        pooling::pooled(self.encode(input, dropout), input, self.pooling, self.pooler.as_ref())
    }

    /// The last hidden states.
    ///
    /// # Shapes
    /// - output: `[batch * seq_len, hidden]`
    fn encode(&self, input: &Input, dropout: &Dropout) -> Tensor<2> {
        let embedded = self.embeddings.forward(input, dropout);
        self.encoder
            .iter()
            .fold(embedded, |rows, layer| layer.forward(rows, &input.score_bias, dropout))
    }
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
            pooler: (pooling == Pooling::Cls).then(|| Dense::init(hidden, hidden, device)),
            pooling,
        };
        let classifier = (classes > 0).then(|| Dense::init(hidden, classes, device));
        Self {
            bert,
            classifier,
            predictions: None,
        }
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
        Some(head.forward(dropout.apply(pooled, dropout.classifier), Activation::Identity))
    }

    /// Scores of every word of the vocabulary at some places, where the model has the masked-language-model head.
    ///
    /// # Shapes
    /// - places: each row · seq_len + the place in the row, no two the same
    /// - output: `[places, vocab]`
    pub fn predict_words(&self, input: &Input, places: Vec<u32>, dropout: &Dropout) -> Option<Tensor<2>> {
        let head = self.predictions.as_ref()?;
        let states = take_rows(self.bert.encode(input, dropout), places);
        Some(head.forward(states, self.bert.word_embeddings()))
    }
}
