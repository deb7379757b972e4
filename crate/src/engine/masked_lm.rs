//! What a model with the masked-language-model head does: fills masks, and learns from rows without labels.

use serde::Serialize;

use super::state::Engine;
use crate::{
    Error, Result, device,
    kernels::Dropout,
    metrics,
    model::Input,
    text::{Masked, Masking, MaskingOptions, Row, collate},
    train::{self, Method, Objective, TrainOptions, TrainingSession, Words, words_loss},
};

/// A token in the place of a mask, by the names of Hugging Face's fill-mask pipeline.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Filled {
    /// Its probability, over the whole vocabulary.
    pub score: f32,
    /// Its id.
    pub token: u32,
    /// Its text.
    pub token_str: String,
    /// The whole text with it; special tokens are left out where there is one mask, since they hold no other.
    pub sequence: String,
}

/// A run that was begun.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PretrainingBegun {
    /// Steps in all.
    pub steps: usize,
    /// Steps of an epoch.
    pub steps_per_epoch: usize,
    /// Numbers that it trains.
    pub trained_parameters: usize,
    /// Rows that it learns from.
    pub rows: usize,
}

impl Engine {
    /// The best tokens for each `[MASK]` of a row, best first; of equals the one with the lower id.
    ///
    /// # Errors
    /// `bad-row` where there is no mask; `bad-state` where the model has no masked-LM head, or a new one that has learned
    /// nothing; `device-lost`.
    pub async fn fill_mask(&self, row: &Row, top_k: usize) -> Result<Vec<Vec<Filled>>> {
        if !self.predicts {
            return Err(match self.current_model().predictions {
                None => Error::no_masked_lm_head(),
                Some(_) => Error::bad_state(
                    "the masked-LM head is new and has learned nothing",
                    "load a checkpoint with a masked-LM head (BertForMaskedLM or BertForPreTraining), or pretrain this one",
                ),
            });
        }
        let mask_id = self.tokenizer.mask_id()?;
        let numbered = row.input_ids.iter().enumerate();
        let places: Vec<usize> = numbered
            .filter(|&(_, &id)| id == mask_id)
            .map(|(place, _)| place)
            .collect();
        if places.is_empty() {
            return Err(Error::bad_row(format!(
                "expected a text with [MASK] among its first {} tokens, found none",
                row.input_ids.len()
            )));
        }
        let input = self.input(&[row]);
        let asked: Vec<(usize, usize)> = places.iter().map(|&place| (0, place)).collect();
        let model = self.current_model();
        let logits = model
            .predict_words(&input, &asked, &Dropout::off())
            .ok_or_else(Error::no_masked_lm_head)?;
        let scores = metrics::softmax(&device::read(logits).await?, self.config.vocab_size);
        let rows = scores.chunks_exact(self.config.vocab_size).zip(&places);
        rows.map(|(scores, &place)| self.best(scores, row, place, places.len() == 1, top_k))
            .collect()
    }

    fn best(&self, scores: &[f32], row: &Row, place: usize, alone: bool, top_k: usize) -> Result<Vec<Filled>> {
        let mut ranked: Vec<u32> = (0..scores.len() as u32).collect();
        // Stable, so that equals stay in the order of their ids.
        ranked.sort_by(|&a, &b| scores[b as usize].total_cmp(&scores[a as usize]));
        ranked.truncate(top_k);
        let filled = ranked.into_iter().map(|token| {
            let mut ids = row.input_ids.clone();
            ids[place] = token;
            Ok(Filled {
                score: scores[token as usize],
                token,
                token_str: self.tokenizer.decode(&[token], false)?,
                sequence: self.tokenizer.decode(&ids, alone)?,
            })
        });
        filled.collect()
    }

    /// Begins a run of masked-language modelling; ends one that was begun before. Rows without a token to mask are left out.
    ///
    /// # Errors
    /// `bad-option`, `bad-tokenizer`; `bad-row` where no row is left.
    pub fn begin_pretraining(
        &mut self,
        mut rows: Vec<Row>,
        options: TrainOptions,
        masking: MaskingOptions,
    ) -> Result<PretrainingBegun> {
        let masking = Masking::new(&self.tokenizer, masking)?;
        rows.retain(|row| masking.can_mask(row));
        if rows.is_empty() {
            return Err(Error::bad_row(
                "train: expected at least one text with a word that the vocabulary knows, found none",
            ));
        }
        let words = Words::new(masking, rows.len());
        self.begin_words(rows, words, options)
    }

    /// As [`Engine::begin_pretraining`], on rows whose masks are given and stay. What the tests hold against transformers.
    ///
    /// # Errors
    /// As [`Engine::begin_pretraining`].
    pub fn begin_pretraining_on(&mut self, masked: Vec<Masked>, options: TrainOptions) -> Result<PretrainingBegun> {
        let rows = masked.iter().map(|masked| masked.row.clone()).collect();
        self.begin_words(rows, Words::given(masked), options)
    }

    fn begin_words(&mut self, rows: Vec<Row>, words: Words, options: TrainOptions) -> Result<PretrainingBegun> {
        self.end_training();
        if self.current_model().predictions.is_none() {
            return Err(Error::no_masked_lm_head());
        }
        let count = rows.len();
        let options = TrainOptions {
            method: Method::MaskedLm,
            ..options
        };
        // No adapter may be on: the weights below it are what learns.
        let (model, _) = self.prepared(&options, "", 0)?;
        let dropout = self.dropout(&options);
        let (texts, device) = (self.texts(rows, &options)?, self.device.clone());
        let objective = Objective::Words(words);
        let session = TrainingSession::begin(&model, texts, objective, options, dropout, device)?;
        let begun = PretrainingBegun {
            steps: session.steps(),
            steps_per_epoch: session.steps_per_epoch(),
            trained_parameters: session.trained_parameters(),
            rows: count,
        };
        self.session = Some(session);
        self.model = None;
        self.predicts = true;
        Ok(begun)
    }

    /// The summed cross-entropy of rows' masked tokens, as one padded batch without dropout, and how many those are. The
    /// masks are those of no epoch: a row, by its number, has the same ones each time.
    ///
    /// # Errors
    /// `bad-option`, `bad-tokenizer`, `device-lost`.
    pub async fn masked_loss(&self, rows: &[(usize, &Row)], masking: MaskingOptions) -> Result<(f32, usize)> {
        let masking = Masking::new(&self.tokenizer, masking)?;
        let masked: Vec<Masked> = rows.iter().map(|&(number, row)| masking.mask(row, number, 0)).collect();
        let count = masked.iter().map(|masked| masked.targets.len()).sum();
        if count == 0 {
            return Ok((0.0, 0));
        }
        let masked: Vec<&Masked> = masked.iter().collect();
        let input = self.input(&masked.iter().map(|masked| &masked.row).collect::<Vec<_>>());
        let loss = words_loss(self.current_model(), &input, &masked, 1.0, &Dropout::off())?;
        Ok((device::read(loss).await?[0], count))
    }

    /// Mean cross-entropy of masked rows, and each parameter's gradient of it, as [`Engine::gradients`] gives them.
    ///
    /// # Errors
    /// As [`Engine::masked_loss`].
    pub async fn masked_gradients(&self, masked: &[Masked]) -> Result<(f32, Vec<(String, Vec<f32>)>)> {
        let masked: Vec<&Masked> = masked.iter().collect();
        let count: usize = masked.iter().map(|masked| masked.targets.len()).sum();
        let batch = collate(masked.iter().map(|masked| &masked.row), self.tokenizer.pad_id());
        let input = Input::new(&batch, &self.device.handle.clone().autodiff());
        let model = self.current_model();
        train::gradients_of(model, |model| {
            words_loss(model, &input, &masked, count as f32, &Dropout::off())
        })
        .await
    }
}
