//! The encoder, the pooling and the linear head together.

use burn::{
    module::{Module, Param},
    tensor::{Device, Tensor},
};

use super::{
    config::{BertConfig, Pooling},
    embeddings::BertEmbeddings,
    input::Input,
    layer::BertLayer,
    low_rank::LowRank,
    masked_lm::MaskedLmHead,
    parameters::Dense,
    peft_layers::Prefix,
    pooling,
};
use crate::kernels::{Activation, Dropout, take_rows};

/// The encoder with its pooler, where the pooling uses one.
#[derive(Module, Debug)]
pub struct BertModel {
    pub(super) embeddings: BertEmbeddings,
    pub(super) encoder: Vec<BertLayer>,
    pooler: Option<Dense>,
    #[module(skip)]
    pooling: Pooling,
}

/// BERT with a linear head over the pooled states and, where it was asked for, the masked-language-model head.
#[derive(Module, Debug)]
pub struct BertForSequenceClassification {
    /// The encoder.
    pub bert: BertModel,
    pub(super) classifier: Option<Dense>,
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
    /// - each: `[batch, seq_len, hidden]`, a soft prompt's virtual tokens first
    pub fn hidden_states(&self, input: &Input, dropout: &Dropout) -> Vec<Tensor<3>> {
        let seen = self.seen(input);
        let mut states = vec![self.embeddings.forward(input, self.prefix_tokens(), dropout)];
        for layer in &self.encoder {
            let next = layer.forward(states[states.len() - 1].clone(), &seen.score_bias, dropout);
            states.push(next);
        }
        states
            .into_iter()
            .map(|rows| {
                let ([batch, seq_len], [_, hidden]) = (seen.mask.dims(), rows.dims());
                rows.reshape([batch, seq_len, hidden])
            })
            .collect()
    }

    /// The states after the last layer. Inside the encoder all tokens stand in one long column: each dense layer is then
    /// one large product.
    ///
    /// # Shapes
    /// - output: `[batch * seq_len, hidden]`, a soft prompt's virtual tokens first in each text
    pub fn last_states(&self, input: &Input, dropout: &Dropout) -> Tensor<2> {
        let seen = self.seen(input);
        let embedded = self.embeddings.forward(input, self.prefix_tokens(), dropout);
        let layers = self.encoder.iter();
        layers.fold(embedded, |rows, layer| layer.forward(rows, &seen.score_bias, dropout))
    }

    /// One vector a text.
    ///
    /// # Shapes
    /// - output: `[batch, hidden]`
    pub fn forward(&self, input: &Input, dropout: &Dropout) -> Tensor<2> {
        let last = self.last_states(input, dropout);
        pooling::pooled(last, &self.seen(input), self.pooling, self.pooler.as_ref(), dropout)
    }

    /// Virtual tokens in front of each text: what they take of the positions.
    pub fn virtual_tokens(&self) -> usize {
        self.prompt_tokens() + self.prefix_tokens()
    }

    fn prompt_tokens(&self) -> usize {
        self.embeddings.prompt.as_ref().map_or(0, |prompt| prompt.dims()[0])
    }

    fn prefix_tokens(&self) -> usize {
        let prefix = self.encoder.first().and_then(|layer| layer.attention.prefix.as_ref());
        prefix.map_or(0, |prefix| prefix.key.dims()[0])
    }

    /// The input with what the virtual tokens add to it.
    fn seen(&self, input: &Input) -> Input {
        input.with_virtual_tokens(self.prompt_tokens(), self.prefix_tokens())
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

    /// The dense layers of the encoder and its pooler by Hugging Face's names, without `weight`.
    pub fn dense_layers(&mut self) -> Vec<(String, &mut Dense)> {
        let layers = self.bert.encoder.iter_mut().enumerate();
        let layers = layers.flat_map(|(index, layer)| layer.dense_layers(index));
        let pooler = self.bert.pooler.as_mut();
        layers
            .chain(pooler.map(|pooler| ("bert.pooler.dense".to_owned(), pooler)))
            .collect()
    }

    /// How many layers the encoder has.
    pub fn layers(&self) -> usize {
        self.bert.encoder.len()
    }

    /// What LoRA added, layer by layer.
    pub fn low_rank_pairs(&self) -> Vec<&LowRank> {
        let layers = self.bert.encoder.iter().flat_map(BertLayer::all_dense);
        let dense = layers.chain(&self.bert.pooler);
        dense.filter_map(|dense| dense.low_rank.as_ref()).collect()
    }

    /// The same, to be changed.
    pub fn low_rank_pairs_mut(&mut self) -> Vec<&mut LowRank> {
        let layers = self.dense_layers().into_iter();
        layers.filter_map(|(_, dense)| dense.low_rank.as_mut()).collect()
    }

    /// Gives each layer Houlsby's two bottlenecks of `size`, without values.
    pub fn add_adapters(&mut self, size: usize, device: &Device) {
        let layers = self.bert.encoder.iter_mut();
        layers.for_each(|layer| layer.add_adapters(size, device));
    }

    /// Puts a soft prompt, `[virtual tokens, hidden]`, in front of each text, or takes it away.
    pub fn set_prompt(&mut self, prompt: Option<Tensor<2>>) {
        self.bert.embeddings.prompt = prompt.map(Param::from_tensor);
    }

    /// The soft prompt.
    pub fn prompt(&self) -> Option<Tensor<2>> {
        self.bert.embeddings.prompt.as_ref().map(Param::val)
    }

    /// Gives each layer a prefix, or takes all away.
    pub fn set_prefixes(&mut self, prefixes: Option<Vec<Prefix>>) {
        let mut prefixes = prefixes.into_iter().flatten();
        let layers = self.bert.encoder.iter_mut();
        layers.for_each(|layer| layer.attention.prefix = prefixes.next());
    }

    /// The layers' prefixes.
    pub fn prefixes(&self) -> Vec<&Prefix> {
        let layers = self.bert.encoder.iter();
        layers.filter_map(|layer| layer.attention.prefix.as_ref()).collect()
    }

    /// The head's weight, `[hidden, classes]`, and bias, `[classes]`.
    pub fn head(&self) -> Option<(Tensor<2>, Tensor<1>)> {
        self.classifier
            .as_ref()
            .map(|head| (head.weight.val(), head.bias.val()))
    }

    /// The model with another head, of any number of classes.
    pub fn with_head(mut self, weight: Tensor<2>, bias: Tensor<1>) -> Self {
        self.classifier = Some(Dense {
            weight: Param::from_tensor(weight),
            bias: Param::from_tensor(bias),
            low_rank: None,
        });
        self
    }

    /// The model without a head.
    pub fn without_head(mut self) -> Self {
        self.classifier = None;
        self
    }

    /// Width of Houlsby's bottlenecks, where the layers have any.
    pub fn bottleneck_size(&self) -> Option<usize> {
        self.bert.encoder.first().and_then(BertLayer::bottleneck_size)
    }

    /// Logits, where the model has a head.
    ///
    /// # Shapes
    /// - output: `[batch, classes]`
    pub fn forward(&self, input: &Input, dropout: &Dropout) -> Option<Tensor<2>> {
        self.classifier.as_ref()?;
        self.classify(self.bert.forward(input, dropout), dropout)
    }

    /// Logits of pooled states.
    ///
    /// # Shapes
    /// - pooled: `[batch, hidden]`
    /// - output: `[batch, classes]`
    pub fn classify(&self, pooled: Tensor<2>, dropout: &Dropout) -> Option<Tensor<2>> {
        let head = self.classifier.as_ref()?;
        Some(head.forward(dropout.apply(pooled, dropout.classifier), Activation::Identity, dropout))
    }

    /// Scores of every word of the vocabulary at some places, where the model has the masked-language-model head.
    ///
    /// # Shapes
    /// - places: a row and a place in it each, no two the same
    /// - output: `[places, vocab]`
    pub fn predict_words(&self, input: &Input, places: &[(usize, usize)], dropout: &Dropout) -> Option<Tensor<2>> {
        let head = self.predictions.as_ref()?;
        let ([_, seq_len], prompt) = (input.mask.dims(), self.bert.prompt_tokens());
        let at = |&(row, place): &(usize, usize)| (row * (prompt + seq_len) + prompt + place) as u32;
        let states = take_rows(self.bert.last_states(input, dropout), places.iter().map(at).collect());
        Some(head.forward(states, self.bert.word_embeddings(), dropout))
    }
}
