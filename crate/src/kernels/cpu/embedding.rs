//! The sum of word, position and type embeddings, its backward, and rows of a table by number, on the CPU.

/// words\[id\] + positions\[place in the text\] + types\[type\] of each token.
pub fn forward(
    [words, positions, types]: [&[f32]; 3],
    ids: &[i32],
    type_ids: &[i32],
    seq_len: usize,
    hidden: usize,
) -> Vec<f32> {
    let mut output = vec![0.0; ids.len() * hidden];
    for (token, target) in output.chunks_exact_mut(hidden).enumerate() {
        let [row, place, kind] = rows_of(token, ids, type_ids, seq_len);
        let parts = row_of(words, row, hidden)
            .iter()
            .zip(row_of(positions, place, hidden))
            .zip(row_of(types, kind, hidden));
        for (target, ((word, position), kind)) in target.iter_mut().zip(parts) {
            *target = word + position + kind;
        }
    }
    output
}

/// Gradients of the three tables, of `rows` rows each.
pub fn backward(
    gradient: &[f32],
    ids: &[i32],
    type_ids: &[i32],
    seq_len: usize,
    hidden: usize,
    rows: [usize; 3],
) -> [Vec<f32>; 3] {
    let mut tables = rows.map(|rows| vec![0.0; rows * hidden]);
    for (token, gradient) in gradient.chunks_exact(hidden).enumerate() {
        for (table, row) in tables.iter_mut().zip(rows_of(token, ids, type_ids, seq_len)) {
            let target = &mut table[row * hidden..][..hidden];
            target.iter_mut().zip(gradient).for_each(|(sum, g)| *sum += g);
        }
    }
    tables
}

/// Rows of a table by their numbers.
pub fn take_rows(table: &[f32], ids: &[u32], columns: usize) -> Vec<f32> {
    ids.iter()
        .flat_map(|&id| row_of(table, id as usize, columns))
        .copied()
        .collect()
}

/// Multiplies a table with `scale` and puts `rows` in place of its rows `ids`.
pub fn put_rows(table: &mut [f32], ids: &[u32], rows: &[f32], scale: f32, columns: usize) {
    if scale != 1.0 {
        table.iter_mut().for_each(|x| *x *= scale);
    }
    for (&id, row) in ids.iter().zip(rows.chunks_exact(columns)) {
        table[id as usize * columns..][..columns].copy_from_slice(row);
    }
}

/// Which rows of the three tables a token has.
fn rows_of(token: usize, ids: &[i32], type_ids: &[i32], seq_len: usize) -> [usize; 3] {
    [ids[token] as usize, token % seq_len, type_ids[token] as usize]
}

fn row_of(table: &[f32], row: usize, columns: usize) -> &[f32] {
    &table[row * columns..][..columns]
}
