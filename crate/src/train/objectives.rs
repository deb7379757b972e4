//! The objectives: what a run minimizes, over items that are rows or pairs of rows. A step may compute its items in
//! several micro-batches, so each loss is divided by the normalizer of the step's items together.

use burn::tensor::Tensor;

use super::masked_lm::MaskedRows;
use crate::{
    Error, Result,
    kernels::{Dropout, Targets, binary_cross_entropy, cosine_loss, cross_entropy},
    model::{BertForSequenceClassification, Input},
    text::Row,
};

/// A loss with its targets.
#[derive(Debug, Clone)]
pub enum Objective {
    /// Cross-entropy, one label a row, as torch's `cross_entropy` with `weight` and `label_smoothing`.
    SingleLabel {
        /// The label of each row.
        targets: Vec<u32>,
        /// Class weights, `[labels]`.
        weights: Vec<f32>,
        /// Label smoothing: the share of each target that is spread evenly over all labels, from 0 up to, but not, 1.
        smoothing: f32,
    },
    /// Binary cross-entropy, any number of labels a row, as torch's `binary_cross_entropy_with_logits` with `weight`.
    MultiLabel {
        /// The labels of each row.
        targets: Vec<Vec<u32>>,
        /// Class weights, `[labels]`.
        weights: Vec<f32>,
        /// Label smoothing: how far each target moves towards 1/2, as a share from 0 up to, but not, 1.
        smoothing: f32,
    },
    /// (cosine - similarity)² of the pooled states of two rows: `CosineSimilarityLoss` of Reimers and Gurevych 2019.
    Pairs(Vec<Pair>),
    /// Cross-entropy of masked tokens.
    MaskedLm(MaskedRows),
}

/// A pair of rows, by index.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// The two rows.
    pub rows: [usize; 2],
    /// Target of their cosine: 1 for rows of one label, 0 for rows of two.
    pub similarity: f32,
}

impl Objective {
    /// Number of items.
    pub fn items(&self) -> usize {
        match self {
            Self::SingleLabel { targets, .. } => targets.len(),
            Self::MultiLabel { targets, .. } => targets.len(),
            Self::Pairs(pairs) => pairs.len(),
            Self::MaskedLm(masked) => masked.rows(),
        }
    }

    /// The rows of some items, in the order in which [`Objective::loss`] wants their states.
    pub fn rows_of(&self, items: &[usize]) -> Vec<usize> {
        match self {
            Self::SingleLabel { .. } | Self::MultiLabel { .. } | Self::MaskedLm(_) => items.to_vec(),
            Self::Pairs(pairs) => {
                let side = |side: usize| items.iter().map(move |&item| pairs[item].rows[side]);
                side(0).chain(side(1)).collect()
            }
        }
    }

    /// A row as the model reads it: masked for masked-LM.
    pub fn row<'a>(&'a self, rows: &'a [Row], row: usize) -> &'a Row {
        match self {
            Self::MaskedLm(masked) => masked.row(row),
            _ => &rows[row],
        }
    }

    /// The denominator of the items' loss: their class weights' sum, or the number of items, logits or masked tokens.
    pub fn normalizer(&self, items: &[usize]) -> f32 {
        match self {
            Self::SingleLabel { targets, weights, .. } => {
                items.iter().map(|&item| weights[targets[item] as usize]).sum()
            }
            Self::MultiLabel { weights, .. } => (items.len() * weights.len()) as f32,
            Self::Pairs(_) => items.len() as f32,
            Self::MaskedLm(masked) => masked.count(items) as f32,
        }
    }

    /// The loss of some items, whose rows are the input. `pooled` are their pooled states, where these are known
    /// already.
    ///
    /// # Shapes
    /// - pooled: `[rows, hidden]`
    /// - output: `[1]`
    ///
    /// # Errors
    /// `bad-state` where the model lacks the head that is trained.
    pub fn loss(
        &self,
        model: &BertForSequenceClassification,
        input: &Input,
        pooled: Option<Tensor<2>>,
        items: &[usize],
        normalizer: f32,
        dropout: &Dropout,
    ) -> Result<Tensor<1>> {
        let pooled = || pooled.unwrap_or_else(|| model.bert.forward(input, dropout));
        match self {
            Self::MaskedLm(masked) => masked.loss(model, input, items, normalizer, dropout),
            Self::Pairs(pairs) => {
                let goals = items.iter().map(|&item| pairs[item].similarity).collect();
                Ok(cosine_loss(pooled(), goals, 1.0 / normalizer))
            }
            Self::SingleLabel { .. } | Self::MultiLabel { .. } => {
                let logits = model.classify(pooled(), dropout).ok_or_else(Error::no_head)?;
                self.of_logits(logits, items, normalizer)
            }
        }
    }

    /// The loss of the logits of some items, where the objective is one of labels.
    ///
    /// # Shapes
    /// - logits: `[items, labels]`
    /// - output: `[1]`
    ///
    /// # Errors
    /// `bad-state` for another objective.
    pub fn of_logits(&self, logits: Tensor<2>, items: &[usize], normalizer: f32) -> Result<Tensor<1>> {
        match self {
            Self::Pairs(_) | Self::MaskedLm(_) => Err(Error::no_head()),
            Self::SingleLabel {
                targets,
                weights,
                smoothing,
            } => {
                let labels = items.iter().map(|&item| targets[item]);
                let everywhere = smoothing / weights.len() as f32 / normalizer;
                let targets = Targets {
                    classes: labels.clone().map(|label| label as i32).collect(),
                    weights: labels
                        .map(|label| (1.0 - smoothing) * weights[label as usize] / normalizer)
                        .collect(),
                    smoothing_weights: match smoothing {
                        0.0 => Vec::new(),
                        _ => weights.iter().map(|weight| everywhere * weight).collect(),
                    },
                };
                Ok(cross_entropy(logits, targets))
            }
            Self::MultiLabel {
                targets,
                weights,
                smoothing,
            } => {
                let labels = weights.len();
                let mut goals = vec![smoothing / 2.0; items.len() * labels];
                for (goals, &item) in goals.chunks_exact_mut(labels).zip(items) {
                    let one = 1.0 - smoothing / 2.0;
                    targets[item].iter().for_each(|&label| goals[label as usize] = one);
                }
                let weights = weights.iter().map(|weight| weight / normalizer).collect();
                Ok(binary_cross_entropy(logits, goals, weights))
            }
        }
    }
}
