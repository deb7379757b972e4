//! The whole model: encoder, pooling, classification head and masked-LM head.

use burn::{
    module::{Module, Param},
    tensor::{Device, Tensor},
};

use super::{
    architecture::Architecture,
    config::{BertConfig, Pooling},
    distances::distance_bias,
    embeddings::BertEmbeddings,
    input::Input,
    layer::BertLayer,
    low_rank::LowRank,
    masked_lm::MaskedLmHead,
    parameters::{Dense, Embedding},
    peft_layers::Prefix,
    pooling,
};
use crate::kernels::{Activation, Dropout, gather_rows};

/// BERT's name of the pooler's dense layer.
const POOLER: &str = "bert.pooler.dense";

/// The name of the dense layer after narrower embeddings.
const PROJECT: &str = "bert.embeddings_project";

/// The encoder, and its pooler where the pooling is `pooler`.
#[derive(Module, Debug)]
pub struct BertModel {
    pub(super) embeddings: BertEmbeddings,
    pub(super) encoder: Vec<BertLayer>,
    /// Biases of scores by buckets of distance, `[buckets, heads]`.
    relative_attention_bias: Option<Embedding>,
    pooler: Option<Dense>,
    #[module(skip)]
    pooling: Pooling,
    #[module(skip)]
    architecture: &'static Architecture,
}

/// BERT with a classification head over the pooled states and, on request, the masked-LM head.
#[derive(Module, Debug)]
pub struct BertForSequenceClassification {
    /// The encoder.
    pub bert: BertModel,
    pub(super) classifier: Option<Dense>,
    /// The masked-LM head.
    pub predictions: Option<MaskedLmHead>,
}

impl BertModel {
    /// The word embeddings, `[vocab, embedding]`.
    pub fn word_embeddings(&self) -> Tensor<2> {
        self.embeddings.word_embeddings.weight.val()
    }

    /// Hidden states after the embeddings and after every layer: `layers + 1` tensors.
    ///
    /// # Shapes
    /// - each: `[batch, seq_len, hidden]`, a soft prompt's virtual tokens first
    pub fn hidden_states(&self, input: &Input, dropout: &Dropout) -> Vec<Tensor<3>> {
        let [batch, seq_len] = self.with_virtual_tokens(input).mask.dims();
        let shaped = |rows: Tensor<2>| {
            let [_, hidden] = rows.dims();
            rows.reshape([batch, seq_len, hidden])
        };
        self.layer_states(input, dropout).into_iter().map(shaped).collect()
    }

    /// The same, as matrices whose rows are the tokens of all texts.
    ///
    /// # Shapes
    /// - each: `[batch * seq_len, hidden]`
    pub fn layer_states(&self, input: &Input, dropout: &Dropout) -> Vec<Tensor<2>> {
        let extended = self.with_virtual_tokens(input);
        let distance_bias = self.distance_bias(&extended);
        let mut states = vec![self.embedded(input, dropout)];
        for layer in &self.encoder {
            let last = states[states.len() - 1].clone();
            states.push(layer.forward(last, &extended.score_bias, distance_bias.as_ref(), dropout));
        }
        states
    }

    /// The states after the last layer. The rows of the encoder's matrices are the tokens of all texts, so that each
    /// dense layer is one large matrix product.
    ///
    /// # Shapes
    /// - output: `[batch * seq_len, hidden]`, a soft prompt's virtual tokens first in each text
    fn last_states(&self, input: &Input, dropout: &Dropout) -> Tensor<2> {
        self.states_after(self.embedded(input, dropout), input, dropout)
    }

    /// What the first layer reads: the embeddings' output, a soft prompt's virtual tokens first in each text.
    ///
    /// # Shapes
    /// - output: `[batch * seq_len, hidden]`
    pub fn embedded(&self, input: &Input, dropout: &Dropout) -> Tensor<2> {
        self.embeddings.forward(input, self.prefix_tokens(), dropout)
    }

    /// The states after the last layer where the first one reads `embedded`. Of the input only its masks count.
    ///
    /// # Shapes
    /// - embedded, output: `[batch * seq_len, hidden]`
    pub fn states_after(&self, embedded: Tensor<2>, input: &Input, dropout: &Dropout) -> Tensor<2> {
        let extended = self.with_virtual_tokens(input);
        let distance_bias = self.distance_bias(&extended);
        let layers = self.encoder.iter();
        layers.fold(embedded, |rows, layer| {
            layer.forward(rows, &extended.score_bias, distance_bias.as_ref(), dropout)
        })
    }

    fn distance_bias(&self, input: &Input) -> Option<Tensor<2>> {
        let table = self.relative_attention_bias.as_ref()?;
        Some(distance_bias(table, input.mask.dims()[1]))
    }

    /// Pooled states: one vector a text.
    ///
    /// # Shapes
    /// - output: `[batch, hidden]`
    pub fn forward(&self, input: &Input, dropout: &Dropout) -> Tensor<2> {
        self.pooled(self.last_states(input, dropout), input, dropout)
    }

    /// Pooled states of the states after the last layer.
    ///
    /// # Shapes
    /// - last: `[batch * seq_len, hidden]`
    /// - output: `[batch, hidden]`
    pub fn pooled(&self, last: Tensor<2>, input: &Input, dropout: &Dropout) -> Tensor<2> {
        pooling::pooled(
            last,
            &self.with_virtual_tokens(input),
            self.pooling,
            (self.pooler.as_ref(), self.architecture.pooler),
            dropout,
        )
    }

    /// Number of virtual tokens in front of each text, each of which takes a position.
    pub fn virtual_tokens(&self) -> usize {
        self.prompt_tokens() + self.prefix_tokens()
    }

    /// Number of a soft prompt's virtual tokens, which have states.
    pub fn prompt_tokens(&self) -> usize {
        self.embeddings.prompt.as_ref().map_or(0, |prompt| prompt.dims()[0])
    }

    fn prefix_tokens(&self) -> usize {
        let prefix = self.encoder.first().and_then(|layer| layer.attention.prefix.as_ref());
        prefix.map_or(0, |prefix| prefix.key.dims()[0])
    }

    /// The input with the masks of the virtual tokens.
    fn with_virtual_tokens(&self, input: &Input) -> Input {
        input.with_virtual_tokens(self.prompt_tokens(), self.prefix_tokens())
    }
}

impl BertForSequenceClassification {
    /// The model's structure, its parameters uninitialized. No classification head where `classes` is 0.
    pub fn init(config: &BertConfig, pooling: Pooling, classes: usize, device: &Device) -> Self {
        let hidden = config.hidden_size;
        let bert = BertModel {
            embeddings: BertEmbeddings::init(config, device),
            encoder: (0..config.num_hidden_layers)
                .map(|_| BertLayer::init(config, device))
                .collect(),
            relative_attention_bias: config
                .relative_buckets
                .map(|buckets| Embedding::init(buckets, config.num_attention_heads, device)),
            pooler: (pooling == Pooling::Pooler).then(|| Dense::init(hidden, hidden, device)),
            pooling,
            architecture: config.encoder,
        };
        let classifier = (classes > 0).then(|| Dense::init(hidden, classes, device));
        Self {
            bert,
            classifier,
            predictions: None,
        }
    }

    /// The model with another pooling, which has no parameters; a pooler stays where it is.
    pub fn with_pooling(mut self, pooling: Pooling) -> Self {
        self.bert.pooling = pooling;
        self
    }

    /// The model without a pooler that its pooling does not use.
    pub fn without_unused_pooler(mut self) -> Self {
        self.bert.pooler = self.bert.pooler.filter(|_| self.bert.pooling == Pooling::Pooler);
        self
    }

    /// Its pooling.
    pub fn pooling(&self) -> Pooling {
        self.bert.pooling
    }

    /// Whether the model has a pooler.
    pub fn has_pooler(&self) -> bool {
        self.bert.pooler.is_some()
    }

    /// The model with another table of word embeddings, `[any number, hidden]`.
    pub fn with_word_embeddings(mut self, table: Tensor<2>) -> Self {
        self.bert.embeddings.word_embeddings.weight = Param::from_tensor(table);
        self
    }

    /// The encoder's kind.
    pub fn architecture(&self) -> &'static Architecture {
        self.bert.architecture
    }

    /// The dense layers of the encoder by its own names, without `weight`, in the order of the module's visit; of a BERT with
    /// its pooler. Where the pooler belongs to the classification head, no adapter is for it.
    pub fn dense_layers(&self) -> Vec<(String, &Dense)> {
        let name = |name: &str| self.architecture().own_name(name);
        let project = self.bert.embeddings.project.as_ref();
        let project = project.map(|project| (name(PROJECT), project));
        let layers = self.bert.encoder.iter().enumerate();
        let layers = layers.flat_map(|(index, layer)| layer.dense_layers(index));
        let pooler = self.bert.pooler.as_ref().filter(|_| !self.pooler_in_head());
        let pooler = pooler.map(|pooler| (name(POOLER), pooler));
        project.into_iter().chain(layers).chain(pooler).collect()
    }

    /// The same, to be changed.
    pub fn dense_layers_mut(&mut self) -> Vec<(String, &mut Dense)> {
        let (architecture, pooler_in_head) = (self.architecture(), self.pooler_in_head());
        let name = |name: &str| architecture.own_name(name);
        let project = self.bert.embeddings.project.as_mut();
        let project = project.map(|project| (name(PROJECT), project));
        let layers = self.bert.encoder.iter_mut().enumerate();
        let layers = layers.flat_map(|(index, layer)| layer.dense_layers_mut(index));
        let pooler = self.bert.pooler.as_mut().filter(|_| !pooler_in_head);
        let pooler = pooler.map(|pooler| (name(POOLER), pooler));
        project.into_iter().chain(layers).chain(pooler).collect()
    }

    /// Whether the pooler belongs to the classification head, and is trained with it.
    pub fn pooler_in_head(&self) -> bool {
        self.architecture().pooler.in_head
    }

    /// Width of a hidden state.
    pub fn hidden_size(&self) -> usize {
        let first = self.bert.encoder.first();
        first.map_or(0, |layer| layer.intermediate.weight.lazy_shape().dims::<2>()[0])
    }

    /// Number of encoder layers.
    pub fn layers(&self) -> usize {
        self.bert.encoder.len()
    }

    /// The model with some of its layers, by their numbers from 0.
    pub fn with_layers(mut self, kept: &[usize]) -> Self {
        let layers = std::mem::take(&mut self.bert.encoder);
        self.bert.encoder = kept.iter().map(|&layer| layers[layer].clone()).collect();
        self
    }

    /// The low-rank pairs of LoRA or AdaLoRA, layer by layer.
    pub fn low_rank_pairs(&self) -> Vec<&LowRank> {
        let layers = self.dense_layers().into_iter();
        layers.filter_map(|(_, dense)| dense.low_rank.as_ref()).collect()
    }

    /// The same, to be changed.
    pub fn low_rank_pairs_mut(&mut self) -> Vec<&mut LowRank> {
        let layers = self.dense_layers_mut().into_iter();
        layers.filter_map(|(_, dense)| dense.low_rank.as_mut()).collect()
    }

    /// Adds Houlsby's two bottlenecks of width `size` to each layer, their values uninitialized.
    pub fn add_adapters(&mut self, size: usize, device: &Device) {
        let layers = self.bert.encoder.iter_mut();
        layers.for_each(|layer| layer.add_adapters(size, device));
    }

    /// Sets the soft prompt in front of each text, `[virtual tokens, hidden]`, or removes it.
    pub fn set_prompt(&mut self, prompt: Option<Tensor<2>>) {
        self.bert.embeddings.prompt = prompt.map(Param::from_tensor);
    }

    /// The soft prompt.
    pub fn prompt(&self) -> Option<Tensor<2>> {
        self.bert.embeddings.prompt.as_ref().map(Param::val)
    }

    /// Sets each layer's prefix, or removes all.
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

    /// The classification head's weight, `[hidden, classes]`, and bias, `[classes]`.
    pub fn head(&self) -> Option<(Tensor<2>, Tensor<1>)> {
        self.classifier
            .as_ref()
            .map(|head| (head.weight.val(), head.bias.val()))
    }

    /// The model with another classification head: weight `[hidden, classes]`, bias `[classes]`.
    pub fn with_head(mut self, weight: Tensor<2>, bias: Tensor<1>) -> Self {
        self.classifier = Some(Dense {
            weight: Param::from_tensor(weight),
            bias: Param::from_tensor(bias),
            low_rank: None,
        });
        self
    }

    /// The pooler's weight, `[hidden, hidden]`, and bias, `[hidden]`.
    pub fn pooler(&self) -> Option<(Tensor<2>, Tensor<1>)> {
        let pooler = self.bert.pooler.as_ref();
        pooler.map(|pooler| (pooler.weight.val(), pooler.bias.val()))
    }

    /// The model with another pooler: weight `[hidden, hidden]`, bias `[hidden]`. Its pooling stays.
    pub fn with_pooler(mut self, weight: Tensor<2>, bias: Tensor<1>) -> Self {
        self.bert.pooler = Some(Dense {
            weight: Param::from_tensor(weight),
            bias: Param::from_tensor(bias),
            low_rank: None,
        });
        self
    }

    /// The model without a classification head.
    pub fn without_head(mut self) -> Self {
        self.classifier = None;
        self
    }

    /// Width of Houlsby's bottlenecks; none without bottlenecks.
    pub fn bottleneck_size(&self) -> Option<usize> {
        self.bert.encoder.first().and_then(BertLayer::bottleneck_size)
    }

    /// Logits; none without a classification head.
    ///
    /// # Shapes
    /// - output: `[batch, classes]`
    pub fn forward(&self, input: &Input, dropout: &Dropout) -> Option<Tensor<2>> {
        self.classifier.as_ref()?;
        self.classify(self.bert.forward(input, dropout), dropout)
    }

    /// Logits of pooled states; none without a classification head.
    ///
    /// # Shapes
    /// - pooled: `[batch, hidden]`
    /// - output: `[batch, classes]`
    pub fn classify(&self, pooled: Tensor<2>, dropout: &Dropout) -> Option<Tensor<2>> {
        let head = self.classifier.as_ref()?;
        Some(head.forward(dropout.apply(pooled, dropout.classifier), Activation::Identity, dropout))
    }

    /// Masked-LM logits of some tokens over the vocabulary; none without the masked-LM head.
    ///
    /// # Shapes
    /// - places: a row and a position in it each, no two the same
    /// - output: `[places, vocab]`
    pub fn masked_lm_logits(&self, input: &Input, places: &[(usize, usize)], dropout: &Dropout) -> Option<Tensor<2>> {
        let head = self.predictions.as_ref()?;
        let ([_, seq_len], prompt) = (input.mask.dims(), self.bert.prompt_tokens());
        let at = |&(row, place): &(usize, usize)| (row * (prompt + seq_len) + prompt + place) as u32;
        let states = gather_rows(self.bert.last_states(input, dropout), places.iter().map(at).collect());
        Some(head.forward(states, self.bert.word_embeddings(), dropout))
    }
}
