//! What a run makes small: the loss of some of its items, each a row or a pair of rows. A step may compute its items a few
//! at a time: `whole` then says what the loss of all of them is divided by.

use burn::tensor::Tensor;

use super::masked_lm::Words;
use crate::{
    Error, Result,
    kernels::{Dropout, Targets, binary_cross_entropy, cosine_loss, cross_entropy},
    model::{BertForSequenceClassification, Input},
    text::Row,
};

/// A loss with what it compares with.
#[derive(Debug, Clone)]
pub enum Objective {
    /// Cross-entropy of one label a row, as torch's `cross_entropy` with `weight` and `label_smoothing`.
    Label {
        /// The label of each row.
        targets: Vec<u32>,
        /// What a row of each label counts, `[labels]`.
        weights: Vec<f32>,
        /// The share of a target that goes to all labels alike, 0 up to 1.
        smoothing: f32,
    },
    /// Binary cross-entropy of any number of labels a row, as torch's `binary_cross_entropy_with_logits` with `weight`.
    Labels {
        /// The labels of each row.
        targets: Vec<Vec<u32>>,
        /// What each label counts, `[labels]`.
        weights: Vec<f32>,
        /// How far each target is moved towards 1/2, as a share, 0 up to 1.
        smoothing: f32,
    },
    /// (cosine - similarity)² of the pooled states of two rows: `CosineSimilarityLoss` of Reimers and Gurevych 2019.
    Pairs(Vec<Pair>),
    /// Cross-entropy of masked tokens.
    Words(Words),
}

/// Two rows, by index.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// One of them.
    pub rows: [usize; 2],
    /// What their cosine should be: 1 for two of one label, 0 for others.
    pub similarity: f32,
}

impl Objective {
    /// Number of items.
    pub fn items(&self) -> usize {
        match self {
            Self::Label { targets, .. } => targets.len(),
            Self::Labels { targets, .. } => targets.len(),
            Self::Pairs(pairs) => pairs.len(),
            Self::Words(words) => words.rows(),
        }
    }

    /// The rows of some items, in the order in which [`Objective::loss`] wants their states.
    pub fn rows_of(&self, items: &[usize]) -> Vec<usize> {
        match self {
            Self::Label { .. } | Self::Labels { .. } | Self::Words(_) => items.to_vec(),
            Self::Pairs(pairs) => {
                let side = |side: usize| items.iter().map(move |&item| pairs[item].rows[side]);
                side(0).chain(side(1)).collect()
            }
        }
    }

    /// A row as the model reads it.
    pub fn read<'a>(&'a self, rows: &'a [Row], row: usize) -> &'a Row {
        match self {
            Self::Words(words) => words.row(row),
            _ => &rows[row],
        }
    }

    /// What the loss of these items together is divided by.
    pub fn whole(&self, items: &[usize]) -> f32 {
        match self {
            Self::Label { targets, weights, .. } => items.iter().map(|&item| weights[targets[item] as usize]).sum(),
            Self::Labels { weights, .. } => (items.len() * weights.len()) as f32,
            Self::Pairs(_) => items.len() as f32,
            Self::Words(words) => words.count(items) as f32,
        }
    }

    /// The loss of some items, whose rows are the input; `pooled` is given where their pooled states are known already.
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
        whole: f32,
        dropout: &Dropout,
    ) -> Result<Tensor<1>> {
        let pooled = || pooled.unwrap_or_else(|| model.bert.forward(input, dropout));
        let logits = |pooled| model.classify(pooled, dropout).ok_or_else(Error::no_head);
        Ok(match self {
            Self::Words(words) => words.loss(model, input, items, whole, dropout)?,
            Self::Label {
                targets,
                weights,
                smoothing,
            } => {
                let labels = items.iter().map(|&item| targets[item]);
                let everywhere = smoothing / weights.len() as f32 / whole;
                let targets = Targets {
                    classes: labels.clone().map(|label| label as i32).collect(),
                    weights: labels
                        .map(|label| (1.0 - smoothing) * weights[label as usize] / whole)
                        .collect(),
                    everywhere: match smoothing {
                        0.0 => Vec::new(),
                        _ => weights.iter().map(|weight| everywhere * weight).collect(),
                    },
                };
                cross_entropy(logits(pooled())?, targets)
            }
            Self::Labels {
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
                let weights = weights.iter().map(|weight| weight / whole).collect();
                binary_cross_entropy(logits(pooled())?, goals, weights)
            }
            Self::Pairs(pairs) => {
                let goals = items.iter().map(|&item| pairs[item].similarity).collect();
                cosine_loss(pooled(), goals, 1.0 / whole)
            }
        })
    }
}
