//! Takes rows of tokens; gives masked-language modelling as an objective: anew in each epoch, some of the tokens are masked
//! and the model is asked for them.

use burn::tensor::Tensor;

use crate::{
    Error, Result,
    kernels::{Dropout, Targets, cross_entropy},
    model::{BertForSequenceClassification, Input},
    text::{Masked, Masking, Row},
};

/// The rows of a run as they are in the epoch under way.
#[derive(Debug, Clone)]
pub struct Words {
    /// What masks them; none where their masks are given and stay.
    masking: Option<Masking>,
    masked: Vec<Masked>,
    rows: usize,
}

impl Words {
    /// Of so many rows, each of which has a token to mask.
    pub fn new(masking: Masking, rows: usize) -> Self {
        Self {
            masking: Some(masking),
            masked: Vec::new(),
            rows,
        }
    }

    /// Of rows that are masked already, and stay so.
    pub fn given(masked: Vec<Masked>) -> Self {
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

    /// Masks all rows for an epoch. Of the rows of each part, which are computed together, at least one token is masked.
    pub fn draw<'a>(&mut self, rows: &[Row], epoch: usize, parts: impl Iterator<Item = &'a [usize]>) {
        let Some(masking) = &self.masking else { return };
        let numbered = rows.iter().enumerate();
        self.masked = numbered.map(|(number, row)| masking.mask(row, number, epoch)).collect();
        for part in parts {
            if part.iter().all(|&row| self.masked[row].targets.is_empty()) {
                let first = part[0];
                self.masked[first] = masking.mask_one(&rows[first], first, epoch);
            }
        }
    }

    /// A row as the model reads it.
    pub fn row(&self, number: usize) -> &Row {
        &self.masked[number].row
    }

    /// Masked tokens of some rows.
    pub fn count(&self, rows: &[usize]) -> usize {
        rows.iter().map(|&row| self.masked[row].targets.len()).sum()
    }

    /// The cross-entropy of the rows' masked tokens, over `whole`.
    ///
    /// # Shapes
    /// - output: `[1]`
    ///
    /// # Errors
    /// `bad-option` where the model has no masked-language-model head.
    pub fn loss(
        &self,
        model: &BertForSequenceClassification,
        input: &Input,
        rows: &[usize],
        whole: f32,
        dropout: &Dropout,
    ) -> Result<Tensor<1>> {
        let masked: Vec<&Masked> = rows.iter().map(|&row| &self.masked[row]).collect();
        words_loss(model, input, &masked, whole, dropout)
    }
}

/// The cross-entropy of masked tokens of a batch, over `whole`.
///
/// # Shapes
/// - output: `[1]`
///
/// # Errors
/// `bad-option` where the model has no masked-language-model head; `bad-row` where nothing is masked.
pub fn words_loss(
    model: &BertForSequenceClassification,
    input: &Input,
    masked: &[&Masked],
    whole: f32,
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
        .predict_words(input, &places, dropout)
        .ok_or_else(Error::no_masked_lm_head)?;
    Ok(cross_entropy(
        logits,
        Targets {
            weights: vec![1.0 / whole; classes.len()],
            classes,
            everywhere: Vec::new(),
        },
    ))
}
