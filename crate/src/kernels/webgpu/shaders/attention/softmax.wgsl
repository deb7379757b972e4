// Attention weights from scores, in place: each row becomes softmax(scale · scores + bias + distance_bias).
//
// scores: [batch, heads, seq_len, stride], stride = seq_len rounded up to a multiple of 4; beyond seq_len a row is 0
// bias: [batch, seq_len]
// distance_bias: [2 * seq_len - 1, heads]; any other tensor, unread, where distance_heads is 0

#parts RowThreads, Vec4, Dropout, SoftmaxOutput

@group(0) @binding(0) var<storage, read_write> scores: array<Value>;
@group(0) @binding(1) var<storage, read> bias: array<f32>;
@group(0) @binding(2) var<storage, read> distance_bias: array<f32>;

struct Uniforms {
  rows: u32,
  // heads · seq_len: rows of scores for each row of bias
  rows_per_bias: u32,
  seq_len: u32,
  // Heads of the bias by distance; 0 without one.
  distance_heads: u32,
  scale: f32,
  dropout_key: u32,
  dropout_limit: u32,
  dropout_scale: f32,
}

@group(0) @binding({{bindings}}) var<uniform> uniforms: Uniforms;

// Below any score, and finite.
const LOWEST = Value(-3e38);

fn row_main(me: RowThread) {
  // Every thread meets every sum, as in layer_norm.wgsl.
  let row = min(me.row, uniforms.rows - 1);
  let row_stride = (uniforms.seq_len + 3) / 4;
  let first = row * row_stride;
  let end = select(0, row_stride, me.row < uniforms.rows);
  let bias_row = row / uniforms.rows_per_bias * uniforms.seq_len;
  var largest = LOWEST.x;
  for (var i = me.thread; i < end; i += me.threads) {
    let keys = 4 * i + LANES;
    let at = bias_row + min(keys, Indices(uniforms.seq_len - 1));
    var biases = Value(bias[at.x], bias[at.y], bias[at.z], bias[at.w]);
    if (uniforms.distance_heads > 0) {
      let query = row % uniforms.seq_len;
      let head = row / uniforms.seq_len % uniforms.distance_heads;
      let near = min(keys, Indices(uniforms.seq_len - 1)) + uniforms.seq_len - 1 - query;
      let own = near * uniforms.distance_heads + head;
      biases += Value(distance_bias[own.x], distance_bias[own.y], distance_bias[own.z], distance_bias[own.w]);
    }
    let score = select(LOWEST, scores[first + i] * uniforms.scale + biases, keys < Indices(uniforms.seq_len));
    scores[first + i] = score;
    largest = max(largest, max(max(score.x, score.y), max(score.z, score.w)));
  }
  largest = row_max(me, largest);
  var sum = 0.0;
  for (var i = me.thread; i < end; i += me.threads) {
    let inside = 4 * i + LANES < Indices(uniforms.seq_len);
    let exponential = select(Value(), exp(max(scores[first + i] - largest, Value(-87))), inside);
    scores[first + i] = exponential;
    sum += sum_lanes(exponential);
  }
  let inverse = 1 / row_sum(me, sum);
  for (var i = me.thread; i < end; i += me.threads) {
    let weights = scores[first + i] * inverse;
    scores[first + i] = weights;
    store_dropped(first + i, row * uniforms.seq_len + 4 * i, weights);
  }
}
