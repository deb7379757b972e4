//! Word, position and segment embeddings, summed and normalized.

use burn::{
    module::{Module, Param},
    tensor::{Device, Tensor},
};

use super::{
    architecture::FirstPosition,
    config::BertConfig,
    input::Input,
    parameters::{Dense, Embedding, LayerNorm},
};
use crate::{
    device::whole_numbers,
    kernels::{Activation, Dropout, Mask, embed, gather_rows, prepend},
};

/// Devlin et al. 2019, section 3, figure 2.
#[derive(Module, Debug)]
pub struct BertEmbeddings {
    pub(super) word_embeddings: Embedding,
    position_embeddings: Embedding,
    token_type_embeddings: Option<Embedding>,
    layer_norm: LayerNorm,
    /// From a narrower embedding to a hidden state (Clark et al. 2020, section 3.2).
    pub(super) project: Option<Dense>,
    /// A soft prompt, `[virtual tokens, hidden]` (Lester et al. 2021, section 2).
    pub(super) prompt: Option<Param<Tensor<2>>>,
    #[module(skip)]
    counts_places: bool,
    #[module(skip)]
    first_position: usize,
}

impl BertEmbeddings {
    pub(super) fn init(config: &BertConfig, device: &Device) -> Self {
        let width = config.embedding_size.unwrap_or(config.hidden_size);
        let segments = config.type_vocab_size;
        Self {
            word_embeddings: Embedding::init(config.vocab_size, width, device),
            position_embeddings: Embedding::init(config.max_position_embeddings, width, device),
            token_type_embeddings: (segments > 0).then(|| Embedding::init(segments, width, device)),
            layer_norm: LayerNorm::init(width, config.layer_norm_eps, device),
            project: config
                .embedding_size
                .map(|width| Dense::init(width, config.hidden_size, device)),
            prompt: None,
            counts_places: config.encoder.first_position == FirstPosition::AfterPadding,
            first_position: config.first_position,
        }
    }

    /// LayerNorm(word + position + segment), then dropout, and the projection where there is one. A soft prompt is in front of
    /// each text, on the first positions and in segment 0. The text starts after it and after `position_offset` positions of
    /// prefix tuning's virtual tokens.
    ///
    /// # Shapes
    /// - output: `[batch * (virtual tokens + seq_len), hidden]`
    pub fn forward(&self, input: &Input, position_offset: usize, dropout: &Dropout) -> Tensor<2> {
        let prompt = self.prompt.as_ref().map(Param::val);
        let before = position_offset + prompt.as_ref().map_or(0, |prompt| prompt.dims()[0]);
        let (mut sums, mut segments) = match self.counts_places {
            true => self.by_places(input, before),
            false => (self.by_order(input, before), None),
        };
        if let Some(prompt) = prompt {
            let (rows, width, device) = (input.mask.dims()[0], sums.dims()[1], sums.device());
            let nothing = Tensor::zeros([prompt.dims()[0], width], &device);
            segments = segments.map(|segments| prepend(nothing, segments, rows));
            sums = prepend(self.of_prompt(prompt), sums, rows);
        }
        let segments = segments.unwrap_or_else(|| Tensor::zeros(sums.dims(), &sums.device()));
        let normalized = self.layer_norm.forward(sums, segments, Mask::NONE);
        let embedded = dropout.apply(normalized, dropout.hidden);
        match &self.project {
            None => embedded,
            Some(project) => project.forward(embedded, Activation::Identity, dropout),
        }
    }

    /// The sums of tokens whose position is their place in the row, after `before` others.
    fn by_order(&self, input: &Input, before: usize) -> Tensor<2> {
        let [words, positions] = [&self.word_embeddings, &self.position_embeddings].map(|table| table.weight.val());
        let ([_, seq_len], rows) = (input.mask.dims(), positions.dims()[0] as u32);
        let places = match before {
            0 => positions,
            _ => gather_rows(positions, (before as u32..rows).collect()),
        };
        let type_ids = match &self.token_type_embeddings {
            Some(_) => input.token_type_ids.clone(),
            None => whole_numbers(vec![0; input.places.len()], &words.device()),
        };
        let types = self.segments(&words);
        embed([words, places, types], input.input_ids.clone(), type_ids, seq_len)
    }

    /// The sums of tokens whose position is their number among those that are no padding, after `before` others; among all of them
    /// behind a soft prompt, since Python then knows no token's id. Of a single segment, the row stands where a single place's
    /// would; of several, the rows are to be added.
    fn by_places(&self, input: &Input, before: usize) -> (Tensor<2>, Option<Tensor<2>>) {
        let [words, positions] = [&self.word_embeddings, &self.position_embeddings].map(|table| table.weight.val());
        let ([_, seq_len], first) = (input.mask.dims(), (self.first_position + before) as i32);
        let position = |(index, &place): (usize, &i32)| match place {
            _ if self.prompt.is_some() => first + (index % seq_len) as i32,
            // A padding token has the position before the first one.
            -1 => self.first_position as i32 - 1,
            _ => first + place,
        };
        let positions_of = input.places.iter().enumerate().map(position).collect();
        let places = whole_numbers(positions_of, &words.device());
        let segments = self.segments(&words);
        let ids = input.input_ids.clone();
        if segments.dims()[0] == 1 {
            return (embed([words, segments, positions], ids, places, 1), None);
        }
        let nothing = || Tensor::zeros([1, words.dims()[1]], &words.device());
        let first = whole_numbers(vec![0; input.places.len()], &words.device());
        let of_segments = embed([segments, nothing(), nothing()], input.token_type_ids.clone(), first, 1);
        (
            embed([words.clone(), nothing(), positions], ids, places, 1),
            Some(of_segments),
        )
    }

    /// The sums of a soft prompt's virtual tokens, `[virtual tokens, hidden]`.
    fn of_prompt(&self, prompt: Tensor<2>) -> Tensor<2> {
        let ([count, _], device) = (prompt.dims(), prompt.device());
        let first = self.first_position;
        let positions = self.position_embeddings.weight.val();
        let positions = match first {
            0 => positions,
            _ => gather_rows(positions, (first as u32..(first + count) as u32).collect()),
        };
        let ids = whole_numbers((0..count as i32).collect(), &device);
        let first_type = whole_numbers(vec![0; count], &device);
        let segment = self.segments(&prompt);
        embed([prompt, positions, segment], ids, first_type, count)
    }

    /// The segments' table; one row of zeros, beside `words`, where the encoder has none.
    fn segments(&self, words: &Tensor<2>) -> Tensor<2> {
        match &self.token_type_embeddings {
            Some(table) => table.weight.val(),
            None => Tensor::zeros([1, words.dims()[1]], &words.device()),
        }
    }
}
