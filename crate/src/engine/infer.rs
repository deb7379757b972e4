//! Inference: texts to token ids, and rows of token ids to logits, embeddings and hidden states.

use burn::tensor::Tensor;

use super::state::Engine;
use crate::{
    Error, Result, device,
    kernels::Dropout,
    model::Input,
    text::{Row, Tokenized, collate},
};

impl Engine {
    /// Token ids of texts, cut to `max_length`.
    ///
    /// # Errors
    /// `bad-tokenizer`.
    pub fn encode(&self, texts: &[String]) -> Result<Vec<Row>> {
        self.tokenizer.encode_all(texts, &[])
    }

    /// Token ids of texts and text pairs. `pairs` has the second text of a pair at the first one's index, none for a
    /// single text; it may be shorter than `texts`.
    ///
    /// # Errors
    /// `bad-tokenizer`; `bad-row` for a pair where the checkpoint has one segment.
    pub fn encode_pairs(&self, texts: &[String], pairs: &[Option<String>]) -> Result<Vec<Row>> {
        let rows = self.tokenizer.encode_all(texts, pairs)?;
        let segments = self.config.type_vocab_size;
        match rows.iter().find_map(|row| row.segment_beyond(segments)) {
            Some(segment) => Err(Error::bad_row(format!(
                "a text pair is of segments 0 to {segment}; the checkpoint has {segments} (type_vocab_size)"
            ))),
            None => Ok(rows),
        }
    }

    /// The tokens of a text or of a pair with their places, as the model reads them.
    ///
    /// # Errors
    /// `bad-tokenizer`.
    pub fn tokenize(&self, text: &str, pair: Option<&str>) -> Result<Tokenized> {
        self.tokenizer.tokenize(text, pair)
    }

    /// Logits of rows as one padded batch, without dropout.
    ///
    /// # Shapes
    /// - output: `[rows, labels]`, row-major
    ///
    /// # Errors
    /// `bad-state` where the model has no head; `bad-weights` where a logit is no finite number; `device-lost`.
    pub async fn logits(&self, rows: &[&Row]) -> Result<Vec<f32>> {
        let input = self.input(rows);
        match self.current_model().forward(&input, &Dropout::off()) {
            Some(logits) => finite("logits", device::read(logits).await?),
            None => Err(Error::no_head()),
        }
    }

    /// Logits of pooled states, without dropout.
    ///
    /// # Shapes
    /// - pooled: `[rows, hidden]`, row-major
    /// - output: `[rows, labels]`, row-major
    ///
    /// # Errors
    /// As [`Engine::logits`].
    pub async fn logits_of_pooled(&self, pooled: Vec<f32>) -> Result<Vec<f32>> {
        let rows = pooled.len() / self.info.hidden_size;
        let pooled = device::floats(pooled, [rows, self.info.hidden_size], &self.device.handle);
        match self.current_model().classify(pooled, &Dropout::off()) {
            Some(logits) => finite("logits", device::read(logits).await?),
            None => Err(Error::no_head()),
        }
    }

    /// Embeddings: pooled states of rows as one padded batch, scaled to length 1 with `normalize`.
    ///
    /// # Shapes
    /// - output: `[rows, hidden]`, row-major
    ///
    /// # Errors
    /// `bad-weights` where a number is not finite; `device-lost`.
    pub async fn embed(&self, rows: &[&Row], normalize: bool) -> Result<Vec<f32>> {
        let pooled: Tensor<2> = self.current_model().bert.forward(&self.input(rows), &Dropout::off());
        let mut values = finite("embeddings", device::read(pooled).await?)?;
        if normalize {
            for row in values.chunks_exact_mut(self.info.hidden_size) {
                let length = row.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>().sqrt().max(1e-12);
                row.iter_mut().for_each(|x| *x = (f64::from(*x) / length) as f32);
            }
        }
        Ok(values)
    }

    /// Hidden states of rows as one padded batch, after the embeddings and after each layer. The tests hold them
    /// against transformers on every device.
    ///
    /// # Shapes
    /// - output: layers + 1 of `[rows, seq_len, hidden]`, row-major
    ///
    /// # Errors
    /// `device-lost`.
    pub async fn hidden_states(&self, rows: &[&Row]) -> Result<Vec<Vec<f32>>> {
        let states = self
            .current_model()
            .bert
            .hidden_states(&self.input(rows), &Dropout::off());
        let mut values = Vec::with_capacity(states.len());
        for state in states {
            values.push(device::read(state).await?);
        }
        Ok(values)
    }

    pub(super) fn input(&self, rows: &[&Row]) -> Input {
        Input::new(&collate(rows.iter().copied(), self.pad_id()), &self.device.handle)
    }
}

/// Answers that are numbers: NaN would pass for a score.
pub(super) fn finite(what: &str, values: Vec<f32>) -> Result<Vec<f32>> {
    match values.iter().all(|value| value.is_finite()) {
        true => Ok(values),
        false => Err(Error::not_finite(what)),
    }
}
