// Cosine loss of a pair of rows and its gradient: loss = weight · (cosine - target)².
//
// With u and v the rows and c their cosine, the derivative of c by u is v / (|u| |v|) - c u / |u|².
//
// states, gradient: [2 · pairs, hidden]: the first row of every pair, then the second
// targets, losses: [pairs]

#parts RowThreads

@group(0) @binding(0) var<storage, read> states: array<f32>;
@group(0) @binding(1) var<storage, read> targets: array<f32>;
@group(0) @binding(2) var<storage, read_write> losses: array<f32>;
@group(0) @binding(3) var<storage, read_write> gradient: array<f32>;

struct Uniforms {
  pairs: u32,
  hidden: u32,
  weight: f32,
}

@group(0) @binding(4) var<uniform> uniforms: Uniforms;

fn row_main(me: RowThread) {
  // Every thread meets every sum, as in layer_norm.wgsl.
  let pair = min(me.row, uniforms.pairs - 1);
  let start = pair * uniforms.hidden;
  let end = select(start, start + uniforms.hidden, me.row < uniforms.pairs);
  let second = uniforms.pairs * uniforms.hidden;
  var dot_product = 0.0;
  var u_square = 0.0;
  var v_square = 0.0;
  for (var i = start + me.thread; i < end; i += me.threads) {
    let u = states[i];
    let v = states[i + second];
    dot_product += u * v;
    u_square += u * u;
    v_square += v * v;
  }
  // The smallest length, as in torch's cosine_similarity.
  let u_length = max(sqrt(row_sum(me, u_square)), 1e-8);
  let v_length = max(sqrt(row_sum(me, v_square)), 1e-8);
  let lengths = u_length * v_length;
  let cosine = row_sum(me, dot_product) / lengths;
  let error = cosine - targets[pair];
  let d_cosine = 2 * uniforms.weight * error;
  for (var i = start + me.thread; i < end; i += me.threads) {
    let u = states[i];
    let v = states[i + second];
    gradient[i] = d_cosine * (v / lengths - cosine / (u_length * u_length) * u);
    gradient[i + second] = d_cosine * (u / lengths - cosine / (v_length * v_length) * v);
  }
  if (me.thread == 0 && me.row < uniforms.pairs) {
    losses[pair] = uniforms.weight * error * error;
  }
}
