// The gradient of dropped-out attention weights, d, to that of the scores, in place: with P the weights and
// g = mask · d, each row becomes scale · P · (g - Σ P g). Also gives mask · P, which the values' gradient needs.
//
// gradient, weights, dropped: as scores in softmax.wgsl

@group(0) @binding(0) var<storage, read_write> gradient: array<Value>;
@group(0) @binding(1) var<storage, read> weights: array<Value>;
@group(0) @binding(2) var<storage, read_write> dropped: array<Value>;

struct Sizes {
  rows: u32,
  seq_len: u32,
  scale: f32,
  key: u32,
  limit: u32,
  kept: f32,
}

@group(0) @binding(3) var<uniform> sizes: Sizes;

fn by_row(share: Share) {
  // As in layer_norm.wgsl: every thread meets every sum.
  let row = min(share.row, sizes.rows - 1);
  let each = (sizes.seq_len + 3) / 4;
  let first = row * each;
  let end = select(0, each, share.row < sizes.rows);
  var sum = 0.0;
  for (var i = share.thread; i < end; i += share.threads) {
    // A weight is 0 beyond the end of its row, and so is all that follows from it.
    let index = row * sizes.seq_len + 4 * i;
    let p = weights[first + i];
    let inside = 4 * i + LANES < Places(sizes.seq_len);
    let g = select(Value(), masked(gradient[first + i], index, sizes.key, sizes.limit, sizes.kept), inside);
    dropped[first + i] = masked(p, index, sizes.key, sizes.limit, sizes.kept);
    gradient[first + i] = g;
    sum += dot(p, g);
  }
  let along = row_sum(share, sum);
  for (var i = share.thread; i < end; i += share.threads) {
    gradient[first + i] = sizes.scale * weights[first + i] * (gradient[first + i] - along);
  }
}
