// The gradient of the scores from that of the dropped-out attention weights, in place.
//
// With P the weights, d the gradient and g = mask · d, each row becomes scale · P · (g - Σ P g).
// dropped = mask · P, which the gradient of the values needs.
//
// gradient, weights, dropped: [batch, heads, seq_len, stride], as scores in softmax.wgsl

#parts RowThreads, Vec4, Dropout

@group(0) @binding(0) var<storage, read_write> gradient: array<Value>;
@group(0) @binding(1) var<storage, read> weights: array<Value>;
@group(0) @binding(2) var<storage, read_write> dropped: array<Value>;

struct Uniforms {
  rows: u32,
  seq_len: u32,
  scale: f32,
  dropout_key: u32,
  dropout_limit: u32,
  dropout_scale: f32,
}

@group(0) @binding(3) var<uniform> uniforms: Uniforms;

fn row_main(me: RowThread) {
  // Every thread meets every sum, as in layer_norm.wgsl.
  let row = min(me.row, uniforms.rows - 1);
  let row_stride = (uniforms.seq_len + 3) / 4;
  let first = row * row_stride;
  let end = select(0, row_stride, me.row < uniforms.rows);
  var sum = 0.0;
  for (var i = me.thread; i < end; i += me.threads) {
    // A weight is 0 beyond the end of its row, so all results are 0 there.
    let index = row * uniforms.seq_len + 4 * i;
    let p = weights[first + i];
    let inside = 4 * i + LANES < Indices(uniforms.seq_len);
    let g = select(Value(), apply_dropout(gradient[first + i], index), inside);
    dropped[first + i] = apply_dropout(p, index);
    gradient[first + i] = g;
    sum += dot(p, g);
  }
  let along = row_sum(me, sum);
  for (var i = me.thread; i < end; i += me.threads) {
    gradient[first + i] = uniforms.scale * weights[first + i] * (gradient[first + i] - along);
  }
}
