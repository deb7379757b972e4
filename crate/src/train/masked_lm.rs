//! The masked-LM objective: each epoch masks some tokens of the rows anew, and the model predicts them.

use burn::tensor::Tensor;

use crate::{
    Error, Result,
    kernels::{Dropout, Targets, cross_entropy},
    model::{BertForSequenceClassification, Input},
    text::{MaskedRow, Masking, Row},
};

/// The rows of a run, masked for the current epoch.
#[derive(Debug, Clone)]
pub struct MaskedRows {
    /// None where the masks are fixed.
    masking: Option<Masking>,
    masked: Vec<MaskedRow>,
    rows: usize,
}

impl MaskedRows {
    /// For so many rows, each with at least one token that can be masked.
    pub fn new(masking: Masking, rows: usize) -> Self {
        Self {
            masking: Some(masking),
            masked: Vec::new(),
            rows,
        }
    }

    /// Rows whose masks are the same in every epoch.
    pub fn fixed(masked: Vec<MaskedRow>) -> Self {
        Self {
            masking: None,
            rows: masked.len(),
            masked,
        }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Masks all rows for an epoch. Each micro-batch gets at least one masked token.
    pub fn remask<'a>(&mut self, rows: &[Row], epoch: usize, micro_batches: impl Iterator<Item = &'a [usize]>) {
        let Some(masking) = &self.masking else { return };
        let numbered = rows.iter().enumerate();
        self.masked = numbered.map(|(number, row)| masking.mask(row, number, epoch)).collect();
        for micro_batch in micro_batches {
            if micro_batch.iter().all(|&row| self.masked[row].targets.is_empty()) {
                let first = micro_batch[0];
                self.masked[first] = masking.mask_one(&rows[first], first, epoch);
            }
        }
    }

    /// A row with its masks.
    pub fn row(&self, number: usize) -> &Row {
        &self.masked[number].row
    }

    /// Number of masked tokens of some rows.
    pub fn count(&self, rows: &[usize]) -> usize {
        rows.iter().map(|&row| self.masked[row].targets.len()).sum()
    }

    /// The cross-entropy of the rows' masked tokens, divided by `normalizer`.
    ///
    /// # Shapes
    /// - output: `[1]`
    ///
    /// # Errors
    /// `bad-state` where the model has no masked-LM head.
    pub fn loss(
        &self,
        model: &BertForSequenceClassification,
        input: &Input,
        rows: &[usize],
        normalizer: f32,
        dropout: &Dropout,
    ) -> Result<Tensor<1>> {
        let masked: Vec<&MaskedRow> = rows.iter().map(|&row| &self.masked[row]).collect();
        masked_lm_loss(model, input, &masked, normalizer, dropout)
    }
}

/// The cross-entropy of masked tokens of a batch, divided by `normalizer`.
///
/// # Shapes
/// - output: `[1]`
///
/// # Errors
/// `bad-state` where the model has no masked-LM head; `bad-row` where nothing is masked.
pub fn masked_lm_loss(
    model: &BertForSequenceClassification,
    input: &Input,
    masked: &[&MaskedRow],
    normalizer: f32,
    dropout: &Dropout,
) -> Result<Tensor<1>> {
    let targets = masked.iter().enumerate().flat_map(|(row, masked)| {
        let targets = masked.targets.iter();
        targets.map(move |&(place, id)| ((row, place), id as i32))
    });
    let (places, classes): (Vec<(usize, usize)>, Vec<i32>) = targets.unzip();
    if places.is_empty() {
        return Err(Error::bad_row("expected at least one masked token, found none"));
    }
    let logits = model
        .masked_lm_logits(input, &places, dropout)
        .ok_or_else(Error::no_masked_lm_head)?;
    Ok(cross_entropy(
        logits,
        Targets {
            weights: vec![1.0 / normalizer; classes.len()],
            classes,
            smoothing_weights: Vec::new(),
        },
    ))
}
