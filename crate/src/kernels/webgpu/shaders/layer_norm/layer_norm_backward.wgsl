// Gradients of LayerNorm's inputs: with n the normalized row and g = gradient · gamma,
// residual = (g - mean(g) - n mean(g n)) · inverse, input = mask · residual. gamma's and beta's are column_sums.wgsl's.
//
// gradient, normalized, input, to_residual: [rows, hidden]
// gamma: [hidden]
// inverses: [rows]

@group(0) @binding(0) var<storage, read> gradient: array<Value>;
@group(0) @binding(1) var<storage, read> normalized: array<Value>;
@group(0) @binding(2) var<storage, read> inverses: array<f32>;
@group(0) @binding(3) var<storage, read> gamma: array<Value>;
@group(0) @binding(4) var<storage, read_write> input: array<Value>;
@group(0) @binding(5) var<storage, read_write> to_residual: array<Value>;

struct Sizes {
  rows: u32,
  hidden: u32,
  key: u32,
  limit: u32,
  kept: f32,
}

@group(0) @binding(6) var<uniform> sizes: Sizes;

fn by_row(share: Share) {
  // As in layer_norm.wgsl: every thread meets every sum.
  let row = min(share.row, sizes.rows - 1);
  let each = sizes.hidden / WIDTH;
  let first = row * each + share.thread;
  let end = select(row * each, (row + 1) * each, share.row < sizes.rows);
  var sum = 0.0;
  var along = 0.0;
  for (var i = first; i < end; i += share.threads) {
    let g = gradient[i] * gamma[i - row * each];
    sum += total(g);
    along += total(g * normalized[i]);
  }
  sum = row_sum(share, sum) / f32(sizes.hidden);
  along = row_sum(share, along) / f32(sizes.hidden);
  let inverse = inverses[row];
  for (var i = first; i < end; i += share.threads) {
    let g = gradient[i] * gamma[i - row * each];
    let found = (g - sum - normalized[i] * along) * inverse;
    to_residual[i] = found;
    input[i] = masked(found, i * WIDTH, sizes.key, sizes.limit, sizes.kept);
  }
}
