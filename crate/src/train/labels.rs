//! Takes the labels of the training rows and the options; gives the objective of the run.

use super::{
    methods::Method,
    objectives::Objective,
    options::{Balanced, ClassWeights, TrainOptions},
    pairs::pairs,
};
use crate::{Error, Result};

/// The labels of a run's rows, as indices.
#[derive(Debug, Clone, PartialEq)]
pub enum RowTargets {
    /// One a row.
    Single(Vec<u32>),
    /// Any number a row: `multi_label_classification`.
    Multiple(Vec<Vec<u32>>),
}

impl RowTargets {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        match self {
            Self::Single(targets) => targets.len(),
            Self::Multiple(targets) => targets.len(),
        }
    }

    /// Every label of every row.
    fn all(&self) -> Vec<u32> {
        match self {
            Self::Single(targets) => targets.clone(),
            Self::Multiple(targets) => targets.concat(),
        }
    }

    /// Checks that each label is one of so many.
    ///
    /// # Errors
    /// `bad-row`.
    pub fn check(&self, labels: usize) -> Result<()> {
        let beyond = |target: &u32| *target as usize >= labels;
        let row = match self {
            Self::Single(targets) => targets.iter().position(beyond),
            Self::Multiple(targets) => targets.iter().position(|row| row.iter().any(beyond)),
        };
        match row {
            None => Ok(()),
            Some(row) => Err(Error::bad_row(format!(
                "row {row}: a label index beyond the {labels} labels"
            ))),
        }
    }
}

/// What a run with these options makes small.
///
/// # Errors
/// `bad-option` for weights that are not one a label, and for what a method or several labels a row do not go with.
pub fn objective(targets: RowTargets, labels: usize, options: &TrainOptions) -> Result<Objective> {
    let weights = weights(&targets, labels, options)?;
    let smoothing = options.label_smoothing as f32;
    match targets {
        RowTargets::Single(targets) if options.method == Method::Contrastive => {
            Ok(Objective::Pairs(pairs(&targets, options.seed)))
        }
        RowTargets::Multiple(_) if options.method == Method::Contrastive => Err(Error::bad_option(
            "method",
            "a method that knows rows of several labels",
            "contrastive",
        )),
        RowTargets::Multiple(targets) => Ok(Objective::Labels {
            targets,
            weights,
            smoothing,
        }),
        RowTargets::Single(targets) => Ok(Objective::Label {
            targets,
            weights,
            smoothing,
        }),
    }
}

fn weights(targets: &RowTargets, labels: usize, options: &TrainOptions) -> Result<Vec<f32>> {
    match &options.class_weights {
        None => Ok(vec![1.0; labels]),
        Some(ClassWeights::Named(Balanced::Balanced)) => {
            let mut counts = vec![0usize; labels];
            targets
                .all()
                .into_iter()
                .for_each(|target| counts[target as usize] += 1);
            // A label without rows takes part in no loss.
            let present = counts.iter().filter(|&&count| count > 0).count();
            let weight = |&count: &usize| match count {
                0 => 1.0,
                _ => (targets.rows() as f64 / (present * count) as f64) as f32,
            };
            Ok(counts.iter().map(weight).collect())
        }
        Some(ClassWeights::Given(given)) if given.len() != labels => Err(Error::bad_option(
            "classWeights",
            format!("a weight for each of the {labels} labels"),
            given.len(),
        )),
        Some(ClassWeights::Given(given)) => match given.iter().find(|&&weight| !(weight > 0.0 && weight <= 1e6)) {
            Some(weight) => Err(Error::bad_option(
                "classWeights",
                "weights above 0 and at most 1000000",
                weight,
            )),
            None => Ok(given.iter().map(|&weight| weight as f32).collect()),
        },
    }
}
