//! Labels of rows as they come from JavaScript: all of them end to end, and where each row's end.

use wasm_bindgen::prelude::*;

use super::convert::fail;
use crate::{Error, train::RowTargets};

pub(super) fn row_targets(targets: Vec<u32>, ends: Option<Vec<u32>>) -> Result<RowTargets, JsValue> {
    Ok(match ends {
        None => RowTargets::Single(targets),
        Some(ends) => RowTargets::Multiple(split_targets(&targets, &ends)?),
    })
}

/// The targets of each row.
pub(super) fn split_targets(targets: &[u32], ends: &[u32]) -> Result<Vec<Vec<u32>>, JsValue> {
    let starts = std::iter::once(0).chain(ends.iter().copied());
    let rows = starts
        .zip(ends)
        .map(|(start, &end)| targets.get(start as usize..end as usize).map(<[u32]>::to_vec));
    let rows: Option<Vec<_>> = rows.collect();
    rows.ok_or_else(|| {
        fail(Error::bad_option(
            "ends",
            "places among the targets, ascending",
            "others",
        ))
    })
}
