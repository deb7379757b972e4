//! Masked language modelling: filling masks, and pretraining on rows without labels.

use serde::Serialize;

use super::{infer::finite, state::Engine};
use crate::{
    Error, Result, device,
    kernels::Dropout,
    metrics,
    model::Input,
    text::{MaskedRow, Masking, MaskingOptions, Row, collate},
    train::{self, MaskedRows, Method, Objective, TrainOptions, TrainingSession, masked_lm_loss},
};

/// A candidate token for a mask, with the field names of Hugging Face's fill-mask pipeline.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Filled {
    /// Its probability over the vocabulary.
    pub score: f32,
    /// Id of the token.
    pub token: u32,
    /// Text of the token.
    pub token_str: String,
    /// The text with the token in place of the mask; special tokens are left out if the text has one mask only.
    pub sequence: String,
}

/// The size of a pretraining run.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PretrainingInfo {
    /// Steps of the run.
    pub steps: usize,
    /// Steps of an epoch.
    pub steps_per_epoch: usize,
    /// Trainable parameters, in elements.
    pub trained_parameters: usize,
    /// Rows of the run.
    pub rows: usize,
}

impl Engine {
    /// The `top_k` most probable tokens for each `[MASK]` of a row, the most probable first. Of equals, the lower id is
    /// first.
    ///
    /// # Errors
    /// `bad-row` where there is no mask; `bad-state` where the model has no masked-LM head, or a new one that has
    /// learned nothing; `device-lost`.
    pub async fn fill_mask(&self, row: &Row, top_k: usize) -> Result<Vec<Vec<Filled>>> {
        if !self.masked_lm_trained {
            return Err(match self.current_model().predictions {
                None => Error::no_masked_lm_head(),
                Some(_) => Error::bad_state(
                    "the masked-LM head is new and has learned nothing",
                    "load a checkpoint of BertForMaskedLM or BertForPreTraining, or pretrain this one",
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
                "expected a text with {} among its first {} tokens, found none",
                self.tokenizer.special().mask_token,
                row.input_ids.len()
            )));
        }
        let input = self.input(&[row]);
        let asked: Vec<(usize, usize)> = places.iter().map(|&place| (0, place)).collect();
        let model = self.current_model();
        let logits = model
            .masked_lm_logits(&input, &asked, &Dropout::off())
            .ok_or_else(Error::no_masked_lm_head)?;
        let scores = metrics::softmax(&finite("logits", device::read(logits).await?)?, self.config.vocab_size);
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

    /// Begins a pretraining run, and ends one that is under way. Rows without a token that can be masked are left out.
    ///
    /// # Errors
    /// `bad-option`, `bad-tokenizer`; `bad-row` where no row is left; `bad-state` where the model has no masked-LM
    /// head, or an adapter is on.
    pub fn begin_pretraining(
        &mut self,
        mut rows: Vec<Row>,
        options: TrainOptions,
        masking: MaskingOptions,
    ) -> Result<PretrainingInfo> {
        let masking = Masking::new(self.tokenizer.as_ref(), masking)?;
        rows.retain(|row| masking.can_mask(row));
        if rows.is_empty() {
            return Err(Error::bad_row(
                "train: expected at least one text with a word that the vocabulary knows, found none",
            ));
        }
        let masked_rows = MaskedRows::new(masking, rows.len());
        self.begin_masked_lm(rows, masked_rows, options)
    }

    /// As [`Engine::begin_pretraining`], with the same masks in every epoch. The tests hold it against transformers.
    ///
    /// # Errors
    /// As [`Engine::begin_pretraining`].
    pub fn begin_pretraining_on(&mut self, masked: Vec<MaskedRow>, options: TrainOptions) -> Result<PretrainingInfo> {
        let rows = masked.iter().map(|masked| masked.row.clone()).collect();
        self.begin_masked_lm(rows, MaskedRows::fixed(masked), options)
    }

    fn begin_masked_lm(
        &mut self,
        rows: Vec<Row>,
        masked_rows: MaskedRows,
        options: TrainOptions,
    ) -> Result<PretrainingInfo> {
        self.end_training();
        if self.current_model().predictions.is_none() {
            return Err(Error::no_masked_lm_head());
        }
        let count = rows.len();
        let options = TrainOptions {
            method: Method::MaskedLm,
            ..options
        };
        // No adapter may be on: the run trains the base model.
        let (model, _) = self.model_for_run(&options, "", 0)?;
        let dropout = self.dropout(&options);
        let (training_rows, device) = (self.training_rows(rows, &options)?, self.device.clone());
        let objective = Objective::MaskedLm(masked_rows);
        let session = TrainingSession::begin(&model, training_rows, objective, options, dropout, device)?;
        let run_info = PretrainingInfo {
            steps: session.steps(),
            steps_per_epoch: session.steps_per_epoch(),
            trained_parameters: session.trained_parameters(),
            rows: count,
        };
        self.session = Some(session);
        self.model = None;
        self.masked_lm_trained = true;
        Ok(run_info)
    }

    /// The summed cross-entropy of rows' masked tokens, as one padded batch without dropout, and the number of masked
    /// tokens. The masks depend on the seed and the row's number alone.
    ///
    /// # Errors
    /// `bad-option`, `bad-tokenizer`, `bad-state`, `device-lost`.
    pub async fn masked_loss(&self, rows: &[(usize, &Row)], masking: MaskingOptions) -> Result<(f32, usize)> {
        let masking = Masking::new(self.tokenizer.as_ref(), masking)?;
        let masked: Vec<MaskedRow> = rows.iter().map(|&(number, row)| masking.mask(row, number, 0)).collect();
        let count = masked.iter().map(|masked| masked.targets.len()).sum();
        if count == 0 {
            return Ok((0.0, 0));
        }
        let masked: Vec<&MaskedRow> = masked.iter().collect();
        let input = self.input(&masked.iter().map(|masked| &masked.row).collect::<Vec<_>>());
        let loss = masked_lm_loss(self.current_model(), &input, &masked, 1.0, &Dropout::off())?;
        Ok((finite("losses", device::read(loss).await?)?[0], count))
    }

    /// Mean cross-entropy of masked rows and its gradients, as [`Engine::gradients`] gives them.
    ///
    /// # Errors
    /// As [`Engine::masked_loss`].
    pub async fn masked_gradients(&self, masked: &[MaskedRow]) -> Result<(f32, Vec<(String, Vec<f32>)>)> {
        let masked: Vec<&MaskedRow> = masked.iter().collect();
        let count: usize = masked.iter().map(|masked| masked.targets.len()).sum();
        let batch = collate(masked.iter().map(|masked| &masked.row), self.pad_id());
        let input = Input::new(&batch, &self.device.handle.clone().autodiff());
        let model = self.current_model();
        train::gradients_of(model, |model| {
            masked_lm_loss(model, &input, &masked, count as f32, &Dropout::off())
        })
        .await
    }
}
