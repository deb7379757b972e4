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

@compute @workgroup_size(THREADS, ROWS)
fn main(
  @builtin(local_invocation_id) thread: vec3<u32>,
  @builtin(workgroup_id) group: vec3<u32>,
  @builtin(num_workgroups) groups: vec3<u32>,
) {
  // As in layer_norm.wgsl: every thread meets every barrier.
  let asked = (group.x + group.y * groups.x) * ROWS + thread.y;
  let row = min(asked, sizes.rows - 1);
  let each = (sizes.seq_len + 3) / 4;
  let first = row * each;
  let end = select(0, each, asked < sizes.rows);
  let bias_row = row / sizes.sharing * sizes.seq_len;
  var most = LEAST.x;
  for (var i = thread.x; i < end; i += THREADS) {
    let keys = 4 * i + LANES;
    let at = bias_row + min(keys, Places(sizes.seq_len - 1));
    let biases = Value(bias[at.x], bias[at.y], bias[at.z], bias[at.w]);
    let score = select(LEAST, scores[first + i] * sizes.scale + biases, keys < Places(sizes.seq_len));
    scores[first + i] = score;
    most = max(most, max(max(score.x, score.y), max(score.z, score.w)));
  }
  most = row_max(thread, most);
  var sum = 0.0;
  for (var i = thread.x; i < end; i += THREADS) {
    let inside = 4 * i + LANES < Places(sizes.seq_len);
    let found = select(Value(), exp(max(scores[first + i] - most, Value(-87))), inside);
    scores[first + i] = found;
    sum += total(found);
  }
  let share = 1 / row_sum(thread, sum);
  for (var i = thread.x; i < end; i += THREADS) {
    let weights = scores[first + i] * share;
    scores[first + i] = weights;
    keep(first + i, row * sizes.seq_len + 4 * i, weights);
  }
}
