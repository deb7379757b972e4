// Scores to attention weights, in place: each row becomes softmax(scale · scores + bias).
//
// scores: [batch, heads, seq_len, stride]; of a row, seq_len count, and stride is that rounded up to a multiple of 4
// bias: [batch, seq_len]

@group(0) @binding(0) var<storage, read_write> scores: array<Value>;
@group(0) @binding(1) var<storage, read> bias: array<f32>;

struct Sizes {
  rows: u32,
  // heads · seq_len: rows of scores that share a row of bias
  sharing: u32,
  seq_len: u32,
  scale: f32,
  key: u32,
  limit: u32,
  kept: f32,
}

@group(0) @binding({{sizes}}) var<uniform> sizes: Sizes;

// Below any score, and finite.
const LEAST = Value(-3e38);

fn by_row(share: Share) {
  // As in layer_norm.wgsl: every thread meets every sum.
  let row = min(share.row, sizes.rows - 1);
  let each = (sizes.seq_len + 3) / 4;
  let first = row * each;
  let end = select(0, each, share.row < sizes.rows);
  let bias_row = row / sizes.sharing * sizes.seq_len;
  var most = LEAST.x;
  for (var i = share.thread; i < end; i += share.threads) {
    let keys = 4 * i + LANES;
    let at = bias_row + min(keys, Places(sizes.seq_len - 1));
    let biases = Value(bias[at.x], bias[at.y], bias[at.z], bias[at.w]);
    let score = select(LEAST, scores[first + i] * sizes.scale + biases, keys < Places(sizes.seq_len));
    scores[first + i] = score;
    most = max(most, max(max(score.x, score.y), max(score.z, score.w)));
  }
  most = row_max(share, most);
  var sum = 0.0;
  for (var i = share.thread; i < end; i += share.threads) {
    let inside = 4 * i + LANES < Places(sizes.seq_len);
    let found = select(Value(), exp(max(scores[first + i] - most, Value(-87))), inside);
    scores[first + i] = found;
    sum += total(found);
  }
  let inverse = 1 / row_sum(share, sum);
  for (var i = share.thread; i < end; i += share.threads) {
    let weights = scores[first + i] * inverse;
    scores[first + i] = weights;
    keep(first + i, row * sizes.seq_len + 4 * i, weights);
  }
}
