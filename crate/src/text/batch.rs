//! Rows of token ids to one padded batch. Padding and masks live only here.

/// One text as token ids, special tokens included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Vocabulary indices, at most `max_length` of them.
    pub input_ids: Vec<u32>,
    /// Segment of each token: 0, or 1 for the second text of a pair.
    pub token_type_ids: Vec<u32>,
    /// Whether tokens were cut off to fit `max_length`.
    pub truncated: bool,
}

/// Rows padded to the longest of them, row-major `[batch, seq_len]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Number of rows.
    pub batch: usize,
    /// Tokens of the longest row.
    pub seq_len: usize,
    /// Vocabulary indices.
    pub input_ids: Vec<i32>,
    /// Segments.
    pub token_type_ids: Vec<i32>,
    /// Each token's number among those of its row that are no padding tokens, from 0; of a padding token -1.
    pub places: Vec<i32>,
    /// 1 for a real token, 0 for padding.
    pub attention_mask: Vec<u8>,
}

impl Batch {
    /// Number of real tokens.
    pub fn tokens(&self) -> usize {
        self.attention_mask.iter().filter(|&&mask| mask == 1).count()
    }

    /// Number of tokens that are padding.
    pub fn padding(&self) -> usize {
        self.attention_mask.len() - self.tokens()
    }
}

/// Pads rows on the right with `pad_id` to the longest of them.
pub fn collate<'a>(rows: impl IntoIterator<Item = &'a Row>, pad_id: u32) -> Batch {
    let rows: Vec<&Row> = rows.into_iter().collect();
    let seq_len = rows.iter().map(|row| row.input_ids.len()).max().unwrap_or(0);
    let size = rows.len() * seq_len;
    let mut batch = Batch {
        batch: rows.len(),
        seq_len,
        input_ids: vec![pad_id as i32; size],
        token_type_ids: vec![0; size],
        places: vec![-1; size],
        attention_mask: vec![0; size],
    };
    for (index, row) in rows.iter().enumerate() {
        let start = index * seq_len;
        let mut place = 0;
        for (position, (&id, &segment)) in row.input_ids.iter().zip(&row.token_type_ids).enumerate() {
            batch.input_ids[start + position] = id as i32;
            batch.token_type_ids[start + position] = segment as i32;
            batch.attention_mask[start + position] = 1;
            // A text may hold a padding token itself.
            if id != pad_id {
                batch.places[start + position] = place;
                place += 1;
            }
        }
    }
    batch
}
