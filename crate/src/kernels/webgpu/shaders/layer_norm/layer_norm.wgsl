// LayerNorm of v = mask · x + residual: normalized = (v - mean) / √(variance + ε), output = normalized · gamma + beta.
//
// x, residual, output, normalized: [rows, hidden]
// gamma, beta: [hidden]
// inverses: [rows], 1 / √(variance + ε)

@group(0) @binding(0) var<storage, read> x: array<Value>;
@group(0) @binding(1) var<storage, read> residual: array<Value>;
@group(0) @binding(2) var<storage, read> gamma: array<Value>;
@group(0) @binding(3) var<storage, read> beta: array<Value>;
@group(0) @binding(4) var<storage, read_write> output: array<Value>;
@group(0) @binding(5) var<storage, read_write> normalized: array<Value>;
@group(0) @binding(6) var<storage, read_write> inverses: array<f32>;

struct Sizes {
  rows: u32,
  hidden: u32,
  epsilon: f32,
  key: u32,
  limit: u32,
  kept: f32,
}

@group(0) @binding(7) var<uniform> sizes: Sizes;

fn by_row(share: Share) {
  // No thread returns early: all that share a row meet at its sums. What has no row repeats the last, and stores
  // nothing.
  let row = min(share.row, sizes.rows - 1);
  let each = sizes.hidden / WIDTH;
  let first = row * each + share.thread;
  let end = select(row * each, (row + 1) * each, share.row < sizes.rows);
  var sum = 0.0;
  for (var i = first; i < end; i += share.threads) {
    let v = masked(x[i], i * WIDTH, sizes.key, sizes.limit, sizes.kept) + residual[i];
    normalized[i] = v;
    sum += total(v);
  }
  let mean = row_sum(share, sum) / f32(sizes.hidden);
  var squares = 0.0;
  for (var i = first; i < end; i += share.threads) {
    let centred = normalized[i] - mean;
    squares += total(centred * centred);
  }
  let inverse = inverseSqrt(row_sum(share, squares) / f32(sizes.hidden) + sizes.epsilon);
  for (var i = first; i < end; i += share.threads) {
    let n = (normalized[i] - mean) * inverse;
    let column = i - row * each;
    normalized[i] = n;
    output[i] = n * gamma[column] + beta[column];
  }
  if (share.thread == 0 && share.row < sizes.rows) {
    inverses[row] = inverse;
  }
}
